"""From comparisons to rows: estimates, intervals, contrasts and variances on the scale of pooling."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
import pandas as pd

from pooling import effects
from pooling.ledger.comparisons import Comparison
from pooling.ledger.evidence import Evidence, Row
from pooling.ledger.package import Package
from pooling.ledger.selection import Analysis
from pooling.ledger.sizes import Arms, arm_sizes
from pooling.ledger.statements import z_interval


class NoSize(ValueError):
    """No standard error can be given because no size is known."""


@dataclass(frozen=True)
class Misfit:
    """What is wrong with a claim once it is to be pooled with others: in which table and column, and what is right."""

    table: str
    claim: str
    column: str
    message: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.claim or self.table}: {self.message}; {self.remedy}"


class Unfit(ValueError):
    """Claims of an analysis cannot be pooled together; `misfits` are all the reasons."""

    def __init__(self, misfits: list[Misfit]):
        super().__init__("\n".join(map(str, misfits)))
        self.misfits = misfits


def build(
    analysis: Analysis, comparisons: list[Comparison], package: Package, settings: dict
) -> tuple[Evidence, dict[str, str]]:
    """Put one analysis' comparisons on its scale.

    Returns
    -------
    evidence
        The rows that could be built; components that no row speaks about are left out of the design.
    refused
        Reason code for each claim that is in no row because none could be built of it (`no_size`).

    Raises
    ------
    Unfit
        If a number cannot be put on the scale, or standard errors and covariances of a site contradict each other.
    """
    level = package.outcomes.set_index("outcome").loc[analysis.outcome, "control_level"]
    level = float(level) / 100 if pd.notna(level) else float("nan")
    rows, refused, misfits = [], {}, []
    sites = dict.fromkeys(comparison.site for comparison in comparisons)
    equal_split = settings["sizes"]["equal_split"]
    sizes = arm_sizes(sites, package.arms, package.municipalities, equal_split=equal_split)
    ids = {claim for comparison in comparisons for claim in comparison.claims}
    claims = package.claims[package.claims["claim"].isin(ids)].set_index("claim").to_dict("index")
    components = tuple(package.components["component"])
    for comparison in comparisons:
        own = [claims[claim] for claim in comparison.claims]
        try:
            rows.append(_row(analysis, comparison, own, sizes[comparison.site], components, settings, level))
        except NoSize:
            refused.update(dict.fromkeys(comparison.claims, "no_size"))
        except ValueError as error:
            message, _, remedy = str(error).partition("; ")
            misfits.append(Misfit("claims", comparison.claims[0], "", message, remedy or "mend it, or set it aside"))
    for row in rows:
        for claim in row.claims:
            refused.pop(claim, None)
    given = _given(rows, package)
    rows = _share_control(rows, given, misfits)
    if misfits:
        raise Unfit(misfits)
    spoken = [k for k in range(len(components)) if any(row.design[k] for row in rows)]
    rows = [replace(row, design=tuple(row.design[k] for k in spoken)) for row in rows]
    evidence = Evidence(
        analysis=analysis.name,
        outcome=analysis.outcome,
        horizon=analysis.horizon,
        scale=analysis.scale,
        components=tuple(components[k] for k in spoken),
        control_level=level,
        kappa=settings["statements"]["kappa"],
        rows=tuple(rows),
        covariance=_covariance(rows, given),
    )
    return evidence, refused


def _row(
    analysis: Analysis,
    comparison: Comparison,
    claims: list[dict],
    sizes: Arms,
    components: tuple[str, ...],
    settings: dict,
    level: float,
) -> Row:
    weights = _weights(comparison, sizes)
    variances, cov_basis = _variances(analysis.scale, sizes, settings["sizes"], level)
    # an arm that plays no part may be of unknown size
    variances = np.where(weights == 0, np.nan_to_num(variances), variances)
    design = np.array([[component in own for component in components] for own in sizes.components])
    y, se, lower, upper = np.nan, float(np.sqrt(np.square(weights) @ variances)), np.nan, np.nan
    se_basis, epsilon = cov_basis, 0.0
    if comparison.kind == "number":
        y, se, variances, se_basis, cov_basis = _number(analysis.scale, claims, sizes, comparison, level)
    elif comparison.kind == "rounded":
        y, lower, upper = _rounded(analysis.scale, claims)
    else:
        z = z_interval(comparison.category, comparison.z_crit, settings["statements"]["just_not"])
        lower, upper = (bound * se for bound in z)
        epsilon = settings["statements"]["epsilon"]
    if not np.isfinite(se):
        raise NoSize
    treated, control = weights > 0, weights < 0
    return Row(
        analysis=analysis.name,
        row=f"{comparison.site}:{'+'.join(comparison.arms)}",
        site=comparison.site,
        arms=comparison.arms,
        versus=comparison.versus,
        kind=comparison.kind,
        claims=comparison.claims,
        source=comparison.source,
        category=comparison.category,
        y=float(y),
        se=float(se),
        lower=float(lower),
        upper=float(upper),
        z_lower=float(lower / se),
        z_upper=float(upper / se),
        z_crit=comparison.z_crit,
        se_basis=se_basis,
        cov_basis=cov_basis,
        epsilon=epsilon,
        n_treated=float(sizes.n[treated].sum()),
        n_control=float(sizes.n[control].sum()),
        design=tuple(float(value) for value in weights @ design),
        weights=tuple(float(value) for value in weights),
        arm_variances=tuple(float(value) for value in variances),
    )


def _weights(comparison: Comparison, sizes: Arms) -> np.ndarray:
    """The contrast over the site's arms; arms pooled on either side weigh by their size."""
    inside = sizes.are(comparison.arms)
    outside = ~inside if comparison.versus == "others" else np.arange(len(inside)) == 0
    n = np.where(np.isnan(sizes.n), 1.0, sizes.n)
    return np.where(inside, n / n[inside].sum(), 0.0) - np.where(outside, n / n[outside].sum(), 0.0)


