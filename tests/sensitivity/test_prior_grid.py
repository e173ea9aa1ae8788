"""The grid of priors gives what the exact engine gives; power-scaling gives what closed forms give."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pooling import exact
from pooling.ledger.choices import read
from pooling.multiverse.frame import mu_prior, tau_prior
from pooling.sensitivity import power, prior_grid
from pooling.sensitivity.gridded import Gridded, own_priors
from scipy import stats

CHOICES = read(Path(__file__).parents[2] / "workflow/multiverse.yaml", Path(__file__).parent)
MUS, TAUS = (prior_grid.options(CHOICES, change) for change in ("mu", "tau"))


def test_there_are_four_priors_or_more_of_each_in_two_families():
    for options, known in ((MUS, "mu"), (TAUS, "tau")):
        assert len(options) >= 4
        assert len({option.change.get(known, {}).get("family", "as configured") for option in options}) >= 2


@pytest.mark.parametrize(("i", "j"), [(0, 0), (2, 3), (4, 1), (1, 4)])
def test_an_answer_of_the_grid_is_that_of_the_engine(told, cases, i, j):
    own = own_priors(cases.settings["priors"], told)
    table = prior_grid.grid(told, cases.outcome, own, MUS, TAUS, 0.95)
    assert len(table) == len(MUS) * len(TAUS) * 2
    mu = mu_prior(own["mu"], MUS[i].change.get("mu", {}))
    fit = exact.pool(
        **told.arrays(),
        mu_prior=(mu.mean, mu.sd) if MUS[i].change.get("mu", {}).get("family", "normal") == "normal" else mu,
        tau_prior=tau_prior(own["tau"], TAUS[j].change.get("tau", {})),
    )
    lines = table[table["mu_prior"].eq(MUS[i].name) & table["tau_prior"].eq(TAUS[j].name)]
    assert lines["prob_positive"].to_numpy() == pytest.approx(fit.mu.prob_above(0.0), abs=5e-4)
    assert lines["tau"].to_numpy() == pytest.approx(fit.tau.median, rel=5e-3)


def normal_distance(x, first, second):
    """Cumulative Jensen-Shannon distance of two normals (mean, sd), written out once more."""

    def one_way(p, q):
        m = (p + q) / 2
        forth = np.trapezoid(p * np.log2(p / m), x) + np.trapezoid(q - p, x) / (2 * np.log(2))
        back = np.trapezoid(q * np.log2(q / m), x) + np.trapezoid(p - q, x) / (2 * np.log(2))
        return np.sqrt((forth + back) / np.trapezoid(p + q, x))

    p, q = (stats.norm(*which) for which in (first, second))
    return max(one_way(p.cdf(x), q.cdf(x)), one_way(p.sf(x), q.sf(x)))


def test_power_scaling_is_that_of_the_conjugate_normal(cases):
    """Numbers and next to no spread: prior and likelihood are normal, and so are their powers."""
    rows = [cases.row(name, 1, y=y, n=(n, n)) for name, y, n in (("a", 0.10, 50), ("b", 0.05, 90), ("c", 0.12, 70))]
    told = cases.evidence(*rows, components=("p",))
    own = {"mu": {"mean": 0.02, "sd": 0.05}, "tau": {"family": "halfnormal", "scale": 1e-5}}
    found = power.sensitivity(Gridded(told, own)).set_index("estimand").loc["average"]
    weight = np.array([row.se**-2 for row in rows])
    told_mean = weight @ [row.y for row in rows] / weight.sum()

    def posterior(prior=1.0, likelihood=1.0):
        a, b = prior / 0.05**2, likelihood * weight.sum()
        return (a * 0.02 + b * told_mean) / (a + b), (a + b) ** -0.5

    base = posterior()
    x = np.linspace(*stats.norm(*base).ppf([power.TAIL, 1 - power.TAIL]), 4001)
    for part, name in (("prior", "prior"), ("prior_mu", "prior"), ("likelihood", "likelihood")):
        steps = [normal_distance(x, base, posterior(**{name: a})) / abs(np.log2(a)) for a in power.POWERS]
        assert found[part] == pytest.approx(np.mean(steps), rel=2e-3)
    assert found["prior_tau"] < 1e-4


def test_a_prior_that_says_nothing_is_not_sensitive(cases):
    told = cases.evidence(*(cases.row(s, 1, y=0.1, n=(900, 900)) for s in "abcd"), components=("p",))
    own = {"mu": {"mean": 0.0, "sd": 0.5}, "tau": {"family": "halfnormal", "scale": 0.0375}}
    found = power.sensitivity(Gridded(told, own)).set_index("estimand")
    assert found.loc["average", "prior_mu"] < 0.01 < power.THRESHOLD < found.loc["average", "likelihood"]
    assert found.loc["average", "diagnosis"] == "evidence"


@pytest.mark.parametrize(
    ("prior", "likelihood", "means"),
    [(0.049, 0.05, "evidence"), (0.05, 0.049, "prior"), (0.05, 0.05, "both"), (0.0, 0.0, "neither")],
)
def test_two_sensitivities_have_one_meaning(prior, likelihood, means):
    assert power.diagnose(prior, likelihood) == means


def test_an_analysis_that_is_too_large_keeps_a_row_with_its_reason(told, cases, tmp_path, monkeypatch):
    monkeypatch.setattr("pooling.sensitivity.gridded.MOST_SITES", 2)
    monkeypatch.setattr("pooling.ledger.evidence.read", lambda path: [told])
    package = type("Package", (), {"outcomes": pd.DataFrame([{"outcome": "work"} | cases.outcome])})
    paths = {"priors": tmp_path / "priors.csv", "power": tmp_path / "power.csv"}
    prior_grid.make(package, CHOICES, cases.settings, 4, "nowhere", paths)
    for path in paths.values():
        (line,) = pd.read_csv(path).to_dict("records")
        assert line["analysis"] == "a" and "too many" in line["reason"]
