"""What a reader waits for: the whole pipeline from nothing, nothing to do, one changed sentence; single fits; memory.

    python tests/bench/bench_pipeline.py

Copies what git tracks into a temporary folder without results and runs `snakemake` there, with this Python.
Wall time is what counts here, so the machine should be quiet: the load before and after is printed, and the
processor time of all processes together tells how much of the wall time was waiting. Peak memory is that of the
largest process. Exit code 1 if a target is missed.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MARK = "A sentence that was not there before."


def copy(folder: Path) -> Path:
    """The tracked files of the checkout, as they are now, in a folder of their own."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for name in filter(None, listed.split("\0")):
        source, target = ROOT / name, folder / name
        if source.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(source.read_bytes())
    return folder


def run(folder: Path, cores: int, *extra: str) -> tuple[float, float, str]:
    """Wall seconds, processor seconds of all processes, and what snakemake said."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "snakemake", "--cores", str(cores), *extra],
        cwd=folder,
        env=os.environ
        | {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            # nothing compiled before may help
            "PYTENSOR_FLAGS": f"base_compiledir={folder / 'compiled'}",
        },
        capture_output=True,
        text=True,
    )
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        sys.exit(f"snakemake failed in {folder}:\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}")
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall, used, done.stdout + done.stderr


def add_sentence(folder: Path) -> None:
    """Add a sentence to the source of the English page."""
    page = folder / "reports" / "report.qmd"
    page.write_text(f"{page.read_text(encoding='utf-8').rstrip()}\n\n{MARK}\n", encoding="utf-8")


def single_fits() -> list[tuple[str, float, float]]:
    """Milliseconds of single fits of the exact engine, as (name, value, target)."""
    from bench_exact import PRIORS, median, pairwise, pool, several_arms

    numbers, told, mixed = pairwise(1, False), pairwise(1, True), several_arms(1, True)
    return [
        ("one exact fit, nine sites, numbers", median(lambda: pool(**numbers, **PRIORS), 50), 1.0),
        ("one exact fit, nine sites, statements", median(lambda: pool(**told, **PRIORS), 30), 2.0),
        ("one exact fit, three components, mixed", median(lambda: pool(**mixed, **PRIORS), 15), 100.0),
    ]


def main() -> int:
    """Measure everything and print a table; the exit code says whether all targets were met."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--data", help="another data package of the checkout, to try this script with")
    options = parser.parse_args()
    rows: list[tuple[str, float, str, float, str]] = []
    load = os.getloadavg()[0]
    extra = ["--config", f"data={options.data}"] if options.data else []
    with tempfile.TemporaryDirectory() as temporary:
        folder = copy(Path(temporary))
        for name, target, prepare in (
            ("whole pipeline, from nothing", 240.0, None),
            ("nothing to do", 5.0, None),
            ("changed sentence to new page", 15.0, add_sentence),
        ):
            if prepare:
                prepare(folder)
            wall, used, said = run(folder, options.cores, *extra)
            rows.append((name, wall, "s", target, f"{used:.0f} s of processor time"))
            if name == "nothing to do" and "Nothing to be done" not in said:
                sys.exit(f"there was something to do:\n{said[-2000:]}")
        if MARK not in (folder / "results" / "report.html").read_text(encoding="utf-8"):
            sys.exit("the changed sentence is not on the page")
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        rows.append(("peak memory of the largest process", peak, "MB", 2048.0, ""))
        size = sum(path.stat().st_size for path in (folder / "results").rglob("*") if path.is_file()) / 2**20
    rows += [(name, value, "ms", target, "") for name, value, target in single_fits()]
    print(f"{options.cores} cores; load before {load:.1f}, after {os.getloadavg()[0]:.1f}; results {size:.0f} MB\n")
    print("| what | measured | target | |\n|---|--:|--:|---|")
    for name, value, unit, target, note in rows:
        verdict = "met" if value <= target else "**missed**"
        print(f"| {name} | {value:.3g} {unit} | {target:g} {unit} | {', '.join(filter(None, [verdict, note]))} |")
    return int(any(value > target for _, value, _, target, _ in rows))


if __name__ == "__main__":
    sys.exit(main())
