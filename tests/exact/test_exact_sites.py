"""A site's likelihood against rectangle probabilities of the multivariate normal, and stable tails."""

import numpy as np
import pytest
from pooling.arrays import read_evidence
from pooling.exact.arrays import cut
from pooling.exact.interval import log_probability, probability, truncated_moments
from pooling.exact.sites import log_likelihood
from scipy import stats
from scipy.stats import multivariate_normal

TAUS = np.array([0.0, 0.05, 0.4, 3.0])
STAR = np.array([[-1.0, 1, 0, 0], [-1, 0, 1, 0], [-1, 0, 0, 1]])
OTHERS = np.array([[-1 / 3, 1, -1 / 3, -1 / 3], [-1 / 3, -1 / 3, 1, -1 / 3]])
TOGETHER = np.array([[-1.0, 0.5, 0.5, 0], [-1, 0, 0, 1], [0, -1, 0, 1]])


def one_site(L, arm_v, y, lower, upper):
    L, y = np.asarray(L, dtype=float), np.asarray(y, dtype=float)
    arm_v = np.broadcast_to(arm_v, L.shape)
    v = (L**2 * arm_v).sum(axis=1)
    n = len(y)
    given = read_evidence(y, v, X=np.eye(n), groups=np.zeros(n), lower=lower, upper=upper, contrast=(L, arm_v))
    return cut(given)[0]


def rectangle(site, tau, mu):
    """Density of the numbers times the conditional rectangle probability of the statements, by scipy."""
    C = site.S + tau**2 * site.R
    N, A = site.numbers, site.statements
    centre, K, log_p = mu[A], C[np.ix_(A, A)], 0.0
    if N.size:
        gain = C[np.ix_(A, N)] @ np.linalg.inv(C[np.ix_(N, N)])
        centre = centre + gain @ (site.y[N] - mu[N])
        K = K - gain @ C[np.ix_(N, A)]
        log_p = multivariate_normal.logpdf(site.y[N], mu[N], C[np.ix_(N, N)])
    low, high = np.maximum(site.lower[A] - centre, -60), np.minimum(site.upper[A] - centre, 60)
    rng = np.random.default_rng(1)
    p = multivariate_normal(np.zeros(A.size), K, maxpts=2_000_000, abseps=1e-8, releps=1e-8, seed=rng).cdf(
        high, lower_limit=low
    )
    return np.exp(log_p) * p


CASES = {
    "star": (STAR, [0.2, 0.1, 0.3, 0.05], [np.nan] * 3, [0.2, -np.inf, -0.5], [np.inf, 0.4, 0.6]),
    "small control": (STAR, [0.9, 0.02, 0.02, 0.3], [np.nan] * 3, [0.2, -0.1, -0.5], [0.5, 0.4, np.inf]),
    "one number": (STAR, [0.2, 0.1, 0.3, 0.05], [np.nan, 0.3, np.nan], [0.2, np.nan, -0.5], [np.inf, np.nan, 0.6]),
    "two numbers": (STAR, [0.2, 0.1, 0.3, 0.05], [0.1, 0.3, np.nan], [np.nan, np.nan, -0.5], [np.nan, np.nan, 0.6]),
    "against the others": (OTHERS, [0.2, 0.1, 0.3, 0.05], [np.nan] * 2, [0.1, -0.4], [np.inf, 0.2]),
    "arms together": (TOGETHER[:2], [0.2, 0.1, 0.3, 0.05], [np.nan] * 2, [0.1, -0.4], [np.inf, 0.2]),
    "two shared arms": (TOGETHER, [0.2, 0.1, 0.3, 0.05], [np.nan] * 3, [0.1, -0.4, 0.0], [np.inf, 0.2, 0.8]),
    "shared with a number": (
        TOGETHER,
        [0.2, 0.1, 0.3, 0.05],
        [0.2, np.nan, np.nan],
        [np.nan, -0.4, 0.0],
        [np.nan, 0.2, 0.8],
    ),
    "wide ratio": (STAR[:2], [1.0, 0.01, 0.01, 1.0], [np.nan] * 2, [1.96, -np.inf], [np.inf, 1.0]),
}


