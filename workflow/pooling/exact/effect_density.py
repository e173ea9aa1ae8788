"""Distribution of one quantity that is a mixture of very many normal components.

Components that lie close together are merged, mean and variance kept, which changes the characteristic
function only in the fourth order of their distance; the density is then read off that function.
"""

from __future__ import annotations

import numpy as np
from scipy.special import log_ndtr, ndtri_exp

from .axes import from_characteristic

CLOSE = 0.1  # distance within which components are merged at first, in sds of their tau node or of the estimate
FINE = 0.04  # the same for the final merger, in sds of the quantity
MOST_BINS = 4000
BEYOND = 1e-9  # probability outside the range of the density


def merge(node, mean, variance, weight, *also):
    """Merge the components of one tau node that lie close together.

    Parameters
    ----------
    node : (n,) array of int, rising
    mean, variance, weight : arrays of n values, or that broadcast to n
    also : array of n values, optional
        Components must be close in this as well.

    Returns
    -------
    node, weight, mean, variance, also : (k,) arrays
        With the means of `also` over what was merged.
    """
    weight = np.ravel(weight)
    mean, variance, *also = (np.ravel(part) for part in (mean, variance, *also))
    start = np.flatnonzero(np.diff(node, prepend=-1))
    run = np.repeat(np.arange(start.size), np.diff(start, append=node.size))
    total = np.add.reduceat(weight, start)
    total = np.where(total > 0, total, 1.0)
    centre = np.add.reduceat(weight * mean, start) / total
    off = mean - centre[run]
    spread = np.sqrt(np.add.reduceat(weight * off**2, start) / total)
    with np.errstate(divide="ignore", invalid="ignore"):
        place, count = _bins(np.clip(np.nan_to_num(off / spread[run]), -8.0, 8.0))
    key, size = run * count + place, start.size * count
    for part in also:
        place, count = _bins(part)
        key, size = key * count + place, size * count
    mass = np.bincount(key, weight, size)
    full = np.flatnonzero(mass > 0)
    mass = mass[full]
    # Distances from the node's centre: squares of the means themselves could lose all digits.
    shift, square, *also = (np.bincount(key, weight * part, size)[full] / mass for part in (off, off**2, *also))
    inside = np.bincount(key, weight * variance, size)[full] / mass
    which = full // (size // start.size)
    merged = inside + np.maximum(square - shift**2, 0.0)
    return node[start][which], mass, centre[which] + shift, merged, *also


def _bins(value):
    """Bins `CLOSE` wide, as far as their number allows: index of each value, and how many there are."""
    low, high = value.min(), value.max()
    count = int(np.clip(np.ceil((high - low) / CLOSE), 1, 400))
    with np.errstate(divide="ignore", invalid="ignore"):
        index = np.nan_to_num((value - low) * (count / (high - low)), posinf=0.0).astype(int)
    return np.minimum(index, count - 1), count


def slices(lower, upper, count):
    """Bounds that cut a truncated standard normal into parts of equal probability."""
    with np.errstate(invalid="ignore"):
        flip = lower + upper > 0
    a, b = np.where(flip, -upper, lower), np.where(flip, -lower, upper)
    log_a, log_b = log_ndtr(a), log_ndtr(b)
    out = []
    for k in range(count + 1):
        f = k / count
        with np.errstate(divide="ignore"):
            inside = ndtri_exp(np.minimum(np.logaddexp(np.log1p(-f) + log_a, np.log(f) + log_b), -1e-300))
        out.append(a if k == 0 else b if k == count else np.clip(inside, a, b))
    out = [np.where(flip, -x, x) for x in out]
    return [np.where(flip, out[count - k], out[k]) for k in range(count + 1)]


def distribution(mean, sd, components, limits):
    """Density of a mixture.

    Parameters
    ----------
    mean, sd : float
        Of the whole mixture.
    components : list of (node, weight, mean, variance, kind)
        Arrays (k,); those of one node and kind may be merged.
    limits : (nodes,) array
        Highest frequency that the components of a node resolve.

    Returns
    -------
    Table
    """
    node, w, m, v = (np.concatenate([part[k] for part in components]) for k in range(4))
    kind = np.concatenate([np.full(part[0].size, part[4]) for part in components])
    low, high = _range(w, m, v)
    bins = int(np.clip((high - low) / (FINE * sd), 64, MOST_BINS))
    place = (3 * node + kind) * bins + np.clip(((m - low) / (high - low) * bins).astype(int), 0, bins - 1)
    size = 3 * limits.size * bins
    mass = np.bincount(place, w, size)
    full = np.flatnonzero(mass > BEYOND / size * mass.sum())
    mass = mass[full]
    off = m - mean
    first, second = (np.bincount(place, w * part, size)[full] / mass for part in (off, v + off**2))
    second = np.maximum(second - first**2, 0.0)
    first += mean
    mass /= mass.sum()
    limit = limits[full // (3 * bins)]

    def function(s, origin):
        # Multiples of one frequency: powers of one wave are cheaper than as many exponentials.
        wave, turn = np.exp(1j * s[0] * (first - origin)), np.exp(1j * (s[1] - s[0]) * (first - origin))
        out = np.empty(s.size, dtype=complex)
        for k, frequency in enumerate(s):
            out[k] = (mass * (frequency <= limit) * np.exp(-0.5 * frequency**2 * second)) @ wave
            wave *= turn
        return out

    return from_characteristic(function, mean, sd, low, high)


def _range(w, m, v):
    """Interval outside which a mixture of normals has next to no probability."""
    reach = 6.5 * np.sqrt(v)
    low, high = m - reach, m + reach
    return _least(low, w), -_least(-high, w)


def _least(ends, w):
    """Largest point below which components of total weight `BEYOND` at most end."""
    order = np.argsort(ends)
    mass = np.cumsum(w[order])
    return float(ends[order][np.searchsorted(mass, BEYOND * mass[-1])])
