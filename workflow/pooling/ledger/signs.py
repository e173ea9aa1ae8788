"""What can be counted where there are no standard errors: directions, categories and an exact sign test.

A sign test asks only whether positive findings outnumber negative ones more than a fair coin would. It is not
vote counting by significance, which counts small studies' silence as absence of effect and is rightly advised
against (McKenzie and Brennan, Cochrane Handbook, chapter 12): significance plays no part in it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import pandas as pd
from scipy import stats

from pooling.ledger.statements import CATEGORIES


def sign_test(positive: int, negative: int) -> float:
    """Exact two-sided p-value that positive and negative findings are equally likely.

    Parameters
    ----------
    positive, negative
        Numbers of independent sites; sites without a direction are left out (Dixon and Mood 1946).

    Returns
    -------
    float
        1 where there is no site with a direction.

    Raises
    ------
    ValueError
        If a number is negative.
    """
    if positive < 0 or negative < 0:
        raise ValueError("numbers of positive and negative sites cannot be below zero")
    total = positive + negative
    return float(stats.binomtest(positive, total).pvalue) if total else 1.0


def sign_of(category: str, y: float = float("nan")) -> int:
    """Direction of one row: 1, −1 or 0.

    Parameters
    ----------
    category
        A category of the rule book, or anything else (such as `number`) for a row with an estimate.
    y
        The estimate, used where the category is none of the rule book.

    Returns
    -------
    int
        0 for "no effect", "no positive effect", "no negative effect" and an estimate of exactly zero.

    Raises
    ------
    ValueError
        If the row has neither.
    """
    if category in CATEGORIES:
        return {"positive": 1, "negative": -1}.get(category.split("_")[0], 0)
    if y != y:
        raise ValueError(f"category '{category}' states no direction and there is no estimate")
    return (y > 0) - (y < 0)


def count(rows: Iterable, components: Sequence[str]) -> pd.DataFrame:
    """Count findings for each component of one analysis.

    Parameters
    ----------
    rows
        Pooled rows with the attributes `site`, `kind` (`number`, `rounded`, `interval`), `category`, `y` and
        `design` (weight of each component in the row).
    components
        Names, in the order of `design`.

    Returns
    -------
    pandas.DataFrame
        One row per component: component, sites, numbers, statements, positive, null, negative (sites, see
        Notes), sign_test_p, and `stated_<category>`: the number of statements in each category.

    Notes
    -----
    Arms of one site share a control group and are no independent witnesses, so each site counts once: in the
    direction of its rows, and as null where they have none or contradict each other. A row about an arm with
    several components counts for each of them. A row in which a component takes part with a negative weight
    counts in the opposite direction.
    """
    rows = list(rows)
    records = []
    for k, component in enumerate(components):
        own = [row for row in rows if row.design[k] != 0]
        directions: dict[str, set[int]] = {}
        for row in own:
            sign = sign_of(row.category, row.y) * (1 if row.design[k] > 0 else -1)
            directions.setdefault(row.site, set()).add(sign)
        votes = Counter(_verdict(signs) for signs in directions.values())
        stated = Counter(row.category for row in own if row.kind == "interval")
        records.append(
            {
                "component": component,
                "sites": len(directions),
                "numbers": sum(row.kind != "interval" for row in own),
                "statements": stated.total(),
                "positive": votes[1],
                "null": votes[0],
                "negative": votes[-1],
                "sign_test_p": sign_test(votes[1], votes[-1]),
                **{f"stated_{category}": stated[category] for category in CATEGORIES},
            }
        )
    return pd.DataFrame(records)


def _verdict(signs: set[int]) -> int:
    clear = signs - {0}
    return clear.pop() if len(clear) == 1 else 0
