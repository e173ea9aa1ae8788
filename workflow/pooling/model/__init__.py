"""The models of record in PyMC, with the same arguments as `pooling.exact.pool`."""

from pooling.model.build import Specification, build, specify
from pooling.model.sample import SAMPLERS, sample
from pooling.model.sites import site_effects

__all__ = ["SAMPLERS", "Specification", "build", "sample", "site_effects", "specify"]
