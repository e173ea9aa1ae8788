"""Composite Gauss-Legendre quadrature whose integrals can stop anywhere, not only at the end of a panel."""

from __future__ import annotations

import numpy as np
from numpy.polynomial import legendre
from scipy.optimize import brentq
from scipy.special import log_ndtr, ndtr


class Axis:
    """Nodes and weights on panels between breakpoints, `n` nodes in each."""

    def __init__(self, breaks, n):
        self.breaks = np.asarray(breaks, dtype=float)
        self.n = n
        x, w = legendre.leggauss(n)
        half = np.diff(self.breaks) / 2
        middle = (self.breaks[:-1] + self.breaks[1:]) / 2
        self.nodes = (middle[:, None] + half[:, None] * x).ravel()
        self.weights = (half[:, None] * w).ravel()
        # Coefficients of the Legendre series of the polynomial through values at the nodes of a panel.
        degree = np.arange(n)
        self.series = legendre.legvander(x, n - 1) * w[:, None] * (2 * degree + 1) / 2

    def weights_below(self, bounds):
        """Quadrature weights for the integral from the first breakpoint to each bound: (bounds, nodes).

        The integrand is taken as the polynomial through its values at the nodes of each panel.
        """
        bounds = np.clip(np.atleast_1d(bounds), self.breaks[0], self.breaks[-1])
        panel = np.clip(np.searchsorted(self.breaks, bounds, side="right") - 1, 0, self.breaks.size - 2)
        half = np.diff(self.breaks)[panel] / 2
        x = (bounds - self.breaks[panel]) / half - 1
        values = legendre.legvander(x, self.n)
        degree = np.arange(1, self.n)
        # The integral of P_l from -1 to x is (P_{l+1}(x) - P_{l-1}(x)) / (2l + 1).
        integral = np.concatenate([(x + 1)[:, None], (values[:, 2:] - values[:, :-2]) / (2 * degree + 1)], 1)
        part = half[:, None] * integral @ self.series.T
        out = np.where(np.arange(self.nodes.size) // self.n < panel[:, None], self.weights, 0.0)
        rows = np.arange(bounds.size)[:, None]
        out[rows, panel[:, None] * self.n + np.arange(self.n)] = part
        return out

    def quantile(self, density, q):
        """Where the integral of `density` (values at the nodes) reaches the share q of its total."""
        total = self.weights @ density
        return brentq(
            lambda x: float(self.weights_below(x)[0] @ density) / total - q,
            self.breaks[0],
            self.breaks[-1],
            xtol=1e-15,
            rtol=1e-13,
        )


def interval_probability(a, b):
    """P(a < Z < b) for a standard normal Z, without loss of digits in the upper tail."""
    if np.all(np.isneginf(a)):
        return ndtr(b)
    if np.all(np.isposinf(b)):
        return ndtr(-a)
    flip = a > 0
    a, b = np.where(flip, -b, a), np.where(flip, -a, b)
    return ndtr(b) - ndtr(a)


def log_interval_probability(a, b):
    """Logarithm of `interval_probability`, also where that underflows."""
    flip = a > 0
    a, b = np.where(flip, -b, a), np.where(flip, -a, b)
    upper = log_ndtr(b)
    with np.errstate(divide="ignore", invalid="ignore"):
        return upper + np.log1p(-np.exp(log_ndtr(a) - upper))


def rectangle(mean, cov, lower, upper, n):
    """P(lower < Z < upper) for Z ~ N(mean, cov), by conditioning on one variable after the other.

    mean is a list of arrays (one for each variable) that broadcast; lower and upper are numbers. The first
    variable is integrated over its own interval, the others given it follow the same way; the last one is
    closed form.
    """
    s = np.sqrt(cov[0, 0])
    a, b = (lower[0] - mean[0]) / s, (upper[0] - mean[0]) / s
    if len(mean) == 1:
        return interval_probability(a, b)
    first = np.clip(np.maximum(a, np.minimum(-8.5, b - 8.5)), -1e6, 1e6)
    last = np.clip(np.minimum(b, np.maximum(8.5, a + 8.5)), -1e6, 1e6)
    unit = Axis(np.linspace(0, 1, 5), n)
    z = first[..., None] + (last - first)[..., None] * unit.nodes
    weight = np.exp(-z * z / 2) / np.sqrt(2 * np.pi) * unit.weights * (last - first)[..., None]
    gain = cov[1:, 0] / s
    rest = cov[1:, 1:] - np.outer(gain, gain)
    given = [mean[i + 1][..., None] + gain[i] * z for i in range(len(mean) - 1)]
    return (weight * rectangle(given, rest, lower[1:], upper[1:], n)).sum(axis=-1)
