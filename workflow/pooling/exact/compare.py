"""Bayes factors and averages over four models: an effect or none, the same everywhere or not."""

from __future__ import annotations

import numpy as np

from .marginal import Marginal, Marginals
from .pool import pool

MODELS = ("null_fixed", "null_random", "effect_fixed", "effect_random")


class Average(Marginal):
    """Average of marginals with model probabilities."""

    def __init__(self, weights, parts):
        self._weights, self._parts = weights, parts
        self.mean = float(sum(w * part.mean for w, part in zip(weights, parts)))
        self.sd = float(
            np.sqrt(sum(w * (part.sd**2 + (part.mean - self.mean) ** 2) for w, part in zip(weights, parts)))
        )
        self.bracket = (min(part.bracket[0] for part in parts), max(part.bracket[1] for part in parts))

    def cdf(self, x):
        """P(X <= x)."""
        return sum(w * part.cdf(x) for w, part in zip(self._weights, self._parts))

    def nodes(self):
        """Points and weights of all parts together."""
        every = [part.nodes() for part in self._parts]
        return (
            np.concatenate([points for points, _ in every]),
            np.concatenate([w * weights for w, (_, weights) in zip(self._weights, every)]),
        )


class Comparison:
    """Four fits and what their marginal likelihoods say.

    Attributes
    ----------
    fits : dict
        A `Fit` per model: null_fixed (mu = 0, tau = 0), null_random (mu = 0), effect_fixed (tau = 0),
        effect_random.
    log_marginal_likelihood : dict
    mu : Marginals
        Average effect over the two models with an effect, each with prior probability 1/2.
    """

    def __init__(self, fits, scalar):
        self.fits = fits
        self.log_marginal_likelihood = {name: fit.log_marginal_likelihood for name, fit in fits.items()}
        first, second = fits["effect_fixed"], fits["effect_random"]
        odds = 1 / (1 + np.exp(second.log_marginal_likelihood - first.log_marginal_likelihood))
        weights = (odds, 1 - odds)
        made = [Average(weights, (first.mu[j], second.mu[j])) for j in range(first.n_coefficients)]
        self.mu = Marginals(
            np.array([one.mean for one in made]),
            np.array([one.sd for one in made]),
            lambda j: made[j],
            scalar,
        )

    def bayes_factor(self, model, against):
        """Marginal likelihood of one model over that of another.

        Raises
        ------
        ValueError
            If a model is not one of `MODELS`.
        """
        unknown = [name for name in (model, against) if name not in MODELS]
        if unknown:
            raise ValueError(f"there is no model {unknown[0]!r}; name two of {', '.join(MODELS)}")
        return float(np.exp(self.log_marginal_likelihood[model] - self.log_marginal_likelihood[against]))

    def _sum(self, *names):
        return np.logaddexp.reduce([self.log_marginal_likelihood[name] for name in names])

    @property
    def inclusion(self):
        """Bayes factor of an effect against none, fixed and random models equally likely beforehand."""
        return float(np.exp(self._sum("effect_fixed", "effect_random") - self._sum("null_fixed", "null_random")))

    @property
    def probabilities(self):
        """Posterior probability of each model when all four were equally likely."""
        total = self._sum(*MODELS)
        return {name: float(np.exp(value - total)) for name, value in self.log_marginal_likelihood.items()}


def compare(y, v=None, V=None, X=None, groups=None, *, mu_prior, tau_prior, **evidence):
    """Compare effect with none (mu = 0) and random with common effects (tau = 0).

    Parameters
    ----------
    y, v, V, X, groups, mu_prior, tau_prior, evidence
        As of `pool`; both priors must be proper.

    Returns
    -------
    Comparison
        Bayes factors, probabilities of the four models, and the effect averaged over models.

    Raises
    ------
    ValueError
        As of `pool`, or if a prior is flat.

    Notes
    -----
    Gronau, Heck, Berkhout, Haaf and Wagenmakers (2021) on model-averaged meta-analysis.
    """
    given = dict(V=V, X=X, groups=groups, **evidence)
    fits = {}
    for name in MODELS:
        effect, random = name.startswith("effect"), name.endswith("random")
        fits[name] = pool(
            y, v, **given, mu_prior=mu_prior if effect else (0.0, 0.0), tau_prior=tau_prior if random else 0.0
        )
    return Comparison(fits, X is None)
