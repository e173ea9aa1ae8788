"""One grid for many specifications: axes for the coefficients, nodes for tau, and every prior on them.

The engine of `pooling.exact` places a grid for one posterior. Here the grid has to hold the posteriors of all
subsets of sites and readings under every prior, so it spans the widest prior of mu and resolves the narrowest;
and the nodes of tau are those of a mixture of the posteriors under every prior of tau.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy import stats
from scipy.interpolate import BarycentricInterpolator
from scipy.special import expit, logit, logsumexp

from pooling import priors
from pooling.exact.axes import Axis, make_axis
from pooling.exact.between import TauPrior, nodes
from pooling.exact.between import tau_prior as read_tau_prior
from pooling.exact.locate import gauss_rule, propagate, tau_rule
from pooling.exact.place import normal_priors
from pooling.exact.pool import mu_priors
from pooling.exact.priors import MuPrior

TAU_NODES = 18
#: Distance of grid points in units of the narrowest posterior standard deviation given everything else.
STEP = 0.62
#: Probability of the prior that the grid leaves out at either end.
LOST = 3e-6
#: Points of an axis beyond which its spacing widens outwards.
MOST = 26


def mu_prior(own: Mapping[str, float], change: Mapping[str, Any]):
    """Prior of one average effect: the configured normal, or another family of `factor` times its width."""
    scale = own["sd"] * change.get("factor", 1.0)
    family = change.get("family", "normal")
    if family == "normal":
        return MuPrior(own["mean"], scale)
    return stats.t(change["df"], own["mean"], scale)


def tau_prior(own: Mapping[str, Any], change: Mapping[str, Any]):
    """Prior of tau: the configured one, with its scale times `factor`, perhaps of another family."""
    spec = dict(own) | {"scale": own["scale"] * change.get("factor", 1.0)}
    if "family" in change:
        spec = {"family": change["family"], "scale": spec["scale"]}
        spec |= {"df": change["df"]} if "df" in change else {}
    return priors.from_config(spec)


def _ends(prior: MuPrior) -> tuple[float, float]:
    if prior.density is not None:
        return float(prior.density.ppf(LOST)), float(prior.density.isf(LOST))
    reach = float(stats.norm.isf(LOST)) * prior.sd
    return prior.mean - reach, prior.mean + reach


@dataclass(frozen=True)
class TauNodes:
    """Gauss nodes for tau from a mixture of approximate posteriors.

    Attributes
    ----------
    tau, log_weight
        Nodes (T,) and the logs of their weights for du, u = log tau, without prior, jacobian and likelihood.
    basis
        Orthonormal polynomials at the nodes, (T, T).
    fine
        Fine values of tau, (F,).
    through
        Takes probabilities of the nodes to probabilities of the fine values, (F, T): the ratio of a posterior
        to the mixture is smooth and interpolated through the nodes.
    """

    tau: np.ndarray
    log_weight: np.ndarray
    basis: np.ndarray
    fine: np.ndarray
    through: np.ndarray


@dataclass(frozen=True)
class Frame:
    """Grid and priors that many specifications share.

    Attributes
    ----------
    mu_priors
        Every prior of the coefficients, one for each of them; specifications name one by position.
    tau_priors
        Every prior of tau, named likewise; the position after the last stands for a common effect (tau = 0).
    axes
        Grid of each coefficient.
    nodes
        Nodes of tau.
    """

    mu_priors: tuple[tuple[MuPrior, ...], ...]
    tau_priors: tuple[TauPrior, ...]
    axes: tuple[Axis, ...]
    nodes: TauNodes

    @property
    def tau(self) -> np.ndarray:
        """Nodes of tau, (T + 1,), the first one zero."""
        return np.concatenate([[0.0], self.nodes.tau])

    @cached_property
    def mu_weights(self) -> list[np.ndarray]:
        """Prior probability of the points of every axis under each prior, (priors, n) each."""
        found = []
        for j, axis in enumerate(self.axes):
            lines = np.array([prior[j].log_density(axis.points) for prior in self.mu_priors])
            weights = np.exp(lines) * axis.weights
            found.append(weights / weights.sum(axis=1, keepdims=True))
        return found

    @cached_property
    def tau_weights(self) -> np.ndarray:
        """Prior probability of the nodes of tau under each prior, (priors + 1, T + 1)."""
        tau = self.nodes.tau
        lines = [p.log_density(tau) + np.log(tau) + self.nodes.log_weight for p in self.tau_priors]
        weights = np.array([np.exp(line - line.max()) for line in lines])
        out = np.zeros((len(lines) + 1, tau.size + 1))
        out[:-1, 1:] = weights / weights.sum(axis=1, keepdims=True)
        out[-1, 0] = 1.0
        return out

    def tau_medians(self, posterior: np.ndarray) -> np.ndarray:
        """Median of tau for posterior probabilities of the nodes (M, T + 1); zero where the effect is common."""
        mass = np.maximum(posterior[:, 1:] @ self.nodes.through.T, 0.0)
        below = np.cumsum(mass, axis=1)
        total = np.where(below[:, -1:] > 0, below[:, -1:], 1.0)
        middle = (below - 0.5 * mass) / total
        found = [np.exp(np.interp(0.5, line, np.log(self.nodes.fine))) for line in middle]
        return np.where(posterior[:, 0] > 0.5, 0.0, found)


def place(sites: Sequence, mus: Sequence, tau_priors: Sequence) -> Frame:
    """Frame for the specifications around a reference.

    Parameters
    ----------
    sites
        Sites of the reference evidence, as `pooling.exact` cuts them.
    mus
        Priors of the average effects, each the same for all of them: `MuPrior` or frozen distributions.
    tau_priors
        Frozen distributions on (0, inf).
    """
    p = sites[0].X.shape[1]
    priors_ = [tuple(mu_priors((mu.mean, mu.sd) if isinstance(mu, MuPrior) else mu, p)) for mu in mus]
    taus = tuple(read_tau_prior(prior) for prior in tau_priors)
    normal = sorted((normal_priors(sites, prior) for prior in priors_), key=lambda pair: pair[1][0])
    ends = [normal[0], normal[-1]]
    made = _tau_nodes([tau_rule(sites, prior, *end)[0] for prior in taus for end in ends], taus)
    found = [propagate(sites, np.array([0.0, float(np.median(made.tau))]), *end) for end in ends]
    sd = np.sqrt([np.diagonal(one.cov, axis1=1, axis2=2) for one in found])
    reach = [prior_end for prior in priors_ for prior_end in _ends(prior[0])]
    alone = 1 / np.sqrt(np.diagonal(np.linalg.inv(found[-1].cov), axis1=1, axis2=2))
    axes = []
    for j in range(p):
        means = np.array([one.mean[:, j] for one in found])
        low = min(*reach, (means - 7 * sd[..., j]).min())
        high = max(*reach, (means + 7 * sd[..., j]).max())
        step = STEP * alone[1, j]
        axes.append(make_axis(means[-1, 1], sd[-1, 1, j], low, high, step, (-np.inf, np.inf), MOST))
    return Frame(tuple(priors_), taus, tuple(axes), made)


def _tau_nodes(rules: Sequence, taus: Sequence[TauPrior]) -> TauNodes:
    """Nodes for the mixture of approximate posteriors of tau, all on u = log tau.

    The priors belong to the mixture: an unreliable source leaves the tail of tau as the prior has it.
    """
    masses = [logsumexp(rule.density(rule.fine_u) + np.log(rule.fine_du)) for rule in rules]

    def density(u):
        posteriors = [rule.density(u) - mass for rule, mass in zip(rules, masses)]
        return np.logaddexp.reduce(posteriors + [prior.log_density(np.exp(u)) + u for prior in taus])

    centres = np.array([rule.centre for rule in rules])
    centre, width = centres.mean(), np.sqrt(np.mean([rule.width**2 for rule in rules]) + centres.var())
    fine_u, fine_du = nodes(centre, width, step=0.12)
    mass = np.exp(density(fine_u)) * fine_du
    mass /= mass.sum()
    x, share, basis = gauss_rule(expit(fine_u - centre), mass, TAU_NODES)
    u = centre + logit(x)
    inside = np.clip(expit(fine_u - centre), x[0], x[-1])
    through = mass[:, None] * BarycentricInterpolator(x, np.eye(x.size))(inside) / share
    kept = mass > 1e-12
    return TauNodes(np.exp(u), np.log(share) - density(u), basis, np.exp(fine_u[kept]), through[kept])
