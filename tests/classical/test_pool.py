import inspect

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pooling import classical
from scipy import optimize, stats
from statsmodels.stats.meta_analysis import combine_effects

ESTIMATORS = [method for method in classical.METHODS if method != "EE"]
SEEDS = st.integers(0, 2**32 - 1)


def example(seed, k=8, tau=0.3):
    rng = np.random.default_rng(seed)
    v = rng.uniform(0.01, 0.3, k)
    return 0.2 + rng.normal(0, np.sqrt(v + tau**2)), v


def arms(seed, sites=5):
    """Sites with one to four arms and a control group of different sizes; two components."""
    rng = np.random.default_rng(seed)
    groups = np.repeat(np.arange(sites), rng.integers(1, 5, sites))
    control = rng.uniform(0.01, 0.1, sites)[groups]
    V = np.diag(rng.uniform(0.01, 0.1, groups.size)) + control * (groups[:, None] == groups)
    X = np.column_stack([np.ones(groups.size), np.arange(groups.size) % 2])
    spread = 0.04 * (0.5 * np.eye(groups.size) + 0.5 * (groups[:, None] == groups))
    return rng.multivariate_normal(X @ [0.3, -0.2], V + spread), V, X, groups


def same(a, b, rtol=1e-7):
    np.testing.assert_allclose(a.estimates, b.estimates, rtol=rtol, atol=1e-10)
    np.testing.assert_allclose(a.covariance, b.covariance, rtol=rtol, atol=1e-12)
    np.testing.assert_allclose(a.tau2, b.tau2, rtol=rtol, atol=1e-12)
    np.testing.assert_allclose(a.Q, b.Q, rtol=rtol)


@pytest.mark.parametrize("seed", [0, 3, 4, 5, 9])
def test_same_as_statsmodels(seed):
    """Data with an estimate of tau2 above zero: at the boundary statsmodels keeps a negative DL estimate."""
    y, v = example(seed)
    for ours, theirs in (("DL", "chi2"), ("PM", "iterated")):
        # Its Paule-Mandel stops when Q is within 1e-5 of its target (a tighter one makes it give up).
        fit, other = classical.pool(y, v, method=ours), combine_effects(y, v, method_re=theirs)
        assert fit.tau2 == pytest.approx(other.tau2, abs=2e-6)
        assert fit.estimate == pytest.approx(other.mean_effect_re, abs=2e-6)
        assert fit.se == pytest.approx(other.sd_eff_w_re, abs=2e-6)
        assert pytest.approx(other.q, rel=1e-12) == fit.Q
    hartung = classical.pool(y, v, method="DL", knapp_hartung=True)
    assert hartung.se == pytest.approx(combine_effects(y, v, method_re="chi2").sd_eff_w_re_hksj, rel=1e-9)
    common, other = classical.pool(y, v, method="EE"), combine_effects(y, v)
    assert common.estimate == pytest.approx(other.mean_effect_fe, rel=1e-12)
    assert common.se == pytest.approx(other.sd_eff_w_fe, rel=1e-12)


@pytest.mark.parametrize("method", ["ML", "REML"])
@pytest.mark.parametrize("seed", range(4))
def test_likelihood_is_highest_at_the_estimate(method, seed):
    """Against a likelihood written out with full matrices, for several arms to a site."""
    y, V, X, groups = arms(seed)
    R = 0.5 * np.eye(len(y)) + 0.5 * (groups[:, None] == groups)

    def deviance(tau2):
        M = V + tau2 * R
        W = np.linalg.inv(M)
        information = X.T @ W @ X
        r = y - X @ np.linalg.solve(information, X.T @ W @ y)
        restricted = np.linalg.slogdet(information)[1] if method == "REML" else 0.0
        return np.linalg.slogdet(M)[1] + r @ W @ r + restricted

    found = optimize.minimize_scalar(deviance, bounds=(0, 5), method="bounded", options={"xatol": 1e-10})
    fit = classical.pool(y, V=V, X=X, groups=groups, method=method)
    assert deviance(fit.tau2) <= found.fun + 1e-9
    M = V + fit.tau2 * R
    expected = np.linalg.inv(X.T @ np.linalg.solve(M, X))
    np.testing.assert_allclose(fit.covariance, expected, rtol=1e-8)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(SEEDS)
