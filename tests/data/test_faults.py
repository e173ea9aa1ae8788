"""Every kind of bad input: which file, row and column is named, what is wrong and what would be right."""

from pathlib import Path

import pytest
import yaml
from pooling.ledger import checks

CASES = yaml.safe_load((Path(__file__).parent / "faults.yaml").read_text(encoding="utf-8"))


def lines(folder) -> list[str]:
    """Faults with the folder left out of the file names."""
    return [str(fault).replace(f"{folder.as_posix()}/", "") for fault in checks.check(checks.load(folder))]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["case"])
def test_fault_is_named_with_its_place_and_remedy(copy, case):
    package = copy(case["package"])
    for step in case["damage"]:
        ((method, arguments),) = step.items()
        getattr(package, method)(*arguments)
    assert lines(package.folder) == case["faults"]


def test_no_kind_of_bad_input_is_lost():
    assert len({case["case"] for case in CASES}) == len(CASES) >= 120


@pytest.mark.parametrize("name", ["tiny", "numbers"])
def test_good_package_has_no_faults(copy, name):
    assert lines(copy(name).folder) == []


def test_all_faults_come_at_once_sorted_by_table_and_row(copy):
    package = copy("tiny")
    package.cell("coding", "C11", "reason", "")
    package.cell("claims", "C05", "se", "0")
    package.cell("claims", "C01", "se", "-1")
    package.cell("arms", "west/coached", "components", "")
    package.swap("datapackage.yaml", "[clinic, clinics]", "clinic")
    assert [line.split(":")[0] for line in lines(package.folder)] == [
        "datapackage.yaml, site_noun.en",
        "arms.csv, row 11 (west/coached), components",
        "claims.csv, row 2 (C01), se",
        "claims.csv, row 6 (C05), se",
        "coding.csv, row 3 (C11), reason",
    ]


def test_script_in_a_text_is_no_fault(copy):
    package = copy("tiny")
    package.cell("claims", "C01", "finding", "<script>alert(1)</script>")
    assert lines(package.folder) == []


def test_byte_order_mark_crlf_and_blank_lines_are_accepted(copy):
    package = copy("tiny")
    for table in ("claims", "sources"):
        content = package.path(table).read_bytes().replace(b"\n", b"\r\n")
        package.path(table).write_bytes(b"\xef\xbb\xbf" + content + b"\r\n")
    assert lines(package.folder) == []


def test_other_writing_systems_are_accepted(copy):
    package = copy("tiny")
    package.cell("municipalities", "west", "name", "غرب المدينة")
    package.cell("municipalities", "east", "name", "东区诊所")
    assert lines(package.folder) == []


def test_columns_may_come_in_any_order(copy):
    package = copy("tiny")
    package.save("claims", [row[::-1] for row in package.rows("claims")])
    assert lines(package.folder) == []


def test_own_copy_of_the_standard_schema_is_accepted_in_other_words(copy):
    package = copy("tiny")
    schema = (
        "path: sources.csv, schema: {missingValues: [''], primaryKey: [source], fields: ["
        "{name: source, type: string, description: Bron, constraints: "
        "{required: true, pattern: '[A-Za-z][A-Za-z0-9_-]*'}}]}}"
    )
    package.swap("datapackage.yaml", "path: sources.csv}", schema)
    assert lines(package.folder) == [
        "datapackage.yaml, resources[0].schema: differs from the standard one; "
        "take it out; the standard applies to all packages"
    ]


def test_link_to_a_file_outside_is_refused(copy, tmp_path):
    package = copy("tiny")
    secret = tmp_path / "secret.csv"
    package.path("sources").rename(secret)
    package.path("sources").symlink_to(secret)
    assert lines(package.folder) == [
        "datapackage.yaml, resources[0].path: 'sources.csv' is a link to outside the package; put the file itself there"
    ]


def test_nothing_is_asked_of_a_network(copy, monkeypatch):
    def refuse(*_args, **_kwargs):
        raise AssertionError("a socket was opened")

    monkeypatch.setattr("socket.socket", refuse)
    package = copy("tiny")
    package.swap("datapackage.yaml", "path: claims.csv", "path: https://example.org/claims.csv")
    assert len(lines(package.folder)) == 1


def test_missing_package_is_one_fault(tmp_path):
    assert lines(tmp_path / "nowhere")[0].endswith("does not exist; every data package needs one")


def test_coders_must_code_the_same_claims_and_obey_the_rules(copy):
    package = copy("tiny")
    (package.folder / "coding").mkdir()
    content = package.path("coding").read_text()
    (package.folder / "coding/coder_one.csv").write_text(content)
    (package.folder / "coding/coder_two.csv").write_text("\n".join(content.splitlines()[:2]) + "\n")
    package.swap(
        "datapackage.yaml",
        "  - {name: coding, path: coding.csv}",
        "  - {name: coding, path: coding.csv}\n  - {name: coder_one, path: coding/coder_one.csv}\n"
        "  - {name: coder_two, path: coding/coder_two.csv}",
    )
    assert lines(package.folder) == [
        "coding/coder_one.csv, row 3 (C11), claim: is not coded by the other coder; code the same claims in both"
    ]


def test_likelihood_curve_is_accepted_and_its_grid_checked(copy):
    package = copy("tiny")
    curve = {"claim": "C12", "municipality": "west", "arm": "reminded", "outcome": "pain", "unit": "sd"}
    package.add("claims", {**curve, "kind": "likelihood", "source": "R4", "locator": "figure 1"})
    listed = "  - {name: coding, path: coding.csv}"
    package.swap("datapackage.yaml", listed, f"{listed}\n  - {{name: likelihood, path: likelihood.csv}}")
    header = ["claim", "theta", "loglik"]
    package.save("likelihood", [header, *(["C12", f"{x}", f"{-x * x}"] for x in (-1, 0, 1))])
    assert lines(package.folder) == []
    package.save("likelihood", [header, *(["C12", f"{x}", "0"] for x in (0, -1, 1, 1))])
    assert lines(package.folder) == [
        "likelihood.csv, row 3 (C12/-1), theta: -1 comes after 0; sort the grid upwards",
        "likelihood.csv, row 5 (C12/1), theta: 'C12/1' is in row 4 already; give every row its own claim and theta",
    ]
    package.save("likelihood", [header, ["C11", "0", "inf"]])
    assert lines(package.folder) == [
        "claims.csv, row 13 (C12), kind: has no rows in likelihood.csv; add its grid there",
        "likelihood.csv, row 2 (C11/0), claim: 'C11' is of kind sample_size; write kind likelihood there",
        "likelihood.csv, row 2 (C11/0), theta: a curve of 1 points; give at least 3",
        "likelihood.csv, row 2 (C11/0), loglik: 'inf' is no number; leave the cell empty where there is none",
    ]


def test_message_is_short_and_shows_no_control_character(copy):
    package = copy("tiny")
    package.cell("claims", "C01", "outcome", "\x1b]0;" + "x" * 500)
    (line,) = lines(package.folder)
    assert len(line) < 250 and "\x1b" not in line and "\\u001b" in line
