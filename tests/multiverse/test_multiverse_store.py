"""The multiverse on disk: the same bytes for any number of chunks, and every specification accounted for."""

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest
from pooling import exact, multiverse
from pooling.answers import exactly, summary
from pooling.ledger import package, pooled
from pooling.multiverse import store
from pooling.running import entrance, settings

ROOT = Path(__file__).parents[2]
TINY = ROOT / "tests/packages/tiny"
RULES = {"level": 0.95, "informative_sites": 2}


def configured(data, budget):
    config = settings.load(ROOT / "workflow/config.yaml", ROOT / "workflow/schema.yaml", {"data": str(data)})
    return config | {"multiverse": {"budget": budget, "minor": 0, "chunks": 1}}


@pytest.fixture(scope="module")
def plan(tmp_path_factory):
    folder = tmp_path_factory.mktemp("plan")
    chosen = multiverse.read(ROOT / "workflow/multiverse.yaml", TINY)
    multiverse.prepare(package.read(TINY), configured(TINY, 700), chosen, folder)
    return folder


def chunked(plan, folder, parts):
    chunks = [folder / f"{part}.parquet" for part in range(parts)]
    for part in reversed(range(parts)):
        multiverse.run(plan, part, parts, RULES, 4, chunks[part])
    return chunks


