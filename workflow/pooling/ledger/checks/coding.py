"""Checks of coding tables against the rule book, and of the lists of claims in other tables."""

from __future__ import annotations

from collections.abc import Iterator

from pooling.ledger.checks.claims import NUMBERS
from pooling.ledger.checks.fault import Fault, choice, show
from pooling.ledger.checks.schema import unknown
from pooling.ledger.checks.tables import Row, Table, arms_by_site, possible

NAMES = ("coding", "coder_one", "coder_two")


def check(tables: dict[str, Table]) -> Iterator[Fault]:
    """The adjudicated table, each coder's own, and whether the two coders coded the same claims."""
    sites = arms_by_site(tables["arms"])
    for name in NAMES:
        for row in tables[name].rows:
            yield from check_row(tables, tables[name], row, sites)
            yield from _duplicate(tables[name], row)
    one, two = (tables[name] for name in NAMES[1:])
    yield from _both(one, two)
    yield from _both(two, one)
    lists = (("benchmarks", "claims"), ("contradictions", "claims"), ("claims", "same_finding"))
    for name, column in lists if tables["claims"].usable else ():
        yield from _list(tables[name], column, tables["claims"])


def check_row(tables: dict[str, Table], table: Table, row: Row, sites: dict[str, list[str]] | None) -> Iterator[Fault]:
    """One coded claim by itself; `table` is where it stands, `sites` the arms of each site, None where unknown."""
    yield from _use(table, row)
    yield from _scope(table, row)
    yield from _adjudication(table, row)
    if sites is not None:
        yield from _arms(table, row, tables["claims"], sites)
    yield from _sign(table, row, tables["claims"])


@possible
def _both(own: Table, other: Table) -> Iterator[Fault]:
    mine, theirs = own.by("claim"), other.by("claim")
    for claim in mine.keys() - theirs.keys() if theirs else ():
        yield own.fault(mine[claim], "claim", "is not coded by the other coder", "code the same claims in both")


@possible
def _use(table: Table, row: Row) -> Iterator[Fault]:
    def required(column: str, allowed: tuple[str, ...]) -> Iterator[Fault]:
        if row[column] not in allowed:
            what = show(row[column]) if row[column] else "an empty cell"
            yield table.fault(
                row, column, f"{what} does not go with eligible", f"write {choice(allowed)}, or set aside"
            )

    if row["use"] == "eligible":
        if row["reason"]:
            yield table.fault(row, "reason", f"{show(row['reason'])} does not go with eligible", "leave it empty")
        yield from required("horizon", ("end", "after"))
        yield from required("versus", ("control", "others"))
        if row["category"] in ("", "unclear"):
            yield table.fault(row, "category", "does not go with eligible", "write what the claim says, or set aside")
        if not row["arms"]:
            yield table.fault(row, "arms", "is empty for an eligible claim", "name the arms, or set aside")
    elif row["use"] == "aside" and not row["reason"]:
        yield table.fault(row, "reason", "is empty for a claim set aside", "write the first reason that applies")


@possible
def _scope(table: Table, row: Row) -> Iterator[Fault]:
    several = len(row["arms"].split()) > 1
    if several and not row["scope"]:
        yield table.fault(row, "scope", "is empty for several arms", "write each or together")
    elif row["scope"] and not several:
        yield table.fault(row, "scope", "is filled for fewer than two arms", "leave it empty")


@possible
def _adjudication(table: Table, row: Row) -> Iterator[Fault]:
    # a coder's own table has no such column
    if "adjudication" not in row.cells:
        return
    if row["adjudication"] not in ("", "agreed") and not row["adjudication_reason"]:
        yield table.fault(row, "adjudication_reason", "is empty where the coders differed", "write why")


@possible
def _duplicate(table: Table, row: Row) -> Iterator[Fault]:
    rows, kept = table.by("claim"), row["duplicate_of"]
    if bool(kept) != (row["reason"] == "duplicate"):
        remedy = "write reason duplicate, or leave it empty" if kept else "name the claim that is kept"
        yield table.fault(
            row,
            "duplicate_of",
            f"{'is filled' if kept else 'is empty'} for reason {show(row['reason'])}",
            remedy,
        )
    elif kept == row["claim"] and kept:
        yield table.fault(row, "duplicate_of", "points at its own row", "name the claim that is kept")
    elif kept in rows and rows[kept]["duplicate_of"]:
        chain = [row["claim"]]
        while chain[-1] in rows and rows[chain[-1]]["duplicate_of"] and len(set(chain)) == len(chain):
            chain.append(rows[chain[-1]]["duplicate_of"])
        if len(set(chain)) < len(chain):
            message, remedy = f"goes round in a circle ({' → '.join(chain)})", "keep one of these claims"
        else:
            message, remedy = f"points at {kept}, itself a duplicate", f"write {chain[-1]}"
        yield table.fault(row, "duplicate_of", message, remedy)


@possible
def _arms(table: Table, row: Row, claims: Table, sites: dict[str, list[str]]) -> Iterator[Fault]:
    claim, arms = claims.by("claim").get(row["claim"]), row["arms"].split()
    if claim is None:
        return
    own = sites.get(claim["municipality"], [])
    for arm in arms:
        if arm not in own:
            remedy = f"write {choice(own)}" if own else "leave it empty"
            yield table.fault(row, "arms", f"unknown arm {show(arm)} of '{claim['municipality']}'", remedy)
    if len(set(arms)) < len(arms):
        yield table.fault(row, "arms", f"{show(row['arms'])} repeats one", "write each once")


@possible
def _sign(table: Table, row: Row, claims: Table) -> Iterator[Fault]:
    claim = claims.by("claim").get(row["claim"])
    opposite = {"positive": "-", "negative": "+"}.get(row["category"].split("_")[0])
    if claim is None:
        return
    if row["category"] == "number" and not any(claim[column] for column in NUMBERS):
        yield table.fault(row, "category", f"number, but {claim.id} holds none", "write what it says in words")
    if opposite and claim["direction"] == opposite:
        yield table.fault(
            row,
            "category",
            f"{show(row['category'])} contradicts direction '{opposite}' of the claim",
            "mend one of them",
        )


@possible
def _list(table: Table, column: str, claims: Table) -> Iterator[Fault]:
    known = claims.by("claim")
    for row in table.rows:
        for claim in row[column].split():
            if claim not in known:
                yield unknown(table, row, column, claim, sorted(known), claims)
