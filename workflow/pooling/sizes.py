"""How many people stood behind each arm, and how that is known."""

from __future__ import annotations

import pandas as pd

#: Roles of arms that were drawn by lot; a reference group was not.
RANDOMISED = ("control", "treatment", "choice")


def arm_sizes(
    site: str, arms: pd.DataFrame, municipalities: pd.DataFrame, *, equal_split: bool
) -> pd.DataFrame:
    """Sizes of the randomised arms of one site, control first.

    Parameters
    ----------
    site
        Id of the site.
    arms, municipalities
        Tables of the data package.
    equal_split
        Whether arms without a size of their own share the site's participants equally (an assumption,
        named `equal_split` in the result). If not, their size is missing.

    Returns
    -------
    pandas.DataFrame
        Indexed by arm: role, components, n (people; NaN where unknown) and n_basis.

    Raises
    ------
    ValueError
        If the site has no control arm, or more than one.
    """
    own = arms[arms["municipality"].eq(site) & arms["role"].isin(RANDOMISED)]
    controls = own["role"].eq("control").sum()
    if controls != 1:
        raise ValueError(f"site '{site}' has {controls} control arms; arms.csv must name exactly one")
    own = own.assign(first=own["role"].ne("control")).sort_values("first", kind="stable").set_index("arm")
    table = own[["role", "components"]].assign(
        n=pd.to_numeric(own["n"]), n_basis=own["n_basis"].fillna("reported")
    )
    unknown = table["n"].isna()
    if unknown.any() and equal_split:
        participants = municipalities.set_index("municipality").loc[site, "participants"]
        left = float(participants) - table["n"].sum() if pd.notna(participants) else float("nan")
        if left > 0:
            table.loc[unknown, "n"] = left / unknown.sum()
    table.loc[unknown, "n_basis"] = "equal_split"
    return table
