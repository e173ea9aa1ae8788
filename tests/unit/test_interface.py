"""What others call keeps its names, and says in its docstring what goes in, what comes out, and where it is from."""

import inspect
import re

import numpy as np
import pytest
from pooling import calibration, classical, effects, exact, model
from scipy import stats

ROOMS = {"classical": classical, "effects": effects, "exact": exact, "model": model, "calibration": calibration}
PUBLIC = {
    f"{name}.{one}": getattr(room, one)
    for name, room in ROOMS.items()
    for one in room.__all__
    if callable(getattr(room, one))
}
FUNCTIONS = {name: one for name, one in PUBLIC.items() if inspect.isfunction(one)}

#: Arguments in order; a star stands before those that must be named.
SIGNATURES = {
    "classical.pool": "y v X * method knapp_hartung V groups",
    "classical.leave_one_out": "result",
    "classical.cumulative": "result order",
    "classical.influence": "result",
    "classical.blup": "result level",
    "effects.from_counts": "measure events n control_events control_n * zero_cells add groups",
    "effects.from_means": "mean sd n control_mean control_sd control_n",
    "effects.reported": "estimate * se interval level t p df ratio tolerance",
    "effects.risk_difference": "delta control_level",
    "effects.covariance": "measure * site se matrix contrast_se control_se events control_events n control_n effects "
    "equal_split zero_cells tolerance",
    "exact.pool": "y v V X groups * mu_prior tau_prior lower upper contrast source epsilon kappa",
    "exact.compare": "y v V X groups * mu_prior tau_prior evidence",
    "exact.site_tensors": "y v V X groups * mu_prior tau_prior evidence",
    "exact.pool_many": "y v * mu_prior tau_prior",
    "model.specify": "y v V X groups * mu_prior tau_prior lower upper contrast source epsilon kappa heterogeneity "
    "outcome bias covariates tails",
    "model.specify_arms": "events n X groups * mu_prior tau_prior baseline_prior",
    "model.build": "spec",
    "model.build_arms": "spec",
    "model.sample": "spec stage * draws tune chains seed sampler",
    "model.site_effects": "spec mu tau seed others",
    "model.new_site": "spec mu tau seed others",
    "calibration.run": "design kind replicates seed fit first",
    "calibration.summarise": "replicates level bins",
    "calibration.simulate": "design kind rng",
}
#: Functions that carry out somebody's method must say whose.
SOURCED = {
    "classical.pool", "classical.leave_one_out", "classical.cumulative", "classical.influence", "classical.blup",
    "effects.from_counts", "effects.from_proportions", "effects.from_means", "effects.hedges_factor",
    "effects.covariance", "exact.pool", "exact.pool_many", "exact.compare", "model.specify", "model.build_arms",
    "model.sample", "calibration.run",
}  # fmt: skip
#: These have no way to be called wrongly that they could notice.
CANNOT_FAIL = {
    "classical.leave_one_out", "classical.influence", "model.build", "model.build_arms", "model.site_effects",
    "model.new_site", "calibration.from_evidence", "calibration.of_the_product", "calibration.run",
    "calibration.single_arms", "calibration.histogram", "calibration.together",
}  # fmt: skip
NO_DEFAULT = inspect.Parameter.empty


