"""Every form of the model against its mean and covariance written out row by row."""

import numpy as np
import pymc as pm
import pytest
from pooling import model
from scipy import stats

SITES = np.repeat([0, 1, 2], [2, 2, 3])
ARMS = np.array([0, 1, 1, 2, 0, 1, 2])
DESIGN = np.array([[1, 0], [0, 1], [1, 1]], float)
OUTCOME = np.array([0, 1, 0, 0, 1, 0, 1])
N, P = len(SITES), 2


def rows(seed):
    """Numbers with a full covariance within sites; rows of one site differ in arm."""
    random = np.random.default_rng(seed)
    same = SITES[:, None] == SITES[None, :]
    root = random.normal(size=(N, N)) * same
    V = np.where(same, 0.002 * (root @ root.T + np.eye(N)), 0.0)
    return {"y": random.normal(0, 0.1, N), "V": V, "X": DESIGN[ARMS], "groups": SITES}


def evidence_at(spec, point):
    """Value of the model's evidence term at given values of its variables."""
    built = model.build(spec)
    missing = {v.name for v in built.free_RVs} - point.keys()
    assert not missing, missing
    # given values enter in place of the random variables themselves
    value = pm.pytensorf.compile(
        [built[name] for name in point], built["evidence"], mode="FAST_COMPILE", on_unused_input="raise"
    )
    return float(value(*(np.asarray(v, float) for v in point.values())))


def padded(mu, spec):
    return np.pad(mu, (0, spec.form.coefficients - len(mu)))


def written_out(data, mean, spread):
    """Log density with heterogeneity covariance `spread(j, k)` for rows j, k of one site."""
    cov = data["V"].copy()
    for j in range(N):
        for k in range(N):
            if SITES[j] == SITES[k]:
                cov[j, k] += spread(j, k)
    return stats.multivariate_normal.logpdf(data["y"], mean, cov)


def base_spread(j, k):
    return 1.0 if j == k else 0.5


MU = np.array([0.05, -0.02])


def specified(seed, **options):
    data = rows(seed)
    prior = {"mu_prior": (0, 0.1), "tau_prior": stats.halfnorm(scale=0.05)}
    return data, model.specify(**data, **prior, **options)


def test_bias_and_covariates_move_the_mean():
    random = np.random.default_rng(3)
    flag, W = (np.arange(N) % 2).astype(float), random.normal(size=(N, 2))
    data, spec = specified(1, bias=(flag, 0.02, 0.01), covariates=(W, 0.0, 0.1))
    point = {"mu": padded(MU, spec), "tau": 0.04, "beta": 0.03, "gamma": [0.02, -0.05]}
    mean = data["X"] @ MU + 0.03 * flag + W @ [0.02, -0.05]
    expected = written_out(data, mean, lambda j, k: 0.04**2 * base_spread(j, k))
    assert evidence_at(spec, point) == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize("kind", ["components", "each_component"])
def test_components_vary_with_correlation_one_half(kind):
    data, spec = specified(2, heterogeneity=kind)
    tau = np.array([0.03, 0.08]) if kind == "each_component" else np.array([0.05, 0.05])
    T = np.outer(tau, tau) * [[1, 0.5], [0.5, 1]]
    point = {"mu": padded(MU, spec), "tau": tau if kind == "each_component" else 0.05}
    expected = written_out(data, data["X"] @ MU, lambda j, k: data["X"][j] @ T @ data["X"][k])
    assert evidence_at(spec, point) == pytest.approx(expected, rel=1e-10)


def test_free_correlation_of_components():
    data, spec = specified(4, heterogeneity="free")
    r, tau = -0.3, np.array([0.03, 0.08])
    T = np.outer(tau, tau) * [[1, r], [r, 1]]
    point = {"mu": padded(MU, spec), "tau": tau, "correlation_root": [[1, 0], [r, np.sqrt(1 - r**2)]]}
    expected = written_out(data, data["X"] @ MU, lambda j, k: data["X"][j] @ T @ data["X"][k])
    assert evidence_at(spec, point) == pytest.approx(expected, rel=1e-10)


