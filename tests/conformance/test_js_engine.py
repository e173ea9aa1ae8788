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


def test_a_refused_question_leaves_the_answers_to_others_as_they_were():
    """Two statements a hundred times as narrow as the numbers: carried while they are hardly believed, refused else."""
    made = Maker(np.random.default_rng(3))
    given = made.pairwise("score", 6, 3) | made.priors("score", p=3)
    given["v"] = given["v"] * np.array([1e-4, 1e-4, 1, 1, 1, 1])
    y, s = given["y"].copy(), np.sqrt(given["v"])
    given = dict.fromkeys(FIELDS) | made.tell(given, rows=(0, 1), epsilon=0.9) | {"kappa": 200.0}
    given["lower"][:2], given["upper"][:2] = (y - s)[:2], (y + s)[:2]
    published, refused = {"choices": {}, "sites": True}, {"choices": {"epsilon": 0}, "sites": False}
    asked = {"input": given, "questions": [published, refused, published]}
    done = subprocess.run(
        ["node", str(RUNNER.with_name("ask_questions.js"))],
        input=json.dumps(vector_format.plain(asked, 9)),
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    (before, _), (error, alone), (after, fresh) = json.loads(done.stdout)
    assert error == alone == {"error": "hard"}
    assert after == before == fresh and len(after["effects"]) == 6
