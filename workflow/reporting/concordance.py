"""Earlier conclusions about the same sites beside the pooled answer."""

from __future__ import annotations

from reporting.escape import safe
from reporting.findings import claim_links, small_print
from reporting.markup import chance, floating, heading, table, to_html
from reporting.material import Material, Row
from reporting.origin import origin

_JUDGEMENT = {"agrees": "good", "disagrees": "bad"}


def fragment(m: Material) -> str:
    """The concordance table with its rule; empty for a package without benchmarks."""
    rows = m.tables["concordance"]
    if not rows:
        return ""
    say = m.language.say
    columns = [say(f"concordance.columns.{c}") for c in ("benchmark", "about", "says", "chance", "verdict", "own")]
    body = table(columns, [_cells(m, row) for row in rows], numeric=(3, 5))
    return (
        heading(2, say("concordance.heading"), "sec-concordance")
        + f"\n{say('concordance.intro')}\n"
        + floating("tbl-concordance", body, say("concordance.caption") + origin(m, "concordance"))
        + f"\n{say('concordance.rule')}\n"
    )


def _cells(m: Material, row: Row) -> list[str]:
    language = m.language
    note = language.label(m.benchmarks.get(row["benchmark"]), "", "note")
    says = language.word("concordance.says", row["says"]) + small_print(safe(note))
    verdict = language.word("concordance.verdict", row["verdict"])
    return [
        f"{safe(row['label'])} ({claim_links(row['claims'])})",
        m.effect(row["component"], row["outcome"], row["horizon"]),
        says,
        to_html(chance(language, row, "prob_positive")) + "%" if row.get("prob_positive") else "",
        f'<span class="{_JUDGEMENT.get(row["verdict"], "open")}">{verdict}</span>',
        language.say("concordance.own", own=safe(row.get("own_statements", "")), rows=safe(row.get("rows", ""))),
    ]
