"""Check what is to be pooled and bring it to the form in which every model is the same."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from pooling.given import numbers


@dataclass(frozen=True)
class Data:
    """Checked input: `y` (k,), sampling covariance `V` (k, k), design `X` (k, p), site index `site` (k,).

    `labels` are the sites' names in the order of their index; `several` says whether a site has more than one
    row, `full` whether a full covariance was given, `single` whether the design was left out.
    """

    y: np.ndarray
    V: np.ndarray
    X: np.ndarray
    site: np.ndarray
    labels: tuple
    several: bool
    full: bool
    single: bool

    @property
    def R(self) -> np.ndarray:
        """Heterogeneity of the rows for τ² = 1: ½(I + 11') within a site, nothing between sites."""
        same = self.site[:, None] == self.site
        return 0.5 * same + 0.5 * np.eye(len(self.y))

    def rows(self, keep: np.ndarray) -> Data:
        """The same for the rows of a boolean mask; ValueError if they do not determine the coefficients."""
        if not keep.any():
            raise ValueError("no row is left")
        _check_design(self.X[keep], int(keep.sum()))
        site = self.site[keep]
        return replace(
            self,
            y=self.y[keep],
            V=self.V[np.ix_(keep, keep)],
            X=self.X[keep],
            site=site,
            several=np.unique(site).size < site.size,
        )


@dataclass(frozen=True)
class Whitened:
    """The same model with independent rows: `T` M T' = diag(d + τ²), for every τ².

    Because all heterogeneity is τ² R with one known R, R and V can be diagonalised together; then several
    arms to a site need no other code than one arm.
    """

    y: np.ndarray
    d: np.ndarray
    X: np.ndarray
    T: np.ndarray


def whiten(data: Data) -> Whitened:
    """Diagonalise V and R together."""
    if not data.several:
        return Whitened(data.y, np.diag(data.V), data.X, np.eye(len(data.y)))
    T = np.zeros_like(data.V)
    d = np.empty(len(data.y))
    for i in np.unique(data.site):
        rows = np.flatnonzero(data.site == i)
        block = np.ix_(rows, rows)
        inverse = np.linalg.inv(np.linalg.cholesky(data.R[block]))
        d[rows], Q = np.linalg.eigh(inverse @ data.V[block] @ inverse.T)
        T[block] = Q.T @ inverse
    return Whitened(T @ data.y, d, T @ data.X, T)


def check(y, v=None, X=None, V=None, groups=None) -> Data:
    """Check the input of `pool`; every refusal says which row (counted from 0) or site is wrong.

    Raises
    ------
    ValueError
        See `pooling.classical.pool`.
    """
    y = np.atleast_1d(numbers("y", y))
    k = y.size
    if y.ndim != 1 or k == 0:
        raise ValueError("y must be a list of estimates, at least one")
    if not np.isfinite(y).all():
        raise ValueError(f"row {_first(~np.isfinite(y))}: y is {y[~np.isfinite(y)][0]}; it must be a finite number")
    site, labels = _sites(groups, k)
    single = X is None
    X = np.ones((k, 1)) if single else numbers("X", X)
    X = X[:, None] if X.ndim == 1 else X
    _check_design(X, k)
    full = V is not None
    V = _sampling(v, V, k, site, labels)
    # What is squared in the formulas must still be a number.
    if max(np.abs(y).max(), np.diag(V).max()) > 1e150 or np.diag(V).min() < 1e-150:
        raise ValueError("the numbers are too large or too small to compute with; give y and v in other units")
    return Data(y, V, X, site, labels, len(labels) < k, full, single)


def _sites(groups, k: int):
    if groups is None:
        return np.arange(k), tuple(range(1, k + 1))
    groups = np.asarray(groups)
    if groups.shape != (k,):
        raise ValueError(f"groups must name the site of each of the {k} rows")
    # Sites keep the order in which they first appear, so that results read like the input.
    site, labels = pd.factorize(groups)
    if (site < 0).any():
        raise ValueError(f"row {_first(site < 0)}: groups has no label; name the site of every row")
    return site, tuple(labels.tolist())


def _check_design(X: np.ndarray, k: int) -> None:
    if X.ndim != 2 or X.shape[0] != k or X.shape[1] == 0:
        raise ValueError(f"X must have one row for each of the {k} estimates and at least one column")
    if not np.isfinite(X).all():
        raise ValueError(f"row {_first(~np.isfinite(X).all(axis=1))}: X must be finite")
    p = X.shape[1]
    if p > k:
        raise ValueError(f"X has {p} columns for {k} rows; there cannot be more coefficients than rows")
    lengths = np.linalg.norm(X, axis=0)
    if (lengths == 0).any():
        raise ValueError(f"column {_first(lengths == 0)} of X is zero in every row; leave it out")
    rank = np.linalg.matrix_rank(X / lengths, tol=1e-9)
    if rank < p:
        raise ValueError(f"the {p} columns of X have rank {rank}: they cannot be told apart; leave some out")


def _sampling(v, V, k: int, site: np.ndarray, labels: tuple) -> np.ndarray:
    if (v is None) == (V is None):
        raise ValueError("give either v (variances) or V (full sampling covariance)")
    if v is not None:
        v = np.atleast_1d(numbers("v", v))
        if v.shape != (k,):
            raise ValueError(f"v must hold one sampling variance for each of the {k} rows")
        bad = ~(np.isfinite(v) & (v > 0))
        if bad.any():
            raise ValueError(f"row {_first(bad)}: sampling variance {v[bad][0]}; it must be finite and above zero")
        return np.diag(v)
    V = numbers("V", V)
    if V.shape != (k, k) or not np.isfinite(V).all() or not np.allclose(V, V.T, rtol=1e-8, atol=0):
        raise ValueError(f"V must be a symmetric, finite {k} x {k} matrix")
    if np.any(V[site[:, None] != site] != 0):
        raise ValueError("V links rows of different sites; name the site of every row in groups")
    for i, label in enumerate(labels):
        rows = site == i
        block = V[np.ix_(rows, rows)]
        scale = np.sqrt(np.abs(np.diag(block)))
        if np.any(np.diag(block) <= 0) or np.linalg.eigvalsh(block / np.outer(scale, scale))[0] < 1e-12:
            raise ValueError(f"site '{label}': its block of V is not positive definite")
    return (V + V.T) / 2


def _first(flags: np.ndarray) -> int:
    return int(np.flatnonzero(flags)[0])
