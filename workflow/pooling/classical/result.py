"""What a classical meta-analysis says."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from scipy import stats

from pooling.classical import heterogeneity
from pooling.classical.data import Data, Whitened
from pooling.classical.fit import at
from pooling.given import numbers


@dataclass(frozen=True)
class Contrast:
    """A combination of coefficients, or several: estimate, standard error, test and interval.

    Attributes
    ----------
    estimate, se
        (m,) values of the m combinations, and their standard errors.
    statistic, p_value
        (m,) z-values, or t-values after Knapp and Hartung, and two-sided p-values of no effect.
    lower, upper
        (m,) ends of the intervals.
    """

    estimate: np.ndarray
    se: np.ndarray
    statistic: np.ndarray
    p_value: np.ndarray
    lower: np.ndarray
    upper: np.ndarray


@dataclass(frozen=True)
class Result:
    """A fitted model; made by `pooling.classical.pool`.

    Attributes
    ----------
    data
        The checked input.
    method, knapp_hartung
        As asked for.
    tau2
        Variance between sites; zero for EE and at the boundary.
    estimates
        (p,) coefficients.
    covariance
        (p, p) covariance of the coefficients.
    scale
        Knapp and Hartung's factor on the covariance, 1 without it.
    """

    data: Data
    white: Whitened = field(repr=False)
    method: str
    knapp_hartung: bool
    tau2: float
    estimates: np.ndarray
    covariance: np.ndarray
    scale: float

    @property
    def ses(self) -> np.ndarray:
        """(p,) standard errors."""
        return np.sqrt(np.diag(self.covariance))

    @property
    def estimate(self) -> float | np.ndarray:
        """The average effect as a number where no design was given, else the (p,) coefficients."""
        return float(self.estimates[0]) if self.data.single else self.estimates

    @property
    def se(self) -> float | np.ndarray:
        """Standard error of `estimate`, in the same form."""
        return float(self.ses[0]) if self.data.single else self.ses

    @property
    def df(self) -> int:
        """Residual degrees of freedom, k − p."""
        return self.data.X.shape[0] - self.data.X.shape[1]

    @property
    def statistics(self) -> np.ndarray:
        """(p,) z-values, or t-values after Knapp and Hartung."""
        return self.estimates / self.ses

    @property
    def p_values(self) -> np.ndarray:
        """(p,) two-sided p-values of the coefficients being zero."""
        return self.contrast(np.eye(len(self.estimates))).p_value

    def interval(self, level: float = 0.95) -> np.ndarray:
        """Intervals (p, 2) of the coefficients; (2,) where no design was given.

        Raises
        ------
        ValueError
            If the level does not lie between 0 and 1.
        """
        found = self.contrast(np.eye(len(self.estimates)), level)
        ends = np.column_stack([found.lower, found.upper])
        return ends[0] if self.data.single else ends

    def contrast(self, rows, level: float = 0.95) -> Contrast:
        """Combinations of the coefficients.

        Parameters
        ----------
        rows
            (m, p) or (p,) weights of the coefficients; the design of a new row gives its expected effect.
        level
            Of the intervals.

        Returns
        -------
        Contrast

        Raises
        ------
        ValueError
            If the weights do not fit the coefficients or are all zero, or the level does not lie between 0 and 1.
        """
        rows = self._rows(rows)
        if not rows.any(axis=1).all():
            raise ValueError("a combination of weights zero is always zero; give at least one other weight")
        estimate, se = rows @ self.estimates, self._se(rows)
        half = self._critical(level) * se
        statistic = estimate / se
        p_value = 2 * self._law.sf(np.abs(statistic))
        return Contrast(estimate, se, statistic, p_value, estimate - half, estimate + half)

    def prediction_interval(self, rows=None, level: float = 0.95) -> np.ndarray:
        """Where the true effect in a new site lies: estimate ± critical value · √(se² + τ²).

        Parameters
        ----------
        rows
            (m, p) or (p,) design of the new effects; None means each coefficient by itself.
        level
            Of the intervals.

        Returns
        -------
        numpy.ndarray
            (m, 2); (2,) where no design was given and no rows are asked for. The critical value is the
            normal one, after Knapp and Hartung that of t on k − p degrees of freedom (Riley, Higgins and
            Deeks 2011).

        Raises
        ------
        ValueError
            If the weights do not fit the coefficients, or the level does not lie between 0 and 1.
        """
        single = self.data.single and rows is None
        rows = self._rows(np.eye(len(self.estimates)) if rows is None else rows)
        centre = rows @ self.estimates
        half = self._critical(level) * np.sqrt(self._se(rows) ** 2 + self.tau2)
        ends = np.column_stack([centre - half, centre + half])
        return ends[0] if single else ends

    def tau2_interval(self, level: float = 0.95) -> tuple[float, float]:
        """Q-profile interval of the variance between sites (Viechtbauer 2007).

        Returns
        -------
        lower, upper
            Both zero where even no heterogeneity at all makes the estimates improbably alike.

        Raises
        ------
        ValueError
            If there are as many coefficients as rows, or the level does not lie between 0 and 1.
        """
        if self.df == 0:
            raise ValueError("as many coefficients as rows: nothing is left to judge the spread from")
        self._critical(level)
        return heterogeneity.profile_interval(self.white, level)

    @cached_property
    def _common(self):
        return at(self.white, 0.0)

    @property
    def Q(self) -> float:
        """Cochran's Q (with moderators: residual), generalised for full covariances."""
        return self._common.q

    @property
    def Q_p_value(self) -> float:
        """p-value of no heterogeneity; 1 where nothing is left to test."""
        return float(stats.chi2.sf(self.Q, self.df)) if self.df else 1.0

    @property
    def I2(self) -> float:
        """Share (0 to 1) of the variation that is between sites and not sampling error; 0 if df is 0.

        From τ² and the typical sampling variance (Higgins and Thompson 2002); for EE from Q.
        """
        return 1 - 1 / self.H2

    @property
    def H2(self) -> float:
        """Total variation over sampling variation, at least 1; 1 if df is 0."""
        if self.df == 0:
            return 1.0
        if self.method == "EE":
            return max(1.0, self.Q / self.df)
        return 1 + self.tau2 * self._common.trace / self.df

    @property
    def _law(self):
        return stats.t(self.df) if self.knapp_hartung else stats.norm

    def _critical(self, level: float) -> float:
        if not 0 < level < 1:
            raise ValueError(f"level is {level}; it must lie between 0 and 1, such as 0.95")
        return float(self._law.isf((1 - level) / 2))

    def _rows(self, rows) -> np.ndarray:
        rows = np.atleast_2d(numbers("rows", rows))
        if rows.ndim != 2 or rows.shape[1] != len(self.estimates) or not np.isfinite(rows).all():
            raise ValueError(f"each row must hold {len(self.estimates)} finite weights, one for each coefficient")
        return rows

    def _se(self, rows: np.ndarray) -> np.ndarray:
        return np.sqrt(np.einsum("ij,jk,ik->i", rows, self.covariance, rows))
