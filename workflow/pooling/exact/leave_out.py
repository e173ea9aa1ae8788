"""Leave one site out: what the others say, and how well they foretold the site."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from .grid import SiteTensors
from .place import edge_mass
from .priors import Refused
from .sites import predictor

LOOSE_EDGE = 1e-5
EVENLY = ("even", "stretched")
LONGER = 0.25  # of an axis's points are added at an end that is too near


@dataclass(frozen=True)
class LeftOut:
    """The fit without one site.

    Attributes
    ----------
    site : object
        The site left out.
    lpd : float
        Log predictive density of all its rows together (for statements, log probability).
    pit : (m,) array
        Per row, the predictive probability of an estimate below the one found; for a statement the mid-PIT,
        P(below its interval) + P(in it)/2.
    probability : (m,) array
        Per row, the predictive probability of the statement made; NaN for numbers.
    """

    site: object
    lpd: float
    pit: np.ndarray
    probability: np.ndarray
    _rest: object

    @property
    def mu(self):
        """Average effects without the site, as in a `Fit`."""
        return self._rest.mu

    @property
    def tau(self):
        """Between-site standard deviation without the site."""
        return self._rest.tau


class LeaveOut:
    """All sites left out in turn: `lpd` (sites,), `pit`, `probability` (rows,); each `LeftOut` by index."""

    def __init__(self, members, rows):
        self._members = members
        self.sites = [member.site for member in members]
        self.lpd = np.array([member.lpd for member in members])
        order = np.argsort(np.concatenate(rows))
        self.pit = np.concatenate([member.pit for member in members])[order]
        self.probability = np.concatenate([member.probability for member in members])[order]

    def __len__(self):
        return len(self._members)

    def __getitem__(self, index):
        return self._members[index]


def _statement(site, a, below, above):
    """Category probability and mid-PIT of statement a, given P(estimate < lower) and P(estimate < upper)."""
    eps, spread = site.epsilon[a], site.reference[a]
    below = (1 - eps) * below + eps * ndtr(site.lower[a] / spread)
    above = (1 - eps) * above + eps * ndtr(site.upper[a] / spread)
    return above - below, 0.5 * (below + above)


def leave_out_numbers(fit):
    """Leave-one-site-out of a `NumbersFit`."""
    members, rows = [], []
    for site, rest in zip(fit._site_list, fit.without_each()):
        mean = np.einsum("ap,tp->ta", site.X, rest.m)
        spread = np.einsum("ap,tpq,aq->ta", site.X, rest.V, site.X)
        t2 = fit._tau[:, None] ** 2
        sd = np.sqrt(spread + np.diagonal(site.S) + t2 * np.diagonal(site.R))
        pit = rest.w @ ndtr((site.y - mean) / sd)
        members.append(LeftOut(site.label, fit._log_ml - rest.log_ml, pit, np.full(pit.shape, np.nan), rest))
        rows.append(site.rows)
    return LeaveOut(members, rows)


def _predictive(rest, site):
    """Per row of a site: P(estimate < y) or, for a statement, P(< lower) and P(< upper)."""
    axes = [axis.points for axis in rest._tensors.axes]
    tau, p = rest._tensors.tau, len(axes)
    for a in range(site.rows.size):
        uses = np.flatnonzero(site.X[a])
        others = tuple(j + 1 for j in range(p) if j not in uses)
        if uses.size == 1:
            line = np.expand_dims(rest._lines[uses[0]], others)
        else:
            line = rest._p.sum(axis=others, keepdims=True)
        centre = predictor(np.broadcast_to(site.X[a], (tau.size, p)), axes)
        sd = np.sqrt(site.S[a, a] + tau**2 * site.R[a, a]).reshape((-1,) + (1,) * p)
        bounds = (site.y[a],) if a in site.numbers else (site.lower[a], site.upper[a])
        yield [
            float(bound > 0) if np.isinf(bound) else float((line * ndtr((bound - centre) / sd)).sum())
            for bound in bounds
        ]


def _refit(fit, others):
    """Fit of the sites at positions `others`: on the same grid, a longer one with its steps, or one placed anew."""
    from .grid_fit import FINE_TAU, POOR_TAU, GridFit, fit_grid, unresolved

    tensors, priors, tau_prior = fit._tensors, fit._priors, fit._tau_prior
    # For several coefficients tau's check is far above the error, and another grid is dear.
    tau_limit = FINE_TAU if len(tensors.axes) == 1 else POOR_TAU
    rest = GridFit(tensors, fit._scalar, others, priors, tau_prior)
    resolved, sites = not any(unresolved(rest, tau_limit)), [tensors.sites[k] for k in others]
    if resolved and rest.accuracy.edge_mass <= LOOSE_EDGE:
        return rest
    short = edge_mass(tensors.axes, priors, rest._lines) > LOOSE_EDGE
    if resolved and all(axis.kind in EVENLY for axis, ends in zip(tensors.axes, short) if ends.any()):
        more = [np.ceil(LONGER * axis.t.size * ends).astype(int) for axis, ends in zip(tensors.axes, short)]
        axes = [axis.longer(*ends) if any(ends) else axis for axis, ends in zip(tensors.axes, more)]
        rest = GridFit(SiteTensors(sites, priors, tau_prior, axes, tensors.nodes), fit._scalar)
        if not any(unresolved(rest, tau_limit)) and rest.accuracy.edge_mass <= LOOSE_EDGE:
            return rest
    return fit_grid(sites, priors, tau_prior, fit._scalar)


def leave_out_grid(fit):
    """Leave-one-site-out of a `GridFit`."""
    tensors, members, rows = fit._tensors, [], []
    for i in fit._keep:
        site = tensors.sites[i]
        others = [k for k in fit._keep if k != i]
        try:
            rest = _refit(fit, others)
        except Refused as error:
            raise Refused(f"without site {site.label}: {error}") from None
        pit, probability = np.full(site.rows.size, np.nan), np.full(site.rows.size, np.nan)
        for a, below in enumerate(_predictive(rest, site)):
            if len(below) == 1:
                pit[a] = below[0]
            else:
                probability[a], pit[a] = _statement(site, a, *below)
        members.append(LeftOut(site.label, fit._log_ml - rest._log_ml, pit, probability, rest))
        rows.append(site.rows)
    return LeaveOut(members, rows)
