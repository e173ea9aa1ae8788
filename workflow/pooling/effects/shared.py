"""Sampling covariance of the arms of one site, which share a control group."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from pooling.effects.proportions import MEASURES, from_counts
from pooling.given import numbers

#: Measures whose variance follows from the sizes alone (for `smd` at no effect).
_FROM_SIZES = {"arcsine": 0.25, "smd": 1.0}


@dataclass(frozen=True)
class SharedControl:
    """Covariance of a site's effects and how it was obtained.

    Attributes
    ----------
    matrix
        (K, K) sampling covariance, one row per arm.
    basis
        The first rule that applied: `matrix`, `contrast_se`, `control_se`, `counts`, `arm_sizes` or
        `equal_split`.
    agreement
        For every other rule that could be checked, the largest difference in correlation.
    """

    matrix: np.ndarray
    basis: str
    agreement: dict[str, float] = field(default_factory=dict)


def covariance(
    measure: str,
    *,
    site: str = "",
    se=None,
    matrix=None,
    contrast_se=None,
    control_se: float | None = None,
    events=None,
    control_events: float | None = None,
    n=None,
    control_n: float | None = None,
    effects=None,
    equal_split: bool = False,
    zero_cells: str = "refuse",
    tolerance: float = 0.1,
) -> SharedControl:
    """Rebuild the sampling covariance of K arms against one shared control, by the first rule that applies.

    Parameters
    ----------
    measure
        `difference`, `arcsine`, `log_risk_ratio`, `log_odds_ratio` or `smd`.
    site
        Name of the site, for messages.
    se
        (K,) standard errors of the arms against the control, as reported. Where they are given they stay
        on the diagonal, and rules 2 to 5 supply what stands beside it.
    matrix
        Rule 1: (K, K) full variance-covariance matrix.
    contrast_se
        Rule 1 as well: (K, K) standard errors of arm against arm, diagonal ignored; the covariance is
        (s_a² + s_b² − s_ab²)/2. Needs `se`.
    control_se
        Rule 2: standard error of the control arm's own mean on the scale of the measure. Needs `se`.
    events, control_events
        Rule 3, with `n` and `control_n`: people with the event.
    n, control_n
        Rule 4: people in the arms, under equal variances. Where the measure's variance follows from the sizes
        alone (arcsine, smd) `se` is not needed.
    effects
        (K,) effects, used for `smd` with sizes and no `se` only: adds d_a d_b / (2N).
    equal_split
        Rule 5: allow the assumption of equal arms, a correlation of one half. Needs `se`.
    zero_cells
        Rule of `from_counts` for zero cells.
    tolerance
        Largest difference in correlation between two rules that both rest on data.

    Returns
    -------
    SharedControl

    Raises
    ------
    ValueError
        If no rule applies, two rules disagree, or the matrix is not positive definite; the site is named.

    Notes
    -----
    Gleser and Olkin (2009) for counts and standardised mean differences. Rules 1 to 3 rest on data and are
    compared with each other; rule 4 is compared only where it is no assumption (arcsine; smd at no effect).
    """
    where = f"site '{site}': " if site else ""
    if measure not in (*MEASURES, "smd"):
        raise ValueError(f"{where}measure '{measure}' is unknown; write one of {', '.join((*MEASURES, 'smd'))}")
    try:
        s = None if se is None else _positive(se, "standard errors")
        own = None if control_se is None else _single(control_se, "control_se") ** 2
        found = {
            "matrix": _full(matrix, s),
            "contrast_se": _contrasts(contrast_se, s),
            "control_se": _around(s, own),
            "counts": _counts(measure, s, events, n, control_events, control_n, zero_cells),
            "arm_sizes": _sizes(measure, s, n, control_n, effects),
            "equal_split": None if s is None or not equal_split else _halves(s),
        }
    except ValueError as error:
        raise ValueError(f"{where}{error}") from error
    found = {rule: value for rule, value in found.items() if value is not None}
    if not found:
        raise ValueError(
            f"{where}nothing says how the arms' estimates hang together; give a matrix, arm-v-arm standard "
            "errors, the control's standard error, counts or sizes, or allow equal_split with se"
        )
    basis = next(iter(found))
    comparable = [r for r in found if r != "equal_split" and (r != "arm_sizes" or measure in _FROM_SIZES)]
    agreement = {}
    for rule in comparable:
        if rule == basis or basis not in comparable:
            continue
        agreement[rule] = float(np.max(np.abs(_correlation(found[rule]) - _correlation(found[basis]))))
        if agreement[rule] > tolerance:
            raise ValueError(
                f"{where}the rules '{basis}' and '{rule}' disagree: correlations differ by "
                f"{agreement[rule]:.2g}, allowed {tolerance:g}; mend the input or leave one of the two out"
            )
    _check(found[basis], f"{where}covariance by rule '{basis}'")
    return SharedControl(found[basis], basis, agreement)


def _full(matrix, s):
    if matrix is None:
        return None
    full = numbers("matrix", matrix)
    if full.ndim != 2 or full.shape[0] != full.shape[1] or not np.all(np.isfinite(full)):
        raise ValueError("the covariance matrix must be square and finite")
    if not np.allclose(full, full.T, rtol=1e-6, atol=0):
        raise ValueError("the covariance matrix is not symmetric")
    # Five percent: standard errors are often printed with two digits only.
    if s is not None and (s.size != len(full) or np.any(np.abs(np.sqrt(np.abs(np.diag(full))) / s - 1) > 0.05)):
        raise ValueError("the diagonal of the covariance matrix is not the square of the standard errors")
    return (full + full.T) / 2


def _contrasts(contrast_se, s):
    if contrast_se is None:
        return None
    pair = numbers("contrast_se", contrast_se)
    if s is None or pair.shape != (s.size, s.size) or not np.allclose(pair, pair.T, rtol=1e-6, atol=0, equal_nan=True):
        raise ValueError("contrast_se needs se, and must be a symmetric table of arm against arm")
    full = (s[:, None] ** 2 + s**2 - pair**2) / 2
    full[np.diag_indices(s.size)] = s**2
    if not np.all(np.isfinite(full)):
        raise ValueError("contrast_se has gaps; give the standard error of every pair of arms")
    return full


def _around(s, control_variance):
    """Reported variances on the diagonal, the control's own beside it."""
    if control_variance is None:
        return None
    if s is None:
        raise ValueError("control_se needs se")
    full = np.full((s.size, s.size), float(control_variance))
    full[np.diag_indices(s.size)] = s**2
    return full


