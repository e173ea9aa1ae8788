"""What a specification concludes, and the fewest choices to alter for another conclusion."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from pooling.wording import LIKELIHOOD

#: Every conclusion about the sign, the most positive first, with its lowest probability of an effect above nought.
WORDS = {word: limit for limit, word in LIKELIHOOD}
OPPOSITE = "opposite_sign"


def conclusions(probability: np.ndarray) -> np.ndarray:
    """Word for each probability of an effect above nought; on a limit the upper one. NaN gives an empty word."""
    limits = np.array(list(WORDS.values()))[::-1]
    names = np.array(["", *list(WORDS)[::-1]])
    return names[np.where(np.isnan(probability), 0, np.searchsorted(limits, probability, side="right"))]


def altered(table: pd.DataFrame, choices: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Whether each choice (columns) of each specification (rows) is not decided as in the primary one."""
    return pd.DataFrame(
        {c["choice"]: (table[c["choice"]] != c["options"][0]["option"]).to_numpy() for c in choices}, index=table.index
    )


def believe(table: pd.DataFrame, choices: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """What must be believed to conclude something: the fewest choices that lead there from the primary analysis.

    Parameters
    ----------
    table
        Every specification asked for of one analysis and component, with all sites and sources, as
        `answers.with_all_sites` gives them.
    choices
        The choices that apply, each with its options, the primary one first.

    Returns
    -------
    pandas.DataFrame
        A row for each word, and one for the opposite sign of the mean: `conclusion`, `primary` (what the primary
        analysis concludes), `share` of the different specifications that conclude it, `changes` (fewest choices
        altered; missing if no specification leads there), `ways` (how many different specifications with so few
        changes), `altered` (one of them, as `choice=option; …`; with as few as possible that are not equivalent),
        `mean`, `prob_positive` of it, and `exhaustive`: whether fewer changes were all tried. Up to two changes
        are all tried; of more only a sample.
    """
    told = table[table["mean"].notna()]
    if told.empty or (told["spec"] == 0).sum() == 0:
        return pd.DataFrame()
    moved = altered(told, choices)
    count = moved.sum(axis=1).to_numpy()
    doubtful = moved[[c["choice"] for c in choices if c["kind"] != "equivalent"]].sum(axis=1).to_numpy()
    words = conclusions(told["prob_positive"].to_numpy())
    start = int(np.flatnonzero(told["spec"] == 0)[0])
    sign = np.sign(told["mean"].to_numpy())
    different = (told["spec"] == told["same_as"]).to_numpy()
    rows = []
    for conclusion in [*WORDS, OPPOSITE]:
        there = sign == -sign[start] if conclusion == OPPOSITE else words == conclusion
        row = {
            "conclusion": conclusion,
            "primary": bool(there[start]),
            "share": (there & different).sum() / different.sum(),
        }
        if there.any():
            fewest = count[there].min()
            ways = np.flatnonzero(there & (count == fewest))
            best = ways[np.lexsort([told["spec"].to_numpy()[ways], doubtful[ways]])[0]]
            names = [name for name in moved if moved[name].iloc[best]]
            row |= {
                "changes": int(fewest),
                "ways": int(told["same_as"].iloc[ways].nunique()),
                "altered": "; ".join(f"{name}={told[name].iloc[best]}" for name in names),
                "mean": told["mean"].iloc[best],
                "prob_positive": told["prob_positive"].iloc[best],
                "exhaustive": bool(fewest <= 3),
            }
        rows.append(row)
    return pd.DataFrame(rows)
