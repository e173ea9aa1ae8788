"""Average effects without one site or without one source: one rule for which have an answer, one way to show them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reporting.escape import safe
from reporting.markup import chance, to_html
from reporting.material import Analysis, Material, Row


@dataclass(frozen=True)
class Left:
    """An average effect when something is left out.

    Attributes
    ----------
    name
        What is left out, escaped.
    row
        The row of the results with the numbers.
    answered
        Whether enough informative sites remain; without them there is no answer, whatever the row holds.
    """

    name: str
    row: Row
    answered: bool


def sites(m: Material, analysis: Analysis, component: str) -> list[Left]:
    """The average without each site in turn, in the package's order; `identified` says whether there is an answer."""
    rows = {row["municipality"]: row for row in m.estimates(analysis.name, "leave_out", component=component)}
    return [
        Left(m.site(site), rows[site], rows[site].true("identified") and bool(rows[site].get("prob_positive")))
        for site in m.municipalities
        if site in rows
    ]


def sources(m: Material, analysis: Analysis, component: str) -> list[Left]:
    """The average as if each source did not exist: another claim about the same comparison takes its place."""
    found = m.rows("multiverse/without_source", analysis=analysis.name, component=component)
    return [Left(f"{safe(m.source(row['source']))}, {safe(row['source'])}", row, not row["reason"]) for row in found]


def ends(found: Sequence[Left]) -> tuple[Left, Left] | None:
    """Lowest and highest chance of a rise among those with an answer; None without any."""
    known = sorted((left for left in found if left.answered), key=lambda left: left.row.value("prob_positive"))
    return (known[0], known[-1]) if known else None


def cells(m: Material, found: Sequence[Left]) -> list[str]:
    """Lowest chance, highest chance, and without what no answer is left (HTML); nothing where nothing was tried."""
    if not found:
        return ["", "", ""]
    say, both = m.language.say, ends(found)
    shown = [_without(m, left) for left in both] if both else [say("sensitivity.none_left")] * 2
    gone = [left.name for left in found if not left.answered]
    return [*shown, "; ".join(gone) if gone else say("sensitivity.always")]


def _without(m: Material, left: Left) -> str:
    p = to_html(chance(m.language, left.row, "prob_positive"))
    return m.language.say("sensitivity.without", p=p, site=left.name)


def subsets(m: Material, analysis: Analysis, component: str) -> tuple[list[Row], int]:
    """Answers with sets of sites left out, and how many sets leave none.

    The answers with all sites and without one are those of the summary: no answer is told twice.
    """
    known = [row for row in m.estimates(analysis.name, "average", component=component) if row.get("prob_positive")]
    alone = sites(m, analysis, component)
    known += [left.row for left in alone if left.answered]
    several = [
        row
        for row in m.rows("multiverse/influence", analysis=analysis.name, component=component)
        if ";" in row["left_out"]
    ]
    known += [row for row in several if row.get("prob_positive")]
    return known, len(several) + len(alone) + 1 - len(known)
