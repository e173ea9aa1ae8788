"""Power-scaling on the grid beside ArviZ's importance sampling on the draws of the pipeline."""

import arviz_stats
import numpy as np
import pytest
import xarray as xr
from pipelines import ROOT, TINY
from pooling import priors
from pooling.exact.sites import log_likelihood
from pooling.ledger import evidence
from pooling.multiverse.likelihood import engine_sites
from pooling.running import settings
from pooling.sensitivity import power
from pooling.sensitivity.gridded import Gridded, own_priors

pytestmark = pytest.mark.xdist_group("pipeline")


def test_sensitivities_are_those_that_arviz_finds_on_the_draws(tiny):
    config = settings.load(ROOT / "workflow/config.yaml", ROOT / "workflow/schema.yaml", {"data": str(TINY)})
    one = next(e for e in evidence.read(tiny / "evidence.json") if e.analysis == "attendance_end")
    with xr.open_datatree(tiny / "draws/posterior.nc", engine="h5netcdf") as tree:
        draws = tree["attendance_end/posterior"].to_dataset().load()[["mu", "tau"]]
    own = priors.prior_of(config["priors"], one.scale)
    tau, mu = draws["tau"].values, draws["mu"].values
    mean, sd = own["mu_prior"]
    prior = -0.5 * (((mu - mean) / sd) ** 2).sum(axis=-1) + own["tau_prior"].logpdf(tau)
    axes = [mu[..., j].reshape(-1, 1) for j in range(mu.shape[-1])]
    told = sum(log_likelihood(site, tau.ravel(), axes).reshape(tau.shape) for site in engine_sites(one))
    groups = {
        "posterior": draws,
        "log_prior": xr.Dataset({"all": (("chain", "draw"), prior)}),
        "log_likelihood": xr.Dataset({"all": (("chain", "draw"), told)}),
    }
    tree = xr.DataTree.from_dict(groups)
    found = power.sensitivity(Gridded(one, own_priors(config["priors"], one))).set_index(["estimand", "component"])
    for part in ("prior", "likelihood"):
        sampled = arviz_stats.psense(tree, group=part)
        for component in one.components:
            theirs = float(sampled["mu"].sel(component=component))
            assert found.loc[("average", component), part] == pytest.approx(theirs, abs=0.025)
        assert found.loc[("tau", ""), part] == pytest.approx(float(sampled["tau"]), abs=0.03)
    assert np.isfinite(told).all()
