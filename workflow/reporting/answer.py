"""The first screen: does it do harm, does it help, what do we not know, in at most 120 words."""

from __future__ import annotations

from reporting.calibrated import certainty
from reporting.escape import safe
from reporting.language import inline, opening
from reporting.markup import chance, to_plain
from reporting.material import Analysis, Material, Row
from reporting.sentences import basis, evidence_rows, word
from reporting.support import Without, other_choice, passages, without_site

#: Words on the first screen, headings included.
LIMIT = 120
#: From here a harm is no longer called unlikely; below the second limit it is called very unlikely.
HARM_OPEN = 0.20
HARM_NONE = 0.05
#: From here help is called probable, and possible, by the largest chance of a gain that matters.
HELP_LIKELY = 0.80
HELP_PERHAPS = 0.40
_LABEL_WORDS = 4

Answers = list[tuple[Analysis, Row]]


def answers(m: Material) -> Answers:
    """Every identified average effect of a main outcome, in the report's order."""
    return [(analysis, row) for analysis in m.analyses() if analysis.main for row in m.identified(analysis.name)]


def text(m: Material) -> str:
    """The answer in three parts and what it rests on (Markdown); empty without any identified average effect."""
    rows = answers(m)
    if not rows:
        return ""
    lead = m.language.say
    parts = [
        (lead("answer.harm"), _harm(m, rows)),
        (lead("answer.help"), _help(m, rows)),
        (lead("answer.unknown"), _unknown(m, rows)),
    ]
    footing = _footing(m)
    for _, sentences in reversed(parts):
        while count_words(_lay(parts, footing)) > LIMIT and len(sentences) > 1:
            sentences.pop()
    return _lay(parts, footing)


def count_words(markdown: str) -> int:
    """Words as a reader counts them."""
    return len(to_plain(markdown).split())


def _lay(parts: list[tuple[str, list[str]]], footing: str) -> str:
    told = [f"**{question}** {' '.join(s for s in sentences if s)}" for question, sentences in parts if any(sentences)]
    return "\n\n".join([*told, footing])


def _short(label: str) -> str:
    words = label.split()
    kept = " ".join(words[:_LABEL_WORDS])[:60]
    return kept if kept == label else kept + "…"


def component_name(m: Material, component: str) -> str:
    """Label of a component in few words."""
    return safe(_short(inline(m.language.label(m.components.get(component), component))))


def outcome_name(m: Material, analysis: Analysis) -> str:
    """Outcome of an analysis in few words."""
    return safe(_short(inline(m.language.label(m.outcomes.get(analysis.outcome), analysis.outcome))))


def moment(m: Material, analysis: Analysis) -> str:
    """Moment of an analysis in few words."""
    return m.language.word("horizon_short", analysis.horizon)


def beside(m: Material, key: str, analysis: Analysis, row: Row, column: str, **more: str) -> str:
    """A text with a chance and, where there is a prior, the same chance beforehand."""
    prior = m.estimate(analysis.name, "average", "prior", component=row["component"])
    before = " " + m.language.say("answer.before", p=chance(m.language, prior, column)) if prior else ""
    return m.language.say(key, p=chance(m.language, row, column), before=before, **more)


def down(m: Material, analysis: Analysis) -> int:
    """-1 where a fall of the outcome is good, else 1."""
    return -1 if m.outcomes.get(analysis.outcome, {}).get("good") == "lower" else 1


def worst(rows: Answers) -> Answers:
    """For every component the main outcome with the largest chance of a harm that matters; the largest first."""
    found: dict[str, tuple[Analysis, Row]] = {}
    for analysis, row in rows:
        p = row.value("prob_harm")
        if p is not None and (row["component"] not in found or p > found[row["component"]][1].value("prob_harm")):
            found[row["component"]] = (analysis, row)
    return sorted(found.values(), key=lambda pair: -pair[1].value("prob_harm"))


def best_on_first(m: Material, rows: Answers) -> Answers:
    """Components on the first main outcome, the most promising first."""
    first = rows[0][0]
    known = [(analysis, row) for analysis, row in rows if analysis == first]
    return sorted(known, key=lambda pair: -down(m, first) * (pair[1].value("prob_positive") or 0.0))


def harm_verdict(p: float) -> str:
    """Word for the largest chance of a harm that matters."""
    return "none" if p < HARM_NONE else "low" if p < HARM_OPEN else "open"


def help_verdict(p: float) -> str:
    """Word for the largest chance of a gain that matters."""
    return "likely" if p >= HELP_LIKELY else "perhaps" if p >= HELP_PERHAPS else "open"


