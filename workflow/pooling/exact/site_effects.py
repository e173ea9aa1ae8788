"""Site effects where the evidence holds statements.

Given tau, mu and the site's shared shifts, the estimates behind the statements are independent, each a
normal cut off at its bounds (or not cut, if its source is unreliable), and a site effect is a linear
function of the site's estimates plus normal noise. Mean and variance follow in closed form. For the shape,
the row's own cut-off normal is sliced into parts of equal probability, each as good as normal, and the
mixture is read off through its characteristic function.
"""

from __future__ import annotations

import numpy as np
from scipy.special import logsumexp

from .draws import truncated
from .effect_density import distribution, merge, slices
from .interval import truncated_moments
from .marginal import Marginals
from .sites import absorb, shift_nodes

SLICES = 8
NEGLIGIBLE = 1e-5  # probability of the grid points left out


class SiteEffects:
    """Mean and variance of the effects behind all rows of one site, and their distribution on demand.

    Parameters
    ----------
    site : Site
    tau, mu : (M,), (M, p) arrays
        Points of the posterior.
    mass : (M,) array, optional
        Their probabilities; equal if not given.
    node : (M,) array of int, optional
        Which tau node each point belongs to.
    """

    def __init__(self, site, tau, mu, mass=None, node=None):
        self.site, self._tau, self._mu = site, tau, mu
        self._mass = np.full(tau.size, 1 / tau.size) if mass is None else mass
        self._node = node
        given = absorb(site, self._tau)
        shifts, prior = shift_nodes(site, given, reach=4.7, step=0.9)
        self._given = given
        self._pulls()
        mu = self._mu
        centre = np.einsum("mdp,mp->md", given.M, mu) + given.c
        self._centre = centre[:, :, None] + given.F @ shifts.T
        self._spread = np.sqrt(given.D)[:, :, None]
        A = site.statements
        self._bounds = [
            (
                (site.lower[a] - self._centre[:, b]) / self._spread[:, b],
                (site.upper[a] - self._centre[:, b]) / self._spread[:, b],
            )
            for b, a in enumerate(A)
        ]
        self._cut = [truncated_moments(*bound) for bound in self._bounds]
        self._weigh(prior)

    def _pulls(self):
        """Regression of every row's effect on the site's estimates, given mu and tau, and the noise left."""
        site = self.site
        used = np.concatenate([site.numbers, site.statements])
        t2 = self._tau[:, None, None] ** 2
        C = site.S[np.ix_(used, used)] + t2 * site.R[np.ix_(used, used)]
        pull = t2 * site.R[:, used] @ np.linalg.inv(C)
        self._left = t2 * (site.R - pull @ site.R[used])
        self._noise = np.maximum(np.diagonal(self._left, axis1=1, axis2=2), 0.0)
        fixed = np.einsum("ap,mp->ma", site.X, self._mu)
        known = site.y[site.numbers] - fixed[:, site.numbers]
        self._pull = pull[:, :, site.numbers.size :]
        self._slope = site.X - pull[:, :, : site.numbers.size] @ site.X[site.numbers]
        self._start = (
            fixed
            + np.einsum("mab,mb->ma", pull[:, :, : site.numbers.size], known)
            - np.einsum("mab,mb->ma", self._pull, fixed[:, site.statements])
        )

    def _weigh(self, prior):
        """Joint weight of cell and shift, and each source's chance of being reliable there."""
        log_weight = np.log(prior) + np.zeros((self._mass.size, 1))
        self._reliable = []
        for rows, eps, log_q in self.site.sources:
            log_p = sum(self._cut[b][0] for b in rows)
            mixed = np.logaddexp(np.log1p(-eps) + log_p, np.log(eps) + log_q) if eps else log_p
            self._reliable.append(np.exp(np.log1p(-eps) + log_p - mixed) if eps else np.ones_like(log_p))
            log_weight = log_weight + mixed
        log_weight = log_weight - logsumexp(log_weight, axis=1, keepdims=True)
        self._weight = self._mass[:, None] * np.exp(log_weight)

    def _told(self, a, rows):
        """Pull of a source's rows on effect a: (mean, variance) if reliable and if not, each (M, S)."""
        mean, var, free_mean, free_var = 0.0, 0.0, 0.0, 0.0
        for b in rows:
            pull, s = self._pull[:, a, b, None], self._spread[:, b]
            _, shift, part = self._cut[b]
            mean, var = mean + pull * (self._centre[:, b] + s * shift), var + (pull * s) ** 2 * part
            free_mean, free_var = free_mean + pull * self._centre[:, b], free_var + (pull * s) ** 2
        return mean, var, free_mean, free_var

    def _rest(self, a, skip=None):
        """Mean and variance of effect a given cell and shift, leaving out one source."""
        mean, var = self._start[:, a, None] + 0.0, self._noise[:, a, None] + 0.0
        for index, (rows, _, _) in enumerate(self.site.sources):
            if index == skip:
                continue
            r = self._reliable[index]
            m1, v1, m0, v0 = self._told(a, rows)
            mean = mean + r * m1 + (1 - r) * m0
            var = var + r * v1 + (1 - r) * v0 + r * (1 - r) * (m1 - m0) ** 2
        shape = self._weight.shape
        return np.broadcast_to(mean, shape), np.broadcast_to(var, shape)

    def moments(self, a):
        """Posterior mean and sd of the effect behind row a of the site."""
        mean, var = self._rest(a)
        total = float((self._weight * mean).sum())
        return total, float(np.sqrt((self._weight * (var + (mean - total) ** 2)).sum()))

    def _components(self, a):
        """Normal components of effect a: list of (node, kind, weight, mean, variance), the arrays flat.

        Those of one kind and tau node have much the same variance and may be merged where their means agree.
        """
        own = np.flatnonzero(self.site.statements == a)
        node = np.repeat(self._node, self._weight.shape[1])
        if not own.size:
            return [(*merge(node, *self._rest(a), self._weight), 0)]
        b = int(own[0])
        index = next(k for k, source in enumerate(self.site.sources) if b in source[0])
        rows, eps, _ = self.site.sources[index]
        mean, var = self._rest(a, skip=index)
        r = self._reliable[index]
        m1, v1, _, _ = self._told(a, tuple(j for j in rows if j != b))
        out = []
        if eps:
            _, _, m0, v0 = self._told(a, rows)
            out.append((*merge(node, mean + m0, var + v0, self._weight * (1 - r)), 0))
        # Where the effect would be without the cut at the statement's bounds, and where it is cut.
        pull, s = self._pull[:, a, b, None], self._spread[:, b]
        place = mean + m1 + pull * self._centre[:, b]
        node, w, m, v, z = merge(node, place, var + v1, self._weight * r, self._centre[:, b] / s)
        first = np.searchsorted(self._node, node)
        pull, s = pull[first, 0] * s[first, 0], s[first, 0]
        edges = slices(self.site.lower[a] / s - z, self.site.upper[a] / s - z, SLICES)
        for k in range(SLICES):
            _, shift, part = truncated_moments(edges[k], edges[k + 1])
            out.append((node, w / SLICES, m + pull * shift, v + pull**2 * part, 2 if 0 < k < SLICES - 1 else 1))
        return out

    def draw(self, rng):
        """One draw of all the site's effects at every point, (M, m)."""
        M = self._tau.size
        points = np.arange(M)
        share = np.cumsum(self._weight, axis=1)
        shift = (share < rng.random((M, 1)) * share[:, -1:]).sum(axis=1).clip(0, share.shape[1] - 1)
        effect = self._start.copy()
        for index, (rows, _, _) in enumerate(self.site.sources):
            reliable = rng.random(M) < self._reliable[index][points, shift]
            for b in rows:
                lower, upper = (np.broadcast_to(bound, self._weight.shape)[points, shift] for bound in self._bounds[b])
                z = np.where(reliable, truncated(rng, lower, upper), rng.standard_normal(M))
                effect += self._pull[:, :, b] * (self._centre[points, b, shift] + self._spread[:, b, 0] * z)[:, None]
        values, vectors = np.linalg.eigh(self._left)
        noise = np.sqrt(np.maximum(values, 0.0)) * rng.standard_normal(effect.shape)
        return effect + np.einsum("mab,mb->ma", vectors, noise)

    def _limits(self, a, axes):
        """Highest frequency per tau node at which a sum over mu's grid still tells effect a apart.

        An effect that follows mu closely is only known at the grid's points; one that its own number holds
        fast moves little from point to point and may be as sharp as it is.
        """
        out = np.full(int(self._node.max()) + 1, np.inf)
        if len(axes) > 1:
            finest = np.array([axis.finest for axis in axes])
            node, first = np.unique(self._node, return_index=True)
            with np.errstate(divide="ignore"):
                out[node] = (finest / np.abs(self._slope[first, a])).min(axis=1)
        return out

    def marginal(self, a, axes):
        """Posterior distribution of the effect behind row a of the site."""
        return distribution(*self.moments(a), self._components(a), self._limits(a, axes))


