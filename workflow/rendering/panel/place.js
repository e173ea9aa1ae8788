// Where to put the grid: zoom a coarse one onto the posterior, then lay the fine one over what it found.
"use strict";

// Sizes that certainly hold the posterior: prior reach, or the data where the prior is flat.
function firstRange(sites, priors) {
  const rows = sites.flatMap((site) => site.rows);
  const values = rows.flatMap((row) => [row.y, row.lower, row.upper]).filter(Number.isFinite);
  const errors = sites.flatMap((site) => site.rows.map((_, i) => Math.sqrt(site.S[i][i])));
  const spread = Math.max(...values.map(Math.abs), 0) + 8 * Math.max(...errors);
  const tau = priors.tau;
  const ends = { halfnormal: 6.5 * tau.scale, exponential: 24 * tau.scale, uniform: tau.upper };
  const far = ends[tau.family] || Math.max(60 * spread, 60 * (tau.scale || 0));
  return {
    boxes: sites[0].rows[0].design.map((_, c) => {
      const prior = priors.mu && priors.mu[c];
      return prior ? [prior.mean - 6 * prior.sd, prior.mean + 6 * prior.sd] : [-3 * spread, 3 * spread];
    }),
    tau: [tau.lower || 0, far],
    scale: Math.min(Math.min(...errors), far),
  };
}

function inside(points, mass, keep) {
  const top = Math.max(...mass), alive = points.map((_, i) => i).filter((i) => mass[i] > keep * top);
  return [alive[0], alive[alive.length - 1]];
}

// A coarse posterior on the smallest boxes that hold it.
function zoom(sites, priors) {
  const p = sites[0].rows[0].design.length, count = { 1: 41, 2: 17 }[p] || 11, tauCount = p > 2 ? 7 : 10;
  const range = firstRange(sites, priors);
  let { boxes, tau, scale } = range, found;
  for (let round = 0; round < 14; round++) {
    const axes = boxes.map(([low, high]) => stretchedAxis((low + high) / 2, high - low, low, high, (high - low) / (count - 1)));
    const nodes = tauNodes(tau[0], tau[1], scale, tauCount);
    found = new Grid(axes, nodes).posterior(sites, priors, () => "");
    let change = 0;
    const next = axes.map((axis, c) => {
      const density = Array.from(found.mu[c], (m, i) => m / axis.weight[i]);
      const [first, last] = inside(axis.points, density, GRID.keep);
      const low = axis.points[Math.max(first - 1, 0)], high = axis.points[Math.min(last + 1, axis.points.length - 1)];
      change = Math.max(change, 1 - (high - low) / (boxes[c][1] - boxes[c][0]));
      return [low, high];
    });
    const [first, last] = tauReach(found, sites, scale);
    const nextTau = [first > 0 ? nodes.tau[first - 1] : tau[0], last < tauCount - 1 ? nodes.tau[last + 1] : tau[1]];
    change = Math.max(change, 1 - (nextTau[1] - nextTau[0]) / (tau[1] - tau[0]));
    boxes = next;
    tau = nextTau;
    scale = Math.max(range.scale, moments(nodes.tau, found.tau).mean);
    if (change < 0.15) break;
  }
  return { found, boxes, tau, scale };
}

// First and last tau node that matter. A coarse grid may miss the narrow peak that mu has where tau is small, so a
// small tau is dropped only if it would not matter with a grid point on the peak: between points the logarithm of
// the likelihood rises by no more than its curvature allows.
function tauReach({ grid, tau, logTau }, sites, scale) {
  const { nodes, axes } = grid, log = nodes.tau.map((x) => Math.log(x + scale)), least = Math.log(GRID.keep);
  const gaps = axes.map(({ points }) => Math.max(...points.slice(1).map((x, i) => x - points[i])));
  const missed = (t2) => sites.reduce((sum, site) => sum + site.rows.reduce((own, row, i) => (
    own + row.design.reduce((s, d, c) => s + (d * gaps[c]) ** 2, 0) / (site.S[i][i] + t2 * site.R[i][i])), 0), 0) * axes.length / 4;
  const most = nodes.tau.map((x, t) => logTau[t] + log[t] + missed(x * x)), density = tau.map((m, t) => m / nodes.weight[t] * (nodes.tau[t] + scale));
  const top = log[logTau.indexOf(Math.max(...logTau))], first = most.findIndex((m) => m > least + top), last = inside(nodes.tau, density, GRID.keep)[1];
  return [Math.min(Math.max(first, 0), last), last];
}

// Standard deviation of each coefficient given the others, as a share of its own.
function narrowing(posterior) {
  const { grid, weights } = posterior, { axes, cells } = grid, p = axes.length;
  const means = posterior.mu.map((mass, c) => moments(axes[c].points, mass));
  const places = axes.map((_, c) => grid.place([c]));
  const covariance = axes.map(() => new Array(p).fill(0));
  for (let i = 0; i < weights.length; i++) {
    const off = places.map((place, c) => (axes[c].points[place[i % cells]] - means[c].mean) / means[c].sd);
    for (let a = 0; a < p; a++) for (let b = 0; b < p; b++) covariance[a][b] += weights[i] * off[a] * off[b];
  }
  for (let a = 0; a < p; a++) covariance[a][a] += 1e-3;
  const { inverse } = invert(covariance);
  return inverse.map((row, c) => 1 / Math.sqrt(row[c]));
}

