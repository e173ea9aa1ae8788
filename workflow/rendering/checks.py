"""What must hold of every rendered page: whole in itself, readable by all, equal to the results tables."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from html.parser import HTMLParser
from urllib.parse import parse_qsl

from . import addresses

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
LOADING = ("src", "srcset", "poster", "data", "action", "formaction", "background")
REFERRING = ("aria-labelledby", "aria-describedby", "aria-controls", "for", "headers")
NUMBER = re.compile(r"(?P<bound>[<>≤≥]?)\s*(?P<sign>[+\-−–]?)\s*(?P<digits>\d[\d.,\s\u00a0\u202f]*)\s*%?")


class Element:
    """One element: name, attributes, the text inside, and the line on which it begins."""

    def __init__(self, tag: str, attributes: dict[str, str], line: int):
        self.tag, self.attributes, self.line = tag, attributes, line
        self.text = ""


class _Reader(HTMLParser):
    def __init__(self):
        super().__init__()
        self.elements, self.open = [], []

    def handle_starttag(self, tag, attrs):
        element = Element(tag, {key: value or "" for key, value in attrs}, self.getpos()[0])
        self.elements.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag, attrs):
        self.elements.append(Element(tag, {key: value or "" for key, value in attrs}, self.getpos()[0]))

    def handle_endtag(self, tag):
        if any(element.tag == tag for element in self.open):
            while self.open.pop().tag != tag:
                pass

    def handle_data(self, data):
        for element in self.open:
            element.text += data


def elements(html: str) -> list[Element]:
    """Return all elements of a page, in order."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.elements


def faults(html: str, tables: Mapping[str, Sequence[Mapping[str, str]]] | None = None) -> list[str]:
    """Return what is wrong with a page, one sentence each; an empty list if nothing is.

    Parameters
    ----------
    html : the page.
    tables : for each table's name its rows, every cell as the text that stands in the file. Without tables
        the numbers are not compared.
    """
    page = elements(html)
    found = [*_whole(page), *_identified(page), *_described(page), *_ordered(page)]
    if tables is not None:
        language = next((e.attributes.get("lang", "") for e in page if e.tag == "html"), "")
        known = addresses.listed(html)
        for element in page:
            if "data-row" in element.attributes:
                found += [f"line {element.line}: {fault}" for fault in _number(element, tables, language, known)]
    return found


def _whole(page: list[Element]) -> Iterator[str]:
    """Nothing is fetched from anywhere, and a policy forbids it."""
    for element in page:
        for key in LOADING:
            value = element.attributes.get(key, "data:")
            if not value.startswith("data:"):
                yield f"line {element.line}: <{element.tag} {key}={value!r}> loads from outside the page"
        href = element.attributes.get("href", element.attributes.get("xlink:href", ""))
        if element.tag not in ("a", "area") and href and not href.startswith(("data:", "#")):
            yield f"line {element.line}: <{element.tag} href={href!r}> loads from outside the page"
        style = element.attributes.get("style", "") + (element.text if element.tag == "style" else "")
        for address in re.findall(r"url\(\s*['\"]?(?!data:|#)[^)]*\)|@import[^;]*", style):
            yield f"line {element.line}: the style {address!r} loads from outside the page"
    if not any(e.attributes.get("http-equiv", "").lower() == "content-security-policy" for e in page):
        yield "the page has no content security policy"


def _identified(page: list[Element]) -> Iterator[str]:
    """Ids are unique, and everything that refers to one finds it."""
    ids = Counter(e.attributes["id"] for e in page if "id" in e.attributes)
    yield from (f"the id {name!r} is given {count} times" for name, count in ids.items() if count > 1)
    for element in page:
        href = element.attributes.get("href", "")
        wanted = [href[1:]] if href.startswith("#") and len(href) > 1 else []
        wanted += [name for key in REFERRING for name in element.attributes.get(key, "").split()]
        for name in wanted:
            if name not in ids:
                yield f"line {element.line}: <{element.tag}> refers to {name!r}, which nothing has as its id"
    # what Quarto leaves of a reference without a target, or of a shortcode
    for element in page:
        if element.tag in ("p", "li", "td", "figcaption") and re.search(r"\?@\w|\{\{<", element.text):
            yield f"line {element.line}: a reference was not resolved in {element.text.strip()[:60]!r}"


