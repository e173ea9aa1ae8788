"""The likelihood of all sites as one PyTensor operation, with its gradient."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numba
import numpy as np
import pytensor.tensor as pt
from pytensor.gradient import DisconnectedType
from pytensor.graph.basic import Apply
from pytensor.graph.op import Op
from pytensor.link.numba.dispatch.basic import register_funcify_and_cache_key

from pooling.model import likelihood
from pooling.model.likelihood import log_likelihood

#: What the operation reads beside mean and covariance, in this order: see `log_likelihood`.
DATA = (
    "y", "lower", "upper", "start", "numbers", "source", "reliable", "unrelated", "loading", "node", "weight"
)  # fmt: skip


class LogLikelihood(Op):
    """Sum of the sites' log-likelihoods, given the rows' means and covariance.

    One operation instead of the two hundred it would take in PyTensor's own: those take minutes to compile
    in a fresh process, this takes seconds, and it needs no more than one node for a site with one row.
    The slopes are computed along with the value, as further outputs.
    """

    __props__ = ()

    def make_node(self, mean, cov, *data):
        """Inputs: (n,) means, (n, n) covariance, and the arrays named in `DATA`."""
        inputs = [pt.as_tensor(x) for x in (mean, cov, *data)]
        return Apply(self, inputs, [pt.dscalar(), pt.dvector(), pt.dmatrix()])

    def perform(self, node, inputs, outputs):
        """Evaluate outside numba."""
        for cell, value in zip(outputs, log_likelihood(*inputs), strict=True):
            cell[0] = np.asarray(value)

    def connection_pattern(self, node):
        """Only the value depends on mean and covariance as far as gradients go; nothing on the data."""
        return [[i < 2, False, False] for i in range(len(node.inputs))]

    def pullback(self, inputs, outputs, cotangents):
        """Slopes of the value, which the same evaluation has computed."""
        by = cotangents[0]
        rest = [DisconnectedType()() for _ in inputs[2:]]
        return [by * outputs[1], by * outputs[2], *rest]


#: The code that PyTensor's cache on disk keeps compiled: the likelihood's and this file's own.
CODE = hashlib.sha256(b"".join(Path(file).read_bytes() for file in (likelihood.__file__, __file__))).hexdigest()


@register_funcify_and_cache_key(LogLikelihood)
def _to_numba(op, **_):
    """Compiled operation, and the key under which a later process finds the graph that holds it."""

    @numba.njit
    def log_likelihood_op(*inputs):
        total, d_mean, d_cov = log_likelihood(*inputs)
        return np.asarray(total), d_mean, d_cov

    return log_likelihood_op, CODE
