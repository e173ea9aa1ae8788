"""The model of record: site effects integrated out, everything else as a PyMC model says it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pymc as pm
import pytensor.tensor as pt

from pooling.arrays import read_evidence
from pooling.model import between
from pooling.model.layout import lay_out
from pooling.model.op import DATA, LogLikelihood
from pooling.model.priors import describe_mu, describe_tau, mu_variable, reach_of, tau_variable
from pooling.model.rows import Rows, lay_rows
from pooling.model.shifts import given_shifts, shared_arms

#: Models with fewer coefficients are filled up to this many, whose columns of X are zero, so that the
#: analyses of a project, of one to three components, are one model form and compile once.
COEFFICIENTS = 3


@dataclass(frozen=True)
class Form:
    """What decides the shape of the model's graph; two specifications of one form share one compilation."""

    coefficients: int
    mu: str
    tau: str
    heterogeneity: str
    components: int
    bias: bool
    covariates: int
    tails: str
    sites: int
    shifts: int


@dataclass(frozen=True)
class Specification:
    """A model to be built.

    Attributes
    ----------
    form
        What decides its graph.
    data
        Its data containers; rows in the order of the likelihood, without those that exclude nothing.
    rows
        The checked evidence, in the caller's order.
    design
        X, W, flag, R, Z and F of all rows, in the caller's order, X without filling columns.
    """

    form: Form
    data: dict[str, np.ndarray]
    rows: Rows
    design: dict[str, np.ndarray]

    @property
    def coefficients(self) -> int:
        """Number of coefficients of mu, without filling ones."""
        return self.design["X"].shape[1]


