"""Where to put the grid: first by a normal approximation, then by a coarse look at the posterior itself."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from .axes import known_axis, make_axis, refine
from .locate import blend, propagate, tau_rule
from .priors import Refused

COARSE_TAU = 7
WIDENINGS = 12
MOST_REFINED = {1: 300.0, 2: 6.0, 3: 2.0}


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


def normal_priors(sites, priors):
    """Normal stand-ins for the priors: mean and precision, for the approximation only."""
    bounds = np.concatenate([part for site in sites for part in (site.y, site.lower, site.upper)])
    size = np.abs(bounds[np.isfinite(bounds)]).max(initial=0.0)
    size += max(np.sqrt(np.diagonal(site.S).max()) for site in sites)
    wide = 1e3 * size / max(np.abs(np.concatenate([site.X for site in sites])).max(), 1e-300)
    mean = np.array([prior.mean for prior in priors])
    sd = np.array([wide if np.isinf(prior.sd) else max(prior.sd, 1e-9 * wide) for prior in priors])
    return mean, sd**-2.0


def _doubted(site):
    """The site without the statements that may be unreliable."""
    doubt = site.epsilon > 0
    lower, upper = np.where(doubt, -np.inf, site.lower), np.where(doubt, np.inf, site.upper)
    return replace(site, lower=lower, upper=upper)


def approximate(sites, priors, tau_prior):
    """Approximate density of tau (None if known), and spans for the approximation of every coefficient.

    Statements may be unreliable but the approximation believes them, so it is made a second time without
    those: the truth is a mixture of patterns that lie between the two.
    """
    mean, precision = normal_priors(sites, priors)
    views = [sites]
    proper = all(prior.proper for prior in priors)
    unsure = any(eps for site in sites for _, eps, _ in site.sources)
    if unsure and proper:
        views.append([_doubted(site) for site in sites])
    rules, founds, used = [], [], []
    for view in views:
        if tau_prior.fixed is None:
            rule, found, relative = tau_rule(view, tau_prior, mean, precision)
            rules.append(rule)
        else:
            found, relative = propagate(view, np.array([tau_prior.fixed]), mean, precision), np.ones(1)
        founds.append(found)
        used.append(relative)
    rule = None if not rules else rules[0] if len(rules) == 1 else blend(*rules)
    centre = founds[0].mean[int(np.argmax(used[0]))]
    keep = np.concatenate([relative > 1e-3 * relative.max() for relative in used])
    means, covs = (np.concatenate([getattr(found, name) for found in founds])[keep] for name in ("mean", "cov"))
    sds = np.sqrt(np.diagonal(covs, axis1=1, axis2=2))
    conditional = 1 / np.sqrt(np.diagonal(np.linalg.inv(covs), axis1=1, axis2=2))
    reach = 7.0 if unsure and not proper else 5.5
    low, high = (means - reach * sds).min(axis=0), (means + reach * sds).max(axis=0)
    return rule, [Span(*values) for values in zip(centre, sds.min(axis=0), low, high, 1.1 * conditional.min(axis=0))]


def edge_mass(axes, priors, lines):
    """Probability at the first and last point of every axis that could still be widened, (p, 2).

    lines : list of (T, n_j) arrays, probabilities along tau and each axis.
    """
    out = np.zeros((len(axes), 2))
    for j, (axis, prior) in enumerate(zip(axes, priors)):
        if axis.kind == "known":
            continue
        for side, end in ((0, 0), (1, -1)):
            if axis.kind != "ends" or axis.bounds[side] != prior.bounds[side]:
                out[j, side] = lines[j][:, end].sum()
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


def sharpest(sites, p):
    """Width of the narrowest step that a statement puts into the likelihood, per coefficient."""
    told = [site for site in sites if site.statements.size]
    if not told:
        return np.full(p, np.inf)
    variance = np.concatenate([site.S.diagonal()[site.statements] for site in told])
    weight = np.abs(np.concatenate([site.X[site.statements] for site in told]))
    with np.errstate(divide="ignore"):
        return (np.sqrt(variance)[:, None] / weight).min(axis=0)


def refined(narrow, features, p):
    """Width that an axis should resolve: the posterior's, or a narrower feature's as far as p allows."""
    return np.clip(1.6 * features, narrow / MOST_REFINED.get(p, 1.0), narrow)


def tighten(axes, spans, weights, step, lost, features):
    """Spans from a coarse posterior: ends at tail probability `lost`, steps by its least conditional sd.

    Steps also resolve the likelihood's own `features`, as far as the number of coefficients allows.
    """
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
    width = refined(narrow, features, len(free))
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
        out.append(Span(mean, narrow[j], ends[0], ends[1], step * width[j]))
    return out
