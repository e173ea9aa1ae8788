"""Risk of bias and certainty for every outcome, by the rule in bias.yaml, as traffic lights with words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from reporting.calibrated import certainty
from reporting.escape import raw_html, safe, slug
from reporting.findings import claim_link
from reporting.language import opening
from reporting.markup import details, floating, heading, table
from reporting.material import Analysis, Material, Row
from reporting.origin import origin
from reporting.sentences import basis

_SIGNS = {"good": "+", "open": "?", "bad": "−"}


@cache
def domains() -> list[dict[str, Any]]:
    """The domains of bias.yaml, in order."""
    return yaml.safe_load(Path(__file__).with_name("bias.yaml").read_text(encoding="utf-8"))["domains"]


def _share(rows: list[Row], fits: Callable[[Row], bool]) -> float | None:
    return sum(map(fits, rows)) / len(rows) if rows else None


def drawn(m: Material, analysis: Analysis, rows: list[Row]) -> float | None:
    """Share of the pooled rows whose groups were all drawn by lot."""

    def by_lot(row: Row) -> bool:
        roles = {m.arms.get((row["municipality"], arm), {}).get("role") for arm in row["arms"].split()}
        return row["versus"] in ("control", "others") and not roles & {"choice", "reference"}

    return _share(rows, by_lot)


def followed(m: Material, analysis: Analysis, rows: list[Row]) -> float | None:
    """Share of the people behind the outcome: all for a share of a group, those who answered for a score."""
    if m.outcomes.get(analysis.outcome, {}).get("scale") == "share":
        return 1.0
    return float(m.settings.get("sizes", {}).get("response", 1.0))


def heard(m: Material, analysis: Analysis, rows: list[Row]) -> float | None:
    """Share of the places that could be pooled from which a finding about this outcome is public."""
    places = {
        row["municipality"]
        for row in m.municipalities.values()
        if row["kind"] == "site" and row.get("role") == "primary"
    }
    return len(places & {row["municipality"] for row in rows}) / len(places) if places else None


def numbers(m: Material, analysis: Analysis, rows: list[Row]) -> float | None:
    """Share of the pooled rows that are published as a number."""
    return _share(rows, lambda row: row["kind"] != "interval")


def sized(m: Material, analysis: Analysis, rows: list[Row]) -> float | None:
    """Share of the pooled rows whose standard error does not rest on assumed group sizes."""
    return _share(rows, lambda row: row["se_basis"] != "equal_split")


def unopposed(m: Material, analysis: Analysis, rows: list[Row]) -> float | None:
    """Share of the pooled rows of which no other claim about the same comparison says otherwise."""
    opposed = {row["claim"] for row in m.tables["claims"] if row.get("conflict")}
    return _share(rows, lambda row: not opposed & set(row["claims"].replace(";", " ").split()))


MEASURES = {f.__name__: f for f in (drawn, followed, heard, numbers, sized, unopposed)}


def judge(m: Material, analysis: Analysis, domain: Mapping[str, Any]) -> tuple[str, float | None]:
    """Light of one domain for one analysis, with the measure behind it.

    Returns
    -------
    tuple
        `good`, `open` or `bad`; and the measure, None where the package judges or nothing can be measured.
    """
    if "measure" not in domain:
        found = judgement(m, domain["domain"], analysis)
        return (found["judgement"] if found else "open"), None
    value = MEASURES[domain["measure"]](m, analysis, list(m.rows("estimates", analysis=analysis.name)))
    if value is None:
        return "open", None
    return ("good" if value >= domain["good"] else "open" if value >= domain["open"] else "bad"), value


def judgements(m: Material, domain: str) -> list[Mapping[str, Any]]:
    """What the data package says about a domain: for all outcomes at all moments, then what holds for some."""
    given = m.descriptor.get("judgements")
    fits = [row for row in given or () if row.get("domain") == domain and row.get("judgement") in _SIGNS]
    return sorted(fits, key=lambda row: (bool(row.get("outcomes")), bool(row.get("horizon"))))


def judgement(m: Material, domain: str, analysis: Analysis) -> Mapping[str, Any] | None:
    """The judgement that fits an analysis most closely; None without any."""
    fits = [
        row
        for row in judgements(m, domain)
        if row.get("horizon", "") in ("", analysis.horizon)
        and (not row.get("outcomes") or analysis.outcome in row["outcomes"].split())
    ]
    return fits[-1] if fits else None


def at_moment(m: Material, horizon: str) -> list[str]:
    """What the data package says about one moment only, with links to its claims (Markdown)."""
    judged = [row for domain in domains() if "measure" not in domain for row in judgements(m, domain["domain"])]
    return [_said(m, row) for row in judged if row.get("horizon") == horizon and not row.get("outcomes")]


def _said(m: Material, judged: Mapping[str, Any]) -> str:
    """Reason of a judgement, with links to its claims (Markdown)."""
    links = (f"([{c}](#claim-{slug(c)}))" for c in _claims(m, judged))
    return " ".join([safe(m.language.label(judged, "", "text")), *links])


def measured(m: Material, analysis: Analysis) -> str:
    """How an outcome was measured, where that is judged bad by claims that are counted here (Markdown)."""
    found = judgement(m, "measurement", analysis)
    if not found or found["judgement"] != "bad":
        return ""
    counted = {c for row in m.rows("estimates", analysis=analysis.name) for c in m.named_claims(row["claims"])}
    return m.language.say("bias.measured", text=_said(m, found)) if counted & set(_claims(m, found)) else ""


def _claims(m: Material, judged: Mapping[str, Any]) -> list[str]:
    return m.named_claims(str(judged.get("claims", "")))


def _reason(m: Material, judged: Mapping[str, Any]) -> str:
    """Reason of a judgement, with links to its claims (HTML)."""
    claims = ", ".join(map(claim_link, _claims(m, judged)))
    return safe(m.language.label(judged, "", "text")) + (f" ({claims})" if claims else "")


def _about(m: Material, judged: Mapping[str, Any]) -> str:
    """Outcomes and moment for which a judgement holds, before its reason (HTML); empty where it holds for all."""
    named = [m.language.listing([m.outcome(outcome) for outcome in judged.get("outcomes", "").split()])]
    named += [m.horizon(judged["horizon"])] if judged.get("horizon") else []
    text = ", ".join(part for part in named if part)
    return f"<em>{opening(text)}</em>: " if text else ""


def fragment(m: Material) -> str:
    """Lights and certainty for every analysis with an identified component, then the rule; else empty."""
    analyses = [analysis for analysis in m.analyses() if m.identified(analysis.name)]
    if not analyses:
        return ""
    say = m.language.say
    names = [say(f"bias.domain.{domain['domain']}") for domain in domains()]
    rows = [[m.title(a), *(_light(m, *judge(m, a, domain)) for domain in domains())] for a in analyses]
    lights = table([say("bias.outcome"), *names], rows).replace('"stack"', '"stack lights"', 1)
    columns = [say("bias.outcome"), *(m.component(c, start=True) for c in m.components)]
    certain = table(columns, [[m.title(a), *_certainty(m, a)] for a in analyses])
    return (
        heading(3, say("bias.heading"), "sec-bias")
        + f"\n{say('bias.intro')}\n"
        + floating("tbl-bias", lights, say("bias.caption") + origin(m, "estimates", "claims", "summary"))
        + floating("tbl-certainty", certain, say("bias.certainty") + origin(m, "summary", "estimates"))
        + _rule(m)
    )


def _light(m: Material, light: str, value: float | None) -> str:
    share = f' <span class="small">{m.language.percent(value)}%</span>' if value not in (None, 0.0, 1.0) else ""
    word = m.language.say(f"bias.light.{light}")
    return f'<span class="{light}"><span class="light" aria-hidden="true">{_SIGNS[light]}</span> {word}</span>{share}'


def _certainty(m: Material, analysis: Analysis) -> list[str]:
    """Word for each component, in the package's order; nothing said where nothing is known."""
    known = {row["component"]: row for row in m.identified(analysis.name)}
    return [m.language.say(f"certainty.{certainty(basis(m, known[c]))}") if c in known else "–" for c in m.components]


def _rule(m: Material) -> str:
    """What each domain asks, and its limits."""
    say = m.language.say
    items = []
    for domain in domains():
        name = say(f"bias.domain.{domain['domain']}")
        asks = say(f"bias.asks.{domain['domain']}")
        if "measure" in domain:
            good, open_ = (m.language.decimal(domain[key], 0, 100) for key in ("good", "open"))
            asks += " " + say("bias.limits", good=good, open=open_)
        else:
            told = [_about(m, found) + _reason(m, found) for found in judgements(m, domain["domain"])]
            asks += " " + (" ".join(told) or say("bias.unjudged"))
        items.append(f"<li><strong>{name}</strong>: {asks}</li>")
    return details(say("bias.rule"), raw_html(f"<ul>{''.join(items)}</ul>"))