def specify(
    y, v=None, V=None, X=None, groups=None, *, mu_prior=None, tau_prior, lower=None, upper=None,
    contrast=None, source=None, epsilon=0.0, kappa=2.0, heterogeneity="rows", outcome=None, bias=None,
    covariates=None, tails=None,
) -> Specification:  # fmt: skip
    """Check evidence and options; everything `pooling.exact.pool` takes means the same here.

    Parameters
    ----------
    y, v, V, X, groups, lower, upper, contrast, source, epsilon, kappa
        See `pooling.exact.pool`.
    mu_prior
        None (flat), (mean, sd), or frozen scipy normal or Student t distributions.
    tau_prior
        Frozen scipy distribution, None (flat), or a number where tau is known. Where there are several
        taus it is the prior of each.
    heterogeneity
        One of `pooling.model.between.STRUCTURES`.
    outcome
        (n,) outcome of each row, for heterogeneity "outcomes". Every outcome gets its own coefficients:
        those of the first outcome in order of appearance come first. Rows of one site and person share
        sampling error across outcomes: give V.
    bias
        ``(flag, mean, sd)``: rows with flag 1 measure their mean plus beta, beta ~ N(mean, sd). For
        comparisons that were not randomised.
    covariates
        ``(W, mean, sd)``: (n, c) site-level covariates, centred by the caller, with slopes
        gamma ~ N(mean, sd).
    tails
        None for normal site effects; a number for Student t site effects with that many degrees of
        freedom; "estimate" for degrees of freedom ~ gamma(2, rate 0.1) (Juarez and Steel 2010).

    Returns
    -------
    Specification
        For `build`, `pooling.model.sample` and `pooling.model.site_effects`.

    Raises
    ------
    ValueError
        If the evidence or an option cannot be used; the row or site is named. Nothing has been compiled then.
    """
    rows = lay_rows(
        read_evidence(
            y, v, V, X, groups, lower=lower, upper=upper, contrast=contrast, source=source, epsilon=epsilon,
            kappa=kappa,
        )
    )  # fmt: skip
    if heterogeneity not in between.STRUCTURES:
        raise ValueError(f"heterogeneity is {heterogeneity!r}; write one of {', '.join(between.STRUCTURES)}")
    n = len(rows.y)
    label = _positions(outcome, n, heterogeneity)
    R, Z = between.structure(heterogeneity, rows, label)
    X = rows.X if label is None else (np.eye(label.max() + 1)[label][:, :, None] * rows.X[:, None, :]).reshape(n, -1)
    p = X.shape[1]
    mu_family, mu_parameters = describe_mu(mu_prior, p)
    tau_family, tau_parameters = describe_tau(tau_prior)
    _proper(rows, X, mu_family, tau_family)
    reach = reach_of(tau_prior, np.sqrt(np.diag(rows.sampling)).max())
    filled = p if mu_family == "flat" else max(p, COEFFICIENTS)
    examples = [Z @ T @ Z.T for T in between.examples(heterogeneity, Z.shape[1], reach)]
    F, shift_v = _shifts(rows, heterogeneity == "rows" and tails is None, [rows.sampling + R * e for e in examples])
    known = given_shifts(rows, F, shift_v) if F.size else rows
    left = known.spread if F.size else R
    rows = replace(rows, control=known.control)
    kept, data = lay_out(known, (known.sampling + left * example for example in examples))
    flag, W, extra = _mean_parts(bias, covariates, n)
    data |= {
        "X": np.pad(X, ((0, 0), (0, filled - p)))[kept],
        "S": known.sampling[np.ix_(kept, kept)],
        "R": left[np.ix_(kept, kept)],
        "Z": Z[kept],
        "F": F[kept],
        "shift_v": shift_v,
        "site": np.unique(rows.site[kept], return_inverse=True)[1].astype(np.int64),
        "mu_prior": np.pad(mu_parameters, ((0, 0), (0, filled - p)), constant_values=1.0),
        "tau_prior": tau_parameters,
        "flag": flag[kept],
        "W": W[kept],
        **extra,
    }
    kind = "normal" if tails is None else "estimate" if tails == "estimate" else "t"
    if kind == "t":
        if not (isinstance(tails, int | float) and tails > 0):
            raise ValueError(f"tails is {tails!r}; give positive degrees of freedom, 'estimate' or None")
        data["nu"] = np.asarray(float(tails))
    form = Form(
        filled, mu_family, tau_family, heterogeneity, Z.shape[1], bias is not None, W.shape[1], kind,
        0 if kind == "normal" else int(data["site"].max(initial=-1)) + 1, F.shape[1],
    )  # fmt: skip
    return Specification(form, data, rows, {"X": X, "W": W, "flag": flag, "R": R, "Z": Z, "F": F})


def _proper(rows, X, mu_family, tau_family):
    """Refuse flat priors under which the posterior cannot be proper, before anything is compiled."""
    # a statement that may ignore the effect leaves a floor under the likelihood: it identifies nothing
    used = rows.numeric | (rows.telling & (rows.epsilon == 0))
    flat = X.shape[1] if mu_family == "flat" else 0
    rank = int(np.linalg.matrix_rank(X[used])) if flat and used.any() else 0
    if rank < flat:
        raise ValueError(
            f"{flat} coefficients have flat priors but the rows identify only {rank} of them: "
            "drop columns of X that repeat others, or give mu a proper prior"
        )
    # seen from afar each estimate, beyond those that fix mu, takes one power of tau off the likelihood
    bounded = rows.numeric | (used & np.isfinite(rows.lower) & np.isfinite(rows.upper))
    if tau_family == "flat" and (count := int(bounded.sum()) - flat) < 2:
        raise ValueError(
            f"a flat prior for tau needs two rows more than coefficients with flat priors, of numbers or bounded "
            f"statements; here there are {max(count, 0)}: give tau a proper prior"
        )


def _shifts(rows, simple, covariances):
    """Shared arms that need shifts of their own; known only where heterogeneity is normal and by contrast."""
    if not simple or not rows.weights.shape[1]:
        return np.zeros((len(rows.y), 0)), np.zeros(0)
    return shared_arms(rows, covariances)