def _verdict(m: Material, rows: Answers, column: str) -> str:
    """A verdict by the largest chance, and that it would be the same without any results where it would."""
    kind, judged = ("harm", harm_verdict) if column == "prob_harm" else ("help", help_verdict)
    largest = max(row.value(column) for _, row in rows if row.value(column) is not None)
    priors = [m.estimate(a.name, "average", "prior", component=row["component"]) for a, row in rows]
    before = max((p.value(column) for p in priors if p and p.value(column) is not None), default=None)
    same = before is not None and judged(before) == judged(largest)
    said = m.language.say(f"answer.{kind}_{judged(largest)}")
    return m.language.say("answer.verdict_same" if same else "answer.verdict", verdict=said)


def hangs(m: Material, without: Without | None, column: str) -> str:
    """On which site a chance hangs, and what it is without that site; empty where it hangs on none."""
    if without is None:
        return ""
    site = m.site(without.row["municipality"])
    key = "hangs_sentence" if without.sentence else "hangs_site"
    return m.language.say(f"answer.{key}", site=site, p=chance(m.language, without.row, column))


def _harm(m: Material, rows: Answers) -> list[str]:
    """A verdict by the largest chance of a harm that matters; what that harm is; on which site it hangs."""
    harms = worst(rows)
    if not harms:
        return []
    analysis, row = harms[0]
    what = m.language.say(
        "answer.what",
        change=m.change(analysis.outcome, "fall" if down(m, analysis) > 0 else "rise", _short),
        horizon=moment(m, analysis),
        component=component_name(m, row["component"]),
    )
    return [
        _verdict(m, rows, "prob_harm"),
        beside(m, "answer.harm_worst", analysis, row, "prob_harm", what=what),
        hangs(m, without_site(m, analysis, row, "prob_harm"), "prob_harm"),
    ]


def _help(m: Material, rows: Answers) -> list[str]:
    """A verdict by the largest chance of a gain that matters; the best component on the first outcome, and its base."""
    analysis, row = best_on_first(m, rows)[0]
    valued = any(one.value("prob_gain") is not None for _, one in rows)
    first = beside(
        m,
        "answer.help_first",
        analysis,
        row,
        "prob_positive",
        outcome=opening(outcome_name(m, analysis)),
        horizon=moment(m, analysis),
        component=component_name(m, row["component"]),
        word=word(m, row.value("prob_positive")),
        certainty=m.language.say(f"certainty.{certainty(basis(m, row))}"),
    )
    found = [_verdict(m, rows, "prob_gain")] if valued else []
    return [*found, first, *_base(m, analysis, row)]


def _base(m: Material, analysis: Analysis, row: Row) -> list[str]:
    """What the best answer rests on: one passage or one source, one site, one choice; as far as that is so."""
    say, sign = m.language.say, down(m, analysis)
    found = passages(m, evidence_rows(m, analysis.name, row["component"]))
    few = "one_passage" if len(found) == 1 else "one_source" if len({source for source, _ in found}) == 1 else ""
    choice = other_choice(m, analysis, row, sign)
    return [
        say(f"answer.{few}") if few else "",
        hangs(m, without_site(m, analysis, row, "prob_positive", sign), "prob_positive"),
        say("answer.one_choice", p=chance(m.language, choice, "prob_positive")) if choice else "",
    ]


def _unknown(m: Material, rows: Answers) -> list[str]:
    """Sizes that may not be printed, and findings for which there were only words."""
    say, found = m.language.say, []
    vague = sum(not row.true("magnitude") for _, row in rows)
    if vague:
        found.append(say("answer.size" if vague < len(rows) else "answer.size_all", k=vague, n=len(rows)))
    k, n = only_words(m)
    if k:
        found.append(say("answer.words_only" if k < n else "answer.words_all", k=k, n=n))
    return found


def only_words(m: Material) -> tuple[int, int]:
    """For how many findings about main outcomes there were only words, and how many there are."""
    names = {analysis.name for analysis, _ in answers(m)}
    pooled = [row for row in m.tables["estimates"] if row["analysis"] in names]
    return sum(row["kind"] == "interval" for row in pooled), len(pooled)


def _footing(m: Material) -> str:
    """How many claims and sources count, and who coded them."""
    all_claims = m.tables["claims"]
    counted = [row for row in all_claims if row["status"] == "pooled"]
    said = m.language.say(
        "answer.counted",
        k=len(counted),
        n=len(all_claims),
        count=len({row["source"] for row in counted}),
    )
    return " ".join(part for part in (said, _coded(m)) if part)


def is_automated(m: Material) -> bool:
    """Whether the package says that its claims were coded by programs only."""
    return m.descriptor.get("coded_by") == "automated"


def _coded(m: Material) -> str:
    """That the claims were coded by programs and not yet by a person, where that is so."""
    if not is_automated(m):
        return ""
    return m.language.say("answer.coded_twice" if m.tables["coding_agreement"] else "answer.coded_once")
