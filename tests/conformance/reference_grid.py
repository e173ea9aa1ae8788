"""Reference answers where some row is a statement, or the prior of mu is not normal: nested quadrature.

Panels of Gauss-Legendre nodes in tau and in every coefficient of mu, with a breakpoint at zero so that no
probability of a sign is cut in the middle of a panel. Site effects come from the cumulant generating
function: a tilt exp(h theta) of the prior shifts the site's means by h tau^2 R.
"""

from __future__ import annotations

import numpy as np
from reference_numbers import given_design, tau_breaks
from reference_quadrature import Axis
from reference_sites import log_likelihood, sites, smallest_scale
from scipy.special import logsumexp

# Per number of coefficients: offsets of the panels of mu (in sd), and at each level of refinement the nodes per
# panel of mu, of tau, and of the integrals within sites.
OFFSETS = {
    1: (1, 2, 3, 4.5, 6.5, 9, 13, 20, 32, 50, 80, 130, 200),
    2: (1.5, 3, 5, 8, 13, 20, 35, 60),
    3: (2, 4.5, 9, 18),
}
NODES = {
    1: ((12, 9, 24), (17, 12, 36), (26, 18, 54)),
    2: ((9, 8, 20), (12, 11, 30), (17, 15, 44)),
    3: ((9, 6, 14), (12, 8, 20), (17, 10, 28)),
}
DEPTH = 30.0  # log density below its top at which an axis ends


class Posterior:
    """Unnormalised log posterior on the grid mu_1 x … x mu_p x tau."""

    def __init__(self, given, mu_axes, tau, n):
        self.given, self.sites, self.n = given, sites(given), n
        self.mu_axes, self.tau = mu_axes, tau
        shape = tuple(len(axis) for axis in mu_axes)
        self.site_logs = []
        total = np.zeros((*shape, tau.size))
        for site in self.sites:
            value = [np.broadcast_to(log_likelihood(site, mu_axes, t, n), shape) for t in tau]
            total += np.stack(value, axis=-1)
        for j, axis in enumerate(mu_axes):
            total += _along(mu_log_prior(given["mu_prior"], j, axis), j, total.ndim)
        if given["tau_prior"] is not None:
            total += given["tau_prior"].logpdf(tau)
        self.log = total

    def marginal(self, j, weights):
        """Log density of mu_j, the other axes integrated with their weights."""
        out = self.log
        for axis in range(out.ndim):
            if axis != j:
                out = out + _along(np.log(weights[axis]), axis, out.ndim)
        return logsumexp(out, axis=tuple(a for a in range(out.ndim) if a != j))


def mu_log_prior(prior, j, x):
    """Log prior density of one coefficient: flat, normal, or the object given for all of them."""
    if prior is None:
        return np.zeros_like(x)
    if hasattr(prior, "logpdf"):
        return prior.logpdf(x)
    mean, sd = _of_coefficient(prior, j)
    return -0.5 * ((x - mean) / sd) ** 2 - np.log(sd) - 0.5 * np.log(2 * np.pi)


def _of_coefficient(prior, j):
    """Mean and sd of coefficient j, where one pair may serve for all."""
    return (float(part if np.ndim(part) == 0 else part[j]) for part in prior)


def _along(values, axis, ndim):
    shape = [1] * ndim
    shape[axis] = -1
    return np.reshape(values, shape)


def _first_box(given, j, all_sites):
    prior = given["mu_prior"]
    if prior is None:
        numbers = given["y"][~np.isnan(given["y"])]
        reach = np.ptp(numbers) + 12 * np.sqrt(max(site.S.max() for site in all_sites))
        if given["tau_prior"] is not None:
            reach += 4 * given["tau_prior"].ppf(0.999)
        return numbers.mean() - reach, numbers.mean() + reach
    if hasattr(prior, "logpdf"):
        return prior.ppf(1e-13), prior.ppf(1 - 1e-13)
    mean, sd = _of_coefficient(prior, j)
    return mean - 8 * sd, mean + 8 * sd


