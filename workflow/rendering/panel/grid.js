// The posterior on a tensor grid: Gauss-Legendre nodes in tau, a stretched trapezoid rule per coefficient.
//
// The likelihood of every site is kept on the grid, so that another prior or a left-out site costs one sum.
"use strict";

const GRID = { sketch: 5, tauPoints: 15, mostPoints: 2500000, coarsest: 0.006, usable: 0.03, peaks: 1e-4, edge: 3e-5, tauEdge: 1.5e-3, tauLoss: 5e-4, shape: 1e-3, line: 1e-4, keep: 1e-7, margin: 0.12, matters: 1e-11 };
const FINE = 801;

function logPriorTau({ family, scale, df, lower, upper }, tau) {
  const z = tau / scale;
  switch (family) {
    case "halfnormal": return Math.log(2 / scale / Math.sqrt(2 * Math.PI)) - z * z / 2;
    case "halfcauchy": return Math.log(2 / Math.PI / scale) - Math.log1p(z * z);
    case "exponential": return -Math.log(scale) - z;
    case "halft": return -Math.log1p(z * z / df) * (df + 1) / 2;
    case "uniform": return tau >= lower && tau <= upper ? -Math.log(upper - lower) : -Infinity;
    case "flat": return 0;
    default: throw new Error(`prior family ${family} is unknown`);
  }
}

function logPriorMu(prior, x) {
  if (!prior) return 0;
  const z = (x - prior.mean) / prior.sd;
  return -z * z / 2 - Math.log(prior.sd * Math.sqrt(2 * Math.PI));
}

// Nodes in tau that are dense near zero and reach far: Gauss-Legendre in log(1 + tau / scale).
function tauNodes(low, high, scale, count) {
  const from = Math.log1p(low / scale), to = Math.log1p(high / scale), rule = gaussLegendre(count);
  const u = rule.nodes.map((x) => from + (to - from) * (1 + x) / 2);
  const tau = u.map((v) => scale * Math.expm1(v));
  return { tau, u, weight: rule.weights.map((w, i) => w * (to - from) / 2 * (scale + tau[i])), from, to, low, high, scale, rule };
}

// Points centre + scale sinh(t): a narrow core on wide shoulders.
function stretchedAxis(centre, core, low, high, step) {
  const scale = 2 * core, from = Math.asinh((low - centre) / scale), to = Math.asinh((high - centre) / scale);
  const count = Math.max(7, Math.ceil((to - from) * scale / step) + 1);
  const t = Array.from({ length: count }, (_, i) => from + (to - from) * i / (count - 1));
  return {
    centre, scale, t,
    points: t.map((v) => centre + scale * Math.sinh(v)),
    weight: t.map((v) => (t[1] - t[0]) * scale * Math.cosh(v)),
  };
}

// A grid holds axes, nodes and the likelihoods of the sites evaluated so far.
class Grid {
  constructor(axes, nodes) {
    this.axes = axes;
    this.nodes = nodes;
    this.shape = axes.map((axis) => axis.points.length);
    this.cells = this.shape.reduce((a, b) => a * b, 1);
    this.all = axes.map((_, c) => c);
    this.sites = new Map();
    this.places = new Map();
    this.even = new Map();
  }

  get size() { return this.cells * this.nodes.tau.length; }

  // A site's likelihood under its reliabilities, which the key names; its pieces stay as long as the rows are the same.
  stored(site, key) {
    const old = this.sites.get(site.label);
    if (old && old.key === key) return old;
    const rows = site.rows.map((row) => row.index).join(), likelihood = old && old.rows === rows ? old.likelihood : new SiteLikelihood(site, this);
    const shared = likelihood.shared(site.sources), made = { key, rows, likelihood, shared, values: likelihood.logValues(shared) };
    this.sites.set(site.label, made);
    return made;
  }

  // For every cell of a tensor over some axes (the whole grid), its cell in a tensor over those of them that are used.
  place(used, axes = this.all) {
    const name = `${used}/${axes}`;
    if (!this.places.has(name)) {
      let place = [0];
      for (const c of axes) {
        const n = this.shape[c], mine = used.includes(c), next = [];
        for (const base of place) for (let i = 0; i < n; i++) next.push(mine ? base * n + i : base);
        place = next;
      }
      this.places.set(name, Int32Array.from(place));
    }
    return this.places.get(name);
  }

  // Shares of an axis' masses up to every point of another axis: they depend on the axes alone.
  sharesUpTo(c, j) {
    this.shares ??= new Map();
    const name = `${c},${j}`;
    if (!this.shares.has(name)) this.shares.set(name, Array.from(this.axes[j].points, (x) => sharesBelow(this.axes[c], x)));
    return this.shares.get(name);
  }

  // Cells whose place on these axes is even.
  evenCells(axes = this.all) {
    if (!this.even.has(`${axes}`)) {
      const places = axes.map((c) => this.place([c]));
      this.even.set(`${axes}`, Int32Array.from(Array.from({ length: this.cells }, (_, g) => g).filter((g) => places.every((place) => place[g] % 2 === 0))));
    }
    return this.even.get(`${axes}`);
  }

