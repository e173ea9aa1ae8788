"""What a statement says about the z-value of a contrast: an interval."""

from __future__ import annotations

import math

#: Every category of the rule book, with its interval in terms of the critical value ``c`` and the lower
#: end ``j`` of "just not significant". `number` and `unclear` stand for no interval.
CATEGORIES = (
    "positive_significant",
    "positive_just_not",
    "positive_not_significant",
    "positive",
    "no_effect",
    "no_positive_effect",
    "no_negative_effect",
    "negative",
    "negative_not_significant",
    "negative_just_not",
    "negative_significant",
)

#: Whether a category says if the result was significant.
STATES_SIGNIFICANCE = frozenset(CATEGORIES) - {"positive", "negative"}


def z_interval(category: str, z_crit: float, just_not: float = 1.28) -> tuple[float, float]:
    """Interval in which the z-value of a contrast lay, given what was stated about it.

    Parameters
    ----------
    category
        One of `CATEGORIES`.
    z_crit
        The source's own critical value (1.96 for a two-sided test at 5 percent).
    just_not
        Lower end of "just not significant" (1.28: significant at 20 percent two-sided).

    Returns
    -------
    tuple of float
        Lower and upper end, in standard errors; ends may be infinite.

    Raises
    ------
    ValueError
        If the category is not a statement about a z-value.

    Notes
    -----
    Statements of sign and significance as evidence: Card, Kluve and Weber (2018) model them as ordered
    outcomes; Bushman and Wang (1996) combine them with estimates. Here each is an interval-censored z-value.
    """
    if category.startswith("negative"):
        lower, upper = z_interval("positive" + category.removeprefix("negative"), z_crit, just_not)
        return -upper, -lower
    intervals = {
        "positive_significant": (z_crit, math.inf),
        "positive_just_not": (just_not, z_crit),
        "positive_not_significant": (0.0, z_crit),
        "positive": (0.0, math.inf),
        "no_effect": (-z_crit, z_crit),
        "no_positive_effect": (-math.inf, z_crit),
        "no_negative_effect": (-z_crit, math.inf),
    }
    if category not in intervals:
        raise ValueError(f"'{category}' is no statement about a z-value; write one of {', '.join(CATEGORIES)}")
    return intervals[category]
