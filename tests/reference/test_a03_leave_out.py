"""A3: eight schools, one school left out at a time, mu ~ N(0, 100), tau ~ U(0, 104.44).

Published: K-fold results of brms with posteriordb's data (-30.9625 in all). They are no estimates of the exact
values, in which the new school's effect is normal around mu: brms by default takes a new school's effect from the
effects drawn for the schools it knows. Worked out exactly, that gives brms' numbers to within their Monte-Carlo
error; the test at the end does so, and the others use exact values by independent quadrature.
"""

import numpy as np
from pooling.exact import pool
from scipy import stats

Y = np.array([28.0, 8, -3, 7, -1, 1, 18, 12])
SE = np.array([15.0, 10, 16, 11, 9, 11, 10, 18])


def fitted():
    return pool(Y, SE**2, mu_prior=(0, 100), tau_prior=stats.uniform(0, 104.44))


def test_leave_one_school_out(reference):
    left = fitted().leave_out()
    want = [-4.5970, -3.5427, -4.0501, -3.5985, -3.8732, -3.7543, -3.9620, -3.9597]
    reference.close("lpd", left.lpd, want, 5e-5)
    reference.close("sum", left.lpd.sum(), -31.3375, 5e-5)


def test_posterior(reference):
    fit = fitted()
    reference.close("mu", fit.mu.mean, 7.9107, 5e-5)
    want = [11.381, 7.882, 6.117, 7.632, 5.117, 6.127, 10.652, 8.440]
    reference.close("theta", fit.theta.mean, want, 5e-4)
    # brms: 4,000 draws, taken to be worth 2,000 independent ones
    reference.close("mu, brms", fit.mu.mean, 7.884, 4 * fit.mu.sd / np.sqrt(2000))


def test_brms_takes_a_new_school_for_one_of_the_others(reference):
    """Density of the school left out at the effect of one of the seven others, each as likely: exactly.

    Allowed: 4 standard errors of the mean of 2,000 independent draws of that density, and the rounding.
    """
    lpd, error = np.empty(8), np.empty(8)
    for i in range(8):
        others = np.arange(8) != i
        fit = pool(Y[others], SE[others] ** 2, mu_prior=(0, 100), tau_prior=stats.uniform(0, 104.44))
        density = stats.norm(Y[i], SE[i]).pdf
        mean = np.mean(fit.theta.expect(density))
        square = np.mean(fit.theta.expect(lambda theta, p=density: p(theta) ** 2))
        lpd[i], error[i] = np.log(mean), np.sqrt((square / mean**2 - 1) / 2000)
    theirs = [-4.607, -3.467, -4.017, -3.524, -3.822, -3.690, -3.920, -3.916]
    reference.close("brms, school by school", lpd, theirs, 4 * error + 5e-4)
    reference.close("brms, sum", lpd.sum(), -30.9625, 4 * np.sqrt(np.sum(error**2)) + 5e-5)
