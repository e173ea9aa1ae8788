"""Degenerate and hostile input: a right answer, checked by dense quadrature, or a refusal that says why."""

import numpy as np
import pytest
from pooling.exact import Refused, pool
from scipy import stats

NAN, INF = np.nan, np.inf
HALF = stats.halfnorm(scale=0.5)
UNIT = {"mu_prior": (0.0, 1.0), "tau_prior": HALF}


def told(lower, upper, v, **more):
    return {"y": [NAN] * len(lower), "lower": lower, "upper": upper, "v": v, **more}


THREE = {"y": [0.4, 0.1, NAN], "lower": [NAN, NAN, 0.0], "upper": [NAN, NAN, INF], "v": [0.04] * 3}
AGAINST = told([0.392] * 3 + [-INF] * 3, [INF] * 3 + [-0.392] * 3, [0.04] * 6)
# Case: evidence and priors, and how finely the comparison must integrate.
ANSWERS = {
    "one number": ({"y": [0.4], "v": [0.04], **UNIT}, {}),
    "one statement": (told([0.392], [INF], [0.04], **UNIT), {}),
    "one unsure statement": (told([0.392], [INF], [0.04], **UNIT, epsilon=0.3), {}),
    "two numbers": (
        {"y": [0.4, -0.1], "v": [0.04, 0.02], "mu_prior": (0, 1), "tau_prior": stats.halfcauchy(scale=0.5)},
        {},
    ),
    "equal effects": ({"y": [0.4] * 6, "v": [0.04] * 6, **UNIT}, {}),
    "enormous heterogeneity": (
        {
            "y": [1e4, -2e4, 3e4, -1.5e4, 500],
            "v": [1.0] * 5,
            "mu_prior": (0, 1e5),
            "tau_prior": stats.halfcauchy(scale=1e4),
        },
        {},
    ),
    "heterogeneity the prior excludes": (
        {"y": [100, -200, 300, -150, 50], "v": [1.0] * 5, "mu_prior": (0, 1e3), "tau_prior": stats.halfnorm(scale=10)},
        {"top": 200, "reach": 0.5, "mus": 20_001},
    ),
    "errors over six orders, numbers": (
        {"y": [0.5, 0.51, 0.3, 80], "v": np.array([1e-4, 1e-1, 1.0, 100]) ** 2, **UNIT},
        {"mus": 60_001, "reach": 5},
    ),
    "errors over six orders, statements": (
        told([0.0002, -INF, -2, 100], [INF, 0.5, 2, INF], np.array([1e-4, 1e-1, 1.0, 100]) ** 2, **UNIT),
        {},
    ),
    "all positive": (told([0.392] * 8, [INF] * 8, [0.04] * 8, **UNIT), {}),
    "all null": (told([-0.392] * 8, [0.392] * 8, [0.04] * 8, **UNIT), {}),
    "contradictory": (AGAINST | {"mu_prior": (0, 1), "tau_prior": stats.halfnorm(scale=0.1)}, {"top": 1}),
    "contradictory and unsure": (
        AGAINST | {"mu_prior": (0, 1), "tau_prior": stats.halfnorm(scale=0.1), "epsilon": 0.1},
        {"top": 1},
    ),
    "contradictory beyond belief": (
        told([2.0, -INF], [INF, -2.0], [0.01] * 2, mu_prior=(0, 1), tau_prior=stats.halfnorm(scale=0.05)),
        {"top": 2},
    ),
    "two thin intervals far apart": (
        told([0.99, -1.01], [1.01, -0.99], [0.01] * 2, mu_prior=(0, 1), tau_prior=stats.halfnorm(scale=0.05)),
        {"top": 1},
    ),
    "a spike in a wide prior": (
        told([-0.00196], [0.00196], [1e-6], mu_prior=(0, 1), tau_prior=stats.halfnorm(scale=0.01), epsilon=0.1),
        {"mus": 100_001, "reach": 6, "taus": 40},
    ),
    "prior of tau near zero": (THREE | {"mu_prior": (0, 1), "tau_prior": stats.halfnorm(scale=1e-5)}, {}),
    "prior of tau far too wide": (
        THREE | {"mu_prior": (0, 1), "tau_prior": stats.halfcauchy(scale=1e3)},
        {"taus": 2000, "mus": 2001},
    ),
    "uniform prior of tau": (THREE | {"mu_prior": (0, 1), "tau_prior": stats.uniform(0, 2)}, {}),
    "uniform prior away from zero": (THREE | {"mu_prior": (0, 1), "tau_prior": stats.uniform(1, 2)}, {}),
    "tau all but known": (THREE | {"mu_prior": (0, 1), "tau_prior": stats.lognorm(0.01, scale=0.3)}, {}),
    "density of tau infinite at zero": (THREE | {"mu_prior": (0, 1), "tau_prior": stats.gamma(0.5, scale=0.3)}, {}),
    "prior of mu far from the data": (
        THREE | {"v": [4e-4] * 3, "mu_prior": (30, 1), "tau_prior": stats.halfnorm(scale=0.1)},
        {"top": 5, "reach": 30},
    ),
    "far from zero": ({"y": [1e6 + 0.4, 1e6 + 0.1, 1e6 - 0.2], "v": [0.04] * 3, **UNIT, "mu_prior": (1e6, 1)}, {}),
}