def locate(given, p):
    """Breakpoints of every mu axis and the last tau, found by zooming a coarse grid onto the posterior."""
    cut = sites(given)
    points, nodes = {1: (161, 6), 2: (33, 4), 3: (17, 3)}[p], 12
    tau_end = tau_breaks(smallest_scale(cut), given["tau_prior"])[-1]
    boxes = [_first_box(given, j, cut) for j in range(p)]
    for _ in range(12):
        tau_axis = Axis(_shorten(tau_breaks(smallest_scale(cut), given["tau_prior"]), tau_end), points[1])
        axes = [np.linspace(*box, points[0]) for box in boxes]
        posterior = Posterior(given, axes, tau_axis.nodes, nodes)
        weights = [np.full(points[0], axis[1] - axis[0]) for axis in axes] + [tau_axis.weights]
        tops = [posterior.marginal(j, weights) for j in range(p)]
        tau_log = posterior.marginal(p, weights)
        alive = tau_axis.nodes[tau_log + np.log(tau_axis.nodes) > (tau_log + np.log(tau_axis.nodes)).max() - DEPTH]
        new = []
        for axis, top, box in zip(axes, tops, boxes):
            keep = np.flatnonzero(top > top.max() - DEPTH)
            step = axis[1] - axis[0]
            new.append((max(box[0], axis[keep[0]] - step), min(box[1], axis[keep[-1]] + step)))
        shrunk = max((b[1] - b[0]) / (a[1] - a[0]) for a, b in zip(boxes, new))
        least = min((b[1] - b[0]) / (a[1] - a[0]) for a, b in zip(boxes, new))
        boxes, tau_end = new, min(tau_end, alive[-1] * 1.5)
        if shrunk > 0.6 and least > 0.6:
            break
    breaks = []
    for axis, top, box in zip(axes, tops, boxes):
        share = np.exp(top - top.max())
        below = np.cumsum(share) / share.sum()
        low, centre, high = (np.interp(q, below, axis) for q in (0.16, 0.5, 0.84))
        breaks.append(_mu_breaks(box, centre, max((high - low) / 2, (axis[1] - axis[0]) / 2), p))
    return breaks, _shorten(tau_breaks(smallest_scale(cut), given["tau_prior"]), tau_end)


def _shorten(breaks, end):
    return np.append(breaks[breaks < end * 0.999], end) if end < breaks[-1] else breaks


def _mu_breaks(box, centre, sd, p):
    steps = sd * np.array(OFFSETS[p])
    inner = np.concatenate([centre - steps, [centre], centre + steps])
    near = 0.3 * sd
    inner = inner[(inner > box[0] + near) & (inner < box[1] - near)]
    if box[0] < 0 < box[1]:
        inner = np.append(inner[abs(inner) > near], 0.0)
    return np.array([box[0], *np.sort(inner), box[1]])


def solve(given, level):
    """Answers at one level of refinement (0 to 2)."""
    p = given_design(given).shape[1]
    if "located" not in given:
        given["located"] = locate(given, p)
    mu_breaks, tau_points = given["located"]
    mu_nodes, tau_nodes, inner = NODES[p][level]
    axes = [Axis(b, mu_nodes) for b in mu_breaks]
    tau_axis = Axis(tau_points, tau_nodes)
    posterior = Posterior(given, [axis.nodes for axis in axes], tau_axis.nodes, inner)
    top = posterior.log.max()
    density = np.exp(posterior.log - top)
    every = [axis.weights for axis in axes] + [tau_axis.weights]
    evidence = float(_integrate(density, every))
    density /= evidence
    marginals = [_integrate(density, every, keep=(j,)) for j in range(p + 1)]
    tau_mean = tau_axis.weights @ (marginals[p] * tau_axis.nodes)
    tau_square = tau_axis.weights @ (marginals[p] * tau_axis.nodes**2)
    mu = [_summary(axis, marginal) for axis, marginal in zip(axes, marginals)]
    proper = given["mu_prior"] is not None and given["tau_prior"] is not None
    return {
        "mu": mu,
        "tau": {
            "mean": tau_mean,
            "sd": np.sqrt(tau_square - tau_mean**2),
            "median": tau_axis.quantile(marginals[p], 0.5),
        },
        "log_ml": top + np.log(evidence) if proper else None,
        "new_site": [
            {
                "mean": mu[j]["mean"],
                "sd": np.sqrt(mu[j]["sd"] ** 2 + tau_square),
                "positive": _new_positive(axes[j], tau_axis, _integrate(density, every, keep=(j, p))),
            }
            for j in range(p)
        ],
        "best": [_best(density, axes, tau_axis, j) for j in range(p)] if p > 1 else None,
        "theta": [_theta(given, posterior, density, every, row) for row in given["theta_rows"]],
    }


