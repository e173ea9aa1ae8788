"""Forest plots: well-formed, deterministic, with text alternatives; every mark where its number is."""

import math
import re
import xml.etree.ElementTree as ET

import pytest
from pooling.effects import risk_difference
from reporting import findings, forest, forest_svg
from reporting.forest_rows import Forest, Group, Line, Span, build, reader_scale
from reporting.material import load
from scipy import stats


@pytest.fixture
def english(invented, settings):
    package, results = invented
    return load(results, package, settings, "en")


@pytest.fixture
def sewing(english):
    return english, english.analyses()[0], build(english, english.analyses()[0])


def drawn(m, analysis, plot, layout):
    return forest_svg.draw(plot, forest.words(m, analysis, plot), layout, "fig-x")


@pytest.mark.parametrize("layout", [forest_svg.WIDE, forest_svg.NARROW], ids=lambda layout: layout.name)
def test_drawing_is_well_formed_named_and_the_same_every_time(sewing, layout):
    text = drawn(*sewing, layout)
    assert text == drawn(*sewing, layout)
    svg = ET.fromstring(text)
    assert svg.get("role") == "img" and svg.get("class") == f"plot {layout.name}"
    ids = {element.get("id"): element.text for element in svg.iter() if element.get("id")}
    title, desc = (ids[name] for name in svg.get("aria-labelledby").split())
    assert "Sewing, at the end of the trial" in title
    assert "Travel voucher: chance of a rise 96%, 95% interval from −1.2 to 9.3 percentage points." in desc
    assert "4 parishes, 7 findings, of which 2 are numbers." in desc
    assert not {"style", "fill-opacity", "font-family", "width", "height"} & set(svg.attrib)


def test_a_size_that_is_no_finding_is_called_a_calculation_at_the_figure_and_in_its_table(sewing):
    m, analysis, plot = sewing
    note = "The size of coaching is a calculation and not a finding"
    assert note in forest.words(m, analysis, plot).desc
    text = forest.fragment(m)
    one = text[text.index("{#sec-sewing-end}") : text.index("{#sec-loneliness-after}")]
    assert one.count(note) == 4, "in both drawings, below the figure and below its table"
    marked = [row for row in one.split("<tr>") if "a calculation, not a finding" in row]
    assert len(marked) == 2 and all("Coaching" in row and "before the evidence" not in row for row in marked)


def test_the_key_names_the_marks_that_there_are_and_what_a_box_stands_for(made, settings):
    def key(rows):
        return forest.key(made.material(settings, "en", estimates=rows))

    rows = made.estimates()
    both = key(rows)
    assert "a point with its interval for a number; a box for a number from rounded percentages; a box for" in both
    assert "the rounding and the size of the groups. It is not an interval for the effect." in both
    assert "For a number the range is its 95% interval." in both
    assert "assumed" not in both.replace("what was assumed before", "")
    words = [row for row in rows if row["kind"] == "interval"]
    assert "a point" not in key(words) and "rounded percentages" not in key(words)
    for k, said in ((1, "partly assumed"), (len(words) - 1, "mostly assumed"), (len(words), "which is assumed")):
        some = [row | {"se_basis": "equal_split"} if i < k else row for i, row in enumerate(words)]
        assert said in key(some)
    numbers = [row for row in rows if row["kind"] == "number"]
    assert "stands for" not in key(numbers)


def test_main_outcomes_are_told_apart_from_those_that_follow(sewing):
    m, _, _ = sewing
    text = forest.fragment(m)
    assert (
        "come first: [sewing](#sec-sewing-end) and [loneliness](#sec-loneliness-after). The others follow: [noise]"
        in text
    )


def test_nothing_is_drawn_outside_the_picture(sewing):
    for layout in (forest_svg.WIDE, forest_svg.NARROW):
        svg = ET.fromstring(drawn(*sewing, layout))
        _, _, width, height = map(float, svg.get("viewBox").split())
        for element in svg.iter():
            for name in ("x", "x1", "x2", "cx"):
                assert 0 <= float(element.get(name, 0)) <= width
            for name in ("y", "y1", "y2", "cy"):
                assert 0 <= float(element.get(name, 0)) <= height
        assert len({e.get("y") for e in svg.iter("text")}) > 10  # labels stand below each other