// Where one coefficient has its narrowest peak: the numbers' weighted mean if sites do not differ at all.
function numbersPeak(sites) {
  let weight = 0, sum = 0;
  for (const { rows, numbers, S } of sites) for (const i of numbers) {
    const d = rows[i].design[0];
    weight += d * d / S[i][i];
    sum += d * rows[i].y / S[i][i];
  }
  return weight > 0 && { centre: sum / weight, core: 1 / Math.sqrt(weight) };
}

// What the grid cannot answer to the digits that are promised.
class TooHard extends Error {}

// The grid for these sites and priors, refined until its own checks pass; TooHard where they never do.
function placeGrid(sites, priors, keyOf) {
  const { found, boxes: tight, tau: tightTau, scale } = zoom(sites, priors), p = tight.length;
  // Room for what the posterior becomes when a site or two are left out, so that this grid still carries it.
  const boxes = tight.map(([low, high]) => [low - GRID.margin * (high - low), high + GRID.margin * (high - low)]);
  const room = GRID.margin * (tightTau[1] - tightTau[0]), least = priors.tau.lower || 0;
  let tau = [tightTau[0] > least ? Math.max(tightTau[0] - room, least) : least, Math.min(tightTau[1] + room, priors.tau.upper || Infinity)];
  const shares = narrowing(found);
  const cores = found.mu.map((mass, c) => {
    const { points } = found.grid.axes[c], quantile = quantileOf(points, mass);
    return { centre: quantile(0.5), core: Math.max((quantile(0.84) - quantile(0.16)) / 2, 0.5 * (points[1] - points[0])) * shares[c] };
  });
  const peak = p === 1 && numbersPeak(sites);
  if (peak && peak.core < 0.2 * cores[0].core) cores[0] = peak;
  const axesOf = (fineness) => boxes.map(([low, high], c) => stretchedAxis(cores[c].centre, cores[c].core, low, high, fineness[c] * cores[c].core));
  const gridOf = (fineness, tauPoints) => new Grid(axesOf(fineness), tauNodes(tau[0], tau[1], scale, tauPoints));
  const accuracyOf = (grid) => grid.posterior(sites, priors, keyOf).accuracy();
  let fineness = sketched(boxes.map(() => ({ 1: 0.2, 2: 0.45 }[p] || 0.62)), (one) => gridOf(one, GRID.sketch), accuracyOf), tauPoints = GRID.tauPoints, best;
  for (let round = 0; round < 6; round++) {
    const grid = gridOf(fineness, tauPoints);
    if (best && grid.size > GRID.mostPoints) break;
    best = grid.posterior(sites, priors, keyOf);
    const accuracy = best.accuracy(), { tau: loss, shape, tauEdge } = accuracy, finer = refined(fineness, accuracy);
    const smooth = loss < GRID.tauLoss && shape < GRID.shape;
    if (finer) fineness = finer;
    if (!smooth) tauPoints = Math.ceil(1.4 * tauPoints);
    // More of tau where something may lie beyond, except beyond the prior's own ends.
    if (tauEdge >= GRID.tauEdge) tau = [Math.max(tau[0] - room, least), Math.min(1.3 * tau[1], priors.tau.upper || Infinity)];
    if (!finer && smooth && tauEdge < GRID.tauEdge) break;
  }
  if (!best.good) throw new TooHard("the page's grid does not carry this posterior");
  return best;
}

// How fine each axis must be, in shares of its core: found with few nodes in tau, where a grid costs little.
function sketched(fineness, gridOf, accuracyOf) {
  for (let round = 0; round < 6; round++) {
    const finer = refined(fineness, accuracyOf(gridOf(fineness)));
    if (!finer || gridOf(finer).cells * GRID.tauPoints > GRID.mostPoints) break;
    fineness = finer;
  }
  return fineness;
}

// The fineness of the axes that are too coarse made smaller; null if none is. The error of the rule falls as
// exp(-c / h²): how much finer it must be follows from what is seen.
function refined(fineness, { step, steps, peaks }) {
  const coarsest = fineness.length === 1 ? GRID.line : GRID.coarsest, worst = Math.max(...steps);
  if (step < coarsest && peaks < GRID.peaks) return null;
  const factor = (seen) => Math.min(Math.max(Math.sqrt(Math.log(Math.min(seen, 0.9)) / Math.log(coarsest)), 0.6), 0.85);
  return fineness.map((h, c) => (peaks >= GRID.peaks || steps[c] >= Math.min(coarsest, worst) ? h * factor(steps[c]) : h));
}

// A point's mass lies half below it and half above.
function quantileOf(points, mass) {
  const total = mass.reduce((a, b) => a + b, 0), below = [];
  mass.reduce((sum, m, i) => (below[i] = (sum + m / 2) / total, sum + m), 0);
  return (q) => {
    const i = below.findIndex((b) => b >= q);
    if (i <= 0) return i === 0 ? points[0] : points[points.length - 1];
    return points[i - 1] + (points[i] - points[i - 1]) * (q - below[i - 1]) / (below[i] - below[i - 1]);
  };
}
