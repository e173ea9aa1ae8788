"""The trials at a glance: dates as coarse as published, groups and their components, what is known of cost."""

import re
import xml.etree.ElementTree as ET

import pytest
from reporting import timeline, trials


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2018", (2018.0, 2019.0)),
        ("2018-07", (2018.5, 2018 + 7 / 12)),
        ("2018-07-01", (2018.5, 2018.5)),
        ("2020-02-29", (2020 + (1 + 28 / 29) / 12,) * 2),
        ("2019-02-29", None), ("2018-13", None), ("2018-00", None), ("c. 2018", None), ("", None),
        ("2018-1-1-1", None),
    ],
)  # fmt: skip
def test_a_date_stands_for_all_moments_that_it_can_mean(text, found):
    assert timeline.bounds(text) == (pytest.approx(found) if found else None)


def drawing(made, settings, form, *rows):
    sites = [{"kind": "site", "role": "primary", "name": row["municipality"], **row} for row in rows]
    m = made.material(settings, "en", {"municipalities": sites, "arms": []})
    return [ET.fromstring(svg) for svg in re.findall(r"<svg.*?</svg>", timeline.draw(m), re.S)][form == "narrow"]


@pytest.mark.parametrize("form", ["wide", "narrow"])
def test_only_what_is_certain_is_drawn_solid(made, settings, form):
    known = {"municipality": "a", "start": "2018-01-01", "end": "2020-01-01"}
    coarse = {"municipality": "b", "start": "2018", "end": "2019"}
    open_end = {"municipality": "c", "start": "2018-01-01", "end": ""}
    svg = drawing(made, settings, form, known, coarse, open_end)
    bars = svg.findall("rect")
    dashes = svg.findall("line[@class='predict c1']")
    assert len(bars) == 1 and len(dashes) == 3
    ends = [(float(line.get("x1")), float(line.get("x2"))) for line in dashes]
    assert float(bars[0].get("x")) == ends[0][0]
    assert float(bars[0].get("x")) + float(bars[0].get("width")) == pytest.approx(ends[0][1], abs=0.11)
    assert ends[2] == ends[0], "both years can mean anything from the start of one to the end of the other"
    assert ends[1][1] > ends[0][1], "an end that is not published is open"
    assert "c: Jan 2018 – end not published" in svg.find("desc").text


def test_without_dates_there_is_no_timeline(made, settings):
    m = made.material(settings, "en", {"municipalities": [{"municipality": "a", "name": "A", "kind": "site"}]})
    assert timeline.draw(m) == ""


def test_every_treated_group_has_a_mark_for_each_of_its_components(made, settings):
    text = trials.fragment(made.material(settings, "en"))
    both = re.search(r"<tr><th[^>]*>Farrow: Voucher and coach together</th>(.*?)</tr>", text)[1]
    assert [cell.count("●") for cell in both.split("</td>")[:-1]] == [1, 1, 0]
    assert "Usual rules" not in text
    assert "Which group got what: all 9 groups" in text


def test_costs_are_told_one_by_one_or_said_to_be_unknown(made, settings):
    text = trials.fragment(made.material(settings, "en"))
    assert "No claim in the ledger speaks of cost or effort" in text
    cost = {"claim": "Y1", "kind": "cost", "status": "aside", "reason": "not_an_effect", "source": "P1",
            "municipality": "elmsey", "finding": "nine pounds", "caveat": "a guess"}  # fmt: skip
    text = trials.fragment(made.material(settings, "en", claims=[*made.claims(), cost]))
    assert "One claim in the ledger speaks of money." in text
    assert "<strong>Elmsey</strong>: nine pounds." in text and "a guess" in text and "#claim-y1" in text
