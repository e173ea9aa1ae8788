"""Sentences from invented results: which branch speaks when, and that nothing is said that was not found."""

import html

import pytest
from reporting import answer, grounds, limits, live, sentences, sureness
from reporting.markup import to_plain
from reporting.material import Row, load


@pytest.fixture
def english(invented, settings):
    package, results = invented
    return load(results, package, settings, "en")


def effect(m, name, component):
    analysis = next(a for a in m.analyses() if a.name == name)
    row = next(r for r in m.identified(name) if r["component"] == component)
    return to_plain(sentences.effect(m, analysis, row))


def test_numbers_of_people_only_where_the_evidence_makes_the_number(english):
    known = effect(english, "sewing_end", "voucher")
    assert "Of 100 people: about 5 more than without it (95% interval: 1 fewer to 9 more)" in known
    vague = effect(english, "sewing_end", "coaching")
    assert "Of 100 people" not in vague
    assert "a rise in sewing is more likely than not (74%; beforehand 50%)" in vague


def test_a_chance_that_hardly_moved_is_said_to_have_hardly_moved(made, settings):
    def said(p):
        rows = made.summary()
        rows[1] |= {"prob_positive": p}
        return effect(made.material(settings, "en", summary=rows), "sewing_end", "coaching")

    assert "the findings hardly change the chance of a rise in sewing: 51%, beforehand 50%." in said(0.514)
    assert "the findings hardly change the chance of a rise in sewing: 49%, beforehand 50%." in said(0.486)
    assert "a rise in sewing is about as likely as not (52%; beforehand 50%)" in said(0.52)


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "finer seams is very likely"), ("nl", "meer naaien is heel waarschijnlijk")],
)
def test_a_rise_is_named_as_the_package_names_it_in_that_language(made, settings, language, said):
    own = [row | {"rise_en": "finer seams"} if row["outcome"] == "sewing" else row for row in made.TABLES["outcomes"]]
    assert said in effect(made.material(settings, language, {"outcomes": own}), "sewing_end", "voucher")


@pytest.mark.parametrize(("diagnosis", "leans"), [("prior", True), ("both", False), ("evidence", False)])
def test_a_number_that_leans_on_the_prior_says_so(made, settings, diagnosis, leans):
    row = {"analysis": "sewing_end", "estimand": "average", "component": "voucher", "diagnosis": diagnosis}
    m = made.material(settings, "en")
    m.tables["power_scaling"].append(Row("power_scaling", row))
    assert ("This number still leans on what was assumed beforehand" in effect(m, "sewing_end", "voucher")) == leans


@pytest.mark.parametrize(("language", "level", "named"), [("en", 0.9, "90% interval"), ("nl", 0.975, "97,5%-interval")])
def test_the_level_named_is_the_one_configured(invented, settings, language, level, named):
    package, results = invented
    m = load(results, package, {**settings, "level": level}, language)
    assert f"({named}: 1 " in effect(m, "sewing_end", "voucher")
    assert m.language.say("forest.columns.interval") == named
    assert m.language.words("glossary.terms")["interval"]["term"] == named


def test_scores_are_given_in_standard_deviations(english):
    text = effect(english, "noise_end", "coaching")
    assert "In standard deviations: about 0.04 higher (95% interval: 0.15 lower to 0.24 higher)" in text


def test_gain_and_harm_follow_the_good_direction(english):
    assert "A fall of more than 0.10 standard deviations, here a gain, is about as likely as not (41%)" in effect(
        english, "loneliness_after", "voucher"
    )
    assert "a fall of more than 2 percentage points is very unlikely (<1%)" in effect(english, "sewing_end", "voucher")
    neutral = effect(english, "noise_end", "coaching")
    assert "A rise of more than" in neutral and "gain" not in neutral and "harm" not in neutral


def test_certainty_names_its_grounds(english):
    assert "Certainty: moderate (3 parishes; a usable number from 2 parishes, else only words; 38% of" in effect(
        english, "sewing_end", "voucher"
    )
    assert "Certainty: low (3 parishes; we had only words; 86% of" in effect(english, "sewing_end", "coaching")


def test_what_is_not_known_is_said(english):
    analysis = english.analyses()[0]
    text = to_plain(sentences.unknown(english, analysis))
    assert "how large the effect of coaching is" in text
    assert "the average effect of singing in a choir (no parish has a finding that counts)." in text


def test_why_there_is_no_average_effect_is_told_from_the_findings(made, settings):
    def said(*sites):
        rows = [row | {"x_choir": 1} if row["municipality"] in sites else row for row in made.estimates()]
        m = made.material(settings, "en", estimates=rows)
        return to_plain(sentences.unknown(m, m.analyses()[0]))

    assert "singing in a choir (only Dunmere has a finding that counts)" in said("dunmere")
    assert "singing in a choir (the findings cannot tell it from other measures)" in said("dunmere", "elmsey")


