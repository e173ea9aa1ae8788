"""A copy of a small package that a test may damage."""

import csv
import shutil
from pathlib import Path

import pytest

PACKAGES = Path(__file__).parents[1] / "packages"


class Copy:
    """A package in a temporary folder, with ways to change it."""

    def __init__(self, folder: Path):
        self.folder = folder

    def path(self, table: str) -> Path:
        return self.folder / f"{table}.csv"

    def rows(self, table: str) -> list[list[str]]:
        with self.path(table).open(encoding="utf-8", newline="") as file:
            return list(csv.reader(file))

    def save(self, table: str, rows: list[list[str]]) -> None:
        with self.path(table).open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows(rows)

    def cell(self, table: str, key: str, column: str, text: str) -> None:
        """Write one cell; `key` is the row's first cell or its first two with a slash."""
        rows = self.rows(table)
        if column not in rows[0]:
            rows = [[*row, ""] for row in rows]
            rows[0][-1] = column
        (row,) = [r for r in rows[1:] if key in (r[0], "/".join(r[:2]))]
        row[rows[0].index(column)] = text
        self.save(table, rows)

    def add(self, table: str, cells: dict[str, str]) -> None:
        """Append a row."""
        rows = self.rows(table)
        self.save(table, [*rows, [cells.get(column, "") for column in rows[0]]])

    def drop(self, table: str, column: str) -> None:
        """Take a column out."""
        rows = self.rows(table)
        i = rows[0].index(column)
        self.save(table, [row[:i] + row[i + 1 :] for row in rows])

    def repeat(self, table: str, key: str, column: str, text: str, times: int) -> None:
        self.cell(table, key, column, text * times)

    def write(self, file: str, content: str) -> None:
        (self.folder / file).write_bytes(content.encode())

    def remove(self, file: str) -> None:
        (self.folder / file).unlink()

    def utf16(self, file: str) -> None:
        path = self.folder / file
        path.write_bytes(path.read_text(encoding="utf-8").encode("utf-16"))

    def latin1(self, file: str, old: str, new: str) -> None:
        self.swap(file, old, new.encode("latin-1"))

    def swap(self, file: str, old: str | bytes, new: str | bytes) -> None:
        """Replace text that must be there once, as bytes."""
        old, new = (text.encode() if isinstance(text, str) else text for text in (old, new))
        content = (self.folder / file).read_bytes()
        assert content.count(old) == 1, f"{old!r} is {content.count(old)} times in {file}"
        (self.folder / file).write_bytes(content.replace(old, new))


@pytest.fixture
def copy(tmp_path):
    """Copy a package of tests/packages."""

    def make(name: str) -> Copy:
        return Copy(Path(shutil.copytree(PACKAGES / name, tmp_path / name)))

    return make
