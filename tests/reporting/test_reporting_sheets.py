"""A4 sheets: Markdown without raw HTML, one for the whole and one for each site."""

import re
from pathlib import Path

import pytest
import rendering
import yaml
from rendering import pdf
from reporting import pdfs, sheets

REPORTS = Path(rendering.__path__[0]).parents[1] / "reports"


@pytest.fixture
def written(invented, settings, tmp_path):
    sheets.write(invented[1], invented[0], settings, "nl", tmp_path / "sheets")
    return tmp_path / "sheets"


def test_one_sheet_for_the_whole_and_one_for_each_site(written):
    listed = yaml.safe_load((written / "sheets.yml").read_text(encoding="utf-8"))
    assert [entry["file"] for entry in listed] == [
        "summary", *(f"site-{name}" for name in ("brookford", "dunmere", "elmsey", "farrow", "gorse")),
    ]  # fmt: skip
    assert listed[0]["title"] == "Invented parishes"
    assert listed[0]["subtitle"] == "Samenvatting: wat openbare resultaten van 5 parochies samen zeggen"
    assert listed[1]["title"] == "Brookford" and listed[1]["subtitle"].startswith("Niets springt eruit")
    for entry in listed:
        text = (written / f"{entry['file']}.md").read_text(encoding="utf-8")
        assert "<" not in text.replace("[<1]", "") and "{=html}" not in text


def test_every_line_of_a_table_has_the_same_columns(made, settings, tmp_path):
    nasty = [row | {"label_nl": "a | b <br> c"} for row in made.TABLES["arms"]]
    results = made.results(tmp_path / "results")
    package = made.package(tmp_path / "package", {"arms": nasty})
    sheets.write(results, package, settings, "nl", tmp_path / "sheets")
    text = (tmp_path / "sheets" / "site-brookford.md").read_text(encoding="utf-8")
    tables = [block.split("\n") for block in text.split("\n\n") if block.lstrip().startswith("|")]
    assert tables
    for lines in tables:
        assert len({line.count("|") for line in lines if line.startswith("|")}) == 1


def test_the_summary_shows_the_harm_and_the_first_outcome_that_the_answer_names(written):
    text = (written / "summary.md").read_text(encoding="utf-8")
    assert text.count("![](summary-") == 1, "here the largest harm is about the first outcome itself"
    assert "Brookford" in (written / "summary-1.svg").read_text(encoding="utf-8")


def test_a_sheet_says_what_a_finding_stands_for_where_it_shows_any(written):
    for name, told in (("brookford", True), ("gorse", False)):
        assert ("Een blokje *staat voor*" in (written / f"site-{name}.md").read_text(encoding="utf-8")) == told


def test_a_summary_has_no_room_for_hundreds_of_sites(made, settings, tmp_path):
    sites = [f"site{k}" for k in range(300)]
    tables = {
        "municipalities": [{"municipality": s, "name": s, "kind": "site", "role": "primary"} for s in sites],
        "arms": [
            {"municipality": s, "arm": a, "role": r, "components": c, "label_en": a}
            for s in sites
            for a, r, c in (("control", "control", ""), ("v", "treatment", "voucher"))
        ],
    }
    one = made.estimates()[1]
    estimates = [one | {"municipality": s, "arms": "v", "x_voucher": 1, "x_coaching": 0} for s in sites]
    m = made.material(settings, "en", tables, estimates=estimates)
    _, figures = sheets.summary(m)
    assert all("site7" not in figure and figure.count("average") >= 2 for figure in figures.values())


@pytest.mark.parametrize("name", ["summary", "site-brookford"])
def test_sheets_can_be_typeset(written, name):
    pdf.sheet(written / f"{name}.md", REPORTS, written / "x.pdf", title="T", footer="F", lang="nl")
    assert (written / "x.pdf").read_bytes().startswith(b"%PDF")


def test_without_results_there_are_only_the_sites(made, settings, tmp_path):
    (tmp_path / "results").mkdir()
    sheets.write(tmp_path / "results", made.package(tmp_path / "package"), settings, "en", tmp_path / "sheets")
    said = (tmp_path / "sheets" / "summary.md").read_text(encoding="utf-8")
    assert said.strip() == "No average effect could be estimated from the evidence, so there is nothing to sum up."
    assert (tmp_path / "sheets" / "site-gorse.md").exists()


def test_all_sheets_of_a_language_in_one_call_and_the_same_bytes_again(invented, settings, tmp_path):
    for run in ("one", "two"):
        summary, folder = tmp_path / run / "samenvatting-nl.pdf", tmp_path / run / "nl"
        pdfs.write(invented[1], invented[0], settings, "nl", REPORTS, summary, folder)
    sites = [f"{name}.pdf" for name in ("brookford", "dunmere", "elmsey", "farrow", "gorse")]
    assert sorted(path.name for path in (tmp_path / "one" / "nl").iterdir()) == sites
    for name in ("samenvatting-nl.pdf", *(f"nl/{name}" for name in sites)):
        made = (tmp_path / "one" / name).read_bytes()
        assert made == (tmp_path / "two" / name).read_bytes()
        assert made.startswith(b"%PDF")


@pytest.mark.parametrize("language", ["en", "nl"])
def test_the_summary_takes_at_most_two_pages_and_a_site_one(invented, settings, tmp_path, language):
    summary, folder = tmp_path / "summary.pdf", tmp_path / "sheets"
    pdfs.write(invented[1], invented[0], settings, language, REPORTS, summary, folder)
    assert pages(summary) <= 2
    assert {pages(path) for path in folder.iterdir()} == {1}


def pages(path):
    """Pages of a PDF, as its page tree counts them."""
    return int(re.search(rb"/Type\s*/Pages[^>]*?/Count (\d+)", path.read_bytes(), re.S)[1])
