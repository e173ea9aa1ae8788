"""Fixtures over an invented package and invented results."""

from types import SimpleNamespace

import pytest
from chromium import browser  # noqa: F401 - a fixture
from invented_package import TABLES, make_package
from invented_results import claims, estimates, make_results, summary, summary_row
from reporting.material import load

SETTINGS = {
    "level": 0.95,
    "analyses": [
        {"outcome": "sewing", "horizon": "end", "main": True},
        {"outcome": "loneliness", "horizon": "after", "main": True},
        {"outcome": "noise", "horizon": "end"},
    ],
    "magnitude": {"sd_ratio": 0.8, "widening": 1.5},
    "informative_sites": 2,
    "seed": 7,
    "priors": {
        "share": {"mu": {"mean": 0.0, "sd": 0.06}, "tau": {"family": "halfnormal", "scale": 0.03}},
        "score": {"mu": {"mean": 0.0, "sd": 0.25}, "tau": {"family": "halfcauchy", "scale": 0.1}},
    },
    "statements": {"z_crit": 1.96, "epsilon": 0.15, "kappa": 2.0},
    "sizes": {"equal_split": True, "response": 0.5, "se_factor": 1.0},
}


@pytest.fixture
def settings():
    return SETTINGS


@pytest.fixture
def invented(tmp_path):
    """The invented package and the folder of its invented results."""
    return make_package(tmp_path / "package"), make_results(tmp_path / "results")


@pytest.fixture
def made(tmp_path):
    """Makers of invented packages, results and material that differ from the standard ones."""

    def material(settings, language, tables=None, **results):
        package = make_package(tmp_path / "package", tables)
        return load(make_results(tmp_path / "results", **results), package, settings, language)

    return SimpleNamespace(
        TABLES=TABLES,
        summary=summary,
        summary_row=summary_row,
        estimates=estimates,
        claims=claims,
        package=make_package,
        results=make_results,
        material=material,
    )