def test_rows_hold_raw_and_weighed_evidence_of_every_arm(sewing):
    _, _, plot = sewing
    named = {f"{g.label}: {line.label}": line for g in plot.groups for line in g.lines}
    brookford = named["Brookford: Voucher"]
    assert brookford.is_number and brookford.raw.middle == pytest.approx(100 * risk_difference(0.09, 0.2))
    assert named["Dunmere: Voucher"].raw.upper == math.inf
    assert named["Dunmere: Coach"].raw.lower == -math.inf
    assert named["Elmsey: Voucher"].raw.middle is not None and not named["Elmsey: Voucher"].is_number
    assert all(line.posterior for line in named.values())
    assert [g.tied for g in plot.groups] == [True, True, True, False, False, False]
    assert {line.style for line in plot.lines} == {"arm", "average", "predict"}
    assert all(line.prior for line in plot.lines if line.style != "arm")


@pytest.mark.parametrize("level", [0.9, 0.975])
def test_a_number_is_drawn_and_told_with_the_level_that_was_configured(made, settings, level):
    m = made.material(settings | {"level": level}, "en")
    analysis = next(one for one in m.analyses() if one.name == "sewing_end")
    line = next(line for line in build(m, analysis).lines if line.is_number)
    y, se = line.evidence.value("y"), line.evidence.value("se")
    ends = [100 * risk_difference(x, 0.2) for x in stats.norm(y, se).interval(level)]
    assert [line.raw.lower, line.raw.upper] == pytest.approx(ends)
    told = findings.stands_for(m, analysis, line.evidence)
    assert [float(x.replace("−", "-")) for x in re.findall(r"[−\d.]+", told)] == pytest.approx(ends, abs=0.051)


def test_open_ends_are_pointed_and_closed_ends_are_not(sewing):
    m, analysis, plot = sewing

    def path(span):
        line = Line("a", "arm", raw=span, evidence=plot.lines[1].evidence)
        one = Forest("points", 2, (Group("s", (line,)),))
        svg = ET.fromstring(drawn(m, analysis, one, forest_svg.WIDE))
        return next(e.get("d") for e in svg.iter("path") if "raw" in e.get("class"))

    assert path(Span(-3, 4)).count("L") == 0
    assert path(Span(-3, math.inf)).count("L") == 2
    assert path(Span(-math.inf, 3)).count("L") == 2
    assert path(Span(-math.inf, math.inf)).count("L") == 4


def test_arms_of_one_control_are_tied(sewing):
    svg = ET.fromstring(drawn(*sewing, forest_svg.WIDE))
    assert sum(e.get("class") == "tie" for e in svg.iter("path")) == 3


def test_smallest_effect_is_shaded_and_no_effect_has_a_line(sewing):
    svg = ET.fromstring(drawn(*sewing, forest_svg.WIDE))
    (band,) = [e for e in svg.iter("rect") if e.get("class") == "band"]
    (zero,) = [e for e in svg.iter("line") if e.get("class") == "zero"]
    middle = float(band.get("x")) + float(band.get("width")) / 2
    assert middle == pytest.approx(float(zero.get("x1")), abs=0.2)


@pytest.mark.parametrize("value", [-0.4, -0.1, 0.0, 0.05, 0.3])
def test_reader_scale_is_the_projects_own_conversion(sewing, value):
    m, analysis, _ = sewing
    assert reader_scale(m, analysis, value) == pytest.approx(100 * risk_difference(value, 0.2))


def test_scores_stay_as_they_are_and_plain_differences_become_points(made, settings):
    scaled = settings | {"analyses": [{"outcome": "sewing", "horizon": "end", "scale": "difference"}]}
    m = made.material(scaled, "en")
    assert reader_scale(m, m.analyses()[0], 0.07) == pytest.approx(7)
    m = made.material(settings, "en")
    assert reader_scale(m, m.analyses()[1], 0.07) == 0.07


@pytest.mark.parametrize(("low", "high"), [(-0.4, 0.4), (-11, 22), (0, 1e-6), (-5000, 3)])
def test_ticks_are_few_round_and_hold_zero(low, high):
    found = forest_svg.ticks(low, high, 6)
    assert 0 in found and 2 <= len(found) <= 8
    assert all(low <= value <= high for value in found)


