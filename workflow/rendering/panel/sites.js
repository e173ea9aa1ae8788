// One site: its rows of numbers and statements with one control group, and what they are at one tau.
//
// Numbers are absorbed first. Given them the statements have covariance diag(D) + f f' (one shared control,
// or any two or three rows); given that one shift they are independent.
"use strict";

const SHIFT_REACH = 5.5;  // with this step the integral over the shift is good to 1e-4
const SHIFT_STEP = 0.9;

// Cut rows {site, y, v, lower, upper, design, weights, armVariances, source, epsilon} into sites.
// covariance: sampling covariance of all rows (optional); without weights rows share no arm.
function cutSites(rows, kappa, covariance) {
  const labels = [...new Set(rows.map((row) => row.site))];
  return labels.map((label) => {
    const index = rows.map((_, i) => i).filter((i) => rows[i].site === label);
    const own = index.map((i) => rows[i]);
    const dot = (a, b, by) => a.reduce((sum, w, k) => sum + (w ? w * b[k] * by[k] : 0), 0);
    const S = own.map((a, i) => own.map((b, j) => {
      if (covariance) return covariance[index[i]][index[j]];
      if (!a.weights) return i === j ? a.v : 0;
      return dot(a.weights, b.weights, a.armVariances);
    }));
    const R = own.map((a, i) => own.map((b, j) => {
      if (!a.weights) return i === j ? 1 : 0.5;
      return a.weights.reduce((sum, w, k) => sum + w * b.weights[k], 0) / 2;
    }));
    const numbers = [], statements = [];
    own.forEach((row, i) => {
      if (Number.isFinite(row.y)) numbers.push(i);
      else if (row.lower > -Infinity || row.upper < Infinity) statements.push(i);
    });
    return { label, index, rows: own, S, R, numbers, statements, sources: groupSources(own, S, statements, kappa) };
  });
}

// Statements that are right or wrong together, with the probability q they have if the source is wrong.
function groupSources(rows, S, statements, kappa) {
  const groups = new Map();
  statements.forEach((r, position) => {
    const row = rows[r], key = row.epsilon > 0 ? `source ${row.source}` : `row ${r}`;
    const group = groups.get(key) || { positions: [], epsilon: row.epsilon, q: 1 };
    const spread = kappa * Math.sqrt(S[r][r]);
    group.positions.push(position);
    group.q *= intervalProbability(row.lower / spread, row.upper / spread);
    groups.set(key, group);
  });
  return [...groups.values()];
}

// The site given its numbers at one tau: statement b ~ N(M_b mu + c_b, K); gain: how far it follows each number.
function absorb(site, tau) {
  const t2 = tau * tau, p = site.rows[0].design.length;
  const C = (i, j) => site.S[i][j] + t2 * site.R[i][j];
  const N = site.numbers, A = site.statements;
  const { inverse, logDeterminant } = invert(N.map((i) => N.map((j) => C(i, j))));
  const gain = A.map((a) => N.map((_, k) => N.reduce((sum, j, l) => sum + C(a, j) * inverse[l][k], 0)));
  const M = A.map((a, b) => Array.from({ length: p }, (_, c) =>
    site.rows[a].design[c] - N.reduce((sum, i, k) => sum + gain[b][k] * site.rows[i].design[c], 0)));
  const c = A.map((_, b) => N.reduce((sum, i, k) => sum + gain[b][k] * site.rows[i].y, 0));
  const K = A.map((a, b) => A.map((e) => C(a, e) - N.reduce((sum, j, k) => sum + gain[b][k] * C(j, e), 0)));
  return { inverse, logDeterminant, gain, M, c, ...oneFactor(K, site.label) };
}

// K = diag(D) + f f': exact for up to two rows, for three where it can be, and for arms with one control.
function oneFactor(K, label) {
  const d = K.length, f = new Array(d).fill(0);
  if (d === 2) {
    const r = K[0][1] / Math.sqrt(K[0][0] * K[1][1]);
    f[0] = Math.sqrt(K[0][0] * Math.abs(r));
    f[1] = Math.sign(r) * Math.sqrt(K[1][1] * Math.abs(r));
  } else if (d > 2 && K[0][1] !== 0) {
    f[0] = Math.sqrt(Math.abs(K[0][1] * K[0][2] / K[1][2]));
    for (let i = 1; i < d; i++) f[i] = K[0][i] / f[0];
  }
  const D = K.map((row, i) => row[i] - f[i] * f[i]);
  const scale = Math.max(...D.map(Math.abs), 0);
  const holds = K.every((row, i) => D[i] > 0 && row.every((k, j) => i === j || Math.abs(k - f[i] * f[j]) < 1e-7 * scale));
  if (!holds) throw new Error(`site ${label}: its statements share more than one group of people`);
  return { D, f };
}

function shiftNodes({ f, D }) {
  if (f.every((x) => x === 0)) return { nodes: [0], weights: Float64Array.of(1) };
  const ratio = Math.max(...f.map((x, i) => x * x / D[i]));
  const step = SHIFT_STEP / Math.sqrt(1 + 1.2 * ratio), count = Math.ceil(SHIFT_REACH / step);
  const nodes = Array.from({ length: 2 * count + 1 }, (_, i) => SHIFT_REACH * (i - count) / count);
  const weights = nodes.map((z) => Math.exp(-z * z / 2));
  const total = weights.reduce((a, b) => a + b);
  return { nodes, weights: Float64Array.from(weights, (w) => w / total) };
}

// Which axes a site's likelihood depends on.
function usedAxes(site) {
  const p = site.rows[0].design.length, told = [...site.numbers, ...site.statements];
  return Array.from({ length: p }, (_, c) => c).filter((c) => told.some((r) => site.rows[r].design[c] !== 0));
}
