"""A1: coaching in eight schools, normal prior for the average and half-Cauchy prior for tau.

Data: Rubin (1981), Estimation in parallel randomized experiments, as in R package bayesmeta
(`Rubin1981`); published results: bayesmeta's vignette and Röver (2020), J. Stat. Software 93(6), whose own
approximation error is some 1e-3. Exact values: independent quadrature.
"""

import numpy as np
from pooling.exact import pool
from scipy import stats

Y = np.array([28.39, 7.94, -2.75, 6.82, -0.64, 0.63, 18.01, 12.16])
SE = np.array([14.9, 10.2, 16.3, 11.0, 9.4, 11.4, 10.4, 17.6])
PRIORS = {"mu_prior": (0.0, 50.0), "tau_prior": stats.halfcauchy(scale=25)}
BAYESMETA = 1e-3


def published(checks, name, got, want):
    checks.close(name, got, want, BAYESMETA * np.abs(want))


def test_exact_values(reference):
    fit = pool(Y, SE**2, **PRIORS)
    reference.close("mu mean", fit.mu.mean, 7.986042, 1e-5)
    reference.close("mu sd", fit.mu.sd, 4.995598, 1e-5)
    reference.close("P(mu > 0)", fit.mu.prob_above(0), 0.948769, 1e-5)
    reference.close("P(new > c)", fit.new_site.prob_above([0, 5, 10]), [0.86505, 0.67124, 0.37659], 1e-5)
    reference.close("log marginal likelihood", fit.log_marginal_likelihood, -33.72698, 1e-5)


def test_leave_one_school_out(reference):
    left = pool(Y, SE**2, **PRIORS).leave_out()
    want = [-4.6330, -3.5200, -4.0377, -3.5694, -3.8305, -3.7659, -3.9364, -3.9267]
    reference.close("lpd", left.lpd, want, 5e-5)
    reference.close("sum", left.lpd.sum(), -31.2195, 5e-5)


def test_published_between_school_sd(reference):
    tau = pool(Y, SE**2, **PRIORS).tau
    published(reference, "median", tau.median, 4.758539)
    published(reference, "mean", tau.mean, 5.884511)
    published(reference, "sd", tau.sd, 4.869904)
    published(reference, "central interval", tau.interval(0.95), np.array([0.21996, 18.05317]))
    published(reference, "95 % quantile", tau.quantile(0.95), 15.16589)
    shortest = tau.interval(0.95, kind="shortest")
    published(reference, "end of the shortest interval", shortest[1], 15.16589)
    assert 0 <= shortest[0] < 1e-6


def test_published_average(reference):
    mu = pool(Y, SE**2, **PRIORS).mu
    published(reference, "median", mu.median, 7.962961)
    published(reference, "mean", mu.mean, 7.985729)
    published(reference, "sd", mu.sd, 4.995762)
    shortest = mu.interval(0.95, kind="shortest")
    reference.close("shortest interval", shortest, [-1.823353, 17.824562], BAYESMETA * 5)
    published(reference, "P(mu > 0)", mu.prob_above(0.0), 0.9487521)


def test_published_new_school(reference):
    new = pool(Y, SE**2, **PRIORS).new_site
    published(reference, "mean", new.mean, 7.985729)
    published(reference, "sd", new.sd, 9.126767)
    # The ends of a shortest interval move by the square root of an error in the density.
    reference.close("shortest", new.interval(0.95, kind="shortest"), [-10.623526, 26.827377], 3e-3 * 9.13)


def test_published_school_effects(reference):
    theta = pool(Y, SE**2, **PRIORS).theta
    published(reference, "A, G, H", theta.mean[[0, 6, 7]], np.array([11.095255, 10.336032, 8.474644]))


def test_flat_priors(reference):
    fit = pool(Y, SE**2, tau_prior=None)
    published(reference, "tau mean", fit.tau.mean, 6.585992)
    published(reference, "tau sd", fit.tau.sd, 5.685936)
    reference.close("mu mean", fit.mu.mean, 8.09244, 1e-5)
    published(reference, "mu sd", fit.mu.sd, 5.246683)
    reference.close("new school sd", fit.new_site.sd, 10.162, 5e-4)
