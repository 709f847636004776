// The lives of one buyer side by side, touch by touch, on one axis of days.

function made(tag, options, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(options || {})) {
    if (name === "text") element.textContent = value;
    else if (name === "class") element.className = value;
    else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

/** Events of a buyer in one arm: [{step, activity, who, stage}]. */
function lifeOf(show, dot, arm) {
  const { first, at, activity, who } = show.lives, life = [];
  let stage = 0;
  for (let i = first[dot * show.arms.length + arm]; i < first[dot * show.arms.length + arm + 1]; i++) {
    if (activity[i] === show.stage_entered) stage++;
    life.push({ step: at[i], activity: activity[i], who: who[i], stage });
  }
  return life;
}

function told(show, event) {
  if (event.activity === show.stage_entered) return `moves on to ${show.stages[event.stage]}`;
  const topic = (event.who >> 2) - 1, role = (event.who & 3) - 1;
  const by = role >= 0 && show.by_whom.includes(event.activity) ? ` (${show.people[role]})` : "";
  return show.activities[event.activity] + by + (topic >= 0 ? `, about ${show.topics[topic]}` : "");
}

/** What became of the buyer in one arm, and what it had to put up with. */
function fateOf(show, arm, dot) {
  const last = arm.first[dot + 1] - 1;
  if (last < arm.first[dot]) return ["never came: no spend of this organisation brings it", ""];
  const state = arm.states[last], times = (n) => ["never", "once", "twice"][n] || `${n} times`;
  const took = Math.round((arm.at[last] - arm.at[arm.first[dot]]) / show.steps_per_day);
  const ends = { 32: `won for ${usd(arm.paid_usd[dot])} usd`, 33: "lost to a rival", 34: "no decision, or elsewhere" };
  const said = ends[state] ? `${ends[state]} after ${took} days` : "still open at the end";
  const again = Math.round(100 * arm.asked_again[dot]);
  return [said, `handed on ${times(arm.handoffs[dot])}; told again ${again}% of its history; `
    + `caught us contradicting ourselves ${times(arm.contradictions[dot])}`];
}

/** A table of what happens; rows of one instant, columns of organisations. */
function livesTable(show, dot) {
  const lives = show.arms.map((_, arm) => lifeOf(show, dot, arm)), shared = show.lives.shared[dot];
  const day = (step) => (step / show.steps_per_day).toFixed(1), wide = show.arms.length;
  const head = made("tr", null, made("th", { text: "day", scope: "col" }));
  show.arms.forEach((arm) => {
    const cell = made("th", { text: arm.name, scope: "col" });
    cell.style.color = arm.colour;
    head.append(cell);
  });
  const body = made("tbody");
  const marker = (text) => {
    body.append(made("tr", { class: "bj-mark" }, made("td"), made("td", { text, colspan: wide })));
  };
  const rowOf = (step, cells) => body.append(made("tr", null, made("th", { text: day(step), scope: "row" }), ...cells));
  const lines = (events) => events.map((event) => {
    return made("div", { text: told(show, event), class: event.activity === show.stage_entered ? "bj-step" : "" });
  });
  const grouped = (life) => {
    const by = new Map();
    for (const event of life) by.set(event.step, [...(by.get(event.step) || []), event]);
    return by;
  };
  if (wide > 1 && shared) marker(wide > 2 ? "the same in all" : "the same in both");
  const inAll = (events) => [made("td", { colspan: wide, class: "bj-same" }, ...lines(events))];
  for (const [step, events] of grouped(lives[0].slice(0, shared))) rowOf(step, inAll(events));
  const after = lives.map((life) => grouped(life.slice(shared)));
  const steps = [...new Set([].concat(...after.map((one) => [...one.keys()])))].sort((a, b) => a - b);
  if (wide > 1) marker(steps.length ? `lives part here, on day ${day(steps[0])}` : "its lives never part");
  const alike = (events, others) => others && events.length === others.length
    && events.every((event, i) => ["activity", "who", "stage"].every((name) => event[name] === others[i][name]));
  for (const step of steps) {
    const events = after[0].get(step);
    if (wide > 1 && events && after.every((one) => alike(events, one.get(step)))) rowOf(step, inAll(events));
    else rowOf(step, after.map((one) => made("td", null, ...lines(one.get(step) || []))));
  }
  const end = made("tr", { class: "bj-end" }, made("th", { text: "end", scope: "row" }));
  show.arms.forEach((arm) => {
    const [fate, borne] = fateOf(show, arm, dot);
    end.append(made("td", null, made("strong", { text: fate }), made("div", { text: borne })));
  });
  body.append(end);
  return made("table", null, made("thead", null, head), body);
}

/** The whole panel but its close button. */
function livesOf(show, dot) {
  const lives = ["one life", "two lives", "three lives"][show.arms.length - 1] || `${show.arms.length} lives`;
  const about = `${show.segments[show.segment[dot]]}, came through ${show.channels[show.channel[dot]]}; complexity `
    + `${show.complexity[dot].toFixed(2)} of 1, a group of ${show.members[dot]}, `
    + `a deal of ${count(show.deal_value_usd[dot])} usd. Days are those of the timeline; number ${show.buyers[dot]}.`;
  return [made("h2", { text: `One buyer, ${lives}` }), made("p", { text: about }), livesTable(show, dot)];
}
