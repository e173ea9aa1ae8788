"""Checks of alternative readings: what they change is there, and what they make of it could stand in its table."""

from __future__ import annotations

from collections.abc import Iterator

from pooling.ledger.checks import coding
from pooling.ledger.checks.fault import Fault, choice, show
from pooling.ledger.checks.schema import unknown
from pooling.ledger.checks.tables import Row, Table, arms_by_site, possible


@possible
def check(tables: dict[str, Table]) -> Iterator[Fault]:
    """Every line by itself, then every claim as a reading leaves it."""
    readings = tables["readings"]
    sites = arms_by_site(tables["arms"])
    changed: dict[tuple[str, str], list[Row]] = {}
    for line in readings.rows:
        target = tables.get(line["table"])
        if target is None or not target.usable:
            continue
        faults = list(_line(tables, target, line))
        yield from faults
        if line["table"] == "coding" and not faults:
            changed.setdefault((line["reading"], line["key"]), []).append(line)
    coded = tables["coding"].by("claim")
    for (_, claim), lines in changed.items():
        cells = {**coded[claim].cells, **{line["column"]: line["value"] for line in lines}}
        yield from coding.check_row(
            tables, readings, Row(lines[0].line, lines[0].id, cells, coded[claim].absent), sites
        )


@possible
def _line(tables: dict[str, Table], target: Table, line: Row) -> Iterator[Fault]:
    """Whether row and column are there, and whether the column may hold the value."""
    readings = tables["readings"]
    rows = {" ".join(row[key] for key in target.schema["primaryKey"]) for row in target.rows}
    if line["key"] not in rows:
        yield unknown(readings, line, "key", line["key"], sorted(rows), target)
    fields = {
        entry["name"]: entry for entry in target.schema["fields"] if entry["name"] not in target.schema["primaryKey"]
    }
    if line["column"] not in fields:
        yield readings.fault(
            line, "column", f"{show(line['column'])} is no column to change", f"write {choice(fields)}"
        )
        return
    allowed = fields[line["column"]].get("constraints", {}).get("enum")
    if allowed and line["value"] not in ("", *allowed):
        yield readings.fault(line, "value", f"{show(line['value'])} is not allowed", f"write {choice(allowed, 20)}")
    if (target.name, line["column"]) == ("arms", "components"):
        components = tables["components"]
        for name in line["value"].split() if components.usable else ():
            if name not in components.by("component"):
                yield unknown(readings, line, "value", name, sorted(components.by("component")), components)
