"""Answers to many specifications of one analysis: likelihoods multiplied, priors applied, densities read off."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from pooling.answers import summary
from pooling.exact.grid_fit import fit_grid
from pooling.ledger.informative import informative
from pooling.multiverse import frame as frames
from pooling.multiverse.likelihood import Likelihoods, as_told, engine_sites
from pooling.multiverse.marginals import Reader
from pooling.multiverse.posterior import Product, solve, summed_out
from pooling.multiverse.variants import SILENT, Variant

#: Shift of a mean (in sds), probability at an end and unresolved part of tau beyond which a specification gets
#: a grid of its own.
LIMITS = {"step_check": 0.1, "edge": 1e-4, "tau_check": 0.1}
#: Specifications read off together.
BATCH = 4000
#: What shapes the likelihood of a specification, beside what its sites say.
LIKELIHOOD = ("by_component", "epsilon", "kappa")
NUMBERS = ("mean", "sd", "lower", "upper", "prob_positive", "prob_increase", "prob_decrease")


class Analysis:
    """One analysis of the multiverse, ready to answer specifications.

    Parameters
    ----------
    problem
        What the plan says of it.
    variants
        What the sites say.
    level
        Probability of the intervals.
    informative_sites
        Sites that a component needs before its effect is reported.
    """

    def __init__(self, problem: Mapping[str, Any], variants: Sequence[Variant], level: float, informative_sites: int):
        self._problem, self._variants = problem, variants
        self._level, self._fewest = level, informative_sites
        self.components = tuple(problem["components"])
        own = problem["prior"]
        self._taus = [frames.tau_prior(own["tau"], change) for change in problem["tau"]]
        self._mus = [frames.mu_prior(own["mu"], change) for change in problem["mu"]]
        self._readers: dict[tuple[int, int, float], Reader] = {}
        self._frame_number = -1

    def place(self, number: int) -> frames.Frame:
        """Frame by its number in the plan."""
        if number != self._frame_number:
            given = self._problem["frames"][number]
            sites = [
                site for n in given["reference"] for block in self._variants[n].blocks for site in engine_sites(block)
            ]
            self._frame = frames.place(sites, self._mus, self._taus)
            self._likelihoods, self._product = Likelihoods(self._frame, self._variants), Product(self._frame)
            self._frame_number = number
            self._readers = {}
        return self._frame

    def answer(self, table: pd.DataFrame) -> Iterator[pd.DataFrame]:
        """Answers to specifications of the plan, frame by frame; those with one likelihood stand together.

        Yields
        ------
        pandas.DataFrame
            spec, component, sites, the columns of `NUMBERS`, tau (posterior median on the model's scale) and
            reason (empty, or why there are no numbers).
        """
        for number, own in table.groupby("frame", sort=True):
            self.place(int(number))
            variants = np.stack(own["variants"].to_numpy())
            alike = np.column_stack([own[list(LIKELIHOOD)].to_numpy(dtype=float), variants])
            starts = group_starts(alike)
            columns = [own[name].to_numpy() for name in ("spec", "tau", "mu", "factor")]
            waiting: list[_Line] = []
            for start, stop in zip(starts, [*starts[1:], len(own)]):
                by_component, epsilon, kappa = alike[start, :3]
                numbers = [int(n) for n in variants[start] if n != SILENT]
                told = (numbers, epsilon, kappa, bool(by_component))
                waiting += self._group(told, *(column[start:stop] for column in columns))
                if len(waiting) >= BATCH:
                    yield self._read(waiting)
                    waiting = []
            if waiting:
                yield self._read(waiting)

    def _group(
        self, told: tuple, specs: np.ndarray, taus: np.ndarray, mus: np.ndarray, factors: np.ndarray
    ) -> list[_Line]:
        """Lines for all specifications with this likelihood, in their order."""
        sites, alone = self._identified(told[0])
        reasons = ["few_sites" if n < self._fewest else "" if own else "not_identified" for n, own in zip(sites, alone)]
        reported = [j for j in range(len(self.components)) if not reasons[j]]
        answers = self._answers(told, taus, mus) if reported else {}
        lines = []
        for spec, tau, mu, factor in zip(specs.tolist(), taus.tolist(), mus.tolist(), factors.tolist()):
            for j in range(len(self.components)):
                line = _Line(spec, j, int(sites[j]), factor, reasons[j])
                if j in reported:
                    line.take(answers[tau, mu])
                lines.append(line)
        return lines

    def _answers(self, told: tuple, taus: np.ndarray, mus: np.ndarray) -> dict[tuple[int, int], _Answer | str]:
        """An answer for each pair of priors of tau and mu that is asked for, or why there is none."""
        numbers, *how = told
        keys = [(number, *how) for number in numbers]
        asked = set(zip(taus.tolist(), mus.tolist()))
        if len(self._frame.axes) == len(self.components):
            lots = [sorted({mu for _, mu in asked})]
        else:
            lots = [[mu] for mu in sorted({mu for _, mu in asked})]
        answers: dict[tuple[int, int], _Answer | str] = {}
        for lot in lots:
            own = sorted({tau for tau, mu in asked if mu in lot})
            try:
                if len(self._frame.axes) == len(self.components):
                    likelihood = self._product.of(keys, self._likelihoods.part)
                else:
                    parts = [self._likelihoods.part(key) for key in keys]
                    likelihood = summed_out(parts, self._frame, len(self.components), lot[0])
                found = solve(likelihood, self._frame, own, lot)
            except ValueError as error:
                answers |= {pair: str(error) for pair in asked if pair[1] in lot}
                continue
            good = np.all([getattr(found, name) <= limit for name, limit in LIMITS.items()], axis=0)
            medians = self._frame.tau_medians(found.tau.reshape(-1, self._frame.tau.size)).reshape(good.shape)
            for a, b in np.ndindex(good.shape):
                if (own[a], lot[b]) in asked:
                    answers[own[a], lot[b]] = (
                        _Answer(medians[a, b], [None if c is None else c[a, b] for c in found.coefficients])
                        if good[a, b]
                        else self._own_grid(told, own[a], lot[b])
                    )
        return answers

    def _identified(self, numbers: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
        """Sites that speak of each component, and whether it can be told from the others."""
        rows = [
            (row.design, n) for n in numbers for block in self._variants[n].blocks for row in block.rows if _says(row)
        ]
        design = np.array([own for own, _ in rows]).reshape(-1, len(self._frame.axes))
        return informative(design, [n for _, n in rows])

    def _own_grid(self, told: tuple, tau: int, mu: int) -> _Answer | str:
        """A fit of `pooling.exact` with a grid of its own, or why there is none."""
        numbers, epsilon, kappa, by_component = told
        prior = 0.0 if tau == len(self._taus) else self._taus[tau]
        try:
            sites = [
                as_told(site, block, epsilon, kappa)
                for n in numbers
                for block, site in self._likelihoods.sites(n, by_component)
            ]
            fit = fit_grid(sites, list(self._frame.mu_priors[mu]), frames.read_tau_prior(prior), False)
            return _Answer(float(fit.tau.quantile(0.5)), fit=fit)
        except ValueError as error:
            return str(error)

    def _read(self, lines: list[_Line]) -> pd.DataFrame:
        """Numbers of all lines; those on the same axis and scale together."""
        table = pd.DataFrame(
            {
                "spec": np.array([line.spec for line in lines], dtype=np.int32),
                "component": [self.components[line.component] for line in lines],
                "sites": np.array([line.sites for line in lines], dtype=np.int16),
                "tau": [line.tau for line in lines],
                "reason": [line.reason for line in lines],
            }
        )
        numbers = np.full((len(lines), len(NUMBERS)), np.nan)
        together: dict[tuple[int, float], list[int]] = {}
        for i, line in enumerate(lines):
            if line.weights is not None:
                together.setdefault((line.component, line.factor), []).append(i)
            elif line.fit is not None:
                numbers[i] = self._describe(line)
        for (j, factor), where in together.items():
            read = self._reader(j, factor).read(np.array([lines[i].weights for i in where]))
            numbers[where] = np.column_stack([read[name] for name in NUMBERS])
        return table.join(pd.DataFrame(numbers, columns=list(NUMBERS)))

    def _reader(self, j: int, factor: float) -> Reader:
        key = (self._frame_number, j, factor)
        if key not in self._readers:
            convert = self.convert(factor) or (lambda x: x)
            delta = self._problem["smallest_effect"]
            self._readers[key] = Reader(self._frame.axes[j], convert, delta, self._level)
        return self._readers[key]

    def convert(self, factor: float = 1.0) -> Callable | None:
        """Function from the model's scale to the readers' at a control level; None if they are the same."""
        if self._problem["scale"] == "arcsine":
            return partial(summary.points, min(self._problem["control_level"] * factor, 0.95))
        return partial(np.multiply, 100.0) if self._problem["scale"] == "difference" else None

    def _describe(self, line: _Line) -> list[float]:
        quantity = line.fit.mu[line.component]
        convert = self.convert(line.factor)
        reading = summary.Reading("", self._problem["smallest_effect"], "neutral", self._level)
        found = reading.describe(quantity if convert is None else quantity.transform(convert))
        return [found[name] for name in NUMBERS]


def group_starts(alike: np.ndarray) -> np.ndarray:
    """First line of each run of equal lines."""
    return np.flatnonzero(np.r_[True, (alike[1:] != alike[:-1]).any(axis=1)])


@dataclass(frozen=True)
class _Answer:
    """Median of tau, and either grid weights of each coefficient or a fit."""

    tau: float
    weights: Sequence[np.ndarray | None] = ()
    fit: Any = None


class _Line:
    """One component of one specification on its way to a row."""

    __slots__ = ("component", "factor", "fit", "reason", "sites", "spec", "tau", "weights")

    def __init__(self, spec: int, component: int, sites: int, factor: float, reason: str):
        self.spec, self.component, self.sites, self.factor, self.reason = spec, component, sites, factor, reason
        self.weights, self.fit, self.tau = None, None, np.nan

    def take(self, answer: _Answer | str) -> None:
        """Keep this component's part of an answer."""
        if isinstance(answer, str):
            self.reason = answer
            return
        self.tau, self.fit = answer.tau, answer.fit
        self.weights = answer.weights[self.component] if answer.fit is None else None


def _says(row) -> bool:
    """Whether a row says anything: a number, or an interval with at least one end."""
    return row.kind == "number" or np.isfinite(row.lower) or np.isfinite(row.upper)
