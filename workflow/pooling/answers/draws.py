"""A posterior known through draws, with the same questions answered as by the exact engine."""

from __future__ import annotations

import numpy as np


class Draws:
    """Distribution of one quantity, represented by equally likely draws.

    Parameters
    ----------
    values
        Draws, any shape; chains and draws are not told apart here.
    """

    def __init__(self, values):
        self.values = np.ravel(np.asarray(values, dtype=float))
        self.mean = float(self.values.mean())
        self.sd = float(self.values.std(ddof=1))

    def quantile(self, q):
        """Value below which a share q of the draws lies."""
        return np.quantile(self.values, q)

    def prob_above(self, c):
        """Share of the draws that are larger than c."""
        return float((self.values > c).mean())

    def transform(self, function) -> Draws:
        """Draws of a function of the quantity."""
        return Draws(function(self.values))
