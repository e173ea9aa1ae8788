"""Statements of one site that share two arms: shifts of those arms are sampled, everything else stays exact."""

import arviz as az
import numpy as np
import pytest
from pooling import exact, model
from pooling.answers import gates
from pooling.model.likelihood import log_likelihood
from pooling.model.op import DATA
from scipy import stats

MU, TAU = (0.0, 0.0625), stats.halfnorm(scale=0.0375)
RULES = {"rhat": 1.01, "ess": 400, "ebfmi": 0.3, "divergences": 0}
# arms: two references (0 and 3), and an arm of its own for every row; the last row is against both references
L = np.array([
    [-1, 1, 0, 0, 0, 0, 0],
    [-1, 0, 1, 0, 0, 0, 0],
    [0, 0, 0, -1, 1, 0, 0],
    [0, 0, 0, -1, 0, 1, 0],
    [-0.5, 0, 0, -0.5, 0, 0, 1],
])  # fmt: skip
ARM_V = np.array([0.0008, 0.001, 0.0012, 0.0009, 0.0011, 0.001, 0.0013])


def evidence(epsilon):
    """A site with two references, and two sites with one row, so that averages and spread are told apart."""
    arms = np.vstack([L, L[:1], L[:1]])
    v = arms**2 @ ARM_V
    n, se = len(arms), np.sqrt(v)
    z = np.array([(0, 1.96), (-1.96, 1.96), (-np.inf, 1.96), (0, np.inf), (-1.96, 0), (0, np.inf), (-1.96, 1.96)])
    return {
        "y": np.full(n, np.nan), "v": v, "X": np.array([[1, 0], [1, 0], [0, 1], [0, 1], [0, 1], [1, 0], [0, 1]], float),
        "groups": [0] * 5 + [1, 2], "lower": z[:, 0] * se, "upper": z[:, 1] * se,
        "contrast": (arms, np.tile(ARM_V, (n, 1))), "source": [0, 1, 0, 1, 0, 0, 0], "epsilon": epsilon,
    }  # fmt: skip


def test_integrated_over_the_shifts_it_is_the_rectangle_probability():
    given = evidence(0.0)
    spec = model.specify(**given, mu_prior=MU, tau_prior=TAU)
    assert spec.form.shifts == 2
    mu, tau = np.array([0.03, -0.02]), 0.05
    node, weight = np.polynomial.hermite_e.hermegauss(60)
    weight = weight / weight.sum()
    mean = spec.data["X"] @ np.pad(mu, (0, spec.form.coefficients - 2))
    cov = spec.data["S"] + tau**2 * spec.data["R"]
    arrays = [spec.data[name] for name in DATA]
    size = np.sqrt(spec.data["shift_v"] + tau**2 / 2)
    total = sum(
        wa * wb * np.exp(log_likelihood(mean + spec.data["F"] @ (size * [a, b]), cov, *arrays)[0])
        for a, wa in zip(node, weight, strict=True)
        for b, wb in zip(node, weight, strict=True)
    )
    expected = 1.0
    for site in range(3):
        own = np.flatnonzero(np.array(given["groups"]) == site)
        arms = given["contrast"][0][own]
        law = stats.multivariate_normal(
            given["X"][own] @ mu, arms @ np.diag(ARM_V + tau**2 / 2) @ arms.T, abseps=1e-9, releps=1e-9, seed=1
        )
        expected *= law.cdf(given["upper"][own], lower_limit=given["lower"][own])
    assert total == pytest.approx(expected, rel=1e-4)


@pytest.mark.slow
@pytest.mark.xdist_group("pymc")
def test_engines_agree_where_two_arms_are_shared():
    given = evidence(0.1)
    fit = exact.pool(**given, mu_prior=MU, tau_prior=TAU)
    spec = model.specify(**given, mu_prior=MU, tau_prior=TAU)
    trace = model.sample(spec, draws=1500, tune=800, chains=4, seed=1)
    assert gates.gate(trace, RULES)["passed"]
    posterior = trace["posterior"]
    mu, tau = posterior["mu"].values, posterior["tau"].values
    for quantity, draws in [(fit.mu[0], mu[..., 0]), (fit.mu[1], mu[..., 1]), (fit.tau, tau)]:
        slack = 10 * fit.accuracy.error * quantity.sd
        assert abs(quantity.mean - draws.mean()) <= 4 * az.mcse(draws, method="mean") + slack
        assert abs(quantity.sd - draws.std()) <= 4 * az.mcse(draws, method="sd") + slack
    shift = posterior["shift"].values.reshape(-1, 2)
    theta = model.site_effects(spec, mu.reshape(-1, 2), tau.ravel(), 1, shift=shift).reshape(*tau.shape, -1)
    for r in range(theta.shape[-1]):
        draws = theta[..., r]
        assert abs(fit.theta[r].mean - draws.mean()) <= 4.5 * az.mcse(draws, method="mean") + 1e-3 * draws.std()
        assert fit.theta[r].sd == pytest.approx(draws.std(), rel=0.06)


def test_a_chain_of_comparisons_is_refused_with_its_site():
    chain = np.array([[-1, 1, 0, 0], [0, -1, 1, 0], [0, 0, -1, 1]], float)
    with pytest.raises(ValueError, match="site north: 3 statements"):
        model.specify(
            np.full(3, np.nan), np.full(3, 0.002), X=np.ones((3, 1)), groups=["north"] * 3, lower=np.zeros(3),
            upper=np.full(3, np.inf), contrast=(chain, np.full((3, 4), 0.001)), mu_prior=(0, 1), tau_prior=TAU,
        )  # fmt: skip
