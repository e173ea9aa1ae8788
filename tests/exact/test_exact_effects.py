"""Site effects behind statements: their density agrees with their moments and with draws."""

import numpy as np
import pytest
from pooling.exact import pool
from scipy import stats

DRAWS = 8_000


def evidence(together):
    """Four sites of two rows against a shared control; a fifth whose row is an average over all components."""
    rng = np.random.default_rng(5)
    X, L, groups, z = [], [], [], []
    for site in range(4):
        for arm in (site % 3, (site + 1) % 3):
            X.append(np.eye(3)[arm])
            L.append(np.eye(4)[arm + 1] - np.eye(4)[0])
            groups.append(site)
            z.append([(-1.96, 1.96), (0.0, 1.96), (1.96, np.inf)][rng.integers(3)])
    for weights in together:
        X.append(np.array(weights))
        L.append(np.array([-1.0, *weights]))
        groups.append(9)
        z.append((0.0, 1.96))
    L, z = np.array(L), np.array(z)
    arm_v = np.full(L.shape, 1 / 600)
    v = (L**2 * arm_v).sum(axis=1)
    return pool(
        np.full(len(v), np.nan),
        v,
        X=np.array(X),
        groups=groups,
        contrast=(L, arm_v),
        lower=z[:, 0] * np.sqrt(v),
        upper=z[:, 1] * np.sqrt(v),
        epsilon=0.1,
        mu_prior=(0.0, 0.0625),
        tau_prior=stats.halfnorm(scale=0.0375),
    )


@pytest.mark.parametrize("together", [[(1 / 3, 1 / 3, 1 / 3)], [(0.5, 0.5, 0.0)]])
def test_density_agrees_with_moments_and_draws(together):
    fit = evidence(together)
    theta = fit.draws(DRAWS, seed=3)["theta"]
    for row in range(len(fit.theta)):
        one = fit.theta[row]
        points, weights = one.nodes()
        spread = np.sqrt(weights @ (points - one.mean) ** 2)
        assert spread == pytest.approx(one.sd, rel=2e-3)
        at = np.quantile(theta[:, row], [0.01, 0.1, 0.5, 0.9, 0.99])
        below = one.cdf(at)
        error = np.sqrt(below * (1 - below) / DRAWS)
        np.testing.assert_array_less(np.abs(below - [0.01, 0.1, 0.5, 0.9, 0.99]), 4.5 * error + 2e-4)
