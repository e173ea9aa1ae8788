"""A line that tells a person at a terminal how far a long job is, and how long it will still take."""

from __future__ import annotations

import sys
import time
from typing import IO


class Progress:
    """Counts steps and redraws one line a few times a second; silent where nobody looks.

    Jobs of the workflow send their standard error to a log, so the line goes to the terminal itself.

    Parameters
    ----------
    name
        What the line begins with.
    total
        Number of steps.
    """

    def __init__(self, name: str, total: int):
        self._name, self._total, self._done = name, total, 0
        self._start, self._drawn = time.monotonic(), 0.0
        self._terminal = _terminal()

    def step(self, count: int = 1) -> None:
        """Note that so many more steps are done."""
        self._done += count
        now = time.monotonic()
        last = self._done >= self._total
        if self._terminal is None or (now - self._drawn < 0.3 and not last):
            return
        self._drawn = now
        share = self._done / max(self._total, 1)
        left = (now - self._start) * (1 - share) / share
        bar = "#" * round(24 * share)
        text = f"\r{self._name} [{bar:<24}] {self._done:,} of {self._total:,}, {left:4.0f} s left"
        self._terminal.write(text + ("\n" if last else ""))
        self._terminal.flush()


def _terminal() -> IO[str] | None:
    if sys.stderr.isatty():
        return sys.stderr
    try:
        return open("/dev/tty", "w", encoding="utf-8")  # noqa: PTH123 - kept open for the job's life
    except OSError:
        return None
