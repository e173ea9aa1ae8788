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
    "support",
    "against",
    "verdict",
    "reason",
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
        One row per benchmark. `support` is the posterior probability of what it says, and `against` of the
        opposite:

        - a rise is any effect above zero, a fall any below; each is the other's opposite;
        - `not_positive` is no rise beyond the smallest effect worth having, its opposite such a rise;
        - `none` is an effect smaller than the smallest one worth having, either way; its opposite is a larger
          one in the likelier direction.

        `verdict` is `agrees` if the support is at least 0.8, `disagrees` if what is against it is, and else
        `undecided`. It is `not_assessed`, with a `reason` and without support, where the component is not
        identified for that outcome and moment (`few_sites`), and where the conclusion holds `..._in_some` sites
        (`some_sites`): an average over sites can neither show nor refute it.

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
        identified = key in posterior.index and posterior.loc[key, "identified"]
        record |= _judged(row["says"], posterior.loc[key] if identified else None)
        spoken = [
            speakers.get(r.source) == row["speaker"]
            for e in evidences
            if (e.outcome, e.horizon) == key[:2] and row["component"] in e.components
            for r in e.rows
            if r.design[e.components.index(row["component"])]
        ]
        records.append({**record, "own_statements": sum(spoken), "rows": len(spoken)})
    return pd.DataFrame(records, columns=COLUMNS)


def _judged(says: str, ours: pd.Series | None) -> dict:
    """Probability of what is said and of its opposite, the verdict, and why there is none."""
    if ours is None:
        return {"verdict": "not_assessed", "reason": "few_sites"}
    rise, up, down = (float(ours[name]) for name in ("prob_positive", "prob_increase", "prob_decrease"))
    if says.endswith("_in_some"):
        return {"prob_positive": rise, "verdict": "not_assessed", "reason": "some_sites"}
    support, against = {
        "positive": (rise, 1 - rise),
        "negative": (1 - rise, rise),
        "not_positive": (1 - up, up),
        "none": (1 - up - down, max(up, down)),
    }[says]
    verdict = "agrees" if support >= LIKELY else "disagrees" if against >= LIKELY else "undecided"
    return {"prob_positive": rise, "support": support, "against": against, "verdict": verdict, "reason": ""}
