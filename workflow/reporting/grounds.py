"""Just below the first screen: the other measures and outcomes, and what the answer rests on."""

from __future__ import annotations

from collections import Counter

from reporting import answer, expected, left_out
from reporting.escape import safe, slug
from reporting.markup import bullets, chance
from reporting.material import Analysis, Material, Row
from reporting.sentences import evidence_rows, size, why_unknown, word
from reporting.sites import LIKELY, UNLIKELY
from reporting.support import choice_named, claims, other_choice, without_site

_LISTED = 4
#: From this share of the counted claims a single source is named.
_MUCH = 0.25
#: How `part_read` begins where a source was read as a whole.
_WHOLE = "full"


def fragment(m: Material) -> str:
    """The answer in a box, and below it in small letters what it rests on; empty without an identified effect."""
    answered = answer.text(m)
    if not answered:
        return ""
    return f"\n::: {{.answer}}\n\n{answered}\n\n:::\n\n::: {{.small}}\n{notes(m)}\n:::\n"


def notes(m: Material) -> str:
    """A list of what the first screen has no room for (Markdown)."""
    rows = answer.answers(m)
    told = (_best(m, rows), _others(m, rows), _harm(m, rows), _outcomes(m), expected.clause(m))
    basis = (_read(m), _unanswered(m, rows), _terms(m))
    return bullets([text for text in (*told, *basis) if text])


def _best(m: Material, rows: answer.Answers) -> str:
    """The most promising measure on the first outcome: its size, the passage behind it, the choice that changes it."""
    say, (analysis, row) = m.language.say, answer.best_on_first(m, rows)[0]
    parts = []
    if row.true("magnitude"):
        parts.append(say(f"grounds.size_{row['unit']}", **size(m, row)))
    told = claims(m, evidence_rows(m, analysis.name, row["component"]))
    if len({claim["source"] for claim in told}) == 1:
        places = {m.own(claim, "locator") for claim in told}
        where = [m.source(told[0]["source"]), *(places if len(places) == 1 else ())]
        key = "grounds.passage" if len(places) == 1 else "grounds.source"
        parts.append(say(key, source=", ".join(safe(part) for part in where if part)))
    if choice := other_choice(m, analysis, row, answer.down(m, analysis)):
        parts.append(
            say(
                "grounds.choice",
                choice=choice_named(m, choice["altered"]),
                word=word(m, choice.value("prob_positive")),
                p=chance(m.language, choice, "prob_positive"),
            )
        )
    named = {"component": m.component(row["component"], start=True), "title": _title(m, analysis)}
    return say("grounds.best", **named) + " " + " ".join(parts) if parts else ""


def _title(m: Material, analysis: Analysis) -> str:
    return f"{answer.outcome_name(m, analysis)} {answer.moment(m, analysis)}"


def _others(m: Material, rows: answer.Answers) -> str:
    """The other measures on the first outcome, or where else something is known about them."""
    known = answer.best_on_first(m, rows)
    items = [
        m.language.say("grounds.item", name=answer.component_name(m, row["component"]), p=_chance(m, analysis, row))
        for analysis, row in known[1:]
    ]
    named = {row["component"] for _, row in known}
    first = rows[0][0]
    items += [_elsewhere(m, first, component, rows) for component in m.components if component not in named]
    if not items:
        return ""
    title = _title(m, known[0][0])
    return m.language.say("grounds.others", title=title, list="; ".join(items[:_LISTED]))


def _elsewhere(m: Material, first: Analysis, component: str, rows: answer.Answers) -> str:
    """Why a component has no average on the first outcome, and the first main outcome on which it has one."""
    named = {"name": answer.component_name(m, component), "why": why_unknown(m, first, component)}
    found = next(((analysis, row) for analysis, row in rows if row["component"] == component), None)
    if found is None:
        return m.language.say("grounds.unknown", **named)
    analysis, row = found
    return m.language.say("grounds.elsewhere", title=_title(m, analysis), p=_chance(m, analysis, row), **named)


def _chance(m: Material, analysis: Analysis, row: Row) -> str:
    """Chance of a rise with what it is without the one site on which it hangs."""
    p = chance(m.language, row, "prob_positive") + "%"
    certain = 1 if row.value("prob_positive") >= 0.5 else -1
    without = without_site(m, analysis, row, "prob_positive", certain)
    if without is None:
        gone = [left.name for left in left_out.sites(m, analysis, row["component"]) if not left.answered]
        listed = m.language.listing(gone, "or")
        return m.language.say("grounds.gone", all=p, list=listed) if gone else p
    left = chance(m.language, without.row, "prob_positive")
    return m.language.say("grounds.without", all=p, site=m.site(without.row["municipality"]), p=left)


