"""Many small analyses of numbers in one call: the arithmetic of `numbers`, without a Python loop over fits."""

from __future__ import annotations

import numpy as np
from scipy.interpolate import make_interp_spline
from scipy.special import ndtr

from .between import REACH
from .between import tau_prior as read_tau_prior
from .fit import infinite_moment
from .marginal import invert
from .numbers import LOG_2PI
from .priors import Refused, mu_priors

SCAN, STEP, STRETCH = 97, 0.2, 2.0
NOTHING = 1e-18


class Many:
    """Answers for B analyses of one average effect each.

    Attributes
    ----------
    mean, sd : (B,) arrays
        Of the average effect mu.
    tau_mean, tau_sd : (B,) arrays
    new_site_sd : (B,) array
        Of the effect at a new site (its mean is mu's).
    log_marginal_likelihood : (B,) array
        NaN where a prior is flat.
    """

    def __init__(self, w, tau, m, V, log_ml, position):
        self._w, self._tau, self._m, self._V, self._position = w, tau, m, V, position
        self.log_marginal_likelihood = log_ml
        self.mean = (w * m).sum(axis=1)
        spread = (m - self.mean[:, None]) ** 2
        self.sd = self._root(V + spread)
        self.new_site_sd = self._root(V + tau**2 + spread)
        self.tau_mean = (w * tau).sum(axis=1)
        self.tau_sd = self._root((tau - self.tau_mean[:, None]) ** 2)

    def _root(self, square):
        part = self._w * square
        out = np.sqrt(part.sum(axis=1))
        heavy = [infinite_moment(line) for line in part]
        return np.where(heavy, np.inf, out)

    def prob_above(self, c=0.0, new_site=False):
        """P(mu > c), or of the effect at a new site, (B,); c a number or one per analysis."""
        return self._above(np.broadcast_to(c, self.mean.shape), new_site)

    def quantile(self, q, new_site=False):
        """Quantile of mu, or of the effect at a new site, (B,); q a number or one per analysis."""
        # The outermost nodes of tau carry nothing, and would make the bracket astronomically wide.
        sd = np.where(self._w > NOTHING, np.sqrt(self._V + self._tau**2 * new_site), 0.0)
        low, high = (self._m - 38 * sd).min(axis=1), (self._m + 38 * sd).max(axis=1)
        return invert(lambda x: 1 - self._above(x, new_site), np.broadcast_to(q, low.shape), low, high)

    def _above(self, c, new_site):
        """P(quantity > c) for c (B, …)."""
        axes = (slice(None), *(None,) * (np.ndim(c) - 1))
        w, m, sd = self._w, self._m, np.sqrt(self._V + self._tau**2 * new_site)
        z = (m[axes] - np.asarray(c)[..., None]) / sd[axes]
        return np.einsum("b...t,b...t->b...", np.broadcast_to(w[axes], z.shape), ndtr(z))

    def tau_cdf(self, x):
        """P(tau <= x), (B,); x a number or one per analysis.

        On the nodes from the quintic spline of the density, between them by the cubic with its slopes.
        """
        last = self._w.shape[1] - 1
        below = make_interp_spline(np.arange(last + 1), self._w, k=5, axis=1).antiderivative()(np.arange(last + 1))
        at = np.clip(self._position(np.broadcast_to(np.asarray(x, dtype=float), len(self._w))), 0, last)
        line, k = np.arange(len(self._w)), np.minimum(at.astype(int), last - 1)
        s = at - k
        (low, high), (rise, end) = ((part[line, k], part[line, k + 1]) for part in (below, self._w))
        value = low + (high - low) * s * s * (3 - 2 * s) + s * (1 - s) * (rise * (1 - s) - end * s)
        return (value / below[:, -1]).clip(0.0, 1.0)


