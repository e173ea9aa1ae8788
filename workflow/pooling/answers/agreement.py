"""Whether the two engines give the same answers, within what either can claim."""

from __future__ import annotations

from collections.abc import Mapping

import arviz as az
import numpy as np
import pandas as pd
from scipy.stats import norm

#: Columns of the summary that are compared, with the probability of each quantile.
QUANTITIES = {
    "mean": None,
    "sd": None,
    "lower": "tail",
    "q25": 0.25,
    "median": 0.5,
    "q75": 0.75,
    "upper": "tail",
}

COLUMNS = ["analysis", "stage", "quantity", "exact", "pymc", "mcse", "exact_error", "allowed", "ok"]


def monte_carlo_errors(values: np.ndarray, level: float) -> dict[str, float]:
    """Monte-Carlo standard error of each compared column.

    Parameters
    ----------
    values
        Draws, (chain, draw).
    level
        Probability of the interval between `lower` and `upper`.
    """
    tail = 0.5 - level / 2
    probabilities = {"lower": tail, "q25": 0.25, "median": 0.5, "q75": 0.75, "upper": 1 - tail}
    errors = {name: az.mcse(values, method=name) for name in ("mean", "sd")}
    errors |= {name: az.mcse(values, method="quantile", prob=p) for name, p in probabilities.items()}
    return {name: float(error) for name, error in errors.items()}


def allowed_errors(mcse: float, comparisons: int) -> float:
    """Monte-Carlo standard errors allowed where many things of one kind are compared.

    So many that the chance of a false alarm among all of them is at most what it is for one at `mcse`
    (Bonferroni): 4 for one, 4.5 for ten, 5.4 for a thousand.
    """
    return float(norm.isf(norm.sf(mcse) / comparisons))


def compare(
    exact: pd.Series, pymc: pd.Series, errors: Mapping[str, float], stated: float, rules: Mapping[str, float]
) -> list[dict]:
    """Compare one estimand of one analysis.

    Parameters
    ----------
    exact, pymc
        Its lines of the summary, on the same scale.
    errors
        As `monte_carlo_errors`.
    stated
        The exact engine's stated error: of means and standard deviations in units of the standard
        deviation, and of probabilities.
    rules
        `mcse`: how many Monte-Carlo standard errors are allowed; `level` of the intervals; `digits` to which
        the exact results were rounded.

    Returns
    -------
    list of dict
        `quantity`, both values, what is allowed, and `ok`.
    """
    tail = 0.5 - rules["level"] / 2
    name = exact["component"] or f"{exact['municipality'] or ''} {exact['arm'] or exact['estimand']}".strip()
    records = []
    for column, p in QUANTITIES.items():
        # an error in probability moves a quantile by that error over the density there
        stretch = 1.0 if p is None else 1.0 / norm.pdf(norm.ppf(tail if p == "tail" else p))
        rounding = abs(exact[column]) * 10.0 ** (1 - rules["digits"]) / 2
        exact_error = stated * stretch * exact["sd"] + rounding
        allowed = rules["mcse"] * errors[column] + exact_error
        records.append(
            {
                "quantity": f"{name} {column}",
                "exact": exact[column],
                "pymc": pymc[column],
                "mcse": errors[column],
                "exact_error": exact_error,
                "allowed": allowed,
                "ok": bool(abs(exact[column] - pymc[column]) <= allowed),
            }
        )
    return records
