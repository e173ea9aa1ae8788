"""Small analyses for the tests of sensitivity: two sites with shared controls, numbers and statements."""

from types import SimpleNamespace

import numpy as np
import pytest
from pooling.ledger.evidence import Evidence, Row

SETTINGS = {
    "priors": {
        "share": {"mu": {"mean": 0.0, "sd": 0.0625}, "tau": {"family": "halfnormal", "scale": 0.0375}},
        "score": {"mu": {"mean": 0.0, "sd": 0.2}, "tau": {"family": "halfnormal", "scale": 0.1}},
    },
    "level": 0.95,
}
OUTCOME = {"good": "higher", "smallest_effect": 2.0}


def row(site, arm, *, z=None, y=np.nan, n=(100, 100, 100), epsilon=0.1, category="no_effect", claims=("C",)):
    """A row of one arm against its site's control; z bounds for a statement, y for a number."""
    weights = np.zeros(len(n))
    weights[0], weights[arm] = -1.0, 1.0
    variances = 1 / (4 * np.array(n, dtype=float))
    se = float(np.sqrt(weights**2 @ variances))
    low, high = z or (np.nan, np.nan)
    design = np.zeros(len(n) - 1)
    design[arm - 1] = 1.0
    return Row(
        analysis="a", row=f"{site}:{arm}", site=site, arms=(str(arm),), versus="control",
        kind="number" if z is None else "interval", claims=claims, source="S", category=category, y=y, se=se,
        lower=low * se, upper=high * se, z_lower=low, z_upper=high, z_crit=1.96, se_basis="arm_sizes",
        cov_basis="arm_sizes", epsilon=0.0 if z is None else epsilon, n_treated=n[arm], n_control=n[0],
        design=tuple(design), weights=tuple(weights), arm_variances=tuple(variances),
    )  # fmt: skip


def evidence(*rows, components=("p", "q"), kappa=2.0):
    return Evidence("a", "work", "end", "arcsine", components, 0.2, kappa, tuple(rows))


@pytest.fixture
def told():
    """Three sites with statements about two arms, and a number."""
    return evidence(
        row("north", 1, z=(0.0, 1.96)),
        row("north", 2, z=(-np.inf, 1.96)),
        row("south", 1, z=(-1.96, 1.96), n=(150, 120, 90)),
        row("south", 2, y=0.06, n=(150, 120, 90)),
        row("east", 1, z=(0.0, np.inf), n=(60, 60, 60)),
    )


@pytest.fixture
def cases():
    """Makers of rows and evidence, with settings and an outcome that fit them."""
    return SimpleNamespace(row=row, evidence=evidence, settings=SETTINGS, outcome=OUTCOME)
