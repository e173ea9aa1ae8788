"""Every choice of the analysis as a branch: which specifications there are, and what each of them answers.

Steegen et al. (2016), Increasing transparency through a multiverse analysis; Simonsohn, Simmons and Nelson
(2020), Specification curve analysis; choices typed after Del Giudice and Gangestad (2021).
"""

from pooling.ledger.choices import Choice, ChoiceError, Option, read
from pooling.multiverse.answers import counts, curve, influence, joined, options, without_source
from pooling.multiverse.conclusions import believe
from pooling.multiverse.store import merge, prepare, run
from pooling.multiverse.summary import summarise, tabulated
from pooling.multiverse.variance import shares

__all__ = [
    "Choice",
    "ChoiceError",
    "Option",
    "believe",
    "counts",
    "curve",
    "influence",
    "joined",
    "merge",
    "options",
    "prepare",
    "read",
    "run",
    "shares",
    "summarise",
    "tabulated",
    "without_source",
]
