// All that is drawn but the dots: names, people, counters. Drawn anew when a day begins.

Scene.prototype.write = function (text, x, y, size, options) {
  const { weight = "400", ink = INK, align = "left", most = 0 } = options || {}, pen = this.basePen;
  pen.font = `${weight} ${size}px ${FONT}`;
  pen.fillStyle = ink;
  pen.textAlign = align;
  if (most) pen.fillText(text, x, y, most); else pen.fillText(text, x, y);
  return pen.measureText(text).width;
};

Scene.prototype.rule = function (x, y, w, ink) {
  this.basePen.fillStyle = ink || RULE;
  this.basePen.fillRect(x, y, w, 1);
};

Scene.prototype.drawBase = function (day) {
  const pen = this.basePen, { ratio, width, height, s, narrow } = this;
  this.baseDay = day;
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.fillStyle = "#ffffff";
  pen.fillRect(0, 0, width, height);
  pen.textBaseline = "alphabetic";
  if (!narrow) this.drawHead();
  this.lanes.forEach((lane, i) => {
    if (i || !narrow) this.rule(0, lane.top, width, "#bdbdbd");
    this.drawPanel(lane, day);
    if (narrow) this.drawNarrowHead(lane);
    for (const box of lane.boxes.stages) this.rule(box.x + 3, box.y + box.h, box.w - 6, "#9c9c9c");
    lane.boxes.desks.forEach((desk, role) => this.drawDesk(lane, desk, role, day));
    this.drawEnds(lane, day);
  });
};

Scene.prototype.drawHead = function () {
  const { s } = this, { stages, ends } = this.lanes[0].boxes, most = stages[0].w - 6;
  this.data.stages.forEach((name, i) => {
    inTwo(name).forEach((line, row) => {
      this.write(line, stages[i].x + stages[i].w / 2, (18 + 20 * row) * s, 16 * s, { align: "center", most });
    });
  });
  END_NAMES.forEach((name, i) => this.write(name, ends[i].x, 38 * s, 16 * s, { weight: "600" }));
};

Scene.prototype.drawNarrowHead = function (lane) {
  const { s } = this, { stages, ends } = lane.boxes;
  ["education", "solution", "selection"].forEach((name, i) => {
    this.write(name, stages[2 * i].x + stages[2 * i].w, stages[0].y - 8 * s, 15 * s, { align: "center", ink: FAINT });
  });
  this.basePen.fillStyle = RULE;
  for (const i of [2, 4]) this.basePen.fillRect(stages[i].x, stages[0].y - 20 * s, 1, stages[0].h + 20 * s);
  END_NAMES.forEach((name, i) => this.write(name, ends[i].x, ends[i].y + ends[i].h + 17 * s, 15 * s));
};

/** Name, wins with a bar on the scale of all lanes, and the other counters. */
Scene.prototype.drawPanel = function (lane, day) {
  const { s, narrow, basePen: pen } = this, { arm } = lane, { panel } = lane.boxes;
  const won = arm.won[day], cost = arm.cost_usd[day], x = panel.x + (narrow ? 0 : 4), big = narrow ? 34 * s : 40 * s;
  const name = arm.name.charAt(0).toUpperCase() + arm.name.slice(1), w = panel.w - (narrow ? 0 : 18 * s);
  const rows = [["cost", `${usd(cost)} usd`], ["per win", won ? `${usd(cost / won)} usd` : "-"],
    ["median", won ? `${count(arm.median_days[day])} days to win` : "-"],
    ["revenue", `${usd(arm.revenue_usd[day])} usd`]];
  const used = (narrow ? 108 : 156) * s, y = panel.y + Math.max(0, (panel.h - used) * (narrow ? 0 : 0.35));
  this.write(name, x, y + 19 * s, 21 * s, { weight: "700", ink: arm.colour, most: narrow ? w * 0.46 : w });
  const wins = this.write(count(won), x, y + (narrow ? 56 : 58) * s, big, { weight: "700", ink: arm.colour });
  this.write(won === 1 ? "win" : "wins", x + wins + 8 * s, y + (narrow ? 56 : 58) * s, 18 * s, { ink: arm.colour });
  const barY = y + 66 * s, barW = narrow ? w * 0.44 : w, first = this.lanes[0].arm.won[day];
  pen.fillStyle = "#eeeeee";
  pen.fillRect(x, barY, barW, 10 * s);
  pen.fillStyle = arm.colour;
  pen.fillRect(x, barY, (barW * won) / this.mostWins, 10 * s);
  pen.fillStyle = INK;
  if (lane !== this.lanes[0]) pen.fillRect(x + (barW * first) / this.mostWins - 1, barY - 3 * s, 2, 16 * s);
  rows.forEach(([label, value], i) => {
    const left = narrow ? x + w * 0.5 : x, top = narrow ? y + (19 + 24 * i) * s : y + (96 + 19.5 * i) * s;
    this.write(label, left, top, 16 * s, { ink: FAINT });
    this.write(value, left + 70 * s, top, 16.5 * s, { weight: "600" });
  });
};

