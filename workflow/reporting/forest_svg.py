"""Draw a forest plot as inline SVG: a wide form and a narrow one for phones, coloured by the stylesheet."""

from __future__ import annotations

import math
import textwrap
from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from reporting.forest_rows import Forest, Group, Line, Span

_LETTER = 6.7  # mean width of a letter at 13 units: enough to break a label before it runs into the plot
_LEADING = 15  # from one line of a label to the next


@dataclass(frozen=True)
class Layout:
    """Where things stand, in units of the drawing."""

    name: str
    width: int
    left: int
    right: int
    label_width: int
    stacked: bool
    header: int = 24
    row: int = 32

    def label(self, text: str) -> list[str]:
        """A label in as many lines as it needs, three at most."""
        return wrap(text, int(self.label_width / _LETTER), 3)

    def above(self, line: Line) -> int:
        """Height of the label of a line on a phone, where it stands above the marks; else nothing."""
        return 3 + _LEADING * len(self.label(line.label)) if self.stacked else 0

    def height(self, line: Line) -> int:
        """Height of one line of the plot."""
        beside = 0 if self.stacked else 4 + _LEADING * len(self.label(line.label))
        return max(self.row, beside) + self.above(line)


WIDE = Layout("wide", 760, 262, 694, 242, stacked=False)
NARROW = Layout("narrow", 360, 10, 350, 280, stacked=True)


@dataclass(frozen=True)
class Words:
    """Texts of a drawing, unescaped."""

    title: str
    desc: str
    lower: str
    higher: str
    chance: str
    axis: str
    tick: object  # function from a number to its text


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
    top = 44
    height = top + sum(layout.header + sum(map(layout.height, g.lines)) + 10 for g in forest.groups) + 44
    stem = f"{identifier}-{layout.name}"
    svg = Element(
        "svg",
        {
            "class": f"plot {layout.name}",
            "viewBox": f"0 0 {layout.width} {height}",
            "role": "img",
            "aria-labelledby": f"{stem}-t {stem}-d",
        },
    )
    SubElement(svg, "title", {"id": f"{stem}-t"}).text = words.title
    SubElement(svg, "desc", {"id": f"{stem}-d"}).text = words.desc
    _ground(svg, forest, words, layout, scale, top, height - 44)
    y = top
    for group in forest.groups:
        y = _group(svg, group, layout, scale, y)
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


def _ground(svg: Element, forest: Forest, words: Words, layout: Layout, scale: _Scale, top: int, end: int) -> None:
    """Shaded band of effects too small to matter, grid, line of no effect, axis and its texts."""
    if forest.delta:
        left, right = scale.x(-forest.delta), scale.x(forest.delta)
        _shape(svg, "rect", "band", x=left, y=top, width=round(right - left, 1), height=end - top)
    for value in ticks(scale.low, scale.high, 8 if layout is WIDE else 6):
        x = scale.x(value)
        _shape(svg, "line", "zero" if value == 0 else "grid", x1=x, y1=top, x2=x, y2=end)
        _text(svg, x, end + 16, words.tick(value), "label small", "middle")
    _shape(svg, "line", "axis", x1=layout.left, y1=end, x2=layout.right, y2=end)
    _text(svg, (layout.left + layout.right) / 2, end + 34, words.axis, "muted small", "middle")
    zero = scale.x(0.0)
    _text(svg, zero - 8, top - 8, words.lower, "muted small", "end")
    _text(svg, zero + 8, top - 8, words.higher, "muted small", "start")
    _text(svg, layout.width - 4, 14 if layout.stacked else top - 8, words.chance, "muted small", "end")


