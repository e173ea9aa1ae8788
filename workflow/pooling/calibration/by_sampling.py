"""The model in PyMC as an engine whose calibration can be studied."""

from __future__ import annotations

import zlib
from collections.abc import Mapping

import numpy as np

from pooling import model
from pooling.calibration.replicates import Distribution, Drawn, Fit


def fit_with(settings: Mapping) -> Fit:
    """A fit by sampling, for `pooling.calibration.run`.

    Parameters
    ----------
    settings
        The configuration's `sampler` (its name), `calibration` and `seed`. Of `calibration.sampler`, `thin` says that
        every so many draws one is kept, so that those kept are nearly independent, as ranks need. Runs are
        short and not gated one by one: chains that do not mix would show in the ranks. Chains start from
        the seed and the data, so that it does not matter which replicates one process does.
    """
    sampler, name, seed = settings["calibration"]["sampler"], settings["sampler"]["name"], settings["seed"]

    def fit(data: dict) -> dict[str, Distribution]:
        own = np.random.SeedSequence([seed, zlib.crc32(data["y"].tobytes() + data["lower"].tobytes())])
        first, second = own.spawn(2)
        trace = model.sample(
            model.specify(**data), draws=sampler["draws"], tune=sampler["tune"], chains=sampler["chains"],
            seed=int(first.generate_state(1)[0]), sampler=name,
        )  # fmt: skip
        draws = trace["posterior"].to_dataset().isel(draw=slice(None, None, sampler["thin"]))
        p = data["X"].shape[1]
        mu, tau = draws["mu"].values.reshape(-1, p), draws["tau"].values.ravel()
        new = mu + tau[:, None] * np.random.default_rng(second).standard_normal(mu.shape)
        found = {f"mu[{j}]": Drawn(mu[:, j]) for j in range(p)} | {f"new[{j}]": Drawn(new[:, j]) for j in range(p)}
        return found | {"tau": Drawn(tau)}

    return fit
