"""What was assumed before the evidence: every prior, in readers' units too, and every size that no source gives."""

from __future__ import annotations

from pooling.priors import NAMES

from reporting.findings import with_links
from reporting.forest_rows import pooled_on, reader_scale
from reporting.markup import bullets, floating, number, table, to_html
from reporting.material import Analysis, Material, Row
from reporting.origin import origin
from reporting.sentences import worth

#: Share of the prior's standard deviation of tau from which the evidence says almost nothing about it.
ALMOST_NOTHING = 0.8
_DIGITS = {"points": 1, "sd": 2}


def fragment(m: Material) -> str:
    """Priors by scale, what they come to in each analysis, assumptions in words; empty without an identified effect."""
    analyses = [analysis for analysis in m.analyses() if m.identified(analysis.name)]
    if not analyses:
        return ""
    told = [_reliability(m), _sizes(m, analyses), _spread(m, analyses)]
    return _priors(m, analyses) + _table(m, analyses) + bullets([text for text in told if text]) + _reasons(m, analyses)


def _priors(m: Material, analyses: list[Analysis]) -> str:
    """Families and widths on the scale of the model."""
    say, rows = m.language.say, []
    for scale in dict.fromkeys(pooled_on(m, analysis) for analysis in analyses):
        prior = m.settings["priors"][NAMES[scale]]
        mu = {"family": "normal", **prior["mu"]}
        rows.append([say(f"assumed.scale.{scale}"), _family(m, mu), _family(m, prior["tau"])])
    columns = [say(f"assumed.prior_columns.{c}", site=m.sites_noun(2)) for c in ("scale", "mu", "tau")]
    caption = say("assumed.prior_caption") + origin(m, "manifest")
    return floating("tbl-priors-scale", table(columns, rows), caption)


def _family(m: Material, prior: dict) -> str:
    """A prior in words: family and parameters."""
    values = [
        m.language.say("assumed.parameter", name=m.language.word("assumed.parameters", name), value=_plain(m, value))
        for name, value in prior.items()
        if name != "family"
    ]
    return ", ".join([m.language.word("assumed.family", prior["family"]), *values])


def _plain(m: Material, value: float) -> str:
    """A setting with the digits it has."""
    digits = len(str(value).partition(".")[2].rstrip("0"))
    return m.language.decimal(value, digits)


def _table(m: Material, analyses: list[Analysis]) -> str:
    """Average and differences between sites, before and after, with control level and smallest effect."""
    say = m.language.say
    names = ("analysis", "average", "before", "after", "left", "level", "smallest")
    columns = [say(f"assumed.columns.{c}") for c in names]
    body = table(columns, [_cells(m, analysis) for analysis in analyses], numeric=range(1, 7))
    return floating(
        "tbl-assumed", body, say("assumed.caption", sites=m.sites_noun(2)) + origin(m, "summary", "outcomes")
    )


def _cells(m: Material, analysis: Analysis) -> list[str]:
    first = m.identified(analysis.name)[0]
    prior = m.estimate(analysis.name, "average", "prior", component=first["component"])
    before, after = (_tau(m, analysis, stage) for stage in ("prior", "posterior"))
    outcome = m.outcomes[analysis.outcome]
    level = outcome.get("control_level")
    return [
        m.title(analysis),
        _average(m, prior) if prior else "",
        _spread_of(m, analysis, before),
        _spread_of(m, analysis, after),
        f"{m.language.decimal(_left(before, after), 0, 100)}%" if before and after else "",
        f"{_plain(m, float(level))}%" if level else "–",
        worth(m, analysis.outcome),
    ]


def _average(m: Material, prior: Row) -> str:
    """Interval of the average effect before the evidence."""
    ends = [to_html(number(m.language, prior, column, digits=_DIGITS[prior["unit"]])) for column in ("lower", "upper")]
    return m.language.say("finding.range", lower=ends[0], upper=ends[1])


def _tau(m: Material, analysis: Analysis, stage: str) -> Row | None:
    return next(m.rows("summary", analysis=analysis.name, estimand="tau", engine="exact", stage=stage), None)


