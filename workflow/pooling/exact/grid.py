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
        """Log prior times quadrature weights: one array for tau and for each axis, to be added up."""
        priors, tau_prior = priors or self.priors, tau_prior or self.tau_prior
        p = len(self.axes)
        out = self.nodes.log_weight
        if self.nodes.rule is not None:
            out = out + tau_prior.log_density(self.tau) + self.tau_prior.log_jacobian(self.nodes.u)
        parts = [out.reshape((-1,) + (1,) * p)]
        for j, (axis, prior) in enumerate(zip(self.axes, priors)):
            shape = [1] * (p + 1)
            shape[j + 1] = -1
            parts.append((prior.log_density(axis.points) + np.log(axis.weights)).reshape(shape))
        return parts

    def weights(self, keep=None, priors=None, tau_prior=None):
        """Posterior weights on the grid (sum 1) and log marginal likelihood of the chosen sites."""
        chosen = range(len(self.sites)) if keep is None else keep
        value = added([*self.log_prior(priors, tau_prior), *(self.log_lik[i] for i in chosen)])
        best = value.max()
        if not np.isfinite(best):
            raise Refused("the likelihood vanishes everywhere on the grid: prior and data exclude each other")
        value -= best
        np.exp(value, out=value)
        total = value.sum()
        value /= total
        return value, float(np.log(total) + best)

    def edges(self, lines):
        """Largest probability at the end of an axis, from the probabilities along each."""
        return float(edge_mass(self.axes, self.priors, lines).max())

    def refinement(self, weights, lines):
        """Largest change when every other grid point is dropped: of a mean, in sds, or of the total."""
        thin, scale = weights, 1.0
        for j, axis in enumerate(self.axes):
            if axis.kind in ("even", "stretched"):
                index = [slice(None)] * weights.ndim
                index[j + 1] = slice(None, None, 2)
                thin, scale = thin[tuple(index)], 2.0 * scale
        halves = along(np.ascontiguousarray(thin))
        worst = abs(scale * halves[0].sum() - 1.0)
        for axis, full, half in zip(self.axes, lines, halves):
            if axis.kind in ("even", "stretched"):
                full, half = full.sum(axis=0), half.sum(axis=0)
                mean = full @ axis.points
                sd = np.sqrt(full @ (axis.points - mean) ** 2)
                worst = max(worst, abs(half @ axis.points[::2] / half.sum() - mean) / sd)
        return float(worst)

    def tau_error(self, per_node):
        """Last two terms of posterior over approximation, expanded in the tau rule's polynomials."""
        if self.nodes.rule is None:
            return 0.0
        terms = np.abs(self.nodes.basis @ per_node)
        return float(terms[-2:].max() / terms[0])


def added(parts):
    """Sum of arrays that broadcast together; small ones are added to each other before they meet a large one."""
    by_shape = {}
    for part in parts:
        by_shape[part.shape] = by_shape[part.shape] + part if part.shape in by_shape else part
    left = sorted(by_shape.values(), key=lambda part: part.size)
    out = np.zeros(np.broadcast_shapes(*by_shape))
    while len(left) > 1:
        small, uses = left[0], {k for k, size in enumerate(left[0].shape) if size > 1}
        fits = [i for i, other in enumerate(left[1:-1], 1) if uses <= {k for k, n in enumerate(other.shape) if n > 1}]
        if fits:
            left[fits[0]] = left[fits[0]] + small
        else:
            out += small
        left = left[1:]
    out += left[0]
    return out


def along(weights):
    """Probabilities along tau and each axis by itself: a list of (T, n_j), one for each of p axes."""
    lines = []
    for _ in range(weights.ndim - 1):
        # The last axis's line, then the last axis is summed out: every pass is shorter than the one before.
        lines.append(weights.reshape(weights.shape[0], -1, weights.shape[-1]).sum(axis=1))
        weights = weights.sum(axis=-1)
    return lines[::-1]


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
        edges = edge_mass(axes, priors, along(weights))
        if edges.max() < limit:
            return spans, tensors, weights
        spans = widen(spans, edges, limit)
    raise improper(edges)
