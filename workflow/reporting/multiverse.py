"""What every other way to decide the choices does to the answers, and what every site and source does."""

from __future__ import annotations

from collections.abc import Iterator
from html import unescape

from reporting import left_out
from reporting.escape import clean, safe
from reporting.markup import chance, details, floating, heading, number, table, to_html
from reporting.material import Analysis, Material, Row
from reporting.multiverse_svg import Strip, Words, draw
from reporting.origin import origin

Effect = tuple[Analysis, str]
#: So many choices that must be made otherwise are named; more are counted.
SPELT_OUT = 3


def fragment(m: Material) -> str:
    """Two curves, shares of variance, what must be believed, single sites and sources; empty without data."""
    effects = [
        (analysis, row["component"])
        for analysis in m.analyses()
        if analysis.main
        for row in m.identified(analysis.name)
        if _primary(m, (analysis, row["component"]))
    ]
    if not effects:
        return ""
    parts = [_figure(m, effects, "choices"), _moves(m, effects), _believe(m, effects), _figure(m, effects, "subsets")]
    return (
        heading(3, m.language.say("multiverse.heading"), "sec-multiverse")
        + _counted(m)
        + "".join(parts)
        + _single(m, effects)
    )


def _primary(m: Material, effect: Effect) -> Row | None:
    """Answer with every choice primary, as in the rest of the report; None where the multiverse was not run."""
    if next(_rows(m, "influence", effect), None) is None:
        return None
    rows = m.estimates(effect[0].name, "average", component=effect[1])
    return next((row for row in rows if row.get("mean")), None)


def _rows(m: Material, name: str, effect: Effect, **where: str) -> Iterator[Row]:
    return m.rows(f"multiverse/{name}", analysis=effect[0].name, component=effect[1], **where)


def _name(m: Material, effect: Effect) -> str:
    return m.effect(effect[1], effect[0].outcome, effect[0].horizon)


def _total(rows: list[Row], column: str) -> int:
    return sum(int(row.value(column) or 0) for row in rows)


def _counted(m: Material) -> str:
    """How many specifications there are; identical ones counted once, failures told."""
    rows, say = m.tables["multiverse/counts"], m.language.say
    names = ("asked", "alike", "different", "of_choices", "of_subsets", "of_both", "of_sources")
    shown = {name: _total(rows, name) for name in names}
    failed = _total(rows, "failed")
    text = say("multiverse.intro", **shown, site=m.sites_noun(1), sites=m.sites_noun(2))
    return f"\n{text} {say('multiverse.failed', n=failed) if failed else say('multiverse.none_failed')}\n"


def _figure(m: Material, effects: list[Effect], lot: str) -> str:
    """Specification curves of the effects, a drawing for each unit, and the table behind them."""
    say, drawings, cells, full = m.language.say, [], [], []
    for unit in ("points", "sd"):
        strips = []
        for effect in effects:
            rows = list(_rows(m, "curve", effect, lot=lot))
            if _unit(m, effect) != unit or not rows:
                continue
            if lot == "subsets" and _only_full(m, effect):
                full.append(effect)
                continue
            told, none = left_out.subsets(m, *effect) if lot == "subsets" else (rows, 0)
            strips.append(_strip(m, effect, rows, told))
            n = len(told) if lot == "subsets" else _total(rows, "n")
            cells.append(_range(m, effect, told, n, none))
        if strips:
            drawings.append(draw(strips, _words(m, lot, unit, cells[-len(strips) :]), f"fig-multiverse-{lot}-{unit}"))
    head = heading(4, say(f"multiverse.{lot}.heading", sites=m.sites_noun(2)), f"sec-multiverse-{lot}")
    head += f"\n{say(f'multiverse.{lot}.intro', site=m.sites_noun(1), sites=m.sites_noun(2))}\n"
    if full:
        names = m.language.listing([_name(m, effect) for effect in full])
        head += f"\n{say('multiverse.only_full', list=names, sites=m.sites_noun(2))}\n"
    if not drawings:
        return head if full else ""
    body = table(
        [say(f"multiverse.range.{c}") for c in ("effect", "n", "mean", "chance", "primary")],
        cells,
        numeric=(1, 2, 3, 4),
    )
    caption = say(f"multiverse.{lot}.caption") + origin(m, "multiverse/curve", "multiverse/influence")
    return (
        head
        + floating(f"fig-multiverse-{lot}", "\n".join(drawings), caption)
        + details(say("multiverse.table"), floating(f"tbl-multiverse-{lot}", body, caption), printed=False)
    )


