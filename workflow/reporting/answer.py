"""The first screen: does it do harm, does it help, what do we not know, in at most 120 words."""

from __future__ import annotations

from reporting.escape import safe
from reporting.language import inline
from reporting.markup import chance, to_plain
from reporting.material import Analysis, Material, Row
from reporting.sentences import word

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
    """The answer in three parts; empty without any identified average effect."""
    rows = [(analysis, row) for analysis in m.analyses() if analysis.main for row in m.identified(analysis.name)]
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
    return f"\n::: {{.answer}}\n\n{_lay(parts)}\n\n:::\n"


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


def _harm(m: Material, rows: Answers) -> list[str]:
    """A verdict by the largest chance of a harm that matters; then that chance for every component."""
    worst: dict[str, tuple[Analysis, Row]] = {}
    for analysis, row in rows:
        p = row.value("prob_harm")
        if p is not None and (row["component"] not in worst or p > worst[row["component"]][1].value("prob_harm")):
            worst[row["component"]] = (analysis, row)
    if not worst:
        return []
    ordered = sorted(worst.values(), key=lambda pair: -pair[1].value("prob_harm"))
    p = ordered[0][1].value("prob_harm")
    verdict = m.language.say(f"answer.harm_{'none' if p < HARM_NONE else 'low' if p < HARM_OPEN else 'open'}")
    items = "; ".join(_harm_item(m, analysis, row) for analysis, row in ordered[:_LISTED])
    return [verdict, m.language.say("answer.harm_list", list=items)]


def _harm_item(m: Material, analysis: Analysis, row: Row) -> str:
    prior = m.estimate(analysis.name, "average", "prior", component=row["component"])
    return m.language.say(
        "answer.harm_item" if prior else "answer.harm_item_only",
        component=_component(m, row["component"]),
        title=f"{_outcome(m, analysis)} {_moment(m, analysis)}",
        p=chance(m.language, row, "prob_harm"),
        p0=chance(m.language, prior, "prob_harm") if prior else "",
    )


def _help(m: Material, rows: Answers) -> list[str]:
    """A verdict by the largest chance of a gain that matters; then all components on the first outcome."""
    gains = [row.value("prob_gain") for _, row in rows if row.value("prob_gain") is not None]
    best = max(gains, default=0.0)
    verdict = "likely" if best >= HELP_LIKELY else "perhaps" if best >= HELP_PERHAPS else "open"
    first = rows[0][0]
    known = {row["component"]: row for analysis, row in rows if analysis == first}
    groups: dict[str, list[str]] = {}
    for component, row in sorted(known.items(), key=lambda item: -(item[1].value("prob_positive") or 0)):
        item = f"{_component(m, component)} ({chance(m.language, row, 'prob_positive')}%)"
        groups.setdefault(word(m, row.value("prob_positive")), []).append(item)
    items = [m.language.say("answer.help_item", word=w, list=", ".join(who)) for w, who in groups.items()]
    items += [_elsewhere(m, component, rows) for component in m.components if component not in known]
    shown = m.language.say(
        "answer.help_first",
        outcome=_outcome(m, first),
        horizon=_moment(m, first),
        list="; ".join(items[:_LISTED]),
    )
    return [m.language.say(f"answer.help_{verdict}"), shown] if gains else [shown]


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
        word=word(m, row.value("prob_positive")),
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
