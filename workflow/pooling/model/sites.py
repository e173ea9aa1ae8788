"""Site effects and effects in a new site, drawn exactly after sampling.

They are no part of what is sampled: given the other parameters a site's effects are normal once its
estimates are known, and the estimates that statements hide can be drawn exactly. So NUTS keeps a handful of
dimensions without a funnel, and nothing is lost.
"""

from __future__ import annotations

import numpy as np

from pooling.model import between
from pooling.model.build import Specification
from pooling.model.estimates import draw_estimates


def site_effects(spec: Specification, mu: np.ndarray, tau: np.ndarray, seed: int, **others: np.ndarray) -> np.ndarray:
    """Draw the true value of every row's contrast, given draws of everything else.

    Parameters
    ----------
    spec
        From `pooling.model.specify`.
    mu, tau
        (d, p) averages; (d,) spread, or (d, q) where there are several.
    seed
        Seed of these draws.
    others
        Draws of the model's other variables by name, where it has any: gamma (d, c), beta (d,),
        correlation (d, q, q), precision (d, sites), nu (d,), shift (d, arms).

    Returns
    -------
    numpy.ndarray
        (d, n) in the caller's order of rows; the rows of a site are drawn jointly. Bias and covariates are
        part of a row's true value.
    """
    rows, design, form = spec.rows, spec.design, spec.form
    rng = np.random.default_rng(seed)
    mean = mu @ design["X"].T
    if form.covariates:
        mean = mean + others["gamma"] @ design["W"].T
    if form.bias:
        mean = mean + others["beta"][:, None] * design["flag"]
    T = between.covariance_draws(form.heterogeneity, form.components, tau, others)
    theta = np.empty((len(tau), len(rows.y)))
    for i in range(len(rows.sites)):
        own = np.flatnonzero(rows.site == i)
        Z = design["Z"][own]
        H = design["R"][np.ix_(own, own)] * (Z @ T @ Z.T)
        if form.tails != "normal":
            H = H / _precision(spec, i, len(tau), others, rng)[:, None, None]
        moved, less = _known_shifts(spec, own, tau, others)
        theta[:, own] = _one_site(rows, own, mean[:, own], H, moved, less, rng)
    return theta


def new_site(spec: Specification, mu: np.ndarray, tau: np.ndarray, seed: int, **others: np.ndarray) -> np.ndarray:
    """Draw each coefficient's effect in a new site, each by itself.

    Parameters
    ----------
    spec, mu, tau, seed, others
        As of `site_effects`.

    Returns
    -------
    numpy.ndarray
        (d, p).
    """
    form, p = spec.form, mu.shape[1]
    rng = np.random.default_rng(seed)
    T = between.covariance_draws(form.heterogeneity, form.components, tau, others)
    sd = np.sqrt(np.diagonal(T, axis1=1, axis2=2)[:, np.arange(p) * form.components // p])
    if form.tails != "normal":
        sd = sd / np.sqrt(np.stack([_precision(spec, None, len(tau), others, rng) for _ in range(p)], axis=1))
    return mu + sd * rng.standard_normal(mu.shape)


def _precision(spec, i, d, others, rng):
    """Precision factor of a site under Student t effects, from its prior where the site says nothing."""
    speaking = np.unique(spec.rows.site[spec.rows.numeric | spec.rows.telling])
    if i is not None and i in speaking:
        return others["precision"][:, np.searchsorted(speaking, i)]
    half = np.broadcast_to(others["nu"] if spec.form.tails == "estimate" else spec.data["nu"], d) / 2.0
    return rng.gamma(half) / half


def _known_shifts(spec, own, tau, others):
    """What the sampled shifts of shared arms move the site's estimates by (d, r), and the covariance they explain."""
    F = spec.design["F"][own]
    if not F.any():
        return 0.0, 0.0
    variance = spec.data["shift_v"] + tau[:, None] ** 2 / 2.0
    return (others["shift"] * np.sqrt(variance)) @ F.T, (F * variance[:, None, :]) @ F.T


def _one_site(rows, own, mean, H, moved, less, rng):
    """Effects of one site: estimates given sampled shifts, then effects given estimates."""
    seen = np.flatnonzero(rows.numeric[own] | rows.telling[own])
    left = H
    if len(seen):
        whole = rows.sampling[np.ix_(own, own)] + H
        K = whole[:, seen][:, :, seen]
        given = (whole - less)[:, seen][:, :, seen]
        estimate = draw_estimates(rows, own[seen], (mean + moved)[:, seen], given, rng)
        gain = np.swapaxes(np.linalg.solve(K, H[:, seen]), 1, 2)
        left = H - gain @ H[:, seen]
        mean = mean + (gain @ (estimate - mean[:, seen])[:, :, None])[:, :, 0]
    values, vectors = np.linalg.eigh(left)
    steps = np.sqrt(np.maximum(values, 0.0)) * rng.standard_normal(mean.shape)
    return mean + (vectors @ steps[:, :, None])[:, :, 0]
