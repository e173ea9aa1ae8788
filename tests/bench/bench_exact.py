"""Times of the exact engine: medians of processor time, and their ratio to a baseline timed in the same run.

The baseline is scipy's `log_ndtr` over 100,000 numbers, so that figures from two machines, or from a busy
one, can be compared. Run: ``python tests/bench/bench_exact.py``.
"""

import sys
import time
from pathlib import Path

import numpy as np
from scipy import stats
from scipy.special import log_ndtr

sys.path.insert(0, str(Path(__file__).parents[2] / "workflow"))

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


def main():
    x = np.random.default_rng(0).normal(size=100_000)
    numbers, told = pairwise(1, False), pairwise(1, True)
    together, mixed = several_arms(1, False), several_arms(1, True)
    many = [pairwise(seed, False) for seed in range(200)]
    stacked = np.array([one["y"] for one in many]), np.array([one["v"] for one in many])
    fitted, fitted_told, fitted_mixed = pool(**numbers, **PRIORS), pool(**told, **PRIORS), pool(**mixed, **PRIORS)
    shared = site_tensors(**mixed, **PRIORS)
    some = shared.sites[1:]
    cases = (
        ("numbers, nine sites, one fit", lambda: pool(**numbers, **PRIORS), 50, 1),
        ("numbers, nine sites, each of 200 in one call", lambda: pool_many(*stacked, **PRIORS), 10, 200),
        ("numbers, nine sites, each left out in turn", lambda: fitted.leave_out(), 50, 1),
        ("statements, nine sites, one fit", lambda: pool(**told, **PRIORS), 50, 1),
        ("statements, nine sites, each left out in turn", lambda: fitted_told.leave_out(), 20, 1),
        ("statements, three components, one fit", lambda: pool(**together, **PRIORS), 15, 1),
        ("mixed, three components, one fit", lambda: pool(**mixed, **PRIORS), 15, 1),
        ("mixed, three components, a further subset", lambda: shared.fit(some), 15, 1),
        ("mixed, three components, another prior", lambda: shared.fit(tau_prior=stats.halfnorm(scale=0.03)), 15, 1),
        ("mixed, three components, each site left out in turn", lambda: fitted_mixed.leave_out(), 5, 1),
    )
    base = median(lambda: log_ndtr(x), 50)
    print(f"{'baseline: log_ndtr of 100,000 numbers':54s}{base:10.3f} ms")
    for name, work, repeats, share in cases:
        took = median(work, repeats) / share
        print(f"{name:54s}{took:10.3f} ms {took / base:8.2f} x baseline")


if __name__ == "__main__":
    main()
