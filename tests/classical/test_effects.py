import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pooling import effects
from scipy import stats

MEASURES = ("difference", "arcsine", "log_risk_ratio", "log_odds_ratio")


@pytest.mark.parametrize(
    ("measure", "y", "v_arm", "v_control"),
    [
        ("difference", 15 / 100 - 8 / 80, 0.15 * 0.85 / 100, 0.1 * 0.9 / 80),
        ("arcsine", math.asin(math.sqrt(0.15)) - math.asin(math.sqrt(0.1)), 1 / 400, 1 / 320),
        ("log_risk_ratio", math.log(1.5), 1 / 15 - 1 / 100, 1 / 8 - 1 / 80),
        ("log_odds_ratio", math.log(15 * 72 / (85 * 8)), 1 / 15 + 1 / 85, 1 / 8 + 1 / 72),
    ],
)
def test_from_counts_by_hand(measure, y, v_arm, v_control):
    assert effects.from_counts(measure, 15, 100, 8, 80) == pytest.approx((y, v_arm, v_control), rel=1e-12)
    assert effects.from_proportions(measure, 0.15, 100, 0.1, 80) == pytest.approx((y, v_arm, v_control))


@pytest.mark.parametrize("measure", MEASURES)
def test_variance_is_what_binomial_samples_have(measure):
    rng = np.random.default_rng(1)
    a, c = rng.binomial(800, 0.3, 40_000), rng.binomial(500, 0.2, 40_000)
    y, v_arm, v_control = effects.from_counts(measure, a, 800, c, 500)
    assert np.var(y) == pytest.approx(np.mean(v_arm + v_control), rel=0.03)
    other = effects.from_counts(measure, rng.binomial(300, 0.25, 40_000), 300, c, 500)[0]
    assert np.cov(y, other)[0, 1] == pytest.approx(np.mean(v_control), rel=0.05)


def test_zero_cells():
    refused = pytest.raises(ValueError, match="row 1: a zero cell gives no usable log_odds_ratio")
    counts = ([3, 0, 5], [10, 10, 10], [2, 2, 4], [10, 10, 10])
    with refused:
        effects.from_counts("log_odds_ratio", *counts)
    row = effects.from_counts("log_odds_ratio", *counts, zero_cells="row")[0]
    assert row[1] == pytest.approx(math.log(0.5 * 8.5 / (10.5 * 2.5)))
    assert row[0] == pytest.approx(math.log(3 * 8 / (7 * 2)))
    site = effects.from_counts("log_odds_ratio", *counts, zero_cells="site", groups=["a", "a", "b"])[0]
    assert site[0] == pytest.approx(math.log(3.5 * 8.5 / (7.5 * 2.5))) and site[2] == row[2]
    whole = effects.from_counts("log_odds_ratio", *counts, zero_cells="all", add=1.0)[0]
    assert whole[2] == pytest.approx(math.log(6 * 7 / (6 * 5)))
    # The arcsine bears zeros without any correction.
    y, v_arm, v_control = effects.from_counts("arcsine", *counts)
    assert y[1] == -math.asin(math.sqrt(0.2)) and v_arm[1] + v_control[1] == 0.05


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("difference", 11, 10, 1, 10), "row 0: events must lie within 0 and n"),
        (("difference", -1, 10, 1, 10), "row 0: events"),
        (("difference", float("nan"), 10, 1, 10), "row 0: events"),
        (("difference", 0, 10, 0, 10), "zero cell"),
        (("odds", 1, 10, 1, 10), "measure 'odds'"),
        (("difference", 1, math.inf, 1, 10), "n must be finite"),
        (("difference", "few", 10, 1, 10), "events must hold numbers.*'few'"),
        (("difference", [1, 2, 3], [10, 10], 1, 10), "events 3, n 2, control_events 1"),
    ],
)
def test_impossible_counts_are_refused(arguments, words):
    with pytest.raises(ValueError, match=words):
        effects.from_counts(*arguments)


