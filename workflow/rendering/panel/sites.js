// One site's likelihood on a grid of mu and tau: rows of numbers and statements with one control group.
//
// Numbers are absorbed first. Given them the statements have covariance diag(D) + f f' (one shared control,
// or any two or three rows); given that one shift they are independent, and each source's reliability mixture
// sits inside the integral over it.
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

// The site given its numbers at one tau: statement b ~ N(M_b mu + c_b, K).
function absorb(site, tau, offset) {
  const t2 = tau * tau, p = site.rows[0].design.length;
  const C = (i, j) => site.S[i][j] + t2 * site.R[i][j];
  const N = site.numbers, A = site.statements;
  const { inverse, logDeterminant } = invert(N.map((i) => N.map((j) => C(i, j))));
  const gain = A.map((a) => N.map((_, k) => N.reduce((sum, j, l) => sum + C(a, j) * inverse[l][k], 0)));
  const M = A.map((a, b) => Array.from({ length: p }, (_, c) =>
    site.rows[a].design[c] - N.reduce((sum, i, k) => sum + gain[b][k] * site.rows[i].design[c], 0)));
  const c = A.map((a, b) => offset[a] + N.reduce((sum, i, k) => sum + gain[b][k] * (site.rows[i].y - offset[i]), 0));
  const K = A.map((a, b) => A.map((e) => C(a, e) - N.reduce((sum, j, k) => sum + gain[b][k] * C(j, e), 0)));
  return { inverse, logDeterminant, M, c, ...oneFactor(K, site.label) };
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

function shiftNodes(f, D) {
  if (f.every((x) => x === 0)) return { nodes: [0], weights: [1] };
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

// How the probability that all statements hold becomes the site's: one source is right, or wrong with probability q.
// Null where several sources are right or wrong each by itself.
function oneMixture({ sources }) {
  if (sources.every(({ epsilon }) => !(epsilon > 0))) return { right: 1, wrong: 0 };
  return sources.length === 1 ? { right: 1 - sources[0].epsilon, wrong: sources[0].epsilon * sources[0].q } : null;
}

// Log likelihood over tau (slowest) and the axes the site uses. shift(tau) offsets the rows' means. `parts` keeps what
// does not depend on the reliability of a single source: the numbers' share and the statements' probability.
function siteTensor(site, axes, taus, shift, parts = {}) {
  const mixture = oneMixture(site);
  if (!mixture) return fullTensor(site, axes, taus, shift);
  parts.known ??= fullTensor(site, axes, taus, shift, (parts.joint = []));
  const { used, size, values: numbers } = parts.known, values = Float64Array.from(numbers);
  if (site.statements.length) parts.joint.forEach((joint, t) => {
    for (let g = 0; g < size; g++) values[t * size + g] += Math.log(Math.max(mixture.right * joint[g] + mixture.wrong, 1e-300));
  });
  return { used, size, values };
}

function fullTensor(site, axes, taus, shift, apart) {
  const used = usedAxes(site), points = used.map((c) => axes[c].points);
  const size = points.reduce((n, x) => n * x.length, 1);
  const values = new Float64Array(size * taus.length);
  const zero = site.rows.map(() => 0);
  taus.forEach((tau, t) => {
    const offset = shift ? shift(tau) : zero;
    const given = absorb(site, tau, offset);
    const out = values.subarray(t * size, (t + 1) * size);
    addNumbers(site, given, offset, used, points, out);
    if (site.statements.length && apart) apart.push(allHold(site, given, used, points, size));
    else if (site.statements.length) addStatements(site, given, used, points, out);
  });
  return { used, size, values };
}

// Values of sum_c coefficients[c] mu_c on the tensor of the used axes.
function predictor(coefficients, used, points) {
  let out = [0];
  used.forEach((c, k) => {
    const next = [];
    for (const base of out) for (const x of points[k]) next.push(base + coefficients[c] * x);
    out = next;
  });
  return out;
}

function addNumbers(site, given, offset, used, points, out) {
  const N = site.numbers;
  if (!N.length) return;
  const residuals = N.map((i) => predictor(site.rows[i].design, used, points)
    .map((m) => site.rows[i].y - offset[i] - m));
  const constant = given.logDeterminant + N.length * Math.log(2 * Math.PI);
  for (let g = 0; g < out.length; g++) {
    let quadratic = 0;
    for (let i = 0; i < N.length; i++) {
      for (let j = 0; j < N.length; j++) quadratic += given.inverse[i][j] * residuals[i][g] * residuals[j][g];
    }
    out[g] -= (quadratic + constant) / 2;
  }
}

function addStatements(site, given, used, points, out) {
  const { nodes, weights } = shiftNodes(given.f, given.D), shifts = nodes.length;
  const tables = site.statements.map((r, b) => statementTable(site.rows[r], given, b, nodes, used, points));
  const product = new Float64Array(shifts), joint = new Float64Array(shifts);
  for (let g = 0; g < out.length; g++) {
    product.set(weights);
    for (const { positions, epsilon, q } of site.sources) {
      multiply(joint.fill(1), positions, tables, g, shifts);
      const right = 1 - epsilon, wrong = epsilon * q;
      for (let s = 0; s < shifts; s++) product[s] *= right * joint[s] + wrong;
    }
    let total = 0;
    for (let s = 0; s < shifts; s++) total += product[s];
    out[g] += Math.log(Math.max(total, 1e-300));
  }
}

// Probability that all statements hold, on the tensor of the used axes.
function allHold(site, given, used, points, size) {
  const { nodes, weights } = shiftNodes(given.f, given.D), shifts = nodes.length, out = new Float64Array(size);
  const [first, ...others] = site.statements.map((r, b) => statementTable(site.rows[r], given, b, nodes, used, points));
  for (let i = 0; i < first.values.length; i++) first.values[i] *= weights[i % shifts];
  const [second, third] = others, further = others.slice(2), product = new Float64Array(shifts);
  for (let g = 0; g < size; g++) {
    const a = first.place[g] * shifts, b = second ? second.place[g] * shifts : 0, c = third ? third.place[g] * shifts : 0;
    let total = 0;
    if (!second) for (let s = 0; s < shifts; s++) total += first.values[a + s];
    else if (!third) for (let s = 0; s < shifts; s++) total += first.values[a + s] * second.values[b + s];
    else if (!further.length) for (let s = 0; s < shifts; s++) total += first.values[a + s] * second.values[b + s] * third.values[c + s];
    else {
      for (let s = 0; s < shifts; s++) product[s] = first.values[a + s] * second.values[b + s] * third.values[c + s];
      for (const { values, place } of further) for (let s = 0; s < shifts; s++) product[s] *= values[place[g] * shifts + s];
      for (let s = 0; s < shifts; s++) total += product[s];
    }
    out[g] = total;
  }
  return out;
}

function multiply(joint, positions, tables, g, shifts) {
  for (const b of positions) {
    const { values, place } = tables[b], start = place[g] * shifts;
    for (let s = 0; s < shifts; s++) joint[s] *= values[start + s];
  }
}

// Probability of one statement for every distinct mean and shift; place says which mean a grid point has.
function statementTable(row, given, b, nodes, used, points) {
  const needs = used.map((c) => Math.abs(given.M[b][c]) > 1e-12);
  const mine = used.filter((_, k) => needs[k]);
  const means = predictor(given.M[b], mine, points.filter((_, k) => needs[k]));
  const s = Math.sqrt(given.D[b]), values = new Float64Array(means.length * nodes.length);
  means.forEach((m, i) => nodes.forEach((z, k) => {
    const centre = m + given.c[b] + given.f[b] * z;
    values[i * nodes.length + k] = intervalProbability((row.lower - centre) / s, (row.upper - centre) / s);
  }));
  let place = [0];
  used.forEach((_, k) => {
    const next = [];
    for (const base of place) points[k].forEach((_, i) => next.push(needs[k] ? base * points[k].length + i : base));
    place = next;
  });
  return { values, place };
}
