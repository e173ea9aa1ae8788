"""One section per site: what was tried, what was found, raw beside weighed, from which sources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pooling.ledger.signs import sign_of
from pooling.wording import LIKELIHOOD

from reporting import groups
from reporting.escape import raw_html, safe, slug
from reporting.findings import claim_links, published, source_link, stands_for, weighed, with_links
from reporting.forest_rows import Line, build
from reporting.language import inline
from reporting.markup import chance, details, floating, heading, table
from reporting.material import Analysis, Material
from reporting.origin import origin

#: Columns of the table of findings.
FOUND = ("finding", "published", "interval", "weighed", "chance")


@dataclass(frozen=True)
class Finding:
    """One counted finding of a site: which analysis and group, the cells of its row, and its chance of a rise."""

    analysis: Analysis
    group: str
    where: str
    cells: tuple[str, ...]
    chance: float | None
    shown: str
    sign: int


_LIMIT = {word: limit for limit, word in LIKELIHOOD}
#: From here a rise is called likely, and below the second limit unlikely.
LIKELY, UNLIKELY = _LIMIT["likely"], _LIMIT["rather_not"]
#: Below this chance of the direction that was published little is left of it.
LITTLE = _LIMIT["rather"]
_LISTED = 3


def fragment(m: Material) -> str:
    """A list to choose from, then every site by name; empty without any site."""
    own = [row for row in m.municipalities.values() if row["kind"] == "site"]
    if not own:
        return ""
    say = m.language.say
    many = m.sites_noun(2)
    head = heading(2, say("sites.heading", sites=many), "sec-sites") + f"\n{say('sites.intro', sites=many)}\n"
    ordered = sorted(own, key=lambda row: (row.get("role") == "sensitivity", m.site(row["municipality"]).casefold()))
    found = findings(m)
    return head + _choice(m, own) + "".join(_site(m, row, found.get(row["municipality"], [])) for row in ordered)


def _choice(m: Material, own: list[Mapping[str, str]]) -> str:
    """Every place by name with a link to its section; members of one study lead to that study."""
    names = m.places() | {row["municipality"]: row["municipality"] for row in own if row.get("role") != "primary"}
    links = []
    for name, study in sorted(names.items(), key=lambda item: m.site(item[0]).casefold()):
        aside = m.municipalities[name].get("role") == "sensitivity"
        more = f' <span class="small">({m.language.say("role.sensitivity")})</span>' if aside else ""
        links.append(f'<li><a href="#{anchor(study)}">{m.site(name)}{more}</a></li>')
    return raw_html(f'<ul class="choice">{"".join(links)}</ul>')


def anchor(municipality: str) -> str:
    """Anchor of the section of a site."""
    return f"sec-site-{slug(municipality)}"


def _site(m: Material, row: Mapping[str, str], found: list[Finding]) -> str:
    site = row["municipality"]
    say = m.language.say
    columns, rows = tried(m, site)
    parts = [
        heading(3, m.site(site), anchor(site)),
        f"\n{standing_out(m, site, found)}\n",
        f"\n{pointed}\n" if (pointed := pointing(m, found)) else "",
        facts(m, row),
        floating(
            f"tbl-arms-{slug(site)}",
            table(columns, rows, numeric=(2,)),
            say("sites.tried_caption", site=m.site(site)) + origin(m, "arms"),
        ),
    ]
    if found:
        columns = [say(f"sites.found_columns.{c}") for c in FOUND]
        caption = say("sites.found_caption", site=m.site(site)) + origin(m, "summary", "estimates")
        cells = table(columns, [finding.cells for finding in found], numeric=(2, 3, 4))
        body = floating(f"tbl-found-{slug(site)}", cells, caption) + _sources(m, site, len(found))
        parts.append(details(say("sites.all", n=len(found), site=m.site(site)), body))
    else:
        parts.append(_sources(m, site))
    return "".join(parts)


def standing_out(m: Material, site: str, found: list[Finding]) -> str:
    """One sentence: which rises are likely or unlikely in this site, or that none is, or that nothing counts."""
    say = m.language.say
    weighed_ones = [finding for finding in found if finding.chance is not None]
    if not weighed_ones:
        return say("sites.nothing", site=m.sites_noun(1))
    parts = []
    for key, chosen in (
        ("likely", sorted((f for f in weighed_ones if f.chance >= LIKELY), key=lambda f: -f.chance)),
        ("unlikely", sorted((f for f in weighed_ones if f.chance < UNLIKELY), key=lambda f: f.chance)),
    ):
        if chosen:
            items = [
                say("sites.stands_item", what=_what(m, f.analysis), where=f.where, p=f.shown) for f in chosen[:_LISTED]
            ]
            parts.append(say(f"sites.{key}", list="; ".join(items)))
    high, low = (m.language.decimal(limit, 0, 100) for limit in (LIKELY, UNLIKELY))
    return " ".join(parts) or say("sites.neither", site=m.site(site), high=high, low=low)


def pointing(m: Material, found: list[Finding]) -> str:
    """Which way the published findings point, group by group, and of which little is left after weighing (Markdown)."""
    say, groups_of, little = m.language.say, {}, []
    for finding in found:
        if finding.sign:
            ways = groups_of.setdefault(finding.group, {1: [], -1: []})
            ways[finding.sign].append(_briefly(m, finding.analysis))
            rise = 0.0 if finding.chance is None else finding.chance
            if finding.chance is not None and (rise if finding.sign > 0 else 1 - rise) < LITTLE:
                change = m.change(finding.analysis.outcome, "rise" if finding.sign > 0 else "fall")
                little.append(say("sites.little_item", change=change, where=finding.where, p=finding.shown))
    if not groups_of:
        return ""
    items = []
    for group, ways in groups_of.items():
        told = [
            say(f"sites.{key}", list=m.language.listing(ways[way]))
            for key, way in (("up", 1), ("down", -1))
            if ways[way]
        ]
        items.append(say("sites.pointing_item", group=group, ways=", ".join(told)))
    parts = [say("sites.pointing", list="; ".join(items))]
    if little:
        parts.append(say("sites.little", list="; ".join(little), sites=m.sites_noun(2)))
    return " ".join(parts)


def _briefly(m: Material, analysis: Analysis) -> str:
    """Outcome, and the moment where it is not the end of the trial."""
    later = "" if analysis.horizon == "end" else f" {m.language.word('horizon_short', analysis.horizon)}"
    return m.outcome(analysis.outcome) + later


def _what(m: Material, analysis: Analysis) -> str:
    return f"{m.outcome(analysis.outcome)} {m.horizon(analysis.horizon)}"


def facts(m: Material, row: Mapping[str, str]) -> str:
    """Programme, university, period and participants in one line, with the package's note (Markdown)."""
    say = m.language.say
    dates = [safe(_year_month(m, row[c])) for c in ("start", "end") if row.get(c)]
    if row.get("start") and not row.get("end"):
        dates.append(say("trials.no_end"))
    participants = row.get("participants", "")
    facts = {
        "programme": m.language.word("programme", row["programme"]) if row.get("programme") else "",
        "university": safe(m.own(row, "university")),
        "period": " – ".join(dates),
        "participants": safe(m.language.decimal(participants, 0)) if participants else "",
        "role": say(f"role.{row['role']}") if row.get("role") == "sensitivity" else "",
    }
    line = " · ".join(f"{say(f'sites.facts.{name}')}: {value}" for name, value in facts.items() if value)
    note = with_links(m, m.language.label(row, "", "note"))
    return "".join(f"\n::: {{.facts}}\n\n{text}\n\n:::\n" for text in (line, note) if text)


