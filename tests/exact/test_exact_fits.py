"""What a fit offers: several components against dense quadrature, site effects, draws, leaving out, re-use."""

import gc
import weakref

import numpy as np
import pytest
from pooling.arrays import read_evidence
from pooling.exact import compare, pool, site_tensors
from pooling.exact.arrays import cut
from pooling.exact.grid import place
from pooling.exact.grid_fit import GridFit
from pooling.exact.pool import read
from pooling.exact.sites import log_likelihood
from scipy import stats
from scipy.interpolate import CubicSpline
from scipy.special import ndtr

NAN, INF = np.nan, np.inf
TAU = stats.halfnorm(scale=0.3)
PRIORS = {"mu_prior": (0.0, 0.5), "tau_prior": TAU}
L = np.array([[-1.0, 1, 0], [-1, 0, 1], [-1, 1, 0], [-1, 0, 1], [-1, 1, 0], [-1, 0, 1], [-1, 0, 1]])
ARM_V = np.repeat(
    [[0.02, 0.03, 0.01], [0.01, 0.02, 0.02], [0.03, 0.01, 0.02], [0.02, 0.02, 0.05]], [2, 2, 2, 1], axis=0
)
MIXED = {
    "y": np.array([NAN, NAN, 0.25, NAN, NAN, NAN, 0.1]),
    "lower": np.array([0.2, -0.3, NAN, 0.0, -INF, -0.4, NAN]),
    "upper": np.array([INF, 0.3, NAN, INF, 0.0, 0.4, NAN]),
    "v": (L**2 * ARM_V).sum(axis=1),
    "X": np.array([[1.0, 0], [1, 1], [1, 0], [0, 1], [1, 0], [0, 1], [0, 1]]),
    "groups": np.array(["a", "a", "b", "b", "c", "c", "d"]),
    "contrast": (L, ARM_V),
    "epsilon": 0.1,
}


@pytest.fixture(scope="module")
def fit():
    return pool(**MIXED, **PRIORS)


def dense(data, taus=24, points=61):
    """Posterior weights of two coefficients on an even grid and Gauss-Legendre nodes of tau."""
    x, w = np.polynomial.legendre.leggauss(taus)
    tau, weight = 0.75 * (x + 1), 0.75 * w
    mu = np.linspace(-1.8, 1.8, points)
    sites = cut(read_evidence(**data))
    value = (np.log(weight * TAU.pdf(tau)))[:, None, None] + np.add.outer(*[stats.norm.logpdf(mu, 0, 0.5)] * 2)
    value = value + sum(log_likelihood(site, tau, [mu, mu]) for site in sites)
    p = np.exp(value - value.max())
    return tau, mu, p / p.sum(), np.log(p.sum()) + value.max() + 2 * np.log(mu[1] - mu[0])


def above(x, weights, c):
    """Probability above c from weights on an even grid."""
    integral = CubicSpline(x, weights / (x[1] - x[0])).antiderivative()
    return float(integral(x[-1]) - integral(c))


def test_tensor_grid_against_a_dense_one(fit):
    tau, mu, p, log_ml = dense(MIXED)
    for j, axis in ((0, 2), (1, 1)):
        line = p.sum(axis=(0, axis))
        mean = line @ mu
        assert fit.mu.mean[j] == pytest.approx(mean, abs=1e-4 * fit.mu.sd[j])
        assert fit.mu.sd[j] == pytest.approx(np.sqrt(line @ (mu - mean) ** 2), rel=1e-4)
        assert fit.mu[j].prob_above(0.0) == pytest.approx(above(mu, line, 0.0), abs=1e-4)
    per_tau = p.sum(axis=(1, 2))
    assert fit.tau.mean == pytest.approx(per_tau @ tau, rel=2e-4)
    assert fit.log_marginal_likelihood == pytest.approx(log_ml, abs=1e-4)
    difference = np.subtract.outer(mu, mu)
    mean = (p.sum(axis=0) * difference).sum()
    assert fit.contrast([1, -1]).mean == pytest.approx(mean, abs=1e-4)
    assert fit.contrast([1, -1]).sd == pytest.approx(
        np.sqrt((p.sum(axis=0) * (difference - mean) ** 2).sum()), rel=1e-4
    )
    best = p.sum(axis=0)[difference > 1e-9].sum() + 0.5 * np.diagonal(p.sum(axis=0)).sum()
    np.testing.assert_allclose(fit.prob_best(), [best, 1 - best], atol=1e-3)
    np.testing.assert_allclose(fit.prob_best(largest=False), [1 - best, best], atol=1e-3)
    # Below the grid's step a new site is where the average is; above it the sum over the grid is smooth.
    lines = p.sum(axis=2)
    new = sum(above(mu, line, 0.1) if t < mu[1] - mu[0] else line @ ndtr((mu - 0.1) / t) for t, line in zip(tau, lines))
    assert fit.new_site[0].prob_above(0.1) == pytest.approx(new, abs=5e-4)


