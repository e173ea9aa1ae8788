"""Classical meta-analysis of numbers: common and random effects, pairwise or with several arms to a site.

It stands beside the Bayesian answers where there are estimates with standard errors. Statements have no
place here: see `pooling.exact` for them and `pooling.ledger.signs` for what can be counted.
"""

from pooling.classical.diagnostics import blup, cumulative, influence, leave_one_out
from pooling.classical.pool import METHODS, pool
from pooling.classical.result import Contrast, Result

__all__ = ["METHODS", "Contrast", "Result", "blup", "cumulative", "influence", "leave_one_out", "pool"]
