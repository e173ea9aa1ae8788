"""Invented results of the invented package, with the columns of results/*.csv; no number here is real."""

import json

from invented_package import SITES, TABLES, write_csv

ESTIMATES = """analysis row municipality arms versus kind claims source category y se lower
    upper z_lower z_upper z_crit se_basis cov_basis epsilon n_treated n_control
    x_voucher x_coaching x_choir""".split()  # noqa: SIM905
CLAIMS = """claim municipality arms outcome horizon category status analysis reason reason_detail
    conflict source locator locator_nl finding finding_nl caveat caveat_nl
    direction significant value unit kind versus scope same_finding""".split()  # noqa: SIM905
COUNTS = [
    {
        "analysis": "sewing_end",
        "component": "voucher",
        "sites": 3,
        "positive": 2,
        "null": 0,
        "negative": 1,
        "sign_test_p": 0.625,
    },
    {
        "analysis": "sewing_end",
        "component": "coaching",
        "sites": 3,
        "positive": 1,
        "null": 2,
        "negative": 1,
    },
]
AGREEMENT = [
    {
        "analysis": "sewing_end",
        "quantity": "mean",
        "exact": 5.5,
        "pymc": 5.52,
        "allowed": 0.05,
        "ok": "true",
    },
    {
        "analysis": "sewing_end",
        "quantity": "sd",
        "exact": 1.9,
        "pymc": 2.5,
        "allowed": 0.05,
        "ok": "false",
    },
]
CODING_AGREEMENT = [
    {
        "claims": "all",
        "field": "use",
        "n": 14,
        "agreement": 0.929,
        "kappa": 0.81,
        "ci_lower": 0.62,
        "ci_upper": 1.0,
    },
    {"claims": "all", "field": "scope", "n": 14, "agreement": 1.0},
]
CONCORDANCE = [
    {
        "benchmark": "b1",
        "label": "Synod 2033",
        "outcome": "sewing",
        "horizon": "end",
        "component": "voucher",
        "says": "not_positive",
        "claims": "X1 X91",
        "prob_positive": 0.962,
        "support": 0.13,
        "against": 0.87,
        "verdict": "disagrees",
        "own_statements": 0,
        "rows": 4,
    },
    {
        "benchmark": "b2",
        "label": "Synod 2033",
        "outcome": "noise",
        "horizon": "end",
        "component": "choir",
        "says": "none",
        "claims": "X91",
        "verdict": "not_assessed",
        "reason": "few_sites",
        "own_statements": 0,
        "rows": 0,
    },
]
CHECKS = {
    "fits": {
        "sewing_end": {
            "rhat_max": 1.004,
            "ess_bulk_min": 1234.5,
            "ess_tail_min": 999,
            "divergences": 0,
            "ebfmi_min": 0.91,
            "passed": True,
        }
    }
}
MANIFEST = {"commit": "0123abc", "packages": {"numpy": "9.9"}, "inputs": {"claims.csv": "ab" * 32}}


def summary_row(analysis, estimand, component="", municipality="", arm="", stage="posterior", **cells):
    outcome, horizon = analysis.rsplit("_", 1)
    good = next(row["good"] for row in TABLES["outcomes"] if row["outcome"] == outcome)
    row = {
        "analysis": analysis,
        "outcome": outcome,
        "horizon": horizon,
        "engine": "exact",
        "stage": stage,
        "estimand": estimand,
        "component": component,
        "municipality": municipality,
        "arm": arm,
        "unit": "points" if outcome == "sewing" else "sd",
        "mean": 2.1,
        "sd": 3.2,
        "median": 2.0,
        "lower": -4.3,
        "upper": 8.6,
        "prob_positive": 0.743,
        "prob_increase": 0.501,
        "prob_decrease": 0.102,
        "delta": 2 if outcome == "sewing" else 0.1,
        "sd_ratio": 0.86,
        "widening": 1.6,
        "sites": 3,
        "identified": "true",
        "magnitude": "false",
    } | cells
    up, down = row["prob_increase"], row["prob_decrease"]
    gain, harm = {"higher": (up, down), "lower": (down, up), "neutral": ("", "")}[good]
    return {"prob_gain": gain, "prob_harm": harm} | row


