"""Answer every analysis with the exact engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from pooling import exact
from pooling.answers import summary
from pooling.ledger import evidence as stored
from pooling.ledger.evidence import Evidence
from pooling.ledger.package import Package
from pooling.priors import prior_of
from pooling.running import tables


def uninformed(evidence: Evidence) -> Evidence:
    """The same rows without what they say, so that pooling them gives back the prior."""
    rows = tuple(
        replace(row, kind="interval", y=np.nan, lower=-np.inf, upper=np.inf, epsilon=0.0) for row in evidence.rows
    )
    return replace(evidence, rows=rows, covariance=None)


def answer(fit: exact.Fit, evidence: Evidence, good: str) -> summary.Answers:
    """Everything the summary asks of a fit; `good` says which way an effect is good."""
    left_out = fit.leave_out()
    return summary.Answers(
        average=list(fit.mu),
        new=list(fit.new_site),
        tau=fit.tau,
        sites=list(fit.theta),
        best=fit.prob_best(largest=good != "lower") if len(evidence.components) > 1 else (),
        left_out=list(left_out),
        pit=left_out.pit,
        foretold=left_out.probability,
    )


def analyse(evidence: Evidence, outcome: Mapping, settings: Mapping) -> tuple[pd.DataFrame, dict]:
    """Prior and posterior of one analysis, and how accurate they are.

    Returns
    -------
    rows
        Lines of results/summary.csv, with `sd_ratio` and `widening` for the averages.
    check
        The engine's own statement of its accuracy.
    """
    own = prior_of(settings["priors"], evidence.scale)
    arrays, level = evidence.arrays(), settings["level"]
    posterior = exact.pool(**arrays, **own)
    prior = exact.pool(**uninformed(evidence).arrays(), **own)
    doubled = exact.pool(**arrays, **prior_of(settings["priors"], evidence.scale, widen=2.0))
    after = summary.table(evidence, outcome, answer(posterior, evidence, outcome["good"]), "exact", "posterior", level)
    before = summary.table(evidence, outcome, _prior_answer(prior), "exact", "prior", level)
    for k, component in enumerate(evidence.components):
        lines = after["estimand"].eq("average") & after["component"].eq(component)
        after.loc[lines, "sd_ratio"] = posterior.mu[k].sd / prior.mu[k].sd
        after.loc[lines, "widening"] = _width(doubled.mu[k], level) / _width(posterior.mu[k], level)
    rows = pd.concat([after, before], ignore_index=True)
    return rows, {**vars(posterior.accuracy), "error": posterior.accuracy.error}


def _prior_answer(fit: exact.Fit) -> summary.Answers:
    return summary.Answers(average=list(fit.mu), new=list(fit.new_site), tau=fit.tau)


def _width(quantity: summary.Distribution, level: float) -> float:
    lower, upper = quantity.quantile(np.array([0.5 - level / 2, 0.5 + level / 2]))
    return float(upper - lower)


def make(package: Package, settings: Mapping, digits: int, evidence: str, paths: Mapping[str, str]) -> None:
    """Answer every analysis of the stored evidence; write the rows (`summary`) and the `checks`."""
    outcomes = package.outcomes.set_index("outcome")
    frames, checks = [], {}
    for one in stored.read(evidence):
        rows, checks[one.analysis] = analyse(one, outcomes.loc[one.outcome], settings)
        frames.append(rows)
    table = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=summary.COLUMNS)
    tables.write_csv(table, paths["summary"], digits)
    tables.write_json(checks, paths["checks"], digits)
