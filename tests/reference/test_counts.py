"""The number of reference values that are checked does not shrink, neither in a test nor over all of them."""

import ast
import csv
from pathlib import Path

HERE = Path(__file__).parent
#: Raise it when reference values are added.
AT_LEAST = 225


def stored():
    with (HERE / "counts.csv").open(encoding="utf-8", newline="") as file:
        return {row["test"]: int(row["values"]) for row in csv.DictReader(file)}


def written():
    """Tests in this folder that use the `reference` fixture, as "module::function"."""
    return {
        f"{path.stem}::{node.name}"
        for path in HERE.glob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef)
        and node.name.startswith("test_")
        and any(arg.arg == "reference" for arg in node.args.args)
    }


def test_every_test_is_stored_and_every_stored_test_exists():
    """Else a test could be taken away, or weakened, unseen."""
    known = {test.split("[")[0] for test in stored()}
    missing, gone = sorted(written() - known), sorted(known - written())
    assert not missing, f"run `pytest tests/reference --write-counts`, which stores {missing}"
    assert not gone, f"reference tests have gone: {gone}; if that is right, delete their lines in counts.csv"


def test_total_does_not_shrink():
    assert sum(stored().values()) >= AT_LEAST
