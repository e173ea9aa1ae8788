"""A2: eight schools with rounded data, mu ~ N(0, 5), tau ~ half-Cauchy(5).

Published: posteriordb, `eight_schools-eight_schools_noncentered` (reference draws with Monte-Carlo
standard errors). Exact values: independent quadrature.
"""

import numpy as np
from pooling.exact import pool
from scipy import stats

Y = np.array([28.0, 8, -3, 7, -1, 1, 18, 12])
SE = np.array([15.0, 10, 16, 11, 9, 11, 10, 18])


def fitted():
    return pool(Y, SE**2, mu_prior=(0, 5), tau_prior=stats.halfcauchy(scale=5))


def test_exact_values(reference):
    fit = fitted()
    reference.close("mu", [fit.mu.mean, fit.mu.sd], [4.39682, 3.31770], 1e-5)
    reference.close("tau", [fit.tau.mean, fit.tau.sd], [3.597705, 3.219958], 1e-5)
    want = [6.2119, 4.9402, 3.9270, 4.7571, 3.6155, 4.0426, 6.2967, 4.8543]
    reference.close("theta", fit.theta.mean, want, 5e-5)


def test_reference_draws(reference):
    fit = fitted()
    reference.close("mu", fit.mu.mean, 4.4105, 4 * 0.033)
    reference.close("tau", fit.tau.mean, 3.602, 4 * 0.032)
    reference.close("theta of school A", fit.theta.mean[0], 6.1505, 4 * 0.056)
