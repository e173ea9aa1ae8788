"""Nodes for tau on the grid: where they lie, what they weigh, and tau's posterior from the probabilities on them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.interpolate import make_interp_spline

from .between import TauPrior, nodes
from .fit import tau_table
from .locate import TauRule
from .marginal import Point

FINE = 240  # points at which tau's posterior density is tabulated
DEEP = 24.0  # nodes at which the log density is so far below its maximum are left out


@dataclass(frozen=True)
class KnownTau:
    """The one value of a tau that is known."""

    prior: TauPrior
    u = None

    @property
    def tau(self):
        """The value, (1,)."""
        return np.array([self.prior.fixed])

    def log_prior(self, prior):
        """Log of prior times quadrature weight, (1,)."""
        return np.zeros(1)

    def error(self, per_tau):
        """Nothing is left unresolved."""
        return 0.0

    def marginal(self, per_tau):
        """Posterior of tau."""
        return Point(self.prior.fixed)


class _Nodes:
    """What rules with several nodes have in common: `prior`, `tau`, `u`, and `log_weight` for du."""

    def log_prior(self, prior):
        """Log of prior times quadrature weight, (T,), under a prior with the support of that of the nodes."""
        return self.log_weight + prior.log_density(self.tau) + self.prior.log_jacobian(self.u)


@dataclass(frozen=True)
class GaussNodes(_Nodes):
    """Gauss nodes made from an approximate density: few, for where a node is dear."""

    rule: TauRule
    tau: np.ndarray
    u: np.ndarray
    log_weight: np.ndarray
    basis: np.ndarray

    @classmethod
    def of(cls, rule, count):
        """So many nodes of a rule."""
        tau, u, log_weight, basis = rule.nodes(count)
        return cls(rule, tau, u, log_weight, basis)

    @property
    def prior(self):
        """Prior that the rule was made with."""
        return self.rule.prior

    def error(self, per_tau):
        """Last two terms of posterior over approximation, expanded in the rule's polynomials."""
        terms = np.abs(self.basis @ per_tau)
        return float(terms[-2:].max() / terms[0])

    def marginal(self, per_tau):
        """Posterior of tau: the rule's density, improved by the probabilities on its nodes."""
        # Where there is no probability the ratio may be anything and would only spoil the interpolation.
        known = np.flatnonzero(per_tau > 1e-10)
        u = self.u[known]
        rule = self.rule.corrected(u, np.log(per_tau[known]) - self.log_weight[known] - self.rule.density(u))
        value = rule.density(rule.fine_u)
        weight = np.exp(value - value.max()) * rule.fine_du
        return tau_table(rule.prior, rule.centre, rule.scale, rule.fine_u, weight / weight.sum())


@dataclass(frozen=True)
class EvenNodes(_Nodes):
    """Nodes evenly spaced on t, u = centre + scale sinh(t): more than Gauss needs, but nothing to prepare."""

    prior: TauPrior
    centre: float
    scale: float
    u: np.ndarray
    du: np.ndarray

    @classmethod
    def between(cls, prior, centre, width, low, high, step):
        """Nodes around a posterior of u with this centre and width, from low to high."""
        u, du = nodes(centre, width, step)
        inside = (u >= low) & (u <= high)
        return cls(prior, centre, 2.0 * width, u[inside], du[inside])

    @property
    def tau(self):
        """Values of tau, (T,)."""
        return self.prior.tau(self.u)

    @property
    def log_weight(self):
        """Log of the weights for du, (T,)."""
        return np.log(self.du)

    def error(self, per_tau):
        """Square of the change when every other node is dropped, or the probability at an end."""
        t = np.arange(per_tau.size)
        centre = per_tau @ t
        spread = np.sqrt(per_tau @ (t - centre) ** 2)
        half = per_tau[::2]
        change = max(abs(2 * half.sum() - 1), abs(half @ t[::2] / half.sum() - centre) / spread)
        return float(max(change**2, per_tau[0], per_tau[-1]))

    def marginal(self, per_tau):
        """Posterior of tau: the spline of the log density on the nodes."""
        t = np.arcsinh((self.u - self.centre) / self.scale)
        with np.errstate(divide="ignore"):
            value = np.log(per_tau)
        spline = make_interp_spline(t, np.maximum(value, value.max() - 600.0), k=min(5, t.size - 1))
        fine = np.linspace(t[0], t[-1], FINE)
        weight = np.exp(spline(fine) - value.max())
        return tau_table(
            self.prior, self.centre, self.scale, self.centre + self.scale * np.sinh(fine), weight / weight.sum()
        )
