"""The step from a data package to the rows that are pooled, with an account of every claim."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pooling.ledger import evidence, rows, selection, signs
from pooling.ledger.evidence import Evidence
from pooling.ledger.informative import informative
from pooling.ledger.package import Package
from pooling.ledger.shared_control import Misfit, Unfit
from pooling.running import tables


def gather(package: Package, settings: dict) -> tuple[list[Evidence], pd.DataFrame]:
    """Select comparisons, build their rows, and account for every claim.

    An analysis whose rows come from a single site after all (because the other sites' sizes are not
    known) is not pooled; its claims are set aside as `single_site`.

    Returns
    -------
    evidences
        One entry for each analysis that is pooled.
    claims
        One row per ledger claim with status, analysis and reason.
    """
    chosen = selection.select(package, settings)
    claims = chosen.claims.set_index("claim")
    evidences = []
    for analysis in chosen.analyses:
        if analysis.name not in chosen.chosen:
            continue
        built, refused = rows.build(analysis, chosen.chosen[analysis.name], package, settings)
        aside = dict(refused)
        if len(built.sites) < 2:
            aside |= {claim: "single_site" for row in built.rows for claim in row.claims}
        else:
            evidences.append(built)
        for claim, reason in aside.items():
            claims.loc[claim, ["status", "analysis", "reason"]] = ["aside", "", reason]
    return evidences, claims.reset_index()


def misfits(package: Package, settings: dict) -> list[Misfit]:
    """What is wrong with the claims chosen for an analysis taken together, in all analyses, each once."""
    found: dict[Misfit, None] = {}
    chosen = selection.select(package, settings)
    for analysis in chosen.analyses:
        if analysis.name in chosen.chosen:
            try:
                rows.build(analysis, chosen.chosen[analysis.name], package, settings)
            except Unfit as error:
                found |= dict.fromkeys(error.misfits)
    return list(found)


def counts(evidences: list[Evidence], informative_sites: int) -> pd.DataFrame:
    """For each analysis and component: how many sites speak, what they say, and whether that identifies it.

    Returns
    -------
    pandas.DataFrame
        As `signs.count`, with analysis, rank and columns of the design, and `identified`: enough sites, and
        the component can be told from the others.
    """
    frames = []
    for e in evidences:
        design = np.array([row.design for row in e.rows])
        sites, alone = informative(design, [row.site for row in e.rows])
        found = signs.count(e.rows, e.components)
        found.insert(0, "analysis", e.analysis)
        frames.append(
            found.assign(
                rank=np.linalg.matrix_rank(design),
                columns=design.shape[1],
                identified=(sites >= informative_sites) & alone,
            )
        )
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=["analysis", "component"])


def make(package: Package, settings: dict, digits: int, paths: dict[str, str]) -> None:
    """Write the account of claims, the pooled rows (as a table and for the engines) and the counts.

    Parameters
    ----------
    paths
        Where `claims`, `estimates`, `evidence` and `counts` go.
    """
    evidences, claims = gather(package, settings)
    tables.write_csv(claims, paths["claims"], digits)
    tables.write_csv(evidence.table(evidences, list(package.components["component"])), paths["estimates"], digits)
    evidence.write(evidences, paths["evidence"])
    tables.write_csv(counts(evidences, settings["informative_sites"]), paths["counts"], digits)
