"""Who was compared with whom, with how many people, and what evidence such a design gives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from pooling.ledger.evidence import Evidence

#: What the rows of a simulated data set are: estimates, statements, or one and the other in turn.
KINDS = ("numbers", "statements", "mixed")


@dataclass(frozen=True)
class Design:
    """Everything about a data set but its outcome.

    Attributes
    ----------
    name
        Names the stream of random numbers too.
    weights, arm_variances
        (n, K) contrast of each row over its site's arms, control first, and the arms' sampling variances.
    X
        (n, p) design of the rows' means.
    groups, source
        (n,) site of each row, and who speaks about it.
    mu_prior, tau_prior
        (mean, sd) of the average effects; a frozen distribution.
    epsilon, kappa
        Probability that a source's statements about a site say nothing about the effect, and the spread of
        their z-values then.
    cuts
        Where the z-axis is cut: a statement tells the piece. By default negative or positive,
        significant at 5 percent or not.
    """

    name: str
    weights: np.ndarray
    arm_variances: np.ndarray
    X: np.ndarray
    groups: np.ndarray
    source: np.ndarray
    mu_prior: tuple[float, float]
    tau_prior: Any
    epsilon: float = 0.1
    kappa: float = 2.0
    cuts: tuple[float, ...] = (-1.96, 0.0, 1.96)

    def __post_init__(self):
        n = len(self.X)
        if self.weights.shape != self.arm_variances.shape or {n} != {
            len(part) for part in (self.weights, self.groups, self.source)
        }:
            raise ValueError(f"design '{self.name}': every part must have one entry for each of {n} rows")
        if list(self.cuts) != sorted(set(self.cuts)):
            raise ValueError(f"design '{self.name}': cuts must rise")


def pairwise(k: int, mu_prior, tau_prior, *, smallest: int = 50, largest: int = 300, **options) -> Design:
    """k sites with one arm each and as many controls, on the arcsine scale.

    Parameters
    ----------
    k
        Number of sites.
    mu_prior, tau_prior
        (mean, sd) of the average effect; a frozen distribution.
    smallest, largest
        People per arm, which rise from the one to the other by equal factors.
    options
        Further fields of `Design`: epsilon, kappa, cuts.

    Returns
    -------
    Design

    Raises
    ------
    ValueError
        If there is no site.
    """
    if k < 1:
        raise ValueError("a design needs at least one site")
    n = np.geomspace(smallest, largest, k) if k > 1 else np.array([smallest])
    sites = np.array([f"site {i + 1}" for i in range(k)])
    return Design(
        name=f"pairwise {k}",
        weights=np.tile([-1.0, 1.0], (k, 1)),
        arm_variances=np.repeat(1 / (4 * n)[:, None], 2, axis=1),
        X=np.ones((k, 1)),
        groups=sites,
        source=np.full(k, "source"),
        mu_prior=mu_prior,
        tau_prior=tau_prior,
        **options,
    )


def from_evidence(evidence: Evidence, mu_prior, tau_prior, epsilon: float = 0.1) -> Design:
    """The design behind the rows of an analysis: its sites, arms, sizes, contrasts and sources.

    Parameters
    ----------
    evidence
        The pooled rows.
    mu_prior, tau_prior
        (mean, sd) of the average effects; a frozen distribution.
    epsilon
        Probability that a source's statements about a site say nothing about the effect.

    Returns
    -------
    Design
    """
    arrays = evidence.arrays()
    weights, arm_variances = arrays["contrast"]
    return Design(
        name=evidence.analysis,
        weights=weights,
        arm_variances=arm_variances,
        X=arrays["X"],
        groups=arrays["groups"],
        source=arrays["source"],
        mu_prior=mu_prior,
        tau_prior=tau_prior,
        epsilon=epsilon,
        kappa=evidence.kappa,
    )


def of_the_product(
    evidences: list[Evidence], prior_of: Callable[[Evidence], dict], epsilon: float = 0.1
) -> list[Design]:
    """Of the analyses with two sites, three sites and so on, the one with most rows (ties: first by name).

    Parameters
    ----------
    evidences
        The pooled rows of each analysis.
    prior_of
        Gives the `mu_prior` and `tau_prior` of an analysis.
    epsilon
        Probability that a source's statements about a site say nothing about the effect.

    Returns
    -------
    list of Design
        By number of sites.
    """
    chosen: dict[int, Evidence] = {}
    for evidence in sorted(evidences, key=lambda e: (-len(e.rows), e.analysis)):
        chosen.setdefault(len(evidence.sites), evidence)
    return [from_evidence(chosen[count], **prior_of(chosen[count]), epsilon=epsilon) for count in sorted(chosen)]


def simulate(design: Design, kind: str, rng: np.random.Generator) -> tuple[dict, dict[str, float]]:
    """Draw a truth from the prior and a data set from the truth.

    Parameters
    ----------
    design
        The design.
    kind
        One of `KINDS`; in a mixed data set the first row is an estimate, the second a statement, and so on.
    rng
        Source of randomness.

    Returns
    -------
    data
        Keyword arguments of `pooling.exact.pool`, priors included.
    truth
        `mu[j]`, `tau` and `new[j]`: effect j in one new site.

    Raises
    ------
    ValueError
        If the kind is unknown.
    """
    if kind not in KINDS:
        raise ValueError(f"kind '{kind}' is unknown; write one of {', '.join(KINDS)}")
    n, p = design.X.shape
    mean, sd = design.mu_prior
    mu = mean + sd * rng.standard_normal(p)
    tau = float(design.tau_prior.rvs(random_state=rng))
    new = mu + tau * rng.standard_normal(p)
    y = design.X @ mu
    for site in dict.fromkeys(design.groups.tolist()):
        rows = design.groups == site
        variances = design.arm_variances[rows][0]
        # Every arm of a site, control included, has its own deviation and its own sampling error.
        arms = rng.normal(0.0, tau / np.sqrt(2), variances.size) + rng.normal(0.0, np.sqrt(variances))
        y[rows] += design.weights[rows] @ arms
    s = np.sqrt(np.sum(design.weights**2 * design.arm_variances, axis=1))
    number = {"numbers": np.ones(n, bool), "statements": np.zeros(n, bool), "mixed": np.arange(n) % 2 == 0}[kind]
    z = np.where(_unreliable(design, rng), design.kappa * rng.standard_normal(n), y / s)
    edges = np.concatenate([[-np.inf], design.cuts, [np.inf]])
    piece = np.searchsorted(design.cuts, z)
    data = {
        "y": np.where(number, y, np.nan),
        "v": s**2,
        "X": design.X,
        "groups": design.groups,
        "lower": np.where(number, np.nan, edges[piece] * s),
        "upper": np.where(number, np.nan, edges[piece + 1] * s),
        "contrast": (design.weights, design.arm_variances),
        "source": design.source,
        "epsilon": np.where(number, 0.0, design.epsilon),
        "kappa": design.kappa,
        "mu_prior": design.mu_prior,
        "tau_prior": design.tau_prior,
    }
    truth = {f"mu[{j}]": float(mu[j]) for j in range(p)} | {f"new[{j}]": float(new[j]) for j in range(p)}
    return data, truth | {"tau": tau}


def _unreliable(design: Design, rng: np.random.Generator) -> np.ndarray:
    """Whether a source speaks at random about a site: all its statements about the site, or none."""
    pairs = list(zip(design.groups.tolist(), design.source.tolist()))
    drawn = {pair: rng.random() < design.epsilon for pair in dict.fromkeys(pairs)}
    return np.array([drawn[pair] for pair in pairs])