def sections(one) -> dict[str, str]:
    """Section of a numpydoc docstring to its text."""
    parts = re.split(r"^(\w+)\n-{3,}\n", inspect.getdoc(one) or "", flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def arguments(function) -> str:
    words, star = [], False
    for name, parameter in inspect.signature(function).parameters.items():
        if parameter.kind is parameter.KEYWORD_ONLY and not star:
            words, star = [*words, "*"], True
        words.append(name)
    return " ".join(words)


@pytest.mark.parametrize("name", SIGNATURES)
def test_signature(name):
    assert arguments(FUNCTIONS[name]) == SIGNATURES[name]


def test_what_has_no_default_must_be_given():
    """Nothing chooses a prior for tau in the caller's place."""
    for function in (exact.pool, exact.compare, exact.site_tensors, exact.pool_many, model.specify, model.specify_arms):
        assert inspect.signature(function).parameters["tau_prior"].default is NO_DEFAULT
    assert inspect.signature(exact.pool).parameters["mu_prior"].default is None
    assert inspect.signature(exact.pool).parameters["epsilon"].default == 0.0
    for room in ("pool", "specify"):
        where = exact if room == "pool" else model
        shared = list(inspect.signature(exact.pool).parameters)
        assert list(inspect.signature(getattr(where, room)).parameters)[: len(shared)] == shared


@pytest.mark.parametrize("name", FUNCTIONS)
def test_docstring(name):
    function, found = FUNCTIONS[name], sections(FUNCTIONS[name])
    described = {
        word.strip().lstrip("*")
        for line in found.get("Parameters", "").splitlines()
        if line and not line.startswith(" ")
        for word in line.split(":")[0].split(",")
    }
    assert described == set(inspect.signature(function).parameters), "every argument is described, and no other"
    assert "Returns" in found
    assert "Raises" in found or name in CANNOT_FAIL
    if name in SOURCED:
        assert re.search(r"\(?(19|20)\d\d\)?", inspect.getdoc(function)), "name the source of the method with its year"


@pytest.mark.parametrize("name", [name for name, one in PUBLIC.items() if inspect.isclass(one)])
def test_class_and_its_members_are_described(name):
    one = PUBLIC[name]
    if not issubclass(one, Exception):
        assert {"Attributes", "Parameters"} & set(sections(one)), "what it holds, or what it is made from"
    for member, value in vars(one).items():
        if not member.startswith("_") and (inspect.isfunction(value) or isinstance(value, property)):
            assert inspect.getdoc(value), f"{name}.{member}"


Y, SE = np.array([0.1, 0.4, -0.1, 0.5, 0.2]), np.array([0.1, 0.2, 0.15, 0.3, 0.1])


def test_what_a_classical_answer_offers():
    assert classical.METHODS == ("EE", "DL", "HE", "SJ", "ML", "REML", "PM", "EB")
    for method in classical.METHODS:
        fit = classical.pool(Y, SE**2, method=method, knapp_hartung=True)
        numbers = [fit.estimate, fit.se, fit.tau2, fit.Q, fit.Q_p_value, fit.I2, fit.H2, *fit.tau2_interval()]
        numbers += [
            *fit.interval(),
            *fit.prediction_interval(),
            *fit.statistics,
            *fit.p_values,
            *fit.covariance.ravel(),
        ]
        assert np.isfinite(numbers).all(), method
    full = {"V": np.diag(SE**2), "groups": list("aabcd")}
    for method in classical.METHODS:
        if method in ("EE", "ML", "REML"):
            assert np.isfinite(classical.pool(Y, **full, method=method).estimate)
        else:
            with pytest.raises(ValueError, match=f"{method} is not defined for several arms"):
                classical.pool(Y, **full, method=method)


@pytest.mark.parametrize("kind", ["numbers", "mixed"])
def test_what_an_exact_answer_offers(kind):
    y, lower, upper = Y.copy(), np.full(5, np.nan), np.full(5, np.nan)
    if kind == "mixed":
        y[1], lower[1], upper[1] = np.nan, 0.0, np.inf
    given = {"v": SE**2, "lower": lower, "upper": upper, "mu_prior": (0, 1), "tau_prior": stats.halfnorm(scale=0.5)}
    fit = exact.pool(y, **given)
    for quantity in (fit.mu, fit.tau, fit.theta, fit.new_site, fit.contrast([1.0]), fit.new_site_at([1.0])):
        for kind_of in ("equal", "shortest"):
            assert np.isfinite(quantity.interval(0.9, kind=kind_of)).all()
        assert np.isfinite(
            [np.max(quantity.prob_above(0.1)), np.max(quantity.quantile(0.2)), np.max(quantity.sd)]
        ).all()
    left = fit.leave_out()
    assert left.lpd.shape == left.pit.shape == left.probability.shape == (5,)
    assert np.isfinite(fit.log_marginal_likelihood) and 0 < fit.accuracy.error < 1e-3
    assert fit.accuracy.effective_points > 1 and fit.sites == list(range(5))
    drawn = fit.draws(7, seed=1)
    assert drawn["mu"].shape == (7, 1) and drawn["tau"].shape == (7,) and drawn["theta"].shape == (7, 5)
    assert fit.prob_best().shape == (1,)
    compared = exact.compare(y, **given)
    assert set(compared.fits) == {"null_fixed", "null_random", "effect_fixed", "effect_random"}
    assert compared.inclusion > 0 and np.isfinite(compared.mu.mean)
    assert compared.bayes_factor("effect_random", "null_random") > 0 and len(compared.probabilities) == 4


def test_what_a_model_can_be_made_of():
    """Every part by its name; that they are right is the matter of tests/model."""
    y, V, tau = np.array([0.1, 0.3, -0.1, 0.2]), np.diag([0.01, 0.02, 0.03, 0.02]), stats.halfnorm(scale=0.2)
    base = {"V": V, "X": np.eye(2)[[0, 1, 0, 1]], "groups": list("aabb"), "mu_prior": (0, 1), "tau_prior": tau}
    parts = {
        "rows": {}, "components": {}, "each_component": {}, "free": {}, "outcomes": {"outcome": list("pqpq")},
    }  # fmt: skip
    for heterogeneity, extra in parts.items():
        names = {v.name for v in model.build(model.specify(y, **base, heterogeneity=heterogeneity, **extra)).free_RVs}
        assert {"mu", "tau"} <= names
        assert ("correlation_root" in names) == (heterogeneity in ("free", "outcomes"))
    added = {
        "beta": {"bias": ([0, 0, 1, 1], 0.0, 0.1)}, "gamma": {"covariates": (np.ones((4, 1)), 0.0, 1.0)},
        "precision": {"tails": 4.0}, "nu": {"tails": "estimate"},
    }  # fmt: skip
    for variable, extra in added.items():
        assert variable in {v.name for v in model.build(model.specify(y, **base, **extra)).free_RVs}
    arms = model.specify_arms([3, 5], [20, 20], [[0.0], [1.0]], ["a", "a"], mu_prior=(0, 1), tau_prior=tau)
    assert {v.name for v in model.build_arms(arms).free_RVs} == {"mu", "tau", "baseline", "raw"}
    assert model.SAMPLERS == ("nutpie", "pymc")
