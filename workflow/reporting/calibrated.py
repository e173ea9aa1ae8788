"""From evidence to a word for certainty; words for probabilities are those of `pooling.wording`."""

from __future__ import annotations

from dataclasses import dataclass

#: Limits of the certainty rule.
FEW_SITES = 3
MANY_SITES = 5
FEW_NUMBERS = 2
HARDLY_NARROWED = 0.9
HALVED = 0.5


@dataclass(frozen=True)
class Basis:
    """What an average effect rests on.

    Attributes
    ----------
    sites
        Informative sites.
    numbers
        Sites among them that published a number.
    sd_ratio
        Posterior over prior standard deviation.
    magnitude
        Whether the evidence, and not the prior, makes the size (the rule for printing numbers).
    """

    sites: int
    numbers: int
    sd_ratio: float
    magnitude: bool


def certainty(basis: Basis) -> str:
    """Code of the certainty word: `high`, `moderate`, `low` or `very_low`.

    Very low: fewer than three sites, or more than 0.9 of the prior's standard deviation is left. Low: fewer
    than two sites published a number, or the evidence does not make the size. High: numbers from five sites
    or more, and at most half of the prior's standard deviation is left. Everything else is moderate.
    """
    if basis.sites < FEW_SITES or basis.sd_ratio > HARDLY_NARROWED:
        return "very_low"
    if basis.numbers < FEW_NUMBERS or not basis.magnitude:
        return "low"
    if basis.numbers >= MANY_SITES and basis.sd_ratio <= HALVED:
        return "high"
    return "moderate"
