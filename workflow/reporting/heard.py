"""What was said in public, each with one answer: who, compared with whom, what remains, does it count."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from reporting.escape import raw_html, safe
from reporting.evidence import arms
from reporting.findings import claim_links, published, source_link
from reporting.markup import chance, heading, on_paper, searchable, to_html
from reporting.material import Analysis, Material, Row
from reporting.origin import origin

#: Reasons for which a claim about an effect is set aside while it may well have been heard.
HEARD = (
    "non_randomised",
    "before_after",
    "no_comparator",
    "aggregate",
    "interim",
    "unclear_moment",
    "unclear_statement",
    "ambiguous_number",
    "no_standard_error",
    "no_component",
    "sensitivity_site",
    "single_site",
)
_LISTED = 6
#: Entries that paper shows, and the page's script before somebody searches or asks for all.
_FIRST = 12


def fragment(m: Material) -> str:
    """The list, what was told most often first; empty where nothing of the kind was said."""
    groups = collect(m)
    if not groups:
        return ""
    say = m.language.say
    retold = _retold(m)
    items = [
        _item(m, rows, [r for row in rows for r in retold[row["claim"]]], printed=k < _FIRST)
        for k, rows in enumerate(groups)
    ]
    find = searchable([say("evidence.filters.place"), say("evidence.filters.outcome")])
    markup = f'<ul class="heard" data-first="{_FIRST}"{find}>\n' + "\n".join(items) + "\n</ul>"
    source = origin(m, "claims", "estimates", "summary").strip()
    return (
        heading(2, say("heard.heading"), "sec-heard")
        + f"\n{say('heard.intro', n=len(groups))} {_spoken(m, groups)}{source}\n"
        + raw_html(markup)
        + (on_paper(say("heard.paper", n=len(groups) - _FIRST)) if len(groups) > _FIRST else "")
    )


def _spoken(m: Material, groups: list[list[Row]]) -> str:
    """That the ledger speaks another language than the page, where some of what is shown does."""
    if all(row.get(f"finding_{m.language.code}") for rows in groups for row in rows):
        return ""
    own = str(m.descriptor.get("finding_language") or m.language.code)
    name = m.language.locale.languages.get(own.split("-")[0].lower(), own)
    return "" if own == m.language.code else m.language.say("heard.language", language=safe(name)) + " "


def collect(m: Material) -> list[list[Row]]:
    """Claims that were heard, by place, source, outcome and reason; first those retold, main outcomes, numbers."""
    groups: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in m.tables["claims"]:
        counted = row["status"] == "pooled"
        if row["outcome"] and ((counted and row.get("value")) or row["reason"] in HEARD):
            key = (row["municipality"], row["source"], row["outcome"], row["status"], row["reason"])
            groups[key].append(row)
    told = _retold(m)
    main = {analysis.outcome for analysis in m.analyses() if analysis.main}

    def weight(rows: list[Row]) -> tuple[int, bool, bool]:
        retold = sum(len(told[row["claim"]]) for row in rows)
        return -retold, rows[0]["outcome"] not in main, not any(row.get("value") for row in rows)

    return sorted(groups.values(), key=weight)


def _retold(m: Material) -> dict[str, list[Row]]:
    """Claims that tell another one again, by that other one."""
    found: dict[str, list[Row]] = defaultdict(list)
    for row in m.tables["claims"]:
        if row["reason"] == "duplicate":
            for claim in m.named_claims(row.get("reason_detail", "")):
                found[claim].append(row)
    return found


def _item(m: Material, rows: list[Row], retold: list[Row], printed: bool) -> str:
    """One entry of the list (HTML)."""
    say, first = m.language.say, rows[0]
    findings = list(dict.fromkeys(m.told(row, "finding") for row in rows))
    more = f" {say('heard.more', n=len(findings) - 1)}" if len(findings) > 1 else ""
    parts = []
    if len(findings) > 1:
        parts.append(f"<ul>{''.join(f'<li>{text}</li>' for text in findings)}</ul>")
    parts.append(f"<p>{_who(m, rows, retold)} {_versus(m, rows)}</p>")
    parts.append(f"<p>{_counts(m, first)}</p>")
    parts.append(f"<p>{say('heard.remains')} {_remains(m, rows)}</p>")
    keys = f'data-key0="{m.site(first["municipality"])}" data-key1="{m.outcome(first["outcome"])}"'
    title = f"<strong>{m.site(first['municipality'])}</strong>: {findings[0]}{more}"
    keys += "" if printed else ' class="unprinted"'
    return f"<li {keys}><details><summary>{title}</summary>{''.join(parts)}</details></li>"


def _who(m: Material, rows: list[Row], retold: list[Row]) -> str:
    first = rows[0]
    claims = claim_links(" ".join(row["claim"] for row in rows))
    relayed = m.sources.get(first["source"], {}).get("relay") == "relayed"
    text = m.language.say(
        "heard.who_relayed" if relayed else "heard.who", source=source_link(m, first["source"]), claims=claims
    )
    others = dict.fromkeys(row["source"] for row in retold if row["source"] != first["source"])
    if others:
        shown = "; ".join(source_link(m, source) for source in others)
        text += " " + m.language.say("heard.retold", list=shown)
    return text


def _versus(m: Material, rows: list[Row]) -> str:
    said = Counter(row.get("versus", "") or "unclear" for row in rows)
    about = arms(m, rows[0])
    with_whom = m.language.word("heard.versus", said.most_common(1)[0][0])
    if len(rows) == 1 and about:
        return m.language.say("heard.compared_arms", arms=about, versus=with_whom)
    return m.language.say("heard.compared", versus=with_whom)


def _counts(m: Material, row: Row) -> str:
    """Whether it counts, and where, or why not."""
    say = m.language.say
    if row["status"] == "pooled":
        names = row["analysis"].replace(";", " ").split()
        titles = [m.title(a) for a in m.analyses() if a.name in names] or [safe(name) for name in names]
        return f'<strong class="good">{say("heard.yes")}</strong> {say("heard.where", list="; ".join(titles))}'
    why = m.language.word("heard.why", row["reason"])
    if why == safe(row["reason"].replace("_", " ")):
        why = m.language.word("reason", row["reason"])
    return f'<strong class="open">{say("heard.no")}</strong> {why}'


def _remains(m: Material, rows: list[Row]) -> str:
    """The site's own findings against its control group, else the averages, else nothing (HTML)."""
    first, say = rows[0], m.language.say
    asked = {arm for row in rows for arm in row.get("arms", "").split()}
    own = list(_own(m, first["municipality"], first["outcome"]))
    same = [text for about, text in own if about & asked or not asked]
    if own:
        lead = "" if same else say("heard.other_arms") + " "
        return lead + "; ".join(same or [text for _, text in own]) + "."
    averages = list(_averages(m, rows))[:_LISTED]
    is_site = m.municipalities.get(first["municipality"], {}).get("kind") == "site"
    lead = say("heard.nothing_here") + " " if is_site else ""
    return lead + (say("heard.together", list="; ".join(averages)) if averages else say("heard.nothing"))


