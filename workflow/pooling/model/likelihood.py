"""Log-likelihood of all sites, with its slopes in the rows' means and covariance, compiled.

A site's rows are jointly normal. Its numbers contribute their density; its statements contribute the
probability that they lie in their intervals, given the numbers. Given one shared factor w the statements
are independent, so that probability is a one-dimensional integral, done by the trapezoid rule over w.
The reliability of each source is a mixture inside the integral: expanding the product over sources gives
every pattern of reliable and unreliable ones, all reliable ones sharing the same w.

Everything stands in one file because numba's cache on disk notices changes of a function's own file only.
"""

from __future__ import annotations

import math

import numba
import numpy as np

LOG_ROOT_2PI = 0.5 * math.log(2.0 * math.pi)
#: Below this width (times the distance from zero) an interval is computed as a density times its width.
THIN = 1e-3
#: Correlations below this are taken as this: the slope of a pair's factor needs one that is not zero.
SMALLEST_CORRELATION = 1e-10


@numba.njit(cache=True)
def log_likelihood(mean, cov, y, lower, upper, start, numbers, source, reliable, unrelated, loading, node, weight):
    """Sum over sites of the log-likelihood.

    Parameters
    ----------
    mean, cov
        (n,) means and (n, n) marginal covariance S + heterogeneity of the rows.
    y, lower, upper
        (n,) numbers; ends of statements.
    start, numbers
        (sites + 1,) where each site's rows start; (sites,) how many of them are numbers, which stand first.
    source
        (n,) statements of one source at one site stand together and share this number.
    reliable
        (n,) log(1 - epsilon) of the source.
    unrelated
        (n,) on the first statement of a source: log epsilon + the log probability of its statements if
        they ignore the effect; minus infinity at epsilon 0.
    loading
        (n,) how the statement loads on the control arm (used where a site has more than two).
    node, weight
        (K,) nodes of the shared standard normal factor and their log weights.

    Returns
    -------
    total, d_mean, d_cov
        The log-likelihood, and its slopes: (n,) and (n, n).
    """
    total, d_mean, d_cov = 0.0, np.zeros_like(mean), np.zeros_like(cov)
    for i in range(numbers.size):
        a, m, b = start[i], start[i] + numbers[i], start[i + 1]
        residual = y[a:m] - mean[a:m]
        inverse, log_det = inverse_and_log_det(cov[a:m, a:m])
        alpha = inverse @ residual
        total -= (m - a) * LOG_ROOT_2PI + 0.5 * (log_det + (alpha * residual).sum())
        d_residual = -alpha
        d_numbers = 0.5 * (np.outer(alpha, alpha) - inverse)
        if b > m:
            # Statements given the numbers: mean + K_sn K_nn^-1 r, K_ss - K_sn K_nn^-1 K_ns.
            gain = cov[m:b, a:m].copy() @ inverse
            given_mean = mean[m:b] + gain @ residual
            given_cov = cov[m:b, m:b] - gain @ cov[a:m, m:b].copy()
            value, d_given, d_rest = statements(
                given_mean, given_cov, lower[m:b], upper[m:b], source[m:b], reliable[m:b], unrelated[m:b],
                loading[m:b], node, weight,
            )  # fmt: skip
            total += value
            d_mean[m:b] = d_given
            d_cov[m:b, m:b] = d_rest
            back = gain.T.copy()
            pulled = back @ d_given
            d_residual += pulled
            d_cov[m:b, a:m] = np.outer(d_given, alpha) - (d_rest + d_rest.T) @ gain
            d_numbers += back @ d_rest @ gain - np.outer(pulled, alpha)
        d_mean[a:m] = -d_residual
        d_cov[a:m, a:m] = d_numbers
    return total, d_mean, d_cov


@numba.njit(cache=True)
def statements(mean, cov, lower, upper, source, reliable, unrelated, loading, node, weight):
    """Log probability of one site's statements and its slopes in their means and covariance."""
    s = mean.size
    factor, own = shared_factor(cov, loading)
    count = node.size if s > 1 else 1
    log_f = np.zeros(count)
    slopes = np.zeros((3, s, count))  # in the mean, the factor's coefficient, the own variance
    for k in range(count):
        t = node[k] if s > 1 else 0.0
        log_f[k] = weight[k] if s > 1 else 0.0
        j = 0
        while j < s:
            joint, end = 0.0, j
            while end < s and source[end] == source[j]:
                sd = math.sqrt(own[end])
                centre = mean[end] + factor[end] * t
                log_p, location, scale = log_interval((lower[end] - centre) / sd, (upper[end] - centre) / sd)
                joint += log_p
                slopes[0, end, k] = location / sd
                slopes[1, end, k] = location * t / sd
                slopes[2, end, k] = 0.5 * scale / own[end]
                end += 1
            told, ignored = reliable[j] + joint, unrelated[j]
            value = max(told, ignored)
            value += math.log(math.exp(told - value) + math.exp(ignored - value))
            slopes[:, j:end, k] *= math.exp(told - value)
            log_f[k] += value
            j = end
    top = log_f.max()
    share = np.exp(log_f - top)
    mass = share.sum()
    share /= mass
    d_mean, d_factor, d_own = slopes[0] @ share, slopes[1] @ share, slopes[2] @ share
    return top + math.log(mass), d_mean, slope_in_cov(cov, loading, factor, d_factor, d_own)


