"""Where sources disagree: contradictions the package names, and claims that differ about one comparison."""

from __future__ import annotations

from collections import defaultdict

from reporting.escape import raw_html, safe
from reporting.evidence import arms
from reporting.findings import claim_link, claim_links, source_link
from reporting.markup import heading
from reporting.material import Material, Row


def fragment(m: Material) -> str:
    """Both lists; empty where nothing disagrees."""
    say = m.language.say
    lists = ((say("conflicts.named"), _named(m)), (say("conflicts.found"), _found(m)))
    shown = "\n".join(
        f"<details><summary>{title} ({m.language.decimal(len(items), 0)})</summary><ul>{''.join(items)}</ul></details>"
        for title, items in lists
        if items
    )
    if not shown:
        return ""
    return heading(3, say("conflicts.heading"), "sec-conflicts") + f"\n{say('conflicts.intro')}\n" + raw_html(shown)


def _named(m: Material) -> list[str]:
    """Contradictions in the package's own words, with what was done about each."""
    items = []
    for row in m.contradictions:
        treatment = safe(m.language.label(row, "", "treatment"))
        text = safe(m.language.label(row, row["contradiction"], "text"))
        done = " " + m.language.say("conflicts.treatment", text=treatment) if treatment else ""
        counted = _counted(m, row.get("claims", "").replace(";", " ").split())
        items.append(f"<li>{text}{done}{counted} ({claim_links(row.get('claims', ''))})</li>")
    return items


def _counted(m: Material, claims: list[str]) -> str:
    """Which of the claims are counted, and whose words they are."""
    pooled = defaultdict(list)
    for row in m.tables["claims"]:
        if row["claim"] in claims and row["status"] == "pooled":
            pooled[row["source"]].append(row["claim"])
    items = []
    for name, told in pooled.items():
        source = m.sources.get(name, {})
        relayed = source.get("relay") == "relayed" and source.get("speaker")
        items.append(
            m.language.say(
                "conflicts.relayed" if relayed else "conflicts.own",
                claims=claim_links(" ".join(told)),
                speaker=m.language.word("speaker", source.get("speaker") or ""),
                source=source_link(m, name),
            )
        )
    return " " + m.language.say("conflicts.pooled", list="; ".join(items)) if items else ""


def _found(m: Material) -> list[str]:
    """Claims about one comparison of which one says up and another down or nothing."""
    by_claim = {row["claim"]: row for row in m.tables["claims"]}
    groups = _components({c: r["conflict"].replace(";", " ").split() for c, r in by_claim.items() if r.get("conflict")})
    groups = [[by_claim[c] for c in group if c in by_claim] for group in groups]
    items = []
    for group in groups:
        first = group[0]
        moment = f"{m.outcome(first['outcome'])} {m.horizon(first['horizon'])}"
        about = f"{m.site(first['municipality'])}, {arms(m, first)}, {moment}"
        said = "".join(f"<li>{_voice(m, row)}</li>" for row in group)
        items.append(f"<li><strong>{about}</strong><ul>{said}</ul></li>")
    return items


def _voice(m: Material, row: Row) -> str:
    text = m.language.say(
        "conflicts.item",
        source=source_link(m, row["source"]),
        claim=claim_link(row["claim"]),
        category=_category(m, row),
        arms=arms(m, row),
    )
    return text + (" " + m.language.say("conflicts.counted") if row["status"] == "pooled" else "")


def _category(m: Material, row: Row) -> str:
    if row.get("category") == "number" and row.get("value"):
        return safe(f"{row['value']} {row.get('unit', '')}")
    return m.language.word("category", row.get("category", ""))


def _components(links: dict[str, list[str]]) -> list[list[str]]:
    """Connected groups of claims, in ledger order."""
    neighbours = defaultdict(set)
    for claim, others in links.items():
        for other in others:
            neighbours[claim].add(other)
            neighbours[other].add(claim)
    groups, seen = [], set()
    for start in neighbours:
        if start in seen:
            continue
        group, frontier = set(), [start]
        while frontier:
            claim = frontier.pop()
            if claim not in group:
                group.add(claim)
                frontier += neighbours[claim]
        seen |= group
        groups.append(sorted(group))
    return sorted(groups)
