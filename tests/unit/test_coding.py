import numpy as np
import pandas as pd
import pytest
from pooling.ledger.coding import FIELDS, agreement, kappa
from scipy import stats


def test_kappa_and_its_error_on_a_table_worked_by_hand():
    """20/5/10/15: observed agreement 0.7, expected 0.5, so kappa is 0.4."""
    first = pd.Series(["a"] * 25 + ["b"] * 25)
    second = pd.Series(["a"] * 20 + ["b"] * 5 + ["a"] * 10 + ["b"] * 15)
    k, se = kappa(first, second)
    assert k == pytest.approx(0.4)
    # by simulation of the same table: the spread of kappa over multinomial samples
    rng = np.random.default_rng(1)
    draws = rng.multinomial(50, [0.4, 0.1, 0.2, 0.3], size=20_000) / 50
    observed = draws[:, 0] + draws[:, 3]
    a, b = draws[:, 0] + draws[:, 1], draws[:, 0] + draws[:, 2]
    expected = a * b + (1 - a) * (1 - b)
    assert se == pytest.approx(np.std((observed - expected) / (1 - expected)), rel=0.03)


@pytest.mark.parametrize("second", [["a", "a", "a"], ["a", "b", "a"], ["b", "b", "b"]])
def test_kappa_is_undefined_when_a_coder_used_one_code_only(second):
    assert np.isnan(kappa(pd.Series(["a", "a", "a"]), pd.Series(second))).all()
    assert np.isnan(kappa(pd.Series(second), pd.Series(["a", "a", "a"]))).all()


def _table(ids, **fields):
    return pd.DataFrame({"claim": ids, **{field: fields.get(field, [""] * len(ids)) for field in FIELDS}})


def test_agreement_is_by_claim_and_not_by_order():
    one = _table(["E1", "E2", "E3"], use=["eligible", "aside", "aside"])
    two = _table(["E3", "E1", "E2"], use=["aside", "eligible", "aside"])
    result = agreement(one, two).set_index("field")
    assert result.loc["use", "kappa"] == 1.0


@pytest.mark.parametrize("level", [0.9, 0.975])
def test_kappas_interval_has_the_level_that_is_asked_for(level):
    first, second = ["a"] * 25 + ["b"] * 25, ["a"] * 20 + ["b"] * 5 + ["a"] * 10 + ["b"] * 15
    ids = [f"E{k:02}" for k in range(50)]
    row = agreement(_table(ids, use=first), _table(ids, use=second), level=level).set_index("field").loc["use"]
    k, se = kappa(pd.Series(first), pd.Series(second))
    assert (row["ci_lower"], row["ci_upper"]) == pytest.approx(stats.norm(k, se).interval(level))


def test_agreement_can_leave_out_what_both_set_aside():
    one = _table(["E1", "E2", "E3"], use=["eligible", "aside", "aside"])
    two = _table(["E1", "E2", "E3"], use=["aside", "eligible", "aside"])
    assert agreement(one, two, eligible_only=True)["n"].eq(2).all()


def test_coders_of_different_claims_are_refused():
    with pytest.raises(ValueError, match="E2"):
        agreement(_table(["E1"]), _table(["E1", "E2"]))