def _variances(scale: str, sizes: Arms, rules: dict, level: float) -> tuple[np.ndarray, str]:
    """Sampling variance of each arm from its size."""
    if scale == "arcsine":
        variances = 1 / (4 * sizes.n)
    elif scale == "difference":
        variances = level * (1 - level) / sizes.n
    else:
        variances = 1 / (sizes.n * rules["response"])
    assumed = np.array([basis == "equal_split" for basis in sizes.basis])
    basis = "equal_split" if assumed.any() else "arm_sizes"
    return np.where(assumed, variances * rules["se_factor"] ** 2, variances), basis


def _number(scale: str, claims: list[dict], sizes: Arms, comparison: Comparison, level: float):
    """A printed estimate with its standard error, or two counts."""
    row, n = claims[0], sizes.n
    if row["kind"] == "arm_count":
        a, c = (effects.proportion(r["events"], r["n"]) for r in claims)
        na, nc = (float(r["n"]) for r in claims)
        if scale == "difference" and {a, c} <= {0.0, 1.0}:
            raise ValueError(
                "nobody or everybody has the outcome in both groups, which leaves a difference no standard error; "
                "pool it with scale: arcsine"
            )
        y, va, vc = effects.from_proportions(scale, a, na, c, nc)
        return y, np.sqrt(va + vc), _place(sizes, comparison, va, vc), "counts", "counts"
    y, se = effects.on_scale(scale, float(row["value"]), float(row["se"]), str(row["unit"]), level)
    treated = n[sizes.are(comparison.arms)].sum()
    known = np.isfinite(treated) and np.isfinite(n[0])
    share = (1 / n[0]) / (1 / n[0] + 1 / treated) if known else 0.5
    cov_basis = "arm_sizes" if known and sizes.basis[0] == "reported" else "equal_split"
    return y, se, _place(sizes, comparison, se**2 * (1 - share), se**2 * share), "reported", cov_basis


def _place(sizes: Arms, comparison: Comparison, treated: float, control: float) -> np.ndarray:
    """Arm variances that give the contrast its two sides' variances; arms that play no part get zero."""
    n = np.where(np.isnan(sizes.n), 1.0, sizes.n)
    inside = sizes.are(comparison.arms)
    variances = np.zeros(len(n))
    variances[inside] = treated * n[inside].sum() / n[inside]
    variances[0] = control
    return variances


def _rounded(scale: str, claims: list[dict]) -> tuple[float, float, float]:
    """The interval in which the estimate lay before its two percentages were rounded."""
    shares = [
        (row["value"] * unit, row["half_width"] * unit)
        for row in claims
        for unit in [1.0 if str(row["unit"]).startswith("proportion") else 0.01]
    ]
    (a, ha), (c, hc) = shares
    return (
        effects.difference(scale, a, c),
        effects.difference(scale, max(a - ha, 0.0), min(c + hc, 1.0)),
        effects.difference(scale, min(a + ha, 1.0), max(c - hc, 0.0)),
    )


