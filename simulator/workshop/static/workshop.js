// The host's page: tells the server what was touched, and the player what to show. No state of its own but the player.
"use strict";
const Workshop = (() => {
  let player = null;
  let shown = "";
  let saying = 0;
  let held = false; // the player waits until the sheet over it is closed

  const at = (selector) => document.querySelector(selector);
  function act(what, more) {
    emitEvent("act", { do: what, ...more });
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches; // then nothing moves by itself
    if (what === "close" && held && player && !still) player.play();
    if (what === "close") held = false;
  }

  function stopsOf(row) {
    row.stops ??= JSON.parse(row.dataset.stops);
    return row.stops;
  }

  function label(row) {
    const input = row.querySelector("input");
    const text = stopsOf(row)[Number(input.value)];
    row.querySelector("output").textContent = text;
    input.setAttribute("aria-valuetext", text);
    row.classList.toggle("moved", input.value !== row.dataset.start);
  }

  document.addEventListener("input", (event) => {
    const row = event.target.closest(".lever");
    if (row) label(row);
    if (event.target.name === "owner") owner(event.target.value);
  });
  document.addEventListener("change", (event) => {
    const row = event.target.closest(".lever");
    if (row) act("move", { key: row.dataset.key, position: Number(event.target.value) });
    if (event.target.name === "shown") {
      act("organisations", { value: [...document.querySelectorAll("input[name=shown]:checked")].map((one) => one.value) });
    }
  });
  document.addEventListener("click", (event) => {
    const tab = event.target.closest("[data-show]");
    if (tab) show_tab(tab.dataset.show);
    const button = event.target.closest("[data-do]");
    if (!button || button.disabled) return;
    const what = button.dataset.do;
    if (what === "keep") act("keep", { value: at("#round-name").value });
    else if (what === "recall") act("recall", { value: Number(button.dataset.value) });
    else act(what);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && at(".sheet")) act("close");
    if (event.key === "Enter" && event.target.id === "round-name") act("keep", { value: event.target.value });
  });

  function owner(key) {
    for (const row of document.querySelectorAll(".lever")) row.hidden = row.dataset.owner !== key;
  }

  function show_tab(name) {
    for (const tab of document.querySelectorAll("[data-show]")) {
      tab.setAttribute("aria-selected", String(tab.dataset.show === name));
    }
    for (const part of document.querySelectorAll("[data-tab]")) part.hidden = part.dataset.tab !== name;
  }

  return {
    /** Put the levers where the server has them: {key: position}. */
    levers(positions) {
      for (const row of document.querySelectorAll(".lever")) {
        const position = positions[row.dataset.key];
        if (position === undefined) continue;
        const input = row.querySelector("input");
        if (document.activeElement !== input || !input.matches(":active")) input.value = position;
        label(row);
      }
    },
    /** Tick the organisations that the server shows. */
    shown(names) {
      for (const box of document.querySelectorAll("input[name=shown]")) box.checked = names.includes(box.value);
    },
    /** Fetch what there is to see, and show it. */
    async show(path) {
      shown = path;
      const answer = await fetch(path, { cache: "no-store" });
      if (!answer.ok || shown !== path) return;
      const payload = await answer.json();
      if (shown !== path) return;
      if (player) player.update(payload);
      else {
        held = at(".sheet") !== null;
        player = BuyerJourneys.player(at("#player"), payload, { onpick: (dot) => emitEvent("pick", dot), autoplay: !held });
      }
      document.body.dataset.shown = path;
    },
    /** Show nothing until the next result. */
    hide() {
      shown = "";
      delete document.body.dataset.shown;
      if (player) { player.destroy(); player = null; }
      at("#player").replaceChildren();
    },
    pick(dot) {
      if (player) player.pick(dot);
    },
    /** Say of the picked buyer where its lives part, and why: HTML that the server made; "" takes it away. */
    why(html) {
      const panel = at("#player .bj-panel");
      if (!panel) return;
      panel.querySelector(".why")?.remove();
      if (html) panel.querySelector("table")?.insertAdjacentHTML("beforebegin", html);
    },
    /** How far the work is: null, or {what, share}; share is null until it is known. */
    progress(work) {
      const place = at("#progress");
      if (!place) return;
      place.hidden = work === null;
      if (!work) return;
      place.querySelector("span").textContent = work.what;
      const bar = place.querySelector("progress");
      if (work.share === null) bar.removeAttribute("value");
      else bar.value = work.share;
    },
    /** A message that goes by itself. */
    say(message) {
      let place = at("#said");
      if (!place) {
        place = document.createElement("div");
        place.id = "said";
        place.setAttribute("role", "alert");
        document.body.append(place);
      }
      place.textContent = message;
      place.hidden = false;
      clearTimeout(saying);
      saying = setTimeout(() => { place.hidden = true; }, 6000);
    },
    get player() {
      return player;
    },
  };
})();
