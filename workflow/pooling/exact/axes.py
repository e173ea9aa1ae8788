"""Grid axes for the coefficients, and smooth functions read off them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.interpolate import make_interp_spline

from .marginal import Point, Table

# A characteristic function below this has died out; merging components leaves noise of some 5e-6.
QUIET = 3e-5


@dataclass(frozen=True)
class Axis:
    """Points and weights for one coefficient, and the coordinate t on which they are evenly spaced.

    kind is ``even``, ``stretched`` (x = centre + scale sinh(t): a narrow peak on wide shoulders), ``ends``
    (Gauss-Legendre, where the prior stops at a bound) or ``known`` (a single point).
    """

    kind: str
    points: np.ndarray
    weights: np.ndarray
    t: np.ndarray
    centre: float = 0.0
    scale: float = 1.0
    bounds: tuple[float, float] = (-np.inf, np.inf)

    @property
    def finest(self):
        """Highest frequency that the points tell from a lower one (Nyquist), where they are closest."""
        if self.kind == "known":
            return np.inf
        return np.pi / (self.weights.max() if self.kind == "ends" else self.weights.min())

    def forward(self, t):
        """Value of the coefficient at t."""
        return self.centre + self.scale * np.sinh(t) if self.kind == "stretched" else np.asarray(t, dtype=float)

    def backward(self, x):
        """Coordinate of the value x."""
        return np.arcsinh((x - self.centre) / self.scale) if self.kind == "stretched" else x

    def density(self, t):
        """dx/dt, so that weights and densities on t convert."""
        return self.scale * np.cosh(t) if self.kind == "stretched" else np.ones(np.shape(t))

    def longer(self, left, right):
        """The same evenly spaced axis with so many more points at either end."""
        step = self.t[1] - self.t[0]
        t = np.linspace(self.t[0] - left * step, self.t[-1] + right * step, self.t.size + left + right)
        return replace(self, points=self.forward(t), weights=step * self.density(t), t=t)


def make_axis(centre, core, low, high, step, bounds, most=33):
    """Axis from low to high with the given step around centre; `core` is the width of the narrow part."""
    low, high = max(low, bounds[0]), min(high, bounds[1])
    if (np.isfinite(bounds[0]) and low == bounds[0]) or (np.isfinite(bounds[1]) and high == bounds[1]):
        count = int(np.clip(1.3 * (high - low) / step, 24, 400))
        z, w = np.polynomial.legendre.leggauss(count)
        half = 0.5 * (high - low)
        points = low + half * (1 + z)
        return Axis("ends", points, half * w, points, bounds=(low, high))
    if high - low <= most * step:
        count = int(np.ceil((high - low) / step)) + 1
        points = np.linspace(low, high, count)
        return Axis("even", points, np.full(count, points[1] - points[0]), points)
    scale = 2 * core
    ends = np.arcsinh((np.array([low, high]) - centre) / scale)
    count = int(np.ceil((ends[1] - ends[0]) * scale / step)) + 1
    t = np.linspace(*ends, count)
    points = centre + scale * np.sinh(t)
    return Axis("stretched", points, (t[1] - t[0]) * scale * np.cosh(t), t, centre, scale)


def known_axis(value):
    """A coefficient fixed at a value."""
    return Axis("known", np.array([value]), np.ones(1), np.zeros(1))


def refine(axis, weight, count=400):
    """Interpolate log densities (…, n) along an axis: fine t (count,), and densities on t (…, count).

    The log of a smooth posterior is nearly quadratic, so its quintic spline loses next to nothing.
    """
    t = np.linspace(*(axis.bounds if axis.kind == "ends" else (axis.t[0], axis.t[-1])), count)
    with np.errstate(divide="ignore"):
        log_density = np.log(weight / axis.weights)
    log_density = np.maximum(log_density, log_density.max() - 600.0)
    spline = make_interp_spline(axis.t, log_density, k=5, axis=-1)
    return t, np.exp(spline(t)) * axis.density(t)


def marginal_on(axis, weight, mean, sd):
    """Marginal posterior of one coefficient from its grid weights (n,)."""
    if axis.kind == "known":
        return Point(axis.points[0])
    t, density = refine(axis, weight)
    return Table(t, density, mean, sd, axis.forward, axis.backward)


def above(first, second, mass):
    """P(first coefficient > second) from the grid weights (n_first, n_second) of both.

    Along the second the density is first made four times as fine: cut off at the first it is narrower than the
    grid was made for. Then, for every point of the second, that of the first is integrated by its spline.
    """
    t_second, density = refine(second, mass, 4 * second.points.size)
    t, density = refine(first, density.T)
    integral = make_interp_spline(t, density, k=5, axis=-1).antiderivative()
    at = np.clip(second.forward(t_second), first.points[0], first.points[-1])
    upper = integral(t[-1]) - np.diagonal(integral(np.clip(first.backward(at), t[0], t[-1])))
    total = integral(t[-1]) - integral(t[0])
    return float(upper.sum() / total.sum())


def common_grid(axes, mass, count):
    """Interpolate the log density of all coefficients onto one even grid they share; mass sums to 1.

    Outside an axis there is no probability.
    """
    low = min(axis.points[0] for axis in axes)
    high = max(axis.points[-1] for axis in axes)
    x = np.linspace(low, high, count)
    with np.errstate(divide="ignore"):
        value = np.log(mass)
    value = np.maximum(value, value.max() - 600.0)
    for j, axis in enumerate(axes):
        shape = [-1 if k == j else 1 for k in range(len(axes))]
        inside = (x >= axis.points[0]) & (x <= axis.points[-1])
        if axis.kind == "known":
            raise ValueError("a known coefficient has no share in being the best")
        # Interpolation is linear in the values: one small matrix instead of a spline for every line of the grid.
        basis = make_interp_spline(axis.t, np.eye(axis.t.size), k=5)(
            axis.backward(np.clip(x, axis.points[0], axis.points[-1]))
        )
        value = np.tensordot(basis, value - np.log(axis.weights).reshape(shape), axes=(1, j))
        value = np.where(inside.reshape(shape), np.moveaxis(value, 0, j), -np.inf)
        value = np.maximum(value, np.nanmax(value) - 600.0) if j + 1 < len(axes) else value
    out = np.exp(value - value.max())
    return out / out.sum()


def from_characteristic(function, mean, sd, low, high):
    """Distribution from its characteristic function, by a Fourier series on (low, high).

    Frequencies stop where the function has died out: beyond that a sum over grid points only repeats itself.
    """
    period = high - low
    values = [1.0 + 0j]
    quiet = 0
    base = 2 * np.pi / period
    for start in range(1, 2001, 40):
        block = function(base * np.arange(start, start + 40), low)
        for value in block:
            values.append(value)
            quiet = quiet + 1 if abs(value) < QUIET else 0
            if quiet == 3:
                break
        if quiet == 3:
            break
    count = max(600, 4 * len(values))
    x = np.linspace(low, high, count + 1)
    series = np.fft.fft(np.array(values), count).real
    density = (2 * np.append(series, series[0]) - 1) / period
    return Table(x, density, mean, sd)
