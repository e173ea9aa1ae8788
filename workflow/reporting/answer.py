"""The first screen: does it do harm, does it help, what do we not know, in at most 120 words."""

from __future__ import annotations

from reporting.escape import safe
from reporting.language import inline, opening
from reporting.markup import chance, to_plain
from reporting.material import Analysis, Material, Row
from reporting.sentences import size, word

#: Words on the first screen, headings included.
LIMIT = 120
#: From here a harm is no longer called unlikely; below the second limit it is called very unlikely.
HARM_OPEN = 0.20
HARM_NONE = 0.05
#: From here help is called probable, and possible, by the largest chance of a gain that matters.
HELP_LIKELY = 0.80
HELP_PERHAPS = 0.40
_LABEL_WORDS = 4
_LISTED = 4

Answers = list[tuple[Analysis, Row]]


def fragment(m: Material) -> str:
    """The answer in a box, and below it in small letters what it rests on; empty without an identified effect."""
    answered = text(m)
    if not answered:
        return ""
    return f"\n::: {{.answer}}\n\n{answered}\n\n:::\n\n::: {{.small}}\n\n{basis(m)}\n\n:::\n"


def answers(m: Material) -> Answers:
    """Every identified average effect of a main outcome, in the report's order."""
    return [(analysis, row) for analysis in m.analyses() if analysis.main for row in m.identified(analysis.name)]


def text(m: Material) -> str:
    """The answer in three parts (Markdown); empty without any identified average effect."""
    rows = answers(m)
    if not rows:
        return ""
    lead = m.language.say
    parts = [
        (lead("answer.harm"), _harm(m, rows)),
        (lead("answer.help"), _help(m, rows)),
        (lead("answer.unknown"), _unknown(m, rows)),
    ]
    for _, sentences in reversed(parts):
        while count_words(_lay(parts)) > LIMIT and len(sentences) > 1:
            sentences.pop()
    return _lay(parts)


def basis(m: Material) -> str:
    """What the answer rests on: claims, sources, places; and why places and studies differ in number."""
    say, claims = m.language.say, m.tables["claims"]
    places = m.places()
    studies = len({study for study in places.values() if study})
    joint = [name for name, study in places.items() if list(places.values()).count(study) > 1]
    return " ".join(
        [
            say("answer.beforehand"),
            say(
                "answer.claims",
                n=len(claims),
                k=sum(row["status"] == "pooled" for row in claims),
                sources=len({row["source"] for row in claims}),
            ),
            say(
                "answer.joint",
                list=m.language.listing([m.site(name) for name in joint]),
                k=studies,
                n=len(places),
                sites=m.sites_noun(len(places)),
            )
            if joint
            else "",
        ]
    ).strip()


def count_words(markdown: str) -> int:
    """Words as a reader counts them."""
    return len(to_plain(markdown).split())


def _lay(parts: list[tuple[str, list[str]]]) -> str:
    return "\n\n".join(
        f"**{question}** {' '.join(s for s in sentences if s)}" for question, sentences in parts if any(sentences)
    )


def _short(label: str) -> str:
    words = label.split()
    kept = " ".join(words[:_LABEL_WORDS])[:60]
    return kept if kept == label else kept + "…"


def _component(m: Material, component: str) -> str:
    return safe(_short(inline(m.language.label(m.components.get(component), component))))


def _outcome(m: Material, analysis: Analysis) -> str:
    return safe(_short(inline(m.language.label(m.outcomes.get(analysis.outcome), analysis.outcome))))


def _moment(m: Material, analysis: Analysis) -> str:
    return m.language.word("horizon_short", analysis.horizon)


def _beside(m: Material, key: str, analysis: Analysis, row: Row, column: str, **more: str) -> str:
    """A sentence with a chance and, where there is a prior, the same chance beforehand."""
    prior = m.estimate(analysis.name, "average", "prior", component=row["component"])
    before = " " + m.language.say("answer.before", p=chance(m.language, prior, column)) if prior else ""
    return m.language.say(f"answer.{key}", p=chance(m.language, row, column), before=before, **more)