def _integrate(density, weights, keep=()):
    out = density
    for axis in reversed(range(density.ndim)):
        if axis not in keep:
            out = np.tensordot(out, weights[axis], axes=(axis, 0))
    return out


def _summary(axis, density):
    mean = axis.weights @ (density * axis.nodes)
    sd = np.sqrt(axis.weights @ (density * (axis.nodes - mean) ** 2))
    low, median, high = (axis.quantile(density, q) for q in (0.025, 0.5, 0.975))
    positive = 1 - float(axis.weights_below(0.0)[0] @ density)
    return {"mean": mean, "sd": sd, "q025": low, "median": median, "q975": high, "positive": positive}


def _new_positive(axis, tau_axis, density):
    """P(mu + tau Z > 0), integrating over Z the probability that mu exceeds -tau Z."""
    z = Axis(np.linspace(-8.5, 8.5, 9), 8)
    total = 0.0
    for tau, weight, column in zip(tau_axis.nodes, tau_axis.weights, density.T):
        above = axis.weights @ column - axis.weights_below(-tau * z.nodes) @ column
        total += weight * np.sum(z.weights * np.exp(-(z.nodes**2) / 2) / np.sqrt(2 * np.pi) * above)
    return float(total)


def _best(density, axes, tau_axis, j):
    """P(mu_j is the largest): given mu_j, the integral of the others up to it."""
    joint = np.moveaxis(density @ tau_axis.weights, j, 0)
    others = [axis for k, axis in enumerate(axes) if k != j]
    below = [axis.weights_below(axes[j].nodes) for axis in others]
    if len(others) == 1:
        inner = np.einsum("ab,ab->a", joint, below[0])
    else:
        inner = np.einsum("abc,ab,ac->a", joint, *below, optimize=True)
    return float(axes[j].weights @ inner)


def _theta(given, posterior, density, weights, row):
    """Mean and sd of a site effect from the logarithm of E exp(h theta), by Richardson's differences."""
    site = next(s for s in posterior.sites if row in s.index)
    r = int(np.flatnonzero(site.index == row)[0])
    axes, taus = posterior.mu_axes, posterior.tau
    x = site.X[r]
    prior_mean = sum(_along(xj * axis, j, len(axes)) for j, (xj, axis) in enumerate(zip(x, axes)))
    shape = density.shape[:-1]
    base = [log_likelihood(site, axes, t, posterior.n) for t in taus]

    def log_mgf(h):
        ratio = np.empty_like(density)
        for k, t in enumerate(taus):
            shifted = log_likelihood(site, axes, t, posterior.n, h * t**2 * site.R[:, r])
            tilt = h * prior_mean + h * h * t**2 * site.R[r, r] / 2
            ratio[..., k] = np.broadcast_to(np.exp(shifted - base[k] + tilt), shape)
        return np.log(_integrate(density * ratio, weights))

    scale = np.sqrt(
        _integrate(density * (_full(prior_mean, shape) ** 2 + taus**2 * site.R[r, r]), weights)
        - _integrate(density * _full(prior_mean, shape), weights) ** 2
    )
    h = 0.1 / scale
    up, down, up2, down2 = (log_mgf(step) for step in (h, -h, h / 2, -h / 2))
    first = (4 * (up2 - down2) / h - (up - down) / (2 * h)) / 3
    second = (4 * (up2 + down2) / (h / 2) ** 2 - (up + down) / h**2) / 3
    return {"row": int(row), "mean": float(first), "sd": float(np.sqrt(second))}


def _full(values, shape):
    return np.broadcast_to(values, shape)[..., None]
