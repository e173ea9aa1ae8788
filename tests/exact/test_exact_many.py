"""Many analyses in one call give what each gives by itself."""

import numpy as np
import pytest
from pooling.exact import Refused, pool, pool_many
from scipy import stats

PRIORS = {
    "half-normal": {"mu_prior": (0.1, 0.5), "tau_prior": stats.halfnorm(scale=0.3)},
    "half-Cauchy": {"mu_prior": (0.0, 1.0), "tau_prior": stats.halfcauchy(scale=0.2)},
    "flat mu": {"mu_prior": None, "tau_prior": stats.halfnorm(scale=0.3)},
    "tau ends at two": {"mu_prior": (0.0, 1.0), "tau_prior": stats.uniform(0, 2)},
    "tau starts above zero": {"mu_prior": (0.0, 1.0), "tau_prior": stats.uniform(0.1, 2)},
    "all flat": {"mu_prior": None, "tau_prior": None},
}


def analyses(count=10, fewest=4, most=9, seed=1):
    """Analyses of unequal numbers of sites, NaN where there is none, the gaps anywhere in the row."""
    rng = np.random.default_rng(seed)
    s = np.exp(rng.normal(np.log(0.15), 0.5, (count, most)))
    y = rng.normal(0.2, np.hypot(s, rng.choice([0.0, 0.1, 0.5], (count, 1))))
    for one in range(count):
        gone = rng.permutation(most)[: most - rng.integers(fewest, most + 1)]
        y[one, gone] = np.nan
        s[one, gone[::2]] = np.nan
    return y, s**2


def alone(y, v, priors):
    here = ~np.isnan(y)
    return pool(y[here], v[here], **priors)


def assert_same(many, i, one, close=1e-6):
    """Every answer of analysis i against a fit by itself, in units of that fit's sd."""
    sd = one.mu.sd if np.isfinite(one.mu.sd) else one.mu.interval(0.6)[1] - one.mu.interval(0.6)[0]
    assert many.mean[i] == pytest.approx(one.mu.mean, abs=close * sd)
    for got, want in (
        (many.sd[i], one.mu.sd),
        (many.tau_mean[i], one.tau.mean),
        (many.tau_sd[i], one.tau.sd),
        (many.new_site_sd[i], one.new_site.sd),
    ):
        assert got == pytest.approx(want, rel=100 * close)
    for q in (0.001, 0.025, 0.5, 0.9):
        # As probabilities: in a heavy tail a millionth of probability is a long way.
        assert 1 - one.mu.prob_above(many.quantile(q)[i]) == pytest.approx(q, abs=3 * close)
        assert 1 - one.new_site.prob_above(many.quantile(q, new_site=True)[i]) == pytest.approx(q, abs=3 * close)
    for c in (-0.1, 0.0, 0.3):
        assert many.prob_above(c)[i] == pytest.approx(one.mu.prob_above(c), abs=close)
        assert many.prob_above(c, new_site=True)[i] == pytest.approx(one.new_site.prob_above(c), abs=close)


@pytest.mark.parametrize("name", PRIORS)
def test_as_each_by_itself(name):
    priors = PRIORS[name]
    y, v = analyses()
    many = pool_many(y, v, **priors)
    for i in range(len(y)):
        one = alone(y[i], v[i], priors)
        assert_same(many, i, one)
        if "flat" in name:
            assert np.isnan(many.log_marginal_likelihood[i])
        else:
            assert many.log_marginal_likelihood[i] == pytest.approx(one.log_marginal_likelihood, abs=1e-6)


def test_errors_over_six_orders_of_magnitude_in_one_call():
    """One narrow posterior makes the nodes dense for all; a wide one must not lose its tails."""
    rng = np.random.default_rng(2)
    scale = 10.0 ** np.arange(-3, 4)[:, None]
    s = scale * np.exp(rng.normal(0, 0.3, (7, 6)))
    y = rng.normal(0, s)
    for priors in (PRIORS["half-normal"], PRIORS["half-Cauchy"]):
        many = pool_many(y, s**2, **priors)
        for i in range(len(y)):
            assert_same(many, i, alone(y[i], s[i] ** 2, priors), close=1e-5)


@pytest.mark.parametrize("sites", [1, 2])
def test_one_or_two_sites(sites):
    y, v = np.array([[0.3, -0.2, np.nan]]), np.array([[0.04, 0.09, np.nan]])
    y[:, sites:] = np.nan
    priors = PRIORS["half-normal"]
    assert_same(pool_many(y, v, **priors), 0, alone(y[0], v[0], priors))


def test_equal_estimates():
    y, v = np.full((2, 5), 0.2), np.full((2, 5), 0.01)
    assert_same(pool_many(y, v, **PRIORS["half-normal"]), 1, pool(y[0], v[0], **PRIORS["half-normal"]))


def test_the_company_does_not_matter():
    y, v = analyses(count=6)
    together = pool_many(y, v, **PRIORS["half-normal"])
    for i in range(6):
        single = pool_many(y[i : i + 1], v[i : i + 1], **PRIORS["half-normal"])
        assert together.mean[i] == pytest.approx(single.mean[0], abs=1e-9)
        assert together.quantile(0.975)[i] == pytest.approx(single.quantile(0.975)[0], abs=1e-7)


def test_a_level_or_a_bound_for_each_analysis():
    y, v = analyses(count=3)
    many = pool_many(y, v, **PRIORS["half-normal"])
    q = np.array([0.1, 0.5, 0.8])
    at = many.quantile(q)
    np.testing.assert_allclose(at, [many.quantile(one)[i] for i, one in enumerate(q)], rtol=1e-12)
    np.testing.assert_allclose(1 - many.prob_above(at), q, atol=1e-9)


def test_an_improper_posterior_is_refused_with_its_place():
    y, v = analyses(count=4)
    y[2, 1:] = np.nan
    y[2, 0], v[2, 0] = 0.1, 0.04
    with pytest.raises(Refused, match="analysis 2: the posterior of tau is improper"):
        pool_many(y, v, mu_prior=None, tau_prior=None)


def test_what_cannot_be_read_is_refused():
    y, v = analyses(count=2)
    prior = stats.halfnorm()
    with pytest.raises(ValueError, match="one shape"):
        pool_many(y, v[:, 1:], tau_prior=prior)
    with pytest.raises(ValueError, match="finite estimate"):
        pool_many(np.full((1, 3), np.nan), np.ones((1, 3)), tau_prior=prior)
    for wrong in (np.inf, np.nan, 0.0, -1.0):
        with pytest.raises(ValueError, match="positive variance"):
            pool_many(np.ones((1, 2)), np.array([[1.0, wrong]]), tau_prior=prior)
    with pytest.raises(ValueError, match="finite estimate"):
        pool_many(np.array([[1.0, np.inf]]), np.ones((1, 2)), tau_prior=prior)
    for given in ({"mu_prior": (0, 0), "tau_prior": prior}, {"mu_prior": stats.t(3), "tau_prior": prior}):
        with pytest.raises(ValueError, match="use pool"):
            pool_many(y, v, **given)
    with pytest.raises(ValueError, match="use pool"):
        pool_many(y, v, tau_prior=0.3)