def _group(svg: Element, group: Group, layout: Layout, scale: _Scale, y: int) -> int:
    """One site (or the averages): header, bracket, lines. Returns where the next group begins."""
    _text(svg, 4, y + 17, cut(group.label, layout.width // 8), "label strong", "start")
    y += layout.header
    if group.tied:
        last = y + sum(map(layout.height, group.lines)) - layout.height(group.lines[-1]) + 14
        _shape(svg, "path", "tie", d=f"M 10 {y + 14} H 4 V {last} H 10", fill="none")
    for line in group.lines:
        _label(svg, line, layout, y)
        _marks(svg, line, scale, y + layout.above(line))
        y += layout.height(line)
    return y + 10


def _label(svg: Element, line: Line, layout: Layout, y: int) -> None:
    shown = layout.label(line.label)
    first = y + (14 if layout.stacked else 19 if len(shown) == 1 else 13)
    text = _text(svg, 16, first, shown[0], "label", "start")
    for more in shown[1:]:
        SubElement(text, "tspan", {"x": "16", "dy": str(_LEADING)}).text = more
    if shown[-1].endswith("…") and not line.label.endswith("…"):
        SubElement(text, "title").text = line.label
    if line.chance:
        _text(svg, layout.width - 4, first, line.chance, "label", "end")


def _marks(svg: Element, line: Line, scale: _Scale, y: int) -> None:
    """Raw evidence above, estimate below; the prior as a faint line under both."""
    colour = f" c{line.series}" if line.series else ""
    if line.raw:
        _raw(svg, line.raw, line.is_number, scale, y + 9, colour)
    if line.prior:
        _shape(
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
        _shape(svg, "line", "raw" + colour, x1=left, y1=y, x2=right, y2=y)
        _shape(svg, "circle", "raw" + colour, cx=scale.x(span.middle), cy=y, r=4)
        return
    start = f"M {left + 7} {y - 4} L {left} {y} L {left + 7} {y + 4}" if down else f"M {left} {y - 4} V {y + 4}"
    end = f"H {right - 7} L {right} {y} L {right - 7} {y - 4}" if up else f"H {right} V {y - 4}"
    _shape(svg, "path", "raw" + colour, d=f"{start} {end} Z", fill="none")


def _interval(svg: Element, line: Line, scale: _Scale, y: int, colour: str) -> None:
    """95 % interval as a line, 50 % as a thicker one, median as a filled mark."""
    span, kind = line.posterior, "predict" if line.style == "predict" else "posterior"
    left, right, middle = scale.x(span.lower), scale.x(span.upper), scale.x(span.middle)
    _shape(svg, "line", kind + colour, x1=left, y1=y, x2=right, y2=y)
    if span.inner:
        _shape(
            svg,
            "line",
            f"{kind} inner{colour}",
            x1=scale.x(span.inner[0]),
            y1=y,
            x2=scale.x(span.inner[1]),
            y2=y,
        )
    if kind == "posterior":
        _shape(svg, "circle", kind + colour, cx=middle, cy=y, r=4.5)
        return
    for x in (left, right):
        _shape(svg, "line", kind + colour, x1=x, y1=y - 5, x2=x, y2=y + 5)
    _shape(svg, "rect", kind + colour, x=round(middle - 4, 1), y=y - 4, width=8, height=8)


def _diamond(svg: Element, span: Span, scale: _Scale, y: int, colour: str) -> None:
    left, middle, right = scale.x(span.lower), scale.x(span.middle), scale.x(span.upper)
    _shape(svg, "polygon", "average" + colour, points=f"{left},{y} {middle},{y - 8} {right},{y} {middle},{y + 8}")


def wrap(text: str, letters: int, most: int) -> list[str]:
    """Text in lines of at most so many letters; what does not fit into so many lines is cut off."""
    lines = textwrap.wrap(text, letters, break_on_hyphens=False) or [""]
    return lines if len(lines) <= most else [*lines[: most - 1], cut(" ".join(lines[most - 1 :]), letters)]


def cut(text: str, letters: int) -> str:
    """Text cut to a number of letters, with an ellipsis where something is missing."""
    return text if len(text) <= letters else text[: letters - 1].rstrip() + "…"


def _shape(parent: Element, tag: str, kind: str, **attributes: object) -> Element:
    named = {name: str(value) for name, value in attributes.items()}
    return SubElement(parent, tag, {"class": kind, **named})


def _text(parent: Element, x: float, y: float, text: str, kind: str, anchor: str) -> Element:
    element = SubElement(parent, "text", {"class": kind, "x": str(round(x, 1)), "y": str(y), "text-anchor": anchor})
    element.text = text
    return element
