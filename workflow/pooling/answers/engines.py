"""Bring the answers of both engines together; what fails its gate or disagrees goes no further."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd
import xarray as xr

from pooling.answers import agreement, gates, summary
from pooling.answers.draws import Draws
from pooling.ledger import evidence as stored
from pooling.ledger.evidence import Evidence
from pooling.ledger.package import Package
from pooling.running import tables


class Disagreement(RuntimeError):
    """The two engines differ by more than either can explain; the message names every place."""


def answers(group: xr.Dataset, evidence: Evidence, good: str) -> summary.Answers:
    """What the summary asks of the draws of one analysis."""
    mu, new = group["mu"].values, group["new"].values
    several = len(evidence.components) > 1
    favourite = mu.argmin(axis=-1) if good == "lower" else mu.argmax(axis=-1)
    return summary.Answers(
        average=[Draws(mu[..., k]) for k in range(mu.shape[-1])],
        new=[Draws(new[..., k]) for k in range(mu.shape[-1])],
        tau=Draws(group["tau"].values),
        sites=[Draws(group["theta"].values[..., r]) for r in range(len(evidence.rows))] if "theta" in group else (),
        best=[float((favourite == k).mean()) for k in range(mu.shape[-1])] if several else (),
    )


def compare(
    exact: pd.DataFrame,
    sampled: pd.DataFrame,
    group: xr.Dataset,
    stated: float,
    rules: Mapping,
    convert: Callable | None = None,
) -> pd.DataFrame:
    """Averages, spread and site effects of one analysis by both engines.

    Parameters
    ----------
    exact, sampled
        Their lines of the summary: averages and tau on the model's scale, site effects in the reader's unit.
    group
        Draws `mu`, `tau` and, of a posterior, `theta`.
    stated
        The exact engine's stated error.
    rules
        As of `agreement.compare`. Site effects may be many; see `agreement.allowed_errors`.
    convert
        From the model's scale to the reader's unit, as `summary.converter` gives it.
    """
    sites = [frame[frame["estimand"].eq("site")] for frame in (exact, sampled)]
    records = []
    for _, line in exact[~exact["estimand"].eq("site")].iterrows():
        other = sampled[sampled["estimand"].eq(line["estimand"]) & sampled["component"].eq(line["component"])].iloc[0]
        values = group["mu"].sel(component=line["component"]) if line["component"] else group["tau"]
        errors = agreement.monte_carlo_errors(values.values, rules["level"])
        records += agreement.compare(line, other, errors, stated, rules)
    many = dict(rules) | {"mcse": agreement.allowed_errors(rules["mcse"], max(len(sites[0]), 1))}
    for row, ((_, line), (_, other)) in enumerate(zip(*(frame.iterrows() for frame in sites), strict=True)):
        values = group["theta"].values[..., row]
        errors = agreement.monte_carlo_errors(values if convert is None else convert(values), rules["level"])
        records += agreement.compare(line, other, errors, stated, many)
    return pd.DataFrame(records)


def make(package: Package, settings: Mapping, digits: int, inputs: Mapping[str, str], paths: Mapping[str, str]) -> None:
    """Write results/summary.csv, agreement.csv and checks.json.

    Raises
    ------
    gates.GateError
        If a posterior failed its gate.
    Disagreement
        If the engines differ anywhere by more than the stated Monte-Carlo standard errors and the exact
        engine's own error.
    """
    outcomes = package.outcomes.set_index("outcome")
    diagnosed = json.loads(Path(inputs["posterior_gates"]).read_text(encoding="utf-8"))
    gates.require(diagnosed)
    accuracy = json.loads(Path(inputs["exact_checks"]).read_text(encoding="utf-8"))
    exact = tables.read_csv(inputs["exact"])
    exact["component"] = exact["component"].fillna("")
    frames, compared = [], []
    rules = {"mcse": settings["agreement"]["mcse"], "level": settings["level"], "digits": digits}
    evidences = stored.read(inputs["evidence"])
    for stage in ("prior", "posterior"):
        with xr.open_datatree(inputs[stage], engine="h5netcdf") as tree:
            for one in evidences:
                group = tree[f"{one.analysis}/{stage}"].to_dataset().load()
                outcome = outcomes.loc[one.outcome]
                found = summary.table(
                    one, outcome, answers(group, one, outcome["good"]), "pymc", stage, settings["level"]
                )
                frames.append(found)
                mine = exact[exact["analysis"].eq(one.analysis) & exact["stage"].eq(stage)]
                unit = summary.model_unit(one.scale)
                lines = [
                    frame[
                        frame["estimand"].isin(["average", "tau"]) & frame["unit"].eq(unit)
                        | frame["estimand"].eq("site")
                    ].fillna({"component": "", "municipality": "", "arm": ""})
                    for frame in (mine, found)
                ]
                pair = compare(*lines, group, accuracy[one.analysis]["error"], rules, summary.converter(one))
                compared.append(pair.assign(analysis=one.analysis, stage=stage))
    table = pd.concat([exact, *frames], ignore_index=True).fillna({"component": ""})
    counts = tables.read_csv(inputs["counts"])
    table = summary.judge(table, counts, evidences, settings["magnitude"], settings["informative_sites"])
    agreed = pd.concat(compared, ignore_index=True) if compared else pd.DataFrame(columns=agreement.COLUMNS)
    tables.write_csv(table.reindex(columns=summary.COLUMNS), paths["summary"], digits)
    tables.write_csv(agreed.reindex(columns=agreement.COLUMNS), paths["agreement"], digits)
    tables.write_json({"exact": accuracy, "pymc": diagnosed}, paths["checks"], digits)
    apart = agreed[~agreed["ok"].astype(bool)] if len(agreed) else agreed
    if len(apart):
        places = "\n".join(
            f"{r.analysis} ({r.stage}), {r.quantity}: {r.exact:.5g} v {r.pymc:.5g}, allowed {r.allowed:.2g}"
            for r in apart.itertuples()
        )
        raise Disagreement(f"the two engines differ in {len(apart)} places:\n{places}")
