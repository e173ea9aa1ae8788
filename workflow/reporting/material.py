"""Everything the report is made from: the package's labels and the rows of the results tables."""

from __future__ import annotations

import csv
import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from reporting.escape import clean, safe
from reporting.language import Language, inline, opening

#: Columns that together single out one row of each results table.
KEYS = {
    "summary": (
        "analysis",
        "engine",
        "stage",
        "estimand",
        "component",
        "municipality",
        "arm",
        "unit",
    ),
    "counts": ("analysis", "component"),
    "agreement": ("analysis", "quantity"),
    "coding_agreement": ("claims", "field"),
    "concordance": ("benchmark",),
    "multiverse/curve": ("analysis", "component", "lot", "first"),
    "multiverse/options": ("analysis", "component", "choice", "option"),
    "multiverse/shares": ("analysis", "component", "quantity", "choice"),
    "multiverse/flips": ("analysis", "component", "conclusion"),
    "multiverse/influence": ("analysis", "component", "left_out"),
    "multiverse/without_source": ("analysis", "component", "source"),
    "multiverse/counts": ("analysis",),
    "calibration": ("study", "engine", "fingerprint", "kind", "quantity"),
    "priors": ("analysis", "component", "mu_prior", "tau_prior"),
    "power_scaling": ("analysis", "estimand", "component"),
    "predictive": ("analysis", "stage", "feature", "basis"),
    "selection": ("analysis", "component", "case", "rho"),
}


class Row(dict):
    """One row of a results table as text, which remembers its table."""

    def __init__(self, table: str, cells: Mapping[str, str]):
        super().__init__(cells)
        self.table = table

    def value(self, column: str) -> float | None:
        """Cell as a number, None where it is empty or absent."""
        text = self.get(column, "")
        return float(text) if text not in ("", None) else None

    def true(self, column: str) -> bool:
        """Whether the cell says true."""
        return str(self.get(column, "")).lower() == "true"

    def address(self) -> dict[str, str]:
        """The filled key columns of the row."""
        return {key: self[key] for key in KEYS[self.table] if self.get(key)}


@dataclass(frozen=True)
class Analysis:
    """One pooled question, as the report orders and names it."""

    name: str
    outcome: str
    horizon: str
    main: bool