def _described(page: list[Element]) -> Iterator[str]:
    """Every picture has words, the page a language and a title."""
    texts = {e.attributes["id"]: e.text.strip() for e in page if "id" in e.attributes}
    for element in page:
        given = element.attributes
        if element.tag == "img" and not given.get("alt", "").strip():
            yield f"line {element.line}: an image has no alternative text"
        if element.tag == "svg" and given.get("aria-hidden") != "true":
            words = [texts.get(name, "") for name in given.get("aria-labelledby", "").split()]
            if given.get("role") != "img" or not (any(words) or given.get("aria-label", "").strip()):
                yield f"line {element.line}: a drawing lacks role=img or a title and description"
    if not any(e.tag == "html" and e.attributes.get("lang") for e in page):
        yield "the page does not say its language"
    if not any(e.tag == "title" and e.text.strip() for e in page):
        yield "the page has no title"


def _ordered(page: list[Element]) -> Iterator[str]:
    """One heading of level 1 at the start; no level is skipped on the way down."""
    before = 0
    for element in page:
        if re.fullmatch(r"h[1-6]", element.tag):
            level = int(element.tag[1])
            if level > before + 1 or (level == 1 and before > 0):
                heading = element.text.strip()
                yield f"line {element.line}: after level {before} comes {heading!r} of level {level}"
            before = level


def _number(element: Element, tables: Mapping, language: str, known: list[str]) -> Iterator[str]:
    """A printed number is the cell that it names, scaled and rounded."""
    given = element.attributes
    shown, table, column = (
        element.text.strip(),
        given.get("data-table", "summary"),
        given.get("data-column", ""),
    )
    address = given["data-row"]
    if address.isdecimal():  # a place in the page's list
        named, _, address = known[int(address)].partition("?") if int(address) < len(known) else ("", "", "")
        if named != table:
            yield f"{shown!r} has an address in {named!r}, not in {table}"
            return
    where = dict(parse_qsl(address, keep_blank_values=True))
    rows = [r for r in tables.get(table, ()) if where and all(r.get(key) == value for key, value in where.items())]
    if len(rows) != 1:
        yield f"{shown!r} names {len(rows)} rows of {table} instead of one: {address}"
        return
    cell = rows[0].get(column)
    if cell is None or given.get("data-value") != cell:
        yield f"{shown!r} claims {given.get('data-value')!r}, but {table} has {cell!r} in column {column!r}"
        return
    try:
        value = Decimal(cell) * Decimal(given.get("data-scale", "1"))
    except InvalidOperation:
        yield f"{shown!r} rests on {cell!r} in {column!r}, which is not a number"
        return
    if not agrees(shown, value, language):
        yield f"{shown!r} is printed where {table} gives {value}"


def agrees(shown: str, value: Decimal, language: str) -> bool:
    """Whether a number, printed in the page's language, is `value` rounded to the decimals shown."""
    match = NUMBER.fullmatch(shown)
    if not match:
        return False
    point, group = (",", ".") if language.startswith("nl") else (".", ",")
    digits = re.sub(r"[\s\u00a0\u202f]", "", match["digits"]).replace(group, "").replace(point, ".")
    try:
        number = Decimal(digits) * (-1 if match["sign"] and match["sign"] != "+" else 1)
    except InvalidOperation:
        return False
    if match["bound"]:
        return {"<": value < number, ">": value > number, "≤": value <= number, "≥": value >= number}[match["bound"]]
    half = Decimal(1).scaleb(number.as_tuple().exponent) / 2
    return abs(number - value) <= half