def test_best_of_three_agrees_with_draws():
    data = {**MIXED, "X": np.array([[1.0, 0, 0], [0, 1, 0], [1, 0, 0], [0, 0, 1], [1, 0, 0], [0, 0, 1], [0, 1, 0]])}
    fit = pool(**data, **PRIORS)
    draws = fit.draws(20_000, seed=3)["mu"]
    want = np.bincount(draws.argmax(axis=1), minlength=3) / len(draws)
    np.testing.assert_allclose(fit.prob_best(), want, atol=4 * 0.5 / np.sqrt(len(draws)))
    numbers = pool([0.1, 0.2, 0.15, 0.3], [0.02] * 4, X=np.eye(3)[[0, 1, 2, 0]], **PRIORS)
    draws = numbers.draws(20_000, seed=4)["mu"]
    want = np.bincount(draws.argmax(axis=1), minlength=3) / len(draws)
    np.testing.assert_allclose(numbers.prob_best(), want, atol=4 * 0.5 / np.sqrt(len(draws)))


def test_site_effects_by_simulation_from_the_model():
    """Effects, estimates and sources simulated; kept in proportion to the probability of what was said."""
    data = {
        "y": np.array([NAN, 0.2, NAN]),
        "v": np.array([0.04, 0.09, 0.0225]),
        "lower": np.array([0.392, NAN, -0.29]),
        "upper": np.array([INF, NAN, 0.29]),
    }
    fit = pool(**data, **PRIORS, epsilon=0.2)
    rng, n = np.random.default_rng(0), 1_000_000
    mu, tau = rng.normal(0, 0.5, n), np.abs(rng.normal(0, 0.3, n))
    theta = mu[:, None] + tau[:, None] * rng.standard_normal((n, 3))
    s = np.sqrt(data["v"])
    weight = stats.norm.pdf(0.2, theta[:, 1], s[1])
    for i in (0, 2):
        p = ndtr((data["upper"][i] - theta[:, i]) / s[i]) - ndtr((data["lower"][i] - theta[:, i]) / s[i])
        weight *= 0.8 * p + 0.2 * (ndtr(data["upper"][i] / s[i] / 2) - ndtr(data["lower"][i] / s[i] / 2))
    weight /= weight.sum()
    error = np.sqrt((weight**2).sum())
    for i in range(3):
        assert fit.theta[i].mean == pytest.approx(weight @ theta[:, i], abs=4 * error * fit.theta[i].sd)
        for c in (-0.2, 0.0, 0.1, 0.5):
            assert fit.theta[i].prob_above(c) == pytest.approx(weight[theta[:, i] > c].sum(), abs=2 * error)


def test_site_effects_of_several_arms_agree_with_draws(fit):
    n = 20_000
    draws = fit.draws(n, seed=1)
    error = 4 / np.sqrt(n)
    np.testing.assert_allclose(draws["mu"].mean(axis=0), fit.mu.mean, atol=error * fit.mu.sd.max())
    np.testing.assert_allclose(draws["mu"].std(axis=0), fit.mu.sd, rtol=error)
    assert draws["tau"].mean() == pytest.approx(fit.tau.mean, abs=error * fit.tau.sd)
    np.testing.assert_allclose(draws["theta"].mean(axis=0), fit.theta.mean, atol=error * fit.theta.sd.max())
    np.testing.assert_allclose(draws["theta"].std(axis=0), fit.theta.sd, rtol=2 * error)
    np.testing.assert_allclose((draws["theta"] > 0.1).mean(axis=0), fit.theta.prob_above(0.1), atol=error / 2)
    again = fit.draws(n, seed=1)
    assert all(np.array_equal(draws[name], again[name]) for name in draws)


