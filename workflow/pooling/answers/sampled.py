"""Answer every analysis with the PyMC model."""

from __future__ import annotations

import io
import zlib
from collections.abc import Mapping

import numpy as np
import xarray as xr

from pooling import model
from pooling.answers import gates
from pooling.ledger import evidence as stored
from pooling.ledger.evidence import Evidence
from pooling.priors import prior_of
from pooling.running import tables, whole


def seed_of(seed: int, *names: str) -> int:
    """A seed of its own for every name, which stays the same when others are added or left out."""
    words = [zlib.crc32(name.encode()) for name in names]
    return int(np.random.SeedSequence([seed, *words]).generate_state(1)[0])


def draw(evidence: Evidence, settings: Mapping, stage: str) -> xr.DataTree:
    """Draws of one analysis: averages `mu`, spread `tau`, site effects `theta`, and a new site's `new`.

    Parameters
    ----------
    evidence
        The pooled rows.
    settings
        The configuration's `priors`, `sampler` and `seed`.
    stage
        "prior" or "posterior".

    Returns
    -------
    xarray.DataTree
        Group `prior` or `posterior` with labelled coordinates, and `sample_stats` for the posterior.
    """
    spec = model.specify(**evidence.arrays(), **prior_of(settings["priors"], evidence.scale))
    options = settings["sampler"]
    seed = seed_of(settings["seed"], evidence.analysis, stage)
    trace = model.sample(
        spec, stage, draws=options["draws"], tune=options["tune"], chains=options["chains"], seed=seed,
        sampler=options["name"],
    )  # fmt: skip
    group = trace[stage].to_dataset()[["mu", "tau"]].rename(mu_dim_0="component")
    group = group.assign_coords(component=list(evidence.components))
    noise = np.random.default_rng(seed_of(settings["seed"], evidence.analysis, stage, "new"))
    group["new"] = group["mu"] + group["tau"] * xr.DataArray(
        noise.standard_normal(group["mu"].shape), dims=group["mu"].dims
    )
    if stage == "posterior":
        shape = group["tau"].shape
        theta = model.site_effects(
            spec, group["mu"].values.reshape(-1, len(evidence.components)), group["tau"].values.ravel(),
            seed_of(settings["seed"], evidence.analysis, "sites"),
        )  # fmt: skip
        group["theta"] = (("chain", "draw", "row"), theta.reshape(*shape, -1))
        group = group.assign_coords(row=[row.row for row in evidence.rows])
    trace[stage] = xr.DataTree(group)
    return trace


def make(evidence: str, stage: str, settings: Mapping, paths: Mapping[str, str]) -> None:
    """Sample every stored analysis in one process; write the draws (netCDF) and the gates (JSON).

    The draws of all analyses share one file, a group for each. It holds no clock: the same seed gives the
    same bytes.
    """
    traces, diagnosed = {}, {}
    for one in stored.read(evidence):
        trace = draw(one, settings, stage)
        if stage == "posterior":
            diagnosed[one.analysis] = gates.gate(trace, settings["gates"])
        traces[one.analysis] = trace
    groups = {
        f"{name}/{child.name}": child.to_dataset() for name, tree in traces.items() for child in tree.children.values()
    }
    tree = xr.DataTree.from_dict(groups)
    buffer = io.BytesIO()
    tree.to_netcdf(buffer, engine="h5netcdf")
    whole.write(paths["draws"], lambda beside: beside.write_bytes(buffer.getvalue()))
    tables.write_json(diagnosed, paths["gates"], digits=6)
