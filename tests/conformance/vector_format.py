"""How a conformance vector is written: plain JSON, infinities as text, what is missing as null.

A vector is ``{"id", "category", "input", "answer", "error"}``. The input holds the arguments of
`pooling.exact.pool` (arrays as lists, V as a list of lists, contrast as a pair of them), the priors by
name and parameters. `error` bounds the error of every answer: absolute for probabilities and the log
marginal likelihood, in standard deviations for means, quantiles and standard deviations.
"""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
from pooling.priors import from_config
from scipy import stats

VECTORS = Path(__file__).with_name("vectors.json")


def read(path=VECTORS):
    """All stored vectors."""
    return json.loads(Path(path).read_text(encoding="utf-8"))["vectors"]


def prior(spec):
    """A frozen distribution from its name and parameters; None stays None (flat)."""
    if spec is None:
        return None
    if spec["family"] == "logistic":
        return stats.logistic(spec["mean"], spec["scale"])
    return from_config(spec)


def mu_prior(spec):
    """Flat, (mean, sd) or an object with a density for every coefficient."""
    if spec is None:
        return None
    if spec["family"] == "normal":
        return np.array(spec["mean"], dtype=float), np.array(spec["sd"], dtype=float)
    return prior(spec)


def arguments(vector):
    """Keyword arguments of `pooling.exact.pool` from a vector's input."""
    given = vector["input"]
    names = ("y", "v", "V", "X", "lower", "upper", "epsilon")
    out = {name: None if given[name] is None else _numbers(given[name]) for name in names}
    contrast = given["contrast"]
    out["contrast"] = None if contrast is None else tuple(_numbers(part) for part in contrast)
    out["groups"] = None if given["groups"] is None else np.array(given["groups"])
    out["source"] = None if given["source"] is None else np.array(given["source"])
    out["epsilon"] = 0.0 if out["epsilon"] is None else out["epsilon"]
    out["kappa"] = given["kappa"]
    out["mu_prior"] = mu_prior(given["mu_prior"])
    out["tau_prior"] = prior(given["tau_prior"])
    return out


def _numbers(values):
    """Lists of numbers, null and "inf" as an array; null becomes NaN."""
    if isinstance(values, list) and any(isinstance(v, list) for v in values):
        return np.array([_numbers(v) for v in values])
    return np.array(
        values if not isinstance(values, list) else [math.nan if v is None else float(v) for v in values], dtype=float
    )


def plain(value, digits):
    """Arrays and floats as lists and numbers of that many significant digits."""
    if isinstance(value, dict):
        return {k: plain(v, digits) for k, v in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [plain(v, digits) for v in value]
    if value is None or isinstance(value, str | bool | int):
        return value
    value = float(value)
    if math.isnan(value):
        return None
    if math.isinf(value):
        return "inf" if value > 0 else "-inf"
    short = float(f"{value:.{digits}g}")
    return int(short) if short == int(short) and abs(short) < 1e6 else short


def text(vectors, seed):
    """The file: one vector a line."""
    lines = [json.dumps(vector, separators=(",", ":"), allow_nan=False) for vector in vectors]
    return f'{{"seed":{seed},"vectors":[\n' + ",\n".join(lines) + "\n]}\n"
