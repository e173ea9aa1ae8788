"""Results are written beside their place and put there whole, by everything that writes any."""

import ast
from pathlib import Path

import pytest
from pooling.running import whole

WORKFLOW = Path(__file__).parents[2] / "workflow"
#: Methods and functions that write a file.
WRITERS = ("write_text", "write_bytes", "to_csv", "to_parquet", "to_netcdf", "ParquetWriter", "write_table", "dump")
#: What is no result: text and bytes in memory, a lock, the terminal, and folders that are thrown away.
OTHERWISE = {
    "pooling/answers/sampled.py": "tree.to_netcdf(buffer",
    "pooling/multiverse/variants.py": ".to_csv(index=False)",
    "pooling/multiverse/progress.py": "open('/dev/tty'",
    "pooling/running/lock.py": "(folder / '.lock').open(",
    "rendering/__init__.py": "Path(stage, ",
    "rendering/embedded.py": "Path(stage, ",
    "rendering/pdf.py": "Path(folder, ",
}


def test_a_writer_that_fails_leaves_the_old_file_whole(tmp_path):
    target = tmp_path / "t.csv"
    target.write_text("old", encoding="utf-8")

    def fails(beside):
        beside.write_text("half", encoding="utf-8")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        whole.write(target, fails)
    assert target.read_text(encoding="utf-8") == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["t.csv"]


def test_text_keeps_its_line_ends(tmp_path):
    whole.write_text(tmp_path / "new" / "t.txt", "één\r\ntwo\n")
    assert (tmp_path / "new" / "t.txt").read_bytes() == "één\r\ntwo\n".encode()


def writes(source):
    """Calls in a module that write a file, as text."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            constants = [
                part.value for part in [*node.args, *(k.value for k in node.keywords)] if hasattr(part, "value")
            ]
            if name in WRITERS or (
                name == "open" and {"w", "wb", "a", "ab", "x", "xb", "r+", "w+"} & {*map(str, constants)}
            ):
                yield ast.unparse(node)


def test_nothing_opens_a_results_file_for_writing_by_itself():
    """Every call that writes a file writes to `beside`, which is what `whole.write` hands out."""
    odd = []
    for path in sorted(WORKFLOW.rglob("*.py")):
        file = path.relative_to(WORKFLOW).as_posix()
        for call in writes(path.read_text(encoding="utf-8")):
            handed_out = "beside" in call or call.startswith(("whole.", "writer.write_table("))
            if not handed_out and OTHERWISE.get(file, "nowhere") not in call:
                odd.append(f"{file}: {call[:80]}")
    assert odd == []


def test_a_module_that_writes_by_itself_would_be_noticed():
    source = (
        "Path(out).write_text(page)\nopen(name, mode='w')\ntable.to_csv(path)\nbeside.write_bytes(made)\nopen(name)"
    )
    assert len(list(writes(source))) == 4
