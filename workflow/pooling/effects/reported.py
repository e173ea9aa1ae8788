"""Effects as a source reports them: an estimate with its standard error, interval, t-value or p-value."""

from __future__ import annotations

import math

import numpy as np
from scipy import stats

from pooling.given import numbers, together

#: What a unit must begin with, the scales it can be put on, and the factor to the model's unit.
_UNITS = {
    "percentage points": (("difference", "arcsine"), 0.01),
    "proportion": (("difference", "arcsine"), 1.0),
    "sd": (("smd",), 1.0),
}


def reported(estimate, *, se=None, interval=None, level=0.95, t=None, p=None, df=None, ratio=False, tolerance=0.1):
    """Estimate and standard error from what a source prints.

    Parameters
    ----------
    estimate
        The estimate as printed.
    se, interval, t, p
        Exactly one of: its standard error; (lower, upper) at `level`; its t- or z-value; its two-sided
        p-value (a number, not "below .05").
    level
        Of the interval, 0.95 by custom.
    df
        Degrees of freedom behind `interval`, `t` or `p`; none means the normal distribution.
    ratio
        The estimate and the ends of the interval are ratios: the answer is their logarithm. A standard error
        is then taken to be on the log scale already.
    tolerance
        How far, as a share of the interval's half-width, the estimate may lie from the middle.

    Returns
    -------
    y, se
        On the scale of the estimate, or the log scale for a ratio.

    Raises
    ------
    ValueError
        If not exactly one of the four is given, it does not fit the estimate, or level or df is impossible.
    """
    if sum(part is not None for part in (se, interval, t, p)) != 1:
        raise ValueError("give exactly one of se, interval, t and p with an estimate")
    estimate, se, t, p, df = (
        _single(name, value) for name, value in (("estimate", estimate), ("se", se), ("t", t), ("p", p), ("df", df))
    )
    if not 0 < level < 1:
        raise ValueError(f"level is {level}; it must lie between 0 and 1, such as 0.95")
    if df is not None and not df > 0:
        raise ValueError(f"df is {df:g}; degrees of freedom must be above zero")
    if ratio and not estimate > 0:
        raise ValueError(f"a ratio of {estimate:g} is impossible; it must be above zero")
    y = math.log(estimate) if ratio else estimate
    law = stats.norm if df is None else stats.t(df)
    if interval is not None:
        found = _from_interval(y, interval, float(law.ppf(0.5 + level / 2)), ratio, tolerance)
    elif se is not None:
        found = se
    else:
        if p is not None:
            if not 0 < p < 1:
                raise ValueError(
                    f"a p-value of {p:g} says nothing about the standard error; it must lie between 0 and 1"
                )
            t = math.copysign(float(law.isf(p / 2)), y)
        if y == 0 or t == 0 or (y > 0) != (t > 0):
            raise ValueError("a t- or p-value gives a standard error only for an estimate other than zero, of its sign")
        found = y / t
    if not (math.isfinite(y) and math.isfinite(found) and found > 0):
        raise ValueError(f"estimate {estimate} with standard error {found} cannot be pooled; it must be above zero")
    return y, found


def _single(name: str, value) -> float | None:
    if value is None:
        return None
    found = numbers(name, value)
    if found.ndim:
        raise ValueError(f"{name} must be a single number; call once for each row")
    return float(found)


def _from_interval(y: float, interval, critical: float, ratio: bool, tolerance: float) -> float:
    ends = numbers("interval", interval)
    if ends.shape != (2,):
        raise ValueError("interval must be its two ends, (lower, upper)")
    lower, upper = ends.tolist()
    if ratio and not lower > 0:
        raise ValueError("the interval of a ratio must lie above zero")
    lower, upper = (math.log(end) if ratio else end for end in (lower, upper))
    half = (upper - lower) / 2
    if not half > 0:
        raise ValueError(f"the interval ({ends[0]:g}, {ends[1]:g}) is empty; lower must be below upper")
    if abs(y - (lower + upper) / 2) > tolerance * half:
        raise ValueError(
            f"the interval ({ends[0]:g}, {ends[1]:g}) does not lie evenly about the estimate; "
            "a ratio needs ratio=True, and an interval of another form cannot be turned into a standard error"
        )
    return half / critical


