"""Without one site: an effect with too few sites left has no answer, and the table says so in words."""

import re

import pytest
from reporting import left_out, sureness


def table(m):
    """Cells of each row of the table, by the name of the effect."""
    rows = re.findall(r"<tr><th scope=.row.>(.*?)</th>(.*?)</tr>", sureness.sensitivity(m), re.S)
    cells = {name: re.findall(r"<td[^>]*>(.*?)</td>", rest, re.S) for name, rest in rows}
    return {name: [re.sub(r"<[^>]*>", "", cell) for cell in row] for name, row in cells.items()}


def without_answer(made, settings, *sites, language="en"):
    rows = made.summary()
    for row in rows:
        if row["estimand"] == "leave_out" and row["component"] == "voucher" and row["municipality"] in sites:
            row |= {"identified": "false", "sites": 1}
    return made.material(settings, language, summary=rows)


def test_lowest_and_highest_with_the_site_that_is_missing(made, settings):
    found = table(made.material(settings, "en"))["Travel voucher, sewing at the end of the trial"]
    assert found[1:4] == ["61% (without Brookford)", "77% (without Elmsey)", "–"]


@pytest.mark.parametrize(("language", "none"), [("en", "no answer left"), ("nl", "geen antwoord meer")])
def test_what_has_no_answer_shows_no_number(made, settings, language, none):
    m = without_answer(made, settings, "brookford", "elmsey", language=language)
    first = next(iter(table(m).values()))
    assert first[1] == first[2] and first[1].startswith("69%")
    assert "Brookford" in first[3] and "Elmsey" in first[3] and "61%" not in "".join(first)
    m = without_answer(made, settings, "brookford", "dunmere", "elmsey", language=language)
    first = next(iter(table(m).values()))
    assert first[1:3] == [none, none] and "Dunmere" in first[3]


def test_one_rule_decides(made, settings):
    m = without_answer(made, settings, "dunmere")
    found = left_out.sites(m, m.analyses()[0], "voucher")
    assert [(left.name, left.answered) for left in found] == [("Brookford", True), ("Dunmere", False), ("Elmsey", True)]
    low, high = left_out.ends(found)
    assert (low.name, high.name) == ("Brookford", "Elmsey")
