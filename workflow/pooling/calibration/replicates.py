"""Simulate, fit, and note where each truth lies in its posterior."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from typing import Protocol

import numpy as np
import pandas as pd

from pooling import exact
from pooling.calibration.design import Design, simulate

COLUMNS = ["design", "kind", "replicate", "quantity", "truth", "place", "refused"]


class Distribution(Protocol):
    """A posterior of one quantity, of which only the distribution function is asked."""

    def cdf(self, x: float) -> float:
        """P(quantity <= x)."""


class Drawn:
    """A posterior known by its draws, for sampling engines; thin them first, so that they are independent.

    Parameters
    ----------
    draws
        Any shape.
    """

    def __init__(self, draws):
        self._draws = np.asarray(draws, dtype=float).ravel()

    def cdf(self, x: float) -> float:
        """Middle of the rank that `x` has among the draws."""
        return float((np.sum(self._draws < x) + 0.5) / (self._draws.size + 1))


Fit = Callable[[dict], Mapping[str, Distribution]]


def by_quadrature(data: dict) -> dict[str, Distribution]:
    """Fit with the exact engine.

    Parameters
    ----------
    data
        Keyword arguments of `pooling.exact.pool`, as `simulate` makes them.

    Returns
    -------
    dict
        One distribution for each quantity of the truth that `simulate` returns.

    Raises
    ------
    pooling.exact.Refused
        If the engine cannot resolve this data set.
    """
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

    Notes
    -----
    Talts, Betancourt, Simpson, Vehtari and Gelman (2018).
    """
    records = []
    for number in range(first, first + replicates):
        data, truth = simulate(design, kind, _stream(design, kind, seed, number))
        refused = ""
        try:
            posterior = fit(data)
            places = {quantity: float(posterior[quantity].cdf(value)) for quantity, value in truth.items()}
        except exact.Refused as error:
            refused, places = str(error), dict.fromkeys(truth, np.nan)
        records += [
            (design.name, kind, number, quantity, value, places[quantity], refused) for quantity, value in truth.items()
        ]
    return pd.DataFrame.from_records(records, columns=COLUMNS)


def run_numbers(design: Design, replicates: int, seed: int, first: int = 0) -> pd.DataFrame:
    """The same as `run` for numbers of single arms, all fitted in one call of `pooling.exact.pool_many`.

    Parameters
    ----------
    design, replicates, seed, first
        As of `run`.

    Returns
    -------
    pandas.DataFrame
        As of `run`.

    Raises
    ------
    ValueError
        If a site of the design has several rows, or there is more than one average effect.
    """
    if not single_arms(design):
        raise ValueError(f"design '{design.name}' has sites with several rows or several effects; use run")
    numbers = range(first, first + replicates)
    drawn = [simulate(design, "numbers", _stream(design, "numbers", seed, number)) for number in numbers]
    y, v = (np.array([data[name] for data, _ in drawn]) for name in ("y", "v"))
    many = exact.pool_many(y, v, mu_prior=design.mu_prior, tau_prior=design.tau_prior)
    truth = {quantity: np.array([one[quantity] for _, one in drawn]) for quantity in ("mu[0]", "new[0]", "tau")}
    places = {
        "mu[0]": 1 - many.prob_above(truth["mu[0]"]),
        "new[0]": 1 - many.prob_above(truth["new[0]"], new_site=True),
        "tau": many.tau_cdf(truth["tau"]),
    }
    records = [
        (design.name, "numbers", number, quantity, truth[quantity][i], places[quantity][i], "")
        for i, number in enumerate(numbers)
        for quantity in truth
    ]
    return pd.DataFrame.from_records(records, columns=COLUMNS)


def single_arms(design: Design) -> bool:
    """Whether every site has one row, and all rows have the one average effect as their mean.

    Parameters
    ----------
    design
        Any.

    Returns
    -------
    bool
    """
    return len(set(design.groups.tolist())) == len(design.groups) and bool(
        np.all(design.X == 1) & (design.X.shape[1] == 1)
    )


def _stream(design: Design, kind: str, seed: int, number: int) -> np.random.Generator:
    name = zlib.crc32(f"{design.name}/{kind}".encode())
    return np.random.default_rng(np.random.SeedSequence([seed, name], spawn_key=(number,)))
