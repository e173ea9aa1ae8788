"""What was said in public, each with one answer: who, compared with whom, what remains, does it count."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from decimal import Decimal

from reporting import groups
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
    "range",
    "no_standard_error",
    "no_component",
    "sensitivity_site",
    "single_site",
)
#: What a comparison lacks, whatever else keeps it from being pooled; told before the reason it was coded with.
UNFAIR = {"non_participants": "non_randomised", "before": "before_after", "unclear": "no_comparator"}
#: Kinds of claims that give the level of one group and compare nothing by themselves.
LEVELS = ("arm_percentage", "arm_count")
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

    return sorted((rows for rows in groups.values() if any(map(_compares, rows))), key=weight)


def _compares(row: Row) -> bool:
    """Whether a claim says which way something went; a table of levels is not what anybody heard."""
    return row.get("kind") not in LEVELS or row.get("direction") in ("+", "-", "0")


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
    parts.append(f"<p>{_counts(m, rows)}</p>")
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
    about, said = arms(m, rows[0]), m.language.word("heard.versus", _compared_with(rows))
    if len(rows) == 1 and about:
        return m.language.say("heard.compared_arms", arms=about, versus=said)
    return m.language.say("heard.compared", versus=said)


def _compared_with(rows: list[Row]) -> str:
    """Code of what most of the claims compare with."""
    return Counter(row.get("versus", "") or "unclear" for row in rows).most_common(1)[0][0]


def _counts(m: Material, rows: list[Row]) -> str:
    """Whether it counts, and where, or why not; a comparison with the control group is called one."""
    say, row = m.language.say, rows[0]
    if row["status"] == "pooled":
        names = row["analysis"].replace(";", " ").split()
        titles = [m.title(a) for a in m.analyses() if a.name in names] or [safe(name) for name in names]
        return f'<strong class="good">{say("heard.yes")}</strong> {say("heard.where", list="; ".join(titles))}'
    versus = _compared_with(rows)
    reasons = list(dict.fromkeys([UNFAIR.get(versus, row["reason"]), row["reason"]]))
    lead = f"{_fair(m, rows)} " if versus == "control" else ""
    first, *more = (_why(m, reason) for reason in reasons)
    why = " ".join([first, *(say("heard.besides", why=text) for text in more)])
    return f'{lead}<strong class="open">{say("heard.no")}</strong> {why}'


def _why(m: Material, reason: str) -> str:
    why = m.language.word("heard.why", reason)
    return m.language.word("reason", reason) if why == safe(reason.replace("_", " ")) else why


def _fair(m: Material, rows: list[Row]) -> str:
    """That the comparison is one with the control group, with the difference where both levels are given."""
    found = difference(m, rows)
    if found is None:
        return m.language.say("heard.fair")
    way = "fewer" if found < 0 else "more"
    digits = max(-found.as_tuple().exponent, 0)
    points = m.language.say("amount.points", value=m.language.decimal(abs(found), digits))
    return m.language.say("heard.fair_size", size=m.language.say(f"sentence.{way}", n=points))


def difference(m: Material, rows: list[Row]) -> Decimal | None:
    """Percentage points between one group and its control group; None where not both are told by one measure."""
    levels: dict[bool, list[Row]] = {True: [], False: []}
    for row in rows:
        roles = {m.arms.get((row["municipality"], arm), {}).get("role") for arm in row.get("arms", "").split()}
        if row.get("kind") == "arm_percentage" and row.get("value") and len(roles) == 1:
            levels[roles == {"control"}].append(row)
    if any(len(found) != 1 for found in levels.values()) or len({row["unit"] for row in rows}) != 1:
        return None
    factor = {"percent": 1, "proportion": 100}.get(rows[0]["unit"].split(" ")[0])
    found = Decimal(levels[False][0]["value"]) - Decimal(levels[True][0]["value"])
    return (factor * found).normalize() if factor else None


def _remains(m: Material, rows: list[Row]) -> str:
    """The same finding as it counts, else the site's own findings against its control group, else the averages."""
    first, say = rows[0], m.language.say
    if same := list(_same(m, rows)):
        return "; ".join(same) + "."
    asked = {arm for row in rows for arm in row.get("arms", "").split()}
    own = list(_own(m, first["municipality"], first["outcome"]))
    told = [text for about, text in own if about & asked or not asked]
    outcome = m.outcome(first["outcome"])
    if own:
        lead = "" if told else say("heard.other_arms", outcome=outcome) + " "
        return lead + "; ".join(told or [text for _, text in own]) + "."
    averages = list(_averages(m, rows))[:_LISTED]
    is_site = m.municipalities.get(first["municipality"], {}).get("kind") == "site"
    lead = say("heard.nothing_here", outcome=outcome) + " " if is_site else ""
    if averages:
        return lead + say("heard.together", list="; ".join(averages))
    return lead + say("heard.nothing", outcome=outcome)


def _same(m: Material, rows: list[Row]) -> Iterator[str]:
    """The pooled findings that the package calls the same as one of these claims, told in another form."""
    named = {claim for row in rows for claim in m.named_claims(row.get("same_finding", ""))}
    for analysis in m.analyses():
        for row in m.rows("estimates", analysis=analysis.name):
            if named & set(m.named_claims(row["claims"])):
                yield m.language.say("heard.same", finding=_finding(m, analysis, row))


def _about(m: Material, outcome: str) -> Iterator[Analysis]:
    return (a for a in m.analyses() if a.outcome == outcome and m.identified(a.name))


def _own(m: Material, site: str, outcome: str) -> Iterator[tuple[set[str], str]]:
    """Arms and words of each pooled finding of a site about an outcome."""
    for analysis in _about(m, outcome):
        for row in m.rows("estimates", analysis=analysis.name, municipality=site):
            yield set(row["arms"].split()), _finding(m, analysis, row)


def _finding(m: Material, analysis: Analysis, row: Row) -> str:
    """Group, outcome and moment of a pooled finding, as it was published and after weighing (HTML)."""
    site, named = row["municipality"], row["arms"].split()
    estimate = m.estimate(analysis.name, "site", municipality=site, arm="+".join(named))
    return m.language.say(
        "heard.own" if estimate else "heard.own_only",
        group=safe(groups.name(m, site, named)),
        outcome=m.outcome(analysis.outcome),
        horizon=m.horizon(analysis.horizon),
        said=published(m, analysis, row),
        claims=claim_links(row["claims"]),
        p=to_html(chance(m.language, estimate, "prob_positive")) if estimate else "",
    )


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
                    outcome=m.outcome(analysis.outcome),
                    horizon=m.horizon(analysis.horizon),
                    p=to_html(chance(m.language, row, "prob_positive")),
                )


def also(m: Material, analysis: Analysis) -> str:
    """Claims that are set aside and tell the same finding as a pooled row of an analysis (raw HTML); else empty."""
    pooled = {claim for row in m.rows("estimates", analysis=analysis.name) for claim in m.named_claims(row["claims"])}
    told: dict[str, list[Row]] = defaultdict(list)
    for row in m.rows("claims", status="aside"):
        for claim in m.named_claims(row.get("same_finding", "")):
            if claim in pooled:
                told[claim].append(row)
    items = [
        m.language.say(
            "heard.also",
            claim=claim_links(claim),
            list="; ".join(f"{m.told(row, 'finding')} ({claim_links(row['claim'])})" for row in rows),
            reason=_why(m, rows[0]["reason"]),
        )
        for claim, rows in told.items()
    ]
    return raw_html("".join(f'<p class="small">{item}</p>' for item in items)) if items else ""
