"""Results per outcome: sentences, forest plot, the table behind it."""

from __future__ import annotations

from statistics import NormalDist

from reporting import forest_svg
from reporting.bias import at_moment, measured
from reporting.escape import clean, safe, slug
from reporting.findings import line_cells, small_print, weighed
from reporting.forest_rows import Forest, Line, build
from reporting.heard import also
from reporting.markup import bullets, details, floating, heading, on_paper, table, to_plain
from reporting.material import Analysis, Material, Row
from reporting.origin import origin
from reporting.sentences import counts, effect, elsewhere, unknown, vague_sizes, worth


def fragment(m: Material) -> str:
    """One part for each analysis with an identified component; then what could not be pooled."""
    say = m.language.say
    parts = [_analysis(m, analysis) for analysis in m.analyses() if m.identified(analysis.name)]
    rest = [text for text in (_no_average(m), _single(m)) if text]
    if not parts and not rest:
        return ""
    head = heading(2, say("forest.heading"), "sec-results")
    unprinted = on_paper(say("forest.paper", site=m.sites_noun(1)))
    intro = f"\n{key(m)}\n\n{_order(m)} {_counted(m)}\n{unprinted}" if parts else ""
    return head + intro + "".join(parts) + "".join(f"\n{text}\n" for text in rest)


def key(m: Material) -> str:
    """What the marks of a figure mean, for the kinds of evidence that there are, and what they stand for (Markdown)."""
    say, rows = m.language.say, m.tables["estimates"]
    marks = [say(f"forest.marks.{kind}") for kind in ("number", "rounded", "interval") if _any(rows, kind)]
    return f"{say('forest.intro', marks='; '.join(marks), sites=m.sites_noun(2))}\n\n{stands_for_means(m)}"


def stands_for_means(m: Material) -> str:
    """What the column `stands for` means, for the kinds of evidence that there are (Markdown)."""
    say, rows = m.language.say, [row for row in m.tables["estimates"] if row["kind"] != "number"]
    numbers = say("forest.stands_number") if _any(m.tables["estimates"], "number") else ""
    if not rows:
        return numbers
    assumed = sum(row["se_basis"] == "equal_split" for row in rows)
    how = "none" if not assumed else "all" if assumed == len(rows) else "most" if 2 * assumed > len(rows) else "some"
    said = say("forest.stands", site=m.sites_noun(1), sizes=say(f"forest.assumed.{how}"))
    return f"{said} {numbers}".strip()


def _any(rows: list[Row], kind: str) -> bool:
    return any(row["kind"] == kind for row in rows)


def _order(m: Material) -> str:
    """Which outcomes are main and stand first, and which follow; empty where all are main."""
    groups: dict[bool, dict[str, str]] = {True: {}, False: {}}
    for analysis in m.analyses():
        if m.identified(analysis.name):
            link = f"[{m.outcome(analysis.outcome)}](#sec-{slug(analysis.name)})"
            groups[analysis.main].setdefault(analysis.outcome, link)
    if not all(groups.values()):
        return ""
    main, others = (m.language.listing(list(groups[kind].values())) for kind in (True, False))
    return m.language.say("forest.order", main=main, others=others)


def _counted(m: Material) -> str:
    """What the simple count beside each answer counts; empty where there is none."""
    say = m.language.say
    if not any(counts(m, analysis) for analysis in m.analyses() if m.identified(analysis.name)):
        return ""
    others = any(row["versus"] == "others" for row in m.tables["estimates"])
    return say("forest.counted", site=m.sites_noun(1)) + (f" {say('forest.counted_others')}" if others else "")


def _analysis(m: Material, analysis: Analysis) -> str:
    forest = build(m, analysis)
    stem = slug(analysis.name)
    sentences = [effect(m, analysis, row) for row in m.identified(analysis.name)]
    rest = "\n\n".join(text for text in (unknown(m, analysis), *at_moment(m, analysis.horizon)) if text)
    aside = " ".join(text for text in _asides(m, analysis) if text)
    drawings = "\n".join(
        forest_svg.draw(forest, words(m, analysis, forest), layout, f"fig-{stem}")
        for layout in (forest_svg.WIDE, forest_svg.NARROW)
    )
    caption = m.language.say(
        "forest.caption", title=m.title(analysis), unit=m.language.word("forest.unit", forest.unit)
    )
    caption += _calculated(m, analysis) + origin(m, "summary", "estimates", analysis=analysis.name)
    return (
        heading(3, m.title(analysis), f"sec-{stem}")
        + bullets(sentences)
        + (f"\n{rest}\n" if rest else "")
        + (f"\n::: {{.small}}\n\n{aside}\n\n:::\n" if aside else "")
        + also(m, analysis)
        + floating(f"fig-{stem}", drawings, caption)
        + _table(m, analysis, forest)
    )


def _asides(m: Material, analysis: Analysis) -> tuple[str, ...]:
    """What stands in small print below the sentences about an outcome."""
    return _people_above(m, analysis), measured(m, analysis), elsewhere(m, analysis), counts(m, analysis)


