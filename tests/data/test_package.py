"""Reading a package: text as printed, numbers parsed, defaults filled in."""

import math
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pooling.ledger.package import PackageError, half_width, load_descriptor, number, read

TABLES = ("sources", "components", "municipalities", "arms", "outcomes", "claims", "covariance", "likelihood")


def test_numbers_are_parsed_and_text_stays_as_printed(copy):
    package = read(copy("tiny").folder)
    assert package.claims["value"].iloc[9] == -0.2 and package.printed["claims"]["value"].iloc[9] == "-0.20"
    assert package.claims["half_width"].iloc[9] == 0.005 and package.claims["half_width"].iloc[0] == 0.05
    assert math.isnan(package.claims["half_width"].iloc[1])
    assert package.claims["finding"].iloc[1] == "45 of 118 came"


def test_absent_columns_and_tables_are_empty(copy):
    package = read(copy("tiny").folder)
    assert package.claims["caveat"].eq("").all() and package.claims["rounding"].isna().all()
    for table in (package.covariance, package.likelihood, package.coder_one, package.benchmarks):
        assert table.empty and len(table.columns) > 2
    assert package.claims["value"].dtype == "float64" == package.covariance["covariance"].dtype


def test_documented_defaults(copy):
    package = read(copy("tiny").folder)
    arms = package.arms.set_index(["municipality", "arm"])
    assert arms.loc[("north", "control"), "n_basis"] == "reported"
    assert arms.loc[("west", "control"), "n_basis"] == "equal_split"
    assert arms.loc[("west", "coached"), "label_nl"] == "coaching & more"
    assert package.municipalities["name_nl"].iloc[0] == "North"
    assert package.printed["arms"]["label_nl"].eq("").all()


def test_descriptor_is_kept_without_the_tables(copy):
    descriptor = read(copy("tiny").folder).descriptor
    assert descriptor["title"] == "Reminders and coaching in four clinics"
    assert descriptor["site_noun"] == {"en": ["clinic", "clinics"]} and "resources" not in descriptor


def test_covariances_are_read(copy):
    package = read(copy("numbers").folder)
    assert len(package.covariance) == 45 and package.coding.empty
    row = package.covariance.iloc[0]
    assert (row["claim_a"], row["claim_b"], row["covariance"]) == ("N01", "N02", 5.95)


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda c: c.remove("claims.csv"), "claims.csv: cannot be read"),
        (lambda c: c.write("claims.csv", ""), "claims.csv: is empty"),
        (lambda c: c.cell("claims", "C01", "se", "six"), "claims.csv, row 2, se: 'six' is not a number"),
        (lambda c: c.cell("claims", "C01", "colour", "red"), "do not fit the schema"),
        (lambda c: c.remove("datapackage.yaml"), "does not exist"),
        (lambda c: c.swap("datapackage.yaml", "name: claims", "name: clams"), "table 'claims' is not listed"),
    ],
)
def test_unreadable_package_is_refused_by_name(copy, damage, said):
    package = copy("tiny")
    damage(package)
    with pytest.raises(PackageError, match="; ") as error:
        read(package.folder)
    assert said in str(error.value)


def test_deep_nesting_is_refused(tmp_path):
    (tmp_path / "datapackage.yaml").write_text("a: " + "[" * 100_000)
    with pytest.raises(PackageError, match="nested more than 20 deep"):
        load_descriptor(tmp_path / "datapackage.yaml")


@pytest.mark.parametrize("text", ["", "nan", "inf", "-inf", "1e999", "1_0", "0x1", "١", "1,5", "1 000", "--1", "."])
def test_not_a_number(text):
    assert number(text) is None


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_finite_number_is_read_back(x):
    assert number(repr(x)) == x


@pytest.mark.parametrize(
    ("value", "rounding", "half"),
    [
        ("24", "", 0.5),
        ("24.0", "", 0.05),
        ("0.20", "", 0.005),
        ("15", "2.5", 2.5),
        ("-0.12", "", 0.005),
        ("3e2", "", 50),
    ],
)
def test_half_width(value, rounding, half):
    assert half_width(value, rounding) == pytest.approx(half)


def numbers(text, point, group):
    """Numbers of a text in one notation, sorted."""
    joined = re.sub(rf"(?<=\d){re.escape(group)}(?=\d{{3}})", "", text)
    return sorted(n.replace(point, ".") for n in re.findall(rf"\d+(?:{re.escape(point)}\d+)?", joined))


@pytest.mark.parametrize(("column", "least"), [("finding", 50), ("caveat", 200), ("locator", 100)])
def test_both_languages_say_the_same_numbers_of_every_claim(column, least):
    claims = read(Path(__file__).parents[2] / "data").printed["claims"]
    both = list(zip(claims["claim"], claims[column], claims[f"{column}_nl"], strict=True))
    assert [name for name, en, nl in both if bool(en) != bool(nl)] == []
    # places in a document count sections, which have no decimals: 3.5.6 is written so in both
    point, group = (".", ",") if column == "locator" else (",", ".")
    assert [name for name, en, nl in both if numbers(en, ".", ",") != numbers(nl, point, group)] == []
    assert sum(bool(numbers(en, ".", ",")) for _, en, _ in both) > least


def test_a_dutch_text_is_no_english_one():
    package = read(Path(__file__).parents[2] / "data")
    english = re.compile(r"\b(the|and|not|with|from|by|size|visible|sentence|summary|table|page|May|Oct)\b")
    texts = [
        text
        for table, columns in (
            ("claims", ("finding", "caveat", "locator")),
            ("sources", ("title", "publisher", "year")),
        )
        for column in columns
        for text in package.printed[table][f"{column}_nl"]
        if text
    ]
    assert len(texts) > 900
    assert [text for text in texts if english.search(text)] == []