def _unit(m: Material, effect: Effect) -> str:
    row = m.estimate(effect[0].name, "average", component=effect[1])
    return row["unit"] if row else "points"


def _only_full(m: Material, effect: Effect) -> bool:
    return any(row.true("only_full_set") for row in m.rows("multiverse/counts", analysis=effect[0].name))


def _strip(m: Material, effect: Effect, rows: list[Row], told: list[Row]) -> Strip:
    """The curve of an effect, with its range of chances over what is `told` in the table."""
    primary = _primary(m, effect)
    answers = [tuple(row.value(c) for c in ("mean", "lower", "upper")) for row in rows]
    low, high = (m.language.percent(row["prob_positive"]) for row in _ends(told, "prob_positive"))
    shown = f"{low}–{high}%" if low != high else f"{low}%"
    own = tuple(primary.value(c) for c in ("mean", "lower", "upper"))
    return Strip(clean(unescape(_name(m, effect))), shown, answers, own)


def _ends(rows: list[Row], column: str) -> tuple[Row, Row]:
    """Rows with the lowest and the highest value."""
    ordered = sorted(rows, key=lambda row: row.value(column))
    return ordered[0], ordered[-1]


def _range(m: Material, effect: Effect, rows: list[Row], n: int, none: int) -> list[str]:
    """Cells of an effect: how many specifications, with how many without an answer, and the ends of their answers."""
    language, digits = m.language, 1 if _unit(m, effect) == "points" else 2
    means = [to_html(number(language, row, "mean", digits=digits)) for row in _ends(rows, "mean")]
    chances = [to_html(chance(language, row, "prob_positive")) for row in _ends(rows, "prob_positive")]
    span = [language.say("finding.range", lower=pair[0], upper=pair[1]) for pair in (means, chances)]
    primary = to_html(chance(language, _primary(m, effect), "prob_positive")) + "%"
    counted = language.say("multiverse.range.without", n=n, none=none) if none else language.decimal(n, 0)
    return [_name(m, effect), counted, span[0], f"{span[1]}%", primary]


def _words(m: Material, lot: str, unit: str, cells: list[list[str]]) -> Words:
    say, digits = m.language.say, 0 if unit == "points" else 1
    return Words(
        title=say(f"multiverse.{lot}.title"),
        desc=clean(unescape(say("multiverse.desc", n=len(cells)))),
        lower=say("forest.lower"),
        higher=say("forest.higher"),
        chance=say("forest.chance"),
        axis=unescape(m.language.word("forest.unit", unit)),
        tick=lambda value: m.language.decimal(str(value), digits),
    )


def _labels(m: Material) -> dict[tuple[str, str], tuple[str, str]]:
    """Choice and option in this language, by their names."""
    code = m.language.code
    return {
        (row["choice"], row["option"]): (safe(row[f"choice_{code}"]), safe(row[f"option_{code}"]))
        for row in m.tables["multiverse/options"]
    }


def _moves(m: Material, effects: list[Effect]) -> str:
    """Table: the choices that account for most of the variance among equivalent ones."""
    say, names = m.language.say, {key[0]: label[0] for key, label in _labels(m).items()}
    cells = []
    for effect in effects:
        rows = [row for row in _rows(m, "shares", effect, quantity="prob_positive") if row["choice"]]
        rows.sort(key=lambda row: -row.value("share"))
        if rows:
            shown = [
                f"{names.get(row['choice'], safe(row['choice']))} {to_html(chance(m.language, row, 'share'))}%"
                for row in rows[:3]
            ]
            spread = to_html(number(m.language, rows[0], "sd", digits=1, scale=100))
            cells.append([_name(m, effect), *shown, *[""] * (3 - len(shown)), spread])
    if not cells:
        return ""
    columns = [say(f"multiverse.moves.columns.{c}") for c in ("effect", "first", "second", "third", "sd")]
    caption = say("multiverse.moves.caption") + origin(m, "multiverse/shares")
    return (
        heading(4, say("multiverse.moves.heading"), "sec-multiverse-moves")
        + f"\n{say('multiverse.moves.intro')}\n"
        + details(
            say("multiverse.open.moves"),
            floating("tbl-multiverse-moves", table(columns, cells, numeric=(4,)), caption),
            printed=False,
        )
    )


