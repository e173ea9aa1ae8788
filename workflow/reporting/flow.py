"""From all claims to those that are counted, drawn as systematic reviews do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from html import unescape
from xml.etree.ElementTree import Element, SubElement, tostring

from reporting.escape import clean
from reporting.forest_svg import cut
from reporting.material import Material

_LINE = 18


def counts(m: Material) -> tuple[int, Counter[str], int, int]:
    """Number of claims, those set aside by reason, of places with a counted claim, and of analyses."""
    claims = m.tables["claims"]
    reasons = Counter(row["reason"] for row in claims if row["status"] != "pooled")
    counted = [row for row in claims if row["status"] == "pooled"]
    analyses = {name for row in counted for name in row["analysis"].replace(";", " ").split()}
    return len(claims), reasons, len({row["municipality"] for row in counted}), len(analyses)


def draw(m: Material) -> str:
    """The flow in two forms, wide and narrow, as inline SVG."""
    return "\n".join(_draw(m, form) for form in ("wide", "narrow"))


def _draw(m: Material, form: str) -> str:
    """Boxes: all claims; to the right (on a phone below) what was set aside; below, what is counted."""
    say, wide = m.language.say, form == "wide"
    total, reasons, places, analyses = counts(m)
    sources = len({row["source"] for row in m.tables["claims"]})
    width, box = (760, 270) if wide else (360, 340)
    aside = [say("flow.aside", n=reasons.total())] + [
        f"{n}  {unescape(m.language.word('reason', code))}"
        for code, n in sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
    ]
    pooled = total - reasons.total()
    first = [say("flow.total", n=total), say("flow.sources", n=sources)]
    last = [
        say("flow.pooled", n=pooled),
        say("flow.places", n=places, k=analyses),
    ]
    tall = {name: 20 + _LINE * len(lines) for name, lines in (("a", first), ("b", aside), ("c", last))}
    if wide:
        middle = 10 + tall["a"] + 24
        bottom = middle + tall["b"] + 24
        height = bottom + tall["c"] + 10
        boxes = [(10, 10, box, first), (310, middle, 440, aside), (10, bottom, box, last)]
        down = f"M 135 {10 + tall['a']} V {bottom - 2}"
        lines = [down, f"M 135 {middle + 20} H 308"]
    else:
        middle = 10 + tall["a"] + 24
        bottom = middle + tall["b"] + 24
        height = bottom + tall["c"] + 10
        boxes = [(10, 10, box, first), (30, middle, box - 20, aside), (10, bottom, box, last)]
        lines = [f"M 18 {10 + tall['a']} V {bottom - 2}", f"M 18 {middle + 20} H 28"]
    stem = f"fig-flow-{form}"
    svg = Element(
        "svg",
        {
            "class": f"plot {form}",
            "viewBox": f"0 0 {width} {height}",
            "role": "img",
            "aria-labelledby": f"{stem}-t {stem}-d",
        },
    )
    SubElement(svg, "title", {"id": f"{stem}-t"}).text = say("evidence.flow_title")
    SubElement(svg, "desc", {"id": f"{stem}-d"}).text = say(
        "evidence.flow_desc", total=total, pooled=pooled, aside=reasons.total()
    )
    for path in lines:
        SubElement(svg, "path", {"class": "axis", "fill": "none", "d": path})
        x, y = _end(path)
        across = path.rsplit(" ", 2)[1] == "H"
        points = f"{x},{y} {x - 7},{y - 4} {x - 7},{y + 4}" if across else f"{x},{y} {x - 4},{y - 7} {x + 4},{y - 7}"
        SubElement(svg, "polygon", {"class": "label", "points": points})
    for x, y, across, texts in boxes:
        _box(svg, x, y, across, texts)
    return tostring(svg, encoding="unicode")


def _end(path: str) -> tuple[float, float]:
    """Where `M x y V y` or `M x y H x` ends."""
    _, x, y, way, value = path.split()
    return (float(x), float(value)) if way == "V" else (float(value), float(y))


def _box(svg: Element, x: float, y: float, width: float, lines: Sequence[str]) -> None:
    """A frame with a strong first line and further lines."""
    given = {"x": x, "y": y, "width": width, "height": 20 + _LINE * len(lines), "rx": 4}
    SubElement(svg, "rect", {"class": "axis", "fill": "none", **{k: str(v) for k, v in given.items()}})
    for k, text in enumerate(lines):
        shown = cut(clean(text), int((width - 24) / (7.4 if k == 0 else 5.5)))
        kind = "label strong" if k == 0 else "label small"
        SubElement(svg, "text", {"class": kind, "x": str(x + 12), "y": str(y + 24 + _LINE * k)}).text = shown
