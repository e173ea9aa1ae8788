"""From all claims to those that are counted, drawn as systematic reviews do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from html import unescape
from xml.etree.ElementTree import tostring

from reporting.drawing import LEADING, frame, shape, text, wrap
from reporting.escape import clean
from reporting.material import Material


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
    texts = _texts(m)
    # on a phone the second box stands a little to the right, and the line down leads past it
    width, stem, left, across = (
        (760, 135, (10, 310, 10), (270, 440, 270)) if wide else (360, 18, (10, 30, 10), (340, 320, 340))
    )
    boxes = [_lines(words, room - 24) for words, room in zip(texts, across)]
    tall = [8 + LEADING * len(lines) for lines in boxes]
    top = [10, 34 + tall[0], 58 + tall[0] + tall[1]]
    total, reasons, *_ = counts(m)
    aside = reasons.total()
    said = say("evidence.flow_desc", total=total, pooled=total - aside, aside=aside)
    svg = frame("fig-flow", form, (width, top[2] + tall[2] + 10), say("evidence.flow_title"), said)
    start, below, beside, level = top[0] + tall[0], top[2] - 2, left[1] - 2, top[1] + 20
    shape(svg, "path", "axis", fill="none", d=f"M {stem} {start} V {below}")
    shape(svg, "polygon", "label", points=f"{stem},{below} {stem - 4},{below - 7} {stem + 4},{below - 7}")
    shape(svg, "path", "axis", fill="none", d=f"M {stem} {level} H {beside}")
    shape(svg, "polygon", "label", points=f"{beside},{level} {beside - 7},{level - 4} {beside - 7},{level + 4}")
    for x, y, room, high, lines in zip(left, top, across, tall, boxes):
        shape(svg, "rect", "axis", fill="none", x=x, y=y, width=room, height=high, rx=4)
        for k, (line, kind, indent) in enumerate(lines):
            text(svg, x + 12 + indent, y + 19 + LEADING * k, line, kind)
    return tostring(svg, encoding="unicode")


def _texts(m: Material) -> tuple[list[str], list[str], list[str]]:
    """Texts of the three boxes, the first of each strong."""
    say = m.language.say
    total, reasons, places, analyses = counts(m)
    sources = len({row["source"] for row in m.tables["claims"]})
    ordered = sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
    why = [f"{m.language.decimal(n, 0)}  {unescape(m.language.word('reason', code))}" for code, n in ordered]
    return (
        [say("flow.total", n=total), say("flow.sources", n=sources)],
        [say("flow.aside", n=reasons.total()), *why],
        [say("flow.pooled", n=total - reasons.total()), say("flow.places", n=places, k=analyses)],
    )


def _lines(texts: Sequence[str], room: float) -> list[tuple[str, str, int]]:
    """Lines of a box, each with its class and how far it is set in: what goes on from a line before stands under it."""
    lines = []
    for place, words in enumerate(texts):
        kind = "label small" if place else "label strong"
        first, *more = wrap(clean(words), room - 10, kind)
        lines += [(first, kind, 0), *((line, kind, 10) for line in more)]
    return lines
