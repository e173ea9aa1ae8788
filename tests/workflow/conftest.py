"""Results that several tests look at."""

import pytest
from pipelines import TINY, pipeline


@pytest.fixture(scope="session")
def tiny(tmp_path_factory):
    """Results of the tiny package, made once for all tests that only look at them."""
    results = tmp_path_factory.mktemp("tiny") / "results"
    pipeline(TINY, results)
    return results
