"""What was assumed: every prior, level, size and reason is one of the settings, the package or the results."""

import html
import re

import pytest
from reporting import assumed
from reporting.markup import to_plain


def taus(left):
    """Rows of tau before and after in every analysis, with this share of its standard deviation left."""
    sd = {"prior": 0.02, "posterior": 0.02 * left}
    about = {
        "sewing": ("sewing_end", "arcsine"),
        "loneliness": ("loneliness_after", "sd"),
        "noise": ("noise_end", "sd"),
    }
    return [
        {"analysis": name, "outcome": outcome, "horizon": name.split("_")[1], "engine": "exact", "stage": stage,
         "estimand": "tau", "unit": unit, "median": 0.025, "lower": 0.001, "upper": 0.08, "sd": sd[stage]}
        for outcome, (name, unit) in about.items() for stage in sd
    ]  # fmt: skip


def material(made, settings, language="en", left=0.9, estimates=None, tables=None):
    found = {"summary": made.summary() + taus(left)} | ({"estimates": estimates} if estimates else {})
    return made.material(settings, language, tables, **found)


def shown(m):
    return re.sub(r"<[^>]*>", " ", html.unescape(to_plain(assumed.fragment(m))))


def test_every_prior_stands_with_its_family_and_width(made, settings):
    text = re.sub(r"\s+", " ", shown(material(made, settings)))
    assert "shares (arcsine differences) normal, mean 0, standard deviation 0.06 half-normal, scale 0.03" in text
    assert "scores (in standard deviations) normal, mean 0, standard deviation 0.25 half-Cauchy, scale 0.1" in text
    # at a control level of 20% an arcsine difference of 0.025 is 2.0 points, one of 0.08 is 6.8
    assert "Sewing, at the end of the trial −9.6 to 10.4 2.0 (0.1 to 6.8) 2.0 (0.1 to 6.8) 90% 20%" in text
    assert "Noise, at the end of the trial −0.39 to 0.39 0.02 (0.00 to 0.08) 0.02 (0.00 to 0.08) 90% –" in text


@pytest.mark.parametrize("language", ["en", "nl"])
def test_settings_are_told_and_reasons_lead_to_their_claims(made, settings, language):
    outcomes = [row | {"control_level_basis": "From X1."} if row["outcome"] == "sewing" else row
                for row in made.TABLES["outcomes"]]  # fmt: skip
    m = material(made, settings, language, tables={"outcomes": outcomes})
    text = to_plain(assumed.fragment(m))
    assert "15%" in text and "|z| = 1" in text and "50%" in text
    assert "From [X1](#claim-x1)." in text
    assert ("the data package gives no reason" in text) is (language == "en")


@pytest.mark.parametrize(
    ("left", "said"),
    [(0.8, "says almost nothing about differences between parishes: 80% to 80%"), (0.79, "Of the initial uncertainty")],
)
def test_what_the_evidence_says_of_differences_is_computed(made, settings, left, said):
    assert said in shown(material(made, settings, left=left))


@pytest.mark.parametrize("split", [True, False])
def test_assumed_group_sizes_are_counted(made, settings, split):
    more = {"se_basis": "equal_split", "n_treated": 91.5, "n_control": 178}
    rows = [row | (more if split and k < 3 else {"se_basis": "reported"}) for k, row in enumerate(made.estimates())]
    text = shown(material(made, settings, estimates=rows))
    assert (f"3 of the {len(rows)} pooled findings rest on group sizes that no source gives" in text) is split
    assert ("92 to 92 people a group" in text) is split
    assert ("No pooled finding rests on assumed group sizes." in text) is not split


def test_nothing_is_told_without_results(made, settings):
    assert assumed.fragment(made.material(settings, "en", summary=[])) == ""
