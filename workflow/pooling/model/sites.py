"""Site effects after sampling: drawn exactly, given the draws of averages and spread."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr, ndtri

from pooling.model.build import Specification

#: Rounds of rejection before giving up; a round proposes once for every draw that is still open.
ROUNDS = 20_000


def site_effects(spec: Specification, mu: np.ndarray, tau: np.ndarray, seed: int) -> np.ndarray:
    """Draw the effect behind every row, given draws of the averages and the spread.

    Parameters
    ----------
    spec
        A specification with one tau, normal site effects, and neither bias nor covariates.
    mu, tau
        (draws, p) and (draws,).
    seed
        Seed of these draws.

    Returns
    -------
    numpy.ndarray
        (draws, n) effects.

    Raises
    ------
    ValueError
        If the model has parts that these draws do not know.
    RuntimeError
        If what a site's sources say is all but impossible given the draws.

    Notes
    -----
    Site effects are integrated out of the model that is sampled. For each draw, a site's unknown estimates
    are drawn given what was said of them: estimates and the reliability of each source are proposed from
    the model and kept if every reliable source told the truth, and an unreliable one with the probability
    that it would have said this. Given its estimates a site's effects are normal.
    """
    form, rows = spec.form, spec.rows
    if form.heterogeneity != "rows" or form.tails != "normal" or form.bias or form.covariates:
        raise ValueError("site effects are drawn for models with one tau and normal effects only")
    random = np.random.default_rng(seed)
    theta = np.empty((len(tau), len(rows.y)))
    for i in range(len(rows.sites)):
        own = np.flatnonzero(rows.site == i)
        centre = mu @ rows.X[own].T
        R = tau[:, None, None] ** 2 * rows.spread[np.ix_(own, own)]
        total = rows.sampling[np.ix_(own, own)] + R
        y = _estimates(rows, own, centre, total, random)
        gain = R @ np.linalg.inv(total)
        left = R - gain @ R
        root = np.linalg.cholesky(left + 1e-12 * np.trace(left, axis1=1, axis2=2)[:, None, None] * np.eye(len(own)))
        noise = random.standard_normal((*centre.shape, 1))
        theta[:, own] = centre + (gain @ (y - centre)[..., None] + root @ noise)[..., 0]
    return theta


def _estimates(rows, own, centre, total, random):
    """Estimates behind a site's rows: numbers as they are, the others drawn given what was said."""
    order = _easiest_order(rows, own)
    numeric = rows.numeric[own][order]
    lower, upper = (np.where(numeric, np.nan, bound[own][order]) for bound in (rows.lower, rows.upper))
    sources = [(source := rows.source[own][order], np.flatnonzero(~numeric & (source == s)))[1]
               for s in np.unique(rows.source[own])]  # fmt: skip
    root = np.linalg.cholesky(total[:, order][:, :, order])
    y = np.empty_like(centre)
    todo = np.arange(len(centre))
    for _ in range(ROUNDS):
        proposal = _propose(rows.y[own][order], numeric, lower, upper, rows.epsilon[own][order],
                            centre[todo][:, order], root[todo], random)  # fmt: skip
        kept = np.ones(len(todo), bool)
        for mine in sources:
            if len(mine):
                told = ((proposal[:, mine] > lower[mine]) & (proposal[:, mine] < upper[mine])).all(axis=1)
                epsilon = rows.epsilon[own][order][mine[0]]
                unreliable = random.random(len(todo)) < epsilon
                chance = np.exp(rows.unrelated[own][order][mine].sum()) if epsilon else 0.0
                kept &= np.where(unreliable, random.random(len(todo)) < chance, told)
        y[np.ix_(todo[kept], order)] = proposal[kept]
        todo = todo[~kept]
        if not len(todo):
            return y
    raise RuntimeError(
        f"site {rows.sites[rows.site[own[0]]]}: no estimates that fit its statements were found; they contradict "
        "each other"
    )


def _easiest_order(rows, own):
    """Numbers first, then rows whose source is certain, narrowest first: these need no rejection to be met."""
    width = np.where(rows.numeric[own], -1.0, rows.upper[own] - rows.lower[own])
    return np.lexsort((width, rows.epsilon[own] > 0, ~rows.numeric[own]))


def _propose(y, numeric, lower, upper, epsilon, centre, root, random):
    """Rows one after another from their distribution given the earlier ones.

    Numbers are what they are. The first row after them is drawn within its interval if its source is
    certain: its distribution given the numbers is normal, and the probability of the interval is the same for
    every proposal of a draw.
    """
    shocks = np.zeros_like(centre)
    out = np.empty_like(centre)
    first = int(numeric.sum())
    for k in range(centre.shape[1]):
        mean = centre[:, k] + (root[:, k, :k] * shocks[:, :k]).sum(axis=1)
        sd = root[:, k, k]
        if numeric[k]:
            shocks[:, k] = (y[k] - mean) / sd
        elif k == first and epsilon[k] == 0:
            a, b = ndtr((lower[k] - mean) / sd), ndtr((upper[k] - mean) / sd)
            shocks[:, k] = ndtri(np.clip(a + random.random(len(mean)) * (b - a), 1e-300, 1 - 1e-16))
        else:
            shocks[:, k] = random.standard_normal(len(mean))
        out[:, k] = y[k] if numeric[k] else mean + sd * shocks[:, k]
    return out
