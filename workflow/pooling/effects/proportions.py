"""Effects on shares of people: each arm's transformed proportion, minus the control arm's."""

from __future__ import annotations

import numpy as np

from pooling.given import together

MEASURES = ("difference", "arcsine", "log_risk_ratio", "log_odds_ratio")
ZERO_CELLS = ("refuse", "row", "site", "all")


def proportion(events: float, n: float) -> float:
    """Share of people with the event.

    Parameters
    ----------
    events, n
        People with the event, and people in all.

    Returns
    -------
    float
        Between 0 and 1.

    Raises
    ------
    ValueError
        If `n` is not above zero or `events` does not lie within 0 and `n`.
    """
    if not n > 0 or not 0 <= events <= n:
        raise ValueError(f"{events:g} of {n:g} people is no share; events must lie within 0 and n, n above 0")
    return float(events) / float(n)


def difference(measure: str, p, control_p):
    """Effect of an arm with share `p` against a control group with share `control_p` (both 0 to 1).

    Parameters
    ----------
    measure
        `difference`, `arcsine`, `log_risk_ratio` or `log_odds_ratio`.
    p, control_p
        Numbers or arrays.

    Returns
    -------
    float or numpy.ndarray
        Above zero where the arm's share is the larger one; infinite for a log ratio of a share of 0 or 1, NaN where
        the log ratio of both is.

    Raises
    ------
    ValueError
        If the measure is unknown or a share does not lie within 0 and 1.
    """
    p, control_p = together(p=p, control_p=control_p)
    with np.errstate(divide="ignore", invalid="ignore"):
        return _transform(measure, p) - _transform(measure, control_p)


def from_proportions(measure: str, p, n, control_p, control_n):
    """Effect and each arm's part of its sampling variance, from two shares and two sizes.

    Parameters
    ----------
    measure
        `difference`, `arcsine`, `log_risk_ratio` or `log_odds_ratio`.
    p, control_p
        Shares, 0 to 1.
    n, control_n
        People in each arm.

    Returns
    -------
    y, v_arm, v_control
        The sampling variance of `y` is ``v_arm + v_control``; `v_control` is also its covariance with the
        effect of any other arm against the same control group.

    Raises
    ------
    ValueError
        If a size is not finite and above zero, a share is impossible, or a log ratio or the variance would not be
        finite and above zero (use `from_counts` and its rule for zero cells).

    Notes
    -----
    Large-sample variances: p(1-p)/n; 1/(4n); (1-p)/(np); 1/(np(1-p)). The arcsine scale stabilises the
    variance, so that it needs no level (Rücker, Schwarzer, Carpenter and Olkin 2009).
    """
    p, n, control_p, control_n = together(p=p, n=n, control_p=control_p, control_n=control_n)
    y = difference(measure, p, control_p)
    v_arm, v_control = _variance(measure, p, n), _variance(measure, control_p, control_n)
    if not (np.all(np.isfinite(y)) and np.all(np.isfinite(v_arm + v_control)) and np.all(v_arm + v_control > 0)):
        raise ValueError(
            f"a share of 0 or 1 gives no usable {measure}; use the arcsine, or from_counts with zero_cells"
        )
    return y, v_arm, v_control


