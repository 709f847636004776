// The controls and the public interface: `BuyerJourneys.player(element, payload, options)`.

const SPEEDS = [5, 10, 20, 50];
const players = new Set();
let current = null; // the one that keys are for when nothing has the focus

function button(text, label, options) {
  return made("button", Object.assign({ type: "button", text, "aria-label": label, title: label }, options));
}

class Player {
  constructor(element, payload, options) {
    this.options = options || {};
    this.onpick = this.options.onpick || null;
    this.root = element;
    this.now = 0;
    this.rate = 10;
    this.running = false;
    this.picked = null;
    this.ticks = [];
    this.said = -Infinity;
    this.still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.frame = this.frame.bind(this);
    this.build();
    this.scene = new Scene(this.canvas);
    this.take(payload);
    this.watch();
    players.add(this);
    if (!current) current = this;
    this.seek(0);
    if (this.options.autoplay && !this.still) this.play();
  }

  // --- what there is on the page ---

  build() {
    const root = this.root;
    root.classList.add("bj");
    this.canvas = made("canvas", { role: "img", tabindex: "0" });
    this.stage = made("div", { class: "bj-stage" }, this.canvas);
    this.playButton = button("▶", "Play", { class: "bj-play" });
    this.range = made("input", { type: "range", min: "0", step: "1", value: "0", "aria-label": "Day" });
    this.marks = made("div", { class: "bj-marks", "aria-hidden": "true" });
    this.clock = made("output", { class: "bj-clock" });
    this.speeds = made("div", { class: "bj-speeds", role: "group", "aria-label": "Days a second" });
    for (const days of SPEEDS) {
      const one = button(String(days), `${days} days a second`, { "data-days": days });
      one.addEventListener("click", () => this.speed(days));
      this.speeds.append(one);
    }
    this.speeds.append(made("span", { text: "days a second" }));
    this.example = button("One buyer", "Show the lives of one buyer who fares differently", { class: "bj-example" });
    this.legend = made("div", { class: "bj-legend" });
    this.note = made("p", { class: "bj-note" });
    this.summary = made("div", { class: "bj-hidden", "aria-live": "off" });
    this.panel = made("div", { class: "bj-panel", role: "dialog", tabindex: "-1", hidden: "" });
    root.replaceChildren(this.legend, this.stage,
      made("div", { class: "bj-controls" }, this.playButton, made("div", { class: "bj-time" }, this.range, this.marks),
        this.clock, this.speeds, this.example),
      this.note, this.summary, this.panel);
    this.playButton.addEventListener("click", () => this.toggle());
    this.range.addEventListener("input", () => this.seek(Number(this.range.value)));
    this.example.addEventListener("click", () => this.pickExample());
    this.canvas.addEventListener("pointerdown", (event) => this.point(event));
    root.addEventListener("focusin", () => { current = this; });
    root.addEventListener("pointerdown", () => { current = this; });
  }

  watch() {
    this.resized = new ResizeObserver(() => this.fit());
    this.resized.observe(this.stage);
    this.keys = (event) => this.key(event);
    this.beforePrint = () => this.toPrint();
    this.afterPrint = () => { this.seek(this.printed); this.printed = null; };
    document.addEventListener("keydown", this.keys);
    addEventListener("beforeprint", this.beforePrint);
    addEventListener("afterprint", this.afterPrint);
  }

  take(payload) {
    const show = (this.show = unpacked(payload));
    this.lanes = show.arms.map((arm) => new Lane(arm, show.days, show.steps_per_day));
    this.scene.show(show, this.lanes);
    this.range.max = show.days;
    this.root.dataset.lanes = show.arms.length;
    this.root.style.setProperty("--bj-lanes", show.arms.length);
    this.examples = show.lives ? this.flipped() : [];
    this.example.hidden = !this.examples.length;
    const all = show.buyers.length === show.of;
    const everybody = show.arms.every((arm) => arm.buyers === show.of);
    const came = everybody ? "the same in every organisation"
      : show.arms.map((arm) => `${arm.name} meets ${count(arm.buyers)}`).join(", ");
    this.note.textContent = `One of ${count(show.replications)} repetition${show.replications === 1 ? "" : "s"}; `
      + `${all ? "all" : `${count(show.buyers.length)} of`} ${count(show.of)} buyers shown`
      + `${show.arms.length > 1 ? `, ${came}` : ""}. `
      + "Numbers count all of them; beside people, everyone in line.";
    this.drawLegend();
    this.fit();
  }