def test_counts_stand_beside_with_their_sign_test(english):
    text = to_plain(sentences.counts(english, english.analyses()[0]))
    # three directions cannot give a p-value below 0.05, whatever they are
    assert "travel voucher 2 up, 0 none, 1 down;" in text and "sign test" not in text
    assert "coaching 1 up, 2 none, 1 down." in text


@pytest.mark.parametrize(
    ("harm", "gain", "says"),
    [
        (0.049, 0.1, ("Very unlikely", "Not shown")),
        (0.05, 0.4, ("Probably not", "Perhaps")),
        (0.19, 0.79, ("Probably not", "Perhaps")),
        (0.20, 0.80, ("Cannot be ruled out", "Probably.")),
    ],
)
def test_first_screen_verdicts(made, settings, harm, gain, says):
    rows = made.summary()
    for row in rows:
        if row["estimand"] == "average" and row["stage"] == "posterior" and row["prob_gain"] != "":
            row |= {"prob_harm": harm, "prob_gain": gain}
    m = made.material(settings, "en", summary=rows)
    text = to_plain(answer.text(m))
    for part in says:
        assert part in text


def test_first_screen_names_the_largest_harm_and_the_best_measure_each_with_its_chance_beforehand(english):
    text = to_plain(answer.text(english))
    # the prior's chance of a rise in loneliness that matters is 34, the posterior's 3; in sewing 10 for coaching
    assert "harm that matters](#sec-words): 10% (beforehand 34%), a fall in sewing at the end, with coaching." in text
    assert "with travel voucher a rise is very likely, 96% (beforehand 50%); certainty moderate." in text
    notes = to_plain(grounds.notes(english))
    assert "For other measures the chance of a harm that matters is at most 3% (beforehand 34%)." in notes
    assert "Best estimate: 5 more of every 100 people, between 1 fewer and 9 more." in notes
    unknown = "singing in a choir unknown (no parish has a finding that counts)"
    assert f"chance of a rise in sewing at the end: coaching 74%; {unknown}." in notes


def test_a_verdict_that_needs_no_results_says_so(made, settings):
    def verdicts(harm, gain):
        rows = made.summary()
        for row in rows:
            if row["estimand"] == "average" and row["stage"] == "posterior" and row["prob_gain"] != "":
                row |= {"prob_harm": harm, "prob_gain": gain}
        return to_plain(answer.text(made.material(settings, "en", summary=rows)))

    # beforehand the largest chances of a harm and of a gain are 34
    assert "Cannot be ruled out (as beforehand)." in verdicts(0.21, 0.41)
    assert "Perhaps." in verdicts(0.21, 0.41)
    assert "Probably not." in verdicts(0.19, 0.39) and "Not shown (as beforehand)." in verdicts(0.19, 0.39)


def left_out(rows, component, **chances):
    return [
        row | {"prob_positive": chances[row["municipality"]], "prob_harm": chances[row["municipality"]]}
        if row["estimand"] == "leave_out" and row["analysis"] == "sewing_end" and row["component"] == component
        else row
        for row in rows
    ]


def test_the_place_on_which_a_chance_hangs_is_named(made, settings):
    """The largest harm is a fall in sewing with coaching, 10%: unlikely; without Brookford very unlikely."""
    rows = left_out(made.summary(), "coaching", brookford=0.04, dunmere=0.11, elmsey=0.12)
    m = made.material(settings, "en", summary=rows)
    assert "This hangs on one sentence about Brookford; without Brookford 4%." in to_plain(answer.text(m))
    assert "The sentence about Brookford is claim [X2](#claim-x2): an invented finding &#40;X2&#41;" in grounds.notes(m)
    assert "coaching 74% (without Brookford 4%)" in to_plain(grounds.notes(m))
    same_word = left_out(made.summary(), "coaching", brookford=0.09, dunmere=0.11, elmsey=0.12)
    assert "one sentence" not in answer.text(made.material(settings, "en", summary=same_word))
    gone = [row | {"identified": "false"} if row["estimand"] == "leave_out" else row for row in rows]
    assert "one sentence" not in answer.text(made.material(settings, "en", summary=gone))


def test_a_place_with_a_number_is_no_sentence(made, settings):
    rows = left_out(made.summary(), "voucher", brookford=0.5, dunmere=0.9, elmsey=0.9)
    text = to_plain(answer.text(made.material(settings, "en", summary=rows)))
    assert "This hangs on Brookford; without Brookford 50%." in text