@pytest.fixture(scope="module")
def whole(plan, tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole")
    multiverse.merge(chunked(plan, folder, 1), folder / "all.parquet")
    return folder / "all.parquet"


def test_any_number_of_chunks_gives_the_same_bytes(plan, whole, tmp_path):
    chunks = chunked(plan, tmp_path, 7)
    multiverse.merge(chunks, tmp_path / "all.parquet")
    assert (tmp_path / "all.parquet").read_bytes() == whole.read_bytes()
    before = chunks[3].read_bytes()
    chunks[3].write_bytes(before[:100])
    multiverse.run(plan, 3, 7, RULES, 4, chunks[3])
    assert chunks[3].read_bytes() == before


def test_every_specification_is_asked_for_alike_or_answered(plan, whole, tmp_path):
    names = ["counts", *multiverse.summary.COLUMNS]
    paths = {name: str(tmp_path / f"{name}.csv") for name in names}
    multiverse.summarise(whole, plan / "specifications.parquet", plan / "problems.json", paths, 4)
    counts = pd.read_csv(paths["counts"]).set_index("analysis")
    table = pd.read_parquet(whole)
    for name, row in counts.iterrows():
        own = table[table["analysis"].eq(name)]
        assert row["asked"] == row["alike"] + row["different"]
        assert row["different"] == row["of_choices"] + row["of_subsets"] + row["of_sources"] + row["of_both"]
        assert row["different"] == own["spec"].nunique()
        assert own.groupby("spec").size().nunique() == 1, "a component without a row"
        assert (own["mean"].notna() == own["reason"].eq("")).all()
    assert counts.loc["pain_end", "only_full_set"] and not counts.loc["attendance_end", "only_full_set"]
    left = pd.read_csv(paths["without_source"], keep_default_na=False)
    assert set(left.loc[left["analysis"].eq("pain_end"), "source"]) == {"R1", "R2", "R3"}
    influence = pd.read_csv(paths["influence"], keep_default_na=False)
    primary = influence[influence["left_out"].eq("")].set_index(["analysis", "component"])
    truth = table[table["spec"].eq(0)].set_index(["analysis", "component"])
    for name in ("mean", "prob_positive", "tau"):
        assert (primary[name].astype(float) == truth[name]).all(), name


def test_a_sample_of_specifications_is_what_the_engine_says_of_evidence_made_anew(whole):
    """Evidence by way of the ordinary pipeline, sites left out there, and one fit of the engine for each."""
    table = pd.read_parquet(whole).query("analysis == 'attendance_end'")
    wide = {"as configured": 1.0, "half as wide": 0.5, "twice as wide": 2.0}
    told = {"as configured": 0.1, "never": 0.0, "one in five": 0.2, "three in ten": 0.3}
    sizes = {"as assumed": 1.0, "smaller": 0.75, "larger": 1.5}
    same = {"control level": "as stated", "arms": "sum of components", "spread of wrong statements": "as configured"}
    keep = table["heterogeneity"].isin(["by arm", "common"]) & table["block"].isin(["pair", "product", "sample"])
    for name, option in same.items():
        keep &= table[name].eq(option) if name in table else True
    for name, known in (("prior of the average", wide), ("prior of the spread", wide), ("reliability", told)):
        keep &= table[name].isin(known)
    specs = table[keep].drop_duplicates("spec").sample(12, random_state=7)
    assert specs["left_out"].ne("").any() and specs["prior of the average"].nunique() > 1
    data = package.read(TINY)
    outcome = data.outcomes.set_index("outcome").loc["attendance"]
    for spec in specs.to_dict("records"):
        config = configured(TINY, 0)
        config["statements"] |= {"epsilon": told[spec["reliability"]]}
        config["sizes"] |= {"se_factor": sizes[spec.get("standard errors", "as assumed")]}
        gone = spec["left_out"].split(";")
        claims = data.claims[~data.claims["municipality"].isin(gone)]
        printed = {**data.printed, "claims": data.printed["claims"].loc[claims.index]}
        coding = data.coding[data.coding["claim"].isin(claims["claim"])]
        rest = type(data)(**{**vars(data), "claims": claims, "printed": printed, "coding": coding})
        one = {e.analysis: e for e in pooled.gather(rest, config)[0]}["attendance_end"]
        own = exactly.prior_of(config["priors"], one.scale)
        mean, sd = own["mu_prior"]
        scale = config["priors"]["share"]["tau"]["scale"] * wide[spec["prior of the spread"]]
        tau = 0.0 if spec["heterogeneity"] == "common" else exactly_halfnormal(scale)
        fit = exact.pool(**one.arrays(), mu_prior=(mean, sd * wide[spec["prior of the average"]]), tau_prior=tau)
        found = summary.table(one, outcome, summary.Answers(list(fit.mu), list(fit.new_site), fit.tau), "exact",
                              "posterior", 0.95)  # fmt: skip
        truth = found[found["estimand"].eq("average") & found["unit"].eq("points")].set_index("component")
        for row in table[table["spec"].eq(spec["spec"]) & table["reason"].eq("")].to_dict("records"):
            right = truth.loc[row["component"]]
            assert abs(row["mean"] - right["mean"]) < 5e-3 * right["sd"], spec
            assert abs(row["sd"] - right["sd"]) < 1e-2 * right["sd"], spec
            assert abs(row["prob_positive"] - right["prob_positive"]) < 2e-3, spec


def exactly_halfnormal(scale):
    from scipy import stats

    return stats.halfnorm(scale=scale)


def test_a_specification_that_cannot_be_calculated_is_a_row_with_its_reason(plan, tmp_path):
    folder = tmp_path / "plan"
    shutil.copytree(plan, folder)
    problems = json.loads((folder / "problems.json").read_text(encoding="utf-8"))
    name = next(iter(problems))
    asked = store.specifications(folder, name)
    primary = asked.loc[0, "variants"]
    broken = next(int(n) for n in primary if n >= 0)
    problems[name]["variants"][broken]["fault"] = "its numbers exclude each other"
    (folder / "problems.json").write_text(json.dumps(problems), encoding="utf-8")
    multiverse.run(folder, 0, 20, RULES, 4, tmp_path / "chunk.parquet")
    found = pd.read_parquet(tmp_path / "chunk.parquet")
    failed = found[found["reason"].eq("its numbers exclude each other")]
    assert len(failed) and failed["mean"].isna().all()


def test_every_fault_of_the_choices_is_told_at_once(tmp_path):
    bad = tmp_path / "package"
    shutil.copytree(TINY, bad)
    labels = "label_en: a, label_nl: b, reason_en: c, reason_nl: d"
    (bad / "multiverse.yaml").write_text(
        f"""choices:
  - choice: seasons
    type: sometimes
    label_en: a
    label_nl: b
    options: [{{option: all, primary: true, {labels}}}, {{option: winter, change: {{season: winter}}, {labels}}}]
""",
        encoding="utf-8",
    )
    found = entrance.faults(configured(bad, 0) | {"data": str(bad)})
    assert any(
        "choice 'seasons', type: 'sometimes' is not allowed; write one of equivalent" in fault for fault in found
    )
    assert any("option 'winter', change, season: unknown key" in fault for fault in found)


def test_a_name_that_the_package_does_not_have_is_a_fault(tmp_path):
    bad = tmp_path / "package"
    shutil.copytree(TINY, bad)
    labels = "label_en: a, label_nl: b, reason_en: c, reason_nl: d"
    (bad / "multiverse.yaml").write_text(
        f"""choices:
  - choice: meaning
    type: uncertain
    label_en: a
    label_nl: b
    options:
      - {{option: own, primary: true, {labels}}}
      - {{option: broad, change: {{instead: {{attendance: [absent]}}}}, {labels}}}
""",
        encoding="utf-8",
    )
    found = entrance.faults(configured(bad, 0) | {"data": str(bad)})
    assert len(found) == 1 and "choice 'meaning', option 'broad': unknown outcome 'absent'" in found[0]


def test_without_one_site_the_summary_has_the_same_answers_by_the_same_rule(plan, whole, tmp_path):
    paths = {name: str(tmp_path / f"{name}.csv") for name in ["counts", *multiverse.summary.COLUMNS]}
    multiverse.summarise(whole, plan / "specifications.parquet", plan / "problems.json", paths, 4)
    influence = pd.read_csv(paths["influence"], keep_default_na=False)
    config, data = configured(TINY, 0), package.read(TINY)
    evidences, _ = pooled.gather(data, config)
    outcomes = data.outcomes.set_index("outcome")
    rows = pd.concat([exactly.analyse(one, outcomes.loc[one.outcome], config)[0] for one in evidences])
    counts = pooled.counts(evidences, 2)
    judged = summary.judge(rows.fillna({"component": ""}), counts, evidences, config["magnitude"], 2)
    left = judged[judged["estimand"].eq("leave_out")].set_index(["analysis", "component", "municipality"])
    seen = set()
    for key, row in influence.set_index(["analysis", "component", "left_out"]).iterrows():
        if not key[2] or ";" in key[2]:
            continue
        own = left.loc[key]
        assert (own["sites"], own["identified"]) == (row["sites"], row["reason"] == ""), key
        if own["identified"]:
            assert float(row["prob_positive"]) == pytest.approx(own["prob_positive"], abs=1e-3), key
        seen.add(bool(own["identified"]))
    assert seen == {True, False}, "no effect was left without an answer, or all were"
