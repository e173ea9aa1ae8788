// The effects in the sites that gave evidence.
"use strict";

// Mean and sd of every row's site effect. Under a tilt exp(h theta) of the prior the logarithm of the site's likelihood
// has, in h, the first two cumulants of theta given mu and tau as its derivatives, beside those of the prior.
function siteEffectsOf(posterior, sites) {
  const { axes, nodes, all } = posterior.grid, points = posterior.points(), { tau, cell, weight } = points, out = new Map();
  sites.forEach((site, s) => {
    const { likelihood, shared } = posterior.stored[s];
    likelihood.differentiate(shared);
    const chances = likelihood.chances(shared, points);
    site.rows.forEach((row, r) => {
      const level = predictor(row.design, axes, all), [first, second] = likelihood.slopes(shared, chances, r, points);
      const spread = nodes.tau.map((one) => one * one * site.R[r][r]);
      let mean = 0, square = 0;
      for (let k = 0; k < cell.length; k++) {
        const centre = level[cell[k]] + first[k], variance = Math.max(spread[tau[k]] + second[k], 0);
        mean += weight[k] * centre;
        square += weight[k] * (centre * centre + variance);
      }
      out.set(site.index[r], { mean, sd: Math.sqrt(Math.max(square - mean * mean, 0)) });
    });
  });
  return out;
}
