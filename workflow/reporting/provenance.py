"""Where each printed number stands: analysis, interval and row of its table, in the reader's language."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from urllib.parse import urlencode

from reporting.markup import island
from reporting.material import KEYS, Material, Row

_NUMBER = re.compile(r'data-row="([^"]*)"[^>}]*?(?:data-table="([^"]*)")?(?=[>}])')
_DIGITS = {"points": 1, "sd": 2}


def whence(m: Material, fragments: Iterable[str]) -> str:
    """Element with the data from which the page's script says where a number comes from.

    Parameters
    ----------
    m
        Labels and results.
    fragments
        Texts of the page; only rows that they print are described.

    Returns
    -------
    str
        A `script` element of type `application/json`: `columns` (words), `text` (words) and `rows`, by
        table and address as in `data-table` and `data-row`: what the row is, its interval, its line.
    """
    wanted = {
        (table or "summary", html.unescape(query)) for text in fragments for query, table in _NUMBER.findall(text)
    }
    rows = {}
    for table in sorted({table for table, _ in wanted}):
        for line, row in enumerate(m.tables[table], start=2):
            query = urlencode(row.address())
            if (table, query) in wanted:
                rows[f"{table}?{query}"] = [html.unescape(_what(m, row)), _interval(m, row), line]
    words = {name: m.language.words(f"provenance.{name}") for name in ("columns", "text")}
    return island("provenance", words | {"rows": rows})


def _what(m: Material, row: Row) -> str:
    """Name of a row: estimand, component or arm, outcome, moment, stage."""
    parts = []
    if row.get("estimand"):
        parts.append(m.language.word("provenance.estimand", row["estimand"]))
    if row.get("component"):
        parts.append(m.component(row["component"]))
    if row.get("municipality"):
        arms = [m.arm(row["municipality"], arm) for arm in re.split(r"[ +]", row.get("arm") or "") if arm]
        parts.append(m.site(row["municipality"]) + (f" ({m.language.listing(arms)})" if arms else ""))
    if row.get("outcome"):
        parts.append(f"{m.outcome(row['outcome'])} {m.horizon(row['horizon'])}")
    if row.get("stage"):
        parts.append(m.language.word("provenance.stage", row["stage"]))
    if (row.get("estimand"), row.get("stage")) == ("average", "posterior") and not row.true("magnitude"):
        parts.append(m.language.say("provenance.calculated"))
    return "; ".join(parts or [m.language.word("", row[key]) for key in KEYS[row.table] if row.get(key)])


def _interval(m: Material, row: Row) -> str:
    if not row.get("lower") or row.get("unit") not in _DIGITS:
        return ""
    ends = [m.language.decimal(row[column], _DIGITS[row["unit"]]) for column in ("lower", "upper")]
    shown = m.language.say("finding.range", lower=ends[0], upper=ends[1])
    return f"{shown} {m.language.word('forest.unit', row['unit'])}"
