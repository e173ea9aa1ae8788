"""What one average effect hangs on: the passages behind it, a single place, a single choice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pooling.wording import likelihood

from reporting import left_out
from reporting.escape import safe
from reporting.language import inline
from reporting.material import Analysis, Material, Row
from reporting.sentences import evidence_rows

#: A passage: a source and the place in it.
Passage = tuple[str, str]


def claims(m: Material, rows: Iterable[Mapping[str, str]]) -> list[Row]:
    """The claims that pooled rows are made of, each once."""
    known = {row["claim"]: row for row in m.tables["claims"]}
    named = (claim for row in rows for claim in m.named_claims(row.get("claims", "")))
    return [known[claim] for claim in dict.fromkeys(named)]


def passages(m: Material, rows: Iterable[Mapping[str, str]]) -> set[Passage]:
    """Sources, and the places in them, of the claims that pooled rows are made of."""
    return {(claim["source"], claim.get("locator", "")) for claim in claims(m, rows)}


@dataclass(frozen=True)
class Without:
    """An answer without the site on which it hangs.

    Attributes
    ----------
    row
        The average effect without that site.
    sentence
        The claim that is all the site has on the component, where it is one sentence and no number.
    """

    row: Row
    sentence: Row | None


def without_site(m: Material, analysis: Analysis, row: Row, column: str, sign: int = 1) -> Without | None:
    """The site without which a chance falls most, where it then gets another word; None without such a site.

    Parameters
    ----------
    row
        The average effect with all sites.
    column
        The chance.
    sign
        -1 for the site without which the chance rises most.
    """
    left = [one.row for one in left_out.sites(m, analysis, row["component"]) if one.answered and one.row.get(column)]
    if not left:
        return None
    least = min(left, key=lambda one: (sign * one.value(column), one["municipality"]))
    if not _another(row.value(column), least.value(column), sign):
        return None
    own = [r for r in evidence_rows(m, analysis.name, row["component"]) if r["municipality"] == least["municipality"]]
    told = claims(m, own)
    alone = len(told) == 1 and all(r["kind"] == "interval" for r in own)
    return Without(least, told[0] if alone else None)


def other_choice(m: Material, analysis: Analysis, row: Row, sign: int = 1) -> Row | None:
    """The one choice that, made otherwise, lowers the chance of a rise most, where it then gets another word."""
    changed = [
        one
        for one in m.rows("multiverse/flips", analysis=analysis.name, component=row["component"])
        if one.get("changes") == "1" and one["conclusion"] != "opposite_sign"
    ]
    least = min(changed, key=lambda one: sign * one.value("prob_positive"), default=None)
    column = "prob_positive"
    return least if least and _another(row.value(column), least.value(column), sign) else None


def choice_named(m: Material, altered: str) -> str:
    """A choice and how it is made otherwise, in this language, from `choice=option`."""
    choice, _, option = altered.partition("=")
    for row in m.tables["multiverse/options"]:
        if (row["choice"], row["option"]) == (choice, option):
            code = m.language.code
            choice, option = row[f"choice_{code}"] or choice, row[f"option_{code}"] or option
            break
    return f"{safe(inline(choice))}: {safe(option)}"


def _another(with_all: float, without: float, sign: int) -> bool:
    """Whether a chance is lower (higher for a negative sign) and another word fits."""
    return sign * without < sign * with_all and likelihood(without) != likelihood(with_all)
