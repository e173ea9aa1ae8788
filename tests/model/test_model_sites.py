"""Site effects after sampling, against moments of truncated normals and against the exact engine's limits."""

import numpy as np
import pytest
from pooling import model
from pooling.model.estimates import draw_estimates
from scipy import integrate, stats

DRAWS = 40_000


def evidence(lower, upper, epsilon, source=None, y=None):
    """One site with a row per arm against a shared control, all arms with variance 0.001."""
    m = len(lower)
    L = np.hstack([-np.ones((m, 1)), np.eye(m)])
    return {
        "y": np.full(m, np.nan) if y is None else np.asarray(y), "v": np.full(m, 0.002), "X": np.ones((m, 1)),
        "groups": ["a"] * m, "lower": np.asarray(lower, float), "upper": np.asarray(upper, float),
        "contrast": (L, np.full((m, m + 1), 0.001)), "epsilon": epsilon, "source": source,
    }  # fmt: skip


def drawn(mu, tau, **given):
    spec = model.specify(**given, mu_prior=(0, 1), tau_prior=stats.halfnorm(scale=1))
    return model.site_effects(spec, np.full((DRAWS, 1), mu), np.full(DRAWS, tau), seed=1)


def moments(mean, cov, lower, upper, case):
    """Mean of the estimates by quadrature over two dimensions, with weight `case` outside the intervals."""
    law = stats.multivariate_normal(mean, cov)
    inside = stats.norm(mean, np.sqrt(np.diag(cov)))
    edges = [inside.ppf(1e-9), inside.ppf(1 - 1e-9)]
    grid = [np.unique(np.concatenate([np.linspace(a, b, 1601), [lo, up]]))
            for a, b, lo, up in zip(*edges, np.clip(lower, *edges), np.clip(upper, *edges), strict=True)]  # fmt: skip
    x, z = np.meshgrid(*grid, indexing="ij")
    ok = (x > lower[0]) & (x < upper[0]) & (z > lower[1]) & (z < upper[1])
    density = law.pdf(np.stack([x, z], axis=-1)) * case(ok)

    def total(f):
        return integrate.trapezoid(integrate.trapezoid(f, grid[1], axis=1), grid[0])

    mass = total(density)
    return np.array([total(density * x), total(density * z)]) / mass


@pytest.mark.parametrize("epsilon", [0.0, 0.2])
def test_two_statements_of_one_source(epsilon):
    lower, upper, tau, mu = np.array([0.02, -0.01]), np.array([np.inf, 0.05]), 0.03, -0.01
    theta = drawn(mu, tau, **evidence(lower, upper, epsilon))
    S, R = 0.001 * (np.eye(2) + 1), tau**2 / 2 * (np.eye(2) + 1)
    q = np.diff(stats.norm.cdf([lower / (2 * 0.002**0.5), upper / (2 * 0.002**0.5)]), axis=0).prod()
    estimate = moments(np.full(2, mu), S + R, lower, upper, lambda ok: (1 - epsilon) * ok + epsilon * q)
    expected = mu + R @ np.linalg.solve(S + R, estimate - mu)
    error = theta.std(axis=0) / np.sqrt(DRAWS)
    assert np.all(abs(theta.mean(axis=0) - expected) < 4.5 * error + 2e-5)


def test_estimates_stay_inside_what_a_certain_source_says():
    spec = model.specify(
        **evidence([0.3, 0.1, -0.2], [0.30001, np.inf, -0.1], 0.0),
        mu_prior=(0, 1), tau_prior=stats.halfnorm(scale=1),
    )  # fmt: skip
    rows, d = spec.rows, 500
    K = np.broadcast_to(rows.sampling + 0.02**2 * rows.spread, (d, 3, 3))
    estimate = draw_estimates(rows, np.arange(3), np.zeros((d, 3)), K, np.random.default_rng(0))
    assert np.all((estimate >= rows.lower) & (estimate <= rows.upper))
    assert np.ptp(estimate[:, 0]) > 5e-6


def test_a_row_that_says_nothing_follows_the_others():
    given = evidence([-np.inf, np.nan], [np.inf, np.nan], 0.0, y=[np.nan, 0.1])
    theta, tau, mu = drawn(0.0, 0.05, **given), 0.05, 0.0
    gain = tau**2 / (tau**2 + 0.002)
    assert theta[:, 1].mean() == pytest.approx(gain * (0.1 - mu), abs=4.5 * theta[:, 1].std() / np.sqrt(DRAWS))
    assert theta[:, 0].mean() == pytest.approx(0.5 * gain * 0.1, abs=4.5 * theta[:, 0].std() / np.sqrt(DRAWS))
    assert np.corrcoef(theta.T)[0, 1] > 0


def test_new_site_scatters_with_its_own_component():
    data = evidence([np.nan] * 2, [np.nan] * 2, 0.0, y=[0.0, 0.1]) | {"X": np.eye(2)}
    spec = model.specify(**data, mu_prior=(0, 1), tau_prior=stats.halfnorm(scale=1), heterogeneity="each_component")
    fresh = model.new_site(spec, np.zeros((DRAWS, 2)), np.tile([0.1, 0.4], (DRAWS, 1)), seed=2)
    assert fresh.std(axis=0) == pytest.approx([0.1, 0.4], rel=0.02)
