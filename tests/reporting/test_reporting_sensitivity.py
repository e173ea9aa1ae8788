"""Priors, predictive checks and results kept back: what is shown, what vanishes, and that every number is a cell."""

import csv
import html
import re
from urllib.parse import parse_qsl

import pytest
from reporting import expected, kept_back, prior_grid
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
        ABOUT | {"component": "coaching", "case": case, "rho": rho, "silent": 3, "prob_positive": p, "word": words[p],
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


@pytest.mark.parametrize(("named", "said"), [(0.6, False), (0.01, True)])
def test_a_rare_selection_of_directions_is_named(material, named, said):
    assert ("A word about directions" in expected.fragment(material(predictive=predicted(named=named)))) is said


def test_the_strongest_selection_and_the_change_of_word_are_shown(material):
    text = re.sub(r"<[^>]*>", "", html.unescape(kept_back.fragment(material())))
    for part in ("74% (more likely than not)", "55% (about as likely as not)", "from 43%", "11% (unlikely)"):
        assert part in text
    assert "61%" not in text


def test_both_drawings_have_names_of_their_own(material):
    text = kept_back.fragment(material()) + prior_grid.fragment(material())
    ids = re.findall(r' id="([^"]+)"', text)
    assert len(ids) == len(set(ids)) and text.count("<svg") == 4


def test_results_of_a_foreign_package_carry_its_own_names(material):
    text = "".join(section(material()) for section in SECTIONS)
    assert "voucher" in text.lower() and "exemption" not in text.lower()