def from_counts(measure, events, n, control_events, control_n, *, zero_cells="refuse", add=0.5, groups=None):
    """Effects and sampling variances from counts, one row per comparison of an arm with its control.

    Parameters
    ----------
    measure
        `difference`, `arcsine`, `log_risk_ratio` or `log_odds_ratio`.
    events, n, control_events, control_n
        People with the event and people in the arm; numbers or arrays of one length.
    zero_cells
        What to do where a cell of the table (events or non-events of either arm) is zero. `refuse` (the
        default) adds nothing and raises an error where the measure cannot be had. Otherwise `add` goes to all
        four cells: of the `row` with the zero, of every row of the `site` with the zero, or of `all` rows.
        Use `site` for sites with several arms: then all rows keep one and the same control group.
    add
        What is added to each cell, 0.5 by custom; not below zero.
    groups
        Label of each row's site, for ``zero_cells="site"``.

    Returns
    -------
    y, v_arm, v_control
        As in `from_proportions`.

    Raises
    ------
    ValueError
        For impossible counts, arguments that differ in length, an unknown rule, or a zero cell that the rule
        leaves in a measure that cannot bear it; the message names the row, counted from 1.

    Notes
    -----
    Sweeting, Sutton and Lambert (2004) on what is added to zero cells. With it the effect is pulled towards none.
    """
    if measure not in MEASURES or zero_cells not in ZERO_CELLS:
        raise ValueError(
            f"measure '{measure}' or rule '{zero_cells}' is unknown; write one of {', '.join(MEASURES)} "
            f"and one of {', '.join(ZERO_CELLS)}"
        )
    if not 0 <= add < np.inf:
        raise ValueError(f"add is {add}; it must be a finite number not below zero, 0.5 by custom")
    counts = together(events=events, n=n, control_events=control_events, control_n=control_n)
    a, n1, c, n2 = (np.atleast_1d(part) for part in counts)
    wrong = ~((n1 > 0) & (n2 > 0) & np.isfinite(n1 + n2) & (a >= 0) & (c >= 0) & (a <= n1) & (c <= n2))
    if wrong.any():
        raise ValueError(f"row {_first(wrong)}: events must lie within 0 and n, and n must be finite and above 0")
    extra = add * _to_correct(zero_cells, (a == 0) | (a == n1) | (c == 0) | (c == n2), groups)
    n1, n2 = n1 + 2 * extra, n2 + 2 * extra
    p, control_p = (a + extra) / n1, (c + extra) / n2
    y = np.atleast_1d(difference(measure, p, control_p))
    v_arm, v_control = _variance(measure, p, n1), _variance(measure, control_p, n2)
    bad = ~(np.isfinite(y) & np.isfinite(v_arm + v_control) & (v_arm + v_control > 0))
    if bad.any():
        raise ValueError(
            f"row {_first(bad)}: a zero cell gives no usable {measure}; set zero_cells to 'row', 'site' "
            "or 'all', or use the arcsine difference"
        )
    if np.ndim(counts[0]) == 0:
        return float(y[0]), float(v_arm[0]), float(v_control[0])
    return y, v_arm, v_control


def _to_correct(rule: str, zero: np.ndarray, groups) -> np.ndarray:
    if rule == "row":
        return zero
    if rule == "site":
        if groups is None or np.shape(groups) != zero.shape:
            raise ValueError("zero_cells='site' needs the site of every row in `groups`")
        return np.isin(np.asarray(groups), np.asarray(groups)[zero])
    return np.full(zero.shape, rule == "all")


def _transform(measure: str, p):
    if not np.all((p >= 0) & (p <= 1)):
        raise ValueError("a share must lie within 0 and 1 (write 0.15 for 15 percent)")
    if measure == "difference":
        return p
    if measure == "arcsine":
        return np.arcsin(np.sqrt(p))
    if measure == "log_risk_ratio":
        return np.log(p)
    if measure == "log_odds_ratio":
        return np.log(p) - np.log1p(-p)
    raise ValueError(f"measure '{measure}' is unknown; write one of {', '.join(MEASURES)}")


def _variance(measure: str, p, n):
    if not np.all((n > 0) & np.isfinite(n)):
        raise ValueError("the number of people in an arm must be finite and above zero")
    with np.errstate(divide="ignore"):
        return {
            "difference": p * (1 - p) / n,
            "arcsine": 1 / (4 * n) + 0 * p,
            "log_risk_ratio": np.divide(1 - p, n * p),
            "log_odds_ratio": np.divide(1, n * p * (1 - p)),
        }[measure]


def _first(flags: np.ndarray) -> int:
    return int(np.flatnonzero(flags)[0])
