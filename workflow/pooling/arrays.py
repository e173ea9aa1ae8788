"""Evidence as arrays: what a caller hands to either Bayesian engine, read and checked once.

The engines derive covariances and likelihoods from it on their own, so that they check each other.
"""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Real

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Evidence:
    """Checked arrays, in the caller's order; n rows.

    Attributes
    ----------
    y, lower, upper : (n,) arrays
        Numbers (NaN elsewhere) and bounds of statements (NaN for numbers).
    v : (n,) array
        Sampling variances.
    V : (n, n) array or None
        Sampling covariance, where the caller gave it.
    X : (n, p) array
        Design.
    site, sites : (n,) array, tuple
        Position of each row's site among the labels, which stand in order of appearance.
    contrast : None or two (n, K) arrays
        Weights over the site's arms, control first, and those arms' variances.
    source : (n,) array
        Number of each row's source.
    epsilon : (n,) array
        Probability that the row's source does not depend on the effect; zero for numbers.
    kappa : float
        Spread of such statements in standard errors.
    """

    y: np.ndarray
    v: np.ndarray
    V: np.ndarray | None
    X: np.ndarray
    site: np.ndarray
    sites: tuple
    lower: np.ndarray
    upper: np.ndarray
    contrast: tuple[np.ndarray, np.ndarray] | None
    source: np.ndarray
    epsilon: np.ndarray
    kappa: float

    @property
    def numeric(self) -> np.ndarray:
        """(n,) which rows are numbers."""
        return ~np.isnan(self.y)

    @property
    def telling(self) -> np.ndarray:
        """(n,) which rows are statements that exclude something."""
        return ~self.numeric & (np.isfinite(self.lower) | np.isfinite(self.upper))


def read_evidence(
    y, v=None, V=None, X=None, groups=None, *, lower=None, upper=None, contrast=None, source=None,
    epsilon=0.0, kappa=2.0,
) -> Evidence:  # fmt: skip
    """Check what a caller gives as evidence; see `pooling.exact.pool` for its meaning.

    Parameters
    ----------
    y, v, V, X, groups, lower, upper, contrast, source, epsilon, kappa
        As of `pooling.exact.pool`: anything numpy can read, pandas columns by position. A single number stands
        for every row, except in y.

    Returns
    -------
    Evidence

    Raises
    ------
    ValueError
        One sentence naming the argument, and the row (counted from 0) or site, and what would be right.
    """
    y = np.atleast_1d(_numbers("y", y))
    if y.ndim != 1 or y.size == 0:
        raise ValueError(f"y must be a vector with at least one row, not of shape {y.shape}")
    n = y.size
    lower, upper, numeric = _bounds(y, lower, upper)
    X = _design(X, n)
    site, sites = _codes("groups", groups, n)
    arms = None if contrast is None else _contrast(contrast, site, sites)
    v, V = _sampling(v, V, arms, n, site)
    if arms is not None and V is None:
        implied = (arms[0] ** 2 * arms[1]).sum(axis=1)
        _need(np.isclose(implied, v, rtol=1e-4), "v differs from the contrast's own variance, L^2 arm_v")
    source = np.zeros(n, dtype=int) if source is None else _codes("source", source, n)[0]
    epsilon = _vector("epsilon", epsilon, n, 0.0)
    _need((epsilon >= 0) & (epsilon < 1), "epsilon must be at least 0 and less than 1")
    epsilon = np.where(numeric, 0.0, epsilon)
    _one_epsilon_a_source(site, sites, source, epsilon)
    return Evidence(y, v, V, X, site, sites, lower, upper, arms, source, epsilon, _spread(kappa))


def is_number(value) -> bool:
    """Whether this is one real number, of Python, numpy or in an array without dimensions."""
    return not isinstance(value, bool) and (
        isinstance(value, Real) or (np.ndim(value) == 0 and getattr(value, "dtype", np.dtype(object)).kind in "fiu")
    )


def _need(ok, message):
    """Raise, naming the first row that breaks the rule."""
    if not ok.all():
        raise ValueError(f"row {np.flatnonzero(~ok)[0]}: {message}")


def _numbers(name, value):
    try:
        return np.asarray(value, dtype=float)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name} must hold numbers: {error}") from None


def _vector(name, value, n, fill=None):
    if value is None:
        return np.full(n, fill, dtype=float)
    out = _numbers(name, value)
    if out.ndim == 0:
        out = np.full(n, float(out))
    if out.shape != (n,):
        raise ValueError(f"{name} must have one value per row ({n}), not shape {out.shape}")
    return out