@numba.njit(cache=True)
def shared_factor(cov, loading):
    """Write a site's statements as own parts plus one shared standard normal factor.

    Two rows can always be written so: with correlation r both load with sqrt(|r|) standard deviations.
    More rows need a common cause, the control arm; its variance is the covariance of any two rows that
    load on it, divided by their loadings.
    """
    s = loading.size
    factor = np.zeros(s)
    if s == 2:
        common = shared_covariance(cov)
        size = math.sqrt(abs(common))
        stretch = (cov[0, 0] / cov[1, 1]) ** 0.25
        factor[0] = size * stretch
        factor[1] = math.copysign(size / stretch, common)
    elif s > 2:
        a, b = anchors(loading)
        if b > a:
            factor = loading * math.sqrt(cov[a, b] / (loading[a] * loading[b]))
    return factor, np.diag(cov) - factor**2


@numba.njit(cache=True)
def shared_covariance(cov):
    """Covariance of two rows, kept away from zero."""
    least = SMALLEST_CORRELATION * math.sqrt(cov[0, 0] * cov[1, 1])
    return cov[0, 1] if abs(cov[0, 1]) > least else math.copysign(least, cov[0, 1])


@numba.njit(cache=True)
def anchors(loading):
    """First two rows that load on the control; twice the same where there are fewer."""
    a = 0
    while a < loading.size - 1 and loading[a] == 0.0:
        a += 1
    for b in range(a + 1, loading.size):
        if loading[b] != 0.0:
            return a, b
    return a, a


@numba.njit(cache=True)
def slope_in_cov(cov, loading, factor, d_factor, d_own):
    """Carry slopes in the factor's coefficients and own variances back to the covariance."""
    s = loading.size
    out = np.diag(d_own)
    through = (d_factor - 2.0 * factor * d_own) * factor
    if s == 2:
        out[0, 0] += (through[0] - through[1]) / (4.0 * cov[0, 0])
        out[1, 1] += (through[1] - through[0]) / (4.0 * cov[1, 1])
        out[0, 1] = through.sum() / (2.0 * shared_covariance(cov))
    elif s > 2:
        a, b = anchors(loading)
        if b > a:
            out[a, b] = through.sum() / (2.0 * cov[a, b])
    return out


@numba.njit(cache=True)
def inverse_and_log_det(matrix):
    """Inverse and log determinant of a small positive definite matrix, by its Cholesky factor."""
    n = len(matrix)
    root, log_det = np.zeros((n, n)), 0.0
    for i in range(n):
        for j in range(i + 1):
            left = matrix[i, j] - (root[i, :j] * root[j, :j]).sum()
            root[i, j] = math.sqrt(left) if i == j else left / root[j, j]
        log_det += 2.0 * math.log(root[i, i])
    half = np.zeros((n, n))
    for j in range(n):
        half[j, j] = 1.0 / root[j, j]
        for i in range(j + 1, n):
            half[i, j] = -(root[i, j:i] * half[j:i, j]).sum() / root[i, i]
    return half.T.copy() @ half, log_det


@numba.njit(cache=True)
def log_ndtr(z):
    """Logarithm of the standard normal distribution function."""
    if z > 0.0:
        return math.log1p(-0.5 * math.erfc(z / math.sqrt(2.0)))
    if z > -37.0:
        return math.log(0.5 * math.erfc(-z / math.sqrt(2.0)))
    if z == -math.inf:
        return -math.inf
    # Asymptotic series (Abramowitz and Stegun 26.2.12), relative error below 1e-13 from here on.
    u = 1.0 / (z * z)
    return -0.5 * z * z - LOG_ROOT_2PI - math.log(-z) + math.log1p(-u * (1.0 - u * (3.0 - u * (15.0 - 105.0 * u))))


@numba.njit(cache=True)
def log_interval(a, b):
    """Log probability that a standard normal variable lies between a and b, with two slopes.

    Returns
    -------
    log_p
        log(Phi(b) - Phi(a)).
    location
        Slope of log_p in the mean, for a mean of zero: (phi(a) - phi(b)) / P.
    scale
        Slope of log_p in the logarithm of the standard deviation: (a phi(a) - b phi(b)) / P.
    """
    width, middle = b - a, 0.5 * (a + b)
    if width * max(1.0, abs(middle)) < THIN:
        bend = width * width / 12.0
        log_p = -0.5 * middle * middle - LOG_ROOT_2PI + math.log(width) + 0.5 * (middle * middle - 1.0) * bend
        return log_p, middle * (1.0 - bend), middle * middle * (1.0 - bend) - 1.0 - (middle * middle - 1.0) * bend
    if middle > 0.0:
        outer, inner = log_ndtr(-a), log_ndtr(-b)
    else:
        outer, inner = log_ndtr(b), log_ndtr(a)
    log_p = outer + math.log1p(-math.exp(inner - outer))
    at_a = math.exp(-0.5 * a * a - LOG_ROOT_2PI - log_p) if a > -math.inf else 0.0
    at_b = math.exp(-0.5 * b * b - LOG_ROOT_2PI - log_p) if b < math.inf else 0.0
    return log_p, at_a - at_b, (a * at_a if a > -math.inf else 0.0) - (b * at_b if b < math.inf else 0.0)


@numba.njit(cache=True)
def shared_factors(cov, loading):
    """`shared_factor` of each of (d, s, s) covariances."""
    factor, own = np.zeros(cov.shape[:2]), np.zeros(cov.shape[:2])
    for k in range(len(cov)):
        factor[k], own[k] = shared_factor(cov[k], loading)
    return factor, own


@numba.njit(cache=True)
def log_intervals(a, b):
    """Log probability of each interval, (d, s) lower and upper ends."""
    out = np.empty(a.shape)
    for k in range(a.shape[0]):
        for j in range(a.shape[1]):
            out[k, j] = log_interval(a[k, j], b[k, j])[0]
    return out
