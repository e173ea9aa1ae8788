"""Estimators of the variance between sites, and its interval."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import optimize, stats

from pooling.classical.data import Whitened
from pooling.classical.fit import at


def estimate(data: Whitened, method: str) -> float:
    """τ² by one of DL, HE, SJ, ML, REML, PM, EB; zero where the estimate lies on the boundary.

    Notes
    -----
    DL: DerSimonian and Laird (1986). HE: Hedges and Olkin (1985). SJ: Sidik and Jonkman (2005), started from
    the plain variance of the estimates. PM: Paule and Mandel (1982); EB: Morris (1983), which solves the same
    equation (Viechtbauer, López-López, Sánchez-Meca and Marín-Martínez 2015). ML and REML: the highest point
    of the likelihood over the whole half line, found on a grid and polished by the root of the score, so
    that several local maxima do no harm. With moderators: Raudenbush (2009).
    """
    if method in ("ML", "REML"):
        return _likelihood(data, method)
    moments = {
        "DL": _dersimonian_laird,
        "HE": _hedges,
        "SJ": _sidik_jonkman,
        "PM": _paule_mandel,
        "EB": _paule_mandel,
    }
    return moments[method](data)


def profile_interval(data: Whitened, level: float) -> tuple[float, float]:
    """Q-profile interval for τ² (Viechtbauer 2007; with full covariance Jackson 2013): both ends at least 0.

    Both ends are zero where even no heterogeneity at all makes the estimates improbably alike.
    """
    law = stats.chi2(_df(data))
    return tuple(_solve_q(data, float(law.isf(tail))) for tail in ((1 - level) / 2, (1 + level) / 2))


def _df(data: Whitened) -> int:
    return data.X.shape[0] - data.X.shape[1]


def _dersimonian_laird(data: Whitened) -> float:
    fit = at(data, 0.0)
    return max(0.0, (fit.q - _df(data)) / fit.trace)


def _hedges(data: Whitened) -> float:
    Q, _ = np.linalg.qr(data.X)
    e = data.y - Q @ (Q.T @ data.y)
    off = 1 - np.sum(Q**2, axis=1)
    return max(0.0, float(e @ e - off @ data.d) / _df(data))


def _sidik_jonkman(data: Whitened) -> float:
    start = float(np.var(data.y))
    return start * at(data, start).q / _df(data) if np.ptp(data.y) > 0 else 0.0


def _paule_mandel(data: Whitened) -> float:
    return _solve_q(data, _df(data))


def _solve_q(data: Whitened, target: float) -> float:
    """The τ² at which the generalised Q, which falls, comes down to `target`; zero if it starts below."""

    def excess(tau2: float) -> float:
        return at(data, tau2).q - target

    if excess(0.0) <= 0:
        return 0.0
    return _root(excess, 0.0, _beyond(data, lambda tau2: excess(tau2) < 0))


def _likelihood(data: Whitened, method: str) -> float:
    restricted = method == "REML"

    def height(tau2: float) -> float:
        fit = at(data, tau2)
        return fit.log_reml if restricted else fit.log_ml

    def score(tau2: float) -> float:
        fit = at(data, tau2)
        return fit.ypp - (fit.trace if restricted else fit.w_sum)

    upper = _beyond(data, lambda tau2: score(tau2) < 0)
    lower = min(1e-3 * float(data.d.min()), 1e-6 * upper)
    # Ten nodes to a power of ten: the likelihood has no features narrower than a factor of two.
    count = 1 + int(np.ceil(10 * np.log10(upper / lower)))
    nodes = np.concatenate([[0.0], np.geomspace(lower, upper, count)])
    best = int(np.argmax([height(tau2) for tau2 in nodes]))
    left, right = nodes[max(best - 1, 0)], nodes[min(best + 1, len(nodes) - 1)]
    if score(left) <= 0:
        # No rise to the left of the highest node: the top is the boundary.
        return 0.0 if best <= 1 else float(nodes[best])
    return _root(score, left, right) if score(right) < 0 else float(nodes[best])


def _beyond(data: Whitened, passed: Callable[[float], bool]) -> float:
    """A τ² so large that `passed` holds for good: doubled from the spread of the estimates."""
    upper = float(np.ptp(data.y)) ** 2 + float(data.d.max())
    while not passed(upper):
        upper *= 4
    return upper


def _root(function: Callable[[float], float], left: float, right: float) -> float:
    return float(optimize.brentq(function, left, right, xtol=1e-14 * right, rtol=1e-12))
