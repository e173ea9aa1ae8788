"""The page's engine, run under node, against the same conformance vectors as the Python engine."""

import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import vector_format
from comparison import misses
from designs import Maker
from generate import FIELDS

RUNNER = Path(__file__).with_name("run_vectors.js")
# The page draws with priors it can show; a logistic prior of mu is not among them.
VECTORS = [v for v in vector_format.read() if v["category"] != "numbers_smooth_prior"]
CATEGORIES = list(dict.fromkeys(v["category"] for v in VECTORS))
# Means, standard deviations and probabilities to 1e-3; quantiles to 1e-2 standard deviations, which at the ends
# of a 95 % interval are 6e-4 of probability.
PAGE = {"moments": 1e-3, "quantiles": 1e-2, "probabilities": 1e-3, "log_ml": 1e-3}
# Every so many vectors of a category are pooled in each run; the others are among the slow tests.
EVERY = 4

pytestmark = pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")


@pytest.mark.slow
def test_changes_redraw_in_time():
    """Eight sites of up to three arms, three components: cached changes within 100 ms, others within 500 ms."""
    make = Maker(np.random.default_rng(5))
    given = make.tell(make.contrast(make.star("share", [3, 3, 2, 3, 1, 2, 2, 3], 3), 3), sources=2)
    given = dict.fromkeys(FIELDS) | {"kappa": 2.0} | given | make.priors("share", ("halfnormal",), p=3)
    done = subprocess.run(
        ["node", str(RUNNER.with_name("time_engine.js"))],
        capture_output=True,
        text=True,
        input=json.dumps(vector_format.plain(given, 6)),
        check=True,
        timeout=300,
    )
    spent = json.loads(done.stdout)
    assert max(spent["prior"], spent["delta"], spent["site"]) < 100, spent
    assert spent["epsilon"] < 500, spent


def run(vectors):
    """The page engine's answers to the vectors, in their order."""
    lines = [
        json.dumps({"id": v["id"], "input": v["input"], "theta_rows": [t["row"] for t in v["answer"]["theta"]]})
        for v in vectors
    ]
    done = subprocess.run(
        ["node", str(RUNNER)], input="\n".join(lines), capture_output=True, text=True, check=True, timeout=600
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def disagreements(vectors):
    wrong = {}
    for vector, got in zip(vectors, run(vectors), strict=True):
        found = [got["error"]] if "error" in got else misses(got, vector["answer"], PAGE)
        if found:
            wrong[vector["id"]] = found
    return wrong


@pytest.mark.parametrize("part", ["some", pytest.param("others", marks=pytest.mark.slow)])
@pytest.mark.parametrize("category", CATEGORIES)
def test_page_engine_gives_the_answers(category, part):
    own = [v for v in VECTORS if v["category"] == category]
    chosen = [v for i, v in enumerate(own) if (i % EVERY == 0) == (part == "some")]
    wrong = disagreements(chosen)
    assert not wrong, "\n".join(f"{name}: {found}" for name, found in wrong.items())


@pytest.mark.parametrize("orders", [0, 6])
def test_what_the_grid_cannot_carry_is_refused_and_not_answered(orders):
    """Three components, two of six sites measured a thousand times as closely: the page's grid is too coarse."""
    made = Maker(np.random.default_rng(3))
    given = dict.fromkeys(FIELDS) | {"kappa": 2.0} | made.pairwise("score", 6, 3) | made.priors("score", p=3)
    given["v"] = given["v"] * 10.0 ** np.array([-orders, -orders, 0, 0, 0, 0])
    vector = {"id": "spiky", "input": vector_format.plain(given, 9), "answer": {"theta": []}}
    (got,) = run([vector])
    assert ("does not carry" in got.get("error", "")) == (orders > 0), got


def ask(given, questions):
    """Answers of one desk of the page to the questions in turn, each beside that of a desk asked nothing before."""
    done = subprocess.run(
        ["node", str(RUNNER.with_name("ask_questions.js"))],
        input=json.dumps(vector_format.plain({"input": given, "questions": questions}, 9)),
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    return json.loads(done.stdout)


def moments(answer):
    """Means and standard deviations of averages, new sites and site effects, probabilities; each beside its unit."""
    parts = [part for one in answer.get("components", []) for part in (one["average"], one["newSite"])]
    found = [(part[name], part["sd"]) for part in [*parts, *answer.get("effects", [])] for name in ("mean", "sd")]
    return found + [(part[name], 1.0) for part in parts for name in ("positive", "above", "below")]


def test_answers_do_not_depend_on_what_was_asked_before():
    """Statements of one to three sources a site, and numbers: what is kept of a question serves the next ones."""
    made = Maker(np.random.default_rng(8))
    given = made.contrast(made.star("share", [3, 2, 3, 1], 2), 2)
    given = dict.fromkeys(FIELDS) | made.tell(given, rows=range(7), sources=3) | {"kappa": 2.0}
    given |= made.priors("share", ("halfnormal",), p=2)
    tau = given["tau_prior"]
    changes = [{}, {"epsilon": 0.4}, {"epsilon": 0}, {"delta": 0.02, "epsilon": 0.4}, {"excludedSites": ["s0"]}]
    changes += [{"tau": tau | {"scale": 1.5 * tau["scale"]}}, {"excludedSources": ["r1"]}, {"epsilon": 0.7}, {}]
    asked = ask(given, [{"choices": change, "sites": sites} for change in changes for sites in (False, True)])
    for question, (got, fresh) in enumerate(asked):
        assert len(moments(got)) == len(moments(fresh)) > 0, (question, got)
        for (a, unit), (b, _) in zip(moments(got), moments(fresh), strict=True):
            assert abs(a - b) < 1e-3 * unit, (question, changes[question // 2])
    # The last change is the first again, and another smallest effect leaves the site effects as they were.
    assert len({str(got) for got, _ in asked}) == len(asked) - 3


def test_a_refused_question_leaves_the_answers_to_others_as_they_were():
    """Two statements a hundred times as narrow as the numbers: carried while they are hardly believed, refused else."""
    made = Maker(np.random.default_rng(3))
    given = made.pairwise("score", 6, 3) | made.priors("score", p=3)
    given["v"] = given["v"] * np.array([1e-4, 1e-4, 1, 1, 1, 1])
    y, s = given["y"].copy(), np.sqrt(given["v"])
    given = dict.fromkeys(FIELDS) | made.tell(given, rows=(0, 1), epsilon=0.9) | {"kappa": 200.0}
    given["lower"][:2], given["upper"][:2] = (y - s)[:2], (y + s)[:2]
    published, refused = {"choices": {}, "sites": False}, {"choices": {"epsilon": 0}, "sites": False}
    (before, _), (error, alone), (after, fresh) = ask(given, [published, refused, published | {"sites": True}])
    assert "components" in before and error == alone == {"error": "hard"}
    assert after == fresh and len(after["effects"]) == 6
