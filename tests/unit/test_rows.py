"""Rows on the scale of pooling: covariances, rounding, contrasts."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pooling.ledger import package
from pooling.ledger.pooled import gather
from pooling.running import settings

ROOT = Path(__file__).parents[2]


def _evidence(folder, **changes):
    data = package.read(folder)
    config = settings.load(
        ROOT / "workflow/config.yaml", ROOT / "workflow/schema.yaml", {"data": str(folder), **changes}
    )
    return {e.analysis: e for e in gather(data, config)[0]}


@pytest.fixture(scope="module")
def ours():
    return _evidence(ROOT / "data")


@pytest.fixture(scope="module")
def numbers():
    return _evidence(ROOT / "tests/packages/numbers")


def test_given_covariances_keep_their_correlation_on_the_pooled_scale(numbers):
    data = package.read(ROOT / "tests/packages/numbers")
    se = data.claims.set_index("claim")["se"]
    for e in numbers.values():
        place = {row.claims[0]: i for i, row in enumerate(e.rows)}
        full = np.array(e.covariance)
        assert np.allclose(np.diag(full), [row.se**2 for row in e.rows])
        for a, b, value in data.covariance[["claim_a", "claim_b", "covariance"]].itertuples(index=False):
            if a in place and b in place:
                i, j = place[a], place[b]
                correlation = full[i, j] / np.sqrt(full[i, i] * full[j, j])
                assert correlation == pytest.approx(value / (se[a] * se[b]))
        assert np.linalg.eigvalsh(full)[0] > 0


def test_a_covariance_that_does_not_fit_is_refused_with_its_site():
    data = package.read(ROOT / "tests/packages/numbers")
    config = settings.load(
        ROOT / "workflow/config.yaml", ROOT / "workflow/schema.yaml", {"data": "tests/packages/numbers"}
    )
    too_large = data.covariance.assign(covariance=data.covariance["covariance"] * 2)
    with pytest.raises(ValueError, match="site 'alpha'"):
        gather(replace(data, covariance=too_large), config)


def test_statements_are_intervals_of_z_times_their_standard_error(ours):
    for e in ours.values():
        for row in e.rows:
            if row.kind == "interval":
                assert row.lower == pytest.approx(row.z_lower * row.se)
                assert row.upper == pytest.approx(row.z_upper * row.se)


def test_a_contrast_compares_and_its_error_follows_from_the_arms(ours):
    for e in ours.values():
        for row in e.rows:
            assert sum(row.weights) == pytest.approx(0)
            assert sum(w for w in row.weights if w > 0) == pytest.approx(1)
            assert row.se**2 == pytest.approx(np.square(row.weights) @ row.arm_variances)


def test_arcsine_variances_need_no_level(ours):
    """Utrecht: 710 people over four groups (CPB's count, split equally), so every arm has 1 / (4 × 177.5)."""
    row = next(row for row in ours["any_paid_work_end"].rows if row.site == "utrecht")
    assert row.arm_variances == pytest.approx([1 / 710] * 4)
    assert row.se_basis == "equal_split"


def test_survey_scores_rest_on_those_who_answered(ours):
    row = next(row for row in ours["wellbeing_end"].rows if row.site == "utrecht")
    assert row.arm_variances == pytest.approx([1 / (177.5 * 0.62)] * 4)


def test_rounded_percentages_become_the_interval_they_were_rounded_from(ours):
    """Utrecht, outflow: around 15 (read as 12.5 to 17.5) against 8 (7.5 to 8.5) percent."""
    (row,) = [row for row in ours["outflow_from_benefit_end"].rows if row.kind == "rounded"]

    def delta(a, c):
        return np.arcsin(np.sqrt(a)) - np.arcsin(np.sqrt(c))

    assert row.claims == ("E265", "E266") and row.epsilon == 0
    assert row.lower == pytest.approx(delta(0.125, 0.085))
    assert row.upper == pytest.approx(delta(0.175, 0.075))
    assert row.y == pytest.approx(delta(0.15, 0.08))


def test_an_arm_against_the_others_weighs_them_by_size(ours):
    row = next(r for r in ours["outflow_from_benefit_end"].rows if r.site == "deventer" and r.arms == ("guidance",))
    assert sorted(row.weights) == pytest.approx([-1 / 3, -1 / 3, -1 / 3, 1])
    # two of the three other groups were exempted
    assert row.design == pytest.approx((-2 / 3, 1, 0))


def test_evidence_comes_back_from_its_file(ours, tmp_path):
    from pooling.ledger import evidence

    evidence.write(list(ours.values()), tmp_path / "evidence.json")
    again = evidence.read(tmp_path / "evidence.json")
    for before, after in zip(ours.values(), again, strict=True):
        for name, array in before.arrays().items():
            other = after.arrays()[name]
            if isinstance(array, tuple):
                assert all(np.array_equal(x, z) for x, z in zip(array, other, strict=True))
            elif isinstance(array, np.ndarray) and array.dtype.kind == "f":
                assert np.allclose(array, other, equal_nan=True)
            else:
                assert np.array_equal(array, other)
