"""Where the posterior lies: a quick approximation that only places grid points.

Statements are replaced by the normal factors of expectation propagation (Minka 2001; for truncation,
Cunningham, Hennig and Lacoste-Julien 2011) at reliability 1, for several tau at once. Nothing of it enters
an answer except through the choice of nodes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.interpolate import PchipInterpolator, make_interp_spline
from scipy.special import expit, logit, logsumexp

from .between import concentrate, nodes
from .interval import truncated_moments
from .priors import Refused

LOG_2PI = np.log(2 * np.pi)
SCANS = 8
SWEEPS = (3, 8)  # for a first look along tau, and for the approximation itself
SETTLED = 1e-2  # relative change of the pseudo-observations' variances at which they are left alone


def _joint(sites, use, tau):
    """The sites' covariances S + tau^2 R of the rows in use, as one block-diagonal (T, n, n)."""
    n = sum(rows.sum() for rows in use)
    out = np.zeros((tau.size, n, n))
    start = 0
    for site, rows in zip(sites, use):
        stop = start + rows.sum()
        S, R = (part[np.ix_(rows, rows)] for part in (site.S, site.R))
        out[:, start:stop, start:stop] = S + tau[:, None, None] ** 2 * R
        start = stop
    return out


@dataclass(frozen=True)
class Gaussian:
    """Normal approximation of mu per tau: mean (T, p), cov (T, p, p), log marginal likelihood (T,)."""

    mean: np.ndarray
    cov: np.ndarray
    log_z: np.ndarray


def propagate(sites, tau, mean, precision, sweeps=SWEEPS[1]):
    """Expectation propagation for the statements' unseen estimates, given each tau."""
    # A row that says nothing has no part in this: neither number nor bound.
    use = [~np.isnan(site.y) | np.isfinite(site.lower) | np.isfinite(site.upper) for site in sites]
    X, y, lower, upper = (
        np.concatenate([getattr(site, name)[rows] for site, rows in zip(sites, use)])
        for name in ("X", "y", "lower", "upper")
    )
    numeric = ~np.isnan(y)
    C = _joint(sites, use, tau)
    N, A = np.flatnonzero(numeric), np.flatnonzero(~numeric)
    prior_mean, K, log_z = _given_numbers(C, X, y - X @ mean, precision, N, A)
    prior_mean = X[A] @ mean + prior_mean
    noise = np.zeros((tau.size, y.size))
    if A.size:
        noise[:, A], y_hat, extra = _truncate(prior_mean, K, lower[A], upper[A], sweeps)
        log_z = log_z + extra
        y = np.broadcast_to(y, noise.shape).copy()
        y[:, A] = y_hat
    else:
        y = np.broadcast_to(y, noise.shape)
    C[:, np.arange(y.shape[1]), np.arange(y.shape[1])] += noise
    WX = np.linalg.solve(C, np.broadcast_to(X, (tau.size, *X.shape)))
    cov = np.linalg.inv(np.swapaxes(WX, 1, 2) @ X + np.diag(precision))
    right = np.einsum("tnp,tn->tp", WX, y) + precision * mean
    return Gaussian(np.einsum("tpq,tq->tp", cov, right), cov, log_z)


def _given_numbers(C, X, off, precision, N, A):
    """Mean (without X mean) and covariance of the rows A given those in N, and the log density of N.

    By way of mu's posterior: a flat prior's stand-in is so wide that in the covariance of the rows themselves
    the digits of their sampling errors would be lost.
    """
    if not N.size:
        K = C[:, A][:, :, A] + X[A] @ np.diag(1.0 / precision) @ X[A].T
        return np.zeros((len(C), A.size)), K, np.zeros(len(C))
    W = np.linalg.inv(C[:, N][:, :, N])
    information = X[N].T @ W @ X[N] + np.diag(precision)
    cov = np.linalg.inv(information)
    shift = np.einsum("tpq,tq->tp", cov, W @ off[N] @ X[N])
    gain = C[:, A][:, :, N] @ W
    fixed = X[A] - gain @ X[N]
    K = C[:, A][:, :, A] - gain @ C[:, N][:, :, A] + fixed @ cov @ np.swapaxes(fixed, 1, 2)
    residual = off[N] - shift @ X[N].T
    quadratic = np.einsum("ta,tab,tb->t", residual, W, residual) + shift**2 @ precision
    log_det = np.linalg.slogdet(information)[1] - np.linalg.slogdet(W)[1] - np.log(precision).sum()
    mean = gain @ off[N] + np.einsum("tap,tp->ta", fixed, shift)
    return mean, K, -0.5 * (quadratic + log_det + N.size * LOG_2PI)


