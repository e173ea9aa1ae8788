"""One analysis on one grid of averages and spread, so that prior and likelihood can be weighed anew.

The grid is the frame of `pooling.multiverse`: it spans the prior of the averages and resolves the posterior under
every prior of the spread given, so prior and posterior can both be read off it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property, partial
from typing import Any

import numpy as np

from pooling import priors
from pooling.answers import summary
from pooling.exact.axes import marginal_on
from pooling.exact.marginal import Marginal
from pooling.exact.priors import Refused
from pooling.exact.sites import log_likelihood
from pooling.ledger.evidence import Evidence
from pooling.multiverse import frame as frames
from pooling.multiverse.likelihood import engine_sites
from pooling.multiverse.marginals import Reader

#: Sites beyond which the likelihoods of all of them do not fit in memory together.
MOST_SITES = 200


class Gridded:
    """Likelihood of every site of an analysis, on one grid.

    Parameters
    ----------
    evidence
        The pooled rows.
    own
        The configuration's priors for the scale of the analysis (`own_priors`).
    mu
        Change of the prior of the averages, as in multiverse.yaml; none by default.
    taus
        Changes of the prior of the spread, the first one that of `posterior`.

    Raises
    ------
    pooling.exact.Refused
        If the analysis is too large for one grid.
    """

    def __init__(
        self,
        evidence: Evidence,
        own: Mapping[str, Any],
        mu: Mapping[str, Any] | None = None,
        taus: Sequence[Mapping[str, Any]] = ({},),
    ):
        if len(evidence.sites) > MOST_SITES:
            raise Refused(f"{len(evidence.sites)} sites are too many for one grid (at most {MOST_SITES})")
        self.evidence = evidence
        self.sites = engine_sites(evidence)
        spread = [frames.tau_prior(own["tau"], change) for change in taus]
        self.frame = frames.place(self.sites, [frames.mu_prior(own["mu"], mu or {})], spread)

    @property
    def points(self) -> list[np.ndarray]:
        """Values of each average on the grid."""
        return [axis.points for axis in self.frame.axes]

    def of(self, site) -> np.ndarray:
        """Log likelihood of a site on the grid, (T + 1, n_1 or 1, …); the first node of tau is zero."""
        return log_likelihood(site, self.frame.tau, self.points)

    @cached_property
    def log_likelihood(self) -> np.ndarray:
        """Log likelihood of all sites on the grid."""
        return sum(self.of(site) for site in self.sites)

    def posterior(self, *, mu=1.0, tau=1.0, likelihood=1.0, more: np.ndarray | float = 0.0) -> np.ndarray:
        """Probabilities of the grid's points when each part of the model is raised to a power.

        Parameters
        ----------
        mu, tau, likelihood
            Powers of the prior of the averages, of the prior of the spread and of the likelihood.
        more
            Further log likelihood on the grid.

        Returns
        -------
        (T, n_1, …, n_p) array
            Sums to one; without the node at zero spread, which has no probability.
        """
        frame, p = self.frame, len(self.frame.axes)
        prior = tau * frame.tau_priors[0].log_density(frame.nodes.tau)
        # du = dtau / tau: the density is raised to its power on the scale of tau itself
        value = (prior + np.log(frame.nodes.tau) + frame.nodes.log_weight).reshape((-1,) + (1,) * p)
        for j, (axis, own) in enumerate(zip(frame.axes, frame.mu_priors[0])):
            line = mu * own.log_density(axis.points) + np.log(axis.weights)
            value = value + line.reshape([-1 if k == j + 1 else 1 for k in range(p + 1)])
        value = value + likelihood * self.log_likelihood[1:] + (more[1:] if np.ndim(more) else more)
        weights = np.exp(value - value.max())
        return weights / weights.sum()

    def line(self, weights: np.ndarray, j: int) -> np.ndarray:
        """Probabilities of the points of axis j."""
        return weights.sum(axis=tuple(k for k in range(weights.ndim) if k != j + 1))

    def average(self, weights: np.ndarray, j: int) -> Marginal:
        """Distribution of the average effect of component j."""
        axis, line = self.frame.axes[j], self.line(weights, j)
        mean = float(line @ axis.points)
        return marginal_on(axis, line, mean, float(np.sqrt(line @ (axis.points - mean) ** 2)))

    def tau_below(self, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Values of the spread and the probability of a smaller one at each."""
        nodes = self.frame.nodes
        mass = np.maximum(nodes.through @ weights.reshape(len(weights), -1).sum(axis=1), 0.0)
        below = np.cumsum(mass)
        return nodes.fine, (below - 0.5 * mass) / below[-1]

    def reader(self, j: int, outcome: Mapping[str, Any], level: float) -> Reader:
        """What reads a component's average in the unit of the outcome."""
        convert = conversion(self.evidence)
        return Reader(self.frame.axes[j], convert, float(outcome["smallest_effect"]), level)


def conversion(evidence: Evidence):
    """Function from the scale of an analysis to the one readers use."""
    if evidence.scale == "arcsine":
        return partial(summary.points, evidence.control_level)
    return partial(np.multiply, 100.0) if evidence.scale == "difference" else partial(np.multiply, 1.0)


def unit(evidence: Evidence) -> str:
    """Unit of the scale readers use."""
    return "sd" if evidence.scale == "smd" else "points"


def own_priors(settings: Mapping[str, Any], evidence: Evidence) -> Mapping[str, Any]:
    """The configuration's priors for the scale of an analysis."""
    return settings[priors.NAMES[evidence.scale]]
