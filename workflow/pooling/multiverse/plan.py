"""From choices to a list of specifications that differ, each a number for every site, a grid and a prior.

Specifications that come to the same thing (an option that changes nothing here, a prior of tau under a common
effect) are found here and run once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from pooling.ledger.choices import Choice, applicable
from pooling.ledger.package import Package
from pooling.ledger.selection import Analysis
from pooling.multiverse import design
from pooling.multiverse.design import Specifications
from pooling.multiverse.likelihood import combines
from pooling.multiverse.variants import SILENT, Maker, Variant

#: Changes on which it depends with which comparisons a site is heard, what rows they become, who is heard at all.
HEARD = ("coding", "reading", "statements", "precedence", "instead", "moment", "non_randomised", "without_source")
SHAPED = ("arms", "sizes", "control_level", "non_randomised", "reading", "statements")
WANTED = ("programme", "sensitivity_sites")
#: Name of an analysis' scale in the priors of the configuration.
PRIOR = {"arcsine": "share", "difference": "difference", "smd": "score"}
#: Rounds of sampling after which a budget is given up: what is left is nearly all alike.
ROUNDS = 8


@dataclass(frozen=True)
class Plan:
    """Specifications of one analysis.

    Attributes
    ----------
    table
        One row a specification asked for: `spec`, `same_as` (number of the specification that comes to the
        same thing, itself if none did before), `block`, one column for each choice with the option's name,
        `left_out`, `without_source`, and what the engine needs: `frame`, `tau`, `mu`, `epsilon`, `kappa`,
        `by_component`, `factor` (on the control level), `variants`.
    problem
        What the engine needs to know about the analysis.
    variants
        What the sites say.
    drawn
        Specifications of the sample that came to the same thing as others and were dropped.
    """

    table: pd.DataFrame
    problem: dict[str, Any]
    variants: list[Variant]
    drawn: int


def make(
    analysis: Analysis,
    choices: Sequence[Choice],
    package: Package,
    settings: Mapping[str, Any],
    budget: int,
) -> Plan | None:
    """Plan one analysis; None where fewer than two sites speak.

    Parameters
    ----------
    choices
        All choices, as `choices.read` gives them.
    budget
        Most specifications to run, if the systematic ones are fewer.
    """
    outcomes = _outcomes(analysis, choices)
    choices = applicable(tuple(choices), package, analysis, outcomes)
    own = settings["priors"][PRIOR[analysis.scale]]
    maker = Maker(package, settings, analysis, outcomes, own["mu"]["sd"])
    primary = maker.of({})
    speaking = np.flatnonzero(primary != SILENT)
    if speaking.size < 2:
        return None
    sources = sorted(
        {row.source for n in primary[speaking] for block in maker.variants[n].blocks for row in block.rows}
    )
    coder = _Coder(choices, maker, sources, settings)
    asked = design.systematic(choices, speaking.tolist(), len(sources))
    keys, drawn = coder.keys(asked), 0
    systematic, missing = len(asked), budget - len(design.distinct(keys)[0])
    priors_ = [k for k, choice in enumerate(choices) if choice.change in ("mu", "tau")]
    for round_ in range(ROUNDS):
        if missing <= 0:
            break
        stream = f"{analysis.name}/{round_}"
        more = design.sample(choices, speaking.tolist(), 2 * missing, priors_, stream, settings["seed"])
        found = coder.keys(more)
        keep = _new(keys, found)
        unused = len(more) if len(keep) <= missing else int(keep[missing])
        keep = keep[:missing]
        drawn += unused - len(keep)
        asked = design.join([asked, _take(more, keep)])
        keys = np.concatenate([keys, found[keep]])
        missing -= len(keep)
    first, kind = design.distinct(keys)
    same_as = first[kind]
    table = _table(asked, same_as, choices, maker.sites, sources)
    for name, column in coder.engine(asked).items():
        table[name] = column
    level = package.outcomes.set_index("outcome").loc[analysis.outcome]
    problem = {
        "analysis": analysis.name,
        "scale": analysis.scale,
        "sites": list(maker.sites),
        "components": list(package.components["component"]),
        "smallest_effect": float(level["smallest_effect"]),
        "good": str(level["good"]),
        "control_level": float(level["control_level"]) / 100 if pd.notna(level["control_level"]) else None,
        "prior": own,
        "tau": [o.change.get("tau", {}) for o in coder.options("tau")],
        "mu": [o.change.get("mu", {}) for o in coder.options("mu")],
        "frames": coder.frames(),
        "systematic": systematic,
        "speaking": speaking.size,
        "choices": [_told(choice) for choice in choices],
    }
    return Plan(table, problem, maker.variants, drawn)


def _outcomes(analysis: Analysis, choices: Sequence[Choice]) -> tuple[str, ...]:
    more = [
        outcome
        for choice in choices
        for option in choice.options
        for outcome in option.change.get("instead", {}).get(analysis.outcome, ())
    ]
    return tuple(dict.fromkeys([analysis.outcome, *more]))


def _take(specifications: Specifications, which: np.ndarray) -> Specifications:
    return Specifications(*(part[which] for part in vars(specifications).values()))


def _new(known: np.ndarray, found: np.ndarray) -> np.ndarray:
    """Positions of rows that are neither known nor repeat an earlier one, in order."""
    both = np.concatenate([known, found])
    first, _ = design.distinct(both)
    return first[first >= len(known)] - len(known)


def _table(
    asked: Specifications,
    same_as: np.ndarray,
    choices: Sequence[Choice],
    sites: Sequence[str],
    sources: Sequence[str],
) -> pd.DataFrame:
    columns: dict[str, Any] = {"spec": np.arange(len(asked), dtype=np.int32), "same_as": same_as.astype(np.int32)}
    columns["block"] = pd.Categorical.from_codes(asked.block, design.BLOCKS)
    for k, choice in enumerate(choices):
        columns[choice.name] = pd.Categorical.from_codes(asked.codes[:, k], [o.name for o in choice.options])
    bits, code = np.unique(asked.left_out, return_inverse=True)
    names = [";".join(site for k, site in enumerate(sites) if int(bit) >> k & 1) for bit in bits]
    columns["left_out"] = pd.Categorical.from_codes(code, names)
    columns["without_source"] = pd.Categorical.from_codes(asked.source + 1, ["", *sources])
    return pd.DataFrame(columns)


def _told(choice: Choice) -> dict[str, Any]:
    options = [
        {"option": option.name, **{f"label_{k}": v for k, v in option.labels.items()}} for option in choice.options
    ]
    labels = {f"label_{k}": v for k, v in choice.labels.items()}
    return {"choice": choice.name, "kind": choice.kind, **labels, "options": options}


class _Coder:
    """Turns option numbers into what the engine needs, and into a key that is equal for equal problems."""

    def __init__(self, choices: Sequence[Choice], maker: Maker, sources: Sequence[str], settings: Mapping[str, Any]):
        self._choices, self._maker, self._sources, self._settings = choices, maker, sources, settings
        self._known: dict[tuple, Any] = {}

    def options(self, change: str):
        """Options of the choice that changes this, the primary one alone if there is no such choice."""
        found = [choice.options for choice in self._choices if choice.change == change]
        return found[0] if found else self._choices[0].options[:1]

    def _position(self, change: str) -> int | None:
        return next((k for k, c in enumerate(self._choices) if c.change == change), None)

    def _code(self, asked: Specifications, change: str) -> np.ndarray:
        k = self._position(change)
        return np.zeros(len(asked), dtype=np.int64) if k is None else asked.codes[:, k].astype(np.int64)

    def _values(self, asked: Specifications, pick, primary: float) -> np.ndarray:
        """A number that options may set, for each specification."""
        out = np.full(len(asked), float(primary))
        for k, choice in enumerate(self._choices):
            values = np.array([pick(option.change) for option in choice.options], dtype=float)
            if not np.isnan(values).all():
                chosen = values[asked.codes[:, k]]
                out = np.where(np.isnan(chosen), out, chosen)
        return out

    def engine(self, asked: Specifications) -> dict[str, Any]:
        """Columns of the plan for the engine."""
        made = self._made(asked)
        return {name: list(value) if name == "variants" else value for name, value in made.items()}

    def keys(self, asked: Specifications) -> np.ndarray:
        """Equal rows for specifications that come to the same thing."""
        made = self._made(asked)
        numbers = [made["frame"], made["tau"], made["mu"], made["by_component"]]
        floats = [made["epsilon"], made["kappa"], made["factor"]]
        return np.column_stack([*numbers, *(np.round(x * 1e6) for x in floats), made["variants"]]).astype(np.int64)

    def _made(self, asked: Specifications) -> dict[str, np.ndarray]:
        variants, classes, factor = self._spoken(asked)
        heterogeneity = [o.change.get("heterogeneity", "") for o in self.options("heterogeneity")]
        how = np.array(heterogeneity)[self._code(asked, "heterogeneity")]
        told, combined = self._properties(variants)
        epsilon = self._values(
            asked, lambda c: c.get("statements", {}).get("epsilon", np.nan), self._settings["statements"]["epsilon"]
        )
        kappa = self._values(
            asked, lambda c: c.get("statements", {}).get("kappa", np.nan), self._settings["statements"]["kappa"]
        )
        epsilon = np.where(told, epsilon, 0.0)
        common = how == "common"
        return {
            "frame": classes.astype(np.int64),
            "mu": self._code(asked, "mu"),
            "tau": np.where(common, len(self.options("tau")), self._code(asked, "tau")),
            "epsilon": epsilon,
            "kappa": np.where(epsilon > 0, kappa, 1.0),
            "by_component": (how == "component") & combined,
            "factor": factor,
            "variants": variants,
        }

    def _spoken(self, asked: Specifications) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """What each site says (S, sites), whether arms are classes, and the factor on the control level.

        Which comparisons a site is heard with, and what rows they become, depend on few options each; so both
        are looked up for those combinations of options only that differ in them.
        """
        heard, where = self._lookup(asked, HEARD, self._maker.heard)
        shape, how = self._lookup(asked, SHAPED, self._maker.shape)
        out = np.full((*heard[0].shape, len(asked)), SILENT, dtype=np.int32)
        heard = np.array(heard)
        for k in range(len(out)):
            out[k] = self._maker.variants_of(k, heard[where, k], shape, how)
        wanted, who = self._lookup(asked, WANTED, self._maker.wanted)
        gone = (asked.left_out >> np.arange(len(out))[:, None]) & 1
        out = np.where((gone == 1) | ~np.array(wanted)[who].T, SILENT, out)
        classes = np.array(["arms" in change for _, change in shape])[how]
        factor = np.array([change.get("control_level", 1.0) for _, change in shape])[how]
        return out.T, classes, factor

    def _lookup(self, asked: Specifications, keys: Sequence[str], make) -> tuple[list, np.ndarray]:
        """`make` of each combination of the options that change these keys, and its number for each specification."""
        which = [k for k, choice in enumerate(self._choices) if choice.change in keys]
        source = asked.source + 1 if "without_source" in keys else np.zeros(len(asked), dtype=np.int64)
        table = np.column_stack([asked.codes[:, which], source])
        first, place = design.distinct(table)
        made = []
        for kind in table[first].tolist():
            change: dict[str, Any] = {}
            for k, code in zip(which, kind[:-1]):
                for key, value in self._choices[k].options[code].change.items():
                    both = isinstance(value, dict) and key in change
                    change[key] = {**change[key], **value} if both else value
            if kind[-1]:
                change["without_source"] = self._sources[kind[-1] - 1]
            memo = (tuple(keys), tuple(kind))
            if memo not in self._known:
                self._known[memo] = make(change)
            made.append(self._known[memo])
        return made, place

    def _properties(self, variants: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Whether any site makes a statement that could be wrong; whether heterogeneity by component differs."""
        told = np.array([_tells(v) for v in self._maker.variants] + [False])
        combined = np.array([combines(v) for v in self._maker.variants] + [False])
        return told[variants].any(axis=1), combined[variants].any(axis=1)

    def frames(self) -> list[dict[str, Any]]:
        """What a grid is laid out for: arms as sums of their components, and as classes of their own."""
        return [self._reference(change) for change in ({}, {"arms": "classes"})]

    def _reference(self, change: Mapping[str, Any]) -> dict[str, Any]:
        numbers = [int(n) for n in self._maker.of(change) if n != SILENT]
        return {"reference": numbers, "columns": list(self._maker.components(change))}


def _tells(variant: Variant) -> bool:
    return any(row.epsilon > 0 for block in variant.blocks for row in block.rows)
