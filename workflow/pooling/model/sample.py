"""Draw from a model's prior or posterior: which sampler, how many draws, from which seed."""

from __future__ import annotations

from numbers import Integral

import numpy as np
import nutpie
import pymc as pm
import xarray as xr

from pooling.model.arms import ArmForm, ArmSpecification, build_arms
from pooling.model.build import Form, Specification, build

SAMPLERS = ("nutpie", "pymc")

#: Small steps: with the usual 0.8 a few transitions in ten thousand diverge where tau is next to nothing.
TARGET_ACCEPT = 0.95

#: Compiled models of this process by form: two analyses of one form differ only in their data.
_compiled: dict[Form | ArmForm, object] = {}


def sample(
    spec: Specification | ArmSpecification, stage: str = "posterior", *, draws: int, tune: int, chains: int, seed: int,
    sampler: str = "nutpie",
) -> xr.DataTree:  # fmt: skip
    """Draw from the prior or the posterior of a specification.

    Parameters
    ----------
    spec
        From `pooling.model.specify` or `pooling.model.specify_arms`.
    stage
        "prior" or "posterior".
    draws, tune, chains
        Draws kept and warm-up draws per chain; number of chains.
    seed
        The same seed gives the same draws, on one core or several.
    sampler
        "nutpie" (the default: it compiles once per form and runs its chains in threads) or "pymc".

    Returns
    -------
    xarray.DataTree
        Group `posterior` or `prior` with variables (chain, draw, …), coefficients that only fill up the
        form left out; for the posterior also `sample_stats`.

    Raises
    ------
    ValueError
        If stage or sampler is unknown, or a count is not a whole number of at least 1 (tune: 0).

    References
    ----------
    Hoffman and Gelman (2014), Journal of Machine Learning Research 15, for the No-U-Turn sampler.
    """
    if stage not in ("prior", "posterior"):
        raise ValueError(f"stage is {stage!r}; write prior or posterior")
    if sampler not in SAMPLERS:
        raise ValueError(f"sampler is {sampler!r}; write one of {', '.join(SAMPLERS)}")
    for name, count, least in (("draws", draws, 1), ("tune", tune, 0), ("chains", chains, 1)):
        if not isinstance(count, Integral) or count < least:
            raise ValueError(f"{name} is {count!r}; give a whole number, at least {least}")
    if stage == "prior":
        return _prior(spec, draws, chains, seed)
    if sampler == "nutpie":
        trace = _by_nutpie(spec, draws, tune, chains, seed)
    else:
        with _model(spec):
            trace = pm.sample(
                draws, tune=tune, chains=chains, cores=1, random_seed=seed, nuts_sampler="pymc",
                target_accept=TARGET_ACCEPT,
                progressbar=False, compute_convergence_checks=False,
            )  # fmt: skip
    groups = {name: trace[name].to_dataset() for name in ("posterior", "sample_stats")}
    return _tidy(groups, spec)


def _model(spec):
    return build_arms(spec) if isinstance(spec, ArmSpecification) else build(spec)


def _by_nutpie(spec, draws, tune, chains, seed):
    if spec.form not in _compiled:
        _compiled[spec.form] = nutpie.compile_pymc_model(_model(spec), backend="numba")
    model = _compiled[spec.form]
    # containers that this form does not read are no part of what was compiled
    read = {variable.name for variable in model.shared_var_keys}
    model = model.with_data(**{name: value for name, value in spec.data.items() if name in read})
    return nutpie.sample(
        model,
        draws=draws,
        tune=tune,
        chains=chains,
        seed=seed,
        target_accept=TARGET_ACCEPT,
        progress_bar=False,
        save_warmup=False,
    )


def _prior(spec, draws, chains, seed):
    with _model(spec) as model:
        names = _names(model)
        values = pm.draw([model[name] for name in names], draws=chains * draws, random_seed=seed)
    variables = {}
    for name, value in zip(names, values, strict=True):
        dims = ["chain", "draw", *(f"{name}_dim_{k}" for k in range(np.ndim(value) - 1))]
        variables[name] = (dims, np.reshape(value, (chains, draws, *np.shape(value)[1:])))
    return _tidy({"prior": xr.Dataset(variables)}, spec)


def _names(model):
    """Variables that are reported: not their transformed twins, which are the samplers' own."""
    return [variable.name for variable in (*model.free_RVs, *model.deterministics)]


def _tidy(groups: dict[str, xr.Dataset], spec: Specification | ArmSpecification) -> xr.DataTree:
    """Without what differs from run to run, and without coefficients that only fill up the form."""
    names, tidy = _names(_model(spec)), {}
    for name, group in groups.items():
        if name == "sample_stats":
            group = group[[v for v in ("diverging", "energy", "tree_depth", "n_steps") if v in group]]
        else:
            group = group[names].isel(mu_dim_0=slice(spec.coefficients))
        tidy[name] = group.drop_attrs()
    return xr.DataTree.from_dict(tidy)
