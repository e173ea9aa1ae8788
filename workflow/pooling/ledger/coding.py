"""How far two coders of the same claims agree."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import pandas as pd

#: Fields of the rule book that are compared; notes are not.
FIELDS = ("use", "reason", "duplicate_of", "horizon", "arms", "scope", "versus", "category", "z_crit")


def kappa(first: pd.Series, second: pd.Series) -> tuple[float, float]:
    """Cohen's kappa of two codings, with its standard error.

    Parameters
    ----------
    first, second
        Codes of the same items in the same order; empty is a code like any other.

    Returns
    -------
    kappa, se
        NaN if either coder used one code only: kappa is then nought, or not defined, whatever they agree
        on. The standard error is the large-sample one of Fleiss, Cohen and Everitt (1969).

    Notes
    -----
    Cohen, J. (1960). A coefficient of agreement for nominal scales. Educational and Psychological
    Measurement 20, 37-46.
    """
    if min(first.nunique(), second.nunique()) < 2:
        return float("nan"), float("nan")
    codes = sorted(set(first) | set(second))
    table = pd.crosstab(
        pd.Categorical(first, categories=codes), pd.Categorical(second, categories=codes), dropna=False
    ).to_numpy(dtype=float)
    p = table / table.sum()
    row, column = p.sum(axis=1), p.sum(axis=0)
    observed, expected = np.trace(p), row @ column
    k = (observed - expected) / (1 - expected)
    both = row[None, :] + column[:, None]
    spread = (
        np.sum(np.diag(p) * (1 - np.diag(both) * (1 - k)) ** 2)
        + (1 - k) ** 2 * (np.sum(p * both**2) - np.sum(np.diag(p) * np.diag(both) ** 2))
        - (k - expected * (1 - k)) ** 2
    )
    se = np.sqrt(max(spread, 0.0) / table.sum()) / (1 - expected)
    return float(k), float(se)


def agreement(one: pd.DataFrame, two: pd.DataFrame, eligible_only: bool = False, level: float = 0.95) -> pd.DataFrame:
    """Agreement of two coding tables, field by field.

    Parameters
    ----------
    one, two
        Coding tables with a `claim` column and the fields of the rule book.
    eligible_only
        Compare only claims that at least one coder called eligible: there agreement on the fields
        that shape the likelihood matters, and long runs of plain facts cannot flatter it.
    level
        Probability of kappa's intervals.

    Returns
    -------
    pandas.DataFrame
        field, n, agreement, kappa, ci_lower, ci_upper (large-sample).

    Raises
    ------
    ValueError
        If the two tables do not hold the same claims.
    """
    one, two = (table.fillna("").set_index("claim").sort_index() for table in (one, two))
    if not one.index.equals(two.index):
        odd = sorted(set(one.index) ^ set(two.index))
        raise ValueError(f"the two coders did not code the same claims; only one coded {', '.join(odd)}")
    if eligible_only:
        keep = one["use"].eq("eligible") | two["use"].eq("eligible")
        one, two = one[keep], two[keep]
    z, records = NormalDist().inv_cdf(0.5 + level / 2), []
    for field in FIELDS:
        first, second = (table[field].astype(str) for table in (one, two))
        k, se = kappa(first, second)
        records.append(
            {
                "field": field,
                "n": len(first),
                "agreement": float((first == second).mean()),
                "kappa": k,
                "ci_lower": k - z * se,
                "ci_upper": min(k + z * se, 1.0),
            }
        )
    return pd.DataFrame(records)


def compared(package, level: float) -> pd.DataFrame:
    """Agreement of a package's two coders, over all claims and over those that one of them called eligible.

    Parameters
    ----------
    package
        The data package.
    level
        Probability of kappa's intervals.

    Returns
    -------
    pandas.DataFrame
        As `agreement`, with a first column `claims` (all, eligible); empty without two codings.
    """
    columns = ["claims", "field", "n", "agreement", "kappa", "ci_lower", "ci_upper"]
    if package.coder_one.empty or package.coder_two.empty:
        return pd.DataFrame(columns=columns)
    parts = [
        agreement(package.coder_one, package.coder_two, only, level).assign(claims=name)
        for name, only in (("all", False), ("eligible", True))
    ]
    return pd.concat(parts, ignore_index=True)[columns]
