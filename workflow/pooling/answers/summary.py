"""Every estimand of an analysis as rows of one tidy table, whichever engine gave the answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

import numpy as np
import pandas as pd

from pooling.effects import risk_difference
from pooling.ledger.evidence import Evidence
from pooling.ledger.informative import without_each

COLUMNS = [
    "analysis",
    "outcome",
    "horizon",
    "engine",
    "stage",
    "estimand",
    "component",
    "municipality",
    "arm",
    "unit",
    "mean",
    "sd",
    "median",
    "q25",
    "q75",
    "lower",
    "upper",
    "prob_positive",
    "prob_increase",
    "prob_decrease",
    "prob_gain",
    "prob_harm",
    "delta",
    "sd_ratio",
    "widening",
    "sites",
    "identified",
    "magnitude",
]


class Distribution(Protocol):
    """What both engines give for one quantity."""

    mean: float
    sd: float

    def quantile(self, q):
        """Value below which the quantity lies with probability q."""

    def prob_above(self, c):
        """Probability that the quantity is larger than c."""

    def transform(self, function) -> Distribution:
        """Distribution of a rising function of the quantity."""


@dataclass(frozen=True)
class Answers:
    """One engine's answers to one analysis, on the model's scale.

    Attributes
    ----------
    average, new
        One distribution per component: the average effect, and the effect in a new site.
    sites
        One distribution per row of the evidence: the effect of that arm in that site.
    tau
        Standard deviation of effects between sites.
    best
        Probability that each component has the largest average effect.
    left_out
        For each site left out in turn: `site`, averages `mu` and `tau` without it, and `lpd`, the log
        predictive density of what it said.
    pit, foretold
        Per row, when its site is left out: predictive probability of less than what was found (for a
        statement the mid-PIT), and the probability of the statement that was made (NaN for numbers).
    """

    average: Sequence[Distribution]
    new: Sequence[Distribution]
    tau: Distribution
    sites: Sequence[Distribution] = ()
    best: Sequence[float] = ()
    left_out: Sequence = ()
    pit: Sequence[float] = ()
    foretold: Sequence[float] = ()


@dataclass(frozen=True)
class Reading:
    """How effects on an outcome are read: in which unit, which size matters, which way is good."""

    unit: str
    delta: float
    good: str
    level: float

    def describe(self, quantity: Distribution) -> dict[str, float]:
        """Mean, sd, quartiles, interval and probabilities of an effect in this unit."""
        increase = float(quantity.prob_above(self.delta))
        decrease = 1.0 - float(quantity.prob_above(-self.delta))
        gain, harm = {
            "higher": (increase, decrease),
            "lower": (decrease, increase),
            "neutral": (np.nan, np.nan),
        }[self.good]
        return {
            **_moments(quantity, self.level),
            "unit": self.unit,
            "prob_positive": float(quantity.prob_above(0.0)),
            "prob_increase": increase,
            "prob_decrease": decrease,
            "prob_gain": gain,
            "prob_harm": harm,
            "delta": self.delta,
        }


def _moments(quantity: Distribution, level: float) -> dict[str, float]:
    probabilities = np.array([0.5 - level / 2, 0.25, 0.5, 0.75, 0.5 + level / 2])
    lower, q25, median, q75, upper = quantity.quantile(probabilities)
    return {
        "mean": float(quantity.mean),
        "sd": float(quantity.sd),
        "median": float(median),
        "q25": float(q25),
        "q75": float(q75),
        "lower": float(lower),
        "upper": float(upper),
    }


def model_unit(scale: str) -> str:
    """Name of the unit in which an analysis is pooled: `sd` for scores, the scale's own name for shares."""
    return "sd" if scale == "smd" else scale


def points(control_level: float, effect):
    """Percentage points that an arcsine difference means at a control level (a share from 0 to 1)."""
    return 100 * risk_difference(effect, control_level)


def converter(evidence: Evidence) -> Callable | None:
    """Function from the scale of an analysis to percentage points; None for scores, which are read as they are."""
    if evidence.scale == "smd":
        return None
    return partial(points, evidence.control_level) if evidence.scale == "arcsine" else partial(np.multiply, 100.0)


