"""How many people stood behind each arm, and how that is known."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

#: Roles of arms that were drawn by lot; a reference group was not.
RANDOMISED = ("control", "treatment", "choice")


@dataclass(frozen=True)
class Arms:
    """The randomised arms of one site, control first.

    Attributes
    ----------
    names
        Their ids.
    components
        What each arm consists of.
    n
        People in each arm; NaN where unknown.
    basis
        How each size is known: as the package says, or `equal_split`.
    """

    names: tuple[str, ...]
    components: tuple[tuple[str, ...], ...]
    n: np.ndarray
    basis: tuple[str, ...]

    def are(self, arms: Iterable[str]) -> np.ndarray:
        """Which of the arms are among those named, as booleans."""
        return np.isin(self.names, list(arms))


def arm_sizes(
    sites: Iterable[str], arms: pd.DataFrame, municipalities: pd.DataFrame, *, equal_split: bool
) -> dict[str, Arms]:
    """Sizes of the randomised arms of the sites named.

    Parameters
    ----------
    sites
        Ids of the sites.
    arms, municipalities
        Tables of the data package.
    equal_split
        Whether arms without a size of their own share the site's participants equally (an assumption,
        named `equal_split` in the result). If not, their size is missing.

    Raises
    ------
    ValueError
        If one of the sites has no control arm, or more than one.
    """
    participants = dict(zip(municipalities["municipality"], municipalities["participants"], strict=True))
    own = arms[arms["role"].isin(RANDOMISED)]
    own = own.assign(first=own["role"].ne("control")).sort_values("first", kind="stable")
    columns = own[["municipality", "arm", "role", "components", "n", "n_basis"]]
    members: dict[str, list[tuple]] = {site: [] for site in sites}
    for site, *arm in columns.itertuples(index=False, name=None):
        if site in members:
            members[site].append(tuple(arm))
    return {site: _arms(site, found, participants[site], equal_split) for site, found in members.items()}


def _arms(site: str, found: list[tuple], participants: float, equal_split: bool) -> Arms:
    names, roles, components, sizes, basis = zip(*found) if found else ((), (), (), (), ())
    controls = roles.count("control")
    if controls != 1:
        raise ValueError(f"site '{site}' has {controls} control arms; arms.csv must name exactly one")
    n = np.array(pd.to_numeric(pd.Series(sizes)), dtype=float)
    unknown = np.isnan(n)
    if unknown.any() and equal_split and pd.notna(participants):
        left = float(participants) - np.nansum(n)
        if left > 0:
            n[unknown] = left / unknown.sum()
    return Arms(
        names,
        tuple(tuple(str(text).split()) if pd.notna(text) else () for text in components),
        n,
        tuple("equal_split" if missing else known or "reported" for missing, known in zip(unknown, basis)),
    )
