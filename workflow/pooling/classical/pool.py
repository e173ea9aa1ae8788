"""Pool estimates with their standard errors by weighted least squares."""

from __future__ import annotations

import numpy as np

from pooling.classical import heterogeneity
from pooling.classical.data import Data, check, whiten
from pooling.classical.fit import at
from pooling.classical.result import Result

#: Common effect, then estimators of the variance between sites.
METHODS = ("EE", "DL", "HE", "SJ", "ML", "REML", "PM", "EB")


def pool(y, v=None, X=None, *, method="REML", knapp_hartung=False, V=None, groups=None) -> Result:
    """Pool k estimates from one or more sites.

    Parameters
    ----------
    y
        (k,) estimates, all on one scale. Series and tables are read by position, here and below.
    v
        (k,) sampling variances (squared standard errors). Give either `v` or `V`.
    X
        (k, p) design of the mean, without an automatic column of ones; None for one average effect.
    method
        EE (common effect: no variance between sites), DL, HE, SJ, ML, REML, PM or EB.
    knapp_hartung
        Standard errors after Knapp and Hartung (2003), with t quantiles on k − p degrees of freedom.
    V
        (k, k) full sampling covariance, zero between sites.
    groups
        (k,) site of each row; None means that every row is a site of its own. The rows of one site are arms
        against one control group: their effects vary between sites as τ² ½(I + 11').

    Returns
    -------
    Result
        `.estimate`, `.se`, `.tau2`, tests, intervals, heterogeneity and prediction intervals.

    Raises
    ------
    ValueError
        If the input is no finite numbers, or so large or small that squares overflow, a row has no site, a
        variance is not above zero, `V` is not positive definite (the site is named) or links sites, the columns
        of `X` cannot be told apart, there are more coefficients than rows, the method is unknown or not
        defined for several arms to a site, or the variance between sites
        cannot be estimated (one site, or as many coefficients as rows).

    Notes
    -----
    DerSimonian and Laird (1986), Raudenbush (2009), Viechtbauer (2010); several arms to a site: Gleser and
    Olkin (2009), Lu and Ades (2004). An estimate of τ² on the boundary is zero and no error.
    """
    return fit(check(y, v, X, V, groups), method, knapp_hartung)


def fit(data: Data, method: str, knapp_hartung: bool) -> Result:
    """Pool input that has been checked already."""
    if method not in METHODS:
        raise ValueError(f"method '{method}' is unknown; write one of {', '.join(METHODS)}")
    _refuse(data, method, knapp_hartung)
    white = whiten(data)
    tau2 = 0.0 if method == "EE" else heterogeneity.estimate(white, method)
    found = at(white, tau2)
    scale = 1.0
    if knapp_hartung:
        scale = found.q / (len(data.y) - data.X.shape[1])
        # What is left of an exact fit is rounding, some 1e-16 of the estimates, squared.
        if found.q <= 1e-28 * float(np.sum(white.y**2 / (white.d + tau2))):
            raise ValueError(
                "the estimates fit exactly, so that the Knapp-Hartung standard error would be zero; "
                "use knapp_hartung=False"
            )
    return Result(data, white, method, knapp_hartung, tau2, found.b, scale * found.cov, scale)


def _refuse(data: Data, method: str, knapp_hartung: bool) -> None:
    k, p = data.X.shape
    several = data.several or data.full
    if several and method not in ("EE", "ML", "REML"):
        raise ValueError(f"{method} is not defined for several arms to a site; use EE, ML or REML")
    if (method != "EE" or knapp_hartung) and k == p:
        raise ValueError(
            f"{k} rows and {p} coefficients leave nothing to estimate the spread between sites from; "
            "use method='EE' without knapp_hartung, or fewer coefficients"
        )
    if method != "EE" and len(set(data.site.tolist())) == 1:
        raise ValueError("one site cannot show how much sites differ; use method='EE'")