@pytest.mark.parametrize("case", ANSWERS)
def test_right_answer(brute, case):
    given, how = ANSWERS[case]
    want, fit = brute.pairwise(**given, **how), pool(**given)
    assert fit.mu.mean == pytest.approx(want["mu"], abs=1e-4 * want["sd"])
    assert fit.mu.sd == pytest.approx(want["sd"], rel=1e-4)
    assert fit.tau.mean == pytest.approx(want["tau"], rel=2e-4)
    assert fit.mu.prob_above(0.0) == pytest.approx(want["positive"], abs=1e-4)
    assert fit.log_marginal_likelihood == pytest.approx(want["log_ml"], abs=1e-4)
    for each in (
        fit.theta.mean,
        fit.theta.sd,
        fit.mu.interval(),
        fit.tau.interval(),
        fit.new_site.quantile([0.1, 0.9]),
    ):
        assert np.isfinite(each).all()


def test_known_tau(brute):
    """tau = 0 is the common effect; a known tau is the limit of a prior that shrinks to it."""
    for tau in (0.0, 0.3):
        fit = pool(**THREE, mu_prior=(0, 1), tau_prior=tau)
        want = brute.pairwise(
            [0.4, 0.1, NAN],
            np.full(3, 0.04 + tau**2),
            THREE["lower"],
            THREE["upper"],
            mu_prior=(0, 1),
            tau_prior=stats.halfnorm(scale=1e-9),
            taus=10,
        )
        assert fit.mu.mean == pytest.approx(want["mu"], abs=1e-6)
        assert fit.log_marginal_likelihood == pytest.approx(want["log_ml"], abs=1e-6)
        assert fit.tau.mean == tau and fit.tau.sd == 0 and fit.tau.prob_above(tau + 0.01) == 0


def test_moments_that_do_not_exist_are_infinite():
    fit = pool([0.4, 0.1], [0.04, 0.04], tau_prior=stats.halfcauchy(scale=0.5))
    assert np.isinf(fit.new_site.sd) and np.isfinite(fit.new_site.median)
    assert np.isinf(pool([0.4], [0.04], mu_prior=(0, 1), tau_prior=stats.halfcauchy(scale=0.5)).tau.sd)


def test_unidentified_coefficient_keeps_its_prior():
    X = np.array([[1.0, 0], [1, 0], [1, 0]])
    fit = pool(**THREE, X=X, mu_prior=([0.0, 0.2], [1.0, 0.3]), tau_prior=HALF)
    assert fit.mu[1].mean == pytest.approx(0.2, abs=1e-4)
    assert fit.mu[1].sd == pytest.approx(0.3, rel=1e-4)
    np.testing.assert_allclose(fit.mu[1].quantile([0.025, 0.8]), stats.norm(0.2, 0.3).ppf([0.025, 0.8]), atol=1e-4)


def test_only_the_sum_is_identified():
    """Two components always given together: their sum is learnt, their difference stays as it was."""
    fit = pool([0.4, 0.5, 0.3], [0.01] * 3, X=np.ones((3, 2)), mu_prior=(0, 1), tau_prior=HALF)
    mixed = pool(
        [0.4, 0.5, NAN],
        [0.01] * 3,
        X=np.ones((3, 2)),
        lower=[NAN, NAN, 0.0],
        upper=[NAN, NAN, INF],
        mu_prior=(0, 1),
        tau_prior=HALF,
    )
    for one in (fit, mixed):
        assert one.contrast([1, -1]).sd == pytest.approx(np.sqrt(2), rel=2e-3)
        assert one.contrast([1, 1]).sd < 0.5


