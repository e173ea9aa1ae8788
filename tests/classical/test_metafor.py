"""Answers of another implementation: metafor 3.8.1, stored by `metafor.R` on the data of A4, A6 and A9."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pooling import classical, effects
from scipy.linalg import block_diag

HERE = Path(__file__).parent
DATA = HERE.parent / "reference" / "data"
STORED = pd.read_csv(HERE / "metafor.csv")
MODELS = list(STORED[["data", "model"]].drop_duplicates().itertuples(index=False, name=None))


def bcg():
    a, b, c, d, latitude, _ = np.loadtxt(DATA / "bcg.csv", delimiter=",", skiprows=1).T
    y, v_arm, v_control = effects.from_counts("log_risk_ratio", a, a + b, c, c + d)
    return y, v_arm + v_control, latitude


def expectancy():
    weeks, y, v = np.loadtxt(DATA / "expectancy.csv", delimiter=",", skiprows=1).T
    return y, v, np.minimum(weeks, 3)


def smoking():
    """Log odds ratios against each study's first arm, with the covariance of that shared arm."""
    y, V, X, groups = [], [], [], []
    for study, arms in pd.read_csv(DATA / "hasselblad.csv").groupby("study"):
        first, others = arms.iloc[0], arms.iloc[1:]
        counts = {
            "events": others["events"],
            "n": others["n"],
            "control_events": first["events"],
            "control_n": first["n"],
            "zero_cells": "site",
        }
        found, _, _ = effects.from_counts("log_odds_ratio", **counts, groups=np.zeros(len(others)))
        y += list(found)
        V.append(effects.covariance("log_odds_ratio", site=str(study), **counts).matrix)
        X += [[(arm == k) * 1.0 - (first["arm"] == k) for k in "SIG"] for arm in others["arm"]]
        groups += [study] * len(others)
    return {"y": y, "V": block_diag(*V), "X": X, "groups": groups}


def fitted(data, model):
    method, design, test = model.split()
    if data == "smoking":
        return classical.pool(**smoking(), method=method)
    y, v, moderator = {"bcg": bcg, "expectancy": expectancy}[data]()
    X = None if design == "average" else np.column_stack([np.ones(len(y)), moderator])
    return classical.pool(y, v, X, method=method, knapp_hartung=test == "knha")


READ = {
    "estimate": lambda fit: fit.estimates,
    "se": lambda fit: fit.ses,
    "p": lambda fit: fit.p_values,
    "tau2": lambda fit: fit.tau2,
    "Q": lambda fit: fit.Q,
    "H2": lambda fit: fit.H2,
    "hat": lambda fit: classical.influence(fit)["hat"],
    "cook.d": lambda fit: classical.influence(fit)["cook"],
    "dffits": lambda fit: classical.influence(fit)["dffits"],
    "prediction": lambda fit: fit.prediction_interval([[1, 1], [1, 2]]).T.ravel(),
    "tau2_interval": lambda fit: fit.tau2_interval(),
    "blup": lambda fit: classical.blup(fit)["estimate"],
    "blup_se": lambda fit: classical.blup(fit)["se"],
    "left_out": lambda fit: classical.leave_one_out(fit)["estimate"],
    "left_out_tau2": lambda fit: classical.leave_one_out(fit)["tau2"],
}


@pytest.mark.parametrize(("data", "model"), MODELS)
def test_same_as_metafor(data, model):
    fit = fitted(data, model)
    stored = STORED[STORED["data"].eq(data) & STORED["model"].eq(model)]
    # metafor finds tau2 of several arms with a general optimiser, which stops at about six digits.
    rtol = 1e-5 if data == "smoking" else 1e-7
    for quantity, values in stored.groupby("quantity"):
        want = values.sort_values("index")["value"].to_numpy()
        np.testing.assert_allclose(np.ravel(READ[quantity](fit)), want, rtol=rtol, atol=1e-11, err_msg=quantity)


def test_all_models_are_compared():
    assert len(STORED) >= 500
    assert set(STORED["data"]) == {"bcg", "expectancy", "smoking"}
