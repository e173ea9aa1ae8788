"""Earlier conclusions about the same sites beside the pooled answer."""

from __future__ import annotations

from pooling.answers.concordance import LIKELY

from reporting.escape import safe
from reporting.findings import claim_links, small_print
from reporting.markup import floating, heading, number, table, to_html
from reporting.material import Material, Row
from reporting.origin import origin
from reporting.sentences import worth

_JUDGEMENT = {"agrees": "good", "disagrees": "bad"}


def fragment(m: Material) -> str:
    """The concordance table with its rule; empty for a package without benchmarks."""
    rows = m.tables["concordance"]
    if not rows:
        return ""
    say = m.language.say
    columns = [say(f"concordance.columns.{c}") for c in ("benchmark", "about", "says", "chance", "verdict", "own")]
    body = table(columns, [_cells(m, row) for row in rows], numeric=(3, 5))
    limit, least = m.language.decimal(LIKELY, 0, 100), int(m.settings["informative_sites"])
    reasons = {row["reason"] for row in rows if row.get("reason")}
    why = [say(f"concordance.why.{reason}", n=least, sites=m.sites_noun(least)) for reason in sorted(reasons)]
    return (
        heading(2, say("concordance.heading"), "sec-concordance")
        + f"\n{say('concordance.intro')}\n"
        + floating("tbl-concordance", body, say("concordance.caption") + origin(m, "concordance"))
        + f"\n{' '.join([say('concordance.rule', limit=limit), *why, say('concordance.shared')])}\n"
    )


def _cells(m: Material, row: Row) -> list[str]:
    language = m.language
    note = language.label(m.benchmarks.get(row["benchmark"]), "", "note")
    delta = worth(m, row["outcome"])
    says = language.say(f"concordance.says.{row['says']}", delta=delta) + small_print(safe(note))
    verdict = language.word("concordance.verdict", row["verdict"])
    reason = language.word("concordance.reason", row["reason"]) if row.get("reason") else ""
    known = row["verdict"] != "not_assessed"
    return [
        f"{safe(row['label'])} ({claim_links(row['claims'])})",
        m.effect(row["component"], row["outcome"], row["horizon"]),
        says,
        # the verdict hangs on a limit, and a whole percentage may lie on either side of it
        to_html(number(language, row, "support", digits=1, scale=100)) + "%" if known else "–",
        f'<span class="{_JUDGEMENT.get(row["verdict"], "open")}">{verdict}</span>' + small_print(reason),
        language.say("concordance.own", own=int(row["own_statements"]), rows=int(row["rows"])) if known else "–",
    ]
