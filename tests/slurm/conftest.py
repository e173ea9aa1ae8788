import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent / "local"))

import cluster


@pytest.fixture(scope="session")
def slurm():
    """A running cluster of two nodes, of which nothing is left afterwards."""
    obstacle = cluster.obstacle()
    if obstacle:
        pytest.skip(obstacle)
    with cluster.Cluster() as running:
        yield running
    assert not cluster.CONFIGURATION.exists()
    assert not running.folder.exists()
    assert not [process for node in cluster.NODES for process in cluster.processes(node)]
