"""When each trial ran, drawn from dates as coarse as they were published."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from html import unescape
from xml.etree.ElementTree import Element, SubElement, tostring

from reporting.escape import clean
from reporting.forest_svg import cut
from reporting.material import Material

_ROW = 34


def bounds(text: str) -> tuple[float, float] | None:
    """First and last moment that a year, a month or a day can mean, in years; None for anything else.

    >>> bounds("2018"), bounds("2018-07")
    ((2018.0, 2019.0), (2018.5, 2018.5833333333333))
    """
    parts = text.split("-")
    if not all(part.isdigit() for part in parts) or not 1 <= len(parts) <= 3:
        return None
    year, month, day = (int(part) for part in (*parts, *"00")[:3])
    if month > 12 or (len(parts) > 1 and month < 1):
        return None
    if len(parts) == 1:
        return float(year), year + 1.0
    if len(parts) == 2:
        return year + (month - 1) / 12, year + month / 12
    days = monthrange(year, month)[1]
    if not 1 <= day <= days:
        return None
    moment = year + (month - 1 + (day - 1) / days) / 12
    return moment, moment


def dated(m: Material) -> list[tuple[Mapping[str, str], tuple[float, float], tuple[float, float] | None]]:
    """Sites whose start can be read, by start, with the bounds of start and end (None: not published)."""
    found = []
    for row in m.municipalities.values():
        if row["kind"] == "site" and (start := bounds(row.get("start", ""))):
            found.append((row, start, bounds(row.get("end", ""))))
    return sorted(found, key=lambda item: (item[1], item[0]["name"].casefold()))


def draw(m: Material) -> str:
    """The timeline in two forms, wide and narrow, as inline SVG; empty without dates."""
    return "\n".join(_draw(m, form) for form in ("wide", "narrow")) if dated(m) else ""


def _draw(m: Material, form: str) -> str:
    trials, wide = dated(m), form == "wide"
    first = int(min(start[0] for _, start, _ in trials))
    ends = [limit for _, start, end in trials for limit in (start[1], (end or start)[1])]
    last = int(max(ends)) + 1
    width, left = (760, 200) if wide else (360, 8)
    right, top, high = width - 12, 12, _ROW + (0 if wide else 18)
    bottom = top + high * len(trials)

    def x(year: float) -> float:
        return round(left + (min(year, last) - first) / (last - first) * (right - left), 1)

    stem = f"fig-timeline-{form}"
    head = {"class": f"plot {form}", "viewBox": f"0 0 {width} {bottom + 26}", "role": "img"}
    svg = Element("svg", head | {"aria-labelledby": f"{stem}-t {stem}-d"})
    SubElement(svg, "title", {"id": f"{stem}-t"}).text = m.language.say("trials.timeline_title")
    said = [f"{unescape(m.site(row['municipality']))}: {_period(m, row)}" for row, *_ in trials]
    SubElement(svg, "desc", {"id": f"{stem}-d"}).text = clean("; ".join(said) + ".")
    step = max(1, (last - first) // 8)
    for year in range(first, last + 1, step):
        _line(svg, "grid", x(year), top, x(year), bottom)
        anchor = "start" if year == first else "end" if year == last else "middle"
        _text(svg, x(year), bottom + 18, str(year), "label small", anchor)
    _line(svg, "axis", left, bottom, right, bottom)
    for k, (row, start, end) in enumerate(trials):
        y = top + high * k
        name = unescape(m.site(row["municipality"]))
        if wide:
            _text(svg, 4, y + 14, cut(name, 27), "label", "start")
            _text(svg, 4, y + 28, _period(m, row), "muted small", "start")
        else:
            _text(svg, left, y + 16, cut(f"{name}, {_period(m, row)}", 52), "label small", "start")
        middle = y + 17 + (0 if wide else 14)
        solid = (start[1], end[0] if end else start[1])
        _line(svg, "predict c1", x(start[0]), middle, x(end[1] if end else last), middle)
        if solid[1] > solid[0]:
            bar = {"class": "average c1", "x": str(x(solid[0])), "y": str(middle - 6), "height": "12"}
            SubElement(svg, "rect", bar | {"width": str(round(x(solid[1]) - x(solid[0]), 1))})
    return tostring(svg, encoding="unicode")


def _period(m: Material, row: Mapping[str, str]) -> str:
    end = _short(m, row["end"]) if row.get("end") else m.language.say("trials.no_end")
    return f"{_short(m, row['start'])} – {end}"


def _short(m: Material, text: str) -> str:
    """Short month and year, or what else the package gives."""
    year, _, rest = text.partition("-")
    names = m.language.locale.months["format"]["abbreviated"]
    return f"{names[int(rest[:2])]} {year}" if bounds(text) and rest else text


def _line(svg: Element, kind: str, x1: float, y1: float, x2: float, y2: float) -> None:
    ends = {"x1": x1, "y1": y1, "x2": x2, "y2": y2}
    SubElement(svg, "line", {"class": kind, **{key: str(value) for key, value in ends.items()}})


def _text(svg: Element, x: float, y: float, text: str, kind: str, anchor: str) -> None:
    given = {"class": kind, "x": str(x), "y": str(y), "text-anchor": anchor}
    SubElement(svg, "text", given).text = clean(text)
