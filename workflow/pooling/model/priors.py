"""Priors given as scipy distributions or pairs of numbers, written as PyMC variables."""

from __future__ import annotations

import numpy as np
import pymc as pm
import pytensor.tensor as pt

from pooling.priors import _HalfT, checked_density, known_tau

#: Families of tau, by scipy's names ("halft" is the project's own folded Student t).
TAU_FAMILIES = ("halfnorm", "halfcauchy", "halft", "expon", "uniform", "gamma", "invgamma", "lognorm")


def describe_tau(prior) -> tuple[str, np.ndarray]:
    """Family and parameters of a prior for tau.

    Parameters
    ----------
    prior
        A frozen scipy distribution on the positive numbers, None for flat, or a number where tau is known.

    Returns
    -------
    family
        scipy's name of the family, "flat" for None, "known" for a number.
    parameters
        Parameters in the order in which `tau_variable` reads them.

    Raises
    ------
    ValueError
        If the family has no counterpart here, or its location is not zero.
    """
    if prior is None:
        return "flat", np.zeros(0)
    if (known := known_tau(prior)) is not None:
        return "known", np.array([known])
    checked_density("tau_prior", prior)
    half = isinstance(prior, _HalfT)
    prior = prior._t if half else prior
    family = "halft" if half else getattr(getattr(prior, "dist", None), "name", None)
    if family not in TAU_FAMILIES:
        raise ValueError(
            f"tau_prior is {family or type(prior).__name__}; the PyMC model knows {', '.join(TAU_FAMILIES)} and None"
        )
    shapes, location, scale = prior.dist._parse_args(*prior.args, **prior.kwds)
    if family == "uniform":
        if location < 0:
            raise ValueError("tau_prior is uniform from below zero; tau is a standard deviation")
        return family, np.array([location, location + scale], float)
    if location != 0:
        raise ValueError(f"tau_prior {family} starts at {location:g}; it must start at 0")
    return family, np.array([*shapes, scale], float)


def tau_variable(name: str, family: str, parameters, shape=()):
    """PyMC variable of a family that `describe_tau` returned, its parameters as tensors."""
    p = parameters
    if family == "flat":
        return pm.HalfFlat(name, shape=shape)
    if family == "known":
        return pm.Deterministic(name, pt.broadcast_to(p[0], shape))
    if family == "halft":
        return pm.HalfStudentT(name, nu=p[0], sigma=p[1], shape=shape)
    if family == "halfnorm":
        return pm.HalfNormal(name, sigma=p[0], shape=shape)
    if family == "halfcauchy":
        return pm.HalfCauchy(name, beta=p[0], shape=shape)
    if family == "expon":
        return pm.Exponential(name, scale=p[0], shape=shape)
    if family == "uniform":
        return pm.Uniform(name, lower=p[0], upper=p[1], shape=shape)
    if family == "gamma":
        return pm.Gamma(name, alpha=p[0], beta=1.0 / p[1], shape=shape)
    if family == "invgamma":
        return pm.InverseGamma(name, alpha=p[0], beta=p[1], shape=shape)
    return pm.LogNormal(name, mu=pt.log(p[1]), sigma=p[0], shape=shape)


def describe_mu(prior, p: int) -> tuple[str, np.ndarray]:
    """Family and (2, p) or (3, p) parameters of the prior of p coefficients.

    Parameters
    ----------
    prior
        None (flat), ``(mean, sd)`` common or one each, or a frozen scipy normal or Student t, or p of them.

    Returns
    -------
    family
        "flat", "norm" or "t".
    parameters
        Rows mean and scale, for "t" also the degrees of freedom; one column per coefficient.
    """
    if prior is None:
        return "flat", np.zeros((0, p))
    if isinstance(prior, tuple) and not any(hasattr(one, "logpdf") for one in prior):
        try:
            mean, sd = (np.broadcast_to(np.asarray(part, float), p) for part in prior)
        except (TypeError, ValueError):
            raise ValueError(f"mu_prior must be (mean, sd), each one number or {p}, not {prior!r}") from None
        if not (np.isfinite(mean).all() and np.isfinite(sd).all() and (sd > 0).all()):
            raise ValueError(
                f"mu_prior has mean {mean} and sd {sd}; both must be finite and sd positive; "
                "a known coefficient, of sd 0, is for pooling.exact"
            )
        return "norm", np.array([mean, sd])
    each = list(prior) if isinstance(prior, list | tuple) else [prior] * p
    if len(each) != p:
        raise ValueError(
            f"mu_prior holds {len(each)} entries for {p} coefficients; give one distribution, {p} of them, "
            "or a tuple (mean, sd)"
        )
    columns, families = [], []
    for one in each:
        family = getattr(getattr(checked_density("mu_prior", one), "dist", None), "name", None)
        if family not in ("norm", "t"):
            raise ValueError(f"mu_prior is {family or type(one).__name__}; the PyMC model knows norm and t")
        shapes, location, scale = one.dist._parse_args(*one.args, **one.kwds)
        families.append(family)
        columns.append([location, scale, *(shapes or (np.inf,))])
    if set(families) == {"norm"}:
        return "norm", np.array(columns, float).T[:2]
    # A Student t with this many degrees of freedom is the normal to beyond double precision's reach here.
    return "t", np.minimum(np.array(columns, float).T, [[np.inf], [np.inf], [1e10]])


def mu_variable(name: str, family: str, parameters, p: int):
    """PyMC variable of a family that `describe_mu` returned."""
    if family == "flat":
        return pm.Flat(name, shape=p)
    if family == "norm":
        return pm.Normal(name, mu=parameters[0], sigma=parameters[1], shape=p)
    return pm.StudentT(name, mu=parameters[0], sigma=parameters[1], nu=parameters[2], shape=p)


def reach_of(prior, scale: float) -> float:
    """A tau that is hardly exceeded: the prior's 99.99 percent quantile, at most 1e4 times `scale`."""
    if (known := known_tau(prior)) is not None:
        return max(known, 1e-6 * scale)
    top = np.inf if prior is None else float(prior.ppf(0.9999))
    return min(top, 1e4 * scale)
