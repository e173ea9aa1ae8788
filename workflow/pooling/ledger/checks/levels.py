"""Check that estimates of shares can go to the arcsine scale, for the analyses that are on it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pandas as pd

from pooling.ledger.checks.fault import Fault, show
from pooling.ledger.package import Package
from pooling.ledger.selection import Analysis


def check(package: Package, analyses: Sequence[Analysis], directory: str | Path) -> Iterator[Fault]:
    """Faults of control levels, and of estimates that are impossible at them.

    Parameters
    ----------
    package
        The data package, free of faults by itself.
    analyses
        What is asked of it.
    directory
        Its folder, for the names of files.
    """
    wanted = {analysis.outcome for analysis in analyses if analysis.scale == "arcsine"}
    aside = set(package.coding.loc[package.coding["use"].eq("aside"), "claim"])
    claims = package.claims
    told = claims["kind"].eq("effect_estimate") & claims["value"].notna() & claims["se"].notna()
    claims = claims[told & claims["outcome"].isin(wanted) & ~claims["claim"].isin(aside)]
    levels = package.outcomes.set_index("outcome")["control_level"]
    for outcome, own in claims.groupby("outcome", sort=False):
        level, line = levels[outcome], list(levels.index).index(outcome) + 2
        if pd.isna(level) or not 0 < level < 100:
            message = f"an estimate in points ({own['claim'].iloc[0]}) needs a level of the control group"
            remedy = (
                f"write a percentage between 0 and 100, or pool {show(outcome)} with scale: difference in config.yaml"
            )
            yield Fault(
                Path(directory, "outcomes.csv").as_posix(), line, str(outcome), "control_level", message, remedy
            )
            continue
        for place, row in own.iterrows():
            reached = level + row["value"] * (100 if str(row["unit"]).startswith("proportion") else 1)
            if not 0 <= reached <= 100:
                message = f"{row['value']:g} {row['unit']} is impossible at a control level of {level:g} percent"
                yield Fault(
                    Path(directory, "claims.csv").as_posix(),
                    int(place) + 2,
                    str(row["claim"]),
                    "value",
                    message,
                    "mend it, or control_level in outcomes.csv",
                )
