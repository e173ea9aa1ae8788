"""Fixtures of the exact engine's tests."""

import importlib.util
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def brute():
    """Plain dense quadrature, from `brute.py` beside this file."""
    spec = importlib.util.spec_from_file_location("brute", Path(__file__).with_name("brute.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
