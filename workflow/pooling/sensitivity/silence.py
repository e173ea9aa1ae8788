"""Which arms took part and never got a sentence about an outcome."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from pooling.ledger import rows
from pooling.ledger.comparisons import Comparison
from pooling.ledger.evidence import Evidence
from pooling.ledger.package import Package
from pooling.ledger.selection import Analysis, Selection

#: Reasons of claims that say nothing about an effect, nor that anybody measured one.
NO_FINDING = ("not_an_effect",)


@dataclass(frozen=True)
class Silence:
    """An analysis with and without rows for the arms that were not heard of.

    Attributes
    ----------
    told
        The pooled rows.
    joint
        The same rows and one against the control group for each silent arm: without claims and without bounds.
    elsewhere
        Silent arms that have no row: their components occur in no pooled row, or their size is unknown.
    counted, aside
        Arms with a pooled row, and arms of which every claim was set aside; these count as told.
    """

    told: Evidence
    joint: Evidence
    elsewhere: int
    counted: int
    aside: int

    @property
    def silent(self) -> list[int]:
        """Positions of the silent arms among the rows of `joint`."""
        return [r for r, row in enumerate(self.joint.rows) if not row.claims]


def treated_arms(package: Package, claims: pd.DataFrame, horizon: str) -> list[tuple[str, str]]:
    """Treated arms, with their sites, of pooled sites of which any claim states a finding at a moment."""
    found = claims[~claims["reason"].isin(NO_FINDING)]
    measured = set(found.loc[found["horizon"].eq(horizon), "municipality"])
    sites, arms = package.municipalities, package.arms
    pooled = sites.loc[sites["kind"].eq("site") & sites["role"].eq("primary"), "municipality"]
    return [
        (site, arm)
        for site in pooled
        if site in measured
        for arm in arms.loc[arms["municipality"].eq(site) & arms["role"].eq("treatment"), "arm"]
    ]


def silent_arms(package: Package, claims: pd.DataFrame, outcome: str, horizon: str) -> list[tuple[str, str]]:
    """Treated arms of pooled sites about which the ledger has no claim on an outcome at a moment.

    A claim counts whatever became of it: what was told and set aside was not kept back. One that names no arm
    counts for every arm of its site, one that names no moment for every moment. A site of which no claim states any
    finding at this moment did, as far as is known, not measure then, and is not silent.

    Parameters
    ----------
    claims
        The account of all claims, as in results/claims.csv.

    Returns
    -------
    list of (site, arm)
    """
    found = claims[~claims["reason"].isin(NO_FINDING)]
    then = found[found["horizon"].isin([horizon, "unclear", ""])]
    about = then[then["outcome"].eq(outcome)]
    spoken = {(site, arm) for site, arms in zip(about["municipality"], about["arms"]) for arm in str(arms).split()}
    everyone = set(about.loc[about["arms"].eq(""), "municipality"])
    return [
        (site, arm)
        for site, arm in treated_arms(package, claims, horizon)
        if site not in everyone and (site, arm) not in spoken
    ]


def with_silence(analysis: Analysis, selection: Selection, package: Package, settings: Mapping[str, Any]) -> Silence:
    """Add a row for every silent arm to the rows of an analysis."""
    chosen = selection.chosen[analysis.name]
    told, _ = rows.build(analysis, chosen, package, settings)
    silent = silent_arms(package, selection.claims, analysis.outcome, analysis.horizon)
    known = [(site, arm) for site, arm in silent if _parts(package, site, arm) <= set(told.components)]
    unheard = [_unheard(analysis, site, arm, settings) for site, arm in known]
    both, _ = rows.build(analysis, [*chosen, *unheard], package, settings)
    kept = [row if row.claims else replace(row, lower=-np.inf, upper=np.inf, epsilon=0.0) for row in both.rows]
    found = sum(not row.claims for row in kept)
    treated = treated_arms(package, selection.claims, analysis.horizon)
    counted = {(row.site, arm) for row in told.rows for arm in row.arms} & set(treated)
    aside = set(treated) - counted - set(silent)
    return Silence(told, replace(both, rows=tuple(kept)), len(silent) - found, len(counted), len(aside))


def _parts(package: Package, site: str, arm: str) -> set[str]:
    own = package.arms[package.arms["municipality"].eq(site) & package.arms["arm"].eq(arm)]
    return set(str(own["components"].fillna("").iloc[0]).split())


def _unheard(analysis: Analysis, site: str, arm: str, settings: Mapping[str, Any]) -> Comparison:
    """The comparison that nobody told; its bounds are taken away again."""
    return Comparison(
        claims=(), site=site, outcome=analysis.outcome, horizon=analysis.horizon, arms=(arm,), versus="control",
        kind="interval", category="positive_significant", z_crit=settings["statements"]["z_crit"], source="",
        own_arm=True, direction="none",
    )  # fmt: skip
