"""What was published about one comparison, in words and as the interval it stands for (HTML)."""

from __future__ import annotations

import math
import re

from reporting import forest_rows
from reporting.escape import link, safe, slug
from reporting.forest_rows import Line, reader_scale
from reporting.markup import chance, number, to_html
from reporting.material import Analysis, Material, Row

_DIGITS = {"points": 1, "sd": 2, "arcsine": 3}


def claim_link(claim: str) -> str:
    """Claim id that leads to its row in the table of all claims."""
    return f'<a href="#claim-{slug(claim)}">{safe(claim)}</a>'


def claim_links(claims: str) -> str:
    """Several claims, separated by `;` or blanks."""
    return ", ".join(claim_link(claim) for claim in claims.replace(";", " ").split())


def with_links(m: Material, text: str) -> str:
    """A text in which every claim leads to its row (Markdown)."""
    parts = [re.fullmatch(r"(\W*)(.*?)(\W*)", word).groups() for word in text.split()]
    return " ".join(
        safe(before)
        + (f"[{safe(word)}](#claim-{slug(word)})" if m.named_claims(word) == [word] else safe(word))
        + safe(after)
        for before, word, after in parts
    )


def source_link(m: Material, source: str) -> str:
    """Publisher (or title) and year of a source, as a link where it has an address."""
    return link(m.sources.get(source, {}).get("url", ""), safe(m.source(source))) + f" ({safe(source)})"


def small_print(markup: str) -> str:
    """A second line in a cell, in small letters; nothing for no text."""
    return f'<br><span class="small">{markup}</span>' if markup else ""


def published(m: Material, analysis: Analysis, row: Row) -> str:
    """The number or statement as it was published."""
    if row["kind"] == "number":
        return decimal(m, analysis, row.value("y"))
    if row["kind"] == "rounded":
        return m.language.say("finding.rounded", value=decimal(m, analysis, row.value("y")))
    return m.language.word("category", row["category"])


def stands_for(m: Material, analysis: Analysis, row: Row) -> str:
    """The interval a row stands for, on the reader's scale."""
    lower, upper = forest_rows.stands_for(m, row)
    low = None if lower is None or math.isinf(lower) else decimal(m, analysis, lower)
    high = None if upper is None or math.isinf(upper) else decimal(m, analysis, upper)
    if low and high:
        return m.language.say("finding.range", lower=low, upper=high)
    return m.language.say("finding.above", lower=low) if low else m.language.say("finding.below", upper=high)


def decimal(m: Material, analysis: Analysis, value: float) -> str:
    """A model-scale value as the reader sees it."""
    share = m.outcomes.get(analysis.outcome, {}).get("scale") == "share"
    return m.language.decimal(reader_scale(m, analysis, value), 1 if share else 2)


def weighed(m: Material, estimate: Row | None) -> tuple[str, str, str]:
    """Median, interval and chance of a rise of an estimate, each with where it comes from (HTML)."""
    if estimate is None:
        return "", "", ""
    digits = _DIGITS.get(estimate["unit"], 2)
    median, lower, upper = (
        to_html(number(m.language, estimate, column, digits=digits)) for column in ("median", "lower", "upper")
    )
    rise = to_html(chance(m.language, estimate, "prob_positive"))
    return median, m.language.say("finding.range", lower=lower, upper=upper), rise + "%"


def line_cells(m: Material, analysis: Analysis, line: Line) -> list[str]:
    """Published, stands for, median, interval, chance, claims: the cells of one row of a plot (HTML)."""
    raw = line.evidence
    said = [published(m, analysis, raw), stands_for(m, analysis, raw)] if raw else ["", ""]
    return [*said, *weighed(m, line.estimate), claim_links(raw.get("claims", "")) if raw else ""]
