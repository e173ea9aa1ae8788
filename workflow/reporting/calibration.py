"""Whether the method is calibrated: coverage of its intervals and rank plots, from invented data sets."""

from __future__ import annotations

from html import unescape

from reporting import rank_svg
from reporting.escape import clean, safe
from reporting.markup import details, floating, heading, number, table, to_html
from reporting.material import Material, Row
from reporting.origin import origin

KINDS = ("numbers", "statements", "mixed")
#: Quantities over all effects of a design together, in the order of the table.
TOGETHER = ("mu", "new")
#: A test of evenness is counted where its p-value is below this.
UNEVEN = 0.01
#: Smallest difference that can be printed with five decimals.
SHOWN = 0.00001


def fragment(m: Material) -> str:
    """Coverage tables and rank plots; empty without data. Every single test stands in calibration.csv."""
    cells = _shown(m)
    exact = {place: rows for place, rows in cells.items() if place[0] == "exact"}
    if not exact:
        return ""
    say, site = m.language.say, m.sites_noun(1)
    level = m.language.exact_percent(next(iter(exact.values()))[0]["level"])
    return (
        heading(3, say("calibration.heading"), "sec-calibration")
        + f"\n{say('calibration.intro', site=site, sites=m.sites_noun(2), level=level)}\n"
        + "".join(f"\n{text}\n" for text in (_made(m, exact), _found(m, exact), _sampler(m, cells)) if text)
        + details(say("calibration.tables"), "".join(_table(m, exact, q) for q in TOGETHER), printed=False)
        + _plots(m, exact)
        + f"\n{say('calibration.limits')} {say('calibration.every')}\n"
    )


def _shown(m: Material) -> dict[tuple[str, str, str], list[Row]]:
    """Rows by engine, design and kind: those of the full study, and this run's own where there is none."""
    studies: dict[str, dict[tuple[str, str, str], list[Row]]] = {"run": {}, "full": {}}
    for row in m.tables["calibration"]:
        place = (row["engine"], row["fingerprint"], row["kind"])
        studies[row["study"]].setdefault(place, []).append(row)
    found = studies["run"] | studies["full"]
    order = {kind: k for k, kind in enumerate(KINDS)}

    def rank(place: tuple[str, str, str]) -> tuple:
        row = found[place][0]
        return row["engine"], row["family"], int(row["sites"]), int(row["rows"]), row["design"], order[row["kind"]]

    return {place: found[place] for place in sorted(found, key=rank)}


def _made(m: Material, cells: dict) -> str:
    """Which study is shown, and how far this run repeats it."""
    language, parts = m.language, []
    for study in ("full", "run"):
        rows = [rows[0] for rows in cells.values() if rows[0]["study"] == study]
        if not rows:
            continue
        sizes = sorted({int(row["replicates"]) for row in rows})
        size = language.listing([language.decimal(n, 0) for n in sizes])
        own = {"seed": safe(rows[0]["seed"]), "version": safe(rows[0]["version"])}
        parts.append(language.say(f"calibration.{study}", n=sizes[-1], size=size, **own))
        again = [row for row in rows if row.get("repeated")]
        if again:
            repeated = min(int(float(row["repeated"])) for row in again)
            worst = max(again, key=lambda row: row.value("difference"))
            alike = worst.value("difference") < SHOWN / 2
            shown = "" if alike else number(language, worst, "difference", digits=5)
            limit = language.decimal(SHOWN, 5)
            key = "calibration.repeated_alike" if alike else "calibration.repeated"
            parts.append(language.say(key, n=repeated, difference=shown, limit=limit))
    return " ".join(parts)


def _found(m: Material, cells: dict) -> str:
    """How many coverages lie within their bounds, and how many tests find the places uneven."""
    rows = [row for rows in cells.values() for row in rows]
    wide = [row for row in rows if row["quantity"] in TOGETHER and row.get("coverage")]
    tested = [row for row in rows if row.get("chi2_p")]
    uneven = sum(row.value("chi2_p") < UNEVEN for row in tested)
    say, count = m.language.say, {"n": len(wide), "k": sum(map(_fair, wide))}
    level = m.language.exact_percent(wide[0]["level"])
    text = say("calibration.coverage_all" if count["n"] == count["k"] else "calibration.coverage", level=level, **count)
    expected = m.language.decimal(UNEVEN * len(tested), 0)
    return f"{text} {say('calibration.uneven', n=len(tested), k=uneven, expected=expected)}"


