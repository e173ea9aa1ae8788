"""The study of calibration as the workflow runs it: which designs, and one chunk of their replicates."""

from __future__ import annotations

import hashlib
import itertools
import tokenize
from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path

import numpy as np
import pandas as pd

from pooling.calibration.design import Design, of_the_product, pairwise
from pooling.calibration.replicates import COLUMNS, Fit, by_quadrature, run, run_numbers, single_arms
from pooling.ledger import evidence as stored
from pooling.ledger.evidence import Evidence
from pooling.priors import prior_of
from pooling.running import tables

#: Single arms at several numbers of sites, and the analyses' own sites and arms.
FAMILIES = ("pairwise", "own")

#: Significant digits of a stored place, more than the engine promises.
PLACE_DIGITS = 5

#: What a line of a chunk says beside the replicate: where it belongs, and what made it.
WHERE = ["engine", "family", "fingerprint", "sites", "rows", "level", "seed", "version"]


def designs(family: str, evidences: list[Evidence], settings: Mapping) -> list[Design]:
    """The designs of one of the `FAMILIES`, with the configuration's priors and reliability of statements."""
    told = settings["statements"]
    if family == "own":
        priors = {one.analysis: prior_of(settings["priors"], one.scale) for one in evidences}
        return of_the_product(evidences, lambda one: priors[one.analysis], told["epsilon"])
    if family != "pairwise":
        raise ValueError(f"family '{family}' is unknown; write one of {', '.join(FAMILIES)}")
    own = prior_of(settings["priors"], "arcsine") | {name: told[name] for name in ("epsilon", "kappa")}
    return [pairwise(count, **own) for count in settings["calibration"]["sites"]]


def fingerprint(design: Design) -> str:
    """Short digest of everything that decides what a design's replicates are, its name included."""
    tau = np.asarray(design.tau_prior.ppf([0.1, 0.5, 0.9]), dtype=float)
    numbers = [
        design.weights,
        design.arm_variances,
        design.X,
        design.mu_prior,
        tau,
        design.epsilon,
        design.kappa,
        design.cuts,
    ]
    text = "|".join(" ".join(f"{value:.9g}" for value in np.ravel(part)) for part in numbers)
    names = [design.name, *design.groups.tolist(), *design.source.tolist()]
    # a letter first, so that no table reads it as a number
    return "d" + hashlib.sha256("|".join([text, *names]).encode()).hexdigest()[:11]


def version(engine: str) -> str:
    """Short digest of the code that decides an engine's replicates: its package, `pooling.arrays`, the simulator.

    Comments, docstrings and line breaks do not count.
    """
    folder = Path(__file__).parent
    package = folder.parent / {"exact": "exact", "pymc": "model"}[engine]
    digest = hashlib.sha256()
    simulator = [folder / "design.py", folder / "replicates.py"]
    for path in [*sorted(package.glob("*.py")), folder.parent / "arrays.py", *simulator]:
        digest.update(f"{path.name}\n{' '.join(_said(path.read_bytes()))}\n".encode())
    return "v" + digest.hexdigest()[:11]


def _said(source: bytes) -> Iterator[str]:
    """The tokens of a module by which it does something."""
    silent = {tokenize.COMMENT, tokenize.NL, tokenize.ENCODING}
    layout = {tokenize.NEWLINE: ";", tokenize.INDENT: "{", tokenize.DEDENT: "}"}
    tokens = [token for token in tokenize.tokenize(BytesIO(source).readline) if token.type not in silent]
    starts, docstring = True, False
    for token, following in itertools.pairwise(tokens):
        # a docstring is a line of its own, whose end goes with it
        ends, docstring = docstring, starts and (token.type, following.type) == (tokenize.STRING, tokenize.NEWLINE)
        if not (docstring or ends):
            yield layout.get(token.type, token.string)
        starts = token.type in layout


def piece(
    evidence: str, family: str, kind: str, numbers: tuple[int, int], settings: Mapping,
    engine: str = "exact", fit: Fit = by_quadrature,
) -> pd.DataFrame:  # fmt: skip
    """Some replicates of one kind for every design of a family.

    Parameters
    ----------
    evidence
        Stored rows of every analysis, whose designs are those of the family `own`.
    family, kind
        One of `FAMILIES`, and one of `pooling.calibration.KINDS`.
    numbers
        First replicate, and the one after the last.
    settings
        The configuration's `priors`, `statements`, `calibration`, `seed` and `level`.
    engine, fit
        Name of the engine, and how it fits; see `run`.

    Returns
    -------
    pandas.DataFrame
        One line for each replicate and quantity; columns `WHERE` and those of `run`.
    """
    seed, made_by = settings["seed"], version(engine)
    first, count = numbers[0], numbers[1] - numbers[0]
    frames = []
    for design in designs(family, stored.read(evidence), settings):
        if engine == "exact" and kind == "numbers" and single_arms(design):
            found = run_numbers(design, count, seed, first)
        else:
            found = run(design, kind, count, seed, fit, first)
        where = [engine, family, fingerprint(design), len(set(design.groups.tolist())), len(design.X)]
        frames.append(found.assign(**dict(zip(WHERE, [*where, settings["level"], seed, made_by]))))
    table = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()
    return table.reindex(columns=[*WHERE, *COLUMNS])


def make(path: str, *arguments, **options) -> None:
    """Write a `piece`, which takes the other arguments, as CSV."""
    tables.write_csv(piece(*arguments, **options), path, PLACE_DIGITS)
