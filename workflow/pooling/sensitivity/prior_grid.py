"""Every answer under every prior: a grid of priors of the average by priors of the spread, and power-scaling.

The priors are the options of multiverse.yaml; the primary one of each is the one configured.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from pooling import exact
from pooling.answers import summary
from pooling.ledger import choices as branches
from pooling.ledger import evidence as stored
from pooling.ledger.choices import Option
from pooling.ledger.evidence import Evidence
from pooling.ledger.package import Package
from pooling.multiverse.evaluate import LIMITS
from pooling.multiverse.posterior import solve
from pooling.running import tables
from pooling.sensitivity import power
from pooling.sensitivity.gridded import Gridded, conversion, own_priors, unit

NUMBERS = ("mean", "sd", "lower", "upper", "prob_positive", "prob_increase", "prob_decrease")
KEYS = ["analysis", "outcome", "horizon"]
GRID_COLUMNS = [*KEYS, "component", "mu_prior", "tau_prior", "unit", *NUMBERS, "tau", "reason"]
POWER_COLUMNS = [*KEYS, "estimand", "component", *power.PARTS, "diagnosis", "reason"]


def options(choices: Sequence[branches.Choice], change: str) -> tuple[Option, ...]:
    """Options of the choice that changes the prior of the average (`mu`) or of the spread (`tau`)."""
    return next(choice.options for choice in choices if choice.change == change)


def grid(
    evidence: Evidence, outcome: Mapping, own: Mapping, mus: Sequence[Option], taus: Sequence[Option], level: float
) -> pd.DataFrame:
    """Answers of one analysis under every pair of priors.

    Parameters
    ----------
    outcome
        Its line of outcomes.csv.
    own
        The priors configured for its scale.
    mus, taus
        Options for the prior of the average and of the spread.
    level
        Probability of the intervals.

    Returns
    -------
    pandas.DataFrame
        One row a pair and component, with the columns of `NUMBERS` in the unit of `summary.csv`, and the
        posterior median of the spread on the model's scale.
    """
    frames = []
    for mu in mus:
        change = mu.change.get("mu", {})
        gridded = Gridded(evidence, own, change, [tau.change.get("tau", {}) for tau in taus])
        likelihood = np.exp(gridded.log_likelihood - gridded.log_likelihood.max())
        found = solve(likelihood, gridded.frame, range(len(taus)), [0])
        good = np.all([getattr(found, name) <= limit for name, limit in LIMITS.items()], axis=0)[:, 0]
        medians = gridded.frame.tau_medians(found.tau[:, 0])
        for j, component in enumerate(evidence.components):
            read = pd.DataFrame(gridded.reader(j, outcome, level).read(found.coefficients[j][:, 0]))[list(NUMBERS)]
            frames.append(
                read.assign(component=component, mu_prior=mu.name, tau_prior=[t.name for t in taus], tau=medians)
            )
        for k in np.flatnonzero(~good):
            fit = exact.pool(
                **evidence.arrays(), mu_prior=_as_given(gridded), tau_prior=gridded.frame.tau_priors[k].density
            )
            for frame, quantity in zip(frames[-len(evidence.components) :], fit.mu, strict=True):
                frame.loc[k, [*NUMBERS, "tau"]] = [*_describe(evidence, outcome, quantity, level), fit.tau.median]
    return pd.concat(frames, ignore_index=True).assign(unit=unit(evidence), reason="")


def _as_given(gridded: Gridded):
    prior = gridded.frame.mu_priors[0][0]
    return (prior.mean, prior.sd) if prior.density is None else prior.density


def _describe(evidence: Evidence, outcome: Mapping, quantity, level: float) -> list[float]:
    """The columns of `NUMBERS` from a fit with a grid of its own."""
    reading = summary.Reading(unit(evidence), float(outcome["smallest_effect"]), outcome["good"], level)
    found = reading.describe(quantity.transform(conversion(evidence)))
    return [found[name] for name in NUMBERS]


def make(
    package: Package, choices: Sequence[branches.Choice], settings: Mapping[str, Any], digits: int, evidence: str,
    paths: Mapping[str, str],
) -> None:  # fmt: skip
    """Write the grid of priors (`priors`) and the power-scaling of every analysis (`power`).

    An analysis that the grid cannot hold has one row with the reason in either table.
    """
    mus, taus = options(choices, "mu"), options(choices, "tau")
    outcomes = package.outcomes.set_index("outcome")
    answers, scaled = [], []
    for one in stored.read(evidence):
        own, outcome = own_priors(settings["priors"], one), outcomes.loc[one.outcome]
        about = {"analysis": one.analysis, "outcome": one.outcome, "horizon": one.horizon}
        try:
            answers.append(grid(one, outcome, own, mus, taus, settings["level"]).assign(**about))
            scaled.append(power.sensitivity(Gridded(one, own)).assign(**about, reason=""))
        except ValueError as error:
            answers.append(pd.DataFrame([about | {"reason": str(error)}]))
            scaled.append(pd.DataFrame([about | {"reason": str(error)}]))
    for frames, columns, name in ((answers, GRID_COLUMNS, "priors"), (scaled, POWER_COLUMNS, "power")):
        table = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()
        tables.write_csv(table.reindex(columns=columns), paths[name], digits)
