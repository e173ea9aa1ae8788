"""Draw specification curves as inline SVG: one strip for each effect, answers sorted, wide and for phones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element, tostring

from reporting.drawing import LEADING, directions, frame, shape, stacked, text, wrap
from reporting.forest_svg import ticks


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
    chance: str
    tick: Callable[[float], str]


def draw(strips: Sequence[Strip], words: Words, identifier: str) -> str:
    """The drawing in two forms; `identifier` must be unique in the page."""
    return "\n".join(_draw(strips, words, identifier, form) for form in ("wide", "narrow"))


def _draw(strips: Sequence[Strip], words: Words, identifier: str, form: str) -> str:
    wide = form == "wide"
    width, left = (760, 262) if wide else (360, 18)
    right, top = width - (66 if wide else 18), 44
    labels = [_label(strip, left - 12 if wide else width - 80) for strip in strips]
    tall = [LEADING * len(lines) for lines in labels]
    rows = stacked(top, ((0, max(56, high + 12)) if wide else (high + 8, 46) for high in tall))
    bottom = rows[-1][2]
    ends = [value for strip in strips for answer in (*strip.answers, strip.primary) for value in answer]
    low, most = min(*ends, 0.0), max(*ends, 0.0)
    margin = 0.05 * (most - low or 1.0)
    low, most = low - margin, most + margin

    def x(value: float) -> float:
        return round(left + (value - low) / (most - low) * (right - left), 1)

    svg = frame(identifier, form, (width, bottom + 44), words.title, words.desc)
    for value in ticks(low, most, 8 if wide else 5):
        for y1, y2 in [(top, bottom)] if wide else [row[1:] for row in rows]:
            shape(svg, "line", "zero" if value == 0 else "grid", x1=x(value), x2=x(value), y1=y1, y2=y2)
        text(svg, x(value), bottom + 16, words.tick(value), "label small", "middle")
    shape(svg, "line", "axis", x1=left, x2=right, y1=bottom, y2=bottom)
    text(svg, (left + right) / 2, bottom + 34, words.axis, "muted small", "middle")
    over = (words.lower, words.higher, words.chance)
    directions(svg, over, x(0.0), width, (top - 8, top - 8 if wide else 14))
    for strip, lines, (y, marks, end) in zip(strips, labels, rows):
        middle = (y + end) / 2 + 4
        first = middle - LEADING * (len(lines) - 1) / 2 if wide else y + 17
        for k, (line, kind) in enumerate(lines):
            text(svg, 4, first + LEADING * k, line, kind)
        text(svg, width - 4, middle if wide else y + 17, strip.chance, "label", "end")
        _strip(svg, strip, x, marks + 6, end - marks - 12)
    return tostring(svg, encoding="unicode")


def _label(strip: Strip, room: float) -> list[tuple[str, str]]:
    """Lines of a label, each with its class: the component, and smaller what it is about."""
    first, _, rest = strip.label.partition(", ")
    parts = ((first, "label"), (rest, "muted small"))
    return [(line, kind) for words, kind in parts if words for line in wrap(words, room, kind)]


def _strip(svg: Element, strip: Strip, x: Callable[[float], float], top: float, height: float) -> None:
    """Ends of the intervals as thin lines, averages as a thick one; the lowest answer at the bottom."""
    step = height / max(len(strip.answers) - 1, 1)
    y = [
        round(top + height - step * k, 1) if len(strip.answers) > 1 else top + height / 2
        for k in range(len(strip.answers))
    ]
    for which, kind in ((1, "prior"), (2, "prior"), (0, "posterior c1")):
        points = " ".join(f"{x(answer[which])},{y[k]}" for k, answer in enumerate(strip.answers))
        shape(svg, "polyline", kind, fill="none", points=points)
    near = min(range(len(y)), key=lambda k: abs(strip.answers[k][0] - strip.primary[0]))
    shape(svg, "circle", "posterior c1", cx=x(strip.primary[0]), cy=y[near], r=4.5)
