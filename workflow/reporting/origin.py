"""Every figure and table says from which file, and by which rule, it was made."""

from __future__ import annotations

from reporting.escape import safe
from reporting.material import Material

#: Rule that writes each results table; a table without one is part of the data package.
RULES = {
    "summary": "summary",
    "estimates": "select",
    "claims": "select",
    "counts": "select",
    "agreement": "summary",
    "checks": "summary",
    "concordance": "concordance",
    "coding_agreement": "coding_agreement",
    "calibration": "calibration_run",
    "calibration_ranks": "calibration_run",
    "manifest": "manifest",
    "priors": "prior_grid",
    "power_scaling": "prior_grid",
    "predictive": "predictive",
    "selection": "selection_bound",
    **{
        f"multiverse/{name}": "multiverse_summary"
        for name in ("curve", "options", "shares", "flips", "influence", "without_source", "counts")
    },
}
_JSON = {"checks", "manifest"}


def origin(m: Material, *tables: str, analysis: str = "") -> str:
    """End of a caption (Markdown): files, rules and, for one analysis, its name.

    Parameters
    ----------
    m
        Labels and results.
    tables
        Names of results tables or of tables of the data package, without ending.
    analysis
        The analysis whose rows are shown, if it is one.
    """
    say = m.language.say
    items = []
    for table in tables:
        file = f"{table}.{'json' if table in _JSON else 'csv'}"
        if table in RULES:
            items.append(say("origin.result", file=safe(file), rule=safe(RULES[table])))
        else:
            items.append(say("origin.package", file=safe(file)))
    text = say("origin.from", list=m.language.listing(items))
    if analysis:
        text = say("origin.analysis", text=text, analysis=safe(analysis))
    return f" [{text}.]{{.small}}"
