"""Draw how far chances of a rise move: one line an answer, from nought to one hundred percent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from html import unescape
from xml.etree.ElementTree import Element, indent, tostring

from pooling.wording import LIKELIHOOD

from reporting.drawing import LEADING, frame, shape, stacked, text, wrap
from reporting.material import Analysis, Material

_TOP, _FOOT = 12, 44


@dataclass(frozen=True)
class Answer:
    """One line: a name, the published chance, the range it moves over, and further chances as open marks."""

    label: str
    chance: float
    low: float
    high: float
    others: tuple[float, ...] = field(default=())


def name(m: Material, component: str, analysis: Analysis) -> str:
    """Short name of an average effect, unescaped."""
    moment = m.language.word("horizon_short", analysis.horizon)
    return unescape(f"{m.component(component, start=True)}, {m.outcome(analysis.outcome)} {moment}")


@dataclass(frozen=True)
class Words:
    """Texts of a drawing, unescaped."""

    title: str
    desc: str
    axis: str
    tick: Callable[[float], str]


def draw(answers: Sequence[Answer], words: Words, identifier: str) -> str:
    """The drawing in two forms, wide and narrow, as inline SVG.

    Dotted lines stand where one word for a chance gives way to the next.

    Parameters
    ----------
    identifier
        Stem of the ids in the drawing; must be unique in the page.
    """
    return "\n".join(_draw(answers, words, identifier, form) for form in ("wide", "narrow"))


def _draw(answers: Sequence[Answer], words: Words, identifier: str, form: str) -> str:
    wide = form == "wide"
    width, left = (760, 392) if wide else (360, 14)
    right = width - 22
    labels = [wrap(answer.label, left - 14 if wide else width - 8) for answer in answers]
    tall = [LEADING * len(lines) + 4 for lines in labels]
    rows = stacked(_TOP, ((0, max(30, high)) if wide else (high, 27) for high in tall))
    end = rows[-1][2]
    svg = frame(identifier, form, (width, end + _FOOT), words.title, words.desc)

    def x(value: float) -> float:
        return round(left + value * (right - left), 1)

    ticks = (0.0, 0.25, 0.5, 0.75, 1.0)
    kinds = [(limit, "prior") for limit, _ in LIKELIHOOD[:-1]] + [(v, "zero" if v == 0.5 else "grid") for v in ticks]
    strips = [(_TOP, end)] if wide else [row[1:] for row in rows]
    for value, kind in kinds:
        for high, low in strips:
            shape(svg, "line", kind, x1=x(value), y1=high, x2=x(value), y2=low)
    for value in ticks:
        text(svg, x(value), end + 16, words.tick(value), "label small", "middle")
    shape(svg, "line", "axis", x1=left, y1=end, x2=right, y2=end)
    text(svg, (left + right) / 2, end + 34, words.axis, "muted small", "middle")
    for answer, lines, (y, marks, bottom) in zip(answers, labels, rows):
        middle = (marks + bottom) / 2
        text(svg, 4, middle + 5 - LEADING * (len(lines) - 1) / 2 if wide else y + 14, lines, "label")
        _marks(svg, answer, x, middle)
    indent(svg, " ")
    return tostring(svg, encoding="unicode")


def _marks(svg: Element, answer: Answer, x: Callable[[float], float], y: float) -> None:
    shape(svg, "line", "posterior c1", x1=x(answer.low), y1=y, x2=x(answer.high), y2=y)
    for value in answer.others:
        shape(svg, "rect", "raw c2", x=x(value) - 4, y=y - 4, width=8, height=8)
    shape(svg, "circle", "posterior c1", cx=x(answer.chance), cy=y, r=4.5)
