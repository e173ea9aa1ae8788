"""Evidence as arrays: check it, and lay out numbers and statements for the model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pooling.model.likelihood import log_interval


@dataclass(frozen=True)
class Rows:
    """Checked evidence, in the caller's order.

    Attributes
    ----------
    y, lower, upper
        (n,) numbers (NaN elsewhere) and ends of statements (NaN on numbers).
    X
        (n, p) design of the rows' means.
    sampling, spread
        (n, n) sampling covariance S and heterogeneity structure R; the covariance is S + tau^2 R.
    site
        (n,) position of the row's site in `sites`.
    sites
        Labels of the sites, in order of appearance.
    source
        (n,) position of the row's source within its site; every always reliable row is its own source.
    epsilon
        (n,) probability that the row's source is unrelated to the effect.
    unrelated
        (n,) log probability of the statement if its source is unrelated to the effect.
    control
        (n,) weight in the row, sign reversed, of the arm that all of a site share and that is integrated out.
    weights, arm_v
        (n, K) weights of each row over its site's arms, and the variances of those arms; no columns where
        the caller gave no contrasts, or gave sampling covariances that need not follow from them.
    """

    y: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    X: np.ndarray
    sampling: np.ndarray
    spread: np.ndarray
    site: np.ndarray
    sites: tuple
    source: np.ndarray
    epsilon: np.ndarray
    unrelated: np.ndarray
    control: np.ndarray
    weights: np.ndarray
    arm_v: np.ndarray

    @property
    def numeric(self) -> np.ndarray:
        """(n,) which rows are numbers."""
        return np.isfinite(self.y)

    @property
    def telling(self) -> np.ndarray:
        """(n,) which rows are statements that exclude something."""
        return ~self.numeric & (np.isfinite(self.lower) | np.isfinite(self.upper))


def check_rows(
    y, v=None, V=None, X=None, groups=None, *, lower=None, upper=None, contrast=None, source=None,
    epsilon=0.0, kappa=2.0,
) -> Rows:  # fmt: skip
    """Check evidence given as arrays and derive covariance and heterogeneity structure.

    Parameters
    ----------
    y
        (n,) estimates; NaN for statements.
    v
        (n,) sampling variance of every row. Without `contrast`, sampling errors are independent.
    V
        (n, n) sampling covariance instead of `v`, zero between sites.
    X
        (n, p) design of the rows' means; a column of ones if None.
    groups
        (n,) site of each row; every row its own site if None.
    lower, upper
        (n,) ends of statements on y's scale, infinite allowed; NaN for numbers.
    contrast
        ``(L, arm_v)``: (n, K) weights of each row over the arms of its site, control first, and the
        variances of those arms. Covariances are then L diag(arm_v) L' and tau^2 / 2 L L'.
    source
        (n,) who made the statement; sources err independently of each other, and as a whole.
    epsilon
        Scalar or (n,): probability that a source's statements about a site ignore the effect.
    kappa
        Standard deviation of the z-value in statements that ignore the effect.

    Raises
    ------
    ValueError
        With the row or site named, if anything is missing, contradictory or not a covariance.
    """
    y = _column(y, "y")
    n = len(y)
    site, sites = _codes(groups, n)
    same = site[:, None] == site[None, :]
    X = np.ones((n, 1)) if X is None else np.asarray(X, float)
    if X.ndim != 2 or len(X) != n or not np.isfinite(X).all():
        raise ValueError(f"X has shape {X.shape}; it must be finite, with one row for each of the {n} rows of y")
    sampling, spread, control = _covariance(v, V, contrast, same, n)
    _positive_definite(sampling, spread, site, sites)
    lower, upper = _ends(y, lower, upper)
    epsilon = np.where(np.isfinite(y), 0.0, np.broadcast_to(np.asarray(epsilon, float), n))
    if not ((epsilon >= 0) & (epsilon < 1)).all():
        raise ValueError("epsilon must lie in [0, 1)")
    source = _sources(source, site, sites, epsilon, n)
    se = np.sqrt(np.diag(sampling))
    stated = ~np.isfinite(y)
    unrelated = np.zeros(n)
    unrelated[stated] = [
        log_interval(a, b)[0]
        for a, b in zip(lower[stated] / (kappa * se[stated]), upper[stated] / (kappa * se[stated]), strict=True)
    ]
    by_arm = (np.zeros((n, 0)),) * 2 if contrast is None or V is not None else (np.asarray(a, float) for a in contrast)
    return Rows(y, lower, upper, X, sampling, spread, site, sites, source, epsilon, unrelated, control, *by_arm)


def _column(values, name):
    values = np.asarray(values, float)
    if values.ndim != 1 or not len(values):
        raise ValueError(f"{name} has shape {values.shape}; it must be one column with at least one row")
    if np.isinf(values).any():
        raise ValueError(f"{name}, row {int(np.argmax(np.isinf(values)))}: infinite; estimates must be finite")
    return values


def _codes(labels, n):
    labels = list(range(n)) if labels is None else list(np.asarray(labels).tolist())
    if len(labels) != n:
        raise ValueError(f"{len(labels)} labels given for {n} rows; give one for each row")
    names = tuple(dict.fromkeys(labels))
    position = {name: i for i, name in enumerate(names)}
    return np.array([position[label] for label in labels]), names


def _covariance(v, V, contrast, same, n):
    """Sampling covariance, heterogeneity structure, and the control's weight in each row."""
    if contrast is None:
        spread, control = same * (np.eye(n) + 1.0) / 2.0, np.ones(n)
    else:
        L, arm_v = (np.asarray(part, float) for part in contrast)
        if L.ndim != 2 or L.shape != arm_v.shape or len(L) != n:
            raise ValueError(f"contrast has shapes {L.shape} and {arm_v.shape}; both must be ({n}, arms)")
        spread, control = same * (L @ L.T) / 2.0, -L[:, 0]
    if V is not None:
        sampling = np.asarray(V, float)
        if sampling.shape != (n, n) or not np.allclose(sampling, sampling.T):
            raise ValueError(f"V has shape {sampling.shape}; it must be symmetric with shape ({n}, {n})")
        if np.any(sampling[~same] != 0):
            raise ValueError("V links rows of different sites; sampling errors of sites must be independent")
    elif contrast is not None:
        sampling = same * ((L * arm_v) @ L.T)
        if v is not None and not np.allclose(np.diag(sampling), v, rtol=1e-6):
            row = int(np.argmax(~np.isclose(np.diag(sampling), v, rtol=1e-6)))
            raise ValueError(
                f"row {row}: v is {np.asarray(v, float)[row]:g} but its contrast over the arms' variances "
                f"gives {sampling[row, row]:g}; the two must agree"
            )
    elif v is not None and np.shape(v) == (n,):
        sampling = np.diag(np.asarray(v, float))
    else:
        raise ValueError(f"give v, one variance for each of the {n} rows, or V, their covariance")
    bad = ~(np.isfinite(np.diag(sampling)) & (np.diag(sampling) > 0))
    if bad.any():
        row = int(np.argmax(bad))
        raise ValueError(f"row {row}: variance is {sampling[row, row]:g}; it must be positive and finite")
    return sampling, spread, control


