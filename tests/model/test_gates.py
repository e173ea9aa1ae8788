"""A fit that did not converge cannot reach a table."""

import numpy as np
import pytest
import xarray as xr
from pooling.answers import gates

RULES = {"rhat": 1.01, "ess": 400, "ebfmi": 0.3, "divergences": 0}


def _trace(mu, diverging=None, energy=None):
    random = np.random.default_rng(0)
    shape = mu.shape
    stats = xr.Dataset({
        "diverging": (("chain", "draw"), np.zeros(shape, bool) if diverging is None else diverging),
        "energy": (("chain", "draw"), random.normal(size=shape) if energy is None else energy),
    })  # fmt: skip
    posterior = xr.Dataset({"mu": (("chain", "draw"), mu)})
    return xr.DataTree.from_dict({"posterior": posterior, "sample_stats": stats})


@pytest.fixture
def good():
    return np.random.default_rng(1).normal(size=(4, 1000))


def test_a_good_fit_passes(good):
    found = gates.gate(_trace(good), RULES)
    assert found["passed"] and found["reasons"] == []
    gates.require({"work": found})


def test_chains_that_disagree_are_stopped(good):
    found = gates.gate(_trace(good + np.arange(4)[:, None]), RULES)
    assert not found["passed"] and any("R-hat" in reason for reason in found["reasons"])


def test_a_chain_that_creeps_is_stopped(good):
    found = gates.gate(_trace(np.cumsum(good, axis=1)), RULES)
    assert any("ESS" in reason for reason in found["reasons"])


def test_one_divergence_is_enough(good):
    diverging = np.zeros(good.shape, bool)
    diverging[2, 17] = True
    found = gates.gate(_trace(good, diverging=diverging), RULES)
    assert found["divergences"] == 1 and not found["passed"]


def test_energy_that_hardly_moves_is_stopped(good):
    found = gates.gate(_trace(good, energy=np.cumsum(good, axis=1)), RULES)
    assert any("E-BFMI" in reason for reason in found["reasons"])


def test_a_quantity_that_is_not_a_number_is_stopped(good):
    bad = good.copy()
    bad[0, 0] = np.nan
    assert not gates.gate(_trace(bad), RULES)["passed"]


def test_the_refusal_names_every_fit_and_reason(good):
    fits = {"b": gates.gate(_trace(np.cumsum(good, axis=1)), RULES), "a": gates.gate(_trace(good), RULES)}
    with pytest.raises(gates.GateError, match=r"b: R-hat .*ESS"):
        gates.require(fits)
