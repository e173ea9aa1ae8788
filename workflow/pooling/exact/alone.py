"""Likelihood of many sites of one row each, one average effect: the arithmetic of `sites`, all at once."""

from __future__ import annotations

import numpy as np

from .interval import LOG_2PI, log_probability, probability
from .sites import log_likelihood

TOGETHER = 64  # sites, so that memory does not grow with their number
FAINT = 1e-200  # below this a probability is taken from its logarithm


def log_likelihoods(sites, tau, mu, *, tails=True):
    """Log likelihood of every site on tau (T,) and mu (n,): yields ((sites, T, n) array, their positions).

    Parameters
    ----------
    sites : list of Site
        With one coefficient. Those of several rows come one by one.
    tails : bool
        See `pooling.exact.sites.log_likelihood`.
    """
    single = [i for i, site in enumerate(sites) if site.rows.size == 1]
    for start in range(0, len(single), TOGETHER):
        chosen = single[start : start + TOGETHER]
        yield _alone([sites[i] for i in chosen], tau, mu), chosen
    for i, site in enumerate(sites):
        if site.rows.size > 1:
            value = log_likelihood(site, tau, [mu], tails=tails)
            yield np.broadcast_to(value, (tau.size, mu.size))[None], [i]


def _alone(sites, tau, mu):
    """Log likelihood (sites, T, n) of sites of one row."""
    x, S, R, y, lower, upper, eps = (
        np.concatenate([getattr(site, name) for site in sites]).reshape(-1)
        for name in ("X", "S", "R", "y", "lower", "upper", "epsilon")
    )
    variance = S[:, None, None] + R[:, None, None] * tau[:, None] ** 2
    centre = (x[:, None] * mu)[:, None, :]
    out = np.zeros((len(sites), tau.size, mu.size))
    known, told = ~np.isnan(y), np.array([site.statements.size > 0 for site in sites])
    if known.any():
        off = y[known, None, None] - centre[known]
        out[known] = -0.5 * (off * off / variance[known] + np.log(variance[known]) + LOG_2PI)
    if told.any():
        sd = np.sqrt(variance[told])
        low, high = ((bound[told, None, None] - centre[told]) / sd for bound in (lower, upper))
        log_q = np.array([site.sources[0][2] for site in sites if site.sources])
        out[told] = _mixture(low, high, eps[told, None, None], log_q[:, None, None])
    return out


def _mixture(low, high, eps, log_q):
    """log((1 - eps) P(low < Z < high) + eps q)."""
    p = probability(low, high)
    with np.errstate(divide="ignore"):
        out = np.log((1 - eps) * p + eps * np.exp(log_q))
    faint = p < FAINT
    if faint.any():
        # Only without doubt: the floor eps q leaves nothing faint.
        faint &= eps == 0
        out[faint] = log_probability(low[faint], high[faint])
    return out
