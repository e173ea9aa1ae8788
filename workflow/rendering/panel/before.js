// What is assumed before the evidence about a new site, and which components the evidence can tell apart.
"use strict";

// Distribution of the effect in a new site, N(mean, sd² + tau²) over the prior of tau; null where a prior is flat.
function newSiteBefore(mu, tau) {
  if (!mu || tau.family === "flat") return null;
  const scale = tau.scale || tau.upper, low = tau.lower || 0, high = tau.upper || 1e4 * scale;
  const nodes = tauNodes(low, high, scale, 160);
  const mass = nodes.tau.map((value, i) => nodes.weight[i] * Math.exp(logPriorTau(tau, value)));
  const total = mass.reduce((a, b) => a + b, 0);
  return { cdf: (x) => mass.reduce((sum, m, i) => sum + m * normalCdf((x - mu.mean) / Math.hypot(mu.sd, nodes.tau[i])), 0) / total };
}

function rankOf(matrix) {
  const rows = matrix.map((row) => [...row]), width = rows.length ? rows[0].length : 0;
  let rank = 0;
  for (let c = 0; c < width && rank < rows.length; c++) {
    const pivot = rows.slice(rank).reduce((best, row, i) => (Math.abs(row[c]) > Math.abs(rows[best][c]) ? rank + i : best), rank);
    if (Math.abs(rows[pivot][c]) < 1e-9) continue;
    [rows[rank], rows[pivot]] = [rows[pivot], rows[rank]];
    for (let r = rank + 1; r < rows.length; r++) {
      const share = rows[r][c] / rows[rank][c];
      for (let k = c; k < width; k++) rows[r][k] -= share * rows[rank][k];
    }
    rank++;
  }
  return rank;
}

// For each column of the design, whether the rows can tell it from the others: without it the rank is lower.
function toldApart(design) {
  const rank = rankOf(design);
  return design[0].map((_, c) => rankOf(design.map((row) => row.filter((_, k) => k !== c))) < rank);
}
