"""Sites whose statements share more than one arm: those arms' shifts become variables of the model."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np

from pooling.model.layout import order, shared_ratio
from pooling.model.rows import Rows


def shared_arms(rows: Rows, covariances) -> tuple[np.ndarray, np.ndarray]:
    """Arms to be given shifts of their own, so that the statements of every site are independent given them.

    Parameters
    ----------
    rows
        Checked evidence.
    covariances
        Marginal covariances (n, n) at several amounts of heterogeneity.

    Returns
    -------
    weights
        (n, q) weight of each of q arms in each row, zero outside the arm's site; q is zero in the usual
        case of arms against one control, whose shift is integrated out.
    variances
        (q,) sampling variances of those arms.
    """
    columns, variances = [], []
    for numbers, statements in order(rows):
        usual = len(statements) < 3 or not any(
            np.isnan(shared_ratio(rows, cov, numbers, statements)) for cov in covariances
        )
        if usual:
            continue
        own = np.concatenate([numbers, statements])
        for arm in _fewest(rows.weights[own] != 0):
            weight = np.zeros(len(rows.y))
            weight[rows.site == rows.site[own[0]]] = rows.weights[rows.site == rows.site[own[0]], arm]
            columns.append(weight)
            variances.append(rows.arm_v[own, arm].max())
    return np.array(columns).reshape(-1, len(rows.y)).T, np.array(variances)


def _fewest(used):
    """Fewest arms without which no two rows share an arm and every row has one left; empty if no such arms exist."""
    shared = np.flatnonzero(used.sum(axis=0) > 1)
    for count in range(1, len(shared) + 1):
        for arms in combinations(shared, count):
            left = used.copy()
            left[:, arms] = False
            if left.any(axis=1).all() and (left.sum(axis=0) <= 1).all():
                return arms
    return ()


def given_shifts(rows: Rows, weights: np.ndarray, variances: np.ndarray) -> Rows:
    """The evidence as it is once the shifts are known: less covariance, no control left to share."""
    touched = np.isin(rows.site, rows.site[weights.any(axis=1)])
    return replace(
        rows,
        sampling=rows.sampling - (weights * variances) @ weights.T,
        spread=rows.spread - weights @ weights.T / 2.0,
        control=np.where(touched, 0.0, rows.control),
    )
