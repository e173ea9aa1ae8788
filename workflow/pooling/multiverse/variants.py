"""What each site says under each combination of choices about the evidence.

Many combinations leave most sites as they are. What a site says is therefore made once, kept as a numbered
variant, and a specification of the multiverse is just a number for each site.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from pooling.ledger import rows, selection
from pooling.ledger.comparisons import Comparison, code, compare
from pooling.ledger.evidence import Evidence
from pooling.ledger.package import Package
from pooling.ledger.selection import Analysis
from pooling.multiverse.reread import changed

#: Stands for "this site is silent".
SILENT = -1
#: Marks a group of rows whose comparison group was not drawn by lot.
OUTSIDE = " (not drawn by lot)"
#: Columns of the coding that shape no row.
_REMARKS = ("note", "adjudication", "adjudication_reason")


@dataclass(frozen=True)
class Variant:
    """What one site says: one block of rows for each control group, or why its rows cannot be made."""

    site: str
    blocks: tuple[Evidence, ...]
    fault: str = ""


class Maker:
    """Turns merged changes into a variant number for each site of one analysis.

    Parameters
    ----------
    package, settings
        The data package and the configuration.
    analysis
        The analysis.
    outcomes
        Outcomes whose claims may be used under any option.
    prior_sd
        Standard deviation of the prior of mu, the unit of a bias.
    """

    def __init__(
        self,
        package: Package,
        settings: Mapping[str, Any],
        analysis: Analysis,
        outcomes: tuple[str, ...],
        prior_sd: float,
    ):
        self._whole, self._settings, self._analysis = package, settings, analysis
        self._outcomes, self._prior_sd = outcomes, prior_sd
        sites = package.municipalities[package.municipalities["kind"].eq("site")].set_index("municipality")
        self._roles, self._programmes = sites["role"].to_dict(), sites["programme"].to_dict()
        self.sites = tuple(site for site, role in self._roles.items() if role in ("primary", "sensitivity"))
        about_arms = package.readings[package.readings["table"].eq("arms")]
        self._arm_readings = set(zip(about_arms["reading"], about_arms["key"].str.split().str[0]))
        self.variants: list[Variant] = []
        self._packages: dict[str, Package] = {}
        self._comparisons: dict[str, dict] = {}
        self._read: dict[str, dict] = {}
        self._unusable = selection.Unusable(package, ("primary", "sensitivity"))
        self._usable: dict[tuple, bool] = {}
        self._equal: dict[tuple[Comparison, ...], tuple[Comparison, ...]] = {}
        self._kept: dict[tuple, tuple[Comparison, ...]] = {}
        self._numbers: dict[tuple, int] = {}
        self._made: dict[tuple, int] = {}
        self._spoken: dict[tuple[tuple, tuple], int] = {}
        self._known: dict[str, int] = {}

    def of(self, change: Mapping[str, Any]) -> np.ndarray:
        """Variant number of each site in `sites`, `SILENT` where it says nothing, under merged changes."""
        heard = np.where(self.wanted(change), self.heard(change), SILENT)
        one, shapes = np.zeros(1, dtype=np.int64), [self.shape(change)]
        return np.array([self.variants_of(k, heard[k : k + 1], shapes, one)[0] for k in range(len(heard))])

    def heard(self, change: Mapping[str, Any]) -> np.ndarray:
        """Number of the set of comparisons with which each site is heard, `SILENT` without any."""
        found = np.full(len(self.sites), SILENT, dtype=np.int32)
        by_lot = self._first(change, lot=True)
        outside = self._first(change, lot=False) if "non_randomised" in change else {}
        for k, site in enumerate(self.sites):
            own = by_lot.get(site, ())
            spoken = {arm for one in own for arm in one.arms}
            more = tuple(one for one in outside.get(site, ()) if not spoken & set(one.arms))
            if own or more:
                found[k] = self._spoken.setdefault((own, more), len(self._spoken))
        return found

    def wanted(self, change: Mapping[str, Any]) -> np.ndarray:
        """Whether each site takes part."""
        return np.array([self._wanted(site, change) for site in self.sites])

    @staticmethod
    def shape(change: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
        """Changes that shape rows, with a name by which equal ones are known."""
        return _key(change), change

    def variants_of(
        self, site: int, heard: np.ndarray, shapes: Sequence[tuple[str, Mapping[str, Any]]], which: np.ndarray
    ) -> np.ndarray:
        """Variant numbers of one site.

        Parameters
        ----------
        site
            Position in `sites`.
        heard
            Numbers of sets of comparisons, (S,).
        shapes
            Changes that shape rows, as `shape` gives them.
        which
            Position in them, (S,).
        """
        name, spoken = self.sites[site], list(self._spoken)
        pairs, inverse = np.unique(heard.astype(np.int64) * len(shapes) + which, return_inverse=True)
        found = np.full(len(pairs), SILENT, dtype=np.int32)
        for n, pair in enumerate(pairs.tolist()):
            number, position = divmod(pair, len(shapes))
            if number >= 0:
                known, change = shapes[position]
                key = (site, number, known)
                if key not in self._numbers:
                    self._numbers[key] = self._variant(name, *spoken[number], change)
                found[n] = self._numbers[key]
        return found[inverse.ravel()]

    def components(self, change: Mapping[str, Any]) -> tuple[str, ...]:
        """Columns of the design under these changes."""
        return tuple(self._package(change, lot=True).components["component"])

    def _wanted(self, site: str, change: Mapping[str, Any]) -> bool:
        if self._roles[site] == "sensitivity" and "sensitivity_sites" not in change:
            return False
        return self._programmes[site] == change["programme"] if "programme" in change else True

    def _first(self, change: Mapping[str, Any], lot: bool) -> dict[str, tuple[Comparison, ...]]:
        """Per site, its comparisons about the first question, in order of preference, that it speaks about."""
        own = (self._analysis.outcome, self._analysis.horizon)
        other = {"end": "after", "after": "end"}[own[1]]
        outcomes = [own[0], *change.get("instead", {}).get(own[0], ())]
        horizons = [own[1], other] if "moment" in change else [own[1]]
        told = self._told(change, lot)
        precedence = {**self._settings["precedence"], **change.get("precedence", {})}
        order = _key(precedence)
        found: dict[str, tuple[Comparison, ...]] = {}
        for question in [(outcome, horizon) for outcome in outcomes for horizon in horizons]:
            for site, candidates in told.get(question, {}).items():
                if site not in found:
                    key = (id(candidates), question[1], order)
                    if key not in self._kept:
                        chosen = selection._prefer(list(candidates), precedence, question[1], self._whole.sources)[0]
                        self._kept[key] = tuple(chosen)
                    found[site] = self._kept[key]
        return found

    def _told(self, change: Mapping[str, Any], lot: bool) -> dict[tuple[str, str], dict[str, tuple]]:
        """Usable comparisons of every question and site."""
        part = {key: change[key] for key in ("coding", "reading", "without_source") if key in change}
        key = _key([part, _rules(change), lot])
        if key not in self._comparisons:
            package = self._package(part, lot)
            coded = package.coding[[c for c in package.coding if c not in _REMARKS]].to_csv(index=False)
            content = _key([coded, change.get("without_source"), _rules(change), lot])
            if content not in self._read:
                z_crit = _merge(self._settings, _rules(change))["statements"]["z_crit"]
                made, _ = compare(package.claims, code(package.claims, package.coding, z_crit))
                self._read[content] = self._sorted(made)
            self._comparisons[key] = self._read[content]
        return self._comparisons[key]

    def _sorted(self, made: list[Comparison]) -> dict[tuple[str, str], dict[str, tuple]]:
        found: dict[tuple[str, str], dict[str, tuple]] = {}
        for one in made:
            subject = (one.site, one.arms, one.versus)
            if subject not in self._usable:
                self._usable[subject] = self._unusable.reason(one) is None
            if self._usable[subject]:
                by_site = found.setdefault((one.outcome, one.horizon), {})
                by_site[one.site] = (*by_site.get(one.site, ()), one)
        # equal sets of comparisons are one object, so that from here on they are known by their identity
        return {
            question: {site: self._equal.setdefault(candidates, candidates) for site, candidates in by_site.items()}
            for question, by_site in found.items()
        }

    def _package(self, change: Mapping[str, Any], lot: bool) -> Package:
        wanted = ("coding", "reading", "arms", "without_source", "control_level")
        part = {key: change[key] for key in wanted if key in change}
        key = _key([part, lot])
        if key not in self._packages:
            self._packages[key] = changed(self._whole, part, self._outcomes, lot)
        return self._packages[key]

    def _variant(self, site: str, own: tuple, more: tuple, change: Mapping[str, Any]) -> int:
        part = {name: change[name] for name in ("arms", "sizes") if name in change}
        if "reading" in change and (change["reading"], site) in self._arm_readings:
            part["reading"] = change["reading"]
        if "control_level" in change and (
            self._analysis.scale == "difference" or any(one.kind == "number" for one in own + more)
        ):
            part["control_level"] = change["control_level"]
        part |= {"non_randomised": change["non_randomised"]} if more else {}
        key = (site, own, more, _key([part, _rules(change)]))
        if key not in self._made:
            variant = self._build(site, own, more, {**part, **_rules(change)})
            content = _key([variant.fault, [_numbers(block) for block in variant.blocks]])
            if content not in self._known:
                self._known[content] = len(self.variants)
                self.variants.append(variant)
            self._made[key] = self._known[content]
        return self._made[key]

    def _build(self, site: str, own: tuple, more: tuple, change: Mapping[str, Any]) -> Variant:
        settings = _merge(self._settings, {"sizes": change.get("sizes", {}), **_rules(change)})
        # any probability will do: it only marks the rows to which the choice of one applies
        settings["statements"] |= {"epsilon": 0.5, "kappa": 1.0}
        blocks = []
        try:
            for comparisons, lot in [(own, True)] * bool(own) + [(more, False)] * bool(more):
                package = self._package(change, lot)
                made, _ = rows.build(self._analysis, list(comparisons), package, settings)
                if made.rows:
                    made = _widened(made, tuple(package.components["component"]))
                    blocks.append(made if lot else self._biased(made, change["non_randomised"]))
        except ValueError as error:
            return Variant(site, (), str(error))
        return Variant(site, tuple(blocks))

    def _biased(self, made: Evidence, bias: Mapping[str, float]) -> Evidence:
        """Rows against a group that was not drawn by lot: their common bias is one more error of that group.

        A bias N(b, s) of all rows of a site moves their estimates by b and adds s^2 to the variance that
        they share. Statements keep their z-values, which the source computed without any bias.
        """
        sd = bias["sd"] * self._prior_sd
        good = self._whole.outcomes.set_index("outcome").loc[self._analysis.outcome, "good"]
        shift = bias["mean"] * self._prior_sd * (-1 if good == "lower" else 1)
        changed = []
        for row in made.rows:
            control, *rest = row.arm_variances
            variances = (control + sd**2, *rest)
            changed.append(
                replace(
                    row,
                    row=row.row + OUTSIDE,
                    site=row.site + OUTSIDE,
                    y=row.y - shift,
                    lower=row.lower - shift,
                    upper=row.upper - shift,
                    se=float(np.sqrt(np.square(row.weights) @ variances)),
                    arm_variances=variances,
                )
            )
        return replace(made, rows=tuple(changed), covariance=None)


def _rules(change: Mapping[str, Any]) -> dict[str, Any]:
    """Changes of the rules for statements that shape the rows; reliability does not."""
    given = {k: v for k, v in change.get("statements", {}).items() if k not in ("epsilon", "kappa")}
    return {"statements": given} if given else {}


def _key(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=str)


def _numbers(block: Evidence) -> list:
    """All of a block that reaches the engine."""
    return [
        [asdict(row)[name] for name in ("site", "y", "lower", "upper", "se", "z_lower", "z_upper", "epsilon",
                                        "source", "design", "weights", "arm_variances")]
        for row in block.rows
    ] + [block.covariance]  # fmt: skip


def _merge(settings: Mapping[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **settings,
        "statements": {**settings["statements"], **change.get("statements", {})},
        "sizes": {**settings["sizes"], **change.get("sizes", {})},
        "precedence": {**settings["precedence"], **change.get("precedence", {})},
    }


def _widened(made: Evidence, components: tuple[str, ...]) -> Evidence:
    """Designs over all components, also those of which this site does not speak."""
    place = [components.index(name) for name in made.components]
    changed = []
    for row in made.rows:
        design = np.zeros(len(components))
        design[place] = row.design
        changed.append(replace(row, design=tuple(design.tolist())))
    return replace(made, components=components, rows=tuple(changed))
