"""A10: evidence of which only the sign is known.

No published case exists. Data and priors of A1, school A replaced by nothing, by an interval without
bounds, by its sign, and by an interval around its estimate. Exact values: two-dimensional quadrature.
"""

import numpy as np
import pytest
from pooling.exact import pool
from scipy import stats

Y = np.array([28.39, 7.94, -2.75, 6.82, -0.64, 0.63, 18.01, 12.16])
SE = np.array([14.9, 10.2, 16.3, 11.0, 9.4, 11.4, 10.4, 17.6])
PRIORS = {"mu_prior": (0.0, 50.0), "tau_prior": stats.halfcauchy(scale=25)}


def with_interval(low, high):
    y, lower, upper = Y.copy(), np.full(8, np.nan), np.full(8, np.nan)
    y[0], lower[0], upper[0] = np.nan, low, high
    return pool(y, SE**2, lower=lower, upper=upper, **PRIORS)


def moments(fit):
    return [fit.mu.mean, fit.mu.sd, fit.tau.mean]


@pytest.mark.parametrize("how", ["dropped", "unbounded"])
def test_no_evidence_from_school_a(reference, how):
    fit = pool(Y[1:], SE[1:] ** 2, **PRIORS) if how == "dropped" else with_interval(-np.inf, np.inf)
    reference.close("mu, sd, tau", moments(fit), [6.0601, 5.1947, 5.6703], 5e-5)


def test_sign_of_school_a(reference):
    fit = with_interval(0, np.inf)
    reference.close("mu, sd", [fit.mu.mean, fit.mu.sd], [6.9420, 5.0368], 5e-5)
    # The stored 5.5514 is cut off, not rounded: 400 x 12,000 points of quadrature give 5.55148.
    reference.close("tau", fit.tau.mean, 5.5514, 1e-4)
    reference.close("tau, more digits", fit.tau.mean, 5.55148, 1e-5)


def test_interval_around_the_estimate(reference):
    fit = with_interval(Y[0] - 0.001, Y[0] + 0.001)
    reference.close("mu", [fit.mu.mean, fit.mu.sd], [7.986042, 4.995598], 1e-5)
    reference.close("P(mu > 0)", fit.mu.prob_above(0), 0.948769, 1e-5)
    reference.close("P(new > c)", fit.new_site.prob_above([0, 5, 10]), [0.86505, 0.67124, 0.37659], 1e-5)
    reference.close("tau mean", fit.tau.mean, 5.884511, 1e-5)
