"""One thing that is wrong in a data package, and what would be right."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

_LONGEST = 60


@dataclass(frozen=True)
class Fault:
    """A fault and its remedy.

    Attributes
    ----------
    file
        The file, as the user named its folder.
    row
        Row as a spreadsheet counts (the header is row 1); 0 for the file as a whole.
    id
        Key of the row, empty for none.
    column
        Column, or key of the descriptor; empty for none.
    message, remedy
        What is wrong, and what would be right.
    """

    file: str
    row: int
    id: str
    column: str
    message: str
    remedy: str

    def __str__(self) -> str:
        place = self.file
        if self.row:
            place += f", row {self.row}"
        if self.id:
            place += f" ({self.id})"
        if self.column:
            place += f", {self.column}"
        return f"{place}: {self.message}; {self.remedy}"


def plain(text: object) -> str:
    """Text for a message: short, and with nothing in it that a terminal would obey."""
    kept = "".join(
        c if unicodedata.category(c)[0] != "C" and c not in "\u2028\u2029" else f"\\u{ord(c):04x}"
        for c in str(text)[:_LONGEST]
    )
    return kept if len(str(text)) <= _LONGEST else f"{kept}…"


def show(text: object) -> str:
    """Quote a cell for a message."""
    return f"'{plain(text)}'"


def choice(values: object, most: int = 12) -> str:
    """List what is allowed: 'write a, b or c', cut off where it is long."""
    names = [str(value) for value in values]
    if not names:
        return "nothing yet"
    if len(names) > most:
        return f"{', '.join(names[:most])} or one of {len(names) - most} more"
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"
