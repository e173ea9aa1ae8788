"""What if results were kept back? A selection model for statements that were never made, and two extremes.

The model. Every treated arm that took part had a result. A result that was significantly favourable is told with
probability pi, any other with probability rho * pi, the same everywhere. So silence is evidence: an arm of which
nothing is heard has likelihood

    sum over what its result can have been of P(result | mu, tau) * (1 - probability of telling it),

together with what was told about its site, since arms share a control group and the deviation of their site. pi is
not known and has a uniform prior: how many were told informs it. At rho = 1 telling does not depend on the result and
silence says nothing: the primary analysis, exactly. The smaller rho, the more silence points away from favourable
results; at the limit rho = 0 it does so as far as this model can.

The two extremes leave the model and suppose the worst of every silent arm: its result was unfavourable and not
significant, or just unfavourable.

What it is not. It bounds what selection by significance and direction can do to the average. It does not say that
anything was kept back: some of the silent arms may never have been measured on this outcome, or were told of where
the ledger did not look. It takes statements that were made as told in full: that a source left out *how* significant
a result was, or who was asked, is not part of it. Arms whose components no pooled row is about are left out.

Prior art. The question "how strong must selection be" and its ratio (here 1/rho): Mathur and VanderWeele (2020),
Sensitivity analysis for publication bias in meta-analyses. Bounds given how many are missing: Copas and Jackson
(2004), A bound for publication bias based on the fraction of unpublished studies; for outcomes within studies that are
known to exist: Williamson and Gamble (2007), Application and investigation of a bound for outcome reporting bias, and
Copas, Dwan, Kirkham and Williamson (2014), A model-based correction for outcome reporting bias in meta-analysis, whose
likelihood for unreported outcomes has this form. New here is that most of what was told is itself a statement.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
from scipy.interpolate import PchipInterpolator

from pooling.exact.priors import Refused
from pooling.ledger import selection
from pooling.ledger.evidence import Evidence
from pooling.ledger.package import Package
from pooling.multiverse.likelihood import engine_sites
from pooling.running import tables
from pooling.sensitivity.gridded import Gridded, own_priors, unit
from pooling.sensitivity.silence import Silence, with_silence
from pooling.wording import likelihood

RHO = (1.0, 0.9, 0.75, 0.5, 0.25, 0.1, 0.0)
#: z-values of a silent arm's result in units of the critical value, for an outcome of which more is good.
EXTREMES = {"unfavourable_not_significant": (-1.0, 0.0), "unfavourable": (-np.inf, 0.0)}
#: Silent arms of one site: each doubles the number of integrals.
MOST_ARMS = 8
#: Posterior probability of the points at which the likelihood of silence is not worked out.
NEGLIGIBLE = 1e-8
#: Nodes for pi; exact for as many told and silent arms together as twice this number.
MOST_NODES = 40
NUMBERS = ("mean", "lower", "upper", "prob_positive", "prob_increase", "prob_decrease")
COLUMNS = [
    "analysis", "outcome", "horizon", "component", "case", "rho", "told", "silent", "silent_sites", "elsewhere",
    "counted", "aside", "unit", *NUMBERS, "prob_gain", "prob_harm", "word", "flip_rho", "reason",
]  # fmt: skip


class Unheard:
    """Likelihood of silence on the grid of an analysis.

    Parameters
    ----------
    grid
        The analysis on its grid.
    silence
        The same analysis with its silent arms.
    good
        Which way an effect is good: higher, lower or neutral (then any significant result is favourable).

    Raises
    ------
    pooling.exact.Refused
        If a site has too many silent arms.
    """

    def __init__(self, grid: Gridded, silence: Silence, good: str):
        self._grid, self._silence, self._good = grid, silence, good
        self._place: dict[str, list[int]] = {}
        for r in silence.silent:
            self._place.setdefault(silence.joint.rows[r].site, []).append(r)
        most = max(map(len, self._place.values()), default=0)
        if most > MOST_ARMS:
            raise Refused(f"a site has {most} silent arms; at most {MOST_ARMS} can be added over")
        self._kept = self._worthwhile()
        self._parts = self._not_favourable()

    def _worthwhile(self) -> np.ndarray:
        """Which points of the grid, flattened, carry the posterior; at the others silence is not worked out."""
        weights = np.concatenate([np.zeros_like(self._grid.log_likelihood[:1]), self._grid.posterior()]).ravel()
        order = np.sort(weights)
        return weights > order[np.searchsorted(np.cumsum(order), NEGLIGIBLE)]

    def _at(self, log_likelihood: np.ndarray) -> np.ndarray:
        """A log likelihood at the points kept."""
        return np.broadcast_to(log_likelihood, self._grid.log_likelihood.shape).ravel()[self._kept]

    def _with_bounds(self, ends: tuple[float, float], chosen: Sequence[int]) -> Evidence:
        """The rows, with bounds (in units of the critical value) on the chosen silent arms."""
        evidence = self._silence.joint
        sign = -1 if self._good == "lower" else 1
        low, high = sorted(end * sign for end in ends)
        kept = [
            replace(row, lower=low * row.z_crit * row.se, upper=high * row.z_crit * row.se) if r in chosen else row
            for r, row in enumerate(evidence.rows)
        ]
        return replace(evidence, rows=tuple(kept))

    def _not_favourable(self) -> dict[str, np.ndarray]:
        """For every site with silent arms, (k + 1, points): probability of n given ones not favourable, over all which.

        The n-th line adds up P(told and these n not favourable) / P(told) over the sets of n silent arms.
        """
        ends = (-1.0, 1.0) if self._good == "neutral" else (-np.inf, 1.0)
        parts = {site: [0.0] * (len(rows) + 1) for site, rows in self._place.items()}
        most = max((len(rows) for rows in self._place.values()), default=0)
        for pattern in product((False, True), repeat=most):
            chosen = [r for rows in self._place.values() for r, used in zip(rows, pattern) if used]
            for site in engine_sites(self._with_bounds(ends, chosen)):
                k = len(self._place.get(site.label, ()))
                if k and not any(pattern[k:]):
                    count = sum(pattern[:k])
                    parts[site.label][count] = parts[site.label][count] + np.exp(self._at(self._grid.of(site)))
        return {site: np.array(found) / found[0] for site, found in parts.items()}

    def log_ratio(self, rho: float) -> np.ndarray:
        """Log likelihood of silence at this rho beside what was told, on the grid, up to a constant."""
        told, silent = len(self._silence.told.rows), len(self._silence.silent)
        x, w = np.polynomial.legendre.leggauss(min((told + silent) // 2 + 1, MOST_NODES))
        pi = 0.5 + 0.5 * x
        favourable, other = 1 - pi, 1 - rho * pi
        # silence of an arm: favourable + (other - favourable) * P(not favourable); all that was told is constant
        share = favourable / other
        value = np.ones((pi.size, 1))
        for parts in self._parts.values():
            n = np.arange(len(parts))
            value = value * ((share[:, None] ** (len(parts) - 1 - n) * (1 - share[:, None]) ** n) @ parts)
        constant = np.log(w) + told * np.log(pi) + silent * np.log(other)
        found = np.log(np.exp(constant - constant.max()) @ value)
        out = np.zeros(self._grid.log_likelihood.shape)
        out.ravel()[self._kept] = found - found.max()
        return out

    def extreme(self, case: str) -> np.ndarray:
        """Log likelihood of the worst case beside what was told."""
        ends = EXTREMES[case]
        sites = engine_sites(self._with_bounds(ends, self._silence.silent))
        told = {site.label: self._grid.of(site) for site in self._grid.sites}
        return sum(self._grid.of(site) - told.get(site.label, 0.0) for site in sites if site.label in self._place)


def bound(grid: Gridded, silence: Silence, outcome: Mapping[str, Any], level: float) -> pd.DataFrame:
    """Answers at every rho and at the extremes.

    Returns
    -------
    pandas.DataFrame
        One row a component and case: `case` is `told` (rho = 1), `selected` or one of `EXTREMES`; `word` is the
        word for the chance of a rise; `flip_rho`, on the row `told`, the largest rho below one at which that
        word is another one (missing if it never is).
    """
    unheard = Unheard(grid, silence, outcome["good"])
    cases = [("told" if rho == 1 else "selected", rho, unheard.log_ratio(rho)) for rho in RHO]
    cases += [(case, np.nan, unheard.extreme(case)) for case in EXTREMES]
    weights = [grid.posterior(more=more) for *_, more in cases]
    about = {
        "told": len(silence.told.rows),
        "silent": len(silence.silent),
        "silent_sites": len({silence.joint.rows[r].site for r in silence.silent}),
        "elsewhere": silence.elsewhere,
        "counted": silence.counted,
        "aside": silence.aside,
        "unit": unit(grid.evidence),
        "reason": "",
    }
    frames = []
    for j, component in enumerate(grid.evidence.components):
        read = grid.reader(j, outcome, level).read(np.array([grid.line(w, j) for w in weights]))
        frame = pd.DataFrame({name: read[name] for name in NUMBERS}).assign(component=component, **about)
        frame["case"], frame["rho"] = [case for case, *_ in cases], [rho for _, rho, _ in cases]
        up, down = (
            ("prob_decrease", "prob_increase") if outcome["good"] == "lower" else ("prob_increase", "prob_decrease")
        )
        if outcome["good"] != "neutral":
            frame["prob_gain"], frame["prob_harm"] = frame[up], frame[down]
        chances = frame["prob_positive"].clip(0.0, 1.0)
        frame["word"] = [likelihood(p) for p in chances]
        frame.loc[0, "flip_rho"] = flip(RHO, chances[: len(RHO)])
        frames.append(frame)
    return pd.concat(frames, ignore_index=True)


def flip(rho: Sequence[float], chance: Sequence[float]) -> float:
    """Largest rho at which the word for a chance is not the one at rho = 1; NaN if there is none.

    Between the values of rho the chance is interpolated (monotone cubic, to about 0.01 in rho).
    """
    rho, chance = np.asarray(rho, dtype=float), np.asarray(chance, dtype=float)
    curve = PchipInterpolator(rho[::-1], chance[::-1])
    fine = np.linspace(1.0, 0.0, 1001)
    other = [likelihood(p) != likelihood(chance[0]) for p in np.clip(curve(fine), 0.0, 1.0)]
    other[0] = False
    return float(fine[other.index(True)]) if any(other) else float("nan")


def make(package: Package, settings: Mapping[str, Any], digits: int, path: str) -> None:
    """Write results/selection.csv: main analyses with silent arms; one that cannot be answered has its reason.

    All analyses count as main ones where none is named so.
    """
    chosen = selection.select(package, settings)
    some = any(analysis.main for analysis in chosen.analyses)
    outcomes = package.outcomes.set_index("outcome")
    frames = []
    for analysis in chosen.analyses:
        if analysis.name not in chosen.chosen or (some and not analysis.main):
            continue
        about = {"analysis": analysis.name, "outcome": analysis.outcome, "horizon": analysis.horizon}
        try:
            silence = with_silence(analysis, chosen, package, settings)
            if len(silence.told.sites) < 2 or not silence.silent:
                continue
            grid = Gridded(silence.told, own_priors(settings["priors"], silence.told))
            found = bound(grid, silence, outcomes.loc[analysis.outcome], settings["level"])
        except ValueError as error:
            found = pd.DataFrame([{"reason": str(error)}])
        frames.append(found.assign(**about))
    table = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()
    tables.write_csv(table.reindex(columns=COLUMNS), path, digits)
