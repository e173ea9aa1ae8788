"""Run Snakemake the way a user does, on the cluster or here."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
#: The profile is used as it is, only asked more often how the jobs are.
HASTE = (
    "--workflow-profile", str(ROOT / "profiles/slurm"),
    "--slurm-init-seconds-before-status-checks", "2",
    "--seconds-between-status-checks", "2",
    "--max-status-checks-per-second", "1",
    "--latency-wait", "5",
)  # fmt: skip


def start(folder: Path, *options: str, cwd: Path | None = None) -> subprocess.Popen:
    """Start Snakemake in a folder, or elsewhere; what it says goes to `said.txt` in that folder."""
    with (folder / "said.txt").open("ab") as said:
        return subprocess.Popen(
            [sys.executable, "-m", "snakemake", *options],
            cwd=cwd or folder, stdin=subprocess.DEVNULL, stdout=said, stderr=subprocess.STDOUT,
        )  # fmt: skip


def finish(process: subprocess.Popen, folder: Path, seconds: float = 1500) -> str:
    """Wait for Snakemake to end well, and give what it said."""
    try:
        code = process.wait(seconds)
    finally:
        process.kill()
    said = (folder / "said.txt").read_text(encoding="utf-8")
    assert code == 0, said[-4000:]
    return said


def until(ready, process: subprocess.Popen, seconds: float = 900):
    """Wait for a condition while Snakemake runs, and give what it gave."""
    end = time.monotonic() + seconds
    while not (answer := ready()):
        assert process.poll() is None, "Snakemake ended before its time; see said.txt"
        assert time.monotonic() < end, f"still not so after {seconds} seconds"
        time.sleep(0.2)
    return answer
