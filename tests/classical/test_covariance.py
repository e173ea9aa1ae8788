import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pooling import effects

SIZES = {"n": [120, 80, 50], "control_n": 100}
COUNTS = {"events": [30, 24, 11], "control_events": 20, **SIZES}


@pytest.mark.parametrize("measure", ["difference", "arcsine", "log_risk_ratio", "log_odds_ratio"])
def test_counts(measure):
    found = effects.covariance(measure, **COUNTS)
    _, v_arm, v_control = effects.from_counts(measure, COUNTS["events"], COUNTS["n"], 20, 100)
    assert found.basis == "counts"
    np.testing.assert_allclose(found.matrix, np.diag(v_arm) + v_control[0], rtol=1e-14)


def test_rules_in_order_and_in_agreement():
    truth = effects.covariance("log_odds_ratio", **COUNTS).matrix
    s = np.sqrt(np.diag(truth))
    pair = np.sqrt(np.maximum(s[:, None] ** 2 + s**2 - 2 * truth, 0))
    control = np.sqrt(truth[0, 1])
    ways = {
        "matrix": {"matrix": truth},
        "contrast_se": {"se": s, "contrast_se": pair},
        "control_se": {"se": s, "control_se": control},
        "counts": {"se": s, **COUNTS},
    }
    for basis, way in ways.items():
        found = effects.covariance("log_odds_ratio", **way)
        assert found.basis == basis
        np.testing.assert_allclose(found.matrix, truth, rtol=1e-9)
    everything = {key: value for way in ways.values() for key, value in way.items()}
    found = effects.covariance("log_odds_ratio", **everything)
    assert found.basis == "matrix"
    assert set(found.agreement) == {"contrast_se", "control_se", "counts"}
    assert max(found.agreement.values()) < 1e-9


@given(
    st.lists(st.integers(2, 5000), min_size=1, max_size=6),
    st.integers(2, 5000),
    st.sampled_from(["arcsine", "smd"]),
)
def test_sizes_of_any_number_of_arms(n, control_n, measure):
    found = effects.covariance(measure, n=n, control_n=control_n)
    unit = 0.25 if measure == "arcsine" else 1.0
    expected = unit * (np.diag(1 / np.array(n, dtype=float)) + 1 / control_n)
    assert found.basis == "arm_sizes"
    np.testing.assert_allclose(found.matrix, expected, rtol=1e-12)
    # Reported errors that are exactly those of the sizes give the same matrix back.
    again = effects.covariance(measure, se=np.sqrt(np.diag(expected)), n=n, control_n=control_n)
    np.testing.assert_allclose(again.matrix, expected, rtol=1e-9)


def test_three_arm_average_is_what_ignoring_the_covariance_gets_wrong():
    """Equal arms: an arm-v-arm SE comes out 41 % too large, that of an average of three 29 % too small."""
    full = effects.covariance("arcsine", n=[50, 50, 50], control_n=50).matrix
    apart = np.diag(np.diag(full))
    contrast, average = np.array([1, -1, 0]), np.full(3, 1 / 3)
    assert np.sqrt(contrast @ apart @ contrast / (contrast @ full @ contrast)) == pytest.approx(1.414, abs=1e-3)
    assert np.sqrt(average @ apart @ average / (average @ full @ average)) == pytest.approx(0.707, abs=1e-3)


def test_standardised_mean_differences_with_effects():
    d = np.array([0.4, -0.1])
    found = effects.covariance("smd", n=[30, 40], control_n=35, effects=d).matrix
    assert found[0, 1] == pytest.approx(1 / 35 + 0.4 * -0.1 / (2 * 105))
    assert found[0, 0] == pytest.approx(1 / 30 + 1 / 35 + 0.16 / 210)
    for effects_given in ([0.4], [0.4, np.nan]):
        with pytest.raises(ValueError, match="one finite number for each of the 2 arms"):
            effects.covariance("smd", n=[30, 40], control_n=35, effects=effects_given)


def test_equal_split_is_an_assumption_asked_for_by_name():
    with pytest.raises(ValueError, match="allow equal_split"):
        effects.covariance("difference", site="X", se=[0.1, 0.2])
    found = effects.covariance("difference", se=[0.1, 0.2], equal_split=True)
    assert found.basis == "equal_split"
    np.testing.assert_allclose(found.matrix, [[0.01, 0.01], [0.01, 0.04]])


def test_disagreeing_rules_are_refused_with_the_site_named():
    with pytest.raises(ValueError, match="site 'North': the rules 'control_se' and 'counts' disagree"):
        effects.covariance(
            "difference",
            site="North",
            se=[0.06, 0.06],
            control_se=0.02,
            **{"events": [30, 24], "n": [120, 80], "control_events": 50, "control_n": 100},
        )


def test_sizes_are_no_check_where_they_are_an_assumption():
    """Gleser and Olkin's first study: very unequal shares, so that equal variances do not hold."""
    found = effects.covariance(
        "difference", se=np.sqrt([4.4494e-5, 4.7423e-5]), events=[100, 150], n=[4000, 4000],
        control_events=40, control_n=1000,
    )  # fmt: skip
    assert found.basis == "counts" and found.agreement == {}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            {"se": [0.1, 0.1], "control_se": 0.2},
            "site 'S': covariance by rule 'control_se' is not positive definite",
        ),
        (
            {"matrix": [[1.0, 2.0], [2.0, 1.0]]},
            "site 'S': covariance by rule 'matrix' is not positive definite",
        ),
        ({"matrix": [[1.0, 0.2], [0.3, 1.0]]}, "site 'S': .*not symmetric"),
        ({"matrix": [[1.0, np.nan], [np.nan, 1.0]]}, "site 'S': .*finite"),
        ({"matrix": np.eye(2), "se": [1.0, 2.0]}, "site 'S': .*diagonal"),
        ({"se": [0.1, -0.1], "equal_split": True}, "site 'S': standard errors must be"),
        ({"se": [0.1, 0.1], "contrast_se": [[0, np.nan], [np.nan, 0]]}, "site 'S': contrast_se has gaps"),
        ({"control_se": 0.1}, "site 'S': control_se needs se"),
        ({"events": [1, 2], "n": [10, 10]}, "site 'S': counts need"),
        ({"events": [11], "n": [10], "control_events": 1, "control_n": 10}, "site 'S': row 0: events"),
        ({"se": [0.1], "n": [10, 10], "control_n": 10}, "site 'S': 1 standard errors but 2 sizes"),
        ({"n": [10, 0], "control_n": 10}, "site 'S': n must be finite"),
        ({"se": [[0.1, 0.1], [0.1, 0.1]], "equal_split": True}, "site 'S': standard errors .* one for each arm"),
        ({"se": [0.1, 0.1], "control_se": [0.05, 0.06]}, "site 'S': control_se must be a single number"),
        ({"se": [0.1, "-"], "control_se": 0.05}, "site 'S': standard errors must hold numbers"),
    ],
)
def test_refusals_name_the_site(arguments, words):
    with pytest.raises(ValueError, match=words):
        effects.covariance("difference", site="S", **arguments)


def test_rows_must_keep_one_control_group():
    counts = {"events": [0, 4], "n": [20, 20], "control_events": 3, "control_n": 20}
    with pytest.raises(ValueError, match="use zero_cells='site'"):
        effects.covariance("log_odds_ratio", **counts, zero_cells="row")
    corrected = effects.covariance("log_odds_ratio", **counts, zero_cells="site").matrix
    assert corrected[0, 1] == pytest.approx(1 / 3.5 + 1 / 17.5)
