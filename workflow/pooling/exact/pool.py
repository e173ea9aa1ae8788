"""Pool numbers, statements, or both: deterministic Bayesian random-effects meta-analysis."""

from __future__ import annotations

import numpy as np

from pooling.arrays import read_evidence

from .arrays import cut
from .between import tau_prior as read_tau_prior
from .grid_fit import TensorFits, fit_grid
from .numbers_fit import NumbersFit
from .priors import Refused, mu_priors
from .sites import check_shape


def read(mu_prior, tau_prior, **evidence):
    """Checked sites and priors from the arguments of `pool`."""
    given = read_evidence(**evidence)
    sites, X, used = cut(given), given.X, given.numeric
    priors, prior = mu_priors(mu_prior, X.shape[1]), read_tau_prior(tau_prior)
    for site in sites:
        check_shape(site)
        # A statement that may ignore the effect leaves a floor under the likelihood: it identifies nothing.
        used[site.rows[site.statements]] = site.epsilon[site.statements] == 0
    flat = np.array([not one.proper for one in priors])
    rank = np.linalg.matrix_rank(X[used][:, flat]) if used.any() and flat.any() else 0
    if rank < flat.sum():
        raise Refused(
            f"{flat.sum()} coefficients have flat priors but the rows identify only {rank} of them: "
            "drop columns of X that repeat others, or give mu a proper prior"
        )
    return sites, priors, prior


def pool(
    y,
    v=None,
    V=None,
    X=None,
    groups=None,
    *,
    mu_prior=None,
    tau_prior,
    lower=None,
    upper=None,
    contrast=None,
    source=None,
    epsilon=0.0,
    kappa=2.0,
):
    """Pool the evidence of several sites.

    The model is theta_i ~ N(X_i mu, tau^2 R_i), y_i ~ N(theta_i, S_i) per site i, with R = (I + 11')/2 over
    rows that share a control. A row is a number y, or a statement that y lay between two bounds.

    Parameters
    ----------
    y : (n,) array
        Estimates; NaN for statements. This and all other columns are taken by position, pandas' index is ignored.
    v : (n,) array, optional
        Sampling variance of each row's estimate (numbers and statements). Needed unless V or contrast is given.
    V : (n, n) array, optional
        Full sampling covariance, zero between sites.
    X : (n, p) array, optional
        Design of the row's mean; a column of ones if not given, and then `fit.mu` is a plain number.
    groups : (n,) array, optional
        Site of each row; every row its own site if not given.
    mu_prior : None, (mean, sd), object(s) with logpdf
        None is flat; sd 0 fixes a coefficient; mean and sd may hold a value for each coefficient.
    tau_prior : object with logpdf, None, or float
        A frozen scipy distribution, None for flat, a number where tau is known.
    lower, upper : (n,) arrays, optional
        Bounds of statements on y's own scale, possibly infinite; NaN for numbers.
    contrast : (L, arm_v), optional
        L (n, K): weights of the row over its site's arms, control first; arm_v (n, K): the arms' own
        variances. Then sampling covariance is L diag(arm_v) L' and heterogeneity tau^2/2 L L'.
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
    reliability mixture; related to ordered models of sign and significance (Card, Kluve and Weber 2018) and
    to MetaNSUE's intervals, but fully Bayesian, with shared controls and any contrast. It is not vote
    counting: a statement enters with its precision, and one that says little moves little.
    """
    sites, priors, prior = read(
        mu_prior,
        tau_prior,
        y=y,
        v=v,
        V=V,
        X=X,
        groups=groups,
        lower=lower,
        upper=upper,
        contrast=contrast,
        source=source,
        epsilon=epsilon,
        kappa=kappa,
    )
    statements = any(site.numbers.size < site.rows.size for site in sites)
    if statements or any(one.density is not None or one.sd == 0 for one in priors):
        return fit_grid(sites, priors, prior, X is None)
    mean, precision = (np.array([getattr(one, name) for one in priors]) for name in ("mean", "precision"))
    return NumbersFit(sites, mean, precision, prior, X is None)


def site_tensors(y, v=None, V=None, X=None, groups=None, *, mu_prior=None, tau_prior, **evidence):
    """Likelihood of every site on one grid, for fits of many subsets or under many priors.

    Parameters
    ----------
    y, v, V, X, groups, mu_prior, tau_prior, evidence
        As of `pool`. The grid is placed for these priors, so give the widest of those to come.

    Returns
    -------
    TensorFits
        Its `fit(sites, mu_prior, tau_prior)` costs milliseconds.

    Raises
    ------
    ValueError
        As of `pool`.
    """
    sites, priors, prior = read(mu_prior, tau_prior, y=y, v=v, V=V, X=X, groups=groups, **evidence)
    return TensorFits(sites, priors, prior, X is None)
