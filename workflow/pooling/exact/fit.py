"""What every fit offers, whichever engine made it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .marginal import Table


@dataclass(frozen=True)
class Accuracy:
    """How accurate a fit is.

    Attributes
    ----------
    engine : str
        ``numbers`` (conjugate given tau) or ``grid``.
    effective_points : float
        1 / sum of squared weights of the grid points: how many carry the posterior.
    edge_mass : float
        Largest probability at an end of a grid axis.
    step_check : float
        Change when every other grid point is dropped: of a mean, in posterior sds, or of the total.
    tau_check : float
        Relative size of what the tau nodes leave unresolved.
    error : float
        Stated error of means and standard deviations (in units of the sd) and of probabilities. The
        trapezoid rule converges geometrically: with twice the points the relative error is squared. So: the
        square of the step check, the tau check or the edge mass, whichever is largest.
    """

    engine: str
    effective_points: float
    edge_mass: float
    step_check: float
    tau_check: float

    @property
    def error(self):
        """Stated error, see above."""
        return max(self.step_check**2, self.edge_mass, self.tau_check, 1e-9)


class Fit:
    """Posterior of a pooled analysis.

    Attributes
    ----------
    mu : Marginals
        Average effect per coefficient (a single set of plain numbers where no design X was given).
    tau : Marginal
        Between-site standard deviation.
    theta : Marginals
        Site effect of every row.
    new_site : Marginals
        Effect at a new site, for each coefficient by itself.
    accuracy : Accuracy
    sites : list
        Site labels in order of first appearance.
    """

    def contrast(self, x):
        """Marginal posterior of x'mu; x has one weight per coefficient."""
        x = self._weights(x)
        return self._linear(x, predictive=False)

    def new_site_at(self, x):
        """Marginal predictive distribution of the effect of design x at a new site, N(x'mu, tau^2)."""
        x = self._weights(x)
        return self._linear(x, predictive=True)

    def _weights(self, x):
        x = np.atleast_1d(np.asarray(x, dtype=float))
        if x.shape != (self.n_coefficients,) or not np.isfinite(x).all():
            raise ValueError(f"give one finite weight per coefficient ({self.n_coefficients})")
        return x

    @property
    def log_marginal_likelihood(self):
        """Log marginal likelihood.

        Raises
        ------
        ValueError
            With a flat prior, under which it is defined only up to a constant.
        """
        if not self._proper:
            raise ValueError("the marginal likelihood needs proper priors for mu and tau; a flat one has no scale")
        return self._log_ml


def infinite_moment(contributions):
    """Whether a sum over tau nodes, ordered by tau, has not died out at its last node."""
    total = contributions.sum()
    return bool(total > 0 and contributions[-1] > 1e-6 * total)


def tau_table(prior, centre, scale, u, weight):
    """Marginal of tau from probabilities on nodes u = centre + scale·sinh(t)."""
    tau = prior.tau(u)
    mean = np.inf if infinite_moment(weight * tau) else weight @ tau
    sd = np.inf if infinite_moment(weight * tau**2) else np.sqrt(max(weight @ tau**2 - mean**2, 0.0))
    keep = np.flatnonzero(weight > 1e-17)
    keep = slice(max(keep[0] - 3, 0), keep[-1] + 4)
    t = np.arcsinh((u[keep] - centre) / scale)

    def forward(t):
        return prior.tau(centre + scale * np.sinh(t))

    def backward(x):
        span = np.clip(x, prior.lower, prior.upper)
        return np.arcsinh((prior.u(span) - centre) / scale)

    return Table(t, weight[keep], mean, sd, forward, backward)
