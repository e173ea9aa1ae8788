"""Answers of the multiverse are those of the exact engine, at a fraction of its cost."""

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pooling import exact
from pooling.answers import exactly, summary
from pooling.ledger import choices, package, pooled, selection
from pooling.multiverse import design, evaluate, plan
from pooling.running import settings

ROOT = Path(__file__).parents[2]
CHOICES = choices.read(ROOT / "workflow/multiverse.yaml", ROOT / "tests/packages/tiny")


@cache
def tiny(data="tests/packages/tiny"):
    config = settings.load(ROOT / "workflow/config.yaml", ROOT / "workflow/schema.yaml", {"data": str(ROOT / data)})
    return package.read(ROOT / data), config


@cache
def planned(name, budget=0, data="tests/packages/tiny"):
    data_package, config = tiny(data)
    analysis = next(a for a in selection.analyses(data_package, config) if a.name == name)
    return plan.make(analysis, CHOICES, data_package, config, budget)


@cache
def answered(name, data="tests/packages/tiny"):
    made = planned(name, data=data)
    table = made.table[made.table["spec"].eq(made.table["same_as"])]
    found = evaluate.Analysis(made.problem, made.variants, 0.95, 2).answer(table)
    return table.set_index("spec"), pd.concat(found).set_index(["spec", "component"])


def engine(name, **changes):
    """The same question put to the exact engine by way of the ordinary pipeline."""
    data_package, config = tiny()
    config = {**config, **{k: {**config[k], **v} for k, v in changes.items() if k in config}}
    one = {e.analysis: e for e in pooled.gather(data_package, config)[0]}[name]
    prior = exactly.prior_of(config["priors"], one.scale)
    prior |= {k: v for k, v in changes.items() if k in ("tau_prior", "mu_prior")}
    fit = exact.pool(**one.arrays(), **prior)
    outcome = data_package.outcomes.set_index("outcome").loc[one.outcome]
    answers = summary.Answers(list(fit.mu), list(fit.new_site), fit.tau)
    table = summary.table(one, outcome, answers, "exact", "posterior", 0.95)
    return table[table["estimand"].eq("average") & table["unit"].isin(["points", "sd"])].set_index("component")


def close(found, expected):
    """Within half a percent of a standard deviation, and of one percentage point of probability."""
    for component, row in found.iterrows():
        truth = expected.loc[component]
        for name in ("mean", "sd", "lower", "upper"):
            assert abs(row[name] - truth[name]) < 5e-3 * truth["sd"], (component, name)
        for name in ("prob_positive", "prob_increase", "prob_decrease"):
            assert abs(row[name] - truth[name]) < 2e-3, (component, name)


def only(table, **options):
    """Number of the specification that differs from the primary one in these options alone."""
    names = [c.name for c in CHOICES if c.name in table]
    keep = table["left_out"].eq("") & table["without_source"].eq("")
    for choice in (c for c in CHOICES if c.name in table):
        keep &= table[choice.name].eq(options.get(choice.name, choice.options[0].name))
    assert set(options) <= set(names)
    return int(table.index[keep][0])


@pytest.mark.parametrize("name", ["attendance_end", "pain_end"])
def test_the_primary_specification_is_the_main_analysis(name):
    _, found = answered(name)
    close(found.loc[0], engine(name))


def test_reliability_standard_errors_and_heterogeneity_as_in_the_engine():
    table, found = answered("attendance_end")
    changed = {
        ("reliability", "three in ten"): {"statements": {"epsilon": 0.3}},
        ("spread of wrong statements", "as chance"): {"statements": {"kappa": 1.0}},
        ("standard errors", "larger"): {"sizes": {"se_factor": 1.5}},
        ("heterogeneity", "common"): {"tau_prior": 0.0},
        ("prior of the average", "half as wide"): {"mu_prior": (0.0, 0.03125)},
    }
    for (choice, option), change in changed.items():
        close(found.loc[only(table, **{choice: option})], engine("attendance_end", **change))


def test_specifications_that_come_to_the_same_thing_run_once():
    table = planned("attendance_end").table
    common = table[table["heterogeneity"].eq("common") & table["block"].eq("pair")]
    other_prior = common[common["prior of the spread"].ne("as configured")]
    assert len(other_prior) and (other_prior["same_as"] < other_prior["spec"]).all()
    first = table.loc[table["same_as"].unique(), "same_as"]
    assert (first == first.index).all()


def test_a_sample_fills_the_budget_and_depends_on_the_seed_alone():
    made = planned("attendance_end", budget=3000)
    again = plan.make(
        next(a for a in selection.analyses(*tiny()) if a.name == "attendance_end"), CHOICES, *tiny(), 3000
    )
    assert made.table["same_as"].nunique() == 3000
    pd.testing.assert_frame_equal(made.table, again.table)


@pytest.mark.parametrize(("sites", "expected"), [(2, 1), (3, 1), (4, 5), (5, 16)])
def test_subsets_leave_three_sites(sites, expected):
    assert len(design.subsets(range(sites))) == expected


def test_a_component_of_one_site_bears_the_reason():
    table, found = answered("attendance_end")
    left = table.index[table["block"].eq("left out")]
    few = found.loc[list(left)].query("reason != ''")
    assert set(few["reason"]) <= {"few_sites", "not_identified"}
    assert np.isnan(few["mean"]).all()
