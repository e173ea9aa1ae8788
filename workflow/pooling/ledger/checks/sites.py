"""Checks between municipalities, arms, components and outcomes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from pooling.ledger.checks.fault import Fault, choice, show
from pooling.ledger.checks.schema import unknown
from pooling.ledger.checks.tables import Row, Table, possible

#: Words that mean something else in `claims.arm`.
RESERVED = ("any", "combination", "reference", "control", "choice")


def check(tables: dict[str, Table]) -> Iterator[Fault]:
    """Components, sites and their members, arms, outcomes."""
    for row in tables["components"].rows:
        yield from _component(tables["components"], row)
    for row in tables["municipalities"].rows:
        yield from _part(tables["municipalities"], row)
        yield from _dates(tables["municipalities"], row)
        yield from _participants(tables["municipalities"], row, tables["claims"])
    for row in tables["arms"].rows:
        yield from _components(tables, row)
        yield from _role(tables["arms"], row)
        yield from _size(tables["arms"], row, tables["claims"])
        yield from _place(tables["arms"], row, tables["municipalities"])
    if tables["arms"].usable:
        yield from _controls(tables["municipalities"], tables["arms"])
    for row in tables["outcomes"].rows:
        yield from _effect(tables["outcomes"], row)
        yield from _level(tables["outcomes"], row)
        yield from _bases(tables["outcomes"], row)


@possible
def _component(table: Table, row: Row) -> Iterator[Fault]:
    if row["component"] in RESERVED:
        yield table.fault(row, "component", f"{show(row['component'])} has a meaning of its own", "choose another id")


@possible
def _part(table: Table, row: Row) -> Iterator[Fault]:
    if row["kind"] == "site" and row["role"] == "none":
        yield table.fault(row, "role", "a site has no role", "write primary or sensitivity")
    elif row["kind"] in ("member", "aggregate") and row["role"] not in ("none", ""):
        yield table.fault(row, "role", f"{show(row['role'])} for a row of kind {row['kind']}", "write none")
    if row["kind"] == "member" and not row["part_of"]:
        yield table.fault(row, "part_of", "is empty for a member", "name the site it belongs to")
    elif row["kind"] != "member" and row["part_of"]:
        yield table.fault(row, "part_of", f"is filled for a {row['kind']}", "leave it empty, or write kind member")
    else:
        whole = table.by("municipality").get(row["part_of"])
        if whole is not None and whole["kind"] != "site":
            yield table.fault(row, "part_of", f"'{whole.id}' is no site", "name a row of kind site")


@possible
def _dates(table: Table, row: Row) -> Iterator[Fault]:
    start, end = row["start"], row["end"]
    shared = min(len(start), len(end))  # dates may be given to the year, the month or the day
    if start and end and start[:shared] > end[:shared]:
        yield table.fault(row, "end", f"{show(end)} is before the start {show(start)}", "check both dates")


@possible
def _participants(table: Table, row: Row, claims: Table) -> Iterator[Fault]:
    claim = claims.by("claim").get(row["participants_claim"])
    if claim is not None and row.value("participants") not in (claim.value("n"), claim.value("value")):
        yield table.fault(
            row,
            "participants",
            f"{show(row['participants'])} is not the number of {claim.id}",
            f"write {claim['n'] or claim['value'] or 'the number there'}, or name another claim",
        )


@possible
def _place(table: Table, row: Row, municipalities: Table) -> Iterator[Fault]:
    site = municipalities.by("municipality").get(row["municipality"])
    if site is None:
        return
    if row["n_basis"] == "equal_split" and not row["n"] and not site["participants"]:
        yield table.fault(
            row,
            "n_basis",
            f"nothing to split: '{site.id}' has no participants",
            "write them in municipalities.csv",
        )
    if site["kind"] != "site":
        yield table.fault(row, "municipality", f"'{site.id}' is of kind {site['kind']}", "only sites have arms")


@possible
def _controls(municipalities: Table, arms: Table) -> Iterator[Fault]:
    controls = Counter(row["municipality"] for row in arms.rows if row["role"] == "control")
    for site in municipalities.by("municipality").values():
        count = controls[site["municipality"]]
        if site["kind"] == "site" and count != 1:
            yield municipalities.fault(
                site, "municipality", f"has {count} arms of role control", "give it exactly one in arms.csv"
            )


@possible
def _components(tables: dict[str, Table], row: Row) -> Iterator[Fault]:
    table, components = tables["arms"], tables["components"]
    names = row["components"].split()
    known = sorted(components.by("component"))
    for name in names:
        if components.usable and name not in known:
            yield unknown(table, row, "components", name, known, components)
    if len(set(names)) < len(names):
        yield table.fault(row, "components", f"{show(row['components'])} repeats one", "write each once")
    if row["role"] == "treatment" and not names:
        yield table.fault(row, "components", "is empty for a treatment", f"write {choice(known)}, or role choice")
    elif row["role"] in ("control", "choice", "reference") and names:
        yield table.fault(row, "components", f"is filled for role {row['role']}", "leave it empty")


@possible
def _role(table: Table, row: Row) -> Iterator[Fault]:
    if (row["role"] == "control") != (row["arm"] == "control"):
        yield table.fault(
            row, "arm", f"{show(row['arm'])} has role {row['role']}", "only the control arm is called control"
        )
    if row["role"] == "treatment" and row["arm"] in RESERVED:
        yield table.fault(row, "arm", f"{show(row['arm'])} has a meaning of its own", "choose another id")


@possible
def _size(table: Table, row: Row, claims: Table) -> Iterator[Fault]:
    if row["n_basis"] == "reported" and not row["n"]:
        yield table.fault(row, "n", "is empty where n_basis says reported", "write n, or n_basis equal_split")
    elif row["n_basis"] == "equal_split" and row["n"]:
        yield table.fault(row, "n_basis", "says equal_split where n is given", "write reported, or leave n empty")
    claim = claims.by("claim").get(row["n_claim"])
    if claim is not None and row.value("n") not in (claim.value("n"), claim.value("value")):
        yield table.fault(row, "n", f"{show(row['n'])} is not the number of {claim.id}", "check both")


@possible
def _effect(table: Table, row: Row) -> Iterator[Fault]:
    size = row.value("smallest_effect")
    if size is not None and size <= 0:
        yield table.fault(row, "smallest_effect", f"{row['smallest_effect']} is not above 0", "write a size above 0")
    if row["scale"] in ("share", "score") and not row["smallest_effect"]:
        unit = "percentage points" if row["scale"] == "share" else "standard deviations"
        yield table.fault(row, "smallest_effect", "is empty", f"write the smallest effect worth having, in {unit}")


@possible
def _level(table: Table, row: Row) -> Iterator[Fault]:
    if row["control_level"] and row.value("control_level") in (0, 100):
        yield table.fault(row, "control_level", "a share of 0 or 100 percent has no spread", "write a level in between")
    if row["scale"] in ("score", "other") and row["control_level"]:
        yield table.fault(row, "control_level", f"is filled for scale {row['scale']}", "leave it empty")


@possible
def _bases(table: Table, row: Row) -> Iterator[Fault]:
    for column in ("smallest_effect", "control_level"):
        if row[column] and not row[f"{column}_basis"]:
            yield table.fault(row, f"{column}_basis", "is empty", f"say where {column} comes from")
