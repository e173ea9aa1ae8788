import numpy as np
import pytest
from pooling import classical

Y = np.array([0.1, 0.5, -0.2, 0.9, 0.3, 0.4])
V = np.array([0.02, 0.05, 0.01, 0.08, 0.03, 0.04])


def test_leave_one_out_is_pooling_the_rest():
    table = classical.leave_one_out(classical.pool(Y, V, groups=list("abcdef"), method="DL"))
    assert table["left_out"].tolist() == list("abcdef")
    for i in range(6):
        rest = classical.pool(np.delete(Y, i), np.delete(V, i), method="DL")
        assert table.loc[i, "estimate"] == pytest.approx(rest.estimate)
        assert table.loc[i, "lower"] == pytest.approx(rest.interval()[0])
        assert table.loc[i, "tau2"] == pytest.approx(rest.tau2)


def test_a_site_is_left_out_whole():
    groups = np.array(["a", "a", "b", "c", "c", "d"])
    full = np.diag(V) + 0.01 * (groups[:, None] == groups)
    table = classical.leave_one_out(classical.pool(Y, V=full, groups=groups))
    keep = groups != "a"
    rest = classical.pool(Y[keep], V=full[np.ix_(keep, keep)], groups=groups[keep])
    assert table.loc[0, "estimate"] == pytest.approx(rest.estimate)
    assert len(table) == 4


def test_what_cannot_be_pooled_says_why():
    X = np.array([[1, 0], [1, 0], [1, 0], [1, 0], [1, 0], [1, 1.0]])
    table = classical.leave_one_out(classical.pool(Y, V, X))
    last = table[table["left_out"].eq(6)]
    assert last["estimate"].isna().all() and last["note"].str.contains("is zero in every row").all()
    assert table[table["left_out"].ne(6)]["note"].eq("").all()
    alone = classical.pool([0.1], [0.1], method="EE")
    assert classical.leave_one_out(alone)["note"].tolist() == ["no row is left"]
    assert "zero in every row" in classical.influence(classical.pool(Y, V, X))["note"].iloc[5]


def test_cumulative_ends_with_everything_in_the_order_asked_for():
    fit = classical.pool(Y, V)
    table = classical.cumulative(fit, order=[6, 5, 4, 3, 2, 1])
    assert table["added"].tolist() == [6, 5, 4, 3, 2, 1]
    assert (table["estimate"].iloc[0], table["method"].iloc[0]) == (Y[5], "EE")
    assert table["estimate"].iloc[-1] == pytest.approx(fit.estimate)
    assert table["method"].iloc[1:].eq("REML").all()
    assert table.equals(classical.cumulative(fit, order=list("fedcba")))
    for order in ([1, 2], [1, 2, 3, 4, 5, np.nan], ["a", None, "b", "c", "d", "e"]):
        with pytest.raises(ValueError, match="one key for each"):
            classical.cumulative(fit, order=order)


def test_hat_values_sum_to_the_number_of_coefficients():
    X = np.column_stack([np.ones(6), np.arange(6)])
    assert classical.influence(classical.pool(Y, V, X))["hat"].sum() == pytest.approx(2)


def test_blups_lie_between_the_estimate_and_the_average():
    fit = classical.pool(Y, V)
    table = classical.blup(fit)
    weight = fit.tau2 / (fit.tau2 + V)
    np.testing.assert_allclose(table["estimate"], weight * Y + (1 - weight) * fit.estimate)


def test_blups_without_heterogeneity_are_the_average_and_with_much_the_estimates():
    fit = classical.pool(Y, V, method="EE")
    np.testing.assert_allclose(classical.blup(fit)["estimate"], fit.estimate)
    np.testing.assert_allclose(classical.blup(fit)["se"], fit.se)
    wild = classical.blup(classical.pool(1e5 * Y, V))
    np.testing.assert_allclose(wild["estimate"], 1e5 * Y, rtol=1e-6)
    np.testing.assert_allclose(wild["se"], np.sqrt(V), rtol=1e-6)


def test_blups_of_arms_borrow_from_each_other():
    """Two arms with one control: a high first arm raises what is believed of the second."""
    groups, V2 = [0, 0, 1, 2, 3], np.eye(5) * 0.05
    low = classical.pool([0.0, 0.2, 0.9, -0.6, 0.3], V=V2, groups=groups)
    high = classical.pool([0.8, 0.2, 0.9, -0.6, 0.3], V=V2, groups=groups)
    assert classical.blup(high)["estimate"][1] > classical.blup(low)["estimate"][1]
