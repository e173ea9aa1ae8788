"""The likelihood of one site, written from the definitions: dense normal algebra and rectangle probabilities.

Nothing here is shared with the engine under test. The reliability of sources is an explicit sum over all
patterns of right and wrong sources; two statements are integrated one after the other over their own
intervals, three or more against one control over that control arm's deviation.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
from reference_quadrature import Axis, interval_probability, log_interval_probability, rectangle


@dataclass
class Site:
    """Rows of one site; S and R are their sampling and heterogeneity covariance."""

    index: np.ndarray
    X: np.ndarray
    y: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    S: np.ndarray
    R: np.ndarray
    # Covariance of each row with its control arm's deviation (sampling, heterogeneity), and the variance.
    control: tuple | None
    source: list
    epsilon: np.ndarray
    log_q: np.ndarray


def sites(given):
    """Cut the arrays of Contract 1 (see `generate.py`) into sites."""
    n = len(given["y"])
    y = given["y"]
    lower, upper = (np.full(n, np.nan) if given[name] is None else given[name] for name in ("lower", "upper"))
    X = np.ones((n, 1)) if given["X"] is None else given["X"]
    V = given["V"]
    variance = given["v"] if V is None else np.diag(V)
    groups = list(range(n)) if given["groups"] is None else given["groups"]
    source = [""] * n if given["source"] is None else given["source"]
    epsilon = np.zeros(n) if given["epsilon"] is None else np.broadcast_to(given["epsilon"], n)
    spread = given["kappa"] * np.sqrt(variance)
    log_q = log_interval_probability(
        np.nan_to_num(lower / spread, posinf=np.inf, neginf=-np.inf),
        np.nan_to_num(upper / spread, posinf=np.inf, neginf=-np.inf),
    )
    out = []
    for label in dict.fromkeys(groups):
        i = np.array([k for k in range(n) if groups[k] == label])
        if given["contrast"] is None:
            R = 0.5 * (np.eye(i.size) + 1)
            S = np.diag(variance[i]) if V is None else V[np.ix_(i, i)]
            shared = S[0, 1] if i.size > 1 else 0.0
            one = np.ones(i.size)
            control = (shared * one, 0.5 * one, shared)
        else:
            L, arm_v = given["contrast"][0][i], given["contrast"][1][i[0]]
            R = 0.5 * L @ L.T
            S = L @ np.diag(arm_v) @ L.T if V is None else V[np.ix_(i, i)]
            control = (L[:, 0] * arm_v[0], 0.5 * L[:, 0], arm_v[0]) if V is None else None
        out.append(Site(i, X[i], y[i], lower[i], upper[i], S, R, control, [source[k] for k in i], epsilon[i], log_q[i]))
    return out


def smallest_scale(all_sites):
    """A standard deviation below which tau makes no difference to any row or arm."""
    found = []
    for site in all_sites:
        found.append(np.linalg.eigvalsh(site.S)[0])
        if site.control is not None:
            own = np.diag(site.S) - (site.control[0] ** 2 / max(site.control[2], 1e-300))
            found += list(own[own > 0])
    return float(np.sqrt(min(found)))


def log_likelihood(site, axes, tau, n, offset=None):
    """Log likelihood of the site at one tau on a tensor grid of mu (broadcasts over unused axes).

    offset shifts the mean of every row (used to find site effects); n sets the nodes of the integrals.
    """
    offset = np.zeros(len(site.y)) if offset is None else offset
    mean = [_predict(x, axes) + shift for x, shift in zip(site.X, offset)]
    C = site.S + tau**2 * site.R
    numbers = np.flatnonzero(~np.isnan(site.y))
    told = np.flatnonzero(np.isnan(site.y) & (np.isfinite(site.lower) | np.isfinite(site.upper)))
    total, gain = 0.0, np.zeros((told.size, 0))
    residual = [site.y[i] - mean[i] for i in numbers]
    if numbers.size:
        inverse = np.linalg.inv(C[np.ix_(numbers, numbers)])
        quadratic = sum(
            inverse[i, j] * residual[i] * residual[j] for i in range(numbers.size) for j in range(numbers.size)
        )
        logdet = np.linalg.slogdet(C[np.ix_(numbers, numbers)])[1]
        total = -0.5 * (quadratic + logdet + numbers.size * np.log(2 * np.pi))
        gain = C[np.ix_(told, numbers)] @ inverse
    if not told.size:
        return total
    given = [mean[a] + sum(g * r for g, r in zip(gain[i], residual)) for i, a in enumerate(told)]
    K = C[np.ix_(told, told)] - gain @ C[np.ix_(numbers, told)]
    return total + _mixture(site, told, numbers, given, K, tau, n, len(axes))


def _predict(x, axes):
    """X mu on the axes that carry a coefficient."""
    out = np.zeros((1,) * len(axes))
    for j, axis in enumerate(axes):
        if x[j] != 0:
            shape = [1] * len(axes)
            shape[j] = -1
            out = out + x[j] * np.reshape(axis, shape)
    return out


def _mixture(site, told, numbers, mean, K, tau, n, dimensions):
    """Sum over the patterns of right and wrong sources of the probability of what the right ones say."""
    sure = [i for i, a in enumerate(told) if site.epsilon[a] == 0]
    names = dict.fromkeys(site.source[a] for a in told if site.epsilon[a] > 0)
    rows = [[i for i, a in enumerate(told) if site.epsilon[a] > 0 and site.source[a] == name] for name in names]
    epsilon = [site.epsilon[told[own[0]]] for own in rows]
    star = None
    if site.control is not None and len(told) > 1 and (len(told) > 2 or dimensions > 1):
        star = _given_control(site, told, numbers, tau, K)
    factors = None if star is None else _over_control(site, told, mean, *star, n)
    terms = []
    for right in product([True, False], repeat=len(rows)):
        log_weight, reliable = 0.0, list(sure)
        for own, eps, ok in zip(rows, epsilon, right):
            log_weight += np.log1p(-eps) if ok else np.log(eps) + sum(site.log_q[told[i]] for i in own)
            reliable += own if ok else []
        terms.append(log_weight + _log_joint(site, told, mean, K, factors, reliable, n))
    out = terms[0]
    for term in terms[1:]:
        out = np.logaddexp(out, term)
    return out


def _log_joint(site, told, mean, K, factors, rows, n):
    """Log probability that all given statements hold."""
    if not rows:
        return 0.0
    lower, upper = site.lower[told[rows]], site.upper[told[rows]]
    if len(rows) == 1:
        s = np.sqrt(K[rows[0], rows[0]])
        return log_interval_probability((lower[0] - mean[rows[0]]) / s, (upper[0] - mean[rows[0]]) / s)
    with np.errstate(divide="ignore"):
        if factors is not None:
            weight, each = factors
            return np.log(_sum_of_products(weight, [each[i] for i in rows]))
        shape = np.broadcast_shapes(*(mean[i].shape for i in rows))
        means = [np.broadcast_to(mean[i], shape) for i in rows]
        return np.log(rectangle(means, K[np.ix_(rows, rows)], lower, upper, n))


def _given_control(site, rows, numbers, tau, K):
    """Loadings on the control arm's standardised deviation and own sds, if that makes rows independent."""
    sampling, between, variance = site.control
    c = sampling + tau**2 * between
    total = variance + tau**2 / 2
    cross = c[rows]
    if numbers.size:
        C = site.S + tau**2 * site.R
        gain = np.linalg.solve(C[np.ix_(numbers, numbers)], c[numbers])
        cross = cross - C[np.ix_(rows, numbers)] @ gain
        total = total - c[numbers] @ gain
    load = cross / np.sqrt(total)
    rest = K - np.outer(load, load)
    own = np.diag(rest)
    if np.abs(rest - np.diag(own)).max() > 1e-10 * own.max() or own.min() <= 0:
        return None
    return load, np.sqrt(own)


