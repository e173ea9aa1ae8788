"""What the tables say of the multiverse, against answers by hand and by trying everything."""

from functools import cache
from itertools import product

import numpy as np
import pandas as pd
import pytest
from pooling.multiverse import answers, conclusions, variance

PRIMARY = "as it is"


def choice(name, options, kind="equivalent"):
    named = [{"option": option, "label_en": option, "label_nl": option} for option in (PRIMARY, *options)]
    return {"choice": name, "kind": kind, "label_en": name, "label_nl": name, "options": named}


TWO = [choice("coder", ["other"]), choice("width", ["wide"])]


def made(choices, mean, probability=None):
    """Every combination of options, the primary one first, with a mean and a probability from its codes."""
    codes = list(product(*(range(len(c["options"])) for c in choices)))
    rows = []
    for spec, code in enumerate(codes):
        row = {c["choice"]: c["options"][k]["option"] for c, k in zip(choices, code, strict=True)}
        value = mean(*code)
        p = probability(*code) if probability else float(value > 0)
        rows.append({"spec": spec, "same_as": spec, **row, "left_out": "", "without_source": "", "block": "equivalent",
                     "mean": value, "sd": 1.0, "lower": value - 2, "upper": value + 2, "prob_positive": p,
                     "prob_increase": p, "prob_decrease": 1 - p, "tau": 0.1, "sites": 4, "reason": ""})  # fmt: skip
    return pd.DataFrame(rows)


def shares_of(table, choices):
    found = variance.shares(table, choices)
    return found[found["quantity"].eq("mean")].set_index("choice")


def test_variance_splits_as_by_hand():
    # means 0, 2, 1, 3: the coder moves them by 1 (variance 1/4), the width by 2 (variance 1); together 5/4
    found = shares_of(made(TWO, lambda a, b: 1.0 * a + 2.0 * b), TWO)
    assert found.loc["coder", "share"] == pytest.approx(0.2) and found.loc["width", "share"] == pytest.approx(0.8)
    assert found.loc["", "share"] == pytest.approx(0.0)
    assert found.loc["coder", "sd"] == pytest.approx(np.sqrt(1.25))


def test_what_only_both_choices_do_is_told_apart():
    # means 0, 0, 0, 4: averages by coder 0 and 2, by width 0 and 2; variance 3, of which 1 each and 1 together
    found = shares_of(made(TWO, lambda a, b: 4.0 * a * b), TWO)
    assert found["share"].to_dict() == pytest.approx({"coder": 1 / 3, "width": 1 / 3, "": 1 / 3})
    assert found.loc["coder", "total"] == pytest.approx(2 / 3)


def test_choices_that_are_not_equivalent_have_no_share():
    mixed = [*TWO, choice("place", ["elsewhere"], "not_equivalent")]
    found = shares_of(made(TWO, lambda a, b: a + b).assign(place=PRIMARY), mixed)
    assert set(found.index) == {"coder", "width", ""}


def test_an_option_without_answers_is_left_out_and_named():
    three = [choice("coder", ["one", "two"]), TWO[1]]
    table = made(three, lambda a, b: np.nan if a == 2 else 1.0 * a + 2.0 * b)
    found = shares_of(table, three)
    assert found.loc["width", "share"] == pytest.approx(0.8)
    assert set(found["without"]) == {"coder=two"} and set(found["n"]) == {4}


@cache
def believed():
    choices = [choice("coder", ["one", "two"]), choice("width", ["wide"]), choice("rule", ["new"], "uncertain")]
    table = made(
        choices, lambda a, b, c: 1.0 - 0.4 * a - 0.7 * b - 0.5 * c, lambda a, b, c: 0.9 - 0.1 * a - 0.3 * b - 0.25 * c
    )
    return choices, table, conclusions.believe(table, choices).set_index("conclusion")


def test_fewest_changes_for_every_conclusion_are_those_of_trying_all():
    choices, table, found = believed()
    names = [c["choice"] for c in choices]
    words = conclusions.conclusions(table["prob_positive"].to_numpy())
    for conclusion, row in found.iterrows():
        there = table[table["mean"] < 0 if conclusion == conclusions.OPPOSITE else words == conclusion]
        changes = (there[names] != PRIMARY).sum(axis=1)
        if there.empty:
            assert np.isnan(row["changes"]) and row["share"] == 0
            continue
        assert row["changes"] == changes.min()
        assert row["ways"] == (changes == changes.min()).sum()
        assert row["share"] == pytest.approx(len(there) / len(table))
        steps = dict(step.split("=") for step in row["altered"].split("; ") if step)
        exact = there[np.logical_and.reduce([there[n] == steps.get(n, PRIMARY) for n in names])]
        assert len(exact) == 1 and exact["mean"].iloc[0] == row["mean"]


def test_of_equally_short_ways_the_one_with_equivalent_choices_is_told():
    _, _, found = believed()
    # down to 0.6-0.8 by the coder alone (0.7 at the second option is "rather"), or by the rule, which is uncertain
    assert found.loc["rather", "altered"] in ("coder=two", "width=wide")


def test_likelihood_words_have_the_limits_of_the_report():
    from pooling.wording import likelihood

    for p in (0.0, 0.03, 0.05, 0.2, 0.39, 0.4, 0.6, 0.8, 0.94, 0.95, 1.0):
        assert conclusions.conclusions(np.array([p]))[0] == likelihood(p)
    assert conclusions.conclusions(np.array([np.nan]))[0] == ""


def test_curve_holds_every_different_specification_once_and_in_order():
    table = made(TWO, lambda a, b: 1.0 * a + 2.0 * b)
    table.loc[3, "same_as"] = 1
    found = answers.curve(table, TWO, bins=2)
    own = found[found["lot"].eq("choices")]
    assert own["n"].sum() == 3 and own["mean"].is_monotonic_increasing
    assert own["primary"].tolist() == [True, False]


def test_sites_left_out_are_a_lot_of_their_own():
    table = made(TWO, lambda a, b: 1.0 * a + 2.0 * b)
    left = table.iloc[[0]].assign(spec=4, same_as=4, left_out="north", mean=-1.0)
    both = table.iloc[[3]].assign(spec=5, same_as=5, left_out="north", mean=9.0)
    found = answers.curve(pd.concat([table, left, both], ignore_index=True), TWO)
    subsets = found[found["lot"].eq("subsets")]
    assert subsets["mean"].tolist() == [-1.0, 0.0]
    assert found.loc[found["lot"].eq("choices"), "mean"].max() == 3.0
