// The reader's choices: how they are kept in the address, and what they mean to the engine.
"use strict";

const HASH = "#try=";
const LISTS = ["excludedSites", "excludedKinds", "excludedSources"];
// Short names in the address; numbers first, lists after them.
const SHORT = { muFactor: "m", tauFactor: "t", epsilon: "e", delta: "d", excludedSites: "xs", excludedKinds: "xk", excludedSources: "xq" };
const LIMITS = { muFactor: [0.1, 10], tauFactor: [0.1, 10], epsilon: [0, 0.9], delta: [0, 100] };

function publishedChoices(analysis) {
  return { muFactor: 1, tauFactor: 1, epsilon: analysis.epsilon, delta: analysis.delta,
    excludedSites: [], excludedKinds: [], excludedSources: [] };
}

function engineSettings(analysis) {
  return { ...analysis.priors, delta: analysis.delta, level: analysis.level };
}

function within(name, value, otherwise) {
  const number = Number(value), [low, high] = LIMITS[name];
  return value !== "" && Number.isFinite(number) ? Math.min(Math.max(number, low), high) : otherwise;
}

// Only what differs from the published choices is written down.
function toHash(analysis, choices) {
  const published = publishedChoices(analysis), parts = new URLSearchParams({ a: analysis.evidence.analysis });
  for (const [name, short] of Object.entries(SHORT)) {
    if (LISTS.includes(name)) choices[name].forEach((value) => parts.append(short, value));
    else if (choices[name] !== published[name]) parts.set(short, String(choices[name]));
  }
  return HASH + parts.toString();
}

// What an address says, as far as it makes sense; anything else is as published.
function fromHash(hash, analyses) {
  const parts = new URLSearchParams(hash.startsWith(HASH) ? hash.slice(HASH.length) : "");
  const analysis = analyses.find((one) => one.evidence.analysis === parts.get("a")) || analyses[0];
  const choices = publishedChoices(analysis), { rows } = analysis.evidence;
  const known = { excludedSites: rows.map((row) => row.site), excludedKinds: rows.map((row) => row.kind), excludedSources: rows.map((row) => row.source) };
  for (const [name, short] of Object.entries(SHORT)) {
    if (LISTS.includes(name)) choices[name] = [...new Set(parts.getAll(short))].filter((value) => known[name].includes(value));
    else if (parts.has(short)) choices[name] = within(name, parts.get(short), choices[name]);
  }
  return { analysis, choices };
}

function changedNames(analysis, choices) {
  const published = publishedChoices(analysis);
  return Object.keys(SHORT).filter((name) => (LISTS.includes(name) ? choices[name].length : choices[name] !== published[name]));
}

// Scales of the priors are multiplied; of a uniform prior only the upper end, unless it would pass the lower one.
function scaledTau(prior, factor) {
  if (prior.family !== "uniform") return { ...prior, scale: prior.scale * factor };
  return { ...prior, lower: prior.lower * Math.min(factor, 1), upper: prior.upper * factor };
}

function forEngine(analysis, choices) {
  return {
    mu: analysis.priors.mu && analysis.priors.mu.map(({ mean, sd }) => ({ mean, sd: sd * choices.muFactor })),
    tau: scaledTau(analysis.priors.tau, choices.tauFactor),
    epsilon: choices.epsilon === analysis.epsilon ? null : choices.epsilon,
    delta: choices.delta,
    excludedSites: choices.excludedSites, excludedKinds: choices.excludedKinds, excludedSources: choices.excludedSources,
  };
}
