"""Compare the pooled answer with what an earlier synthesis of the same sites concluded."""

from __future__ import annotations

import pandas as pd

from pooling.ledger.evidence import Evidence

#: Probability from which a direction counts as likely; below one minus this it counts as unlikely.
LIKELY = 0.8

COLUMNS = [
    "benchmark",
    "label",
    "outcome",
    "horizon",
    "component",
    "says",
    "claims",
    "prob_positive",
    "prob_increase",
    "prob_decrease",
    "verdict",
    "own_statements",
    "rows",
]


def compare(
    benchmarks: pd.DataFrame, summary: pd.DataFrame, evidences: list[Evidence], sources: pd.DataFrame
) -> pd.DataFrame:
    """Set each benchmark's conclusion beside the posterior of the average effect.

    Parameters
    ----------
    benchmarks
        Table `benchmarks` of the data package.
    summary
        `results/summary.csv`; the exact engine's posterior averages are used.
    evidences
        Pooled rows, to see which of them are the benchmark's own statements.
    sources
        Table `sources` of the data package (columns source, speaker).

    Returns
    -------
    pandas.DataFrame
        One row per benchmark, with `verdict`:

        - `not_assessed` where the component is not identified for that outcome and moment;
        - for a stated rise (in some sites or on average): `agrees` if the probability of a rise is at
          least 0.8, `disagrees` if at most 0.2, else `undecided`; a stated fall is the mirror;
        - `not_positive` agrees if the probability of a rise beyond the smallest effect worth having is at
          most 0.2, disagrees if it is at least 0.8;
        - `none` agrees if the effect is smaller than the smallest effect worth having, either way, with
          probability at least 0.8, and disagrees if it is larger in one direction with at least 0.8.

        `own_statements` of `rows` pooled rows on that component come from the benchmark's own speaker:
        with many of those, agreement is consistency and no replication.
    """
    posterior = summary[
        summary["engine"].eq("exact")
        & summary["stage"].eq("posterior")
        & summary["estimand"].eq("average")
        & summary["unit"].isin(["points", "sd"])
    ].set_index(["outcome", "horizon", "component"])
    speakers = sources.set_index("source")["speaker"] if "speaker" in sources else pd.Series(dtype=object)
    records = []
    for _, row in benchmarks.iterrows():
        record = {
            name: row[name] for name in ("benchmark", "label", "outcome", "horizon", "component", "says", "claims")
        }
        key = (row["outcome"], row["horizon"], row["component"])
        record |= dict.fromkeys(("prob_positive", "prob_increase", "prob_decrease"), float("nan"))
        record["verdict"] = "not_assessed"
        if key in posterior.index and posterior.loc[key, "identified"]:
            ours = posterior.loc[key]
            record |= {name: float(ours[name]) for name in ("prob_positive", "prob_increase", "prob_decrease")}
            record["verdict"] = _verdict(row["says"], record)
        spoken = [
            speakers.get(r.source) == row["speaker"]
            for e in evidences
            if (e.outcome, e.horizon) == key[:2] and row["component"] in e.components
            for r in e.rows
            if r.design[e.components.index(row["component"])]
        ]
        records.append({**record, "own_statements": sum(spoken), "rows": len(spoken)})
    return pd.DataFrame(records, columns=COLUMNS)


def _verdict(says: str, ours: dict) -> str:
    rise, up, down = ours["prob_positive"], ours["prob_increase"], ours["prob_decrease"]
    support = {
        "positive": rise,
        "negative": 1 - rise,
        "not_positive": 1 - up,
        "none": 1 - up - down,
    }[says.removesuffix("_in_some")]
    against = max(up, down) if says == "none" else 1 - support
    if support >= LIKELY:
        return "agrees"
    return "disagrees" if against >= LIKELY else "undecided"
