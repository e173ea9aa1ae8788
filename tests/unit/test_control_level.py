"""Estimates of shares need a control level at which they are possible; without one no run starts."""

import csv
import shutil
from pathlib import Path

import pytest
from pooling.running import entrance, settings

ROOT = Path(__file__).parents[2]


def faults(folder, level, analyses=None):
    """Faults of the small package with another control level of its outcome."""
    shutil.copytree(ROOT / "tests/packages/tiny", folder)
    path = folder / "outcomes.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    for row in rows:
        if row["outcome"] == "attendance":
            row |= {"control_level": level, "control_level_basis": "assumed" if level else ""}
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    asked = {"data": str(folder)} | ({"analyses": analyses} if analyses else {})
    config = settings.load(ROOT / "workflow/config.yaml", ROOT / "workflow/schema.yaml", asked)
    return [fault.removeprefix(f"{folder.as_posix()}/") for fault in entrance.faults(config)]


def test_an_estimate_in_points_without_a_control_level_is_a_fault(tmp_path):
    (found,) = faults(tmp_path / "package", "")
    assert found.startswith(
        "outcomes.csv, row 2 (attendance), control_level: an estimate in points (C01) needs a level"
    )
    assert "write a percentage between 0 and 100" in found


def test_on_the_scale_of_differences_it_needs_none(tmp_path):
    plain = [{"outcome": "attendance", "horizon": "end", "scale": "difference"}]
    assert faults(tmp_path / "package", "", plain) == []


@pytest.mark.parametrize(("level", "good"), [("90", True), ("97", False)])
def test_an_estimate_over_100_percent_is_a_fault_with_its_row(tmp_path, level, good):
    found = faults(tmp_path / "package", level)
    assert (found == []) == good
    for fault in found:
        assert fault.startswith("claims.csv, row ") and f"is impossible at a control level of {level} percent" in fault
