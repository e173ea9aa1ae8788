"""Does the model expect what was reported? Signs and significance, observed beside expected."""

from __future__ import annotations

from reporting.markup import chance, details, floating, heading, number, percentage, table, to_html
from reporting.material import Analysis, Material, Row
from reporting.origin import origin

FEATURES = ("significantly_lower", "not_significant", "significantly_higher", "higher")
#: Those that are shown for each outcome.
SHORT = FEATURES[1:3]
#: Name of the rows about all analyses together.
ALL = "all"
#: A tail probability below this is called rare in a sentence.
RARE = 0.05


def fragment(m: Material) -> str:
    """All analyses together, then each main one in a fold-out; empty without predictive checks."""
    whole = [found for feature in FEATURES if (found := _pair(m, ALL, feature, "all"))]
    if not whole:
        return ""
    say = m.language.say
    columns = [
        say(f"predictive.columns.{c}") for c in ("feature", "observed", "before", "after", "at_most", "at_least")
    ]
    body = table(columns, [_line(m, _feature(m, pair[1]), *pair) for pair in whole], numeric=range(1, 6))
    findings = number(m.language, whole[0][1], "findings", digits=0)
    return (
        heading(3, say("predictive.heading"), "sec-expected")
        + f"\n{say('predictive.intro', n=findings)} {_verdict(m, whole)}\n"
        + floating("tbl-expected", body, say("predictive.caption") + origin(m, "predictive"))
        + _named(m)
        + _each(m, columns)
    )


def _pair(m: Material, analysis: str, feature: str, basis: str) -> tuple[Row, Row] | None:
    """Rows of one feature before and after the evidence."""
    rows = [
        next(m.rows("predictive", analysis=analysis, stage=stage, feature=feature, basis=basis), None)
        for stage in ("prior", "posterior")
    ]
    return (rows[0], rows[1]) if all(rows) else None


def _feature(m: Material, row: Row) -> str:
    return m.language.word("predictive.feature", row["feature"])


def _line(m: Material, name: str, before: Row, after: Row) -> list[str]:
    return [
        name,
        _observed(m, after),
        *(to_html(_expected(m, row)) for row in (before, after)),
        *(to_html(chance(m.language, after, column)) + "%" for column in ("prob_at_most", "prob_at_least")),
    ]


def _observed(m: Material, row: Row) -> str:
    low, high = (to_html(number(m.language, row, column, digits=0)) for column in ("surely", "perhaps"))
    return low if row["surely"] == row["perhaps"] else m.language.say("finding.range", lower=low, upper=high)


def _expected(m: Material, row: Row) -> str:
    lower, upper = (number(m.language, row, column, digits=0) for column in ("lower", "upper"))
    middle = number(m.language, row, "expected", digits=1)
    return m.language.say("predictive.expected", middle=middle, lower=lower, upper=upper)


def _verdict(m: Material, pairs: list[tuple[Row, Row]]) -> str:
    """Whether any feature occurs more or less often than the model can explain."""
    odd = [_feature(m, row) for _, row in pairs if min(row.value("prob_at_most"), row.value("prob_at_least")) < RARE]
    if odd:
        return m.language.say("predictive.odd", list=m.language.listing(odd))
    return m.language.say("predictive.fits_significance" if _directions(m) else "predictive.fits")


def _directions(m: Material) -> tuple[str, Row] | None:
    """Whether the findings that name a direction name one (`up` or `down`) more often than the model can explain."""
    pair = _pair(m, ALL, "higher", "settled")
    if not pair or min(pair[1].value("prob_at_most"), pair[1].value("prob_at_least")) >= RARE:
        return None
    row = pair[1]
    return ("up" if row.value("surely") > row.value("expected") else "down"), row


def _named(m: Material) -> str:
    """What the findings that name a direction add, where they are a rare selection."""
    found = _directions(m)
    if not found:
        return ""
    way, row = found
    values = {c: number(m.language, row, c, digits=0) for c in ("findings", "surely")}
    p = percentage(m.language, row, "prob_at_least" if way == "up" else "prob_at_most")
    return f"\n{m.language.say(f'predictive.named_{way}', expected=_expected(m, row), p=p, **values)}\n"


def clause(m: Material) -> str:
    """One sentence for where the answer is given: which way selective telling of directions moves it, if it does."""
    found = _directions(m)
    return m.language.say(f"predictive.clause_{found[0]}") if found else ""


def _each(m: Material, columns: list[str]) -> str:
    rows = [
        _line(m, f"{m.title(analysis)}: {_feature(m, pair[1])}", *pair)
        for analysis in m.analyses()
        if analysis.main
        for pair in _known(m, analysis)
    ]
    if not rows:
        return ""
    caption = m.language.say("predictive.each_caption") + origin(m, "predictive")
    inside = floating("tbl-expected-each", table(columns, rows, numeric=range(1, 6)), caption)
    return details(m.language.say("predictive.each"), inside, printed=False)


def _known(m: Material, analysis: Analysis) -> list[tuple[Row, Row]]:
    return [found for feature in SHORT if (found := _pair(m, analysis.name, feature, "all"))]
