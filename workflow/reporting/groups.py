"""What a group is called, and several that were reported jointly (plain text, not escaped)."""

from __future__ import annotations

from collections.abc import Sequence

from reporting.language import inline
from reporting.material import Material


def name(m: Material, site: str, arms: Sequence[str]) -> str:
    """Label of one group for the middle of a sentence, or of several groups with one joint result."""
    return _named(m, site, arms, "name")


def where(m: Material, site: str, arms: Sequence[str]) -> str:
    """The same as the place of a result: "in the group with …", "in both groups jointly"."""
    return _named(m, site, arms, "where")


def _named(m: Material, site: str, arms: Sequence[str], form: str) -> str:
    say, labels = m.language.say, [inline(m.arm_text(site, arm)) for arm in arms]
    if len(arms) == 1:
        return say(f"group.{form}.one", group=labels[0])
    tried = {arm for arm in m.site_arms(site) if m.arms[site, arm].get("role") in ("treatment", "choice")}
    if set(arms) == tried:
        return say(f"group.{form}.{'both' if len(arms) == 2 else 'all'}", n=len(arms))
    return say(f"group.{form}.some", list=" / ".join(labels))
