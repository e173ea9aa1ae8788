"""Words for probabilities: at which probability one word gives way to the next."""

from __future__ import annotations

#: Lowest probability of each likelihood word; a value on a limit takes the upper word.
LIKELIHOOD = (
    (0.95, "very_likely"),
    (0.80, "likely"),
    (0.60, "rather"),
    (0.40, "even"),
    (0.20, "rather_not"),
    (0.05, "unlikely"),
    (0.00, "very_unlikely"),
)


def likelihood(probability: float) -> str:
    """Code of the likelihood word for a probability.

    Raises
    ------
    ValueError
        If the value is not between 0 and 1.
    """
    if not 0.0 <= probability <= 1.0:
        raise ValueError(f"a probability lies between 0 and 1, not at {probability}")
    return next(word for limit, word in LIKELIHOOD if probability >= limit)
