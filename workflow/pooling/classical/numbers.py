"""The numbers of an analysis, pooled classically, to stand beside its Bayesian answer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from pooling.classical.pool import pool
from pooling.classical.result import Result
from pooling.ledger.evidence import Evidence

#: What stands beside: common effect, DerSimonian-Laird, REML with Knapp and Hartung's standard errors.
BESIDE = (("EE", False), ("DL", False), ("REML", True))


@dataclass(frozen=True)
class Numbers:
    """Rows of one analysis that are numbers of one arm against the control.

    `y` (k,), `V` (k, k), `X` (k, p) over `components`, `sites` (k,) and `rows` (k,) as names.
    """

    analysis: str
    components: tuple[str, ...]
    y: np.ndarray
    V: np.ndarray
    X: np.ndarray
    sites: tuple[str, ...]
    rows: tuple[str, ...]

    @property
    def several(self) -> bool:
        """Whether a site has more than one row."""
        return len(set(self.sites)) < len(self.sites)

    def pool(self, method: str, knapp_hartung: bool = False) -> Result:
        """Pool them; see `pooling.classical.pool`."""
        if self.several:
            return pool(self.y, V=self.V, X=self.X, groups=self.sites, method=method, knapp_hartung=knapp_hartung)
        return pool(self.y, np.diag(self.V), self.X, groups=self.sites, method=method, knapp_hartung=knapp_hartung)


def numbers(evidence: Evidence) -> Numbers:
    """Numbers of an analysis; statements, rounded percentages and contrasts of several arms are left out.

    The classical model knows no intervals, and its heterogeneity ½(I + 11') is that of single arms
    against the control.
    """
    keep = [i for i, row in enumerate(evidence.rows) if row.kind == "number" and _own_arm(row.weights)]
    chosen = [evidence.rows[i] for i in keep]
    if evidence.covariance is not None:
        V = np.array(evidence.covariance)[np.ix_(keep, keep)]
    else:
        V = np.array([[_shared(a, b) for b in chosen] for a in chosen]).reshape(len(keep), len(keep))
    X = np.array([row.design for row in chosen]).reshape(len(keep), len(evidence.components))
    used = [k for k in range(X.shape[1]) if X[:, k].any()]
    return Numbers(
        evidence.analysis,
        tuple(evidence.components[k] for k in used),
        np.array([row.y for row in chosen]),
        V,
        X[:, used],
        tuple(row.site for row in chosen),
        tuple(row.row for row in chosen),
    )


def table(evidences: list[Evidence], level: float = 0.95) -> pd.DataFrame:
    """Classical answers for each analysis, component and method of `BESIDE`.

    Parameters
    ----------
    evidences
        The pooled rows of each analysis.
    level
        Probability of the intervals.

    Returns
    -------
    pandas.DataFrame
        Columns as in `COLUMNS`: method (with `+KH`), rows and sites, estimates and intervals on
        the scale of the analysis; `note` says why there are no numbers. Analyses without numbers have no
        rows here.
    """
    records = []
    for evidence in evidences:
        found = numbers(evidence)
        if not found.rows:
            continue
        for method, knapp_hartung in BESIDE:
            head = {
                "analysis": found.analysis,
                "method": method + ("+KH" if knapp_hartung else ""),
                "rows": len(found.rows),
                "sites": len(set(found.sites)),
            }
            try:
                records += _answers(found.pool(method, knapp_hartung), head, found.components, level)
            except ValueError as error:
                records += [{**head, "component": name, "note": str(error)} for name in found.components]
    return pd.DataFrame(records, columns=COLUMNS)


COLUMNS = [
    *("analysis", "component", "method", "rows", "sites", "estimate", "se", "lower", "upper", "p"),
    *("tau2", "tau2_lower", "tau2_upper", "I2", "Q", "Q_df", "Q_p", "prediction_lower", "prediction_upper"),
    "note",
]


def _answers(fit: Result, head: dict, components: tuple[str, ...], level: float) -> list[dict]:
    ends, new = fit.interval(level), fit.prediction_interval(level=level)
    spread = fit.tau2_interval(level) if fit.df else (np.nan, np.nan)
    return [
        {
            **head,
            "component": name,
            "estimate": fit.estimates[k],
            "se": fit.ses[k],
            "lower": ends[k, 0],
            "upper": ends[k, 1],
            "p": fit.p_values[k],
            "tau2": fit.tau2,
            "tau2_lower": spread[0],
            "tau2_upper": spread[1],
            "I2": fit.I2,
            "Q": fit.Q,
            "Q_df": fit.df,
            "Q_p": fit.Q_p_value,
            "prediction_lower": new[k, 0],
            "prediction_upper": new[k, 1],
            "note": "",
        }
        for k, name in enumerate(components)
    ]


def _own_arm(weights: tuple[float, ...]) -> bool:
    return weights[0] == -1 and sorted(weights[1:])[-1:] == [1] and sum(map(abs, weights)) == 2


def _shared(a, b) -> float:
    """Sampling covariance of two rows: what the arms they both rest on contribute."""
    if a.site != b.site:
        return 0.0
    return float(np.dot(np.multiply(a.weights, b.weights), a.arm_variances))
