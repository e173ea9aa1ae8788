"""The trials at a glance: when they ran, which group got what, and what is known of cost and effort."""

from __future__ import annotations

from reporting import timeline
from reporting.escape import raw_html
from reporting.findings import claim_link, source_link
from reporting.markup import details, floating, heading, table
from reporting.material import Material
from reporting.origin import origin


def fragment(m: Material) -> str:
    """Timeline, matrix and costs; empty without any of them."""
    parts = [part for part in (_timeline(m), _matrix(m), _costs(m)) if part]
    if not parts:
        return ""
    return heading(2, m.language.say("trials.heading"), "sec-trials") + "".join(parts)


def _timeline(m: Material) -> str:
    drawing = timeline.draw(m)
    if not drawing:
        return ""
    caption = m.language.say("trials.timeline_caption", site=m.sites_noun(1))
    return floating("fig-timeline", drawing, caption + origin(m, "municipalities"))


def _matrix(m: Material) -> str:
    """Every treated group with a mark for each of its components."""
    say = m.language.say
    mark = f'<span role="img" aria-label="{say("yes_no.true")}">●</span>'
    chosen = f'<span role="img" aria-label="{say("sites.choice")}">○</span>'
    rows = []
    for (site, name), arm in m.arms.items():
        if arm.get("role") not in ("treatment", "choice"):
            continue
        made_of = arm.get("components", "").split()
        label = f"{m.site(site)}: {m.arm(site, name)}"
        free = chosen if arm["role"] == "choice" else ""
        rows.append([label, *(mark if c in made_of else free for c in m.components)])
    if not rows:
        return ""
    columns = [say("trials.group"), *(m.component(c, start=True) for c in m.components)]
    body = table(columns, rows, stack=False)
    return details(
        say("trials.matrix", n=len(rows)),
        floating("tbl-matrix", body, say("trials.matrix_caption") + origin(m, "arms", "components")),
    )


def _costs(m: Material) -> str:
    """Claims of kind cost, and findings about the outcomes that those are about, each by itself."""
    say = m.language.say
    about = {row["outcome"] for row in m.rows("claims", kind="cost")} - {""}
    rows = [row for row in m.tables["claims"] if row.get("kind") == "cost" or row["outcome"] in about]
    if not m.tables["claims"]:
        return ""
    if not rows:
        return heading(3, say("trials.costs"), "sec-costs") + f"\n{say('trials.no_costs')}\n"
    items = []
    for row in rows:
        caveat = m.told(row, "caveat")
        caveat = f" {say('evidence.caveat', caveat=caveat)}" if caveat else ""
        place = f"<strong>{m.site(row['municipality'])}</strong>"
        source = f"{source_link(m, row['source'])}, {claim_link(row['claim'])}"
        said = m.told(row, "finding")
        items.append(f'<li>{place}: {said}.<span class="small">{caveat}</span> {source}</li>')
    return (
        heading(3, say("trials.costs"), "sec-costs")
        + f"\n{say('trials.costs_intro', n=len(rows))}{origin(m, 'claims')}\n"
        + raw_html(f"<ul>{''.join(items)}</ul>")
    )
