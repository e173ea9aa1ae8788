"""The rules by which sentences choose their words, branch by branch."""

import string

import pytest
from pooling.wording import LIKELIHOOD, likelihood
from reporting.calibrated import Basis, certainty
from reporting.language import LANGUAGES, Language


@pytest.mark.parametrize(
    ("probability", "word"),
    [
        (1.0, "very_likely"), (0.95, "very_likely"), (0.9499, "likely"), (0.80, "likely"), (0.7999, "rather"),
        (0.60, "rather"), (0.5999, "even"), (0.40, "even"), (0.3999, "rather_not"), (0.20, "rather_not"),
        (0.1999, "unlikely"), (0.05, "unlikely"), (0.0499, "very_unlikely"), (0.0, "very_unlikely"),
    ],
)  # fmt: skip
def test_likelihood_word_changes_exactly_at_its_limit(probability, word):
    assert likelihood(probability) == word


@pytest.mark.parametrize("value", [-0.01, 1.01, float("nan")])
def test_what_is_no_probability_is_refused(value):
    with pytest.raises(ValueError, match="between 0 and 1"):
        likelihood(value)


@pytest.mark.parametrize(
    ("sites", "numbers", "sd_ratio", "magnitude", "word"),
    [
        (2, 2, 0.3, True, "very_low"), (8, 8, 0.91, True, "very_low"), (8, 1, 0.3, True, "low"),
        (8, 8, 0.6, False, "low"), (3, 2, 0.8, True, "moderate"), (8, 4, 0.4, True, "moderate"),
        (8, 5, 0.51, True, "moderate"), (5, 5, 0.5, True, "high"), (5, 5, 0.5, False, "low"),
    ],
)  # fmt: skip
def test_certainty(sites, numbers, sd_ratio, magnitude, word):
    assert certainty(Basis(sites, numbers, sd_ratio, magnitude)) == word


@pytest.mark.parametrize("magnitude", [True, False])
def test_more_evidence_never_lowers_certainty(magnitude):
    order = ["very_low", "low", "moderate", "high"]

    def rank(sites, numbers, ratio):
        return order.index(certainty(Basis(sites, numbers, ratio, magnitude)))

    for sites in range(1, 9):
        for numbers in range(sites + 1):
            for ratio in (0.3, 0.5, 0.7, 0.8, 0.85, 0.95):
                here = rank(sites, numbers, ratio)
                assert rank(sites + 1, numbers, ratio) >= here
                assert rank(sites + 1, numbers + 1, ratio) >= here
                assert rank(sites, numbers, ratio - 0.1) >= here


def keys(tree, path=""):
    for key, value in tree.items():
        yield from keys(value, f"{path}{key}.") if isinstance(value, dict) else [f"{path}{key}"]


def test_both_catalogues_hold_the_same_texts_with_the_same_values():
    english, dutch = (Language(code)._texts for code in LANGUAGES)
    assert set(keys(english)) == set(keys(dutch))
    for key in keys(english):
        fields = []
        for tree in (english, dutch):
            text = tree
            for step in key.split("."):
                text = text[step]
            fields.append({name for _, name, _, _ in string.Formatter().parse(text) if name})
        assert fields[0] == fields[1], key


def test_every_code_of_the_rules_has_a_word():
    from pooling.ledger.selection import REASONS
    from pooling.ledger.statements import CATEGORIES

    for code in LANGUAGES:
        language = Language(code)
        assert all(language.has(f"likelihood.{word}") for _, word in LIKELIHOOD)
        assert all(language.has(f"category.{category}") for category in CATEGORIES)
        assert [reason for reason in REASONS if not language.has(f"reason.{reason}")] == []


@pytest.mark.parametrize(
    ("language", "shown"), [("en", ["1,234.5", "−0.2", "0.0"]), ("nl", ["1.234,5", "−0,2", "0,0"])]
)
def test_numbers_follow_the_language(language, shown):
    assert [Language(language).decimal(value) for value in ("1234.5", "-0.25", "-0.01")] == shown
    assert Language(language).decimal("0.12", 0, 100) == "12"


@pytest.mark.parametrize(
    ("value", "shown"), [("0.004", "<1"), ("0", "<1"), ("0.01", "1"), ("0.996", ">99"), ("0.99", "99")]
)
def test_percentages_never_claim_nought_or_a_hundred(value, shown):
    assert Language("en").percent(value) == shown


@pytest.mark.parametrize(("language", "shown"), [("en", "All 1,532 claims"), ("nl", "Alle 1.532 uitspraken")])
def test_counts_in_texts_are_written_as_the_language_does(language, shown):
    assert Language(language).say("evidence.all", n=1532).startswith(shown)
    assert "1532" in Language(language).say("cite.seed", seed="1532")


def test_a_language_without_texts_is_refused():
    with pytest.raises(ValueError, match="'fr'"):
        Language("fr")
