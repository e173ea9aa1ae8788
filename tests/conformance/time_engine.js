// Read one vector's input from standard input and print how long the page's engine takes for the first answer and for
// each kind of change to the published choices, site effects included: the least processor time (ms) of five rounds.
"use strict";
const fs = require("fs");
const { Engine, evidence, muPrior } = require("./run_vectors.js");

const input = JSON.parse(fs.readFileSync(0, "utf8"));
const given = evidence(input);
const priors = { mu: muPrior(input.mu_prior, given.components.length), tau: input.tau_prior };
const wider = { ...input.tau_prior, scale: 1.5 * input.tau_prior.scale };
const changes = {
  prior: () => ({ tau: wider }), delta: (round) => ({ delta: 0.01 * round }),
  site: () => ({ excludedSites: [given.rows[0].site] }), epsilon: (round) => ({ epsilon: 0.2 + 0.02 * round }),
};
const engine = new Engine(given, priors);
function spent(change) {
  const before = process.cpuUsage();
  engine.pool(change).siteEffects();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
const least = { first: spent({}) };
for (let round = 0; round < 5; round++) for (const [name, change] of Object.entries(changes)) {
  engine.pool({}).siteEffects();
  least[name] = Math.min(least[name] ?? Infinity, spent(change(round)));
}
console.log(JSON.stringify(least));
