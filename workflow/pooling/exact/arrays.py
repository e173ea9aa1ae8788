"""Check the arrays a caller hands in and cut them into sites.

A site is what shares a control group: its rows have sampling covariance S and heterogeneity covariance
tau^2 R. Where the rows are contrasts over the site's arms, the arms shared by several rows are found
here: given those the rows are independent, and that makes a site's likelihood a one-dimensional integral.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from .interval import log_probability

# A row alone at its site: its heterogeneity, and the arms it shares.
ALONE, NOTHING = np.ones((1, 1)), np.zeros((1, 0))


@dataclass(frozen=True)
class Shared:
    """Covariance of a site's rows as D + F G F', each of D and G a constant plus a multiple of tau^2."""

    F: np.ndarray
    G: tuple[np.ndarray, np.ndarray]
    D: tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Site:
    """One site's rows: m rows, d of them statements; indices are positions within the site."""

    label: object
    rows: np.ndarray
    X: np.ndarray
    y: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    S: np.ndarray
    R: np.ndarray
    numbers: np.ndarray
    statements: np.ndarray
    shared: Shared | None
    # Per row: chance that a statement ignores the effect, and the spread of the reference it then comes from.
    epsilon: np.ndarray
    reference: np.ndarray
    # Per source: positions within `statements`, its epsilon, and the log of its reference probability.
    sources: tuple


def _vector(name, value, n, fill=None):
    if value is None:
        return np.full(n, fill, dtype=float)
    out = np.asarray(value, dtype=float)
    if out.ndim == 0:
        out = np.full(n, float(out))
    if out.shape != (n,):
        raise ValueError(f"{name} must have one value per row ({n}), not shape {out.shape}")
    return out


def _need(ok, message):
    """Raise, naming the first row that breaks the rule."""
    if not ok.all():
        raise ValueError(f"row {np.flatnonzero(~ok)[0]}: {message}")


def _bounds(y, lower, upper):
    n, told = y.size, not (lower is None and upper is None)
    lower, upper = _vector("lower", lower, n, np.nan), _vector("upper", upper, n, np.nan)
    numeric = ~np.isnan(y)
    _need(~np.isinf(y), "the estimate y must be finite")
    if not told and numeric.all():
        return lower, upper, numeric
    _need(np.isnan(lower) == np.isnan(upper), "lower and upper must be given together")
    _need(numeric | ~np.isnan(lower), "a row without y needs lower and upper")
    _need(~numeric | np.isnan(lower), "a row has either y or an interval, not both")
    _need(numeric | (lower < upper), "lower must be less than upper")
    return lower, upper, numeric


def _design(X, n):
    X = np.ones((n, 1)) if X is None else np.asarray(X, dtype=float)
    if X.ndim == 1:
        X = X[:, None]
    if X.ndim != 2 or X.shape[0] != n or X.shape[1] == 0:
        raise ValueError(f"X must have one row per estimate ({n}) and a column or more, not shape {X.shape}")
    _need(np.isfinite(X).all(axis=1), "the design X must be finite")
    return X


def _sampling(v, V, n, groups):
    """Return (v, V) checked; V None unless the caller gave a full covariance."""
    if V is None:
        if v is None:
            raise ValueError("give the sampling variances v, or a full sampling covariance V")
        v = _vector("v", v, n)
        _need(np.isfinite(v) & (v > 0), "the sampling variance v must be positive and finite")
        return v, None
    V = np.asarray(V, dtype=float)
    if V.shape != (n, n) or not np.isfinite(V).all():
        raise ValueError(f"V must be a finite {n} by {n} matrix")
    if not np.allclose(V, V.T, rtol=1e-8, atol=0):
        raise ValueError("V must be symmetric")
    diagonal = np.diagonal(V).copy()
    _need(diagonal > 0, "the diagonal of V must be positive")
    if v is not None:
        _need(np.isclose(_vector("v", v, n), diagonal, rtol=1e-6), "v is not the diagonal of V")
    across = V[groups[:, None] != groups[None, :]]
    if np.any(across != 0):
        raise ValueError("V must be zero between rows of different sites: sites are independent")
    return diagonal, V


def _contrast(contrast, v, V, n):
    L, arm_v = (np.asarray(part, dtype=float) for part in contrast)
    if L.ndim != 2 or L.shape[0] != n or arm_v.shape != L.shape:
        raise ValueError(f"contrast must be (L, arm_v), both ({n}, arms) in shape; got {L.shape}, {arm_v.shape}")
    if not np.isfinite(L).all() or not np.isfinite(np.where(L == 0, 0.0, arm_v)).all():
        raise ValueError("contrast weights and the variances of the arms they use must be finite")
    arm_v = np.nan_to_num(arm_v)
    _need((arm_v >= 0).all(axis=1), "arm variances must not be negative")
    _need((L != 0).any(axis=1), "a contrast needs at least one arm")
    if V is None:
        implied = (L**2 * arm_v).sum(axis=1)
        _need(np.isclose(implied, v, rtol=1e-4), "v differs from the contrast's own variance, L^2 arm_v")
    return L, arm_v