def _codes(name, labels, n):
    """Number of each row's label, and the labels in order of appearance."""
    if labels is None:
        return np.arange(n), tuple(range(n))
    labels = np.asarray(labels)
    if labels.shape != (n,):
        raise ValueError(f"{name} must have one label per row ({n}), not shape {labels.shape}")
    _need(~pd.isna(labels), f"{name} has no label here; give every row one")
    labels = labels.tolist()
    names = tuple(dict.fromkeys(labels))
    position = {label: i for i, label in enumerate(names)}
    return np.array([position[label] for label in labels]), names


def _bounds(y, lower, upper):
    n, told = y.size, not (lower is None and upper is None)
    lower, upper = _vector("lower", lower, n, np.nan), _vector("upper", upper, n, np.nan)
    numeric = ~np.isnan(y)
    _need(~np.isinf(y), "the estimate y must be finite")
    if not told and numeric.all():
        return lower, upper, numeric
    _need(np.isnan(lower) == np.isnan(upper), "lower and upper must be given together")
    _need(numeric | ~np.isnan(lower), "a row without y needs lower and upper (infinite allowed)")
    _need(~numeric | np.isnan(lower), "a row has either y or an interval, not both")
    _need(numeric | (lower < upper), "lower must be less than upper")
    return lower, upper, numeric


def _design(X, n):
    X = np.ones((n, 1)) if X is None else _numbers("X", X)
    if X.ndim == 1:
        X = X[:, None]
    if X.ndim != 2 or X.shape[0] != n or X.shape[1] == 0:
        raise ValueError(f"X must have one row per estimate ({n}) and a column or more, not shape {X.shape}")
    _need(np.isfinite(X).all(axis=1), "the design X must be finite")
    return X


def _sampling(v, V, arms, n, site):
    """Return (v, V) checked; V None unless the caller gave a full covariance."""
    if V is None:
        if v is None and arms is None:
            raise ValueError("give the sampling variances v, or a full sampling covariance V")
        v = (arms[0] ** 2 * arms[1]).sum(axis=1) if v is None else _vector("v", v, n)
        _need(np.isfinite(v) & (v > 0), "the sampling variance v must be positive and finite")
        return v, None
    V = _numbers("V", V)
    if V.shape != (n, n) or not np.isfinite(V).all():
        raise ValueError(f"V must be a finite {n} by {n} matrix")
    if not np.allclose(V, V.T, rtol=1e-8, atol=0):
        raise ValueError("V must be symmetric")
    diagonal = np.diagonal(V).copy()
    _need(diagonal > 0, "the diagonal of V must be positive")
    if v is not None:
        _need(np.isclose(_vector("v", v, n), diagonal, rtol=1e-6), "v is not the diagonal of V")
    if np.any(V[site[:, None] != site] != 0):
        raise ValueError("V must be zero between rows of different sites: sites are independent")
    return diagonal, V


def _contrast(contrast, site, sites):
    n = site.size
    if not isinstance(contrast, tuple | list) or len(contrast) != 2:
        raise ValueError("contrast must be (L, arm_v): weights over the site's arms, and the arms' variances")
    L, arm_v = _numbers("L of contrast", contrast[0]), _numbers("arm_v of contrast", contrast[1])
    if L.ndim != 2 or L.shape[0] != n or arm_v.shape != L.shape:
        raise ValueError(f"contrast must be (L, arm_v), both ({n}, arms) in shape; got {L.shape}, {arm_v.shape}")
    if not np.isfinite(L).all() or not np.isfinite(np.where(L == 0, 0.0, arm_v)).all():
        raise ValueError("contrast weights and the variances of the arms they use must be finite")
    arm_v = np.nan_to_num(arm_v)
    _need((arm_v >= 0).all(axis=1), "arm variances must not be negative")
    _need((L != 0).any(axis=1), "a contrast needs at least one arm")
    largest = np.zeros((len(sites), L.shape[1]))
    np.maximum.at(largest, site, arm_v)
    differ = ((L != 0) & (arm_v != largest[site])).any(axis=1)
    if differ.any():
        raise ValueError(f"site {sites[site[differ][0]]}: arm variances must be the same in all rows of the site")
    return L, arm_v


def _one_epsilon_a_source(site, sites, source, epsilon):
    unsure = np.flatnonzero(epsilon > 0)
    first = {}
    for row in unsure.tolist():
        share = first.setdefault((site[row], source[row]), epsilon[row])
        if epsilon[row] != share:
            raise ValueError(
                f"site {sites[site[row]]}: epsilon must be the same for all rows of one source, "
                f"not {share:g} and {epsilon[row]:g}"
            )


def _spread(kappa):
    if not is_number(kappa) or not 0 < kappa < np.inf:
        raise ValueError(f"kappa must be one positive number, not {kappa!r}")
    return float(kappa)
