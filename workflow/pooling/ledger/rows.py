"""From comparisons to rows: estimates, intervals, contrasts and variances on the scale of pooling."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from pooling import effects
from pooling.ledger import shared_control
from pooling.ledger.comparisons import Comparison
from pooling.ledger.evidence import Evidence, Row
from pooling.ledger.package import Package
from pooling.ledger.selection import Analysis
from pooling.ledger.shared_control import Misfit, Unfit
from pooling.ledger.sizes import Arms, arm_sizes
from pooling.ledger.statements import z_interval


class NoSize(ValueError):
    """No standard error can be given because no size is known."""


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
    given = shared_control.covariances(rows, package)
    rows = shared_control.share(rows, given, misfits)
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
        covariance=shared_control.full(rows, given),
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
