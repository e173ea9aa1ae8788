"""Lay checked rows out, site by site, as the arrays the likelihood reads."""

from __future__ import annotations

import numpy as np

from pooling.model.likelihood import shared_factor
from pooling.model.rows import Rows

#: The trapezoid rule over the shared factor: its range in standard deviations, its step at rho = 0.
RANGE, STEP = 6.5, 0.75
#: Largest ratio of shared to own variance that the rule is prepared for. Beyond it two statements say
#: nearly the same; a heterogeneity that large is allowed to lose accuracy, sampling errors are refused.
RATIO_CAP = 400.0


def order(rows: Rows) -> list[tuple[np.ndarray, np.ndarray]]:
    """Per site the positions of its numbers, and of its statements source by source.

    Rows that exclude nothing are left out, which changes no likelihood; so are sites that have no others.
    """
    sites = []
    for i in range(len(rows.sites)):
        numbers = np.flatnonzero((rows.site == i) & rows.numeric)
        statements = np.flatnonzero((rows.site == i) & rows.telling)
        statements = statements[np.argsort(rows.source[statements], kind="stable")]
        if len(numbers) + len(statements):
            sites.append((numbers, statements))
    return sites


def lay_out(rows: Rows, covariances) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Order of the rows and the arrays of `pooling.model.op.DATA`.

    Parameters
    ----------
    rows
        Checked evidence.
    covariances
        Iterable of (n, n) marginal covariances, one of them without heterogeneity first, over which the
        nodes must be accurate and the structure of a site's statements must hold.

    Returns
    -------
    kept
        Positions of the rows used, in the order in which the likelihood reads them.
    data
        Name to array; see `pooling.model.likelihood.log_likelihood`.
    """
    sites = order(rows)
    kept = np.array([row for pair in sites for part in pair for row in part], int)
    counts = np.array([[len(numbers), len(statements)] for numbers, statements in sites], int).reshape(-1, 2)
    unrelated = np.full(len(rows.y), -np.inf)
    for _, statements in sites:
        for source in np.unique(rows.source[statements]):
            mine = statements[rows.source[statements] == source]
            if rows.epsilon[mine[0]] > 0:
                unrelated[mine[0]] = np.log(rows.epsilon[mine[0]]) + rows.unrelated[mine].sum()
    worst = max((_worst_ratio(rows, sites, cov, first=k == 0) for k, cov in enumerate(covariances)), default=0.0)
    steps = int(np.ceil(RANGE / STEP * np.sqrt(1.0 + 1.2 * min(worst, RATIO_CAP))))
    node = np.linspace(-RANGE, RANGE, 2 * steps + 1)
    return kept, {
        # PyMC's data containers take no NaN; which rows are numbers is known by their place
        "y": np.where(rows.numeric, rows.y, 0.0)[kept],
        "lower": np.where(rows.numeric, 0.0, rows.lower)[kept],
        "upper": np.where(rows.numeric, 0.0, rows.upper)[kept],
        "start": np.concatenate([[0], np.cumsum(counts.sum(axis=1))]).astype(np.int64),
        "numbers": counts[:, 0].astype(np.int64),
        "source": rows.source[kept],
        "reliable": np.log1p(-rows.epsilon[kept]),
        "unrelated": unrelated[kept],
        "loading": rows.control[kept],
        "node": node,
        "weight": -(node**2) / 2.0 - np.log(np.sqrt(2.0 * np.pi)) + np.log(node[1] - node[0]),
    }


def given_numbers(cov: np.ndarray, numbers, statements) -> np.ndarray:
    """Covariance of a site's statements given its numbers."""
    rest = cov[np.ix_(statements, statements)]
    if not len(numbers):
        return rest
    across = cov[np.ix_(numbers, statements)]
    return rest - across.T @ np.linalg.solve(cov[np.ix_(numbers, numbers)], across)


def _worst_ratio(rows, sites, cov, first):
    """Largest ratio of shared to own variance; refuses statements that share more than one factor."""
    worst = 0.0
    for numbers, statements in sites:
        if len(statements) < 2:
            continue
        name = rows.sites[rows.site[statements[0]]]
        ratio = shared_ratio(rows, cov, numbers, statements)
        if np.isnan(ratio):
            raise ValueError(
                f"site {name}: {len(statements)} statements whose contrasts share more than the control arm; "
                "keep two of them, or one for each arm against the control"
            )
        worst = max(worst, ratio)
        if first and worst > RATIO_CAP:
            raise ValueError(f"site {name}: two statements about nearly the same contrast; keep one of them")
    return worst


def shared_ratio(rows: Rows, cov: np.ndarray, numbers, statements) -> float:
    """Largest ratio of shared to own variance of a site's statements; NaN if they share more than one factor."""
    rest = given_numbers(cov, numbers, statements)
    with np.errstate(invalid="ignore"):
        factor, own = shared_factor(rest, rows.control[statements])
        left = rest - np.outer(factor, factor) - np.diag(own)
    scale = np.sqrt(np.diag(rest))
    good = (own > 0).all() and (np.abs(left) < 1e-8 * np.outer(scale, scale)).all()
    return float((factor**2 / own).max()) if good else np.nan
