"""Lights by the rule in bias.yaml: each measure counts what it says, limits are exact, words beside colours."""

import re

import pytest
from pooling.ledger.checks import judgements
from reporting import bias


@pytest.fixture
def m(made, settings):
    return made.material(settings, "en")


def measure(m, name, analysis):
    found = next(a for a in m.analyses() if a.name == analysis)
    return bias.MEASURES[name](m, found, list(m.rows("estimates", analysis=analysis)))


@pytest.mark.parametrize(
    ("name", "analysis", "value"),
    [
        ("drawn", "sewing_end", 1.0),
        ("followed", "sewing_end", 1.0),
        ("heard", "sewing_end", 4 / 4),
        ("heard", "noise_end", 2 / 4),
        ("numbers", "sewing_end", 2 / 7),  # X1, a number, and X5;X6, rounded; five statements
        ("unopposed", "sewing_end", 1.0),  # the conflict is written at the claim that was set aside
    ],
)
def test_measures(m, name, analysis, value):
    assert measure(m, name, analysis) == pytest.approx(value)


def test_measures_see_what_spoils_them(made, settings):
    rows = made.estimates()
    rows[0] |= {"versus": "non_participants"}
    rows[1] |= {"se_basis": "equal_split"}
    claims = [row | {"conflict": "X9"} if row["claim"] == "X5" else row for row in made.claims()]
    m = made.material(settings | {"sizes": {"response": 0.7}}, "en", estimates=rows, claims=claims)
    assert measure(m, "drawn", "sewing_end") == pytest.approx(6 / 7)
    assert measure(m, "sized", "sewing_end") == pytest.approx(6 / 7)
    assert measure(m, "unopposed", "sewing_end") == pytest.approx(6 / 7)
    assert measure(m, "followed", "noise_end") == 0.7


@pytest.mark.parametrize(("good", "open_", "light"), [(0.5, 0.2, "good"), (0.51, 0.5, "open"), (0.6, 0.51, "bad")])
def test_a_measure_on_a_limit_takes_the_better_light(m, good, open_, light):
    noise = next(a for a in m.analyses() if a.name == "noise_end")
    domain = {"domain": "silence", "measure": "heard", "good": good, "open": open_}
    assert bias.judge(m, noise, domain) == (light, 0.5)


def test_a_judgement_of_one_moment_holds_there_and_stands_beside_its_outcomes(m):
    from reporting import forest

    m.descriptor["judgements"] = [
        {"domain": "indirectness", "judgement": "good", "text_en": "Alike."},
        {"domain": "indirectness", "horizon": "after", "judgement": "bad", "text_en": "A flood.", "claims": "X9 X99"},
    ]
    lights = {a.horizon: bias.judge(m, a, {"domain": "indirectness"})[0] for a in m.analyses()}
    assert lights == {"end": "good", "after": "bad"}
    assert 'Alike&#46; <em>After the trial</em>: A flood&#46; (<a href="#claim-x9">X9</a>)' in bias.fragment(m)
    text = forest.fragment(m)
    assert text.count("A flood&#46; ([X9](#claim-x9))") == 1
    assert text.index("{#sec-loneliness-after}") < text.index("A flood") < text.index("{#sec-noise-end}")


def test_a_domain_without_a_measure_is_judged_by_the_package_or_stays_open(m):
    assert "No judgement is given" in bias.fragment(m)
    noise = m.analyses()[0]
    assert bias.judge(m, noise, {"domain": "voluntary"}) == ("open", None)
    m.descriptor["judgements"] = [
        {"domain": "voluntary", "judgement": "bad", "claims": "X1", "text_en": "All were *volunteers*."},
        {"domain": "indirectness", "judgement": "nonsense"},
    ]
    assert bias.judge(m, noise, {"domain": "voluntary"}) == ("bad", None)
    assert bias.judge(m, noise, {"domain": "indirectness"}) == ("open", None)
    text = bias.fragment(m)
    assert "All were &#42;volunteers&#42;&#46;" in text and "#claim-x1" in text


def test_the_check_of_a_package_knows_the_domains_that_it_may_judge():
    assert tuple(d["domain"] for d in bias.domains() if "measure" not in d) == judgements.DOMAINS
    assert set(judgements.LIGHTS) == {"good", "open", "bad"}


def test_every_light_has_a_word_and_every_domain_its_rule(m):
    text = bias.fragment(m)
    lights = re.findall(r'<span class="(good|open|bad)"><span class="light" aria-hidden="true">(.)</span> (\w+)', text)
    assert len(lights) == 3 * len(bias.domains())
    assert {(sign, word) for _, sign, word in lights} <= {("+", "low"), ("?", "some"), ("−", "high")}
    for domain in bias.domains():
        assert m.language.say(f"bias.asks.{domain['domain']}").split(",")[0] in text


def test_nothing_is_judged_without_results(made, settings):
    assert bias.fragment(made.material(settings, "en", summary=[made.summary()[2]], estimates=[])) == ""


def test_a_judgement_may_hold_for_some_outcomes_and_its_words_stand_with_the_result(m):
    sewing, *_, noise = m.analyses()
    m.descriptor["judgements"] = [
        {"domain": "measurement", "judgement": "good", "text_en": "Counted by a machine."},
        {
            "domain": "measurement",
            "judgement": "bad",
            "outcomes": "sewing",
            "claims": "X1",
            "text_en": "Counted by friends.",
        },
    ]
    domain = {"domain": "measurement"}
    assert (bias.judge(m, sewing, domain), bias.judge(m, noise, domain)) == (("bad", None), ("good", None))
    text = bias.fragment(m)
    assert "<em>Sewing</em>: Counted by friends" in text and "Counted by a machine" in text
    assert bias.measured(m, sewing) == "How it was measured: Counted by friends&#46; ([X1](#claim-x1))"
    assert bias.measured(m, noise) == ""
    m.descriptor["judgements"][1]["claims"] = "X90"  # set aside: the result does not rest on it
    assert bias.measured(m, sewing) == ""
