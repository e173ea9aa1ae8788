"""Posteriors of one likelihood under every prior of tau of a frame at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pooling.exact.priors import Refused
from pooling.multiverse.frame import Frame

#: Grid points of one likelihood beyond which a specification is refused.
MOST_POINTS = 6_000_000


@dataclass(frozen=True)
class Posteriors:
    """Posteriors under some priors of tau; the first axis runs over those priors.

    Attributes
    ----------
    coefficients
        For each axis asked for, grid weights (M, n); None where no site speaks about it.
    tau
        Probability of each node of tau, (M, T + 1).
    step_check, edge, tau_check
        Change of the total, or of a mean in sds, when every other point is dropped; largest probability at
        an end of an axis; size of what the nodes of tau leave unresolved. (M,) each.
    """

    coefficients: list[np.ndarray | None]
    tau: np.ndarray
    step_check: np.ndarray
    edge: np.ndarray
    tau_check: np.ndarray


def combine(parts: Sequence[np.ndarray], frame: Frame, asked: int) -> np.ndarray:
    """Likelihood of all parts together on the first `asked` axes, up to a factor; the others summed out.

    An axis that is not asked for concerns few parts: only these are multiplied before it is summed out.
    """
    left = list(parts)
    for j in range(len(frame.axes), asked, -1):
        own = [part for part in left if part.shape[j] > 1]
        if own:
            left = [part for part in left if part.shape[j] == 1]
            joint = _sum(own)
            best = joint.max()
            weighted = np.moveaxis(np.exp(joint - best), j, -1) @ frame.mu_weights[j - 1]
            with np.errstate(divide="ignore"):
                left.append(np.log(np.expand_dims(weighted, j)) + best)
    total = _sum(left) if left else np.zeros((1,) * (len(frame.axes) + 1))
    best = total.max()
    if not np.isfinite(best):
        raise Refused("the likelihood vanishes everywhere on the grid: the rows exclude each other")
    out = np.exp(total - best).reshape(total.shape[: asked + 1])
    return np.broadcast_to(out, (frame.tau.size, *out.shape[1:]))


def _sum(parts: Sequence[np.ndarray]) -> np.ndarray:
    shape = np.broadcast_shapes(*(part.shape for part in parts))
    if np.prod(shape, dtype=float) > MOST_POINTS:
        raise Refused(f"the grid would need {' x '.join(map(str, shape))} points, more than {MOST_POINTS}")
    parts = sorted(parts, key=lambda part: part.size)
    out = parts[0]
    for part in parts[1:]:
        out = out + part
    return out


def solve(likelihood: np.ndarray, frame: Frame, priors: Sequence[int]) -> Posteriors:
    """Posteriors of a likelihood (T + 1, n_1 or 1, …) under the priors of tau at these positions."""
    shape = likelihood.shape[1:]
    weights = [w if n > 1 else np.ones(1) for n, w in zip(shape, frame.mu_weights)]
    tau_prior = frame.tau_weights[list(priors)]
    over_tau = (tau_prior @ likelihood.reshape(len(likelihood), -1)).reshape(len(tau_prior), *shape)
    mass = over_tau * _outer(weights)
    total = mass.reshape(len(mass), -1).sum(axis=1)
    thin = [w[::2] if axis.kind in ("even", "stretched") else w for axis, w in zip(frame.axes, weights)]
    coarse = over_tau[tuple([slice(None)] + [slice(None, None, 2) if t.size < w.size else slice(None)
                                             for t, w in zip(thin, weights)])]  # fmt: skip
    coarse = coarse * _outer(thin)
    fold = np.prod([2.0 if t.size < w.size else 1.0 for t, w in zip(thin, weights)])
    step = np.abs(fold * coarse.reshape(len(mass), -1).sum(axis=1) / total - 1)
    found, edge = [], np.zeros(len(mass))
    for j, n in enumerate(shape):
        if n == 1:
            found.append(None)
            continue
        line = _margin(mass, j) / total[:, None]
        half = _margin(coarse, j)
        points = frame.axes[j].points
        mean = line @ points
        sd = np.sqrt(line @ points**2 - mean**2)
        shift = np.abs(half @ points[::2] / half.sum(axis=1) - mean) / sd
        step, edge = np.maximum(step, shift), np.maximum(edge, np.maximum(line[:, 0], line[:, -1]))
        found.append(line)
    flat = _outer(weights).ravel()
    tau = tau_prior * (likelihood.reshape(len(likelihood), -1) @ flat)
    tau /= tau.sum(axis=1, keepdims=True)
    terms = np.abs(tau[:, 1:] @ frame.nodes.basis.T)
    with np.errstate(invalid="ignore"):
        unresolved = np.where(tau[:, 0] > 0.5, 0.0, terms[:, -2:].max(axis=1) / terms[:, 0])
    return Posteriors(found, tau, step, edge, unresolved)


def _outer(weights: Sequence[np.ndarray]) -> np.ndarray:
    p = len(weights)
    out = np.ones((1,) * p)
    for j, weight in enumerate(weights):
        out = out * weight.reshape([-1 if k == j else 1 for k in range(p)])
    return out


def _margin(mass: np.ndarray, j: int) -> np.ndarray:
    return mass.sum(axis=tuple(k for k in range(1, mass.ndim) if k != j + 1))
