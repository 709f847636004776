// Where everything stands, and how it is drawn. Lengths are CSS pixels; the canvas has `ratio` times as many.

const FONT = '"Segoe UI", "Helvetica Neue", Arial, "DejaVu Sans", sans-serif';
const INK = "#222222", FAINT = "#6b6b6b", RULE = "#e2e2e2";
// Kinds of dots: Okabe and Ito's colours, and a shape each.
const LOOKS = {
  research: { shape: "disc", fill: "#8d9aa8" },
  waiting: { shape: "square", fill: "#E69F00" },
  other: { shape: "square", stroke: "#E69F00" },
  won: { shape: "triangle", fill: "#009E73" },
  lost: { shape: "cross", stroke: "#CC79A7" },
  none: { shape: "ring", stroke: "#a6a6a6" },
};
const KIND_OF_PLACE = [...Array(6).fill("research"), ...Array(3).fill("waiting"), "won", "lost", "none"];
const END_NAMES = ["won", "lost", "no decision, or elsewhere"];
const MOST_PITCH = 13;
const CROWDED = ENDS + 2; // no decision: drawn smaller

function shapePath(pen, shape, size) {
  const r = size / 2;
  pen.beginPath();
  if (shape === "disc" || shape === "ring") pen.arc(0, 0, r, 0, 2 * Math.PI);
  else if (shape === "square") pen.rect(-0.88 * r, -0.88 * r, 1.76 * r, 1.76 * r);
  else if (shape === "triangle") {
    pen.moveTo(0, -r);
    pen.lineTo(r, 0.85 * r);
    pen.lineTo(-r, 0.85 * r);
    pen.closePath();
  } else {
    const d = 0.8 * r;
    pen.moveTo(-d, -d);
    pen.lineTo(d, d);
    pen.moveTo(d, -d);
    pen.lineTo(-d, d);
  }
}

function drawLook(pen, look, size) {
  const line = Math.max(0.9, size * 0.2);
  shapePath(pen, look.shape, look.stroke && look.shape !== "cross" ? size - line : size);
  if (look.fill) { pen.fillStyle = look.fill; pen.fill(); }
  if (look.stroke) { pen.strokeStyle = look.stroke; pen.lineWidth = line; pen.stroke(); }
}

function count(value) { return Math.round(value).toString().replace(/\B(?=(\d{3})+(?!\d))/g, ","); }

function usd(value) {
  if (!isFinite(value)) return "-";
  const [by, unit] = Math.abs(value) >= 999500 ? [1e6, " M"] : Math.abs(value) >= 9995 ? [1e3, " k"] : [1, ""];
  const amount = value / by, digits = by === 1 ? 0 : amount >= 99.95 ? 0 : amount >= 9.995 ? 1 : 2;
  return (by === 1 ? count(amount) : amount.toFixed(digits)) + unit;
}

/** Two lines of about the same length. */
function inTwo(name) {
  const words = name.split(" ");
  let best = [name, ""], least = Infinity;
  for (let i = 1; i < words.length; i++) {
    const lines = [words.slice(0, i).join(" "), words.slice(i).join(" ")];
    const longest = Math.max(lines[0].length, lines[1].length);
    if (longest < least) { best = lines; least = longest; }
  }
  return best;
}

/** Boxes of a lane; a box is {x, y, w, h}. */
function boxesOf(width, top, height, s, narrow) {
  const box = (x, y, w, h) => ({ x, y, w, h });
  if (narrow) {
    const pad = 10, inner = width - 2 * pad, wide = inner / 6, desk = inner / 3;
    const piles = top + 122 * s, desks = piles + 104 * s, ends = desks + 92 * s;
    return {
      panel: box(pad, top + 8, inner, 108 * s),
      stages: [0, 1, 2, 3, 4, 5].map((i) => box(pad + i * wide, piles + 22 * s, wide, 80 * s)),
      desks: [0, 1, 2].map((i) => box(pad + i * desk, desks + 4, desk, 84 * s)),
      ends: [[0, 0.2], [0.2, 0.2], [0.4, 0.6]].map(
        ([from, part]) => box(pad + from * inner, ends + 26 * s, part * inner - 8, 84 * s),
      ),
    };
  }
  const panel = 248 * s, ends = 330 * s, gap = 14 * s;
  const desk = Math.max(72 * s, 0.5 * height), bottom = top + height - 9 * s;
  const left = panel + gap, wide = (width - panel - ends - 2 * gap) / 6, right = width - ends;
  const endTop = top + 34 * s, endHeight = bottom - endTop;
  return {
    panel: box(0, top + 8 * s, panel, height - 16 * s),
    stages: [0, 1, 2, 3, 4, 5].map((i) => box(left + i * wide, top + 6 * s, wide, height - desk - 21 * s)),
    desks: [0, 1, 2].map((i) => box(left + i * 2 * wide, bottom - desk, 2 * wide, desk)),
    ends: [box(right, endTop, 88 * s, endHeight), box(right + 98 * s, endTop, 88 * s, endHeight),
      box(right + 196 * s, endTop, ends - 198 * s, endHeight)],
  };
}

