"""The models of record in PyMC, with the same arguments as `pooling.exact.pool`."""

from pooling.model.arms import ArmSpecification, build_arms, specify_arms
from pooling.model.build import Specification, build, specify
from pooling.model.sample import SAMPLERS, sample
from pooling.model.sites import new_site, site_effects

__all__ = [
    "SAMPLERS",
    "ArmSpecification",
    "Specification",
    "build",
    "build_arms",
    "new_site",
    "sample",
    "site_effects",
    "specify",
    "specify_arms",
]
