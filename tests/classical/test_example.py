"""The tutorial's package is valid, holds the published counts, and its page prints what comes out."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pooling import effects, exact
from pooling.classical.numbers import numbers
from pooling.ledger import package, pooled
from pooling.priors import prior_of
from pooling.running import entrance, settings

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "data" / "examples" / "smoking-cessation"


@pytest.fixture(scope="module")
def config():
    workflow = ROOT / "workflow"
    return settings.load(workflow / "config.yaml", workflow / "schema.yaml", {"data": str(EXAMPLE)})


@pytest.fixture(scope="module")
def evidence(config):
    (only,), claims = pooled.gather(package.read(EXAMPLE), config)
    assert claims["status"].eq("pooled").all()
    return only


def test_package_is_valid(config):
    assert entrance.faults(config) == []


def test_counts_are_the_published_ones():
    published = pd.read_csv(ROOT / "tests" / "reference" / "data" / "hasselblad.csv")
    with_control = published[published.groupby("study")["arm"].transform(lambda arms: "N" in set(arms))]
    claims = pd.read_csv(EXAMPLE / "claims.csv")
    names = {"N": "control", "S": "self-help", "I": "individual", "G": "group"}
    expected = sorted(
        (f"study-{row.study:02d}", names[row.arm], row.events, row.n) for row in with_control.itertuples()
    )
    found = sorted(claims[["municipality", "arm", "events", "n"]].itertuples(index=False, name=None))
    assert found == expected and len(found) == 39


def test_arms_of_one_study_share_its_control(evidence):
    found = numbers(evidence)
    first, second = (i for i, site in enumerate(found.sites) if site == "study-02")
    assert found.V[first, second] == pytest.approx(1 / (4 * 140))
    expected = [effects.difference("arcsine", events / n, 9 / 140) for events, n in ((23, 140), (10, 138))]
    assert sorted(found.y[[first, second]]) == pytest.approx(sorted(expected))


def test_page_prints_the_answer(evidence, config):
    fit = exact.pool(**evidence.arrays(), **prior_of(config["priors"], evidence.scale))
    page = (EXAMPLE / "README.md").read_text(encoding="utf-8")
    number = r"(-?\d+\.\d+)"
    labels = {"self-help": "self-help", "individual": "individual counselling", "group": "group counselling"}
    for j, component in enumerate(evidence.components):
        printed = re.search(
            rf"\| {labels[component]} \| {number} \| {number} to {number} \| {number} \| {number} \|", page
        )
        points = 100 * effects.risk_difference(fit.mu[j].quantile([0.5, 0.025, 0.975]), evidence.control_level)
        got = [*points, fit.mu[j].prob_above(0), fit.new_site[j].prob_above(0)]
        off = np.abs(np.array(printed.groups(), dtype=float) - got)
        assert (off <= [0.051, 0.051, 0.051, 0.0051, 0.0051]).all(), component
    assert fit.tau.mean == pytest.approx(0.18, abs=0.005)
