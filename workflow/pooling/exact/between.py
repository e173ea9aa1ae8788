"""The between-site standard deviation tau: its prior, a scale on which its posterior is smooth, and nodes.

tau is integrated on u, its logarithm (or logit, where the prior ends at a finite tau), stretched by sinh
so that both tails fall double-exponentially and the trapezoid rule converges geometrically (Takahasi and
Mori 1974).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, log_expit, ndtri

from pooling.priors import checked_density, known_tau

REACH = 36.0  # e^-36: what lies beyond carries no probability in double precision


@dataclass(frozen=True)
class TauPrior:
    """Prior of tau on its support; `fixed` where tau is known instead of estimated."""

    density: object
    lower: float
    upper: float
    fixed: float | None = None

    def log_density(self, tau):
        """Log prior density at tau, -inf outside the support; zero everywhere if flat."""
        if self.fixed is not None or self.density is None:
            return np.zeros(np.shape(tau))
        with np.errstate(divide="ignore"):
            out = np.asarray(self.density.logpdf(tau), dtype=float)
        if np.isnan(out).any():
            raise ValueError("tau_prior.logpdf gave NaN; it must be a log density for tau > 0")
        return out

    def tau(self, u):
        """Tau at u."""
        if np.isfinite(self.upper):
            return self.lower + (self.upper - self.lower) * expit(u)
        return self.lower + np.exp(u)

    def log_jacobian(self, u):
        """Log of dtau/du."""
        if np.isfinite(self.upper):
            return np.log(self.upper - self.lower) + log_expit(u) + log_expit(-u)
        return np.asarray(u, dtype=float)

    def u(self, tau):
        """Inverse of `tau`."""
        with np.errstate(divide="ignore"):
            if np.isfinite(self.upper):
                return np.log(tau - self.lower) - np.log(self.upper - tau)
            return np.log(tau - self.lower)

    @property
    def proper(self):
        """Whether the prior integrates to one."""
        return self.fixed is not None or self.density is not None

    def scales(self):
        """Typical sizes of tau under the prior, so that no prior is too narrow or wide to be found."""
        if np.isfinite(self.upper):
            return [self.upper - self.lower]
        quantile = getattr(self.density, "ppf", None)
        if quantile is None:
            return []
        found = np.asarray(quantile([0.05, 0.5, 0.95]), dtype=float) - self.lower
        return [float(size) for size in found if np.isfinite(size) and size > 0]


class HalfNormal:
    """The half-normal distribution, quicker than scipy's, which checks its arguments at every call."""

    def __init__(self, scale):
        self._scale, self._log_constant = scale, 0.5 * np.log(2 / np.pi) - np.log(scale)

    def logpdf(self, x):
        """Log density at x, not below zero."""
        return self._log_constant - 0.5 * (np.asarray(x) / self._scale) ** 2

    def ppf(self, q):
        """Quantiles."""
        return self._scale * ndtri(0.5 + 0.5 * np.asarray(q))


def _quick(density):
    if getattr(getattr(density, "dist", None), "name", "") != "halfnorm":
        return density
    _, location, scale = density.dist._parse_args(*density.args, **density.kwds)
    return density if location else HalfNormal(float(scale))


def tau_prior(given):
    """Read the caller's tau_prior: None (flat), a number (tau known) or an object with logpdf."""
    if given is None:
        return TauPrior(None, 0.0, np.inf)
    known = known_tau(given)
    if known is not None:
        return TauPrior(None, 0.0, np.inf, fixed=known)
    given = checked_density("tau_prior", given)
    lower, upper = (float(end) for end in given.support()) if hasattr(given, "support") else (0.0, np.inf)
    if lower < 0:
        # Cut off at zero it would no longer integrate to one, and marginal likelihoods would be wrong.
        raise ValueError(f"tau_prior begins at {lower:g}; tau is a standard deviation: take halfnorm, halfcauchy, ...")
    return TauPrior(_quick(given), lower, upper)


def concentrate(log_density, low, high, points=41):
    """Find where a density of u has its mass: zoom until its width spans several points.

    Parameters
    ----------
    log_density : callable
        Vectorised log density of u.
    low, high : float
        Range of the first scan.

    Returns
    -------
    centre, width : float
        Mean and standard deviation of u, as far as needed to place nodes.
    """
    for _ in range(60):
        u = np.linspace(low, high, points)
        value = log_density(u)
        best = np.nanmax(value)
        if not np.isfinite(best):
            raise ValueError("the posterior of tau vanishes everywhere: tau_prior and the data exclude each other")
        weight = np.exp(value - best)
        weight /= weight.sum()
        centre = float(weight @ u)
        width = float(np.sqrt(weight @ (u - centre) ** 2))
        step = u[1] - u[0]
        if width >= 1.5 * step:
            return centre, width
        peak = u[int(np.nanargmax(value))]
        low, high = peak - 3 * step, peak + 3 * step
    return centre, max(width, step)


def nodes(centre, width, step=0.34, stretch=2.0):
    """Nodes in u and their weights for du: trapezoid in t with u = centre + stretch·width·sinh(t)."""
    a = stretch * width
    h = step / stretch
    count = int(np.ceil(np.arcsinh(REACH / a) / h))
    t = h * np.arange(-count, count + 1)
    return centre + a * np.sinh(t), h * a * np.cosh(t)
