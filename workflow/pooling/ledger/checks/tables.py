"""Read the tables for checking: what is wrong with a file, its header, its rows or the text in its cells."""

from __future__ import annotations

import csv
import difflib
import functools
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pooling.ledger.checks.fault import Fault, choice, plain, show
from pooling.ledger.package import number, read_rows

#: Longest text in a cell; the longest caveats have some 400 characters.
LONGEST = 2000
#: Spreadsheet programs run a cell that begins so; the wide forms are what some of them fold to these.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
# they turn the order of the text on the screen, so that it reads differently from what it is
_TURNING = {*map(chr, range(0x202A, 0x202F)), *map(chr, range(0x2066, 0x206A)), "\u2028", "\u2029"}


class Absent(LookupError):
    """A check asks for a column that its table lacks by mistake."""


def possible(check: Callable[..., Iterator[Fault]]) -> Callable[..., Iterator[Fault]]:
    """Let a check end with the faults found so far where it asks for a column that is absent."""

    @functools.wraps(check)
    def as_far_as_it_goes(*arguments) -> Iterator[Fault]:
        try:
            yield from check(*arguments)
        except Absent:
            return

    return as_far_as_it_goes


@dataclass(frozen=True)
class Row:
    """A row as text; `line` is its number in a spreadsheet, `absent` are columns that nothing can be said about."""

    line: int
    id: str
    cells: Mapping[str, str]
    absent: frozenset[str] = frozenset()

    def __getitem__(self, column: str) -> str:
        if column in self.absent:
            raise Absent(column)
        return self.cells[column]

    def value(self, column: str) -> float | None:
        """The cell as a number; None if it is empty or no number."""
        return number(self[column])


@dataclass
class Table:
    """A table under check.

    `usable` is false where nothing can be said about its rows, `absent` are the columns about which nothing can.
    """

    name: str
    file: str
    schema: Mapping[str, Any]
    header: tuple[str, ...] = ()
    absent: frozenset[str] = frozenset()
    rows: list[Row] = field(default_factory=list)
    usable: bool = True
    _index: dict[str, dict[str, Row]] = field(default_factory=dict)

    def fault(self, row: Row | None, column: str, message: str, remedy: str) -> Fault:
        """A fault in a row, or in the table as a whole."""
        return Fault(self.file, row.line if row else 0, row.id if row else "", column, message, remedy)

    def has(self, column: str) -> bool:
        """Whether the cells of a column can be read."""
        return self.usable and column not in self.absent

    def by(self, column: str) -> dict[str, Row]:
        """Rows by the text of a column; the first one where several share it."""
        if column in self.absent:
            raise Absent(column)
        if column not in self._index:
            self._index[column] = {row[column]: row for row in reversed(self.rows)}
        return self._index[column]


def arms_by_site(arms: Table) -> dict[str, list[str]] | None:
    """Ids of the arms of each site, each once; None where they cannot be read."""
    if not (arms.has("municipality") and arms.has("arm")):
        return None
    own: dict[str, dict[str, None]] = {}
    for row in arms.rows:
        own.setdefault(row["municipality"], {})[row["arm"]] = None
    return {site: list(names) for site, names in own.items()}


def load(name: str, path: Path, schema: Mapping[str, Any]) -> tuple[Table, list[Fault]]:
    """Read one table and report faults of the file, the header, the rows and the text in the cells."""
    table = Table(name, path.as_posix(), schema)
    faults: list[Fault] = []
    try:
        lines = read_rows(path)
    except FileNotFoundError:
        faults.append(table.fault(None, "", "the file does not exist", "add it, or take it off the list of resources"))
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        faults.append(Fault(table.file, line, "", "", "is not UTF-8 here", "save the file as UTF-8"))
    except csv.Error as error:
        faults.append(
            table.fault(
                None,
                "",
                f"is not a CSV file ({error})",
                "close every quotation mark; use commas between cells",
            )
        )
    except OSError as error:
        faults.append(table.fault(None, "", f"cannot be read ({error.strerror})", "make it a readable file"))
    else:
        if not any(any(line) for line in lines):
            remedy = f"write at least the header line: {','.join(f['name'] for f in schema['fields'])}"
            faults.append(table.fault(None, "", "the file is empty", remedy))
        else:
            faults += _header(table, lines[0])
            if table.header:
                faults += _rows(table, lines)
                faults += [fault for row in table.rows for fault in _cells(table, row)]
                return table, faults
    table.usable = False
    return table, faults


