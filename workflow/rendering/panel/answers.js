// The pooled answers under the reader's choices as a table, each beside what was published.
"use strict";

// A component is reported where enough sites tell something about it and the rows can tell it from the others.
function reported(component, data) {
  return component.sites >= data.least && component.told;
}

const COLUMNS = ["median", "positive", "above", "below", "new"];

function cellsOf({ average, newSite }, texts, write) {
  const interval = fill(texts.interval, { lower: write.number(average.lower), upper: write.number(average.upper) });
  return {
    median: [average.median, write.number(average.median), interval],
    positive: [average.positive, write.percent(average.positive)], above: [average.above, write.percent(average.above)],
    below: [average.below, write.percent(average.below)], new: [newSite.positive, write.percent(newSite.positive)],
  };
}

// A size that the report does not give as a result is shown, and said to be no more than a calculation.
function isCalculated(name, analysis) {
  return !analysis.published[name]?.magnitude;
}

// `was`: answers as published by component, or null while nothing is changed.
function answersTable(components, was, analysis, data, write, delta) {
  const { texts } = data, size = `${write.size(delta)} ${analysis.short}`;
  const titles = COLUMNS.map((name) => fill(texts.columns[name], { size }));
  const head = element("tr", {}, element("th", { scope: "col" }, texts.columns.component),
    ...titles.map((title) => element("th", { scope: "col", class: "num" }, title)));
  const rows = components.map((component) => {
    const name = element("th", { scope: "row" }, named(data.components[component.name].label));
    if (!reported(component, data)) return element("tr", {}, name, element("td", { colspan: COLUMNS.length, class: "live-thin" }, texts.thin));
    const cells = cellsOf(component, texts, write), before = was && was[component.name] && cellsOf(was[component.name], texts, write);
    return element("tr", {}, name, ...COLUMNS.map((column, k) => {
      const [exact, shown, more] = cells[column], cell = element("td", { class: "num", "data-label": titles[k] }, value(exact, shown));
      if (more) cell.append(" ", element("span", { class: "live-interval" }, more));
      if (column === "median" && isCalculated(component.name, analysis)) cell.append(" ", element("span", { class: "live-interval" }, texts.calculated.mark));
      if (before && before[column][1] !== shown) cell.append(" ", element("span", { class: "live-was" }, fill(texts.was, { value: before[column][1] })));
      return cell;
    }));
  });
  const unsure = components.some((component) => reported(component, data) && isCalculated(component.name, analysis));
  const caption = element("caption", {}, fill(texts.caption, { unit: analysis.unit }), unsure ? ` ${texts.calculated.why}` : "");
  return element("table", { class: "stack live-table" }, caption, element("thead", {}, head), element("tbody", {}, ...rows));
}

// What a screen reader says of the answers.
function spoken(components, analysis, data, write) {
  const known = components.filter((component) => reported(component, data));
  if (!known.length) return data.texts.thin;
  const { announce, calculated } = data.texts;
  return known.map(({ name, average }) => fill(isCalculated(name, analysis) ? calculated.announce : announce, {
    component: data.components[name].label, median: write.number(average.median), lower: write.number(average.lower),
    upper: write.number(average.upper), unit: analysis.unit, positive: write.percent(average.positive),
  })).join(" ");
}
