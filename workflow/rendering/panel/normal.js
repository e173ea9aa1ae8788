// The normal distribution, small matrices, and interpolation: what the engine needs of mathematics.
"use strict";

// Distribution function to 1e-15 (Hart 1968, algorithm 5666, as in West 2005).
function normalCdf(x) {
  const z = Math.abs(x);
  let tail = 0;
  if (z <= 37) {
    const e = Math.exp(-z * z / 2);
    if (z < 7.07106781186547) {
      const top = ((((((3.52624965998911e-2 * z + 0.700383064443688) * z + 6.37396220353165) * z
        + 33.912866078383) * z + 112.079291497871) * z + 221.213596169931) * z + 220.206867912376);
      const bottom = (((((((8.83883476483184e-2 * z + 1.75566716318264) * z + 16.064177579207) * z
        + 86.7807322029461) * z + 296.564248779674) * z + 637.333633378831) * z
        + 793.826512519948) * z + 440.413735824752);
      tail = e * top / bottom;
    } else {
      tail = e / (z + 1 / (z + 2 / (z + 3 / (z + 4 / (z + 0.65))))) / 2.506628274631;
    }
  }
  return x > 0 ? 1 - tail : tail;
}

// Where the distribution function has this value.
function normalQuantile(p) {
  return root((x) => normalCdf(x) - p, -38, 38);
}

function normalDensity(x) {
  return Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
}

// The distribution function from a table, to 1e-9: cubic between steps of 1/32, with the density as slope. For sums of thousands.
const TABLE = { reach: 8, steps: 32 };
function tabledCdf(x) {
  const { reach, steps } = TABLE;
  if (!(x > -reach)) return 0;
  if (x >= reach) return 1;
  TABLE.values ??= Float64Array.from({ length: 2 * reach * steps + 1 }, (_, i) => normalCdf(i / steps - reach));
  TABLE.slopes ??= Float64Array.from({ length: 2 * reach * steps + 1 }, (_, i) => normalDensity(i / steps - reach) / steps);
  const { values, slopes } = TABLE, place = (x + reach) * steps, i = Math.floor(place), z = place - i, r = 1 - z;
  return values[i] * r * r * (1 + 2 * z) + values[i + 1] * z * z * (1 + 2 * r) + slopes[i] * z * r * r - slopes[i + 1] * z * z * r;
}

// P(a < Z < b), taken in the lower tail so that no digits are lost.
function intervalProbability(a, b) {
  return a + b > 0 ? normalCdf(-a) - normalCdf(-b) : normalCdf(b) - normalCdf(a);
}

// Inverse and log determinant of a small positive definite matrix (Gauss-Jordan).
function invert(matrix) {
  const n = matrix.length;
  const a = matrix.map((row, i) => [...row, ...row.map((_, j) => (i === j ? 1 : 0))]);
  let logDeterminant = 0;
  for (let i = 0; i < n; i++) {
    const pivot = a[i][i];
    if (!(pivot > 0)) throw new Error("a covariance matrix is not positive definite");
    logDeterminant += Math.log(pivot);
    for (let j = 0; j < 2 * n; j++) a[i][j] /= pivot;
    for (let k = 0; k < n; k++) {
      if (k === i || a[k][i] === 0) continue;
      const f = a[k][i];
      for (let j = 0; j < 2 * n; j++) a[k][j] -= f * a[i][j];
    }
  }
  return { inverse: a.map((row) => row.slice(n)), logDeterminant };
}

// Gauss-Legendre nodes and weights on (-1, 1), by Newton's method from the usual first guess.
const RULES = new Map();
function gaussLegendre(n) {
  if (!RULES.has(n)) RULES.set(n, newRule(n));
  return RULES.get(n);
}

function newRule(n) {
  const nodes = [], weights = [];
  for (let i = 0; i < n; i++) {
    let x = -Math.cos(Math.PI * (i + 0.75) / (n + 0.5)), slope = 1;
    for (let step = 0; step < 50; step++) {
      let p0 = 1, p1 = x;
      for (let k = 2; k <= n; k++) [p0, p1] = [p1, ((2 * k - 1) * x * p1 - (k - 1) * p0) / k];
      slope = n * (x * p1 - p0) / (x * x - 1);
      const move = p1 / slope;
      x -= move;
      if (Math.abs(move) < 1e-15) break;
    }
    nodes.push(x);
    weights.push(2 / ((1 - x * x) * slope * slope));
  }
  return { nodes, weights };
}

// Second derivatives of the natural cubic spline through (x, y).
function splineCurvature(x, y) {
  const n = x.length, c = new Float64Array(n), d = new Float64Array(n), m = new Float64Array(n);
  for (let i = 1; i < n - 1; i++) {
    const h0 = x[i] - x[i - 1], h1 = x[i + 1] - x[i];
    const right = 6 * ((y[i + 1] - y[i]) / h1 - (y[i] - y[i - 1]) / h0);
    const pivot = 2 * (h0 + h1) - h0 * c[i - 1];
    c[i] = h1 / pivot;
    d[i] = (right - h0 * d[i - 1]) / pivot;
  }
  for (let i = n - 2; i > 0; i--) m[i] = d[i] - c[i] * m[i + 1];
  return m;
}

// Value at `at` of the polynomial of degree five through the six of the points (x, y) nearest to place (an index).
function interpolate(x, y, place, at) {
  const first = Math.min(Math.max(Math.floor(place) - 2, 0), y.length - 6);
  let sum = 0;
  for (let i = first; i < first + 6; i++) {
    let share = y[i];
    for (let j = first; j < first + 6; j++) if (j !== i) share *= (at - x[j]) / (x[i] - x[j]);
    sum += share;
  }
  return sum;
}

// Where a rising function reaches zero, between two ends (Illinois method).
function root(f, low, high) {
  let fl = f(low), fh = f(high), side = 0, x = low;
  if (fl >= 0) return low;
  if (fh <= 0) return high;
  for (let step = 0; step < 80; step++) {
    x = (low * fh - high * fl) / (fh - fl);
    const fx = f(x);
    if (Math.abs(fx) < 1e-9 || high - low < 1e-12 * (Math.abs(low) + Math.abs(high))) break;
    if (fx > 0) { high = x; fh = fx; if (side === 1) fl /= 2; side = 1; }
    else { low = x; fl = fx; if (side === -1) fh /= 2; side = -1; }
  }
  return x;
}