  // Normalised posterior weights and what can be read off them.
  posterior(sites, priors, keyOf) {
    const { axes, nodes, cells } = this, weights = new Float64Array(this.size);
    const prior = new Float64Array(cells);
    axes.forEach((axis, c) => {
      const own = axis.points.map((x, i) => logPriorMu(priors.mu && priors.mu[c], x) + Math.log(axis.weight[i]));
      const place = this.place([c]);
      for (let g = 0; g < cells; g++) prior[g] += own[place[g]];
    });
    nodes.tau.forEach((tau, t) => {
      const own = logPriorTau(priors.tau, tau) + Math.log(nodes.weight[t]);
      for (let g = 0; g < cells; g++) weights[t * cells + g] = prior[g] + own;
    });
    const stored = sites.map((site) => this.stored(site, keyOf(site)));
    for (const { likelihood: { used, size }, values } of stored) {
      const place = this.place(used);
      for (let t = 0; t < nodes.tau.length; t++) {
        for (let g = 0; g < cells; g++) weights[t * cells + g] += values[t * size + place[g]];
      }
    }
    const tops = nodes.tau.map((_, t) => {
      let highest = -Infinity;
      for (let i = t * cells; i < (t + 1) * cells; i++) if (weights[i] > highest) highest = weights[i];
      return highest;
    });
    const top = Math.max(...tops);
    let total = 0;
    if (!Number.isFinite(top)) throw new Error("the evidence and the priors exclude each other");
    for (let i = 0; i < weights.length; i++) total += (weights[i] = Math.exp(weights[i] - top));
    for (let i = 0; i < weights.length; i++) weights[i] /= total;
    const known = { low: nodes.low <= (priors.tau.lower || 0), high: nodes.high === priors.tau.upper };
    return new Posterior(this, stored, weights, top + Math.log(total), known, tops.map((one) => one - top + Math.log(cells)));
  }
}

// stored: the likelihoods it was made of, as the grid's own may be another question's by the time they are asked for;
// known: which ends of tau are the prior's own; logTau: no less than the logarithm of each tau node's largest cell
// times the number of cells, beside the largest of all (masses themselves may be too small to be told from zero).
class Posterior {
  constructor(grid, stored, weights, logMarginal, known, logTau) {
    Object.assign(this, { grid, stored, weights, logMarginal, known, logTau });
    const { cells, nodes, axes } = grid;
    this.tau = nodes.tau.map((_, t) => weights.subarray(t * cells, (t + 1) * cells).reduce((a, b) => a + b, 0));
    // Probability of every point of an axis, given each tau node (one row per node).
    this.lines = axes.map((axis, c) => {
      const place = grid.place([c]);
      return nodes.tau.map((_, t) => {
        const line = new Float64Array(axis.points.length);
        for (let g = 0; g < cells; g++) line[place[g]] += weights[t * cells + g];
        return line;
      });
    });
    this.mu = this.lines.map((rows) => rows.reduce((sum, row) => sum.map((v, i) => v + row[i])));
  }

  // How well the grid carries this posterior: mass at the ends, and the shift of means and standard deviations
  // when every other point of every axis is dropped (step), or of one of them (steps).
  accuracy() {
    const { grid } = this, { all } = grid, joint = this.joint();
    const edge = Math.max(...this.mu.map((mass) => Math.max(mass[0], mass[mass.length - 1])));
    const step = this.shift(joint, all), steps = all.length === 1 ? [step] : all.map((c) => this.shift(joint, [c]));
    return { edge, step, steps, peaks: this.peakLoss(), tau: this.tauLoss(), shape: this.tauShape().loss, tauEdge: this.tauEdge(), points: grid.size };
  }

  // The largest such shift, in standard deviations, without every other point of these axes.
  shift(joint, thinned) {
    const { grid } = this, { axes, all } = grid, places = all.map((c) => grid.place([c]));
    const thin = axes.map((axis) => new Float64Array(axis.points.length));
    for (const g of grid.evenCells(thinned)) for (const c of all) thin[c][places[c][g]] += joint[g];
    return Math.max(...axes.map(({ points }, c) => {
      const full = moments(points, this.mu[c]), half = moments(points, thin[c]);
      return Math.max(Math.abs(half.mean - full.mean) / full.sd, Math.abs(half.sd / full.sd - 1));
    }));
  }

  // Mass that the grid may get wrong at tau nodes where mu's peak is narrow. Without every other point a node's mass
  // is off by e, and the rule is off by 2 exp(-c / h²): on the whole grid that is 2 (e / 2)^4.
  peakLoss() {
    const { cells, axes, nodes } = this.grid, even = this.grid.evenCells(), share = 2 ** axes.length;
    return nodes.tau.reduce((sum, _, t) => {
      let half = 0;
      for (let i = 0; i < even.length; i++) half += this.weights[t * cells + even[i]];
      const off = this.tau[t] > 0 ? Math.abs(share * half / this.tau[t] - 1) : 0;
      return sum + this.tau[t] * Math.min(2 * (off / 2) ** 4, 1);
    }, 0);
  }