def _counts(measure, s, events, n, control_events, control_n, zero_cells):
    if events is None and control_events is None:
        return None
    if measure == "smd" or any(part is None for part in (events, n, control_events, control_n)):
        raise ValueError("counts need events and n of the arms and of the control, and a measure of shares")
    events = np.atleast_1d(numbers("events", events))
    _, v_arm, v_control = from_counts(
        measure, events, n, control_events, control_n, zero_cells=zero_cells, groups=np.zeros(events.size)
    )
    if np.ptp(v_control) > 1e-12 * np.max(v_control):
        raise ValueError("a correction of single rows gives the arms different controls; use zero_cells='site'")
    if s is not None:
        return _around(s, v_control[0])
    return np.diag(v_arm) + v_control[0]


def _sizes(measure, s, n, control_n, effects):
    if n is None or control_n is None:
        return None
    n, nc = _positive(n, "n"), _single(control_n, "control_n")
    if measure in _FROM_SIZES and s is None:
        full = _FROM_SIZES[measure] * (np.diag(1 / n) + 1 / nc)
        if effects is not None and measure == "smd":
            d = np.atleast_1d(numbers("effects", effects))
            if d.shape != n.shape or not np.isfinite(d).all():
                raise ValueError(f"effects must hold one finite number for each of the {n.size} arms")
            full = full + np.outer(d, d) / (2 * (n.sum() + nc))
        return full
    if s is None:
        return None
    if s.size != n.size:
        raise ValueError(f"{s.size} standard errors but {n.size} sizes")
    # Reported errors carry the common variance; the sizes give the correlation only.
    share = np.sqrt((1 / nc) / (1 / nc + 1 / n))
    full = np.outer(s * share, s * share)
    full[np.diag_indices(s.size)] = s**2
    return full


def _halves(s):
    return np.outer(s, s) * (0.5 + 0.5 * np.eye(s.size))


def _positive(values, name: str) -> np.ndarray:
    values = np.atleast_1d(numbers(name, values))
    if values.ndim != 1 or not (np.all(np.isfinite(values)) and np.all(values > 0)):
        raise ValueError(f"{name} must be finite and above zero, one for each arm")
    return values


def _single(value, name: str) -> float:
    values = _positive(value, name)
    if values.size != 1:
        raise ValueError(f"{name} must be a single number: the arms of a site share one control group")
    return float(values[0])


def _correlation(full):
    scale = np.sqrt(np.abs(np.diag(full)))
    return full / np.outer(scale, scale)


def _check(full, what: str) -> None:
    if np.any(np.diag(full) <= 0) or np.linalg.eigvalsh(_correlation(full))[0] < 1e-9:
        raise ValueError(f"{what} is not positive definite; the standard errors cannot belong together")
