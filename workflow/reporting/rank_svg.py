"""Draw rank plots as inline SVG: for every design a row of histograms, with the band in which fair counts lie."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element, indent, tostring

from reporting.drawing import LEADING, frame, shape, text, wrap

_PANEL, _GAP = 74, 14


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
    share = (width - 8 + _GAP) / len(words.kinds)
    kinds = [wrap(kind, share - _GAP, "label strong small") for kind in words.kinds]
    labels = [wrap(label, width - 8, "label small") for label, _ in rows]
    heads = [11 + LEADING * len(lines) for lines in labels]
    y = 9 + LEADING * max(map(len, kinds))
    bottom = y + sum(head + _PANEL + _GAP for head in heads)
    svg = frame(identifier, form, (width, bottom + 14), words.title, words.desc)
    for column, lines in enumerate(kinds):
        text(svg, 4 + share * column, 14, lines, "label strong small")
    for (_, panels), lines, head in zip(rows, labels, heads):
        text(svg, 4, y + 17, lines, "label small")
        for column, bars in enumerate(panels):
            if bars:
                _panel(svg, bars, 4 + share * column, y + head, share - _GAP)
        y += head + _PANEL + _GAP
    text(svg, 4, bottom + 4, words.low, "muted small")
    text(svg, 4 + share - _GAP, bottom + 4, words.high, "muted small", "end")
    indent(svg, " ")
    return tostring(svg, encoding="unicode")


def _panel(svg: Element, bars: Bars, left: float, y: float, width: float) -> None:
    most = 1.1 * max(*bars.counts, bars.upper)

    def height(count: float) -> float:
        return round(_PANEL * count / most, 1)

    shape(svg, "rect", "band", x=left, y=y + _PANEL - height(bars.upper), width=width,
           height=height(bars.upper) - height(bars.lower))  # fmt: skip
    step = width / len(bars.counts)
    for k, count in enumerate(bars.counts):
        fair = bars.lower <= count <= bars.upper
        shape(svg, "rect", f"average c{1 if fair else 2}", x=left + step * k + 0.15 * step,
               y=y + _PANEL - height(count), width=0.7 * step, height=height(count))  # fmt: skip
    for count, kind in ((bars.lower, "grid"), (bars.upper, "grid"), (bars.expected, "zero")):
        level = y + _PANEL - height(count)
        shape(svg, "line", kind, x1=left, y1=level, x2=left + width, y2=level)
    shape(svg, "line", "axis", x1=left, y1=y + _PANEL, x2=left + width, y2=y + _PANEL)
