"""One run at a time in a results folder."""

from __future__ import annotations

import fcntl
from pathlib import Path
from typing import IO


class Busy(RuntimeError):
    """Another run is writing into the same folder."""


#: Open lock files; the operating system lets go of a lock when its process ends, however it ends.
_held: list[IO] = []


def hold(folder: str | Path) -> None:
    """Keep a folder to this process until it ends.

    Raises
    ------
    Busy
        If another process holds it.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    stream = (folder / ".lock").open("w", encoding="utf-8")
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        stream.close()
        raise Busy(f"another run is writing into '{folder}'; wait for it, or choose another results folder") from None
    _held.append(stream)