def test_outcomes_have_their_own_averages_and_spreads():
    data, spec = specified(5, heterogeneity="outcomes", outcome=[("work", "mood")[o] for o in OUTCOME])
    assert spec.coefficients == 2 * P
    r, tau, mu = 0.6, np.array([0.03, 0.08]), np.array([0.05, -0.02, 0.1, 0.3])
    T = np.outer(tau, tau) * [[1, r], [r, 1]]
    point = {"mu": padded(mu, spec), "tau": tau, "correlation_root": [[1, 0], [r, np.sqrt(1 - r**2)]]}
    mean = np.array([data["X"][j] @ mu.reshape(2, P)[OUTCOME[j]] for j in range(N)])
    expected = written_out(data, mean, lambda j, k: base_spread(j, k) * T[OUTCOME[j], OUTCOME[k]])
    assert evidence_at(spec, point) == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize("tails", [4.0, "estimate"])
def test_student_t_effects_are_normal_given_each_site_s_precision(tails):
    data, spec = specified(6, tails=tails)
    precision = np.array([0.4, 1.7, 2.5])
    point = {"mu": padded(MU, spec), "tau": 0.06, "precision": precision}
    if tails == "estimate":
        # the degrees of freedom shape the prior of the precision, not the evidence
        assert {v.name for v in model.build(spec).free_RVs} == {*point, "nu"}
        spec_point = point
        built = model.build(spec)
        value = pm.pytensorf.compile([built[name] for name in spec_point], built["evidence"], mode="FAST_COMPILE")(
            *(np.asarray(v, float) for v in spec_point.values())
        )
    else:
        value = evidence_at(spec, point)
    expected = written_out(data, data["X"] @ MU, lambda j, k: 0.06**2 / precision[SITES[j]] * base_spread(j, k))
    assert float(value) == pytest.approx(expected, rel=1e-10)


def test_arms_are_compared_with_the_first_of_their_site():
    events, n = np.array([3, 9, 4, 7, 2]), np.array([40, 50, 45, 60, 30])
    X = np.array([[0, 0], [1, 0], [0, 1], [1, 0], [0, 1]], float)
    groups = ["a", "a", "a", "b", "b"]
    spec = model.specify_arms(events, n, X, groups, mu_prior=(0, 1), tau_prior=stats.halfnorm(scale=0.5))
    built = model.build_arms(spec)
    mu, tau, baseline, raw = np.array([0.4, -0.3]), 0.7, np.array([-2.0, -1.5]), np.array([0.5, -1.1, 0.8])
    names = {"mu": mu, "tau": tau, "baseline": baseline, "raw": raw}
    log_p = pm.logp(built["events_seen"], spec.data["events"])
    compiled = pm.pytensorf.compile([built[name] for name in names], log_p, mode="FAST_COMPILE")
    value = compiled(*(np.asarray(v, float) for v in names.values()))
    deviation = tau * np.linalg.cholesky([[1, 0.5], [0.5, 1]]) @ raw[:2]
    logit = [
        -2.0,
        -2.0 + 0.4 + deviation[0],
        -2.0 - 0.3 + deviation[1],
        -1.5,
        -1.5 + (-0.3 - 0.4) + tau * raw[2],
    ]
    assert value == pytest.approx(stats.binom.logpmf(events, n, 1 / (1 + np.exp(-np.array(logit)))), rel=1e-10)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"events": [3, 51]}, "row 1: 51 events of 50"),
        ({"events": [3, 2.5]}, "row 1: 2.5 events"),
        ({"groups": ["a", "b"]}, "site a: a single arm"),
        ({"n": [40, 0], "events": [3, 0]}, "row 1: 0 events of 0"),
    ],
)
def test_impossible_counts_are_refused(change, message):
    given = {"events": [3, 4], "n": [40, 50], "X": [[0.0], [1.0]], "groups": ["a", "a"]} | change
    with pytest.raises(ValueError, match=message):
        model.specify_arms(**given, tau_prior=stats.halfnorm(scale=1))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"heterogeneity": "sites"}, "write one of rows"),
        ({"outcome": [0] * N}, "outcome goes with"),
        ({"heterogeneity": "outcomes"}, "outcome goes with"),
        ({"tails": -1.0}, "positive degrees of freedom"),
        ({"bias": (np.ones(N), 0.0, 0.0)}, "positive standard deviation"),
        ({"covariates": (np.full((N, 1), np.nan), 0.0, 1.0)}, "must be finite"),
    ],
)
def test_options_that_cannot_be_used_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        specified(1, **options)