def _truncate(prior_mean, K, lower, upper, sweeps):
    """Pseudo-observations (variance, value) of truncated rows and the log probability of all truncations."""
    variance = np.diagonal(K, axis1=1, axis2=2)
    noise = 1e6 * variance
    value = prior_mean.copy()
    eye = np.eye(K.shape[1])
    for sweep in range(sweeps):
        inverse = np.linalg.inv(K + noise[..., None] * eye)
        pull = (inverse @ (value - prior_mean)[..., None])[..., 0]
        own = np.diagonal(inverse, axis1=1, axis2=2)
        tight = noise < variance
        post_var = np.where(tight, noise * (1 - noise * own), variance - (K @ inverse * K).sum(axis=2))
        post_mean = np.where(tight, value - noise * pull, prior_mean + (K @ pull[..., None])[..., 0])
        post_var = np.maximum(post_var, 1e-12 * variance)
        precision = np.maximum(1 / post_var - 1 / noise, 1e-9 / variance)
        cavity_var = 1 / precision
        cavity_mean = cavity_var * (post_mean / post_var - value / noise)
        s = np.sqrt(cavity_var)
        log_p, mean, var = truncated_moments((lower - cavity_mean) / s, (upper - cavity_mean) / s)
        var = np.clip(var, 1e-10, 1 - 1e-9)
        noise_new = np.clip(cavity_var * var / (1 - var), 1e-12 * variance, 1e8 * variance)
        value_new = cavity_mean + s * mean / (1 - var)
        damp = 1.0 if sweep == 0 else 0.8
        blend = damp / noise_new + (1 - damp) / noise
        moved = (damp * value_new / noise_new + (1 - damp) * value / noise) / blend
        still = np.abs(blend * noise - 1).max() < SETTLED
        value, noise = moved, 1 / blend
        if still:
            break
    total = noise + cavity_var
    each = log_p + 0.5 * np.log(2 * np.pi * total) + 0.5 * (cavity_mean - value) ** 2 / total
    whole = K + noise[..., None] * eye
    off = value - prior_mean
    quadratic = np.einsum("ta,ta->t", off, np.linalg.solve(whole, off[..., None])[..., 0])
    joint = -0.5 * (quadratic + np.linalg.slogdet(whole)[1] + K.shape[1] * LOG_2PI)
    return noise, value, each.sum(axis=1) + joint


