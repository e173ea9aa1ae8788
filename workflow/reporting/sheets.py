"""A4 sheets as Markdown without raw HTML: a summary for the whole, and one page for each site."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from pooling.running import whole

from reporting import answer, forest, forest_svg, grounds, sites
from reporting.calibrated import certainty
from reporting.escape import safe, slug
from reporting.forest_rows import build
from reporting.language import opening
from reporting.markup import chance, to_plain
from reporting.material import Analysis, Material, Row, load
from reporting.sentences import amount, basis
from reporting.sites import standing_out

_LINK = re.compile(r"\[([^\[\]]*)\]\(#[\w-]+\)")  # there is no other page to lead to on paper
#: Lines of a figure for which a sheet has room; beyond, it shows the averages only.
_ROOM = 30


def write(results: str | Path, package: Any, settings: Mapping[str, Any], language: str, out: str | Path) -> None:
    """Write the Markdown (and figure) of every sheet, and `sheets.yml` with their titles.

    Parameters
    ----------
    results, package, settings, language
        As for `reporting.write`.
    out
        Folder for this language. `sheets.yml` lists file, title, subtitle and footer of each sheet as
        plain text; `rendering.pdf.sheet` makes the PDF.
    """
    m = load(results, package, settings, language)
    out = Path(out)
    out.mkdir(parents=True, exist_ok=True)
    text, figures = summary(m)
    for name, figure in figures.items():
        whole.write_text(out / name, figure)
    places = len(m.places())
    said = m.language.say("sheets.summary", n=places, sites=m.sites_noun(places))
    made = {"summary": (m.heading(), to_plain(said), text)}
    found = sites.findings(m)
    for row in m.municipalities.values():
        if row["kind"] == "site":
            name = row["municipality"]
            about = to_plain(standing_out(m, name, found.get(name, [])))
            made[f"site-{slug(name)}"] = (to_plain(m.site(name)), about, site(m, row, found.get(name, [])))
    listed = []
    for name, (title, subtitle, body) in made.items():
        whole.write_text(out / f"{name}.md", _LINK.sub(r"\1", body))
        footer = " · ".join(part for part in (m.heading(), m.day(), m.address()) if part)
        listed.append({"file": name, "title": title, "subtitle": subtitle, "footer": footer})
    whole.write_text(out / "sheets.yml", yaml.safe_dump(listed, allow_unicode=True, sort_keys=False))


def summary(m: Material) -> tuple[str, dict[str, str]]:
    """Answer, a table of every main effect, and figures of what the answer names; else that there is none."""
    text = answer.text(m)
    if not text:
        return f"\n{m.language.say('sheets.nothing')}\n", {}
    rows = answer.answers(m)
    columns = [m.language.say(f"sheets.columns.{c}") for c in ("answer", "rise", "gain", "harm", "certainty")]
    first, harm = rows[0][0], [analysis for analysis, _ in answer.worst(rows)[:1]]
    figures, pictures = {}, []
    for k, analysis in enumerate(dict.fromkeys([*harm, first]), start=1):
        plot = build(m, analysis)
        plot = plot if analysis == first and len(plot.lines) <= _ROOM else plot.pooled()
        words = forest.words(m, analysis, plot)
        figures[f"summary-{k}.svg"] = forest_svg.draw(plot, words, forest_svg.WIDE, f"summary-{k}")
        pictures.append(f'\n## {m.title(analysis)}\n\n![](summary-{k}.svg){{fig-alt="{safe(words.desc)}"}}\n')
    return (
        f"\n::: {{.answer}}\n\n{text}\n\n:::\n"
        + f"\n::: {{.small}}\n\n{grounds.notes(m)}\n\n:::\n"
        + pipe_table(columns, [_effect(m, a, row) for a, row in rows], (56, 17, 17, 17, 13))
        + f"\n::: {{.small}}\n\n{m.language.say('sheets.read', deltas=m.language.listing(_deltas(m, rows)))}\n\n:::\n"
        + "".join(pictures)
        + f"\n::: {{.small}}\n\n{forest.key(m)}\n\n:::\n",
        figures,
    )


def _deltas(m: Material, rows: Sequence[tuple[Analysis, Row]]) -> list[str]:
    """The smallest effects worth having, each once, with their units."""
    return list({(row["unit"], row["delta"]): amount(m, row) for _, row in rows if row.get("delta")}.values())


def _effect(m: Material, analysis: Analysis, row: Row) -> list[str]:
    prior = m.estimate(analysis.name, "average", "prior", component=row["component"])

    def cell(column: str) -> str:
        if not row.get(column):
            return ""
        before = f" ({chance(m.language, prior, column)}%)" if prior else ""
        return f"{chance(m.language, row, column)}%{before}"

    return [
        f"{m.component(row['component'], start=True)}: {_what(m, analysis)}",
        *(cell(column) for column in ("prob_positive", "prob_gain", "prob_harm")),
        m.language.say(f"certainty.{certainty(basis(m, row))}"),
    ]


def _what(m: Material, analysis: Analysis) -> str:
    """Outcome and moment, in few words."""
    return f"{m.outcome(analysis.outcome)} {m.language.word('horizon_short', analysis.horizon)}"


def site(m: Material, row: Mapping[str, str], found: Sequence[sites.Finding]) -> str:
    """What was tried and found in one site."""
    say = m.language.say
    name = row["municipality"]
    tried = pipe_table(*sites.tried(m, name), (40, 40, 20))
    columns = [say(f"sites.found_columns.{c}") for c in sites.FOUND]
    rows = [[f"{opening(_what(m, f.analysis))}: {f.group}", *f.cells[1:]] for f in found]
    table = pipe_table(columns, rows, (44, 26, 15, 28, 10)) if found else ""
    return (
        f"\n{sites.pointing(m, found)}\n"
        + sites.facts(m, row)
        + f"\n## {say('sites.tried_caption', site=m.site(name))}\n{tried}"
        + (f"\n## {say('sites.found_caption', site=m.site(name))}\n{table}" if found else "")
        + (f"\n::: {{.small}}\n\n{forest.stands_for_means(m)}\n\n:::\n" if found else "")
    )


def pipe_table(columns: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[int]) -> str:
    """Markdown table of relative column widths; HTML tags in cells are dropped, character references stay."""
    lines = [list(columns), [":" + "-" * width for width in widths], *(map(_bare, row) for row in rows)]
    return "\n" + "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def _bare(cell: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", "", cell.replace("<br>", " ")).split())