def test_a_number_far_out_does_not_squeeze_the_plot(sewing):
    _, _, plot = sewing
    far = Line("far", "arm", raw=Span(900, 1100, 1000), evidence=plot.lines[0].evidence)
    wide = Forest(plot.unit, plot.delta, (*plot.groups, Group("far", (far,))))
    reach = max(abs(v) for line in plot.lines for v in (line.posterior.lower, line.posterior.upper))
    assert max(map(abs, forest_svg.limits(wide))) < 3 * reach


def test_long_labels_are_broken_and_never_cut(made, settings):
    for layout in (forest_svg.WIDE, forest_svg.NARROW):
        for label in ("A label that needs a line of its own and then another one", "A label" + " and on" * 40):
            arms = [row | {"label_en": label} if row["arm"] == "v" else row for row in made.TABLES["arms"]]
            m = made.material(settings, "en", {"arms": arms})
            svg = ET.fromstring(drawn(m, m.analyses()[0], build(m, m.analyses()[0]), layout))
            found = [e for e in svg.iter("text") if (e.text or "").startswith("A label")]
            lines = [[element.text, *(more.text for more in element.findall("tspan"))] for element in found]
            assert lines and all(len(own) > 1 and " ".join(own) == label for own in lines)


def test_on_a_phone_no_line_of_the_ground_runs_through_a_label(sewing):
    svg = ET.fromstring(drawn(*sewing, forest_svg.NARROW))
    lines = [(float(e.get("y1")), float(e.get("y2"))) for e in svg.iter("line") if e.get("class") in ("grid", "zero")]
    # letters reach from about 10 units above the base of their line to 3 below it
    texts = [float(e.get("y")) + 15 * k for e in svg.iter("text") for k in range(len(e.findall("tspan")) + 1)]
    assert len(lines) > 20 and len(texts) > 20
    assert [(y, line) for y in texts for line in lines if line[0] < y + 3 and line[1] > y - 10] == []


def test_lines_of_several_heights_do_not_overlap(made, settings):
    arms = [r | {"label_en": "a long label " * 9} if r["arm"] == "v" else r for r in made.TABLES["arms"]]
    m = made.material(settings, "en", {"arms": arms})
    analysis = m.analyses()[0]
    for layout in (forest_svg.WIDE, forest_svg.NARROW):
        svg = ET.fromstring(drawn(m, analysis, build(m, analysis), layout))
        ends, text = [], [e for e in svg.iter("text") if e.get("x") in ("16", "4") and e.get("text-anchor") == "start"]
        for element in text:
            assert all(float(element.get("y")) > end + 8 for end in ends[-1:])
            ends.append(float(element.get("y")) + 15 * len(element.findall("tspan")))
        assert len(ends) > 10 and ends[-1] < float(svg.get("viewBox").split()[3]) - 40


@pytest.mark.parametrize("versus", ["control", "others"])
def test_what_is_simply_counted_is_said_once_and_as_far_as_it_occurs(made, settings, versus):
    rows = [row | ({"versus": versus} if row["claims"] == "X3" else {}) for row in made.estimates()]
    text = forest.fragment(made.material(settings, "en", estimates=rows))
    assert text.count("gives every parish one vote") == 1
    assert ("a rise counts as a fall for the measures of those others" in text) is (versus == "others")


def test_an_outcome_without_any_average_effect_is_named_with_its_sites(made, settings):
    rows = [row | ({"identified": "false"} if row["analysis"] == "noise_end" else {}) for row in made.summary()]
    text = forest.fragment(made.material(settings, "en", summary=rows))
    assert (
        "of no single measure is the average effect known: noise at the end of the trial (Brookford and Dunmere)."
        in text
    )
    assert "of no single measure" not in forest.fragment(made.material(settings, "en"))


def test_a_score_says_what_its_smallest_effect_means_for_people(made, settings):
    m = made.material(settings, "en")
    text = forest.fragment(m)
    # a difference of 0.10 standard deviations lifts 54 of 100 above the average of the other group
    assert text.count("0.10 standard deviations means that about 54 of 100 people in one group score above") == 2
    assert "of 100 people in one group" not in text[: text.index("Loneliness, after")]
