"""Checks of claims: does each row say one thing, possible and consistent, with its source?"""

from __future__ import annotations

from collections.abc import Iterator

from pooling.ledger.checks.fault import Fault, choice, show
from pooling.ledger.checks.tables import Row, Table, arms_by_site, possible
from pooling.ledger.package import half_width

NUMBERS = ("value", "lower", "upper", "se", "events", "n")
#: What the unit of a level or a poolable estimate must begin with, by scale of the outcome.
LEVEL_UNITS = ("percent", "proportion")
EFFECT_UNITS = {"share": ("percentage points", "proportion"), "score": ("sd",)}
#: Kinds of claim that are about an outcome.
ABOUT_OUTCOME = (
    "arm_percentage",
    "arm_count",
    "effect_estimate",
    "direction_only",
    "significance_statement",
    "likelihood",
)


def check(tables: dict[str, Table]) -> Iterator[Fault]:
    """Every claim by itself and against the tables it refers to."""
    table = tables["claims"]
    for row in table.rows:
        yield from _complete(table, row)
        yield from _beside(table, row)
        yield from _positive(table, row)
        yield from _range(table, row)
        yield from _order(table, row)
        yield from _size(table, row)
        yield from _direction(table, row)
        yield from _unit(table, row)
        yield from _scale(table, row, tables["outcomes"])
        if tables["likelihood"].usable:
            yield from _curve(table, row, tables["likelihood"])
    arms = arms_by_site(tables["arms"])
    if arms is not None and tables["components"].usable:
        yield from _arms(tables, arms)


@possible
def _complete(table: Table, row: Row) -> Iterator[Fault]:
    kind = row["kind"]
    if kind in ABOUT_OUTCOME and not row["outcome"]:
        yield table.fault(row, "outcome", f"is empty for kind {kind}", "name the outcome")
    if kind in ("direction_only", "significance_statement") and not row["direction"]:
        yield table.fault(row, "direction", f"is empty for kind {kind}", "write +, -, 0 or ?")
    if kind in ("arm_percentage", "effect_estimate") and not (row["value"] or (row["lower"] and row["upper"])):
        yield table.fault(
            row, "value", f"is empty for kind {kind}", "write the number, or the range in lower and upper"
        )
    if kind == "arm_count":
        for column in ("events", "n"):
            if not row[column]:
                yield table.fault(row, column, "is empty for kind arm_count", "write the people counted and n")


@possible
def _beside(table: Table, row: Row) -> Iterator[Fault]:
    for column in ("se", "rounding"):
        if row[column] and not row["value"]:
            yield table.fault(row, column, "is filled without a value", "write the value it belongs to")
    if any(row[column] for column in NUMBERS) and row["source"] and not row["locator"]:
        yield table.fault(row, "locator", "is empty where the row holds a number", "write the page, table or paragraph")


@possible
def _curve(table: Table, row: Row, curves: Table) -> Iterator[Fault]:
    if row["kind"] == "likelihood" and row["claim"] not in curves.by("claim"):
        yield table.fault(row, "kind", "has no rows in likelihood.csv", "add its grid there")


@possible
def _positive(table: Table, row: Row) -> Iterator[Fault]:
    for column in ("se", "rounding"):
        number = row.value(column)
        if number is not None and number <= 0:
            yield table.fault(row, column, f"{row[column]} is not above 0", "write a number above 0, or leave it empty")


@possible
def _range(table: Table, row: Row) -> Iterator[Fault]:
    percent, share = row["unit"].startswith(("percent", "%")), row["unit"].startswith("proportion")
    top, noun = (100, "percent") if percent else (1, "as a proportion")
    bottom = -top if row["kind"] == "effect_estimate" else 0
    for column in ("value", "lower", "upper") if percent or share else ():
        value = row.value(column)
        if value is not None and not bottom <= value <= top:
            where = f"over {top}" if value > top else f"below {bottom}"
            yield table.fault(row, column, f"{row[column]} is {where} {noun}", f"write {bottom} to {top}")


@possible
def _order(table: Table, row: Row) -> Iterator[Fault]:
    lower, value, upper = (row.value(column) for column in ("lower", "value", "upper"))
    if (row["lower"] == "") != (row["upper"] == ""):
        yield table.fault(row, "upper" if row["lower"] else "lower", "is empty beside its other end", "write both ends")
    if lower is not None and upper is not None and lower > upper:
        yield table.fault(row, "lower", f"{row['lower']} is over upper, {row['upper']}", "swap them or mend one")
    elif None not in (lower, value, upper) and not lower <= value <= upper:
        yield table.fault(
            row, "value", f"{row['value']} lies outside {row['lower']} to {row['upper']}", "check the three"
        )


