from types import SimpleNamespace

import pytest
from pooling.ledger import signs


def row(site, category, design=(1.0,), kind="interval", y=float("nan")):
    return SimpleNamespace(site=site, category=category, design=design, kind=kind, y=y)


@pytest.mark.parametrize(
    ("positive", "negative", "p"),
    [(0, 0, 1.0), (1, 0, 1.0), (5, 0, 2 / 32), (6, 0, 2 / 64), (4, 1, 12 / 32), (3, 3, 1.0), (0, 8, 2 / 256)],
)
def test_sign_test_by_hand(positive, negative, p):
    assert signs.sign_test(positive, negative) == pytest.approx(p, abs=1e-12)


def test_negative_number_is_refused():
    with pytest.raises(ValueError, match="below zero"):
        signs.sign_test(-1, 2)


@pytest.mark.parametrize(
    ("category", "sign"),
    [
        ("positive_significant", 1),
        ("positive", 1),
        ("no_effect", 0),
        ("no_positive_effect", 0),
        ("no_negative_effect", 0),
        ("negative_just_not", -1),
    ],
)
def test_direction_of_a_statement(category, sign):
    assert signs.sign_of(category) == sign


def test_direction_of_a_number():
    assert [signs.sign_of("number", y) for y in (0.2, -0.1, 0.0)] == [1, -1, 0]
    with pytest.raises(ValueError, match="no direction"):
        signs.sign_of("number")


def test_a_site_counts_once():
    rows = [
        row("a", "positive_significant", (1.0, 0.0)),
        row("a", "positive_not_significant", (1.0, 1.0)),
        row("b", "positive", (1.0, 0.0)),
        row("b", "negative", (1.0, 0.0)),
        row("c", "no_effect", (0.0, 1.0)),
        row("d", "number", (1.0, 0.0), "number", -0.1),
    ]
    table = signs.count(rows, ["first", "second"]).set_index("component")
    first = table.loc["first"]
    assert (first["sites"], first["numbers"], first["statements"]) == (3, 1, 4)
    # b contradicts itself, so it speaks for neither side.
    assert (first["positive"], first["null"], first["negative"]) == (1, 1, 1)
    assert first["stated_positive_significant"] == 1 and first["stated_negative"] == 1
    second = table.loc["second"]
    assert (second["sites"], second["positive"], second["null"]) == (2, 1, 1)
    assert second["sign_test_p"] == 1.0


def test_a_silent_row_does_not_outvote():
    table = signs.count([row("a", "no_effect"), row("a", "negative")], ["x"])
    assert table["negative"].tolist() == [1]


def test_component_on_the_other_side_turns_the_sign():
    table = signs.count([row("a", "positive", (1.0, -0.5))], ["up", "down"])
    assert table["positive"].tolist() == [1, 0] and table["negative"].tolist() == [0, 1]