def test_draws_of_numbers():
    fit = pool([0.3, -0.1, 0.2], [0.02, 0.03, 0.01], **PRIORS)
    n = 20_000
    draws = fit.draws(n, seed=2)
    np.testing.assert_allclose(draws["mu"].std(axis=0), fit.mu.sd, rtol=4 / np.sqrt(n))
    np.testing.assert_allclose(draws["theta"].mean(axis=0), fit.theta.mean, atol=4 / np.sqrt(n) * fit.theta.sd.max())
    np.testing.assert_allclose(draws["theta"].std(axis=0), fit.theta.sd, rtol=6 / np.sqrt(n))


def test_numbers_on_the_grid_are_the_same_as_conjugate():
    """The two engines inside, on one mixed-size multi-arm data set."""
    data = {k: v for k, v in MIXED.items() if k not in ("lower", "upper", "epsilon")}
    data["y"] = np.array([0.2, 0.1, 0.25, 0.4, -0.1, 0.3, 0.1])
    numbers = pool(**data, **PRIORS)
    grid = GridFit(place(*read(PRIORS["mu_prior"], TAU, **data), 16)[0])
    np.testing.assert_allclose(grid.mu.mean, numbers.mu.mean, atol=1e-5)
    np.testing.assert_allclose(grid.mu.sd, numbers.mu.sd, rtol=1e-4)
    np.testing.assert_allclose(grid.theta.mean, numbers.theta.mean, atol=1e-4)
    np.testing.assert_allclose(grid.theta.sd, numbers.theta.sd, rtol=5e-4)
    np.testing.assert_allclose(grid.theta.quantile(0.9), numbers.theta.quantile(0.9), atol=1e-3)
    np.testing.assert_allclose(
        grid.new_site.quantile([0.1, 0.5, 0.9]), numbers.new_site.quantile([0.1, 0.5, 0.9]), atol=1e-3
    )
    np.testing.assert_allclose(grid.prob_best(), numbers.prob_best(), atol=1e-4)
    np.testing.assert_allclose(grid.leave_out().lpd, numbers.leave_out().lpd, atol=1e-4)
    np.testing.assert_allclose(grid.leave_out().pit, numbers.leave_out().pit, atol=1e-4)
    assert grid.log_marginal_likelihood == pytest.approx(numbers.log_marginal_likelihood, abs=1e-5)
    assert grid.tau.mean == pytest.approx(numbers.tau.mean, rel=1e-4)
    np.testing.assert_allclose(grid.tau.quantile([0.05, 0.5, 0.95]), numbers.tau.quantile([0.05, 0.5, 0.95]), rtol=2e-3)


def keep(data, rows):
    return {
        k: (v[0][rows], v[1][rows]) if k == "contrast" else v if np.ndim(v) == 0 else v[rows] for k, v in data.items()
    }


def test_leave_out_is_a_fit_without_the_site(fit):
    left = fit.leave_out()
    assert left.sites == ["a", "b", "c", "d"]
    for i, site in enumerate(left.sites):
        others = pool(**keep(MIXED, MIXED["groups"] != site), **PRIORS)
        np.testing.assert_allclose(left[i].mu.mean, others.mu.mean, atol=2e-4 * others.mu.sd.max())
        assert left[i].tau.mean == pytest.approx(others.tau.mean, rel=1e-3)
        assert left.lpd[i] == pytest.approx(fit.log_marginal_likelihood - others.log_marginal_likelihood, abs=1e-4)


def dominated(y, v, columns):
    """Four sites of two rows, the first row so much more precise that all is placed around it."""
    return {
        "y": np.array([y, NAN, NAN, 0.1, NAN, 0.4, NAN, 0.3]),
        "v": np.array([v, 0.09, 0.09, 0.09, 0.09, 0.09, 0.09, 0.04]),
        "lower": np.array([NAN, 0.0, 0.0, NAN, -0.6, NAN, -INF, NAN]),
        "upper": np.array([NAN, INF, INF, NAN, 0.6, NAN, 0.0, NAN]),
        "X": np.eye(columns)[np.arange(8) % columns],
        "groups": np.repeat(np.array(list("abcd")), 2),
    }


