"""Places of the live parts in the page, with what stands there where no script runs."""

from __future__ import annotations

from reporting import live_data
from reporting.escape import raw_html
from reporting.markup import chance, floating, heading, table, to_html
from reporting.material import Material, Row
from reporting.origin import origin
from reporting.sentences import amount


def fragment(m: Material) -> str:
    """What to expect in a new site, and the panel in which a reader changes the choices; empty without results."""
    return _new_site(m) + _try(m)


def island(m: Material) -> str:
    """Element with the data of the live parts; empty where there is nothing to compute."""
    return live_data.island(m)


def _new_site(m: Material) -> str:
    """Chances in a site that was not in the trials, for the main analyses."""
    found = [
        (analysis, row)
        for analysis in m.analyses()
        if analysis.main
        for average in m.identified(analysis.name)
        if (row := m.estimate(analysis.name, "new", component=average["component"]))
    ]
    if not found:
        return ""
    say, noun = m.language.say, {"site": m.sites_noun(1), "sites": m.sites_noun(2)}
    columns = [say(f"panel.columns.{c}") for c in ("answer", "rise", "increase", "decrease", "delta")]
    rows = [
        [
            m.effect(row["component"], analysis.outcome, analysis.horizon),
            *(to_html(chance(m.language, row, c)) + "%" for c in ("prob_positive", "prob_increase", "prob_decrease")),
            to_html(amount(m, row)),
        ]
        for analysis, row in found
    ]
    body = floating(
        "tbl-new-site",
        table(columns, rows, numeric=(1, 2, 3)),
        say("panel.caption", **noun) + origin(m, "summary"),
    )
    place = raw_html('<div class="live" id="new-panel" hidden=""></div>')
    intro = say("panel.intro", **noun)
    if all(_mostly_about_average(m, row) for _, row in found):
        intro += " " + say("panel.mostly", **noun)
    return heading(2, say("panel.heading", **noun), "sec-new-site") + f"\n{intro}\n" + place + body


def _mostly_about_average(m: Material, new: Row) -> bool:
    """Whether what is not known about a new site is mostly what is not known about the average."""
    average = m.estimate(new["analysis"], "average", component=new["component"])
    return average.value("sd") ** 2 > new.value("sd") ** 2 / 2


def _try(m: Material) -> str:
    if not live_data.collect(m):
        return ""
    say, noun = m.language.say, {"site": m.sites_noun(1), "sites": m.sites_noun(2)}
    place = f'<div class="live" id="try-panel" hidden=""></div>\n<p class="live-off small">{say("try.without")}</p>'
    return heading(2, say("try.heading"), "sec-try") + f"\n{say('try.intro', **noun)}\n" + raw_html(place)
