"""Each rule watches exactly the modules that its script imports."""

import re
import subprocess
import sys
from pathlib import Path

import closure
import pytest

ROOT = Path(__file__).parents[2]
SCRIPTS = sorted((ROOT / "workflow/scripts").glob("*.py"))

# run the imports of a script as Python does, then list the project's own modules that were loaded
PROBE = """
import ast, sys
from pathlib import Path
root = Path(sys.argv[1])
sys.path.insert(0, str(root))
tree = ast.parse(Path(sys.argv[2]).read_text(encoding="utf-8"))
imports = [node for node in tree.body if isinstance(node, (ast.Import, ast.ImportFrom))]
exec(compile(ast.Module(imports, []), "imports", "exec"), {})
files = {Path(m.__file__).resolve() for m in sys.modules.values() if getattr(m, "__file__", None)}
print("\\n".join(sorted(str(f.relative_to(root.parent)) for f in files if f.is_relative_to(root))))
"""


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_closure_holds_every_module_that_is_really_imported(script):
    loaded = subprocess.run(
        [sys.executable, "-c", PROBE, str(ROOT / "workflow"), str(script)],
        capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    found = closure.modules(script)
    assert set(loaded) <= set(found)
    # what is found beyond that is imported inside a function, later
    for path in set(found) - set(loaded):
        name = path.removeprefix("workflow/").removesuffix(".py").removesuffix("/__init__").split("/")[-1]
        users = [p for p in [script, *(ROOT / f for f in found)] if _imports_late(p, name)]
        assert users, f"{path} is watched by {script.name}, which never imports it"


def _imports_late(path, name):
    return any(
        re.match(r"\s+(from|import) ", line) and re.search(rf"\b{name}\b", line)
        for line in path.read_text(encoding="utf-8").splitlines()
    )


def test_every_rule_watches_the_closure_of_its_own_script():
    for file in sorted((ROOT / "workflow").glob("*.smk")):
        for rule in re.split(r"^rule ", file.read_text(encoding="utf-8"), flags=re.M)[1:]:
            script = re.search(r'"scripts/(\w+\.py)"', rule)[1]
            assert f'code=code("{script}")' in rule, f"{file.name}, rule {rule.split(':')[0]}"


def test_every_script_belongs_to_a_rule():
    used = {name for file in (ROOT / "workflow").glob("*.smk") for name in
            re.findall(r'"scripts/(\w+\.py)"', file.read_text(encoding="utf-8"))}  # fmt: skip
    assert used == {path.name for path in SCRIPTS}


def test_adapters_are_thin():
    for path in SCRIPTS:
        lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        assert len(lines) <= 10, path.name


def test_relative_imports_are_followed(tmp_path):
    package = tmp_path / "code" / "kit"
    (package / "inner").mkdir(parents=True)
    for name, text in {
        "__init__.py": "",
        "a.py": "from .inner import b\n",
        "inner/__init__.py": "",
        "inner/b.py": "from ..c import x\n",
        "c.py": "import json\nx = 1\n",
    }.items():
        (package / name).write_text(text, encoding="utf-8")
    script = tmp_path / "script.py"
    script.write_text("def late():\n    import kit.a\n", encoding="utf-8")
    assert closure.modules(script, tmp_path / "code") == [
        f"code/kit/{name}" for name in ("__init__.py", "a.py", "c.py", "inner/__init__.py", "inner/b.py")
    ]
