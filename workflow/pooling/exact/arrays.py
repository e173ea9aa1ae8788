"""Cut checked evidence into sites.

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


def _sources(rows, source, epsilon, log_q):
    """Rows with epsilon 0 stand alone; the others are told by their source, right or wrong together."""
    out = [((j,), 0.0, 0.0) for j, row in enumerate(rows) if epsilon[row] == 0]
    unsure = [j for j, row in enumerate(rows) if epsilon[row] > 0]
    for name in dict.fromkeys(source[rows[j]] for j in unsure):
        own = [j for j in unsure if source[rows[j]] == name]
        out.append((tuple(own), float(epsilon[rows[own[0]]]), float(sum(log_q[rows[j]] for j in own))))
    return tuple(out)


def cut(given):
    """Cut checked evidence into sites, in order of first appearance.

    Parameters
    ----------
    given : pooling.arrays.Evidence

    Raises
    ------
    ValueError
        If a site's rows repeat each other; the site is named.
    """
    numeric, told = given.numeric, given.telling  # an interval without bounds says nothing: no likelihood
    spread = given.kappa * np.sqrt(given.v)
    log_q = np.zeros(numeric.size)
    log_q[~numeric] = log_probability((given.lower / spread)[~numeric], (given.upper / spread)[~numeric])
    members = [[] for _ in given.sites]
    for row, i in enumerate(given.site.tolist()):
        members[i].append(row)
    sites = []
    for label, rows in zip(given.sites, members):
        rows = np.array(rows)
        S, R, shared = _covariance(label, rows, given)
        statements = told[rows].nonzero()[0]
        sites.append(
            Site(
                label,
                rows,
                given.X[rows],
                given.y[rows],
                given.lower[rows],
                given.upper[rows],
                S,
                R,
                numeric[rows].nonzero()[0],
                statements,
                shared,
                given.epsilon[rows],
                spread[rows],
                _sources(rows[statements].tolist(), given.source, given.epsilon, log_q),
            )
        )
    return sites


def _covariance(label, rows, given):
    m, arms = rows.size, given.contrast
    if m == 1 and arms is None:
        S = given.v[rows].reshape(1, 1)
        return S, ALONE, Shared(NOTHING, (NOTHING[0], NOTHING[0]), (S[0], ALONE[0]))
    S = np.diag(given.v[rows]) if given.V is None else given.V[np.ix_(rows, rows)]
    R = 0.5 * (np.eye(m) + 1.0)
    if arms is None:
        shared = _shared_of_covariance(S)
    else:
        L, arm_v = arms[0][rows], arms[1][rows].max(axis=0)
        R = 0.5 * L @ L.T
        shared = None
        if given.V is None:
            S = (L * arm_v) @ L.T
            shared = _shared_of_contrast(L, arm_v)
    scale = np.sqrt(np.diagonal(S))
    if m > 1 and np.linalg.eigvalsh(S / np.outer(scale, scale))[0] < 1e-10:
        raise ValueError(
            f"site {label}: the sampling covariance is not positive definite; "
            "a row may repeat another or be a combination of others"
        )
    return S, R, shared