def _sampler(m: Material, cells: dict) -> str:
    """The same for the sampler, in one sentence."""
    rows = [row for (engine, *_), rows in cells.items() if engine == "pymc" for row in rows]
    wide = [row for row in rows if row["quantity"] in TOGETHER and row.get("coverage")]
    if not wide:
        return ""
    size = min(int(row["replicates"]) for row in wide)
    return m.language.say("calibration.sampler", size=size, n=len(wide), k=sum(map(_fair, wide)))


def _fair(row: Row) -> bool:
    return row.value("coverage_lower") <= row.value("coverage") <= row.value("coverage_upper")


def _label(m: Material, row: Row) -> str:
    """A design in words, escaped."""
    count = int(row["sites"])
    return m.language.say(
        f"calibration.design.{row['family']}", n=count, sites=m.sites_noun(count), rows=int(row["rows"])
    )


def _by_design(cells: dict) -> dict[str, dict[str, list[Row]]]:
    found: dict[str, dict[str, list[Row]]] = {}
    for (_, design, kind), rows in cells.items():
        found.setdefault(design, {})[kind] = rows
    return found


def _table(m: Material, cells: dict, quantity: str) -> str:
    """Coverage of one quantity: a line for each design, a column for each kind of evidence."""
    say, lines = m.language.say, []
    for kinds in _by_design(cells).values():
        found = {kind: row for kind, rows in kinds.items() for row in rows if row["quantity"] == quantity}
        label = _label(m, next(iter(kinds.values()))[0])
        lines.append([label, *(_coverage(m, found.get(kind)) for kind in KINDS)])
    columns = [say("calibration.design.column"), *(say(f"calibration.kind.{kind}") for kind in KINDS)]
    level = m.language.exact_percent(next(iter(cells.values()))[0]["level"])
    caption = say(f"calibration.caption.{quantity}", level=level, site=m.sites_noun(1)) + origin(m, "calibration")
    return floating(f"tbl-calibration-{quantity}", table(columns, lines, numeric=(1, 2, 3), stack=False), caption)


def _coverage(m: Material, row: Row | None) -> str:
    if row is None or not row.get("coverage"):
        return ""
    shown = to_html(number(m.language, row, "coverage", digits=1, scale=100)) + "%"
    return shown if _fair(row) else f"<strong>{shown}</strong>"


def _plots(m: Material, cells: dict) -> str:
    """Rank plots of the first average effect, for the designs of the analyses, or of single arms if there is none."""
    own = {place for place, rows in cells.items() if rows[0]["family"] == "own"} or set(cells)
    counts: dict[tuple[str, str], list[Row]] = {}
    for row in m.tables["calibration_ranks"]:
        place = (row["engine"], row["fingerprint"], row["kind"])
        if place in own and row["study"] == cells[place][0]["study"] and row["quantity"] == "mu[0]":
            counts.setdefault(place[1:], []).append(row)
    designs = _by_design({place: rows for place, rows in cells.items() if place in own})
    lines = [
        (
            clean(unescape(_label(m, next(iter(kinds.values()))[0]))),
            [_bars(counts.get((design, kind), [])) for kind in KINDS],
        )
        for design, kinds in designs.items()
    ]
    panels = [bars for _, line in lines for bars in line if bars]
    if not panels:
        return ""
    bars = [(count, one) for one in panels for count in one.counts]
    inside = sum(one.lower <= count <= one.upper for count, one in bars)
    say = m.language.say
    words = rank_svg.Words(
        title=say("calibration.plot.title"),
        desc=say("calibration.plot.desc", panels=len(panels), n=len(bars), k=inside),
        kinds=tuple(say(f"calibration.kind.{kind}") for kind in KINDS),
        low=say("calibration.plot.low"),
        high=say("calibration.plot.high"),
    )
    drawings = "\n".join(rank_svg.draw(lines, words, wide, "fig-calibration") for wide in (True, False))
    caption = say("calibration.plot.caption", n=len(bars), k=inside) + origin(m, "calibration_ranks")
    return floating("fig-calibration", drawings, caption)


def _bars(rows: list[Row]) -> rank_svg.Bars | None:
    if not rows:
        return None
    ordered = sorted(rows, key=lambda row: int(row["bin"]))
    first = ordered[0]
    counts = tuple(int(row["count"]) for row in ordered)
    return rank_svg.Bars(counts, first.value("lower"), first.value("upper"), first.value("expected"))
