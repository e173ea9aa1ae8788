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
        found = judgement(m, domain["domain"], analysis.horizon) or judgement(m, domain["domain"])
        return (found["judgement"] if found else "open"), None
    value = MEASURES[domain["measure"]](m, analysis, list(m.rows("estimates", analysis=analysis.name)))
    if value is None:
        return "open", None
    return ("good" if value >= domain["good"] else "open" if value >= domain["open"] else "bad"), value


def judgement(m: Material, domain: str, horizon: str = "") -> Mapping[str, Any] | None:
    """What the data package says about a domain at all moments, or at one; None if nothing of use."""
    given = (row for row in m.descriptor.get("judgements") or () if row.get("judgement") in _SIGNS)
    fits = (row for row in given if (row.get("domain"), row.get("horizon", "")) == (domain, horizon))
    return next(fits, None)


def at_moment(m: Material, horizon: str) -> list[str]:
    """What the data package says about one moment only, with links to its claims (Markdown)."""
    found = (judgement(m, domain["domain"], horizon) for domain in domains() if "measure" not in domain)
    return [
        " ".join([safe(m.language.label(row, "", "text")), *(f"([{c}](#claim-{slug(c)}))" for c in _claims(m, row))])
        for row in found
        if row
    ]


def _claims(m: Material, judged: Mapping[str, Any]) -> list[str]:
    return m.named_claims(str(judged.get("claims", "")))


def _reason(m: Material, judged: Mapping[str, Any]) -> str:
    """Reason of a judgement, with links to its claims (HTML)."""
    claims = ", ".join(map(claim_link, _claims(m, judged)))
    return safe(m.language.label(judged, "", "text")) + (f" ({claims})" if claims else "")


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
            found = judgement(m, domain["domain"])
            asks += f" {_reason(m, found) if found else say('bias.unjudged')}"
            for horizon in dict.fromkeys(analysis.horizon for analysis in m.analyses()):
                if own := judgement(m, domain["domain"], horizon):
                    asks += f" {opening(m.horizon(horizon))}: {_reason(m, own)}"
        items.append(f"<li><strong>{name}</strong>: {asks}</li>")
    return details(say("bias.rule"), raw_html(f"<ul>{''.join(items)}</ul>"))
