"""Sentences from invented results: which branch speaks when, and that nothing is said that was not found."""

import pytest
from reporting import answer, sentences
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
    assert "travel voucher 2 up, 0 none, 1 down (sign test, p = 0.62)" in text
    assert "coaching 1 up, 2 none, 1 down." in text


@pytest.mark.parametrize(
    ("harm", "gain", "says"),
    [
        (0.049, 0.1, ("Very unlikely", "Not shown")),
        (0.05, 0.4, ("Probably not", "Perhaps")),
        (0.19, 0.79, ("Probably not", "Perhaps")),
        (0.20, 0.80, ("That cannot be ruled out", "Probably.")),
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
    assert "harm that matters](#sec-words) is 10% (beforehand 34%): a fall in sewing at the end, with coaching." in text
    assert "For other measures it is at most 3% (beforehand 34%)." in text
    assert "Sewing at the end: with travel voucher a rise is very likely, 96% (beforehand 50%)." in text
    assert "Best estimate: 5 more of every 100 people, between 1 fewer and 9 more." in text
    assert "Other measures: coaching 74%; singing in a choir unknown." in text


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


def test_nothing_is_answered_without_an_identified_effect(made, settings):
    rows = [row | {"identified": "false"} for row in made.summary()]
    assert answer.fragment(made.material(settings, "en", summary=rows)) == ""


def test_a_component_unknown_for_the_first_outcome_is_answered_for_another(made, settings):
    """The council's main question about a measure must not stay open where another main outcome answers it."""
    rows = [r for r in made.summary() if not (r["analysis"] == "sewing_end" and r["component"] == "voucher")]
    m = made.material(settings, "en", summary=rows)
    text = to_plain(answer.fragment(m))
    assert "travel voucher unknown, but loneliness afterwards 12%" in text
    elsewhere = sentences.elsewhere(m, m.analyses()[0])
    assert "Something is known of travel voucher for [loneliness after the trial](#sec-loneliness-after)" in elsewhere


def test_no_change_is_said_in_words_and_not_as_zero_more(made, settings):
    rows = [row | {"median": -0.2} if row["magnitude"] == "true" else row for row in made.summary()]
    m = made.material(settings, "en", summary=rows)
    assert "Of 100 people: about as many as without it (95% interval: 1 fewer" in effect(m, "sewing_end", "voucher")
    rows = [row | {"median": 0.004} if row["magnitude"] == "true" else row for row in made.summary()]
    m = made.material(settings, "en", summary=rows)
    assert "About the same as without it" in effect(m, "noise_end", "coaching")
