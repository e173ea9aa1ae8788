"""Draw a forest plot as inline SVG: a wide form and a narrow one for phones, coloured by the stylesheet."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element, indent, tostring

from reporting.drawing import LEADING, directions, frame, shape, text, wrap
from reporting.forest_rows import Forest, Group, Line, Span


@dataclass(frozen=True)
class Layout:
    """Where things stand, in units of the drawing."""

    name: str
    width: int
    left: int
    right: int
    label_width: int
    stacked: bool
    row: int = 32

    def header(self, group: Group) -> list[str]:
        """Name of a group in as many lines as it needs."""
        return wrap(group.label, self.width - 8 if self.stacked else self.label_width, "label strong")

    def label(self, line: Line) -> list[str]:
        """Label of a line in as many lines as it needs."""
        return wrap(line.label, self.label_width)

    def above(self, line: Line) -> int:
        """Height of the label of a line on a phone, where it stands above the marks; else nothing."""
        return 3 + LEADING * len(self.label(line)) if self.stacked else 0

    def height(self, line: Line) -> int:
        """Height of one line of the plot."""
        beside = 0 if self.stacked else 4 + LEADING * len(self.label(line))
        return max(self.row, beside) + self.above(line)

    def places(self, forest: Forest, top: int) -> Iterator[tuple[Group, int, list[tuple[Line, int]]]]:
        """Every group and its lines, each with where it begins."""
        for group in forest.groups:
            start, top = top, top + 9 + LEADING * len(self.header(group))
            lines = []
            for line in group.lines:
                lines.append((line, top))
                top += self.height(line)
            yield group, start, lines
            top += 10


WIDE = Layout("wide", 760, 262, 694, 242, stacked=False)
NARROW = Layout("narrow", 360, 18, 342, 290, stacked=True)
_TOP = 44


@dataclass(frozen=True)
class Words:
    """Texts of a drawing, unescaped."""

    title: str
    desc: str
    lower: str
    higher: str
    chance: str
    axis: str
    tick: Callable[[float], str]


@dataclass(frozen=True)
class _Scale:
    low: float
    high: float
    left: float
    right: float

    def x(self, value: float) -> float:
        bounded = min(max(value, self.low), self.high)
        return round(self.left + (bounded - self.low) / (self.high - self.low) * (self.right - self.left), 1)


def draw(forest: Forest, words: Words, layout: Layout, identifier: str) -> str:
    """Return the SVG element as text.

    Parameters
    ----------
    forest
        Rows to draw.
    words
        Title, description and axis texts.
    layout
        `WIDE` or `NARROW`.
    identifier
        Stem of the ids in the drawing; must be unique in the page.
    """
    low, high = limits(forest)
    scale = _Scale(low, high, layout.left, layout.right)
    places = list(layout.places(forest, _TOP))
    # on a phone the labels stand above their marks, and no line of the ground runs through them
    strips = [(y + layout.above(line) + 2, y + layout.height(line)) for _, _, lines in places for line, y in lines]
    end = strips[-1][1] + 10 if strips else _TOP
    svg = frame(identifier, layout.name, (layout.width, end + 44), words.title, words.desc)
    _ground(svg, forest, words, layout, scale, strips if layout.stacked else [(_TOP, end)], end)
    for group, y, lines in places:
        _group(svg, group, layout, scale, y, lines)
    indent(svg, " ")
    return tostring(svg, encoding="unicode")


def limits(forest: Forest) -> tuple[float, float]:
    """Ends of the axis: all estimates fit; raw evidence fits up to twice their reach, beyond it is cut."""
    core = [v for line in forest.lines for s in (line.posterior, line.prior) if s for v in (s.lower, s.upper)]
    raw = [
        v
        for line in forest.lines
        if line.raw
        for v in (line.raw.lower, line.raw.upper, line.raw.middle)
        if v is not None and math.isfinite(v)
    ]
    reach = max((abs(v) for v in [*core, *([] if core else raw), forest.delta or 0.0]), default=1.0) or 1.0
    values = [*core, *(max(min(v, 2 * reach), -2 * reach) for v in raw), 0.0]
    low, high = min(values), max(values)
    margin = 0.06 * (high - low or 1.0)
    return low - margin, high + margin


def ticks(low: float, high: float, count: int) -> list[float]:
    """Round values between the limits, about `count` of them, zero included."""
    rough = (high - low) / count
    power = 10 ** math.floor(math.log10(rough))
    step = next(m * power for m in (1, 2, 5, 10) if m * power >= rough)
    return [round(k * step, 10) for k in range(math.ceil(low / step), math.floor(high / step) + 1)]


def _ground(
    svg: Element,
    forest: Forest,
    words: Words,
    layout: Layout,
    scale: _Scale,
    strips: list[tuple[int, int]],
    end: int,
) -> None:
    """Shaded band of effects too small to matter, grid, line of no effect, axis and its texts."""
    values = ticks(scale.low, scale.high, 8 if layout is WIDE else 6)
    for top, bottom in strips:
        if forest.delta:
            left, right = scale.x(-forest.delta), scale.x(forest.delta)
            shape(svg, "rect", "band", x=left, y=top, width=right - left, height=bottom - top)
        for value in values:
            x = scale.x(value)
            shape(svg, "line", "zero" if value == 0 else "grid", x1=x, y1=top, x2=x, y2=bottom)
    for value in values:
        text(svg, scale.x(value), end + 16, words.tick(value), "label small", "middle")
    shape(svg, "line", "axis", x1=layout.left, y1=end, x2=layout.right, y2=end)
    text(svg, (layout.left + layout.right) / 2, end + 34, words.axis, "muted small", "middle")
    over = (words.lower, words.higher, words.chance)
    directions(svg, over, scale.x(0.0), layout.width, (_TOP - 8, 14 if layout.stacked else _TOP - 8))


def _group(svg: Element, group: Group, layout: Layout, scale: _Scale, y: int, lines: list[tuple[Line, int]]) -> None:
    """One site (or the averages): header, bracket, lines."""
    text(svg, 4, y + 17, layout.header(group), "label strong")
    if group.tied:
        shape(svg, "path", "tie", d=f"M 10 {lines[0][1] + 14} H 4 V {lines[-1][1] + 14} H 10", fill="none")
    for line, start in lines:
        shown = layout.label(line)
        first = start + (14 if layout.stacked else 19 if len(shown) == 1 else 13)
        text(svg, 16, first, shown, "label")
        if line.chance:
            text(svg, layout.width - 4, first, line.chance, "label", "end")
        _marks(svg, line, scale, start + layout.above(line))


def _marks(svg: Element, line: Line, scale: _Scale, y: int) -> None:
    """Raw evidence above, estimate below; the prior as a faint line under both."""
    colour = f" c{line.series}" if line.series else ""
    if line.raw:
        _raw(svg, line.raw, line.is_number, scale, y + 9, colour)
    if line.prior:
        shape(
            svg,
            "line",
            "prior",
            x1=scale.x(line.prior.lower),
            y1=y + 26,
            x2=scale.x(line.prior.upper),
            y2=y + 26,
        )
    if line.posterior and line.style == "average":
        _diamond(svg, line.posterior, scale, y + 15, colour)
    elif line.posterior:
        _interval(svg, line, scale, y + (15 if line.style == "predict" else 22), colour)


def _raw(svg: Element, span: Span, number: bool, scale: _Scale, y: int, colour: str) -> None:
    """A number: line and open point. A statement or rounded number: open box, pointed where it has no end."""
    left, right = scale.x(span.lower), scale.x(span.upper)
    down, up = span.lower < scale.low, span.upper > scale.high
    if number:
        shape(svg, "line", "raw" + colour, x1=left, y1=y, x2=right, y2=y)
        shape(svg, "circle", "raw" + colour, cx=scale.x(span.middle), cy=y, r=4)
        return
    start = f"M {left + 7} {y - 4} L {left} {y} L {left + 7} {y + 4}" if down else f"M {left} {y - 4} V {y + 4}"
    end = f"H {right - 7} L {right} {y} L {right - 7} {y - 4}" if up else f"H {right} V {y - 4}"
    shape(svg, "path", "raw" + colour, d=f"{start} {end} Z", fill="none")


def _interval(svg: Element, line: Line, scale: _Scale, y: int, colour: str) -> None:
    """The interval as a line, 50 % as a thicker one, median as a filled mark."""
    span, kind = line.posterior, "predict" if line.style == "predict" else "posterior"
    left, right, middle = scale.x(span.lower), scale.x(span.upper), scale.x(span.middle)
    shape(svg, "line", kind + colour, x1=left, y1=y, x2=right, y2=y)
    if span.inner:
        shape(
            svg,
            "line",
            f"{kind} inner{colour}",
            x1=scale.x(span.inner[0]),
            y1=y,
            x2=scale.x(span.inner[1]),
            y2=y,
        )
    if kind == "posterior":
        shape(svg, "circle", kind + colour, cx=middle, cy=y, r=4.5)
        return
    for x in (left, right):
        shape(svg, "line", kind + colour, x1=x, y1=y - 5, x2=x, y2=y + 5)
    shape(svg, "rect", kind + colour, x=round(middle - 4, 1), y=y - 4, width=8, height=8)


def _diamond(svg: Element, span: Span, scale: _Scale, y: int, colour: str) -> None:
    left, middle, right = scale.x(span.lower), scale.x(span.middle), scale.x(span.upper)
    shape(svg, "polygon", "average" + colour, points=f"{left},{y} {middle},{y - 8} {right},{y} {middle},{y + 8}")
