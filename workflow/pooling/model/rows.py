"""Checked evidence as the model reads it: covariances, sources, and what doubt about a statement weighs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pooling.arrays import Evidence
from pooling.model.likelihood import log_interval


@dataclass(frozen=True)
class Rows:
    """Checked evidence, in the caller's order.

    Attributes
    ----------
    y, lower, upper
        (n,) numbers (NaN elsewhere) and ends of statements (NaN on numbers).
    X
        (n, p) design of the rows' means.
    sampling, spread
        (n, n) sampling covariance S and heterogeneity structure R; the covariance is S + tau^2 R.
    site
        (n,) position of the row's site in `sites`.
    sites
        Labels of the sites, in order of appearance.
    source
        (n,) position of the row's source within its site; every always reliable row is its own source.
    epsilon
        (n,) probability that the row's source is unrelated to the effect.
    unrelated
        (n,) log probability of the statement if its source is unrelated to the effect.
    control
        (n,) weight in the row, sign reversed, of the arm that all of a site share and that is integrated out.
    weights, arm_v
        (n, K) weights of each row over its site's arms, and the variances of those arms; no columns where
        the caller gave no contrasts, or gave sampling covariances that need not follow from them.
    """

    y: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    X: np.ndarray
    sampling: np.ndarray
    spread: np.ndarray
    site: np.ndarray
    sites: tuple
    source: np.ndarray
    epsilon: np.ndarray
    unrelated: np.ndarray
    control: np.ndarray
    weights: np.ndarray
    arm_v: np.ndarray

    @property
    def numeric(self) -> np.ndarray:
        """(n,) which rows are numbers."""
        return np.isfinite(self.y)

    @property
    def telling(self) -> np.ndarray:
        """(n,) which rows are statements that exclude something."""
        return ~self.numeric & (np.isfinite(self.lower) | np.isfinite(self.upper))


def lay_rows(given: Evidence) -> Rows:
    """Derive covariances, heterogeneity structure and the weight of doubt from checked evidence.

    Without contrasts the rows of a site are arms against one control: R = (I + 11')/2. With contrasts L over
    arms, S = L diag(arm_v) L' and R = L L'/2.

    Raises
    ------
    ValueError
        With the site named, if its sampling covariance is not positive definite.
    """
    same = given.site[:, None] == given.site
    sampling, spread, control = _covariance(given, same)
    _positive_definite(sampling, given.site, given.sites)
    se, stated = np.sqrt(given.v), ~given.numeric
    unrelated = np.zeros(given.y.size)
    unrelated[stated] = [
        log_interval(a, b)[0]
        for a, b in zip(*(end[stated] / (given.kappa * se[stated]) for end in (given.lower, given.upper)), strict=True)
    ]
    by_arm = (np.zeros((given.y.size, 0)),) * 2 if given.contrast is None or given.V is not None else given.contrast
    # a row that cannot be unreliable stands by itself
    alone = given.source.max() + 1 + np.arange(given.y.size)
    return Rows(
        given.y, given.lower, given.upper, given.X, sampling, spread, given.site, given.sites,
        np.where(given.epsilon > 0, given.source, alone), given.epsilon, unrelated, control, *by_arm,
    )  # fmt: skip


def _covariance(given, same):
    """Sampling covariance, heterogeneity structure, and the control's weight in each row."""
    if given.contrast is None:
        sampling = np.diag(given.v) if given.V is None else given.V
        return sampling, same * (np.eye(len(same)) + 1.0) / 2.0, np.ones(len(same))
    L, arm_v = given.contrast
    sampling = same * ((L * arm_v) @ L.T) if given.V is None else given.V
    return sampling, same * (L @ L.T) / 2.0, -L[:, 0]


def _positive_definite(sampling, site, sites):
    for i, name in enumerate(sites):
        rows = np.flatnonzero(site == i)
        scale = np.sqrt(np.diag(sampling)[rows])
        block = sampling[np.ix_(rows, rows)] / np.outer(scale, scale)
        if np.linalg.eigvalsh(block)[0] < 1e-10:
            raise ValueError(
                f"site {name}: the sampling covariance of its rows is not positive definite; "
                "leave out rows that follow from the others, or correct the covariances"
            )
