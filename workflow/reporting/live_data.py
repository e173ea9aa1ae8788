"""What the page's script computes with: the pooled rows with their names, the priors, the published answers."""

from __future__ import annotations

import json
from typing import Any

from pooling.priors import NAMES
from pooling.wording import LIKELIHOOD

from reporting import markup
from reporting.forest_rows import build
from reporting.markup import to_plain
from reporting.material import Analysis, Material, Row

#: Families of tau's prior that the script's engine knows; with any other there are no live parts.
FAMILIES = ("halfnormal", "halfcauchy", "halft", "exponential", "uniform")
#: Digits of the numbers that go into the engine: far beyond what it promises.
_DIGITS = 10
_ROW = ("site", "kind", "source", "y", "se", "lower", "upper", "design", "weights", "arm_variances", "epsilon")
_CHANCES = {"positive": "prob_positive", "above": "prob_increase", "below": "prob_decrease"}
_SENTENCE = ("frequency", "difference", "more", "fewer", "higher", "lower")


def island(m: Material) -> str:
    """Element with everything; empty where nothing is pooled and reported."""
    data = collect(m)
    return markup.island("try-data", data) if data else ""


def collect(m: Material) -> dict[str, Any]:
    """All analyses that the report reports, with names and words; empty where there is none.

    The rows are those of results/evidence.json. Names are plain text: the script writes them as text.
    """
    stored = _stored(m)
    analyses = [
        _analysis(m, analysis, stored[analysis.name])
        for analysis in m.analyses()
        if analysis.name in stored and m.identified(analysis.name)
    ]
    if not analyses:
        return {}
    rows = [row for one in analyses for row in one["evidence"]["rows"]]
    return {
        "language": m.language.code,
        "least": int(m.settings["informative_sites"]),
        "texts": _texts(m),
        "digits": int(m.settings["digits"]),
        "components": {
            name: {"label": to_plain(m.component(name, start=True)), "series": place + 1}
            for place, name in enumerate(m.components)
        },
        "sites": {row["site"]: to_plain(m.site(row["site"])) for row in rows},
        "sources": {source: f"{m.source(source)} ({source})" for source in (row["source"] for row in rows)},
        "analyses": analyses,
    }


def _stored(m: Material) -> dict[str, dict]:
    """Entries of evidence.json by analysis, as far as the script's engine can pool them."""
    path = m.results / "evidence.json"
    content = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else []
    return {entry["analysis"]: entry for entry in content if _priors(m, entry)["tau"]["family"] in FAMILIES}


def _priors(m: Material, entry: dict) -> dict:
    return m.settings["priors"][NAMES[entry["scale"]]]


def _analysis(m: Material, analysis: Analysis, entry: dict) -> dict[str, Any]:
    averages = m.identified(analysis.name)
    unit, priors = averages[0]["unit"], _priors(m, entry)
    delta = averages[0].value("delta") or 0.0
    drawn = [line for group in build(m, analysis).groups for line in group.lines if line.evidence]
    places = {line.evidence["row"]: place for place, line in enumerate(drawn)}
    rows = [
        {key: _short(row[key]) for key in _ROW}
        | {"label": drawn[place].label, "series": drawn[place].series, "place": place}
        for row, place in ((row, places[row["row"]]) for row in entry["rows"])
    ]
    whole = ("analysis", "components", "control_level", "covariance", "kappa", "scale")
    return {
        "label": to_plain(m.title(analysis)),
        "unit": m.language.word("forest.unit", unit),
        "short": m.language.word("unit_short", unit),
        "people": unit == "points",
        "digits": 1 if unit == "points" else 2,
        "step": 0.5 if unit == "points" else 0.05,
        "delta": delta,
        "epsilon": float(m.settings["statements"]["epsilon"]),
        "priors": {"mu": [priors["mu"]] * len(entry["components"]), "tau": priors["tau"]},
        "level": m.level,
        "evidence": {key: _short(entry[key]) for key in whole} | {"rows": rows},
        "published": {row["component"]: _published(m, analysis, row) for row in averages},
    }


def _published(m: Material, analysis: Analysis, average: Row) -> dict[str, Any]:
    new = m.estimate(analysis.name, "new", component=average["component"])
    return {"magnitude": average.true("magnitude"), "average": _answer(average), "newSite": _answer(new)}


def _answer(row: Row) -> dict[str, float | None]:
    names = {name: name for name in ("mean", "median", "lower", "upper")} | _CHANCES
    return {name: row.value(column) for name, column in names.items()}


def _short(value: Any) -> Any:
    """A number at the digits the engine needs; lists number by number, texts (nan, inf) as they are."""
    if isinstance(value, list):
        return [_short(inner) for inner in value]
    if not isinstance(value, float):
        return value
    rounded = float(f"{value:.{_DIGITS}g}")
    return int(rounded) if rounded == int(rounded) else rounded


def _texts(m: Material) -> dict[str, Any]:
    known = {"site": to_plain(m.sites_noun(1)), "sites": to_plain(m.sites_noun(2))}
    texts = _filled(m.language.words("try"), known)
    words = [{"from": limit, "word": m.language.say(f"likelihood.{word}")} for limit, word in LIKELIHOOD]
    sentence = {name: m.language.say(f"sentence.{name}", **_itself()) for name in _SENTENCE}
    return texts | {"likelihood": words, "sentence": sentence}


def _itself() -> dict[str, str]:
    """Braces that stay as they are: the script fills them in."""
    return {name: f"{{{name}}}" for name in ("middle", "lower", "upper", "n")}


def _filled(texts: Any, known: dict[str, str]) -> Any:
    """Texts with the braces filled in that are known here; the script fills the others."""
    if isinstance(texts, dict):
        return {key: _filled(text, known) for key, text in texts.items()}
    for name, value in known.items():
        texts = texts.replace(f"{{{name}}}", value)
    return texts
