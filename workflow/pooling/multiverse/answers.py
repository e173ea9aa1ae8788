"""Answers of one analysis and component beside the specifications that asked for them, and what they show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from pooling.multiverse.conclusions import altered

#: Numbers of an answer.
TOLD = ("mean", "sd", "lower", "upper", "prob_positive", "prob_increase", "prob_decrease", "tau")
#: Reasons that follow from the rules and are no failure of the calculation.
EXPECTED = ("few_sites", "not_identified")
BINS = 40
#: Columns of the counts.
COUNTED = (
    "analysis", "main", "sites", "choices", "subsets", "only_full_set", "possible", "asked", "alike", "different",
    "of_choices", "of_subsets", "of_sources", "of_both", "sampled", "without_answer", "failed",
)  # fmt: skip


def joined(asked: pd.DataFrame, answers: pd.DataFrame, component: str) -> pd.DataFrame:
    """Every specification asked for with the answer about one component, its own or that of the one it is like.

    Parameters
    ----------
    asked
        The plan's specifications of one analysis.
    answers
        Rows of multiverse.parquet of that analysis.
    component
        Whose effect.
    """
    own = answers[answers["component"] == component].set_index("spec")[[*TOLD, "sites", "reason"]]
    # the plan's own tau is the number of a prior
    return asked.drop(columns=asked.columns.intersection(own.columns)).join(own, on="same_as")


def with_all_sites(table: pd.DataFrame) -> pd.DataFrame:
    """Specifications that leave out no site and no source: the analysis choices."""
    return table[(table["left_out"] == "") & (table["without_source"] == "")]


def all_primary(table: pd.DataFrame, choices: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Specifications in which every choice is primary: sites or a source are left out, or nothing."""
    return table[~altered(table, choices).any(axis=1).to_numpy()]


def curve(table: pd.DataFrame, choices: Sequence[Mapping[str, Any]], bins: int = BINS) -> pd.DataFrame:
    """Specification curve: answers sorted by their mean, in bins of neighbours.

    Returns
    -------
    pandas.DataFrame
        Two lots: `choices` (all sites) and `subsets` (sites left out, every choice primary). Each bin has the ranks
        of its `first` and `last` specification, their number `n`, the medians of `mean`, `lower`, `upper` and
        `prob_positive`, and whether it holds the primary specification. Identical specifications count once.
    """
    subsets = all_primary(table[table["without_source"] == ""], choices)
    rows = []
    for lot, part in (("choices", with_all_sites(table)), ("subsets", subsets)):
        part = part[(part["spec"] == part["same_as"]) & part["mean"].notna()].sort_values(["mean", "spec"])
        first = 1
        for own in np.array_split(np.arange(len(part)), min(bins, len(part))) if len(part) else ():
            some = part.iloc[own]
            medians = some[["mean", "lower", "upper", "prob_positive"]].median().to_dict()
            place = {"lot": lot, "first": first, "last": first + len(own) - 1, "n": len(own)}
            rows.append(place | medians | {"primary": bool((some["spec"] == 0).any())})
            first += len(own)
    return pd.DataFrame(rows)


def options(table: pd.DataFrame, choices: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """The answer when one choice alone is decided otherwise, and how many specifications decide it so.

    Returns
    -------
    pandas.DataFrame
        A row for each option of each choice: the numbers of `TOLD` with that option alone, `alike` (whether it
        changes nothing here), `reason`; `n` different specifications with it and the `share_positive` of their means.
    """
    part = with_all_sites(table)
    moved = altered(part, choices)
    count = moved.sum(axis=1).to_numpy()
    different = part[(part["spec"] == part["same_as"]) & part["mean"].notna()]
    rows = []
    for choice in choices:
        name = choice["choice"]
        for position, option in enumerate(choice["options"]):
            alone = (count == 1) & moved[name].to_numpy() if position else count == 0
            found = part[alone & (part[name] == option["option"]).to_numpy()].iloc[0]
            own = different[different[name] == option["option"]]
            rows.append(
                {key: choice[key] for key in ("choice", "kind")}
                | {"option": option["option"], "primary": position == 0}
                | {"alike": bool(position and found["same_as"] == 0)}
                | {key: found[key] for key in (*TOLD, "reason")}
                | {"n": len(own), "share_positive": (own["mean"] > 0).mean() if len(own) else np.nan}
                | {f"choice_{code}": choice[f"label_{code}"] for code in ("en", "nl")}
                | {f"option_{code}": option[f"label_{code}"] for code in ("en", "nl")}
            )
    return pd.DataFrame(rows)


def influence(table: pd.DataFrame, choices: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Answers without some sites, every choice primary: `left_out`, `sites` that speak, numbers and reason."""
    part = all_primary(table[table["without_source"] == ""], choices)
    part = part[part["spec"] == part["same_as"]]
    return part[["left_out", "sites", *TOLD, "reason"]].reset_index(drop=True)


def without_source(table: pd.DataFrame, choices: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Answers as if one source did not exist, every choice primary: the `source`, `sites` that speak, numbers, reason.

    Claims of other sources about the same comparisons take the place of its own.
    """
    part = all_primary(table[(table["left_out"] == "") & (table["without_source"] != "")], choices)
    part = part.assign(source=part["without_source"].astype(str))
    return part[["source", "sites", *TOLD, "reason"]].reset_index(drop=True)


def counts(asked: pd.DataFrame, answers: pd.DataFrame, problem: Mapping[str, Any]) -> dict[str, Any]:
    """How many specifications of one analysis there are, of which kind, and what became of them."""
    different = asked[asked["spec"] == asked["same_as"]]
    source = different["without_source"] != ""
    all_sites = (different["left_out"] == "") & ~source
    primary = ~altered(different, problem["choices"]).any(axis=1)
    reasons = answers["reason"].astype(str)
    failed = answers.loc[~reasons.isin(["", *EXPECTED]), "spec"].nunique()
    none = answers.groupby("spec")["mean"].count().eq(0).sum()
    subsets = asked["left_out"].astype(str).where(asked["block"] == "product", "").nunique()
    possible = np.prod([float(len(c["options"])) for c in problem["choices"]]) * subsets
    return {
        "analysis": problem["analysis"],
        "main": problem["main"],
        "sites": problem["speaking"],
        "choices": sum(len(c["options"]) > 1 for c in problem["choices"]),
        "subsets": subsets,
        "only_full_set": subsets == 1,
        "possible": possible,
        "asked": len(asked) + problem["drawn_alike"],
        "alike": len(asked) - len(different) + problem["drawn_alike"],
        "different": len(different),
        "of_choices": int(all_sites.sum()),
        "of_subsets": int((primary & ~all_sites & ~source).sum()),
        "of_sources": int((primary & source).sum()),
        "of_both": int((~all_sites & ~primary).sum()),
        "sampled": int((different["block"] == "sample").sum()),
        "without_answer": int(none),
        "failed": int(failed),
    }
