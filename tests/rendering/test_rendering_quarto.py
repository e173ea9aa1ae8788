"""Where Quarto is installed: both renderers show a reader the same page."""

import re
import shutil
from pathlib import Path

import pytest
import rendering
from rendering import checks, quarto

ROOT = Path(__file__).parents[2]


def test_quarto_is_found_by_variable_then_path(monkeypatch, tmp_path):
    monkeypatch.setenv("QUARTO", "/somewhere/quarto")
    assert quarto.find() == "/somewhere/quarto"
    monkeypatch.delenv("QUARTO")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert quarto.find() is None
    program = tmp_path / "quarto"
    program.write_text("#!/bin/sh\n", encoding="utf-8")
    program.chmod(0o755)
    assert quarto.find() == str(program)


def test_without_quarto_the_error_says_what_to_do(stage, monkeypatch, tmp_path):
    monkeypatch.delenv("QUARTO", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RuntimeError, match="put it on PATH"):
        stage.render("quarto")


def test_quarto_renders_in_the_stage_and_its_page_is_sealed(stage, monkeypatch):
    """A stand-in that takes Quarto's arguments; the true program is the next test's matter."""
    program = stage.folder / "quarto"
    program.write_text(
        '#!/bin/sh\nif [ "$1" = --version ]; then echo 1.10.18; exit; fi\n'
        'test "$1 $2 $3 $4 $5" = "render sample.qmd --to html --output" || exit 3\n'
        'echo "<html><head></head><body>$(cat _foot.html)<script>a()</script></body></html>" > "$6"\n',
        encoding="utf-8",
    )
    program.chmod(0o755)
    monkeypatch.setenv("QUARTO", str(program))
    html = stage.render("auto")
    assert "Typeset by Quarto 1.10.18" in html
    assert "script-src 'sha256-" in html


@pytest.mark.quarto
@pytest.mark.skipif(quarto.find() is None, reason="Quarto is not installed")
def test_both_renderers_show_the_same(tmp_path):
    seen = {}
    for renderer in ("embedded", "quarto"):
        with rendering.stage(ROOT / "reports", Path(__file__).parent / "sample/generated") as folder:
            shutil.copyfile(Path(__file__).parent / "sample/sample.qmd", folder / "sample.qmd")
            rendering.render("sample.qmd", folder, tmp_path / f"{renderer}.html", renderer)
        page = checks.elements((tmp_path / f"{renderer}.html").read_text(encoding="utf-8"))

        def shown(condition, page=page):
            return [" ".join(element.text.split()) for element in page if condition(element)]

        seen[renderer] = {
            "headings": shown(lambda e: re.fullmatch("h[1-4]", e.tag)),
            "numbers": shown(lambda e: e.tag == "span" and "data-row" in e.attributes),
            "captions": shown(lambda e: e.tag == "figcaption"),
            "cells": shown(lambda e: e.tag in ("td", "th")),
            "references": shown(lambda e: "quarto-xref" in e.attributes.get("class", "")),
        }
    assert seen["quarto"] == seen["embedded"]