def test_diagonal_covariance_is_pairwise(seed):
    y, v = example(seed)
    for method in ("EE", "ML", "REML"):
        same(classical.pool(y, v, method=method), classical.pool(y, V=np.diag(v), method=method))
        named = classical.pool(y, V=np.diag(v), groups=list("hgfedcba"), method=method)
        same(classical.pool(y, v, method=method), named)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(SEEDS, st.floats(1e-3, 1e3), st.sampled_from(classical.METHODS))
def test_scale_and_sign(seed, factor, method):
    y, v = example(seed)
    fit, scaled = (
        classical.pool(y, v, method=method),
        classical.pool(-factor * y, factor**2 * v, method=method),
    )
    assert scaled.estimate == pytest.approx(-factor * fit.estimate, rel=1e-6, abs=1e-9 * factor)
    assert scaled.se == pytest.approx(factor * fit.se, rel=1e-6)
    assert scaled.tau2 == pytest.approx(factor**2 * fit.tau2, rel=1e-6, abs=1e-12 * factor**2)
    assert pytest.approx(fit.I2, abs=1e-6) == scaled.I2


@settings(max_examples=25, deadline=None, derandomize=True)
@given(SEEDS)
def test_order_of_rows_does_not_matter(seed):
    y, V, X, groups = arms(seed)
    turn = np.random.default_rng(seed).permutation(len(y))
    fit = classical.pool(y, V=V, X=X, groups=groups)
    turned = classical.pool(y[turn], V=V[np.ix_(turn, turn)], X=X[turn], groups=groups[turn])
    same(fit, turned, rtol=1e-6)


def test_any_two_arms_of_a_site_differ_as_an_arm_and_its_control():
    """Changing the arm that plays the control changes no contrast: the point of R = (I + 11')/2."""
    y, V, groups = np.array([0.3, 0.5, 0.1, 0.4]), np.eye(4) * 0.02 + 0.01, np.array([0, 0, 1, 1])
    V[:2, 2:] = V[2:, :2] = 0
    X = np.tile(np.eye(2), (2, 1))
    turn = np.array([[-1.0, 0.0], [-1.0, 1.0]])  # against arm 1: control, arm 2
    both = np.kron(np.eye(2), turn)
    fit = classical.pool(y, V=V, X=X, groups=groups)
    turned = classical.pool(both @ y, V=both @ V @ both.T, X=X, groups=groups)
    assert turned.tau2 == pytest.approx(fit.tau2, rel=1e-7)
    np.testing.assert_allclose(turned.estimates, turn @ fit.estimates, rtol=1e-8)


@pytest.mark.parametrize("method", classical.METHODS)
def test_equal_effects_give_the_boundary(method):
    fit = classical.pool([0.2] * 5, [0.01, 0.02, 0.03, 0.04, 0.05], method=method)
    assert fit.tau2 == 0.0 and fit.estimate == pytest.approx(0.2)
    assert fit.tau2_interval() == (0.0, 0.0)
    assert pytest.approx(0, abs=1e-20) == fit.Q and fit.I2 == 0.0 and fit.H2 == 1.0
    with pytest.raises(ValueError, match="Knapp-Hartung"):
        classical.pool([0.2] * 5, [0.01, 0.02, 0.03, 0.04, 0.05], method=method, knapp_hartung=True)


