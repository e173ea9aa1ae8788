"""Put a file in its place whole or not at all."""

from __future__ import annotations

import errno
from collections.abc import Callable
from pathlib import Path

from pooling.running.room import NoRoom


def write(path: str | Path, fill: Callable[[Path], None]) -> None:
    """Let `fill` write a file beside the target, then put it in the target's place in one step.

    A reader, or a run that starts after this one was killed, sees the old file or the new one, never half.

    Parameters
    ----------
    path
        The target; its folder is made if it is not there.
    fill
        Gets the path that it is to write to.

    Raises
    ------
    NoRoom
        If the disk is full; the target is as it was.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.part")
    try:
        fill(beside)
        beside.replace(path)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        raise NoRoom(f"no room on the disk for '{path}'; make room and run the same command again") from error
    finally:
        beside.unlink(missing_ok=True)


def write_text(path: str | Path, text: str) -> None:
    """Write text as UTF-8, with line ends as they are in it."""
    write(path, lambda beside: beside.write_bytes(text.encode()))
