"""Whether a sampled posterior may be used at all."""

from __future__ import annotations

from collections.abc import Mapping

import arviz as az
import numpy as np
import xarray as xr


class GateError(RuntimeError):
    """A fit failed its gate; the message names every fit and every reason."""


def gate(trace: xr.DataTree, rules: Mapping[str, float]) -> dict:
    """Diagnose one fit.

    Parameters
    ----------
    trace
        With groups `posterior` and `sample_stats`.
    rules
        Largest `rhat`, smallest effective sample size `ess` (bulk and tail), largest number of
        `divergences`, smallest energy fraction of missing information `ebfmi`.

    Returns
    -------
    dict
        The worst value of every diagnostic over all quantities, `passed`, and `reasons` where it did not.

    Notes
    -----
    Vehtari et al. (2021) for R-hat and effective sample sizes; Betancourt (2016) for E-BFMI.
    """
    posterior = trace["posterior"].to_dataset()

    def worst(statistic, extreme) -> float:
        values = [np.asarray(v, dtype=float) for v in statistic.data_vars.values()]
        return float(extreme([extreme(v) for v in values]))

    found = {
        "rhat_max": worst(az.rhat(posterior), np.max),
        "ess_bulk_min": worst(az.ess(posterior, method="bulk"), np.min),
        "ess_tail_min": worst(az.ess(posterior, method="tail"), np.min),
        "divergences": int(trace["sample_stats"]["diverging"].sum()),
        "ebfmi_min": float(np.min(_ebfmi(trace["sample_stats"]["energy"].values))),
    }
    reasons = [
        reason
        for failed, reason in (
            (not found["rhat_max"] <= rules["rhat"], f"R-hat {found['rhat_max']:.3f} above {rules['rhat']}"),
            (
                not found["ess_bulk_min"] >= rules["ess"],
                f"bulk ESS {found['ess_bulk_min']:.0f} below {rules['ess']}",
            ),
            (
                not found["ess_tail_min"] >= rules["ess"],
                f"tail ESS {found['ess_tail_min']:.0f} below {rules['ess']}",
            ),
            (found["divergences"] > rules["divergences"], f"{found['divergences']} divergent transitions"),
            (
                not found["ebfmi_min"] >= rules["ebfmi"],
                f"E-BFMI {found['ebfmi_min']:.2f} below {rules['ebfmi']}",
            ),
        )
        if failed
    ]
    return {**found, "passed": not reasons, "reasons": reasons}


def _ebfmi(energy: np.ndarray) -> np.ndarray:
    """Energy fraction of missing information of each chain; energy is (chain, draw)."""
    return np.square(np.diff(energy, axis=1)).mean(axis=1) / energy.var(axis=1)


def require(gates: Mapping[str, Mapping]) -> None:
    """Let only passed fits through.

    Raises
    ------
    GateError
        If any fit failed, naming each with its reasons.
    """
    failed = [f"{name}: {'; '.join(one['reasons'])}" for name, one in sorted(gates.items()) if not one["passed"]]
    if failed:
        raise GateError(
            "a fit failed its gate and cannot be reported; raise sampler.draws or sampler.tune:\n" + "\n".join(failed)
        )
