"""What to know before anything else about how sure the report can be: what was read, and how many effects there are."""

from __future__ import annotations

from reporting import answer, grounds
from reporting.material import Material
from reporting.sites import LIKELY, UNLIKELY

#: From so many average effects on, some are told to be far from even by luck.
MANY = 10


def fragment(m: Material) -> str:
    """Findings without a usable size, sources read in part, and how many effects are looked at; else empty."""
    effects = [row for analysis in m.analyses() for row in m.identified(analysis.name)]
    if not effects:
        return ""
    k, n = answer.only_words(m)
    parts = [m.language.say("limits.words", k=k, n=n) if k else "", grounds.in_part(m)]
    if len(effects) >= MANY:
        high, low = (m.language.decimal(limit, 0, 100) for limit in (LIKELY, UNLIKELY))
        parts.append(m.language.say("limits.many", n=len(effects), high=high, low=low))
    told = " ".join(part for part in parts if part)
    return f"\n{told}\n" if told else ""
