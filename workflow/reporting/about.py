"""About the report itself: rules for words, downloads, how to cite and repeat."""

from __future__ import annotations

from base64 import b64encode

from reporting import answer
from reporting import calibrated as rules
from reporting.escape import raw_html, safe
from reporting.markup import details, floating, heading, table
from reporting.material import Material
from reporting.origin import origin


def words(m: Material) -> str:
    """The rules by which sentences choose their words; empty where there is no sentence."""
    if not any(m.identified(analysis.name) for analysis in m.analyses()):
        return ""
    say, percent = m.language.say, lambda share: m.language.decimal(share, 0, 100)
    columns = [say(f"words.likelihood_columns.{c}") for c in ("word", "range")]
    rows = [[say(f"likelihood.{code}"), percent(limit) + "%"] for limit, code in rules.LIKELIHOOD]
    limits = m.settings.get("magnitude", {"sd_ratio": 0.8, "widening": 1.5})
    texts = [
        say(
            "words.magnitude",
            ratio=percent(limits["sd_ratio"]),
            widening=m.language.decimal(limits["widening"], 1),
        ),
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
        + "".join(f"\n{text}\n" for text in texts)
    )


def data(m: Material) -> str:
    """Downloads inside the page; empty without results."""
    links = []
    for name in ("summary", "claims"):
        path = m.results / f"{name}.csv"
        if path.is_file():
            content = b64encode(path.read_bytes()).decode("ascii")
            links.append(
                f'<li><a download="{name}.csv" href="data:text/csv;charset=utf-8;base64,{content}">'
                f"{m.language.say(f'data.{name}')}</a></li>"
            )
    if not links:
        return ""
    head = heading(3, m.language.say("data.heading"), "sec-data") + f"\n{m.language.say('data.intro')}\n"
    return head + raw_html(f'<ul class="downloads">{"".join(links)}</ul>')


def cite(m: Material) -> str:
    """How to cite the package and how to make this page again."""
    say, about = m.language.say, m.descriptor
    people = [safe(person.get("title", "")) for person in about.get("contributors") or () if person.get("title")]
    licences = [safe(entry.get("name") or entry.get("title") or "") for entry in about.get("licenses") or ()]
    lines = []
    if about.get("title"):
        lines.append(
            say(
                "cite.cite",
                contributors=m.language.listing(people) or "—",
                title=safe(about["title"]),
                version=safe(about.get("version", "")),
            )
        )
    if licences:
        lines.append(say("cite.licence", licence=m.language.listing(licences)))
    lines.append(say("cite.repeat"))
    if m.manifest.get("commit"):
        lines.append(say("cite.commit", commit=safe(m.manifest["commit"])))
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
                )
            )
    return "".join(parts)
