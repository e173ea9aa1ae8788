"""Priors of the coefficients as the grid reads them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


class Refused(ValueError):
    """The posterior is improper, or the grid cannot resolve it."""


@dataclass(frozen=True)
class MuPrior:
    """Prior of one coefficient: normal (sd 0 = known, sd inf = flat) or an object with logpdf."""

    mean: float
    sd: float
    density: object = None

    def log_density(self, x):
        if self.density is not None:
            with np.errstate(divide="ignore"):
                return np.asarray(self.density.logpdf(x), dtype=float)
        if self.sd == 0 or np.isinf(self.sd):
            return np.zeros(np.shape(x))
        return -0.5 * ((x - self.mean) / self.sd) ** 2 - np.log(self.sd * np.sqrt(2 * np.pi))

    @property
    def bounds(self):
        if self.density is not None and hasattr(self.density, "support"):
            return tuple(float(end) for end in self.density.support())
        return (-np.inf, np.inf)

    @property
    def precision(self):
        return 0.0 if np.isinf(self.sd) else np.inf if self.sd == 0 else self.sd**-2.0
