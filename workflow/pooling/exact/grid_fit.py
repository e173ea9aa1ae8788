"""Posterior of an analysis on the tensor grid."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr

from .axes import above, common_grid, from_characteristic, marginal_on, refine
from .between import tau_prior as read_tau_prior
from .draws import draw_grid
from .fit import Accuracy, Fit
from .grid import along, place
from .leave_out import leave_out_grid
from .marginal import Marginals, Point
from .priors import Refused
from .priors import mu_priors as read_mu_prior
from .site_effects import all_effects

FEWEST_POINTS = 8.0
COARSEST = 0.01
FINE_TAU, POOR_TAU = 2e-3, 1e-2  # above the first try again, above the second refuse
LOOSE_EDGE = 1e-5
ATTEMPTS = 4
ROOM = 1e-4
BEST_POINTS = {3: 90, 4: 36, 5: 20}


class GridFit(Fit):
    """Posterior on the grid of a `SiteTensors`, for all its sites or those at positions `keep`.

    `posterior` is what `tensors.weights` would give, where that is known already.
    """

    def __init__(self, tensors, scalar=False, keep=None, priors=None, tau_prior=None, posterior=None):
        self._tensors, self._scalar = tensors, scalar
        self._keep = list(range(len(tensors.sites))) if keep is None else list(keep)
        priors, tau_prior = priors or tensors.priors, tau_prior or tensors.tau_prior
        self._priors, self._tau_prior = priors, tau_prior
        self._proper = all(prior.proper for prior in priors) and tau_prior.proper
        self._p, self._log_ml = posterior or tensors.weights(self._keep, priors, tau_prior)
        self.n_coefficients = len(tensors.axes)
        self.sites = [tensors.sites[i].label for i in self._keep]
        self._lines = along(self._p)
        self._per_tau = self._lines[0].sum(axis=1)
        self.accuracy = Accuracy(
            "grid",
            float(1 / np.vdot(self._p, self._p)),
            tensors.edges(self._lines),
            tensors.refinement(self._p, self._lines),
            tensors.nodes.error(self._per_tau),
        )
        mean = np.array([line.sum(axis=0) @ axis.points for line, axis in zip(self._lines, tensors.axes)])
        sd = np.array(
            [
                np.sqrt(line.sum(axis=0) @ (axis.points - m) ** 2)
                for line, axis, m in zip(self._lines, tensors.axes, mean)
            ]
        )
        axes, lines = tensors.axes, self._lines
        # Not a method of this object: a circle would keep the grid's memory until the next garbage collection.
        self.mu = Marginals(mean, sd, lambda j: marginal_on(axes[j], lines[j].sum(axis=0), mean[j], sd[j]), scalar)

    @property
    def tau(self):
        """Marginal of the between-site standard deviation."""
        if not hasattr(self, "_tau_marginal"):
            self._tau_marginal = self._tensors.nodes.marginal(self._per_tau)
        return self._tau_marginal

    @property
    def theta(self):
        """Site effect of every row, made when first asked for."""
        if not hasattr(self, "_theta"):
            self._theta = all_effects(
                [self._tensors.sites[i] for i in self._keep], self._tensors.tau, self._tensors.axes, self._p
            )
        return self._theta

    @property
    def new_site(self):
        """Effect at a new site, for each coefficient by itself."""
        mean, sd = self.mu._means, np.hypot(self.mu._sds, self._tau_square())
        eye = np.eye(self.n_coefficients)
        return Marginals(mean, sd, lambda j: self.new_site_at(eye[j]), self._scalar)

    def _tau_square(self):
        return np.hypot(self.tau.mean, self.tau.sd)

    def prob_best(self, largest=True):
        """Probability that each coefficient is the largest (or smallest) of all, (p,)."""
        p = self.n_coefficients
        if p == 1:
            return np.ones(1)
        if p == 2 and all(axis.kind != "known" for axis in self._tensors.axes):
            first = above(*self._tensors.axes, self._p.sum(axis=0))
            return np.array([first, 1 - first]) if largest else np.array([1 - first, first])
        # The error falls with the square of the grid's step: two grids, extrapolated.
        fine = BEST_POINTS[min(p, 5)]
        twice, once = (self._extreme_share(count, largest) for count in (fine, fine // 2 + 1))
        ratio = ((fine - 1) / (fine // 2)) ** 2
        out = np.maximum((ratio * twice - once) / (ratio - 1), 0.0)
        return out / out.sum()

    def _extreme_share(self, count, largest):
        """Shares of an even grid with `count` points per coefficient on which each is the largest (smallest)."""
        mass = common_grid(self._tensors.axes, self._p.sum(axis=0), count)
        index = np.indices(mass.shape)
        extreme = index.max(axis=0) if largest else index.min(axis=0)
        first = index == extreme
        # Points on a tie stand for a cell cut by the diagonal: shared equally.
        share = mass / first.sum(axis=0)
        return np.array([share[own].sum() for own in first])

    def leave_out(self):
        """Refit without each site in turn; see `pooling.exact.leave_out.LeaveOut`."""
        return leave_out_grid(self)

    def draws(self, n, seed):
        """Independent draws of mu (n, p), tau (n,) and theta (n, rows)."""
        return draw_grid(self, n, np.random.default_rng(seed))

    def _moments(self, x):
        grid = sum(
            x[j] * axis.points.reshape([-1 if k == j else 1 for k in range(self.n_coefficients)])
            for j, axis in enumerate(self._tensors.axes)
        )
        mass = self._p.sum(axis=0)
        mean = float((mass * grid).sum())
        return mean, float(np.sqrt((mass * (grid - mean) ** 2).sum()))

    def _linear(self, x, predictive):
        used = np.flatnonzero(x)
        if not predictive and used.size == 0:
            return Point(0.0)
        if not predictive and used.size == 1 and x[used[0]] == 1:
            return self.mu[int(used[0])]
        mean, sd = self._moments(x)
        extra = self._tau_square() if predictive else 0.0
        reach = sum(
            np.array([min(a * axis.points[0], a * axis.points[-1]), max(a * axis.points[0], a * axis.points[-1])])
            for a, axis in zip(x, self._tensors.axes)
        )
        tail = min(8 * np.max(self._tensors.tau), 60 * extra) if predictive else 0.0
        low, high = reach[0] - tail, reach[1] + tail

        if predictive and used.size == 1 and self._tensors.axes[used[0]].kind != "known":
            wide = self._wider(int(used[0]), x[used[0]])
            return from_characteristic(wide, mean, np.hypot(sd, extra), low, high)

        with np.errstate(divide="ignore"):
            finest = min(axis.finest / abs(weight) for axis, weight in zip(self._tensors.axes, x))

        def function(s, origin):
            value = self._p
            for j in range(self.n_coefficients - 1, 0, -1):
                wave = np.exp(1j * np.multiply.outer(self._tensors.axes[j].points, s) * x[j])
                value = np.einsum("...ns,ns->...s", value, wave) if value.ndim > j + 2 else value @ wave
            wave = np.exp(1j * np.multiply.outer(self._tensors.axes[0].points, s) * x[0])
            value = np.einsum("tns,ns->ts", value, wave) if value.ndim == 3 else value @ wave
            if predictive:
                value = value * np.exp(-0.5 * np.multiply.outer(self._tensors.tau, s) ** 2)
            return np.where(s <= finest, value.sum(axis=0) * np.exp(-1j * s * origin), 0.0)

        return from_characteristic(function, mean, np.hypot(sd, extra), low, high)

    def _wider(self, j, factor):
        """Characteristic function of factor * mu_j + N(0, tau^2), from densities finer than the grid.

        Where tau is small that is as narrow as mu_j given tau, for which the points of several axes are few.
        """
        axis = self._tensors.axes[j]
        t, density = refine(axis, self._lines[j])
        points = axis.forward(t)
        share = density / density.sum(axis=1, keepdims=True) * self._lines[j].sum(axis=1, keepdims=True)

        def function(s, origin):
            value = share @ np.exp(1j * np.multiply.outer(points, s) * factor)
            value = value * np.exp(-0.5 * np.multiply.outer(self._tensors.tau, s) ** 2)
            return value.sum(axis=0) * np.exp(-1j * s * origin)

        return function


def _fewest(fit):
    return FEWEST_POINTS if any(axis.kind != "known" for axis in fit._tensors.axes) else 1.0


def unresolved(fit, tau_limit=FINE_TAU):
    """Whether mu's axes are too coarse for a fit on the grid, and whether tau's nodes are not those it needs."""
    good = fit.accuracy
    return good.effective_points < _fewest(fit) or good.step_check >= COARSEST, good.tau_check >= tau_limit


def fit_grid(sites, priors, tau_prior, scalar, room=1.0):
    """Place, evaluate, check; refine what does not resolve it, mu's axes or tau's nodes; refuse below a floor."""
    fineness, points = 1.0, 22 if len(priors) == 1 else 12
    for _ in range(ATTEMPTS):
        tensors, posterior = place(sites, priors, tau_prior, points, fineness, room)
        fit = GridFit(tensors, scalar, posterior=posterior)
        coarse, loose = unresolved(fit)
        if not (coarse or loose):
            return fit
        fineness, points = fineness * (0.75 if coarse else 1.0), points + (6 if loose else 0)
    good = fit.accuracy
    if good.step_check > 0.1 or good.tau_check > POOR_TAU or good.effective_points < _fewest(fit):
        raise Refused(
            f"the grid cannot resolve the posterior (step check {good.step_check:.2g}, tau check "
            f"{good.tau_check:.2g}, {good.effective_points:.1f} effective points); use pooling.model"
        )
    return fit


class TensorFits:
    """Fits that share one grid: any subset of sites, other priors, at the cost of a sum over the grid."""

    def __init__(self, sites, priors, tau_prior, scalar):
        self._tensors = fit_grid(sites, priors, tau_prior, scalar, ROOM)._tensors
        self._scalar = scalar
        self.sites = [site.label for site in sites]

    def fit(self, sites=None, mu_prior=None, tau_prior=None):
        """Posterior for the named sites (None = all) under other priors (None = those of the grid).

        Raises
        ------
        Refused
            If the grid does not hold this posterior: place one for it with `pool`.
        """
        unknown = [] if sites is None else [label for label in sites if label not in self.sites]
        if unknown:
            raise ValueError(f"site {unknown[0]} is not among those of the grid")
        keep = None if sites is None else [self.sites.index(label) for label in sites]
        if keep is not None and len(set(keep)) < len(keep):
            raise ValueError("a site is named twice; name each site once")
        priors = None if mu_prior is None else read_mu_prior(mu_prior, len(self._tensors.axes))
        prior = None if tau_prior is None else read_tau_prior(tau_prior)
        fit = GridFit(self._tensors, self._scalar, keep, priors, prior)
        if fit.accuracy.edge_mass * self._beyond(priors) > LOOSE_EDGE or fit.accuracy.tau_check > POOR_TAU:
            raise Refused(
                f"the grid was placed for a narrower posterior (edge mass {fit.accuracy.edge_mass:.1g}, tau "
                f"check {fit.accuracy.tau_check:.1g}); use pool for this subset or these priors"
            )
        return fit

    def _beyond(self, priors):
        """How many times the probability at an end may lie beyond it: the prior's tail, in units of that point."""
        worst = 1.0
        for axis, prior in zip(self._tensors.axes, priors or []):
            if prior.density is None and 0 < prior.sd < np.inf and axis.kind != "ends":
                z = np.abs((axis.points[[0, -1]] - prior.mean) / prior.sd)
                tail = ndtr(-z) * np.sqrt(2 * np.pi) * np.exp(0.5 * np.minimum(z, 30) ** 2) * prior.sd
                worst = max(worst, float((tail / axis.weights[[0, -1]]).max()))
        return worst