  drawLegend() {
    const names = {
      research: "researching", waiting: "waiting for a person", other: "not of these buyers, in line too",
      won: "won", lost: "lost to a rival", none: "no decision, or elsewhere (drawn smaller)",
    };
    this.legend.replaceChildren(...Object.keys(names).map((name) => {
      const canvas = made("canvas", { width: 36, height: 36, "aria-hidden": "true" }), pen = canvas.getContext("2d");
      pen.translate(18, 18);
      drawLook(pen, LOOKS[name], 24);
      return made("span", null, canvas, made("span", { text: names[name] }));
    }));
  }

  drawMarks() {
    const { days, cohort_days: last } = this.show, marks = [];
    const room = Math.max(200, this.marks.clientWidth), apart = (days * 62) / room, lastApart = (days * 100) / room;
    const every = [7, 30, 60, 90, 180, 365, 730].find((step) => step >= apart) || Math.ceil(apart);
    const put = (day, text, kind) => {
      const mark = made("span", { class: kind, text });
      mark.style.left = `${(100 * day) / days}%`;
      marks.push(mark);
    };
    for (let day = 0; day <= days; day += every) put(day, Math.abs(day - last) < lastApart ? "" : count(day), "");
    put(last, `${count(last)}: last arrivals`, last > 0.85 * days ? "bj-late" : "");
    if (every > 30) for (let day = 30; day < days; day += 30) put(day, "", "bj-month");
    this.marks.replaceChildren(...marks);
  }

  fit() {
    const width = this.stage.clientWidth;
    if (!width) return;
    const narrow = width < 720;
    this.root.classList.toggle("bj-narrow", narrow);
    this.stage.style.height = narrow ? `${Scene.height(width, this.lanes.length)}px` : "";
    const height = this.stage.clientHeight, ratio = Math.min(3, devicePixelRatio || 1);
    this.canvas.style.width = `${width}px`;
    this.canvas.style.height = `${height}px`;
    this.scene.layout(width, height, ratio);
    this.drawMarks();
    this.scene.draw(this.now, this.picked);
  }

  // --- time ---

  frame(time) {
    const seconds = Math.min(0.1, Math.max(0, time - this.last) / 1000);
    this.last = time;
    if (this.running) {
      this.ticks.push(time);
      while (this.ticks[0] < time - 1000) this.ticks.shift();
      this.go(Math.min(this.show.days, this.now + this.rate * seconds));
      if (this.now >= this.show.days) this.pause();
    }
    let moving = false;
    if (this.still) this.scene.settle(); else moving = this.scene.glide(seconds);
    this.scene.draw(this.now, this.picked);
    this.tell(time);
    this.pending = this.running || moving ? requestAnimationFrame(this.frame) : 0;
  }

  wake() {
    if (this.pending) return;
    this.last = performance.now();
    this.pending = requestAnimationFrame(this.frame);
  }

  /** Dots stand as they did when the day began, as the numbers do. */
  go(day) {
    this.now = day;
    for (const lane of this.lanes) lane.advance(this.day());
  }

  day() { return Math.floor(this.now + 1e-9); }

  play() {
    if (this.now >= this.show.days) this.seek(0);
    this.running = true;
    this.ticks.length = 0;
    this.button();
    this.wake();
  }

  pause() {
    this.running = false;
    this.button();
    this.said = -Infinity;
    this.wake();
  }

  toggle() { if (this.running) this.pause(); else this.play(); }

  button() {
    const label = this.running ? "Pause" : "Play";
    this.playButton.textContent = this.running ? "❚❚" : "▶";
    this.playButton.setAttribute("aria-label", label);
    this.playButton.title = label;
  }

