"""Write `vectors.json`, or check that it is what this code gives.

python tests/conformance/generate.py            write it (about 16 minutes of processor time)
python tests/conformance/generate.py --check    regenerate and compare byte by byte
python tests/conformance/generate.py --only statements_star    solve one category and report, write nothing
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

# One thread each, set before numpy loads, so that sums have one order and the file one content.
os.environ.update({name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")})
sys.path[:0] = [str(Path(__file__).parents[2] / "workflow"), str(Path(__file__).parent)]

import numpy as np  # noqa: E402
import reference_grid  # noqa: E402
import reference_numbers  # noqa: E402
import vector_format  # noqa: E402
from categories import CATEGORIES  # noqa: E402
from designs import Maker  # noqa: E402

SEED = 20171001
WORST = 1e-5  # a vector whose answers are not known to this accuracy is not stored
FIELDS = (
    "y",
    "v",
    "V",
    "X",
    "groups",
    "lower",
    "upper",
    "contrast",
    "source",
    "epsilon",
    "kappa",
    "mu_prior",
    "tau_prior",
)


def draw(category, i):
    """The i-th input of a category, from a random stream of its own."""
    index = [function.__name__ for function in CATEGORIES].index(category)
    make = Maker(np.random.default_rng([SEED, index, i]))
    function = next(f for f in CATEGORIES if f.__name__ == category)
    given = dict.fromkeys(FIELDS) | {"epsilon": 0.0, "kappa": 2.0} | function(make, i)
    given = {name: vector_format.plain(given[name], 6) for name in FIELDS}
    if given["contrast"] is not None and given["V"] is None:
        # Rounding the arms' variances moves the rows' a little; keep them consistent.
        L, arm_v = (np.array(part) for part in given["contrast"])
        given["v"] = vector_format.plain((L**2 * arm_v).sum(axis=1), 9)
    return {"id": f"{category}-{i:03d}", "category": category, "input": given}


def solve(task):
    """One vector with its answer and how far the last two levels of refinement differ."""
    vector = draw(*task)
    start = time.process_time()
    given = vector_format.arguments(vector)
    n = len(given["y"])
    statements = np.isnan(given["y"]).any()
    half_normal = (vector["input"]["tau_prior"] or {}).get("family") in ("halfnormal", "uniform")
    # Site effects on the grid cost as much as all else, and need a generating function that exists.
    light = not statements or given["groups"] is None
    given["theta_rows"] = sorted({0, n - 1 if light else 0})
    if statements and (not half_normal or reference_numbers.given_design(given).shape[1] > 1):
        given["theta_rows"] = []
    conjugate = not statements and not hasattr(given["mu_prior"], "logpdf")
    solver = reference_numbers if conjugate else reference_grid
    with np.errstate(over="ignore", under="ignore"):
        fine = solver.solve(given, 0)
        for level in (1, 2):
            coarse, fine = fine, solver.solve(given, level)
            error = difference(coarse, fine)
            if error < WORST / 2:
                break
    vector["answer"] = vector_format.plain(fine, 9)
    # Nine printed digits and root finding leave about 1e-9 even where the two levels agree.
    vector["error"] = vector_format.plain(max(error, 1e-9), 2)
    return vector, time.process_time() - start


def difference(a, b):
    """Largest difference of two answers, in the units of `vector_format`."""
    found = []
    for one, other in zip(
        [*a["mu"], *a["new_site"], a["tau"], *a["theta"]], [*b["mu"], *b["new_site"], b["tau"], *b["theta"]]
    ):
        for name, value in one.items():
            if name != "row":
                found.append(abs(value - other[name]) / (1.0 if name == "positive" else other["sd"]))
    if a["log_ml"] is not None:
        found.append(abs(a["log_ml"] - b["log_ml"]))
    found += [abs(x - y) for x, y in zip(a["best"] or [], b["best"] or [])]
    return float(np.max(found))


def main():
    """Solve all vectors (or one category) and write, check or report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare with the stored file, write nothing")
    parser.add_argument("--only", help="one category; report, write nothing")
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    tasks = [(f.__name__, i) for f, n in CATEGORIES.items() for i in range(n) if options.only in (None, f.__name__)]
    vectors = []
    with ProcessPoolExecutor(options.workers) as pool:
        for vector, seconds in pool.map(solve, tasks):
            vectors.append(vector)
            if options.only or seconds > 30 or vector["error"] > WORST:
                print(f"{vector['id']}: error {vector['error']:.1e}, {seconds:.1f} s", flush=True)
    bad = [vector["id"] for vector in vectors if not vector["error"] <= WORST]
    if bad:
        sys.exit(f"not known to {WORST:g}: {', '.join(bad)}")
    content = vector_format.text(vectors, SEED)
    if options.only:
        return
    if options.check:
        if content != vector_format.VECTORS.read_text(encoding="utf-8"):
            sys.exit("vectors.json is not what generate.py gives")
        print("vectors.json is what generate.py gives")
        return
    vector_format.VECTORS.write_text(content, encoding="utf-8")
    print(f"{len(vectors)} vectors, {len(content) / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
