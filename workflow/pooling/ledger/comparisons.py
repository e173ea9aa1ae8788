"""From coded claims to comparisons: one arm (or group of arms) of one site against what, said by whom."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from pooling.ledger.statements import CATEGORIES, STATES_SIGNIFICANCE

#: Kinds of claim that hold one arm's own level rather than a comparison.
ARM_LEVELS = ("arm_percentage", "arm_count")


@dataclass(frozen=True)
class Comparison:
    """One finding about one site, ready to be weighed against others about the same thing.

    Attributes
    ----------
    claims
        Ids of the ledger rows it rests on: one, or the two halves of a pair of arm levels.
    site, outcome, horizon
        What it is about; `horizon` is "end" or "after".
    arms
        Arms compared, as one group; never the control arm.
    versus
        "control" or "others" (all other arms of the trial together).
    kind
        "number" (estimate with standard error, or counts), "rounded" (percentages without counts)
        or "interval" (a statement).
    category
        Category of the rule book.
    z_crit
        Critical value behind the words "significant" and "not significant".
    source
        Id of the source.
    own_arm
        Whether the claim is about this arm alone and not about several at once.
    direction
        "up", "down" or "none": what it says about the sign of the effect.
    """

    claims: tuple[str, ...]
    site: str
    outcome: str
    horizon: str
    arms: tuple[str, ...]
    versus: str
    kind: str
    category: str
    z_crit: float
    source: str
    own_arm: bool
    direction: str


def code(claims: pd.DataFrame, coding: pd.DataFrame | None, z_crit: float) -> pd.DataFrame:
    """Give every claim its coding: from the coding table, or by default where it has no row there.

    A claim without a row is eligible if it is a number that explains itself: an estimate with its
    standard error, or one arm's percentage or count with its n, in either case with a moment. It is then read as
    that arm against the control group, at the end of the trial unless its horizon counts from the end. Any other
    is set aside with what it lacks as the reason.

    Returns
    -------
    pandas.DataFrame
        Indexed by claim: use, reason, duplicate_of, horizon, arms (tuple), scope, versus, category, z_crit.
    """
    frame = claims.set_index("claim")
    estimate, level = frame["kind"].eq("effect_estimate"), frame["kind"].isin(ARM_LEVELS)
    reason = np.select(
        [
            frame["kind"].eq("likelihood"),
            ~(estimate | level) | (level & frame["n"].isna()),
            _is_range(frame),
            estimate & frame["se"].isna(),
            frame["horizon_from"].eq(""),
        ],
        ["reserved", "uncoded", "range", "no_standard_error", "unclear_moment"],
        default="",
    )
    eligible = pd.Series(reason == "", index=frame.index)
    default = pd.DataFrame(
        {
            "use": eligible.map({True: "eligible", False: "aside"}),
            "reason": reason,
            "duplicate_of": "",
            "horizon": frame["horizon_from"].map({"start": "end", "end": "after", "": ""}),
            "arms": frame["arm"].fillna("").map(lambda arm: (arm,) if arm else ()),
            "scope": "",
            "versus": "control",
            "category": eligible.map({True: "number", False: ""}),
            "z_crit": z_crit,
        },
        index=frame.index,
    )
    if coding is None or coding.empty:
        return default
    coded = coding.set_index("claim")
    coded = coded.assign(
        arms=coded["arms"].fillna("").map(lambda text: tuple(str(text).split())),
        z_crit=pd.to_numeric(coded["z_crit"], errors="coerce").fillna(z_crit),
    )[list(default.columns)].fillna({"reason": "", "duplicate_of": "", "scope": "", "versus": "", "category": ""})
    return pd.concat([coded, default.drop(index=coded.index, errors="ignore")]).reindex(frame.index)


def compare(claims: pd.DataFrame, coded: pd.DataFrame) -> tuple[list[Comparison], dict[str, str]]:
    """Turn eligible claims into comparisons; arm levels are joined with their control arm's level.

    Returns
    -------
    comparisons
        Every comparison that the eligible claims state.
    leftover
        Reason code for each eligible claim that states none: `no_pair` (an arm's level without the control
        arm's from the same source), `range`, `no_standard_error`, `reserved` or `unclear_statement`.
    """
    frame = claims.set_index("claim").join(coded[["use", "horizon", "arms", "scope", "versus", "category", "z_crit"]])
    frame = frame[frame["use"].eq("eligible")]
    comparisons: list[Comparison] = []
    leftover: dict[str, str] = {}
    levels = frame[frame["kind"].isin(ARM_LEVELS)]
    vague = _is_range(levels)
    paired = _pair(levels[~vague], comparisons)
    leftover.update({claim: "range" if vague[claim] else "no_pair" for claim in levels.index if claim not in paired})
    for claim, row in frame[~frame["kind"].isin(ARM_LEVELS)].iterrows():
        if row["kind"] == "likelihood":
            leftover[claim] = "reserved"
            continue
        if row["category"] == "number" and not pd.notna(row["se"]):
            leftover[claim] = "no_standard_error"
            continue
        if row["category"] not in (*CATEGORIES, "number") or not row["arms"]:
            leftover[claim] = "unclear_statement"
            continue
        comparisons.extend(_expand(claim, row))
    return comparisons, leftover


def _is_range(claims: pd.DataFrame) -> pd.Series:
    """Whether a percentage or an estimate is printed as a range only."""
    return claims["kind"].isin(("arm_percentage", "effect_estimate")) & claims["value"].isna()


def _expand(claim: str, row: pd.Series) -> list[Comparison]:
    """One comparison, or one for each arm where the claim holds of each arm by itself."""
    whole = Comparison(
        claims=(claim,),
        site=row["municipality"],
        outcome=row["outcome"],
        horizon=row["horizon"],
        arms=row["arms"],
        versus=row["versus"],
        kind="number" if row["category"] == "number" else "interval",
        category=row["category"],
        z_crit=float(row["z_crit"]),
        source=row["source"],
        own_arm=len(row["arms"]) == 1,
        direction=_direction(row),
    )
    if row["scope"] == "each" and len(row["arms"]) > 1:
        return [replace(whole, arms=(arm,)) for arm in row["arms"]]
    return [whole]


def _direction(row: pd.Series) -> str:
    if row["category"] == "number":
        return {"+": "up", "-": "down"}.get(row["direction"], "none")
    return {"positive": "up", "negative": "down"}.get(row["category"].split("_")[0], "none")


def _pair(levels: pd.DataFrame, comparisons: list[Comparison]) -> set[str]:
    """Join each treated arm's level with the control arm's level from the same source and moment."""
    paired: set[str] = set()
    keys = ["municipality", "outcome", "horizon", "source", "kind", "horizon_months"]
    for _, group in levels.groupby(keys, dropna=False, sort=True):
        control = group[group["arms"].map(lambda arms: arms == ("control",))]
        if len(control) != 1:
            continue
        base = control.index[0]
        for claim, row in group.drop(index=base).iterrows():
            exact = row["kind"] == "arm_count" and pd.notna(row["n"])
            (pair,) = _expand(claim, row)
            comparisons.append(
                replace(pair, claims=(claim, base), versus="control", kind="number" if exact else "rounded")
            )
            paired |= {claim, base}
    return paired


def rank(
    comparison: Comparison, order: list[str], speakers: list[str], sources: Mapping[str, Mapping]
) -> tuple[int | str, ...]:
    """Sort key of a comparison: the smallest speaks where several say something about the same thing.

    Parameters
    ----------
    order
        Names of the rules, first rule first: `number` (counts and estimates, then percentages, then
        statements), `versus` (against the control group, then against the other groups), `own_arm`,
        `speaker` (by `speakers`), `relay` (own words, then relayed), `significance` (stated first),
        `year` (latest first) and `claim` (lowest id).
    sources
        By id: speaker, relay and year of each source, where known.
    """
    source = sources.get(comparison.source, {})
    speaker = source.get("speaker")
    year = re.search(r"\d{4}", str(source.get("year", "")))
    rules = {
        "number": {"number": 0, "rounded": 1, "interval": 2}[comparison.kind],
        "versus": 0 if comparison.versus == "control" else 1,
        "own_arm": 0 if comparison.own_arm else 1,
        "speaker": speakers.index(speaker) if speaker in speakers else len(speakers),
        "relay": 1 if source.get("relay") == "relayed" else 0,
        "significance": 0 if comparison.kind != "interval" or comparison.category in STATES_SIGNIFICANCE else 1,
        "year": -int(year[0]) if year else 0,
        "claim": comparison.claims[0],
    }
    return tuple(rules[name] for name in order)