class Scene {
  constructor(canvas) {
    this.canvas = canvas;
    this.pen = canvas.getContext("2d", { alpha: false });
    this.base = document.createElement("canvas"); // all but the dots; drawn anew when a day begins
    this.basePen = this.base.getContext("2d", { alpha: false });
    this.baseDay = -1;
  }

  /** Take new lanes, all of the same buyers. */
  show(show, lanes) {
    this.data = show;
    this.lanes = lanes;
    this.share = show.buyers.length / Math.max(1, show.of);
    this.mostWins = Math.max(1, ...lanes.map((lane) => lane.arm.won[show.days]));
    for (const lane of lanes) lane.moved = (dot, fresh) => this.aim(lane, dot, fresh);
  }

  /** Height that a narrow page needs; a wide one takes what there is. */
  static height(width, lanes) { return lanes * 462 * Scene.scale(width, 0, lanes, true) + 8; }

  static scale(width, height, lanes, narrow) {
    if (narrow) return Math.max(0.82, Math.min(1, width / 460));
    return Math.max(0.72, Math.min(width / 1250, height / (48 + 170 * lanes)));
  }

  layout(width, height, ratio) {
    const narrow = (this.narrow = width < 720), n = this.lanes.length;
    const s = (this.s = Scene.scale(width, height, n, narrow));
    Object.assign(this, { width, height, ratio });
    for (const canvas of [this.canvas, this.base]) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
    }
    this.head = narrow ? 0 : 48 * s;
    const each = Math.min((height - this.head) / n, narrow ? Infinity : 330 * s);
    this.each = each;
    this.lanes.forEach((lane, i) => {
      const boxes = boxesOf(width, this.head + i * each, each, s, narrow);
      lane.top = this.head + i * each;
      lane.boxes = boxes;
      lane.glyphs = this.glyphsOf(boxes, lane.arm.headcount);
      lane.lines = boxes.desks.map((desk, role) => {
        const word = 24 * s, across = narrow ? 0 : lane.glyphs[role].w + 8 * s;
        const under = narrow ? 26 * s : 0;
        return { x: desk.x + 2, y: desk.y + word, w: desk.w - across - 10 * s, h: desk.h - word - under - 2 };
      });
    });
    this.pitches = this.fitting();
    for (const lane of this.lanes) this.slotsOf(lane);
    this.sprites = this.pitches.map((pitch, place) => this.spriteOf(LOOKS[KIND_OF_PLACE[place]], pitch));
    this.otherSprite = this.spriteOf(LOOKS.other, this.pitches[LINES]);
    this.baseDay = -1;
    for (const lane of this.lanes) {
      for (let dot = 0; dot < lane.dots; dot++) if (lane.place[dot] !== NOWHERE) this.aim(lane, dot, false);
    }
    this.settle();
  }

  glyphsOf(boxes, headcount) {
    const size = 15 * this.s;
    return boxes.desks.map((desk, role) => {
      const people = headcount[role], many = people > 12, shown = many ? 1 : people;
      const across = Math.max(1, shown > 4 ? Math.ceil(shown / 2) : shown);
      return { shown, across, size, many, people, w: across * size + (many ? 34 * this.s : 0) };
    });
  }

  /**
   * The largest distance between dots at which every place of every lane holds all it ever has to: one for all places,
   * so that what is as large has as many, but for the end that most buyers come to.
   */
  fitting() {
    const needs = [];
    for (const lane of this.lanes) {
      const boxes = [...lane.boxes.stages, ...lane.lines, ...lane.boxes.ends];
      boxes.forEach((box, place) => {
        const line = place >= LINES && place < ENDS;
        needs.push([box, Math.max(lane.most[place], line ? this.mostInLine(lane, place - LINES) : 0), place]);
      });
    }
    const largest = (some) => {
      let pitch = MOST_PITCH * this.s;
      const fits = ([box, most]) => Math.floor((box.w - 4) / pitch) * Math.floor(box.h / pitch) >= most;
      while (pitch > 1.5 && !some.every(fits)) pitch -= 0.125;
      return pitch;
    };
    const pitch = largest(needs.filter((need) => need[2] !== CROWDED));
    const crowded = Math.min(pitch, largest(needs.filter((need) => need[2] === CROWDED)));
    return Array.from({ length: PLACES }, (_, place) => (place === CROWDED ? crowded : pitch));
  }

  mostInLine(lane, role) {
    let most = 0;
    for (let day = 0; day <= this.data.days; day++) {
      most = Math.max(most, this.othersIn(lane, role, day) + lane.arm.waiting_cohort[role][day] * this.share);
    }
    return Math.ceil(most) + 1;
  }

  /** Buyers in line who are not of the cohort, as many as there would be dots of them. */
  othersIn(lane, role, day) {
    return Math.round((lane.arm.waiting[role][day] - lane.arm.waiting_cohort[role][day]) * this.share);
  }

  /** Slots of each place: piles grow up from their floor, lines away from people. */
  slotsOf(lane) {
    const boxes = [...lane.boxes.stages, ...lane.lines, ...lane.boxes.ends];
    lane.grid = boxes.map((box, place) => {
      const p = this.pitches[place];
      const line = place >= LINES && place < ENDS;
      const across = Math.max(1, Math.floor((box.w - 4) / p)), down = Math.max(1, Math.floor(box.h / p));
      if (line) {
        const above = this.narrow ? 0 : (box.h - down * p) / 2;
        return { x: box.x + box.w - p / 2, y: box.y + p / 2 + above, dx: -p, dy: p, n: down, line };
      }
      const beside = place < LINES ? (box.w - across * p) / 2 : 0;
      return { x: box.x + beside + p / 2, y: box.y + box.h - p / 2 - 2, dx: p, dy: -p, n: across, line };
    });
  }

  slotX(grid, slot) { return grid.x + grid.dx * (grid.line ? Math.floor(slot / grid.n) : slot % grid.n); }
  slotY(grid, slot) { return grid.y + grid.dy * (grid.line ? slot % grid.n : Math.floor(slot / grid.n)); }

  /** A dot has a new slot; whoever is fresh comes in from the left. */
  aim(lane, dot, fresh) {
    if (!lane.grid) return;
    const grid = lane.grid[lane.place[dot]], slot = lane.slot[dot];
    lane.toX[dot] = this.slotX(grid, slot);
    lane.toY[dot] = this.slotY(grid, slot);
    if (fresh) {
      lane.x[dot] = lane.boxes.stages[0].x - 10;
      lane.y[dot] = lane.toY[dot];
    }
  }

  /** All dots at their slots, now. */
  settle() {
    for (const lane of this.lanes) {
      lane.x.set(lane.toX);
      lane.y.set(lane.toY);
    }
  }

  /** Dots glide to their slots; whether any still moves. */
  glide(seconds) {
    const part = 1 - Math.exp(-seconds / 0.13);
    let moving = false;
    for (const lane of this.lanes) {
      const { x, y, toX, toY, dots } = lane;
      for (let i = 0; i < dots; i++) {
        const dx = toX[i] - x[i], dy = toY[i] - y[i];
        if (dx * dx + dy * dy > 0.09) {
          x[i] += dx * part;
          y[i] += dy * part;
          moving = true;
        } else {
          x[i] = toX[i];
          y[i] = toY[i];
        }
      }
    }
    return moving;
  }

  spriteOf(look, pitch) {
    const size = Math.max(1.6, pitch * 0.8) * this.ratio, canvas = document.createElement("canvas");
    canvas.width = canvas.height = Math.ceil(size) + 2;
    const pen = canvas.getContext("2d");
    pen.translate(canvas.width / 2, canvas.height / 2);
    drawLook(pen, look, size);
    return canvas;
  }

  draw(day, picked) {
    const whole = Math.floor(day + 1e-9);
    if (whole !== this.baseDay) this.drawBase(whole);
    const { pen, ratio } = this;
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.drawImage(this.base, 0, 0);
    const half = this.otherSprite.width / 2;
    for (const lane of this.lanes) {
      for (let role = 0; role < 3; role++) {
        const first = lane.count[LINES + role], grid = lane.grid[LINES + role];
        for (let i = first, end = first + this.othersIn(lane, role, whole); i < end; i++) {
          const left = this.slotX(grid, i) * ratio - half, top = this.slotY(grid, i) * ratio - half;
          pen.drawImage(this.otherSprite, left | 0, top | 0);
        }
      }
      const { x, y, place, dots } = lane;
      for (let i = 0; i < dots; i++) {
        if (place[i] === NOWHERE) continue;
        const sprite = this.sprites[place[i]], by = sprite.width / 2;
        pen.drawImage(sprite, (x[i] * ratio - by) | 0, (y[i] * ratio - by) | 0);
      }
    }
    if (picked !== null) {
      pen.setTransform(ratio, 0, 0, ratio, 0, 0);
      for (const lane of this.lanes) {
        if (lane.place[picked] !== NOWHERE) this.drawPicked(lane.x[picked], lane.y[picked]);
      }
    }
  }

  drawPicked(x, y) {
    const pen = this.pen;
    for (const [radius, width, ink] of [[10.5, 5, "#ffffff"], [11, 3, INK]]) {
      pen.beginPath();
      pen.arc(x, y, radius * Math.max(1, this.s), 0, 2 * Math.PI);
      pen.lineWidth = width;
      pen.strokeStyle = ink;
      pen.stroke();
    }
  }

  /** The dot nearest to a point, of any lane; null if none is near. */
  near(x, y, reach) {
    let found = null, least = reach * reach;
    for (const lane of this.lanes) {
      for (let i = 0; i < lane.dots; i++) {
        if (lane.place[i] === NOWHERE) continue;
        const dx = lane.x[i] - x, dy = lane.y[i] - y, far = dx * dx + dy * dy;
        if (far < least) { least = far; found = i; }
      }
    }
    return found;
  }
}
