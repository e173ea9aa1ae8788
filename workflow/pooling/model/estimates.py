"""The estimates that one site's statements hide, drawn exactly given everything but the estimates."""

from __future__ import annotations

import numpy as np
from scipy import special

from pooling.model.layout import RANGE
from pooling.model.likelihood import log_intervals, shared_factors

#: The density of the shared factor may exceed its piecewise linear proposal by this factor at most.
ENVELOPE = 1.5


def draw_estimates(rows, at: np.ndarray, mean: np.ndarray, cov: np.ndarray, rng) -> np.ndarray:
    """Draw the estimates of one site's rows given its numbers and what was stated.

    Parameters
    ----------
    rows
        Checked evidence.
    at
        (r,) rows of the site that say something.
    mean, cov
        (d, r) means and (d, r, r) covariances of their estimates, one for each draw.
    rng
        numpy Generator.

    Returns
    -------
    numpy.ndarray
        (d, r); numbers as they are.

    Notes
    -----
    The shared factor is drawn by rejection from its one-dimensional density. Given it, each source is
    reliable with its posterior probability; the estimates of a reliable source are normal within their
    intervals, those of an unreliable one are normal without.
    """
    estimate = np.broadcast_to(rows.y[at], mean.shape).copy()
    numbers = np.flatnonzero(rows.numeric[at])
    stated = np.flatnonzero(rows.telling[at])
    stated = stated[np.argsort(rows.source[at[stated]], kind="stable")]
    if not len(stated):
        return estimate
    centre, rest = mean[:, stated], cov[:, stated][:, :, stated]
    if len(numbers):
        across = cov[:, numbers][:, :, stated]
        gain = np.swapaxes(np.linalg.solve(cov[:, numbers][:, :, numbers], across), 1, 2)
        centre = centre + (gain @ (rows.y[at[numbers]] - mean[:, numbers])[:, :, None])[:, :, 0]
        rest = rest - gain @ across
    factor, own = shared_factors(np.ascontiguousarray(rest), rows.control[at[stated]])
    statements = _Statements(rows, at[stated], centre, factor, np.sqrt(own))
    w = statements.draw_factor(rng) if len(stated) > 1 else np.zeros(len(mean))
    estimate[:, stated] = statements.draw(w, rng)
    return estimate


class _Statements:
    """A site's statements: (d, s) centres, coefficients of the shared factor, standard deviations of own parts."""

    def __init__(self, rows, at, centre, factor, sd):
        self.lower, self.upper = rows.lower[at], rows.upper[at]
        self.centre, self.factor, self.sd = centre, factor, sd
        starts = np.flatnonzero(np.r_[True, np.diff(rows.source[at]) != 0])
        self.sources = [slice(a, b) for a, b in zip(starts, np.r_[starts[1:], len(at)], strict=True)]
        self.epsilon = [rows.epsilon[at[part][0]] for part in self.sources]
        self.unrelated = [rows.unrelated[at[part]].sum() for part in self.sources]

    def ends(self, w, which):
        """Standardised ends (k, s) of the intervals, for draws `which` at factors w (k,)."""
        centre = self.centre[which] + self.factor[which] * w[:, None]
        return (self.lower - centre) / self.sd[which], (self.upper - centre) / self.sd[which]

    def cases(self, w, which):
        """Per source: its rows, log weight of being reliable, log weight of being unrelated to the effect."""
        log_p = log_intervals(*self.ends(w, which))
        for part, epsilon, unrelated in zip(self.sources, self.epsilon, self.unrelated, strict=True):
            ignored = np.log(epsilon) + unrelated if epsilon > 0 else -np.inf
            yield part, np.log1p(-epsilon) + log_p[:, part].sum(axis=1), ignored

    def log_density(self, w, which):
        """Log density of the shared factor given the statements, up to a constant: (k,)."""
        return -(w**2) / 2.0 + sum(np.logaddexp(told, ignored) for _, told, ignored in self.cases(w, which))

    def draw_factor(self, rng):
        """Rejection from the linear interpolation of the density between nodes: (d,)."""
        d = len(self.centre)
        every = np.arange(d)
        # half the step of the likelihood's rule, at which the envelope holds with room to spare
        ratio = float((self.factor / self.sd).max() ** 2)
        node = np.linspace(-RANGE, RANGE, 2 * int(np.ceil(RANGE / 0.375 * np.sqrt(1.0 + 1.2 * ratio))) + 1)
        log_f = np.stack([self.log_density(np.full(d, t), every) for t in node], axis=1)
        peak = log_f.max(axis=1)
        f = np.exp(log_f - peak[:, None])
        f[:, [0, -1]] = 0.0
        heap = f.cumsum(axis=1)
        w, waiting = np.empty(d), every
        while len(waiting):
            k = (heap[waiting] <= (rng.random(len(waiting)) * heap[waiting, -1])[:, None]).sum(axis=1)
            offset = rng.random(len(waiting)) + rng.random(len(waiting)) - 1.0
            trial = node[k] + (node[1] - node[0]) * offset
            beside = f[waiting, k + np.sign(offset).astype(int)]
            line = (1.0 - abs(offset)) * f[waiting, k] + abs(offset) * beside
            over = np.exp(self.log_density(trial, waiting) - peak[waiting]) / line
            if over.max() > ENVELOPE:
                raise RuntimeError(f"density {over.max():.2f} times its envelope; the nodes are too far apart")
            kept = rng.random(len(waiting)) * ENVELOPE < over
            w[waiting[kept]] = trial[kept]
            waiting = waiting[~kept]
        return w

    def draw(self, w, rng):
        """Estimates given the shared factor: within their intervals where the source is reliable."""
        every = np.arange(len(w))
        z = _normal_within(*self.ends(w, every), rng)
        for part, told, ignored in self.cases(w, every):
            unrelated = rng.random(len(w)) >= special.expit(told - ignored)
            z[unrelated, part] = rng.standard_normal(z[unrelated, part].shape)
        return self.centre + self.factor * w[:, None] + self.sd * z


def _normal_within(a, b, rng):
    """Standard normal draws between a and b, by inverting the distribution function in the nearer tail."""
    with np.errstate(invalid="ignore"):
        flip = a + b > 0
    low, high = np.where(flip, -b, a), np.where(flip, -a, b)
    log_u = np.log1p(-rng.random(a.shape))
    log_cdf = np.logaddexp(special.log_ndtr(low), log_u + log_intervals(low, high))
    z = np.clip(special.ndtri_exp(np.minimum(log_cdf, 0.0)), low, high)
    return np.where(flip, -z, z)
