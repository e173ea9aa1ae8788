"""A4: thirteen trials of the BCG vaccine, log risk ratios.

Published: `dat.bcg` of the R package metadat, the README and the test-suite of metafor (Viechtbauer 2010,
doi:10.18637/jss.v036.i03). Printed with four decimals unless said otherwise; the more precise values were
recomputed by exact matrix algebra.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pooling import classical, effects

HALF = 5e-5  # half a unit of the fourth decimal
TRIALS = pd.read_csv(Path(__file__).parent / "data" / "bcg.csv")


def bcg(measure):
    treated, control = TRIALS["tpos"] + TRIALS["tneg"], TRIALS["cpos"] + TRIALS["cneg"]
    y, v_arm, v_control = effects.from_counts(measure, TRIALS["tpos"], treated, TRIALS["cpos"], control)
    return y, v_arm + v_control


@pytest.fixture
def trials():
    return bcg("log_risk_ratio")


def test_random_effects(trials, reference):
    fit = classical.pool(*trials)
    reference.close("tau2, four decimals", fit.tau2, 0.3132, HALF)
    reference.close("tau2, exact", fit.tau2, 0.313243, 1e-5)
    reference.close("estimate", fit.estimate, -0.7145, HALF)
    reference.close("I2 in percent", 100 * fit.I2, 92.22, 5e-3)
    reference.close("H2", fit.H2, 12.86, 5e-3)
    reference.close("Q", fit.Q, 152.2330, HALF)
    reference.close("risk ratio", np.exp(fit.estimate), 0.49, 5e-3)


def test_knapp_hartung(trials, reference):
    fit = classical.pool(*trials, knapp_hartung=True)
    reference.close("se", fit.se, 0.1808, HALF)
    reference.close("t", fit.statistics[0], -3.9522, HALF)
    reference.close("interval", fit.interval(), [-1.1084, -0.3206], HALF)
    reference.close("prediction interval, risk ratio", np.exp(fit.prediction_interval()), [0.14, 1.76], 5e-3)


def test_other_methods(trials, reference):
    common, dl = classical.pool(*trials, method="EE"), classical.pool(*trials, method="DL")
    reference.close("EE", common.estimate, -0.4303, HALF)
    reference.close("DL", dl.estimate, -0.7141, HALF)
    reference.close("DL tau2", dl.tau2, 0.3088, HALF)
    reference.close("DL I2 in percent", 100 * dl.I2, 92.1173, HALF)


def test_leave_one_out_and_cumulative(trials, reference):
    fit = classical.pool(*trials)
    without = classical.leave_one_out(fit)
    reference.close("without trial 1", without["estimate"][0], -0.7071, HALF)
    reference.close("tau2 without trial 1", without["tau2"][0], 0.3362, HALF)
    growing = classical.cumulative(fit, TRIALS["year"])
    reference.close("first by year", growing["estimate"].iloc[0], -0.8893, HALF)
    reference.close("last by year", growing["estimate"].iloc[-1], -0.7145, HALF)


def test_log_odds_ratio(reference):
    fit = classical.pool(*bcg("log_odds_ratio"), method="DL")
    reference.close("DL", fit.estimate, -0.7474, HALF)
    reference.close("DL tau2", fit.tau2, 0.3663, HALF)


def test_latitude(trials, reference):
    fit = classical.pool(*trials, X=np.column_stack([np.ones(13), TRIALS["latitude"]]))
    reference.close("intercept", fit.estimates[0], 0.25147, 1e-5)
    reference.close("slope", fit.estimates[1], -0.029102, 1e-5)
    reference.close("se of intercept", fit.ses[0], 0.24909, 1e-5)
    reference.close("se of slope", fit.ses[1], 0.0071953, 1e-5)
    reference.close("tau2", fit.tau2, 0.076348, 1e-5)
