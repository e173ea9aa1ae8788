"""Both engines on the same simulated evidence: numbers, statements, both; averages, spread and site effects."""

import arviz as az
import numpy as np
import pytest
from pooling import exact, model
from pooling.answers import gates
from scipy import stats

MU, TAU = (0.0, 0.0625), stats.halfnorm(scale=0.0375)
# shorter runs than a report uses: a stray divergence in six thousand draws is no matter for this comparison
RULES = {"rhat": 1.01, "ess": 400, "ebfmi": 0.3, "divergences": 5}


def _evidence(seed, sites, arms, kind, epsilon, tau=0.03):
    """Simulated sites with some of three arms each; statements from a partition of the z-axis."""
    random = np.random.default_rng(seed)
    mu = random.normal(0, 0.05, 3)
    rows = []
    for site in range(sites):
        n = random.integers(60, 300, 4)
        arm_v = 1 / (4 * n)
        own = np.sort(random.choice(3, size=int(random.integers(1, arms + 1)), replace=False))
        effect = random.normal(0, tau / np.sqrt(2), 4)
        level = random.normal(0, np.sqrt(arm_v)) + effect
        for arm in own:
            L = np.zeros(4)
            L[0], L[arm + 1] = -1, 1
            se = np.sqrt(L**2 @ arm_v)
            y = mu[arm] + level[arm + 1] - level[0]
            stated = kind == "statements" or (kind == "mixed" and random.random() < 0.5)
            edges = [-np.inf, -1.96, 0.0, 1.96, np.inf]
            k = int(np.searchsorted(edges, y / se)) - 1
            rows.append((site, L, arm_v, np.eye(3)[arm], np.nan if stated else y, se**2,
                         edges[k] * se if stated else np.nan, edges[k + 1] * se if stated else np.nan))  # fmt: skip
    group, L, arm_v, X, y, v, lower, upper = (np.array(column) for column in zip(*rows, strict=True))
    return {
        "y": y, "v": v, "X": X, "groups": group, "lower": lower, "upper": upper, "contrast": (L, arm_v),
        "source": np.zeros(len(y)), "epsilon": np.where(np.isnan(y), epsilon, 0.0),
    }  # fmt: skip


CELLS = [
    (1, 3, 1, "numbers", 0.0), (2, 8, 3, "numbers", 0.0), (3, 4, 3, "statements", 0.0), (4, 8, 2, "statements", 0.1),
    (5, 5, 3, "mixed", 0.1), (6, 12, 3, "mixed", 0.0), (7, 2, 3, "statements", 0.3), (8, 20, 1, "statements", 0.1),
]  # fmt: skip


@pytest.mark.xdist_group("pymc")
@pytest.mark.parametrize(("seed", "sites", "arms", "kind", "epsilon"), CELLS)
def test_engines_agree(seed, sites, arms, kind, epsilon):
    evidence = _evidence(seed, sites, arms, kind, epsilon)
    fit = exact.pool(**evidence, mu_prior=MU, tau_prior=TAU)
    spec = model.specify(**evidence, mu_prior=MU, tau_prior=TAU)
    trace = model.sample(spec, draws=1500, tune=800, chains=4, seed=seed)
    assert gates.gate(trace, RULES)["passed"]
    mu, tau = trace["posterior"]["mu"].values, trace["posterior"]["tau"].values
    pairs = [(fit.mu[k], mu[..., k]) for k in range(3)] + [(fit.tau, tau)]
    for quantity, draws in pairs:
        slack = 10 * fit.accuracy.error * quantity.sd
        assert abs(quantity.mean - draws.mean()) <= 4 * az.mcse(draws, method="mean") + slack
        assert abs(quantity.sd - draws.std()) <= 4 * az.mcse(draws, method="sd") + slack
        for q in (0.025, 0.5, 0.975):
            allowed = 4 * az.mcse(draws, method="quantile", prob=q) + 2 * slack
            assert abs(quantity.quantile(q) - np.quantile(draws, q)) <= allowed
    theta = model.site_effects(spec, mu.reshape(-1, 3), tau.ravel(), seed).reshape(*tau.shape, -1)
    for r in range(theta.shape[-1]):
        draws = theta[..., r]
        assert abs(fit.theta[r].mean - draws.mean()) <= 4.5 * az.mcse(draws, method="mean") + 1e-3 * draws.std()
        assert fit.theta[r].sd == pytest.approx(draws.std(), rel=0.06)


@pytest.mark.xdist_group("pymc")
def test_the_same_seed_gives_the_same_draws():
    evidence = _evidence(5, 4, 2, "mixed", 0.1)
    spec = model.specify(**evidence, mu_prior=MU, tau_prior=TAU)
    first, second, other = (model.sample(spec, draws=200, tune=200, chains=2, seed=seed) for seed in (3, 3, 4))
    assert np.array_equal(first["posterior"]["mu"].values, second["posterior"]["mu"].values)
    assert not np.array_equal(first["posterior"]["mu"].values, other["posterior"]["mu"].values)


@pytest.mark.xdist_group("pymc")
def test_the_prior_is_the_prior():
    evidence = _evidence(5, 4, 2, "mixed", 0.1)
    spec = model.specify(**evidence, mu_prior=MU, tau_prior=TAU)
    prior = model.sample(spec, "prior", draws=2000, tune=0, chains=4, seed=1)["prior"]
    mu, tau = prior["mu"].values[..., 0].ravel(), prior["tau"].values.ravel()
    assert stats.kstest(mu, stats.norm(*MU).cdf).pvalue > 1e-4
    assert stats.kstest(tau, TAU.cdf).pvalue > 1e-4
