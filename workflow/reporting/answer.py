"""The first screen: does it do harm, does it help, what do we not know, in at most 120 words."""

from __future__ import annotations

from reporting.escape import safe
from reporting.language import inline
from reporting.markup import chance, to_plain
from reporting.material import Analysis, Material, Row
from reporting.sentences import amount, word

#: Words on the first screen, headings included.
LIMIT = 120
#: From here a harm is no longer called unlikely; below the second limit it is called very unlikely.
HARM_OPEN = 0.20
HARM_NONE = 0.05
#: From here help is called probable, and possible, by the largest chance of a gain that matters.
HELP_LIKELY = 0.80
HELP_PERHAPS = 0.40
_LABEL_WORDS = 5


def fragment(m: Material) -> str:
    """The answer in three parts; empty without any identified average effect."""
    rows = [
        (analysis, row) for analysis in m.analyses() if analysis.main for row in m.identified(analysis.name)
    ]
    if not rows:
        return ""
    lead = m.language.say
    parts = [
        (lead("answer.harm"), [_harm(m, rows)]),
        (lead("answer.help"), _help(m, rows)),
        (lead("answer.unknown"), _unknown(m, rows)),
    ]
    while count_words(_lay(parts)) > LIMIT and any(len(sentences) > 1 for _, sentences in parts):
        longest = max(parts, key=lambda part: len(part[1]))
        longest[1].pop()
    return f"\n::: {{.answer}}\n\n{_lay(parts)}\n\n:::\n"


def count_words(markdown: str) -> int:
    """Words as a reader counts them."""
    return len(to_plain(markdown).split())


def _lay(parts: list[tuple[str, list[str]]]) -> str:
    return "\n\n".join(
        f"**{question}** {' '.join(s for s in sentences if s)}"
        for question, sentences in parts
        if any(sentences)
    )


def _short(label: str) -> str:
    words = label.split()
    kept = " ".join(words[:_LABEL_WORDS])[:60]
    return kept if kept == label else kept + "…"


def _component(m: Material, component: str) -> str:
    return safe(_short(inline(m.language.label(m.components.get(component), component))))


def _title(m: Material, analysis: Analysis) -> str:
    return f"{_outcome(m, analysis)} {m.horizon(analysis.horizon)}"


def _outcome(m: Material, analysis: Analysis) -> str:
    return safe(_short(inline(m.language.label(m.outcomes.get(analysis.outcome), analysis.outcome))))


def _harm(m: Material, rows: list[tuple[Analysis, Row]]) -> str:
    """The largest probability of a harm beyond the smallest effect worth having, and what it was before."""
    judged = [(a, r) for a, r in rows if r.value("prob_harm") is not None]
    if not judged:
        return ""
    analysis, worst = max(judged, key=lambda pair: pair[1].value("prob_harm"))
    p = worst.value("prob_harm")
    prior = m.estimate(analysis.name, "average", "prior", component=worst["component"])
    return m.language.say(
        f"answer.harm_{'none' if p < HARM_NONE else 'low' if p < HARM_OPEN else 'open'}",
        delta=amount(m, worst),
        p=chance(m.language, worst, "prob_harm"),
        component=_component(m, worst["component"]),
        title=_title(m, analysis),
        before=m.language.say("answer.before", p=chance(m.language, prior, "prob_harm")) if prior else "",
    )


def _help(m: Material, rows: list[tuple[Analysis, Row]]) -> list[str]:
    """A verdict by the largest chance of a gain, all components on the first main outcome, the range of gains."""
    first = rows[0][0]
    items = [
        m.language.say(
            "answer.help_item",
            component=_component(m, row["component"]),
            word=word(m, row.value("prob_positive")),
            p=chance(m.language, row, "prob_positive"),
        )
        for analysis, row in rows
        if analysis == first
    ]
    shown = m.language.say(
        "answer.help_first",
        outcome=_outcome(m, first),
        horizon=m.horizon(first.horizon),
        list="; ".join(items[:4]),
    )
    gains = sorted(
        (row for _, row in rows if row.value("prob_gain") is not None), key=lambda row: row.value("prob_gain")
    )
    if not gains:
        return [shown]
    best = gains[-1].value("prob_gain")
    verdict = "likely" if best >= HELP_LIKELY else "perhaps" if best >= HELP_PERHAPS else "open"
    low, high = (chance(m.language, row, "prob_gain") for row in (gains[0], gains[-1]))
    return [f"{m.language.say(f'answer.help_{verdict}')} {shown}", m.language.say("answer.help_rest", low=low, high=high)]


def _unknown(m: Material, rows: list[tuple[Analysis, Row]]) -> list[str]:
    """Sizes that may not be printed, findings that are only words, and what could not be assessed at all."""
    say, found = m.language.say, []
    vague = sum(not row.true("magnitude") for _, row in rows)
    if vague:
        found.append(say("answer.size" if vague < len(rows) else "answer.size_all", k=vague, n=len(rows)))
    known = {(analysis.name, row["component"]) for analysis, row in rows}
    missing = [
        f"{_component(m, component)} ({_title(m, analysis)})"
        for analysis in m.analyses()
        if analysis.main
        for component in m.components
        if (analysis.name, component) not in known
    ]
    if missing:
        rest = len(missing) - 2
        listed = missing[:2] + ([say("answer.more", n=rest)] if rest > 0 else [])
        found.append(say("answer.missing", list=m.language.listing(listed)))
    names = {analysis.name for analysis, _ in rows}
    pooled = [row for row in m.tables["estimates"] if row["analysis"] in names]
    words = sum(row["kind"] == "interval" for row in pooled)
    if words:
        found.append(
            say("answer.words_only" if words < len(pooled) else "answer.words_all", k=words, n=len(pooled))
        )
    return found
