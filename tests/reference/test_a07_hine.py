"""A7: lidocaine after myocardial infarction, risk differences in points; the variance between sites is zero.

Published: Hine et al. (1989), reproduced in Normand (1999), Statistics in Medicine 18, table VII, and in
metafor's `dat.hine1989`.
"""

import numpy as np
import pytest
from pooling import classical, effects

N1, N2 = [39, 44, 107, 103, 110, 154], [43, 44, 110, 100, 106, 146]
A, C = [2, 4, 6, 7, 7, 11], [1, 4, 4, 5, 3, 4]
HALF = 5e-5


def trials():
    y, v_arm, v_control = effects.from_counts("difference", A, N1, C, N2)
    return 100 * y, 1e4 * (v_arm + v_control)


def test_risk_differences(reference):
    reference.close("trials", trials()[0], [2.8026, 0, 1.9711, 1.7961, 3.5334, 4.4031], HALF)


@pytest.mark.parametrize("method", ["EE", "REML", "DL"])
def test_boundary(method, reference):
    fit = classical.pool(*trials(), method=method)
    reference.close("tau2 on the boundary, not a small number", fit.tau2, 0.0, 1e-300)
    reference.close("estimate", fit.estimate, 2.9444, HALF)
    reference.close("interval", fit.interval(), np.array([0.3831, 5.5058]), HALF)