@pytest.mark.parametrize("case", CASES)
def test_against_rectangle_probabilities(case):
    site = one_site(*CASES[case])
    mu = np.array([0.15, -0.3, 0.4])[: len(site.rows)]
    axes = [np.array([0.0, m]) for m in mu]
    got = np.exp(log_likelihood(site, TAUS, axes))[(slice(None), *[-1] * len(mu))]
    want = [rectangle(site, tau, mu) for tau in TAUS]
    np.testing.assert_allclose(got, want, atol=5e-6)


def test_without_a_contrast_rows_share_half_the_heterogeneity():
    y = np.full(2, np.nan)
    given = read_evidence(y, [0.3, 0.2], X=np.eye(2), groups=[0, 0], lower=[0.1, -1.0], upper=[np.inf, 0.5])
    sites = cut(given)
    got = np.exp(log_likelihood(sites[0], TAUS, [np.array([0.2]), np.array([0.1])]))[:, 0, 0]
    for tau, value in zip(TAUS, got):
        C = np.diag([0.3, 0.2]) + tau**2 * np.array([[1, 0.5], [0.5, 1]])
        want = multivariate_normal([0.2, 0.1], C).cdf([50, 0.5], lower_limit=[0.1, -1.0])
        assert value == pytest.approx(want, abs=5e-6)


def test_general_covariance_of_three_statements():
    """No arm structure known: three statements under a given covariance take two shared shifts."""
    V = np.array([[1.0, 0.6, -0.2], [0.6, 1.2, 0.1], [-0.2, 0.1, 0.8]])
    y = np.full(3, np.nan)
    lower, upper = np.array([0.1, -1.0, -np.inf]), np.array([np.inf, 0.5, 0.3])
    sites = cut(read_evidence(y, V=V, X=np.eye(3), groups=[0, 0, 0], lower=lower, upper=upper))
    got = np.exp(log_likelihood(sites[0], TAUS, [np.array([m]) for m in (0.2, 0.1, -0.3)]))[:, 0, 0, 0]
    np.testing.assert_allclose(got, [rectangle(sites[0], tau, np.array([0.2, 0.1, -0.3])) for tau in TAUS], atol=5e-6)


def test_more_than_three_tangled_statements_are_refused_with_the_site():
    from pooling.exact import pool

    V = 0.3 * np.eye(4) + 0.1 * np.array([[0, 1, 2, 3], [1, 0, 1, 2], [2, 1, 0, 1], [3, 2, 1, 0]]) / 3
    with pytest.raises(ValueError, match="site Assen"):
        pool(
            np.full(4, np.nan),
            V=V,
            groups=["Assen"] * 4,
            lower=np.zeros(4),
            upper=np.full(4, np.inf),
            mu_prior=(0, 1),
            tau_prior=stats.halfnorm(),
        )


@pytest.mark.parametrize(
    "low, high",
    [
        (-1, 2),
        (5, 6),
        (-40, -39),
        (30, np.inf),
        (-np.inf, -200),
        (1.0, 1.0 + 1e-9),
        (50.0, 50.0 + 1e-7),
        (0.3, 0.31),
        (-np.inf, np.inf),
        (8, 8.2),
    ],
)
def test_log_probability_and_moments(low, high):
    """Against Gauss-Legendre quadrature in 60 panels of the density, scaled by its peak."""
    peak = np.clip(0.0, low, high)
    edges = np.linspace(max(low, peak - 12), min(high, peak + 12), 61)
    z, w = np.polynomial.legendre.leggauss(30)
    half = 0.5 * np.diff(edges)[:, None]
    # Measured from the peak, so that a thin interval far out keeps its digits.
    x = edges[:-1, None] - peak + half * (1 + z)
    density = half * w * np.exp(-0.5 * x * (x + 2 * peak))
    mass, first = density.sum(), (density * (x + peak)).sum()
    want = np.log(mass) - 0.5 * peak**2 - 0.5 * np.log(2 * np.pi)
    got = float(log_probability(np.array(low), np.array(high)))
    assert got == pytest.approx(want, rel=1e-9, abs=1e-9)
    if want > -600:
        assert float(probability(np.array(low), np.array(high))) == pytest.approx(np.exp(want), rel=1e-9)
    log_z, mean, variance = (float(x) for x in truncated_moments(np.array(low), np.array(high)))
    assert log_z == pytest.approx(got)
    assert mean == pytest.approx(first / mass, rel=1e-6, abs=1e-9)
    spread = (density * (x + peak - first / mass) ** 2).sum() / mass
    assert variance == pytest.approx(spread, rel=2e-2)