def worst(rows: Answers) -> Answers:
    """For every component the main outcome with the largest chance of a harm that matters; the largest first."""
    found: dict[str, tuple[Analysis, Row]] = {}
    for analysis, row in rows:
        p = row.value("prob_harm")
        if p is not None and (row["component"] not in found or p > found[row["component"]][1].value("prob_harm")):
            found[row["component"]] = (analysis, row)
    return sorted(found.values(), key=lambda pair: -pair[1].value("prob_harm"))


def _harm(m: Material, rows: Answers) -> list[str]:
    """A verdict by the largest chance of a harm that matters; what that harm is; the largest elsewhere."""
    harms = worst(rows)
    if not harms:
        return []
    (analysis, row), *rest = harms
    p = row.value("prob_harm")
    verdict = m.language.say(f"answer.harm_{'none' if p < HARM_NONE else 'low' if p < HARM_OPEN else 'open'}")
    way = "rise" if m.outcomes.get(analysis.outcome, {}).get("good") == "lower" else "fall"
    what = m.language.say(
        f"answer.harm_{way}",
        outcome=_outcome(m, analysis),
        horizon=_moment(m, analysis),
        component=_component(m, row["component"]),
    )
    found = [verdict, _beside(m, "harm_worst", analysis, row, "prob_harm", what=what)]
    return [*found, _beside(m, "harm_rest", *rest[0], "prob_harm")] if rest else found


def _help(m: Material, rows: Answers) -> list[str]:
    """A verdict by the largest chance of a gain that matters; the best component on the first outcome; the others."""
    gains = [row.value("prob_gain") for _, row in rows if row.value("prob_gain") is not None]
    best = max(gains, default=0.0)
    verdict = "likely" if best >= HELP_LIKELY else "perhaps" if best >= HELP_PERHAPS else "open"
    first = rows[0][0]
    down = m.outcomes.get(first.outcome, {}).get("good") == "lower"
    known = sorted(
        (row for analysis, row in rows if analysis == first),
        key=lambda row: (row.value("prob_positive") or 0.0) * (1 if down else -1),
    )
    found = [m.language.say(f"answer.help_{verdict}")] if gains else []
    found.append(
        _beside(
            m,
            "help_first",
            first,
            known[0],
            "prob_positive",
            outcome=opening(_outcome(m, first)),
            horizon=_moment(m, first),
            component=_component(m, known[0]["component"]),
            word=word(m, known[0].value("prob_positive")),
        )
    )
    if known[0].true("magnitude"):
        found.append(m.language.say(f"answer.size_{known[0]['unit']}", **size(m, known[0])))
    items = [
        m.language.say(
            "answer.help_item", component=_component(m, row["component"]), p=chance(m.language, row, "prob_positive")
        )
        for row in known[1:]
    ]
    items += [_elsewhere(m, c, rows) for c in m.components if c not in {row["component"] for row in known}]
    return [*found, m.language.say("answer.help_rest", list="; ".join(items[:_LISTED]))] if items else found


def _elsewhere(m: Material, component: str, rows: Answers) -> str:
    """A component about which the first outcome says nothing: the first main outcome that does."""
    found = next(((analysis, row) for analysis, row in rows if row["component"] == component), None)
    if found is None:
        return m.language.say("answer.help_unknown", component=_component(m, component))
    analysis, row = found
    return m.language.say(
        "answer.help_elsewhere",
        component=_component(m, component),
        title=f"{_outcome(m, analysis)} {_moment(m, analysis)}",
        p=chance(m.language, row, "prob_positive"),
    )


def _unknown(m: Material, rows: Answers) -> list[str]:
    """Sizes that may not be printed, findings that are only words, and how much could not be assessed."""
    say, found = m.language.say, []
    vague = sum(not row.true("magnitude") for _, row in rows)
    if vague:
        found.append(say("answer.size" if vague < len(rows) else "answer.size_all", k=vague, n=len(rows)))
    names = {analysis.name for analysis, _ in rows}
    pooled = [row for row in m.tables["estimates"] if row["analysis"] in names]
    words = sum(row["kind"] == "interval" for row in pooled)
    if words:
        found.append(say("answer.words_only" if words < len(pooled) else "answer.words_all", k=words, n=len(pooled)))
    asked = sum(analysis.main for analysis in m.analyses()) * len(m.components)
    if asked > len(rows):
        found.append(say("answer.missing", n=asked - len(rows)))
    return found
