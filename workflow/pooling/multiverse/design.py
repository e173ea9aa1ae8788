"""Which specifications are run: around the primary one, the full products, and a sample of the rest.

A specification is a row of option numbers, one for each choice (0 is the primary option), with a set of sites
that are left out and perhaps a source that is not believed to exist.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np
import pandas as pd

from pooling.ledger.choices import Choice

#: Why a specification is run; one that serves several purposes bears the first of them.
BLOCKS = ("primary", "single", "pair", "equivalent", "left out", "source", "product", "sample")
#: Fewest sites that a subset leaves.
FEWEST_SITES = 3


@dataclass(frozen=True)
class Specifications:
    """Many specifications.

    Attributes
    ----------
    codes
        (S, choices) option numbers.
    left_out
        (S,) sites left out, bit k for the k-th site.
    source
        (S,) number of the source that is left out, or -1.
    block
        (S,) position in `BLOCKS`.
    """

    codes: np.ndarray
    left_out: np.ndarray
    source: np.ndarray
    block: np.ndarray

    def __len__(self):
        return len(self.codes)


def join(parts: Sequence[Specifications]) -> Specifications:
    """All of several lots."""
    return Specifications(
        *(np.concatenate([getattr(p, name) for p in parts]) for name in ("codes", "left_out", "source", "block"))
    )


def distinct(table: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """First row of each kind of row, in order, and the kind of every row: (kinds,) and (rows,) numbers.

    Parameters
    ----------
    table
        (rows, columns) whole numbers, one column or more.
    """
    frame = pd.DataFrame(table)
    kind = frame.groupby(list(frame.columns), sort=False).ngroup().to_numpy()
    return np.unique(kind, return_index=True)[1], kind


def _lot(block: str, codes, left_out=0, source=-1) -> Specifications:
    codes = np.atleast_2d(np.asarray(codes, dtype=np.uint8))
    n = len(codes)
    return Specifications(
        codes,
        np.broadcast_to(np.asarray(left_out, dtype=np.int64), n),
        np.broadcast_to(np.asarray(source, dtype=np.int32), n),
        np.full(n, BLOCKS.index(block), dtype=np.int8),
    )


def subsets(speaking: Sequence[int], fewest: int = FEWEST_SITES) -> np.ndarray:
    """Bits of every set of sites that can be left out, the empty one first; only that one with too few sites."""
    most = len(speaking) - fewest
    found = [sum(1 << k for k in out) for size in range(max(most, 0) + 1) for out in combinations(speaking, size)]
    return np.array(found, dtype=np.int64)


def systematic(choices: Sequence[Choice], speaking: Sequence[int], sources: int) -> Specifications:
    """Everything but the sample.

    Parameters
    ----------
    choices
        Choices with the options that apply.
    speaking
        Positions of the sites that speak in the primary analysis.
    sources
        Number of sources behind it.
    """
    width = len(choices)
    none = np.zeros(width, dtype=np.uint8)
    alternatives = [(k, o) for k, choice in enumerate(choices) for o in range(1, len(choice.options))]
    singles = [_with(none, [one]) for one in alternatives]
    pairs = [_with(none, two) for two in combinations(alternatives, 2) if two[0][0] != two[1][0]]
    equal = [k for k, choice in enumerate(choices) if choice.kind == "equivalent"]
    crossed = [k for k, choice in enumerate(choices) if choice.change in ("mu", "tau") or _reliability(choice)]
    out = subsets(speaking)
    priors = _product(choices, crossed)
    alone = np.array([1 << k for k in speaking], dtype=np.int64)
    lots = [
        _lot("primary", none),
        *([_lot("single", singles)] if singles else []),
        *([_lot("pair", pairs)] if pairs else []),
        _lot("equivalent", _product(choices, equal)),
        _lot("left out", np.tile(none, (len(alone), 1)), alone),
        *([_lot("source", np.tile(none, (sources, 1)), 0, np.arange(sources))] if sources else []),
        _lot("product", np.repeat(priors, len(out), axis=0), np.tile(out, len(priors))),
    ]
    return join(lots)


def _reliability(choice: Choice) -> bool:
    return any("epsilon" in option.change.get("statements", {}) for option in choice.options)


def _with(none: np.ndarray, changes) -> np.ndarray:
    codes = none.copy()
    for k, option in changes:
        codes[k] = option
    return codes


def _product(choices: Sequence[Choice], which: Sequence[int]) -> np.ndarray:
    grids = [range(len(choice.options)) if k in which else (0,) for k, choice in enumerate(choices)]
    return np.array(list(product(*grids)), dtype=np.uint8)


def sample(
    choices: Sequence[Choice], speaking: Sequence[int], size: int, together: Sequence[int], name: str, seed: int
) -> Specifications:
    """Specifications drawn from the product of everything, every option and every subset equally likely.

    Options of the choices `together` (the priors) are not drawn: each draw of the others comes with all their
    combinations, because these share what costs time. It is a sample of clusters.

    Parameters
    ----------
    size
        Number of specifications wanted; the result holds whole clusters and so perhaps a few more.
    together
        Positions of the choices that are crossed.
    name, seed
        The stream of random numbers depends on the two of them alone.
    """
    rng = np.random.default_rng([seed, zlib.crc32(name.encode())])
    crossed = _product(choices, together)
    draws = -(-size // len(crossed))
    codes = np.column_stack([rng.integers(0, len(c.options), draws, dtype=np.uint8) for c in choices])
    codes[:, list(together)] = 0
    out = subsets(speaking)
    left_out = out[rng.integers(0, len(out), draws)]
    codes = (codes[:, None, :] + crossed[None, :, :]).reshape(-1, codes.shape[1])
    return _lot("sample", codes, np.repeat(left_out, len(crossed)))
