"""Priors of the coefficients as the grid reads them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pooling.priors import checked_density


class Refused(ValueError):
    """The posterior is improper, or the grid cannot resolve it."""


@dataclass(frozen=True)
class MuPrior:
    """Prior of one coefficient: normal (sd 0 = known, sd inf = flat) or an object with logpdf."""

    mean: float
    sd: float
    density: object = None

    def log_density(self, x):
        """Log prior density at x; zero where flat or known."""
        if self.density is not None:
            with np.errstate(divide="ignore"):
                return np.asarray(self.density.logpdf(x), dtype=float)
        if self.sd == 0 or np.isinf(self.sd):
            return np.zeros(np.shape(x))
        return -0.5 * ((x - self.mean) / self.sd) ** 2 - np.log(self.sd * np.sqrt(2 * np.pi))

    @property
    def bounds(self):
        """Ends of the prior's support."""
        if self.density is not None and hasattr(self.density, "support"):
            return tuple(float(end) for end in self.density.support())
        return (-np.inf, np.inf)

    @property
    def proper(self):
        """Whether the prior integrates to one."""
        return self.density is not None or np.isfinite(self.sd)

    @property
    def precision(self):
        """Inverse variance, 0 if flat."""
        return 0.0 if np.isinf(self.sd) else np.inf if self.sd == 0 else self.sd**-2.0


def mu_priors(given, p):
    """Read mu_prior: None (flat), a tuple (mean, sd) common or per coefficient, or one or p objects with logpdf."""
    if given is None:
        return [MuPrior(0.0, np.inf)] * p
    if not isinstance(given, tuple) or any(hasattr(one, "logpdf") for one in given):
        each = list(given) if isinstance(given, tuple | list) else [given] * p
        if len(each) != p:
            raise ValueError(
                f"mu_prior holds {len(each)} entries for {p} coefficients; give one distribution, {p} of them, "
                "or a tuple (mean, sd)"
            )
        return [_from_object(checked_density("mu_prior", one)) for one in each]
    try:
        mean, sd = (np.broadcast_to(np.asarray(part, dtype=float), p) for part in given)
    except (TypeError, ValueError):
        raise ValueError(f"mu_prior must be (mean, sd), each one number or {p}, not {given!r}") from None
    if not np.isfinite(mean).all() or not (sd >= 0).all():
        raise ValueError("mu_prior needs finite means and standard deviations that are not negative")
    return [MuPrior(float(m), float(s)) for m, s in zip(mean, sd)]


def _from_object(density):
    """A normal distribution is as good as (mean, sd); of others the moments only help to place the grid."""
    mean = sd = np.nan
    if hasattr(density, "mean") and hasattr(density, "std"):
        mean, sd = float(density.mean()), float(density.std())
    if getattr(getattr(density, "dist", None), "name", "") == "norm":
        return MuPrior(mean, sd)
    return MuPrior(mean if np.isfinite(mean) else 0.0, sd if np.isfinite(sd) else np.inf, density)
