"""From results tables and a data package to the fragments and values of the report pages."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pooling.running import whole

from reporting import (
    about,
    assumed,
    bias,
    calibration,
    concordance,
    conflicts,
    evidence,
    expected,
    forest,
    glossary,
    grounds,
    heard,
    kept_back,
    limits,
    live,
    multiverse,
    prior_grid,
    provenance,
    sites,
    sureness,
    trials,
    values,
)
from reporting.markup import island, to_plain
from reporting.material import load

#: Fragment of each section by file name; a section without data is an empty file.
SECTIONS = {
    "answer": grounds.fragment,
    "forest": forest.fragment,
    "trials": trials.fragment,
    "sites": sites.fragment,
    "panel": live.fragment,
    "heard": heard.fragment,
    "concordance": concordance.fragment,
    "evidence": evidence.fragment,
    "conflicts": conflicts.fragment,
    "limits": limits.fragment,
    "bias": bias.fragment,
    "sensitivity": sureness.sensitivity,
    "priors": prior_grid.fragment,
    "expected": expected.fragment,
    "kept-back": kept_back.fragment,
    "multiverse": multiverse.fragment,
    "gates": sureness.gates,
    "coding": sureness.coding,
    "assumed": assumed.fragment,
    "calibration": calibration.fragment,
    "methods-values": about.words,
    "data": about.data,
    "glossary": glossary.fragment,
    "cite": about.cite,
}

#: Groups of words that the page's scripts use.
SCRIPTED = ("find", "copy")


def write(results: str | Path, package: Any, settings: Mapping[str, Any], language: str, out: str | Path) -> None:
    """Write `values.yml` and one Markdown fragment for each section of the report.

    Parameters
    ----------
    results
        Folder with summary.csv, estimates.csv, claims.csv and their neighbours; a table that is absent
        makes the sections that need it empty.
    package
        The data package, as `pooling.ledger.package.read` returns it.
    settings
        The validated configuration.
    language
        `en` or `nl`; same structure and numbers in both.
    out
        Folder for this language, made if need be. The same inputs give the same bytes.
    """
    material = load(results, package, settings, language)
    out = Path(out)
    out.mkdir(parents=True, exist_ok=True)
    made = {name: make(material) for name, make in SECTIONS.items()}
    for name, text in made.items():
        whole.write_text(out / f"{name}.md", text)
    words = {name: material.language.words(name) for name in SCRIPTED}
    words["copy"]["cite"] = to_plain(about.citation(material)).replace("*", "") + " {page}"
    islands = island("words", words)
    islands += provenance.whence(material, made.values())
    islands += live.island(material)
    whole.write_text(out / "scripts.html", islands)
    values.write(material, out / "values.yml")


__all__ = ["SECTIONS", "write"]
