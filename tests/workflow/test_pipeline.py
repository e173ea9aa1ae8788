"""The whole pipeline on a small foreign package, as a user would run it."""

import csv
import json
import re
import shutil

import pytest
from pipelines import ROOT, TINY, contents, pipeline, snakemake

# the tiny package is run once: its tests stay with one worker
pytestmark = pytest.mark.xdist_group("pipeline")

OURS = (
    "deventer",
    "groningen",
    "nijmegen",
    "tilburg",
    "utrecht",
    "wageningen",
    "apeldoorn",
    "CPB",
    "bijstand",
)


def _rows(path):
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_a_foreign_package_gives_a_whole_page_without_our_names(tiny):
    for name in ("report.html", "rapport.html"):
        page = (tiny / name).read_text(encoding="utf-8")
        words = re.sub(r"data:[a-z/+-]+;base64,[A-Za-z0-9+/=]+", "", page)
        found = [word for word in OURS if re.search(rf"\b{word}\b", words, re.I)]
        assert not found, f"{name} names {found}"


def test_markup_in_a_data_field_is_shown_as_text(tiny):
    page = (tiny / "report.html").read_text(encoding="utf-8")
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_every_claim_is_pooled_or_set_aside(tiny):
    claims = _rows(tiny / "claims.csv")
    assert len(claims) == len(_rows(TINY / "claims.csv"))
    assert all((row["status"] == "pooled") == (row["reason"] == "") for row in claims)


def test_estimates_and_counts_are_pooled_as_numbers(tiny):
    kinds = {row["claims"]: row["kind"] for row in _rows(tiny / "estimates.csv")}
    assert kinds["C01"] == "number" and kinds["C03;C02"] == "number" and kinds["C06"] == "interval"


def test_both_engines_answer_and_agree(tiny):
    agreement = _rows(tiny / "agreement.csv")
    assert agreement and all(row["ok"] == "true" for row in agreement)
    engines = {row["engine"] for row in _rows(tiny / "summary.csv")}
    assert engines == {"exact", "pymc"}


def test_nothing_to_do_the_second_time(tiny):
    run = pipeline(TINY, tiny, "-n")
    assert "Nothing to be done" in run.stdout + run.stderr


@pytest.mark.slow
def test_the_same_seed_gives_the_same_bytes(tiny, tmp_path):
    pipeline(TINY, tmp_path / "again")
    first, second = contents(tiny), contents(tmp_path / "again")
    assert first.keys() == second.keys()
    assert [name for name in first if first[name] != second[name]] == []


@pytest.mark.slow
def test_another_processor_prints_the_same_digits(tiny, tmp_path):
    """Exact results only: trajectories of a sampler differ in the last bit and then altogether."""
    plain = {
        "OPENBLAS_CORETYPE": "Nehalem",
        "NPY_DISABLE_CPU_FEATURES": "X86_V3 X86_V4 AVX512_ICL AVX512_SPR",
    }
    targets = [tmp_path / "exact" / "summary.csv", tmp_path / "estimates.csv", tmp_path / "counts.csv"]
    pipeline(TINY, tmp_path, *targets, environment=plain)
    for target in targets:
        name = target.relative_to(tmp_path)
        assert target.read_bytes() == (tiny / name).read_bytes(), name


def test_a_changed_module_runs_again_what_depends_on_it(tiny, tmp_path):
    """In a copy of the checkout: an edit of the concordance leaves the sampler alone."""
    copy = tmp_path / "checkout"
    ignore = shutil.ignore_patterns(".git", ".venv", "results", ".snakemake", "__pycache__")
    shutil.copytree(ROOT, copy, ignore=ignore)
    shutil.copytree(tiny, copy / "out")
    snakemake("--config", "data=tests/packages/tiny", "results=out", "--touch", "--cores", "1", cwd=copy)
    module = copy / "workflow/pooling/answers/concordance.py"
    module.write_text(module.read_text(encoding="utf-8") + "\n# edited\n", encoding="utf-8")
    run = snakemake("--config", "data=tests/packages/tiny", "results=out", "-n", cwd=copy)
    output = run.stdout + run.stderr
    assert re.search(r"^concordance\s+1$", output, re.M), output
    assert not re.search(r"^(sample|exact|select)\s", output, re.M), output


def test_a_mistyped_setting_is_refused_by_name(tmp_path):
    run = snakemake("--config", f"results={tmp_path}", "levle=0.9", "-n", check=False)
    assert run.returncode != 0
    assert "levle: unknown key; did you mean 'level'?" in run.stdout + run.stderr


def test_a_faulty_package_touches_no_earlier_result(tiny, tmp_path):
    bad = tmp_path / "bad"
    shutil.copytree(TINY, bad)
    claims = (bad / "claims.csv").read_text(encoding="utf-8")
    claims = claims.replace("6.3,,,+,no,R1", "-6.3,,,+,no,R9", 1)
    (bad / "claims.csv").write_text(claims, encoding="utf-8")
    results = tmp_path / "results"
    shutil.copytree(tiny, results)
    before = contents(results)
    run = pipeline(bad, results, check=False)
    output = run.stdout + run.stderr
    assert run.returncode != 0
    assert re.search(r"claims\.csv, row 2 \(C01\), se: .*", output) and "R9" in output
    assert contents(results) == before


def test_two_runs_into_one_folder_are_kept_apart(tmp_path):
    from pooling.running.lock import hold

    hold(tmp_path)
    run = pipeline(TINY, tmp_path, check=False)
    assert run.returncode != 0 and "another run is writing" in run.stdout + run.stderr


def test_the_manifest_names_no_machine(tiny):
    text = (tiny / "manifest.json").read_text(encoding="utf-8")
    manifest = json.loads(text)
    assert manifest["settings"]["seed"] and manifest["packages"]["pymc"] and manifest["inputs"]["claims.csv"]
    assert str(ROOT) not in text and str(tiny) not in text
