"""The profile on a real SLURM, with a workflow of a few seconds: whatever happens, the same files as here."""

import shutil
import signal
import subprocess
from pathlib import Path

import cluster
import pytest
import run

pytestmark = [pytest.mark.slurm, pytest.mark.slow, pytest.mark.xdist_group("slurm")]


@pytest.fixture
def folder(tmp_path):
    """A folder with the small workflow; every node must be able to reach it."""
    shutil.copy(Path(__file__).with_name("Snakefile"), tmp_path)
    return tmp_path


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    """What the small workflow writes when it is run here."""
    folder = tmp_path_factory.mktemp("here")
    shutil.copy(Path(__file__).with_name("Snakefile"), folder)
    run.finish(run.start(folder, "--workflow-profile", "none", "--cores", "2"), folder)
    return (folder / "total.txt").read_bytes()


def started(folder):
    """Node by chunk and attempt."""
    return {path.name: path.read_text().strip() for path in folder.glob("started/*")}


def test_an_array_of_jobs_on_both_nodes(slurm, folder, expected):
    said = run.finish(run.start(folder, *run.HASTE), folder)
    assert (folder / "total.txt").read_bytes() == expected
    assert set(started(folder).values()) == set(cluster.NODES)
    assert said.count("Submitted array job") == 1
    assert "No wall time information" not in said


def test_a_job_whose_node_fails_is_done_on_the_other(slurm, folder, expected):
    process = run.start(folder, *run.HASTE, "--config", "trap=3")
    node = run.until(lambda: started(folder).get("3-0"), process)
    slurm.kill_node(node)
    try:
        run.finish(process, folder)
    finally:
        slurm.start_node(node)
    assert (folder / "total.txt").read_bytes() == expected
    assert started(folder)["3-1"] == next(other for other in cluster.NODES if other != node)


def test_a_controller_that_goes_away_for_a_while(slurm, folder, expected):
    # arrays of three, so that four jobs need two
    process = run.start(folder, *run.HASTE, "--slurm-array-limit", "3", "--config", "seconds=8")
    run.until(lambda: started(folder), process)
    # While the controller is away the plug-in asks the accounting database. This cluster has none, and a run
    # that asks in vain waits for ever (README says so): Snakemake is held, the jobs on the nodes go on.
    process.send_signal(signal.SIGSTOP)
    slurm.restart_controller(pause=10)
    process.send_signal(signal.SIGCONT)
    said = run.finish(process, folder)
    assert (folder / "total.txt").read_bytes() == expected
    # on a busy machine a node may count as lost while nobody controls it, and its job is done once more
    assert {f"{number}-0" for number in range(1, 5)} <= started(folder).keys()
    assert said.count("Submitted array job") >= 2


def test_snakemake_killed_and_started_again(slurm, folder, expected):
    options = (*run.HASTE, "--config", "trap=3")
    process = run.start(folder, *options)
    # the trap holds whoever comes first: it must be sprung before the kill, or the second run sits in it
    run.until(lambda: (folder / "started/3-0").exists() and len(list(folder.glob("chunks/*"))) > 1, process)
    process.kill()
    process.wait()
    # its jobs go on without it; two of the same in one folder is what a user must not have
    subprocess.run(["scancel", "--user", "root"], check=True)
    run.finish(run.start(folder, *options), folder)
    assert (folder / "total.txt").read_bytes() == expected
