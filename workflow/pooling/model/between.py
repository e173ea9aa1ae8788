"""How site effects vary between sites: every structure the model knows is R * (Z T Z')."""

from __future__ import annotations

import numpy as np
import pymc as pm
import pytensor.tensor as pt

#: rows: one tau for every contrast of a site's arms (the default, R = (I + 11') / 2 for arms v control)
#: components: effects of components vary, one tau; combination arms vary as the sum of their components
#: each_component: as components, every component with its own tau, correlation 1/2
#: free: as components, own taus and their correlation unknown (LKJ)
#: outcomes: as rows, every outcome with its own tau, outcomes correlated (LKJ)
STRUCTURES = ("rows", "components", "each_component", "free", "outcomes")


def structure(kind: str, rows, outcome=None) -> tuple[np.ndarray, np.ndarray]:
    """R (n, n) and Z (n, q) of a structure.

    Parameters
    ----------
    kind
        One of `STRUCTURES`.
    rows
        Checked evidence.
    outcome
        (n,) position of each row's outcome, for "outcomes".
    """
    n = len(rows.y)
    if kind == "rows":
        return rows.spread, np.ones((n, 1))
    if kind == "outcomes":
        return rows.spread, np.eye(outcome.max() + 1)[outcome]
    same_site = (rows.site[:, None] == rows.site[None, :]).astype(float)
    return same_site, rows.X


def exchangeable(q: int) -> np.ndarray:
    """(q, q) correlation 1/2 everywhere: any two effects differ as much as each differs from none."""
    return (np.eye(q) + 1.0) / 2.0


def covariance_variable(kind: str, q: int, tau):
    """T (q, q), with the variables it needs beside tau (one for rows and components, q for the others).

    References
    ----------
    Lewandowski, Kurowicka and Joe (2009), Journal of Multivariate Analysis 100, for the prior of a free
    correlation; it is uniform over correlation matrices (eta = 1).
    """
    if kind in ("rows", "components"):
        return tau**2 * exchangeable(q)
    if kind == "each_component" or q == 1:
        return pt.outer(tau, tau) * exchangeable(q)
    root = pm.LKJCorr("correlation_root", n=q, eta=1.0)
    correlation = pm.Deterministic("correlation", root @ root.T)
    return pt.outer(tau, tau) * correlation


def covariance_draws(kind: str, q: int, tau: np.ndarray, others) -> np.ndarray:
    """T (d, q, q) for d draws of tau, and of the correlation where that is unknown."""
    tau = tau.reshape(len(tau), -1)
    unknown = kind in ("free", "outcomes") and q > 1
    return tau[:, :, None] * tau[:, None, :] * (others["correlation"] if unknown else exchangeable(q))


def examples(kind: str, q: int, reach: float):
    """Values of T that span what a fit may meet, from none to `reach` (a standard deviation)."""
    taus = np.concatenate([[0.0], np.geomspace(reach / 1e4, reach, 15)])
    if kind in ("rows", "components"):
        return [tau**2 * exchangeable(q) for tau in taus]
    rng = np.random.default_rng(0)
    out = [np.zeros((q, q))]
    for tau in taus[1:]:
        each = tau * rng.uniform(0.05, 1.0, q)
        root = np.linalg.qr(rng.normal(size=(q, q)))[0] * rng.uniform(0.2, 1.0, q)
        free = root @ root.T
        scale = np.sqrt(np.diag(free))
        correlation = exchangeable(q) if kind == "each_component" else free / np.outer(scale, scale)
        out.append(correlation * np.outer(each, each))
    return out
