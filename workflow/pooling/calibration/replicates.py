"""Simulate, fit, and note where each truth lies in its posterior."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from typing import Protocol

import numpy as np
import pandas as pd

from pooling import exact
from pooling.calibration.design import Design, simulate


class Distribution(Protocol):
    """A posterior of one quantity, of which only the distribution function is asked."""

    def cdf(self, x: float) -> float:
        """P(quantity <= x)."""


class Drawn:
    """A posterior known by its draws, for sampling engines; thin them first, so that they are independent."""

    def __init__(self, draws):
        self._draws = np.asarray(draws, dtype=float).ravel()

    def cdf(self, x: float) -> float:
        """Middle of the rank that `x` has among the draws."""
        return float((np.sum(self._draws < x) + 0.5) / (self._draws.size + 1))


Fit = Callable[[dict], Mapping[str, Distribution]]


def by_quadrature(data: dict) -> dict[str, Distribution]:
    """Fit with the exact engine; one distribution for each quantity of `simulate`."""
    fit = exact.pool(**data)
    p = data["X"].shape[1]
    quantities = {f"mu[{j}]": fit.mu[j] for j in range(p)} | {f"new[{j}]": fit.new_site[j] for j in range(p)}
    return quantities | {"tau": fit.tau}


def run(
    design: Design, kind: str, replicates: int, seed: int, fit: Fit = by_quadrature, first: int = 0
) -> pd.DataFrame:
    """Replicates of one design and kind.

    Parameters
    ----------
    design, kind
        What to simulate; see `simulate`.
    replicates, first
        How many, starting from which number: a long run may be cut into pieces, in any order, because every
        replicate has a stream of its own that depends only on seed, design, kind and number.
    seed
        Seed of the whole study.
    fit
        Takes the data of `simulate` and gives a distribution for each quantity of its truth. It may raise
        `pooling.exact.Refused`; any other error ends the run.

    Returns
    -------
    pandas.DataFrame
        design, kind, replicate, quantity, truth, place (P(quantity <= truth) by the posterior), refused
        (the engine's message where it refused the data set, else empty).
    """
    name = zlib.crc32(f"{design.name}/{kind}".encode())
    records = []
    for number in range(first, first + replicates):
        rng = np.random.default_rng(np.random.SeedSequence([seed, name], spawn_key=(number,)))
        data, truth = simulate(design, kind, rng)
        refused = ""
        try:
            posterior = fit(data)
            places = {quantity: float(posterior[quantity].cdf(value)) for quantity, value in truth.items()}
        except exact.Refused as error:
            refused, places = str(error), dict.fromkeys(truth, np.nan)
        records += [
            (design.name, kind, number, quantity, value, places[quantity], refused)
            for quantity, value in truth.items()
        ]
    columns = ["design", "kind", "replicate", "quantity", "truth", "place", "refused"]
    return pd.DataFrame.from_records(records, columns=columns)