def _positive_definite(sampling, spread, site, sites):
    for i, name in enumerate(sites):
        rows = np.flatnonzero(site == i)
        scale = np.sqrt(np.diag(sampling)[rows])
        block = sampling[np.ix_(rows, rows)] / np.outer(scale, scale)
        if np.linalg.eigvalsh(block)[0] < 1e-10:
            raise ValueError(
                f"site {name}: the sampling covariance of its rows is not positive definite; "
                "leave out rows that follow from the others, or correct the covariances"
            )


def _ends(y, lower, upper):
    n, numeric = len(y), np.isfinite(y)
    ends = []
    for name, end in (("lower", lower), ("upper", upper)):
        end = np.full(n, np.nan) if end is None else np.asarray(end, float)
        if end.shape != (n,):
            raise ValueError(f"{name} has shape {end.shape}; it must have one entry for each of the {n} rows")
        if (wrong := np.isnan(end) != numeric).any():
            row = int(np.argmax(wrong))
            what = "a number and an interval" if numeric[row] else "neither a number nor an interval"
            raise ValueError(f"row {row}: {what}; give y, or lower and upper (infinite allowed), not both")
        ends.append(end)
    if (wrong := ends[0] >= ends[1]).any():
        raise ValueError(f"row {int(np.argmax(wrong))}: lower must be below upper")
    return ends


def _sources(source, site, sites, epsilon, n):
    """Number the sources within each site; a row that cannot be unreliable stands by itself."""
    labels, _ = _codes([0] * n if source is None else source, n)
    codes = np.where(epsilon > 0, labels, labels.max() + 1 + np.arange(n))
    for i, name in enumerate(sites):
        for code in np.unique(codes[site == i]):
            own = epsilon[(site == i) & (codes == code)]
            if np.ptp(own) > 0:
                raise ValueError(f"site {name}: one source with several epsilons {own}; it must have one")
    return codes
