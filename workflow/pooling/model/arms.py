"""Counts of events per arm: binomial arms with a baseline of their own at every site."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pymc as pm

from pooling.model.priors import describe_mu, describe_tau, mu_variable, tau_variable


@dataclass(frozen=True)
class ArmForm:
    """What decides the graph of a model of arms."""

    coefficients: int
    mu: str
    tau: str
    sites: int
    deviations: int


@dataclass(frozen=True)
class ArmSpecification:
    """A model of arms to be built.

    Attributes
    ----------
    form
        What decides its graph.
    data
        Its data containers, one row for each arm.
    sites
        Labels of the sites, in order of appearance.
    """

    form: ArmForm
    data: dict[str, np.ndarray]
    sites: tuple

    @property
    def coefficients(self) -> int:
        """Number of coefficients of mu."""
        return self.form.coefficients


def specify_arms(events, n, X, groups, *, mu_prior=None, tau_prior, baseline_prior=(0.0, 100.0)) -> ArmSpecification:
    """Check counts of events, one row for each arm.

    Parameters
    ----------
    events, n
        (r,) events and participants of each arm.
    X
        (r, p) design of the arm; zeros for an arm that gets nothing.
    groups
        (r,) site of each arm. The first arm of a site in this order is the one others are compared with.
    mu_prior, tau_prior
        As for `pooling.model.specify`, on the scale of log odds ratios.
    baseline_prior
        (mean, sd) of the log odds in the first arm of a site, independent between sites.

    Returns
    -------
    ArmSpecification
        For `build_arms` and `pooling.model.sample`.

    Raises
    ------
    ValueError
        If a count is impossible, or a site has a single arm; the row or site is named.
    """
    events, n, X = (np.asarray(a, float) for a in (events, n, X))
    rows = len(events)
    if events.ndim != 1 or n.shape != (rows,) or X.ndim != 2 or len(X) != rows or len(groups) != rows:
        raise ValueError(f"events, n, X and groups must have one row for each of the {rows} arms")
    whole = (events == np.round(events)) & (n == np.round(n))
    if (wrong := ~(whole & (events >= 0) & (events <= n) & (n > 0))).any():
        row = int(np.argmax(wrong))
        raise ValueError(f"row {row}: {events[row]:g} events of {n[row]:g}; write whole numbers, 0 to n, n above 0")
    if not np.isfinite(X).all():
        raise ValueError("X must be finite")
    labels = np.asarray(groups).tolist()
    sites = tuple(dict.fromkeys(labels))
    site = np.array([sites.index(label) for label in labels])
    if (lonely := np.bincount(site) < 2).any():
        raise ValueError(f"site {sites[int(np.argmax(lonely))]}: a single arm compares nothing; leave it out")
    first = np.array([int(np.argmax(site == i)) for i in site])
    root = _root(site, first)
    mu_family, mu_parameters = describe_mu(mu_prior, X.shape[1])
    tau_family, tau_parameters = describe_tau(tau_prior)
    baseline = np.asarray(baseline_prior, float)
    if baseline.shape != (2,) or not (np.isfinite(baseline).all() and baseline[1] > 0):
        raise ValueError("baseline_prior must be a finite mean and a positive standard deviation")
    data = {
        "events": events.astype(np.int64), "n": n.astype(np.int64), "X": X - X[first], "site": site, "root": root,
        "mu_prior": mu_parameters, "tau_prior": tau_parameters, "baseline_prior": baseline,
    }  # fmt: skip
    form = ArmForm(X.shape[1], mu_family, tau_family, len(sites), root.shape[1])
    return ArmSpecification(form, data, sites)


def _root(site, first):
    """(arms, arms that are not first) square root of R = (I + 11') / 2 within sites, zero for first arms."""
    others = np.flatnonzero(first != np.arange(len(site)))
    same = site[others][:, None] == site[others][None, :]
    out = np.zeros((len(site), len(others)))
    out[others] = np.linalg.cholesky(same * (np.eye(len(others)) + 1.0) / 2.0)
    return out


def build_arms(spec: ArmSpecification) -> pm.Model:
    """Write the model: events ~ Binomial(n, logit = baseline + X mu + deviation of arm from first arm).

    Deviations are sampled as standard normals times tau (not centred), because sites are few and tau small.

    Parameters
    ----------
    spec
        From `specify_arms`.

    Returns
    -------
    pymc.Model
        Variables mu (p,), tau, baseline (sites,) and raw (arms that are not the first of their site).

    References
    ----------
    Lu and Ades (2004), Statistics in Medicine 23, for the model and its homogeneous variance.
    """
    form = spec.form
    with pm.Model() as model:
        d = {name: pm.Data(name, value) for name, value in spec.data.items()}
        mu = mu_variable("mu", form.mu, d["mu_prior"], form.coefficients)
        tau = tau_variable("tau", form.tau, d["tau_prior"])
        baseline = pm.Normal("baseline", d["baseline_prior"][0], d["baseline_prior"][1], shape=form.sites)
        raw = pm.Normal("raw", 0.0, 1.0, shape=form.deviations)
        logit = baseline[d["site"]] + d["X"] @ mu + tau * (d["root"] @ raw)
        pm.Binomial("events_seen", n=d["n"], logit_p=logit, observed=d["events"])
    return model