def _about(m: Material, outcome: str) -> Iterator[Analysis]:
    return (a for a in m.analyses() if a.outcome == outcome and m.identified(a.name))


def _own(m: Material, site: str, outcome: str) -> Iterator[tuple[set[str], str]]:
    """Arms and words of each pooled finding of a site about an outcome."""
    for analysis in _about(m, outcome):
        for row in m.rows("estimates", analysis=analysis.name, municipality=site):
            labels = [m.arm(site, arm) for arm in row["arms"].split()]
            estimate = m.estimate(analysis.name, "site", municipality=site, arm="+".join(row["arms"].split()))
            text = m.language.say(
                "heard.own" if estimate else "heard.own_only",
                arms=m.language.listing(labels),
                horizon=m.horizon(analysis.horizon),
                said=published(m, analysis, row),
                claims=claim_links(row["claims"]),
                p=to_html(chance(m.language, estimate, "prob_positive")) if estimate else "",
            )
            yield set(row["arms"].split()), text


def _averages(m: Material, rows: list[Row]) -> Iterator[str]:
    """Averages of the components that the claims are about; of all where they name none."""
    site = rows[0]["municipality"]
    named = {
        component
        for row in rows
        for arm in row.get("arms", "").split()
        for component in m.arms.get((site, arm), {}).get("components", arm).split()
    } & set(m.components)
    for analysis in _about(m, rows[0]["outcome"]):
        for row in m.identified(analysis.name):
            if not named or row["component"] in named:
                yield m.language.say(
                    "heard.average",
                    component=m.component(row["component"]),
                    horizon=m.horizon(analysis.horizon),
                    p=to_html(chance(m.language, row, "prob_positive")),
                )