@pytest.mark.parametrize("method", ESTIMATORS)
def test_enormous_heterogeneity(method):
    y = np.array([-1e6, 2e6, 5e6, -3e6])
    fit = classical.pool(y, np.full(4, 1e-6), method=method)
    assert fit.estimate == pytest.approx(y.mean(), rel=1e-9)
    expected = np.var(y) if method == "ML" else np.var(y, ddof=1)
    assert fit.tau2 == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("method", classical.METHODS)
def test_errors_over_six_orders_of_magnitude(method):
    """Against plain formulas in extended precision."""
    se = np.geomspace(1e-3, 1e3, 7)
    y = np.array([0.4, 0.4001, 0.41, 0.2, 9.0, -60.0, 700.0])
    fit = classical.pool(y, se**2, method=method)
    w = 1 / (se.astype(np.longdouble) ** 2 + np.longdouble(fit.tau2))
    assert fit.estimate == pytest.approx(float((w * y).sum() / w.sum()), rel=1e-12)
    assert fit.se == pytest.approx(float(w.sum() ** -0.5), rel=1e-12)
    w0 = 1 / se.astype(np.longdouble) ** 2
    mean = (w0 * y).sum() / w0.sum()
    q = float((w0 * (y - mean) ** 2).sum())
    assert pytest.approx(q, rel=1e-12) == fit.Q
    if method == "DL":
        trace = w0.sum() - (w0**2).sum() / w0.sum()
        assert fit.tau2 == pytest.approx(max(0.0, (q - 6) / float(trace)), rel=1e-9)


def test_two_tops_of_the_likelihood():
    """A small cluster of precise sites and wide others: a local climber can stop at the lower top."""
    y, v = np.array([0.0, 0.02, -0.02, 8.0, -9.0]), np.array([1e-4, 1e-4, 1e-4, 1.0, 1.0])
    fit = classical.pool(y, v)

    def height(tau2):
        w = 1 / (v + tau2)
        mean = w @ y / w.sum()
        return 0.5 * np.log(w).sum() - 0.5 * np.log(w.sum()) - 0.5 * w @ (y - mean) ** 2

    nodes = np.concatenate([[0.0], np.geomspace(1e-8, 1e3, 20_000)])
    assert height(fit.tau2) >= max(height(tau2) for tau2 in nodes) - 1e-9


def test_interval_of_tau2_covers_what_gives_probable_q():
    y, v = example(3, tau=0.6)
    lower, upper = classical.pool(y, v).tau2_interval(0.9)
    for tau2, tail in ((lower, 0.05), (upper, 0.95)):
        w = 1 / (v + tau2)
        q = w @ (y - w @ y / w.sum()) ** 2
        assert stats.chi2.sf(q, 7) == pytest.approx(tail, abs=1e-9)


def test_one_site_and_two():
    one = classical.pool([0.3], [0.04], method="EE")
    assert (one.estimate, one.se, one.Q, one.Q_p_value, one.H2) == pytest.approx((0.3, 0.2, 0.0, 1.0, 1.0))
    with pytest.raises(ValueError, match="fewer coefficients"):
        classical.pool([0.3], [0.04])
    two = classical.pool([0.1, 0.5], [0.01, 0.01])
    assert two.tau2 == pytest.approx(0.08 - 0.01)
    with pytest.raises(ValueError, match="one site cannot show"):
        classical.pool([0.1, 0.5], [0.01, 0.01], groups=["a", "a"])