def on_scale(scale: str, value: float, se: float, unit: str, control_level: float = math.nan) -> tuple[float, float]:
    """Put a reported estimate and its standard error on the scale of an analysis.

    Parameters
    ----------
    scale
        `arcsine` or `difference` for shares, `smd` for scores.
    value, se
        As reported, in `unit`.
    unit
        Begins with `percentage points`, `proportion` or `sd`.
    control_level
        Share (0 to 1) in the control group, for the arcsine scale.

    Returns
    -------
    y, se
        On `scale`, with the reported z-value.

    Raises
    ------
    ValueError
        If the unit does not fit the scale, the standard error is not above zero, or the arcsine scale lacks
        a control level or the effect would need a share outside 0 to 1.

    Notes
    -----
    A risk difference goes to the arcsine scale as the arcsine difference between the control level and the
    arm's own level, so that it comes back unchanged at that control level. Its standard error is divided by
    the same slope, the delta method's 2√(p(1−p)) taken between the two levels, so that z is kept.
    """
    kind = next((name for name in _UNITS if str(unit).startswith(name)), None)
    if kind is None or scale not in _UNITS[kind][0]:
        raise ValueError(
            f"unit '{unit}' cannot be put on scale '{scale}'; an estimate of shares is in 'percentage "
            "points' or 'proportion' (scales arcsine, difference), one of scores in 'sd' (scale smd)"
        )
    value, se = _single("value", value), _single("se", se)
    if not (math.isfinite(value) and math.isfinite(se) and se > 0):
        raise ValueError(f"estimate {value} with standard error {se} cannot be pooled; it must be above zero")
    factor = _UNITS[kind][1]
    y, se = value * factor, se * factor
    if kind != "sd" and not abs(y) <= 1:
        raise ValueError(f"a difference between shares of {100 * y:+.3g} percentage points is impossible; mend it")
    if scale != "arcsine":
        return y, se
    if not 0 < control_level < 1:
        raise ValueError(
            "a difference between shares goes to the arcsine scale only at a control level between 0 and 100 "
            "percent; state one, or pool this analysis on the scale 'difference'"
        )
    if not 0 <= control_level + y <= 1:
        raise ValueError(
            f"an effect of {100 * y:+.3g} percentage points is impossible at a control level of "
            f"{100 * control_level:.3g} percent; mend one of them"
        )
    # sin(a - b) in a form without cancellation, so that small effects lose no digits.
    arm_level = control_level + y
    scale_of = math.sqrt(arm_level * (1 - control_level)) + math.sqrt(control_level * (1 - arm_level))
    sine = y / scale_of
    slope = (math.asin(sine) / sine if sine else 1.0) / scale_of
    return y * slope, se * slope


def risk_difference(delta, control_level):
    """Arcsine difference back to a difference between shares, at a stated control level.

    Parameters
    ----------
    delta
        Arcsine difference; number or array.
    control_level
        Share in the control group, 0 to 1.

    Returns
    -------
    float or numpy.ndarray
        sin²(arcsin√p_c + δ) − p_c, within −p_c and 1 − p_c: beyond the ends of the scale it stays there, so
        that it never turns round.

    Raises
    ------
    ValueError
        If the control level does not lie within 0 and 1.
    """
    delta, control_level = together(delta=delta, control_level=control_level)
    if not np.all((control_level >= 0) & (control_level <= 1)):
        raise ValueError("the control level must lie within 0 and 1 (write 0.2 for 20 percent)")
    angle = np.arcsin(np.sqrt(control_level)) + delta
    return np.sin(np.clip(angle, 0, np.pi / 2)) ** 2 - control_level
