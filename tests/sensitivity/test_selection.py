"""Silence as evidence: nothing at rho = 1, more the smaller rho; its likelihood against the normal distribution."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from pooling import exact, priors
from pooling.ledger import package as packages
from pooling.ledger import selection
from pooling.running import settings
from pooling.sensitivity import silence, telling
from pooling.sensitivity.gridded import Gridded, own_priors
from scipy import stats

EVERYTHING = (-np.inf, np.inf)


@pytest.fixture
def quiet(told, cases):
    """The told rows, with a silent arm beside a told one (east) and a site of which nothing is heard (west)."""
    more = [
        cases.row("east", 2, z=EVERYTHING, n=(60, 60, 60), epsilon=0.0, claims=()),
        cases.row("west", 1, z=EVERYTHING, n=(200, 200, 200), epsilon=0.0, claims=()),
    ]
    return silence.Silence(told, replace(told, rows=(*told.rows, *more)), 0, 3, 0)


@pytest.fixture
def grid(told, cases):
    return Gridded(told, own_priors(cases.settings["priors"], told))


def test_without_selection_silence_says_nothing(grid, quiet, told, cases):
    assert np.abs(telling.Unheard(grid, quiet, "higher").log_ratio(1.0)).max() < 1e-12
    table = telling.bound(grid, quiet, cases.outcome, 0.95)
    told_rows = table[table["case"].eq("told")]
    fit = exact.pool(**told.arrays(), **priors.prior_of(cases.settings["priors"], "arcsine"))
    assert told_rows["prob_positive"].to_numpy() == pytest.approx(fit.mu.prob_above(0.0), abs=5e-4)
    assert told_rows["rho"].eq(1.0).all() and (table["silent"] == 2).all() and (table["silent_sites"] == 2).all()


@pytest.mark.parametrize(("good", "sign"), [("higher", 1), ("lower", -1)])
def test_the_stronger_selection_the_less_favourable(grid, quiet, cases, good, sign):
    table = telling.bound(grid, quiet, cases.outcome | {"good": good}, 0.95)
    for _, lines in table.groupby("component"):
        chance = sign * lines.loc[lines["rho"].notna(), "prob_positive"].to_numpy()
        assert (np.diff(chance) < 1e-9).all() and chance[-1] < chance[0] - 0.005
        worst = sign * lines.set_index("case")["prob_positive"]
        assert worst["unfavourable"] < chance[-1]


def test_any_significant_result_is_told_where_neither_way_is_good(grid, quiet, cases):
    table = telling.bound(grid, quiet, cases.outcome | {"good": "neutral"}, 0.95)
    p = table[table["component"].eq("p") & table["rho"].notna()].set_index("rho")
    width = p["upper"] - p["lower"]
    assert width[0.0] < width[1.0]
    assert p["prob_gain"].isna().all() if "prob_gain" in p else True


def test_likelihood_of_silence_against_the_normal_distribution(grid, quiet, cases):
    """A site of one silent arm, in closed form; at a told one with a silent neighbour, a rectangle of two normals."""
    unheard, told = telling.Unheard(grid, quiet, "higher"), len(quiet.told.rows)
    rho = 0.3
    found = unheard.log_ratio(rho)
    pi = (np.arange(20_000) + 0.5) / 20_000
    ratios, references = [], []
    for place in [(9, 7, 8), (9, 9, 6), (12, 8, 8), (6, 10, 9)]:
        tau = grid.frame.tau[place[0]]
        mu = np.array([points[k] for points, k in zip(grid.points, place[1:])])
        west, east = quiet.joint.rows[-1], quiet.joint.rows[-2]
        not_west = stats.norm.cdf((1.96 * west.se - mu[0]) / np.sqrt(west.se**2 + tau**2))
        # east: arm 1 said "higher", arm 2 is silent; they share the control's error and half of the spread
        v = east.arm_variances[0]
        cov = np.array([[2 * v + tau**2, v + tau**2 / 2], [v + tau**2 / 2, 2 * v + tau**2]])
        both = stats.multivariate_normal(np.array([-mu[0], mu[1]]), cov * [[1, -1], [-1, 1]])
        said = stats.norm.sf(0, mu[0], np.sqrt(cov[0, 0]))
        low = both.cdf([0.0, 1.96 * east.se], rng=np.random.default_rng(0))
        neither = stats.norm.cdf(1.96 * east.se, mu[1], np.sqrt(cov[1, 1]))
        # one source in ten says just anything: "higher" then has probability one half
        not_east = (0.9 * low + 0.1 * 0.5 * neither) / (0.9 * said + 0.1 * 0.5)
        value = pi**told
        for share in (not_west, not_east):
            value = value * ((1 - pi) * (1 - share) + (1 - rho * pi) * share)
        ratios.append(found[place])
        references.append(np.log(value.mean()))
    assert np.diff(ratios) == pytest.approx(np.diff(references), abs=2e-5)


def test_an_extreme_is_the_engine_with_those_statements(grid, quiet, cases):
    table = telling.bound(grid, quiet, cases.outcome, 0.95)
    worst = [row if row.claims else replace(row, lower=-1.96 * row.se, upper=0.0) for row in quiet.joint.rows]
    fit = exact.pool(
        **replace(quiet.joint, rows=tuple(worst)).arrays(), **priors.prior_of(cases.settings["priors"], "arcsine")
    )
    found = table.loc[table["case"].eq("unfavourable_not_significant"), "prob_positive"].to_numpy()
    assert found == pytest.approx(fit.mu.prob_above(0.0), abs=5e-4)


def test_the_word_changes_where_the_chance_crosses_its_limit():
    rho = np.array([1.0, 0.5, 0.0])
    assert telling.flip(rho, [0.7, 0.6, 0.5]) == pytest.approx(0.499, abs=2e-3)
    assert np.isnan(telling.flip(rho, [0.7, 0.65, 0.61]))
    assert telling.flip(rho, [0.41, 0.38, 0.3]) > 0.5


def test_a_site_with_too_many_silent_arms_is_refused(grid, quiet, monkeypatch):
    monkeypatch.setattr(telling, "MOST_ARMS", 0)
    with pytest.raises(exact.Refused, match="1 silent arms"):
        telling.Unheard(grid, quiet, "higher")


def claims(*lines):
    columns = ["municipality", "outcome", "horizon", "arms", "reason"]
    return pd.DataFrame([dict(zip(columns, line)) for line in lines])


def test_silent_are_arms_of_which_nothing_is_told_at_a_site_that_measured():
    sites = ["all", "one", "vague", "aside", "unmeasured", "other"]
    package = SimpleNamespace(
        municipalities=pd.DataFrame({"municipality": sites, "kind": "site", "role": ["primary"] * 5 + ["sensitivity"]}),
        arms=pd.DataFrame(
            [
                {"municipality": s, "arm": a, "role": r}
                for s in sites
                for a, r in (("c", "control"), ("x", "treatment"), ("y", "treatment"), ("z", "choice"))
            ]
        ),
    )
    ledger = claims(
        ("all", "work", "end", "x y", ""),
        ("one", "work", "end", "x", ""),
        ("vague", "work", "unclear", "", "no_comparator"),  # names no arm: speaks of all
        ("vague", "health", "end", "x", ""),
        ("aside", "work", "end", "y", "non_randomised"),  # told, though it does not count
        ("unmeasured", "work", "after", "x", ""),
        ("unmeasured", "work", "end", "x", "not_an_effect"),  # a group's size
        ("other", "health", "end", "x", ""),
    )
    assert silence.silent_arms(package, ledger, "work", "end") == [("one", "y"), ("aside", "x")]
    assert silence.silent_arms(package, ledger, "health", "end") == [
        ("all", "x"), ("all", "y"), ("one", "x"), ("one", "y"), ("vague", "y"), ("aside", "x"), ("aside", "y"),
    ]  # fmt: skip
    assert silence.treated_arms(package, ledger, "after") == [("unmeasured", "x"), ("unmeasured", "y")]


def test_every_treated_arm_counts_has_claims_set_aside_or_is_silent():
    """In the package of the report: for every outcome the same arms, divided otherwise."""
    data = Path(__file__).parents[2] / "data"
    root = data.parent / "workflow"
    chosen = settings.load(root / "config.yaml", root / "schema.yaml", {"data": str(data)})
    read = packages.read(data)
    picked = selection.select(read, chosen)
    seen = set()
    for analysis in picked.analyses:
        if analysis.name in picked.chosen and analysis.main:
            found = silence.with_silence(analysis, picked, read, chosen)
            treated = silence.treated_arms(read, picked.claims, analysis.horizon)
            parts = (found.counted, found.aside, len(found.silent) + found.elsewhere)
            assert sum(parts) == len(treated) and found.counted > 0
            seen.add(parts)
    assert len(seen) > 2
