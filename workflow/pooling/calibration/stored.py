"""The full study that comes with the code, and how far a run's own replicates repeat it.

It was made by `snakemake calibration`. A line of it is shown only where its design is, to the last digit, one of
the run's own: another package or another prior has other designs.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from pooling.calibration import study, tabulate
from pooling.ledger import evidence as stored
from pooling.running import tables

#: What singles out one replicate of the exact engine.
_REPLICATE = ["fingerprint", "kind", "quantity", "replicate", "seed"]


def lay_beside(inputs: Mapping, settings: Mapping, digits: int, out: Mapping[str, str]) -> None:
    """Make a run's replicates, and write them and the stored study of the same designs into `summary` and `ranks`.

    Parameters
    ----------
    inputs
        `evidence`, and the stored `summary`, `ranks` and `first`.
    settings
        The configuration's `priors`, `statements`, `calibration`, `seed` and `level`.
    digits
        Significant digits.
    out
        Where to write. In both tables `study` says `full` or `run`. In the summary of a full one `repeated` is the
        number of its replicates that the run made again, and `difference` the largest by which a place differed.
    """
    own = tabulate.ordered(
        study.piece(inputs["evidence"], family, kind, (0, count), settings)
        for family in study.FAMILIES
        for kind, count in settings["calibration"]["replicates"].items()
    )
    evidences = stored.read(inputs["evidence"])
    known = {
        study.fingerprint(design) for family in study.FAMILIES for design in study.designs(family, evidences, settings)
    }
    mine = tabulate.judge(own)
    theirs = [_of(tables.read_csv(inputs[name]), known) for name in ("summary", "ranks")]
    theirs[0] = _repeated(theirs[0], own, tables.read_csv(inputs["first"]))
    for name, before, now in zip(("summary", "ranks"), theirs, mine):
        parts = [frame.assign(study=label) for frame, label in ((before, "full"), (now, "run")) if len(frame)]
        columns = {"summary": [*tabulate.SUMMARY, "repeated", "difference"], "ranks": tabulate.RANKS}[name]
        table = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
        tables.write_csv(table.reindex(columns=["study", *columns]), out[name], digits)


def _of(table: pd.DataFrame, prints: set[str]) -> pd.DataFrame:
    return table[table["fingerprint"].astype(str).isin(prints)]


def _repeated(summary: pd.DataFrame, own: pd.DataFrame, first: pd.DataFrame) -> pd.DataFrame:
    """The stored summary with the number of replicates made again, and the largest difference of a place."""
    if first.empty or own.empty:
        return summary
    pairs = first.merge(own, on=_REPLICATE, suffixes=("", "_now"))
    # a data set that is refused now and was not then, or the reverse, differs as much as can be
    places = pairs[["place", "place_now"]].astype(float)
    pairs["difference"] = (places["place"].fillna(-1) - places["place_now"].fillna(-1)).abs().clip(upper=1)
    found = pairs.groupby(["fingerprint", "kind"], as_index=False).agg(
        repeated=("replicate", "nunique"), difference=("difference", "max")
    )
    return summary.merge(found.assign(engine="exact"), on=["engine", "fingerprint", "kind"], how="left")
