"""Both engines on the same simulated evidence: numbers, statements, both; averages, spread and site effects.

`pytest -m grid tests/model` runs the full grid.
"""

import itertools

import numpy as np
import pandas as pd
import pytest
from pooling import exact, model
from pooling.answers import agreement, gates
from pooling.answers.draws import Draws
from scipy import stats

MU, TAU = (0.0, 0.0625), stats.halfnorm(scale=0.0375)
# shorter runs than a report uses: a stray divergence in six thousand draws is no matter for this comparison
RULES = {"rhat": 1.01, "ess": 400, "ebfmi": 0.3, "divergences": 5}
#: Effects of four arms in terms of three averages: the last is a combination of the first two.
ARMS = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 0]], float)


def _evidence(seed, sites, arms, kind, epsilon, tau=0.03):
    """Simulated sites with some of four arms each, at least one with all; statements from a partition of the z-axis."""
    random = np.random.default_rng(seed)
    mu = random.normal(0, 0.05, 3)
    rows = []
    for site in range(sites):
        n = random.integers(60, 300, 5)
        arm_v = 1 / (4 * n)
        count = arms if site == 0 else int(random.integers(1, arms + 1))
        own = np.sort(random.choice(max(arms, 3), size=count, replace=False))
        effect = random.normal(0, tau / np.sqrt(2), 5)
        level = random.normal(0, np.sqrt(arm_v)) + effect
        for arm in own:
            L = np.zeros(5)
            L[0], L[arm + 1] = -1, 1
            se = np.sqrt(L**2 @ arm_v)
            y = ARMS[arm] @ mu + level[arm + 1] - level[0]
            stated = kind == "statements" or (kind == "mixed" and random.random() < 0.5)
            edges = [-np.inf, -1.96, 0.0, 1.96, np.inf]
            k = int(np.searchsorted(edges, y / se)) - 1
            rows.append((site, L, arm_v, ARMS[arm], np.nan if stated else y, se**2,
                         edges[k] * se if stated else np.nan, edges[k + 1] * se if stated else np.nan))  # fmt: skip
    group, L, arm_v, X, y, v, lower, upper = (np.array(column) for column in zip(*rows, strict=True))
    return {
        "y": y, "v": v, "X": X, "groups": group, "lower": lower, "upper": upper, "contrast": (L, arm_v),
        "source": np.zeros(len(y)), "epsilon": np.where(np.isnan(y), epsilon, 0.0),
    }  # fmt: skip


#: Sites, arms, kind, epsilon, tau.
CELLS = [
    (2, 1, "numbers", 0.0, 0.03), (2, 3, "statements", 0.3, 0.03), (2, 4, "mixed", 0.1, 0.3),
    (3, 1, "statements", 0.1, 0.0), (3, 2, "numbers", 0.0, 0.3), (3, 4, "mixed", 0.0, 0.03),
    (4, 3, "statements", 0.0, 0.03), (4, 4, "numbers", 0.0, 0.0), (5, 3, "mixed", 0.1, 0.03),
    (6, 1, "mixed", 0.1, 0.3), (6, 2, "statements", 0.0, 0.1), (6, 4, "statements", 0.1, 0.03),
    (8, 2, "statements", 0.1, 0.03), (8, 3, "numbers", 0.0, 0.03), (9, 1, "statements", 0.1, 0.3),
    (12, 2, "numbers", 0.0, 1.0), (12, 3, "mixed", 0.0, 0.03), (20, 1, "statements", 0.1, 0.03),
    (20, 2, "mixed", 0.1, 0.1), (30, 1, "numbers", 0.0, 0.0), (30, 1, "mixed", 0.2, 0.03),
]  # fmt: skip
FULL = [
    (sites, arms, kind, epsilon, tau)
    for sites, arms, tau in itertools.product((2, 3, 5, 9, 15, 30), (1, 2, 3, 4), (0.0, 0.03, 0.3))
    for kind, epsilon in (("numbers", 0.0), ("statements", 0.0), ("statements", 0.1), ("mixed", 0.1))
]


@pytest.mark.xdist_group("pymc")
@pytest.mark.parametrize(("sites", "arms", "kind", "epsilon", "tau"), CELLS)
def test_engines_agree(sites, arms, kind, epsilon, tau):
    _compare(sites, arms, kind, epsilon, tau)


@pytest.mark.grid
@pytest.mark.xdist_group("pymc")
@pytest.mark.parametrize(("sites", "arms", "kind", "epsilon", "tau"), FULL)
def test_engines_agree_on_the_full_grid(sites, arms, kind, epsilon, tau):
    _compare(sites, arms, kind, epsilon, tau)


def _compare(sites, arms, kind, epsilon, tau):
    """Mean, sd, quartiles and interval of every average, of tau and of every site effect.

    Allowed: 4 Monte-Carlo standard errors (for site effects as many as keep the chance of a false alarm among all
    of them at that of one) and the exact engine's stated error. All cells are of one model form: one compilation.
    The standard error of a quantile is itself uncertain in three thousand draws, so that now and then a difference is
    6 of them, or the draws are too few for the gate; twenty times as many from another seed then decide, by the same
    rules.
    """
    seed = [sites, arms, len(kind), int(10 * epsilon), int(100 * tau)]
    evidence = _evidence(seed, sites, arms, kind, epsilon, tau)
    # where sites differ much a prior that expects it, else the two quarrel in the prior's far tail only
    priors = {"mu_prior": MU, "tau_prior": stats.halfnorm(scale=max(0.0375, tau))}
    fit, spec = exact.pool(**evidence, **priors), model.specify(**evidence, **priors)
    first, second = (int(one) for one in np.random.SeedSequence(seed).generate_state(2))
    if _apart(fit, spec, first, chains=2, draws=1500):
        apart = _apart(fit, spec, second, chains=4, draws=15_000)
        assert not apart, apart


def _apart(fit, spec, seed, **run):
    """Why a run does not pass the gate, or else every comparison that is not within what is allowed."""
    trace = model.sample(spec, tune=600, seed=seed, **run)
    found = gates.gate(trace, RULES)
    if not found["passed"]:
        return found["reasons"]
    mu, spread = trace["posterior"]["mu"].values, trace["posterior"]["tau"].values
    theta = model.site_effects(spec, mu.reshape(-1, 3), spread.ravel(), seed).reshape(*spread.shape, -1)
    rows = theta.shape[-1]
    many = agreement.allowed_errors(4.0, rows)
    pairs = [(f"mu {k}", 4.0, fit.mu[k], mu[..., k]) for k in range(3)] + [("tau", 4.0, fit.tau, spread)]
    pairs += [(f"theta {r}", many, fit.theta[r], theta[..., r]) for r in range(rows)]
    apart = []
    for name, mcse, quantity, draws in pairs:
        rules = {"mcse": mcse, "level": 0.95, "digits": 12}
        errors = agreement.monte_carlo_errors(draws, 0.95)
        lines = [_line(name, quantity), _line(name, Draws(draws))]
        apart += [one for one in agreement.compare(*lines, errors, fit.accuracy.error, rules) if not one["ok"]]
    return apart


def _line(name, quantity):
    lower, q25, median, q75, upper = quantity.quantile(np.array([0.025, 0.25, 0.5, 0.75, 0.975]))
    return pd.Series({
        "component": name, "mean": quantity.mean, "sd": quantity.sd, "lower": lower, "q25": q25, "median": median,
        "q75": q75, "upper": upper,
    })  # fmt: skip


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
