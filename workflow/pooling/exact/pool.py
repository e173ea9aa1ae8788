"""Pool numbers, statements, or both: deterministic Bayesian random-effects meta-analysis."""

from __future__ import annotations

import numpy as np

from .arrays import cut
from .between import tau_prior as read_tau_prior
from .priors import MuPrior, Refused
from .grid_fit import fit_grid
from .numbers_fit import NumbersFit
from .sites import check_shape


def mu_priors(given, p):
    """Read mu_prior: None (flat), (mean, sd) common or per coefficient, or one or p objects with logpdf."""
    if given is None:
        return [MuPrior(0.0, np.inf)] * p
    if hasattr(given, "logpdf"):
        given = [given] * p
    if len(given) == p and all(hasattr(one, "logpdf") for one in given):
        return [_from_object(one) for one in given]
    try:
        mean, sd = (np.broadcast_to(np.asarray(part, dtype=float), p) for part in given)
    except (TypeError, ValueError):
        raise ValueError(f"mu_prior must be None, (mean, sd) common or with {p} values each, or {p} objects with "
                         "logpdf") from None
    if not np.isfinite(mean).all() or not (sd >= 0).all():
        raise ValueError("mu_prior needs finite means and standard deviations that are not negative")
    return [MuPrior(float(m), float(s)) for m, s in zip(mean, sd)]


def _from_object(density):
    """A normal distribution object is as good as (mean, sd); of others the moments only help to place the grid."""
    mean = sd = np.nan
    if hasattr(density, "mean") and hasattr(density, "std"):
        mean, sd = float(density.mean()), float(density.std())
    if getattr(getattr(density, "dist", None), "name", "") == "norm":
        return MuPrior(mean, sd)
    return MuPrior(mean if np.isfinite(mean) else 0.0, sd if np.isfinite(sd) else np.inf, density)


def pool(y, v=None, V=None, X=None, groups=None, *, mu_prior=None, tau_prior, lower=None, upper=None,
         contrast=None, source=None, epsilon=0.0, kappa=2.0):
    """Pool the evidence of several sites.

    The model is theta_i ~ N(X_i mu, tau^2 R_i), y_i ~ N(theta_i, S_i) per site i, with R = (I + 11')/2 over
    rows that share a control. A row is a number y, or a statement that y lay between two bounds.

    Parameters
    ----------
    y : (n,) array
        Estimates; NaN for statements.
    v : (n,) array, optional
        Sampling variance of each row's estimate (numbers and statements). Needed unless V is given.
    V : (n, n) array, optional
        Full sampling covariance, zero between sites.
    X : (n, p) array, optional
        Design of the row's mean; a column of ones if not given, and then `fit.mu` is a plain number.
    groups : (n,) array, optional
        Site of each row; every row its own site if not given.
    mu_prior : None, (mean, sd), object(s) with logpdf
        None is flat; sd 0 fixes a coefficient; arrays or lists give each coefficient its own.
    tau_prior : object with logpdf, None, or float
        A frozen scipy distribution, None for flat, a number where tau is known.
    lower, upper : (n,) arrays, optional
        Bounds of statements on y's own scale, possibly infinite; NaN for numbers.
    contrast : (L, arm_v), optional
        L (n, K): weights of the row over its site's arms, control first; arm_v (n, K): the arms' own variances.
        Then sampling covariance is L diag(arm_v) L' and heterogeneity tau^2/2 L L'.
    source : (n,) array, optional
        Who told a statement: those of one source at one site are right or wrong together.
    epsilon : float or (n,) array
        Probability that a source's statements about a site do not depend on the effect.
    kappa : float
        Spread, in standard errors, of the estimates such statements are drawn from.

    Returns
    -------
    Fit
        With `.mu`, `.tau`, `.theta`, `.new_site`, `.contrast(x)`, `.new_site_at(x)`, `.prob_best()`,
        `.log_marginal_likelihood`, `.leave_out()`, `.draws(n, seed)`, `.accuracy`.

    Raises
    ------
    ValueError
        Malformed input (the row or site is named), an improper posterior, or a grid that cannot resolve it.

    Notes
    -----
    Numbers: conjugate given tau (Röver 2020, bayesmeta). Statements: interval-censored estimates with a
    reliability mixture; related to ordered models of sign and significance (Card, Kluve and Weber 2018) and to
    MetaNSUE's intervals, but fully Bayesian, with shared controls and any contrast. It is not vote counting:
    a statement enters with its precision, and one that says little moves little.
    """
    sites, X_all, y_all, _ = cut(y, v, V, X, groups, lower, upper, contrast, source, epsilon, kappa)
    scalar, p = X is None, X_all.shape[1]
    priors, prior = mu_priors(mu_prior, p), read_tau_prior(tau_prior)
    flat = np.array([prior_j.density is None and np.isinf(prior_j.sd) for prior_j in priors])
    used = ~np.isnan(y_all)
    for site in sites:
        check_shape(site)
        used[site.rows[site.statements]] = True
    if flat.any():
        rank, need = np.linalg.matrix_rank(X_all[used][:, flat]) if used.any() else 0, int(flat.sum())
        if rank < need:
            raise Refused(f"{need} coefficients have flat priors but the rows identify only {rank} of them: "
                          "drop columns of X that repeat others, or give mu a proper prior")
    statements = any(site.statements.size or site.numbers.size < site.rows.size for site in sites)
    normal = all(one.density is None and one.sd > 0 for one in priors)
    if not statements and normal:
        mean = np.array([one.mean for one in priors])
        return NumbersFit(sites, mean, np.array([one.precision for one in priors]), prior, scalar)
    proper = not flat.any() and (prior.fixed is not None or prior.density is not None)
    return fit_grid(sites, priors, prior, scalar, proper)
