"""Quarto, the reference renderer, where it is installed; it reads the page itself and reports/_quarto.yml."""

import os
import shutil
import subprocess
from pathlib import Path

from .source import Source


def find() -> str | None:
    """Path of the program: the environment variable QUARTO, or `quarto` on PATH."""
    return os.environ.get("QUARTO") or shutil.which("quarto")


def _run(*arguments: str, cwd: Path | None = None) -> str:
    program = find()
    if not program:
        raise RuntimeError("Quarto is not installed: put it on PATH, set QUARTO=/path/to/quarto, or use embedded")
    run = subprocess.run([program, *arguments], capture_output=True, encoding="utf-8", cwd=cwd, timeout=600)
    if run.returncode:
        raise RuntimeError(f"Quarto failed: {run.stderr.strip()}")
    return run.stdout


def credit() -> str:
    """Say what rendered the page."""
    return f"Quarto {_run('--version').strip()}"


def convert(source: Source, stage: Path) -> str:
    """Return the page as one HTML document, rendered inside `stage`."""
    output = f"{source.path.stem}.html"
    _run("render", source.path.name, "--to", "html", "--output", output, cwd=stage)
    return Path(stage, output).read_text(encoding="utf-8")
