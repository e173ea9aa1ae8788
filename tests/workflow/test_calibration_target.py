"""`snakemake calibration`: the full study of both engines in chunks, by Snakemake itself."""

import re

import pytest
from pipelines import ROOT, TINY, snakemake
from pooling.calibration import study
from pooling.running import settings, tables

SMALL = """calibration:
  sites: [2]
  replicates: {numbers: 2, statements: 2, mixed: 2}
  full: {exact: 3, pymc: 3}
  chunk: {exact: 2, pymc: 2}
  sampler: {chains: 2, tune: 100, draws: 100, thin: 1}
"""


@pytest.fixture
def asked(tmp_path):
    """How a small study is asked for."""
    (tmp_path / "small.yaml").write_text(SMALL, encoding="utf-8")
    results = tmp_path / "results"
    return results, ["--configfile", tmp_path / "small.yaml", "--config", f"data={TINY}", f"results={results}", "--"]


def test_the_target_asks_for_every_chunk_of_either_engine(asked):
    _, options = asked
    run = snakemake("-n", *options, "calibration")
    jobs = dict(re.findall(r"^(\w+)\s+(\d+)$", run.stdout + run.stderr, re.M))
    # two families, three kinds of evidence, two chunks of at most two replicates
    assert jobs["calibrate"] == jobs["calibrate_sampler"] == "12"
    assert jobs["calibration"] == "1" and "sample" not in jobs


def test_chunks_made_as_jobs_are_the_study_in_one_piece(asked):
    results, options = asked
    paths = [results / f"calibration/exact/pairwise_mixed_{chunk}.csv" for chunk in (0, 1)]
    snakemake(*options, *paths)
    config = settings.load(ROOT / "workflow/config.yaml", ROOT / "workflow/schema.yaml", {"data": str(TINY)})
    config["calibration"]["sites"] = [2]
    study.make(results / "whole.csv", str(results / "evidence.json"), "pairwise", "mixed", (0, 3), config)
    whole, (first, second) = tables.read_csv(results / "whole.csv"), map(tables.read_csv, paths)
    assert sorted(set(first["replicate"])) == [0, 1] and set(second["replicate"]) == {2}
    assert len(whole) == len(first) + len(second)
    for part in (first, second):
        own = whole[whole["replicate"].isin(part["replicate"])].reset_index(drop=True)
        assert own.astype(str).equals(part.astype(str))
