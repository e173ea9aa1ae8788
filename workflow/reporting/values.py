"""Values for `{{< meta >}}`: the page's own title and dates, and the numbers of every average effect."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from pooling.running import whole

from reporting.escape import safe, slug
from reporting.markup import chance, number
from reporting.material import Material, Row


def collect(m: Material) -> dict[str, Any]:
    """Values by key; every leaf is a string that may hold inline Markdown."""
    places = len(m.places())
    subtitle = m.language.say("values.subtitle", n=places, sites=m.sites_noun(places))
    if m.day():
        subtitle = m.language.say("values.dated", subtitle=subtitle, day=m.day())
    found: dict[str, Any] = {
        "title": safe(m.heading()),
        "subtitle": subtitle,
        "site": m.sites_noun(1),
        "sites": m.sites_noun(2),
        "analyses": {
            slug(analysis.name): {slug(row["component"]): _average(m, row) for row in m.identified(analysis.name)}
            for analysis in m.analyses()
        },
    }
    return found


def write(m: Material, path: Path) -> None:
    """Store the values as YAML."""
    whole.write_text(path, yaml.safe_dump(collect(m), allow_unicode=True, sort_keys=True, width=10_000))


def _average(m: Material, row: Row) -> dict[str, str]:
    digits = 1 if row["unit"] == "points" else 2
    values = {
        c: number(m.language, row, c, digits=digits) for c in ("mean", "sd", "median", "lower", "upper") if row.get(c)
    }
    shares = ("prob_positive", "prob_gain", "prob_harm", "prob_increase", "prob_decrease")
    return values | {c: chance(m.language, row, c) for c in shares if row.get(c)}
