"""Posterior of an analysis on the tensor grid."""

from __future__ import annotations

import numpy as np
from scipy.interpolate import BarycentricInterpolator

from .axes import from_characteristic, marginal_on
from .fit import Accuracy, Fit
from .grid import place
from .marginal import Marginals, Point
from .numbers_fit import tau_table
from .priors import Refused
from .site_effects import all_effects

FEWEST_POINTS = 8.0
COARSEST = 0.03
FINE_TAU = 2e-3


class GridFit(Fit):
    """Posterior weights on the grid of a `SiteTensors`, all sites or some."""

    def __init__(self, tensors, weights, log_ml, proper, scalar, edge_mass):
        self._tensors, self._p, self._log_ml, self._proper = tensors, weights, log_ml, proper
        self.n_coefficients = len(tensors.axes)
        self.sites = [site.label for site in tensors.sites]
        self._scalar = scalar
        self.accuracy = Accuracy("grid", float(1 / (weights**2).sum()), edge_mass,
                                 tensors.refinement(weights), tensors.tau_error(weights))
        p = self.n_coefficients
        self._lines = [weights.sum(axis=tuple(k for k in range(1, p + 1) if k != j + 1)) for j in range(p)]
        mean = np.array([line.sum(axis=0) @ axis.points for line, axis in zip(self._lines, tensors.axes)])
        sd = np.array([np.sqrt(line.sum(axis=0) @ (axis.points - m) ** 2)
                       for line, axis, m in zip(self._lines, tensors.axes, mean)])
        self.mu = Marginals(mean, sd, self._coefficient, scalar)
        self._per_tau = self._lines[0].sum(axis=1)

    def _coefficient(self, j):
        return marginal_on(self._tensors.axes[j], self._lines[j].sum(axis=0), self.mu._means[j], self.mu._sds[j])

    @property
    def tau(self):
        if not hasattr(self, "_tau_marginal"):
            self._tau_marginal = self._make_tau()
        return self._tau_marginal

    def _make_tau(self):
        nodes, prior = self._tensors.nodes, self._tensors.tau_prior
        rule = nodes.rule
        if rule is None:
            return Point(prior.fixed)
        # Posterior over approximation at the nodes is a smooth, nearly constant function of x.
        ratio = np.log(self._per_tau) - nodes.log_weight - rule.density(nodes.u)
        inside = np.clip(rule.fine_x, nodes.x[0], nodes.x[-1])
        value = rule.density(rule.fine_u) + BarycentricInterpolator(nodes.x, ratio)(inside)
        weight = np.exp(value - value.max()) * rule.fine_du
        return tau_table(prior, rule.centre, rule.scale, rule.fine_u, weight / weight.sum())

    @property
    def theta(self):
        if not hasattr(self, "_theta"):
            self._theta = all_effects(self._tensors.sites, self._tensors.tau, self._tensors.axes, self._p)
        return self._theta

    @property
    def new_site(self):
        """Effect at a new site, for each coefficient by itself."""
        mean, sd = self.mu._means, np.hypot(self.mu._sds, self._tau_square())
        eye = np.eye(self.n_coefficients)
        return Marginals(mean, sd, lambda j: self.new_site_at(eye[j]), self._scalar)

    def _tau_square(self):
        return np.hypot(self.tau.mean, self.tau.sd)

    def _moments(self, x):
        grid = sum(x[j] * axis.points.reshape([-1 if k == j else 1 for k in range(self.n_coefficients)])
                   for j, axis in enumerate(self._tensors.axes))
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
        reach = sum(np.array([min(a * axis.points[0], a * axis.points[-1]), max(a * axis.points[0], a * axis.points[-1])])
                    for a, axis in zip(x, self._tensors.axes))
        tail = min(8 * np.max(self._tensors.tau), 60 * extra) if predictive else 0.0
        low, high = reach[0] - tail, reach[1] + tail

        def function(s, origin):
            value = self._p
            for j in range(self.n_coefficients - 1, 0, -1):
                wave = np.exp(1j * np.multiply.outer(self._tensors.axes[j].points, s) * x[j])
                value = np.einsum("...ns,ns->...s", value, wave) if value.ndim > j + 2 else value @ wave
            wave = np.exp(1j * np.multiply.outer(self._tensors.axes[0].points, s) * x[0])
            value = np.einsum("tns,ns->ts", value, wave) if value.ndim == 3 else value @ wave
            if predictive:
                value = value * np.exp(-0.5 * np.multiply.outer(self._tensors.tau, s) ** 2)
            return value.sum(axis=0) * np.exp(-1j * s * origin)

        return from_characteristic(function, mean, np.hypot(sd, extra), low, high)


def fit_grid(sites, priors, tau_prior, scalar, proper):
    """Place, evaluate, check; refine once or twice; refuse what stays below the floor."""
    for fineness, extra in ((1.0, 0), (0.6, 6), (0.4, 14)):
        points = (22 if len(priors) == 1 else 10) + extra
        tensors, weights, log_ml = place(sites, priors, tau_prior, points, fineness)
        fit = GridFit(tensors, weights, log_ml, proper, scalar, tensors.edges(weights))
        good = fit.accuracy
        if good.effective_points >= FEWEST_POINTS and good.step_check < COARSEST and good.tau_check < FINE_TAU:
            return fit
    if good.step_check > 0.1 or good.tau_check > 1e-2 or good.effective_points < FEWEST_POINTS:
        raise Refused(f"the grid cannot resolve the posterior (step check {good.step_check:.2g}, tau check "
                      f"{good.tau_check:.2g}, {good.effective_points:.1f} effective points); use pooling.model")
    return fit