def table(
    evidence: Evidence, outcome: Mapping, answers: Answers, engine: str, stage: str, level: float
) -> pd.DataFrame:
    """All estimands of one analysis.

    Parameters
    ----------
    evidence
        The pooled rows.
    outcome
        Its line of outcomes.csv: `smallest_effect` and `good`.
    answers
        What the engine found, on the model's scale.
    engine, stage
        "exact" or "pymc"; "prior" or "posterior".
    level
        Probability of the intervals.

    Returns
    -------
    pandas.DataFrame
        Columns as in `COLUMNS`; shares in percentage points at the control level, and for averages and
        tau also on the arcsine scale on which they were pooled; scores in standard deviations.
    """
    convert = converter(evidence)
    unit = "sd" if convert is None else "points"
    reading = Reading(unit, float(outcome["smallest_effect"]), outcome["good"], level)

    def read(quantity: Distribution) -> dict:
        return reading.describe(quantity if convert is None else quantity.transform(convert))

    records = []
    for k, component in enumerate(evidence.components):
        records.append({"estimand": "average", "component": component, **read(answers.average[k])})
        records.append({"estimand": "new", "component": component, **read(answers.new[k])})
        if convert is not None:
            own = _moments(answers.average[k], level)
            records.append({"estimand": "average", "component": component, "unit": model_unit(evidence.scale), **own})
        if len(answers.best):
            records.append({"estimand": "best", "component": component, "prob_positive": float(answers.best[k])})
    records.append({"estimand": "tau", "unit": model_unit(evidence.scale), **_moments(answers.tau, level)})
    for row, quantity in zip(evidence.rows, answers.sites, strict=False):
        arm = "+".join(row.arms)
        records.append({"estimand": "site", "municipality": row.site, "arm": arm, **read(quantity)})
    for left in answers.left_out:
        own = {"municipality": left.site}
        for k, component in enumerate(evidence.components):
            records.append({"estimand": "leave_out", "component": component, **own, **read(left.mu[k])})
        records.append(
            {"estimand": "leave_out_tau", **own, "unit": model_unit(evidence.scale), **_moments(left.tau, level)}
        )
        records.append({"estimand": "leave_out_lpd", **own, "mean": float(left.lpd)})
    for row, pit, foretold in zip(evidence.rows, answers.pit, answers.foretold, strict=False):
        own = {"municipality": row.site, "arm": "+".join(row.arms)}
        records.append({"estimand": "leave_out_pit", **own, "mean": float(pit)})
        if np.isfinite(foretold):
            records.append({"estimand": "leave_out_statement", **own, "mean": float(foretold)})
    frame = pd.DataFrame(records).assign(
        analysis=evidence.analysis,
        outcome=evidence.outcome,
        horizon=evidence.horizon,
        engine=engine,
        stage=stage,
    )
    return frame.reindex(columns=COLUMNS)


def judge(
    summary: pd.DataFrame, counts: pd.DataFrame, evidences: Sequence[Evidence], rules: Mapping[str, float], least: int
) -> pd.DataFrame:
    """Say which averages are identified, and for which of them numbers may be printed in a sentence.

    Parameters
    ----------
    summary
        Rows of `table`, with `sd_ratio` and `widening` filled for the averages.
    counts
        results/counts.csv: sites and `identified` per analysis and component.
    evidences
        The pooled rows, to see what is left of them without a site.
    rules
        Largest `sd_ratio` and `widening` at which the evidence, and not the prior, makes the number.
    least
        Sites that a component needs before its effect is reported, also without a site that is left out.
    """
    whole = counts[["analysis", "component", "sites", "identified"]].assign(municipality="")
    rest = [without_each(one, least) for one in evidences]
    known = pd.concat([whole, *rest]).set_index(["analysis", "component", "municipality"])
    left_out = summary["municipality"].where(summary["estimand"].eq("leave_out"), "").fillna("")
    found = known.reindex(pd.MultiIndex.from_arrays([summary["analysis"], summary["component"], left_out]))
    about = summary["component"].notna().to_numpy()
    identified = found["identified"].eq(True).to_numpy()
    small = summary["sd_ratio"].le(rules["sd_ratio"]) & summary["widening"].lt(rules["widening"])
    return summary.assign(
        sites=found["sites"].to_numpy(),
        identified=[bool(value) if own else None for value, own in zip(identified, about, strict=True)],
        magnitude=[bool(a and b) if own else None for a, b, own in zip(identified, small, about, strict=True)],
    )