def _people_above(m: Material, analysis: Analysis) -> str:
    """What the smallest effect worth having means for people, where it is a number of standard deviations."""
    row = m.identified(analysis.name)[0]
    if row["unit"] != "sd" or row.value("delta") is None:
        return ""
    above = m.language.decimal(NormalDist().cdf(row.value("delta")), 0, 100)
    return m.language.say("sentence.people_above", delta=worth(m, analysis.outcome), n=above)


def _calculated(m: Material, analysis: Analysis) -> str:
    """End of a caption: which sizes are shown that are no finding."""
    vague = vague_sizes(m, analysis)
    return " " + m.language.say("sentence.size_is_calculated", list=m.language.listing(vague)) if vague else ""


def words(m: Material, analysis: Analysis, forest: Forest) -> forest_svg.Words:
    """Texts of one drawing."""
    say = m.language.say
    title = to_plain(m.title(analysis))
    unit = m.language.word("forest.unit", forest.unit)
    return forest_svg.Words(
        title=clean(say("forest.svg_title", title=title)),
        desc=clean(_description(m, analysis, forest)),
        lower=say("forest.lower"),
        higher=say("forest.higher"),
        chance=say("forest.chance"),
        axis=say("forest.axis", unit=unit),
        tick=lambda value: m.language.decimal(value, 0 if value == int(value) else 1 if forest.unit == "points" else 2),
    )


def _description(m: Material, analysis: Analysis, forest: Forest) -> str:
    """What the picture shows: each average with its interval, and what it is made from."""
    digits = 1 if forest.unit == "points" else 2
    parts = [
        m.language.say(
            "forest.desc_component",
            component=line.label,
            p=line.chance.removesuffix("%"),
            lower=m.language.decimal(line.estimate["lower"], digits),
            upper=m.language.decimal(line.estimate["upper"], digits),
            unit=m.language.word("forest.unit", forest.unit),
        )
        for line in forest.lines
        if line.style == "average"
    ]
    rows = list(m.rows("estimates", analysis=analysis.name))
    sites = len({row["municipality"] for row in rows})
    numbers = sum(row["kind"] != "interval" for row in rows)
    parts.append(
        m.language.say(
            "forest.desc_sites", n=sites, sites=to_plain(m.sites_noun(sites)), rows=len(rows), numbers=numbers
        )
    )
    return " ".join(parts) + to_plain(_calculated(m, analysis))


def _table(m: Material, analysis: Analysis, forest: Forest) -> str:
    say = m.language.say
    columns = [
        say(f"forest.columns.{c}") for c in ("row", "raw", "raw_range", "median", "interval", "chance", "claims")
    ]
    rows = []
    for group in forest.groups:
        for line in group.lines:
            cells = line_cells(m, analysis, line)
            if _is_calculated(m, line):
                cells[2] += small_print(say("finding.calculated"))
            rows.append([f"{safe(group.label)}: {safe(line.label)}", *cells])
            if line.prior and line.style == "average":
                rows.append([*_prior(m, analysis, line), ""])
    body = table(columns, rows, numeric=(2, 3, 4, 5))
    stem = slug(analysis.name)
    caption = say("forest.table_caption", title=m.title(analysis), unit=m.language.word("forest.unit", forest.unit))
    caption += _calculated(m, analysis) + origin(m, "summary", "estimates", analysis=analysis.name)
    return details(say("forest.table"), floating(f"tbl-{stem}", body, caption), printed=False)


def _is_calculated(m: Material, line: Line) -> bool:
    """Whether a line shows the size of an average, or of a new site, that is no finding."""
    if line.style == "arm" or line.estimate is None:
        return False
    average = m.estimate(line.estimate["analysis"], "average", component=line.estimate["component"])
    return average is not None and not average.true("magnitude")


def _prior(m: Material, analysis: Analysis, line: Line) -> list[str]:
    row = m.estimate(analysis.name, "average", "prior", component=line.estimate["component"])
    return [m.language.say("forest.prior_row", component=safe(line.label)), "", "", *weighed(m, row)]


def _no_average(m: Material) -> str:
    """Outcomes that were weighed although the average effect of no single measure is known."""
    items = []
    for analysis in m.analyses():
        sites = dict.fromkeys(m.site(row["municipality"]) for row in m.rows("estimates", analysis=analysis.name))
        if sites and not m.identified(analysis.name):
            items.append(
                f"{m.outcome(analysis.outcome)} {m.horizon(analysis.horizon)} ({m.language.listing(list(sites))})"
            )
    return m.language.say("forest.no_average", list="; ".join(items)) if items else ""


def _single(m: Material) -> str:
    """Outcomes about which only one site speaks."""
    found = {}
    for row in m.rows("claims", reason="single_site"):
        found.setdefault((row["outcome"], row["horizon"]), row["municipality"])
    items = [
        f"{m.outcome(outcome)} {m.horizon(horizon)} ({m.site(site)})"
        for (outcome, horizon), site in sorted(found.items())
    ]
    return m.language.say("forest.single", site=m.sites_noun(1), list="; ".join(items)) if items else ""
