"""Draw rank plots as inline SVG: for every design a row of histograms, with the band in which fair counts lie."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from reporting.forest_svg import cut

_HEAD, _PANEL, _GAP = 26, 74, 14


@dataclass(frozen=True)
class Bars:
    """One histogram: counts from left to right, and the range in which each lies if the method is calibrated."""

    counts: tuple[int, ...]
    lower: float
    upper: float
    expected: float


@dataclass(frozen=True)
class Words:
    """Texts of a drawing, unescaped."""

    title: str
    desc: str
    kinds: tuple[str, ...]
    low: str
    high: str


def draw(rows: Sequence[tuple[str, Sequence[Bars | None]]], words: Words, wide: bool, identifier: str) -> str:
    """Return the SVG element as text.

    Parameters
    ----------
    rows
        Label of each design, and its histogram for each kind of evidence (None where there is none).
    words
        Texts.
    wide
        The form for screens and paper, else that for phones.
    identifier
        Stem of the ids in the drawing; must be unique in the page.
    """
    width, form = (760, "wide") if wide else (360, "narrow")
    top, step = 24, _HEAD + _PANEL + _GAP
    height = top + step * len(rows) + 14
    stem = f"{identifier}-{form}"
    head = {"class": f"plot {form}", "viewBox": f"0 0 {width} {height}", "role": "img"}
    svg = Element("svg", head | {"aria-labelledby": f"{stem}-t {stem}-d"})
    SubElement(svg, "title", {"id": f"{stem}-t"}).text = words.title
    SubElement(svg, "desc", {"id": f"{stem}-d"}).text = words.desc
    share = (width - 8 + _GAP) / len(words.kinds)
    for column, kind in enumerate(words.kinds):
        _text(svg, 4 + share * column, 14, kind, "label strong small", "start")
    for line, (label, panels) in enumerate(rows):
        y = top + step * line
        _text(svg, 4, y + 17, cut(label, width // 8), "label small", "start")
        for column, bars in enumerate(panels):
            if bars:
                _panel(svg, bars, 4 + share * column, y + _HEAD, share - _GAP)
    bottom = top + step * len(rows)
    _text(svg, 4, bottom + 4, words.low, "muted small", "start")
    _text(svg, 4 + share - _GAP, bottom + 4, words.high, "muted small", "end")
    indent(svg, " ")
    return tostring(svg, encoding="unicode")


def _panel(svg: Element, bars: Bars, left: float, y: float, width: float) -> None:
    most = 1.1 * max(*bars.counts, bars.upper)

    def height(count: float) -> float:
        return round(_PANEL * count / most, 1)

    _shape(svg, "rect", "band", x=left, y=y + _PANEL - height(bars.upper), width=width,
           height=height(bars.upper) - height(bars.lower))  # fmt: skip
    step = width / len(bars.counts)
    for k, count in enumerate(bars.counts):
        fair = bars.lower <= count <= bars.upper
        _shape(svg, "rect", f"average c{1 if fair else 2}", x=left + step * k + 0.15 * step,
               y=y + _PANEL - height(count), width=0.7 * step, height=height(count))  # fmt: skip
    for count, kind in ((bars.lower, "grid"), (bars.upper, "grid"), (bars.expected, "zero")):
        level = y + _PANEL - height(count)
        _shape(svg, "line", kind, x1=left, y1=level, x2=left + width, y2=level)
    _shape(svg, "line", "axis", x1=left, y1=y + _PANEL, x2=left + width, y2=y + _PANEL)


def _shape(parent: Element, tag: str, kind: str, **attributes: float) -> None:
    SubElement(parent, tag, {"class": kind, **{name: str(round(value, 1)) for name, value in attributes.items()}})


def _text(parent: Element, x: float, y: float, text: str, kind: str, anchor: str) -> None:
    given = {"class": kind, "x": str(round(x, 1)), "y": str(round(y, 1)), "text-anchor": anchor}
    SubElement(parent, "text", given).text = text
