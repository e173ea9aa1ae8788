"""The ledger: flow of claims in and out, and all claims with source and reason."""

from __future__ import annotations

from reporting import flow, groups
from reporting.escape import safe, slug
from reporting.findings import claim_links, small_print, source_link
from reporting.language import opening
from reporting.markup import details, floating, heading, on_paper, table
from reporting.material import Material, Row
from reporting.origin import origin


def fragment(m: Material) -> str:
    """Flow of claims with the reasons, and the table of all; empty without claims."""
    claims = m.tables["claims"]
    if not claims:
        return ""
    say = m.language.say
    columns = [say(f"evidence.columns.{c}") for c in ("claim", "about", "finding", "status", "source")]
    body = table(
        columns,
        [_claim(m, row) for row in claims],
        identifiers=[f"claim-{slug(row['claim'])}" for row in claims],
        filters=[say(f"evidence.filters.{c}") for c in ("place", "outcome", "status", "reason")],
        keys=[_keys(m, row) for row in claims],
        unprinted=[row["status"] != "pooled" for row in claims],
    )
    aside = sum(row["status"] != "pooled" for row in claims)
    return (
        heading(2, say("evidence.heading"), "sec-evidence")
        + floating("fig-flow", flow.draw(m), say("evidence.flow_caption") + origin(m, "claims"))
        + details(
            say("evidence.all", n=len(claims)),
            (on_paper(say("evidence.paper", n=aside)) if aside else "")
            + floating("tbl-claims", body, say("evidence.caption") + origin(m, "claims", "sources")),
        )
    )


def _keys(m: Material, row: Row) -> list[str]:
    """What a claim is filtered by: place, outcome, status, reason or category."""
    pooled = row["status"] == "pooled"
    return [
        m.site(row["municipality"]),
        m.outcome(row["outcome"]) if row["outcome"] else "",
        m.language.word("status", row["status"]),
        "" if pooled else m.language.word("reason", row["reason"]),
    ]


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
    finding = m.told(row, "finding")
    if caveat := m.told(row, "caveat"):
        finding += small_print(say("evidence.caveat", caveat=caveat))
    pooled = row["status"] == "pooled"
    status = f'<span class="{"good" if pooled else "open"}">{m.language.word("status", row["status"])}</span>'
    if pooled:
        status += ": " + m.language.word("category", row.get("category", ""))
    else:
        status += ": " + m.language.word("reason", row["reason"])
        if named := m.named_claims(row.get("reason_detail", "")):
            status += f" ({claim_links(' '.join(named))})"
    if row.get("conflict"):
        status += small_print(say("evidence.conflict", list=claim_links(row["conflict"])))
    where = source_link(m, row["source"])
    if locator := m.told(row, "locator"):
        where += small_print(say("evidence.locator", locator=locator))
    return [safe(row["claim"]), about, finding, status, where]


def arms(m: Material, row: Row) -> str:
    """Names of the arms of a claim, or what the groups of a joint result are called."""
    site, named = row["municipality"], row.get("arms", "").split()
    if row.get("scope") == "together" and len(named) > 1:
        return safe(opening(groups.name(m, site, named)))
    return m.language.listing([m.arm(site, arm) for arm in named]) if named else ""
