"""The ledger: flow of claims in and out, and all claims with source and reason."""

from __future__ import annotations

from collections import Counter
from xml.etree.ElementTree import Element, SubElement, tostring

from reporting.escape import clean, safe, slug
from reporting.findings import claim_links, small_print, source_link
from reporting.markup import details, floating, heading, table
from reporting.material import Material, Row


def fragment(m: Material) -> str:
    """Flow, reasons and the table of all claims; empty without claims."""
    claims = m.tables["claims"]
    if not claims:
        return ""
    say = m.language.say
    reasons = Counter(row["reason"] for row in claims if row["status"] != "pooled")
    pooled = len(claims) - reasons.total()
    parts = [
        heading(2, say("evidence.heading"), "sec-evidence"),
        floating(
            "fig-flow",
            "\n".join(_flow(m, len(claims), pooled, w) for w in ("wide", "narrow")),
            say("evidence.flow_caption"),
        ),
    ]
    if reasons:
        columns = [say(f"evidence.reason_columns.{c}") for c in ("reason", "n")]
        rows = [
            [m.language.word("reason", code), str(n)]
            for code, n in sorted(reasons.items(), key=lambda r: (-r[1], r[0]))
        ]
        parts.append(
            floating(
                "tbl-reasons",
                table(columns, rows, numeric=(1,), stack=False),
                say("evidence.reasons_caption"),
            )
        )
    columns = [say(f"evidence.columns.{c}") for c in ("claim", "about", "finding", "status", "source")]
    body = table(
        columns, [_claim(m, row) for row in claims], identifiers=[f"claim-{slug(r['claim'])}" for r in claims]
    )
    parts.append(
        details(say("evidence.all", n=len(claims)), floating("tbl-claims", body, say("evidence.caption")))
    )
    return "".join(parts)


def _claim(m: Material, row: Row) -> list[str]:
    """Cells of one claim (HTML)."""
    say = m.language.say
    about = ", ".join(
        part
        for part in (
            f"<strong>{m.site(row['municipality'])}</strong>",
            arms(m, row),
            m.outcome(row["outcome"]) if row["outcome"] else "",
            m.horizon(row["horizon"]) if row.get("horizon") else "",
        )
        if part
    )
    finding = safe(row["finding"])
    if row.get("caveat"):
        finding += small_print(say("evidence.caveat", caveat=safe(row["caveat"])))
    pooled = row["status"] == "pooled"
    status = f'<span class="{"good" if pooled else "open"}">{m.language.word("status", row["status"])}</span>'
    if pooled:
        status += ": " + m.language.word("category", row.get("category", ""))
    else:
        status += ": " + m.language.word("reason", row["reason"])
        status += f" ({safe(row['reason_detail'])})" if row.get("reason_detail") else ""
    if row.get("conflict"):
        status += small_print(say("evidence.conflict", list=claim_links(row["conflict"])))
    where = source_link(m, row["source"])
    if row.get("locator"):
        where += small_print(say("evidence.locator", locator=safe(row["locator"])))
    return [safe(row["claim"]), about, finding, status, where]


def _flow(m: Material, total: int, pooled: int, form: str) -> str:
    """Three boxes: all claims, counted, set aside."""
    say = m.language.say
    width = 760 if form == "wide" else 360
    box = (width - 60) // 2
    svg = Element(
        "svg",
        {
            "class": f"plot {form}",
            "viewBox": f"0 0 {width} 170",
            "role": "img",
            "aria-labelledby": f"fig-flow-{form}-t fig-flow-{form}-d",
        },
    )
    SubElement(svg, "title", {"id": f"fig-flow-{form}-t"}).text = say("evidence.flow_title")
    SubElement(svg, "desc", {"id": f"fig-flow-{form}-d"}).text = say(
        "evidence.flow_desc", total=total, pooled=pooled, aside=total - pooled
    )
    left, middle, right = 10 + box / 2, width / 2, width - 10 - box / 2
    for x, y, n, key in (
        (middle, 10, total, "total"),
        (left, 110, pooled, "pooled"),
        (right, 110, total - pooled, "aside"),
    ):
        SubElement(
            svg,
            "rect",
            {
                "class": "axis",
                "fill": "none",
                "x": str(x - box / 2),
                "y": str(y),
                "width": str(box),
                "height": "50",
                "rx": "4",
            },
        )
        for dy, kind, text in ((22, "label strong", str(n)), (40, "label small", say(f"evidence.{key}"))):
            SubElement(
                svg, "text", {"class": kind, "x": str(x), "y": str(y + dy), "text-anchor": "middle"}
            ).text = clean(text)
    for x in (left, right):
        SubElement(svg, "path", {"class": "axis", "fill": "none", "d": f"M {middle} 60 V 85 H {x} V 108"})
    return tostring(svg, encoding="unicode")


def arms(m: Material, row: Row) -> str:
    """Names of the arms of a claim."""
    names = [m.arm(row["municipality"], arm) for arm in row.get("arms", "").split()]
    return m.language.listing(names) if names else ""
