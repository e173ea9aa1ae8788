"""The project's own workflow on a real SLURM: the same bytes as here, although a node or the controller fails."""

import signal
import subprocess

import cluster
import pytest
import run
import yaml

PACKAGE = run.ROOT / "tests/packages/tiny"
QUICK = run.ROOT / "tests/workflow/quick.yaml"
CHUNKS = run.ROOT / "tests/slurm/chunks.yaml"

#: What fans out: chunks of the study of calibration, and of the multiverse, with what is made from them.
FANS = [
    *(f"calibration/exact/{family}_mixed_{chunk}.csv" for family in ("pairwise", "own") for chunk in (0, 1)),
    "multiverse.parquet",
]


def project(folder, results, *options, targets):
    """Start the project's workflow on the small package, in many chunks, for some of its results or all."""
    configuration = ("--config", f"data={PACKAGE}", f"results={results}", "--configfile", str(QUICK), str(CHUNKS), "--")
    wanted = [target if target == "all" else str(results / target) for target in targets]
    return run.start(folder, *options, *configuration, *wanted, cwd=run.ROOT)


def contents(folder):
    """Bytes of every result, logs and lock apart."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "logs" not in path.parts and path.name != ".lock"
    }


def busy_node():
    """A node that works on a job of an array, if there is one."""
    asked = subprocess.run(["squeue", "-h", "-t", "running", "-o", "%K %N"], capture_output=True, text=True)
    jobs = map(str.split, asked.stdout.splitlines())
    return next((node for index, node in jobs if index.isdigit() and node in cluster.NODES), None)


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    """Every result, and the chunks of the study of calibration, made without a cluster."""
    folder = tmp_path_factory.mktemp("here")
    run.finish(project(folder, folder / "results", targets=["all", *FANS]), folder)
    return contents(folder / "results")


@pytest.mark.slurm
@pytest.mark.slow
@pytest.mark.xdist_group("slurm")
def test_the_whole_workflow_survives_the_loss_of_a_node(slurm, tmp_path, here):
    process = project(tmp_path, tmp_path / "there", *run.HASTE, targets=["all", *FANS])
    node = run.until(busy_node, process)
    slurm.kill_node(node)
    try:
        said = run.finish(process, tmp_path)
    finally:
        slurm.start_node(node)
    found = contents(tmp_path / "there")
    assert found.keys() == here.keys()
    assert [name for name in here if found[name] != here[name]] == []
    assert "Submitted array job" in said
    assert "No wall time information" not in said and "No job memory information" not in said


@pytest.mark.slurm
@pytest.mark.slow
@pytest.mark.xdist_group("slurm")
def test_chunks_survive_a_restart_of_the_controller(slurm, tmp_path, here):
    process = project(tmp_path, tmp_path / "there", *run.HASTE, targets=FANS)
    run.until(busy_node, process)
    # without an accounting database Snakemake must not ask while the controller is away (see test_cluster.py)
    process.send_signal(signal.SIGSTOP)
    slurm.restart_controller(pause=3)
    process.send_signal(signal.SIGCONT)
    run.finish(process, tmp_path)
    assert [target for target in FANS if (tmp_path / "there" / target).read_bytes() != here[target]] == []


def test_accounts_and_partitions_are_the_users_own():
    profile = yaml.safe_load((run.ROOT / "profiles/slurm/profile.yaml").read_text(encoding="utf-8"))
    # a workflow profile's default-resources would silently replace those of the user's own profile
    assert not profile.keys() & {"default-resources", "set-resources"}
    assert not [value for value in profile.values() if "account" in str(value) or "partition" in str(value)]
