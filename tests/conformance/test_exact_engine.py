"""The exact engine against the conformance vectors: answers found by other means, see `reference_sites.py`."""

import numpy as np
import pytest
import vector_format
from comparison import misses
from pooling.exact import pool

VECTORS = vector_format.read()
# At least so many vectors of each category, so that the set cannot quietly shrink.
COUNTS = {
    "numbers_pairwise": 81,
    "numbers_components": 24,
    "numbers_covariance": 36,
    "numbers_contrast": 36,
    "numbers_grouped": 12,
    "numbers_smooth_prior": 6,
    "statements_pairwise": 60,
    "statements_two_components": 15,
    "statements_star": 16,
    "statements_three_components": 4,
    "statements_together": 24,
    "statements_others": 20,
    "statements_grouped": 12,
    "mixed_pairwise": 40,
    "mixed_star": 24,
    "mixed_covariance": 6,
    "rounded": 18,
    "hostile_numbers": 30,
    "hostile_statements": 24,
    "hostile_star": 12,
}
# Numbers are conjugate given tau. Statements and mixed evidence live on a grid that is made for some four digits: the
# worst of these vectors are off by 1.2e-3 of a standard deviation (the sd of tau; quantiles by 5.1e-4), by 1.3e-4 in
# probability and by 2.2e-5 in the log marginal likelihood; of numbers by 3.0e-6, 1e-8 and 5e-7.
NUMBERS = {"moments": 4e-6, "probabilities": 1e-7, "log_ml": 1e-6}
GRID = {"moments": 1.5e-3, "quantiles": 7e-4, "probabilities": 2e-4, "log_ml": 5e-5}
GROUP = 25


def groups():
    """Vectors in groups of one category, so that a failure names few and the suite stays short."""
    for category in COUNTS:
        own = [v for v in VECTORS if v["category"] == category]
        for start in range(0, len(own), GROUP):
            yield pytest.param(own[start : start + GROUP], id=f"{category}-{start}")


def test_the_set_does_not_shrink():
    found = {category: sum(v["category"] == category for v in VECTORS) for category in COUNTS}
    assert all(found[category] >= least for category, least in COUNTS.items()), found
    assert set(v["category"] for v in VECTORS) == set(COUNTS)
    assert len(VECTORS) >= 500
    assert max(v["error"] for v in VECTORS) <= 1e-5
    assert len({v["id"] for v in VECTORS}) == len(VECTORS)


def answers(fit, vector):
    """The fit's answers in the shape of a vector's."""
    want = vector["answer"]
    p = len(want["mu"])
    out = {"mu": [], "new_site": [], "theta": []}
    for j in range(p):
        low, median, high = np.ravel(fit.mu[j].quantile(np.array([0.025, 0.5, 0.975])))
        out["mu"].append(
            {
                "mean": fit.mu[j].mean,
                "sd": fit.mu[j].sd,
                "q025": low,
                "median": median,
                "q975": high,
                "positive": fit.mu[j].prob_above(0.0),
            }
        )
        out["new_site"].append(
            {"mean": fit.new_site[j].mean, "sd": fit.new_site[j].sd, "positive": fit.new_site[j].prob_above(0.0)}
        )
    out["tau"] = {"mean": fit.tau.mean, "sd": fit.tau.sd, "median": fit.tau.median}
    out["log_ml"] = None if want["log_ml"] is None else fit.log_marginal_likelihood
    out["best"] = None if p == 1 else list(fit.prob_best())
    out["theta"] = [
        {"row": t["row"], "mean": fit.theta[t["row"]].mean, "sd": fit.theta[t["row"]].sd} for t in want["theta"]
    ]
    return out


@pytest.mark.parametrize("vectors", groups())
def test_exact_engine_gives_the_answers(vectors):
    wrong = {}
    for vector in vectors:
        arguments = vector_format.arguments(vector)
        fit = pool(**arguments)
        numbers = not np.isnan(arguments["y"]).any() and vector["category"] != "numbers_smooth_prior"
        found = misses(answers(fit, vector), vector["answer"], NUMBERS if numbers else GRID)
        if found:
            wrong[vector["id"]] = found
    assert not wrong, "\n".join(f"{name}: {found}" for name, found in wrong.items())