def pool_many(y, v, *, mu_prior=None, tau_prior):
    """Pool B analyses of at most k sites each: numbers, one row per site, one average effect.

    Parameters
    ----------
    y, v : (B, k) arrays
        Estimates and sampling variances; NaN in y where an analysis has fewer sites.
    mu_prior : None or (mean, sd)
    tau_prior : object with logpdf, or None for flat

    Returns
    -------
    Many

    Raises
    ------
    ValueError
        If shapes or variances are wrong, or the posterior of tau is improper in one of the analyses.

    Notes
    -----
    Röver (2020): conjugate given tau.
    """
    y, v = np.asarray(y, dtype=float), np.asarray(v, dtype=float)
    if y.ndim != 2 or y.shape != v.shape:
        raise ValueError(f"y and v must be of one shape (analyses, sites), not {y.shape} and {v.shape}")
    here = ~np.isnan(y)
    if not here.any(axis=1).all() or not (np.isfinite(v) & (v > 0))[here].all() or np.isinf(y).any():
        raise ValueError("every analysis needs a finite estimate with a positive variance")
    (prior_mu,), prior = mu_priors(mu_prior, 1), read_tau_prior(tau_prior)
    if prior_mu.density is not None or prior_mu.sd == 0 or prior.fixed is not None:
        raise ValueError("pool_many takes a flat or normal mu_prior and a tau_prior with a density; use pool")
    safe_y, safe_v = np.where(here, y, 0.0), np.where(here, v, 1.0)

    def solve(u):
        """Mean, variance and log density in u for u of shape (B, T)."""
        tau = prior.tau(u)
        w = here[:, None, :] / (safe_v[:, None, :] + tau[:, :, None] ** 2)
        total = w.sum(axis=2) + prior_mu.precision
        m = ((w * safe_y[:, None, :]).sum(axis=2) + prior_mu.precision * prior_mu.mean) / total
        quadratic = (w * (safe_y[:, None, :] - m[:, :, None]) ** 2).sum(axis=2)
        quadratic = quadratic + prior_mu.precision * (m - prior_mu.mean) ** 2
        with np.errstate(divide="ignore"):
            logs = np.where(here[:, None, :], np.log(w), 0.0).sum(axis=2)
        constant = np.log(prior_mu.precision) if prior_mu.proper else LOG_2PI
        log_ml = 0.5 * (logs - np.log(total) - quadratic + constant - here.sum(axis=1)[:, None] * LOG_2PI)
        return m, 1 / total, log_ml + prior.log_density(tau) + prior.log_jacobian(u)

    centre, width = _concentrate(solve, np.where(here, v, np.nan), prior)
    a = STRETCH * width[:, None]
    # All analyses get as many nodes as the narrowest posterior needs to reach both tails.
    t = np.arange(-1.0, 1.0 + 1e-9, 1 / np.ceil(np.arcsinh(REACH / a.min()) * STRETCH / STEP))
    t = t * np.arcsinh(REACH / a)
    u = centre[:, None] + a * np.sinh(t)
    m, V, value = solve(u)
    best = value.max(axis=1, keepdims=True)
    weight = np.exp(value - best) * a * np.cosh(t) * (t[:, 1] - t[:, 0])[:, None]
    total = weight.sum(axis=1, keepdims=True)
    weight /= total
    if (weight[:, -1] > 1e-6).any():
        raise Refused(
            f"analysis {int(np.argmax(weight[:, -1]))}: the posterior of tau is improper; give tau a proper prior"
        )
    proper = prior_mu.proper and prior.proper
    log_ml = (np.log(total) + best)[:, 0] if proper else np.full(len(y), np.nan)

    def position(tau):
        """Where tau lies between the nodes of its analysis, in steps from the first."""
        with np.errstate(divide="ignore"):
            return (np.arcsinh((prior.u(tau) - centre) / a[:, 0]) - t[:, 0]) / (t[:, 1] - t[:, 0])

    return Many(weight, prior.tau(u), m, V, log_ml, position)


def _concentrate(solve, v, prior):
    """Mean and sd of u per analysis, zooming in until the scan resolves the narrowest."""
    sizes = [np.sqrt(np.nanmin(v)), np.sqrt(np.nanmax(v)), *prior.scales()]
    low, high = np.log(min(sizes)) - 8.0, np.log(max(sizes)) + 8.0
    if np.isfinite(prior.upper):
        low, high = min(-12.0, low - np.log(prior.upper - prior.lower)), 12.0
    low, high = np.full(len(v), low), np.full(len(v), high)
    for _ in range(8):
        u = low[:, None] + (high - low)[:, None] * np.linspace(0, 1, SCAN)
        value = solve(u)[2]
        weight = np.exp(value - value.max(axis=1, keepdims=True))
        weight /= weight.sum(axis=1, keepdims=True)
        centre = (weight * u).sum(axis=1)
        width = np.sqrt((weight * (u - centre[:, None]) ** 2).sum(axis=1))
        step = (high - low) / (SCAN - 1)
        coarse = width < 1.5 * step
        if not coarse.any():
            break
        peak = u[np.arange(len(u)), value.argmax(axis=1)]
        low, high = np.where(coarse, peak - 6 * step, low), np.where(coarse, peak + 6 * step, high)
    return centre, np.maximum(width, step)
