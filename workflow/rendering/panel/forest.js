// The forest plot under the reader's choices, with the marks and classes of the report's own figures.
"use strict";

const PLOT = { row: 32, head: 24, gap: 10, top: 44, bottom: 44, stacked: 18, letter: 7 };

// Groups of lines: the sites that count, then averages and new sites of the components that are reported.
function plotGroups(components, effects, was, analysis, data, write) {
  const { rows } = analysis.evidence, read = reader(analysis.evidence.scale, numberOf(analysis.evidence.control_level));
  const sites = new Map();
  const place = ({ row }) => rows[row].place;
  for (const effect of [...effects].sort((a, b) => place(a) - place(b))) {
    const row = rows[effect.row], number = row.kind === "number";
    const ends = number ? [row.y - 1.96 * row.se, row.y + 1.96 * row.se] : [numberOf(row.lower), numberOf(row.upper)];
    const line = {
      label: row.label, series: row.series, style: "arm", pooled: { ...effect, middle: effect.centre },
      raw: ends.map((x) => (Number.isFinite(x) ? read.forward(x) : x)), point: number ? read.forward(row.y) : null,
    };
    if (!sites.has(row.site)) sites.set(row.site, []);
    sites.get(row.site).push(line);
  }
  const known = components.filter((component) => reported(component, data));
  const ofAll = (style, of) => known.map((component) => ({
    label: data.components[component.name].label, series: data.components[component.name].series, style,
    pooled: { ...of(component), middle: of(component).median }, was: was && was[component.name] && of(was[component.name]),
    chance: write.percent(of(component).positive),
  }));
  return [
    ...[...sites].map(([site, lines]) => ({ label: data.sites[site], lines, tied: lines.length > 1 })),
    { label: data.texts.lines.average, lines: ofAll("average", ({ average }) => average) },
    { label: data.texts.lines.newSite, lines: ofAll("predict", ({ newSite }) => newSite) },
  ].filter(({ lines }) => lines.length);
}

// The axis holds all estimates; raw evidence up to twice their reach, beyond it is cut.
function plotLimits(lines, delta) {
  const core = [delta, -delta, ...lines.flatMap(({ pooled, was }) => [pooled.lower, pooled.upper, ...(was ? [was.lower, was.upper] : [])])];
  const reach = 2 * Math.max(...core.map(Math.abs), 1e-6);
  const raw = lines.flatMap((line) => (line.raw || []).filter(Number.isFinite).map((x) => Math.min(Math.max(x, -reach), reach)));
  const low = Math.min(0, ...core, ...raw), high = Math.max(0, ...core, ...raw), margin = 0.06 * (high - low);
  return [low - margin, high + margin];
}

// Drawn at the width it is shown at, so that its letters keep their size on a phone.
function forestPlot(groups, analysis, data, write, said, delta, room) {
  const narrow = room < 560, width = Math.min(Math.max(room, 280), 760), rowHeight = PLOT.row + (narrow ? PLOT.stacked : 0);
  const left = narrow ? 10 : Math.round(0.345 * width), right = width - (narrow ? 10 : 66);
  const [low, high] = plotLimits(groups.flatMap(({ lines }) => lines), delta);
  const x = (at) => Math.round(10 * (left + (right - left) * (Math.min(Math.max(at, low), high) - low) / (high - low))) / 10;
  const heightOf = ({ lines }) => PLOT.head + lines.length * rowHeight + PLOT.gap;
  const end = PLOT.top + groups.reduce((sum, group) => sum + heightOf(group), 0);
  const svg = shape("svg", { viewBox: `0 0 ${width} ${end + PLOT.bottom}`, role: "img", "aria-label": said, class: `plot live-plot${narrow ? " phone" : ""}` });
  const view = { x, low, high, width, narrow, rowHeight, left, right, end, letters: Math.floor((narrow ? width - 70 : left - 20) / PLOT.letter) };
  svg.append(...ground(view, analysis, data.texts, write, delta));
  let y = PLOT.top;
  for (const group of groups) {
    svg.append(...groupMarks(group, view, y));
    y += heightOf(group);
  }
  return svg;
}

function text(x, y, words, kind, anchor = "start") {
  return shape("text", { x, y, class: kind, "text-anchor": anchor }, words);
}

