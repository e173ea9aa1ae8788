"""Is an engine calibrated in the designs that occur? Simulation-based calibration and coverage.

Draw a truth from the prior, evidence from the truth, and ask the engine where the truth lies in its
posterior: over many draws that place is uniform if the engine is right (Cook, Gelman and Rubin 2006; Talts et
al. 2018). The simulator shares no code with the engines.
"""

from pooling.calibration.design import KINDS, Design, from_evidence, of_the_product, pairwise, simulate
from pooling.calibration.replicates import Drawn, by_quadrature, run, run_numbers, single_arms
from pooling.calibration.summary import histogram, summarise, together

__all__ = [
    "KINDS",
    "Design",
    "Drawn",
    "by_quadrature",
    "from_evidence",
    "histogram",
    "of_the_product",
    "pairwise",
    "run",
    "run_numbers",
    "simulate",
    "single_arms",
    "summarise",
    "together",
]
