"""The comparison of the engines notices what it should, site effects included."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from pooling.answers import agreement, engines
from pooling.answers.draws import Draws

RULES = {"mcse": 4.0, "level": 0.95, "digits": 4}


def lines(mu, tau, theta):
    """Lines of a summary as they are compared: an average, tau, two site effects in points."""
    named = [("average", "guidance", "", "", mu), ("tau", "", "", "", tau)]
    named += [("site", "", place, "guidance", theta[..., r]) for r, place in enumerate(("north", "south"))]
    records = []
    for estimand, component, place, arm, values in named:
        quantity = Draws(100 * values if estimand == "site" else values)
        lower, q25, median, q75, upper = quantity.quantile([0.025, 0.25, 0.5, 0.75, 0.975])
        records.append({
            "estimand": estimand, "component": component, "municipality": place, "arm": arm, "mean": quantity.mean,
            "sd": quantity.sd, "lower": lower, "q25": q25, "median": median, "q75": q75, "upper": upper,
        })  # fmt: skip
    return pd.DataFrame(records)


@pytest.fixture
def draws():
    random = np.random.default_rng(2)
    return random.normal(size=(4, 500)), abs(random.normal(size=(4, 500))), random.normal(size=(4, 500, 2))


def compared(exact, draws):
    mu, tau, theta = draws
    group = xr.Dataset({
        "mu": (("chain", "draw", "component"), mu[..., None]), "tau": (("chain", "draw"), tau),
        "theta": (("chain", "draw", "row"), theta),
    }, coords={"component": ["guidance"]})  # fmt: skip
    return engines.compare(exact, lines(*draws), group, 1e-6, RULES, lambda x: 100 * x)


def test_the_same_answers_agree(draws):
    found = compared(lines(*draws), draws)
    assert found["ok"].all() and len(found) == 4 * 7
    assert {"guidance mean", "tau sd", "north guidance mean", "south guidance upper"} <= set(found["quantity"])


@pytest.mark.parametrize(("row", "column"), [(0, "mean"), (1, "sd"), (2, "q75"), (3, "upper"), (3, "mean")])
def test_one_wrong_number_is_noticed_where_it_is(draws, row, column):
    exact = lines(*draws)
    # ten times what a mean may be off in 2,000 draws; site effects are in points
    exact.loc[row, column] += (100 if row > 1 else 1) * 40 / np.sqrt(2000)
    found = compared(exact, draws)
    assert found.loc[~found["ok"], "quantity"].str.endswith(column).all() and (~found["ok"]).sum() == 1


def test_many_comparisons_do_not_make_false_alarms_likelier():
    assert agreement.allowed_errors(4.0, 1) == pytest.approx(4.0)
    assert agreement.allowed_errors(4.0, 10) == pytest.approx(4.52, abs=0.01)
    assert agreement.allowed_errors(4.0, 1000) == pytest.approx(5.40, abs=0.01)
