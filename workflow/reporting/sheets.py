"""A4 sheets as Markdown without raw HTML: a summary for the whole, and one page for each site."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from reporting import answer, forest, forest_svg, sites
from reporting.calibrated import certainty
from reporting.escape import safe, slug
from reporting.forest_rows import build
from reporting.markup import bullets, chance, to_plain
from reporting.material import Analysis, Material, Row, load
from reporting.sentences import amount, basis, effect

_LINK = re.compile(r"\[([^\[\]]*)\]\(#[\w-]+\)")  # there is no other page to lead to on paper


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
    made: dict[str, tuple[str, str]] = {}
    text, figure = summary(m)
    if figure:
        (out / "summary.svg").write_text(figure, encoding="utf-8")
    made["summary"] = (m.language.say("sheets.summary", title=safe(m.heading())), text)
    found = sites.findings(m)
    for row in m.municipalities.values():
        if row["kind"] == "site":
            name = f"site-{slug(row['municipality'])}"
            made[name] = (safe(row["name"]), site(m, row, found.get(row["municipality"], [])))
    footer = m.heading()
    listed = []
    for name, (title, body) in made.items():
        (out / f"{name}.md").write_text(body, encoding="utf-8")
        listed.append({"file": name, "title": to_plain(title), "footer": footer})
    (out / "sheets.yml").write_text(yaml.safe_dump(listed, allow_unicode=True, sort_keys=False), encoding="utf-8")


def summary(m: Material) -> tuple[str, str]:
    """Answer, a table of every main effect, and the first main figure; without an answer, that there is none."""
    text = _LINK.sub(r"\1", answer.text(m))
    if not text:
        return f"\n{m.language.say('sheets.nothing')}\n", ""
    rows = [(a, row) for a in m.analyses() if a.main for row in m.identified(a.name)]
    columns = [
        m.language.say(f"sheets.columns.{c}") for c in ("answer", "before", "after", "gain", "harm", "certainty")
    ]
    first = rows[0][0]
    words = forest.words(m, first, build(m, first))
    figure = forest_svg.draw(build(m, first), words, forest_svg.WIDE, "summary")
    alt = safe(words.desc)
    first_words = [effect(m, first, row) for row in m.identified(first.name)]
    return (
        f"\n{text}\n"
        + pipe_table(columns, [_effect(m, a, row) for a, row in rows], (50, 14, 14, 16, 16, 14))
        + f"\n{m.language.say('sheets.read', deltas=m.language.listing(_deltas(m, rows)))}\n"
        + f"\n## {m.title(first)}\n{bullets(first_words)}"
        + f'\n![{m.title(first)}](summary.svg){{fig-alt="{alt}"}}\n'
        + f"\n{m.language.say('forest.intro', sites=m.sites_noun(2))}\n",
        figure,
    )


def _deltas(m: Material, rows: Sequence[tuple[Analysis, Row]]) -> list[str]:
    """The smallest effects worth having, each once, with their units."""
    return list({(row["unit"], row["delta"]): amount(m, row) for _, row in rows if row.get("delta")}.values())


def _effect(m: Material, analysis: Analysis, row: Row) -> list[str]:
    prior = m.estimate(analysis.name, "average", "prior", component=row["component"])
    beyond = [chance(m.language, row, c) + "%" if row.get(c) else "" for c in ("prob_gain", "prob_harm")]
    return [
        m.effect(row["component"], analysis.outcome, analysis.horizon),
        chance(m.language, prior, "prob_positive") + "%" if prior else "",
        chance(m.language, row, "prob_positive") + "%",
        *beyond,
        m.language.say(f"certainty.{certainty(basis(m, row))}"),
    ]


def site(m: Material, row: Mapping[str, str], found: Sequence[sites.Finding]) -> str:
    """What was tried and found in one site."""
    say = m.language.say
    name = row["municipality"]
    tried = pipe_table(*sites.tried(m, name), (40, 40, 20))
    columns = [say(f"sites.found_columns.{c}") for c in sites.FOUND]
    table = (
        pipe_table(columns, [finding.cells for finding in found], (42, 26, 15, 27, 12))
        if found
        else f"\n{say('sites.nothing', site=m.sites_noun(1))}\n"
    )
    return (
        f"\n{sites.standing_out(m, name, found)}\n"
        + sites.facts(m, row)
        + f"\n## {say('sites.tried_caption', site=m.site(name))}\n{tried}"
        + f"\n## {say('sites.found_caption', site=m.site(name))}\n{table}"
    )


def pipe_table(columns: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[int]) -> str:
    """Markdown table of relative column widths; HTML tags in cells are dropped, character references stay."""
    lines = [list(columns), [":" + "-" * width for width in widths], *(map(_bare, row) for row in rows)]
    return "\n" + "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def _bare(cell: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", "", cell.replace("<br>", " ")).split())
