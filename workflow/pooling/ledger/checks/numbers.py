"""Checks of covariances and likelihood curves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import numpy as np

from pooling.ledger.checks.fault import Fault, show
from pooling.ledger.checks.tables import Row, Table, possible

#: A curve needs an inside: with fewer points no maximum can be told from an edge.
FEWEST_POINTS = 3


def check(tables: dict[str, Table]) -> Iterator[Fault]:
    """Covariances belong to estimates of one site and fit together; curves are curves."""
    if tables["claims"].usable:
        yield from _covariances(tables["covariance"], tables["claims"])
        yield from _kinds(tables["likelihood"], tables["claims"])
    yield from _curves(tables["likelihood"])


@possible
def _covariances(table: Table, claims: Table) -> Iterator[Fault]:
    by_id = claims.by("claim")
    sites: dict[str, dict[frozenset[str], Row]] = defaultdict(dict)
    for row in table.rows:
        pair = [by_id.get(row["claim_a"]), by_id.get(row["claim_b"])]
        if None in pair or row.value("covariance") is None:
            continue
        for column, claim in zip(("claim_a", "claim_b"), pair, strict=True):
            if not claim["se"]:
                yield table.fault(row, column, f"{claim.id} has no se", "covariances join estimates with an se")
        first, second = (claim["municipality"] for claim in pair)
        key = frozenset((row["claim_a"], row["claim_b"]))
        if len(key) == 1:
            yield table.fault(row, "claim_b", "is claim_a again", "its variance is se squared, in claims.csv")
        elif first != second:
            yield table.fault(
                row, "claim_b", f"is about '{second}', claim_a about '{first}'", "join claims of one site"
            )
        elif key in sites[first]:
            remedy = f"keep one; the pair is in row {sites[first][key].line} already"
            yield table.fault(row, "claim_b", "the pair is there twice", remedy)
        else:
            sites[first][key] = row
    for pairs in sites.values():
        yield from _positive_definite(table, by_id, pairs)


def _positive_definite(table: Table, claims: dict[str, Row], pairs: dict[frozenset[str], Row]) -> Iterator[Fault]:
    names = sorted({name for pair in pairs for name in pair})
    se = np.array([claims[name].value("se") or np.nan for name in names])
    if not np.all(se > 0):  # reported with the claims
        return
    correlation = np.eye(len(names))
    for pair, row in pairs.items():
        i, j = (names.index(name) for name in sorted(pair))
        r = row.value("covariance") / (se[i] * se[j])
        if abs(r) >= 1:
            yield table.fault(
                row,
                "covariance",
                f"{row['covariance']} makes a correlation of {r:.3g} with the two se",
                f"write a covariance within ±{se[i] * se[j]:.4g}",
            )
            return
        correlation[i, j] = correlation[j, i] = r
    smallest = np.linalg.eigvalsh(correlation)[0]
    if smallest < 1e-10:
        first = min(pairs.values(), key=lambda row: row.line)
        yield table.fault(
            first,
            "covariance",
            f"the covariances of {', '.join(names)} are not positive definite",
            "check them against the source, together with their se",
        )


@possible
def _kinds(table: Table, claims: Table) -> Iterator[Fault]:
    by_id = claims.by("claim")
    for name, row in table.by("claim").items():
        if name in by_id and by_id[name]["kind"] != "likelihood":
            message = f"{show(name)} is of kind {by_id[name]['kind']}"
            yield table.fault(row, "claim", message, "write kind likelihood there")


@possible
def _curves(table: Table) -> Iterator[Fault]:
    curves: dict[str, list[Row]] = defaultdict(list)
    for row in table.rows:
        curves[row["claim"]].append(row)
    for rows in curves.values():
        grid = [row.value("theta") for row in rows]
        if len(rows) < FEWEST_POINTS:
            yield table.fault(rows[0], "theta", f"a curve of {len(rows)} points", f"give at least {FEWEST_POINTS}")
        for row, before, theta in zip(rows[1:], grid, grid[1:], strict=False):
            if None not in (before, theta) and theta < before:
                yield table.fault(row, "theta", f"{row['theta']} comes after {before:g}", "sort the grid upwards")
                break
