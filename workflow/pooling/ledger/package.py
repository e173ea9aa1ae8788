"""Read a data package: descriptor and tables, text as printed and numbers parsed."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

DESCRIPTOR = "datapackage.yaml"
#: The project's own package: its schemas are the standard for every other package.
STANDARD = Path(__file__).parents[3] / "data" / DESCRIPTOR
#: Tables that a package cannot do without; all others may be missing and are then empty.
REQUIRED = ("sources", "components", "municipalities", "arms", "outcomes", "claims")

_DEEPEST = 20
# the safe loader; in C where it is built, which is ten times as fast
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# Python would also read 1_000, ١٢, nan and inf as numbers.
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)


class PackageError(ValueError):
    """The package cannot be read at all; `pooling.ledger.checks.check` lists every fault.

    Attributes
    ----------
    where, message, remedy
        File (and row), what is wrong there, and what would be right.
    """

    def __init__(self, where: str | Path, message: str, remedy: str):
        super().__init__(f"{where}: {message}; {remedy}")
        self.where, self.message, self.remedy = str(where), message, remedy


@dataclass(frozen=True)
class Package:
    """A data package in memory.

    Attributes
    ----------
    descriptor
        Head of the descriptor as written (name, title, site_noun, licenses, contributors), without resources.
    sources, components, municipalities, arms, outcomes, claims
        One frame per table with all columns of the standard schema, in its order. Text is `str` with ""
        for an empty cell; numbers are float with NaN for one. A Dutch text that is empty is filled with the
        English one, and `n_basis` with "reported" where n is given. `claims` has one column more,
        `half_width`: what the printed value can be off by, in its own unit.
    covariance, likelihood, coding, coder_one, coder_two, benchmarks, contradictions, readings
        Frames of the same form, without rows where the package does not have the table.
    printed
        The same tables as text, exactly as in the files (24 and 24.0 are different here).
    """

    descriptor: Mapping[str, Any]
    sources: pd.DataFrame
    components: pd.DataFrame
    municipalities: pd.DataFrame
    arms: pd.DataFrame
    outcomes: pd.DataFrame
    claims: pd.DataFrame
    covariance: pd.DataFrame
    likelihood: pd.DataFrame
    coding: pd.DataFrame
    coder_one: pd.DataFrame
    coder_two: pd.DataFrame
    benchmarks: pd.DataFrame
    contradictions: pd.DataFrame
    readings: pd.DataFrame
    printed: Mapping[str, pd.DataFrame]


def read(directory: str | Path, standard: str | Path = STANDARD) -> Package:
    """Read the package in a folder.

    Parameters
    ----------
    directory
        Folder with `datapackage.yaml` and the tables.
    standard
        Descriptor whose schemas say which tables and columns there are.

    Raises
    ------
    PackageError
        If the descriptor or a required table is missing or cannot be read, or a number cannot be parsed.
        Packages are meant to be checked first; this error names only the first fault met.
    """
    directory = Path(directory)
    descriptor = load_descriptor(directory / DESCRIPTOR)
    listed = {entry.get("name") for entry in descriptor.pop("resources", [])}
    printed, tables = {}, {}
    for name, resource in resources(standard).items():
        if name not in listed and name in REQUIRED:
            raise PackageError(directory / DESCRIPTOR, f"table '{name}' is not listed", "add it to resources")
        path = directory / resource["path"]
        printed[name] = _printed(path if name in listed else None, resource["schema"])
        tables[name] = _parse(printed[name], resource["schema"], path)
    _apply_defaults(tables, printed)
    return Package(descriptor=descriptor, **tables, printed=printed)


def load_descriptor(path: str | Path) -> dict[str, Any]:
    """Read a descriptor: plain YAML, without tags, aliases or duplicates of whole documents.

    Raises
    ------
    PackageError
        If the file cannot be read, is not UTF-8, is not plain YAML or does not hold `key: value` lines.
    """
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
        _refuse_tricks(path, text)
        content = yaml.load(text, _LOADER)
    except FileNotFoundError as error:
        raise PackageError(path, "does not exist", "every data package needs one") from error
    except UnicodeDecodeError as error:
        raise PackageError(path, "is not UTF-8", "save it as UTF-8") from error
    except (OSError, yaml.YAMLError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f" at line {mark.line + 1}" if mark else ""
        raise PackageError(path, f"is not plain YAML{where}", "mend it; tags are not allowed") from error
    if not isinstance(content, dict):
        raise PackageError(path, "does not hold 'key: value' lines", "start with name, title and resources")
    return content


def _refuse_tricks(path: Path, text: str) -> None:
    """Refuse aliases and deep nesting: with them a short file takes any amount of memory or time."""
    depth = 0
    for event in yaml.parse(text, _LOADER):
        if isinstance(event, yaml.AliasEvent):
            raise PackageError(path, "holds a YAML alias (*name)", "write the text out")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:
            raise PackageError(path, f"is nested more than {_DEEPEST} deep", "write it flat")


def resources(standard: str | Path = STANDARD) -> dict[str, dict[str, Any]]:
    """Tables of the standard by name: path, title, description and schema, in order."""
    return {entry["name"]: entry for entry in load_descriptor(standard)["resources"]}


def read_rows(path: str | Path) -> list[list[str]]:
    """Rows of a CSV file as text, header first; a byte order mark and CRLF line ends are accepted.

    Raises
    ------
    OSError, UnicodeDecodeError, csv.Error
        If the file is missing, is not UTF-8, or has a quotation mark that is never closed.
    """
    text = Path(path).read_bytes().decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline=""), strict=True))


def number(text: str) -> float | None:
    """Parse a plain decimal number; None for anything else, infinities and NaN included."""
    value = float(text) if _NUMBER.fullmatch(text) else None
    return None if value is None or abs(value) == float("inf") else value


def half_width(value: str, rounding: str) -> float:
    """Half of the last printed digit of a number, unless its rounding is stated; NaN without a number."""
    if number(value) is None:
        return float("nan")
    stated = number(rounding)
    if stated is not None:
        return stated
    return float(Decimal(5).scaleb(Decimal(value).as_tuple().exponent - 1))


def _printed(path: Path | None, schema: Mapping[str, Any]) -> pd.DataFrame:
    columns = [field["name"] for field in schema["fields"]]
    if path is None:
        return pd.DataFrame(columns=columns, dtype="str")
    try:
        rows = read_rows(path)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise PackageError(path, f"cannot be read ({error})", "run the checks") from error
    if not rows:
        raise PackageError(path, "is empty", "write at least the header line")
    header, body = rows[0], [row for row in rows[1:] if any(row)]
    ragged = next((i for i, row in enumerate(body, start=2) if len(row) != len(header)), None)
    if ragged or len(set(header)) < len(header) or not set(header) <= set(columns):
        raise PackageError(path, "has a header or rows that do not fit the schema", "run the checks")
    table = pd.DataFrame(body, columns=header, dtype="str")
    return table.reindex(columns=columns, fill_value="").astype("str")


def _parse(table: pd.DataFrame, schema: Mapping[str, Any], path: Path) -> pd.DataFrame:
    parsed = table.copy()
    for field in schema["fields"]:
        if field["type"] not in ("number", "integer"):
            continue
        values = [number(text) if text else float("nan") for text in table[field["name"]]]
        if None in values:
            row = values.index(None)
            text = table[field["name"]].iloc[row]
            raise PackageError(f"{path}, row {row + 2}, {field['name']}", f"'{text}' is not a number", "run the checks")
        parsed[field["name"]] = pd.Series(values, index=table.index, dtype="float64")
    return parsed


def _apply_defaults(tables: dict[str, pd.DataFrame], printed: Mapping[str, pd.DataFrame]) -> None:
    for table in tables.values():
        for column in [c for c in table.columns if c.endswith("_nl")]:
            stem = column.removesuffix("_nl")
            english = table[f"{stem}_en" if f"{stem}_en" in table else stem]
            table[column] = table[column].where(table[column].ne(""), english)
    arms = tables["arms"]
    arms["n_basis"] = arms["n_basis"].mask(arms["n_basis"].eq("") & arms["n"].notna(), "reported")
    pairs = zip(printed["claims"]["value"], printed["claims"]["rounding"], strict=True)
    tables["claims"]["half_width"] = [half_width(value, rounding) for value, rounding in pairs]
