"""Effects of an arm against its control, from counts, means or reported quantities, and their covariance.

Measures are named by word: `difference` (of two proportions), `arcsine` (difference of the arcsines of the
square roots of two proportions), `log_risk_ratio`, `log_odds_ratio` and `smd` (standardised mean difference).
"""

from pooling.effects.means import from_means, hedges_factor
from pooling.effects.proportions import difference, from_counts, from_proportions, proportion
from pooling.effects.reported import on_scale, reported, risk_difference
from pooling.effects.shared import SharedControl, covariance

__all__ = [
    "SharedControl",
    "covariance",
    "difference",
    "from_counts",
    "from_means",
    "from_proportions",
    "hedges_factor",
    "on_scale",
    "proportion",
    "reported",
    "risk_difference",
]
