"""One section per site: what was tried, what was found, raw beside weighed, from which sources."""

from __future__ import annotations

from collections.abc import Mapping

from reporting.escape import raw_html, safe, slug
from reporting.findings import claim_links, published, source_link, stands_for, weighed
from reporting.forest_rows import Line, build
from reporting.markup import bullets, floating, heading, table
from reporting.material import Analysis, Material
from reporting.origin import origin

#: Columns of the table of findings.
FOUND = ("finding", "published", "interval", "weighed", "chance")


def fragment(m: Material) -> str:
    """All sites and members of sites, by name; empty without any site."""
    own = [row for row in m.municipalities.values() if row["kind"] == "site"]
    members = [row for row in m.municipalities.values() if row["kind"] == "member"]
    if not own:
        return ""
    say = m.language.say
    many = m.sites_noun(2)
    head = heading(2, say("sites.heading", sites=many), "sec-sites") + f"\n{say('sites.intro', sites=many)}\n"
    ordered = sorted([*own, *members], key=lambda row: (row.get("role") == "sensitivity", row["name"].casefold()))
    found = findings(m)
    return head + "".join(
        _member(m, row) if row["kind"] == "member" else _site(m, row, found.get(row["municipality"], []))
        for row in ordered
    )


def anchor(municipality: str) -> str:
    """Anchor of the section of a site."""
    return f"sec-site-{slug(municipality)}"


def _member(m: Material, row: Mapping[str, str]) -> str:
    study = row.get("part_of", "")
    text = m.language.say("sites.member", name=safe(row["name"]), study=m.site(study), anchor=anchor(study))
    return heading(3, safe(row["name"]), anchor(row["municipality"])) + f"\n{text}\n"


def _site(m: Material, row: Mapping[str, str], found: list[list[str]]) -> str:
    site = row["municipality"]
    say = m.language.say
    parts = [
        heading(3, safe(row["name"]), anchor(site)),
        facts(m, row),
        floating(
            f"tbl-arms-{slug(site)}",
            table(*tried(m, site), numeric=(2,)),
            say("sites.tried_caption", site=m.site(site)) + origin(m, "arms"),
        ),
    ]
    if found:
        columns = [say(f"sites.found_columns.{c}") for c in FOUND]
        caption = say("sites.found_caption", site=m.site(site)) + origin(m, "summary", "estimates")
        parts.append(floating(f"tbl-found-{slug(site)}", table(columns, found, numeric=(2, 3, 4)), caption))
    else:
        parts.append(f"\n{say('sites.nothing', site=m.sites_noun(1))}\n")
    parts.append(_sources(m, site))
    return "".join(parts)


def facts(m: Material, row: Mapping[str, str]) -> str:
    """Programme, university, period and participants, with the package's note (Markdown)."""
    say = m.language.say
    dates = [safe(_year_month(m, row[c])) for c in ("start", "end") if row.get(c)]
    participants = row.get("participants", "")
    facts = {
        "programme": m.language.word("programme", row.get("programme", "")),
        "university": safe(row.get("university", "")),
        "period": " – ".join(dates),
        "participants": safe(m.language.decimal(participants, 0)) if participants else "",
        "role": say(f"role.{row['role']}") if row.get("role") == "sensitivity" else "",
    }
    items = [f"{say(f'sites.facts.{name}')}: {value}" for name, value in facts.items() if value]
    note = safe(m.language.label(row, "", "note"))
    inside = bullets(items) if items else ""
    return f"\n::: {{.facts}}\n{inside}\n:::\n" * bool(items) + (f"\n{note}\n" if note else "")


def _year_month(m: Material, text: str) -> str:
    """A date as the package gives it: a year, a month or a day."""
    parts = text.split("-")
    if len(parts) not in (2, 3) or not all(part.isdigit() for part in parts) or not 1 <= int(parts[1]) <= 12:
        return text
    return f"{m.language.month(int(parts[1]))} {parts[0]}"


def tried(m: Material, site: str) -> tuple[list[str], list[list[str]]]:
    """Columns and rows of the table of a site's arms."""
    say = m.language.say
    columns = [say(f"sites.tried_columns.{c}") for c in ("arm", "components", "n")]
    rows = []
    for name in m.site_arms(site):
        arm = m.arms[site, name]
        made_of = [m.component(c) for c in arm.get("components", "").split()]
        role = arm.get("role", "")
        what = (
            m.language.listing(made_of)
            if made_of
            else say(f"sites.{role}" if role != "treatment" else "sites.no_components")
        )
        n = m.language.decimal(arm["n"], 0) if arm.get("n") else say("sites.n_unknown")
        rows.append([m.arm(site, name), what, n])
    return columns, rows


def findings(m: Material) -> dict[str, list[list[str]]]:
    """Rows of the table of findings of every site, over all analyses."""
    found: dict[str, list[list[str]]] = {}
    for analysis in m.analyses():
        for group in build(m, analysis).groups:
            for line in group.lines:
                if line.evidence is not None:
                    found.setdefault(line.evidence["municipality"], []).append(_finding(m, analysis, line))
    return found


def _finding(m: Material, analysis: Analysis, line: Line) -> list[str]:
    raw = line.evidence
    median, interval, rise = weighed(m, line.estimate)
    unit = m.language.word("unit_short", line.estimate["unit"] if line.estimate else "")
    said = f"{published(m, analysis, raw)} ({claim_links(raw.get('claims', ''))})"
    shown = f"{median} {unit} ({interval})" if median else ""
    return [f"{m.title(analysis)}: {safe(line.label)}", said, stands_for(m, analysis, raw), shown, rise]


def _sources(m: Material, site: str) -> str:
    say = m.language.say
    claims = list(m.rows("claims", municipality=site))
    if not claims:
        return ""
    pooled = sum(row["status"] == "pooled" for row in claims)
    used = dict.fromkeys(row["source"] for row in claims)
    shown = "; ".join(source_link(m, source) for source in used)
    counts = say("sites.counts", n=len(claims), k=pooled, site=m.sites_noun(1))
    return f"\n{counts}\n" + raw_html(f'<p class="small">{say("sites.sources", list=shown)}</p>')
