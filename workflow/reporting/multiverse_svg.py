"""Draw specification curves as inline SVG: one strip for each effect, answers sorted, wide and for phones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement, tostring

from reporting.forest_svg import cut, ticks


@dataclass(frozen=True)
class Strip:
    """One effect: sorted answers (mean, lower, upper), the primary one, and what stands beside them."""

    label: str
    chance: str
    answers: Sequence[tuple[float, float, float]]
    primary: tuple[float, float, float]


@dataclass(frozen=True)
class Words:
    """Texts of a drawing, unescaped."""

    title: str
    desc: str
    lower: str
    higher: str
    axis: str
    tick: object  # function from a number to its text


def draw(strips: Sequence[Strip], words: Words, identifier: str) -> str:
    """The drawing in two forms; `identifier` must be unique in the page."""
    return "\n".join(_draw(strips, words, f"{identifier}-{form}", form == "wide") for form in ("wide", "narrow"))


def _draw(strips: Sequence[Strip], words: Words, stem: str, wide: bool) -> str:
    width, left = (760, 262) if wide else (360, 10)
    right, top, high = width - (66 if wide else 10), 44, 56 if wide else 84
    bottom = top + high * len(strips)
    ends = [value for strip in strips for answer in (*strip.answers, strip.primary) for value in answer]
    low, most = min(*ends, 0.0), max(*ends, 0.0)
    margin = 0.05 * (most - low or 1.0)
    low, most = low - margin, most + margin

    def x(value: float) -> float:
        return round(left + (value - low) / (most - low) * (right - left), 1)

    head = {"class": f"plot {'wide' if wide else 'narrow'}", "viewBox": f"0 0 {width} {bottom + 44}", "role": "img"}
    svg = Element("svg", head | {"aria-labelledby": f"{stem}-t {stem}-d"})
    SubElement(svg, "title", {"id": f"{stem}-t"}).text = words.title
    SubElement(svg, "desc", {"id": f"{stem}-d"}).text = words.desc
    for value in ticks(low, most, 8 if wide else 5):
        ends_ = {"x1": str(x(value)), "x2": str(x(value)), "y1": str(top), "y2": str(bottom)}
        SubElement(svg, "line", {"class": "zero" if value == 0 else "grid", **ends_})
        _text(svg, x(value), bottom + 16, words.tick(value), "label small", "middle")
    line = {"x1": str(left), "x2": str(right), "y1": str(bottom), "y2": str(bottom)}
    SubElement(svg, "line", {"class": "axis", **line})
    _text(svg, (left + right) / 2, bottom + 34, words.axis, "muted small", "middle")
    _text(svg, x(0.0) - 8, top - 8, words.lower, "muted small", "end")
    _text(svg, x(0.0) + 8, top - 8, words.higher, "muted small", "start")
    for k, strip in enumerate(strips):
        y = top + high * k
        first, _, rest = strip.label.partition(", ")
        _text(svg, 4, y + (24 if wide else 16), cut(first, 37), "label", "start")
        _text(svg, 4, y + (40 if wide else 30), cut(rest, 44), "muted small", "start")
        _text(svg, width - 4, y + (30 if wide else 16), strip.chance, "label", "end")
        _strip(svg, strip, x, y + (6 if wide else 38), high - (12 if wide else 44))
    return tostring(svg, encoding="unicode")


def _strip(svg: Element, strip: Strip, x, top: float, height: float) -> None:
    """Ends of the intervals as thin lines, averages as a thick one; the lowest answer at the bottom."""
    step = height / max(len(strip.answers) - 1, 1)
    y = [
        round(top + height - step * k, 1) if len(strip.answers) > 1 else top + height / 2
        for k in range(len(strip.answers))
    ]
    for which, kind in ((1, "prior"), (2, "prior"), (0, "posterior c1")):
        points = " ".join(f"{x(answer[which])},{y[k]}" for k, answer in enumerate(strip.answers))
        SubElement(svg, "polyline", {"class": kind, "fill": "none", "points": points})
    near = min(range(len(y)), key=lambda k: abs(strip.answers[k][0] - strip.primary[0]))
    mark = {"cx": str(x(strip.primary[0])), "cy": str(y[near]), "r": "4.5"}
    SubElement(svg, "circle", {"class": "posterior c1", **mark})


def _text(parent: Element, x: float, y: float, text: str, kind: str, anchor: str) -> None:
    given = {"class": kind, "x": str(round(x, 1)), "y": str(round(y, 1)), "text-anchor": anchor}
    SubElement(parent, "text", given).text = text