  seek(day) {
    day = Math.max(0, Math.min(this.show.days, Number(day) || 0));
    if (day < this.now || !this.lanes[0].next) {
      for (const lane of this.lanes) {
        const before = lane.place.slice(), moved = lane.moved;
        lane.moved = () => {};
        lane.rewind();
        lane.advance(Math.floor(day + 1e-9));
        lane.moved = moved;
        for (let dot = 0; dot < lane.dots; dot++) {
          if (lane.place[dot] !== NOWHERE) this.scene.aim(lane, dot, before[dot] === NOWHERE);
        }
      }
    }
    this.go(day);
    this.said = -Infinity;
    this.wake();
  }

  speed(daysPerSecond) {
    this.rate = Math.max(0.1, Number(daysPerSecond) || this.rate);
    for (const one of this.speeds.querySelectorAll("button")) {
      one.setAttribute("aria-pressed", Number(one.dataset.days) === this.rate);
    }
  }

  /** The range, the clock and the words for those who do not see the canvas; twice a second at most for the words. */
  tell(time) {
    const whole = this.day(), shown = `day ${count(whole)} of ${count(this.show.days)}`;
    const short = this.scene.narrow ? `day ${count(whole)}` : shown;
    if (this.clock.textContent !== short) {
      this.clock.textContent = short;
      this.range.value = whole;
      this.range.setAttribute("aria-valuetext", shown);
    }
    if (time - this.said < 500) return;
    this.said = time;
    const text = `Buyers on ${shown}. ` + this.state().dots.map((one) => `${one.arm}: ${one.won} won, `
      + `${one.lost} lost, ${one.noDecision} no decision, cost ${usd(one.cost)} usd, `
      + `revenue ${usd(one.revenue)} usd; waiting `
      + one.waiting.map((n, role) => `${n} for ${this.show.roles[role][1]}`).join(", ")).join(". ") + ".";
    if (this.canvas.getAttribute("aria-label") !== text) {
      this.canvas.setAttribute("aria-label", text);
      this.summary.textContent = text;
    }
  }

  state() {
    const day = this.day();
    return {
      day: this.now,
      playing: this.running,
      dots: this.show.arms.map((arm) => ({
        arm: arm.name, won: arm.won[day], lost: arm.lost[day], noDecision: arm.no_decision[day],
        cost: arm.cost_usd[day], revenue: arm.revenue_usd[day], waiting: arm.waiting.map((line) => line[day]),
      })),
    };
  }

  fps() {
    const { ticks } = this;
    return ticks.length < 2 ? 0 : ((ticks.length - 1) * 1000) / (ticks[ticks.length - 1] - ticks[0]);
  }

  // --- one buyer ---

  point(event) {
    const box = this.canvas.getBoundingClientRect();
    const reach = event.pointerType === "touch" ? 24 : 14;
    const found = this.scene.near(event.clientX - box.left, event.clientY - box.top, reach);
    if (found !== null) this.pick(found); else if (this.picked !== null) this.pick(null);
  }

  pick(dot) {
    const had = this.picked;
    this.picked = dot === null || dot === undefined || !(dot >= 0 && dot < this.show.buyers.length) ? null : dot;
    const open = this.picked !== null && !!this.show.lives;
    if (open) {
      this.pause();
      this.fill();
    }
    this.open(open);
    this.wake();
    if (this.onpick && this.picked !== had) this.onpick(this.picked);
  }

  /** The lives of the picked buyer. */
  fill() {
    const close = button("Close", "Close", { class: "bj-close" });
    close.addEventListener("click", () => this.close());
    this.panel.replaceChildren(close, ...livesOf(this.show, this.picked));
    this.panel.setAttribute("aria-label", `The lives of buyer ${this.show.buyers[this.picked]}`);
    this.panel.scrollTop = 0;
  }

  open(open) {
    const hadFocus = this.panel.contains(document.activeElement);
    this.panel.hidden = !open;
    if (open) this.panel.focus({ preventScroll: true });
    else if (hadFocus) this.canvas.focus({ preventScroll: true });
  }

