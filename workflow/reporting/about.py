"""About the report itself: rules for words, downloads, how to cite and repeat."""

from __future__ import annotations

import re
from urllib.parse import quote

from pooling.wording import LIKELIHOOD

from reporting import answer
from reporting import calibrated as rules
from reporting.escape import clean, raw_html, safe, slug
from reporting.markup import details, floating, heading, table
from reporting.material import Material
from reporting.origin import origin
from reporting.sentences import leans_on_prior

# Signs that mean nothing inside a quoted data: address. A blank is kept there too by every browser.
_AS_IT_IS = " !$()*+,-./:;=?@_|~"


def words(m: Material) -> str:
    """The rules by which sentences choose their words; empty where there is no sentence."""
    if not any(m.identified(analysis.name) for analysis in m.analyses()):
        return ""
    say, percent = m.language.say, lambda share: m.language.decimal(share, 0, 100)
    columns = [say(f"words.likelihood_columns.{c}") for c in ("word", "range")]
    rows = [[say(f"likelihood.{code}"), percent(limit) + "%"] for limit, code in LIKELIHOOD]
    limits = m.settings.get("magnitude", {"sd_ratio": 0.8, "widening": 1.5})
    texts = [
        say(
            "words.magnitude",
            ratio=percent(limits["sd_ratio"]),
            widening=m.language.decimal(limits["widening"], 1),
        ),
        _still_leaning(m),
        say(
            "words.certainty",
            few=rules.FEW_SITES,
            many=rules.MANY_SITES,
            sites=m.sites_noun(2),
            hardly=percent(rules.HARDLY_NARROWED),
            numbers=rules.FEW_NUMBERS,
            halved=percent(rules.HALVED),
        ),
        say(
            "words.first",
            open=percent(answer.HARM_OPEN),
            none=percent(answer.HARM_NONE),
            likely=percent(answer.HELP_LIKELY),
            perhaps=percent(answer.HELP_PERHAPS),
            site=m.sites_noun(1),
        ),
    ]
    return (
        heading(3, say("words.heading"), "sec-words")
        + f"\n{say('words.intro')}\n"
        + floating(
            "tbl-words",
            table(columns, rows, numeric=(1,), stack=False),
            say("words.likelihood_caption") + origin(m, "summary"),
        )
        + "".join(f"\n{text}\n" for text in texts if text)
    )


def _still_leaning(m: Material) -> str:
    """How many of the printed sizes lean on the prior by power-scaling: their rule asks for less."""
    sizes = [row for a in m.analyses() for row in m.identified(a.name) if row.true("magnitude")]
    if not sizes or not m.tables["power_scaling"]:
        return ""
    return m.language.say("words.leaning", k=sum(leans_on_prior(m, row) for row in sizes), n=len(sizes))


def data(m: Material) -> str:
    """Downloads inside the page; empty without results."""
    links = [
        _download(f"{name}.csv", "text/csv", path.read_bytes(), m.language.say(f"data.{name}"))
        for name in ("summary", "claims")
        if (path := m.results / f"{name}.csv").is_file()
    ]
    if not links:
        return ""
    links.append(_download("citation.bib", "text/plain", bibtex(m).encode(), m.language.say("data.citation")))
    head = heading(3, m.language.say("data.heading"), "sec-data") + f"\n{m.language.say('data.intro')}\n"
    return head + raw_html(f'<ul class="downloads">{"".join(links)}</ul>')


def _download(name: str, kind: str, content: bytes, text: str) -> str:
    """Link to a file that lies in the page itself; as text, which takes a quarter less room than base64."""
    address = f"data:{kind};charset=utf-8,{quote(content, safe=_AS_IT_IS)}"
    return f'<li><a download="{name}" href="{address}">{text}</a></li>'


def citation(m: Material) -> str:
    """Authors, day, title, version and address (Markdown), as far as they are known."""
    people = m.language.listing([safe(name) for name in _people(m)]) or "—"
    return m.language.say(
        "cite.citation",
        contributors=f"{people} ({m.day()})" if m.day() else people,
        title=safe(m.heading()),
        version=safe(m.descriptor.get("version", "")),
        address=f". {safe(m.address())}" if m.address() else "",
    )


def bibtex(m: Material) -> str:
    """The same as an entry for reference managers."""

    def braced(text: object) -> str:
        return "{" + clean(re.sub(r"[{}\\]", "", clean(text))) + "}"

    fields = {
        "author": " and ".join(braced(name) for name in _people(m)),
        "title": braced(m.descriptor.get("title", "")),
        "version": braced(m.descriptor.get("version", "")),
        "date": braced(m.manifest.get("day") or ""),
        "url": braced(m.address()),
    }
    inside = "".join(f"  {key} = {{{text}}},\n" for key, text in fields.items() if text not in ("", "{}"))
    return f"@misc{{{slug(m.descriptor.get('name', 'report'))},\n{inside}}}\n"


def _people(m: Material) -> list[str]:
    return [person["title"] for person in m.descriptor.get("contributors") or () if person.get("title")]


def cite(m: Material) -> str:
    """How to cite the package and how to make this page again."""
    say, about = m.language.say, m.descriptor
    licences = [safe(entry.get("name") or entry.get("title") or "") for entry in about.get("licenses") or ()]
    lines = []
    if about.get("title"):
        lines.append(say("cite.as", citation=citation(m)))
    reach = [
        f"{person['title']}, {person['email']}" for person in about.get("contributors") or () if person.get("email")
    ]
    if reach:
        lines.append(say("cite.contact", list=m.language.listing([safe(text) for text in reach])))
    if not reach and not m.address():
        lines.append(say("cite.unreachable"))
    if licences:
        lines.append(say("cite.licence", licence=m.language.listing(licences)))
    if m.manifest.get("commit"):
        lines.append(say("cite.commit", commit=safe(m.manifest["commit"])))
    own = m.settings.get("data", "data") == "data"
    lines.append(say("cite.repeat" if own else "cite.repeat_package"))
    if "seed" in m.settings:
        lines.append(say("cite.seed", seed=safe(m.settings["seed"])))
    parts = [heading(2, say("cite.heading"), "sec-cite"), *(f"\n{line}\n" for line in lines)]
    for key, column in (("packages", "version"), ("inputs", "hash")):
        entries = m.manifest.get(key) or {}
        if entries:
            columns = [say(f"cite.{key}_columns.name"), say(f"cite.{key}_columns.{column}")]
            rows = [[safe(name), safe(value)] for name, value in sorted(entries.items())]
            parts.append(
                details(
                    say(f"cite.{key}"),
                    floating(
                        f"tbl-{key}",
                        table(columns, rows, stack=False),
                        f"{say(f'cite.{key}')}.{origin(m, 'manifest')}",
                    ),
                    printed=False,
                )
            )
    return "".join(parts)
