"""A6: nineteen experiments on teacher expectancy, standardised mean differences.

Published: Raudenbush and Bryk (1985) and Raudenbush (2009), reproduced in metafor's
`dat.raudenbush1985` and its test-suite, printed with four decimals. REML, the regression on weeks and the
prediction interval were recomputed by exact matrix algebra.
"""

from pathlib import Path

import numpy as np
import pytest
from pooling import classical

HALF = 5e-5
DATA = np.loadtxt(Path(__file__).parent / "data" / "expectancy.csv", delimiter=",", skiprows=1)
WEEKS, Y, V = DATA.T


def test_random_effects(reference):
    fit = classical.pool(Y, V)
    reference.close("tau2", fit.tau2, 0.018818, 1e-6)
    reference.close("estimate", fit.estimate, 0.083701, 1e-6)
    reference.close("z", fit.statistics[0], 1.62084, 1e-5)
    reference.close("z, four decimals", fit.statistics[0], 1.6208, HALF)
    reference.close("Q", fit.Q, 35.8295, HALF)
    reference.close("prediction interval", fit.prediction_interval(), [-0.20359, 0.37099], 1e-5)
    reference.close("its lower end, four decimals", fit.prediction_interval()[0], -0.2036, HALF)
    # Printed 0.3711, because metafor by default stops at a tau2 of .018826; with a finer threshold it says .370988.
    reference.close("its upper end, as printed", fit.prediction_interval()[1], 0.3711, 1.2e-4)


@pytest.mark.parametrize(
    ("method", "estimate", "tau2"),
    [("ML", 0.0777, 0.0126), ("DL", 0.0893, 0.0259), ("HE", 0.1143, 0.0804), ("REML", 0.0837, 0.0188)],
)
def test_methods(method, estimate, tau2, reference):
    fit = classical.pool(Y, V, method=method)
    reference.close("estimate", fit.estimate, estimate, HALF)
    reference.close("tau2", fit.tau2, tau2, HALF)


def test_common_effect(reference):
    reference.close("EE", classical.pool(Y, V, method="EE").estimate, 0.0604, HALF)


def test_knapp_hartung(reference):
    fit = classical.pool(Y, V, knapp_hartung=True)
    reference.close("se", fit.se, 0.0616, HALF)
    reference.close("interval", fit.interval(), [-0.0457, 0.2131], HALF)


def test_weeks_of_contact(reference):
    fit = classical.pool(Y, V, X=np.column_stack([np.ones(19), np.minimum(WEEKS, 3)]))
    reference.close("coefficients", fit.estimates, [0.40719, -0.15724], 1e-5)
    reference.close("coefficients, four decimals", fit.estimates, [0.4072, -0.1572], HALF)
    reference.close("tau2 on the boundary, not a small number", fit.tau2, 0.0, 1e-300)
    reference.close("residual Q", fit.Q, 16.5708, HALF)


def test_site_effects(reference):
    shrunken = classical.blup(classical.pool(Y, V))["estimate"]
    reference.close("range of BLUPs", [shrunken.min(), shrunken.max()], [-0.02932, 0.24845], 1e-5)
    reference.close("range of BLUPs, four decimals", [shrunken.min(), shrunken.max()], [-0.0293, 0.2485], HALF + 1e-6)