@pytest.mark.parametrize("add", [-0.5, math.nan, math.inf])
def test_what_is_added_to_zero_cells_is_no_less_than_zero(add):
    with pytest.raises(ValueError, match="not below zero"):
        effects.from_counts("log_odds_ratio", 0, 10, 1, 10, zero_cells="row", add=add)


def test_proportion():
    assert effects.proportion(3, 12) == 0.25
    for events, n in ((3, 2), (1, 0), (-1, 5), (float("nan"), 5)):
        with pytest.raises(ValueError, match="no share"):
            effects.proportion(events, n)


@given(st.floats(0.001, 0.999), st.floats(0.0, 1.0))
def test_arcsine_difference_there_and_back(control, arm):
    delta = effects.difference("arcsine", arm, control)
    assert effects.risk_difference(delta, control) == pytest.approx(arm - control, abs=1e-9)


def test_risk_difference_stays_on_the_scale():
    low, high = effects.risk_difference(np.array([-9.0, 9.0]), 0.2)
    assert (low, high) == (pytest.approx(-0.2), pytest.approx(0.8))
    with pytest.raises(ValueError, match="control level"):
        effects.risk_difference(0.1, 20)


@given(st.floats(0.01, 0.99), st.floats(-0.5, 0.5), st.floats(0.001, 0.5))
def test_reported_difference_keeps_its_z_value(control, rd, se):
    if not 0 <= control + rd <= 1:
        with pytest.raises(ValueError, match="impossible"):
            effects.on_scale("arcsine", rd, se, "proportion", control)
        return
    y, found = effects.on_scale("arcsine", 100 * rd, 100 * se, "percentage points of people", control)
    assert y == pytest.approx(effects.difference("arcsine", control + rd, control), abs=1e-7)
    assert y / found == pytest.approx(rd / se, rel=1e-9, abs=1e-12)
    assert effects.risk_difference(y, control) == pytest.approx(rd, abs=1e-9)


def test_reported_difference_of_zero_has_the_derivative_s_error():
    y, se = effects.on_scale("arcsine", 0.0, 2.0, "percentage points", 0.2)
    assert (y, se) == (0.0, pytest.approx(0.02 / (2 * 0.4)))
    near = effects.on_scale("arcsine", 1e-10, 2.0, "percentage points", 0.2)[1]
    assert near == pytest.approx(se, rel=1e-8)


def test_units_and_scales():
    assert effects.on_scale("difference", 5, 2, "percentage points") == (0.05, 0.02)
    assert effects.on_scale("smd", 0.3, 0.1, "sd") == (0.3, 0.1)
    for scale, unit, level in (
        ("smd", "proportion", 0.2),
        ("arcsine", "sd", 0.2),
        ("arcsine", "percent", 0.2),
    ):
        with pytest.raises(ValueError, match="cannot be put on scale"):
            effects.on_scale(scale, 0.1, 0.1, unit, level)
    with pytest.raises(ValueError, match="control level between 0 and 100"):
        effects.on_scale("arcsine", 5, 2, "percentage points")
    with pytest.raises(ValueError, match="above zero"):
        effects.on_scale("difference", 5, 0, "percentage points")
    with pytest.raises(ValueError, match=r"\+190 percentage points is impossible"):
        effects.on_scale("difference", 190, 2, "percentage points")


def test_hedges_factor_is_exact():
    # J(2) = sqrt(pi)/... : Gamma(1) / (sqrt(1) Gamma(1/2)) = 1 / sqrt(pi)
    assert effects.hedges_factor(2) == pytest.approx(1 / math.sqrt(math.pi), rel=1e-12)
    assert effects.hedges_factor(3) == pytest.approx(math.sqrt(math.pi / 6), rel=1e-12)
    assert effects.hedges_factor(1e6) == pytest.approx(1 - 3 / (4e6 - 1), rel=1e-9)
    # without loss of digits where the gamma functions are enormous
    assert effects.hedges_factor(1e15) == pytest.approx(1, abs=1e-14)
    for df in (1, math.inf, math.nan):
        with pytest.raises(ValueError, match="more than one"):
            effects.hedges_factor(df)


