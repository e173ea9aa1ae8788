"""Results that several tests look at."""

import time

import pytest
from pipelines import TINY, pipeline


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory):
    """Results of the tiny package from a run that nothing happened to, and the seconds it took."""
    results = tmp_path_factory.mktemp("tiny") / "results"
    begin = time.monotonic()
    pipeline(TINY, results)
    return results, time.monotonic() - begin


@pytest.fixture(scope="session")
def tiny(undisturbed):
    """Those results, for tests that only look at them."""
    return undisturbed[0]
