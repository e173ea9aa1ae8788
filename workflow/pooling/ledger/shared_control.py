"""The rows of one site share its control group: common arm variances, and covariances that the package gives."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from pooling.ledger.evidence import Row
from pooling.ledger.package import Package


@dataclass(frozen=True)
class Misfit:
    """What is wrong with a claim once it is to be pooled with others: in which table and column, and what is right."""

    table: str
    claim: str
    column: str
    message: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.claim or self.table}: {self.message}; {self.remedy}"


class Unfit(ValueError):
    """Claims of an analysis cannot be pooled together; `misfits` are all the reasons."""

    def __init__(self, misfits: list[Misfit]):
        super().__init__("\n".join(map(str, misfits)))
        self.misfits = misfits


def covariances(rows: list[Row], package: Package) -> dict[frozenset[str], float]:
    """Covariances of the package between pooled numbers, on the model's scale.

    The table holds them in the product of the claims' own units. What carries over to another scale is the
    correlation, so each is divided by the two printed standard errors and multiplied by the pooled ones.
    """
    printed = package.claims.set_index("claim")["se"]
    pooled = {row.claims[0]: row.se for row in rows if row.kind == "number" and row.se_basis == "reported"}
    return {
        frozenset((a, b)): value / (printed[a] * printed[b]) * pooled[a] * pooled[b]
        for a, b, value in package.covariance[["claim_a", "claim_b", "covariance"]].itertuples(index=False)
        if a in pooled and b in pooled
    }


def share(rows: list[Row], given: dict[frozenset[str], float], misfits: list[Misfit]) -> list[Row]:
    """Give all rows of a site the same arm variances, so that they share one control group.

    Statements carry variances from sizes. Numbers carry their own; the control's share of them is what the
    package gives as their covariance, or else an average over the site's numbers of the share their sizes
    imply. Each arm keeps what is left of its own squared standard error; where nothing is, that is a misfit.
    """
    shared = []
    for site, own in _by_site(rows).items():
        numbers = [row for row in own if row.kind == "number"]
        if not numbers or len(own) == 1:
            shared += own
            continue
        pairs = [given.get(frozenset((a.claims[0], b.claims[0]))) for a, b in combinations(numbers, 2)]
        known = [value for value in pairs if value is not None]
        variances = np.array(next((row for row in own if row.kind != "number"), own[0]).arm_variances)
        variances[0] = np.mean(known if known else [row.arm_variances[0] for row in numbers])
        for row in numbers:
            weights = np.array(row.weights)
            inside = weights > 0
            left = row.se**2 - variances[0]
            if left <= 0:
                message = (
                    f"a standard error of {row.se:.4g} on the scale of pooling is not above the "
                    f"{np.sqrt(variances[0]):.4g} of the control group alone of site '{site}'"
                )
                remedy = "mend it, or give the covariances of the site's estimates in covariance.csv"
                misfits.append(Misfit("claims", row.claims[0], "se", message, remedy))
                continue
            variances[inside] = left / np.square(weights[inside]).sum()
        shared += [_with_variances(row, variances) for row in own]
    return shared


def _with_variances(row: Row, variances: np.ndarray) -> Row:
    """The row with the site's common arm variances; a statement's bounds keep their z-values."""
    se = float(np.sqrt(np.square(row.weights) @ variances))
    stretch = se / row.se if row.kind == "interval" else 1.0
    return replace(
        row,
        se=se,
        lower=row.lower * stretch,
        upper=row.upper * stretch,
        arm_variances=tuple(float(value) for value in variances),
    )


def full(rows: list[Row], given: dict[frozenset[str], float]) -> tuple[tuple[float, ...], ...] | None:
    """Full sampling covariance of the rows, where the package gives covariances between their claims, else None.

    Raises
    ------
    Unfit
        If that of a site is not positive definite.
    """
    if not given:
        return None
    full = np.zeros((len(rows), len(rows)))
    place = {row.row: i for i, row in enumerate(rows)}
    for own in _by_site(rows).values():
        index = [place[row.row] for row in own]
        weights, variances = (np.array([getattr(row, name) for row in own]) for name in ("weights", "arm_variances"))
        full[np.ix_(index, index)] = (weights * variances) @ weights.T
    first = {row.claims[0]: i for i, row in enumerate(rows) if row.kind == "number"}
    for (i, j), value in ((sorted(first[claim] for claim in pair), value) for pair, value in given.items()):
        full[i, j] = full[j, i] = value
    misfits = [
        Misfit("covariance", "", "", f"the covariances of site '{site}' do not fit its standard errors", "check both")
        for site, own in _by_site(rows).items()
        for index in [[place[row.row] for row in own]]
        if np.linalg.eigvalsh(full[np.ix_(index, index)])[0] <= 0
    ]
    if misfits:
        raise Unfit(misfits)
    return tuple(tuple(float(value) for value in line) for line in full)


def _by_site(rows: list[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row.site, []).append(row)
    return found
