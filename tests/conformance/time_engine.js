// Read one vector's input from standard input and print how long the page's engine takes for each kind of
// change: the least processor time (ms) of three rounds, each with an engine of its own.
"use strict";
const fs = require("fs");
const { Engine, evidence, muPrior } = require("./run_vectors.js");

const input = JSON.parse(fs.readFileSync(0, "utf8"));
const given = evidence(input);
const priors = { mu: muPrior(input.mu_prior, given.components.length), tau: input.tau_prior };
const wider = { ...input.tau_prior, scale: 1.5 * input.tau_prior.scale };
const changes = {
  first: {}, prior: { tau: wider }, delta: { delta: 0.01 },
  site: { excludedSites: [given.rows[0].site] }, epsilon: { epsilon: 0.2 },
};
const least = {};
for (let round = 0; round < 3; round++) {
  const engine = new Engine(given, priors);
  for (const [name, change] of Object.entries(changes)) {
    const before = process.cpuUsage();
    engine.pool(change);
    const { user, system } = process.cpuUsage(before);
    least[name] = Math.min(least[name] ?? Infinity, (user + system) / 1000);
  }
}
console.log(JSON.stringify(least));
