"""Exact engine: posteriors by quadrature, no sampling (numbers, statements, or both)."""

from .compare import Comparison, compare
from .fit import Accuracy, Fit
from .many import Many, pool_many
from .pool import pool, site_tensors
from .priors import Refused

__all__ = [
    "Accuracy",
    "Comparison",
    "Fit",
    "Many",
    "Refused",
    "compare",
    "pool",
    "pool_many",
    "site_tensors",
]
