"""The study as the workflow runs it: the same however it is cut, judged by thresholds that a wrong engine fails."""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pooling import calibration, exact
from pooling.calibration import by_sampling, stored, study, tabulate
from pooling.ledger import evidence
from pooling.running import settings, tables
from scipy import stats

WORKFLOW = Path(__file__).parents[2] / "workflow"
DEFAULTS = settings.load(WORKFLOW / "config.yaml", WORKFLOW / "schema.yaml")
PRIORS = {"mu_prior": (0.0, 0.0625), "tau_prior": stats.halfnorm(scale=0.0375)}
SEED = 20_200_528


def row(site, arm, design, variances):
    """A statement about one arm of a site, control first in the variances."""
    blank = dict.fromkeys(evidence.Row.__dataclass_fields__, "")
    weights = tuple(-1.0 if k == 0 else float(k == arm) for k in range(len(variances)))
    bounds = {"y": np.nan, "se": 0.1, "kind": "interval", "lower": 0.0, "upper": np.inf, "epsilon": 0.1}
    own = {"site": site, "source": "x", "design": design, "weights": weights, "arm_variances": variances}
    return evidence.Row(**{**blank, **bounds, **own})


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    """Stored evidence of one analysis: two sites, one with two arms."""
    two = (0.004, 0.004, 0.002)
    rows = (row("a", 1, (1.0, 0.0), two), row("a", 2, (0.0, 1.0), two), row("b", 1, (1.0, 1.0), (0.003, 0.003)))
    path = tmp_path_factory.mktemp("own") / "evidence.json"
    evidence.write([evidence.Evidence("choir_end", "choir", "end", "arcsine", ("p", "q"), 0.2, 2.0, rows)], path)
    return str(path)


def chosen(**calibration_settings):
    return {**DEFAULTS, "calibration": {**DEFAULTS["calibration"], "sites": [2], **calibration_settings}}


def good(summary):
    """Fail where coverage or evenness is what an engine without fault shows once in a hundred such studies."""
    tested = summary.dropna(subset=["chi2_p"])
    p = tested[["chi2_p", "ks_p"]]
    assert (p > 0.01 / p.size).all(axis=None), tested[(p <= 0.01 / p.size).any(axis=1)]
    count = tested["replicates"] - tested["refused"]
    lower, upper = stats.binom(count, tested["level"]).interval(1 - 0.01 / len(tested))
    inside = tested["coverage"] * count
    assert ((lower <= inside) & (inside <= upper)).all(), tested[(lower > inside) | (inside > upper)]
    assert (tested["refused"] <= 0.02 * tested["replicates"]).all(), tested[["design", "kind", "refused"]]


@pytest.mark.parametrize("prior", [stats.halfnorm(scale=0.0375), stats.halfcauchy(scale=0.03), stats.uniform(0, 0.2)])
def test_spread_of_many_analyses_as_of_each(prior):
    rng = np.random.default_rng(0)
    v = 1 / (2 * np.geomspace(50, 300, 5))
    y = rng.normal(0, np.sqrt(v + 0.03**2), (6, 5)) * np.array([1, 1, 1, 1, 1, 8])[:, None]
    many = exact.pool_many(y, np.broadcast_to(v, y.shape), mu_prior=(0, 0.06), tau_prior=prior)
    singles = [exact.pool(one, v, mu_prior=(0, 0.06), tau_prior=prior).tau for one in y]
    for x in (0.0, 1e-4, 0.005, 0.03, 0.15):
        np.testing.assert_allclose(many.tau_cdf(x), [single.cdf(x) for single in singles], atol=5e-5)


def test_numbers_in_one_call_are_the_same_study():
    design = calibration.pairwise(4, **PRIORS)
    one, many = calibration.run(design, "numbers", 8, SEED, first=2), calibration.run_numbers(design, 8, SEED, first=2)
    pd.testing.assert_frame_equal(one, many, atol=5e-5)


def test_a_design_of_several_arms_is_not_for_one_call(own):
    (design,) = study.designs("own", evidence.read(own), DEFAULTS)
    with pytest.raises(ValueError, match="use run"):
        calibration.run_numbers(design, 1, SEED)


@pytest.mark.parametrize("k", [2, 3, 4, 6, 9, 20])
def test_a_thousand_replicates_of_single_arms(k):
    """The whole study of numbers from single arms is cheap enough to be run here."""
    replicates = calibration.run_numbers(calibration.pairwise(k, **PRIORS), 1000, SEED)
    good(calibration.summarise(replicates))


