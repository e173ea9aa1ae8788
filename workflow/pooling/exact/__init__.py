"""Exact engine: posteriors by quadrature, no sampling (numbers, statements, or both)."""

from .fit import Accuracy, Fit
from .grid import SiteTensors
from .pool import pool
from .priors import Refused

__all__ = ["Accuracy", "Fit", "Refused", "SiteTensors", "pool"]
