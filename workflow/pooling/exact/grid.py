"""Statements, mixed evidence, or priors that are not normal: a tensor grid over mu and tau.

Gauss nodes for tau (made from an approximation of its posterior), trapezoid points per coefficient. The
likelihood of every site is kept on the grid, so that another subset of sites or another prior costs only a
sum and a normalisation.
"""

from __future__ import annotations

import numpy as np

from .place import COARSE_TAU, WIDENINGS, approximate, edge_mass, improper, sharpest, tau_nodes, tighten, widen
from .priors import Refused
from .sites import log_likelihood

MOST_POINTS = 6_000_000
# Even points per axis for so many coefficients, before an axis is stretched: final grid, coarse look.
MOST_EVEN = {1: (12_000, 24), 2: (250, 40), 3: (72, 20)}


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

    def __init__(self, sites, priors, tau_prior, axes, nodes):
        self.sites, self.priors, self.tau_prior = sites, priors, tau_prior
        self.axes, self.nodes, self.tau = axes, nodes, nodes.tau
        shape = [axis.points.size for axis in axes]
        if self.tau.size * np.prod(shape, dtype=float) > MOST_POINTS:
            raise Refused(
                f"the grid would need {self.tau.size} x {' x '.join(map(str, shape))} points; "
                "use fewer coefficients, tighter priors or pooling.model"
            )
        points = [axis.points for axis in axes]
        self.log_lik = [log_likelihood(site, self.tau, points) for site in sites]

    def log_prior(self, priors=None, tau_prior=None):
        """Log prior times quadrature weights on the grid, (T, n_1, …, n_p)."""
        priors, tau_prior = priors or self.priors, tau_prior or self.tau_prior
        p = len(self.axes)
        out = self.nodes.log_weight
        if self.nodes.rule is not None:
            out = out + tau_prior.log_density(self.tau) + self.tau_prior.log_jacobian(self.nodes.u)
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

    def weights(self, keep=None, priors=None, tau_prior=None):
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
        """Largest probability at the end of an axis."""
        return float(edge_mass(self.axes, self.priors, weights).max())

    def refinement(self, weights):
        """Largest change when every other grid point is dropped: of a mean, in sds, or of the total."""
        thin, scale = weights, 1.0
        for j, axis in enumerate(self.axes):
            if axis.kind in ("even", "stretched"):
                index = [slice(None)] * weights.ndim
                index[j + 1] = slice(None, None, 2)
                thin, scale = thin[tuple(index)], 2.0 * scale
        worst = abs(scale * thin.sum() - 1.0)
        for j, axis in enumerate(self.axes):
            if axis.kind in ("even", "stretched"):
                other = tuple(k for k in range(weights.ndim) if k != j + 1)
                full, half = weights.sum(axis=other), thin.sum(axis=other)
                mean = full @ axis.points
                sd = np.sqrt(full @ (axis.points - mean) ** 2)
                worst = max(worst, abs(half @ axis.points[::2] / half.sum() - mean) / sd)
        return float(worst)

    def tau_error(self, weights):
        """Last two terms of posterior over approximation, expanded in the tau rule's polynomials."""
        if self.nodes.rule is None:
            return 0.0
        per_node = weights.reshape(weights.shape[0], -1).sum(axis=1)
        terms = np.abs(self.nodes.basis @ per_node)
        return float(terms[-2:].max() / terms[0])


def place(sites, priors, tau_prior, tau_points, fineness=1.0, room=1.0):
    """Tensors on a grid that holds the posterior of these sites and resolves it.

    `fineness` below 1 shortens the steps; `room` below 1 pushes out the ends, for wider posteriors to come.

    Returns
    -------
    SiteTensors
    """
    # One coefficient is cheap: take more points than needed. Several: as many as four digits need.
    p = len(priors)
    step, lost = (0.35, 1e-10) if p == 1 else (0.8, 1e-9)
    most, coarse = MOST_EVEN.get(p, (24, 11))
    lost *= room
    rule, spans = approximate(sites, priors, tau_prior)
    spans, look, weights = _spread(
        sites, priors, tau_prior, spans, tau_nodes(rule, tau_prior, COARSE_TAU), coarse, 30 * lost
    )
    spans = tighten(look.axes, spans, weights, step * fineness, lost, sharpest(sites, p))
    _, tensors, _ = _spread(sites, priors, tau_prior, spans, tau_nodes(rule, tau_prior, tau_points), most, 30 * lost)
    return tensors


def _spread(sites, priors, tau_prior, spans, nodes, most, limit):
    """Tensors on these spans, widened until no probability is left at their ends."""
    for _ in range(WIDENINGS):
        axes = [span.axis(prior, most) for span, prior in zip(spans, priors)]
        tensors = SiteTensors(sites, priors, tau_prior, axes, nodes)
        weights, _ = tensors.weights()
        edges = edge_mass(axes, priors, weights)
        if edges.max() < limit:
            return spans, tensors, weights
        spans = widen(spans, edges, limit)
    raise improper(edges)