@pytest.mark.parametrize(
    ("case", "wrong"),
    [
        pytest.param((1.1, 0.0004, 1), lambda accuracy: accuracy.tau_check > 1e-2, id="nodes of tau elsewhere"),
        pytest.param((0.2, 0.001, 3), lambda accuracy: accuracy.edge_mass > 1e-5, id="axes too short"),
    ],
)
def test_leave_out_where_the_common_grid_does_not_hold_the_rest(case, wrong):
    data = dominated(*case)
    fit = pool(**data, **PRIORS)
    assert wrong(GridFit(fit._tensors, keep=[1, 2, 3]).accuracy), "the case no longer is one"
    rest, others = fit.leave_out()[0], pool(**keep(data, data["groups"] != "a"), **PRIORS)
    np.testing.assert_allclose(rest.mu.mean, others.mu.mean, atol=1e-3 * others.mu.sd.max())
    np.testing.assert_allclose(rest.mu.prob_above(0), others.mu.prob_above(0), atol=3e-4)
    assert rest.tau.mean == pytest.approx(others.tau.mean, rel=1e-3)


def test_category_probabilities_and_pit_of_a_statement():
    """The categories of a partition are foretold with probabilities that sum to one and nested mid-PITs."""
    total, previous = 0.0, -1.0
    for low, high in ((-INF, -0.3), (-0.3, 0.2), (0.2, INF)):
        fit = pool(
            [NAN, 0.2, 0.1], [0.04, 0.02, 0.03], lower=[low, NAN, NAN], upper=[high, NAN, NAN], epsilon=0.1, **PRIORS
        )
        left = fit.leave_out()
        total += left.probability[0]
        assert left.lpd[0] == pytest.approx(np.log(left.probability[0]), abs=1e-5)
        assert previous < left.pit[0] and np.isnan(left.probability[1])
        previous = left.pit[0]
    assert total == pytest.approx(1.0, abs=1e-5)


def test_shared_grid_gives_what_separate_fits_give(fit):
    shared = site_tensors(**MIXED, mu_prior=(0, 1.0), tau_prior=stats.halfnorm(scale=0.6))
    np.testing.assert_allclose(shared.fit(mu_prior=(0, 0.5), tau_prior=TAU).mu.mean, fit.mu.mean, atol=3e-4)
    rows = np.isin(MIXED["groups"], ["a", "b", "d"])
    other = pool(**keep(MIXED, rows), mu_prior=(0, 1.0), tau_prior=stats.halfnorm(scale=0.6))
    some = shared.fit(["a", "b", "d"])
    np.testing.assert_allclose(some.mu.mean, other.mu.mean, atol=3e-4)
    np.testing.assert_allclose(some.theta.mean, other.theta.mean, atol=1e-3)
    assert some.sites == ["a", "b", "d"]
    with pytest.raises(ValueError, match="site z"):
        shared.fit(["z"])
    with pytest.raises(ValueError, match="named twice"):
        shared.fit(["a", "b", "a"])
    with pytest.raises(ValueError, match="narrower"):
        shared.fit(mu_prior=(0, 40.0))


def test_a_fit_gives_its_memory_back_at_once():
    shared = site_tensors(
        y=[np.nan] * 3, v=[0.01] * 3, lower=[0.0] * 3, upper=[np.inf] * 3, mu_prior=(0, 1), tau_prior=stats.halfnorm()
    )
    gc.disable()
    try:
        one = shared.fit(shared.sites[1:])
        assert one.mu.median > 0
        gone = weakref.ref(one)
        del one
        assert gone() is None
    finally:
        gc.enable()


def test_functions_of_a_quantity(fit):
    """Risk difference at a control level of 20 %: quantiles map, the mean is an average over the posterior."""
    base = np.arcsin(np.sqrt(0.2))

    def difference(x):
        return np.sin(np.clip(base + x, 0, np.pi / 2)) ** 2 - 0.2

    for one in (fit.mu[0], pool([0.2], [0.02], **PRIORS).mu, fit.theta[2], fit.new_site[1]):
        moved = one.transform(difference)
        assert moved.quantile(0.9) == pytest.approx(difference(one.quantile(0.9)), abs=1e-6)
        assert moved.prob_above(difference(0.1)) == pytest.approx(one.prob_above(0.1), abs=1e-6)
        p = (np.arange(4000) + 0.5) / 4000
        values = difference(one.quantile(p))
        assert moved.mean == pytest.approx(values.mean(), abs=2e-4)
        assert moved.sd == pytest.approx(values.std(), rel=5e-3)
        assert one.expect(np.square) == pytest.approx(one.mean**2 + one.sd**2, rel=5e-4)
    with pytest.raises(ValueError, match="not monotone"):
        fit.mu[0].transform(np.square)
    falling = fit.mu[0].transform(lambda x: -(x**3))
    assert falling.quantile(0.1) == pytest.approx(-(fit.mu[0].quantile(0.9) ** 3), abs=1e-9)