  // The points that matter, with their probability among these: tau node and cell of each.
  points() {
    const { grid: { cells }, weights } = this, tau = [], cell = [], weight = [];
    let total = 0;
    for (let i = 0; i < weights.length; i++) if (weights[i] > GRID.matters) {
      tau.push(Math.floor(i / cells));
      cell.push(i % cells);
      weight.push(weights[i]);
      total += weights[i];
    }
    return { tau: Int32Array.from(tau), cell: Int32Array.from(cell), weight: Float64Array.from(weight, (w) => w / total) };
  }

  // Probability of every cell, tau summed out.
  joint() {
    const { cells } = this.grid, out = new Float64Array(cells);
    for (let start = 0; start < this.weights.length; start += cells) {
      for (let g = 0; g < cells; g++) out[g] += this.weights[start + g];
    }
    return out;
  }

  // Last two Legendre coefficients of the density of u beside the first: what the tau nodes leave unresolved.
  tauLoss() {
    const { rule } = this.grid.nodes, n = rule.nodes.length;
    const coefficient = (degree) => rule.nodes.reduce((sum, x, i) => {
      let p0 = 1, p1 = x;
      for (let k = 2; k <= degree; k++) [p0, p1] = [p1, ((2 * k - 1) * x * p1 - (k - 1) * p0) / k];
      return sum + this.tau[i] * (degree === 0 ? 1 : p1) * (2 * degree + 1) / 2;
    }, 0);
    return Math.max(Math.abs(coefficient(n - 1)), Math.abs(coefficient(n - 2))) / n / Math.abs(coefficient(0));
  }

  // Tau between its nodes: a polynomial through the logarithm of the density, which is the smoother one, or through
  // the density itself where the logarithm falls too deep for that.
  tauShape() {
    this.shape ??= this.tauBetween(Math.log, Math.exp);
    if (this.shape.loss >= GRID.shape) {
      const other = this.tauBetween((x) => x, (x) => Math.max(x, 0));
      if (other.loss < this.shape.loss) this.shape = other;
    }
    return this.shape;
  }

  // loss: how far the polynomial's mass, mean and standard deviation lie from the nodes' own.
  tauBetween(there, back) {
    const { nodes } = this.grid, { rule } = nodes, n = nodes.tau.length, floor = Math.max(...this.tau) * 1e-250;
    const density = this.tau.map((m, i) => there(Math.max(m, floor) / rule.weights[i]));
    const barycentric = rule.nodes.map((x, i) => (i % 2 ? -1 : 1) * Math.sqrt((1 - x * x) * rule.weights[i]));
    const points = new Float64Array(FINE), mass = new Float64Array(FINE);
    let sum = 0;
    for (let k = 0; k < FINE; k++) {
      const x = -1 + 2 * (k + 0.5) / FINE;
      let top = 0, bottom = 0;
      for (let i = 0; i < n; i++) {
        const w = barycentric[i] / (x - rule.nodes[i] || 1e-15);
        top += w * density[i];
        bottom += w;
      }
      points[k] = nodes.scale * Math.expm1(nodes.from + (nodes.to - nodes.from) * (1 + x) / 2);
      sum += mass[k] = back(top / bottom) * 2 / FINE;
    }
    const own = moments(nodes.tau, this.tau), drawn = moments(points, mass);
    return { points, mass, loss: Math.max(Math.abs(sum - 1), Math.abs(drawn.mean - own.mean) / own.sd, Math.abs(drawn.sd / own.sd - 1)) };
  }

  // Density of u at the outer tau nodes beside the largest: what may lie beyond, unless the prior ends there.
  tauEdge() {
    const density = this.tau.map((m, i) => m / this.grid.nodes.rule.weights[i]);
    return Math.max(this.known.low ? 0 : density[0], this.known.high ? 0 : density[density.length - 1]) / Math.max(...density);
  }

  // Good enough to be shown.
  get good() {
    const { edge, step, peaks, tau, shape, tauEdge } = this.accuracy(), usable = this.mu.length === 1 ? GRID.line : GRID.usable;
    return edge < GRID.edge && step < usable && peaks < GRID.peaks && tau < GRID.tauLoss && shape < GRID.shape && tauEdge < GRID.tauEdge;
  }
}

function moments(points, mass) {
  let total = 0, mean = 0, square = 0;
  for (let i = 0; i < mass.length; i++) { total += mass[i]; mean += mass[i] * points[i]; }
  mean /= total;
  for (let i = 0; i < mass.length; i++) square += mass[i] * (points[i] - mean) ** 2;
  return { mean, sd: Math.sqrt(square / total) };
}