def _believe(m: Material, effects: list[Effect]) -> str:
    """Table: what the analysis concludes, and the fewest choices that lead to another conclusion."""
    say, labels = m.language.say, _labels(m)
    cells = []
    for effect in effects:
        rows = {row["conclusion"]: row for row in _rows(m, "flips", effect)}
        own = next((row for name, row in rows.items() if name != "opposite_sign" and row.true("primary")), None)
        if own is None:
            continue
        others = [
            row
            for name, row in rows.items()
            if name != "opposite_sign" and not row.true("primary") and row.get("changes")
        ]
        others.sort(key=lambda row: (int(row["changes"]), -float(row["share"])))
        nearest = _way(m, others[0], labels, own=True) if others else say("multiverse.believe.never")
        # a chance about as likely as not points nowhere, so it has no opposite direction
        flip = rows.get("opposite_sign") if own["conclusion"] != "even" else {}
        sign = (
            "–"
            if flip == {}
            else _way(m, flip, labels)
            if flip and flip.get("changes")
            else say("multiverse.believe.never")
        )
        share = to_html(chance(m.language, own, "share")) + "%"
        cells.append([_name(m, effect), say(f"likelihood.{own['conclusion']}"), share, nearest, sign])
    if not cells:
        return ""
    columns = [say(f"multiverse.believe.columns.{c}") for c in ("effect", "now", "share", "other", "sign")]
    caption = say("multiverse.believe.caption") + origin(m, "multiverse/flips")
    return (
        heading(4, say("multiverse.believe.heading"), "sec-multiverse-believe")
        + f"\n{say('multiverse.believe.intro')}\n"
        + details(
            say("multiverse.open.believe"),
            floating("tbl-multiverse-believe", table(columns, cells, numeric=(2,)), caption),
            printed=False,
        )
    )


def _way(m: Material, row: Row, labels: dict, own: bool = False) -> str:
    """What must be believed for a conclusion, with the conclusion itself where it is not the column's."""
    believed, steps = [], row["altered"].split("; ")
    for step in steps if len(steps) <= SPELT_OUT else ():
        choice, _, option = step.partition("=")
        named = labels.get((choice, option), (safe(choice), safe(option)))
        believed.append(f"{named[0]}: <em>{named[1]}</em>")
    text = "; ".join(believed) or m.language.say("multiverse.believe.many", n=len(steps))
    if not row.true("exhaustive"):
        text += " " + m.language.say("multiverse.believe.at_most")
    return (
        m.language.say("multiverse.believe.way", word=m.language.say(f"likelihood.{row['conclusion']}"), way=text)
        if own
        else text
    )


def _single(m: Material, effects: list[Effect]) -> str:
    """Table: the probability as if one source did not exist, at its lowest and its highest."""
    say, cells = m.language.say, []
    for analysis, component in effects:
        now = to_html(chance(m.language, _primary(m, (analysis, component)), "prob_positive")) + "%"
        without = left_out.cells(m, left_out.sources(m, analysis, component))
        cells.append([_name(m, (analysis, component)), now, *without])
    columns = [say(f"multiverse.single.columns.{c}") for c in ("effect", "all", "low", "high", "gone")]
    caption = say("multiverse.single.caption") + origin(m, "multiverse/without_source", "summary")
    return (
        heading(4, say("multiverse.single.heading"), "sec-multiverse-single")
        + f"\n{say('multiverse.single.intro', site=m.sites_noun(1))}\n"
        + details(
            say("multiverse.open.single"),
            floating("tbl-multiverse-single", table(columns, cells, numeric=(1, 2, 3)), caption),
            printed=False,
        )
    )
