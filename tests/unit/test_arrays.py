"""What a caller may hand to the engines: one meaning for both, or one sentence that says what would be right."""

import numpy as np
import pandas as pd
import pytest
from pooling import exact, model
from pooling.arrays import read_evidence
from scipy import stats

NAN, INF = np.nan, np.inf
TWO = {"y": [0.1, 0.2], "v": [0.01, 0.02]}
TOLD = {"y": [NAN, NAN], "v": [0.01, 0.01], "lower": [0.0, 0.0], "upper": [INF, INF]}
PRIORS = {"mu_prior": (0.0, 0.1), "tau_prior": stats.halfnorm(scale=0.1)}
L, ARM_V = [[-1.0, 1.0]] * 2, [[0.005, 0.005], [0.01, 0.01]]

EVIDENCE = {
    "text": ({"y": ["a", "b"], "v": [1, 1]}, "y must hold numbers: .*'a'"),
    "no rows": ({"y": []}, "at least one row"),
    "infinite estimate": ({**TWO, "y": [0.1, INF]}, "row 1: the estimate y must be finite"),
    "neither number nor statement": ({**TWO, "y": [0.1, NAN]}, "row 1: a row without y needs lower and upper"),
    "both": ({**TWO, "lower": [NAN, 0.0], "upper": [NAN, 1.0]}, "row 1: a row has either y or an interval, not both"),
    "bounds reversed": ({**TOLD, "lower": [0.0, 0.3], "upper": [INF, 0.2]}, "row 1: lower must be less than upper"),
    "no variance": ({"y": [0.1, 0.2]}, "give the sampling variances v"),
    "variance missing": ({**TWO, "v": [0.01, NAN]}, "row 1: the sampling variance v must be positive"),
    "variance zero": ({**TWO, "v": [0.01, 0.0]}, "row 1: the sampling variance v must be positive"),
    "one variance too many": ({**TWO, "v": [0.01] * 3}, r"v must have one value per row \(2\)"),
    "covariance with holes": ({**TWO, "v": None, "V": [[0.01, NAN], [NAN, 0.01]]}, "V must be a finite 2 by 2"),
    "covariance lopsided": (
        {**TWO, "v": None, "V": [[0.01, 0.001], [0, 0.01]], "groups": [1, 1]},
        "V must be symmetric",
    ),
    "covariance across sites": (
        {**TWO, "v": None, "V": [[0.01, 0.001], [0.001, 0.01]]},
        "zero between rows of different sites",
    ),
    "two variances": ({**TWO, "V": [[0.02, 0], [0, 0.04]]}, "row 0: v is not the diagonal of V"),
    "design with a hole": ({**TWO, "X": [[1.0], [NAN]]}, "row 1: the design X must be finite"),
    "design without columns": ({**TWO, "X": np.ones((2, 0))}, "a column or more"),
    "site missing": ({**TWO, "groups": ["a", None]}, "row 1: groups has no label here"),
    "site not a number": ({**TWO, "groups": [1.0, NAN]}, "row 1: groups has no label here"),
    "sites as a matrix": ({**TWO, "groups": [["a"], ["b"]]}, r"groups must have one label per row \(2\)"),
    "source missing": ({**TOLD, "epsilon": 0.1, "source": [NAN, 1]}, "row 0: source has no label here"),
    "contrast alone": ({**TWO, "contrast": L * 2}, r"contrast must be \(L, arm_v\)"),
    "contrast of another length": ({**TWO, "contrast": (L[:1], ARM_V[:1])}, "both .* in shape"),
    "negative arm": ({**TWO, "contrast": (L, [[-0.01, 0.02], [0.01, 0.01]])}, "row 0: arm variances must not be neg"),
    "contrast and v": ({**TWO, "contrast": (L, ARM_V), "v": [0.5, 0.02]}, "row 0: v differs from the contrast's own"),
    "one arm, two variances": (
        {**TWO, "v": None, "contrast": (L, [[0.01, 0.02], [0.03, 0.02]]), "groups": ["Oss", "Oss"]},
        "site Oss: arm variances must be the same",
    ),
    "doubt of one": ({**TOLD, "epsilon": 1.0}, "row 0: epsilon must be at least 0 and less than 1"),
    "one source, two doubts": (
        {**TOLD, "epsilon": [0.1, 0.2], "groups": ["Epe", "Epe"]},
        "site Epe: epsilon must be the same for all rows of one source, not 0.1 and 0.2",
    ),
    "kappa zero": ({**TOLD, "kappa": 0}, "kappa must be one positive number, not 0"),
    "kappa infinite": ({**TOLD, "kappa": INF}, "kappa must be one positive number, not inf"),
    "kappas": ({**TOLD, "kappa": [1, 2]}, "kappa must be one positive number"),
}
TAU, MU = {"mu_prior": (0.0, 0.1)}, {"tau_prior": stats.halfnorm(scale=0.1)}
BELIEFS = {
    "tau negative": ({**TAU, "tau_prior": -1}, "a known tau must be finite and not negative, not -1"),
    "tau not a number": ({**TAU, "tau_prior": NAN}, "a known tau must be finite"),
    "tau a text": ({**TAU, "tau_prior": "halfnorm"}, "tau_prior must have logpdf"),
    "a family of tau": ({**TAU, "tau_prior": stats.halfcauchy}, r"take one of them: stats.halfcauchy\(scale=...\)"),
    "a family of mu": ({**MU, "mu_prior": stats.norm}, "take one of them: stats.norm"),
    "mu a number": ({**MU, "mu_prior": 0}, "mu_prior must have logpdf"),
    "mu discrete": ({**MU, "mu_prior": stats.poisson(1)}, "mu_prior must have logpdf"),
    "mu of three numbers": ({**MU, "mu_prior": (0, 1, 2)}, r"mu_prior must be \(mean, sd\)"),
    "a pair each": ({**MU, "mu_prior": [(0, 5), (0, 1)]}, "mu_prior holds 2 entries for 1 coefficients"),
}


