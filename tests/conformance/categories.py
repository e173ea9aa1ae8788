"""The categories of vectors: for each a number of vectors and how the i-th is drawn."""

from __future__ import annotations

import numpy as np
from designs import SCALES, STATEMENTS, Maker

NAMES = tuple(SCALES)
EPSILONS = (0.0, 0.1, 0.3)
SIZES = (1, 2, 3, 4, 5, 6, 8, 9, 12, 20, 30)


def numbers_pairwise(make: Maker, i):
    k, scale = SIZES[i % len(SIZES)], NAMES[i % 4]
    wide = k >= 6
    families = ("halfnormal", "uniform", "exponential", "halfcauchy") if k >= 4 else ("halfnormal", "uniform")
    return make.pairwise(scale, k) | make.priors(
        scale, (*families, "flat") if k >= 8 else families, flat=wide and i % 3 == 0
    )


def numbers_components(make, i):
    p, scale = 2 + i % 2, NAMES[i % 4]
    k = (6, 9, 14, 25)[i % 4]
    return make.pairwise(scale, k, p) | make.priors(scale, p=p)


def numbers_covariance(make, i):
    p, scale = 1 + i % 3, NAMES[i % 4]
    rows = make.star(scale, [1 + int(a) for a in make.rng.integers(0, 3, (3, 5, 8)[i % 3])], p)
    given = make.contrast(rows, p)
    L, arm_v = given["contrast"]
    same = np.array(rows["groups"])[:, None] == np.array(rows["groups"])
    V = np.where(same, (L * arm_v) @ L.T, 0.0)
    families = ("halfnormal", "uniform", "exponential")
    out = given | {"v": None, "V": V} | make.priors(scale, families, p=p)
    return out if i % 4 == 3 else out | {"contrast": None}


def numbers_contrast(make, i):
    p, scale = 1 + i % 3, NAMES[i % 4]
    if i % 5 == 4:
        return make.contrast(make.others(scale, 5, p), p) | make.priors(scale, p=p)
    rows = make.star(scale, [1 + int(a) for a in make.rng.integers(0, 4, (2, 4, 6, 9)[i % 4])], p)
    return make.contrast(rows, p) | make.priors(scale, p=p)


def numbers_grouped(make, i):
    """Rows grouped by site with independent sampling errors: no contrast, no V."""
    k, scale = (2, 4, 7)[i % 3], NAMES[i % 4]
    given = make.pairwise(scale, 2 * k)
    return given | {"groups": [f"s{j // 2}" for j in range(2 * k)]} | make.priors(scale)


def numbers_smooth_prior(make, i):
    scale = NAMES[i % 4]
    prior = {"family": "logistic", "mean": 0.0, "scale": SCALES[scale][0] / 2}
    return make.pairwise(scale, 3 + i) | make.priors(scale) | {"mu_prior": prior}


def statements_pairwise(make, i):
    k, scale = (1, 2, 3, 4, 5, 6, 8, 12, 20, 30)[i % 10], NAMES[i % 4]
    return make.tell(make.pairwise(scale, k), epsilon=EPSILONS[i % 3], sources=1 + i % 2) | make.priors(scale)


def statements_two_components(make, i):
    scale = NAMES[i % 4]
    given = make.pairwise(scale, (3, 5, 8)[i % 3], 2)
    return make.tell(given, epsilon=EPSILONS[i % 3]) | make.priors(scale, ("halfnormal", "uniform"), p=2)


def statements_star(make, i):
    p, scale = 1 + i % 2, NAMES[i % 3]
    counts = [1 + int(a) for a in make.rng.integers(0, 3, (1, 2, 4, 6)[i % 4])]
    counts[0] = max(counts[0], 2)
    given = make.contrast(make.star(scale, counts, p, combined=len(counts) < 3), p)
    return make.tell(given, epsilon=EPSILONS[i % 3], sources=1 + i % 3) | make.priors(scale, p=p)