function ground({ x, low, high, width, narrow, left, right, end }, analysis, texts, write, delta) {
  const parts = [shape("rect", { class: "band", x: x(-delta), y: PLOT.top, width: Math.max(x(delta) - x(-delta), 0), height: end - PLOT.top })];
  for (const at of ticks(low, high, narrow ? 5 : 8)) {
    parts.push(shape("line", { class: at === 0 ? "zero" : "grid", x1: x(at), x2: x(at), y1: PLOT.top, y2: end }),
      text(x(at), end + 16, write.number(at, at % 1 ? analysis.digits : 0), "label small", "middle"));
  }
  const level = PLOT.top - 8, zero = x(0);
  parts.push(shape("line", { class: "axis", x1: left, x2: right, y1: end, y2: end }),
    text((left + right) / 2, end + 34, fill(texts.axis, { unit: analysis.unit }), "muted small", "middle"),
    text(zero - 8, level, texts.lower, "muted small", "end"), text(zero + 8, level, texts.higher, "muted small"),
    text(width - 4, narrow ? 14 : level, texts.chance, "muted small", "end"));
  return parts;
}

function groupMarks({ label, lines, tied }, view, y) {
  const { narrow, rowHeight, width } = view, parts = [cutText(4, y + 17, label, "label strong", Math.floor((narrow ? width : view.left) / 8))];
  y += PLOT.head;
  if (tied) parts.push(shape("path", { class: "tie", d: `M 10 ${y + 14} H 4 V ${y + rowHeight * (lines.length - 1) + 14} H 10` }));
  lines.forEach((line, i) => {
    const top = y + i * rowHeight;
    parts.push(cutText(16, top + (narrow ? 14 : 19), line.label, "label", view.letters));
    if (line.chance) parts.push(text(width - 4, top + (narrow ? 14 : 19), line.chance, "label", "end"));
    parts.push(...marks(line, view, top + (narrow ? PLOT.stacked : 0)));
  });
  return parts;
}

function cutText(x, y, words, kind, letters) {
  const made = text(x, y, words.length > letters ? `${words.slice(0, Math.max(letters - 1, 1)).trimEnd()}…` : words, kind);
  if (words.length > letters) made.append(shape("title", {}, words));
  return made;
}

// Raw evidence above, estimate below, what was published as a faint line under both.
function marks({ style, series, raw, point, pooled, was }, { x, low, high }, y) {
  const colour = series ? ` c${series}` : "", parts = [];
  if (raw) parts.push(...rawMarks(raw, point, { x, low, high }, y + 9, colour));
  if (was) parts.push(shape("line", { class: "prior", x1: x(was.lower), x2: x(was.upper), y1: y + 27, y2: y + 27 }));
  const [from, middle, to] = [pooled.lower, pooled.middle, pooled.upper].map(x), level = y + (style === "arm" ? 22 : 15);
  if (style === "average") return [...parts, shape("polygon", { class: `average${colour}`, points: `${from},${level} ${middle},${level - 8} ${to},${level} ${middle},${level + 8}` })];
  const kind = style === "arm" ? "posterior" : "predict";
  parts.push(shape("line", { class: kind + colour, x1: from, x2: to, y1: level, y2: level }));
  if (style === "arm") return [...parts, shape("circle", { class: kind + colour, cx: middle, cy: level, r: 4.5 })];
  for (const end of [from, to]) parts.push(shape("line", { class: kind + colour, x1: end, x2: end, y1: level - 5, y2: level + 5 }));
  return [...parts, shape("rect", { class: kind + colour, x: middle - 4, y: level - 4, width: 8, height: 8 })];
}

// A number: line and open point. A statement: open box, pointed where it has no end.
function rawMarks([from, to], point, { x, low, high }, y, colour) {
  const left = x(from), right = x(to);
  if (point !== null) {
    return [shape("line", { class: `raw${colour}`, x1: left, x2: right, y1: y, y2: y }), shape("circle", { class: `raw${colour}`, cx: x(point), cy: y, r: 4 })];
  }
  const start = from < low ? `M ${left + 7} ${y - 4} L ${left} ${y} L ${left + 7} ${y + 4}` : `M ${left} ${y - 4} V ${y + 4}`;
  const end = to > high ? `H ${right - 7} L ${right} ${y} L ${right - 7} ${y - 4}` : `H ${right} V ${y - 4}`;
  return [shape("path", { class: `raw${colour}`, d: `${start} ${end} Z` })];
}

function ticks(low, high, count) {
  const rough = (high - low) / count, power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((f) => f * power).find((s) => s >= rough * 0.999), out = [];
  for (let k = Math.ceil(low / step); k * step <= high; k++) out.push(k === 0 ? 0 : Number((k * step).toPrecision(10)));
  return out;
}