def _spread_of(m: Material, analysis: Analysis, tau: Row | None) -> str:
    """Median and interval of the differences between sites as a change from the control level."""
    if tau is None:
        return ""
    digits = 1 if m.outcomes[analysis.outcome]["scale"] == "share" else 2
    middle, lower, upper = (
        m.language.decimal(reader_scale(m, analysis, tau.value(column)), digits)
        for column in ("median", "lower", "upper")
    )
    return m.language.say(
        "assumed.middle", middle=middle, range=m.language.say("finding.range", lower=lower, upper=upper)
    )


def _left(before: Row, after: Row) -> float:
    return after.value("sd") / before.value("sd")


def _spread(m: Material, analyses: list[Analysis]) -> str:
    """How much of what was uncertain about differences between sites the evidence leaves."""
    pairs = [(_tau(m, analysis, "prior"), _tau(m, analysis, "posterior")) for analysis in analyses]
    left = [_left(before, after) for before, after in pairs if before and after]
    if not left:
        return ""
    key = "nothing" if min(left) >= ALMOST_NOTHING else "little" if max(left) >= ALMOST_NOTHING else "much"
    low, high = (m.language.decimal(value, 0, 100) for value in (min(left), max(left)))
    return m.language.say(f"assumed.spread.{key}", sites=m.sites_noun(2), low=low, high=high)


def _reliability(m: Material) -> str:
    """Chance that a source is wrong, and how its statements then scatter."""
    given = m.settings["statements"]
    return m.language.say(
        "assumed.reliability",
        site=m.sites_noun(1),
        epsilon=m.language.decimal(given["epsilon"], 0, 100),
        kappa=_plain(m, given["kappa"]),
        z_crit=_plain(m, given["z_crit"]),
    )


def _sizes(m: Material, analyses: list[Analysis]) -> str:
    """How many of the pooled rows rest on group sizes that no source gives, and what is assumed for them."""
    rows = m.tables["estimates"]
    split = [row for row in rows if row["se_basis"] == "equal_split"]
    parts = [m.language.say("assumed.sizes.known")]
    if split:
        sizes = [
            row.value("n_treated") for row in split if " " not in row["arms"]
        ]  # one group, and not several jointly
        key = "some" if len(split) < len(rows) else "all"
        parts = [m.language.say(f"assumed.sizes.{key}", n=len(rows), k=len(split), site=m.sites_noun(1))]
        if sizes:
            low, high = (m.language.decimal(round(size), 0) for size in (min(sizes), max(sizes)))
            parts.append(m.language.say("assumed.sizes.range", low=low, high=high))
    response = m.settings["sizes"]["response"]
    if response < 1 and any(
        m.outcomes[row["outcome"]]["scale"] == "score" for row in m.rows("summary", estimand="tau")
    ):
        parts.append(m.language.say("assumed.sizes.response", share=m.language.decimal(response, 0, 100)))
    return " ".join(parts)


def _reasons(m: Material, analyses: list[Analysis]) -> str:
    """Why these control levels and these smallest effects: the package's own words, once for each."""
    say, outcomes = m.language.say, dict.fromkeys(analysis.outcome for analysis in analyses)
    items = []
    for column, value in (("smallest_effect", worth), ("control_level", _level)):
        told: dict[tuple[str, str], list[str]] = {}
        for outcome in outcomes:
            if m.outcomes[outcome].get(column):
                why = m.own(m.outcomes[outcome], f"{column}_basis")
                told.setdefault((value(m, outcome), why), []).append(m.outcome(outcome))
        for (size, why), names in told.items():
            reason = with_links(m, why) if why else say("assumed.no_reason")
            items.append(say(f"assumed.{column}", size=size, list=m.language.listing(names), why=reason))
    return bullets(items) if items else ""


def _level(m: Material, outcome: str) -> str:
    return f"{_plain(m, float(m.outcomes[outcome]['control_level']))}%"
