"""Write results so that they are whole, comparable and the same on every processor."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pooling.running import whole


def rounded(value: Any, digits: int) -> Any:
    """Round to significant digits; numbers smaller than 1e-12 in size are zero.

    The last bits of a floating-point result depend on the processor; the stated digits do not.
    """
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if isinstance(value, float | np.floating):
        if np.isnan(value):
            return ""
        if abs(value) < 1e-12:
            return "0"
        return f"{value:.{digits}g}"
    return "" if value is None or value is pd.NA else value


def write_csv(table: pd.DataFrame, path: str | Path, digits: int) -> None:
    """Write a table as UTF-8 CSV with numbers at the stated significant digits; missing cells are empty."""
    columns = list(table.columns)
    lines = [[rounded(value, digits) for value in line] for line in table.itertuples(index=False, name=None)]

    def fill(beside: Path) -> None:
        with beside.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow(columns)
            writer.writerows(lines)

    whole.write(path, fill)


def read_csv(path: str | Path) -> pd.DataFrame:
    """Read a results table: numbers as numbers, true and false as such, empty text as empty text."""
    table = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8")
    for column in table.columns:
        filled = table[column][table[column] != ""]
        if not filled.empty and filled.isin(["true", "false"]).all():
            table[column] = table[column].map({"true": True, "false": False})
        elif not filled.empty:
            numbers = pd.to_numeric(filled, errors="coerce")
            if numbers.notna().all():
                table[column] = pd.to_numeric(table[column], errors="coerce")
    return table


def write_json(content: Any, path: str | Path, digits: int) -> None:
    """Write JSON with sorted keys and floats at the stated significant digits; NaN becomes null."""

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {str(key): plain(inner) for key, inner in value.items()}
        if isinstance(value, list | tuple):
            return [plain(inner) for inner in value]
        if isinstance(value, bool | np.bool_):
            return bool(value)
        if isinstance(value, float | np.floating):
            return float(f"{value:.{digits}g}") if np.isfinite(value) else None
        return int(value) if isinstance(value, np.integer) else value

    text = json.dumps(plain(content), indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False)
    whole.write_text(path, text + "\n")
