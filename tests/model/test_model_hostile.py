"""Evidence that no model can be made of is refused before anything is compiled; what only looks hard is not."""

import numpy as np
import pytest
from pooling import exact, model
from pooling.model.likelihood import log_likelihood
from pooling.model.op import DATA
from scipy import stats

NAN, INF = np.nan, np.inf
TAU = stats.halfnorm(scale=0.1)
PRIORS = {"mu_prior": (0, 0.1), "tau_prior": TAU}
HALF = {"y": [NAN, NAN], "v": [0.01, 0.01], "lower": [0.0, 0.0], "upper": [INF, INF]}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"y": [0.1, 0.2], "v": [0.01, 0.01], "mu_prior": (0, NAN), "tau_prior": TAU}, "finite and sd positive"),
        ({"y": [0.1, 0.2], "v": [0.01, 0.01], "X": np.ones((2, 3)), "tau_prior": TAU}, "identify only 1 of them"),
        ({"y": [0.1] * 3, "v": [0.01] * 3, "X": [[1, 2], [2, 4], [3, 6]], "tau_prior": TAU}, "identify only 1"),
        ({**HALF, "epsilon": 0.1, "tau_prior": TAU}, "identify only 0"),
        ({"y": [0.1], "v": [0.01], "mu_prior": (0, 0.1), "tau_prior": None}, "flat prior for tau needs two rows"),
        ({"y": [0.1, 0.2], "v": [0.01, 0.01], "tau_prior": None}, "flat prior for tau needs two rows"),
        ({**HALF, "mu_prior": (0, 0.1), "tau_prior": None}, "flat prior for tau needs two rows"),
    ],
)
def test_refused_with_its_reason(given, message):
    with pytest.raises(ValueError, match=message):
        model.specify(**given)


@pytest.mark.parametrize(
    ("count", "message"),
    [
        ({"chains": 0}, "chains is 0; give a whole number, at least 1"),
        ({"draws": 1.5}, "draws is 1.5"),
        ({"tune": -1}, "tune"),
    ],
)
def test_counts_of_draws_are_whole_numbers(count, message):
    spec = model.specify([0.1, 0.2], [0.01, 0.01], **PRIORS)
    with pytest.raises(ValueError, match=message):
        model.sample(spec, **{"draws": 10, "tune": 10, "chains": 1, "seed": 1} | count)


CASES = {
    "one site": {"y": [0.1], "v": [0.01]},
    "two sites": {"y": [0.1, -0.2], "v": [0.01, 0.02]},
    "equal effects": {"y": [0.1] * 5, "v": [0.01] * 5},
    "enormous heterogeneity": {"y": [-900.0, 4.0, 1e4], "v": [0.01] * 3},
    "errors over six orders": {"y": [0.1, 0.2, 0.1, 0.0], "v": [1e-8, 1e-4, 1.0, 1e4]},
    "all statements equal": {**HALF, "y": [NAN] * 6, "v": [0.01] * 6, "lower": [0.0] * 6, "upper": [INF] * 6},
    "contradictory statements": {**HALF, "lower": [0.196, -INF], "upper": [INF, -0.196]},
    "far out statements": {**HALF, "lower": [3.0, -INF], "upper": [INF, -3.0]},
    "columns that repeat": {"y": [0.1, 0.2, 0.0], "v": [0.01] * 3, "X": np.ones((3, 2))},
    "more coefficients than rows": {"y": [0.1, 0.2], "v": [0.01] * 2, "X": np.ones((2, 3))},
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("tau", [0.0, 0.1, 1e3])
def test_value_and_slopes_are_finite_and_right(name, tau):
    """At a known tau and a fixed mu the exact engine's marginal likelihood is the likelihood there."""
    given, mu = CASES[name], 0.03
    spec = model.specify(**given, mu_prior=(0, 0.1), tau_prior=stats.halfnorm(scale=1e3))
    d = spec.data
    filled = np.pad(np.full(spec.coefficients, mu), (0, spec.form.coefficients - spec.coefficients))
    found = log_likelihood(d["X"] @ filled, d["S"] + tau**2 * d["R"], *(d[key] for key in DATA))
    assert all(np.isfinite(part).all() for part in found)
    fit = exact.pool(**given, mu_prior=(mu, 0.0), tau_prior=tau)
    assert found[0] == pytest.approx(fit.log_marginal_likelihood, rel=1e-7, abs=1e-7)


def test_arms_without_events_are_evidence_and_make_no_infinity():
    spec = model.specify_arms([0, 0, 5, 20], [20, 20, 20, 20], [[0.0], [1.0]] * 2, list("aabb"), **PRIORS)
    built = model.build_arms(spec)
    point = built.initial_point()
    assert np.isfinite(built.compile_logp(mode="FAST_COMPILE")(point))
    assert np.isfinite(built.compile_dlogp(mode="FAST_COMPILE")(point)).all()