def test_intervals():
    fit = pool(
        [0.3, -0.1, 0.2, NAN], [0.02, 0.03, 0.01, 0.02], lower=[NAN] * 3 + [0.0], upper=[NAN] * 3 + [INF], **PRIORS
    )
    for one in (fit.mu, fit.tau, fit.theta[3], fit.new_site):
        for level in (0.5, 0.95):
            equal, shortest = one.interval(level), one.interval(level, kind="shortest")
            for low, high in (equal, shortest):
                assert one.prob_above(low) - one.prob_above(high) == pytest.approx(level, abs=1e-6)
            assert shortest[1] - shortest[0] <= equal[1] - equal[0] + 1e-9
    with pytest.raises(ValueError, match="kind"):
        fit.mu.interval(0.9, kind="central")
    with pytest.raises(ValueError, match="level"):
        fit.mu.interval(95)
    with pytest.raises(ValueError, match="probability"):
        fit.mu.quantile(1.2)


def test_shapes():
    single = pool([0.3, -0.1], [0.02, 0.03], **PRIORS)
    assert np.shape(single.mu.mean) == () and np.shape(single.theta.mean) == (2,)
    several = pool([0.3, -0.1, 0.2], [0.02, 0.03, 0.1], X=np.eye(2)[[0, 1, 0]], **PRIORS)
    assert several.mu.quantile([0.1, 0.5, 0.9]).shape == (2, 3) and several.mu.interval(0.9).shape == (2, 2)
    assert len(several.mu) == 2 and len(list(several.theta)) == 3
    assert several.tau.quantile(np.full((2, 2), 0.5)).shape == (2, 2)


def test_site_effects_follow_the_callers_row_order():
    order = [2, 0, 3, 1]
    data = {
        "y": np.array([0.3, -0.4, 0.2, 0.6]),
        "v": np.full(4, 0.01),
        "X": np.eye(2)[[0, 1, 0, 1]],
        "groups": list("abab"),
    }
    first, second = pool(**data, **PRIORS), pool(**{k: np.asarray(v)[order] for k, v in data.items()}, **PRIORS)
    np.testing.assert_allclose(first.theta.mean[order], second.theta.mean, atol=1e-10)


def test_mu_prior_with_a_bound():
    """Half-normal prior of the average: against the normal one restricted by hand."""
    y, v = [0.1, 0.2, NAN], [0.02, 0.03, 0.02]
    bounds = {"lower": [NAN, NAN, 0.0], "upper": [NAN, NAN, INF]}
    free = pool(y, v, **bounds, mu_prior=(0, 0.5), tau_prior=TAU)
    half = pool(y, v, **bounds, mu_prior=stats.halfnorm(scale=0.5), tau_prior=TAU)
    above = free.mu.prob_above(0.0)
    for c in (0.05, 0.15, 0.3):
        assert half.mu.prob_above(c) == pytest.approx(free.mu.prob_above(c) / above, abs=2e-5)
    assert half.log_marginal_likelihood == pytest.approx(free.log_marginal_likelihood + np.log(2 * above), abs=2e-5)
    assert half.mu.prob_above(0.0) == pytest.approx(1.0, abs=1e-9)


def test_compare_takes_statements():
    found = compare([0.3, NAN], [0.02, 0.02], lower=[NAN, 0.28], upper=[NAN, INF], mu_prior=(0, 0.5), tau_prior=TAU)
    assert found.bayes_factor("effect_random", "null_random") > 1
    with pytest.raises(ValueError, match="no model 'random'; name two of null_fixed"):
        found.bayes_factor("random", "null_random")
    assert sum(found.probabilities.values()) == pytest.approx(1.0)


def test_same_input_gives_the_same_bytes():
    first, second = pool(**MIXED, **PRIORS), pool(**MIXED, **PRIORS)
    assert first.mu.mean.tobytes() == second.mu.mean.tobytes()
    assert np.asarray(first.theta.quantile(0.3)).tobytes() == np.asarray(second.theta.quantile(0.3)).tobytes()


def test_some_of_the_marginals(fit):
    assert [one.mean for one in fit.theta[1:3]] == [fit.theta[1].mean, fit.theta[2].mean]
    np.testing.assert_allclose(fit.mu.cdf(0.1), 1 - fit.mu.prob_above(0.1), atol=1e-12)
