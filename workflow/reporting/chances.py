"""Draw how far chances of a rise move: one line an answer, from nought to one hundred percent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from html import unescape
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from pooling.wording import LIKELIHOOD

from reporting.forest_svg import cut
from reporting.material import Analysis, Material

_ROW, _TOP, _FOOT = 30, 12, 44


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
    return "\n".join(_draw(answers, words, f"{identifier}-{form}", form) for form in ("wide", "narrow"))


def _draw(answers: Sequence[Answer], words: Words, stem: str, form: str) -> str:
    wide = form == "wide"
    width, left = (760, 392) if wide else (360, 14)
    right, row = width - 22, _ROW + (0 if wide else 16)
    end = _TOP + row * len(answers)
    svg = Element(
        "svg",
        {
            "class": f"plot {form}",
            "viewBox": f"0 0 {width} {end + _FOOT}",
            "role": "img",
            "aria-labelledby": f"{stem}-t {stem}-d",
        },
    )
    SubElement(svg, "title", {"id": f"{stem}-t"}).text = words.title
    SubElement(svg, "desc", {"id": f"{stem}-d"}).text = words.desc

    def x(value: float) -> float:
        return round(left + value * (right - left), 1)

    ticks = (0.0, 0.25, 0.5, 0.75, 1.0)
    kinds = [(limit, "prior") for limit, _ in LIKELIHOOD[:-1]] + [(v, "zero" if v == 0.5 else "grid") for v in ticks]
    # on a phone the labels stand above their marks, and no line runs through them
    strips = [(_TOP, end)] if wide else [(_TOP + row * k + 19, _TOP + row * (k + 1)) for k in range(len(answers))]
    for value, kind in kinds:
        for high, low in strips:
            _shape(svg, "line", kind, x1=x(value), y1=high, x2=x(value), y2=low)
    for value in ticks:
        _text(svg, x(value), end + 16, words.tick(value), "label small", "middle")
    _shape(svg, "line", "axis", x1=left, y1=end, x2=right, y2=end)
    _text(svg, (left + right) / 2, end + 34, words.axis, "muted small", "middle")
    for k, answer in enumerate(answers):
        y = _TOP + row * k
        _text(svg, 4, y + (19 if wide else 14), cut(answer.label, 55 if wide else 52), "label", "start")
        _marks(svg, answer, x, y + (15 if wide else 28))
    indent(svg, " ")
    return tostring(svg, encoding="unicode")


def _marks(svg: Element, answer: Answer, x: Callable[[float], float], y: int) -> None:
    _shape(svg, "line", "posterior c1", x1=x(answer.low), y1=y, x2=x(answer.high), y2=y)
    for value in answer.others:
        _shape(svg, "rect", "raw c2", x=round(x(value) - 4, 1), y=y - 4, width=8, height=8)
    _shape(svg, "circle", "posterior c1", cx=x(answer.chance), cy=y, r=4.5)


def _shape(parent: Element, tag: str, kind: str, **attributes: object) -> None:
    SubElement(parent, tag, {"class": kind, **{name: str(value) for name, value in attributes.items()}})


def _text(parent: Element, x: float, y: float, text: str, kind: str, anchor: str) -> None:
    SubElement(parent, "text", {"class": kind, "x": str(round(x, 1)), "y": str(y), "text-anchor": anchor}).text = text
