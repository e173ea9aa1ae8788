"""Which comparison speaks in which analysis, and for every other claim the reason why it does not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import permutations

import pandas as pd

from pooling.ledger.comparisons import Comparison, code, compare, rank
from pooling.ledger.package import Package

#: What each reason code means. Codes of the rule book come from the coding, the others from this module.
REASONS = {
    "not_an_effect": "states no effect (sample size, design, cost, definition)",
    "aggregate": "about several sites together",
    "duplicate": "the same finding told again",
    "non_randomised": "compares with people who were not drawn by lot",
    "before_after": "compares with the starting situation",
    "no_comparator": "does not say compared with whom",
    "unclear_moment": "does not say at which moment",
    "interim": "an interim result",
    "ambiguous_number": "a number whose unit or base is unclear",
    "unclear_statement": "cannot be read as a statement about one arm and one outcome",
    "uncoded": "a statement that has not been coded",
    "reserved": "a likelihood on a grid, which is validated but not yet pooled",
    "range": "a range instead of one number",
    "no_standard_error": "an estimate without a standard error",
    "no_pair": "one arm's level without the control arm's from the same source",
    "no_analysis": "no analysis asks for this outcome and moment",
    "sensitivity_site": "the site is for sensitivity analyses only",
    "no_component": "about an arm that is no combination of the components",
    "no_size": "no size of the arms is known",
    "preferred": "another claim about the same comparison is preferred",
    "several_arms": "about several arms together, of which one has a claim of its own",
    "single_site": "no second site speaks about this outcome and moment",
}

#: Scales on which an outcome can be pooled, by its scale of measurement; the first is the default.
SCALES = {"share": ("arcsine", "difference"), "score": ("smd",)}

#: Columns of a claim that its account repeats as printed.
_ACCOUNT = (
    *("claim", "municipality", "outcome", "source", "locator", "locator_nl", "finding", "finding_nl", "caveat"),
    *("caveat_nl", "kind", "direction", "significant", "value", "unit", "same_finding"),
)


@dataclass(frozen=True)
class Analysis:
    """One pooled question: an outcome at a horizon, on a scale."""

    name: str
    outcome: str
    horizon: str
    scale: str
    main: bool


@dataclass(frozen=True)
class Selection:
    """What is pooled and what is not.

    Attributes
    ----------
    analyses
        Every analysis asked for, pooled or not.
    chosen
        Name of each analysis with two sites or more, with its comparisons (one for each arm of a site).
    single
        Name of each analysis with one site only, with its comparisons.
    claims
        One row per ledger claim: status (pooled, aside), analysis, reason, reason_detail, conflict.
    """

    analyses: tuple[Analysis, ...]
    chosen: dict[str, list[Comparison]]
    single: dict[str, list[Comparison]]
    claims: pd.DataFrame


def analyses(package: Package, settings: dict) -> tuple[Analysis, ...]:
    """List the analyses of the configuration, or one for each outcome and horizon of the package.

    Raises
    ------
    ValueError
        If an analysis names an outcome that the package does not have, or asks for a scale that
        does not fit the outcome.
    """
    outcomes = package.outcomes
    found, faults = ask(dict(zip(outcomes["outcome"], outcomes["scale"], strict=True)), settings.get("analyses"))
    if faults:
        raise ValueError("\n".join(faults))
    return found


def ask(scales: Mapping[str, str], asked: list[Mapping] | None) -> tuple[tuple[Analysis, ...], list[str]]:
    """Analyses asked for, and what is wrong with the others.

    Parameters
    ----------
    scales
        Scale of measurement by outcome: share, score or other. About an outcome with another text here, which is a
        fault of its own, nothing more is said.
    asked
        The configuration's `analyses`; None for one of each outcome and horizon.
    """
    if asked is None:
        asked = [
            {"outcome": name, "horizon": horizon}
            for name, scale in scales.items()
            for horizon in ("end", "after")
            if scale != "other"
        ]
    found, faults = [], []
    for entry in asked:
        outcome = entry["outcome"]
        measured = scales.get(outcome)
        if measured is None:
            faults.append(f"analyses: unknown outcome '{outcome}'; write one of outcomes.csv: {', '.join(scales)}")
        elif measured == "other":
            faults.append(f"analyses: outcome '{outcome}' has scale 'other' and cannot be pooled; take it out")
        elif measured in SCALES:
            scale = entry.get("scale", SCALES[measured][0])
            if scale not in SCALES[measured]:
                right = " or ".join(SCALES[measured])
                faults.append(
                    f"analyses: scale '{scale}' does not fit outcome '{outcome}', a {measured}; write {right}"
                )
            name = f"{outcome}_{entry['horizon']}"
            found.append(Analysis(name, outcome, entry["horizon"], scale, bool(entry.get("main", False))))
    names = [analysis.name for analysis in found]
    twice = sorted({name for name in names if names.count(name) > 1})
    faults += [f"analyses: '{name}' is asked for twice; take one out" for name in twice]
    return tuple(found), faults


def select(package: Package, settings: dict, roles: tuple[str, ...] = ("primary",)) -> Selection:
    """Choose one comparison for each arm of each site in every analysis, and account for every claim.

    Parameters
    ----------
    package
        The data package.
    settings
        The configuration (keys `analyses`, `precedence`, `statements`).
    roles
        Roles of the sites that are pooled.

    Returns
    -------
    Selection
        Rows in = pooled + set aside; nothing is dropped without a reason.
    """
    wanted = analyses(package, settings)
    coded = code(package.claims, package.coding, settings["statements"]["z_crit"])
    comparisons, reasons = compare(package.claims, coded)
    reasons = {**coded.loc[coded["use"].eq("aside"), "reason"].to_dict(), **reasons}
    details = {claim: f"duplicate of {kept}" for claim, kept in coded["duplicate_of"].items() if kept}

    usable, unusable = [], Unusable(package, roles)
    for comparison in comparisons:
        reason = unusable.reason(comparison)
        if reason:
            reasons.update(dict.fromkeys(comparison.claims, reason))
        else:
            usable.append(comparison)

    questions: dict[tuple[str, str], list[Comparison]] = defaultdict(list)
    for comparison in usable:
        questions[comparison.outcome, comparison.horizon].append(comparison)
    chosen, single, pooled, conflicts = {}, {}, {}, {}
    for analysis in wanted:
        candidates = questions.pop((analysis.outcome, analysis.horizon), [])
        kept, lost = _prefer(candidates, settings["precedence"], analysis.horizon, package.sources)
        for loser, (reason, winner) in lost.items():
            for claim in loser.claims:
                reasons.setdefault(claim, reason)
                details.setdefault(claim, f"{' and '.join(winner.claims)} preferred")
        conflicts.update(_conflicts(kept, lost))
        enough = len({comparison.site for comparison in kept}) >= 2
        if kept:
            (chosen if enough else single)[analysis.name] = kept
        for claim in sorted({claim for comparison in kept for claim in comparison.claims}):
            if enough:
                pooled[claim] = analysis.name
            else:
                reasons[claim] = "single_site"
    for rest in questions.values():
        for comparison in rest:
            reasons.update(dict.fromkeys(comparison.claims, "no_analysis"))
    return Selection(
        wanted,
        chosen,
        single,
        _account(package.printed["claims"], coded, pooled, reasons, details, conflicts),
    )


class Unusable:
    """Why a comparison has no place in any analysis that pools the sites with these roles."""

    def __init__(self, package: Package, roles: tuple[str, ...]):
        self._roles = roles
        sites = package.municipalities
        self._sites = dict(zip(sites["municipality"], zip(sites["kind"], sites["role"])))
        self._arms: dict[str, dict[str, str]] = defaultdict(dict)
        for site, arm, role in package.arms[["municipality", "arm", "role"]].itertuples(index=False):
            self._arms[site][arm] = role

    def reason(self, comparison: Comparison) -> str | None:
        """Reason code, or None for a comparison that can be used."""
        kind, role = self._sites[comparison.site]
        if kind != "site":
            return "aggregate"
        if role not in self._roles:
            return "sensitivity_site"
        arms = self._arms[comparison.site]
        # a group with treatments of its own choosing has no place in the design, on either side of a contrast
        control = comparison.versus == "control"
        involved = comparison.arms if control else [arm for arm, role in arms.items() if role != "reference"]
        return "no_component" if any(arms[arm] == "choice" for arm in involved) else None


def _prefer(
    candidates: list[Comparison], precedence: dict, horizon: str, sources: pd.DataFrame
) -> tuple[list[Comparison], dict[Comparison, tuple[str, Comparison]]]:
    """The first claim in rank for each arm; one about several arms only where none of them has its own."""
    sources = sources.set_index("source").to_dict("index")
    speakers = precedence["speaker"].get(horizon, [])
    ordered = sorted(candidates, key=lambda c: rank(c, precedence["order"], speakers, sources))
    kept: dict[str, list[Comparison]] = defaultdict(list)
    lost: dict[Comparison, tuple[str, Comparison]] = {}
    for comparison in sorted(ordered, key=lambda c: len(c.arms) > 1):
        own = kept[comparison.site]
        winner = next((k for k in own if set(k.arms) & set(comparison.arms)), None)
        if winner is None:
            own.append(comparison)
        else:
            alike = len(comparison.arms) == len(winner.arms)
            lost[comparison] = ("preferred" if alike else "several_arms", winner)
    return sorted((c for own in kept.values() for c in own), key=lambda c: (c.site, c.arms)), lost


def _conflicts(kept: list[Comparison], lost: dict[Comparison, tuple[str, Comparison]]) -> dict[str, set[str]]:
    """Pairs of claims about overlapping arms of a site of which one says up and the other not, or down."""
    sites: dict[str, list[Comparison]] = defaultdict(list)
    for comparison in [*kept, *lost]:
        sites[comparison.site].append(comparison)
    found: dict[str, set[str]] = defaultdict(set)
    for first, second in (pair for own in sites.values() for pair in permutations(own, 2)):
        if set(first.arms) & set(second.arms) and first.direction != second.direction:
            found[first.claims[0]].add(second.claims[0])
    return found


def _account(
    claims: pd.DataFrame,
    coded: pd.DataFrame,
    pooled: dict[str, str],
    reasons: dict[str, str],
    details: dict[str, str],
    conflicts: dict[str, set[str]],
) -> pd.DataFrame:
    table = claims[list(_ACCOUNT)]
    ids = table["claim"]
    table["arms"] = ids.map(coded["arms"].map(" ".join))
    for column in ("scope", "versus", "horizon", "category"):
        table[column] = ids.map(coded[column])
    table["status"] = ids.map(lambda claim: "pooled" if claim in pooled else "aside")
    table["analysis"] = ids.map(pooled).fillna("")
    table["reason"] = ids.map(lambda claim: "" if claim in pooled else reasons[claim])
    table["reason_detail"] = ids.map(lambda claim: "" if claim in pooled else details.get(claim, ""))
    table["conflict"] = ids.map(lambda claim: ";".join(sorted(conflicts.get(claim, ()))))
    return table
