"""Likelihood of each site variant on a frame, kept so that a specification only multiplies them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np

from pooling.arrays import read_evidence
from pooling.exact.arrays import Site, cut
from pooling.exact.interval import log_probability
from pooling.exact.priors import Refused
from pooling.exact.sites import absorb, check_shape, log_likelihood, shift_nodes
from pooling.ledger.evidence import Evidence
from pooling.multiverse.frame import Frame
from pooling.multiverse.variants import Variant

#: Bytes of likelihoods that are kept; the one not used for longest goes first.
MOST_BYTES = 300 * 2**20
#: Grid points on which a single row may depend; the integral over the shared control multiplies them.
MOST_CELLS = 400_000


def engine_sites(block: Evidence, by_component: bool = False) -> list[Site]:
    """A block's rows as the exact engine cuts them.

    By component, the deviations of a site belong to its components and not to its arms: a row with design x has
    heterogeneity tau^2/2 x(I + 11')x', so an arm that combines components differs more from its control.
    """
    arrays = block.arrays()
    if by_component:
        X, (weights, variances) = arrays["X"], arrays["contrast"]
        if arrays["V"] is None:
            together = arrays["groups"][:, None] == arrays["groups"][None, :]
            half = weights * np.sqrt(variances)
            arrays["V"] = np.where(together, half @ half.T, 0.0)
        spread = np.column_stack([X, X.sum(axis=1)])
        arrays["contrast"] = (spread, np.ones_like(spread))
    sites = cut(read_evidence(**arrays))
    for site in sites:
        check_shape(site)
    return sites


def combines(variant: Variant) -> bool:
    """Whether deviations of components give other heterogeneity than deviations of arms."""
    for block in variant.blocks:
        X, (weights, _) = block.arrays()["X"], block.arrays()["contrast"]
        spread = np.column_stack([X, X.sum(axis=1)])
        if not np.allclose(spread @ spread.T, weights @ weights.T):
            return True
    return False


def log_references(site: Site, block: Evidence, kappa: float) -> list[float]:
    """For each source of a site, log probability of its statements if they do not depend on the effect."""
    rows = [row for row in block.rows if row.site == site.label]
    told = [rows[a] for a in site.statements]
    return [
        float(sum(log_probability(told[b].z_lower / kappa, told[b].z_upper / kappa) for b in own)) if unsure else 0.0
        for own, unsure, _ in site.sources
    ]


def as_told(site: Site, block: Evidence, epsilon: float, kappa: float) -> Site:
    """The site with its sources wrong with probability epsilon, for the engine itself."""
    references = log_references(site, block, kappa)
    return replace(
        site,
        sources=tuple(
            (own, epsilon if unsure else 0.0, log_q if unsure and epsilon else 0.0)
            for (own, unsure, _), log_q in zip(site.sources, references)
        ),
    )


class Likelihoods:
    """Likelihoods on one frame of the variants asked for, each up to a factor.

    Parameters
    ----------
    frame
        The grid.
    variants
        All variants of the analysis, by number.
    """

    def __init__(self, frame: Frame, variants: Sequence[Variant]):
        self._frame, self._variants = frame, variants
        self._points = [axis.points for axis in frame.axes]
        self._cut: dict[tuple[int, bool], list[tuple[Evidence, Site]]] = {}
        self._patterns, self._told = _Kept(MOST_BYTES), _Kept(MOST_BYTES)

    def sites(self, number: int, by_component: bool) -> list[tuple[Evidence, Site]]:
        """Engine sites of a variant, each with the block it comes from.

        Raises
        ------
        ValueError
            If the variant's rows cannot be made, or are too many for the engine.
        """
        key = (number, by_component)
        if key not in self._cut:
            variant = self._variants[number]
            if variant.fault:
                raise ValueError(variant.fault)
            differs = by_component and combines(variant)
            self._cut[key] = [(block, site) for block in variant.blocks for site in engine_sites(block, differs)]
        return self._cut[key]

    def part(self, key: tuple[int, float, float, bool]) -> np.ndarray:
        """Likelihood of a variant, (T + 1, n_1 or 1, …, n_p or 1), for (number, epsilon, kappa, by component)."""
        number, epsilon, kappa, by_component = key

        def make() -> np.ndarray:
            out = np.ones((1,) * (len(self._points) + 1))
            for b, (block, site) in enumerate(self.sites(number, by_component)):
                out = out * self._site((number, by_component, b), block, site, epsilon, kappa)
            return out

        return self._told.get(key, make)

    def _site(self, key: tuple, block: Evidence, site: Site, epsilon: float, kappa: float) -> np.ndarray:
        """Sum over which unsure sources are reliable; all reliable ones share the site's likelihood."""
        unsure = [k for k, source in enumerate(site.sources) if source[1]]
        if not epsilon:
            return self._pattern(key, site, tuple(range(len(site.sources))))[0]
        references = log_references(site, block, kappa)
        shares, values = [], []
        for pattern in product((True, False), repeat=len(unsure)):
            wrong = [k for k, reliable in zip(unsure, pattern) if not reliable]
            kept = tuple(k for k in range(len(site.sources)) if k not in wrong)
            value, factor = self._pattern(key, site, kept)
            share = len(wrong) * np.log(epsilon) + (len(unsure) - len(wrong)) * np.log1p(-epsilon)
            shares.append(share + sum(references[k] for k in wrong) + factor)
            values.append(value)
        largest = max(shares)
        return sum(np.exp(share - largest) * value for share, value in zip(shares, values))

    def _pattern(self, key: tuple, site: Site, reliable: tuple[int, ...]) -> tuple[np.ndarray, float]:
        """Likelihood of the statements of the reliable sources, all believed: largest value one, log of the factor."""

        def make() -> tuple[np.ndarray, float]:
            kept = sorted(b for k in reliable for b in site.sources[k][0])
            place = {b: k for k, b in enumerate(kept)}
            sources = tuple((tuple(place[b] for b in site.sources[k][0]), 0.0, 0.0) for k in reliable)
            found = self._evaluate(replace(site, statements=site.statements[kept], sources=sources))
            best = found.max()
            return np.exp(found - best), float(best)

        return self._patterns.get((key, reliable), make)

    def _evaluate(self, site: Site) -> np.ndarray:
        """The engine's log likelihood; one tau at a time where two shared shifts make it large.

        Refused, before it fills the memory, if one row depends on too many coefficients.
        """
        tau, sizes = self._frame.tau, np.array([p.size for p in self._points])
        given = absorb(site, tau)
        if given.F.shape[2] < 2 or not site.statements.size:
            joint = max(np.prod(sizes[row != 0], dtype=float) for row in site.X)
            if tau.size * joint > MOST_CELLS:
                raise Refused(f"site {site.label}: one row depends on more coefficients than a grid can hold")
            return log_likelihood(site, tau, self._points, tails=False)
        joint = np.prod(sizes[(site.X != 0).any(axis=0)], dtype=float)
        # the larger tau, the more nodes: what has to be refused is refused before anything is calculated
        for one in tau[::-1]:
            shifts = shift_nodes(site, absorb(site, np.array([one])))[1].size
            if shifts * joint > 100 * MOST_CELLS:
                raise Refused(f"site {site.label}: its statements share two arms and depend on too many coefficients")
        return np.concatenate([log_likelihood(site, np.array([one]), self._points, tails=False) for one in tau])


class _Kept:
    """Results that are kept while there is room."""

    def __init__(self, room: int):
        self._room, self._held = room, 0
        self._found: OrderedDict[tuple, Any] = OrderedDict()

    def get(self, key: tuple, make: Callable[[], Any]) -> Any:
        """The result under this key, made if it is not there."""
        if key in self._found:
            self._found.move_to_end(key)
            return self._found[key]
        self._found[key] = found = make()
        self._held += _size(found)
        while self._held > self._room and len(self._found) > 1:
            self._held -= _size(self._found.popitem(last=False)[1])
        return found


def _size(found: Any) -> int:
    return (found[0] if isinstance(found, tuple) else found).nbytes
