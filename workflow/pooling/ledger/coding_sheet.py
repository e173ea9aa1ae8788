"""Write the coding sheet: one HTML file with which a person codes the claims without network or server."""

from __future__ import annotations

import html
import json
from pathlib import Path
from string import Template

import pypandoc

from pooling.ledger.package import Package, resources
from pooling.running import whole

_TEMPLATE = Path(__file__).with_suffix(".html")
#: What a coder may know of a source: not whose side it takes in the precedence.
_SOURCE = ("title", "authors", "year", "publisher", "kind", "part_read", "url")


def write(package: Package, rules: str | Path, out: str | Path) -> None:
    """Write the sheet for all claims of a package.

    Parameters
    ----------
    package
        The data package. Its codings are not put into the sheet, so that the coder stays independent.
    rules
        The rule book (Markdown), shown in the sheet. Raw HTML in it is shown as text.
    out
        The HTML file to write. Its "Save as CSV" gives a table in the form of `coder_one`.
    """
    text = Path(rules).read_text(encoding="utf-8")
    book = pypandoc.convert_text(text, "html", format="markdown-raw_html-raw_attribute", extra_args=["--wrap=none"])
    page = Template(_TEMPLATE.read_text(encoding="utf-8")).substitute(
        title=html.escape(str(package.descriptor.get("title", ""))),
        rules=book,
        data=_json(_content(package)),
    )
    whole.write_text(out, page)


def _content(package: Package) -> dict:
    claims, sources, arms = (package.printed[name] for name in ("claims", "sources", "arms"))
    by_site: dict[str, list[dict[str, str]]] = {}
    for arm in arms.itertuples():
        by_site.setdefault(arm.municipality, []).append({"arm": arm.arm, "label": arm.label_source or arm.label_en})
    fields = resources()["coder_one"]["schema"]["fields"]
    return {
        "name": str(package.descriptor.get("name", "")),
        "fields": [
            {
                "name": field["name"],
                "description": field["description"],
                "enum": field.get("constraints", {}).get("enum"),
            }
            for field in fields
        ],
        "claims": claims.to_dict("records"),
        "sources": {row["source"]: {key: row[key] for key in _SOURCE} for row in sources.to_dict("records")},
        "arms": by_site,
    }


def _json(content: dict) -> str:
    """JSON that cannot end the script element it stands in."""
    return json.dumps(content, ensure_ascii=False).replace("<", "\\u003c").replace("&", "\\u0026")
