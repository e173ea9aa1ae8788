"""Random inputs of every kind the engines take, and hostile ones. Sizes, effects and categories are made up."""

from __future__ import annotations

import numpy as np

# Intervals of z: (significant, not significant, just not, sign only, no effect, no positive effect, …).
STATEMENTS = (
    (1.96, np.inf),
    (0, 1.96),
    (1.28, 1.96),
    (0, np.inf),
    (-1.96, 1.96),
    (-np.inf, 1.96),
    (-np.inf, 0),
    (-1.96, 0),
    (-np.inf, -1.96),
    (-1.96, np.inf),
    (1.645, np.inf),
)
# Unit of the outcome, prior sd of mu and scale of tau: shares, scores, log odds ratios, test points.
SCALES = {"share": (0.0625, 0.0375), "score": (0.2, 0.1), "odds": (1.0, 0.5), "points": (25.0, 10.0)}
# Arms as combinations of components, for one to three components.
ARMS = {1: [(1,)], 2: [(1, 0), (0, 1), (1, 1)], 3: [(1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 1, 0)]}


class Maker:
    """Draws inputs from one random stream."""

    def __init__(self, rng):
        self.rng = rng

    def pick(self, options):
        return options[int(self.rng.integers(len(options)))]

    def priors(self, scale, families=("halfnormal", "uniform", "exponential"), flat=False, p=1):
        """Prior descriptions on an outcome's scale."""
        mu_sd, tau_scale = SCALES[scale]
        family = self.pick(families)
        tau = {"family": family, "scale": tau_scale * self.pick([0.5, 1, 2])}
        if family == "uniform":
            tau = {"family": "uniform", "lower": 0, "upper": tau_scale * self.pick([2, 4])}
        mean, sd = 0.0, mu_sd
        if p > 1 and self.rng.random() < 0.3:
            mean, sd = list(np.round(self.rng.normal(0, 0.3, p) * mu_sd, 6)), [mu_sd * (j + 1) / 2 for j in range(p)]
        return {
            "mu_prior": None if flat else {"family": "normal", "mean": mean, "sd": sd},
            "tau_prior": None if family == "flat" else tau,
        }

    def truth(self, scale, p):
        mu_sd, tau_scale = SCALES[scale]
        return self.rng.normal(0, mu_sd, p), abs(self.rng.normal(0, tau_scale))

    def arm_variances(self, scale, arms):
        """Sampling variance of each arm, control first, for 60 to 450 people in each."""
        n = self.rng.integers(60, 450, arms)
        return {"share": 0.25, "score": 1.0, "odds": 5.0, "points": 5000.0}[scale] / n

    def pairwise(self, scale, k, p=1):
        """k sites of one number each: y, v and design."""
        mu, tau = self.truth(scale, p)
        v = np.array([self.arm_variances(scale, 2).sum() for _ in range(k)])
        X = np.ones((k, 1)) if p == 1 else np.array([self.pick(ARMS[p]) for _ in range(k)], dtype=float)
        y = X @ mu + self.rng.normal(0, np.sqrt(v + tau**2))
        return {"y": y, "v": v, "X": None if p == 1 else X}

    def star(self, scale, counts, p, combined=True):
        """Sites with several arms against one control; rows as contrasts.

        counts: treated arms per site; combined: whether an arm may carry several components.
        """
        mu, tau = self.truth(scale, p)
        width = max(counts) + 1
        rows = {name: [] for name in ("y", "v", "X", "groups", "L", "arm_v")}
        for site, arms in enumerate(counts):
            arm_v = np.append(self.arm_variances(scale, arms + 1), np.zeros(width - arms - 1))
            noise = self.rng.normal(0, np.sqrt(arm_v + tau**2 / 2))
            options = ARMS[p] if combined else ARMS[p][:p]
            chosen = (
                self.rng.permutation(len(options))[:arms]
                if arms <= len(options)
                else self.rng.integers(len(options), size=arms)
            )
            for a in range(arms):
                x, L = np.array(options[chosen[a]], dtype=float), np.zeros(width)
                L[0], L[a + 1] = -1, 1
                self.add(rows, L, arm_v, x, x @ mu + L @ noise, site)
        return rows

    @staticmethod
    def add(rows, L, arm_v, x, y, site):
        for name, value in zip(rows, (y, L**2 @ arm_v, x, f"s{site}", L, arm_v)):
            rows[name].append(value)

    def contrast(self, rows, p):
        """Rows as an input: contrasts with their arm variances."""
        return {
            "y": np.array(rows["y"]),
            "v": np.array(rows["v"]),
            "groups": rows["groups"],
            "X": None if p == 1 and np.all(np.array(rows["X"]) == 1) else np.array(rows["X"]),
            "contrast": [np.array(rows["L"]), np.array(rows["arm_v"])],
        }

    def together(self, scale, k, p):
        """Sites whose one row is several arms together against control; every third has a second, own arm."""
        mu, tau = self.truth(scale, p)
        rows = {name: [] for name in ("y", "v", "X", "groups", "L", "arm_v")}
        for site in range(k):
            arms = int(self.rng.integers(2, 4))
            arm_v = np.append(self.arm_variances(scale, arms + 1), np.zeros(4 - arms - 1))
            noise = self.rng.normal(0, np.sqrt(arm_v + tau**2 / 2))
            design = np.array([self.pick(ARMS[p]) for _ in range(arms)], dtype=float)
            share = self.rng.dirichlet(np.full(arms, 20.0))
            split = arms - 1 if site % 3 == 2 else arms
            L = np.zeros(4)
            L[0], L[1 : split + 1] = -1, share[:split] / share[:split].sum()
            self.add(rows, L, arm_v, L[1 : arms + 1] @ design, L @ noise + L[1 : arms + 1] @ design @ mu, site)
            if split < arms:
                own = np.zeros(4)
                own[0], own[arms] = -1, 1
                self.add(rows, own, arm_v, design[-1], own @ noise + design[-1] @ mu, site)
        return rows

    def others(self, scale, k, p):
        """Sites that compare an arm with all other groups, control included; the first site tells two such."""
        mu, tau = self.truth(scale, p)
        rows = {name: [] for name in ("y", "v", "X", "groups", "L", "arm_v")}
        for site in range(k):
            arms = 3 if site == 0 else 2
            arm_v = np.append(self.arm_variances(scale, arms + 1), np.zeros(4 - arms - 1))
            n = np.append(1 / arm_v[: arms + 1], np.zeros(4 - arms - 1))
            noise = self.rng.normal(0, np.sqrt(arm_v + tau**2 / 2))
            design = np.vstack(
                [
                    np.zeros(p),
                    *(np.array(self.pick(ARMS[p]), dtype=float) for _ in range(arms)),
                    *np.zeros((4 - arms - 1, p)),
                ]
            )
            for a in (1, 2) if site == 0 else (1,):
                rest = np.where(np.arange(4) == a, 0.0, n)
                L = np.where(np.arange(4) == a, 1.0, -rest / rest.sum()) if site < 2 else np.eye(4)[a] - np.eye(4)[0]
                self.add(rows, L, arm_v, L @ design, L @ noise + L @ design @ mu, site)
        return rows

    def tell(self, given, rows=None, sources=1, epsilon=0.1, categories=STATEMENTS):
        """Turn numbers into statements true of them, one of the categories that hold (or the given rows only)."""
        y, s = given["y"].copy(), np.sqrt(given["v"])
        n = y.size
        rows = range(n) if rows is None else rows
        lower, upper = np.full(n, np.nan), np.full(n, np.nan)
        for i in rows:
            fitting = [c for c in categories if c[0] < y[i] / s[i] < c[1]] or [(-np.inf, np.inf)]
            lower[i], upper[i] = np.array(self.pick(fitting)) * s[i]
            y[i] = np.nan
        labels = [f"r{int(i)}" for i in self.rng.integers(sources, size=n)]
        return given | {"y": y, "lower": lower, "upper": upper, "epsilon": float(epsilon), "source": labels}

    def round_off(self, given, rows, half_width):
        """Turn numbers into rounding intervals, of which nobody doubts that they hold."""
        y = given["y"].copy()
        lower, upper, epsilon = given.get("lower"), given.get("upper"), given.get("epsilon", 0.0)
        lower = np.full(y.size, np.nan) if lower is None else lower.copy()
        upper = np.full(y.size, np.nan) if upper is None else upper.copy()
        epsilon = np.full(y.size, float(epsilon))
        for i in rows:
            lower[i], upper[i], y[i], epsilon[i] = y[i] - half_width, y[i] + half_width, np.nan, 0.0
        return given | {"y": y, "lower": lower, "upper": upper, "epsilon": epsilon}
