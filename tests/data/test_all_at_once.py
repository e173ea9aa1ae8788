"""Faults of different kinds in different files: one message with all of them, and no earlier result touched."""

from pathlib import Path

import pytest
import yaml
from pooling.ledger import checks
from pooling.running import entrance

CASES = yaml.safe_load((Path(__file__).parent / "faults.yaml").read_text(encoding="utf-8"))


def refusal(package, results, **user) -> list[str]:
    """Lines of the message about a package, the folder left out."""
    with pytest.raises(entrance.Refused) as refused:
        entrance.enter({"data": str(package.folder), "results": str(results), **user}, whole=True)
    return str(refused.value).replace(f"{package.folder}/", "").splitlines()


def test_faults_of_every_kind_in_every_file_come_in_one_message(copy, tmp_path):
    package, results = copy("tiny"), tmp_path / "results"
    results.mkdir()
    (results / "summary.csv").write_text("earlier\n")
    package.cell("claims", "C01", "se", "about six")
    package.cell("claims", "C05", "source", "R9")
    package.cell("claims", "C07", "se", "-0.13")
    package.cell("claims", "C03", "n", "0")
    package.add("sources", {"source": "R1", "title": "again"})
    package.drop("outcomes", "scale")
    package.cell("arms", "south/coached", "n", "0")
    package.swap("datapackage.yaml", "title: Reminders", "titel: Reminders")
    package.write("config.yaml", "statments: {epsilon: 0.2}\nanalyses:\n  - {outcome: attendence, horizon: end}\n")
    package.write("multiverse.yaml", "choices:\n  - {choice: seasons, type: sometimes}\n")
    assert refusal(package, results, level=2) == [
        "17 fault(s); no result was touched:",
        "--config or --configfile, level: 2 is not allowed; write less than 1",
        "config.yaml, statments: unknown key; did you mean 'statements'?",
        "datapackage.yaml, titel: unknown key; did you mean 'title'?",
        "datapackage.yaml, title: is missing; give the package a title; it heads the report",
        "sources.csv, row 6 (R1), source: 'R1' is in row 2 already; give every row its own source",
        "arms.csv, row 6 (south/coached), n: 0 is below 1; write 1 or more",
        "outcomes.csv, row 1, scale: missing column; add it: Scale of measurement",
        "claims.csv, row 2 (C01), se: 'about six' is not a number; write digits with a decimal point, like 2.5",
        "claims.csv, row 4 (C03), events: 52 is over n, 0; write at most n",
        "claims.csv, row 4 (C03), n: 0 people in the arm; write how many there were",
        "claims.csv, row 6 (C05), source: unknown source 'R9'; write R1, R2, R3 or R4, or add it to sources.csv",
        "claims.csv, row 8 (C07), se: -0.13 is not above 0; write a number above 0, or leave it empty",
        "analyses: unknown outcome 'attendence'; write one of outcomes.csv: attendance, pain",
        "multiverse.yaml, choice 'seasons', label_en: is missing; add it",
        "multiverse.yaml, choice 'seasons', label_nl: is missing; add it",
        "multiverse.yaml, choice 'seasons', options: is missing; add it",
        "multiverse.yaml, choice 'seasons', type: 'sometimes' is not allowed; "
        "write one of equivalent, not_equivalent, uncertain",
    ]
    assert [(path.name, path.read_text()) for path in results.iterdir()] == [("summary.csv", "earlier\n")]


# a fifth of the kinds of fault, of those that are not in the table that is damaged too
ELSEWHERE = [case for case in CASES if not any("sources" in str(step) for step in case["damage"])][::5]


@pytest.mark.parametrize("case", ELSEWHERE, ids=lambda case: case["case"])
def test_no_fault_hides_behind_a_missing_column_of_another_table(copy, case):
    package = copy(case["package"])
    for step in case["damage"]:
        ((method, arguments),) = step.items()
        getattr(package, method)(*arguments)
    package.drop("sources", "title")
    told = [str(fault).replace(f"{package.folder}/", "") for fault in checks.check(checks.load(package.folder))]
    missing = (
        "sources.csv, row 1, title: missing column; add it: Title as the document gives it, with a hint in brackets "
    )
    assert sorted(told) == sorted([*case["faults"], *(line for line in told if line.startswith(missing))])
    assert len(told) == len(case["faults"]) + 1