REFUSED = {
    "flat prior, collinear X": (
        {"y": [1.0, 2, 3], "v": [1.0] * 3, "X": np.ones((3, 2)), "tau_prior": HALF},
        "identify",
    ),
    "more coefficients than rows": ({"y": [1.0, 2], "v": [1.0] * 2, "X": np.eye(2, 3), "tau_prior": HALF}, "identify"),
    "one number, flat tau": ({"y": [1.0], "v": [1.0], "mu_prior": (0, 1), "tau_prior": None}, "improper"),
    "two numbers, all flat": ({"y": [1.0, 2], "v": [1.0] * 2, "tau_prior": None}, "improper"),
    "signs on one side, flat mu": (told([0.0] * 3, [INF] * 3, [1.0] * 3, tau_prior=HALF), "does not die out"),
    "unsure statements, flat mu": (
        told([0.0, -INF], [INF, 0.0], [1.0] * 2, tau_prior=HALF, epsilon=0.2),
        "identify",
    ),
    "statements, flat tau": (told([0.0, 0.0], [INF, INF], [1.0] * 2, mu_prior=(0, 1), tau_prior=None), "tau"),
    "no tau prior worth the name": ({"y": [1.0], "v": [1.0], "tau_prior": "half-normal"}, "logpdf"),
    "empty": ({"y": [], "v": [], "tau_prior": HALF}, "at least one row"),
    "NaN without bounds": ({"y": [1.0, NAN], "v": [1.0] * 2, "tau_prior": HALF}, "row 1"),
    "infinite estimate": ({"y": [1.0, INF], "v": [1.0] * 2, "tau_prior": HALF}, "row 1"),
    "negative variance": ({"y": [1.0, 2], "v": [1.0, -1], "tau_prior": HALF}, "row 1"),
    "zero variance": ({"y": [1.0, 2], "v": [0.0, 1], "tau_prior": HALF}, "row 0"),
    "variance missing": ({"y": [1.0, 2], "tau_prior": HALF}, "variances"),
    "wrong length": ({"y": [1.0, 2], "v": [1.0], "tau_prior": HALF}, "v must"),
    "bounds the wrong way round": (told([1.0], [0.0], [1.0], tau_prior=HALF), "row 0"),
    "number with bounds": ({"y": [1.0], "v": [1.0], "lower": [0.0], "upper": [1.0], "tau_prior": HALF}, "not both"),
    "epsilon of one": (told([0.0], [1.0], [1.0], tau_prior=HALF, epsilon=1.0), "epsilon"),
    "kappa": (told([0.0], [1.0], [1.0], tau_prior=HALF, kappa=0.0), "kappa"),
    "V between sites": ({"y": [1.0, 2], "V": [[1, 0.5], [0.5, 1]], "tau_prior": HALF}, "independent"),
    "V not symmetric": ({"y": [1.0, 2], "V": [[1, 0.5], [0.4, 1]], "groups": [0, 0], "tau_prior": HALF}, "symmetric"),
    "V not positive definite": (
        {"y": [1.0, 2], "V": [[1, 2], [2, 1]], "groups": ["Oss", "Oss"], "tau_prior": HALF},
        "site Oss",
    ),
    "contrast that disagrees with v": (
        {"y": [1.0], "v": [1.0], "contrast": ([[-1.0, 1.0]], [[0.1, 0.1]]), "tau_prior": HALF},
        "row 0",
    ),
    "design not finite": ({"y": [1.0], "v": [1.0], "X": [[NAN]], "tau_prior": HALF}, "finite"),
    "negative prior sd": ({"y": [1.0], "v": [1.0], "mu_prior": (0, -1), "tau_prior": HALF}, "not negative"),
    "priors excluded by the data": (
        told([0.0], [1.0], [1.0], mu_prior=(0, 1), tau_prior=stats.uniform(-2, 1)),
        "begins at -2; tau is a standard deviation",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refusal_that_says_why(case):
    given, why = REFUSED[case]
    with pytest.raises(ValueError, match=why):
        pool(**given)


def test_leave_out_refuses_what_it_cannot_do():
    X = np.array([[1.0, 0], [1, 0], [0, 1]])
    fit = pool([1.0, 2, 3], [1.0] * 3, X=X, groups=["a", "b", "Epe"], tau_prior=HALF)
    with pytest.raises(Refused, match="without site Epe"):
        fit.leave_out()


def test_marginal_likelihood_needs_proper_priors():
    with pytest.raises(ValueError, match="proper priors"):
        _ = pool([1.0, 2], [1.0] * 2, tau_prior=HALF).log_marginal_likelihood
    with pytest.raises(ValueError, match="proper priors"):
        _ = pool([1.0, 2, 3], [1.0] * 3, mu_prior=(0, 1), tau_prior=None).log_marginal_likelihood