def _over_control(site, told, mean, load, own, n):
    """Weights over the control's deviation, and the probability of each statement given it (last axis)."""
    axis = Axis(np.linspace(-9, 9, 10), n // 3 + 2)
    weight = axis.weights * np.exp(-(axis.nodes**2) / 2) / np.sqrt(2 * np.pi)
    each = []
    for i, a in enumerate(told):
        centre = mean[i][..., None] + load[i] * axis.nodes
        each.append(interval_probability((site.lower[a] - centre) / own[i], (site.upper[a] - centre) / own[i]))
    return weight, each


def _sum_of_products(weight, factors):
    """Sum over the last axis of weight times all factors; an axis of length one is left out until the end."""
    grouped = {}
    for factor in factors:
        grouped[factor.shape] = grouped.get(factor.shape, 1.0) * factor
    operands = [weight, "z"]
    for shape, factor in grouped.items():
        used = "".join(letter for letter, size in zip("abc", shape[:-1]) if size > 1)
        operands += [factor.reshape([size for size in shape[:-1] if size > 1] + [shape[-1]]), used + "z"]
    letters = sorted(set("".join(operands[1::2])) - {"z"})
    total = np.einsum(",".join(operands[1::2]) + "->" + "".join(letters), *operands[::2], optimize=True)
    return total.reshape(np.broadcast_shapes(*(shape[:-1] for shape in grouped)))
