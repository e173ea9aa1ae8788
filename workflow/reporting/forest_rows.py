"""What a forest plot shows: per site the arms with raw evidence and shrunken estimate, then the averages."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist

from reporting import groups
from reporting.language import opening
from reporting.markup import to_plain
from reporting.material import Analysis, Material, Row


@dataclass(frozen=True)
class Span:
    """An interval with an optional middle, on the reader's scale; ends may be infinite."""

    lower: float
    upper: float
    middle: float | None = None
    inner: tuple[float, float] | None = None


@dataclass(frozen=True)
class Line:
    """One row of the plot."""

    label: str
    style: str
    raw: Span | None = None
    posterior: Span | None = None
    prior: Span | None = None
    chance: str = ""
    series: int | None = None
    evidence: Row | None = None
    estimate: Row | None = None

    @property
    def is_number(self) -> bool:
        """Whether the evidence is an estimate with a standard error."""
        return self.evidence is not None and self.evidence["kind"] == "number"


@dataclass(frozen=True)
class Group:
    """Lines that belong together: the arms of one site (tied by their control), averages, predictions."""

    label: str
    lines: tuple[Line, ...]
    tied: bool = False
    identifier: str = ""


@dataclass(frozen=True)
class Forest:
    """All groups of one analysis with the unit and the smallest effect worth having."""

    unit: str
    delta: float | None
    groups: tuple[Group, ...]

    @property
    def lines(self) -> list[Line]:
        """Every line of every group."""
        return [line for group in self.groups for line in group.lines]

    def pooled(self) -> Forest:
        """Averages and predictions only, for where there is no room for all sites."""
        return Forest(self.unit, self.delta, tuple(group for group in self.groups if not group.identifier))


def build(m: Material, analysis: Analysis) -> Forest:
    """Collect the rows of one analysis in the package's order of sites, arms and components."""
    averages = m.identified(analysis.name)
    unit = averages[0]["unit"] if averages else "points"
    rows, posteriors = defaultdict(list), defaultdict(dict)
    for row in m.rows("estimates", analysis=analysis.name):
        rows[row["municipality"]].append(row)
    for row in m.estimates(analysis.name, "site"):
        posteriors[row["municipality"]][row["arm"]] = row
    groups = [_site(m, analysis, site, rows[site], posteriors[site]) for site in m.municipalities]
    noun = m.language.say("forest.predict", site=m.sites_noun(1))
    for estimand, label in (("average", m.language.say("forest.average")), ("new", noun)):
        lines = [_component(m, analysis, estimand, row["component"]) for row in averages]
        groups.append(Group(to_plain(label), tuple(line for line in lines if line)))
    delta = averages[0].value("delta") if averages else None
    return Forest(unit, delta, tuple(group for group in groups if group.lines))


def pooled_on(m: Material, analysis: Analysis) -> str:
    """Scale of the model on which an analysis was pooled: `arcsine`, `difference` or `smd`."""
    if m.outcomes.get(analysis.outcome, {}).get("scale") != "share":
        return "smd"
    asked = m.settings.get("analyses") or ()
    entry = next((a for a in asked if (a["outcome"], a["horizon"]) == (analysis.outcome, analysis.horizon)), {})
    return entry.get("scale") or "arcsine"


def reader_scale(m: Material, analysis: Analysis, value: float | None) -> float | None:
    """A value of estimates.csv on the scale readers use.

    Shares are pooled as arcsine differences and shown in percentage points at the outcome's control level,
    100 (sin²(arcsin √p + δ) − p); plain differences of shares are shown in points, scores as they are.
    """
    if value is None:
        return None
    scale = pooled_on(m, analysis)
    if scale == "smd" or math.isinf(value):
        return value
    if scale == "difference":
        return 100 * value
    level = float(m.outcomes[analysis.outcome]["control_level"]) / 100
    angle = min(max(math.asin(math.sqrt(level)) + value, 0.0), math.pi / 2)
    return 100 * (math.sin(angle) ** 2 - level)


def stands_for(m: Material, row: Row) -> tuple[float | None, float | None]:
    """Ends of what a row of estimates.csv stands for: of a number its interval, of a statement the one it names."""
    if row["kind"] != "number":
        return row.value("lower"), row.value("upper")
    half = NormalDist().inv_cdf(0.5 + m.level / 2) * row.value("se")
    return row.value("y") - half, row.value("y") + half


def _site(m: Material, analysis: Analysis, site: str, rows: list[Row], posteriors: Mapping[str, Row]) -> Group:
    single = {row["arms"]: row for row in rows if " " not in row["arms"]}
    several = [row for row in rows if " " in row["arms"]]
    lines = [_together(m, analysis, row, posteriors.get("+".join(row["arms"].split()))) for row in several]
    for arm in m.site_arms(site):
        if arm in single or arm in posteriors:
            lines.append(_arm(m, analysis, site, arm, single.get(arm), posteriors.get(arm)))
    return Group(to_plain(m.site(site)), tuple(lines), tied=len(lines) > 1, identifier=site)


def _arm(m: Material, analysis: Analysis, site: str, arm: str, raw: Row | None, estimate: Row | None) -> Line:
    label = m.arm_text(site, arm)
    if raw is not None and raw.get("versus") == "others":
        label += " " + to_plain(m.language.say("forest.versus_others"))
    return Line(
        label=label,
        style="arm",
        raw=_raw(m, analysis, raw) if raw else None,
        posterior=_span(estimate) if estimate else None,
        chance=_chance(m, estimate),
        series=_series(m, m.arms[site, arm].get("components", "")),
        evidence=raw,
        estimate=estimate,
    )


def _chance(m: Material, estimate: Row | None) -> str:
    return m.language.percent(estimate["prob_positive"]) + "%" if estimate else ""


def _together(m: Material, analysis: Analysis, row: Row, estimate: Row | None) -> Line:
    return Line(
        label=opening(groups.name(m, row["municipality"], row["arms"].split())),
        style="arm",
        raw=_raw(m, analysis, row),
        posterior=_span(estimate) if estimate else None,
        chance=_chance(m, estimate),
        evidence=row,
        estimate=estimate,
    )


def _component(m: Material, analysis: Analysis, estimand: str, component: str) -> Line | None:
    row = m.estimate(analysis.name, estimand, component=component)
    if row is None:
        return None
    prior = m.estimate(analysis.name, estimand, "prior", component=component)
    return Line(
        label=to_plain(m.component(component, start=True)),
        style="average" if estimand == "average" else "predict",
        posterior=_span(row),
        prior=_span(prior) if prior else None,
        chance=_chance(m, row),
        series=_series(m, component),
        estimate=row,
    )


def _series(m: Material, components: str) -> int | None:
    """Number of the colour of one component; combinations have none of their own."""
    known = list(m.components)
    return known.index(components) + 1 if components in known else None


def _raw(m: Material, analysis: Analysis, row: Row) -> Span:
    """The published number with its interval, or the interval that a statement stands for."""
    lower, upper = (reader_scale(m, analysis, end) for end in stands_for(m, row))
    return Span(
        -math.inf if lower is None else lower,
        math.inf if upper is None else upper,
        reader_scale(m, analysis, row.value("y")) if row["kind"] != "interval" else None,
    )


def _span(row: Row) -> Span:
    inner = (row.value("q25"), row.value("q75"))
    return Span(row.value("lower"), row.value("upper"), row.value("median"), inner if None not in inner else None)
