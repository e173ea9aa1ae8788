"""Statements, mixed evidence, or priors that are not normal: a tensor grid over mu and tau.

Gauss nodes for tau (made from an approximation of its posterior), trapezoid points per coefficient. The
likelihood of every site is kept on the grid, so that another subset of sites or another prior costs only a
sum and a normalisation.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

import numpy as np

from .alone import log_likelihoods
from .look import can_look, look
from .place import COARSE_TAU, WIDENINGS, approximate, edge_mass, improper, refined, sharpest, tighten, widen
from .priors import Refused
from .sites import log_likelihood
from .tau_nodes import GaussNodes, KnownTau

MOST_POINTS = 6_000_000
# Step in sds, and probability cut off at either end, for so many coefficients. One is cheap: take more points than
# needed. Several: as many as four digits need.
FINEST = {1: (0.35, 1e-10), 2: (0.7, 1e-8)}
CACHED = 32_768  # grid points, a quarter of a megabyte, that are worked on at a time
TAU_STEP = 5.5  # of nodes that are evenly spaced, times the number of Gauss nodes in their place
STRETCHED = 30  # for one coefficient, where no statement is sharper than the posterior
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
        if len(points) == 1:
            self.log_lik = [None] * len(sites)
            for values, chosen in log_likelihoods(sites, self.tau, points[0]):
                for i, value in zip(chosen, values):
                    self.log_lik[i] = value
        else:
            self.log_lik = [log_likelihood(site, self.tau, points) for site in sites]

    @cached_property
    def _together(self):
        """Log likelihood of all sites, one array a shape; None where a point is impossible for some site."""
        whole = _of_one_shape(merged(self.log_lik))
        return whole if all(np.isfinite(part).all() for part in self.log_lik) else None

    @cached_property
    def _all_and_prior(self):
        """Log likelihood of all sites and log prior, from which a left-out site is only taken away."""
        return merged([*self._own_log_prior, *self._together])

    def _likelihood(self, keep):
        """Arrays to add up and arrays to take away for the log likelihood of the chosen sites, as few as can be."""
        if keep is None:
            return self.log_lik, []
        without = set(range(len(self.sites))) - set(keep)
        if len(without) >= len(keep) or self._together is None:
            return [self.log_lik[i] for i in keep], []
        return self._together, [self.log_lik[i] for i in sorted(without)]

    @cached_property
    def _own_log_prior(self):
        return self._log_prior(self.priors, self.tau_prior)

    def _parts(self, keep, priors, tau_prior):
        """Arrays to add up and arrays to take away for the log posterior."""
        added, taken = self._likelihood(keep)
        if priors not in (None, self.priors) or tau_prior not in (None, self.tau_prior):
            return [*self._log_prior(priors or self.priors, tau_prior or self.tau_prior), *added], taken
        return (self._all_and_prior if taken else [*self._own_log_prior, *added]), taken

    def _log_prior(self, priors, tau_prior):
        p = len(self.axes)
        parts = [self.nodes.log_prior(tau_prior).reshape((-1,) + (1,) * p)]
        for j, (axis, prior) in enumerate(zip(self.axes, priors)):
            shape = [1] * (p + 1)
            shape[j + 1] = -1
            parts.append((prior.log_density(axis.points) + np.log(axis.weights)).reshape(shape))
        return parts

    def weights(self, keep=None, priors=None, tau_prior=None):
        """Posterior weights on the grid (sum 1) and log marginal likelihood of the chosen sites."""
        value, log_total = normalised(*self._parts(keep, priors, tau_prior))
        if not np.isfinite(log_total):
            raise Refused("the likelihood vanishes everywhere on the grid: prior and data exclude each other")
        return value, log_total

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


def normalised(parts, taken=()):
    """exp of the sum of arrays (T or 1, …) that broadcast together, divided by its total, and the total's log.

    `taken` are subtracted from the sum.
    A few slices along the first axis at a time, so that what is added up stays in the processor's cache.
    """
    left = merged(parts)
    out = np.empty(np.broadcast_shapes(*(part.shape for part in left)))
    best, total = np.full(len(out), -np.inf), np.zeros(len(out))
    step = max(CACHED // out[0].size, 1)
    for start in range(0, len(out), step):
        some = slice(start, start + step)
        value = out[some]
        first, *others = (part if len(part) == 1 else part[some] for part in left)
        np.add(first, others.pop() if others else 0.0, out=value)
        for part in others:
            value += part
        for part in taken:
            value -= part if len(part) == 1 else part[some]
        best[some] = highest = value.max()
        if np.isfinite(highest):
            value -= highest
        np.exp(value, out=value)
        total[start] = value.sum()
    highest = best.max()
    if not np.isfinite(highest):
        return out, highest
    share = np.exp(best - highest)
    total = share @ total
    out *= (share / total).reshape((-1,) + (1,) * (out.ndim - 1))
    return out, float(np.log(total) + highest)


def merged(parts):
    """Fewer arrays with the same sum: one goes into another that uses its axes, unless both are as large as any."""
    largest = max(part.ndim - part.shape.count(1) for part in parts)
    large = [part.ndim - part.shape.count(1) == largest and largest > 2 for part in parts]
    left = [part for part, alone in zip(parts, large) if alone]
    small = sorted(_of_one_shape([part for part, alone in zip(parts, large) if not alone]), key=lambda part: part.size)
    for k, part in enumerate(small):
        uses = {j for j, size in enumerate(part.shape) if size > 1}
        fits = [i for i in range(k + 1, len(small)) if uses <= {j for j, size in enumerate(small[i].shape) if size > 1}]
        if fits:
            small[fits[0]] = small[fits[0]] + part
        else:
            left.append(part)
    return left


def _of_one_shape(parts):
    """The sums of arrays with the same shape, one for each shape."""
    out = {}
    for part in parts:
        out[part.shape] = out[part.shape] + part if part.shape in out else part
    return list(out.values())


def along(weights):
    """Probabilities along tau and each axis by itself: a list of (T, n_j), one for each of p axes."""
    lines = []
    for _ in range(weights.ndim - 1):
        # The last axis's line, then the last axis is summed out: every pass is shorter than the one before.
        whole = weights.reshape(weights.shape[0], -1, weights.shape[-1])
        lines.append(np.ones(whole.shape[1]) @ whole)
        weights = weights @ np.ones(weights.shape[-1])
    return lines[::-1]


def place(sites, priors, tau_prior, tau_points, fineness=1.0, room=1.0):
    """Tensors on a grid that holds the posterior of these sites and resolves it.

    `fineness` below 1 shortens the steps; `room` below 1 pushes out the ends, for wider posteriors to come.

    Returns
    -------
    tensors : SiteTensors
    posterior : (weights, log marginal likelihood)
        As of `SiteTensors.weights`, of all sites.
    """
    p = len(priors)
    step, lost = FINEST.get(p, (0.8, 1e-7))
    most, coarse = MOST_EVEN.get(p, (24, 11))
    lost *= room
    if can_look(priors, tau_prior):
        nodes, span = look(sites, priors[0], tau_prior, TAU_STEP / tau_points)
        width = refined(span.core, sharpest(sites, 1)[0], 1)
        spans, most = [replace(span, step=step * fineness * width)], most if width < span.core else STRETCHED
    else:
        rule, spans = approximate(sites, priors, tau_prior)
        few = KnownTau(tau_prior) if rule is None else GaussNodes.of(rule, COARSE_TAU)
        nodes = few if rule is None else GaussNodes.of(rule, tau_points)
        spans, first, (weights, _) = _spread(sites, priors, tau_prior, spans, few, coarse, 30 * lost)
        spans = tighten(first.axes, spans, weights, step * fineness, lost, sharpest(sites, p))
    return _spread(sites, priors, tau_prior, spans, nodes, most, 30 * lost)[1:]


def _spread(sites, priors, tau_prior, spans, nodes, most, limit):
    """Tensors on these spans, widened until no probability is left at their ends."""
    for _ in range(WIDENINGS):
        axes = [span.axis(prior, most) for span, prior in zip(spans, priors)]
        tensors = SiteTensors(sites, priors, tau_prior, axes, nodes)
        posterior = tensors.weights()
        edges = edge_mass(axes, priors, along(posterior[0]))
        if edges.max() < limit:
            return spans, tensors, posterior
        spans = widen(spans, edges, limit)
    raise improper(edges)
