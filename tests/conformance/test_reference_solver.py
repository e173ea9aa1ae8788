"""The reference solver is itself checked: against published numbers, scipy's rectangles, and its own other half."""

import numpy as np
import pytest
import reference_grid
import reference_numbers
import reference_sites
import vector_format
from scipy import stats

Y = [28.39, 7.94, -2.75, 6.82, -0.64, 0.63, 18.01, 12.16]
SE = [14.9, 10.2, 16.3, 11.0, 9.4, 11.4, 10.4, 17.6]


def eight_schools(**changes):
    given = {name: None for name in ("V", "X", "groups", "lower", "upper", "contrast", "source", "epsilon")}
    given |= {
        "y": Y,
        "v": [s**2 for s in SE],
        "kappa": 2.0,
        "mu_prior": {"family": "normal", "mean": 0, "sd": 50},
        "tau_prior": {"family": "halfcauchy", "scale": 25},
    }
    return vector_format.arguments({"input": given | changes}) | {"theta_rows": [0, 7]}


def test_published_answers_for_eight_schools():
    """Rubin (1981) as in the bayesmeta package; five more digits by independent quadrature."""
    found = reference_numbers.solve(eight_schools(), 1)
    assert found["mu"][0]["mean"] == pytest.approx(7.986042, abs=1e-6)
    assert found["mu"][0]["sd"] == pytest.approx(4.995598, abs=1e-6)
    assert found["mu"][0]["positive"] == pytest.approx(0.948769, abs=1e-6)
    assert found["new_site"][0]["positive"] == pytest.approx(0.86505, abs=5e-6)
    assert found["log_ml"] == pytest.approx(-33.72698, abs=5e-6)


def test_sign_only_school():
    """School A known only as positive: two-dimensional quadrature elsewhere gave 6.9420 (5.0368), tau 5.55148."""
    given = eight_schools(y=[None, *Y[1:]], lower=[0.0] + [None] * 7, upper=["inf"] + [None] * 7, epsilon=0.0)
    found = reference_grid.solve(given | {"theta_rows": []}, 1)
    assert found["mu"][0]["mean"] == pytest.approx(6.9420, abs=5e-5)
    assert found["mu"][0]["sd"] == pytest.approx(5.0368, abs=5e-5)
    assert found["tau"]["mean"] == pytest.approx(5.55148, abs=1e-5)


def test_grid_and_conjugate_solver_agree():
    """Numbers alone, with a prior that gives site effects a generating function."""
    given = eight_schools(tau_prior={"family": "halfnormal", "scale": 10})
    grid, conjugate = reference_grid.solve(dict(given), 1), reference_numbers.solve(given, 1)
    for part in ("mu", "new_site", "theta"):
        for a, b in zip(grid[part], conjugate[part], strict=True):
            assert a == pytest.approx(b, rel=1e-6)
    assert grid["log_ml"] == pytest.approx(conjugate["log_ml"], abs=1e-8)


@pytest.mark.parametrize("seed", range(6))
def test_site_against_scipy_rectangles(seed):
    """Three arms, their control and one number among them, against the multivariate normal distribution function."""
    rng = np.random.default_rng(seed)
    L = np.hstack([-np.ones((3, 1)), np.eye(3)])
    arm_v, tau, mu = rng.uniform(0.2, 2, 4), 0.7, np.array([0.3])
    numeric = seed % 2 == 1
    y = np.array([rng.normal() if numeric else np.nan, np.nan, np.nan])
    lower = np.array([np.nan if numeric else -0.5, 0.0, -1.0])
    upper = np.array([np.nan if numeric else 1.0, np.inf, 0.4])
    given = {
        "y": y,
        "v": (L**2) @ arm_v,
        "V": None,
        "X": None,
        "groups": [0, 0, 0],
        "lower": lower,
        "upper": upper,
        "contrast": [L, np.tile(arm_v, (3, 1))],
        "source": None,
        "epsilon": 0.0,
        "kappa": 2.0,
    }
    site = reference_sites.sites(given)[0]
    found = float(np.exp(reference_sites.log_likelihood(site, [mu], tau, 48)).squeeze())
    C = L @ np.diag(arm_v + tau**2 / 2) @ L.T
    told = np.isnan(y)
    mean, cov, density = np.full(told.sum(), 0.3), C[np.ix_(told, told)], 1.0
    if numeric:
        gain = C[1:, 0] / C[0, 0]
        mean, cov = mean + gain * (y[0] - 0.3), cov - np.outer(gain, C[0, 1:])
        density = stats.norm.pdf(y[0], 0.3, np.sqrt(C[0, 0]))
    rectangle = stats.multivariate_normal.cdf(
        np.clip(upper[told], -50, 50),
        mean,
        cov,
        abseps=1e-9,
        releps=1e-9,
        maxpts=2_000_000,
        lower_limit=np.clip(lower[told], -50, 50),
        rng=np.random.default_rng(seed),
    )
    assert found == pytest.approx(density * rectangle, rel=2e-5)


def test_reliability_is_a_mixture_over_sources():
    """Two sources at one site: the four patterns of right and wrong, written out."""
    given = eight_schools(
        y=[None, None],
        v=[100.0, 80.0],
        groups=["a", "a"],
        lower=[0.0, -5.0],
        upper=["inf", 5.0],
        source=["s", "t"],
        epsilon=[0.1, 0.3],
    )
    site = reference_sites.sites(given)[0]
    found = float(np.exp(reference_sites.log_likelihood(site, [np.array([4.0])], 3.0, 48)).squeeze())
    C = np.diag([100.0, 80.0]) + 9 * np.array([[1, 0.5], [0.5, 1]])
    p = stats.norm.cdf([np.inf, 5], 4, np.sqrt(np.diag(C))) - stats.norm.cdf([0, -5], 4, np.sqrt(np.diag(C)))
    both = stats.multivariate_normal.cdf([1e3, 5], [4, 4], C, lower_limit=[0, -5])
    q = stats.norm.cdf([np.inf, 5 / (2 * 80**0.5)]) - stats.norm.cdf([0, -5 / (2 * 80**0.5)])
    want = 0.9 * 0.7 * both + 0.1 * 0.7 * q[0] * p[1] + 0.9 * 0.3 * p[0] * q[1] + 0.1 * 0.3 * q[0] * q[1]
    assert found == pytest.approx(want, rel=1e-6)
