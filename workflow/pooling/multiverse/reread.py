"""A data package that is read otherwise: its coding, readings, arms, sources, comparison groups, control levels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from pooling.ledger.package import Package


def changed(package: Package, change: Mapping[str, Any], outcomes: tuple[str, ...], lot: bool) -> Package:
    """The part of a package about some outcomes, read in another way.

    Parameters
    ----------
    change
        Merged changes of the options; only coding, reading, arms, without_source and control_level matter here.
    outcomes
        Outcomes whose claims are kept.
    lot
        Whether to keep comparisons with people drawn by lot, or those with others.
    """
    claims = package.claims[package.claims["outcome"].isin(outcomes)]
    if "without_source" in change:
        claims = claims[claims["source"].ne(change["without_source"])]
    coding = getattr(package, change.get("coding", "coding"))
    coding = coding[coding["claim"].isin(claims["claim"])]
    arms = package.arms
    if "reading" in change:
        coding, arms = _read(package.readings, change["reading"], coding, arms)
    if not lot:
        coding, arms = _not_by_lot(claims, coding, arms)
    components = package.components
    if "arms" in change:
        arms, components = _classes(arms, package)
    levels = package.outcomes
    if "control_level" in change:
        factor = change["control_level"]
        levels = levels.assign(control_level=(levels["control_level"] * factor).clip(upper=95.0))
    printed = {**package.printed, "claims": package.printed["claims"].loc[claims.index]}
    return replace(
        package,
        claims=claims,
        coding=coding,
        arms=arms,
        components=components,
        outcomes=levels,
        printed=printed,
    )


def _read(
    readings: pd.DataFrame, reading: str, coding: pd.DataFrame, arms: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Coding and arms under an alternative reading."""
    coding, arms = coding.set_index("claim"), arms.copy()
    names = arms["municipality"] + " " + arms["arm"]
    for row in readings[readings["reading"].eq(reading)].itertuples():
        if row.table == "coding" and row.key in coding.index:
            coding.loc[row.key, row.column] = row.value
        elif row.table == "arms":
            arms.loc[names.eq(row.key), row.column] = row.value
    return coding.reset_index(), arms


def _not_by_lot(claims: pd.DataFrame, coding: pd.DataFrame, arms: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Only the comparisons with people who were not drawn by lot, with those people as the control group."""
    outside = coding["reason"].eq("non_randomised") & coding["versus"].eq("non_participants")
    group = claims.set_index("claim")["arm"].reindex(coding["claim"]).eq("reference").to_numpy()
    coding = coding.assign(
        use=outside.map({True: "eligible", False: "aside"}),
        reason=coding["reason"].where(~outside, "").where(outside, "other"),
        duplicate_of="",
        versus=coding["versus"].where(~outside, "control"),
        arms=coding["arms"].where(~(outside & group), "control"),
    )
    size = arms[arms["role"].eq("reference") & arms["n"].notna()].set_index("municipality")["n"]
    known = arms["role"].eq("control") & arms["municipality"].isin(size.index)
    return coding, arms.assign(
        n=arms["n"].mask(known, arms["municipality"].map(size)),
        n_basis=arms["n_basis"].mask(known, "reported"),
    )


def _classes(arms: pd.DataFrame, package: Package) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Every combination of components as a component of its own, single ones first.

    The combinations are those of all readings, so that all share one set of columns.
    """
    single, readings = list(package.components["component"]), package.readings
    order = {name: k for k, name in enumerate(single)}

    def named(text: str) -> str:
        return "+".join(sorted(text.split(), key=order.get))

    read = readings[readings["table"].eq("arms") & readings["column"].eq("components")]
    found = {named(text) for text in [*package.arms["components"], *read["value"]]}
    more = sorted((name for name in found if "+" in name), key=lambda n: [order[p] for p in n.split("+")])
    return arms.assign(components=arms["components"].map(named)), pd.DataFrame({"component": [*single, *more]})