def summary():
    small = {"mean": 0.04, "sd": 0.1, "median": 0.041, "lower": -0.152, "upper": 0.241}
    wide = {
        "stage": "prior",
        "mean": 0,
        "sd": 5,
        "median": 0,
        "lower": -9.61,
        "upper": 10.4,
        "prob_positive": 0.5,
        "prob_increase": 0.34,
        "prob_decrease": 0.338,
        "sd_ratio": "",
        "widening": "",
        "sites": "",
        "magnitude": "",
    }
    known = {
        "median": 5.4,
        "mean": 5.5,
        "sd": 1.9,
        "lower": -1.2,
        "upper": 9.31,
        "prob_positive": 0.962,
        "prob_increase": 0.87,
        "prob_decrease": 0.004,
        "sd_ratio": 0.38,
        "widening": 1.1,
        "magnitude": "true",
    }
    rows = [
        summary_row("sewing_end", "average", "voucher", **known),
        summary_row("sewing_end", "average", "coaching"),
        summary_row("sewing_end", "average", "choir", identified="false", sites=1),
        summary_row("sewing_end", "average", "voucher", unit="arcsine", mean=0.066, median=0.066),
        summary_row(
            "loneliness_after",
            "average",
            "voucher",
            **small,
            prob_positive=0.12,
            prob_increase=0.03,
            prob_decrease=0.41,
        ),
        summary_row("noise_end", "average", "coaching", **small, magnitude="true", sd_ratio=0.7, widening=1.2),
    ]
    for analysis, component in (
        ("sewing_end", "voucher"),
        ("sewing_end", "coaching"),
        ("loneliness_after", "voucher"),
        ("noise_end", "coaching"),
    ):
        scale = {} if analysis == "sewing_end" else {"lower": -0.39, "upper": 0.39, "sd": 0.2}
        for estimand in ("average", "new"):
            rows.append(summary_row(analysis, estimand, component, **(wide | scale)))
        cells = {} if analysis == "sewing_end" else small
        rows.append(summary_row(analysis, "new", component, **cells))
        for k, site in enumerate(SITES[:3]):
            p = round(0.61 + 0.08 * k, 3)
            rows.append(summary_row(analysis, "leave_out", component, municipality=site, prob_positive=p, **cells))
    for site, arm in [(s, a) for s in SITES[:3] for a in ("v", "c")] + [("farrow", "vc")]:
        rows.append(summary_row("sewing_end", "site", municipality=site, arm=arm, identified="", magnitude=""))
    for site in SITES[:2]:
        rows.append(summary_row("loneliness_after", "site", municipality=site, arm="v", **small))
        rows.append(summary_row("noise_end", "site", municipality=site, arm="c", **small))
    return rows


def estimates():
    def row(analysis, site, arms, kind, category, claims, lower="", upper="", y="", **design):
        return {
            "analysis": analysis,
            "row": f"{site}:{arms}",
            "municipality": site,
            "arms": arms,
            "versus": "control",
            "kind": kind,
            "category": category,
            "claims": claims,
            "source": "P1",
            "se": 0.06,
            "lower": lower,
            "upper": upper,
            "y": y,
            "x_voucher": 0,
            "x_coaching": 0,
            "x_choir": 0,
        } | design

    v, c = {"x_voucher": 1}, {"x_coaching": 1}
    return [
        row("sewing_end", "brookford", "v", "number", "number", "X1", y=0.09, **v),
        row("sewing_end", "brookford", "c", "interval", "positive_not_significant", "X2", 0, 0.118, **c),
        row("sewing_end", "dunmere", "v", "interval", "positive", "X3", 0, "inf", **v),
        row("sewing_end", "dunmere", "c", "interval", "no_positive_effect", "X4", "-inf", 0.118, **c),
        row("sewing_end", "elmsey", "v", "rounded", "number", "X5;X6", 0.02, 0.05, y=0.03, **v),
        row("sewing_end", "elmsey", "c", "interval", "no_effect", "X7", -0.118, 0.118, **c),
        row("sewing_end", "farrow", "vc", "interval", "negative_significant", "X8", "-inf", -0.118, **v, **c),
        row("loneliness_after", "brookford", "v", "interval", "no_effect", "X9", -0.2, 0.2, **v),
        row("loneliness_after", "dunmere", "v", "interval", "negative", "X10", "-inf", 0, **v),
        row("noise_end", "brookford", "c", "number", "number", "X11", y=0.1, **c),
        row("noise_end", "dunmere", "c", "interval", "positive", "X12", 0, "inf", **c),
    ]


def claims():
    found = []
    for row in estimates():
        for claim in row["claims"].split(";"):
            outcome, horizon = row["analysis"].rsplit("_", 1)
            found.append(
                {
                    "claim": claim,
                    "municipality": row["municipality"],
                    "arms": row["arms"],
                    "outcome": outcome,
                    "horizon": horizon,
                    "category": row["category"],
                    "status": "pooled",
                    "analysis": row["analysis"],
                    "source": "P1",
                    "locator": "p. 1",
                    "finding": f"an invented finding ({claim})",
                }
            )
    aside = {
        "status": "aside",
        "source": "P2",
        "locator": "p. 2",
        "finding": "another one",
        "municipality": "brookford",
    }
    found.append(
        aside
        | {
            "claim": "X90",
            "arms": "c",
            "outcome": "sewing",
            "horizon": "end",
            "reason": "preferred",
            "reason_detail": "X2 preferred",
            "category": "no_effect",
            "conflict": "X2",
        }
    )
    found.append(aside | {"claim": "X91", "reason": "not_an_effect"})
    found.append(aside | {"claim": "X92", "reason": "single_site", "outcome": "noise", "horizon": "after", "arms": "v"})
    return found


def make_results(folder, **tables):
    folder.mkdir(parents=True, exist_ok=True)
    write_csv(folder / "summary.csv", tables.get("summary", summary()))
    write_csv(folder / "estimates.csv", tables.get("estimates", estimates()), ESTIMATES)
    write_csv(folder / "claims.csv", tables.get("claims", claims()), CLAIMS)
    write_csv(folder / "counts.csv", COUNTS)
    write_csv(folder / "agreement.csv", AGREEMENT)
    write_csv(folder / "coding_agreement.csv", CODING_AGREEMENT)
    write_csv(folder / "concordance.csv", CONCORDANCE)
    (folder / "checks.json").write_text(json.dumps(CHECKS), encoding="utf-8")
    (folder / "manifest.json").write_text(json.dumps(MANIFEST), encoding="utf-8")
    return folder
