"""Expected counts are those of a brute-force simulation arm by arm; what words settle is counted, and no more."""

import numpy as np
import pytest
from pooling.sensitivity import predictive
from pooling.sensitivity.gridded import Gridded, own_priors
from scipy import stats


@pytest.mark.parametrize(
    ("z", "feature", "answer"),
    [
        ((0.0, 1.96), "higher", True), ((0.0, 1.96), "not_significant", True),
        ((0.0, 1.96), "significantly_higher", False), ((0.0, np.inf), "significantly_higher", None),
        ((-np.inf, 1.96), "significantly_higher", False), ((-np.inf, 1.96), "significantly_lower", None),
        ((-np.inf, 1.96), "not_significant", None), ((-1.96, 1.96), "higher", None),
        ((1.96, np.inf), "not_significant", False), ((-np.inf, 0.0), "higher", False),
    ],
)  # fmt: skip
def test_words_settle_what_they_say_and_no_more(cases, z, feature, answer):
    assert predictive.settled(cases.row("s", 1, z=z), feature) is answer


def test_a_number_settles_everything(cases):
    row = cases.row("s", 1, y=0.2)
    found = {feature: predictive.settled(row, feature) for feature in predictive.FEATURES}
    assert row.y / row.se > 1.96
    assert found == {
        "significantly_lower": False, "not_significant": False, "significantly_higher": True, "higher": True,
    }  # fmt: skip


def at_one_point(grid):
    """Weights that put everything on one point of the grid, with the averages and the spread there."""
    weights = np.zeros_like(grid.posterior())
    place = tuple(size // 2 + 1 for size in weights.shape)
    weights[place] = 1.0
    mu = np.array([points[k] for points, k in zip(grid.points, place[1:])])
    return weights, mu, grid.frame.nodes.tau[place[0]]


def brute(evidence, mu, tau, count, rng):
    """z-values with every arm's own deviation and error, source by source."""
    z = np.empty((count, len(evidence.rows)))
    for site in evidence.sites:
        own = [r for r, row in enumerate(evidence.rows) if row.site == site]
        variances = np.array(evidence.rows[own[0]].arm_variances)
        for c in range(count):
            arms = rng.normal(0, np.sqrt(tau**2 / 2 + variances))
            wrong = rng.random() < max(evidence.rows[r].epsilon for r in own)
            for r in own:
                row = evidence.rows[r]
                z[c, r] = (np.dot(row.design, mu) + np.dot(row.weights, arms)) / row.se
                if wrong and row.epsilon:
                    z[c, r] = rng.normal(0, evidence.kappa)
    return z


def test_counts_are_those_of_a_simulation_arm_by_arm(told, cases):
    grid = Gridded(told, own_priors(cases.settings["priors"], told))
    weights, mu, tau = at_one_point(grid)
    drawn = predictive.replicate(grid, weights, 40_000, np.random.default_rng(1))
    slow = brute(told, mu, tau, 6_000, np.random.default_rng(2))
    assert np.corrcoef(drawn.T) == pytest.approx(np.corrcoef(slow.T), abs=0.06)
    fast, by_hand = predictive.counts(told, drawn), predictive.counts(told, slow)
    for key, (_, surely, perhaps, counts) in fast.items():
        assert (surely, perhaps) == by_hand[key][1:3]
        error = 4 * np.sqrt(counts.var() / 6_000 + counts.var() / 40_000)
        assert counts.mean() == pytest.approx(by_hand[key][3].mean(), abs=error)
        below = [(sample <= 1).mean() for sample in (counts, by_hand[key][3])]
        assert below[0] == pytest.approx(below[1], abs=0.03)


def test_one_arm_against_the_normal_distribution(cases):
    told = cases.evidence(cases.row("a", 1, z=(0, 1.96), n=(80, 80)), cases.row("b", 1, z=(0, 1.96), n=(80, 80)),
                          components=("p",))  # fmt: skip
    grid = Gridded(told, own_priors(cases.settings["priors"], told))
    z = predictive.replicate(grid, grid.posterior(likelihood=0.0), 40_000, np.random.default_rng(3))
    # beforehand: averages N(0, .0625), spread half-normal(.0375), and one source in ten says just anything
    tau = np.abs(stats.norm.ppf((np.arange(4000) + 0.5) / 4000) * 0.0375)
    se = told.rows[0].se
    expected = 0.9 * stats.norm.sf(1.96 * se / np.sqrt(0.0625**2 + tau**2 + se**2)).mean() + 0.1 * stats.norm.sf(0.98)
    assert (z > 1.96).mean() == pytest.approx(expected, abs=4 * np.sqrt(expected / 80_000 * 1.5))


def test_the_same_seed_gives_the_same_bytes(told, cases, tmp_path, monkeypatch):
    monkeypatch.setattr(predictive, "REPLICATES", 500)
    monkeypatch.setattr("pooling.ledger.evidence.read", lambda path: [told])
    paths = [tmp_path / name for name in ("one.csv", "two.csv", "other.csv")]
    for path, seed in zip(paths, (5, 5, 6)):
        predictive.make("nowhere", cases.settings, seed, 4, path)
    one, two, other = (path.read_bytes() for path in paths)
    assert one == two != other


def test_all_analyses_together_are_the_sum(told, cases):
    table = predictive.check([told, told], cases.settings, 3)
    for (stage, feature, basis), lines in table.groupby(["stage", "feature", "basis"]):
        whole, parts = lines[lines["analysis"].eq("all")], lines[lines["analysis"].ne("all")]
        for column in ("findings", "surely", "perhaps", "expected"):
            assert whole[column].item() == pytest.approx(parts[column].sum()), (stage, feature, basis)
        if basis == "settled":
            assert whole["surely"].item() == whole["perhaps"].item()
