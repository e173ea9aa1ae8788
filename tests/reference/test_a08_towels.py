"""A8: hotel towels, Bayes factors and model averaging.

Published: Scheibehenne, Gronau, Jamil and Wagenmakers (2017), Psychological Science 28, as analysed with
R package metaBMA. Priors: effect half-normal(0.3) (or N(0, 0.3), two-sided), tau half-Cauchy(0.25). Exact
values: independent quadrature.

Of two values the first is exact. metaBMA integrates numerically and by simulation, and its printed values stray from
the exact ones by up to 1.2 percent (fixed over random); each is checked as closely as its own distance from the exact
value allows. The exact Bayes factors as first noted (23.867, 4.0745, 9.8637, 2.4216) were cut off, and the third came
from the others so cut; the digits used here are those of plain quadrature with 800 nodes in tau and 1,500 in mu.
"""

import numpy as np
from pooling.exact import compare
from scipy import stats

LOG_OR = np.array([0.380602, 0.304938, 0.205538, 0.250845, 0.287682, -0.121542, -1.457924])
SE = np.array([0.197690, 0.136116, 0.191592, 0.170077, 0.823754, 0.248054, 0.760180])
TAU = stats.halfcauchy(scale=0.25)


def both(reference, name, got, exact, tol, printed):
    reference.close(name, got, exact, tol)
    reference.close(f"metaBMA, {name}", got, printed, abs(printed - exact) + tol)


def test_one_sided_bayes_factors(reference):
    found = compare(LOG_OR, SE**2, mu_prior=stats.halfnorm(scale=0.3), tau_prior=TAU)
    fixed = found.bayes_factor("effect_fixed", "null_fixed")
    random = found.bayes_factor("effect_random", "null_random")
    ratio = found.bayes_factor("effect_fixed", "effect_random")
    both(reference, "BF+0 fixed", fixed, 23.86735, 1e-5, 23.884)
    both(reference, "BF+0 random", random, 4.07455, 1e-5, 4.056)
    both(reference, "inclusion", found.inclusion, 9.86385, 1e-5, 9.883)
    both(reference, "fixed over random", ratio, 2.42166, 1e-5, 2.451)


def test_two_sided_estimates(reference):
    found = compare(LOG_OR, SE**2, mu_prior=(0, 0.3), tau_prior=TAU)
    both(reference, "fixed", found.fits["effect_fixed"].mu.mean, 0.21167, 1e-5, 0.21168)
    both(reference, "random", found.fits["effect_random"].mu.mean, 0.18477, 1e-5, 0.18483)
    both(reference, "averaged", found.mu.mean, 0.20357, 1e-5, 0.20338)


def test_probabilities_of_the_models_add_up():
    found = compare(LOG_OR, SE**2, mu_prior=(0, 0.3), tau_prior=TAU)
    assert abs(sum(found.probabilities.values()) - 1) < 1e-12
    low, high = found.mu.interval(0.95)
    assert np.isclose(found.mu.prob_above(low) - found.mu.prob_above(high), 0.95, atol=1e-9)