def test_one_passage_and_one_source_behind_the_best_measure_are_told(made, settings):
    def told(claims):
        m = made.material(settings, "en", claims=claims)
        return to_plain(answer.text(m)), html.unescape(grounds.notes(m))

    screen, notes = told(made.claims())
    assert "It rests on one passage in one source." in screen
    assert "All findings on it stand in one passage: Gazette, 2032, p. 1." in notes
    first, *rest = made.claims()
    screen, notes = told([first | {"locator": "p. 9"}, *rest])
    assert "It rests on one source." in screen and "All findings on it come from one source: Gazette, 2032." in notes
    screen, notes = told([first | {"source": "P2"}, *rest])
    assert "rests on" not in screen and "All findings" not in notes


def test_one_choice_that_lowers_the_chance_to_another_word_is_told(made, settings):
    flip = {"analysis": "sewing_end", "component": "voucher", "primary": "false", "exhaustive": "true"}
    m = made.material(settings, "en")
    for conclusion, changes, p, altered in (
        ("likely", "1", "0.85", "width=wide"),
        ("rather", "1", "0.61", "coder=one"),
        ("even", "2", "0.5", "coder=one; width=wide"),
        ("opposite_sign", "1", "0.4", "coder=two"),
    ):
        more = {"conclusion": conclusion, "changes": changes, "prob_positive": p, "altered": altered}
        m.tables["multiverse/flips"].append(Row("multiverse/flips", flip | more))
    named = {"choice": "coder", "option": "one", "choice_en": "Who coded", "option_en": "Coder one"}
    m.tables["multiverse/options"].append(Row("multiverse/options", named))
    assert "One other choice makes it 61%." in to_plain(answer.text(m))
    notes = to_plain(grounds.notes(m))
    assert "With one choice made otherwise (who coded: Coder one) a rise is more likely than not, 61%." in notes


def test_counted_claims_are_told_with_the_sources_they_come_from(made, settings):
    aside = [row | {"source": "P1"} if row["claim"] == "X12" else row for row in made.claims()]
    sources = [row | {"part_read": part} for row, part in zip(made.TABLES["sources"], ("abstract only", "full text"))]
    m = made.material(settings, "en", {"sources": sources}, claims=aside)
    assert "12 of 15 claims count, from one source." in to_plain(answer.text(m))
    two = [row | {"source": "P2"} if row["claim"] == "X12" else row for row in made.claims()]
    notes = to_plain(grounds.notes(made.material(settings, "en", {"sources": sources}, claims=two)))
    assert "15 claims from 2 public sources were read; 12 of them count. 11 of those 12 come from one source" in notes
    assert "Of the 2 sources that count, 1 could be read only in part." in notes


@pytest.mark.parametrize("coded_by", ["automated", "people", None])
def test_automated_coding_is_told_on_the_first_screen_where_the_package_says_so(made, settings, coded_by):
    m = made.material(settings, "en")
    if coded_by:
        m.descriptor["coded_by"] = coded_by
    said = "Two automated coders coded them; no person has checked." in answer.text(m)
    assert said == ("No person has coded the claims yet" in sureness.coding(m)) == (coded_by == "automated")
    m.tables["coding_agreement"].clear()
    assert ("They were coded automatically" in answer.text(m)) == (coded_by == "automated")


def test_no_kappa_is_given_where_a_coder_used_one_code_only(made, settings):
    m = made.material(settings, "en")
    text = sureness.coding(m)
    assert "No κ can be given where a coder used one code only." in text and text.count(">–</td>") == 1
    assert "that at least one coder called usable" not in text
    m.tables["coding_agreement"][1] |= {"claims": "eligible", "kappa": "0.5", "n": "13"}
    text = to_plain(sureness.coding(m))
    assert "No κ" not in text
    assert "the 13 claims that at least one coder called usable. In the end 12 claims count" in text


def test_other_outcomes_are_told_apart_from_the_main_ones(made, settings):
    rows = [row | {"prob_positive": 0.81} if row["analysis"] == "noise_end" else row for row in made.summary()]
    notes = to_plain(grounds.notes(made.material(settings, "en", summary=rows)))
    assert "The first screen counts only the main outcomes: sewing and loneliness." in notes
    assert "Of the others a rise is likely in noise at the end with coaching, 81%." in notes
    every = settings | {"analyses": [entry | {"main": True} for entry in settings["analyses"]]}
    assert "Other outcomes" not in grounds.notes(made.material(every, "en"))


def test_the_best_measure_is_the_least_likely_rise_where_a_fall_is_good(made, settings):
    lower = [row | {"good": "lower"} if row["outcome"] == "sewing" else row for row in made.TABLES["outcomes"]]
    text = to_plain(answer.text(made.material(settings, "en", {"outcomes": lower})))
    assert "with coaching a rise is more likely than not, 74%" in text
    assert "a rise in sewing at the end, with coaching" in text


