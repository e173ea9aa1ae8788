// The forest plot under the reader's choices, with the marks and classes of the report's own figures.
"use strict";

const PLOT = { row: 32, head: 9, gap: 10, top: 44, bottom: 44, leading: 15 };
// Mean width of a letter of a wide typeface, by the class of the text.
const LETTER = { "label": 7.5, "label strong": 9, "muted small": 6.3 };

// Groups of lines: the sites that count, then averages and new sites of the components that are reported.
function plotGroups(components, effects, was, analysis, data, write) {
  const { rows } = analysis.evidence, read = reader(analysis.evidence.scale, numberOf(analysis.evidence.control_level)), z = normalQuantile((1 + analysis.level) / 2);
  const sites = new Map();
  const place = ({ row }) => rows[row].place;
  for (const effect of [...effects].sort((a, b) => place(a) - place(b))) {
    const row = rows[effect.row], number = row.kind === "number";
    const ends = number ? [row.y - z * row.se, row.y + z * row.se] : [numberOf(row.lower), numberOf(row.upper)];
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
  const narrow = room < 560, width = Math.min(Math.max(room, 280), 760), rim = narrow ? 18 : 66;
  const left = narrow ? rim : Math.round(0.345 * width), right = width - rim;
  const [low, high] = plotLimits(groups.flatMap(({ lines }) => lines), delta);
  const x = (at) => Math.round(10 * (left + (right - left) * (Math.min(Math.max(at, low), high) - low) / (high - low))) / 10;
  const places = placed(groups, narrow, narrow ? width - 70 : left - 20), end = places.at(-1).end;
  const svg = shape("svg", { viewBox: `0 0 ${width} ${end + PLOT.bottom}`, role: "img", "aria-label": said, class: "plot live-plot" });
  const view = { x, low, high, width, narrow, left, right, end };
  svg.append(...ground(view, places, analysis, data.texts, write, delta), ...places.flatMap((place) => groupMarks(place, view)));
  return svg;
}

// Where every group and line stands. Labels have as many lines as they need: beside the marks, on a phone above them.
function placed(groups, narrow, room) {
  let y = PLOT.top;
  return groups.map(({ label, lines, tied }) => {
    const header = wrap(label, room, "label strong"), start = y;
    y += PLOT.head + PLOT.leading * header.length;
    const rows = lines.map((line) => {
      const words = wrap(line.label, room, "label"), tall = PLOT.leading * words.length, above = narrow ? 3 + tall : 0, from = y;
      y += Math.max(PLOT.row, narrow ? 0 : 4 + tall) + above;
      return { line, words, first: from + (narrow ? 14 : words.length > 1 ? 13 : 19), marks: from + above, to: y };
    });
    y += PLOT.gap;
    return { header, start, rows, tied, end: y };
  });
}

// Lines of a text that fit into so many units; a longer word is broken.
function wrap(words, room, kind) {
  const most = Math.max(Math.floor(room / LETTER[kind]), 1), lines = [];
  for (const part of words.split(" ").flatMap((word) => word.match(new RegExp(`.{1,${most}}`, "gu")) || [])) {
    const longer = `${lines.at(-1)} ${part}`;
    if (lines.length && longer.length <= most) lines[lines.length - 1] = longer;
    else lines.push(part);
  }
  return lines;
}

function text(x, y, words, kind, anchor = "start") {
  const [first, ...more] = [words].flat();
  return shape("text", { x, y, class: kind, "text-anchor": anchor }, first || "", ...more.map((line) => shape("tspan", { x, dy: PLOT.leading }, line)));
}

// Grid and band. On a phone they stand beside the marks only, so that nothing runs through a label.
function ground({ x, low, high, width, narrow, left, right, end }, places, analysis, texts, write, delta) {
  const strips = narrow ? places.flatMap(({ rows }) => rows.map(({ marks, to }) => [marks + 2, to])) : [[PLOT.top, end]];
  const values = ticks(low, high, narrow ? 5 : 8), parts = [];
  for (const [y1, y2] of strips) {
    parts.push(shape("rect", { class: "band", x: x(-delta), y: y1, width: Math.max(x(delta) - x(-delta), 0), height: y2 - y1 }),
      ...values.map((at) => shape("line", { class: at === 0 ? "zero" : "grid", x1: x(at), x2: x(at), y1, y2 })));
  }
  return [...parts,
    ...values.map((at) => text(x(at), end + 16, write.number(at, at % 1 ? analysis.digits : 0), "label small", "middle")),
    shape("line", { class: "axis", x1: left, x2: right, y1: end, y2: end }),
    text((left + right) / 2, end + 34, fill(texts.axis, { unit: analysis.unit }), "muted small", "middle"),
    ...directions(texts, x(0), width, narrow)];
}

// What lies on either side of no effect, away from the edges, and what the column at the right holds.
function directions({ lower, higher, chance }, zero, width, narrow) {
  const kind = "muted small", level = PLOT.top - 8, breadth = (words) => words.length * LETTER[kind];
  const middle = Math.min(Math.max(zero, 12 + breadth(lower)), width - (narrow ? 4 : 12 + breadth(chance)) - 8 - breadth(higher));
  return [text(middle - 8, level, lower, kind, "end"), text(middle + 8, level, higher, kind),
    text(width - 4, narrow ? 14 : level, chance, kind, "end")];
}

function groupMarks({ header, start, rows, tied }, view) {
  const parts = [text(4, start + 17, header, "label strong")];
  if (tied) parts.push(shape("path", { class: "tie", d: `M 10 ${rows[0].first} H 4 V ${rows.at(-1).first} H 10` }));
  for (const { line, words, first, marks: top } of rows) {
    parts.push(text(16, first, words, "label"));
    if (line.chance) parts.push(text(view.width - 4, first, line.chance, "label", "end"));
    parts.push(...marks(line, view, top));
  }
  return parts;
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
