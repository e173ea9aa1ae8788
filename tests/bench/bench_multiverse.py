"""Speed, memory and growth of the multiverse, each step in a process of its own.

    python tests/bench/bench_multiverse.py [budget ...]

Plans the package in data/ with each budget for its main analyses, then answers every specification in one chunk on
one core, three times. Medians of processor seconds, specifications that differ a minute, peak memory, size of the
table; and what each further specification costs from one budget to the next, which is the same for all if the cost
is linear. Five minutes.
"""

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "workflow"))
REPEATS = 3


def step(name, folder, budget):
    """Do one step in this process; return what it cost."""
    from pooling import multiverse
    from pooling.ledger import package
    from pooling.running import settings

    config = settings.load(ROOT / "workflow/config.yaml", ROOT / "workflow/schema.yaml", {"data": str(ROOT / "data")})
    config["multiverse"] |= {"budget": budget}
    folder = Path(folder)
    begin = time.process_time()
    if name == "plan":
        chosen = multiverse.read(ROOT / "workflow/multiverse.yaml", ROOT / "data")
        multiverse.prepare(package.read(ROOT / "data"), config, chosen, folder)
    elif name == "run":
        multiverse.run(folder, 0, 1, config, config["digits"], folder / "0.parquet")
    elif name == "merge":
        multiverse.merge([folder / "0.parquet"], folder / "all.parquet")
    else:
        paths = {table: str(folder / f"{table}.csv") for table in ("counts", *multiverse.summary.COLUMNS)}
        plan = (folder / "specifications.parquet", folder / "problems.json")
        multiverse.summarise(folder / "all.parquet", *plan, paths, config["digits"])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": time.process_time() - begin, "peak": peak}


def measured(name, folder, budget):
    """The same in a process of its own, on one core."""
    one = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}
    command = [sys.executable, __file__, "--step", name, str(folder), str(budget)]
    run = subprocess.run(command, env={**os.environ, **one}, capture_output=True, text=True, check=True)
    return json.loads(run.stdout)


def median(name, folder, budget):
    """The middle of three measurements."""
    costs = [measured(name, folder, budget) for _ in range(REPEATS)]
    return {what: statistics.median(cost[what] for cost in costs) for what in costs[0]}


def main(budgets):
    """Print a line for each budget and step, and one for each step from a budget to the next."""
    import pyarrow.parquet as pq

    print("budget  step     seconds  peak MB")
    before = None
    for budget in budgets:
        with tempfile.TemporaryDirectory() as folder:
            costs = {"plan": measured("plan", folder, budget), "run": median("run", folder, budget)}
            costs |= {name: measured(name, folder, budget) for name in ("merge", "summary")}
            for name, cost in costs.items():
                print(f"{budget:6d}  {name:8s} {cost['seconds']:7.1f}  {cost['peak']:7.0f}")
            table = pq.read_table(Path(folder) / "all.parquet", columns=["analysis", "spec"]).to_pandas()
            size = (Path(folder) / "all.parquet").stat().st_size / 2**20
        number, seconds = len(table.drop_duplicates()), costs["run"]["seconds"]
        print(f"{number:,} specifications, {number / seconds * 60:,.0f} a minute, {size:.1f} MB", flush=True)
        total = sum(cost["seconds"] for cost in costs.values())
        if before and number > before[0]:
            further = [1000 * (b - a) / (number - before[0]) for a, b in zip(before[1:], (seconds, total), strict=True)]
            print("each further one: run {:.2f} ms, all steps {:.2f} ms".format(*further), flush=True)
        before = (number, seconds, total)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--step"]:
        print(json.dumps(step(sys.argv[2], sys.argv[3], int(sys.argv[4]))))
    else:
        main([int(word) for word in sys.argv[1:]] or [1000, 2000, 4000])