@pytest.mark.parametrize("language", ["en", "nl"])
def test_first_screen_has_three_parts_and_at_most_120_words(made, settings, language):
    text = answer.text(made.material(settings, language))
    assert text.count("**") == 6
    assert 40 < answer.count_words(text) <= 120


@pytest.mark.parametrize("language", ["en", "nl"])
def test_first_screen_stays_short_with_many_components_and_endless_labels(made, settings, language):
    endless = " ".join(["interminable"] * 40)
    components = [{"component": f"k{i}", "label_en": endless + str(i), "label_nl": endless + str(i)} for i in range(30)]
    outcomes = [row | {"label_en": endless, "label_nl": endless} for row in made.TABLES["outcomes"]]
    rows = [
        made.summary_row(name, "average", f"k{i}") for i in range(30) for name in ("sewing_end", "loneliness_after")
    ]
    m = made.material(settings, language, {"components": components, "outcomes": outcomes}, summary=rows)
    text = answer.text(m)
    assert answer.count_words(text) <= 120
    assert text.count("**") == 6


@pytest.mark.parametrize(("spread", "said"), [(2.6, True), (2.8, False)])
def test_chances_in_a_new_site_are_mostly_about_the_average_where_they_are(made, settings, spread, said):
    """The surest average has a standard deviation of 1.9, so half of the variance at 2.69."""
    rows = [
        row | {"sd": spread} if row["estimand"] == "new" and row["unit"] == "points" else row for row in made.summary()
    ]
    text = live.fragment(made.material(settings, "en", summary=rows))
    assert ("mostly express uncertainty about the average, and are no shares of parishes" in text) == said


def test_what_was_not_read_and_how_many_effects_there_are_open_the_section_on_certainty(made, settings):
    m = made.material(settings, "en")
    said = "For 7 of 9 findings on the main outcomes the sources that we could read give words, and no usable size."
    assert limits.fragment(m).strip() == said
    few, many = (
        [r | {"analysis": f"noise{k}_end", "outcome": f"noise{k}"} for k in range(n) for r in made.summary()[5:6]]
        for n in (limits.MANY - 4, limits.MANY - 3)
    )
    analyses = settings["analyses"] + [{"outcome": f"noise{k}", "horizon": "end"} for k in range(limits.MANY)]
    for more, told in ((few, False), (many, True)):
        m = made.material(settings | {"analyses": analyses}, "en", summary=made.summary()[:5] + more)
        text = limits.fragment(m)
        assert ("With 10 average effects some chances above 80% or below 20% are to be expected" in text) == told


def test_nothing_is_answered_without_an_identified_effect(made, settings):
    rows = [row | {"identified": "false"} for row in made.summary()]
    assert grounds.fragment(made.material(settings, "en", summary=rows)) == ""


def test_a_component_unknown_for_the_first_outcome_is_answered_for_another(made, settings):
    """The council's main question about a measure must not stay open where another main outcome answers it."""
    rows = [r for r in made.summary() if not (r["analysis"] == "sewing_end" and r["component"] == "voucher")]
    m = made.material(settings, "en", summary=rows)
    text = to_plain(grounds.fragment(m))
    assert (
        "travel voucher unknown (the findings cannot tell it from other measures), but loneliness afterwards 12%"
        in text
    )
    elsewhere = sentences.elsewhere(m, m.analyses()[0])
    assert "Something is known of travel voucher for [loneliness after the trial](#sec-loneliness-after)" in elsewhere


def test_no_change_is_said_in_words_and_not_as_zero_more(made, settings):
    rows = [row | {"median": -0.2} if row["magnitude"] == "true" else row for row in made.summary()]
    m = made.material(settings, "en", summary=rows)
    assert "Of 100 people: about as many as without it (95% interval: 1 fewer" in effect(m, "sewing_end", "voucher")
    rows = [row | {"median": 0.004} if row["magnitude"] == "true" else row for row in made.summary()]
    m = made.material(settings, "en", summary=rows)
    assert "About the same as without it" in effect(m, "noise_end", "coaching")


@pytest.mark.parametrize(("up", "down", "tested"), [(4, 1, False), (5, 1, True), (0, 6, True)])
def test_a_sign_test_stands_where_it_can_show_anything(made, settings, up, down, tested):
    m = made.material(settings, "en")
    row = next(m.rows("counts", analysis="sewing_end", component="voucher"))
    row |= {"positive": str(up), "negative": str(down)}
    assert ("sign test, p = 0.62" in to_plain(sentences.counts(m, m.analyses()[0]))) is tested
