"""Runs of the whole pipeline into temporary folders."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
TINY = ROOT / "tests/packages/tiny"
#: Fewer draws than a report needs, but enough to pass the gates on a package this small.
QUICK = ["--configfile", str(ROOT / "tests/workflow/quick.yaml")]


def snakemake(*arguments, cwd=ROOT, environment=None, check=True):
    """Run Snakemake as a user does, in the interpreter of the tests."""
    run = subprocess.run(
        [sys.executable, "-m", "snakemake", *map(str, arguments)],
        cwd=cwd,
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
        check=False,
    )
    if check and run.returncode:
        raise AssertionError(f"snakemake failed:\n{run.stdout}\n{run.stderr}")
    return run


def pipeline(data, results, *arguments, **options):
    """Run the pipeline on a package into a results folder."""
    return snakemake(*arguments, "--config", f"data={data}", f"results={results}", *QUICK, **options)


def contents(folder):
    """Bytes of every result below a folder, logs and lock apart."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "logs" not in path.parts and path.name != ".lock"
    }
