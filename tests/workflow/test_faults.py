"""A run that is killed, may not write or has no room loses nothing that an earlier run left."""

import os
import random
import re
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager, suppress

import pandas as pd
import psutil
import pytest
from pipelines import QUICK, ROOT, TINY, contents, pipeline
from pooling.running import room, tables

pytestmark = pytest.mark.slow


def start(results):
    """Start a run of the small package into a folder."""
    command = [sys.executable, "-m", "snakemake", "--config", f"data={TINY}", f"results={results}", *QUICK]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("victim", ["controller", "job"])
def test_a_run_that_was_killed_is_finished_by_the_next(undisturbed, tmp_path, victim, seed):
    expected, seconds = undisturbed
    process = start(tmp_path)
    time.sleep(random.Random(f"{victim}{seed}").uniform(0.1, 0.9) * seconds)
    controller = psutil.Process(process.pid)
    workers = controller.children(recursive=True)
    killed = workers[-1] if victim == "job" and workers else controller
    killed.kill()
    process.communicate()
    again = start(tmp_path)
    said, _ = again.communicate()
    assert again.returncode == 0, said
    assert contents(tmp_path).keys() == contents(expected).keys()
    assert [n for n, b in contents(expected).items() if (tmp_path / n).read_bytes() != b] == []


def test_bad_input_is_told_at_once_and_earlier_results_stay(undisturbed, tmp_path):
    package, results = tmp_path / "package", tmp_path / "results"
    shutil.copytree(TINY, package)
    shutil.copytree(undisturbed[0], results)
    (package / "config.yaml").write_text("statments: {epsilon: 0.2}\n")
    (package / "outcomes.csv").write_text((package / "outcomes.csv").read_text().replace("label_en", "label"))
    claims = (package / "claims.csv").read_text()
    (package / "claims.csv").write_text(claims.replace(",6.3,", ",-6.3,").replace("R3,table 3", "R9,table 3"))
    run = pipeline(package, results, check=False)
    assert run.returncode == 1
    said = run.stdout + run.stderr
    for fault in (
        f"{package}/config.yaml, statments: unknown key",
        f"{package}/outcomes.csv, row 1, label_en: missing column",
        f"{package}/outcomes.csv, row 1, label: unknown column",
        f"{package}/claims.csv, row 2 (C01), se: -6.3 is not above 0",
        f"{package}/claims.csv, row 6 (C05), source: unknown source 'R9'",
    ):
        assert fault in said
    assert "5 fault(s); no result was touched" in said
    assert contents(results) == contents(undisturbed[0])


@contextmanager
def small_disk(folder, size):
    """A disk of its own under a folder."""
    if os.geteuid() != 0 or not shutil.which("mount"):
        pytest.skip("faults: only root can mount a small disk")
    if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(folder)]).returncode:
        pytest.skip("faults: mounting is not allowed here")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture
def earlier(undisturbed, tmp_path):
    """Results of an earlier run on a small disk of its own; one is missing, so that there is work to do."""
    with small_disk(tmp_path, "256m"):
        shutil.copytree(undisturbed[0], tmp_path, dirs_exist_ok=True)
        (tmp_path / "manifest.json").unlink()
        yield tmp_path


def test_a_folder_that_may_not_be_written_is_named(earlier):
    before = contents(earlier)
    subprocess.run(["mount", "-o", "remount,ro", str(earlier)], check=True)
    process = start(earlier)
    said, _ = process.communicate()
    assert process.returncode != 0
    assert f"'{earlier}' cannot be written to" in said
    assert contents(earlier) == before


def test_a_full_disk_is_named_before_anything_is_touched(earlier):
    before = contents(earlier)
    with (earlier / "logs" / "filler").open("wb") as stream:
        stream.write(b"\0" * (shutil.disk_usage(earlier).free - 4096))
    process = start(earlier)
    said, _ = process.communicate()
    assert process.returncode != 0
    assert f"the disk of '{earlier}' has" in said
    assert contents(earlier) == before


def test_a_disk_that_fills_during_a_run_is_named_and_costs_only_the_rest(undisturbed, earlier):
    expected, filler = contents(undisturbed[0]), earlier / "logs" / "filler"
    shutil.rmtree(earlier / "multiverse")
    (earlier / "multiverse.parquet").unlink()
    process = start(earlier)
    while process.poll() is None and not (earlier / "multiverse/plan/blocks.json").exists():
        time.sleep(0.05)
    with filler.open("wb", buffering=0) as stream, suppress(OSError):
        while stream.write(b"\0" * 4096):
            pass
    said, _ = process.communicate()
    assert process.returncode != 0
    assert f"the disk of '{earlier}' has" in said and "make room" in said
    left = contents(earlier)
    assert "report.html" in left and "multiverse.parquet" not in left
    assert [name for name, content in left.items() if expected.get(name) != content] == []
    filler.unlink()
    again = start(earlier)
    said, _ = again.communicate()
    assert again.returncode == 0, said
    assert contents(earlier) == expected


def test_a_table_that_the_disk_has_no_room_for_is_named_and_its_old_self_stays(tmp_path):
    with small_disk(tmp_path, "64k"):
        target = tmp_path / "table.csv"
        tables.write_csv(pd.DataFrame({"x": [1]}), target, 4)
        with pytest.raises(room.NoRoom, match=re.escape(f"no room on the disk for '{target}'; make room")):
            tables.write_csv(pd.DataFrame({"x": ["long" * 100] * 1000}), target, 4)
        assert [path.name for path in tmp_path.iterdir()] == ["table.csv"]
        assert target.read_text(encoding="utf-8") == "x\n1\n"
