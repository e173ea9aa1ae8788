"""A9: smoking cessation network, 24 studies with 50 arms, events of participants.

Data: Hasselblad (1998), as `dat.hasselblad1998`. Answers: random effects log odds ratios against no contact,
NICE Technical Support Document 4 as computed by multinma, two digits; and a run of PyMC, three digits. Both
are themselves from Markov chains: multinma's default of 4,000 draws is taken to be worth 1,000 independent
ones, the PyMC run's error to be as large as that of the run here. Allowed are 4 standard errors of the difference.
"""

import arviz as az
import numpy as np
import pytest
from pooling import model
from pooling.answers import gates
from scipy import stats

DATA = """
1 N75/731 I363/714; 2 N9/140 I23/140 G10/138; 3 N2/106 I9/205; 4 N58/549 I237/1561; 5 N0/33 I9/48;
6 S20/49 I16/43; 7 N3/100 I31/98; 8 N1/31 I26/95; 9 S11/78 I12/85 G29/170; 10 N6/39 I17/77; 11 N79/702 S77/694;
12 N18/671 S21/535; 13 N64/642 I107/761; 14 I12/76 G20/74; 15 I9/55 G3/26; 16 S7/66 G32/127; 17 N5/62 I8/90;
18 N20/234 I34/237; 19 N0/20 G9/20; 20 N8/116 S19/149; 21 N95/1107 I143/1031; 22 N15/187 I36/504;
23 N78/584 I73/675; 24 N69/1177 I54/888
"""
RULES = {"rhat": 1.01, "ess": 400, "ebfmi": 0.3, "divergences": 0}


def arms():
    """One row per arm: events, n, design (self-help, individual, group), study."""
    rows = []
    for study in DATA.replace("\n", " ").split(";"):
        label, *cells = study.split()
        for cell in cells:
            events, n = map(int, cell[1:].split("/"))
            rows.append((events, n, [cell[0] == kind for kind in "SIG"], label))
    events, n, X, groups = zip(*rows, strict=True)
    return np.array(events), np.array(n), np.array(X, float), groups


@pytest.mark.slow
@pytest.mark.xdist_group("pymc")
def test_network_of_smoking_trials(reference):
    events, n, X, groups = arms()
    assert len(events) == 50 and len(set(groups)) == 24
    spec = model.specify_arms(events, n, X, groups, mu_prior=(0, 100), tau_prior=stats.halfnorm(scale=5))
    trace = model.sample(spec, draws=2500, tune=1000, chains=4, seed=9)
    found = gates.gate(trace, RULES)
    assert found["passed"], found["reasons"]
    mu, tau = trace["posterior"]["mu"].values, trace["posterior"]["tau"].values
    quantities = [mu[..., 0], mu[..., 1], mu[..., 2], tau]
    mean_error = np.array([az.mcse(one, method="mean") for one in quantities])
    mean_error[3] = az.mcse(tau, method="median")
    sd_error = np.array([az.mcse(one, method="sd") for one in quantities])
    centre = [*mu.mean(axis=(0, 1)), np.median(tau)]
    sd = np.array([one.std() for one in quantities])
    theirs = sd / np.sqrt(1000)
    reference.close("published centres", centre, [0.49, 0.84, 1.10, 0.82], 4 * np.hypot(mean_error, theirs) + 0.005)
    reference.close("published sds", sd, [0.40, 0.24, 0.44, 0.19], 4 * np.hypot(sd_error, theirs / np.sqrt(2)) + 0.005)
    both = 4 * np.sqrt(2) * mean_error + 0.0005
    reference.close("a PyMC run", centre, [0.514, 0.841, 1.102, 0.830], both)
    ends = [np.quantile(one, p) for one in quantities for p in (0.025, 0.975)]
    # a 2.5 percent quantile of a normal has 2.67 times the error of its mean
    off = np.repeat(4 * 2.67 * np.hypot(mean_error, theirs) + 0.005, 2)
    reference.close("published intervals", ends, [-0.29, 1.31, 0.39, 1.34, 0.26, 2.00, 0.55, 1.27], off)
