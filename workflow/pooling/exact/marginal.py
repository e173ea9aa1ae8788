"""One-dimensional posteriors: moments, quantiles, intervals, probabilities, also of functions of them."""

from __future__ import annotations

import numpy as np
from scipy.interpolate import make_interp_spline
from scipy.special import ndtr

LOOKS, MOST_LOOKED = 33, 256
MOST_STEPS, SLACK = 100, 12


def invert(function, value, low, high):
    """Smallest x in (low, high) at which a rising function reaches each value; an end where it never does.

    A look at evenly spaced points, twice; then interpolate, truncate, project (Oliveira and Takahashi 2021):
    the crossing of the chord, moved a little towards the middle so that both ends close in, and never so far
    from it that all takes many more steps than bisection would.
    """
    value = np.asarray(value, dtype=float)
    low, high = (np.array(np.broadcast_to(end, value.shape), dtype=float) for end in (low, high))
    share = np.linspace(0.0, 1.0, LOOKS)
    for _ in range(2 if value.size <= MOST_LOOKED else 0):
        at = low[..., None] + (high - low)[..., None] * share
        first = (function(at) < value[..., None])[..., 1:-1].sum(axis=-1)[..., None]
        low, high = (np.take_along_axis(at, first + side, axis=-1)[..., 0] for side in (0, 1))
    below, above = function(low) - value, function(high) - value
    whole = high - low
    for step in range(MOST_STEPS):
        width = high - low
        if np.all(width <= 1e-13 * (np.abs(low) + np.abs(high)) + 1e-18 * whole):
            break
        with np.errstate(invalid="ignore", divide="ignore"):
            chord = below / (below - above)
            nudge = np.maximum(0.05 * width / whole, 1e-3)
            radius = np.maximum(whole / width * 2.0 ** (SLACK - step) - 0.5, 0.0)
        chord = np.where((chord >= 0) & (chord <= 1), chord, 0.5)
        chord = chord + np.sign(0.5 - chord) * np.minimum(nudge, np.abs(0.5 - chord))
        at = low + width * np.clip(chord, 0.5 - radius, 0.5 + radius).clip(0.0, 1.0)
        off = function(at) - value
        left = off < 0
        low, below = np.where(left, at, low), np.where(left, off, below)
        high, above = np.where(left, high, at), np.where(left, above, off)
    return 0.5 * (low + high)


class Marginal:
    """A continuous distribution known through its distribution function on a finite bracket.

    Attributes
    ----------
    mean, sd : float
        Infinite where the integral does not converge.
    """

    mean: float
    sd: float
    bracket: tuple[float, float]

    def cdf(self, x):
        """P(X <= x)."""
        raise NotImplementedError

    def nodes(self):
        """Points and weights that integrate smooth functions against this distribution."""
        p, w = np.polynomial.legendre.leggauss(200)
        return self.quantile(0.5 + 0.5 * p), 0.5 * w

    def quantile(self, q):
        """Smallest x with P(X <= x) >= q, for q in [0, 1]; shape of q."""
        q = np.asarray(q, dtype=float)
        if np.any((q < 0) | (q > 1)) or np.isnan(q).any():
            raise ValueError("a quantile needs a probability between 0 and 1")
        return invert(self.cdf, q, *self.bracket)[()]

    @property
    def median(self):
        """Median."""
        return self.quantile(0.5)

    def prob_above(self, c=0.0):
        """P(X > c)."""
        return (1.0 - self.cdf(np.asarray(c, dtype=float)))[()]

    def interval(self, level=0.95, kind="equal"):
        """Interval of the given probability: ``equal`` tails, or the ``shortest``.

        Returns
        -------
        (2,) array
        """
        if not 0 < level < 1:
            raise ValueError("level must be between 0 and 1")
        if kind == "equal":
            return self.quantile(np.array([0.5 - level / 2, 0.5 + level / 2]))
        if kind != "shortest":
            raise ValueError(f"kind must be 'equal' or 'shortest', not {kind!r}")
        low, high = 0.0, 1.0 - level
        for _ in range(6):
            start = np.linspace(low, high, 33)
            ends = self.quantile(np.stack([start, start + level]).clip(0.0, 1.0))
            best = int(np.argmin(ends[1] - ends[0]))
            low, high = start[max(best - 1, 0)], start[min(best + 1, 32)]
        return ends[:, best]

    def expect(self, function):
        """Posterior expectation of a vectorised function of this quantity."""
        points, weights = self.nodes()
        return float(weights @ function(points))

    def transform(self, function):
        """Distribution of a strictly monotone function of this quantity, a risk difference for example."""
        return Transformed(self, function)


class Transformed(Marginal):
    """A strictly monotone function of a quantity: quantiles and probabilities map, moments by quadrature."""

    def __init__(self, base, function):
        self._base, self._function = base, function
        points, weights = base.nodes()
        values = function(points)
        self.mean = float(weights @ values)
        self.sd = float(np.sqrt(max(weights @ (values - self.mean) ** 2, 0.0)))
        order = np.argsort(points)
        steps = np.diff(values[order])
        self._rising = bool(values[order[-1]] >= values[order[0]])
        if not (np.all(steps >= 0) or np.all(steps <= 0)):
            raise ValueError("the function is not monotone over the posterior")
        self.bracket = tuple(sorted(function(np.array(base.bracket))))

    def quantile(self, q):
        """Smallest x with P(X <= x) >= q."""
        q = np.asarray(q, dtype=float)
        return self._function(self._base.quantile(q if self._rising else 1.0 - q))

    def cdf(self, x):
        """P(X <= x)."""
        x = np.asarray(x, dtype=float)
        sign = 1.0 if self._rising else -1.0
        at = invert(lambda t: sign * self._function(t), sign * x, *self._base.bracket)
        below = self._base.cdf(at)
        return below if self._rising else 1.0 - below


