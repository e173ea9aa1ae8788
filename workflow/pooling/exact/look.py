"""Where one average effect and tau lie: a look at the posterior itself, on a coarse grid that closes in on it.

For one coefficient with proper priors this is quicker than an approximation, and needs no trust in one.
"""

from __future__ import annotations

import numpy as np

from .alone import log_likelihoods
from .locate import scan_range
from .place import Span
from .priors import Refused
from .tau_nodes import EvenNodes, KnownTau

TAUS, MUS = 17, 33
MOST_MORE = 400  # points for rows that lie where the first ones are too far apart
LOOKS = 14
REACH = 7.0  # of the axis, in sds of mu given tau
TOLD = 1e-5  # values of tau with less probability do not decide how wide the axis is
DEEP = (18.0, 36.0)  # so far below its maximum the log density needs no nodes, to the left and to the right of it


def can_look(priors, tau_prior):
    """Whether there is one unknown coefficient, and priors that bound where to look."""
    return len(priors) == 1 and 0 < priors[0].sd < np.inf and tau_prior.proper


def look(sites, prior, tau_prior, tau_step):
    """Nodes for tau, and the span of mu's axis with a step of one sd of mu given tau, where that is least.

    Raises
    ------
    Refused
        If the posterior cannot be found.
    """
    known = tau_prior.fixed is not None
    us, ends = (None, None) if known else (np.linspace(*scan_range(sites, tau_prior), TAUS), (-np.inf, np.inf))
    mus = _first_points(sites, prior)
    for _ in range(LOOKS):
        tau = np.array([tau_prior.fixed]) if known else tau_prior.tau(us)
        value = sum(part.sum(axis=0) for part, _ in log_likelihoods(sites, tau, mus)) + prior.log_density(mus)
        log_mass, mean, sd, gap = _given_tau(value, mus)
        if not known:
            log_mass = log_mass + tau_prior.log_density(tau) + tau_prior.log_jacobian(us)
        if not np.isfinite(log_mass.max()):
            raise Refused("the likelihood vanishes everywhere on the grid: prior and data exclude each other")
        mass = np.exp(log_mass - log_mass.max())
        mass /= mass.sum()
        narrow = bool((sd < gap)[mass > 0.01].any())
        if not known:
            ends = _ends(us, log_mass, ends)
            centre, width = float(mass @ us), float(np.sqrt(mass @ (us - mass @ us) ** 2))
            step = us[1] - us[0]
            if width < 0.7 * step:
                narrow, peak = True, us[int(np.argmax(mass))]
                us = np.linspace(peak - 3 * step, peak + 3 * step, TAUS)
        if not narrow:
            nodes = KnownTau(tau_prior) if known else EvenNodes.between(tau_prior, centre, width, *ends, tau_step)
            return nodes, _span(mass, mean, sd)
        mus = _closer(mass, mean, np.maximum(sd, 0.5 * gap))
    raise Refused("the posterior is too narrow to be found: are estimates, errors and priors on one scale?")


def _first_points(sites, prior):
    """Points that resolve every row's own likelihood, dense where most of them lie, as far as the prior reaches."""
    x = np.concatenate([site.X[:, 0] for site in sites])
    v = np.concatenate([np.diagonal(site.S) for site in sites])
    y, lower, upper = (np.concatenate([getattr(site, name) for site in sites]) for name in ("y", "lower", "upper"))
    # A statement's place: the middle of its bounds, or the one it has.
    first, last = (np.where(np.isfinite(bound), bound, other) for bound, other in ((lower, upper), (upper, lower)))
    with np.errstate(divide="ignore", invalid="ignore"):
        place = np.where(np.isnan(y), 0.5 * (first + last), y) / x
        size = np.sqrt(v) / np.abs(x)
    says = np.isfinite(place) & np.isfinite(size)
    place, size = (place[says], size[says]) if says.any() else (np.array([prior.mean]), np.array([prior.sd]))
    low = max(min(prior.mean - 8 * prior.sd, (place - 8 * size).min()), prior.bounds[0])
    high = min(max(prior.mean + 8 * prior.sd, (place + 8 * size).max()), prior.bounds[1])
    centre, scale = float(np.clip(np.median(place), low, high)), min(size.min(), prior.sd)
    t = np.linspace(*np.arcsinh((np.array([low, high]) - centre) / scale), MUS)
    points = centre + scale * np.sinh(t)
    coarse = (t[1] - t[0]) * np.hypot(scale, place - centre) > size
    if coarse.any():
        more = np.sort((place[coarse] + size[coarse] * np.array([[-1.0], [0.0], [1.0]])).ravel())
        more = more[:: more.size // MOST_MORE + 1]
        points = np.unique(np.concatenate([points, more[(more > low) & (more < high)]]))
    return points


def _given_tau(value, mus):
    """Log mass, mean, sd of mu given each tau from log densities (T, n), and the gap between points there."""
    gaps = np.diff(mus)
    weight = 0.5 * np.concatenate([gaps[:1], gaps[1:] + gaps[:-1], gaps[-1:]])
    best = value.max(axis=1, keepdims=True)
    w = np.exp(value - np.where(np.isfinite(best), best, 0.0)) * weight
    total = w.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        w = np.nan_to_num(w / total[:, None])
        log_mass = np.log(total) + best[:, 0]
    mean = w @ mus
    sd = np.sqrt((w * (mus - mean[:, None]) ** 2).sum(axis=1))
    return log_mass, mean, sd, gaps[np.clip(np.searchsorted(mus, mean) - 1, 0, gaps.size - 1)]


def _ends(us, log_mass, ends):
    """Where along u there is nothing left to either side, as far as this scan and those before it can tell."""
    below = log_mass.max() - log_mass
    first, last = np.flatnonzero(below < DEEP[0])[0], np.flatnonzero(below < DEEP[1])[-1]
    low = us[first - 1] if first else ends[0]
    if np.isinf(low):
        # Towards tau = 0 the density of u falls with tau itself.
        low = us[0] - (DEEP[0] - below[0])
    return max(low, ends[0]), min(us[last + 1] if last + 1 < us.size else np.inf, ends[1])


def _closer(mass, mean, sd):
    """Points around what the last look found, as even as its narrowest part needs."""
    told = mass > 1e-3
    low, high = (mean - 8 * sd)[told].min(), (mean + 8 * sd)[told].max()
    centre, scale = mean[int(np.argmax(mass))], sd[told].min()
    return centre + scale * np.sinh(np.linspace(*np.arcsinh((np.array([low, high]) - centre) / scale), MUS))


def _span(mass, mean, sd):
    told, core = mass > TOLD, float(sd[mass > 0.02].min())
    low, high = (mean - REACH * sd)[told].min(), (mean + REACH * sd)[told].max()
    return Span(float(mean[int(np.argmax(mass))]), core, float(low), float(high), core)
