"""Prior distributions named in a configuration, as frozen scipy distributions.

Scales are standard deviations or scale parameters, never variances.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scipy import stats

from pooling.arrays import is_number

# Each family: its parameters in the configuration, and the frozen distribution they give.
FAMILIES = {
    "normal": (("mean", "sd"), lambda mean, sd: stats.norm(mean, sd)),
    "halfnormal": (("scale",), lambda scale: stats.halfnorm(scale=scale)),
    "halfcauchy": (("scale",), lambda scale: stats.halfcauchy(scale=scale)),
    "halft": (("scale", "df"), lambda scale, df: _HalfT(df, scale)),
    "exponential": (("scale",), lambda scale: stats.expon(scale=scale)),
    "uniform": (("lower", "upper"), lambda lower, upper: stats.uniform(lower, upper - lower)),
    "lognormal": (("median", "sigma"), lambda median, sigma: stats.lognorm(sigma, scale=median)),
    "gamma": (("shape", "scale"), lambda shape, scale: stats.gamma(shape, scale=scale)),
}
# Key in the configuration's `priors` for each scale on which an analysis may be pooled.
NAMES = {"arcsine": "share", "difference": "difference", "smd": "score"}


class _HalfT:
    """Student t folded at zero, with the methods of a frozen scipy distribution that pooling uses."""

    def __init__(self, df, scale):
        self._t = stats.t(df, scale=scale)

    def support(self):
        return 0.0, float("inf")

    def logpdf(self, x):
        return np.where(np.asarray(x) < 0, -np.inf, self._t.logpdf(x) + np.log(2))

    def ppf(self, q):
        return self._t.ppf((1 + np.asarray(q, dtype=float)) / 2)

    def cdf(self, x):
        return np.maximum(2 * self._t.cdf(x) - 1, 0.0)

    def rvs(self, size=None, random_state=None):
        return abs(self._t.rvs(size=size, random_state=random_state))


def checked_density(name: str, given):
    """The caller's prior, if it is an object with a log density; `name` is the argument's.

    Raises
    ------
    ValueError
        If it has none, or is a family of distributions instead of one of them.
    """
    if isinstance(given, stats.rv_continuous):
        raise ValueError(f"{name} is a family of distributions; take one of them: stats.{given.name}(scale=...)")
    if not hasattr(given, "logpdf"):
        kind = type(given).__name__
        raise ValueError(f"{name} must have logpdf (a frozen scipy distribution, say), or be None for flat; got {kind}")
    return given


def known_tau(given) -> float | None:
    """The value, if the caller gave tau as a number.

    Raises
    ------
    ValueError
        If it is not finite or negative.
    """
    if not is_number(given):
        return None
    if not (np.isfinite(given) and given >= 0):
        raise ValueError(f"a known tau must be finite and not negative, not {given}")
    return float(given)


def from_config(spec):
    """Build a prior from its description in a configuration file.

    Parameters
    ----------
    spec : dict
        ``{"family": name, parameter: number, …}``; the families and their parameters are in `FAMILIES`.

    Returns
    -------
    object
        A frozen distribution with ``logpdf``, ``ppf``, ``support`` and ``rvs``.

    Raises
    ------
    ValueError
        If the family is unknown, a parameter is missing or unknown, or a scale is not positive.
    """
    family = spec.get("family")
    if family not in FAMILIES:
        raise ValueError(f"prior family {family!r} is unknown; use one of {', '.join(sorted(FAMILIES))}")
    names, build = FAMILIES[family]
    given = {key: value for key, value in spec.items() if key != "family"}
    if set(given) != set(names):
        raise ValueError(f"a {family} prior takes exactly {', '.join(names)}; got {', '.join(given) or 'none'}")
    values = {}
    for name, value in given.items():
        try:
            values[name] = float(value)
        except (TypeError, ValueError):
            raise ValueError(f"{name} of the {family} prior must be a number, not {value!r}") from None
        if name in ("sd", "scale", "df", "sigma", "median", "shape") and not values[name] > 0:
            raise ValueError(f"{name} of the {family} prior must be positive, not {value}")
    if family == "uniform" and not values["lower"] < values["upper"]:
        raise ValueError("a uniform prior needs lower < upper")
    return build(**values)


def prior_of(settings: Mapping, scale: str, widen: float = 1.0) -> dict:
    """Priors of an analysis as keyword arguments of `pooling.exact.pool`.

    Parameters
    ----------
    settings
        The configuration's `priors`.
    scale
        Scale of the analysis: arcsine, difference or smd.
    widen
        Factor on the standard deviation of mu's prior and on the scale of tau's.

    Raises
    ------
    ValueError
        If the configuration has no prior for this scale.
    """
    name = NAMES[scale]
    if name not in settings:
        raise ValueError(f"priors.{name} is missing; an analysis on the scale '{scale}' needs it")
    mu, tau = settings[name]["mu"], dict(settings[name]["tau"])
    if widen != 1.0:
        grown = {key: value * widen for key, value in tau.items() if key in ("scale", "upper", "median")}
        tau |= grown
    return {"mu_prior": (mu["mean"], mu["sd"] * widen), "tau_prior": from_config(tau)}
