"""Every claim of the real ledger is pooled in a named analysis or set aside with a reason."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pooling.ledger import package
from pooling.ledger.comparisons import code, compare
from pooling.ledger.pooled import gather
from pooling.ledger.selection import REASONS, analyses, select
from pooling.running import settings

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def evidence():
    return package.read(ROOT / "data")


@pytest.fixture(scope="module")
def config():
    return settings.load(ROOT / "workflow/config.yaml", ROOT / "workflow/schema.yaml", {"data": str(ROOT / "data")})


@pytest.fixture(scope="module")
def gathered(evidence, config):
    return gather(evidence, config)


def test_nothing_is_lost(gathered):
    claims = gathered[1]
    assert list(claims["claim"]) == [f"E{number:03}" for number in range(1, 330)]
    pooled = claims["status"].eq("pooled")
    assert claims.loc[pooled, "analysis"].ne("").all() and claims.loc[pooled, "reason"].eq("").all()
    assert claims.loc[~pooled, "reason"].isin(REASONS).all() and claims.loc[~pooled, "analysis"].eq("").all()


def test_every_pooled_row_rests_on_pooled_claims(gathered):
    evidences, claims = gathered
    used = {claim for e in evidences for row in e.rows for claim in row.claims}
    assert used == set(claims.loc[claims["status"].eq("pooled"), "claim"])


def test_only_comparisons_with_drawn_groups_are_pooled(gathered):
    claims = gathered[1]
    assert claims.loc[claims["status"].eq("pooled"), "versus"].isin(["control", "others"]).all()


def test_an_arm_of_a_site_speaks_once_per_analysis(gathered):
    for e in gathered[0]:
        arms = [(row.site, arm) for row in e.rows for arm in row.arms]
        assert len(arms) == len(set(arms)), e.analysis


def test_contradicting_claims_name_each_other(gathered):
    claims = gathered[1].set_index("claim")
    assert "E286" in claims.loc["E032", "conflict"] and "E032" in claims.loc["E286", "conflict"]


def test_precedence_decides_and_its_order_matters(evidence, config):
    first = gather(evidence, config)[1].set_index("claim")
    turned = {**config, "precedence": {**config["precedence"], "speaker": {"end": ["cpb"], "after": []}}}
    second = gather(evidence, turned)[1].set_index("claim")
    assert first.loc["E033", "status"] == "pooled" and first.loc["E288", "reason"] == "preferred"
    assert second.loc["E288", "status"] == "pooled" and second.loc["E033", "reason"] == "preferred"


def test_amsterdam_waits_for_sensitivity_analyses(evidence, config):
    primary = select(evidence, config).claims.set_index("claim")
    assert primary.loc["E319", "reason"] == "sensitivity_site"
    wider = select(evidence, config, roles=("primary", "sensitivity"))
    assert any(c.site == "amsterdam" for c in wider.chosen["outflow_from_benefit_end"])


def test_unknown_outcomes_are_all_named(evidence, config):
    asked = [{"outcome": "wages", "horizon": "end"}, {"outcome": "cost", "horizon": "end"}]
    with pytest.raises(ValueError, match=r"'wages'.*\n.*'cost'"):
        analyses(evidence, {**config, "analyses": asked})


def test_without_sizes_statements_are_set_aside_and_not_dropped(evidence, config):
    strict = {**config, "sizes": {**config["sizes"], "equal_split": False}}
    evidences, claims = gather(evidence, strict)
    assert not evidences
    assert claims["reason"].isin(REASONS).all() and claims["reason"].eq("no_size").any()


def test_a_number_with_its_standard_error_beats_a_statement(evidence, config):
    """On the day somebody adds a table of estimates, its rows are pooled as numbers without other changes."""
    new = evidence.claims[evidence.claims["claim"].eq("E044")].assign(
        claim="E900", kind="effect_estimate", value=4.0, unit="percentage points", se=2.5, half_width=0.5
    )
    claims = pd.concat([evidence.claims, new], ignore_index=True)
    printed = {**evidence.printed, "claims": claims.astype(str)}
    evidences, account = gather(replace(evidence, claims=claims, printed=printed), config)
    (work,) = [e for e in evidences if e.analysis == "any_paid_work_end"]
    (row,) = [row for row in work.rows if row.site == "utrecht" and row.arms == ("exemption",)]
    assert row.kind == "number" and row.claims == ("E900",) and row.se_basis == "reported"
    assert account.set_index("claim").loc["E044", "reason"] == "preferred"


def fate(changes, **options):
    """Account of the small package's claims after changes of cells, by claim and column."""
    data = package.read(ROOT / "tests/packages/tiny")
    claims = data.claims.set_index("claim", drop=False)
    for (claim, column), value in changes.items():
        claims.loc[claim, column] = value
    defaults = settings.load(
        ROOT / "workflow/config.yaml", ROOT / "workflow/schema.yaml", {"data": "tests/packages/tiny"}
    )
    arms = data.arms.assign(**options.pop("arms", {}))
    changed = replace(data, claims=claims.reset_index(drop=True), arms=arms)
    return gather(changed, defaults | options)[1].set_index("claim")


def test_a_number_that_is_not_coded_says_what_it_lacks():
    counts = {("C02", "horizon_from"): "", ("C04", "n"): np.nan}
    found = fate({("C01", "se"): np.nan, ("C05", "horizon_from"): "", ("C08", "value"): np.nan, **counts})
    assert found.loc[["C01", "C05", "C08", "C02", "C04"], "reason"].tolist() == [
        "no_standard_error",
        "unclear_moment",
        "range",
        "unclear_moment",
        "uncoded",
    ]
    assert found.loc["C05", "horizon"] == "" and found.loc["C03", "reason"] == "no_pair"
    assert found.loc[["C07", "C09", "C10"], "status"].eq("pooled").all()


def test_a_range_of_percentages_is_set_aside_coded_or_not():
    level = {("C03", "kind"): "arm_percentage", ("C03", "unit"): "percent", ("C03", "events"): np.nan}
    assert fate({**level, ("C03", "value"): np.nan}).loc["C03", "reason"] == "range"
    coding = code(package.read(ROOT / "tests/packages/tiny").claims, None, 1.96)
    claims = package.read(ROOT / "tests/packages/tiny").claims
    claims.loc[claims["claim"].eq("C03"), ["kind", "value"]] = ["arm_percentage", np.nan]
    assert compare(claims, coding)[1]["C03"] == "range"


def test_an_arm_of_unknown_size_costs_only_the_comparisons_it_is_in():
    """Percentages of two arms with their sizes are pooled though nobody says how many were in the third."""
    levels = {}
    for claim, value in (("C02", 38.0), ("C03", 43.0), ("C04", 48.0)):
        levels |= {(claim, "kind"): "arm_percentage", (claim, "unit"): "percent", (claim, "value"): value}
        levels[claim, "half_width"] = 0.5
    n = package.read(ROOT / "tests/packages/tiny").arms["n"].copy()
    n[4] = np.nan
    found = fate(levels, arms={"n": n}, sizes={"equal_split": False, "response": 1.0, "se_factor": 1.0})
    assert found.loc[["C02", "C03"], "status"].eq("pooled").all()
    assert found.loc["C04", "reason"] == "no_size"
