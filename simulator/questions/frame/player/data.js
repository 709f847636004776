// What a payload holds, unpacked; and which buyer of an organisation is where, kept up to date as days go by.

const KINDS = { u8: Uint8Array, u16: Uint16Array, u32: Uint32Array, f32: Float32Array, f64: Float64Array };

// Places of a lane: six stages, three lines in front of people, three ends.
const LINES = 6, ENDS = 9, PLACES = 12, NOWHERE = 255;
const WAITING = 8, WON = 32, OPEN = 35;

function bytesOf(text) {
  const raw = atob(text), bytes = new Uint8Array(raw.length);
  for (let i = 0; i < raw.length; i++) bytes[i] = raw.charCodeAt(i);
  return bytes;
}

/** A payload with typed arrays in place of packed ones. */
function unpacked(value) {
  if (Array.isArray(value)) return value.map(unpacked);
  if (value === null || typeof value !== "object") return value;
  const names = Object.keys(value);
  if (names.length === 1 && KINDS[names[0]]) return new KINDS[names[0]](bytesOf(value[names[0]]).buffer);
  const found = {};
  for (const name of names) found[name] = unpacked(value[name]);
  return found;
}

/** The place of a state; an open end leaves a buyer where it is. */
function placeOf(state) {
  if (state < LINES) return state;
  if (state < WON) return LINES + ((state - WAITING) >> 3);
  return state < OPEN ? ENDS + state - WON : NOWHERE;
}

/** The buyers of one organisation, each in a place, and in a slot of it from 0 on without gaps. */
class Lane {
  constructor(arm, days, perDay) {
    const dots = arm.first.length - 1, rows = arm.at.length;
    this.arm = arm;
    this.dots = dots;
    this.perDay = perDay;
    // Changes of all buyers by time: a counting sort, stable.
    const steps = days * perDay, begin = new Uint32Array(steps + 2);
    for (let i = 0; i < rows; i++) begin[arm.at[i] + 1]++;
    for (let i = 0; i <= steps; i++) begin[i + 1] += begin[i];
    this.at = new Uint32Array(rows);
    this.who = new Uint32Array(rows);
    this.to = new Uint8Array(rows);
    for (let dot = 0; dot < dots; dot++) {
      for (let i = arm.first[dot]; i < arm.first[dot + 1]; i++) {
        const row = begin[arm.at[i]]++;
        this.at[row] = arm.at[i];
        this.who[row] = dot;
        this.to[row] = placeOf(arm.states[i]);
      }
    }
    this.place = new Uint8Array(dots);
    this.slot = new Uint32Array(dots);
    this.there = Array.from({ length: PLACES }, () => new Uint32Array(dots));
    this.x = new Float32Array(dots);
    this.y = new Float32Array(dots);
    this.toX = new Float32Array(dots);
    this.toY = new Float32Array(dots);
    this.count = new Uint32Array(PLACES);
    this.most = new Uint32Array(PLACES);
    this.moved = () => {};
    this.rewind();
    this.advance(days);
    for (let i = ENDS; i < PLACES; i++) this.most[i] = this.count[i];
    this.rewind();
  }

  rewind() {
    this.next = 0;
    this.place.fill(NOWHERE);
    this.count.fill(0);
  }

  /** Let happen what does until this day begins. */
  advance(day) {
    const until = day * this.perDay, { at, who, to } = this, rows = at.length;
    while (this.next < rows && at[this.next] <= until) {
      const dot = who[this.next], place = to[this.next++];
      if (place === NOWHERE || place === this.place[dot]) continue;
      const fresh = this.place[dot] === NOWHERE;
      this.leave(dot);
      const slot = this.count[place]++;
      this.there[place][slot] = dot;
      this.place[dot] = place;
      this.slot[dot] = slot;
      if (slot >= this.most[place]) this.most[place] = slot + 1;
      this.moved(dot, fresh);
    }
  }

  /** The last one of a place fills the gap, so that only one moves. */
  leave(dot) {
    const place = this.place[dot];
    if (place === NOWHERE) return;
    const there = this.there[place], last = --this.count[place], slot = this.slot[dot];
    if (slot === last) return;
    there[slot] = there[last];
    this.slot[there[slot]] = slot;
    this.moved(there[slot], false);
  }
}