@possible
def _size(table: Table, row: Row) -> Iterator[Fault]:
    events, n = row.value("events"), row.value("n")
    if n == 0 and row["kind"] in ("arm_percentage", "arm_count"):
        yield table.fault(row, "n", "0 people in the arm", "write how many there were")
    if events is None:
        return
    if n is not None and events > n:
        yield table.fault(row, "events", f"{row['events']} is over n, {row['n']}", "write at most n")
        return
    value = row.value("value")
    if row["kind"] == "arm_count" and value is not None and value != events:
        yield table.fault(
            row, "value", f"{row['value']} is not events, {row['events']}", "write the same or leave it empty"
        )
    elif row["kind"] == "arm_percentage" and n and value is not None:
        level = events / n * (1 if row["unit"].startswith("proportion") else 100)
        if abs(level - value) > half_width(row["value"], row["rounding"]) * (1 + 1e-9):
            yield table.fault(
                row,
                "value",
                f"{row['value']} is not {row['events']} of {row['n']}",
                f"write {level:.4g}, or check both",
            )


@possible
def _direction(table: Table, row: Row) -> Iterator[Fault]:
    direction, significant = row["direction"], row["significant"]
    if significant == "yes" and direction == "0":
        yield table.fault(row, "significant", "yes, where the direction is 0", "write + or - as direction, or no")
    if row["kind"] != "effect_estimate":
        return
    none = 1.0 if "ratio" in row["unit"].split(",")[0].split() and not row["unit"].startswith("log") else 0.0
    told = ("value",) if row["value"] else ("lower", "upper")
    ends = [number for number in map(row.value, told) if number is not None]
    says = "+" if ends and min(ends) > none else "-" if ends and max(ends) < none else ""
    if says and direction in ("+", "-") and says != direction:
        shown = row["value"] or f"{row['lower']} to {row['upper']}"
        yield table.fault(row, "direction", f"'{direction}' contradicts {shown}", f"write {says}, or mend the number")
    lower, upper = row.value("lower"), row.value("upper")
    if direction == "0" and lower is not None and upper is not None and not lower <= none <= upper:
        yield table.fault(
            row,
            "direction",
            f"'0' contradicts {row['lower']} to {row['upper']}",
            f"write {'+' if lower > none else '-'}",
        )


@possible
def _unit(table: Table, row: Row) -> Iterator[Fault]:
    if row["kind"] == "arm_percentage" and not row["unit"].startswith(LEVEL_UNITS):
        yield table.fault(row, "unit", f"{show(row['unit'])} cannot be pooled", f"begin with {choice(LEVEL_UNITS)}")


@possible
def _scale(table: Table, row: Row, outcomes: Table) -> Iterator[Fault]:
    outcome = outcomes.by("outcome").get(row["outcome"])
    scale = outcome["scale"] if outcome else ""
    if row["kind"] not in ("arm_percentage", "arm_count") and row["se"] and scale:
        allowed = EFFECT_UNITS.get(scale, ())
        if not allowed:
            yield table.fault(
                row, "outcome", f"{show(row['outcome'])} has scale {scale}", "pool shares and scores only"
            )
        elif not row["unit"].startswith(allowed):
            yield table.fault(row, "unit", f"{show(row['unit'])} cannot be pooled", f"begin with {choice(allowed)}")
    if row["kind"] in ("arm_percentage", "arm_count") and row["n"] and scale == "score":
        yield table.fault(row, "kind", f"{row['kind']} of an outcome on a score", "write effect_estimate, in sd")


@possible
def _arms(tables: dict[str, Table], arms: dict[str, list[str]]) -> Iterator[Fault]:
    table, sites = tables["claims"], tables["municipalities"].by("municipality")
    coded = tables["coding"].by("claim")
    components = sorted(tables["components"].by("component"))
    for row in table.rows:
        site = sites.get(row["municipality"])
        if site is None or not row["arm"]:
            continue
        own = arms.get(site["part_of"] or site["municipality"], [])
        words = ["any", "combination", "reference", *(["control"] if site["kind"] == "aggregate" else [])]
        known = list(dict.fromkeys([*own, *components, *words]))
        estimate = row["kind"] == "effect_estimate" and row["se"]
        level = row["kind"] in ("arm_percentage", "arm_count") and row["n"]
        if (estimate or level) and site["kind"] == "site" and row["claim"] not in coded:
            # without coding, the arm named here is the arm that is pooled
            known = [arm for arm in own if level or arm != "control"]
        if row["arm"] not in known:
            message = f"unknown arm {show(row['arm'])} of '{site.id}'"
            yield table.fault(row, "arm", message, f"write {choice(known, 20)}")
