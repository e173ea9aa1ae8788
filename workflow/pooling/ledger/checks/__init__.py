"""Check a data package: every fault at once, each with its place and its remedy."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pooling.ledger.checks import (
    claims,
    coding,
    descriptor,
    judgements,
    levels,
    numbers,
    readings,
    schema,
    sites,
    tables,
)
from pooling.ledger.checks.fault import Fault
from pooling.ledger.checks.tables import Table
from pooling.ledger.package import resources
from pooling.ledger.selection import Analysis

__all__ = ["Fault", "Loaded", "check", "load"]


@dataclass(frozen=True)
class Loaded:
    """A package under check.

    Attributes
    ----------
    directory
        Its folder.
    tables
        Every table of the standard, as far as it can be read.
    faults
        What is wrong with the descriptor, the files, their headers and the text in single cells.
    """

    directory: Path
    tables: dict[str, Table]
    faults: list[Fault]


def load(directory: str | Path) -> Loaded:
    """Read the package in a folder for checking; nothing outside the folder is opened."""
    directory = Path(directory)
    listed, faults = descriptor.check(directory, resources())
    loaded = {}
    for name, resource in resources().items():
        file = directory / resource["path"]
        if listed.get(name):
            loaded[name], found = tables.load(name, file, resource["schema"])
            faults += found
        else:
            # a table that need not be there has no rows; those of one that may not be opened are unknown
            loaded[name] = Table(name, file.as_posix(), resource["schema"], usable=name not in listed)
    return Loaded(directory, loaded, faults)


def check(loaded: Loaded, analyses: Iterable[Analysis] = ()) -> list[Fault]:
    """List everything that is wrong with a package, and with it for what is asked of it.

    Parameters
    ----------
    loaded
        The package.
    analyses
        What is asked of it.

    Returns
    -------
    list of Fault
        In the order of the tables, rows and columns; empty if the package can be used. Every check is made on
        the tables, columns and rows that can be read, whatever is wrong elsewhere.
    """
    found = [*loaded.faults, *schema.check(loaded.tables)]
    for part in (sites, claims, coding, readings, numbers):
        found += part.check(loaded.tables)
    found += judgements.check(loaded.directory, loaded.tables)
    found += levels.check(loaded.tables, analyses)
    return _sorted(_once(found), loaded.directory, resources())


def _once(faults: list[Fault]) -> list[Fault]:
    """One fault for each cell: what follows from a row or cell that cannot be read says nothing new."""
    torn = {(fault.file, fault.row) for fault in faults if fault.row and not fault.column}
    cells: dict[tuple, Fault] = {}
    for fault in faults:
        if fault.column and (fault.file, fault.row) in torn:
            continue
        whole = () if fault.row else (fault.message,)
        cells.setdefault((fault.file, fault.row, fault.id, fault.column, *whole), fault)
    return list(cells.values())


def _sorted(faults: list[Fault], directory: Path, known: dict) -> list[Fault]:
    files = [(directory / resource["path"]).as_posix() for resource in known.values()]
    columns = [[f["name"] for f in resource["schema"]["fields"]] for resource in known.values()]

    def place(fault: Fault) -> tuple:
        table = files.index(fault.file) if fault.file in files else -1
        own = columns[table] if table >= 0 else []
        column = own.index(fault.column) if fault.column in own else len(own)
        return table, fault.row, column, fault.column, fault.message

    return sorted(faults, key=place)
