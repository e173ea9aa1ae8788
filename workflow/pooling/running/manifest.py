"""What a report was made from: inputs, configuration, versions and commit; no clock, no host, no path."""

from __future__ import annotations

import hashlib
import platform
import subprocess
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

#: Packages whose version can change a result or the page.
PACKAGES = (
    "arviz", "babel", "frictionless", "numba", "numpy", "nutpie", "pandas", "pymc", "pypandoc_binary",
    "pytensor", "scipy", "snakemake", "statsmodels", "typst", "xarray",
)  # fmt: skip


def commit(folder: str | Path) -> tuple[str, str]:
    """Commit of a checkout, with `+changes` if tracked files differ from it, and its day; empty outside a checkout."""

    def git(*words: str) -> str:
        run = subprocess.run(["git", "-C", str(folder), *words], capture_output=True, text=True, check=True)
        return run.stdout.strip()

    try:
        changed = git("status", "--porcelain", "--untracked-files=no")
        revision, day = git("show", "--no-patch", "--format=%H %cs", "HEAD").split()
        return revision + ("+changes" if changed else ""), day
    except (OSError, subprocess.CalledProcessError):
        return "", ""


def collect(
    inputs: Iterable[str | Path], results: Iterable[str | Path], settings: dict, revision: str, day: str
) -> dict:
    """Gather everything somebody needs to make the same report again.

    Parameters
    ----------
    inputs, results
        Files whose SHA-256 is recorded under their name (the folder they lie in is not part of it).
    settings
        The complete configuration; its folders are left out.
    revision, day
        Commit of the code and its day (YYYY-MM-DD), as by `commit`.
    """

    def hashes(paths: Iterable[str | Path]) -> dict[str, str]:
        return {Path(p).name: hashlib.sha256(Path(p).read_bytes()).hexdigest() for p in paths}

    return {
        "commit": revision,
        "day": day,
        "python": platform.python_version(),
        "packages": {name: metadata.version(name) for name in PACKAGES},
        "settings": {key: value for key, value in settings.items() if key not in ("data", "results")},
        "inputs": hashes(inputs),
        "results": hashes(results),
    }
