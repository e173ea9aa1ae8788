"""Statements, mixed evidence, or priors that are not normal: a tensor grid over mu and tau.

Gauss nodes for tau (made from an approximation of its posterior), trapezoid points per coefficient. The
likelihood of every site is kept on the grid, so that another subset of sites or another prior costs only a
sum and a normalisation.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .axes import known_axis, make_axis
from .locate import tau_rule
from .sites import log_likelihood

MOST_POINTS = 6_000_000
WIDENINGS = 8


class Refused(ValueError):
    """The posterior is improper, or the grid cannot resolve it."""


@dataclass(frozen=True)
class MuPrior:
    """Prior of one coefficient: normal (sd 0 = known, sd inf = flat) or an object with logpdf."""

    mean: float
    sd: float
    density: object = None

    def log_density(self, x):
        if self.density is not None:
            with np.errstate(divide="ignore"):
                return np.asarray(self.density.logpdf(x), dtype=float)
        if self.sd == 0 or np.isinf(self.sd):
            return np.zeros(np.shape(x))
        return -0.5 * ((x - self.mean) / self.sd) ** 2 - np.log(self.sd * np.sqrt(2 * np.pi))

    @property
    def bounds(self):
        if self.density is not None and hasattr(self.density, "support"):
            return tuple(float(end) for end in self.density.support())
        return (-np.inf, np.inf)

    @property
    def precision(self):
        return 0.0 if np.isinf(self.sd) else np.inf if self.sd == 0 else self.sd**-2.0


@dataclass(frozen=True)
class TauNodes:
    """Fixed or Gauss nodes for tau; log_weight includes everything but prior, jacobian and likelihood."""

    tau: np.ndarray
    log_weight: np.ndarray
    rule: object


class SiteTensors:
    """Likelihood of every site on one grid: re-use it for subsets, left-out sites and other priors.

    Attributes
    ----------
    axes : list of Axis
    tau : (T,) array
    log_lik : list of arrays (T, n_1 or 1, …, n_p or 1), one per site

    `posterior(sites, mu_prior, tau_prior)` normalises any combination. The grid is placed for the sites and
    priors given here: other priors should not be much wider than these (the edge check of the result tells).
    """

    def __init__(self, sites, priors, tau_prior, *, tau_points=None, fineness=1.0, reach=6.0):
        self.sites, self.priors, self.tau_prior = sites, priors, tau_prior
        self._fineness, self._reach = fineness, reach
        p = len(priors)
        self._tau_points = tau_points or (16 if p == 1 else 10)
        self._place()
        self._evaluate()

    def _place(self):
        mean, precision = self._normal_prior()
        if self.tau_prior.fixed is not None:
            from .locate import propagate
            tau = np.array([self.tau_prior.fixed])
            found, relative = propagate(self.sites, tau, mean, precision), np.ones(1)
            self.nodes = TauNodes(tau, np.zeros(1), None)
        else:
            rule, found, relative, _ = tau_rule(self.sites, self.tau_prior, mean, precision, self._tau_points)
            self.nodes = TauNodes(rule.tau, rule.log_weight, rule)
        self.tau = self.nodes.tau
        used = relative > 1e-6 * relative.max()
        core = relative > 0.02 * relative.max()
        sd = np.sqrt(np.diagonal(found.cov, axis1=1, axis2=2))
        conditional = 1 / np.sqrt(np.diagonal(np.linalg.inv(found.cov), axis1=1, axis2=2))
        best = int(np.argmax(relative))
        unsure = any(eps for site in self.sites for _, eps, _ in site.sources)
        self._spec = []
        for j, prior in enumerate(self.priors):
            low = (found.mean[used, j] - self._reach * sd[used, j]).min()
            high = (found.mean[used, j] + self._reach * sd[used, j]).max()
            if unsure and np.isfinite(prior.sd):
                low, high = (min(low, prior.mean - 6 * prior.sd), max(high, prior.mean + 6 * prior.sd))
            width = conditional[core, j].min()
            step = (0.35 if len(self.priors) == 1 else 0.72) * self._fineness * width
            self._spec.append([found.mean[best, j], sd[core, j].min(), low, high, step])

    def _normal_prior(self):
        """Normal stand-ins for the priors, for the locator only."""
        size = max(max(np.abs(part[np.isfinite(part)]).max(initial=0.0) for part in (s.y, s.lower, s.upper))
                   + np.sqrt(np.diagonal(s.S).max()) for s in self.sites)
        wide = 1e3 * size / max(np.abs(np.concatenate([s.X for s in self.sites])).max(), 1e-300)
        mean, sd = np.zeros(len(self.priors)), np.full(len(self.priors), wide)
        for j, prior in enumerate(self.priors):
            if np.isfinite(prior.mean):
                mean[j] = prior.mean
            if np.isfinite(prior.sd):
                sd[j] = max(prior.sd, 1e-9 * wide)
        return mean, sd**-2.0

    def _evaluate(self):
        self.axes = []
        for prior, (centre, core, low, high, step) in zip(self.priors, self._spec):
            self.axes.append(known_axis(prior.mean) if prior.sd == 0 and prior.density is None
                             else make_axis(centre, core, low, high, step, prior.bounds,
                                            400 if len(self.priors) == 1 else 33))
        shape = [axis.points.size for axis in self.axes]
        if self.tau.size * np.prod(shape) > MOST_POINTS:
            raise Refused(f"the grid would need {self.tau.size} x {' x '.join(map(str, shape))} points; "
                          "use fewer coefficients, tighter priors or pooling.model")
        points = [axis.points for axis in self.axes]
        self.log_lik = [log_likelihood(site, self.tau, points) for site in self.sites]

    def log_prior(self, priors=None, tau_prior=None):
        """Log prior times quadrature weights on the grid, (T, n_1, …, n_p)."""
        priors, tau_prior = priors or self.priors, tau_prior or self.tau_prior
        p = len(self.axes)
        out = self.nodes.log_weight
        if self.nodes.rule is not None:
            out = out + tau_prior.log_density(self.tau) + self.tau_prior.log_jacobian(self.nodes.rule.u)
        out = out.reshape((-1,) + (1,) * p)
        for j, (axis, prior) in enumerate(zip(self.axes, priors)):
            shape = [1] * (p + 1)
            shape[j + 1] = -1
            out = out + (prior.log_density(axis.points) + np.log(axis.weights)).reshape(shape)
        return out

    def total(self, keep=None):
        """Sum of the sites' log likelihoods; `keep` picks sites by position."""
        chosen = range(len(self.sites)) if keep is None else keep
        return sum((self.log_lik[i] for i in chosen), np.zeros((1,) * (len(self.axes) + 1)))

    def weights(self, keep=None, priors=None, tau_prior=None, less=None):
        """Posterior weights on the grid (sum 1) and log marginal likelihood of the chosen sites."""
        value = self.log_prior(priors, tau_prior) + self.total(keep)
        best = value.max()
        if not np.isfinite(best):
            raise Refused("the likelihood vanishes everywhere on the grid: prior and data exclude each other")
        np.exp(value - best, out=value)
        total = value.sum()
        value /= total
        return value, float(np.log(total) + best)

    def edges(self, weights):
        """Probability at the first and last point of every axis that could still be widened, (p, 2)."""
        out = np.zeros((len(self.axes), 2))
        for j, (axis, prior) in enumerate(zip(self.axes, self.priors)):
            if axis.kind == "known":
                continue
            line = weights.sum(axis=tuple(k for k in range(weights.ndim) if k != j + 1))
            for side, end in ((0, 0), (1, -1)):
                if axis.kind != "ends" or axis.bounds[side] != prior.bounds[side]:
                    out[j, side] = line[end]
        return out

    def settle(self, limit=1e-7):
        """Widen the axes until no probability is left at their ends; refuse where it never vanishes."""
        for _ in range(WIDENINGS):
            weights, log_ml = self.weights()
            edges = self.edges(weights)
            if edges.max() < limit:
                return weights, log_ml
            for j, side in zip(*np.nonzero(edges >= limit)):
                centre, _, low, high, _ = self._spec[j]
                if side == 0:
                    self._spec[j][2] = centre - 1.7 * (centre - low)
                else:
                    self._spec[j][3] = centre + 1.7 * (high - centre)
            self._evaluate()
        if edges.max() > 1e-4:
            raise Refused("the posterior of mu does not die out: the evidence does not bound it on both sides; "
                          "give mu a proper prior")
        return self.weights()

    def refinement(self, weights):
        """Shift of the coefficients' means, in sds, when every other grid point is dropped; and the tau check."""
        thin = weights
        for j, axis in enumerate(self.axes):
            if axis.kind in ("even", "stretched"):
                index = [slice(None)] * weights.ndim
                index[j + 1] = slice(None, None, 2)
                thin = thin[tuple(index)]
        worst = 0.0
        for j, axis in enumerate(self.axes):
            if axis.kind in ("even", "stretched"):
                other = tuple(k for k in range(weights.ndim) if k != j + 1)
                full, half = weights.sum(axis=other), thin.sum(axis=other)
                mean = full @ axis.points
                sd = np.sqrt(full @ (axis.points - mean) ** 2)
                worst = max(worst, abs(half @ axis.points[::2] / half.sum() - mean) / sd)
        return float(worst)

    def tau_error(self, weights):
        """Size of the last two terms of the posterior-to-approximation ratio, expanded in the rule's polynomials."""
        rule = self.nodes.rule
        if rule is None:
            return 0.0
        per_node = weights.reshape(weights.shape[0], -1).sum(axis=1)
        terms = np.abs(rule.basis @ per_node)
        return float(terms[-2:].max() / terms[0])
