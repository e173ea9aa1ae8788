"""What was heard in public gets one answer each: who, compared with whom, what remains, does it count."""

import re

import pytest
from reporting import evidence, groups, heard
from reporting.markup import to_plain

BASE = {"status": "aside", "municipality": "brookford", "outcome": "sewing", "source": "P2", "versus": "control",
        "kind": "direction_only", "direction": "+"}  # fmt: skip


def claim(name, **cells):
    return BASE | {"claim": name, "finding": f"finding {name}"} | cells


def text_of(m):
    return re.sub(r"<[^>]+>", "", to_plain(heard.fragment(m)))


@pytest.fixture
def told(made, settings):
    def tell(*claims, language="en"):
        return made.material(settings, language, claims=[*made.claims(), *claims])

    return tell


def test_an_unfair_comparison_is_answered_with_what_remains(told):
    m = told(claim("Y1", reason="non_randomised", versus="non_participants", arms="v", value=2))
    text = text_of(m)
    assert "Brookford: finding Y1" in text and "Said by Clerk, 2033 (P2)" in text
    assert "Voucher, compared with: people who did not take part." in text
    assert "It does not count: taking part was a choice." in text
    # an arcsine difference of 0.09 is 7.6 percentage points at a control level of 20 %
    assert "sewing, voucher, at the end of the trial: 7.6 (X1); after weighing, chance of a rise 74%" in text
    assert "sewing, coach, at the end" not in text
    assert "This is a comparison with the control group" not in text


def test_a_group_without_a_finding_of_its_own_is_not_answered_with_anothers(told):
    text = text_of(told(claim("Y1", reason="interim", arms="vc", municipality="dunmere")))
    assert "On sewing, nothing about this group; about others: sewing, voucher, at the end" in text


def test_several_places_together_are_answered_with_the_averages_of_the_measure(told):
    text = text_of(told(claim("Y1", reason="aggregate", municipality="land", arms="coaching")))
    assert "Compared with" not in text and "coaching, compared with: the control group" in text.lower()
    assert "All places together: sewing, coaching, at the end of the trial: chance of a rise 74%" in text
    assert "travel voucher, at the end" not in text


def test_retellings_stand_with_what_they_retell_and_lift_it(told):
    first, second = claim("Y1", reason="interim"), claim("Y2", reason="no_comparator", outcome="loneliness")
    again = claim("Y3", reason="duplicate", reason_detail="duplicate of Y2", source="P1")
    m = told(first, second, again)
    assert heard.collect(m)[0][0]["claim"] == "Y2"
    assert "Told again by Gazette, 2032 (P1)." in text_of(m)


def test_a_counted_number_says_where_it_counts(made, settings):
    claims = [row | {"value": 7} if row["claim"] == "X1" else row for row in made.claims()]
    text = text_of(made.material(settings, "en", claims=claims))
    assert "It counts, in: Sewing, at the end of the trial." in text


def test_what_states_no_effect_is_not_heard(told):
    text = text_of(told(claim("Y1", reason="not_an_effect"), claim("Y2", reason="preferred")))
    assert "Y1" not in text and "Y2" not in text


def test_the_language_of_findings_is_marked_where_the_package_names_it(made, settings, tmp_path):
    m = made.material(settings, "nl", claims=[*made.claims(), claim("Y1", reason="interim")])
    assert "lang=" not in heard.fragment(m)
    m.descriptor["finding_language"] = "en"
    assert '<span lang="en">finding Y1</span>' in heard.fragment(m)
    assert "Ze staan hier in het Engels, de taal van het bestand." in heard.fragment(m)


