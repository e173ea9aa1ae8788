"""Check the tables against the standard schema with frictionless, and say its findings in plain words.

Frictionless gets the cells as lists in memory, never a path or a descriptor of somebody else's: it opens no
file and no address.
"""

from __future__ import annotations

import copy
import difflib
from collections.abc import Iterator
from typing import Any

import frictionless

from pooling.ledger.checks.fault import Fault, choice, show
from pooling.ledger.checks.tables import Row, Table

#: What a pattern of the schema means.
FORMS = {
    "[A-Za-z][A-Za-z0-9_-]*": "a letter, then letters, digits, hyphens or underscores",
    "[a-z][a-z0-9-]*": "a small letter, then small letters, digits or hyphens",
    "[a-z][a-z0-9_]*": "a small letter, then small letters, digits or underscores",
    "https?://.+": "an address that begins with https://",
    "[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?": "YYYY, YYYY-MM or YYYY-MM-DD",
    "[0-9a-f]{64}": "64 hexadecimal digits",
    "GM[0-9]{4}": "GM and four digits",
}


def check(tables: dict[str, Table]) -> list[Fault]:
    """Types, constraints, keys and references of all usable tables."""
    usable = {name: table for name, table in tables.items() if table.usable}
    package = frictionless.Package(resources=[_resource(table, usable) for table in usable.values()])
    report = package.validate(limit_errors=10**6)
    faults = []
    for task in report.tasks:
        table = usable[task.name]
        for error in task.errors:
            faults += _explain(error, table, usable)
    return faults


def _resource(table: Table, usable: dict[str, Table]) -> frictionless.Resource:
    schema = copy.deepcopy(dict(table.schema))
    schema["fields"] = [f for f in schema["fields"] if f["name"] not in table.absent]
    if table.absent & set(schema["primaryKey"]):
        del schema["primaryKey"]
    schema["foreignKeys"] = [key for key in schema.get("foreignKeys", []) if _there(key, table, usable)]
    columns = [f["name"] for f in schema["fields"]]
    return frictionless.Resource(
        name=table.name,
        data=[columns, *([row[column] for column in columns] for row in table.rows)],
        schema=frictionless.Schema.from_descriptor(schema),
    )


def _there(key: dict, table: Table, usable: dict[str, Table]) -> bool:
    """Whether both ends of a reference can be read."""
    target = usable.get(key["reference"]["resource"] or table.name)
    return target is not None and not (
        table.absent & set(key["fields"]) or target.absent & set(key["reference"]["fields"])
    )


def _explain(error: Any, table: Table, usable: dict[str, Table]) -> Iterator[Fault]:
    if not hasattr(error, "row_number"):
        # a fault of the schema itself, which is ours
        raise RuntimeError(f"{table.name}: {error.message}")
    row = table.rows[error.row_number - 2]
    if error.type == "primary-key":
        yield from _primary_key(table, row)
    elif error.type == "foreign-key":
        column = error.field_names[0]
        known = sorted(usable[error.reference_name or table.name].by(error.reference_field_names[0]))
        yield unknown(table, row, column, row[column], known, usable[error.reference_name or table.name])
    elif error.type == "constraint-error":
        yield _constraint(table, row, error.field_name, error.note)
    elif error.type != "type-error":  # numbers are parsed, and reported, before the schema sees them
        yield table.fault(row, getattr(error, "field_name", ""), error.note, "mend the row")


def _primary_key(table: Table, row: Row) -> Iterator[Fault]:
    keys = table.schema["primaryKey"]
    if any(row[key] for key in keys):
        first = next(r for r in table.rows if all(r[key] == row[key] for key in keys) or r is row)
        where = f"is in row {first.line} already" if first is not row else "is there twice"
        yield table.fault(row, keys[-1], f"{show(row.id)} {where}", f"give every row its own {' and '.join(keys)}")


def unknown(table: Table, row: Row, column: str, text: str, known: list[str], target: Table) -> Fault:
    """A reference to something that is not there, with the nearest name that is."""
    # ids of claims and sources are numbers in disguise: the nearest one is no better a guess than any
    close = [] if target.name in ("claims", "sources") else difflib.get_close_matches(text, known, n=1)
    if close:
        remedy = f"did you mean '{close[0]}'?"
    elif len(known) > 20:
        remedy = f"write an id from {target.name}.csv, or add it there"
    else:
        remedy = f"write {choice(known, 20)}, or add it to {target.name}.csv"
    noun = {"municipalities": "municipality"}.get(target.name, target.name.removesuffix("s"))
    return table.fault(row, column, f"unknown {noun} {show(text)}", remedy)


def _constraint(table: Table, row: Row, column: str, note: str) -> Fault:
    name = note.split('"')[1]
    limit = next(f for f in table.schema["fields"] if f["name"] == column)["constraints"][name]
    text = row[column]
    if name == "required":
        return table.fault(row, column, "is empty", "fill it in")
    if name == "enum":
        return table.fault(row, column, f"{show(text)} is not allowed", f"write {choice(limit, 20)}")
    if name == "minimum":
        return table.fault(row, column, f"{text} is below {limit}", f"write {limit} or more")
    if name == "maximum":
        return table.fault(row, column, f"{text} is over {limit}", f"write {limit} or less")
    return table.fault(row, column, f"{show(text)} has the wrong form", f"write {FORMS.get(limit, limit)}")
