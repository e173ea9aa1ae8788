import math

import pytest
from pooling.ledger.statements import CATEGORIES, STATES_SIGNIFICANCE, z_interval


@pytest.mark.parametrize(
    ("category", "interval"),
    [
        ("positive_significant", (1.96, math.inf)),
        ("positive_just_not", (1.28, 1.96)),
        ("positive_not_significant", (0.0, 1.96)),
        ("positive", (0.0, math.inf)),
        ("no_effect", (-1.96, 1.96)),
        ("no_positive_effect", (-math.inf, 1.96)),
        ("no_negative_effect", (-1.96, math.inf)),
        ("negative_significant", (-math.inf, -1.96)),
    ],
)
def test_intervals_are_those_of_the_rule_book(category, interval):
    assert z_interval(category, 1.96) == interval


def test_negative_statements_mirror_positive_ones():
    for category in CATEGORIES:
        if category.startswith("positive"):
            lower, upper = z_interval(category, 1.645, 1.0)
            mirrored = z_interval("negative" + category.removeprefix("positive"), 1.645, 1.0)
            assert mirrored == (-upper, -lower)


def test_every_category_is_a_proper_interval():
    for category in CATEGORIES:
        lower, upper = z_interval(category, 1.96)
        assert lower < upper


def test_significance_is_unstated_only_where_the_interval_is_half_a_line():
    half_lines = {c for c in CATEGORIES if set(map(abs, z_interval(c, 1.96))) == {0.0, math.inf}}
    assert half_lines == set(CATEGORIES) - STATES_SIGNIFICANCE


def test_a_number_is_no_statement():
    with pytest.raises(ValueError, match="write one of"):
        z_interval("number", 1.96)
