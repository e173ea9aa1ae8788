"""Exact engine: posteriors by quadrature, no sampling (numbers, statements, or both)."""

from .fit import Accuracy, Fit
from .grid import Refused, SiteTensors
from .pool import pool

__all__ = ["Accuracy", "Fit", "Refused", "SiteTensors", "pool"]