  /** Put the lives away; the buyer stays marked, to be followed. */
  close() { this.open(false); }

  /** Buyers won in the first or in the last organisation but not in both, who came to both. */
  flipped() {
    const { arms, buyers } = this.show, found = [];
    const end = (arm, dot) => (arm.first[dot] < arm.first[dot + 1] ? arm.states[arm.first[dot + 1] - 1] : 0);
    for (let dot = 0; dot < buyers.length; dot++) {
      const one = end(arms[0], dot), other = end(arms[arms.length - 1], dot);
      if (one !== other && one && other && (one === WON || other === WON)) found.push(dot);
    }
    return found;
  }

  /** The next of them. */
  pickExample() {
    this.pick(this.examples.find((dot) => this.picked === null || dot > this.picked) || this.examples[0]);
  }

  // --- keys, print, end ---

  key(event) {
    const { target } = event, inside = this.root.contains(target);
    if (event.key === "Escape" && this.picked !== null && (inside || current === this)) {
      if (this.panel.hidden) this.pick(null); else this.close();
      return;
    }
    if (!inside && (target !== document.body || current !== this)) return;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (target.closest("input, select, textarea, [contenteditable], .bj-panel")) return;
    const by = event.shiftKey ? 10 : 1, whole = this.day();
    if (event.key === " ") { if (target.closest("button")) return; this.toggle(); }
    else if (event.key === "ArrowRight") this.seek(whole + by);
    else if (event.key === "ArrowLeft") this.seek(this.now > whole ? whole - by + 1 : whole - by);
    else if (event.key === "Home") this.seek(0);
    else if (event.key === "End") this.seek(this.show.days);
    else return;
    event.preventDefault();
  }

  toPrint() {
    this.printed = this.now;
    this.pause();
    this.seek(this.show.days);
    this.scene.settle();
    this.scene.draw(this.now, null);
  }

  update(payload) {
    const { now, picked, show } = this, buyer = picked === null ? -1 : show.buyers[picked];
    this.picked = null;
    this.now = 0;
    this.take(payload);
    this.seek(now);
    this.scene.settle();
    const again = buyer < 0 ? -1 : this.show.buyers.indexOf(buyer), open = !this.panel.hidden;
    this.picked = again < 0 ? null : again;
    if (open && this.picked !== null && this.show.lives) this.fill(); else this.open(false);
    if (this.onpick && this.picked !== picked) this.onpick(this.picked);
  }

  destroy() {
    if (this.pending) cancelAnimationFrame(this.pending);
    this.pending = 0;
    this.wake = () => {};
    this.resized.disconnect();
    document.removeEventListener("keydown", this.keys);
    removeEventListener("beforeprint", this.beforePrint);
    removeEventListener("afterprint", this.afterPrint);
    players.delete(this);
    if (current === this) current = players.values().next().value || null;
    this.root.replaceChildren();
  }
}

const METHODS = ["play", "pause", "toggle", "seek", "speed", "pick", "update", "state", "fps", "destroy"];

function player(element, payload, options) {
  const one = new Player(element, payload, options), face = { day: () => one.now, playing: () => one.running };
  one.speed(one.rate);
  for (const name of METHODS) face[name] = (value) => one[name](value);
  Object.defineProperty(face, "onpick", { get: () => one.onpick, set: (told) => { one.onpick = told; } });
  return face;
}

/** The player of a fragment, as `element.player`: its data stand in the page, packed if there are many. */
function embed(element, data, packing) {
  const start = (payload) => { element.player = player(element, payload); };
  if (!packing) return start(data);
  if (typeof DecompressionStream === "undefined") {
    element.textContent = "This browser is too old to unpack what is shown here; any of 2023 or later can.";
    return undefined;
  }
  const stream = new Blob([bytesOf(data)]).stream().pipeThrough(new DecompressionStream(packing));
  return new Response(stream).json().then(start);
}

window.BuyerJourneys = { player, embed };