@pytest.fixture(params=[exact.pool, model.specify], ids=["exact", "model"])
def engine(request):
    return request.param


@pytest.mark.parametrize("case", EVIDENCE)
def test_evidence_refused_by_both_engines_alike(engine, case):
    given, why = EVIDENCE[case]
    with pytest.raises(ValueError, match=why):
        engine(**given, **PRIORS)


@pytest.mark.parametrize("case", BELIEFS)
def test_priors_refused_by_both_engines(engine, case):
    given, why = BELIEFS[case]
    with pytest.raises(ValueError, match=why):
        engine(**TWO, **given)


def test_a_pair_for_each_of_two_coefficients_is_no_pair_of_means_and_sds(engine):
    with pytest.raises(ValueError, match="mu_prior must have logpdf"):
        engine(**TWO, X=np.eye(2), **{**MU, "mu_prior": [(0, 5), (0, 1)]})


def test_a_prior_of_tau_that_begins_below_zero_is_refused(engine):
    """Cut off at zero it no longer integrates to one: marginal likelihoods would be too small by its share."""
    for prior in (stats.norm(0, 0.1), stats.uniform(-0.1, 0.3)):
        with pytest.raises(ValueError, match="tau_prior"):
            engine(**TWO, **{**TAU, "tau_prior": prior})


@pytest.mark.parametrize("known", [1, np.int64(1), np.float32(1), np.array(1.0)], ids=lambda one: type(one).__name__)
def test_tau_may_be_known_as_any_kind_of_number(engine, known):
    engine(**TWO, **{**TAU, "tau_prior": known})


def columns(kind):
    """The same evidence in another dress."""
    return {name: kind(value) for name, value in {**TOLD, "X": [1.0, 2.0], "groups": ["a", "b"]}.items()}


@pytest.mark.parametrize("kind", [tuple, np.array, pd.Series], ids=["tuple", "array", "series"])
def test_any_column_will_do(kind):
    plain, other = (read_evidence(**columns(one)) for one in (list, kind))
    for name in ("y", "v", "X", "lower", "upper", "site", "epsilon"):
        np.testing.assert_array_equal(getattr(plain, name), getattr(other, name))
    assert plain.sites == other.sites == ("a", "b")


def test_one_number_stands_for_all_rows():
    one = read_evidence([NAN, NAN], 0.01, lower=0.0, upper=INF, epsilon=0.1)
    np.testing.assert_array_equal(one.v, [0.01, 0.01])
    np.testing.assert_array_equal(one.lower, [0.0, 0.0])
    np.testing.assert_array_equal(one.epsilon, [0.1, 0.1])


def test_variances_follow_from_contrasts():
    np.testing.assert_allclose(read_evidence([0.1, 0.2], contrast=(L, ARM_V)).v, [0.01, 0.02])
