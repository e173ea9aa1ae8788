"""Which of the project's own modules a script imports, directly or through others.

Snakemake watches a rule's script but not what the script imports. Every rule therefore names these
modules as inputs, so that an edit of any of them runs again just the rules that depend on it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

#: Folder of the project's packages.
ROOT = Path(__file__).resolve().parent


def modules(script: str | Path, root: Path = ROOT) -> list[str]:
    """List the files of the import closure of a script, without the script itself.

    Parameters
    ----------
    script
        Path of a Python file.
    root
        Folder that holds the importable modules; anything imported from elsewhere is left out.

    Returns
    -------
    list of str
        Sorted paths, relative to the parent of `root`. Package `__init__` files count, and imports
        inside functions too.
    """
    found: set[Path] = set()
    queue = [Path(script)]
    while queue:
        reader = queue.pop()
        stat = reader.stat()
        for path in _imported(reader, root, (stat.st_mtime_ns, stat.st_size)):
            if path not in found:
                found.add(path)
                queue.append(path)
    return sorted(str(path.relative_to(root.parent)) for path in found)


@cache
def _imported(path: Path, root: Path, version: tuple[int, int]) -> frozenset[Path]:
    """Files that a file imports; read once for all rules, and again when its `version` changes."""
    names: set[str] = set()
    for node in _statements(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(node, path, root)
            names |= {base} | {f"{base}.{alias.name}" for alias in node.names}
    return frozenset(file for name in names for file in _files(name, root))


def _statements(block: ast.AST) -> Iterator[ast.stmt]:
    """Every statement below, also inside functions; expressions hold no imports and are most of a tree."""
    for part in ("body", "orelse", "finalbody", "handlers", "cases"):
        for node in getattr(block, part, ()):
            if isinstance(node, ast.stmt):
                yield node
            yield from _statements(node)


def _absolute(node: ast.ImportFrom, path: Path, root: Path) -> str:
    if not node.level:
        return node.module or ""
    package = path.parent
    for _ in range(node.level - 1):
        package = package.parent
    prefix = ".".join(package.relative_to(root).parts)
    return f"{prefix}.{node.module}" if node.module else prefix


@cache
def _files(name: str, root: Path) -> frozenset[Path]:
    """A module's own file and the `__init__` of every package above it, where they are the project's."""
    parts = name.split(".")
    files = {root.joinpath(*parts[:depth], "__init__.py") for depth in range(1, len(parts) + 1)}
    files.add(root.joinpath(*parts[:-1], f"{parts[-1]}.py"))
    return frozenset(file for file in files if file.is_file())
