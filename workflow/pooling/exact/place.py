"""Where to put the grid: first by a normal approximation, then by a coarse look at the posterior itself."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from .axes import known_axis, make_axis, refine
from .locate import TauRule, propagate, tau_rule
from .priors import Refused

COARSE_TAU = 5
WIDENINGS = 12


@dataclass(frozen=True)
class Span:
    """One axis to be: centre, width of its narrow part, ends and step."""

    centre: float
    core: float
    low: float
    high: float
    step: float

    def axis(self, prior, most):
        """Grid axis on this span, with `most` even points before it is stretched."""
        if prior.sd == 0 and prior.density is None:
            return known_axis(prior.mean)
        return make_axis(self.centre, self.core, self.low, self.high, self.step, prior.bounds, most)


@dataclass(frozen=True)
class TauNodes:
    """Nodes for tau; log_weight holds all but prior, jacobian and likelihood. `rule` None: tau is known."""

    tau: np.ndarray
    log_weight: np.ndarray
    rule: TauRule | None = None
    u: np.ndarray | None = None
    x: np.ndarray | None = None
    basis: np.ndarray | None = None


def tau_nodes(rule, tau_prior, count):
    """Gauss nodes from an approximate density, or the one known tau."""
    if rule is None:
        return TauNodes(np.array([tau_prior.fixed]), np.zeros(1))
    tau, u, x, log_weight, basis = rule.nodes(count)
    return TauNodes(tau, log_weight, rule, u, x, basis)


def normal_priors(sites, priors):
    """Normal stand-ins for the priors: mean and precision, for the approximation only."""
    bounds = np.concatenate([part for site in sites for part in (site.y, site.lower, site.upper)])
    size = np.abs(bounds[np.isfinite(bounds)]).max(initial=0.0)
    size += max(np.sqrt(np.diagonal(site.S).max()) for site in sites)
    wide = 1e3 * size / max(np.abs(np.concatenate([site.X for site in sites])).max(), 1e-300)
    mean = np.array([prior.mean for prior in priors])
    sd = np.array([wide if np.isinf(prior.sd) else max(prior.sd, 1e-9 * wide) for prior in priors])
    return mean, sd**-2.0


def approximate(sites, priors, tau_prior):
    """Approximate density of tau (None if known), and spans for the approximation of every coefficient."""
    mean, precision = normal_priors(sites, priors)
    if tau_prior.fixed is None:
        rule, found, relative = tau_rule(sites, tau_prior, mean, precision)
    else:
        rule, relative = None, np.ones(1)
        found = propagate(sites, np.array([tau_prior.fixed]), mean, precision)
    sd = np.sqrt(np.diagonal(found.cov, axis1=1, axis2=2))
    used, best = relative > 1e-3 * relative.max(), int(np.argmax(relative))
    # An unreliable source leaves heavier shoulders than the approximation, which believes everything.
    reach = 7.0 if any(eps for site in sites for _, eps, _ in site.sources) else 5.5
    spans = []
    for j in range(len(priors)):
        low = (found.mean[used, j] - reach * sd[used, j]).min()
        high = (found.mean[used, j] + reach * sd[used, j]).max()
        spans.append(Span(found.mean[best, j], sd[used, j].min(), low, high, sd[used, j].min()))
    return rule, spans


def edge_mass(axes, priors, weights):
    """Probability at the first and last point of every axis that could still be widened, (p, 2)."""
    out = np.zeros((len(axes), 2))
    for j, (axis, prior) in enumerate(zip(axes, priors)):
        if axis.kind == "known":
            continue
        line = weights.sum(axis=tuple(k for k in range(weights.ndim) if k != j + 1))
        for side, end in ((0, 0), (1, -1)):
            if axis.kind != "ends" or axis.bounds[side] != prior.bounds[side]:
                out[j, side] = line[end]
    return out


def widen(spans, edges, limit):
    """Push out the ends that still carry probability."""
    out = []
    for span, (left, right) in zip(spans, edges):
        low = span.centre - 1.5 * (span.centre - span.low) if left > limit else span.low
        high = span.centre + 1.5 * (span.high - span.centre) if right > limit else span.high
        out.append(replace(span, low=low, high=high))
    return out


def improper(edges):
    """Refuse a posterior that does not die out along an axis."""
    j = int(np.argmax(edges.max(axis=1)))
    return Refused(
        f"the posterior of coefficient {j} does not die out: the evidence does not bound it on both "
        "sides; give mu a proper prior"
    )


def tighten(axes, spans, weights, step, lost):
    """Spans from a coarse posterior: ends at tail probability `lost`, steps by the least conditional sd."""
    p, T = len(axes), weights.shape[0]
    mass = weights.reshape(T, -1).sum(axis=1)
    points = [axis.points.reshape([-1 if k == j else 1 for k in range(p)]) for j, axis in enumerate(axes)]
    free = [j for j, axis in enumerate(axes) if axis.kind != "known"]
    if not free:
        return spans
    narrow = np.full(p, np.inf)
    for t in np.flatnonzero(mass > 0.02):
        w = weights[t] / mass[t]
        off = [points[j] - (w * points[j]).sum() for j in free]
        cov = np.array([[(w * a * b).sum() for a in off] for b in off])
        conditional = 1 / np.sqrt(np.maximum(np.diagonal(np.linalg.inv(cov)), 1e-300))
        narrow[free] = np.minimum(narrow[free], conditional)
    out = []
    for j, (axis, span) in enumerate(zip(axes, spans)):
        if axis.kind == "known":
            out.append(span)
            continue
        line = weights.sum(axis=tuple(k for k in range(p + 1) if k != j + 1))
        t, density = refine(axis, line)
        below = np.cumsum(density) / density.sum()
        first, last = np.searchsorted(below, [lost, 1 - lost])
        ends = axis.forward(t[[max(first - 1, 0), min(last + 1, t.size - 1)]])
        mean = line @ axis.points
        out.append(Span(mean, narrow[j], ends[0], ends[1], step * narrow[j]))
    return out