/** People of a role, and how many wait for them. */
Scene.prototype.drawDesk = function (lane, desk, role, day) {
  const { s, narrow } = this, glyphs = lane.glyphs[role], waiting = lane.arm.waiting[role][day];
  if (!glyphs.people) return;
  const names = this.data.roles[role], who = `${glyphs.people} ${names[glyphs.people === 1 ? 0 : 1]}`;
  const look = { weight: "700", ink: waiting ? "#9a5b00" : FAINT }, base = desk.y + 17 * s;
  const number = this.write(count(waiting), desk.x + 4, base, 19 * s, look);
  const said = narrow ? "waiting" : `${waiting === 1 ? "waits" : "wait"} for ${who}`;
  this.write(said, desk.x + 10 * s + number, base, 16 * s, { ink: FAINT, most: desk.w - number - 16 * s });
  const line = lane.lines[role], x = narrow ? desk.x + 4 : desk.x + desk.w - glyphs.w - 10 * s;
  const tall = Math.ceil(glyphs.shown / glyphs.across) * glyphs.size * 1.25;
  const top = narrow ? desk.y + desk.h - 22 * s : line.y + (line.h - tall) / 2;
  for (let i = 0; i < glyphs.shown; i++) {
    const row = Math.floor(i / glyphs.across), column = i % glyphs.across;
    this.drawPerson(x + column * glyphs.size, top + row * glyphs.size * 1.25, glyphs.size);
  }
  if (glyphs.many) this.write(`× ${glyphs.people}`, x + glyphs.size + 4 * s, top + glyphs.size, 16 * s);
  if (narrow) this.write(who, x + glyphs.w + 4 * s, top + 15 * s, 13 * s, { ink: FAINT, most: desk.w - glyphs.w - 12 });
};

Scene.prototype.drawPerson = function (x, y, size) {
  const pen = this.basePen, middle = x + size * 0.42;
  pen.fillStyle = "#3d3d3d";
  pen.beginPath();
  pen.arc(middle, y + size * 0.28, size * 0.24, 0, 2 * Math.PI);
  pen.fill();
  pen.beginPath();
  pen.arc(middle, y + size * 1.02, size * 0.4, Math.PI, 2 * Math.PI);
  pen.fill();
};

Scene.prototype.drawEnds = function (lane, day) {
  const { s, narrow } = this, inks = ["#00704f", "#a3477f", FAINT];
  [lane.arm.won[day], lane.arm.lost[day], lane.arm.no_decision[day]].forEach((number, i) => {
    const box = lane.boxes.ends[i];
    this.rule(box.x, box.y + box.h, box.w, "#9c9c9c");
    this.write(count(number), box.x, box.y - (narrow ? 5 : 7) * s, 20 * s, { weight: "700", ink: inks[i] });
  });
};