class Mixture(Marginal):
    """Finite mixture of normals: an exact answer where everything is conjugate given tau."""

    def __init__(self, weights, means, sds, mean, sd):
        keep = weights > 0
        self._w, self._m = weights[keep], means[keep]
        self._s = np.maximum(sds[keep], 1e-300)
        self.mean, self.sd = float(mean), float(sd)
        self.bracket = (float((self._m - 38 * self._s).min()), float((self._m + 38 * self._s).max()))

    def cdf(self, x):
        """P(X <= x)."""
        z = (np.asarray(x, dtype=float)[..., None] - self._m) / self._s
        return (ndtr(z) @ self._w).clip(0.0, 1.0)

    def prob_above(self, c=0.0):
        """P(X > c)."""
        z = (self._m - np.asarray(c, dtype=float)[..., None]) / self._s
        return (ndtr(z) @ self._w)[()]

    def nodes(self):
        """Points and weights that integrate smooth functions against this distribution."""
        z, w = np.polynomial.hermite_e.hermegauss(32)
        w = w / w.sum()
        return (self._m[:, None] + self._s[:, None] * z).ravel(), np.outer(self._w, w).ravel()


def _same(t):
    return t


class Table(Marginal):
    """A density tabulated on a uniform coordinate t with x = forward(t), integrated by its quintic spline."""

    def __init__(self, t, density, mean=None, sd=None, forward=None, backward=None):
        self._forward, self._backward = forward or _same, backward or _same
        spline = make_interp_spline(t, np.maximum(density, 0.0), k=5 if len(t) > 5 else 1)
        self._ends, self._t, self._density = (t[0], t[-1]), t, density
        self._integral = spline.antiderivative()
        self._total = float(self._integral(t[-1]) - self._integral(t[0]))
        x = self._forward(t)
        self.bracket = (float(x[0]), float(x[-1]))
        points, weights = self.nodes()
        self.mean = float(weights @ points if mean is None else mean)
        self.sd = float(np.sqrt(weights @ (points - self.mean) ** 2) if sd is None else sd)

    def cdf(self, x):
        """P(X <= x)."""
        with np.errstate(divide="ignore", invalid="ignore"):
            t = np.clip(self._backward(np.asarray(x, dtype=float)), *self._ends)
        part = (self._integral(t) - self._integral(self._ends[0])) / self._total
        return np.asarray(part).clip(0.0, 1.0)

    def nodes(self):
        """Points and weights that integrate smooth functions against this distribution."""
        # The trapezoid rule on a density that vanishes at both ends.
        weights = self._density / self._density.sum()
        return self._forward(self._t), weights


class Point(Marginal):
    """A quantity that is known."""

    def __init__(self, value):
        self.mean, self.sd, self.bracket = float(value), 0.0, (float(value), float(value))

    def cdf(self, x):
        """P(X <= x)."""
        return (np.asarray(x, dtype=float) >= self.mean).astype(float)

    def quantile(self, q):
        """Smallest x with P(X <= x) >= q."""
        return np.full(np.shape(q), self.mean)[()]

    def nodes(self):
        """Points and weights that integrate smooth functions against this distribution."""
        return np.array([self.mean]), np.ones(1)


class Marginals:
    """Several marginals behind one interface: every answer has one entry per quantity.

    ``fit.mu[0]`` is the first one. Where the caller gave no design there is a single average effect, and
    `scalar` makes every answer a plain number.
    """

    def __init__(self, means, sds, make, scalar=False):
        self._means, self._sds = np.atleast_1d(means), np.atleast_1d(sds)
        self._make, self._made, self._scalar = make, {}, scalar

    def __len__(self):
        return len(self._means)

    def __getitem__(self, index):
        index = range(len(self))[index]
        if isinstance(index, range):
            return [self[i] for i in index]
        if index not in self._made:
            self._made[index] = self._make(index)
        return self._made[index]

    def _shaped(self, values):
        return values[0] if self._scalar else np.asarray(values)

    def _each(self, method, *args, **kwargs):
        return self._shaped([getattr(self[i], method)(*args, **kwargs) for i in range(len(self))])

    @property
    def mean(self):
        """Mean of each."""
        return self._shaped(self._means)

    @property
    def sd(self):
        """Standard deviation of each."""
        return self._shaped(self._sds)

    @property
    def median(self):
        """Median."""
        return self._each("quantile", 0.5)

    def quantile(self, q):
        """Quantiles; shape (quantities, *shape of q)."""
        return self._each("quantile", q)

    def cdf(self, x):
        """P(quantity <= x) for each; shape (quantities, *shape of x)."""
        return self._each("cdf", x)

    def interval(self, level=0.95, kind="equal"):
        """Intervals (quantities, 2); see `Marginal.interval`."""
        return self._each("interval", level, kind)

    def prob_above(self, c=0.0):
        """P(quantity > c) for each."""
        return self._each("prob_above", c)

    def expect(self, function):
        """Posterior expectation of a function of each quantity."""
        return self._each("expect", function)

    def transform(self, function):
        """Distributions of a strictly monotone function of each quantity."""
        made = [one.transform(function) for one in self]
        means, sds = np.array([one.mean for one in made]), np.array([one.sd for one in made])
        return Marginals(means, sds, lambda i: made[i], self._scalar)
