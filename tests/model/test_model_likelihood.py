"""The model's likelihood against multivariate-normal rectangle probabilities, and its slopes."""

import numpy as np
import pytest
from pooling import model
from pooling.model.likelihood import log_interval, log_likelihood
from pooling.model.op import DATA
from scipy import stats


def _site(random, arms, numbers, statements, epsilon, sources=1):
    """One site: arms against a shared control, the first rows numbers and the others statements."""
    n = random.integers(60, 300, arms + 1)
    arm_v = 1 / (4 * n)
    rows = numbers + statements
    L = np.zeros((rows, arms + 1))
    L[:, 0] = -1
    L[np.arange(rows), np.arange(rows) + 1] = 1
    se = np.sqrt((L**2) @ arm_v)
    bounds = [(0, 1.96), (-1.96, 1.96), (-np.inf, 1.96), (1.96, np.inf), (0, np.inf)]
    picked = [bounds[k] for k in random.integers(0, len(bounds), rows)]
    stated = np.arange(rows) >= numbers
    return {
        "y": np.where(stated, np.nan, random.normal(0, 0.06, rows)),
        "v": se**2,
        "X": np.eye(3)[np.arange(rows) % 3],
        "groups": np.zeros(rows),
        "lower": np.where(stated, [b[0] for b in picked] * se, np.nan),
        "upper": np.where(stated, [b[1] for b in picked] * se, np.nan),
        "contrast": (L, np.tile(arm_v, (rows, 1))),
        "source": np.arange(rows) % sources,
        "epsilon": np.where(stated, epsilon, 0.0),
    }


def _direct(site, mu, tau, kappa=2.0):
    """The same by conditioning on the numbers and summing over patterns of reliable sources."""
    L, arm_v = site["contrast"]
    cov = L @ np.diag(arm_v[0]) @ L.T + tau**2 / 2 * L @ L.T
    mean = site["X"] @ mu
    known = np.isfinite(site["y"])
    a, b = np.flatnonzero(known), np.flatnonzero(~known)
    total = stats.multivariate_normal.logpdf(site["y"][a], mean[a], cov[np.ix_(a, a)]) if len(a) else 0.0
    if not len(b):
        return total
    gain = cov[np.ix_(b, a)] @ np.linalg.inv(cov[np.ix_(a, a)]) if len(a) else np.zeros((len(b), 0))
    m = mean[b] + gain @ (site["y"][a] - mean[a])
    C = cov[np.ix_(b, b)] - gain @ cov[np.ix_(a, b)]
    lower, upper, se = site["lower"][b], site["upper"][b], np.sqrt(site["v"][b])
    q = stats.norm.cdf(upper / (kappa * se)) - stats.norm.cdf(lower / (kappa * se))
    names, epsilon = np.unique(site["source"][b]), site["epsilon"][b][0]
    value = 0.0
    for pattern in np.ndindex(*(2,) * len(names)):
        reliable = np.isin(site["source"][b], names[np.array(pattern) == 1])
        weight = np.prod(np.where(np.array(pattern) == 1, 1 - epsilon, epsilon)) * q[~reliable].prod()
        value += weight * _rectangle(m[reliable], C[np.ix_(reliable, reliable)], lower[reliable], upper[reliable])
    return total + np.log(value)


def _rectangle(mean, cov, lower, upper):
    if not len(mean):
        return 1.0
    if len(mean) == 1:
        s = np.sqrt(cov[0, 0])
        return stats.norm.cdf((upper[0] - mean[0]) / s) - stats.norm.cdf((lower[0] - mean[0]) / s)
    law = stats.multivariate_normal(mean, cov, abseps=1e-9, releps=1e-9, maxpts=4_000_000, seed=1)
    return law.cdf(upper, lower_limit=lower)


CASES = [
    (2, 1, 1, 0.0, 1),
    (2, 0, 2, 0.1, 1),
    (3, 0, 3, 0.0, 1),
    (3, 1, 2, 0.2, 2),
    (3, 0, 3, 0.3, 2),
    (3, 3, 0, 0.0, 1),
]


@pytest.mark.parametrize(("arms", "numbers", "statements", "epsilon", "sources"), CASES)
def test_site_likelihood_is_the_rectangle_probability(arms, numbers, statements, epsilon, sources):
    random = np.random.default_rng([arms, numbers, statements, sources])
    site = _site(random, arms, numbers, statements, epsilon, sources)
    spec = model.specify(**site, mu_prior=(0, 0.1), tau_prior=stats.halfnorm(scale=0.05))
    for _ in range(5):
        mu, tau = random.normal(0, 0.06, 3), abs(random.normal(0, 0.05))
        mean = spec.data["X"] @ np.pad(mu, (0, spec.form.coefficients - 3))
        cov = spec.data["S"] + tau**2 * spec.data["R"]
        value, _, _ = log_likelihood(mean, cov, *(spec.data[name] for name in DATA))
        assert value == pytest.approx(_direct(site, mu, tau), abs=5e-5)


@pytest.mark.parametrize(("arms", "numbers", "statements", "epsilon", "sources"), CASES)
def test_slopes_are_those_of_the_value(arms, numbers, statements, epsilon, sources):
    random = np.random.default_rng([7, arms, numbers, statements, sources])
    site = _site(random, arms, numbers, statements, epsilon, sources)
    data = model.specify(**site, mu_prior=(0, 0.1), tau_prior=stats.halfnorm(scale=0.05)).data
    arrays = [data[name] for name in DATA]
    mu, tau, step = random.normal(0, 0.05, data["X"].shape[1]), 0.04, 1e-6

    def at(mu, tau):
        return log_likelihood(data["X"] @ mu, data["S"] + tau**2 * data["R"], *arrays)

    _, d_mean, d_cov = at(mu, tau)
    for k in range(3):
        shift = step * np.eye(len(mu))[k]
        slope = (at(mu + shift, tau)[0] - at(mu - shift, tau)[0]) / (2 * step)
        assert data["X"][:, k] @ d_mean == pytest.approx(slope, rel=1e-4, abs=1e-4)
    slope = (at(mu, tau + step)[0] - at(mu, tau - step)[0]) / (2 * step)
    assert 2 * tau * (d_cov * data["R"]).sum() == pytest.approx(slope, rel=1e-4, abs=1e-4)


@pytest.mark.parametrize(
    ("a", "b"), [(-np.inf, 1.0), (0.0, np.inf), (8.0, 9.0), (-40.0, -39.0), (0.3, 0.3001), (37.5, np.inf)]
)
def test_interval_probabilities_hold_far_out(a, b):
    big, small = (-a, -b) if a > 0 else (b, a)
    expected = stats.norm.logcdf(big) + np.log1p(-np.exp(stats.norm.logcdf(small) - stats.norm.logcdf(big)))
    assert log_interval(a, b)[0] == pytest.approx(expected, rel=1e-7)


def test_contrasts_that_share_more_than_the_control_are_refused_with_their_site():
    L = np.array([[-1, 1, 0, 0], [-1, 0, 1, 0], [0, 1, -1, 0], [0, 0, -1, 1]], float)
    arm_v = np.full((4, 4), 0.001)
    v = (L**2 * arm_v).sum(axis=1)
    ends = np.full(4, 0.0), np.full(4, np.inf)
    with pytest.raises(ValueError, match="site north"):
        model.specify(
            np.full(4, np.nan), v, X=np.ones((4, 1)), groups=["north"] * 4, lower=ends[0], upper=ends[1],
            contrast=(L, arm_v), mu_prior=(0, 1), tau_prior=stats.halfnorm(scale=1),
        )  # fmt: skip
