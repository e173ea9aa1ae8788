"""Posterior of an analysis with numbers only."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr
from scipy.stats import multivariate_normal

from .between import concentrate, nodes
from .draws import draw_numbers
from .fit import Accuracy, Fit, infinite_moment, tau_table
from .leave_out import leave_out_numbers
from .locate import scan_range
from .marginal import Marginals, Mixture, Point
from .numbers import Conjugate
from .priors import Refused

FINEST = 4


class NumbersFit(Fit):
    """tau on a grid, everything else normal given tau: every marginal is a finite mixture of normals."""

    def __init__(self, sites, mean, precision, prior, scalar):
        self._site_list, self._prior = sites, prior
        self.sites = [site.label for site in sites]
        self._mean0, self._precision0 = mean, precision
        self.n_coefficients = mean.size
        self._proper = bool((precision > 0).all()) and prior.proper
        self._model = Conjugate(sites, mean, precision)
        order = np.concatenate([site.rows for site in sites])
        self._position = np.argsort(order)
        self._place()
        self._scalar = scalar
        self._summarise()

    def _log_density(self, u):
        tau = self._prior.tau(u)
        return self._model.solve(tau)[2] + self._prior.log_density(tau) + self._prior.log_jacobian(u)

    def _place(self):
        if self._prior.fixed is not None:
            self._u, self._tau = None, np.array([self._prior.fixed])
            self._m, self._V, self._log_given_tau = self._model.solve(self._tau)
            self._w, self._log_ml = np.ones(1), float(self._log_given_tau[0])
            self.accuracy = Accuracy("numbers", 1.0, 0.0, 0.0, 0.0)
            return
        self._centre, self._width = concentrate(self._log_density, *scan_range(self._site_list, self._prior))
        for halvings in range(1, FINEST + 1):
            self._u, self._du = nodes(self._centre, self._width, 0.34 / 2**halvings)
            self._tau = self._prior.tau(self._u)
            self._m, self._V, self._log_given_tau = self._model.solve(self._tau)
            self._log_prior = self._prior.log_density(self._tau) + self._prior.log_jacobian(self._u)
            self._w, self._log_ml = self._normalise(self._log_given_tau + self._log_prior)
            check = self._step_check()
            # Twice the nodes square the check: 5e-4 leaves some 1e-7.
            if check < 5e-4:
                break
        if self._w[-1] > 1e-6:
            raise Refused("the posterior of tau is improper: too few rows for this prior; give tau a proper prior")
        if check > 0.05:
            raise Refused(f"the tau grid does not converge (step check {check:.2g}); is tau_prior's density smooth?")
        self.accuracy = Accuracy("numbers", float(1 / (self._w**2).sum()), float(self._w[0]), check, 0.0)

    def _normalise(self, value):
        best = value.max()
        weight = np.exp(value - best) * self._du
        total = weight.sum()
        return weight / total, float(np.log(total) + best)

    def _step_check(self):
        """Change when every other node is dropped: of the total, of mu's and a new site's moments, of log tau."""
        total = 2 * self._w[::2].sum()
        half = 2 * self._w[::2] / total
        variance = np.diagonal(self._V, axis1=1, axis2=2) + self._tau[:, None] ** 2
        mean, sd = self._moments(self._w, self._m, variance)
        fewer, narrower = self._moments(half, self._m[::2], variance[::2])
        known = np.isfinite(sd)
        shift = np.abs(fewer - mean) / np.where(known, sd, np.inf)
        spread_change = np.abs(narrower[known] / sd[known] - 1) if known.all() else np.zeros(1)
        log_tau = np.log1p(self._tau / np.exp(self._centre))
        centre = self._w @ log_tau
        spread = np.sqrt(self._w @ (log_tau - centre) ** 2)
        change = abs(half @ log_tau[::2] - centre) / spread
        return float(max(abs(total - 1), shift.max(), spread_change.max(), change))

    @staticmethod
    def _moments(w, means, variances):
        """Mean and sd of mixtures (T, c), infinite where the tail in tau is too heavy."""
        mean = w @ means
        square = variances + (means - mean) ** 2
        sd = np.sqrt(w @ square)
        for c in range(sd.size):
            if infinite_moment(w * square[:, c]):
                sd[c] = np.inf
        return mean, sd

    def _mixtures(self, means, variances, scalar=False, w=None):
        w = self._w if w is None else w
        mean, sd = self._moments(w, means, variances)
        keep = w > 1e-18

        def make(i):
            return Mixture(w[keep], means[keep, i], np.sqrt(variances[keep, i]), mean[i], sd[i])

        return Marginals(mean, sd, make, scalar)

    def _summarise(self):
        variance = np.diagonal(self._V, axis1=1, axis2=2)
        self.mu = self._mixtures(self._m, variance, self._scalar)
        self.new_site = self._mixtures(self._m, variance + self._tau[:, None] ** 2, self._scalar)

    @property
    def theta(self):
        """Site effect of every row, made when first asked for."""
        if not hasattr(self, "_theta"):
            mean, variance = self._model.theta(self._tau, self._m, self._V)
            self._theta = self._mixtures(mean[:, self._position], variance[:, self._position])
        return self._theta

    @property
    def tau(self):
        """Marginal of the between-site standard deviation."""
        if not hasattr(self, "_tau_marginal"):
            self._tau_marginal = self._make_tau()
        return self._tau_marginal

    def _make_tau(self):
        if self._u is None:
            return Point(self._prior.fixed)
        fine, du = nodes(self._centre, self._width, 0.08)
        value = self._log_density(fine)
        weight = np.exp(value - value.max()) * du
        weight /= weight.sum()
        return tau_table(self._prior, self._centre, 2.0 * self._width, fine, weight)

    def _linear(self, x, predictive):
        variance = np.einsum("p,tpq,q->t", x, self._V, x) + (self._tau**2 if predictive else 0.0)
        return self._mixtures((self._m @ x)[:, None], variance[:, None])[0]

    def prob_best(self, largest=True):
        """Probability that each coefficient is the largest (or smallest) of all, (p,)."""
        p = self.n_coefficients
        sign = 1.0 if largest else -1.0
        out = np.ones(p)
        keep = self._w > 1e-9
        for j in range(p if p > 1 else 0):
            D = sign * (np.eye(p)[j] - np.delete(np.eye(p), j, axis=0))
            means, covs = self._m[keep] @ D.T, D @ self._V[keep] @ D.T
            if p == 2:
                each = ndtr(means[:, 0] / np.sqrt(covs[:, 0, 0]))
            else:
                each = [
                    multivariate_normal.cdf(m, cov=C, allow_singular=True, rng=np.random.default_rng(0))
                    for m, C in zip(means, covs)
                ]
            out[j] = self._w[keep] @ each
        return out / out.sum() if p > 1 else out

    def leave_out(self):
        """Refit without each site in turn; see `pooling.exact.leave_out.LeaveOut`."""
        return leave_out_numbers(self)

    def draws(self, n, seed):
        """Independent draws of mu (n, p), tau (n,) and theta (n, rows)."""
        return draw_numbers(self, n, np.random.default_rng(seed))

    def without_each(self):
        """What the other sites say, for each site left out, on this fit's tau nodes; in the order of the sites."""
        start = np.cumsum([0, *(len(site.rows) for site in self._site_list)])
        which = {int(first): i for i, first in enumerate(start[:-1])}
        out = [None] * len(self._site_list)
        if len(out) > 1 and (self._precision0 > 0).all():
            for index, m, V, log_density, lost in self._model.without_each(self._tau, self._m, self._V):
                for k in np.flatnonzero(~lost):
                    i = which[int(index[k, 0])]
                    out[i] = self._reweighted(i, m[:, k], V[:, k], self._log_given_tau - log_density[:, k])
        return [self._refitted(i) if rest is None else rest for i, rest in enumerate(out)]

    def _reweighted(self, i, m, V, log_ml):
        w, total = np.ones(1), float(log_ml[0])
        if self._u is not None:
            w, total = self._normalise(log_ml + self._log_prior)
            if w[-1] > 1e-6:
                raise Refused(f"without site {self.sites[i]} the posterior of tau is improper; give tau a proper prior")
        return Without(self, m, V, w, total)

    def _refitted(self, i):
        rest = [site for k, site in enumerate(self._site_list) if k != i]
        flat = self._precision0 == 0
        X = np.concatenate([site.X for site in rest]) if rest else np.zeros((0, self.n_coefficients))
        if flat.any() and np.linalg.matrix_rank(X[:, flat]) < flat.sum():
            raise Refused(f"without site {self.sites[i]} mu is not identified; give it a proper prior")
        if rest:
            return self._reweighted(i, *Conjugate(rest, self._mean0, self._precision0).solve(self._tau))
        T, p = self._m.shape
        V = np.broadcast_to(np.diag(1 / self._precision0), (T, p, p))
        return self._reweighted(i, np.broadcast_to(self._mean0, (T, p)), V, np.zeros(T))


class Without:
    """Posterior of a `NumbersFit` without one of its sites."""

    def __init__(self, fit, m, V, w, log_ml):
        self._fit, self.m, self.V, self.w, self.log_ml = fit, m, V, w, log_ml

    @property
    def mu(self):
        """Average effects without the site."""
        return self._fit._mixtures(self.m, np.diagonal(self.V, axis1=1, axis2=2), self._fit._scalar, self.w)

    @property
    def tau(self):
        """Marginal of the between-site standard deviation."""
        fit = self._fit
        if fit._u is None:
            return Point(fit._prior.fixed)
        return tau_table(fit._prior, fit._centre, 2.0 * fit._width, fit._u, self.w)