def _harm(m: Material, rows: answer.Answers) -> str:
    """The sentence on which the largest chance of a harm hangs, and the largest one of any other measure."""
    say, parts = m.language.say, []
    harms = answer.worst(rows)
    without = without_site(m, *harms[0], "prob_harm") if harms else None
    if without is not None and without.sentence is not None:
        claim = without.sentence
        named = {"claim": safe(claim["claim"]), "anchor": slug(claim["claim"])}
        parts.append(say("grounds.harm_said", site=m.site(claim["municipality"]), finding=_told(m, claim), **named))
    if harms[1:]:
        parts.append(answer.beside(m, "grounds.harm_rest", *harms[1], "prob_harm"))
    return " ".join([say("grounds.harm"), *parts]) if parts else ""


def _told(m: Material, claim: Row) -> str:
    """Finding of a claim, marked as the package's language where it is not the page's (Markdown)."""
    spoken = m.foreign(claim, "finding")
    text = safe(m.own(claim, "finding"))
    return f"[{text}]{{lang={spoken}}}" if spoken else text


def _outcomes(m: Material) -> str:
    """Which outcomes are main, and of which others a rise is likely or unlikely."""
    say, reported = m.language.say, [a for a in m.analyses() if m.identified(a.name)]
    others = [analysis for analysis in reported if not analysis.main]
    if not others:
        return ""
    main = dict.fromkeys(m.outcome(analysis.outcome) for analysis in reported if analysis.main)
    found = [(analysis, row) for analysis in others for row in m.identified(analysis.name)]
    parts = [say("grounds.main", list=m.language.listing(list(main)))]
    for key, fits in (("likely", lambda p: p >= LIKELY), ("unlikely", lambda p: p < UNLIKELY)):
        items = [_rise(m, analysis, row) for analysis, row in found if fits(row.value("prob_positive"))]
        if items:
            parts.append(say(f"grounds.{key}", list="; ".join(items)))
    return " ".join(parts)


def _rise(m: Material, analysis: Analysis, row: Row) -> str:
    return m.language.say(
        "grounds.rise",
        title=_title(m, analysis),
        component=answer.component_name(m, row["component"]),
        p=_chance(m, analysis, row),
    )


def _read(m: Material) -> str:
    """What was read, what counts of it, and how much of that comes from one source."""
    say, everything = m.language.say, m.tables["claims"]
    counted = [row for row in everything if row["status"] == "pooled"]
    by_source = Counter(row["source"] for row in counted)
    parts = [say("grounds.read", n=len(everything), count=len({row["source"] for row in everything}), k=len(counted))]
    (source, most), *_ = by_source.most_common(1) or [("", 0)]
    if len(by_source) > 1 and most >= _MUCH * len(counted):
        parts.append(say("grounds.most", k=most, n=len(counted), source=safe(m.source(source))))
    return " ".join([*parts, in_part(m)]).strip()


def in_part(m: Material) -> str:
    """How many of the sources that count were read in part only; empty where none was."""
    sources = {row["source"] for row in m.tables["claims"] if row["status"] == "pooled"}
    k = sum(_read_in_part(m, source) for source in sources)
    return m.language.say("grounds.in_part", k=k, n=len(sources)) if k else ""


def _read_in_part(m: Material, source: str) -> bool:
    """Whether the package says that a source was read in part only."""
    part = m.sources.get(source, {}).get("part_read") or ""
    return bool(part) and not part.startswith(_WHOLE)


def _unanswered(m: Material, rows: answer.Answers) -> str:
    """How many questions about main outcomes have no answer."""
    asked = sum(analysis.main for analysis in m.analyses()) * len(m.components)
    return m.language.say("grounds.missing", n=asked - len(rows)) if asked > len(rows) else ""


def _terms(m: Material) -> str:
    """What `beforehand` means, and why places and studies differ in number."""
    say, places = m.language.say, m.places()
    joint = [name for name, study in places.items() if list(places.values()).count(study) > 1]
    told = [say("grounds.beforehand")]
    if joint:
        told.append(
            say(
                "grounds.joint",
                list=m.language.listing([m.site(name) for name in joint]),
                k=len({study for study in places.values() if study}),
                n=len(places),
                sites=m.sites_noun(len(places)),
            )
        )
    return " ".join(told)
