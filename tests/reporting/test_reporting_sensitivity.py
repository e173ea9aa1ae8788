"""Priors, predictive checks and results kept back: what is shown, what vanishes, and that every number is a cell."""

import csv
import html
import re
from urllib.parse import parse_qsl

import pytest
from reporting import expected, grounds, kept_back, prior_grid
from reporting.markup import to_plain
from reporting.material import load

SECTIONS = (prior_grid.fragment, expected.fragment, kept_back.fragment)
ABOUT = {"analysis": "sewing_end", "outcome": "sewing", "horizon": "end"}


def priors():
    chances = {"voucher": (0.962, 0.951, 0.97, 0.93), "coaching": (0.743, 0.7, 0.75, 0.65)}
    pairs = [("as configured", "as configured"), ("wide", "as configured"), ("as configured", "wide"), ("wide", "wide")]
    return [
        ABOUT | {"component": c, "mu_prior": mu, "tau_prior": tau, "prob_positive": p, "reason": ""}
        for c, values in chances.items()
        for (mu, tau), p in zip(pairs, values)
    ]


def scaled():
    moved = {"estimand": "average", "prior": 0.08, "likelihood": 0.123, "diagnosis": "both", "reason": ""}
    return [ABOUT | moved | {"component": c} for c in ("voucher", "coaching")]


def predicted(at_least=0.6, named=0.6):
    found = []
    for analysis in ("sewing_end", "all"):
        for stage in ("prior", "posterior"):
            for feature in expected.FEATURES:
                for basis, p in (("all", at_least), ("settled", named)):
                    found.append(
                        {"analysis": analysis, "stage": stage, "feature": feature, "basis": basis, "findings": 9,
                         "surely": 4, "perhaps": 4 if basis == "settled" else 6, "expected": 3.31, "lower": 1,
                         "upper": 7, "prob_at_most": 0.71, "prob_at_least": p}
                    )  # fmt: skip
    return found


def selected():
    cases = [("told", 1, 0.743), ("selected", 0.5, 0.61), ("selected", 0, 0.55)]
    cases += [("unfavourable_not_significant", "", 0.3), ("unfavourable", "", 0.11)]
    words = {0.743: "rather", 0.61: "rather", 0.55: "even", 0.3: "rather_not", 0.11: "unlikely"}
    return [
        ABOUT | {"component": "coaching", "case": case, "rho": rho, "counted": 4, "aside": 2, "silent": 3,
                 "prob_positive": p, "word": words[p],
                 "flip_rho": 0.43 if case == "told" else "", "reason": ""}
        for case, rho, p in cases
    ]  # fmt: skip


def write(path, rows):
    columns = list(dict.fromkeys(key for row in rows for key in row))
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture
def material(invented, settings):
    def make(language="en", predictive=None):
        package, results = invented
        write(results / "priors.csv", priors())
        write(results / "power_scaling.csv", scaled())
        write(results / "predictive.csv", predictive or predicted())
        write(results / "selection.csv", selected())
        return load(results, package, settings, language)

    return make


@pytest.mark.parametrize("section", SECTIONS)
def test_a_section_vanishes_without_its_table(invented, settings, section):
    package, results = invented
    assert section(load(results, package, settings, "en")) == ""


@pytest.mark.parametrize("language", ["en", "nl"])
@pytest.mark.parametrize("section", SECTIONS)
def test_every_number_is_exactly_one_cell(material, section, language):
    m = material(language)
    text = html.unescape(section(m))
    spans = re.findall(r'data-row="([^"]*)" data-column="([^"]*)" data-value="([^"]*)"([^}>]*)', text)
    assert len(spans) > 5
    for query, column, value, rest in spans:
        name = re.search(r'data-table="([^"]*)"', rest)
        wanted = dict(parse_qsl(query))
        rows = [r for r in m.tables[name[1] if name else "summary"] if all(r[k] == v for k, v in wanted.items())]
        assert len(rows) == 1 and rows[0][column] == value, (query, column)


def test_the_lowest_and_highest_chance_over_all_priors_are_shown(material):
    text = html.unescape(prior_grid.fragment(material()))
    assert "93%" in re.sub(r"<[^>]*>", "", text) and "97%" in re.sub(r"<[^>]*>", "", text)
    # voucher: very likely to likely; coaching stays more likely than not
    assert "4 pairs" in text and "For 1 of 2 answers" in text


def test_an_analysis_without_answers_has_no_line(invented, settings):
    package, results = invented
    write(results / "priors.csv", [ABOUT | {"component": "", "mu_prior": "", "tau_prior": "", "prob_positive": "",
                                            "reason": "too many sites"}])  # fmt: skip
    assert prior_grid.fragment(load(results, package, settings, "en")) == ""


@pytest.mark.parametrize(("at_least", "stands_out"), [(0.6, False), (0.01, True)])
def test_what_the_model_does_not_expect_is_said(material, at_least, stands_out):
    text = expected.fragment(material(predictive=predicted(at_least)))
    assert ("can hardly explain" in text) is stands_out
    assert ("They do not stand out" in text) is not stands_out


@pytest.mark.parametrize(
    ("named", "surely", "said", "short"),
    [(0.6, 4, None, None), (0.0095, 4, "somewhat too high", "mainly when they were up"),
     (0.0095, 1, "somewhat too low", "mainly when they were down")],
)  # fmt: skip
def test_a_rare_selection_of_directions_is_named_and_not_contradicted(material, named, surely, said, short):
    rows = predicted(named=named)
    for row in rows:
        if row["basis"] == "settled":
            row |= {"surely": surely, "prob_at_most": row["prob_at_least"]}
    m = material(predictive=rows)
    text = to_plain(expected.fragment(m))
    assert ("On direction they do stand out" in text) is (said is not None)
    assert ("They do not stand out" in text) is (said is None)
    if said is None:
        assert expected.clause(m) == ""
    else:
        assert "On significance they do not stand out" in text and said in text and "is below 1%." in text
        assert short in expected.clause(m) and expected.clause(m) in grounds.notes(m)