def _cells(site, tau, axes, weights):
    """Grid points that matter to a site, other coefficients summed out, as arguments of `SiteEffects`."""
    uses = [bool(np.any(site.X[:, j])) for j in range(len(axes))]
    line = weights.sum(axis=tuple(j + 1 for j, used in enumerate(uses) if not used), keepdims=True)
    if _thins(site, axes):
        line = _thin(line)
    order = np.sort(line, axis=None) / line.sum()
    cells = np.nonzero(line > line.sum() * order[np.searchsorted(np.cumsum(order), NEGLIGIBLE)])
    mu = np.stack(
        [axis.points[k] if used else np.zeros(k.size) for axis, k, used in zip(axes, cells[1:], uses)], axis=1
    )
    return tau[cells[0]], mu, line[cells] / line[cells].sum(), cells[0]


def _thins(site, axes):
    """Whether no row of the site looks at the grid along a diagonal, in which `_thin` leaves it coarse."""
    step = np.abs(site.X) / np.array([axis.finest for axis in axes])
    return bool((step.sum(axis=1) <= 1.5 * step.max(axis=1)).all())


def _thin(line):
    """Of a grid over three coefficients or more, keep the points whose first three indices have an even sum.

    That face-centred lattice has half the points; its dual has no short vector but along the diagonals of the
    cube, so sums over it are as good as over all.
    """
    long = [k for k in range(1, line.ndim) if line.shape[k] > 8][:3]
    if len(long) < 3:
        return line
    shape = [[-1 if j == k else 1 for j in range(line.ndim)] for k in long]
    total = sum(np.arange(line.shape[k]).reshape(one) for k, one in zip(long, shape))
    return np.where(total % 2 == 0, line, 0.0)


def all_effects(sites, tau, axes, weights):
    """Marginals of every row's site effect, in the caller's row order."""
    made = [SiteEffects(site, *_cells(site, tau, axes, weights)) for site in sites]
    place = sorted((int(row), k, a) for k, site in enumerate(sites) for a, row in enumerate(site.rows))
    moments = np.array([made[k].moments(a) for _, k, a in place])
    return Marginals(moments[:, 0], moments[:, 1], lambda i: made[place[i][1]].marginal(place[i][2], axes))
