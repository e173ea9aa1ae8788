"""From all answers to the small tables that the report reads; one analysis at a time is in memory."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq

from pooling.multiverse import answers as told
from pooling.multiverse.conclusions import believe
from pooling.multiverse.variance import shares
from pooling.running import tables

_MAKERS = {
    "curve": told.curve,
    "options": told.options,
    "flips": lambda table, choices: believe(told.with_all_sites(table), choices),
    "shares": lambda table, choices: shares(table[table["block"] == "equivalent"], choices),
    "influence": told.influence,
    "without_source": told.without_source,
}
#: Columns of each table, so that one without rows has them too.
COLUMNS = {
    "curve": ("lot", "first", "last", "n", "mean", "lower", "upper", "prob_positive", "primary"),
    "options": ("choice", "kind", "option", "primary", "alike", *told.TOLD, "reason", "n", "share_positive",
                "choice_en", "choice_nl", "option_en", "option_nl"),
    "flips": ("conclusion", "primary", "share", "changes", "ways", "altered", "mean", "prob_positive", "exhaustive"),
    "shares": ("quantity", "choice", "share", "total", "sd", "n", "without"),
    "influence": ("left_out", "sites", *told.TOLD, "reason"),
    "without_source": ("source", "sites", *told.TOLD, "reason"),
}  # fmt: skip


def tabulated(table: pd.DataFrame, choices: Sequence[Mapping[str, Any]]) -> dict[str, pd.DataFrame]:
    """Every table of `COLUMNS` about one analysis and component.

    Parameters
    ----------
    table
        Every specification asked for with its answer, as `answers.joined` gives them.
    choices
        The choices that apply, each with its options, the primary one first.
    """
    return {name: make(table, choices).reindex(columns=list(COLUMNS[name])) for name, make in _MAKERS.items()}


def summarise(
    answers: str | Path, specifications: str | Path, problems: str | Path, paths: Mapping[str, str], digits: int
) -> None:
    """Write the tables of `COLUMNS` and the counts.

    Parameters
    ----------
    answers
        multiverse.parquet.
    specifications, problems
        The plan.
    paths
        Where each table goes, by its name.
    digits
        Significant digits.
    """
    found: dict[str, list[pd.DataFrame]] = {name: [] for name in COLUMNS}
    counted = []
    for name, problem in json.loads(Path(problems).read_text(encoding="utf-8")).items():
        asked, own = (_read(path, name) for path in (specifications, answers))
        counted.append(told.counts(asked, own, problem))
        for component in problem["components"]:
            table = told.joined(asked, own, component)
            if table["mean"].notna().any():
                for kind, made in tabulated(table, problem["choices"]).items():
                    made.insert(0, "analysis", name)
                    made.insert(1, "component", component)
                    found[kind].append(made)
    for kind, columns in COLUMNS.items():
        whole = pd.concat(found[kind], ignore_index=True) if found[kind] else pd.DataFrame()
        tables.write_csv(whole.reindex(columns=["analysis", "component", *columns]), paths[kind], digits)
    tables.write_csv(pd.DataFrame(counted, columns=list(told.COUNTED)), paths["counts"], max(digits, 8))


def _read(path: str | Path, analysis: str) -> pd.DataFrame:
    words = [field.name for field in pq.read_schema(path) if str(field.type) == "string"]
    return pq.read_table(path, filters=[("analysis", "=", analysis)], read_dictionary=words).to_pandas()