def _given(rows: list[Row], package: Package) -> dict[frozenset[str], float]:
    """Covariances of the package between pooled numbers, on the model's scale.

    The table holds them in the product of the claims' own units. What carries over to another scale is the
    correlation, so each is divided by the two printed standard errors and multiplied by the pooled ones.
    """
    printed = package.claims.set_index("claim")["se"]
    pooled = {row.claims[0]: row.se for row in rows if row.kind == "number" and row.se_basis == "reported"}
    return {
        frozenset((a, b)): value / (printed[a] * printed[b]) * pooled[a] * pooled[b]
        for a, b, value in package.covariance[["claim_a", "claim_b", "covariance"]].itertuples(index=False)
        if a in pooled and b in pooled
    }


def _share_control(rows: list[Row], given: dict[frozenset[str], float], misfits: list[Misfit]) -> list[Row]:
    """Give all rows of a site the same arm variances, so that they share one control group.

    Statements carry variances from sizes. Numbers carry their own; the control's share of them is what the
    package gives as their covariance, or else an average over the site's numbers of the share their sizes
    imply. Each arm keeps what is left of its own squared standard error; where nothing is, that is a misfit.
    """
    shared = []
    for site, own in _by_site(rows).items():
        numbers = [row for row in own if row.kind == "number"]
        if not numbers or len(own) == 1:
            shared += own
            continue
        pairs = [given.get(frozenset((a.claims[0], b.claims[0]))) for a, b in combinations(numbers, 2)]
        known = [value for value in pairs if value is not None]
        variances = np.array(next((row for row in own if row.kind != "number"), own[0]).arm_variances)
        variances[0] = np.mean(known if known else [row.arm_variances[0] for row in numbers])
        for row in numbers:
            weights = np.array(row.weights)
            inside = weights > 0
            left = row.se**2 - variances[0]
            if left <= 0:
                message = (
                    f"a standard error of {row.se:.4g} on the scale of pooling is not above the "
                    f"{np.sqrt(variances[0]):.4g} of the control group alone of site '{site}'"
                )
                remedy = "mend it, or give the covariances of the site's estimates in covariance.csv"
                misfits.append(Misfit("claims", row.claims[0], "se", message, remedy))
                continue
            variances[inside] = left / np.square(weights[inside]).sum()
        shared += [_with_variances(row, variances) for row in own]
    return shared


def _with_variances(row: Row, variances: np.ndarray) -> Row:
    """The row with the site's common arm variances; a statement's bounds keep their z-values."""
    se = float(np.sqrt(np.square(row.weights) @ variances))
    stretch = se / row.se if row.kind == "interval" else 1.0
    return replace(
        row,
        se=se,
        lower=row.lower * stretch,
        upper=row.upper * stretch,
        arm_variances=tuple(float(value) for value in variances),
    )


def _covariance(rows: list[Row], given: dict[frozenset[str], float]) -> tuple[tuple[float, ...], ...] | None:
    """Full sampling covariance of the rows, where the package gives covariances between their claims."""
    if not given:
        return None
    full = np.zeros((len(rows), len(rows)))
    place = {row.row: i for i, row in enumerate(rows)}
    for own in _by_site(rows).values():
        index = [place[row.row] for row in own]
        weights, variances = (np.array([getattr(row, name) for row in own]) for name in ("weights", "arm_variances"))
        full[np.ix_(index, index)] = (weights * variances) @ weights.T
    first = {row.claims[0]: i for i, row in enumerate(rows) if row.kind == "number"}
    for (i, j), value in ((sorted(first[claim] for claim in pair), value) for pair, value in given.items()):
        full[i, j] = full[j, i] = value
    misfits = [
        Misfit("covariance", "", "", f"the covariances of site '{site}' do not fit its standard errors", "check both")
        for site, own in _by_site(rows).items()
        for index in [[place[row.row] for row in own]]
        if np.linalg.eigvalsh(full[np.ix_(index, index)])[0] <= 0
    ]
    if misfits:
        raise Unfit(misfits)
    return tuple(tuple(float(value) for value in line) for line in full)


def _by_site(rows: list[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row.site, []).append(row)
    return found
