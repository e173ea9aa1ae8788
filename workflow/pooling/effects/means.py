"""Standardised mean differences."""

from __future__ import annotations

import numpy as np
from scipy.special import poch

from pooling.given import numbers, together


def hedges_factor(df):
    """Small-sample correction of a standardised mean difference, exact.

    Parameters
    ----------
    df
        Degrees of freedom of the standard deviation, above 1 and finite.

    Returns
    -------
    float or numpy.ndarray
        J = Γ(df/2) / (√(df/2) Γ((df−1)/2)), below 1 (Hedges 1981).

    Raises
    ------
    ValueError
        If there is not more than one degree of freedom, or not a finite number of them.
    """
    df = numbers("df", df)[()]
    if not np.all((df > 1) & np.isfinite(df)):
        raise ValueError(
            "the small-sample correction needs more than one degree of freedom, and a finite number of them"
        )
    return poch((df - 1) / 2, 0.5) / np.sqrt(df / 2)


def from_means(mean, sd, n, control_mean, control_sd, control_n):
    """Standardised mean difference with Hedges' correction, from means and standard deviations.

    Parameters
    ----------
    mean, sd, n, control_mean, control_sd, control_n
        Mean, standard deviation and number of respondents (not of participants) of the arm and of its
        control; numbers or arrays of one length.

    Returns
    -------
    g, v
        The corrected difference in pooled standard deviations, and its sampling variance
        1/n + 1/n_c + g²/(2(n + n_c)) (Hedges 1982). For several arms with one control see `covariance`.

    Raises
    ------
    ValueError
        If the arguments are no finite numbers or differ in length, a standard deviation is not above zero, or an
        arm has fewer than two respondents.
    """
    values = together(mean=mean, sd=sd, n=n, control_mean=control_mean, control_sd=control_sd, control_n=control_n)
    mean, sd, n, control_mean, control_sd, control_n = values
    if not np.all(np.isfinite(values)):
        raise ValueError("means, standard deviations and numbers of respondents must be finite numbers")
    if not (np.all(sd > 0) and np.all(control_sd > 0) and np.all(n >= 2) and np.all(control_n >= 2)):
        raise ValueError("standard deviations must be above zero and each arm needs two respondents or more")
    df = n + control_n - 2
    pooled = np.sqrt(((n - 1) * sd**2 + (control_n - 1) * control_sd**2) / df)
    g = hedges_factor(df) * (mean - control_mean) / pooled
    return g, 1 / n + 1 / control_n + g**2 / (2 * (n + control_n))
