"""Whether a results folder can take a run, asked before any earlier result is touched."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

#: Several times what the results of a package of ten sites take, with room for the files that jobs write aside.
NEEDED = 100 * 2**20


class NoRoom(OSError):
    """The folder may not be written to, or its disk is nearly full."""


def check(folder: str | Path, needed: int = NEEDED) -> None:
    """Refuse a folder that a run would fail in: a job that fails half-way has already given up its old output.

    Parameters
    ----------
    folder
        Results folder; made if it is not there.
    needed
        Free space, in bytes, without which no run is begun.

    Raises
    ------
    NoRoom
        If nothing can be written there, or less than `needed` is free.
    """
    folder = Path(folder)
    with _writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(folder).free
    if free < needed:
        raise NoRoom(
            f"the disk of '{folder}' has {free / 2**20:.1f} MB free and a run needs {needed / 2**20:.0f} MB; "
            "make room, or choose another results folder with --config results=DIR"
        )
    with _writing(folder):
        tempfile.TemporaryFile(dir=folder).close()


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    """Say of a folder that cannot be written to what to do."""
    try:
        yield
    except OSError as error:
        raise NoRoom(
            f"the results folder '{folder}' cannot be written to ({error.strerror}); "
            "allow it, or choose another with --config results=DIR"
        ) from None