def _positions(outcome, n, heterogeneity):
    if (outcome is None) != (heterogeneity != "outcomes"):
        raise ValueError("outcome goes with heterogeneity='outcomes', and only with it")
    if outcome is None:
        return None
    names = {name: i for i, name in enumerate(dict.fromkeys(np.asarray(outcome).tolist()))}
    if len(outcome) != n:
        raise ValueError(f"{len(outcome)} outcomes given for {n} rows; give one for each row")
    return np.array([names[name] for name in np.asarray(outcome).tolist()])


def _mean_parts(bias, covariates, n):
    """Arrays of the optional parts of the mean, checked."""
    flag, b0, b_sd = (np.zeros(n), 0.0, 1.0) if bias is None else bias
    W, g0, g_sd = (np.zeros((n, 0)), 0.0, 1.0) if covariates is None else covariates
    flag, W = np.asarray(flag, float), np.asarray(W, float)
    if flag.shape != (n,) or W.ndim != 2 or len(W) != n or not (np.isfinite(flag).all() and np.isfinite(W).all()):
        raise ValueError(f"bias flags and covariates must be finite, with one row for each of the {n} rows of y")
    if not (b_sd > 0 and np.all(np.asarray(g_sd) > 0)):
        raise ValueError("priors of bias and covariates need a positive standard deviation")
    return flag, W, {
        "beta_prior": np.array([b0, b_sd], float),
        "gamma_prior": np.array([np.broadcast_to(g0, W.shape[1]), np.broadcast_to(g_sd, W.shape[1])], float),
    }  # fmt: skip


def build(spec: Specification) -> pm.Model:
    """Write the model: rows ~ N(mean, S + heterogeneity), read as numbers or as intervals.

    Site effects are integrated out: with them the posterior has one dimension per row and a funnel in tau,
    without them a handful of dimensions. `pooling.model.sites` draws them afterwards.

    Parameters
    ----------
    spec
        From `specify`.

    Returns
    -------
    pymc.Model
        Variables mu (p,), tau, and what the form asks for: gamma, beta, correlation, nu, precision, shift.
        The evidence is the potential `evidence`.
    """
    form = spec.form
    with pm.Model() as model:
        d = {name: pm.Data(name, value) for name, value in spec.data.items()}
        covariance, tau = _covariance(form, d)
        mean = _mean(form, d)
        if form.shifts:
            shift = pm.Normal("shift", 0.0, 1.0, shape=form.shifts)
            mean = mean + d["F"] @ (shift * pt.sqrt(d["shift_v"] + tau**2 / 2.0))
        pm.Potential("evidence", LogLikelihood()(mean, covariance, *(d[name] for name in DATA))[0])
    return model


def _mean(form, d):
    """X mu, plus covariates, plus what comparisons that were not randomised add."""
    mean = d["X"] @ mu_variable("mu", form.mu, d["mu_prior"], form.coefficients)
    if form.covariates:
        prior = d["gamma_prior"]
        mean = mean + d["W"] @ pm.Normal("gamma", prior[0], prior[1], shape=form.covariates)
    if form.bias:
        mean = mean + d["flag"] * pm.Normal("beta", d["beta_prior"][0], d["beta_prior"][1])
    return mean


def _covariance(form, d):
    """S + R * (Z T Z'), for Student t effects with a variance factor for each site; and tau."""
    one = form.heterogeneity in ("rows", "components")
    tau = tau_variable("tau", form.tau, d["tau_prior"], () if one else form.components)
    T = between.covariance_variable(form.heterogeneity, form.components, tau)
    between_sites = d["R"] * (d["Z"] @ T @ d["Z"].T)
    if form.tails == "normal":
        return d["S"] + between_sites, tau
    nu = pm.Gamma("nu", alpha=2.0, beta=0.1) if form.tails == "estimate" else d["nu"]
    precision = pm.Gamma("precision", alpha=nu / 2.0, beta=nu / 2.0, shape=form.sites)
    return d["S"] + between_sites / pt.sqrt(pt.outer(precision[d["site"]], precision[d["site"]])), tau
