"""Pieces of a fragment: numbers that say where they come from, tables, floats, headings."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Sequence
from urllib.parse import urlencode

from reporting.escape import raw_html
from reporting.language import Language
from reporting.material import Row

# Escaped text holds no bracket or brace (reporting.escape), so a number span cannot be imitated.
_SPAN = re.compile(r"\[([^\[\]]*)\]\{\.num ([^{}]*)\}")


def number(language: Language, row: Row, column: str, *, digits: int = 1, scale: int = 1) -> str:
    """Markdown span of one cell, as reports/README.md asks: row, column, value, scale."""
    return _span(language.decimal(row[column], digits, scale), row, column, scale)


def chance(language: Language, row: Row, column: str) -> str:
    """Markdown span of a probability as a whole percentage (without the sign)."""
    return _span(language.percent(row[column]), row, column, 100)


def percentage(language: Language, row: Row, column: str) -> str:
    """The same with its sign, for a sentence: a bound is a word there ("below 1%")."""
    shown = chance(language, row, column)
    for sign, word in (("[<", "below"), ("[>", "above")):
        if shown.startswith(sign):
            return f"{language.say(f'bound.{word}')} [{shown[2:]}%"
    return f"{shown}%"


def _span(shown: str, row: Row, column: str, scale: int) -> str:
    extra = f' data-scale="{scale}"' if scale != 1 else ""
    extra += f' data-table="{row.table}"' if row.table != "summary" else ""
    query = urlencode(row.address())
    return f'[{shown}]{{.num data-row="{query}" data-column="{column}" data-value="{row[column]}"{extra}}}'


def to_html(markdown: str) -> str:
    """The same text for a raw HTML block: number spans become elements; nothing else is converted."""
    return _SPAN.sub(lambda m: f'<span class="num" {m[2].replace("&", "&amp;")}>{m[1]}</span>', markdown)


def to_plain(markdown: str) -> str:
    """The same text without markup or character references, for alternative text and word counts."""
    return html.unescape(_SPAN.sub(r"\1", markdown)).replace("**", "")


def table(
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    numeric: Sequence[int] = (),
    identifiers: Sequence[str] = (),
    filters: Sequence[str] = (),
    keys: Sequence[Sequence[str]] = (),
    unprinted: Sequence[bool] = (),
    stack: bool = True,
) -> str:
    """HTML table; the first cell of each row is its header.

    Parameters
    ----------
    columns
        Escaped column names.
    rows
        Cells as HTML (numbers as `to_html` gives them).
    numeric
        Positions of columns of numbers.
    identifiers
        `id` of each row, or nothing.
    filters
        Escaped names by which the page's script lets rows be filtered; none for a table without search.
    keys
        For each row its escaped value under each of these names.
    unprinted
        For each row whether paper leaves it out; nothing for a table that is printed whole.
    stack
        Whether each row becomes a card on a phone.
    """
    head = "".join(f'<th scope="col"{_class(k, numeric)}>{name}</th>' for k, name in enumerate(columns))
    body = []
    for k, row in enumerate(rows):
        name = f' id="{identifiers[k]}"' if identifiers else ""
        name += "".join(f' data-key{j}="{value}"' for j, value in enumerate(keys[k])) if keys else ""
        name += ' class="unprinted"' if unprinted and unprinted[k] else ""
        cells = [f'<th scope="row">{row[0]}</th>']
        for j, cell in enumerate(row[1:], start=1):
            label = f' data-label="{columns[j]}"' if stack else ""
            cells.append(f"<td{_class(j, numeric)}{label}>{cell}</td>")
        body.append(f"<tr{name}>{''.join(cells)}</tr>")
    kind = (' class="stack"' if stack else "") + searchable(filters) * bool(filters)
    return f"<table{kind}><thead><tr>{head}</tr></thead><tbody>\n" + "\n".join(body) + "\n</tbody></table>"


def searchable(filters: Sequence[str]) -> str:
    """Attributes of a table or list that the page's script lets a reader search and filter."""
    return ' data-find=""' + "".join(f' data-filter{j}="{name}"' for j, name in enumerate(filters))


def island(identifier: str, data: object) -> str:
    """Data for a script, in an element that no text in it can end."""
    inside = json.dumps(data, ensure_ascii=False, separators=(",", ":"), sort_keys=True).replace("<", "\\u003c")
    return f'<script type="application/json" id="{identifier}">{inside}</script>\n'


def _class(position: int, numeric: Sequence[int]) -> str:
    return ' class="num"' if position in numeric else ""


def floating(identifier: str, markup: str, caption: str) -> str:
    """Figure or table that can be referred to: raw HTML with its caption."""
    return f"\n::: {{#{identifier}}}\n{raw_html(markup)}\n{caption}\n\n:::\n"


def details(summary: str, inside: str, *, printed: bool = True) -> str:
    """Fold-out whose inside is Markdown; on paper it is open, or left out."""
    kind = "" if printed else ' class="unprinted"'
    return raw_html(f"<details{kind}><summary>{summary}</summary>") + inside + raw_html("</details>")


def on_paper(text: str) -> str:
    """Paragraph that only paper shows: what is left out there, and where it is."""
    return raw_html(f'<p class="on-paper small">{text}</p>')


def heading(level: int, text: str, identifier: str) -> str:
    """Heading with an anchor, blank lines around it."""
    return f"\n{'#' * level} {text} {{#{identifier}}}\n"


def bullets(items: Sequence[str]) -> str:
    """List of one-line items."""
    return "\n" + "\n".join(f"- {item}" for item in items) + "\n"
