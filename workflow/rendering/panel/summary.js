// What is read off a posterior: moments, quantiles, probabilities, the new site, the best component.
"use strict";

// A distribution as masses on sorted points; `read` turns the model's scale into the reader's unit.
class Distribution {
  constructor(points, mass) {
    const total = mass.reduce((a, b) => a + b, 0);
    this.points = points;
    this.mass = mass.map((m) => m / total);
    this.below = [];
    this.mass.reduce((sum, m, i) => (this.below[i] = sum + m / 2, sum + m), 0);
  }

  cdf(x) {
    const { points, below } = this, last = points.length - 1;
    if (x <= points[0]) return 0;
    if (x >= points[last]) return 1;
    let low = 0, high = last;
    while (high - low > 1) { const middle = (low + high) >> 1; if (points[middle] > x) high = middle; else low = middle; }
    return below[low] + (below[high] - below[low]) * (x - points[low]) / (points[high] - points[low]);
  }

  quantile(q) {
    const { points, below } = this;
    let low = 0, high = points.length - 1;
    if (q <= below[0]) return points[0];
    if (q >= below[high]) return points[high];
    while (high - low > 1) { const middle = (low + high) >> 1; if (below[middle] > q) high = middle; else low = middle; }
    return points[low] + (points[high] - points[low]) * (q - below[low]) / (below[high] - below[low]);
  }

  summary(read, level) {
    const { mean, sd } = moments(this.points.map(read.forward), this.mass);
    const at = (q) => read.forward(this.quantile(q));
    return { mean, sd, median: at(0.5), lower: at((1 - level) / 2), upper: at((1 + level) / 2), cdf: (x) => this.cdf(x) };
  }
}

// Chances of a rise, of one above the smallest effect that matters, and of a fall below it.
function chancesOf(cdf, read, delta) {
  return { positive: 1 - cdf(0), above: 1 - cdf(read.backward(delta)), below: cdf(read.backward(-delta)) };
}

// Masses on a finer set of points: the logarithm of the density is smooth, so a polynomial through it loses little.
function refine(axis, mass, count) {
  const { t, centre, scale, points } = axis, floor = Math.max(...mass) * 1e-250;
  const log = Array.from(mass, (m, i) => Math.log(Math.max(m, floor) / axis.weight[i]));
  const h = t[1] - t[0], step = (t[t.length - 1] - t[0]) / (count - 1);
  const fine = Array.from({ length: count }, (_, i) => t[0] + step * i);
  const finer = fine.map((v) => centre + scale * Math.sinh(v));
  return {
    points: finer,
    mass: fine.map((v, i) => Math.exp(interpolate(points, log, (v - t[0]) / h, finer[i])) * scale * Math.cosh(v) * step),
  };
}

function averageOf(posterior, c) {
  const { points, mass } = refine(posterior.grid.axes[c], posterior.mu[c], FINE);
  return new Distribution(points, mass);
}

// Posterior of tau: moments from the nodes, quantiles from the polynomial through the density at the nodes.
function tauOf(posterior, level) {
  const { mean, sd } = moments(posterior.grid.nodes.tau, posterior.tau), { points, mass } = posterior.tauShape();
  const shape = new Distribution(points, mass);
  return { mean, sd, median: shape.quantile(0.5), lower: shape.quantile((1 - level) / 2), upper: shape.quantile((1 + level) / 2) };
}

// Effect in a new site: mu + N(0, tau), mixed over the grid; a fine cell counts as spread over its width.
function newSiteOf(posterior, c) {
  const { nodes, axes } = posterior.grid, parts = [];
  nodes.tau.forEach((tau, t) => {
    if (posterior.tau[t] < 1e-9) return;
    const { points, mass } = refine(axes[c], posterior.lines[c][t], 121);
    const total = mass.reduce((a, b) => a + b, 0);
    points.forEach((x, i) => {
      const m = mass[i] / total * posterior.tau[t];
      if (m < 1e-10) return;
      const width = (points[Math.min(i + 1, 120)] - points[Math.max(i - 1, 0)]) / 2;
      parts.push([m, x, Math.sqrt(tau * tau + width * width / 12)]);
    });
  });
  const total = parts.reduce((sum, [m]) => sum + m, 0);
  const cdf = (x) => {
    let sum = 0;
    for (let i = 0; i < parts.length; i++) sum += parts[i][0] * tabledCdf((x - parts[i][1]) / parts[i][2]);
    return sum / total;
  };
  const mean = parts.reduce((sum, [m, x]) => sum + m * x, 0) / total;
  const sd = Math.sqrt(parts.reduce((sum, [m, x, s]) => sum + m * ((x - mean) ** 2 + s * s), 0) / total);
  return { mean, sd, cdf };
}

// The same in the reader's unit: the distribution tabulated where it varies.
function newSiteSummary(posterior, c, read, level) {
  const { mean, sd, cdf } = newSiteOf(posterior, c), reach = 7, count = 141;
  const ends = Array.from({ length: count + 1 }, (_, i) => mean + sd * reach * (2 * i / count - 1));
  const below = ends.map(cdf);
  const points = ends.slice(1).map((x, i) => (x + ends[i]) / 2), mass = points.map((_, i) => Math.max(below[i + 1] - below[i], 0));
  const quantile = (q) => {
    const i = Math.max(below.findIndex((p) => p > q), 1);
    return read.forward(root((x) => cdf(x) - q, ends[i - 1], ends[i]));
  };
  const own = read.linear ? { mean: read.forward(mean), sd: sd * read.linear } : moments(points.map(read.forward), mass);
  return { ...own, median: quantile(0.5), lower: quantile((1 - level) / 2), upper: quantile((1 + level) / 2), cdf };
}

// Probability that each coefficient is the largest: the others integrated up to it, point by point.
function bestOf(posterior) {
  const { axes, cells, shape } = posterior.grid, p = axes.length;
  if (p === 1) return [1];
  const joint = posterior.joint(), places = axes.map((_, c) => posterior.grid.place([c]));
  const found = axes.map((_, j) => {
    const shares = axes.map((_, c) => (c === j ? null : posterior.grid.sharesUpTo(c, j)));
    let sum = 0;
    for (let g = 0; g < cells; g++) {
      let product = joint[g];
      for (let c = 0; c < p; c++) if (c !== j) product *= shares[c][places[j][g]][places[c][g]];
      sum += product;
    }
    return sum;
  });
  const total = found.reduce((a, b) => a + b);
  return found.map((f) => f / total);
}

// Factors on the masses of an axis that make their sum the integral up to x of the spline through the density.
function sharesBelow(axis, x) {
  const { t, centre, scale } = axis, n = t.length, at = Math.asinh((x - centre) / scale), h = t[1] - t[0];
  if (!axis.unitCurvature) axis.unitCurvature = t.map((_, k) => splineCurvature(t, t.map((_, i) => (i === k ? 1 : 0))));
  return t.map((_, k) => {
    const m = axis.unitCurvature[k];
    let sum = 0;
    for (let i = 0; i < n - 1 && t[i] < at; i++) {
      const z = Math.min((at - t[i]) / h, 1), r = 1 - z, y0 = i === k ? 1 : 0, y1 = i + 1 === k ? 1 : 0;
      sum += y0 * (1 - r * r) / 2 + y1 * z * z / 2
        + h * h / 6 * (m[i] * ((1 - r ** 4) / 4 - (1 - r * r) / 2) + m[i + 1] * (z ** 4 / 4 - z * z / 2));
    }
    return sum;
  });
}
