"""Checks against published or exactly computed numbers, counted so that they cannot quietly become fewer."""

import csv
from pathlib import Path

import numpy as np
import pytest

COUNTS = Path(__file__).with_name("counts.csv")


def stored_counts():
    """Values that each test checks, ``{"module::test": number}``, as stored in ``counts.csv``."""
    if not COUNTS.exists():
        return {}
    with COUNTS.open(encoding="utf-8", newline="") as file:
        return {row["test"]: int(row["values"]) for row in csv.DictReader(file)}


def store(counts):
    """Write ``counts.csv``."""
    with COUNTS.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["test", "values"])
        writer.writerows(sorted(counts.items()))


class Reference:
    """Compares with reference values and counts every one of them."""

    def __init__(self):
        self.checked = 0

    def close(self, name, got, want, tol):
        """Check that `got` lies within `tol` (absolute, inclusive) of `want`; arrays must have one shape."""
        got, want = np.asarray(got, dtype=float), np.asarray(want, dtype=float)
        assert got.shape == want.shape, f"{name}: shape {got.shape}, the reference has {want.shape}"
        assert want.size, f"{name}: no reference value given"
        assert np.isfinite(want).all() and np.all(np.asarray(tol) > 0), f"{name}: useless reference"
        off = np.abs(got - want)
        # Written so that a NaN fails; the factor forgives the rounding of the subtraction only.
        good = off <= np.asarray(tol) * (1 + 1e-9)
        assert good.all(), f"{name}: got {got}, reference {want}, off by {off}, allowed {tol}"
        self.checked += want.size


def pytest_addoption(parser):
    parser.addoption("--write-counts", action="store_true", help="store how many reference values each test checks")


@pytest.fixture
def reference(request):
    """Use as ``reference.close("tau2", got, want, tol)``; fails when fewer values are checked than stored."""
    collector = Reference()
    yield collector
    key, stored = f"{request.path.stem}::{request.node.name}", stored_counts()
    if request.config.getoption("--write-counts", default=False):
        store(stored | {key: collector.checked})
        return
    floor = stored.get(key, 1)
    assert collector.checked >= floor, f"{key} checked {collector.checked} reference values, earlier {floor}"
