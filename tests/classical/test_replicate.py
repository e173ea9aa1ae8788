"""The R script: it says the same as we do, it notices a difference, and no text in the data becomes code."""

import shutil
import subprocess
from dataclasses import fields

import numpy as np
import pytest
from pooling.answers import replicate
from pooling.classical.numbers import numbers, table
from pooling.ledger.evidence import Evidence, Row


def has_metafor():
    if shutil.which("Rscript") is None:
        return False
    command = ["Rscript", "-e", "if (!requireNamespace('metafor', quietly = TRUE)) quit(status = 1)"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


needs_metafor = pytest.mark.skipif(not has_metafor(), reason="needs R with the package metafor")


def row(site, weights, variances, y, design, **other):
    empty = dict.fromkeys((field.name for field in fields(Row)), "")
    given = {"row": f"{site}:arm", "site": site, "kind": "number", "y": y, "design": design}
    return Row(**{**empty, **given, "weights": weights, "arm_variances": variances, **other})


def evidence(rows, name="work", components=("first", "second"), covariance=None):
    return Evidence(name, "work", "end", "arcsine", components, 0.2, 2.0, tuple(rows), covariance)


def several_arms(name="work", components=("first", "second")):
    rng = np.random.default_rng(4)
    rows = []
    for site in "abcde":
        variances = tuple(rng.uniform(0.001, 0.004, 3))
        effects = rng.normal((0.05, 0.1), 0.2)
        rows.append(row(site, (-1.0, 1.0, 0.0), variances, effects[0], (1.0, 0.0)))
        rows.append(row(site, (-1.0, 0.0, 1.0), variances, effects[1], (1.0, 1.0) if site == "a" else (0.0, 1.0)))
    return evidence(rows, name, components)


def one_arm(tau=0.3):
    rng = np.random.default_rng(5)
    rows = [
        row(site, (-1.0, 1.0), (0.002, 0.001 * (1 + i)), float(y), (1.0,))
        for i, (site, y) in enumerate(zip("abcdef", rng.normal(0.1, tau, 6)))
    ]
    return evidence(rows, "one arm", ("first",))


def run(text, folder):
    path = folder / "replicate.R"
    path.write_text(text, encoding="ascii")
    return subprocess.run(["Rscript", path.name], cwd=folder, capture_output=True, text=True, check=False)


@needs_metafor
@pytest.mark.parametrize("given", [several_arms(), one_arm(), one_arm(tau=0.0)])
def test_metafor_says_the_same(given, tmp_path):
    done = run(replicate.script([given]), tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "All answers are the same." in done.stdout and "DIFFERENT" not in done.stdout


@needs_metafor
def test_a_wrong_answer_is_noticed(tmp_path):
    estimate = f"{numbers(one_arm()).pool('REML').estimates[0]:.6g}"
    text = replicate.script([one_arm()])
    assert text.count(f"c({estimate})") == 1
    done = run(text.replace(f"c({estimate})", "c(0.3)"), tmp_path)
    assert done.returncode != 0 and "DIFFERENT" in done.stdout


HOSTILE = 'a"); file.create("owned"); cat("\\\n\r\x00 é 😀 \ud800'


@needs_metafor
def test_no_text_becomes_code(tmp_path):
    given = several_arms(name=HOSTILE, components=(HOSTILE, "second"))
    renamed = [
        Row(**{**{f.name: getattr(r, f.name) for f in fields(Row)}, "site": f"{HOSTILE} {r.site}"}) for r in given.rows
    ]
    done = run(replicate.script([evidence(renamed, HOSTILE, given.components)]), tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert not (tmp_path / "owned").exists()


def test_quoting():
    assert replicate.quoted("plain") == '"plain"'
    text = replicate.quoted(HOSTILE)
    assert text.isascii() and text[1:-1].count('"') == 0 and "\n" not in text
    assert "\\U00000022" in text and "\\U0001F600" in text and "\\U0000D800" not in text


def test_evidence_without_numbers_has_nothing_to_repeat():
    statement = row("a", (-1.0, 1.0), (0.01, 0.01), np.nan, (1.0,), kind="interval")
    text = replicate.script([evidence([statement], components=("first",))])
    assert "nothing to repeat" in text and "library(" not in text
    assert table([evidence([statement], components=("first",))]).empty


def test_same_evidence_same_bytes(tmp_path):
    replicate.write([several_arms()], tmp_path / "one.R")
    replicate.write([several_arms()], tmp_path / "two.R")
    assert (tmp_path / "one.R").read_bytes() == (tmp_path / "two.R").read_bytes()


def test_numbers_keep_the_covariance_of_the_shared_control():
    found = numbers(several_arms())
    first = several_arms().rows[0].arm_variances
    assert found.V[0, 1] == pytest.approx(first[0]) and found.V[0, 0] == pytest.approx(first[0] + first[1])
    assert found.V[0, 2] == 0.0


def test_only_single_arms_against_the_control_are_numbers():
    kept = row("a", (-1.0, 0.0, 1.0), (0.01, 0.01, 0.01), 0.1, (0.0, 1.0))
    pooled = row("b", (-1.0, 0.5, 0.5), (0.01, 0.01, 0.01), 0.1, (0.5, 0.5))
    rounded = row("c", (-1.0, 1.0), (0.01, 0.01), 0.1, (1.0, 0.0), kind="rounded")
    found = numbers(evidence([pooled, kept, rounded]))
    assert found.sites == ("a",) and found.components == ("second",)


def test_given_covariance_is_used():
    given = tuple(tuple(line) for line in (np.eye(10) * 0.01 + np.kron(np.eye(5), np.full((2, 2), 0.002))))
    found = numbers(evidence(several_arms().rows, covariance=given))
    assert found.V[0, 1] == 0.002 and found.V[0, 0] == pytest.approx(0.012)


@pytest.mark.parametrize("level", [0.9, 0.975])
def test_intervals_of_the_table_have_the_level_that_is_asked_for(level):
    row = table([several_arms()], level).set_index(["component", "method"]).loc[("second", "REML+KH")]
    fit = numbers(several_arms()).pool("REML", True)
    assert (row["lower"], row["upper"]) == pytest.approx(tuple(fit.interval(level)[1]))
    assert (row["prediction_lower"], row["prediction_upper"]) == pytest.approx(
        tuple(fit.prediction_interval(level=level)[1])
    )
    assert (row["tau2_lower"], row["tau2_upper"]) == pytest.approx(fit.tau2_interval(level))


def test_table_says_what_cannot_be_had():
    answers = table([several_arms(), one_arm()]).set_index(["analysis", "component", "method"])
    assert answers.loc[("work", "first", "DL"), "note"].startswith("DL is not defined for several arms")
    assert answers.loc[("one arm", "first", "DL"), "note"] == ""
    hartung = answers.loc[("work", "second", "REML+KH")]
    assert hartung["estimate"] == pytest.approx(numbers(several_arms()).pool("REML", True).estimates[1])
    assert (hartung["rows"], hartung["sites"], hartung["Q_df"]) == (10, 5, 8)


def test_the_examples_reach_beyond_the_boundary():
    """Otherwise the comparison with metafor would say nothing about tau2."""
    assert numbers(several_arms()).pool("REML").tau2 > 0.005 and numbers(one_arm()).pool("REML").tau2 > 0.005
    assert numbers(one_arm(tau=0.0)).pool("REML").tau2 == 0.0