def test_form_of_the_answer():
    y, v = example(0)
    plain = classical.pool(y, v)
    assert isinstance(plain.estimate, float) and plain.interval().shape == (2,)
    assert plain.prediction_interval().shape == (2,)
    design = classical.pool(y, v, X=np.column_stack([np.ones(8), np.arange(8)]))
    assert design.estimate.shape == design.se.shape == (2,)
    assert design.interval().shape == design.prediction_interval().shape == (2, 2)
    slope = design.contrast([0, 1])
    assert slope.estimate[0] == design.estimates[1] and slope.p_value[0] == design.p_values[1]
    assert slope.lower[0] == design.interval()[1, 0]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"y": []}, "at least one"),
        ({"y": [0.1, np.nan, 0.2]}, "row 1: y is nan"),
        ({"y": [0.1, np.inf, 0.2]}, "row 1: y is inf"),
        ({"v": [0.1, 0.0, 0.2]}, "row 1: sampling variance 0"),
        ({"v": [0.1, -1.0, 0.2]}, "row 1: sampling variance -1"),
        ({"v": [0.1, np.nan, 0.2]}, "row 1: sampling variance nan"),
        ({"v": [0.1, 0.1]}, "one sampling variance for each"),
        ({"v": None}, "either v"),
        ({"V": np.eye(3)}, "either v"),
        ({"v": None, "V": np.eye(2)}, "3 x 3"),
        ({"v": None, "V": np.eye(3) + 0.1}, "links rows of different sites"),
        ({"v": None, "V": -np.eye(3)}, "site '1': its block"),
        ({"v": None, "V": np.eye(3) * 0 + 1, "groups": ["a"] * 3, "method": "EE"}, "site 'a': its block"),
        ({"groups": ["a"]}, "groups must name"),
        ({"groups": ["a", None, "b"]}, "row 1: groups has no label"),
        ({"groups": [1.0, np.nan, np.nan]}, "row 1: groups has no label"),
        ({"y": [0.1, "none", 0.2]}, "y must hold numbers.*'none'"),
        ({"v": [0.1, "n.s.", 0.2]}, "v must hold numbers.*'n.s.'"),
        ({"X": ["a", "b", "c"]}, "X must hold numbers.*'a'"),
        ({"V": [[1, 0], [0]], "v": None}, "V must hold numbers, in rows of one length"),
        ({"v": [1e-320] * 3}, "other units"),
        ({"y": [1e200, 2e200, 5e200]}, "other units"),
        ({"X": np.ones((2, 1))}, "one row for each"),
        ({"X": np.ones((3, 4))}, "more coefficients than rows"),
        ({"X": [[1, 1], [1, 1], [1, 1]]}, "cannot be told apart"),
        ({"X": [[1, 0], [1, 0], [1, 0]]}, "column 1 of X is zero"),
        ({"X": [[1, 0], [1, np.nan], [1, 0]]}, "row 1: X must be finite"),
        ({"method": "reml"}, "method 'reml' is unknown"),
        ({"v": None, "V": np.eye(3), "method": "DL"}, "DL is not defined for several arms"),
        ({"groups": ["a", "a", "b"], "method": "PM"}, "PM is not defined for several arms"),
    ],
)
def test_refusals_say_what_is_wrong(arguments, words):
    with pytest.raises(ValueError, match=words):
        classical.pool(**{"y": [0.1, 0.3, 0.2], "v": [0.1, 0.1, 0.1], **arguments})


def test_groups_may_have_names_of_any_kind():
    y, v = example(0)
    names = np.array(list("bbacdefg"))
    plain = classical.pool(y, v, groups=names)
    assert plain.data.labels == tuple("bacdefg")
    for groups in (names.tolist(), pd.Series(names, index=y), pd.Categorical(names), pd.array(names, dtype="string")):
        assert classical.pool(y, v, groups=groups).estimate == plain.estimate


def test_a_combination_of_nothing_is_refused():
    with pytest.raises(ValueError, match="at least one other weight"):
        classical.pool(*example(0)).contrast([0])


def test_level_out_of_range_is_refused():
    with pytest.raises(ValueError, match="between 0 and 1"):
        classical.pool(*example(0)).interval(95)


def test_defaults_are_those_promised():
    found = inspect.signature(classical.pool).parameters
    assert list(found) == ["y", "v", "X", "method", "knapp_hartung", "V", "groups"]
    assert found["method"].default == "REML" and found["knapp_hartung"].default is False
