// Read vectors (JSON lines of {id, input, theta_rows}) from standard input, pool each with the page's engine
// and print one line of answers for each: what test_js_engine.py compares.
"use strict";
const fs = require("fs");
const path = require("path");

const folder = path.join(__dirname, "..", "..", "workflow", "rendering", "panel");
const order = JSON.parse(fs.readFileSync(path.join(folder, "order.json"), "utf8"));

// What the panel's files define under these names.
function defined(names, files) {
  const source = files.map((name) => fs.readFileSync(path.join(folder, name), "utf8")).join("\n");
  return new Function(`${source}\nreturn { ${names} };`)();
}

const { Engine } = defined("Engine", order.engine);

const at = (value, i) => (Array.isArray(value) ? value[i] : value);

function evidence(input) {
  const n = input.y.length;
  return {
    components: (input.X ? input.X[0] : [1]).map((_, c) => `component ${c}`),
    kappa: input.kappa, scale: "model", control_level: "nan", covariance: input.V,
    rows: Array.from({ length: n }, (_, i) => ({
      site: input.groups ? input.groups[i] : `site ${i}`, kind: input.y[i] === null ? "interval" : "number",
      y: input.y[i], se: Math.sqrt(input.V ? input.V[i][i] : input.v[i]),
      lower: input.lower && input.lower[i], upper: input.upper && input.upper[i],
      design: input.X ? input.X[i] : [1], source: at(input.source, i), epsilon: at(input.epsilon, i),
      weights: input.contrast && input.contrast[0][i], arm_variances: input.contrast && input.contrast[1][i],
    })),
  };
}

function muPrior(prior, p) {
  return prior && Array.from({ length: p }, (_, c) => ({ mean: at(prior.mean, c), sd: at(prior.sd, c) }));
}

function answer({ id, input, theta_rows: thetaRows }) {
  const given = evidence(input), started = process.hrtime.bigint();
  const priors = { mu: muPrior(input.mu_prior, given.components.length), tau: input.tau_prior || { family: "flat" } };
  const result = new Engine(given, priors).pool();
  const ms = Number(process.hrtime.bigint() - started) / 1e6;
  const effects = new Map(thetaRows.length ? result.siteEffects().map((e) => [e.row, e]) : []);
  const read = ({ mean, sd, lower, median, upper, positive }) => ({ mean, sd, q025: lower, median, q975: upper, positive });
  return {
    id, ms, accuracy: result.accuracy,
    mu: result.components.map(({ average }) => read(average)),
    new_site: result.components.map(({ newSite: { mean, sd, positive } }) => ({ mean, sd, positive })),
    tau: { mean: result.tau.mean, sd: result.tau.sd, median: result.tau.median },
    log_ml: result.logMarginal, best: result.components.map(({ best }) => best),
    theta: thetaRows.map((row) => ({ row, mean: effects.get(row).mean, sd: effects.get(row).sd })),
  };
}

function run() {
  for (const line of fs.readFileSync(0, "utf8").split("\n").filter(Boolean)) {
    const vector = JSON.parse(line);
    try {
      console.log(JSON.stringify(answer(vector)));
    } catch (error) {
      console.log(JSON.stringify({ id: vector.id, error: error.message }));
    }
  }
}

if (require.main === module) run();
module.exports = { Engine, defined, order, evidence, muPrior };
