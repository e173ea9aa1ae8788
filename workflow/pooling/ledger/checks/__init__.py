"""Check a data package: every fault at once, each with its place and its remedy."""

from __future__ import annotations

from pathlib import Path

from pooling.ledger.checks import claims, coding, descriptor, judgements, numbers, readings, schema, sites, tables
from pooling.ledger.checks.fault import Fault
from pooling.ledger.package import STANDARD, resources

__all__ = ["Fault", "check"]


def check(directory: str | Path, standard: str | Path = STANDARD) -> list[Fault]:
    """List everything that is wrong with the package in a folder.

    Parameters
    ----------
    directory
        Folder with `datapackage.yaml` and the tables. Nothing outside it is opened.
    standard
        Descriptor whose schemas say which tables and columns there are.

    Returns
    -------
    list of Fault
        In the order of the tables, rows and columns; empty if the package can be used.
    """
    directory = Path(directory)
    known = resources(standard)
    listed, found = descriptor.check(directory, known)
    loaded = {}
    for name, resource in known.items():
        file = directory / resource["path"]
        if name in listed:
            loaded[name], faults = tables.load(name, file, resource["schema"])
            found += faults
        else:
            loaded[name] = tables.Table(name, file.as_posix(), resource["schema"], usable=False)
    found += schema.check(loaded)
    for part in (sites, claims, coding, readings, numbers):
        found += part.check(loaded)
    found += judgements.check(directory, loaded)
    return _sorted(_once(found), directory, known)


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
