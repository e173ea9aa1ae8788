"""Mean, sd, interval and probabilities of many posteriors on one axis at once."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.interpolate import make_interp_spline

from pooling.exact.axes import Axis

FINE = 601


class Reader:
    """Reads densities off grid weights; everything is a matrix product but the exponential.

    The eighth root of the density is interpolated by a quintic spline, which is linear in its values: of a bell
    that root is a bell nearly three times as wide, and where the density vanishes it does so smoothly, as its
    logarithm does not.

    Parameters
    ----------
    axis
        The grid.
    convert
        Rising function from the model's scale to that of the readers.
    delta
        Smallest effect worth having, on the readers' scale.
    level
        Probability of the interval.
    """

    def __init__(self, axis: Axis, convert: Callable, delta: float, level: float):
        self._axis, self._level = axis, level
        self._t = np.linspace(axis.t[0], axis.t[-1], FINE)
        self._spline = make_interp_spline(axis.t, np.eye(axis.t.size), k=5)(self._t)
        self._x = axis.forward(self._t)
        self._values = convert(self._x)
        self._slope = axis.density(self._t)
        self._delta = delta

    def read(self, weights: np.ndarray) -> dict[str, np.ndarray]:
        """Summaries of posteriors, each a row of grid weights (S, n)."""
        root = np.sqrt(np.sqrt(np.sqrt(weights / self._axis.weights)))
        density = np.maximum(root @ self._spline.T, 0.0)
        for _ in range(3):
            density *= density
        density *= self._slope
        below = np.zeros_like(density)
        np.cumsum(0.5 * (density[:, 1:] + density[:, :-1]), axis=1, out=below[:, 1:])
        total = below[:, -1:].copy()
        below /= total
        mass = density / density.sum(axis=1, keepdims=True)
        mean = mass @ self._values
        sd = np.sqrt(np.maximum(mass @ self._values**2 - mean**2, 0.0))
        tail = 0.5 - self._level / 2
        return {
            "mean": mean,
            "sd": sd,
            "lower": self._quantile(below, tail),
            "upper": self._quantile(below, 1 - tail),
            "prob_positive": 1 - self._below(below, density / total, 0.0),
            "prob_increase": 1 - self._below(below, density / total, self._delta),
            "prob_decrease": self._below(below, density / total, -self._delta),
        }

    def _quantile(self, below: np.ndarray, q: float) -> np.ndarray:
        right = np.clip((below < q).sum(axis=1), 1, FINE - 1)
        line = np.arange(len(below))
        low, high = below[line, right - 1], below[line, right]
        part = (q - low) / np.maximum(high - low, 1e-300)
        return self._values[right - 1] + part * (self._values[right] - self._values[right - 1])

    def _below(self, below: np.ndarray, density: np.ndarray, value: float) -> np.ndarray:
        """P(effect <= value): up to the fine node on its left, and a trapezoid from there."""
        if value <= self._values[0]:
            return np.zeros(len(below))
        if value >= self._values[-1]:
            return np.ones(len(below))
        k = int(np.searchsorted(self._values, value)) - 1
        part = (value - self._values[k]) / (self._values[k + 1] - self._values[k])
        there = density[:, k] + part * (density[:, k + 1] - density[:, k])
        return below[:, k] + 0.5 * part * (density[:, k] + there)
