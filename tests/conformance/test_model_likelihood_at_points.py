"""The PyMC model's likelihood at points of (mu, tau), against the reference solver's.

Some conformance vectors in every run, all 500 with `pytest -m grid tests/conformance`.

No sampling: what PyMC adds to this are priors, which `tests/model` looks at. The vectors' answers say where the
posterior is: points lie up to three standard deviations from its middle, at none, middling and much heterogeneity.
"""

import numpy as np
import pytest
import reference_sites
import vector_format
from pooling import model
from pooling.model.likelihood import log_likelihood
from pooling.model.op import DATA
from scipy import stats

VECTORS = vector_format.read()
CATEGORIES = sorted({vector["category"] for vector in VECTORS})
#: The trapezoid rule over the shared factor is good to 1e-6; of numbers only rounding is left.
NUMBERS, STATEMENTS = 1e-9, 2e-6


def points(vector):
    answer = vector["answer"]
    mean, sd = (np.array([one[name] for one in answer["mu"]]) for name in ("mean", "sd"))
    tau = answer["tau"]
    for seed, t in enumerate((0.0, tau["median"], tau["median"] + 2 * tau["sd"])):
        yield mean + 1.5 * sd * np.random.default_rng(seed).uniform(-2, 2, mean.size), t


def held_against(vector):
    """(ours, theirs) at every point."""
    given = vector_format.arguments(vector)
    reach = vector["answer"]["tau"]["median"] + 2 * vector["answer"]["tau"]["sd"]
    evidence = {name: value for name, value in given.items() if not name.endswith("prior")}
    spec = model.specify(**evidence, mu_prior=(0.0, 1.0), tau_prior=stats.uniform(0, 1.001 * reach + 1e-12))
    assert spec.form.shifts == 0, "shifts of shared arms are sampled: the likelihood is not the reference's"
    sites, arrays, d = reference_sites.sites(given), [spec.data[name] for name in DATA], spec.data
    pairs = []
    for mu, tau in points(vector):
        filled = np.pad(mu, (0, spec.form.coefficients - mu.size))
        ours = log_likelihood(d["X"] @ filled, d["S"] + tau**2 * d["R"], *arrays)[0]
        theirs = sum(np.sum(reference_sites.log_likelihood(site, mu[:, None], tau, 120)) for site in sites)
        pairs.append((ours, float(theirs)))
    return pairs


def compare(vectors):
    wrong = {}
    for vector in vectors:
        numbers = vector["category"].startswith("numbers") or vector["category"] == "hostile_numbers"
        tolerance = NUMBERS if numbers else STATEMENTS
        pairs = held_against(vector)
        if any(not abs(a - b) <= tolerance * max(1.0, abs(b)) for a, b in pairs):
            wrong[vector["id"]] = pairs
    assert not wrong, wrong


def test_the_likelihood_is_the_reference_solvers():
    """The first two vectors of every category, and every twentieth."""
    firsts = [v for c in CATEGORIES for v in [v for v in VECTORS if v["category"] == c][:2]]
    compare(firsts + VECTORS[::20])


@pytest.mark.grid
@pytest.mark.parametrize("category", CATEGORIES)
def test_the_likelihood_of_every_vector(category):
    compare([vector for vector in VECTORS if vector["category"] == category])
