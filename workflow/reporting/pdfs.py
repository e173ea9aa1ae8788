"""Every sheet on paper of one language: the summary and one page for each site, as A4 PDF."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml
from rendering import pdf

from reporting import sheets


def write(
    results: str | Path,
    package: Any,
    settings: Mapping[str, Any],
    language: str,
    reports: str | Path,
    summary: str | Path,
    folder: str | Path,
) -> None:
    """Typeset the summary and the sheets of all sites.

    Parameters
    ----------
    results, package, settings, language
        As for `reporting.write`.
    reports
        Folder with the design of the sheets (`sheet.typ`, `figure.css`).
    summary
        PDF of the two-page summary. Without any result it holds one sentence that says so.
    folder
        Folder for one PDF per site, `<municipality>.pdf` with the site's identifier as an anchor is
        made from it; made if need be. The same inputs give the same bytes.

    Raises
    ------
    RuntimeError
        If a sheet cannot be typeset, with its name.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="sheets-") as written:
        sheets.write(results, package, settings, language, written)
        listed = yaml.safe_load(Path(written, "sheets.yml").read_text(encoding="utf-8"))
        for entry in listed:
            name = entry["file"]
            out = Path(summary) if name == "summary" else folder / f"{name.removeprefix('site-')}.pdf"
            pdf.sheet(
                Path(written, f"{name}.md"),
                Path(reports),
                out,
                title=entry["title"],
                subtitle=entry["subtitle"],
                footer=entry["footer"],
                lang=language,
            )
