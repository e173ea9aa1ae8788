"""The section on choices: counts, curves, shares, beliefs, single sites and sources; nothing without data."""

import re
import xml.etree.ElementTree as ET
from itertools import product

import pandas as pd
import pytest
from pooling import multiverse
from pooling.multiverse.answers import COUNTED
from pooling.running import tables
from reporting import multiverse as section_of
from reporting import multiverse_svg
from reporting.material import load

CHOICES = [
    {"choice": "coder", "kind": "equivalent", "label_en": "Who <b>coded</b>", "label_nl": "Wie codeerde",
     "options": [{"option": "both", "label_en": "both", "label_nl": "beiden"},
                 {"option": "one", "label_en": "coder one", "label_nl": "codeur een"}]},
    {"choice": "width", "kind": "equivalent", "label_en": "Width", "label_nl": "Breedte",
     "options": [{"option": "own", "label_en": "own", "label_nl": "eigen"},
                 {"option": "wide", "label_en": "wide", "label_nl": "breed"}]},
]  # fmt: skip
NUMBERS = {"sd": 1.0, "prob_increase": 0.5, "prob_decrease": 0.1, "tau": 0.1, "sites": 4, "reason": ""}


def line(spec, codes, mean, p, left_out="", source=""):
    options = {c["choice"]: c["options"][k]["option"] for c, k in zip(CHOICES, codes, strict=True)}
    return {"spec": spec, "same_as": spec, "block": "equivalent" if not left_out + source else "left out", **options,
            "left_out": left_out, "without_source": source, "mean": mean, "lower": mean - 2, "upper": mean + 2,
            "prob_positive": p, **NUMBERS}  # fmt: skip


def silent(line):
    return line | dict.fromkeys(("mean", "lower", "upper", "prob_positive", "sd")) | {"sites": 1, "reason": "few_sites"}


def asked():
    rows = [line(k, code, 1 - 1.5 * code[1], 0.9 - 0.6 * code[1] - 0.1 * code[0])
            for k, code in enumerate(product((0, 1), repeat=2))]  # fmt: skip
    rows += [
        line(4, (0, 0), 0.5, 0.7, "brookford"),
        line(5, (0, 0), 2.0, 0.97, "farrow"),
        line(6, (0, 0), 0.4, 0.66, "", "Q1"),
        line(7, (0, 0), 0.6, 0.71, "", "Q2"),
        silent(line(8, (0, 0), 0, 0, "", "Q3")),
        silent(line(9, (0, 0), 0, 0, "brookford;dunmere")),
    ]
    return pd.DataFrame(rows)


@pytest.fixture
def section(invented, settings):
    """Maker of the section from the specifications of one effect."""

    def make(language="en", only_full="false", failed=0):
        package, results = invented
        (results / "multiverse").mkdir(exist_ok=True)
        for name, made in multiverse.tabulated(asked(), CHOICES).items():
            made.insert(0, "analysis", "sewing_end")
            made.insert(1, "component", "voucher")
            tables.write_csv(made, results / "multiverse" / f"{name}.csv", 4)
        counts = dict.fromkeys(COUNTED, 2) | {"analysis": "sewing_end", "asked": 12345, "failed": failed}
        counts |= {"only_full_set": only_full}
        tables.write_csv(pd.DataFrame([counts]), results / "multiverse" / "counts.csv", 8)
        return section_of.fragment(load(results, package, settings, language))

    return make


def shown(text):
    return re.sub(r"<[^>]+>", "", text)


def test_no_section_without_the_tables(made, settings):
    for language in ("en", "nl"):
        assert section_of.fragment(made.material(settings, language)) == ""


@pytest.mark.parametrize("language", ["en", "nl"])
def test_everything_is_told(section, language):
    text = section(language)
    ids = ("choices", "moves", "believe", "subsets", "single")
    assert all(f"{{#sec-multiverse-{name}}}" in text for name in ids)
    assert ("12,345" if language == "en" else "12.345") in text


def test_both_languages_show_the_same_numbers(section):
    found = [re.findall(r'data-value="([^"]*)"', section(language)) for language in ("en", "nl")]
    assert found[0] == found[1] and len(found[0]) > 10


def test_the_choice_that_moves_the_answer_most_stands_first(section):
    # chances .9, .8, .3, .2: the width moves them by .6 (variance .09), the coder by .1 (.0025)
    text = section()
    moves = text[text.index("{#sec-multiverse-moves}") : text.index("{#sec-multiverse-believe}")]
    assert re.search(r"Width 97%.*Who .*coded.* 3%", shown(moves))
    assert "<b>" not in moves


def test_the_fewest_choices_for_the_opposite_sign_are_named(section):
    text = section()
    believed = text[text.index("{#sec-multiverse-believe}") : text.index("{#sec-multiverse-subsets}")]
    assert "Width: <em>wide</em>" in believed


def test_single_sources_at_their_lowest_and_highest_and_without_an_answer(section):
    text = section()
    text = text[text.index("{#sec-multiverse-single}") :]
    cells = [shown(cell) for cell in re.findall(r"<td[^>]*>(.*?)</td>", text)]
    assert cells == ["96%", "66% (without Q1, Q1)", "71% (without Q2, Q2)", "Q3, Q3"]


@pytest.mark.parametrize("language", ["en", "nl"])
def test_without_one_site_there_is_one_answer_that_of_the_summary(section, language):
    """The strip and its table take over what the summary says; the multiverse's own 70% and 97% stand nowhere."""
    text = section(language)
    text = text[text.index("{#sec-multiverse-subsets}") : text.index("{#sec-multiverse-single}")]
    assert "61–96%" in text and "70" not in shown(text).replace("0.70", "")
    cells = [shown(cell) for cell in re.findall(r"<td[^>]*>(.*?)</td>", text)]
    # with all, and without Brookford, Dunmere or Elmsey; without Brookford and Dunmere no answer is left
    assert cells[0].startswith("4;") and "1" in cells[0]
    assert cells[2] == ("61 to 96%" if language == "en" else "61 tot 96%")


def test_too_few_sites_to_leave_any_out_is_said(section):
    text = section(only_full="true")
    assert "there is only the full set for" in text
    assert "fig-multiverse-subsets" not in text


def test_failures_are_told(section):
    assert "All of them could be calculated" in section()
    assert "3 of them could not be calculated" in section(failed=3)


def test_drawings_are_small_whole_and_have_a_text(section):
    drawings = re.findall(r"<svg.*?</svg>", section(), re.S)
    assert len(drawings) == 4
    for drawing in drawings:
        root = ET.fromstring(drawing)
        assert root.find("title").text and "strip" in root.find("desc").text
    strips = [multiverse_svg.Strip("An effect", "1–99%", [(0.1, -2.0, 2.0)] * 40, (0.1, -2.0, 2.0))] * 20
    words = multiverse_svg.Words("t", "d", "<", ">", "points", "chance", str)
    assert len(multiverse_svg.draw(strips, words, "fig-x")) < 120_000


def test_many_choices_are_counted_and_not_spelt_out(invented, settings, monkeypatch, section):
    assert "Width: <em>wide</em>" in section()
    monkeypatch.setattr(section_of, "SPELT_OUT", 0)
    text = section()
    assert "<em>wide</em>" not in text and "1 choices made otherwise together, named in flips.csv" in text
