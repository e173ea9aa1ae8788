"""Posteriors of one likelihood under every prior of a frame at once."""

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
    """Posteriors under M priors of tau and K of mu.

    Attributes
    ----------
    coefficients
        For each axis asked for, grid weights (M, K, n); None where no site speaks about it.
    tau
        Probability of each node of tau, (M, K, T + 1).
    step_check, edge, tau_check
        Change of the total, or of a mean in sds, when every other point is dropped; largest probability at
        an end of an axis; size of what the nodes of tau leave unresolved. (M, K) each.
    """

    coefficients: list[np.ndarray | None]
    tau: np.ndarray
    step_check: np.ndarray
    edge: np.ndarray
    tau_check: np.ndarray


class Product:
    """Likelihood of all sites together, which keeps the products of the sites that stay as they are.

    Specifications come sorted by what the sites say, the first site changing least often.
    """

    def __init__(self, frame: Frame):
        self._frame = frame
        self._keys: list[tuple] = []
        self._made: list[np.ndarray] = []

    def of(self, keys: Sequence[tuple], part) -> np.ndarray:
        """Product of `part(key)` over the keys, (T + 1, n_1 or 1, …, n_p or 1), up to a factor.

        Raises
        ------
        Refused
            If the grid is too large, or no point of it goes with all that is said.
        """
        same = 0
        while same < min(len(keys), len(self._keys)) and keys[same] == self._keys[same]:
            same += 1
        del self._keys[same:], self._made[same:]
        for key in keys[same:]:
            new = part(key)
            if self._made:
                check_size(self._made[-1], new)
                new = self._made[-1] * new
            self._keys.append(key)
            self._made.append(new)
        if not self._made:
            return np.ones((self._frame.tau.size,) + (1,) * len(self._frame.axes))
        return checked(self._made[-1])


def check_size(*arrays: np.ndarray) -> None:
    """Refuse arrays whose product would have too many points."""
    shape = np.broadcast_shapes(*(array.shape for array in arrays))
    if np.prod(shape, dtype=float) > MOST_POINTS:
        raise Refused(f"the grid would need {' x '.join(map(str, shape))} points, more than {MOST_POINTS}")


def checked(likelihood: np.ndarray) -> np.ndarray:
    """The likelihood, its largest value one; refused if there is none."""
    best = likelihood.max()
    if not best > 1e-250:
        raise Refused("the likelihood vanishes everywhere on the grid: the rows exclude each other")
    return likelihood / best


def summed_out(parts: Sequence[np.ndarray], frame: Frame, asked: int, mu: int) -> np.ndarray:
    """Likelihood of all parts on the first `asked` axes; the others summed out under one prior of mu.

    An axis that is not asked for concerns few parts: only these are multiplied before it is summed out.
    """
    left = list(parts)
    for j in range(len(frame.axes), asked, -1):
        own = [part for part in left if part.shape[j] > 1]
        if own:
            left = [part for part in left if part.shape[j] == 1]
            joint = np.moveaxis(multiplied(own), j, -1) @ frame.mu_weights[j - 1][mu]
            left.append(np.expand_dims(joint, j))
    total = multiplied(left)
    out = total.reshape(total.shape[: asked + 1])
    return checked(np.broadcast_to(out, (frame.tau.size, *out.shape[1:])))


def multiplied(parts: Sequence[np.ndarray]) -> np.ndarray:
    """Product of all parts, small ones first."""
    check_size(*parts)
    parts = sorted(parts, key=lambda part: part.size)
    out = parts[0]
    for part in parts[1:]:
        out = out * part
    return out


def solve(likelihood: np.ndarray, frame: Frame, taus: Sequence[int], mus: Sequence[int]) -> Posteriors:
    """Posteriors of a likelihood (T + 1, n_1 or 1, …) under the priors at these positions."""
    shape = likelihood.shape[1:]
    weights = [w[list(mus)] if n > 1 else np.ones((len(mus), 1)) for n, w in zip(shape, frame.mu_weights)]
    tau_prior = frame.tau_weights[list(taus)]
    flat = likelihood.reshape(len(likelihood), -1)
    over_tau = (tau_prior @ flat).reshape(len(tau_prior), *shape)
    halved = [axis.kind in ("even", "stretched") and n > 1 for axis, n in zip(frame.axes, shape)]
    coarse = over_tau[(slice(None), *(slice(None, None, 2) if half else slice(None) for half in halved))]
    thin = [2.0 * w[:, ::2] if half else w for w, half in zip(weights, halved)]
    margins, rough = _margins(over_tau, weights), _margins(coarse, thin)
    total = margins[0].sum(axis=2)
    step = np.abs(rough[0].sum(axis=2) / total - 1)
    found, edge = [], np.zeros(total.shape)
    for j, n in enumerate(shape):
        if n == 1:
            found.append(None)
            continue
        line, half = margins[j] / total[..., None], rough[j]
        points = frame.axes[j].points
        mean = line @ points
        sd = np.sqrt(line @ points**2 - mean**2)
        shift = np.abs(half @ (points[::2] if halved[j] else points) / half.sum(axis=2) - mean) / sd
        step, edge = np.maximum(step, shift), np.maximum(edge, np.maximum(line[..., 0], line[..., -1]))
        found.append(line)
    tau = tau_prior[:, None, :] * (flat @ _outer(weights).T).T
    tau /= tau.sum(axis=2, keepdims=True)
    terms = np.abs(tau[..., 1:] @ frame.nodes.basis.T)
    with np.errstate(invalid="ignore"):
        unresolved = np.where(tau[..., 0] > 0.5, 0.0, terms[..., -2:].max(axis=2) / terms[..., 0])
    return Posteriors(found, tau, step, edge, unresolved)


def _outer(weights: Sequence[np.ndarray]) -> np.ndarray:
    """Products of one weight of each axis, for each prior: (K, n_1 ⋯ n_p)."""
    out = np.ones((weights[0].shape[0], 1))
    for weight in weights:
        out = (out[:, :, None] * weight[:, None, :]).reshape(len(out), -1)
    return out


def _margins(values: np.ndarray, weights: Sequence[np.ndarray]) -> list[np.ndarray]:
    """For each axis the sum over the others under every prior, (M, K, n), of values (M, n_1, …, n_p)."""
    found = []
    for j, weight in enumerate(weights):
        others = _outer([w for k, w in enumerate(weights) if k != j]) if len(weights) > 1 else np.ones((len(weight), 1))
        lines = np.moveaxis(values, j + 1, 1).reshape(len(values) * weight.shape[1], -1) @ others.T
        found.append(lines.reshape(len(values), weight.shape[1], -1).transpose(0, 2, 1) * weight)
    return found
