"""A4 sheets: the same bytes each time, nothing in a text that Typst would take for its own."""

import re
from pathlib import Path

import pytest
from rendering.pdf import sheet

REPORTS = Path(__file__).parents[2] / "reports"
HOSTILE = '#panic("x") $a$ *b* _c_ `d` <e> @f [g] \\ ~ = + / - "h" \'i\' //'
DRAWING = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 20">'
    '<circle class="posterior c1" cx="50" cy="10" r="8"/></svg>'
)


@pytest.fixture
def fragment(tmp_path):
    path = tmp_path / "summary.md"
    (tmp_path / "forest.svg").write_text(DRAWING, encoding="utf-8")
    path.write_text(
        "Of 100 about [7]{.num data-row='a=b'} more.\n\n"
        "| a | b |\n|---|---|\n| 1 | 2 |\n\n: Numbers\n\n![Effects](forest.svg){fig-alt='One \"mark\"'}\n",
        encoding="utf-8",
    )
    return path


def make(fragment, name="out.pdf", **texts):
    out = fragment.parent / name
    sheet(fragment, REPORTS, out, **({"title": "Title", "footer": "Foot", "lang": "en"} | texts))
    return out.read_bytes()


def pages(pdf: bytes) -> int:
    return max(int(count) for count in re.findall(rb"/Count (\d+)", pdf))


def test_same_input_same_bytes(fragment):
    first = make(fragment)
    assert first.startswith(b"%PDF")
    assert make(fragment, "again.pdf") == first
    assert str(fragment.parent).encode() not in first


def test_one_page_in_the_language_asked_for(fragment):
    pdf = make(fragment, lang="nl")
    assert pages(pdf) == 1
    assert b"/Lang(nl)" in pdf.replace(b"/Lang (", b"/Lang(")


def test_a_long_fragment_runs_on(fragment):
    fragment.write_text("Text.\n\n" * 150, encoding="utf-8")
    assert pages(make(fragment)) > 1


@pytest.mark.parametrize("key", ["title", "subtitle", "footer"])
def test_texts_are_shown_and_never_run(fragment, key):
    assert make(fragment, **{key: HOSTILE}).startswith(b"%PDF")


def test_raw_typst_in_a_fragment_is_text(fragment):
    fragment.write_text('```{=typst}\n#panic("x")\n```\n\n`#panic("y")`{=typst}\n', encoding="utf-8")
    assert make(fragment).startswith(b"%PDF")


def test_colours_reach_the_figure(fragment):
    coloured = make(fragment)
    (fragment.parent / "forest.svg").write_text(DRAWING.replace("c1", "c2"), encoding="utf-8")
    assert make(fragment) != coloured


def test_a_missing_figure_is_refused_and_leaves_the_old_sheet(fragment):
    before = make(fragment)
    fragment.write_text('![x](nowhere.svg){fig-alt="x"}\n', encoding="utf-8")
    with pytest.raises(RuntimeError, match=r"summary\.md"):
        make(fragment)
    assert (fragment.parent / "out.pdf").read_bytes() == before


def test_a_figure_without_alternative_text_is_refused(fragment):
    fragment.write_text("![x](forest.svg)\n", encoding="utf-8")
    with pytest.raises(RuntimeError, match="fig-alt"):
        make(fragment)