def _header(table: Table, header: list[str]) -> list[Fault]:
    """Faults of the header line; the table gets no header where its cells cannot be told apart."""
    faults = []
    known = [f["name"] for f in table.schema["fields"]]
    required = {f["name"] for f in table.schema["fields"] if f.get("constraints", {}).get("required")}
    others = {column for column in known if column not in header}
    absent = required & others
    # spreadsheets in languages with a decimal comma save "CSV" like this
    for mark, name in ((";", "semicolons"), ("\t", "tabs")):
        if len(header) == 1 and len({*header[0].split(mark)} & {*known}) > 1:
            remedy = "save it with commas between cells and decimal points in numbers"
            return [Fault(table.file, 1, "", "", f"cells are separated by {name}", remedy)]
    for column in dict.fromkeys(header):
        if not column:
            faults.append(Fault(table.file, 1, "", "", "a column has no name", "name it or take it out"))
            absent |= others
        elif column not in known:
            close = difflib.get_close_matches(column.lower(), known, n=1, cutoff=0.85)
            # it stands for the column that was meant, or for any that is not there
            absent |= set(close) or others
            remedy = f"did you mean '{close[0]}'?" if close else f"take it out; columns are {choice(known, 30)}"
            faults.append(Fault(table.file, 1, "", plain(column), "unknown column", remedy))
        elif header.count(column) > 1:
            faults.append(Fault(table.file, 1, "", column, "the column is there twice", "keep one of them"))
            absent.add(column)
    for f in table.schema["fields"]:
        if f["name"] in required & others:
            remedy = f"add it: {re.split('[.:;]', f['description'])[0]}"
            faults.append(Fault(table.file, 1, "", f["name"], "missing column", remedy))
    table.header, table.absent = tuple(header), frozenset(absent)
    return faults


def _rows(table: Table, lines: list[list[str]]) -> Iterator[Fault]:
    keys = table.schema["primaryKey"]
    columns = [f["name"] for f in table.schema["fields"]]
    # a cell may hold line breaks, so the row's number is the spreadsheet's, not the text editor's
    for line, cells in enumerate(lines[1:], start=2):
        if not any(cells):
            continue
        width = len(table.header)
        named = dict.fromkeys(columns, "") | dict(zip(table.header, [*cells, *[""] * width], strict=False))
        row = Row(line, plain("/".join(named[key] for key in keys if key not in table.absent)), named, table.absent)
        table.rows.append(row)
        if len(cells) != width:
            yield table.fault(
                row,
                "",
                f"has {len(cells)} cells where the header has {width}",
                "write every comma, and put text with a comma in quotation marks",
            )


def _cells(table: Table, row: Row) -> Iterator[Fault]:
    for f in table.schema["fields"]:
        column, text = f["name"], row.cells[f["name"]]
        if not text or column in table.absent:
            continue
        if len(text) > LONGEST:
            yield table.fault(row, column, f"{len(text)} characters", f"write at most {LONGEST}")
        elif any(unicodedata.category(c) == "Cc" or c in _TURNING for c in text):
            yield table.fault(row, column, f"{show(text)} holds a control character", "write plain text on one line")
        elif text != text.strip():
            yield table.fault(row, column, f"{show(text)} has a blank at an end", "take it out")
        elif f["type"] in ("number", "integer"):
            yield from _number(table, row, f, text)
        elif text.startswith(FORMULA) and "enum" not in f.get("constraints", {}) and number(text) is None:
            yield table.fault(
                row,
                column,
                f"{show(text)} begins like a formula",
                f"begin with something else than {text[0]}",
            )


def _number(table: Table, row: Row, f: Mapping[str, Any], text: str) -> Iterator[Fault]:
    value = number(text)
    if value is None and text.lower().lstrip("+-") in ("nan", "inf", "infinity", "na", "n/a"):
        yield table.fault(row, f["name"], f"{show(text)} is no number", "leave the cell empty where there is none")
    elif value is None:
        yield table.fault(
            row, f["name"], f"{show(text)} is not a number", "write digits with a decimal point, like 2.5"
        )
    elif f["type"] == "integer" and not text.lstrip("+-").isdigit():
        yield table.fault(row, f["name"], f"{show(text)} is not a whole number", "write digits only")
