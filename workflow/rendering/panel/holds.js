// The probability that statements hold, on points of mu at one tau.
//
// A table has, for every point of some of the axes and every node of the shared shift (fastest), a probability, and
// where they are asked for its derivatives as the statements' means move: `of` says by which statements, at most two.
"use strict";

// Values of sum_c coefficients[c] mu_c on the points of these axes.
function predictor(coefficients, axes, used) {
  let out = Float64Array.of(0);
  for (const c of used) {
    const { points } = axes[c], n = points.length, next = new Float64Array(out.length * n);
    for (let i = 0; i < next.length; i++) next[i] = out[Math.floor(i / n)] + coefficients[c] * points[i % n];
    out = next;
  }
  return out;
}

function statementTable(row, given, b, nodes, axes, derivatives) {
  const own = axes.map((_, c) => c).filter((c) => Math.abs(given.M[b][c]) > 1e-12);
  const means = predictor(given.M[b], axes, own), s = Math.sqrt(given.D[b]), shifts = nodes.length;
  const [value, first, second] = [[], [b], [b, b]].map((of) => ({ of, values: new Float64Array(means.length * shifts) }));
  for (let i = 0; i < value.values.length; i++) {
    const centre = means[Math.floor(i / shifts)] + given.c[b] + given.f[b] * nodes[i % shifts];
    const low = (row.lower - centre) / s, high = (row.upper - centre) / s;
    value.values[i] = intervalProbability(low, high);
    if (!derivatives) continue;
    const atLow = normalDensity(low), atHigh = normalDensity(high);
    first.values[i] = (atLow - atHigh) / s;
    second.values[i] = ((atLow > 0 ? low * atLow : 0) - (atHigh > 0 ? high * atHigh : 0)) / (s * s);
  }
  return { axes: own, parts: derivatives ? [value, first, second] : [value] };
}

// A source that is right with probability `right`, and wrong with one that does not depend on mu.
function mixed({ axes, parts }, right, wrong) {
  return { axes, parts: parts.map(({ of, values }) => ({ of, values: values.map((x) => right * x + (of.length ? 0 : wrong)) })) };
}

function union(a, b) {
  return [...new Set([...a, ...b])].sort((i, j) => i - j);
}

// The parts of a product of two tables of different statements, on the axes of either: made by `times` from the values
// of one part of each and their places.
function multiply(a, b, grid, times) {
  const axes = union(a.axes, b.axes), atA = grid.place(a.axes, axes), atB = grid.place(b.axes, axes);
  const parts = a.parts.flatMap((f) => b.parts.filter((h) => f.of.length + h.of.length <= 2)
    .map((h) => ({ of: [...f.of, ...h.of], values: times(f.values, h.values, atA, atB) })));
  return { axes, parts };
}

function product(a, b, shifts, grid) {
  return multiply(a, b, grid, (f, h, atA, atB) => {
    const out = new Float64Array(atA.length * shifts);
    for (let g = 0, k = 0; g < atA.length; g++) {
      const i = atA[g] * shifts, j = atB[g] * shifts;
      for (let s = 0; s < shifts; s++, k++) out[k] = f[i + s] * h[j + s];
    }
    return out;
  });
}

// The same, summed over the shifts.
function inner(a, b, shifts, grid) {
  return multiply(a, b, grid, (f, h, atA, atB) => {
    const out = new Float64Array(atA.length);
    for (let g = 0; g < atA.length; g++) {
      const i = atA[g] * shifts, j = atB[g] * shifts;
      let sum = 0;
      for (let s = 0; s < shifts; s++) sum += f[i + s] * h[j + s];
      out[g] = sum;
    }
    return out;
  });
}

// The probability that what all these tables say holds, the shift integrated out. The last factor is never laid out on
// the axes of all: it is the one without which they are the fewest points.
function allHold(tables, weights, grid) {
  const shifts = weights.length, points = (axes) => axes.reduce((n, c) => n * grid.shape[c], 1);
  const without = tables.map((_, k) => points(tables.filter((_, j) => j !== k).map(({ axes }) => axes).reduce(union, [])));
  const last = tables[without.indexOf(Math.min(...without))], start = { axes: [], parts: [{ of: [], values: weights }] };
  return inner(tables.filter((table) => table !== last).reduce((a, b) => product(a, b, shifts, grid), start), last, shifts, grid);
}