def test_rows_are_checked_in_the_columns_that_are_there(copy, tmp_path):
    package = copy("tiny")
    package.drop("claims", "kind")
    package.cell("claims", "C01", "se", "-6.3")
    package.cell("claims", "C05", "outcome", "comfort")
    package.cell("claims", "C07", "value", "0,12")
    package.cell("coding", "C06", "arms", "reminded massaged")
    assert refusal(package, tmp_path)[1:] == [
        "claims.csv, row 1, kind: missing column; add it: What kind of fact it is",
        "claims.csv, row 2 (C01), se: -6.3 is not above 0; write a number above 0, or leave it empty",
        "claims.csv, row 6 (C05), outcome: unknown outcome 'comfort'; "
        "write attendance or pain, or add it to outcomes.csv",
        "claims.csv, row 8 (C07), value: '0,12' is not a number; write digits with a decimal point, like 2.5",
        "coding.csv, row 2 (C06), arms: unknown arm 'massaged' of 'west'; write control, reminded or coached",
    ]


@pytest.mark.parametrize(
    ("column", "remedy"), [("values", "did you mean 'value'?"), ("waarde", "take it out; columns are claim, ")]
)
def test_a_mistyped_column_is_not_taken_for_an_empty_one(copy, tmp_path, column, remedy):
    package = copy("tiny")
    package.swap("claims.csv", "kind,value,unit", f"kind,{column},unit")
    package.cell("claims", "C03", "events", "121")
    unknown, other = refusal(package, tmp_path)[1:]
    assert unknown.startswith(f"claims.csv, row 1, {column}: unknown column; {remedy}")
    assert other == "claims.csv, row 4 (C03), events: 121 is over n, 120; write at most n"


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("name: four-clinics", "name: [", "datapackage.yaml: is not plain YAML at line 3"),
        ("{name: claims,", "{name: claim,", "datapackage.yaml, resources: table 'claims' is not listed"),
        ("{name: claims,", "{name: claims, titel: x,", "datapackage.yaml, resources[5].titel: unknown key"),
    ],
)
def test_tables_are_checked_though_the_descriptor_is_wrong(copy, tmp_path, old, new, fault):
    package = copy("tiny")
    package.swap("datapackage.yaml", old, new)
    package.cell("claims", "C01", "se", "-6.3")
    told = refusal(package, tmp_path)
    assert told[1].startswith(fault)
    assert told[-1] == "claims.csv, row 2 (C01), se: -6.3 is not above 0; write a number above 0, or leave it empty"


def test_claims_that_do_not_go_together_are_named_with_their_rows(copy, tmp_path):
    package = copy("tiny")
    package.cell("claims", "C08", "se", "0.01")
    package.cell("claims", "C02", "events", "0")
    package.cell("claims", "C03", "events", "0")
    plain = [{"outcome": "attendance", "horizon": "end", "scale": "difference"}, {"outcome": "pain", "horizon": "end"}]
    counts, error = refusal(package, tmp_path, analyses=plain)[1:]
    assert counts == (
        "claims.csv, row 4 (C03): nobody or everybody has the outcome in both groups, which leaves a difference no "
        "standard error; pool it with scale: arcsine"
    )
    assert error.startswith(
        "claims.csv, row 9 (C08), se: a standard error of 0.01 on the scale of pooling is not above"
    )


def test_a_results_folder_that_cannot_be_is_told_with_the_rest(copy, tmp_path):
    package = copy("tiny")
    package.cell("claims", "C01", "se", "-6.3")
    (tmp_path / "file").write_text("")
    fault, folder = refusal(package, tmp_path / "file")[1:]
    assert fault.startswith("claims.csv, row 2 (C01), se")
    assert folder.startswith(f"the results folder '{tmp_path / 'file'}' cannot be written to")


def test_without_a_readable_data_entry_the_configuration_is_told_alone(copy, tmp_path):
    assert refusal(copy("tiny"), tmp_path, data=5, level=2)[1:] == [
        "--config or --configfile, data: 5 is not allowed; write text",
        "--config or --configfile, level: 2 is not allowed; write less than 1",
    ]


def test_jobs_of_a_run_read_the_configuration_only(copy, tmp_path):
    package = copy("tiny")
    package.cell("claims", "C01", "se", "-6.3")
    user = {"data": str(package.folder), "results": str(tmp_path / "results")}
    assert entrance.enter(user, whole=False)["data"] == str(package.folder)
    assert not (tmp_path / "results").exists()
