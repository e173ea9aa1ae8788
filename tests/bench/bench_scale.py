"""How the steps from a data package to the exact answer grow with the number of sites.

    python tests/bench/bench_scale.py 10 100 1000 10000

Every site gives one number with its standard error for one outcome, one treatment against one control.
Each step runs in a process of its own: seconds are that process's own processor time without the start of
Python and its imports, memory is the peak of the whole process, bytes are the files that the step writes.
A step that takes longer than the time limit is named, and the larger packages are left out.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "workflow"))

STEPS = ("package", "check", "select", "exact")
TABLES = ("sources", "components", "municipalities", "arms", "outcomes", "claims")


def package(folder: Path, sites: int) -> None:
    """Write a package of invented sites: effects N(0.1, 0.05) in standard deviations, standard error 0.1."""
    names = [f"s{number:05d}" for number in range(sites)]
    draws = np.random.default_rng(sites).normal(0.1, np.hypot(0.05, 0.1), sites).round(3)
    arm = pd.DataFrame({"municipality": names})
    frames = {
        "sources": pd.DataFrame({"source": ["T"], "title": ["Invented table"]}),
        "components": pd.DataFrame({"component": ["help"], "label_en": ["help"]}),
        "municipalities": pd.DataFrame({"municipality": names, "name": names, "kind": "site", "role": "primary"}),
        "arms": pd.concat(
            [
                arm.assign(arm="control", role="control", components="", label_en="control"),
                arm.assign(arm="helped", role="treatment", components="help", label_en="help"),
            ]
        ),
        "outcomes": pd.DataFrame(
            {
                "outcome": ["mood"],
                "label_en": ["mood"],
                "scale": ["score"],
                "good": ["higher"],
                "smallest_effect": [0.1],
                "smallest_effect_basis": ["invented"],
            }
        ),
        "claims": pd.DataFrame(
            {
                "claim": [f"N{number:05d}" for number in range(sites)],
                "municipality": names,
                "arm": "helped",
                "outcome": "mood",
                "horizon_from": "start",
                "kind": "effect_estimate",
                "value": draws,
                "unit": "sd",
                "se": 0.1,
                "direction": np.select([draws > 0, draws < 0], ["+", "-"], "0"),
                "source": "T",
                "locator": "row",
            }
        ),
    }
    for name, frame in frames.items():
        frame.to_csv(folder / f"{name}.csv", index=False)
    descriptor = {
        "name": "scale",
        "title": "Invented sites",
        "licenses": [{"name": "CC0-1.0"}],
        "resources": [{"name": name, "path": f"{name}.csv"} for name in TABLES],
    }
    (folder / "datapackage.yaml").write_text(yaml.safe_dump(descriptor), encoding="utf-8")


def step(name: str, folder: Path, sites: int) -> None:
    """Do one step in this process and print what it took."""
    from pooling.answers import exactly
    from pooling.ledger import package as packages
    from pooling.ledger import pooled
    from pooling.running import entrance, settings

    data, results = folder / "data", folder / "results"
    data.mkdir(exist_ok=True)
    results.mkdir(exist_ok=True)
    options = settings.load(
        ROOT / "workflow/config.yaml",
        ROOT / "workflow/schema.yaml",
        {"data": str(data), "results": str(results)},
    )
    names = ("claims.csv", "estimates.csv", "counts.csv", "evidence.json")
    selected = {Path(file).stem: str(results / file) for file in names}
    answers = {"summary": str(results / "summary.csv"), "checks": str(results / "checks.json")}
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*.*") if path.is_file()}
    begin = time.process_time()
    if name == "package":
        package(data, sites)
    elif name == "check":
        faults = entrance.faults(options)
        assert not faults, faults[:5]
    elif name == "select":
        pooled.make(packages.read(data), options, options["digits"], selected)
    else:
        exactly.make(packages.read(data), options, options["digits"], selected["evidence"], answers)
    seconds = time.process_time() - begin
    written = [path for path in folder.rglob("*.*") if before.get(path) != path.stat().st_mtime_ns]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    size = sum(path.stat().st_size for path in written)
    print(json.dumps({"seconds": seconds, "peak": peak, "bytes": size}))


def main() -> None:
    """Measure every step for every number of sites and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sites", nargs="+", type=int, help="numbers of sites, in growing order")
    parser.add_argument("--limit", type=float, default=600, help="seconds that one step may take")
    parser.add_argument("--step", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.step:
        step(options.step, options.folder, options.sites[0])
        return
    print(f"{'sites':>7} {'step':<8} {'seconds':>9} {'peak MB':>9} {'files KB':>9}")
    for sites in options.sites:
        with tempfile.TemporaryDirectory() as folder:
            for name in STEPS:
                command = [sys.executable, __file__, str(sites), "--step", name, "--folder", folder]
                try:
                    said = subprocess.run(
                        command, check=True, capture_output=True, text=True, timeout=options.limit,
                        env=os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
                    )  # fmt: skip
                except subprocess.TimeoutExpired:
                    print(f"{sites:>7} {name:<8} more than {options.limit:.0f} seconds; stopped", flush=True)
                    return
                except subprocess.CalledProcessError as error:
                    sys.exit(f"{sites} sites, {name}: {error.stderr.strip()}")
                took = json.loads(said.stdout.splitlines()[-1])
                row = f"{took['seconds']:>9.2f} {took['peak']:>9.0f} {took['bytes'] / 1024:>9.0f}"
                print(f"{sites:>7} {name:<8} {row}", flush=True)


if __name__ == "__main__":
    main()
