"""Numbers only: a grid over tau, everything else conjugate normal given tau.

y ~ N(X mu, S + tau^2 R) with a normal or flat prior for mu; the marginal likelihood of tau and the normal
posterior of mu and theta given tau are closed form (Roever 2020, bayesmeta; here for several rows per
site and several coefficients).
"""

from __future__ import annotations

import numpy as np

LOG_2PI = np.log(2 * np.pi)


def _inverse(C):
    """Inverse and log determinant of matrices (…, m, m); of plain numbers without LAPACK's cost per call."""
    if C.shape[-1] == 1:
        return 1.0 / C, np.log(C[..., 0, 0])
    return np.linalg.inv(C), np.linalg.slogdet(C)[1]


class Conjugate:
    """Posterior of mu given tau, for any vector of tau values at once.

    Parameters
    ----------
    sites : list of Site
        Sites whose rows are all numbers.
    mean, precision : (p,) arrays
        Normal prior per coefficient; precision 0 is flat.
    """

    def __init__(self, sites, mean, precision):
        self.X = np.concatenate([site.X for site in sites])
        self.y = np.concatenate([site.y for site in sites])
        self.mean, self.precision = mean, precision
        self.blocks = []
        start, by_size = 0, {}
        for site in sites:
            by_size.setdefault(len(site.rows), []).append((start, site))
            start += len(site.rows)
        for size, members in by_size.items():
            index = np.array([np.arange(first, first + size) for first, _ in members])
            S, R = (np.array([getattr(site, name) for _, site in members]) for name in "SR")
            self.blocks.append((index, S, R))

    def weights(self, tau):
        """Inverse covariance per block of sites of one size, and its total log determinant."""
        t2 = np.asarray(tau)[:, None, None, None] ** 2
        out, logdet = [], 0.0
        for index, S, R in self.blocks:
            C = S + t2 * R
            W, each = _inverse(C)
            logdet = logdet + each.sum(axis=1)
            out.append((index, R, W))
        return out, logdet

    def _apply(self, blocks, values):
        """Weights times a vector (or columns) over all rows, per tau: (T, n, c)."""
        out = np.empty((len(blocks[0][2]), *values.shape[-2:]))
        for index, _, W in blocks:
            # Matrices of one number each cost as much to multiply as small ones: leave that to a plain product.
            out[:, index] = W * values[..., index, :] if index.shape[1] == 1 else W @ values[..., index, :]
        return out

    def solve(self, tau):
        """Mean (T, p), covariance (T, p, p) of mu and log marginal likelihood (T,), given each tau."""
        tau = np.atleast_1d(np.asarray(tau, dtype=float))
        blocks, logdet = self.weights(tau)
        WX = self._apply(blocks, self.X)
        A = np.swapaxes(WX, 1, 2) @ self.X + np.diag(self.precision)
        right = self.y @ WX + self.precision * self.mean
        cov, log_det = _inverse(A)
        mean = (cov @ right[..., None])[..., 0]
        # From residuals, not from y'Wy - b'm: weights may span twelve orders of magnitude.
        residual = self.y - mean @ self.X.T
        quadratic = (residual * self._apply(blocks, residual[..., None])[..., 0]).sum(axis=1)
        quadratic = quadratic + (self.precision * (mean - self.mean) ** 2).sum(axis=1)
        flat = self.precision == 0
        constant = flat.sum() * LOG_2PI + np.log(self.precision[~flat]).sum() - self.y.size * LOG_2PI
        log_ml = 0.5 * (constant - logdet - quadratic - log_det)
        return mean, cov, log_ml

    def theta(self, tau, mean, cov):
        """Mean and variance (T, n) of every row's site effect given tau, mu integrated out."""
        blocks, _ = self.weights(tau)
        t2 = tau[:, None, None] ** 2
        centre = np.empty((tau.size, self.y.size))
        variance = np.empty_like(centre)
        for index, R, W in blocks:
            X, y = self.X[index], self.y[index]
            pull = t2[..., None] * (R @ W)
            fixed = X - pull @ X
            centre[:, index] = np.einsum("tkab,kb->tka", pull, y) + np.einsum("tkap,tp->tka", fixed, mean)
            spread = np.einsum("tkap,tpq,tkaq->tka", fixed, cov, fixed)
            own = t2 * np.diagonal(R, axis1=1, axis2=2) - t2 * np.einsum("tkab,kba->tka", pull, R)
            variance[:, index] = spread + np.maximum(own, 0.0)
        return centre, variance

    def without_each(self, tau, mean, cov):
        """What is left of mu's posterior given tau when one site is taken away, for every site.

        Yields
        ------
        positions : (k, m) array
            Rows of k sites of one size.
        mean, cov : (T, k, p), (T, k, p, p) arrays
        log_density : (T, k) array
            Log predictive density of the site's own rows.
        lost : (k,) array of bool
            Sites that hold nearly all information: there the subtraction has no digits left.
        """
        tau = np.atleast_1d(tau)
        whole = np.linalg.inv(cov)[:, None]
        right = np.einsum("tpq,tq->tp", whole[:, 0], mean)[:, None]
        blocks, _ = self.weights(tau)
        t2 = tau[:, None, None, None] ** 2
        for (index, S, R), (_, _, W) in zip(self.blocks, blocks):
            X, y = self.X[index], self.y[index]
            WX = W @ X
            own = np.swapaxes(WX, 2, 3) @ X
            rest = whole - own
            ratio = np.diagonal(own, axis1=2, axis2=3) / np.diagonal(whole, axis1=2, axis2=3)
            lost = (ratio > 1 - 1e-7).any(axis=(0, 2))
            rest[:, lost] = whole
            V = np.linalg.inv(rest)
            m = np.einsum("tkpq,tkq->tkp", V, right - np.einsum("tkap,ka->tkp", WX, y))
            C = S + t2 * R + X @ V @ np.swapaxes(X, 1, 2)
            off = y - np.einsum("kap,tkp->tka", X, m)
            quadratic = np.einsum("tka,tka->tk", off, np.linalg.solve(C, off[..., None])[..., 0])
            log_density = -0.5 * (quadratic + np.linalg.slogdet(C)[1] + index.shape[1] * LOG_2PI)
            yield index, m, V, log_density, lost
