"""Limits that must hold whatever the data (model.md §3), over random small analyses."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pooling.exact import pool
from scipy import stats

TAU = stats.halfnorm(scale=0.6)
PRIORS = {"mu_prior": (0.0, 1.0), "tau_prior": TAU}
# A busy machine may be slow in drawing examples; that says nothing about the engine.
QUICK = settings(max_examples=8, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])

finite = st.floats(-2.0, 2.0)
sizes = st.floats(0.15, 1.2)


@st.composite
def evidence(draw, least=1, most=5, several=False):
    """Arms against shared controls: numbers and statements, one or two coefficients."""
    p = 2 if several else 1
    rows = {name: [] for name in ("y", "v", "lower", "upper", "X", "groups", "L", "arm_v")}
    for site in range(draw(st.integers(least, most))):
        control = draw(sizes) ** 2 / 2
        arms = draw(st.integers(1, p))
        own = [draw(sizes) ** 2 / 2 for _ in range(arms)]
        for a in range(arms):
            s = np.sqrt(control + own[a])
            estimate = draw(finite)
            cuts = sorted([draw(finite), draw(finite)])
            bounds = draw(st.sampled_from(["number", "above", "below", "between"]))
            number = bounds == "number"
            rows["y"].append(estimate if number else np.nan)
            rows["lower"].append(np.nan if number else -np.inf if bounds == "below" else cuts[0] * s)
            rows["upper"].append(np.nan if number else np.inf if bounds == "above" else (cuts[1] + 0.05) * s)
            rows["v"].append(s**2)
            rows["X"].append(np.eye(p)[a if arms > 1 else draw(st.integers(0, p - 1))])
            rows["groups"].append(site)
            rows["L"].append([-1.0] + [float(b == a) for b in range(p)])
            rows["arm_v"].append([control, *own, *[1.0] * (p - arms)])
    out = {name: np.array(values) for name, values in rows.items()}
    out["contrast"] = (out.pop("L"), out.pop("arm_v"))
    return out


def change(data, keep=None, **new):
    """The same evidence with rows picked or arrays replaced."""
    out = {**data, **new}
    if keep is not None:
        out = {k: (v[0][keep], v[1][keep]) if k == "contrast" else v[keep] if np.ndim(v) else v for k, v in out.items()}
    return out


def summary(fit):
    return np.concatenate([np.ravel(fit.mu.mean), np.ravel(fit.mu.sd), [fit.tau.mean, fit.tau.sd]])


def same(first, second, tol=2e-4):
    np.testing.assert_allclose(summary(first), summary(second), atol=tol * float(np.max(first.mu.sd)))


@QUICK
@given(evidence(several=True))
def test_interval_without_bounds_is_an_absent_row(data):
    n = data["y"].size
    wide = change(
        data,
        y=np.append(data["y"], np.nan),
        v=np.append(data["v"], 0.5),
        lower=np.append(data["lower"], -np.inf),
        upper=np.append(data["upper"], np.inf),
        X=np.vstack([data["X"], [1.0, 0.0]]),
        groups=np.append(data["groups"], 99),
        contrast=(
            np.vstack([data["contrast"][0], [-1.0, 1.0, 0.0]]),
            np.vstack([data["contrast"][1], [0.25, 0.25, 1.0]]),
        ),
    )
    for epsilon in (0.0, 0.2):
        with_row, without = pool(**wide, **PRIORS, epsilon=epsilon), pool(**data, **PRIORS, epsilon=epsilon)
        same(with_row, without)
        assert with_row.log_marginal_likelihood == pytest.approx(without.log_marginal_likelihood, abs=1e-5)
        assert with_row.theta[n].mean == pytest.approx(float(without.new_site[0].mean), abs=1e-4)


@QUICK
@given(evidence(several=True))
def test_interval_shrinking_to_a_point_is_a_number(data):
    y = np.where(np.isnan(data["y"]), 0.3, data["y"])
    none = np.full(y.size, np.nan)
    point = change(data, y=none, lower=y - 1e-5, upper=y + 1e-5)
    numbers = change(data, y=y, lower=none, upper=none)
    statement, number = pool(**point, **PRIORS), pool(**numbers, **PRIORS)
    same(statement, number)
    density = statement.log_marginal_likelihood - y.size * np.log(2e-5)
    assert density == pytest.approx(number.log_marginal_likelihood, abs=1e-4)


@QUICK
@given(evidence(least=2, several=True), st.lists(st.floats(-2, 2), max_size=3), st.sampled_from([0.0, 0.25]))
def test_partition_of_statements_sums_to_one(data, cuts, epsilon):
    """Whatever is said of row 0, one of the categories must have been said."""
    others = np.arange(1, data["y"].size)
    base = pool(**change(data, others), **PRIORS, epsilon=epsilon).log_marginal_likelihood
    edges = [-np.inf, *sorted(cuts), np.inf]
    total = 0.0
    for low, high in pairwise(edges):
        if high - low > 1e-6:
            y, lower, upper = data["y"].copy(), data["lower"].copy(), data["upper"].copy()
            y[0], lower[0], upper[0] = np.nan, low, high
            told = pool(
                **change(data, y=y, lower=lower, upper=upper), **PRIORS, epsilon=epsilon, source=np.arange(y.size)
            )
            total += np.exp(told.log_marginal_likelihood - base)
    reference = pool(**change(data, others), **PRIORS, epsilon=epsilon, source=others).log_marginal_likelihood
    assert total * np.exp(base - reference) == pytest.approx(1.0, abs=3e-5)


@QUICK
@given(evidence(several=True))
def test_sign_flip(data):
    flipped = change(data, y=-data["y"], lower=-data["upper"], upper=-data["lower"])
    plus, minus = pool(**data, **PRIORS, epsilon=0.1), pool(**flipped, **PRIORS, epsilon=0.1)
    sd = float(np.max(plus.mu.sd))
    np.testing.assert_allclose(plus.mu.mean, -minus.mu.mean, atol=1e-4 * sd)
    np.testing.assert_allclose(plus.mu.prob_above(0.2), 1 - minus.mu.prob_above(-0.2), atol=1e-4)
    np.testing.assert_allclose(plus.theta.mean, -minus.theta.mean, atol=2e-3 * sd)
    assert plus.tau.mean == pytest.approx(minus.tau.mean, abs=1e-4)


@QUICK
@given(evidence(least=2, several=True), st.randoms(use_true_random=False))
def test_row_order_and_labels_do_not_matter(data, random):
    order = list(range(data["y"].size))
    random.shuffle(order)
    names = np.array([f"site {9 - g}" for g in data["groups"]])
    mixed = change(change(data, groups=names), np.array(order))
    first, second = pool(**data, **PRIORS, epsilon=0.1), pool(**mixed, **PRIORS, epsilon=0.1)
    same(first, second)
    np.testing.assert_allclose(first.theta.mean[order], second.theta.mean, atol=2e-3)


@QUICK
@given(evidence(several=True), st.sampled_from([1e-4, 37.0, 1e5]))
def test_rescaling_the_outcome(data, c):
    scaled = change(
        data,
        y=c * data["y"],
        lower=c * data["lower"],
        upper=c * data["upper"],
        v=c**2 * data["v"],
        contrast=(data["contrast"][0], c**2 * data["contrast"][1]),
    )
    first = pool(**data, **PRIORS, epsilon=0.1)
    second = pool(**scaled, mu_prior=(0.0, c), tau_prior=stats.halfnorm(scale=0.6 * c), epsilon=0.1)
    np.testing.assert_allclose(summary(first) * c, summary(second), atol=1e-4 * c)
    assert second.theta[0].quantile(0.9) == pytest.approx(c * first.theta[0].quantile(0.9), abs=2e-3 * c)


@QUICK
@given(evidence(least=2))
def test_one_arm_with_a_control_is_pairwise(data):
    plain = {k: v for k, v in data.items() if k not in ("contrast", "groups")}
    same(pool(**data, **PRIORS, epsilon=0.1), pool(**plain, **PRIORS, epsilon=0.1), tol=1e-6)


@QUICK
@given(st.lists(st.tuples(finite, sizes), min_size=2, max_size=8))
def test_diagonal_covariance_is_pairwise(rows):
    y, s = np.array(rows).T
    same(pool(y, s**2, **PRIORS), pool(y, V=np.diag(s**2), **PRIORS), tol=1e-9)


@QUICK
@given(evidence(least=2, several=True))
def test_a_given_covariance_is_the_contrasts_own(data):
    """V of arms against a shared control, the contrast's arm variances, and no contrast at all agree."""
    L, arm_v = data["contrast"]
    n = data["y"].size
    together = data["groups"][:, None] == data["groups"][None, :]
    V = np.where(together, (L * arm_v) @ L.T, 0.0)
    V[np.arange(n), np.arange(n)] = data["v"]
    plain = {k: v for k, v in data.items() if k not in ("contrast", "v")}
    same(pool(**data, **PRIORS, epsilon=0.1), pool(**plain, V=V, **PRIORS, epsilon=0.1), tol=1e-5)


