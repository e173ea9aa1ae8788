"""Likelihood of one site on a grid of mu and tau.

Numbers are absorbed analytically. Given them the site's statements are jointly normal, D + F F' with few
columns in F; given those shared shifts the statements are independent, so their joint probability is an
integral over the shifts of a product of interval probabilities, and each source's right-or-wrong mixture
sits inside the product. The trapezoid rule does that integral (model.md: step and range checked against
multivariate-normal rectangle probabilities).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
from scipy.special import logsumexp

from .interval import LOG_2PI, log_probability, probability

# Reach in standard deviations of a shared shift, and step: to 1e-9 of the likelihood's logarithm; with three
# coefficients or more, whose grid has no more than four or five digits anyway, to 1e-6.
REACH, STEP = (6.5, 5.5), (0.75, 0.9)
MOST_SHIFTS = 40_000  # nodes for the shared shifts of one site


@dataclass(frozen=True)
class Absorbed:
    """Site i given its numbers, per tau: statements ~ N(M mu + c, diag(D) + F F')."""

    M: np.ndarray
    c: np.ndarray
    D: np.ndarray
    F: np.ndarray
    W: np.ndarray
    logdet: np.ndarray


def absorb(site, tau):
    """Condition the site's statements on its numbers, for each tau (T,)."""
    t2 = np.asarray(tau, dtype=float)[:, None, None] ** 2
    C = site.S + t2 * site.R
    N, A = site.numbers, site.statements
    T = t2.shape[0]
    if N.size:
        C_NN, C_AN = C[:, N][:, :, N], C[:, A][:, :, N]
        W = np.linalg.inv(C_NN)
        gain = C_AN @ W
        M = site.X[A] - gain @ site.X[N]
        c = gain @ site.y[N]
        logdet = np.linalg.slogdet(C_NN)[1]
    else:
        W, logdet = np.zeros((T, 0, 0)), np.zeros(T)
        M, c = np.broadcast_to(site.X[A], (T, *site.X[A].shape)), np.zeros((T, A.size))
    if site.shared is None:
        K = C[:, A][:, :, A] - (gain @ np.swapaxes(C_AN, 1, 2) if N.size else 0.0)
        D, F = _factor(K)
        return Absorbed(M, c, D, F, W, logdet)
    shared = site.shared
    G = shared.G[0] + t2[:, 0] * shared.G[1]
    spread = np.einsum("tq,qr->tqr", G, np.eye(G.shape[1]))
    if N.size:
        cross = G[:, :, None] * shared.F[N].T
        spread = spread - cross @ W @ np.swapaxes(cross, 1, 2)
    D = shared.D[0][A] + t2[:, 0] * shared.D[1][A]
    return Absorbed(M, c, D, shared.F[A] @ _root(spread), W, logdet)


def _root(spread):
    """Square root of positive semi-definite matrices of order 0, 1 or 2."""
    if spread.shape[-1] < 2:
        return np.sqrt(np.maximum(spread, 0.0))
    values, vectors = np.linalg.eigh(spread)
    return vectors * np.sqrt(np.maximum(values, 0.0))[:, None, :]


def _factor(K):
    """Write covariances of at most three rows as diag(D) + F F' with one column fewer than rows."""
    scale = np.sqrt(np.diagonal(K, axis1=1, axis2=2))
    R = K / (scale[:, :, None] * scale[:, None, :])
    d = K.shape[1]
    if d == 2:
        r = R[:, 0, 1]
        load = np.sqrt(np.abs(r))[:, None] * np.stack([np.ones_like(r), np.sign(r)], axis=1)
        return scale**2 * (1 - np.abs(r))[:, None], (scale * load)[:, :, None]
    values, vectors = np.linalg.eigh(R)
    F = vectors[:, :, 1:] * np.sqrt(np.maximum(values[:, 1:] - values[:, :1], 0.0))[:, None, :]
    return scale**2 * values[:, :1], scale[:, :, None] * F


def check_shape(site):
    """Refuse a site whose statements need more than two shared shifts."""
    if site.shared is None and site.statements.size > 3:
        raise ValueError(
            f"site {site.label}: its {site.statements.size} statements share more than two arms; "
            "the exact engine takes at most three such statements, use pooling.model"
        )


def shift_nodes(site, given, reach=REACH[0], step=STEP[0]):
    """Nodes (S, q) and weights (S,) for the standardised shared shifts."""
    q = given.F.shape[2]
    if q == 0 or not np.any(given.F):
        return np.zeros((1, q)), np.ones(1)
    ratio = float(((given.F**2).sum(axis=2) / given.D).max())
    step = step / np.sqrt(1 + 1.2 * ratio)
    count = int(np.ceil(reach / step))
    if (2 * count + 1) ** q > MOST_SHIFTS:
        raise ValueError(
            f"site {site.label}: the variances of its arms differ so much that the integral over "
            f"the shared arms needs {(2 * count + 1) ** q} points, more than {MOST_SHIFTS}"
        )
    z = np.linspace(-reach, reach, 2 * count + 1)
    w = np.exp(-0.5 * z * z)
    w /= w.sum()
    if q == 1:
        return z[:, None], w
    grid = np.stack(np.meshgrid(z, z, indexing="ij"), axis=-1).reshape(-1, 2)
    return grid, np.outer(w, w).ravel()


def predictor(coefficients, axes):
    """Sum over j of coefficients[..., j] mu_j on the axes it uses: (T, n_1 or 1, …, n_p or 1).

    coefficients (T, p); axes[j] is (n_j,) or (T, n_j).
    """
    p = len(axes)
    out = np.zeros((1,) * (p + 1))
    for j, axis in enumerate(axes):
        if np.any(coefficients[:, j]):
            axis = np.atleast_2d(axis)
            shape = [1] * (p + 1)
            shape[0], shape[j + 1] = max(axis.shape[0], coefficients.shape[0]), axis.shape[1]
            out = out + (coefficients[:, j, None] * axis).reshape(shape)
    return out


def number_log_density(site, given, axes):
    """Log density of the site's numbers, (T, …) on the axes they use."""
    N = site.numbers
    T, p = given.W.shape[0], len(axes)
    residual = [site.y[a] - predictor(np.broadcast_to(site.X[a], (T, p)), axes) for a in N]
    out = np.zeros((T,) + (1,) * p)
    for i, left in enumerate(residual):
        for j in range(i + 1):
            weight = given.W[:, i, j].reshape((T,) + (1,) * p)
            out = out + (1 if i == j else 2) * weight * (left * residual[j])
    return -0.5 * (out + (given.logdet + N.size * LOG_2PI).reshape((T,) + (1,) * p))


def statement_bounds(site, given, axes, shifts):
    """Standardised bounds of each statement given mu, tau and shifts: list of (lower, upper), (T, S, …)."""
    T, p = given.c.shape[0], len(axes)
    out = []
    for b, row in enumerate(site.statements):
        centre = predictor(given.M[:, b], axes)[:, None]
        shift = (given.F[:, b] @ shifts.T + given.c[:, b, None]).reshape((T, -1) + (1,) * p)
        s = np.sqrt(given.D[:, b]).reshape((T, 1) + (1,) * p)
        out.append(
            tuple(
                (bound - centre - shift) / s if np.isfinite(bound) else np.full((1,) * (p + 2), bound)
                for bound in (site.lower[row], site.upper[row])
            )
        )
    return out


def log_likelihood(site, tau, axes, *, tails=True):
    """Log likelihood of a site, (T, n_1 or 1, …, n_p or 1): axes it does not depend on have length 1.

    Probabilities below 1e-200 are added up in logs, which takes long; without `tails` they may be zero wherever
    some point has a larger one.
    """
    given = absorb(site, tau)
    out = number_log_density(site, given, axes) if site.numbers.size else np.zeros((1,) * (len(axes) + 1))
    if not site.statements.size:
        return out
    several = len(axes) > 2
    shifts, weights = shift_nodes(site, given, REACH[several], STEP[several])
    bounds = statement_bounds(site, given, axes, shifts)
    if weights.size == 1:
        return (
            out
            + sum(
                _log_mixture(sum(log_probability(*bounds[j]) for j in rows), eps, log_q)
                for rows, eps, log_q in site.sources
            )[:, 0]
        )
    value = _patterns(site, [probability(*bound) for bound in bounds], weights)
    if (value.min() if tails else value.max()) < 1e-200:
        return out + _contract_log(site, bounds, weights)
    with np.errstate(divide="ignore"):
        np.log(value, out=value)
    return out + value if site.numbers.size else value


def _patterns(site, factors, weights):
    """Sum over which unsure sources are reliable: the joint probability of the reliable ones' statements.

    The sum stands outside the integral over the shared shifts, so that each term is a matrix product.
    """
    unsure = [source for source in site.sources if source[1]]
    certain = [j for rows, eps, _ in site.sources if not eps for j in rows]
    floor, terms = 0.0, []
    for pattern in product((True, False), repeat=len(unsure)):
        share, chosen = 1.0, list(certain)
        for reliable, (rows, eps, log_q) in zip(pattern, unsure):
            share *= (1 - eps) if reliable else eps * np.exp(log_q)
            chosen += rows if reliable else ()
        if chosen:
            terms.append(_contract([factors[j] for j in chosen], weights))
            terms[-1] *= share
        else:
            floor += share
    total = terms[0] if len(terms) == 1 else sum(terms)
    total += floor
    return total


def _log_mixture(log_joint, eps, log_q):
    """log((1 - eps) P + eps q)."""
    return np.logaddexp(np.log1p(-eps) + log_joint, np.log(eps) + log_q) if eps else log_joint


def _contract_log(site, bounds, weights):
    """The same integral in logs, for evidence so contradictory that probabilities underflow."""
    total = np.log(weights).reshape((1, -1) + (1,) * (bounds[0][0].ndim - 2))
    for rows, eps, log_q in site.sources:
        total = total + _log_mixture(sum(log_probability(*bounds[j]) for j in rows), eps, log_q)
    return logsumexp(total, axis=1)


def _contract(factors, weights):
    """Weighted sum over shifts of the product of factors (T, S, …), (T, …): a matrix product over the shifts.

    Factors are multiplied, neighbours with the smallest product first, until two are left; the axes that both use
    number the matrices.
    """
    groups = sorted(factors, key=lambda g: next((k for k in range(2, g.ndim) if g.shape[k] > 1), g.ndim))
    while len(groups) > 2:
        _, i = min((np.broadcast(groups[i], groups[i + 1]).size, i) for i in range(len(groups) - 1))
        groups[i] = groups[i] * groups.pop(i + 1)
    T, S = np.broadcast_shapes(*(g.shape[:2] for g in groups))
    groups = [np.broadcast_to(g, (T, S, *g.shape[2:])) for g in groups]
    first = groups[0] * weights.reshape((-1,) + (1,) * (groups[0].ndim - 2))
    if len(groups) == 1:
        return first.sum(axis=1)
    second = groups[1]
    axes = [[k for k in range(2, g.ndim) if g.shape[k] > 1] for g in (first, second)]
    both = [k for k in axes[0] if k in axes[1]]
    one, other = ([k for k in own if k not in both] for own in axes)
    sizes = [[g.shape[k] for k in own] for g, own in ((first, both), (first, one), (second, other))]
    left = _ordered(first, [0, *both, *one, 1]).reshape(T, int(np.prod(sizes[0])), -1, S)
    right = _ordered(second, [0, *both, 1, *other]).reshape(T, int(np.prod(sizes[0])), S, -1)
    value = (left @ right).reshape(T, *sizes[0], *sizes[1], *sizes[2])
    found = [0, *both, *one, *other]
    shape = [T, *(max(g) for g in zip(first.shape[2:], second.shape[2:]))]
    return np.ascontiguousarray(value.transpose(np.argsort(found))).reshape(shape)


def _ordered(array, axes):
    """The array with these axes in this order; the others, of length one, come last."""
    return array.transpose([*axes, *(k for k in range(array.ndim) if k not in axes)])
