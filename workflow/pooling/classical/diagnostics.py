"""What single sites do to a classical answer, and what the answer says about them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pooling.classical.pool import fit
from pooling.classical.result import Result

_NUMBERS = ("estimate", "se", "lower", "upper", "tau2", "Q", "I2")


def leave_one_out(result: Result) -> pd.DataFrame:
    """Pool again without each site in turn (all its rows).

    Parameters
    ----------
    result
        Any fit; its method is used.

    Returns
    -------
    pandas.DataFrame
        One row per site left out and coefficient (numbered from 0): estimate, se, lower, upper, tau2, Q, I2,
        method; `note` says why there are no numbers where the rest cannot be pooled.

    Notes
    -----
    Viechtbauer and Cheung (2010).
    """
    data = result.data
    return pd.DataFrame(
        record
        for site, label in enumerate(data.labels)
        for record in _refit(result, "left_out", label, data.site != site, result.method)
    )


def cumulative(result: Result, order=None) -> pd.DataFrame:
    """Pool the first site, the first two, and so on.

    Parameters
    ----------
    result
        Any fit; its method is used.
    order
        (k,) key of each row, such as the year; sites enter by their smallest key, ties as given.
        None means the order of the input.

    Returns
    -------
    pandas.DataFrame
        As `leave_one_out`, with the site `added`. While there are too few rows for the spread between
        sites, the common effect stands in, and `method` says EE.

    Raises
    ------
    ValueError
        If `order` has not one key for each row.

    Notes
    -----
    Lau et al. (1992).
    """
    data = result.data
    keys = np.arange(len(data.y)) if order is None else pd.factorize(np.asarray(order), sort=True)[0]
    if keys.shape != data.y.shape or (keys < 0).any():
        raise ValueError(f"order must hold one key for each of the {len(data.y)} rows")
    first = [keys[data.site == i].min() for i in range(len(data.labels))]
    turn = np.argsort(first, kind="stable")
    records = []
    for step, site in enumerate(turn):
        keep = np.isin(data.site, turn[: step + 1])
        enough = step > 0 and keep.sum() > data.X.shape[1]
        records += _refit(result, "added", data.labels[site], keep, result.method if enough else "EE")
    return pd.DataFrame(records)


def influence(result: Result) -> pd.DataFrame:
    """Hat values, Cook's distances and DFFITS.

    Parameters
    ----------
    result
        Any fit; its method is used.

    Returns
    -------
    pandas.DataFrame
        One row per estimate, in the order of the input: site, hat, cook, dffits; `note` where the rest cannot
        be pooled. A site's rows are deleted together, so that they share one Cook's distance.

    Notes
    -----
    Viechtbauer and Cheung (2010): DFFITS is the change of the fitted value over √(h (v + τ²)) with the τ² of
    the other sites.
    """
    data = result.data
    weights = np.linalg.inv(data.V + result.tau2 * data.R)
    hat = np.diag(data.X @ (result.covariance / result.scale) @ data.X.T @ weights)
    precision = np.linalg.inv(result.covariance)
    records = []
    for row in range(len(data.y)):
        record = {
            "site": data.labels[data.site[row]],
            "hat": hat[row],
            "cook": np.nan,
            "dffits": np.nan,
            "note": "",
        }
        try:
            rest = fit(data.rows(data.site != data.site[row]), result.method, result.knapp_hartung)
        except ValueError as error:
            record["note"] = str(error)
        else:
            change = result.estimates - rest.estimates
            record["cook"] = change @ precision @ change
            spread = rest.scale * (data.V[row, row] + rest.tau2)
            record["dffits"] = data.X[row] @ change / np.sqrt(hat[row] * spread)
        records.append(record)
    return pd.DataFrame(records)


def blup(result: Result, level: float = 0.95) -> pd.DataFrame:
    """Best linear unbiased predictions of the true effects behind the rows.

    Parameters
    ----------
    result
        Any fit.
    level
        Of the intervals, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        One row per estimate: site, estimate, se, lower, upper. The standard error carries the uncertainty of
        the coefficients but not that of τ² (Raudenbush and Bryk 1985).

    Raises
    ------
    ValueError
        If the level does not lie between 0 and 1.
    """
    data = result.data
    G = result.tau2 * data.R
    gain = G @ np.linalg.inv(data.V + G)
    rest = np.eye(len(data.y)) - gain
    centre = data.X @ result.estimates
    mean = centre + gain @ (data.y - centre)
    # (I - gain) G equals gain V, which keeps its digits when the heterogeneity is enormous.
    cov = gain @ data.V + rest @ data.X @ result.covariance @ data.X.T @ rest.T
    se = np.sqrt(np.diag(cov))
    half = result._critical(level) * se
    return pd.DataFrame(
        {
            "site": [data.labels[i] for i in data.site],
            "estimate": mean,
            "se": se,
            "lower": mean - half,
            "upper": mean + half,
        }
    )


def _refit(result: Result, column: str, label, keep: np.ndarray, method: str) -> list[dict]:
    """One record for each coefficient, of the model fitted to the rows kept."""
    try:
        part = fit(result.data.rows(keep), method, result.knapp_hartung and method == result.method)
    except ValueError as error:
        return [
            {
                column: label,
                "coefficient": j,
                **dict.fromkeys(_NUMBERS, np.nan),
                "method": method,
                "note": str(error),
            }
            for j in range(len(result.estimates))
        ]
    ends = np.reshape(part.interval(), (-1, 2))
    return [
        {
            column: label,
            "coefficient": j,
            **dict(zip(_NUMBERS, (b, se, *ends[j], part.tau2, part.Q, part.I2))),
            "method": method,
            "note": "",
        }
        for j, (b, se) in enumerate(zip(part.estimates, part.ses))
    ]
