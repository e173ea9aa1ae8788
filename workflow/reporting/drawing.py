"""What all drawings share: the frame, shapes, and texts that are broken into lines and never cut."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from xml.etree.ElementTree import Element, SubElement

#: From one line of a text to the next, in units of the drawing.
LEADING = 15


def frame(identifier: str, form: str, size: tuple[float, float], title: str, desc: str) -> Element:
    """An empty drawing.

    Parameters
    ----------
    identifier
        Stem of the ids in the drawing; must be unique in the page.
    form
        `wide`, or `narrow` for phones.
    size
        Width and height in units of the drawing.
    title, desc
        What a screen reader says, unescaped.
    """
    stem = f"{identifier}-{form}"
    box = f"0 0 {size[0]:g} {size[1]:g}"
    head = {"class": f"plot {form}", "viewBox": box, "role": "img", "aria-labelledby": f"{stem}-t {stem}-d"}
    svg = Element("svg", head)
    SubElement(svg, "title", {"id": f"{stem}-t"}).text = title
    SubElement(svg, "desc", {"id": f"{stem}-d"}).text = desc
    return svg


def shape(parent: Element, tag: str, kind: str, **attributes: float | str) -> None:
    """A mark of a class; numbers are rounded to a tenth of a unit."""
    named = {name: value if isinstance(value, str) else _short(value) for name, value in attributes.items()}
    SubElement(parent, tag, {"class": kind, **named})


def text(parent: Element, x: float, y: float, words: str | Sequence[str], kind: str, anchor: str = "start") -> None:
    """A text, or its lines one under another, the first of which stands at the place given."""
    first, *more = [words] if isinstance(words, str) else words
    element = SubElement(parent, "text", {"class": kind, "x": _short(x), "y": _short(y), "text-anchor": anchor})
    element.text = first
    for line in more:
        SubElement(element, "tspan", {"x": _short(x), "dy": str(LEADING)}).text = line


def wrap(words: str, room: float, kind: str = "label") -> list[str]:
    """Lines of a text that fit into so many units; a longer word is broken."""
    return textwrap.wrap(words, max(int(room / _letter(kind)), 1), break_on_hyphens=False) or [""]


def stacked(top: float, heights: Iterable[tuple[float, float]]) -> list[tuple[float, float, float]]:
    """Rows one under another, of the heights of label and marks: where each begins, its marks begin, and it ends.

    On a phone labels stand above their marks, so that no line of the ground need run through them; elsewhere they
    stand beside them and have no height of their own.
    """
    rows = []
    for label, marks in heights:
        rows.append((top, top + label, top + label + marks))
        top = rows[-1][2]
    return rows


def directions(
    svg: Element, words: tuple[str, str, str], zero: float, width: float, levels: tuple[float, float]
) -> None:
    """Over a plot: what lies on either side of no effect, and what the column at the right holds.

    Parameters
    ----------
    words
        Below, above, and the column's name.
    zero
        Where no effect is; near an edge the texts move away from it.
    levels
        Height of the first two, and of the third.
    """
    lower, higher, column = words
    kind = "muted small"
    rim = 4 + (breadth(column, kind) + 8 if levels[0] == levels[1] else 0)
    middle = min(max(zero, 12 + breadth(lower, kind)), width - rim - 8 - breadth(higher, kind))
    text(svg, middle - 8, levels[0], lower, kind, "end")
    text(svg, middle + 8, levels[0], higher, kind)
    text(svg, width - 4, levels[1], column, kind, "end")


def breadth(words: str, kind: str = "label") -> float:
    """Units that a text takes, about."""
    return len(words) * _letter(kind)


def _letter(kind: str) -> float:
    """Mean width of a letter of a wide typeface: 13 units high, 11 where it is small."""
    return (9.0 if "strong" in kind else 7.5) * (11 / 13 if "small" in kind else 1)


def _short(value: float) -> str:
    return f"{round(value, 1):g}"
