"""From replicates to tables: uniformity tests, coverage, and counts for rank plots."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

_KEYS = ["design", "kind", "quantity"]


def summarise(replicates: pd.DataFrame, level: float = 0.95, bins: int = 20) -> pd.DataFrame:
    """Calibration of each design, kind and quantity.

    Parameters
    ----------
    replicates
        What `run` returned, one or several of them put together.
    level
        Of the equal-tailed intervals whose coverage is counted.
    bins
        Of the chi-square test; fewer where there are not five replicates to a bin.

    Returns
    -------
    pandas.DataFrame
        design, kind, quantity, replicates, refused (left out of the rest), chi2_p and ks_p (p-values of
        uniform places: chi-square over bins; Kolmogorov and Smirnov, whose simultaneous band around
        the uniform distribution has half-width `ks_band` at 95 percent), ks_distance, coverage,
        coverage_se (Monte Carlo standard error at the nominal level), coverage_lower and coverage_upper
        (where 99 of 100 counted coverages lie if the nominal one is right: binomial), level.

    Raises
    ------
    ValueError
        If a replicate occurs twice.
    """
    if replicates.duplicated([*_KEYS, "replicate"]).any():
        raise ValueError("a replicate occurs twice; pieces of a run must not overlap")
    records = []
    for keys, group in replicates.groupby(_KEYS, sort=True):
        place = group["place"].dropna().to_numpy()
        record = dict(zip(_KEYS, keys)) | {
            "replicates": len(group),
            "refused": int(group["refused"].ne("").sum()),
            "level": level,
        }
        if place.size:
            record |= _tests(place, bins)
            record |= _coverage(np.abs(place - 0.5) <= level / 2, place.size, level)
        records.append(record)
    return pd.DataFrame(records)


def together(replicates: pd.DataFrame, level: float = 0.95) -> pd.DataFrame:
    """Coverage over all average effects of a design (quantity `mu`), and over all in a new site (`new`).

    Parameters
    ----------
    replicates
        What `run` returned, one or several of them put together.
    level
        Of the equal-tailed intervals whose coverage is counted.

    Returns
    -------
    pandas.DataFrame
        design, kind, quantity (`mu` or `new`), replicates, and the coverage as in `summarise`.

    Notes
    -----
    The effects of one replicate are not independent, so the bounds are those of one effect: with several they
    are wider than need be.
    """
    kept = replicates[replicates["place"].notna() & replicates["quantity"].str.endswith("]")]
    inside = kept.assign(
        quantity=kept["quantity"].str.partition("[")[0], inside=(kept["place"] - 0.5).abs() <= level / 2
    )
    records = []
    for keys, group in inside.groupby(_KEYS, sort=True):
        count = group["replicate"].nunique()
        records.append(dict(zip(_KEYS, keys)) | {"replicates": count} | _coverage(group["inside"], count, level))
    return pd.DataFrame(records)


def _coverage(inside, count: int, level: float) -> dict[str, float]:
    lower, upper = stats.binom(count, level).interval(0.99)
    return {
        "coverage": float(np.mean(inside)),
        "coverage_se": float(np.sqrt(level * (1 - level) / count)),
        "coverage_lower": float(lower / count),
        "coverage_upper": float(upper / count),
    }


def _tests(place: np.ndarray, bins: int) -> dict[str, float]:
    counts = np.histogram(place, _bins(place.size, bins), (0, 1))[0]
    smirnov = stats.kstest(place, "uniform")
    return {
        "chi2_p": float(stats.chisquare(counts).pvalue),
        "ks_p": float(smirnov.pvalue),
        "ks_distance": float(smirnov.statistic),
        "ks_band": float(stats.kstwo.isf(0.05, place.size)),
    }


def _bins(count: int, bins: int) -> int:
    return max(2, min(bins, count // 5))


def histogram(replicates: pd.DataFrame, bins: int = 20, level: float = 0.99) -> pd.DataFrame:
    """Counts of places in equal bins, with the range in which each count lies if places are uniform.

    Parameters
    ----------
    replicates
        What `run` returned, one or several of them put together.
    bins
        Number of bins; fewer where there are not five replicates to a bin.
    level
        Of the range of each count by itself.

    Returns
    -------
    pandas.DataFrame
        design, kind, quantity, bin (from 0), bins (fewer than asked for where there are not five replicates to
        a bin), count, expected, lower, upper (pointwise, at `level`).
    """
    records = []
    for keys, group in replicates.groupby(_KEYS, sort=True):
        place = group["place"].dropna().to_numpy()
        own = _bins(place.size, bins)
        lower, upper = stats.binom(place.size, 1 / own).interval(level)
        for number, count in enumerate(np.histogram(place, own, (0, 1))[0]):
            records.append((*keys, number, own, int(count), place.size / own, int(lower), int(upper)))
    columns = [*_KEYS, "bin", "bins", "count", "expected", "lower", "upper"]
    return pd.DataFrame.from_records(records, columns=columns)