def test_an_unreliable_source_in_the_limit_says_nothing():
    told = pool([np.nan, 0.4], [0.1, 0.1], lower=[0.6, np.nan], upper=[np.inf, np.nan], epsilon=0.9999999, **PRIORS)
    same(told, pool([0.4], [0.1], **PRIORS), tol=1e-4)


def test_several_sources_at_one_site():
    """Patterns of two sources by hand: each reliable or not, the reliable ones sharing the control."""
    v = np.array([0.2, 0.2])
    contrast = (np.array([[-1.0, 1, 0], [-1, 0, 1]]), np.array([[0.1, 0.1, 0.1]] * 2))
    lower, upper, eps = np.array([0.3, -0.5]), np.array([np.inf, 0.2]), np.array([0.2, 0.3])

    def ml(keep, epsilon=0.0, source=None):
        if not len(keep):
            return 1.0
        told = pool(
            np.full(len(keep), np.nan),
            v[keep],
            X=np.ones((len(keep), 1)),
            groups=np.zeros(len(keep)),
            lower=lower[keep],
            upper=upper[keep],
            contrast=(contrast[0][keep], contrast[1][keep]),
            source=source,
            epsilon=epsilon,
            **PRIORS,
        )
        return np.exp(told.log_marginal_likelihood)

    s = 2 * np.sqrt(v)
    q = stats.norm.cdf(upper / s) - stats.norm.cdf(lower / s)
    by_hand = (
        (1 - eps[0]) * (1 - eps[1]) * ml([0, 1])
        + eps[0] * q[0] * (1 - eps[1]) * ml([1])
        + (1 - eps[0]) * eps[1] * q[1] * ml([0])
        + eps[0] * q[0] * eps[1] * q[1]
    )
    assert ml([0, 1], eps, ["a", "b"]) == pytest.approx(by_hand, rel=1e-5)
    together = 0.8 * ml([0, 1]) + 0.2 * q[0] * q[1]
    assert ml([0, 1], 0.2, ["a", "a"]) == pytest.approx(together, rel=1e-5)
