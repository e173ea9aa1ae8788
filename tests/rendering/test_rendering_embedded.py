"""The embedded renderer: every construct of the subset, in both languages, the same bytes each time."""

import re
from pathlib import Path

import pytest
import rendering
import yaml
from rendering import checks, embedded

LIBRARY = Path(rendering.__file__).parent
REPORTS = Path(__file__).parents[2] / "reports"


def text_of(html: str, identifier: str) -> str:
    (found,) = [e for e in checks.elements(html) if e.attributes.get("id") == identifier]
    return " ".join(found.text.split())


def test_the_sample_holds_all_that_must_hold_of_a_page(sample_html, tables):
    assert checks.faults(sample_html, tables) == []


def test_references_are_numbered_within_and_across_fragments(sample_html):
    links = re.findall(r'<a href="#([\w-]+)" class="quarto-xref">([^<]+)</a>', sample_html.replace("\u00a0", " "))
    assert set(links) == {
        ("fig-forest", "Figure 1"),
        ("fig-drawn", "Figure 2"),
        ("tbl-counts", "Table 1"),
        ("tbl-counts", "1"),
        ("sec-methods", "Section 2"),
        ("eq-normal", "Equation 1"),
    }
    abstract = sample_html.split('class="abstract"')[1].split("</div>")[0]
    assert 'href="#fig-forest" class="quarto-xref">Figure' in abstract


def test_headings_are_numbered_and_in_the_contents(sample_html):
    contents = text_of(sample_html, "TOC")
    assert contents == "Contents 1 Results 1.1 Tabs 2 Methods References"
    assert text_of(sample_html, "sec-methods").startswith("2 Methods")


def test_captions_carry_their_numbers_and_stand_where_they_belong(sample_html):
    assert text_of(sample_html, "tbl-counts-caption") == "Table 1: Counts of statements"
    assert text_of(sample_html, "tbl-sites-caption") == "Table 3: Sites per outcome"
    assert sample_html.index('fig-forest-caption">') < sample_html.index('id="fig-forest-caption"')
    assert sample_html.index('id="tbl-sites-caption"') < sample_html.index('<td style="text-align: left;">Work')


def test_blocks_have_the_classes_that_the_stylesheet_knows(sample_html):
    assert 'class="callout callout-style-default callout-titled callout-note"' in sample_html
    assert "Mind the <em>prior</em>" in sample_html
    assert sample_html.count('class="tab-pane"') == 2
    assert 'class="equation-number">(1)' in sample_html


def test_values_footnotes_citations_and_formulas(sample_html):
    assert 'data-value="2.1374">2</span> more in paid work' in sample_html
    assert "Card et al. 2018, 3" in sample_html
    assert 'id="ref-card2018"' in sample_html
    assert "<math" in sample_html and "\\(" not in sample_html
    assert "A note at the foot." in sample_html


def test_markup_in_a_title_is_text(sample_html):
    assert "<title>A sample page &lt;b&gt;with everything&lt;/b&gt;</title>" in sample_html


def test_dutch_words(stage):
    text = (stage.folder / "sample.qmd").read_text(encoding="utf-8")
    stage.write("sample.qmd", text.replace("lang: en", "lang: nl"))
    html = stage.render().replace("\u00a0", " ")
    for words in (
        'lang="nl"',
        ">Figuur 1<",
        ">Tabel 1<",
        ">Paragraaf 2<",
        ">Vergelijking 1<",
        ">Inhoud<",
        "Opgemaakt door Pandoc",
    ):
        assert words in html, words


def test_same_input_same_bytes_and_no_path_in_them(stage, sample_html):
    assert {stage.render() for _ in range(4)} == {sample_html}
    assert str(stage.folder) not in sample_html
    assert str(REPORTS.parent) not in sample_html


def test_the_page_says_what_rendered_it(sample_html):
    assert re.search(r'<footer class="made-by"><p>Typeset by Pandoc 3\.[\d.]+</p></footer>', sample_html)


