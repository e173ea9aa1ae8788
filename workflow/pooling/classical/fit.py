"""Weighted least squares at a given τ², in a form that keeps its digits over many orders of magnitude."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pooling.classical.data import Whitened


@dataclass(frozen=True)
class Fit:
    """One fit at a given τ².

    Attributes
    ----------
    b, cov
        Coefficients (p,) and their covariance (p, p).
    q
        Generalised Q: y'Py.
    ypp
        y'PPy, minus the derivative of `q`.
    trace
        Trace of P; with `w_sum` (trace of the weights) what the scores of REML and ML need.
    log_reml, log_ml
        Log-likelihoods without their constants.
    """

    b: np.ndarray
    cov: np.ndarray
    q: float
    ypp: float
    trace: float
    w_sum: float
    log_reml: float
    log_ml: float


def at(data: Whitened, tau2: float) -> Fit:
    """Fit by weights 1 / (d + τ²)."""
    w = 1 / (data.d + tau2)
    root = np.sqrt(w)
    Q, R = np.linalg.qr(root[:, None] * data.X)
    inverse = np.linalg.inv(R)
    b = inverse @ (Q.T @ (root * data.y))
    # Twice: the second pass removes what cancellation left over where one row outweighs all others.
    e = root * (data.y - data.X @ b)
    more = Q.T @ e
    b, e = b + inverse @ more, e - Q @ more
    log_w = float(np.sum(np.log(w)))
    q = float(e @ e)
    return Fit(
        b=b,
        cov=inverse @ inverse.T,
        q=q,
        ypp=float(w @ e**2),
        trace=float(w @ _off_leverage(Q)),
        w_sum=float(w.sum()),
        log_reml=0.5 * log_w - float(np.sum(np.log(np.abs(np.diag(R))))) - 0.5 * q,
        log_ml=0.5 * log_w - 0.5 * q,
    )


def _off_leverage(Q: np.ndarray) -> np.ndarray:
    """One minus the leverage of each row, also where the leverage is 1 but for the last digits."""
    leverage = np.sum(Q**2, axis=1)
    off = 1 - leverage
    for i in np.flatnonzero(leverage > 0.5):
        # I - QQ' is idempotent, so its column i has squared length 1 - h: the other rows give h(1 - h).
        others = np.delete(Q @ Q[i], i)
        off[i] = others @ others / leverage[i]
    return off