def statements_three_components(make, i):
    scale = NAMES[i % 2]
    given = make.contrast(make.star(scale, [3, 1, 2][: 1 + i % 3], 3, combined=i == 0), 3)
    return make.tell(given, epsilon=EPSILONS[1 + i % 2], sources=1 + i % 2) | make.priors(scale, ("halfnormal",), p=3)


def statements_together(make, i):
    p, scale = 1 + i % 2, NAMES[i % 3]
    given = make.contrast(make.together(scale, (1, 3, 5)[i % 3], p), p)
    return make.tell(given, epsilon=EPSILONS[i % 3], sources=1 + i % 2) | make.priors(scale, p=p)


def statements_others(make, i):
    p, scale = 1 + (i % 4 == 3), NAMES[i % 3]
    given = make.contrast(make.others(scale, (1, 2, 4)[i % 3], p), p)
    return make.tell(given, epsilon=EPSILONS[i % 3], sources=1 + i % 2) | make.priors(scale, p=p)


def statements_grouped(make, i):
    """Two statements about a site whose sampling errors are independent."""
    k, scale = (1, 2, 4)[i % 3], NAMES[i % 4]
    given = make.tell(make.pairwise(scale, 2 * k), epsilon=EPSILONS[i % 3], sources=1 + i % 2)
    return given | {"groups": [f"s{j // 2}" for j in range(2 * k)]} | make.priors(scale)


def mixed_pairwise(make, i):
    k, scale = (2, 4, 6, 9, 15)[i % 5], NAMES[i % 4]
    told = make.rng.permutation(k)[: 1 + int(make.rng.integers(k - 1))]
    given = make.tell(make.pairwise(scale, k), rows=told, epsilon=EPSILONS[i % 3])
    flat = k - len(told) >= 3 and i % 2 == 0
    return given | make.priors(scale, ("halfnormal", "uniform"), flat=flat)


def mixed_star(make, i):
    p, scale = 1 + i % 2, NAMES[i % 3]
    counts = [2, *(1 + int(a) for a in make.rng.integers(0, 3, (1, 3, 4)[i % 3]))]
    given = make.contrast(make.star(scale, counts, p, combined=len(counts) < 3), p)
    n = given["y"].size
    told = [j for j in range(n) if j == 0 or (make.rng.random() < 0.5 and j != 1)]
    given = make.tell(given, rows=told, epsilon=EPSILONS[i % 3], sources=1 + i % 2)
    return given | make.priors(scale, ("halfnormal", "uniform"), p=p)


def mixed_covariance(make, i):
    """The caller's own covariance for the sampling errors, contrasts for the heterogeneity only."""
    scale = NAMES[i % 3]
    rows = make.star(scale, [2, 2, 1, 2][: 2 + i % 3], 1)
    given = make.contrast(rows, 1)
    L, arm_v = given["contrast"]
    same = np.array(rows["groups"])[:, None] == np.array(rows["groups"])
    V = np.where(same, (L * arm_v) @ L.T, 0.0)
    V = V * np.where(np.eye(len(V)) == 1, 1.0, 0.8)
    given = make.tell(given | {"v": np.diag(V).copy()}, rows=range(0, given["y"].size, 2), epsilon=EPSILONS[i % 3])
    return given | {"V": V, "v": None} | make.priors(scale, ("halfnormal", "uniform"))


def rounded(make, i):
    scale = ("share", "score")[i % 2]
    half = {"share": 0.006, "score": 0.02}[scale] * (1, 0.2)[i % 3 == 2]
    if i % 3 == 0:
        given = make.pairwise(scale, 5)
        told = make.tell(given, rows=[0, 3], epsilon=0.1)
        out = make.round_off(told, [1, 2], half)
    else:
        p = 1 + (i in (2, 8))
        given = make.contrast(make.star(scale, [2, 1, 3, 2][: 4 - p], p, combined=False), p)
        told = make.tell(given, rows=range(0, given["y"].size, 2), epsilon=0.3, sources=2)
        out = make.round_off(told, range(1, given["y"].size, 2), half)
    return out | make.priors(scale, ("halfnormal", "uniform"), p=1 if out["X"] is None else out["X"].shape[1])


