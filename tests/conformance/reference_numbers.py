"""Reference answers where every row is a number: conjugate given tau, panels over tau, dense algebra."""

from __future__ import annotations

import numpy as np
from reference_quadrature import Axis, rectangle
from reference_sites import sites, smallest_scale
from scipy.optimize import brentq
from scipy.special import ndtr

NODES = (14, 21, 30)


def tau_breaks(lowest, prior, factor=2.0, reach=1.0):
    """Panels in tau, each `factor` times the one before, from the lowest scale that matters to the prior's end.

    The end is `reach` times where the prior leaves 1e-15: numbers can pull the posterior beyond that.

    Where the prior stops at a finite tau the panels shrink towards it: mass may pile up there.
    """
    if prior is None:
        lower, upper, floor = 0.0, np.inf, lowest
    else:
        lower, upper = prior.support()
        floor = min(lowest, prior.ppf(0.5) - lower)
    steps = lower + floor / 4 * factor ** np.arange(200)
    if np.isfinite(upper):
        inner = np.append(steps[steps < (lower + upper) / 2], upper - (upper - lower) * 0.5 ** np.arange(1, 12))
        return np.array([lower, *inner, upper])
    last = lower + floor * 2.0**60
    if prior is not None and np.isfinite(prior.ppf(1 - 1e-15)):
        last = min(last, reach * prior.ppf(1 - 1e-15))
    return np.array([lower, *steps[steps < last * 0.999], last])


def solve(given, level):
    """Answers at one level of refinement (0 to 2)."""
    cut = sites(given)
    order = np.concatenate([site.index for site in cut])
    X, y = given_design(given)[order], given["y"][order]
    S, R = (_blocks([getattr(site, name) for site in cut]) for name in "SR")
    p = X.shape[1]
    mean0, precision = normal_prior(given["mu_prior"], p)
    axis = Axis(tau_breaks(smallest_scale(cut), given["tau_prior"], 2**0.5, reach=4.0), NODES[level])
    fits = [_given_tau(y, X, S, R, tau, mean0, precision) for tau in axis.nodes]
    log_ml = np.array([fit[0] for fit in fits])
    if given["tau_prior"] is not None:
        log_ml = log_ml + given["tau_prior"].logpdf(axis.nodes)
    top = log_ml.max()
    density = np.exp(log_ml - top)
    share = density * axis.weights
    evidence = share.sum()
    share = share / evidence
    m = np.array([fit[1] for fit in fits])
    V = np.array([fit[2] for fit in fits])
    t, t2 = np.array([fit[3] for fit in fits]), np.array([fit[4] for fit in fits])
    s = np.sqrt(np.diagonal(V, axis1=1, axis2=2))
    mu = [Mixture(share, m[:, j], s[:, j]) for j in range(p)]
    new = [Mixture(share, m[:, j], np.sqrt(s[:, j] ** 2 + axis.nodes**2)) for j in range(p)]
    mean_tau = share @ axis.nodes
    proper = given["mu_prior"] is not None and given["tau_prior"] is not None
    return {
        "mu": [one.summary() for one in mu],
        "tau": {
            "mean": mean_tau,
            "sd": np.sqrt(share @ (axis.nodes - mean_tau) ** 2),
            "median": axis.quantile(density, 0.5),
        },
        "log_ml": top + np.log(evidence) if proper else None,
        "new_site": [{k: v for k, v in one.summary().items() if k in ("mean", "sd", "positive")} for one in new],
        "best": [share @ _best(m, V, j) for j in range(p)] if p > 1 else None,
        "theta": [
            _theta(int(row), Mixture(share, t[:, k], np.sqrt(t2[:, k])))
            for k, row in enumerate(order)
            if int(row) in given["theta_rows"]
        ],
    }


def given_design(given):
    """The design, a column of ones where none is given."""
    return np.ones((len(given["y"]), 1)) if given["X"] is None else given["X"]


