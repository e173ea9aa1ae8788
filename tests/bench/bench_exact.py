"""Times of the exact engine beside their targets: medians of processor time, and ratios to a baseline of the same run.

The baseline is scipy's `log_ndtr` over 100,000 numbers, so that figures from two machines, or from a busy
one, can be compared. Run: ``python tests/bench/bench_exact.py``.
"""

import os
import resource
import sys
import time
from pathlib import Path

# As in the pipeline, where every rule has one thread of linear algebra: more cost more than they bring here.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from scipy import stats
from scipy.special import log_ndtr

sys.path.insert(0, str(Path(__file__).parents[2] / "workflow"))

from pooling import calibration
from pooling.exact import pool, pool_many, site_tensors

SITES = 9
PRIORS = {"mu_prior": (0.0, 0.0625), "tau_prior": stats.halfnorm(scale=0.0375)}
INTERVALS = {"above": (1.96, np.inf), "null": (-1.96, 1.96), "leaning": (0.0, 1.96)}


def pairwise(seed, statements):
    """Nine sites, one row each, on the arcsine scale."""
    rng = np.random.default_rng(seed)
    s = np.sqrt(1 / (4 * rng.integers(100, 500, SITES)) + 1 / (4 * rng.integers(100, 500, SITES)))
    if not statements:
        return {"y": rng.normal(0.02, np.hypot(s, 0.03)), "v": s**2}
    kind = rng.choice(list(INTERVALS), SITES)
    bounds = np.array([INTERVALS[name] for name in kind]).T * s
    return {"y": np.full(SITES, np.nan), "v": s**2, "lower": bounds[0], "upper": bounds[1], "epsilon": 0.1}


def several_arms(seed, mixed):
    """Eight sites, two or three arms against a shared control, three components."""
    rng = np.random.default_rng(seed)
    rows = {name: [] for name in ("y", "v", "lower", "upper", "X", "groups", "L", "arm_v")}
    for site in range(8):
        arm_v = 1 / (4 * rng.integers(100, 400, 4))
        for a in ([0, 1, 2], [0, 1], [1, 2])[site % 3]:
            s = np.sqrt(arm_v[0] + arm_v[a + 1])
            number = mixed and site % 4 == 1
            low, high = (np.nan, np.nan) if number else INTERVALS[rng.choice(list(INTERVALS))]
            for name, value in (
                ("y", rng.normal(0.02, s) if number else np.nan),
                ("v", s**2),
                ("lower", low * s),
                ("upper", high * s),
                ("X", np.eye(3)[a]),
                ("groups", site),
                ("L", np.eye(4)[a + 1] - np.eye(4)[0]),
                ("arm_v", arm_v),
            ):
                rows[name].append(value)
    out = {name: np.array(value) for name, value in rows.items()}
    contrast = out.pop("L"), out.pop("arm_v")
    return {**out, "contrast": contrast, "epsilon": 0.1}


def median(work, repeats):
    """Median processor time of a call, in milliseconds, after one to warm up."""
    work()
    times = []
    for _ in range(repeats):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return 1000 * float(np.median(times))


def cases():
    """Every figure: its name, target in ms, the call, how often to time it, and how many fits it holds."""
    numbers, told = pairwise(1, False), pairwise(1, True)
    together, mixed = several_arms(1, False), several_arms(1, True)
    many = [pairwise(seed, False) for seed in range(200)]
    stacked = np.array([one["y"] for one in many]), np.array([one["v"] for one in many])
    fitted, fitted_told, fitted_mixed = pool(**numbers, **PRIORS), pool(**told, **PRIORS), pool(**mixed, **PRIORS)
    shared = site_tensors(**mixed, **PRIORS)
    some = shared.sites[1:]
    narrower = stats.halfnorm(scale=0.03)
    return (
        ("numbers, nine sites: one fit", 1.0, lambda: pool(**numbers, **PRIORS), 50, 1),
        ("numbers, nine sites: each of 200 in one call", 0.2, lambda: pool_many(*stacked, **PRIORS), 10, 200),
        ("numbers, nine sites: all left out in turn", 2.0, lambda: fitted.leave_out(), 50, 1),
        ("statements, nine sites: one fit", 2.0, lambda: pool(**told, **PRIORS), 50, 1),
        ("statements, nine sites: all left out in turn", 2.0, lambda: fitted_told.leave_out(), 20, 1),
        ("three components, statements: one fit", 40.0, lambda: pool(**together, **PRIORS), 15, 1),
        ("three components, mixed: one fit", 40.0, lambda: pool(**mixed, **PRIORS), 15, 1),
        ("three components, mixed: a further subset", 4.0, lambda: shared.fit(some), 15, 1),
        ("three components, mixed: another prior", 4.0, lambda: shared.fit(tau_prior=narrower), 15, 1),
        ("three components, mixed: each left-out site", 4.0, lambda: fitted_mixed.leave_out(), 5, len(shared.sites)),
    )


def calibrate():
    """Simulate and fit 1,000 data sets of nine sites; numbers of single arms."""
    calibration.run_numbers(calibration.pairwise(SITES, **PRIORS), 1000, 1)


def growth(fits=300):
    """Growth of this process's peak memory, in MB, over so many fits after the first few."""
    mixed = several_arms(1, True)
    peaks = []
    for count in (5, fits):
        for seed in range(count):
            pool(**pairwise(seed, True), **PRIORS)
            if seed < count // 20:
                pool(**mixed, **PRIORS)
        peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    return peaks[1] - peaks[0]


def line(name, value, unit, target, ratio=None):
    verdict = "met" if value <= target else "MISSED"
    shown = "" if ratio is None else f"{ratio:8.2f} x baseline"
    print(f"{name:46s}{value:9.3f} {unit:3s} target {target:7.1f} {unit:3s} {verdict:7s}{shown}")


def main():
    x = np.random.default_rng(0).normal(size=100_000)
    base = median(lambda: log_ndtr(x), 50)
    print(f"{'baseline: log_ndtr of 100,000 numbers':46s}{base:9.3f} ms")
    for name, target, work, repeats, share in cases():
        took = median(work, repeats) / share
        line(name, took, "ms", target, took / base)
    start = time.process_time()
    calibrate()
    took = time.process_time() - start
    line("calibration: 1,000 replicates of nine sites", took, "s", 5.0, 1000 * took / base)
    line("memory: growth over 300 fits", growth(), "MB", 5.0)


if __name__ == "__main__":
    main()
