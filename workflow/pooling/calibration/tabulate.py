"""From the chunks of a study to its tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import pandas as pd

from pooling.calibration.replicates import COLUMNS
from pooling.calibration.study import PLACE_DIGITS, WHERE
from pooling.calibration.summary import histogram, summarise, together
from pooling.running import tables

#: What the replicates that belong together have in common.
CELL = [*WHERE, "design", "kind"]

#: Columns of the tables.
SUMMARY = [
    "engine", "family", "design", "fingerprint", "sites", "rows", "kind", "quantity", "replicates", "refused",
    "coverage", "coverage_lower", "coverage_upper", "level", "chi2_p", "ks_p", "ks_distance", "ks_band", "seed",
    "version",
]  # fmt: skip
RANKS = [
    "engine", "family", "design", "fingerprint", "sites", "rows", "kind", "quantity", "bin", "bins", "count",
    "expected", "lower", "upper", "seed", "version",
]  # fmt: skip
FIRST = ["fingerprint", "design", "kind", "seed", "replicate", "quantity", "place", "refused"]


def gather(paths: Sequence[str], digits: int, out: Mapping[str, str], first: int) -> None:
    """Put the chunks of the full study together.

    Parameters
    ----------
    paths
        Files that `make` wrote.
    digits
        Significant digits of the tables.
    out
        Where to write: `summary`, `ranks`, and in `first` the places of the exact engine's first replicates.
    first
        How many of them, of each design and kind: every run makes them again and compares.
    """
    replicates = ordered(map(tables.read_csv, paths))
    judged, counted = judge(replicates)
    tables.write_csv(judged, out["summary"], digits)
    tables.write_csv(counted, out["ranks"], digits)
    kept = replicates[replicates["engine"].eq("exact") & (replicates["replicate"] < first)]
    tables.write_csv(kept.reindex(columns=FIRST), out["first"], PLACE_DIGITS)


def ordered(pieces: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Pieces of a study in one table, in an order that does not depend on how they were cut."""
    frames = [frame for frame in pieces if len(frame)]
    if not frames:
        return pd.DataFrame(columns=[*WHERE, *COLUMNS])
    return pd.concat(frames, ignore_index=True).sort_values([*CELL, "replicate"], kind="stable", ignore_index=True)


def judge(replicates: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Summary and counts of places for every design, kind and quantity of a study.

    Besides every single quantity the summary has a line `mu` and a line `new` for the coverage over all
    average effects, and over all effects in a new site, together.
    """
    summaries, counts = [], []
    for keys, group in replicates.groupby(CELL, sort=True):
        cell = dict(zip(CELL, keys))
        level = cell["level"]
        for frame, found in (
            (summaries, pd.concat([summarise(group, level), together(group, level)], ignore_index=True)),
            (counts, histogram(group)),
        ):
            frame.append(found.assign(**cell))
    if not summaries:
        return pd.DataFrame(columns=SUMMARY), pd.DataFrame(columns=RANKS)
    return tuple(
        pd.concat(frames, ignore_index=True).reindex(columns=columns)
        for frames, columns in ((summaries, SUMMARY), (counts, RANKS))
    )