def test_a_failed_rendering_leaves_the_old_page(stage):
    before = stage.render()
    stage.body("See @fig-nowhere.")
    with pytest.raises(rendering.PageError):
        stage.render()
    out = stage.folder / "out"
    assert (out / "page.html").read_text(encoding="utf-8") == before
    assert [file.name for file in out.iterdir()] == ["page.html"]


def test_staging_reads_the_results_it_is_given_and_nothing_else(tmp_path):
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "values.yml").write_text("title: Other results\n", encoding="utf-8")
    with rendering.stage(REPORTS, tmp_path) as folder:
        assert (folder / "_generated/en/values.yml").read_text(encoding="utf-8") == "title: Other results\n"
        assert not (folder / "_generated/en/forest.md").exists()
    assert not folder.exists()


def test_an_id_given_twice_is_refused(stage):
    stage.body("## One {#sec-a}\n\n## Two {#sec-a}")
    with pytest.raises(RuntimeError, match="sec-a"):
        stage.render()


def test_a_table_needs_an_id(stage):
    stage.body("| a | b |\n|---|---|\n| 1 | 2 |\n")
    with pytest.raises(RuntimeError, match="tbl-"):
        stage.render()


def test_an_unknown_renderer_is_refused(stage):
    with pytest.raises(ValueError, match="auto, embedded or quarto"):
        stage.render("latex")


def empty(folder: Path, language: str, title: str) -> None:
    """Fragments of a package that gives rise to no section at all."""
    page = (REPORTS / {"en": "report.qmd", "nl": "rapport.qmd"}[language]).read_text(encoding="utf-8")
    (folder / language).mkdir()
    for name in re.findall(r"_generated/\w\w/([\w.-]+)", page):
        (folder / language / name).write_text("", encoding="utf-8")
    (folder / language / "values.yml").write_text(f"title: {title}\n", encoding="utf-8")


@pytest.mark.parametrize(("page", "language"), [("report.qmd", "en"), ("rapport.qmd", "nl")])
def test_skeletons_are_whole_pages_without_any_data(tmp_path, page, language):
    generated = tmp_path / "generated"
    generated.mkdir()
    empty(generated, language, "Nothing yet")
    with rendering.stage(REPORTS, generated) as folder:
        rendering.render(page, folder, tmp_path / "page.html", "embedded")
    html = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert checks.faults(html, {"summary": []}) == []
    assert not re.search(r"CPB|Nijmegen|Utrecht|Wageningen|Deventer|Groningen|Tilburg|exemption|ontheffing", html)


def test_both_pages_have_the_same_bones():
    bones = []
    for name in ("report.qmd", "rapport.qmd"):
        page = re.sub(r"_generated/(en|nl)/", "", (REPORTS / name).read_text(encoding="utf-8"))
        page = page.split("---\n", 2)[2].split(":::\n", 1)[1]  # the languages differ in their link to each other
        parts = r"^#+ |\{[#.][^}]*\}|@\w[\w-]+|\$\$[^$]+\$\$|\$[^$\n]+\$|\{\{<.*?>\}\}"
        bones.append(re.findall(parts, page, re.M))
    assert len(bones[0]) > 60
    assert bones[0] == bones[1]


def test_words_are_complete_in_both_languages():
    words = yaml.safe_load((REPORTS / "words.yml").read_text(encoding="utf-8"))
    assert words["en"].keys() == words["nl"].keys()


def test_the_renderer_stays_small():
    files = [LIBRARY / name for name in ("source.py", "subset.py", "embedded.py", "page.lua")]
    lines = sum(len(file.read_text(encoding="utf-8").splitlines()) for file in files)
    assert lines <= 400


def test_quarto_settings_say_what_the_embedded_renderer_does():
    html = yaml.safe_load((REPORTS / "_quarto.yml").read_text(encoding="utf-8"))
    assert f"--toc-depth={html['toc-depth']}" in embedded.OPTIONS
    assert ("--toc" in embedded.OPTIONS) == html["toc"]
    assert f"--{html['format']['html']['html-math-method']}" in embedded.OPTIONS
    assert ("--section-divs" in embedded.OPTIONS) == html["format"]["html"]["section-divs"]
