"""Does the model expect what was reported? Predictive checks of signs and significance, before and after the evidence.

Averages and spread are drawn from prior or posterior, then a whole new set of results for the same design: other
places with the same arms, sizes and sources. Arms of a place share its control group and its deviations, so they
are drawn together; the results of a source may, as the model has it, be unrelated to any effect. This is the mixed
predictive check of Gelman, Meng and Stern (1996) and Marshall and Spiegelhalter (2007): place effects are drawn anew
and do not follow the findings they are compared with, so it is less lenient than a replicate of the same places.

Words leave features open: "no evidence of an increase" settles that the result was not significantly higher, and not
whether it was significantly lower. So each feature is counted twice. Over all findings, the number observed lies
between those that surely have it and those that may have it, and only a model that expects too few for the former, or
too many for the latter, is contradicted. Over the findings that settle it, one number is observed, but the
comparison is fair only if what a source leaves open does not depend on the result; where a source that finds nothing
says "no effect" and names no direction, the directions that are named are a selection.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from pooling.exact.arrays import Site
from pooling.ledger import evidence as stored
from pooling.ledger.evidence import Evidence, Row
from pooling.running import tables
from pooling.sensitivity.gridded import Gridded, own_priors

REPLICATES = 20_000
#: What a result can be: the interval of its z-value in units of the finding's own critical value.
FEATURES = {
    "significantly_lower": (-np.inf, -1.0),
    "not_significant": (-1.0, 1.0),
    "significantly_higher": (1.0, np.inf),
    "higher": (0.0, np.inf),
}
#: Stands for all analyses together.
ALL = "all"
STAGES = {"prior": 0.0, "posterior": 1.0}
COLUMNS = [
    "analysis", "outcome", "horizon", "stage", "feature", "basis", "findings", "surely", "perhaps", "expected", "sd",
    "lower", "upper", "prob_at_most", "prob_at_least", "reason",
]  # fmt: skip


def settled(row: Row, feature: str) -> bool | None:
    """Whether a finding has a feature; None where its words leave that open."""
    low, high = (np.nan_to_num(end * row.z_crit, posinf=np.inf, neginf=-np.inf) for end in FEATURES[feature])
    lower, upper = (row.y / row.se,) * 2 if row.kind == "number" else (row.z_lower, row.z_upper)
    slack = 1e-9
    if lower >= low - slack and upper <= high + slack:
        return True
    return False if upper <= low + slack or lower >= high - slack else None


def replicate(grid: Gridded, weights: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """Draw z-values of all rows.

    Parameters
    ----------
    grid
        The analysis on its grid.
    weights
        Probabilities of the grid's points (T, n_1, …). Points are drawn as they are: what is drawn from them
        scatters wider than they lie apart, so sums over them are as good as integrals.
    count
        Number of replicates.

    Returns
    -------
    (count, rows) array
    """
    below = np.cumsum(weights)
    cells = np.searchsorted(below, (np.arange(count) + rng.random(count)) / count * below[-1])
    where = np.unravel_index(np.minimum(cells, weights.size - 1), weights.shape)
    tau = grid.frame.nodes.tau[where[0]]
    mu = np.column_stack([points[k] for points, k in zip(grid.points, where[1:])])
    z = np.empty((count, len(grid.evidence.rows)))
    for site in grid.sites:
        z[:, site.rows] = _site(site, mu, tau, rng)
    return z


def _site(site: Site, mu: np.ndarray, tau: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    shape = (len(tau), len(site.rows))
    error = rng.standard_normal(shape) @ _root(site.S)
    apart = rng.standard_normal(shape) @ _root(site.R)
    se = np.sqrt(np.diagonal(site.S))
    z = (mu @ site.X.T + error + tau[:, None] * apart) / se
    for own, epsilon, _ in site.sources:
        rows = site.statements[list(own)]
        wrong = rng.random(len(tau)) < epsilon
        unrelated = rng.standard_normal((len(tau), len(rows))) * (site.reference / se)[rows]
        z[:, rows] = np.where(wrong[:, None], unrelated, z[:, rows])
    return z


def _root(covariance: np.ndarray) -> np.ndarray:
    values, vectors = np.linalg.eigh(covariance)
    return (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T


Count = tuple[int, int, int, np.ndarray]


def counts(evidence: Evidence, z: np.ndarray) -> dict[tuple[str, str], Count]:
    """Count every feature over all findings and over those that settle it.

    Parameters
    ----------
    z
        (replicates, rows) z-values.

    Returns
    -------
    dict
        By feature and basis (`all` or `settled`): findings, those that surely have the feature, those that may
        have it, and how many have it in each replicate.
    """
    crit = np.array([row.z_crit for row in evidence.rows])
    found = {}
    for feature, (low, high) in FEATURES.items():
        told = [settled(row, feature) for row in evidence.rows]
        inside = (z > _times(low, crit)) & (z <= _times(high, crit))
        surely, clear = sum(is_so is True for is_so in told), [r for r, is_so in enumerate(told) if is_so is not None]
        found[feature, "all"] = (len(told), surely, surely + told.count(None), inside.sum(axis=1))
        found[feature, "settled"] = (len(clear), surely, surely, inside[:, clear].sum(axis=1))
    return found


def _times(end: float, crit: np.ndarray) -> np.ndarray:
    return np.full(crit.shape, end) if np.isinf(end) else end * crit


def describe(count: Count, level: float) -> dict[str, float]:
    """What was observed beside what was drawn: mean, sd, interval, and both tails with the count itself included."""
    findings, surely, perhaps, drawn = count
    lower, upper = np.quantile(drawn, [0.5 - level / 2, 0.5 + level / 2], method="inverted_cdf")
    return {
        "findings": findings,
        "surely": surely,
        "perhaps": perhaps,
        "expected": float(drawn.mean()),
        "sd": float(drawn.std()),
        "lower": int(lower),
        "upper": int(upper),
        "prob_at_most": float((drawn <= perhaps).mean()),
        "prob_at_least": float((drawn >= surely).mean()),
    }


def check(evidences: list[Evidence], settings: Mapping[str, Any], seed: int) -> pd.DataFrame:
    """Expected beside observed counts for every analysis and for all together (analysis `all`).

    Analyses are drawn apart from each other. Outcomes of the same people hang together, so the count over all
    analyses scatters more than its interval says.

    Parameters
    ----------
    settings
        The configuration's `priors` and `level`.
    """
    records, together = [], {}
    for one in evidences:
        about = {"analysis": one.analysis, "outcome": one.outcome, "horizon": one.horizon}
        try:
            grid = Gridded(one, own_priors(settings["priors"], one))
            grid.log_likelihood  # noqa: B018 - refused here, if at all
        except ValueError as error:
            records.append(about | {"reason": str(error)})
            continue
        for stage, power in STAGES.items():
            rng = np.random.default_rng([seed, zlib.crc32(f"{one.analysis}/{stage}".encode())])
            z = replicate(grid, grid.posterior(likelihood=power), REPLICATES, rng)
            for (feature, basis), found in counts(one, z).items():
                if found[0]:
                    key = {"stage": stage, "feature": feature, "basis": basis}
                    records.append(about | key | describe(found, settings["level"]))
                    so_far = together.get((stage, feature, basis), (0, 0, 0, 0))
                    together[stage, feature, basis] = tuple(a + b for a, b in zip(so_far, found))
    records += [
        {"analysis": ALL, "stage": stage, "feature": feature, "basis": basis} | describe(found, settings["level"])
        for (stage, feature, basis), found in together.items()
    ]
    return pd.DataFrame(records).reindex(columns=COLUMNS)


def make(evidence: str, settings: Mapping[str, Any], seed: int, digits: int, path: str) -> None:
    """Write results/predictive.csv."""
    tables.write_csv(check(stored.read(evidence), settings, seed), path, digits)