def test_standardised_mean_difference_is_unbiased():
    rng = np.random.default_rng(2)
    x, c = rng.normal(0.6, 1, (40_000, 6)), rng.normal(0, 1, (40_000, 5))
    g, _ = effects.from_means(x.mean(1), x.std(1, ddof=1), 6, c.mean(1), c.std(1, ddof=1), 5)
    assert g.mean() == pytest.approx(0.6, abs=4 * g.std() / 200)


def test_standardised_mean_difference_by_hand():
    g, v = effects.from_means(5.0, 2.0, 20, 4.0, 2.0, 20)
    assert g == pytest.approx(0.5 * effects.hedges_factor(38))
    assert v == pytest.approx(0.1 + g**2 / 80)
    bads = [(5, 0, 20, 4, 2, 20), (5, 2, 1, 4, 2, 20), (math.nan, 2, 20, 4, 2, 20), (5, math.inf, 20, 4, 2, 20)]
    for bad in [*bads, (5, 2, math.inf, 4, 2, 20), ([5, 5, 5], [2, 2], 20, 4, 2, 20)]:
        with pytest.raises(ValueError, match=r"above zero|finite|as many of each"):
            effects.from_means(*bad)


def test_reported_quantities_agree():
    y, se = 1.2, 0.5
    half = stats.norm.isf(0.025) * se
    for given_ in (
        {"se": se},
        {"interval": (y - half, y + half)},
        {"t": y / se},
        {"p": 2 * stats.norm.sf(y / se)},
        {"p": 2 * stats.t(11).sf(y / se), "df": 11},
        {"interval": (y - stats.t(7).isf(0.05) * se, y + stats.t(7).isf(0.05) * se), "df": 7, "level": 0.9},
    ):
        assert effects.reported(y, **given_) == pytest.approx((y, se))
    assert effects.reported(-y, p=2 * stats.norm.sf(y / se)) == pytest.approx((-y, se))


def test_reported_ratio():
    y, se = effects.reported(1.5, interval=(1.5 / math.exp(0.4), 1.5 * math.exp(0.4)), ratio=True)
    assert (y, se) == pytest.approx((math.log(1.5), 0.4 / stats.norm.isf(0.025)))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"estimate": 1.0}, "exactly one"),
        ({"estimate": 1.0, "se": 0.1, "t": 2.0}, "exactly one"),
        ({"estimate": 1.0, "se": 0.0}, "above zero"),
        ({"estimate": 1.0, "interval": (2.0, 0.0)}, "empty"),
        ({"estimate": 1.5, "interval": (1.1, 3.5)}, "evenly about"),
        ({"estimate": -1.5, "se": 0.1, "ratio": True}, "impossible"),
        ({"estimate": 1.5, "interval": (-1.0, 4.0), "ratio": True}, "above zero"),
        ({"estimate": 0.0, "p": 0.4}, "other than zero"),
        ({"estimate": 1.0, "t": -2.0}, "its sign"),
        ({"estimate": 1.0, "p": 0.0}, "between 0 and 1"),
        ({"estimate": float("nan"), "se": 1.0}, "above zero"),
        ({"estimate": 1.0, "interval": (0.0, 2.0), "level": 95}, "between 0 and 1"),
        ({"estimate": 1.0, "interval": (0.0, 2.0), "level": 0}, "between 0 and 1"),
        ({"estimate": 1.0, "interval": 2.0}, "its two ends"),
        ({"estimate": 1.0, "p": "<.05"}, "p must hold numbers.*'<.05'"),
        ({"estimate": 1.0, "t": 2.0, "df": 0}, "degrees of freedom"),
        ({"estimate": [1.0, 2.0], "se": 0.1}, "single number"),
    ],
)
def test_unusable_reports_are_refused(arguments, words):
    with pytest.raises(ValueError, match=words):
        effects.reported(**arguments)
