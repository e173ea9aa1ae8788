// What the panel shows: a table of pooled answers and a forest plot. Everything is text nodes and attributes.
"use strict";

function element(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  return furnish(node, attributes, children);
}

function shape(name, attributes = {}, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", name);
  return furnish(node, attributes, children);
}

function furnish(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) if (value !== null && value !== false) node.setAttribute(name, value === true ? "" : value);
  node.append(...children);
  return node;
}

function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? values[name] : whole));
}

// Numbers as the page's language writes them; probabilities never as a certain 0 or 100.
function writer(language, digits) {
  const plain = new Intl.NumberFormat(language, { minimumFractionDigits: digits, maximumFractionDigits: digits });
  const percent = (p) => (p < 0.01 ? "<1" : p > 0.99 ? ">99" : String(Math.round(100 * p)));
  return { number: (x) => plain.format(Math.abs(x) < 0.5 * 10 ** -digits ? 0 : x), percent: (p) => `${percent(p)}%` };
}

function answersTable(result, analysis, texts, write, delta) {
  const columns = ["component", "mean", "interval", "positive", "above", "below", "new"];
  const head = element("tr", {}, ...columns.map((name) => element("th", { scope: "col" }, fill(texts.columns[name], { delta: write.number(delta) }))));
  const rows = result.components.map((component) => {
    const { average, newSite } = component;
    const cells = [write.number(average.mean), `${write.number(average.lower)} … ${write.number(average.upper)}`,
      write.percent(average.positive), write.percent(average.above), write.percent(average.below), write.percent(newSite.positive)];
    return element("tr", {}, element("th", { scope: "row" }, analysis.components[component.name] || component.name), ...cells.map((text) => element("td", {}, text)));
  });
  const caption = element("caption", {}, fill(texts.caption, { unit: analysis.unit }));
  const table = element("table", { class: "try-table" }, caption, element("thead", {}, head), element("tbody", {}, ...rows));
  return element("div", { class: "scroll", role: "region", tabindex: "0", "aria-label": caption.textContent }, table);
}

const PLOT = { row: 24, top: 8, bottom: 30 };

// Lines of the plot: the evidence and the site's own effect, then averages and new sites.
function plotLines(result, analysis, texts, read) {
  const { rows } = analysis.evidence, labels = analysis.sites;
  const found = result.siteEffects().map((effect) => {
    const row = rows[effect.row], number = row.kind === "number";
    const ends = number ? [row.y - 1.96 * row.se, row.y + 1.96 * row.se] : [numberOf(row.lower), numberOf(row.upper)];
    return {
      label: `${labels[row.site] || row.site}: ${analysis.rows[effect.row]}`, site: row.site,
      evidence: ends.map((x) => (Number.isFinite(x) ? read.forward(x) : x)), point: number ? read.forward(row.y) : null, pooled: effect,
    };
  });
  const pooled = result.components.flatMap((component) => [["average", component.average], ["newSite", component.newSite]].map(([kind, values]) => ({
    label: fill(texts.lines[kind], { component: analysis.components[component.name] || component.name }), site: null, evidence: null, point: null,
    pooled: { centre: values.median, lower: values.lower, upper: values.upper }, strong: kind === "average",
  })));
  return [...found, ...pooled];
}

// Drawn at the width it is shown at, so that its letters keep their size on a phone.
function forestPlot(lines, write, description, room) {
  const ends = lines.flatMap(({ pooled }) => [pooled.lower, pooled.upper, 0]);
  const pad = 0.06 * (Math.max(...ends) - Math.min(...ends)) || 1, low = Math.min(...ends) - pad, high = Math.max(...ends) + pad;
  const width = Math.min(Math.max(room, 320), 760), label = Math.round(0.4 * width);
  const { row, top, bottom } = PLOT, height = top + lines.length * row + bottom;
  const x = (value) => label + (width - label - 12) * (Math.min(Math.max(value, low), high) - low) / (high - low);
  const svg = shape("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": description, class: "try-forest" });
  svg.append(shape("line", { x1: x(0), x2: x(0), y1: top, y2: height - bottom, class: "try-zero", stroke: "currentColor", "stroke-dasharray": "3 3", opacity: 0.6 }));
  lines.forEach((line, i) => svg.append(...plotLine(line, top + (i + 0.5) * row, x, low, high, Math.floor(label / 6.5))));
  for (const value of ticks(low, high)) {
    svg.append(shape("text", { x: x(value), y: height - 10, "text-anchor": "middle", "font-size": 12, fill: "currentColor" }, write.number(value)));
  }
  return svg;
}

function plotLine({ label, evidence, point, pooled, strong }, y, x, low, high, most) {
  const short = label.length > most ? `${label.slice(0, most - 1)}…` : label;
  const parts = [shape("text", { x: 0, y: y + 4, "font-size": 12, fill: "currentColor", "font-weight": strong ? "bold" : "normal" }, short, shape("title", {}, label))];
  if (evidence) {
    const [from, to] = evidence;
    parts.push(shape("line", { x1: x(from), x2: x(to), y1: y - 5, y2: y - 5, stroke: "currentColor", opacity: 0.55, "stroke-width": 1.5, class: "try-evidence" }));
    if (from < low) parts.push(arrow(x(low), y - 5, 1));
    if (to > high) parts.push(arrow(x(high), y - 5, -1));
    if (point !== null) parts.push(shape("rect", { x: x(point) - 3, y: y - 8, width: 6, height: 6, fill: "currentColor", opacity: 0.55 }));
  }
  const level = evidence ? y + 4 : y;
  parts.push(shape("line", { x1: x(pooled.lower), x2: x(pooled.upper), y1: level, y2: level, stroke: "currentColor", "stroke-width": 3, class: "try-pooled" }));
  parts.push(shape("circle", { cx: x(pooled.centre), cy: level, r: 4.5, fill: "currentColor", class: "try-pooled" }));
  return parts;
}

function arrow(x, y, side) {
  return shape("path", { d: `M${x} ${y} l${7 * side} -4 v8 z`, fill: "currentColor", opacity: 0.55 });
}

function ticks(low, high) {
  const rough = (high - low) / 5, power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((f) => f * power).find((s) => s >= rough), out = [];
  for (let value = Math.ceil(low / step) * step; value <= high; value += step) out.push(value);
  return out;
}