def hostile_numbers(make, i):
    kind = i % 5
    scale = NAMES[i % 4]
    given = make.pairwise(scale, (2, 5, 9)[i % 3])
    if kind == 0:
        given["y"] = np.full_like(given["y"], SCALES[scale][0] / 3)
    elif kind == 1:
        given["v"] = given["v"] * 10.0 ** np.linspace(-6, 6, given["v"].size)
        given["y"] = make.rng.normal(0, np.sqrt(given["v"] + SCALES[scale][1] ** 2))
    elif kind == 2:
        given["y"] = given["y"] + 40 * SCALES[scale][1] * np.where(np.arange(given["y"].size) % 2, 1, -1)
    elif kind == 3:
        given["y"] = given["y"] * 1e-6
    else:
        given["y"], given["v"] = given["y"][:1], given["v"][:1]
    return given | make.priors(scale, ("halfnormal", "uniform", "exponential"))


def hostile_statements(make, i):
    kind, scale = i % 6, NAMES[i % 4]
    k = (2, 4, 9, 20)[(i // 6) % 4]
    given = make.pairwise(scale, k)
    s = np.sqrt(given["v"])
    if kind == 0:
        z = np.array([STATEMENTS[0]] * k)
    elif kind == 1:
        z = np.array([STATEMENTS[0 if j % 2 else 8] for j in range(k)])
    elif kind == 2:
        z = np.array([STATEMENTS[4]] * k)
    elif kind == 3:
        z = np.array([(3.5, np.inf) if j % 2 else (-0.01, 0.01) for j in range(k)])
    elif kind == 4:
        z = np.array([STATEMENTS[3]] * k)
    else:
        z = np.array([(-np.inf, np.inf) if j % 2 else STATEMENTS[1] for j in range(k)])
    told = {"y": np.full(k, np.nan), "lower": z[:, 0] * s, "upper": z[:, 1] * s}
    return given | told | {"epsilon": (0.0, 0.1)[i % 2]} | make.priors(scale, ("halfnormal", "uniform"))


def hostile_star(make, i):
    """Contradictory statements about the arms of one control group; a tiny or a huge control arm."""
    scale, kind = NAMES[i % 3], i % 4
    given = make.contrast(make.star(scale, [2, 2, 1][: 1 + i % 3], 1), 1)
    L, arm_v = given["contrast"]
    arm_v = arm_v.copy()
    arm_v[:, 0] *= (1, 1, 8, 0.05)[kind]
    v = (L**2 * arm_v).sum(axis=1)
    s, n = np.sqrt(v), v.size
    z = (
        np.array([STATEMENTS[0 if j % 2 else 8] for j in range(n)])
        if kind < 2
        else np.array([STATEMENTS[1 if j % 2 else 0] for j in range(n)])
    )
    told = {"v": v, "contrast": [L, arm_v], "y": np.full(n, np.nan), "lower": z[:, 0] * s, "upper": z[:, 1] * s}
    return given | told | {"epsilon": (0.1, 0.0)[i % 2]} | make.priors(scale, ("halfnormal", "uniform"))


CATEGORIES = {
    numbers_pairwise: 81,
    numbers_components: 24,
    numbers_covariance: 36,
    numbers_contrast: 36,
    numbers_grouped: 12,
    numbers_smooth_prior: 6,
    statements_pairwise: 60,
    statements_two_components: 15,
    statements_star: 16,
    statements_three_components: 4,
    statements_together: 24,
    statements_others: 20,
    statements_grouped: 12,
    mixed_pairwise: 40,
    mixed_star: 24,
    mixed_covariance: 6,
    rounded: 18,
    hostile_numbers: 30,
    hostile_statements: 24,
    hostile_star: 12,
}
