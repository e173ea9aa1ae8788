// The live panel: native controls, an engine per outcome, and a redraw after every change.
"use strict";

function startPanel(root, data) {
  const { texts, analyses, language } = data, engines = new Map(), shown = {};
  let { analysis, choices } = fromHash(location.hash, analyses), later = null;

  const engineOf = (one) => {
    const name = one.evidence.analysis;
    if (!engines.has(name)) engines.set(name, new Engine(one.evidence, { ...one.priors, delta: one.delta }));
    return engines.get(name);
  };

  const change = (name, value) => {
    choices = { ...choices, [name]: value };
    remember();
    refresh();
  };

  const remember = () => {
    const plain = analysis === analyses[0] && !changedNames(analysis, choices).length;
    // A page opened from disk may refuse to rewrite its address; the panel works without.
    try { history.replaceState(null, "", plain ? location.pathname + location.search : toHash(analysis, choices)); } catch { /* keep the old one */ }
  };

  const numberField = (name, step) => {
    const id = `try-${name}`, [min, max] = LIMITS[name];
    const input = element("input", { type: "number", id, min, max, step, value: choices[name], inputmode: "decimal" });
    input.addEventListener("input", () => change(name, within(name, input.value, publishedChoices(analysis)[name])));
    return element("p", { class: "try-field" }, element("label", { for: id }, fill(texts.fields[name], { unit: analysis.unit })), input);
  };

  const checkList = (name, values, labels) => {
    const boxes = [...new Set(values)].filter((value) => value !== "").map((value) => {
      const box = element("input", { type: "checkbox", value });
      box.checked = !choices[name].includes(value);
      box.addEventListener("change", () => change(name, box.checked ? choices[name].filter((v) => v !== value) : [...choices[name], value]));
      return element("label", { class: "try-choice" }, box, ` ${labels[value] || value}`);
    });
    return element("fieldset", { class: "try-list" }, element("legend", {}, texts.fields[name]), ...boxes);
  };

  const buildControls = () => {
    const { rows } = analysis.evidence, list = (field) => rows.map((row) => row[field]);
    const outcome = element("select", { id: "try-outcome" }, ...analyses.map((one) => element("option", { value: one.evidence.analysis }, one.label)));
    outcome.value = analysis.evidence.analysis;
    outcome.addEventListener("change", () => {
      analysis = analyses.find((one) => one.evidence.analysis === outcome.value);
      choices = publishedChoices(analysis);
      remember();
      rebuild();
      document.getElementById("try-outcome").focus();
    });
    shown.controls.replaceChildren(
      element("p", { class: "try-field" }, element("label", { for: "try-outcome" }, texts.fields.outcome), outcome),
      checkList("excludedSites", list("site"), analysis.sites),
      checkList("excludedKinds", list("kind"), texts.kinds),
      element("details", {}, element("summary", {}, texts.more), checkList("excludedSources", list("source"), data.sources),
        numberField("muFactor", 0.25), numberField("tauFactor", 0.25), numberField("epsilon", 0.05)),
      numberField("delta", 0.1),
    );
  };

  const rebuild = () => { buildControls(); refresh(); };

  const refresh = () => {
    const changed = changedNames(analysis, choices);
    shown.state.textContent = changed.length ? fill(texts.changed, { what: changed.map((name) => texts.names[name]).join(", ") }) : texts.published;
    shown.reset.disabled = !changed.length;
    const write = writer(language, analysis.digits), engine = engineOf(analysis);
    clearTimeout(later);
    try {
      const result = engine.pool(forEngine(analysis, choices));
      shown.answers.replaceChildren(answersTable(result, analysis, texts, write, choices.delta));
      const said = announcement(result, write);
      later = setTimeout(() => {
        const read = reader(analysis.evidence.scale, numberOf(analysis.evidence.control_level));
        shown.plot.replaceChildren(forestPlot(plotLines(result, analysis, texts, read), write, said, root.clientWidth));
        shown.live.textContent = `${shown.state.textContent}. ${said}`;
        shown.settings.textContent = settingsText(said);
      }, 150);
    } catch (error) {
      const said = error instanceof NoEvidence ? texts.nothing : texts.failed;
      shown.answers.replaceChildren(element("p", {}, said));
      shown.plot.replaceChildren();
      shown.live.textContent = said;
    }
  };

  const announcement = (result, write) => result.components.map(({ name, average }) => fill(texts.announce, {
    component: analysis.components[name] || name, mean: write.number(average.mean), lower: write.number(average.lower),
    upper: write.number(average.upper), unit: analysis.unit, positive: write.percent(average.positive),
  })).join(" ");

  const settingsText = (said) => `${analysis.label}. ${shown.state.textContent}. ${said} ${toHash(analysis, choices)}`;

  const frame = () => {
    shown.state = element("p", { class: "try-state" });
    shown.live = element("p", { role: "status", "aria-live": "polite" });
    // Heard, not seen: sighted readers see the table.
    Object.assign(shown.live.style, { position: "absolute", width: "1px", height: "1px", overflow: "hidden", clipPath: "inset(50%)" });
    shown.reset = element("button", { type: "button" }, texts.reset);
    shown.reset.addEventListener("click", () => { choices = publishedChoices(analysis); remember(); rebuild(); shown.state.focus(); });
    shown.state.tabIndex = -1;
    shown.controls = element("div", { class: "try-controls" });
    shown.answers = element("div", { class: "try-answers" });
    shown.plot = element("div", { class: "try-plot" });
    shown.settings = element("p", { class: "try-settings" });
    root.append(shown.controls, shown.state, shown.reset, shown.answers, shown.plot,
      element("details", {}, element("summary", {}, texts.settings), shown.settings), shown.live);
  };

  frame();
  rebuild();
  root.hidden = false;
  window.addEventListener("hashchange", () => {
    if (!location.hash.startsWith(HASH)) return;
    ({ analysis, choices } = fromHash(location.hash, analyses));
    rebuild();
  });
}

// The panel's place and its data stand in the page; without either there is nothing to do.
function findPanel() {
  const root = document.getElementById("try-panel"), data = document.getElementById("try-data");
  if (root && data) startPanel(root, JSON.parse(data.textContent));
}

if (typeof document !== "undefined") {
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", findPanel);
  else findPanel();
}