def broken(**wrong):
    """The engine, given evidence that differs from what was drawn."""
    return lambda data: calibration.by_quadrature({**data, **{name: make(data) for name, make in wrong.items()}})


@pytest.mark.parametrize(
    ("kind", "replicates", "fit"),
    [
        ("numbers", 300, broken(v=lambda data: data["v"] / 3, contrast=lambda data: None)),
        ("statements", 60, broken(lower=lambda data: data["lower"] + 0.06, upper=lambda data: data["upper"] + 0.06)),
    ],
    ids=["too small errors", "shifted statements"],
)
def test_a_wrong_engine_fails_the_thresholds(kind, replicates, fit):
    design = calibration.pairwise(6, **PRIORS)
    with pytest.raises(AssertionError):
        good(calibration.summarise(calibration.run(design, kind, replicates, SEED, fit=fit)))


def test_pieces_are_the_whole(own, tmp_path):
    whole = study.piece(own, "own", "mixed", (0, 3), DEFAULTS)
    cuts = [(2, 3), (0, 2)]
    for numbers in cuts:
        study.make(tmp_path / f"{numbers[0]}.csv", own, "own", "mixed", numbers, DEFAULTS)
    together = tabulate.ordered(tables.read_csv(tmp_path / f"{first}.csv") for first, _ in cuts)
    expected = tabulate.ordered([whole])
    assert together["place"].to_list() == pytest.approx(expected["place"].to_list(), rel=1e-4)
    pd.testing.assert_series_equal(together["replicate"], expected["replicate"])


def test_a_fingerprint_tells_designs_apart(own):
    (design,) = study.designs("own", evidence.read(own), DEFAULTS)
    changed = [
        {"name": "other"}, {"X": 2 * design.X}, {"arm_variances": 2 * design.arm_variances}, {"epsilon": 0.2},
        {"kappa": 1.0}, {"mu_prior": (0.0, 0.1)}, {"tau_prior": stats.halfcauchy(scale=0.0375)}, {"cuts": (0.0,)},
        {"groups": np.array(["a", "b", "c"])}, {"source": np.array(["x", "y", "x"])}, {"weights": -design.weights},
    ]  # fmt: skip
    prints = {study.fingerprint(calibration.Design(**{**vars(design), **change})) for change in [{}, *changed]}
    assert len(prints) == 1 + len(changed)


@pytest.fixture(scope="module")
def full(own, tmp_path_factory):
    """A full study of 30 numbers and 2 of the other kinds, as `snakemake calibration` makes it."""
    tmp_path, paths = tmp_path_factory.mktemp("full"), []
    for family in study.FAMILIES:
        for kind, count in {"numbers": 30, "statements": 2, "mixed": 2}.items():
            paths.append(tmp_path / f"{family}_{kind}.csv")
            study.make(paths[-1], own, family, kind, (0, count), chosen())
    out = {name: tmp_path / f"{name}.csv" for name in ("summary", "ranks", "first")}
    tabulate.gather(paths, 4, out, first=2)
    return out


@pytest.fixture
def kept(full, own, tmp_path):
    """What the rule of every run is given; a test may change it."""
    return {name: shutil.copy(path, tmp_path) for name, path in full.items()} | {"evidence": own}


def beside(kept, tmp_path, **changes):
    asked = {**chosen(replicates={"numbers": 3, "statements": 1, "mixed": 1}), **changes}
    out = {name: tmp_path / f"out_{name}.csv" for name in ("summary", "ranks")}
    stored.lay_beside(kept, asked, 4, out)
    return tables.read_csv(out["summary"]), tables.read_csv(out["ranks"])


def test_a_run_repeats_the_stored_study(kept, tmp_path):
    summary, ranks = beside(kept, tmp_path)
    full = summary[summary["study"].eq("full")]
    assert set(full["family"]) == {"own", "pairwise"} and set(full["kind"]) == set(calibration.KINDS)
    assert set(full.loc[full["kind"].eq("numbers"), "repeated"]) == {2}
    assert full["difference"].max() < 1e-5
    assert set(full["version"]) == {study.version("exact")} and set(full["seed"]) == {DEFAULTS["seed"]}
    counted = ranks[ranks["study"].eq("full") & ranks["kind"].eq("numbers")]
    assert counted.groupby(["design", "quantity"])["count"].sum().eq(30).all()


