// What to expect in a new site: the chance of an effect above a size that the reader chooses, as published else.
"use strict";

function startNew(root, data, ask) {
  if (!root) return;
  const { texts, analyses } = data, inTurn = newestOnly(), said = announcer(root);
  let analysis = analyses[0], size = analysis.delta;
  const head = element("div", { class: "live-controls" }), cards = element("div", { class: "cards" });

  const rebuild = () => {
    const field = element("input", { type: "number", id: "new-size", min: 0, max: LIMITS.delta[1], step: analysis.step, value: size, inputmode: "decimal" });
    field.addEventListener("input", () => {
      size = within("delta", field.value, analysis.delta);
      refresh();
    });
    field.addEventListener("change", () => { field.value = size; });
    head.replaceChildren(outcomePicker("new-outcome", data, analysis, choose),
      element("p", { class: "live-field" }, element("label", { for: "new-size" }, fill(texts.new.size, { unit: analysis.unit })), field));
    refresh();
  };

  const choose = (name) => {
    analysis = analyses.find((one) => one.evidence.analysis === name);
    size = analysis.delta;
    rebuild();
    document.getElementById("new-outcome").focus();
  };

  const refresh = () => inTurn(async () => {
    const now = [analysis, size], choices = forEngine(analysis, { ...publishedChoices(analysis), delta: size });
    const answer = await ask({ evidence: analysis.evidence, published: engineSettings(analysis), choices });
    if (now[0] !== analysis || now[1] !== size) return;
    if (answer.error) return cards.replaceChildren(element("p", {}, texts[answer.error]));
    const write = writer(data, analysis.digits);
    // What is reported is what the report reports: the published answers say which.
    const made = answer.components.filter(({ name }) => analysis.published[name]).map((component) => newCard(component, analysis, size, data, write));
    cards.replaceChildren(...made.map(({ card }) => card));
    said(made.map(({ words }) => words).join(" "));
  });

  root.prepend(head, cards);
  root.hidden = false;
  fold(document.getElementById("tbl-new-site"), texts.new.table);
  rebuild();
}

// The table of all outcomes is one click away where the panel stands in its place.
function fold(table, words) {
  if (!table) return;
  const box = element("details", {}, element("summary", {}, words));
  table.before(box);
  box.append(table);
}

function newCard({ name, average, newSite, newSiteBefore }, analysis, size, data, write) {
  const { texts } = data, own = analysis.published[name], amount = `${write.size(size)} ${analysis.unit}`;
  const { above, below } = newSite, between = Math.max(1 - above - below, 0), words = [];
  if (own.magnitude) {
    const [up, down] = [above, below].map((p) => Math.round(100 * p));
    words.push(fill(texts.new.frequency, { size: amount, up, down, between: 100 - up - down }));
    if (mostlyAboutAverage(average, newSite)) words.push(texts.new.mostly);
    words.push(sizeSentence(own.newSite, analysis, texts, write));
  } else {
    const chance = (p, before) => ({ word: likelihood(texts, p), p: write.percent(p), before: before === undefined ? "" : fill(texts.new.before, { p: write.percent(before) }) });
    words.push(fill(texts.new.rise, { size: amount, ...chance(above, newSiteBefore?.above) }),
      fill(texts.new.fall, { size: amount, ...chance(below, newSiteBefore?.below) }), texts.new.vague);
  }
  const title = data.components[name].label;
  const card = element("div", { class: "card" }, element("h3", { class: "live-title" }, named(title)), chanceBar({ below, between, above }, size, texts, write),
    ...words.map((sentence) => element("p", {}, sentence)));
  return { card, words: `${title}: ${words.join(" ")}` };
}

// Whether what is not known about a new site is mostly what is not known about the average.
function mostlyAboutAverage(average, newSite) {
  return average.sd ** 2 > newSite.sd ** 2 / 2;
}

// Natural frequencies for shares, standard deviations for scores, as in the report's sentences.
function sizeSentence({ median, lower, upper }, { people, digits }, { sentence }, write) {
  const [down, up] = people ? [sentence.fewer, sentence.more] : [sentence.lower, sentence.higher];
  const part = (x) => fill(x < 0 ? down : up, { n: write.number(Math.abs(x), people ? 0 : digits) });
  return fill(people ? sentence.frequency : sentence.difference, { middle: part(median), lower: part(lower), upper: part(upper) });
}

// Three shares side by side; their words and numbers stand below, so that no colour has to be read.
function chanceBar(shares, size, texts, write) {
  const names = Object.keys(shares), parts = names.map((name) => {
    const part = element("span", { class: name });
    part.style.flexGrow = shares[name];
    return part;
  });
  const key = names.map((name) => element("li", { class: name }, `${fill(texts.new[`share_${name}`], { size: write.size(size) })} `, value(shares[name], write.percent(shares[name]))));
  return element("div", { class: "live-shares" }, element("div", { class: "live-strip", "aria-hidden": "true" }, ...parts), element("ul", {}, ...key));
}