@dataclass(frozen=True)
class TauRule:
    """Gauss nodes for tau made from an approximate density of u, of u, with x in (0, 1)."""

    prior: object
    density: object
    centre: float
    width: float

    @property
    def scale(self):
        """Factor of sinh on the fine nodes."""
        return 2.0 * self.width

    @cached_property
    def _fine(self):
        return nodes(self.centre, self.width, step=0.12)

    @property
    def fine_u(self):
        """Fine nodes in u."""
        return self._fine[0]

    @property
    def fine_du(self):
        """Weights of the fine nodes for du."""
        return self._fine[1]

    def x(self, u):
        """Bounded coordinate, tau/(tau + exp(centre)) for an unbounded prior."""
        return expit(u - self.centre)

    def corrected(self, u, log_ratio):
        """The rule whose density is this one's times a smooth ratio, known at the nodes u."""
        curve = make_interp_spline(self.x(u), log_ratio, k=min(5, (u.size - 1) // 2 * 2 - 1) if u.size > 2 else 0)

        def density(v):
            return self.density(v) + curve(self.x(np.clip(v, u[0], u[-1])))

        return TauRule(self.prior, density, self.centre, self.width)

    def nodes(self, count):
        """(tau, u, log weights for du, orthonormal polynomials at the nodes)."""
        value = self.density(self.fine_u)
        best = value.max()
        weight = np.exp(value - best) * self.fine_du
        total = weight.sum()
        x, w, basis = gauss_rule(self.x(self.fine_u), weight / total, count)
        u = self.centre + logit(x)
        return self.prior.tau(u), u, np.log(w) + np.log(total) + best - self.density(u), basis


def gauss_rule(x, w, n):
    """Gauss nodes, weights, orthonormal polynomials of a discrete measure (Golub and Welsch 1969)."""
    n = min(n, int((w > 0).sum()))
    q = np.zeros((n, x.size))
    q[0] = np.sqrt(w)
    alpha, beta = np.zeros(n), np.zeros(n)
    for k in range(n):
        r = x * q[k]
        alpha[k] = q[k] @ r
        r -= q[: k + 1].T @ (q[: k + 1] @ r)
        r -= q[: k + 1].T @ (q[: k + 1] @ r)
        if k + 1 < n:
            beta[k] = np.linalg.norm(r)
            q[k + 1] = r / beta[k]
    jacobi = np.diag(alpha) + np.diag(beta[: n - 1], 1) + np.diag(beta[: n - 1], -1)
    points, vectors = np.linalg.eigh(jacobi)
    return points, vectors[0] ** 2, vectors / vectors[0]


def scan_range(sites, prior):
    """Range of u that surely holds the posterior of tau: from the sizes of errors, effects and the prior."""
    se = np.sqrt(np.concatenate([np.diagonal(site.S) for site in sites]))
    y = np.concatenate([site.y for site in sites])
    y = y[~np.isnan(y)]
    sizes = [se.min(), se.max(), *prior.scales()]
    if y.size > 1 and np.ptp(y) > 0:
        sizes.append(np.ptp(y))
    if np.isfinite(prior.upper):
        width = prior.upper - prior.lower
        return min(-12.0, np.log(min(sizes) / width) - 8.0), 12.0
    return np.log(min(sizes)) - 8.0, np.log(max(sizes)) + 8.0


def tau_rule(sites, prior, mean, precision):
    """Approximate posterior of tau, and the normal approximations of mu at scan points with their weights."""
    low, high = scan_range(sites, prior)
    for _ in range(SCANS):
        u = np.linspace(low, high, 16)
        _, density = _scan(sites, prior, mean, precision, u, PchipInterpolator, SWEEPS[0])
        centre, width = concentrate(density, low, high)
        step = u[1] - u[0]
        if width > 0.7 * step:
            break
        low, high = centre - 2.5 * step, centre + 2.5 * step
    # Finer now and only where there is probability: the smoother the interpolant, the smoother the
    # posterior's ratio to it.
    u = np.linspace(centre - 6 * width, centre + 5 * width, 200)
    value = density(u)
    ends = u[value > value.max() - 40][[0, -1]]
    u = np.linspace(*ends, 22)
    found, density = _scan(sites, prior, mean, precision, u, lambda u, z: make_interp_spline(u, z, k=5), SWEEPS[1])
    centre, width = concentrate(density, u[0], u[-1])
    rule = TauRule(prior, density, centre, width)
    weight = rule.density(rule.fine_u) + np.log(rule.fine_du)
    if weight[-1] > weight.max() - 14:
        raise Refused("the posterior of tau is improper: the evidence does not bound it; give tau a proper prior")
    value = density(u)
    return rule, found, np.exp(value - value.max())


def _scan(sites, prior, mean, precision, u, interpolate, sweeps):
    """Approximations at the points u, and the log density of u that interpolates them."""
    found = propagate(sites, prior.tau(u), mean, precision, sweeps)
    curve = interpolate(u, found.log_z)
    slopes = np.diff(found.log_z) / np.diff(u)
    rise, fall = max(slopes[0], 0.0), min(slopes[-1], 0.0)

    def density(v):
        log_z = curve(np.clip(v, u[0], u[-1]))
        # To the left the likelihood levels off with tau squared, to the right it falls as a power of tau.
        log_z = log_z + 0.5 * rise * np.expm1(2 * np.minimum(v - u[0], 0.0))
        log_z = log_z + fall * np.maximum(v - u[-1], 0.0)
        return log_z + prior.log_density(prior.tau(v)) + prior.log_jacobian(v)

    return found, density


def blend(first, second):
    """Rule from two approximate densities in equal parts: good wherever the truth lies between them."""
    parts = [(rule.density, _log_mass(rule)) for rule in (first, second)]

    def density(u):
        return np.logaddexp(*(log_density(u) - mass for log_density, mass in parts))

    centre = 0.5 * (first.centre + second.centre)
    spread = 0.5 * (first.width**2 + second.width**2) + 0.25 * (first.centre - second.centre) ** 2
    return TauRule(first.prior, density, centre, float(np.sqrt(spread)))


def _log_mass(rule):
    value = rule.density(rule.fine_u)
    return float(logsumexp(value + np.log(rule.fine_du)))