def _shared_of_contrast(L, arm_v):
    """Find the fewest arms (at most two) without which the rows have no arm in common."""
    used = L != 0
    for count in (0, 1, 2):
        for arms in combinations(np.flatnonzero(used.sum(axis=0) > 1), count):
            shared = np.zeros(L.shape[1], dtype=bool)
            shared[list(arms)] = True
            own = used & ~shared
            if own.any(axis=1).all() and (own.sum(axis=0) <= 1).all():
                squares = np.where(own, L**2, 0.0)
                D = (squares @ arm_v, squares.sum(axis=1) / 2)
                return Shared(L[:, shared], (arm_v[shared], np.full(count, 0.5)), D)
    return None


def _shared_of_covariance(S):
    """Rows against one control: every covariance is the control's variance."""
    off = S[~np.eye(len(S), dtype=bool)]
    control = off[0]
    if not np.allclose(off, control, rtol=1e-9, atol=0) or control < 0:
        return None
    own = np.diagonal(S) - control
    half = np.full(len(S), 0.5)
    return Shared(np.ones((len(S), 1)), (np.array([control]), half[:1]), (own, half)) if (own > 0).all() else None


def _sources(site, rows, source, epsilon, log_q):
    """Rows with epsilon 0 stand alone; the others are told by their source, right or wrong together."""
    out = [((j,), 0.0, 0.0) for j, row in enumerate(rows) if epsilon[row] == 0]
    unsure = [j for j, row in enumerate(rows) if epsilon[row] > 0]
    for name in dict.fromkeys(source[rows[j]] for j in unsure):
        own = [j for j in unsure if source[rows[j]] == name]
        share = {float(epsilon[rows[j]]) for j in own}
        if len(share) > 1:
            raise ValueError(f"site {site}: epsilon must be the same for all rows of source {name}")
        out.append((tuple(own), share.pop(), float(sum(log_q[rows[j]] for j in own))))
    return tuple(out)


def cut(y, v, V, X, groups, lower, upper, contrast, source, epsilon, kappa):
    """Check everything and return (sites, X, numeric rows): sites in order of first appearance.

    Raises
    ------
    ValueError
        One sentence naming the row or site that is wrong and what would be right.
    """
    y = np.atleast_1d(np.asarray(y, dtype=float))
    if y.ndim != 1 or y.size == 0:
        raise ValueError("y must be a vector with at least one row")
    n = y.size
    lower, upper, numeric = _bounds(y, lower, upper)
    X = _design(X, n)
    labels = np.arange(n) if groups is None else np.asarray(groups)
    if labels.shape != (n,):
        raise ValueError(f"groups must have one label per row ({n})")
    v, V = _sampling(v, V, n, labels)
    arms = None if contrast is None else _contrast(contrast, v, V, n)
    epsilon = _vector("epsilon", epsilon, n, 0.0)
    _need((epsilon >= 0) & (epsilon < 1), "epsilon must be at least 0 and less than 1")
    if not kappa > 0:
        raise ValueError("kappa must be positive")
    source = np.zeros(n) if source is None else np.asarray(source)
    if source.shape != (n,):
        raise ValueError(f"source must have one label per row ({n})")
    epsilon = np.where(numeric, 0.0, epsilon)
    spread = kappa * np.sqrt(v)
    log_q = np.zeros(n)
    log_q[~numeric] = log_probability((lower / spread)[~numeric], (upper / spread)[~numeric])

    # An interval without bounds says nothing: the row keeps its site effect and has no likelihood.
    told = ~numeric & (np.isfinite(lower) | np.isfinite(upper))
    members = {}
    for row, label in enumerate(labels.tolist()):
        members.setdefault(label, []).append(row)
    sites = []
    for label, rows in members.items():
        rows = np.array(rows)
        S, R, shared = _covariance(label, rows, v, V, arms)
        statements = told[rows].nonzero()[0]
        sites.append(
            Site(
                label,
                rows,
                X[rows],
                y[rows],
                lower[rows],
                upper[rows],
                S,
                R,
                numeric[rows].nonzero()[0],
                statements,
                shared,
                epsilon[rows],
                spread[rows],
                _sources(label, rows[statements].tolist(), source, epsilon, log_q),
            )
        )
    return sites, X, numeric


def _covariance(label, rows, v, V, arms):
    m = rows.size
    if m == 1 and arms is None:
        S = v[rows].reshape(1, 1)
        return S, ALONE, Shared(NOTHING, (NOTHING[0], NOTHING[0]), (S[0], ALONE[0]))
    S = np.diag(v[rows]) if V is None else V[np.ix_(rows, rows)]
    R = 0.5 * (np.eye(m) + 1.0)
    if arms is None:
        shared = _shared_of_covariance(S)
    else:
        L, arm_v = arms[0][rows], arms[1][rows].max(axis=0)
        if np.any((L != 0) & (arms[1][rows] != arm_v)):
            raise ValueError(f"site {label}: arm variances must be the same in all rows of the site")
        R = 0.5 * L @ L.T
        shared = None
        if V is None:
            S = (L * arm_v) @ L.T
            shared = _shared_of_contrast(L, arm_v)
    scale = np.sqrt(np.diagonal(S))
    if m > 1 and np.linalg.eigvalsh(S / np.outer(scale, scale))[0] < 1e-10:
        raise ValueError(
            f"site {label}: the sampling covariance is not positive definite; "
            "a row may repeat another or be a combination of others"
        )
    return S, R, shared
