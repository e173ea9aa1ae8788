"""Does the prior decide? Every answer under every prior, and power-scaling."""

from __future__ import annotations

from html import unescape

from pooling.wording import likelihood

from reporting.chances import Answer, Words, draw, name
from reporting.markup import chance, details, floating, heading, number, table, to_html
from reporting.material import Analysis, Material, Row
from reporting.origin import origin


def fragment(m: Material) -> str:
    """Range of every main answer over all priors, as a figure with its table; empty without any."""
    answers = [found for analysis in m.analyses() if analysis.main for found in _answers(m, analysis)]
    if not answers:
        return ""
    say = m.language.say
    pairs = {(row["mu_prior"], row["tau_prior"]) for *_, rows in answers for row in rows}
    same = sum(_word(rows[0]) == _word(rows[-1]) for *_, rows in answers)
    counts = {
        "mus": len({mu for mu, _ in pairs}),
        "taus": len({tau for _, tau in pairs}),
        "pairs": len(pairs),
        "site": m.sites_noun(2),
    }
    words = Words(
        say("prior_grid.heading"),
        unescape(say("prior_grid.desc", n=len(answers), k=same, pairs=len(pairs))),
        unescape(say("prior_grid.axis")),
        lambda value: f"{m.language.decimal(value, 0, 100)}%",
    )
    lines = [
        Answer(
            name(m, row["component"], analysis),
            row.value("prob_positive"),
            rows[0].value("prob_positive"),
            rows[-1].value("prob_positive"),
        )
        for analysis, row, rows in answers
    ]
    names = ("answer", "chance", "low", "high", "prior", "evidence", "leans")
    columns = [say(f"prior_grid.columns.{c}") for c in names]
    body = table(columns, [_line(m, *answer) for answer in answers], numeric=(1, 2, 3, 4, 5))
    caption = say("prior_grid.caption") + origin(m, "priors", "summary")
    return (
        heading(3, say("prior_grid.heading"), "sec-priors-decide")
        + f"\n{say('prior_grid.intro', **counts)} {say('prior_grid.same', n=len(answers), k=same)}\n"
        + floating("fig-priors", draw(lines, words, "priors"), caption)
        + f"\n{say('prior_grid.power')}\n"
        + details(
            say("prior_grid.table"),
            floating("tbl-priors", body, say("prior_grid.table_caption") + origin(m, "priors", "power_scaling")),
            printed=False,
        )
    )


def _answers(m: Material, analysis: Analysis) -> list[tuple[Analysis, Row, list[Row]]]:
    """Average of each component with its rows under every prior, lowest chance of a rise first."""
    found = []
    for row in m.identified(analysis.name):
        rows = [
            r for r in m.rows("priors", analysis=analysis.name, component=row["component"]) if r.get("prob_positive")
        ]
        rows.sort(key=lambda r: (r.value("prob_positive"), r["mu_prior"], r["tau_prior"]))
        if rows:
            found.append((analysis, row, rows))
    return found


def _word(row: Row) -> str:
    return likelihood(min(max(row.value("prob_positive"), 0.0), 1.0))


def _line(m: Material, analysis: Analysis, row: Row, rows: list[Row]) -> list[str]:
    scaled = next(m.rows("power_scaling", analysis=analysis.name, estimand="average", component=row["component"]), None)
    known = scaled is not None and scaled.get("prior")

    def moved(column: str) -> str:
        return to_html(number(m.language, scaled, column, digits=3)) if known else ""

    return [
        m.effect(row["component"], analysis.outcome, analysis.horizon),
        to_html(chance(m.language, row, "prob_positive")) + "%",
        *(
            f"{to_html(chance(m.language, end, 'prob_positive'))}% ({m.language.say(f'likelihood.{_word(end)}')})"
            for end in (rows[0], rows[-1])
        ),
        moved("prior"),
        moved("likelihood"),
        m.language.word("prior_grid.leans", scaled["diagnosis"]) if known else "",
    ]
