"""The project's own workflow on a real SLURM: the same bytes as here, although a node fails on the way."""

import subprocess

import cluster
import pytest
import run
import yaml

PACKAGE = run.ROOT / "tests/packages/tiny"
QUICK = run.ROOT / "tests/workflow/quick.yaml"


def project(folder, results, *options):
    """Start the project's workflow on the small package."""
    configuration = ("--config", f"data={PACKAGE}", f"results={results}", "--configfile", str(QUICK))
    return run.start(folder, *options, *configuration, cwd=run.ROOT)


def contents(folder):
    """Bytes of every result, logs and lock apart."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "logs" not in path.parts and path.name != ".lock"
    }


def busy_node():
    """A node that works on a job, if there is one."""
    asked = subprocess.run(["squeue", "-h", "-t", "running", "-o", "%N"], capture_output=True, text=True)
    return next((node for node in asked.stdout.split() if node in cluster.NODES), None)


@pytest.mark.slurm
@pytest.mark.slow
@pytest.mark.xdist_group("slurm")
def test_the_whole_workflow_survives_the_loss_of_a_node(slurm, tmp_path):
    here, there = tmp_path / "here", tmp_path / "there"
    run.finish(project(tmp_path, here), tmp_path)
    process = project(tmp_path, there, *run.HASTE)
    node = run.until(busy_node, process)
    slurm.kill_node(node)
    try:
        said = run.finish(process, tmp_path)
    finally:
        slurm.start_node(node)
    expected, found = contents(here), contents(there)
    assert found.keys() == expected.keys()
    assert [name for name in expected if found[name] != expected[name]] == []
    assert "No wall time information" not in said and "No job memory information" not in said


def test_accounts_and_partitions_are_the_users_own():
    profile = yaml.safe_load((run.ROOT / "profiles/slurm/profile.yaml").read_text(encoding="utf-8"))
    # a workflow profile's default-resources would silently replace those of the user's own profile
    assert not profile.keys() & {"default-resources", "set-resources"}
    assert not [value for value in profile.values() if "account" in str(value) or "partition" in str(value)]
