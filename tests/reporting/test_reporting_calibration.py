"""The section on calibration: the stored study where there is one, bounds marked, nothing without data."""

import csv
import re
import xml.etree.ElementTree as ET

import pytest
from pooling.calibration import tabulate
from reporting import calibration, rank_svg
from reporting.material import load


def summary_row(study, kind, quantity, coverage=0.95, replicates=1000, **given):
    values = {
        "study": study, "engine": "exact", "family": "own", "design": "sewing_end", "fingerprint": "d1", "sites": 4,
        "rows": 6, "kind": kind, "quantity": quantity, "replicates": replicates, "refused": 0, "coverage": coverage,
        "coverage_lower": 0.93, "coverage_upper": 0.967, "level": 0.95, "chi2_p": 0.4, "ks_p": 0.6, "seed": 7,
        "version": "v9",
    }  # fmt: skip
    return {**values, **given}


def rank_rows(study, kind, counts=(50, 50, 20, 80)):
    values = {"study": study, "engine": "exact", "fingerprint": "d1", "kind": kind, "quantity": "mu[0]", "lower": 30}
    values |= {"bins": len(counts), "upper": 70, "expected": 50}
    return [{**values, "bin": k, "count": count} for k, count in enumerate(counts)]


def write(path, columns, rows):
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, ["study", *columns, "repeated", "difference"])
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture
def section(invented, settings):
    """Maker of the section from lines of the two tables."""

    def make(summary, ranks, language="en"):
        package, results = invented
        write(results / "calibration.csv", tabulate.SUMMARY, summary)
        write(results / "calibration_ranks.csv", tabulate.RANKS, ranks)
        return calibration.fragment(load(results, package, settings, language))

    return make


def study(name, **given):
    rows = [summary_row(name, kind, q, **given) for kind in calibration.KINDS for q in ("mu[0]", "new[0]", "tau")]
    rows += [summary_row(name, kind, q, **{"chi2_p": "", **given}) for kind in calibration.KINDS for q in ("mu", "new")]
    return rows, [row for kind in calibration.KINDS for row in rank_rows(name, kind)]


def test_without_data_there_is_no_section(section):
    assert section([], []) == ""


def test_the_stored_study_is_shown_and_said_to_be(section):
    full, ranks = study("full", repeated=10, difference="0.00002")
    run, more = study("run", replicates=10, coverage=0.8)
    text = section([*run, *full], [*more, *ranks])
    assert "full study that comes with the code: 1,000 data sets" in text and "the first 10 of each again" in text
    assert ">0.00002<" in text or "[0.00002]" in text
    assert "95.0" in text and "80.0" not in text and "This run made up" not in text
    alike, ranks = study("full", repeated=10, difference="0.0000004")
    text = section(alike, ranks)
    assert "the places of the truths differ by less than 0.00001" in text and "at most" not in text


def test_a_runs_own_data_sets_are_said_to_be_few(section):
    text = section(*study("run", replicates=10))
    assert "This run made up 10 data sets" in text and "full study" not in text


def test_what_lies_outside_its_bounds_is_counted_and_bold(section):
    rows, ranks = study("full")
    next(row for row in rows if row["quantity"] == "mu")["coverage"] = 0.91
    text = section(rows, ranks)
    assert "Of 6 coverages of 95% intervals, 5 lie" in text
    assert re.search(r"<strong><span[^>]*>91\.0</span>%</strong>", text)
    uneven = [{**row, "chi2_p": 0.0001} if row["quantity"] == "tau" else row for row in rows]
    assert "below 0.01: 3 of 9" in section(uneven, ranks)


def test_the_sampler_gets_a_sentence(section):
    rows, ranks = study("full")
    sampled = [{**row, "engine": "pymc", "replicates": 100} for row in rows]
    assert "sampled with PyMC, 100 data sets each: of 6 coverages, 6 lie" in section([*rows, *sampled], ranks)


def test_both_languages_show_the_same_numbers(section):
    rows, ranks = study("full")
    english, dutch = section(rows, ranks), section(rows, ranks, "nl")
    for pattern in (r'data-row="[^"]*"', r'data-value="[^"]*"', r"<(\w+)", r"\{#([\w-]+)\}"):
        assert re.findall(pattern, english) == re.findall(pattern, dutch)


@pytest.mark.parametrize(
    ("language", "level", "named"), [("en", 0.9, "90%"), ("en", 0.975, "97.5%"), ("nl", 0.975, "97,5%")]
)
def test_the_level_named_is_that_of_the_study(section, language, level, named):
    text = section(*study("full", level=level), language)
    assert re.findall(r"[\d.,]+%(?=[ -]interval)", text) == [named] * 3, "introduction, coverage and caption"


def test_bars_are_as_high_as_their_counts_and_coloured_by_the_band():
    bars = rank_svg.Bars((50, 50, 20, 80), 30, 70, 50)
    words = rank_svg.Words("<title>", "desc", ("numbers",), "low", "high")
    svg = ET.fromstring(rank_svg.draw([("a & b", [bars])], words, True, "x"))
    found = [shape for shape in svg.iter("rect") if shape.get("class").startswith("average")]
    assert [shape.get("class") for shape in found] == ["average c1", "average c1", "average c2", "average c2"]
    heights = [float(shape.get("height")) for shape in found]
    assert heights[0] == heights[1] and heights[3] / heights[2] == pytest.approx(4, rel=0.02)
    assert svg.find("title").text == "<title>"
