"""A5: risk differences of up to three treatments against one shared control, three studies.

Published: Gleser and Olkin (2009), Stochastically dependent effect sizes, in The Handbook of Research
Synthesis and Meta-Analysis, 2nd edition, equations 19.6 to 19.8.
"""

import numpy as np
from pooling import classical, effects
from scipy.linalg import block_diag

STUDIES = {  # control events, control n, treated events, treated n, treatment
    1: (40, 1000, [100, 150], [4000, 4000], [1, 2]),
    2: (10, 200, [15], [400], [1]),
    3: (150, 2000, [40, 80, 50], [1000, 1000, 1000], [1, 2, 3]),
}


def assembled():
    y, V, X, groups = [], [], [], []
    for study, (c, nc, a, n, treatment) in STUDIES.items():
        # The book subtracts the other way round: control minus treated.
        y += list(-effects.from_counts("difference", a, n, c, nc)[0])
        shared = effects.covariance("difference", site=str(study), events=a, n=n, control_events=c, control_n=nc)
        V.append(shared.matrix)
        X += [np.eye(3)[t - 1] for t in treatment]
        groups += [study] * len(a)
    return np.array(y), block_diag(*V), np.array(X), np.array(groups)


def test_pooled_risk_differences(reference):
    y, V, X, groups = assembled()
    fit = classical.pool(y, V=V, X=X, groups=groups, method="EE")
    reference.close("estimates", fit.estimates, [0.0200, 0.0043, 0.0211], 5e-5)
    lower = fit.covariance[np.tril_indices(3)] * 1e6
    reference.close("covariance", lower, [24.612, 19.954, 28.538, 13.323, 13.255, 69.806], 5e-4)
    reference.close("Q", fit.Q, 7.1907, 5e-5)