def _year_month(m: Material, text: str) -> str:
    """A date as the package gives it: a year, a month or a day."""
    parts = text.split("-")
    if len(parts) not in (2, 3) or not all(part.isdigit() for part in parts) or not 1 <= int(parts[1]) <= 12:
        return text
    return f"{m.language.month(int(parts[1]))} {parts[0]}"


def tried(m: Material, site: str) -> tuple[list[str], list[list[str]]]:
    """Columns and rows of the table of a site's arms; sizes only where any is published."""
    say = m.language.say
    sized = any(m.arms[site, name].get("n") for name in m.site_arms(site))
    columns = [say(f"sites.tried_columns.{c}") for c in ("arm", "components", *(["n"] if sized else []))]
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
        rows.append([m.arm(site, name), what, *([n] if sized else [])])
    return columns, rows


def findings(m: Material) -> dict[str, list[Finding]]:
    """Findings of every site, over all analyses."""
    found: dict[str, list[Finding]] = {}
    for analysis in m.analyses():
        for group in build(m, analysis).groups:
            for line in group.lines:
                if line.evidence is not None:
                    found.setdefault(line.evidence["municipality"], []).append(_finding(m, analysis, line))
    return found


def _finding(m: Material, analysis: Analysis, line: Line) -> Finding:
    raw = line.evidence
    median, interval, rise = weighed(m, line.estimate)
    unit = m.language.word("unit_short", line.estimate["unit"] if line.estimate else "")
    said = f"{published(m, analysis, raw)} ({claim_links(raw.get('claims', ''))})"
    shown = f"{median} {unit} ({interval})" if median else ""
    return Finding(
        analysis=analysis,
        group=safe(inline(line.label)),
        where=safe(groups.where(m, raw["municipality"], raw["arms"].split())),
        cells=(f"{m.title(analysis)}: {safe(line.label)}", said, stands_for(m, analysis, raw), shown, rise),
        chance=line.estimate.value("prob_positive") if line.estimate else None,
        shown=chance(m.language, line.estimate, "prob_positive") if line.estimate else "",
        sign=sign_of(raw["category"], raw.value("y") if raw["kind"] != "interval" else 0.0),
    )


def _sources(m: Material, site: str, findings: int = 0) -> str:
    """How many claims about a site count, and from which sources; and why its findings may be more."""
    say = m.language.say
    claims = list(m.rows("claims", municipality=site))
    if not claims:
        return ""
    pooled = sum(row["status"] == "pooled" for row in claims)
    used = dict.fromkeys(row["source"] for row in claims)
    shown = "; ".join(source_link(m, source) for source in used)
    counts = say("sites.counts", n=len(claims), k=pooled, site=m.sites_noun(1))
    counts += f" {say('sites.several')}" if findings > pooled else ""
    return f"\n{counts}\n" + raw_html(f'<p class="small unprinted">{say("sites.sources", list=shown)}</p>')
