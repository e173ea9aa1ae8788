"""How sure we are: leave-one-out and wider priors, gates and engine agreement, agreement of the coders."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from reporting import answer, left_out
from reporting.escape import safe
from reporting.markup import chance, details, floating, heading, number, table, to_html
from reporting.material import Analysis, Material, Row
from reporting.origin import origin


def sensitivity(m: Material) -> str:
    """Every identified average effect with its widest swings; empty without any."""
    rows = [(analysis, row) for analysis in m.analyses() for row in m.identified(analysis.name)]
    if not rows:
        return ""
    say, site = m.language.say, m.sites_noun(1)
    least = int(m.settings["informative_sites"])
    columns = [
        say(f"sensitivity.columns.{c}") for c in ("answer", "chance", "low", "high", "gone", "ratio", "widening")
    ]
    body = table(columns, [_swing(m, analysis, row) for analysis, row in rows], numeric=(1, 2, 3, 5, 6))
    return (
        heading(3, say("sensitivity.heading"), "sec-sensitivity")
        + f"\n{say('sensitivity.intro', site=site, n=least, sites=m.sites_noun(least))}\n"
        + floating("tbl-sensitivity", body, say("sensitivity.caption", site=site) + origin(m, "summary"))
    )


def _swing(m: Material, analysis: Analysis, row: Row) -> list[str]:
    language = m.language
    return [
        m.effect(row["component"], analysis.outcome, analysis.horizon),
        to_html(chance(language, row, "prob_positive")) + "%",
        *left_out.cells(m, left_out.sites(m, analysis, row["component"])),
        to_html(number(language, row, "sd_ratio", digits=0, scale=100)) + "%" if row.get("sd_ratio") else "",
        language.say("sensitivity.times", x=to_html(number(language, row, "widening", digits=2)))
        if row.get("widening")
        else "",
    ]


def gates(m: Material) -> str:
    """Agreement of the engines and the sampler's gates; empty without both tables."""
    agreement, fits = m.tables["agreement"], dict(_gated(m.checks))
    if not agreement and not fits:
        return ""
    say = m.language.say
    parts = [heading(3, say("gates.heading"), "sec-gates")]
    if agreement:
        differ = [row for row in agreement if not row.true("ok")]
        text = say("gates.agree" if differ else "gates.agree_all", n=len(agreement), k=len(agreement) - len(differ))
        parts.append(f"\n{text}\n")
        if differ:
            parts.append(_differences(m, differ))
    if fits:
        passed = sum(bool(fit.get("passed")) for fit in fits.values())
        parts.append(f"\n{say('gates.fits_all' if passed == len(fits) else 'gates.fits', n=len(fits), k=passed)}\n")
        parts.append(_fits(m, fits))
    return "".join(parts)


def _gated(tree: Mapping[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every fit of checks.json that says whether it passed, with its place as name."""
    if "passed" in tree:
        yield " ".join(path), tree
    for name, inner in tree.items():
        if isinstance(inner, Mapping):
            yield from _gated(inner, (*path, str(name)))


def _differences(m: Material, rows: list[Row]) -> str:
    columns = [m.language.say(f"gates.disagree_columns.{c}") for c in ("quantity", "exact", "pymc", "allowed")]
    cells = [
        [
            f"{safe(row['analysis'])}: {safe(row['quantity'])}",
            *(to_html(number(m.language, row, c, digits=4)) for c in ("exact", "pymc", "allowed")),
        ]
        for row in rows
    ]
    return floating(
        "tbl-disagree",
        table(columns, cells, numeric=(1, 2, 3)),
        m.language.say("gates.disagree_caption") + origin(m, "agreement"),
    )


def _fits(m: Material, fits: Mapping[str, Mapping[str, Any]]) -> str:
    measures = {"rhat_max": 3, "ess_bulk_min": 0, "ess_tail_min": 0, "divergences": 0, "ebfmi_min": 2}
    columns = [m.language.say(f"gates.columns.{c}") for c in ("fit", *measures, "passed")]
    rows = [
        [
            safe(name),
            *("" if fit.get(c) is None else m.language.decimal(fit[c], digits) for c, digits in measures.items()),
            m.language.say(f"yes_no.{str(bool(fit.get('passed'))).lower()}"),
        ]
        for name, fit in sorted(fits.items())
    ]
    body = floating(
        "tbl-gates",
        table(columns, rows, numeric=range(1, 6)),
        m.language.say("gates.caption") + origin(m, "checks"),
    )
    return details(m.language.say("gates.table"), body, printed=False)


def coding(m: Material) -> str:
    """Agreement of the two codings with what it does and does not show; empty without it."""
    rows = m.tables["coding_agreement"]
    if not rows:
        return ""
    say = m.language.say
    columns = [say(f"coding.columns.{c}") for c in ("field", "claims", "n", "agreement", "kappa", "interval")]
    cells = [
        [
            m.language.word("coding.field", row["field"]),
            m.language.word("coding.claims", row.get("claims", "")),
            to_html(number(m.language, row, "n", digits=0)),
            to_html(number(m.language, row, "agreement", digits=0, scale=100)) + "%",
            to_html(number(m.language, row, "kappa", digits=2)) if row.get("kappa") else say("coding.none"),
            _interval(m, row),
        ]
        for row in rows
    ]
    told = [say("coding.intro"), say("coding.automated") if answer.is_automated(m) else ""]
    usable = next((row for row in rows if row.get("claims") == "eligible"), None)
    if usable:
        k = sum(row["status"] == "pooled" for row in m.tables["claims"])
        told.append(say("coding.usable", n=number(m.language, usable, "n", digits=0), k=k))
    if not all(row.get("kappa") for row in rows):
        told.append(say("coding.constant"))
    return (
        heading(3, say("coding.heading"), "sec-coding")
        + f"\n{' '.join(text for text in told if text)}\n"
        + floating(
            "tbl-coding",
            table(columns, cells, numeric=(2, 3, 4, 5)),
            say("coding.caption") + origin(m, "coding_agreement"),
        )
    )


def _interval(m: Material, row: Row) -> str:
    if not row.get("ci_lower") or not row.get("ci_upper"):
        return ""
    lower, upper = (to_html(number(m.language, row, c, digits=2)) for c in ("ci_lower", "ci_upper"))
    return m.language.say("finding.range", lower=lower, upper=upper)
