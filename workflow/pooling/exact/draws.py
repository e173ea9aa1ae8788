"""Independent posterior draws, from the same quadrature."""

from __future__ import annotations

import numpy as np
from scipy.interpolate import make_interp_spline
from scipy.special import ndtr, ndtri

from .axes import refine


def _normal(rng, mean, cov):
    """One draw per leading index from normals (…, k), (…, k, k), degenerate ones included."""
    values, vectors = np.linalg.eigh(cov)
    z = rng.standard_normal(mean.shape) * np.sqrt(np.maximum(values, 0.0))
    return mean + np.einsum("...ij,...j->...i", vectors, z)


def draw_numbers(fit, n, rng):
    """Draws of a `NumbersFit`: tau by inversion, then mu and theta from their normals."""
    tau = np.broadcast_to(fit.tau.quantile(rng.random(n)), n).copy()
    mean, cov, _ = fit._model.solve(tau)
    mu = _normal(rng, mean, cov)
    theta = np.empty((n, fit._model.y.size))
    blocks, _ = fit._model.weights(tau)
    for index, R, W in blocks:
        t2 = tau[:, None, None, None] ** 2
        centre = np.einsum("kap,np->nka", fit._model.X[index], mu)
        pull = t2 * (R @ W)
        left = t2 * R - t2 * (pull @ R)
        off = fit._model.y[index] - centre
        theta[:, index] = _normal(rng, centre + np.einsum("nkab,nkb->nka", pull, off), left)
    return {"mu": mu, "tau": tau, "theta": theta[:, fit._position]}


def draw_grid(fit, n, rng):
    """Draws of a `GridFit`: tau by inversion, mu axis by axis from interpolated conditional densities."""
    from .site_effects import SiteEffects

    tensors = fit._tensors
    tau = np.broadcast_to(fit.tau.quantile(rng.random(n)), n).copy()
    node = _neighbour(tensors.nodes, tau, fit._per_tau, rng)
    mu = np.empty((n, fit.n_coefficients))
    for t in np.unique(node):
        chosen = np.flatnonzero(node == t)
        mu[chosen] = _axis_by_axis(tensors.axes, fit._p[t], chosen.size, rng)
    rows = np.concatenate([tensors.sites[i].rows for i in fit._keep])
    theta = np.empty((n, rows.size))
    place = {row: k for k, row in enumerate(np.sort(rows))}
    for i in fit._keep:
        effects = SiteEffects(tensors.sites[i], tau, mu)
        theta[:, [place[row] for row in tensors.sites[i].rows]] = effects.draw(rng)
    return {"mu": mu, "tau": tau, "theta": theta}


def _neighbour(nodes, tau, mass, rng):
    """For every tau, one of the two nodes around it, the nearer the likelier."""
    if nodes.u is None:
        return np.zeros(tau.size, dtype=int)
    u = np.clip(nodes.prior.u(tau), nodes.u[0], nodes.u[-1])
    above = np.clip(np.searchsorted(nodes.u, u), 1, nodes.u.size - 1)
    share = (u - nodes.u[above - 1]) / (nodes.u[above] - nodes.u[above - 1])
    return np.where(rng.random(tau.size) < share, above, above - 1)


def _axis_by_axis(axes, weights, n, rng):
    """Draws (n, p) from grid weights (n_1, …, n_p): each axis given those before it."""
    out = np.empty((n, len(axes)))
    value = np.broadcast_to(weights, (1, *weights.shape))
    for j, axis in enumerate(axes):
        if axis.kind == "known":
            out[:, j] = axis.points[0]
            value = value[:, 0]
            continue
        line = value.sum(axis=tuple(range(2, value.ndim)))
        t, density = refine(axis, line)
        below = np.cumsum(0.5 * (density[:, 1:] + density[:, :-1]), axis=1)
        below = np.concatenate([np.zeros((below.shape[0], 1)), below], axis=1)
        below = np.broadcast_to(below / below[:, -1:], (n, t.size))
        u = rng.random(n)
        last = np.clip((below < u[:, None]).sum(axis=1), 1, t.size - 1)
        rows = np.arange(n)
        start, end = below[rows, last - 1], below[rows, last]
        at = t[last - 1] + (t[last] - t[last - 1]) * np.clip((u - start) / np.maximum(end - start, 1e-300), 0, 1)
        out[:, j] = axis.forward(at)
        if j + 1 < len(axes):
            basis = make_interp_spline(axis.t, np.eye(axis.t.size), k=5)(at)
            with np.errstate(divide="ignore"):
                logs = np.log(value)
            logs = np.maximum(logs, logs.max() - 600.0)
            logs = np.broadcast_to(logs, (n, *logs.shape[1:])) if logs.shape[0] == n else logs
            mixed = (
                np.einsum("nk,nk...->n...", basis, logs) if logs.shape[0] == n else np.tensordot(basis, logs[0], axes=1)
            )
            value = np.exp(mixed - mixed.reshape(n, -1).max(axis=1).reshape((n,) + (1,) * (mixed.ndim - 1)))
    return out


def truncated(rng, lower, upper):
    """Standard normals restricted to (lower, upper), by inversion in the nearer tail."""
    with np.errstate(invalid="ignore"):
        flip = lower + upper > 0
    a, b = np.where(flip, -upper, lower), np.where(flip, -lower, upper)
    z = ndtri(ndtr(a) + rng.random(a.shape) * (ndtr(b) - ndtr(a)))
    z = np.clip(z, a, b)
    return np.where(flip, -z, z)