def normal_prior(prior, p):
    """Mean and precision per coefficient; precision zero is flat."""
    if prior is None:
        return np.zeros(p), np.zeros(p)
    mean, sd = (np.broadcast_to(part, p).astype(float) for part in prior)
    return mean, 1 / sd**2


class Mixture:
    """Normal distributions mixed over tau."""

    def __init__(self, share, mean, sd):
        self.share, self.mean, self.sd = share, mean, sd

    def below(self, x):
        return float(self.share @ ndtr((x - self.mean) / self.sd))

    def moments(self):
        mean = self.share @ self.mean
        return mean, np.sqrt(self.share @ (self.sd**2 + (self.mean - mean) ** 2))

    def quantile(self, q):
        mean, sd = self.moments()
        width = 10 * sd
        while self.below(mean - width) > q or self.below(mean + width) < q:
            width *= 10
        return brentq(lambda x: self.below(x) - q, mean - width, mean + width, xtol=1e-14 * sd, rtol=1e-14)

    def summary(self):
        mean, sd = self.moments()
        low, median, high = (self.quantile(q) for q in (0.025, 0.5, 0.975))
        positive = float(self.share @ ndtr(self.mean / self.sd))
        return {"mean": mean, "sd": sd, "q025": low, "median": median, "q975": high, "positive": positive}


def _theta(row, mixture):
    mean, sd = mixture.moments()
    return {"row": row, "mean": mean, "sd": sd}


def _blocks(parts):
    n = sum(len(part) for part in parts)
    out, start = np.zeros((n, n)), 0
    for part in parts:
        out[start : start + len(part), start : start + len(part)] = part
        start += len(part)
    return out


def _given_tau(y, X, S, R, tau, mean0, precision):
    """Log marginal likelihood, mean and covariance of mu, mean and variance of every site effect."""
    C = S + tau**2 * R
    scale = np.sqrt(np.diag(C))
    root = np.linalg.cholesky(C / np.outer(scale, scale)) * scale[:, None]
    white_X, white_y = np.linalg.solve(root, X), np.linalg.solve(root, y)
    # Stacked least squares: rows of the data, whitened, over rows of the prior, whitened.
    stack = np.vstack([white_X, np.diag(np.sqrt(precision))])
    target = np.concatenate([white_y, np.sqrt(precision) * mean0])
    Q, upper = np.linalg.qr(stack)
    mean = np.linalg.solve(upper, Q.T @ target)
    inverse = np.linalg.inv(upper)
    V = inverse @ inverse.T
    rest = target - stack @ mean
    known = precision > 0
    log_ml = (
        -0.5 * (rest @ rest)
        - np.log(np.diag(root)).sum()
        - np.log(np.abs(np.diag(upper))).sum()
        + 0.5 * np.log(precision[known]).sum()
        - 0.5 * (len(y) - (~known).sum()) * np.log(2 * np.pi)
    )
    # theta = X mu + u; given mu, u follows from y by regression: no small differences of large numbers.
    white_R = np.linalg.solve(root, tau**2 * R)
    centre = X @ mean + white_R.T @ (white_y - white_X @ mean)
    change = X - white_R.T @ white_X
    own = np.diag(tau**2 * R) - (white_R**2).sum(axis=0)
    variance = np.einsum("ij,jk,ik->i", change, V, change) + np.maximum(own, 0)
    return log_ml, mean, V, centre, variance


def _best(m, V, j):
    """P(mu_j is the largest) given each tau."""
    p = m.shape[1]
    A = np.delete(np.eye(p)[j] - np.eye(p), j, axis=0)
    out = np.empty(len(m))
    for t in range(len(m)):
        gap, cov = A @ m[t], A @ V[t] @ A.T
        out[t] = rectangle([np.array(g) for g in gap], cov, [0.0] * (p - 1), [np.inf] * (p - 1), 60)
    return out
