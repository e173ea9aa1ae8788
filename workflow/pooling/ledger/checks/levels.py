"""Check that estimates of shares can go to the arcsine scale, for the analyses that are on it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pooling.ledger.checks.fault import Fault, show
from pooling.ledger.checks.tables import Row, Table, possible
from pooling.ledger.selection import Analysis


@possible
def check(tables: dict[str, Table], analyses: Iterable[Analysis]) -> Iterator[Fault]:
    """Faults of control levels, and of estimates that are impossible at them."""
    wanted = {analysis.outcome for analysis in analyses if analysis.scale == "arcsine"}
    if not tables["coding"].usable:
        return
    aside = {row["claim"] for row in tables["coding"].rows if row["use"] == "aside"}
    told: dict[str, list[Row]] = {}
    for row in tables["claims"].rows:
        number = row["kind"] == "effect_estimate" and None not in (row.value("value"), row.value("se"))
        if number and row["outcome"] in wanted and row["claim"] not in aside:
            told.setdefault(row["outcome"], []).append(row)
    outcomes = tables["outcomes"].by("outcome")
    for name, rows in told.items():
        level = outcomes[name].value("control_level")
        if level is None or not 0 < level < 100:
            message = f"an estimate in points ({rows[0].id}) needs a level of the control group"
            remedy = f"write a percentage between 0 and 100, or pool {show(name)} with scale: difference in config.yaml"
            yield tables["outcomes"].fault(outcomes[name], "control_level", message, remedy)
            continue
        for row in rows:
            reached = level + row.value("value") * (100 if row["unit"].startswith("proportion") else 1)
            if not 0 <= reached <= 100:
                message = f"{row['value']} {row['unit']} is impossible at a control level of {level:g} percent"
                yield tables["claims"].fault(row, "value", message, "mend it, or control_level in outcomes.csv")
