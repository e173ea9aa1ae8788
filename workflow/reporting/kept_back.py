"""What if results were kept back? The main answers under selective telling, and under two extremes."""

from __future__ import annotations

from html import unescape

from reporting.chances import Answer, Words, draw, name
from reporting.markup import chance, details, floating, heading, number, table, to_html
from reporting.material import Analysis, Material, Row
from reporting.origin import origin

EXTREMES = ("unfavourable_not_significant", "unfavourable")


def fragment(m: Material) -> str:
    """How far every main answer with silent groups would move, as a figure with its table; else empty."""
    answers = [found for analysis in m.analyses() if analysis.main for found in _answers(m, analysis)]
    if not answers:
        return ""
    say = m.language.say
    moved = sum(bool(rows["told"].get("flip_rho")) for _, rows in answers)
    words = Words(
        say("kept_back.heading"),
        unescape(say("kept_back.desc", n=len(answers), k=moved)),
        unescape(say("prior_grid.axis")),
        lambda value: f"{m.language.decimal(value, 0, 100)}%",
    )
    lines = []
    for analysis, rows in answers:
        p = {case: row.value("prob_positive") for case, row in rows.items()}
        ends = sorted((p["told"], p["selected"]))
        label = name(m, rows["told"]["component"], analysis)
        lines.append(Answer(label, p["told"], *ends, tuple(p[case] for case in EXTREMES)))
    names = ("answer", "counted", "aside", "silent", "told", "selected", "flip", *EXTREMES)
    columns = [say(f"kept_back.columns.{c}") for c in names]
    body = table(columns, [_line(m, *answer) for answer in answers], numeric=range(1, 9))
    summed = say("kept_back.moved", n=len(answers), k=moved)
    return (
        heading(3, say("kept_back.heading"), "sec-kept-back")
        + f"\n{say('kept_back.intro', sites=m.sites_noun(2))} {summed}\n"
        + floating("fig-kept-back", draw(lines, words, "kept-back"), say("kept_back.caption") + origin(m, "selection"))
        + f"\n{say('kept_back.limits')}\n"
        + details(
            say("kept_back.table"),
            floating("tbl-kept-back", body, say("kept_back.table_caption") + origin(m, "selection")),
            printed=False,
        )
    )


def _answers(m: Material, analysis: Analysis) -> list[tuple[Analysis, dict[str, Row]]]:
    """For each component that may be reported: the rows as told, under the strongest selection, and at the extremes."""
    found = []
    for row in m.identified(analysis.name):
        rows: dict[str, Row] = {}
        for line in m.rows("selection", analysis=analysis.name, component=row["component"]):
            best = rows.get(line["case"])
            if best is None or (line.value("rho") or 0.0) < (best.value("rho") or 0.0):
                rows[line["case"]] = line
        if {"told", "selected", *EXTREMES} <= rows.keys():
            found.append((analysis, rows))
    return found


def _line(m: Material, analysis: Analysis, rows: dict[str, Row]) -> list[str]:
    told = rows["told"]
    flip = m.language.say("kept_back.never")
    if told.get("flip_rho"):
        flip = m.language.say("kept_back.from", rho=to_html(number(m.language, told, "flip_rho", digits=0, scale=100)))
    return [
        m.effect(told["component"], analysis.outcome, analysis.horizon),
        *(to_html(number(m.language, told, column, digits=0)) for column in ("counted", "aside", "silent")),
        *(_chance(m, rows[case]) for case in ("told", "selected")),
        flip,
        *(_chance(m, rows[case]) for case in EXTREMES),
    ]


def _chance(m: Material, row: Row) -> str:
    return f"{to_html(chance(m.language, row, 'prob_positive'))}% ({m.language.word('likelihood', row['word'])})"
