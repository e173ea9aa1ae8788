"""Which components the rows of an analysis tell something about, and which of them may be reported."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from pooling.ledger.evidence import Evidence


def informative(design: np.ndarray, groups: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """For each component the sites that speak of it, and whether it can be told from the others.

    Parameters
    ----------
    design
        (rows, components) weights of the components in each row.
    groups
        Site of each row.

    Returns
    -------
    sites
        (components,) number of sites with a row in which the component takes part.
    alone
        (components,) whether the design loses rank without the component.
    """
    columns = design.shape[1]
    if not len(design):
        return np.zeros(columns, dtype=int), np.zeros(columns, dtype=bool)
    groups = np.asarray(groups)
    sites = np.array([len(set(groups[design[:, k] != 0])) for k in range(columns)])
    rank = np.linalg.matrix_rank(design)
    alone = [np.linalg.matrix_rank(np.delete(design, k, axis=1)) < rank for k in range(columns)]
    return sites, np.array(alone)


def without_each(evidence: Evidence, least: int) -> pd.DataFrame:
    """For each site left out in turn: what the others tell of each component.

    Parameters
    ----------
    evidence
        The pooled rows of one analysis.
    least
        Sites that a component needs before its effect is reported.

    Returns
    -------
    pandas.DataFrame
        analysis, component, municipality (left out), sites (left), identified.
    """
    records = []
    for site in evidence.sites:
        rest = [row for row in evidence.rows if row.site != site]
        design = np.array([row.design for row in rest]).reshape(-1, len(evidence.components))
        sites, alone = informative(design, [row.site for row in rest])
        records += [
            {"analysis": evidence.analysis, "component": component, "municipality": site,
             "sites": sites[k], "identified": bool(sites[k] >= least and alone[k])}
            for k, component in enumerate(evidence.components)
        ]  # fmt: skip
    return pd.DataFrame(records)
