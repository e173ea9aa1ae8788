"""When each trial ran, drawn from dates as coarse as they were published."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from html import unescape
from xml.etree.ElementTree import tostring

from reporting.drawing import LEADING, frame, shape, stacked, text, wrap
from reporting.escape import clean
from reporting.material import Material


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
    width, left = (760, 200) if wide else (360, 18)
    right, top = width - (12 if wide else 18), 12
    labels = [_label(m, row, left - 12) if wide else _label(m, row, width - 8) for row, *_ in trials]
    tall = [LEADING * len(lines) + 4 for lines in labels]
    rows = stacked(top, ((0, high) if wide else (high, 22) for high in tall))
    bottom = rows[-1][2]

    def x(year: float) -> float:
        return round(left + (min(year, last) - first) / (last - first) * (right - left), 1)

    said = [f"{unescape(m.site(row['municipality']))}: {_period(m, row)}" for row, *_ in trials]
    title = m.language.say("trials.timeline_title")
    svg = frame("fig-timeline", form, (width, bottom + 26), title, clean("; ".join(said) + "."))
    step = max(1, (last - first) // 8)
    for year in range(first, last + 1, step):
        for y1, y2 in [(top, bottom)] if wide else [each[1:] for each in rows]:
            shape(svg, "line", "grid", x1=x(year), x2=x(year), y1=y1, y2=y2)
        anchor = "start" if year == first else "end" if year == last else "middle"
        text(svg, x(year), bottom + 18, str(year), "label small", anchor)
    shape(svg, "line", "axis", x1=left, x2=right, y1=bottom, y2=bottom)
    for (_, start, end), lines, (y, marks, below) in zip(trials, labels, rows):
        for k, (line, kind) in enumerate(lines):
            text(svg, 4, y + 14 + LEADING * k, line, kind)
        middle = (marks + below) / 2
        solid = (start[1], end[0] if end else start[1])
        shape(svg, "line", "predict c1", x1=x(start[0]), x2=x(end[1] if end else last), y1=middle, y2=middle)
        if solid[1] > solid[0]:
            bar = x(solid[1]) - x(solid[0])
            shape(svg, "rect", "average c1", x=x(solid[0]), y=middle - 6, width=bar, height=12)
    return tostring(svg, encoding="unicode")


def _label(m: Material, row: Mapping[str, str], room: float) -> list[tuple[str, str]]:
    """Lines of a label, each with its class: the site, and smaller when its trial ran."""
    parts = ((clean(unescape(m.site(row["municipality"]))), "label"), (_period(m, row), "muted small"))
    return [(line, kind) for words, kind in parts for line in wrap(words, room, kind)]


def _period(m: Material, row: Mapping[str, str]) -> str:
    end = _short(m, row["end"]) if row.get("end") else m.language.say("trials.no_end")
    return f"{_short(m, row['start'])} – {end}"


def _short(m: Material, text: str) -> str:
    """Short month and year, or what else the package gives."""
    year, _, rest = text.partition("-")
    names = m.language.locale.months["format"]["abbreviated"]
    return f"{names[int(rest[:2])]} {year}" if bounds(text) and rest else text
