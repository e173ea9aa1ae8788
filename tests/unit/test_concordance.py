"""An earlier conclusion beside the pooled answer: the probability of what it says decides, and some it cannot judge."""

from types import SimpleNamespace

import pandas as pd
import pytest
from pooling.answers.concordance import compare

ROW = SimpleNamespace(source="S1", design=(1.0, 0.0))
EVIDENCE = SimpleNamespace(outcome="work", horizon="end", components=("coaching", "bonus"), rows=(ROW,))
SOURCES = pd.DataFrame([{"source": "S1", "speaker": "bureau"}])


def judged(says, rise, up, down, component="coaching", identified=True):
    about = {"outcome": "work", "horizon": "end"}
    benchmark = {"benchmark": "b", "label": "Bureau", "speaker": "bureau", "says": says, "claims": "C1"}
    benchmark |= about | {"component": component}
    ours = {"engine": "exact", "stage": "posterior", "estimand": "average", "unit": "points", "prob_positive": rise,
            "component": "coaching", "prob_increase": up, "prob_decrease": down,
            "identified": identified, **about}  # fmt: skip
    return compare(pd.DataFrame([benchmark]), pd.DataFrame([ours]), [EVIDENCE], SOURCES).iloc[0]


@pytest.mark.parametrize(
    ("says", "chances", "support", "verdict"),
    [
        ("positive", (0.80, 0.5, 0.1), 0.80, "agrees"),
        ("positive", (0.79, 0.5, 0.1), 0.79, "undecided"),
        ("positive", (0.20, 0.1, 0.6), 0.20, "disagrees"),
        ("negative", (0.10, 0.1, 0.6), 0.90, "agrees"),
        # a rise is likelier than not, and still no rise that matters
        ("not_positive", (0.57, 0.17, 0.2), 0.83, "agrees"),
        ("not_positive", (0.99, 0.85, 0.0), 0.15, "disagrees"),
        ("none", (0.5, 0.1, 0.1), 0.80, "agrees"),
        ("none", (0.5, 0.4, 0.4), 0.20, "undecided"),
        ("none", (0.05, 0.0, 0.85), 0.15, "disagrees"),
    ],
)
def test_the_probability_of_what_is_said_decides(says, chances, support, verdict):
    found = judged(says, *chances)
    assert found["support"] == pytest.approx(support) and found["verdict"] == verdict
    assert (found["own_statements"], found["rows"]) == (1, 1)


@pytest.mark.parametrize("says", ["positive_in_some", "negative_in_some"])
def test_an_average_cannot_judge_a_conclusion_about_some_sites(says):
    found = judged(says, 0.99, 0.9, 0.0)
    assert (found["verdict"], found["reason"]) == ("not_assessed", "some_sites") and pd.isna(found["support"])


def test_a_component_that_is_not_identified_is_not_judged():
    for found in (judged("positive", 0.99, 0.9, 0.0, identified=False), judged("none", 0, 0, 0, component="bonus")):
        assert (found["verdict"], found["reason"]) == ("not_assessed", "few_sites") and pd.isna(found["support"])