@pytest.mark.parametrize(
    ("changed", "same"),
    [
        ('"""Says more."""\n\ndef f(x):\n    # why\n    """What."""\n    return (\n        x + 1\n    )\n', True),
        ("def f(x):\n    return (x + 2)\n", False),
        ("def f(x):\n    'not a docstring'; return (x + 1)\n", False),
        ("def f(x): return (x + 1)\n", False),
    ],
)
def test_a_version_is_of_what_the_code_does(tmp_path, monkeypatch, changed, same):
    package, study_folder = tmp_path / "exact", tmp_path / "calibration"
    for folder in (package, study_folder):
        folder.mkdir()
    for path in (study_folder / "design.py", study_folder / "replicates.py", tmp_path / "arrays.py"):
        path.write_text("")
    monkeypatch.setattr(study, "__file__", str(study_folder / "study.py"))
    found = []
    for source in ("def f(x):\n    return (x + 1)\n", changed):
        (package / "fit.py").write_text(source)
        found.append(study.version("exact"))
    assert (found[0] == found[1]) == same


def test_a_stored_study_that_an_engine_no_longer_repeats_shows(kept, tmp_path):
    first = tables.read_csv(kept["first"])
    first.loc[first["kind"].eq("numbers"), "place"] *= 0.9
    tables.write_csv(first, kept["first"], 5)
    summary, _ = beside(kept, tmp_path)
    numbers = summary["kind"].eq("numbers") & summary["study"].eq("full")
    assert (summary.loc[numbers, "difference"] > 0.01).all()


def test_a_stored_study_of_other_designs_is_not_shown(kept, tmp_path):
    wider = {**DEFAULTS["priors"], "share": {**DEFAULTS["priors"]["share"], "mu": {"mean": 0.0, "sd": 0.1}}}
    summary, ranks = beside(kept, tmp_path, priors=wider)
    assert set(summary["study"]) == set(ranks["study"]) == {"run"}


def test_another_seed_repeats_nothing(kept, tmp_path):
    summary, _ = beside(kept, tmp_path, seed=1)
    assert summary["repeated"].isna().all() or (summary["repeated"] == "").all()


def test_coverage_of_several_effects_together():
    place = np.tile([0.01, 0.5, 0.5, 0.99], 5)
    frame = pd.DataFrame(
        {"design": "d", "kind": "numbers", "quantity": ["mu[0]", "mu[1]"] * 10, "replicate": np.repeat(range(10), 2),
         "place": place, "refused": ""}
    )  # fmt: skip
    (line,) = calibration.together(frame).to_dict("records")
    assert (line["quantity"], line["replicates"], line["coverage"]) == ("mu", 10, 0.5)
    assert line["coverage_lower"] == pytest.approx(0.7) and line["coverage_upper"] == 1.0


@pytest.mark.slow
def test_places_by_sampling_are_those_of_the_exact_engine():
    """Within what some 300 draws allow; and one process or two, the same draws."""
    design = calibration.pairwise(3, **PRIORS)
    short = {"chains": 2, "tune": 300, "draws": 500, "thin": 3}
    fit = by_sampling.fit_with({**DEFAULTS, "calibration": {**DEFAULTS["calibration"], "sampler": short}})
    sampled = calibration.run(design, "mixed", 3, SEED, fit=fit)
    exactly = calibration.run(design, "mixed", 3, SEED)
    assert (sampled["place"] - exactly["place"]).abs().max() < 0.15
    again = calibration.run(design, "mixed", 1, SEED, fit=fit, first=2)
    assert again["place"].to_list() == sampled.loc[sampled["replicate"].eq(2), "place"].to_list()


def test_the_kept_study_finds_the_engine_calibrated():
    summary = tables.read_csv(WORKFLOW / "study/summary.csv")
    exactly = summary[summary["engine"].eq("exact") & ~summary["quantity"].isin(["mu", "new"])]
    cells = {(row.family, row.kind, row.sites) for row in exactly.itertuples()}
    assert {(family, kind) for family, kind, _ in cells} == {(f, k) for f in study.FAMILIES for k in calibration.KINDS}
    assert {sites for family, _, sites in cells if family == "pairwise"} == {2, 3, 4, 6, 9, 20}
    assert (exactly["replicates"] >= 1000).all()
    good(exactly)


@pytest.mark.parametrize("kind", calibration.KINDS)
def test_the_kept_study_is_what_the_engine_still_gives(own, kind):
    """Single arms; the analyses' own designs change with the evidence, and every run compares them."""
    first = tables.read_csv(WORKFLOW / "study/first.csv")
    again = study.piece(own, "pairwise", kind, (0, 2), DEFAULTS)
    keys = ["fingerprint", "kind", "seed", "replicate", "quantity"]
    pairs = again.merge(first, on=keys, suffixes=("", "_kept"))
    assert len(pairs) == len(again) == 2 * 6 * 3
    assert (pairs["place"] - pairs["place_kept"]).abs().max() < 1e-4
