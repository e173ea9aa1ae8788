"""Does the prior decide, or the evidence? Power-scaling, exactly.

Raise the prior (or the likelihood) to a power a little below and a little above one and see how far the
posterior moves (Kallioinen, Paananen, Bürkner and Vehtari 2024, Detecting and diagnosing prior and likelihood
sensitivity with power-scaling). The distance is theirs, the cumulative Jensen-Shannon distance of Nguyen and
Vreeken (2015), per doubling of the power.

R's priorsense and `arviz_stats.psense` reweight the draws of a sampler by Pareto-smoothed importance sampling and
compare empirical distribution functions. Here the powers are put on the grid of the exact engine, so there is no
importance sampling and no Monte Carlo error; distances, powers (0.99 and 1.01) and threshold are the same, and the
numbers agree within Monte Carlo error. One thing is a convention: the distance is divided by an integral over the
range of the draws, which grows slowly with their number; here that range is the one of `TAIL`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from pooling.sensitivity.gridded import Gridded

POWERS = (0.99, 1.01)
#: From this sensitivity on the posterior counts as sensitive (Kallioinen et al. 2024).
THRESHOLD = 0.05
#: Probability beyond either end of the range over which distances are integrated: what some ten thousand draws span.
TAIL = 1e-4
#: Parts of the model that are raised to a power together.
PARTS = {
    "prior": ("mu", "tau"),
    "prior_mu": ("mu",),
    "prior_tau": ("tau",),
    "likelihood": ("likelihood",),
}
POINTS = 1500


def distance(x: np.ndarray, first: np.ndarray, second: np.ndarray) -> float:
    """Cumulative Jensen-Shannon distance of two distributions.

    Parameters
    ----------
    x
        (n,) rising values.
    first, second
        Their distribution functions at x.

    Returns
    -------
    float
        Between 0 and 1; the larger of that of the quantity and that of its negative.
    """
    return max(_one_way(x, first, second), _one_way(x, 1 - first, 1 - second))


def _one_way(x: np.ndarray, first: np.ndarray, second: np.ndarray) -> float:
    middle = 0.5 * (first + second)

    def part(own: np.ndarray) -> np.ndarray:
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(own > 0, own * np.log2(own / middle), 0.0)

    # the two directions' correction terms cancel in their sum
    apart = np.trapezoid(part(first) + part(second), x)
    return float(np.sqrt(max(apart, 0.0) / np.trapezoid(first + second, x)))


def sensitivity(grid: Gridded) -> pd.DataFrame:
    """How sensitive each average, and the spread, is to the parts of the model.

    Returns
    -------
    pandas.DataFrame
        estimand (average or tau), component, one column for each of `PARTS` (distance per doubling of the
        power), and diagnosis, as by `diagnose`.
    """
    base = grid.posterior()
    scaled = {
        (part, power): grid.posterior(**dict.fromkeys(names, power))
        for part, names in PARTS.items()
        for power in POWERS
    }
    records = []
    for j, component in enumerate(grid.evidence.components):
        own = grid.average(base, j)
        x = np.linspace(*own.quantile(np.array([TAIL, 1 - TAIL])), POINTS)
        below = {key: grid.average(weights, j).cdf(x) for key, weights in scaled.items()}
        records.append({"estimand": "average", "component": component} | _gradients(x, own.cdf(x), below))
    x, own = grid.tau_below(base)
    inside = (own > TAIL) & (own < 1 - TAIL)
    below = {key: grid.tau_below(weights)[1][inside] for key, weights in scaled.items()}
    records.append({"estimand": "tau", "component": ""} | _gradients(x[inside], own[inside], below))
    return pd.DataFrame(records)


def _gradients(x: np.ndarray, base: np.ndarray, scaled: Mapping[tuple[str, float], np.ndarray]) -> dict[str, Any]:
    found = {
        part: float(np.mean([distance(x, base, scaled[part, power]) / abs(np.log2(power)) for power in POWERS]))
        for part in PARTS
    }
    return found | {"diagnosis": diagnose(found["prior"], found["likelihood"])}


def diagnose(prior: float, likelihood: float) -> str:
    """What two sensitivities mean together (Kallioinen et al. 2024).

    Returns
    -------
    str
        Which of the two reaches the threshold: `prior`, `evidence`, `both` or `neither`. Both together are what
        priorsense calls a potential conflict; with so little evidence and priors that are meant to inform it is
        only to be expected.
    """
    names = {(True, True): "both", (True, False): "prior", (False, True): "evidence", (False, False): "neither"}
    return names[prior >= THRESHOLD, likelihood >= THRESHOLD]