def test_main_outcomes_come_first_and_paper_takes_the_first_dozen(made, settings):
    side = [claim(f"N{k}", outcome="noise", reason="interim", source=f"S{k}", value=3) for k in range(9)]
    main = [claim(f"M{k}", reason="interim", source=f"T{k}") for k in range(9)]
    m = made.material(settings, "en", claims=[*side, *main])
    told = [rows[0]["claim"] for rows in heard.collect(m)]
    assert told == [*(f"M{k}" for k in range(9)), *(f"N{k}" for k in range(9))]
    assert heard.fragment(m).count('class="unprinted"') == 6
    assert "6 more statements, each with its answer, are in this page on a screen." in heard.fragment(m)


@pytest.mark.parametrize(
    ("versus", "decisive"),
    [("non_participants", "taking part was a choice."), ("before", "people are compared with themselves"),
     ("unclear", "without knowing compared with whom")],
)  # fmt: skip
def test_what_a_comparison_lacks_stands_before_the_reason_it_was_coded_with(told, versus, decisive):
    text = text_of(told(claim("Y1", reason="aggregate", municipality="land", versus=versus)))
    assert re.search(f"It does not count: {decisive}.* Besides, it is about several places together", text)


@pytest.mark.parametrize("unit", ["percent of parishioners", "proportion"])
def test_a_comparison_with_the_control_group_is_called_one_with_its_size_and_how_it_counts(told, unit):
    share = {"percent of parishioners": ("24.5", "15"), "proportion": ("0.245", "0.15")}[unit]
    about = {"kind": "arm_percentage", "unit": unit, "reason": "single_site", "outcome": "loneliness", "horizon": "end"}
    pair = [claim("Y1", arms="v", value=share[0], **about), claim("Y2", arms="control", value=share[1], **about)]
    text = text_of(told(*pair))
    assert "control group drawn by lot: 9.5 percentage points more. It does not count: no second place" in text
    assert "the same finding" not in text
    m = told(pair[0] | {"same_finding": "X3"}, pair[1])
    same = "the same finding counts in another form: sewing, voucher, at the end of the trial: higher, significance not"
    assert same in text_of(m) and "On loneliness, nothing" not in text_of(m)
    also = re.sub(r"<[^>]+>", "", heard.also(m, m.analyses()[0]))
    assert "The same finding as X3 was also published in another form: finding Y1 (Y1)." in also
    assert heard.also(m, m.analyses()[1]) == ""


def test_a_pair_of_different_measures_has_no_difference(told):
    about = {"kind": "arm_percentage", "reason": "single_site", "outcome": "loneliness", "horizon": "end"}
    text = text_of(told(claim("Y1", arms="v", value="24", unit="percent working", **about),
                        claim("Y2", arms="control", value="15", unit="percent resting", **about)))  # fmt: skip
    assert "control group drawn by lot. It does not count" in text


def test_a_table_of_levels_is_not_what_anybody_heard(told):
    level = {"kind": "arm_percentage", "value": 0.2, "unit": "proportion", "direction": "", "reason": "interim"}
    assert "Y1" not in text_of(told(claim("Y1", **level)))
    assert "Y1" in text_of(told(claim("Y1", **level), claim("Y2", **level | {"direction": "-"})))


@pytest.mark.parametrize(
    ("arms", "name", "where"),
    [("v", "voucher", "in the group with voucher"), ("v c", "both groups jointly", "in both groups jointly"),
     ("v c d", "all 3 groups jointly", "in all 3 groups jointly"),
     ("v d", "voucher / dance, jointly", "in the groups voucher / dance jointly")],
)  # fmt: skip
def test_groups_with_one_joint_result_are_no_combined_group(made, settings, arms, name, where):
    more = [{"municipality": "brookford", "arm": "d", "role": "treatment", "label_en": "dance", "components": "choir"}]
    own = made.TABLES["arms"] + (more if "d" in arms.split() else [])
    m = made.material(settings, "en", {"arms": own})
    assert (groups.name(m, "brookford", arms.split()), groups.where(m, "brookford", arms.split())) == (name, where)
    row = BASE | {"arms": arms, "scope": "together" if " " in arms else ""}
    assert evidence.arms(m, row).lower() == name
