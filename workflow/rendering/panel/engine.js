// The exact engine for the page: evidence and choices in, pooled answers out. No document, no network.
//
// evidence: one entry of the pipeline's evidence.json; choices: see `defaults`.
"use strict";

function numberOf(value) {
  if (value === null || value === "nan" || value === undefined) return NaN;
  return value === "inf" ? Infinity : value === "-inf" ? -Infinity : Number(value);
}

function readRow(row, index) {
  const se = numberOf(row.se), number = row.kind === "number";
  return {
    index, site: row.site, kind: row.kind, source: row.source, epsilon: Number(row.epsilon), v: se * se,
    y: number ? numberOf(row.y) : NaN,
    lower: number ? NaN : numberOf(row.lower), upper: number ? NaN : numberOf(row.upper),
    design: row.design.map(Number), weights: row.weights && row.weights.map(Number),
    armVariances: row.arm_variances && row.arm_variances.map(Number),
  };
}

// Reader's units: percentage points at a control level, or the model's own scale.
function reader(scale, level) {
  if (scale === "difference") return { forward: (x) => 100 * x, backward: (x) => x / 100, linear: 100 };
  if (scale !== "arcsine") return { forward: (x) => x, backward: (x) => x, linear: 1 };
  const base = Math.asin(Math.sqrt(level)), clip = (x, a, b) => Math.min(Math.max(x, a), b);
  return {
    forward: (x) => 100 * (Math.sin(clip(base + x, 0, Math.PI / 2)) ** 2 - level),
    backward: (points) => {
      const share = level + points / 100;  // what no share can reach has no probability beyond it
      return share <= 0 ? (share < 0 ? -Infinity : -base) : share >= 1 ? (share > 1 ? Infinity : Math.PI / 2 - base) : Math.asin(Math.sqrt(share)) - base;
    },
    linear: 0,
  };
}

class NoEvidence extends Error {}

// Keeps the grid of the published choices and the last other one, with every site's likelihood on them, and the last fit.
class Engine {
  constructor(evidence, published) {
    this.evidence = evidence;
    this.rows = evidence.rows.map(readRow);
    this.covariance = evidence.covariance;
    this.published = { excludedSites: [], excludedKinds: [], excludedSources: [], epsilon: null, kappa: evidence.kappa,
      controlLevel: numberOf(evidence.control_level), delta: 0, level: 0.95, ...published };
    this.grids = [];
    this.last = { asked: "" };
  }

  // Pool under these choices (those not given are as published).
  pool(changes = {}) {
    const { delta, ...choices } = { ...this.published, ...changes }, asked = JSON.stringify(choices);
    // Another smallest effect needs no other fit.
    if (this.last.asked !== asked) this.last = { asked, fit: this.fit(choices) };
    const { read, components, ...fit } = this.last.fit;
    const answer = ({ cdf, ...summary }) => ({ ...summary, ...chancesOf(cdf, read, delta) });
    return {
      ...fit,
      components: components.map(({ average, newSite, newSiteBefore, ...component }) => ({
        ...component, average: answer(average), newSite: answer(newSite), newSiteBefore: newSiteBefore && answer(newSiteBefore),
      })),
    };
  }

  // Everything but what the smallest effect decides.
  fit(choices) {
    const sites = this.sites(choices), { level } = choices;
    if (!sites.length) throw new NoEvidence("no evidence is left");
    const posterior = this.posterior(sites, { mu: choices.mu, tau: choices.tau }, choices);
    const read = reader(this.evidence.scale, choices.controlLevel);
    const best = bestOf(posterior), told = toldApart(sites.flatMap((site) => site.rows.map((row) => row.design)));
    let effects;
    return {
      read,
      components: this.evidence.components.map((name, c) => ({
        name,
        average: averageOf(posterior, c).summary(read, level),
        newSite: newSiteSummary(posterior, c, read, level),
        newSiteBefore: newSiteBefore(choices.mu && choices.mu[c], choices.tau),
        best: best[c],
        told: told[c],
        sites: sites.filter((site) => site.rows.some((row) => row.design[c] !== 0)).length,
      })),
      tau: tauOf(posterior, level),
      logMarginal: posterior.logMarginal,
      accuracy: posterior.accuracy(),
      siteEffects: () => (effects ??= this.siteEffects(posterior, sites, read, level)),
    };
  }

  sites(choices) {
    const keep = this.rows.map((row) => !choices.excludedSites.includes(row.site)
      && !choices.excludedKinds.includes(row.kind) && !choices.excludedSources.includes(row.source));
    const rows = this.rows.filter((_, i) => keep[i]).map((row) => (
      choices.epsilon === null || row.kind !== "interval" ? row : { ...row, epsilon: choices.epsilon }));
    const covariance = this.covariance && this.covariance.filter((_, i) => keep[i])
      .map((line) => line.map(Number).filter((_, i) => keep[i]));
    return cutSites(rows, choices.kappa, covariance);
  }

  // The first stored grid that carries this posterior, or a new one.
  posterior(sites, priors, choices) {
    const key = (site) => `${site.rows.map((row) => `${row.index}:${row.epsilon}`).join()};${choices.kappa}`;
    for (const grid of this.grids) {
      const found = grid.posterior(sites, priors, key);
      if (found.good) return found;
    }
    const placed = placeGrid(sites, priors, key);
    this.grids = this.grids.length ? [this.grids[0], placed.grid] : [placed.grid];
    return placed;
  }

  // Per row of the evidence: mean and sd of the effect there, on the model's scale, and in the reader's unit
  // the interval of the normal distribution that has them.
  siteEffects(posterior, sites, read, level) {
    const found = siteEffectsOf(posterior, sites), z = normalQuantile((1 + level) / 2);
    return sites.flatMap((site) => site.rows.map((row, r) => {
      const { mean, sd } = found.get(site.index[r]);
      const [centre, lower, upper] = [mean, mean - z * sd, mean + z * sd].map(read.forward);
      return { row: row.index, mean, sd, centre, lower, upper };
    }));
  }
}