@dataclass(frozen=True)
class Material:
    """Package labels and results in one place; a table that does not exist is an empty list."""

    language: Language
    settings: Mapping[str, Any]
    descriptor: Mapping[str, Any]
    components: Mapping[str, Mapping[str, str]]
    municipalities: Mapping[str, Mapping[str, str]]
    arms: Mapping[tuple[str, str], Mapping[str, str]]
    outcomes: Mapping[str, Mapping[str, str]]
    sources: Mapping[str, Mapping[str, str]]
    benchmarks: Mapping[str, Mapping[str, str]]
    contradictions: list[Mapping[str, str]]
    tables: Mapping[str, list[Row]]
    checks: Mapping[str, Any]
    manifest: Mapping[str, Any]
    results: Path

    @cached_property
    def _by_analysis(self) -> Mapping[tuple[str, str], list[Row]]:
        found: dict[tuple[str, str], list[Row]] = defaultdict(list)
        for name, rows in self.tables.items():
            for row in rows:
                found[name, row.get("analysis", "")].append(row)
        return found

    @cached_property
    def _arms_of(self) -> Mapping[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for site, arm in self.arms:
            found[site].append(arm)
        return found

    @cached_property
    def _claims(self) -> frozenset[str]:
        return frozenset(row["claim"] for row in self.tables["claims"])

    def named_claims(self, text: str) -> list[str]:
        """Ids of claims in a text, each once."""
        return list(dict.fromkeys(word for word in re.findall(r"[\w-]+", text) if word in self._claims))

    def site_arms(self, municipality: str) -> list[str]:
        """Arms of a site in the package's order."""
        return self._arms_of.get(municipality, [])

    def places(self) -> dict[str, str]:
        """Places that can be pooled, each with its study; a study of two members or more is no place itself."""
        studies = [s for s, row in self.municipalities.items() if row["kind"] == "site" and row["role"] == "primary"]
        members: dict[str, list[str]] = {study: [] for study in studies}
        for name, row in self.municipalities.items():
            if row["kind"] == "member" and row.get("part_of") in members:
                members[row["part_of"]].append(name)
        return {
            name: study for study, parts in members.items() for name in (parts if len(parts) > 1 else [study, *parts])
        }

    def rows(self, table: str, **where: str) -> Iterator[Row]:
        """Rows of a results table whose cells equal what is asked."""
        rows = self._by_analysis.get((table, where["analysis"]), []) if "analysis" in where else self.tables[table]
        for row in rows:
            if all(row.get(column, "") == value for column, value in where.items()):
                yield row

    def estimates(self, analysis: str, estimand: str, stage: str = "posterior", **where: str) -> list[Row]:
        """Rows of summary.csv by the exact engine on the scale readers use."""
        found = self.rows("summary", analysis=analysis, estimand=estimand, stage=stage, engine="exact", **where)
        return [row for row in found if row.get("unit") in ("points", "sd")]

    def estimate(self, analysis: str, estimand: str, stage: str = "posterior", **where: str) -> Row | None:
        """The one such row, or None."""
        return next(iter(self.estimates(analysis, estimand, stage, **where)), None)

    def analyses(self) -> list[Analysis]:
        """Analyses with results: the main ones first, else in the order of the settings or the package."""
        names = {(row["outcome"], row["horizon"]): row["analysis"] for row in self.tables["summary"]}
        asked = [(a["outcome"], a["horizon"], bool(a.get("main"))) for a in self.settings.get("analyses") or ()]
        if not any(main for *_, main in asked):
            asked = [(outcome, horizon, True) for outcome in self.outcomes for horizon in ("end", "after")]
        found = [Analysis(names[o, h], o, h, main) for o, h, main in asked if (o, h) in names]
        return sorted(found, key=lambda analysis: not analysis.main)

    def identified(self, analysis: str) -> list[Row]:
        """Average rows that may be reported, in the order of the package's components."""
        rows = {row["component"]: row for row in self.estimates(analysis, "average") if row.true("identified")}
        return [rows[component] for component in self.components if component in rows]

    # --- names, escaped -------------------------------------------------------------------------------
    def component(self, component: str, start: bool = False) -> str:
        """Label of a component, for the middle or the start of a sentence."""
        label = self.language.label(self.components.get(component), component)
        return safe(opening(label) if start else inline(label))

    def outcome(self, outcome: str, start: bool = False) -> str:
        """Label of an outcome, for the middle or the start of a sentence."""
        label = self.language.label(self.outcomes.get(outcome), outcome)
        return safe(opening(label) if start else inline(label))

    def change(self, outcome: str, way: str, short: Callable[[str], str] = clean) -> str:
        """A `rise` or a `fall` of an outcome, for the middle of a sentence; in the package's words where it has any.

        `short` shortens what the package calls it.
        """
        row = self.outcomes.get(outcome) or {}
        if own := row.get(f"{way}_{self.language.code}"):
            return safe(short(own))
        label = inline(self.language.label(row, outcome))
        return self.language.say(f"sentence.{way}", outcome=safe(short(label)))

    def site(self, municipality: str) -> str:
        """Name of a municipality."""
        return safe(self.own(self.municipalities.get(municipality, {}), "name") or municipality)

    def arm(self, municipality: str, arm: str) -> str:
        """Label of an arm."""
        return safe(self.arm_text(municipality, arm))

    def arm_text(self, municipality: str, arm: str) -> str:
        """Label of an arm, cleaned and not escaped (for SVG text)."""
        return opening(self.language.label(self.arms.get((municipality, arm)), arm))

    def own(self, row: Mapping[str, str], column: str) -> str:
        """Text of a package row: in the page's language where it has that, else the only one (not escaped)."""
        return row.get(f"{column}_{self.language.code}") or row.get(column) or ""

    def told(self, row: Mapping[str, str], column: str) -> str:
        """Finding, caveat or locator of a claim; marked as the package's language where it is not the page's."""
        text, spoken = safe(self.own(row, column)), self.foreign(row, column)
        return f'<span lang="{safe(spoken)}">{text}</span>' if text and spoken else text

    def foreign(self, row: Mapping[str, str], column: str) -> str:
        """Code of the package's language where a claim's text is in that one and not in the page's; else nothing."""
        spoken = str(self.descriptor.get("finding_language") or self.language.code)
        return "" if spoken == self.language.code or row.get(f"{column}_{self.language.code}") else spoken

    def source(self, source: str) -> str:
        """Publisher (or title) and year of a source, or its id (not escaped)."""
        row = self.sources.get(source, {})
        named = self.own(row, "publisher") or self.own(row, "title") or source
        return ", ".join(part for part in (named, self.own(row, "year")) if part)

    def horizon(self, horizon: str) -> str:
        """Words for a horizon."""
        return self.language.word("horizon", horizon)

    @property
    def level(self) -> float:
        """Probability of the intervals."""
        return float(self.settings["level"])

    def heading(self) -> str:
        """Title of the package in this language, cleaned and not escaped; the only one where there is no other."""
        given = self.descriptor
        return clean(given.get(f"title_{self.language.code}") or given.get("title") or "")

    def day(self) -> str:
        """Day of the version that made the results, in words; empty where it is not known."""
        day = str(self.manifest.get("day") or "")
        return self.language.day(day) if day else ""

    def address(self) -> str:
        """Address at which the package says it can be found (not escaped); empty without one."""
        return clean(self.descriptor.get("homepage") or "")

    def title(self, analysis: Analysis) -> str:
        """Outcome and moment of an analysis, for a heading."""
        return f"{self.outcome(analysis.outcome, start=True)}, {self.horizon(analysis.horizon)}"

    def effect(self, component: str, outcome: str, horizon: str) -> str:
        """Name of an average effect: component, outcome and moment."""
        return f"{self.component(component, start=True)}, {self.outcome(outcome)} {self.horizon(horizon)}"

    def sites_noun(self, n: int) -> str:
        """What the package calls a site, for a number of them."""
        given = (self.descriptor.get("site_noun") or {}).get(self.language.code)
        one, many = given or (self.language.say("site.one"), self.language.say("site.other"))
        return safe(one if n == 1 else many)


def load(results: str | Path, package: Any, settings: Mapping[str, Any], language: str) -> Material:
    """Gather what the report needs.

    Parameters
    ----------
    results
        Folder with summary.csv and its neighbours; tables that are absent count as empty.
    package
        What `pooling.ledger.package.read` returns.
    settings
        The validated configuration.
    language
        `en` or `nl`.
    """
    results = Path(results)
    names = ("estimates", "claims", "calibration_ranks", *KEYS)

    def table(name: str) -> list[dict[str, str]]:
        frame = package.printed.get(name)
        return [] if frame is None else [{k: clean(v) for k, v in row.items()} for row in frame.to_dict("records")]

    return Material(
        language=Language(language, settings["level"]),
        settings=settings,
        descriptor=package.descriptor,
        components={row["component"]: row for row in table("components")},
        municipalities={row["municipality"]: row for row in table("municipalities")},
        arms={(row["municipality"], row["arm"]): row for row in table("arms")},
        outcomes={row["outcome"]: row for row in table("outcomes")},
        sources={row["source"]: row for row in table("sources")},
        benchmarks={row["benchmark"]: row for row in table("benchmarks")},
        contradictions=table("contradictions"),
        tables={name: _read_csv(results / f"{name}.csv", name) for name in names},
        checks=_read_json(results / "checks.json"),
        manifest=_read_json(results / "manifest.json"),
        results=results,
    )


def _read_csv(path: Path, name: str) -> list[Row]:
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as handle:
        return [Row(name, row) for row in csv.DictReader(handle)]


def _read_json(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
