"""What is outside the declared subset (reports/README.md), found in a page's text with file and line."""

import re
from bisect import bisect_right
from pathlib import Path

from .safety import refused

CALLOUTS = tuple(f"callout-{kind}" for kind in ("note", "tip", "important", "warning", "caution"))
BLOCKS = ("answer", "cards", "card", "facts", "legend", "small", "downloads", "languages")
CLASSES = (*CALLOUTS, *BLOCKS, "panel-tabset", "num", "unnumbered")
ATTRIBUTES = ("fig-alt", "lang", "dir")

FENCE = re.compile(r"^[ \t]*(`{3,}|~{3,})[ \t]*([^\n]*)\n((?:.*\n)*?)[ \t]*\1[ \t]*$", re.M)
HIDDEN = re.compile(  # what is not prose, none of it across a blank line: escapes, code, formulas
    r"\\[^\w\s]|(?P<tick>`+)(?!`)(?:(?!\n\s*\n).)+?(?<!`)(?P=tick)(?!`)"
    r"|\$\$(?:(?!\n\s*\n).)+?\$\$|\$(?!\s)(?:\\.|[^$\\\n])+?(?<!\s)\$(?!\d)",
    re.S,
)
ATTRIBUTE_LIST = re.compile(r"\{([#.=][^{}]*|[\w-]+=[^{}]*)\}")
ATTRIBUTE = re.compile(r"""#[\w-]+|\.(?P<cls>[\w-]+)|(?P<key>[\w-]+)=(?:"[^"]*"|'[^']*'|\S+)|(?P<bad>\S+)""")
MENTION = re.compile(r"(?<![\w@])@(\w[\w-]*(?:[:.#$%&+?/]\w[\w-]*)*)")
IMAGE = re.compile(r"!\[[^\n]*?\]\(([^)\s]*)[^)]*\)(\{[^}]*\})?")
BLOCK = re.compile(r"[ \t]*:{3,}[ \t]*(.*?)[ \t:]*$")
FAULTS = {  # whatever of this stands in prose
    r"<(?!https?://|mailto:)[A-Za-z/!?]": "raw HTML: write Markdown, or let a rule write a {=html} fragment",
    r"\\[A-Za-z]+": "LaTeX command outside a formula: write Markdown",
    r"(?m)^[ \t]*(`{3,}|~{3,})": "code block is not closed: add a line of the same fence after it",
}


class Part:
    """A stretch of the page and what is wrong in it; `places` is (file, line) of each of its lines."""

    def __init__(self, text: str, places: list[tuple[str, int]], found: dict):
        self.text, self.places, self.found = text, places, found
        self.starts = [0, *(end.end() for end in re.finditer("\n", text))]

    def place(self, offset: int, further: int = 0) -> tuple[str, int]:
        """File and line of an offset, or of the line so many further."""
        return self.places[min(bisect_right(self.starts, offset) - 1 + further, len(self.places) - 1)]

    def fault(self, offset: int, message: str, further: int = 0) -> None:
        """Note one fault; a dict keeps their order and drops repeats."""
        self.found[(*self.place(offset, further), message)] = None


def check(part: Part, known: set[str], folder: Path) -> None:
    """Note everything outside the subset; `known` are the ids and citation keys that may be mentioned."""
    for fence in FENCE.finditer(part.text):
        at, info = fence.start(2), fence[2].strip()
        if info == "{=html}" and part.place(at)[0].startswith("_generated/"):
            for line, reason in refused(fence[3]):
                part.fault(fence.start(3), reason, line)
        elif info.startswith("{") and not info.startswith("{."):
            part.fault(at, f"code cell or raw block {info}: let a rule write a fragment, raw as {{=html}}")
    prose = HIDDEN.sub(_blank, FENCE.sub(_blank, part.text))
    for pattern, message in FAULTS.items():
        for match in re.finditer(pattern, prose):
            part.fault(match.start(), message)
    for mention in MENTION.finditer(prose):
        if mention[1] not in known:
            part.fault(mention.start(), f"@{mention[1]} is no fig-, tbl-, sec- or eq- id and no citation key")
    for image in IMAGE.finditer(prose):
        if not image[1].endswith(".svg") or not (folder / image[1]).is_file():
            part.fault(image.start(), f"image {image[1]!r}: use an SVG file that a rule writes to _generated/")
        if "fig-alt=" not in (image[2] or ""):
            part.fault(image.start(), 'no alternative text: add {#fig-name fig-alt="what it shows"}')
    for attributes in ATTRIBUTE_LIST.finditer(prose):
        for given in ATTRIBUTE.finditer(attributes[1]):
            fine = given["key"] in ATTRIBUTES or (given["key"] or "data-").startswith("data-")
            if given["bad"] or not fine or (given["cls"] or "num") not in CLASSES:
                allowed = f"an #id, .{' .'.join(CLASSES)}, {' '.join(ATTRIBUTES)} and data-…"
                part.fault(attributes.start(), f"{given[0]} is not in the subset: use {allowed}")
    _check_lines(part, prose.split("\n"))


def _blank(match: re.Match) -> str:
    return re.sub(r"[^\n]", " ", match[0])


def _check_lines(part: Part, lines: list[str]) -> None:
    """Note blocks that do not open or close, and headings that Pandoc would take for text."""
    opened = []
    for at, line, before in zip(part.starts, lines, ["", *lines]):
        block, apart = BLOCK.match(line), not before.strip() or BLOCK.match(before)
        if re.match(r"#{1,6}[ \t]", line) and not apart:
            part.fault(at, "a heading needs a blank line before it")
        if block and block[1].startswith("{") and apart:
            opened.append(at)
        elif block and block[1]:
            part.fault(at, "write a block as ::: {.class}, its class in braces, a blank line before it")
        elif block and not opened:
            part.fault(at, "::: closes a block that was not opened")
        elif block:
            opened.pop()
    for at in opened:
        part.fault(at, "block is not closed: add a line of ::: after it")
