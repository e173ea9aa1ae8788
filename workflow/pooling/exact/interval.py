"""Probability that a standard normal lies in an interval, exact in the tails and for thin intervals."""

from __future__ import annotations

import numpy as np
from scipy.special import log_ndtr, ndtr

LOG_2PI = np.log(2 * np.pi)
# Below this width (times distance from zero) a difference of two Phi loses digits; the series then has 1e-15.
THIN = 1e-2


def _mirrored(lower, upper):
    """Both bounds in the lower half where possible: Phi is exact there, one minus a tail is not."""
    lower, upper = np.broadcast_arrays(lower, upper)
    with np.errstate(invalid="ignore"):
        flip = lower + upper > 0
    return np.where(flip, -upper, lower), np.where(flip, -lower, upper)


def _thin_log(lower, upper):
    """log of the integral of the normal density over a thin interval: midpoint with its next two terms."""
    h, m = upper - lower, 0.5 * (lower + upper)
    m2, h2 = m * m, h * h
    series = h2 * (m2 - 1) / 24 + h2 * h2 * (m2 * m2 - 6 * m2 + 3) / 1920
    with np.errstate(divide="ignore"):  # far out both bounds are the same number: no probability
        return -0.5 * (LOG_2PI + m2) + np.log(h) + np.log1p(series)


def _thin(lower, upper):
    """Positions of thin intervals; None where there is none, which the widths alone often tell."""
    with np.errstate(invalid="ignore", over="ignore"):
        width = upper - lower
        if width.size and width.min() >= THIN:
            return None
        return width * np.maximum(1.0, np.abs(lower)) < THIN


def log_probability(lower, upper):
    """log P(lower < Z < upper) for standard normal Z; arrays broadcast, bounds may be infinite."""
    if np.all(np.isneginf(lower)):
        return log_ndtr(upper) + np.zeros(np.shape(lower))
    if np.all(np.isposinf(upper)):
        return log_ndtr(np.negative(lower)) + np.zeros(np.shape(upper))
    lower, upper = _mirrored(lower, upper)
    below, above = log_ndtr(lower), log_ndtr(upper)
    with np.errstate(divide="ignore", invalid="ignore"):
        out = np.asarray(above + np.log1p(-np.exp(below - above)))
    thin = _thin(lower, upper)
    if thin is not None and thin.any():
        out[thin] = _thin_log(lower[thin], upper[thin])
    return out


def probability(lower, upper):
    """P(lower < Z < upper) for standard normal Z: faster than `log_probability`, as accurate above 1e-300."""
    if np.all(np.isneginf(lower)):
        return ndtr(upper) + np.zeros(np.shape(lower))
    if np.all(np.isposinf(upper)):
        return ndtr(np.negative(lower)) + np.zeros(np.shape(upper))
    lower, upper = _mirrored(lower, upper)
    out = np.asarray(ndtr(upper) - ndtr(lower))
    thin = _thin(lower, upper)
    if thin is not None and thin.any():
        out[thin] = np.exp(_thin_log(lower[thin], upper[thin]))
    return out


def truncated_moments(lower, upper):
    """Log probability, mean and variance of a standard normal restricted to (lower, upper)."""
    log_z = log_probability(lower, upper)
    lower, upper = np.broadcast_arrays(lower, upper)
    with np.errstate(over="ignore"):
        at_lower = np.exp(-0.5 * (lower * lower + LOG_2PI) - log_z)
        at_upper = np.exp(-0.5 * (upper * upper + LOG_2PI) - log_z)
    mean = at_lower - at_upper
    first = np.where(np.isinf(lower), 0.0, lower) * at_lower
    last = np.where(np.isinf(upper), 0.0, upper) * at_upper
    variance = 1 + first - last - mean**2
    # Far tails and thin intervals: the differences above have no digits left; use their limits.
    width = upper - lower
    inside = np.clip(0.0, lower, upper)
    tail = 1.0 / np.maximum(np.abs(inside), 1.0)
    mean = np.where(np.isfinite(mean), np.clip(mean, lower, upper), inside)
    limit = np.minimum(width**2 / 12, tail**2)
    doubtful = (variance < 1e-6) | (variance > 1) | ~np.isfinite(variance) | (width < 1e-3)
    return log_z, mean, np.where(doubtful, limit, variance)
