// "Try it yourself": native controls, and answers that follow every change.
"use strict";

function startTry(root, data, ask) {
  if (!root) return;
  const { texts, analyses } = data, shown = {}, inTurn = newestOnly(), said = announcer(root);
  let { analysis, choices } = fromHash(location.hash, analyses);

  const change = (name, to) => {
    choices = { ...choices, [name]: to };
    remember();
    refresh();
  };

  const remember = () => {
    const plain = analysis === analyses[0] && !changedNames(analysis, choices).length;
    // A page opened from disk may refuse to rewrite its address; the panel works without.
    try { history.replaceState(null, "", plain ? location.pathname + location.search : toHash(analysis, choices)); } catch { /* keep the old one */ }
  };

  const rebuild = () => {
    shown.controls.replaceChildren(...controls(data, analysis, choices, change, choose));
    refresh();
  };

  const choose = (name) => {
    analysis = analyses.find((one) => one.evidence.analysis === name);
    choices = publishedChoices(analysis);
    remember();
    rebuild();
    document.getElementById("try-outcome").focus();
  };

  const stateText = () => {
    const changed = changedNames(analysis, choices);
    return changed.length ? fill(texts.changed, { what: changed.map((name) => texts.names[name]).join(", ") }) : texts.published;
  };

  const refresh = () => {
    const state = stateText(), mine = choices, published = state === texts.published;
    shown.state.textContent = state;
    shown.state.classList.toggle("changed", !published);
    shown.reset.disabled = published;
    shown.results.setAttribute("aria-busy", "true");
    const question = { evidence: analysis.evidence, published: engineSettings(analysis), choices: forEngine(analysis, choices) };
    inTurn(async () => {
      const answer = await ask(question);
      if (mine !== choices) return;
      if (answer.error) return showError(texts[answer.error], state);
      const write = writer(data, analysis.digits), was = published ? null : analysis.published, { delta } = choices;
      shown.answers.replaceChildren(answersTable(answer.components, was, analysis, data, write, delta));
      const words = spoken(answer.components, analysis, data, write);
      shown.settings.value = `${analysis.label}. ${state}. ${words} ${toHash(analysis, choices)}`;
      said(`${state}. ${words}`);
      const { effects } = await ask({ ...question, sites: true });
      if (mine !== choices) return;
      drawn = () => forestPlot(plotGroups(answer.components, effects, was, analysis, data, write), analysis, data, write, words, delta, shown.plot.clientWidth);
      shown.plot.replaceChildren(drawn());
      shown.results.removeAttribute("aria-busy");
    });
  };

  const showError = (words, state) => {
    drawn = null;
    shown.answers.replaceChildren(element("p", { class: "live-thin" }, words));
    shown.plot.replaceChildren();
    shown.settings.value = `${analysis.label}. ${state}. ${words} ${toHash(analysis, choices)}`;
    shown.results.removeAttribute("aria-busy");
    said(words);
  };

  let drawn = null;
  shown.state = element("p", { class: "live-state", tabindex: -1 });
  shown.reset = button(texts.reset, () => {
    choices = publishedChoices(analysis);
    remember();
    rebuild();
    shown.state.focus();
  });
  shown.controls = element("div", { class: "live-controls" });
  shown.answers = element("div", { class: "live-answers" });
  shown.plot = element("div", { class: "live-forest" });
  shown.results = element("div", { class: "live-results" }, shown.answers, shown.plot, element("p", { class: "small" }, texts.marks));
  shown.settings = element("textarea", { readonly: true, rows: 4, "aria-label": texts.settings });
  root.prepend(shown.controls, element("div", { class: "live-bar" }, shown.state, shown.reset), shown.results,
    element("details", {}, element("summary", {}, texts.settings), shown.settings, copier(texts, shown.settings)));
  root.hidden = false;
  rebuild();

  let width = shown.plot.clientWidth;
  addEventListener("resize", () => {
    if (drawn && shown.plot.clientWidth !== width) shown.plot.replaceChildren(drawn());
    width = shown.plot.clientWidth;
  });
  const visit = () => {
    if (!location.hash.startsWith(HASH)) return;
    ({ analysis, choices } = fromHash(location.hash, analyses));
    rebuild();
    root.scrollIntoView();
  };
  addEventListener("hashchange", visit);
  if (location.hash.startsWith(HASH)) root.scrollIntoView();
}

function controls(data, analysis, choices, change, choose) {
  const { texts } = data, rows = [...analysis.evidence.rows].sort((a, b) => a.place - b.place);
  const list = (field) => [...new Set(rows.map((row) => row[field]))];
  const kinds = list("kind"), sources = list("source");
  const more = [
    kinds.length > 1 && checkList("excludedKinds", kinds, texts.kinds, texts, choices, change),
    sources.length > 1 && checkList("excludedSources", sources, data.sources, texts, choices, change),
    numberField("muFactor", 0.25, 1, texts, analysis, choices, change),
    numberField("tauFactor", 0.25, 1, texts, analysis, choices, change),
    rows.some((row) => row.epsilon > 0) && numberField("epsilon", 5, 100, texts, analysis, choices, change),
  ].filter(Boolean);
  return [
    outcomePicker("try-outcome", data, analysis, choose),
    numberField("delta", analysis.step, 1, texts, analysis, choices, change),
    checkList("excludedSites", list("site"), data.sites, texts, choices, change),
    element("details", { open: changedNames(analysis, choices).some((name) => !["excludedSites", "delta"].includes(name)) },
      element("summary", {}, texts.more), ...more),
  ];
}

function outcomePicker(id, data, analysis, choose) {
  const select = element("select", { id }, ...data.analyses.map((one) => element("option", { value: one.evidence.analysis }, one.label)));
  select.value = analysis.evidence.analysis;
  select.addEventListener("change", () => choose(select.value));
  return element("p", { class: "live-field" }, element("label", { for: id }, data.texts.fields.outcome), select);
}

// `scale`: what the choice is multiplied by in the field (100 for a percentage).
function numberField(name, step, scale, texts, analysis, choices, change) {
  const id = `try-${name}`, [min, max] = LIMITS[name].map((limit) => limit * scale), published = publishedChoices(analysis)[name];
  const tidy = (x) => Number((x * scale).toPrecision(6));
  const input = element("input", { type: "number", id, min, max, step, value: tidy(choices[name]), inputmode: "decimal" });
  let kept = choices[name];
  input.addEventListener("input", () => {
    kept = input.value === "" ? published : within(name, input.value / scale, published);
    change(name, kept);
  });
  // What could not be meant is put right when the reader leaves the field.
  input.addEventListener("change", () => { input.value = tidy(kept); });
  return element("p", { class: "live-field" }, element("label", { for: id }, fill(texts.fields[name], { unit: analysis.unit })), input);
}

function checkList(name, values, labels, texts, choices, change) {
  let out = choices[name];
  const boxes = values.map((one) => {
    const box = element("input", { type: "checkbox", value: one });
    box.checked = !out.includes(one);
    box.addEventListener("change", () => {
      out = box.checked ? out.filter((v) => v !== one) : [...out, one];
      change(name, out);
    });
    return element("label", { class: "live-choice" }, box, named(labels[one] || one));
  });
  return element("fieldset", { class: "live-list" }, element("legend", {}, texts.fields[name]), ...boxes);
}
