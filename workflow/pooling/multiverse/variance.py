"""Which choice moves the answer: its share of the variance over all combinations of equivalent choices.

Only choices between options that are as defensible as each other belong here (Del Giudice and Gangestad 2021); the
combinations are complete and each counts once, so the variance splits exactly (a balanced analysis of variance;
Saltelli et al. 2008 for first-order and total shares).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

QUANTITIES = ("mean", "prob_positive")


def shares(table: pd.DataFrame, choices: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Share of variance of each equivalent choice.

    Parameters
    ----------
    table
        The complete product of the equivalent choices, the others primary: one row a combination, also where
        combinations come to the same thing.
    choices
        The choices that apply, with their options.

    Returns
    -------
    pandas.DataFrame
        For each quantity and choice: `share` (variance of the averages over all other choices) and `total` (with
        all interactions), of the variance; `sd` over the combinations and their number `n`; `without` names options
        that are left out because some combination with them has no answer. The row without a choice holds what
        only choices together do. No rows where nothing varies.
    """
    equal = [c for c in choices if c["kind"] == "equivalent" and len(c["options"]) > 1]
    names = [c["choice"] for c in equal]
    if not names or table.empty:
        return pd.DataFrame()
    kept, without = _complete(table, equal)
    rows = []
    for quantity in QUANTITIES:
        values = kept.set_index(names)[quantity].sort_index()
        sizes = [kept[name].nunique() for name in names]
        if len(values) != np.prod(sizes) or len(values) < 2:
            continue
        cube = values.to_numpy().reshape(sizes)
        variance = cube.var()
        if not variance > 1e-12 * max(1.0, np.abs(cube).max()) ** 2:
            continue
        common = {"quantity": quantity, "sd": np.sqrt(variance), "n": cube.size, "without": without}
        single = []
        for k, name in enumerate(names):
            others = tuple(j for j in range(len(names)) if j != k)
            single.append(cube.mean(axis=others).var() / variance)
            rows.append({**common, "choice": name, "share": single[-1], "total": cube.var(axis=k).mean() / variance})
        rows.append({**common, "choice": "", "share": max(1 - sum(single), 0.0), "total": np.nan})
    return pd.DataFrame(rows)


def _complete(table: pd.DataFrame, equal: Sequence[Mapping[str, Any]]) -> tuple[pd.DataFrame, str]:
    """The combinations without the options that leave some without an answer, worst option first."""
    kept, without = table, []
    while kept["mean"].isna().any():
        missing = {
            (c["choice"], o["option"]): kept.loc[kept[c["choice"]] == o["option"], "mean"].isna().mean()
            for c in equal
            for o in c["options"][1:]
            if (kept[c["choice"]] == o["option"]).any()
        }
        if not missing:
            return kept.iloc[:0], "; ".join(without)
        name, option = max(missing, key=lambda key: missing[key])
        kept = kept[kept[name] != option]
        without.append(f"{name}={option}")
    return kept.assign(**{c["choice"]: kept[c["choice"]].astype(str) for c in equal}), "; ".join(without)
