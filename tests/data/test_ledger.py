"""Nothing of the ledger was lost or changed when it became the data package."""

import csv
import re
from pathlib import Path

import pytest
import yaml
from pooling.ledger import checks
from pooling.ledger.package import STANDARD, read

HERE = Path(__file__).parent
DATA = STANDARD.parent

#: The ledger as it was handed over, and what its names became.
MUNICIPALITIES = {
    "national (AMvB six)": "national",
    "mixed: Deventer, Utrecht, Wageningen": "deventer-utrecht-wageningen",
    "Apeldoorn/Epe": "apeldoorn-epe",
    "Apeldoorn/Epe/Oss": "apeldoorn-epe-oss",
    "mixed: 11 cities (incl. non-AMvB)": "eleven-cities",
}
ARMS = {"intensive": "guidance", "earnings_release": "earnings"}
OUTCOMES = {"secondary outcomes": "secondary_outcomes"}
PROGRAMMES = {"amvb": "decree", "non-amvb": "outside", "mixed": "mixed"}
SAME = {
    "arm_reported": "arm_reported",
    "comparator": "comparator",
    "horizon_months": "horizon_months",
    "kind": "kind",
    "lower": "lower",
    "upper": "upper",
    "se": "se",
    "n": "n",
    "direction": "direction",
    "significant": "significant",
    "source": "source_id",
    "locator": "locator",
}


@pytest.fixture(scope="module")
def ledger():
    with (HERE / "ledger.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def package():
    return read(DATA)


def test_all_329_claims_are_there_in_order(package, ledger):
    ids = [f"E{i:03d}" for i in range(1, 330)]
    assert [row["evidence_id"] for row in ledger] == ids
    assert list(package.claims["claim"]) == ids


@pytest.mark.parametrize("column", SAME)
def test_column_is_unchanged_to_the_letter(package, ledger, column):
    assert list(package.printed["claims"][column]) == [row[SAME[column]] for row in ledger]


def test_names_are_translated_and_nothing_else(package, ledger):
    claims = package.printed["claims"]
    sites = [MUNICIPALITIES.get(row["municipality"], row["municipality"].lower()) for row in ledger]
    assert list(claims["municipality"]) == sites
    assert list(claims["arm"]) == [ARMS.get(row["arm"], row["arm"]) for row in ledger]
    assert list(claims["outcome"]) == [OUTCOMES.get(row["outcome"], row["outcome"]) for row in ledger]
    programme = package.municipalities.set_index("municipality")["programme"]
    assert list(claims["municipality"].map(programme)) == [PROGRAMMES[row["programme"]] for row in ledger]


def test_values_keep_their_digits_and_ranges_become_two_ends(package, ledger):
    for (_, claim), row in zip(package.printed["claims"].iterrows(), ledger, strict=True):
        printed = f"{claim['lower']}-{claim['upper']}" if claim["lower"] else claim["value"]
        assert printed == row["value"], claim["claim"]


def test_counts_are_events_out_of_n(package):
    counts = package.claims[package.claims["kind"].eq("arm_count")]
    assert dict(zip(counts["claim"], counts["events"], strict=True)) == {
        "E152": 110,
        "E153": 110,
        "E154": 16,
        "E234": 284,
    }
    assert counts["events"].eq(counts["value"]).all() and counts["n"].eq(410).all()


def test_moments_that_count_from_the_end(package):
    claims = package.claims.set_index("claim")
    after = claims.index[claims["horizon_from"].eq("end")]
    assert list(after) == [
        "E001",
        "E002",
        "E003",
        "E004",
        "E005",
        "E006",
        "E007",
        "E011",
        "E255",
        "E256",
        "E259",
        "E260",
        "E261",
        "E282",
        "E283",
        "E284",
        "E287",
        "E289",
        "E291",
    ]
    # the source does not say from when its two years run
    assert claims.loc[["E273", "E274"], "horizon_from"].eq("").all()
    months = claims["horizon_months"].notna() & ~claims.index.isin(["E273", "E274"])
    assert claims.loc[months, "horizon_from"].ne("").all()


def test_stated_roundings_have_their_reason(package):
    stated = package.claims[package.claims["rounding"].notna()]
    assert set(stated["claim"]) == {"E004", "E140", "E141", "E142", "E145", "E146", "E147", "E265"}
    assert stated["half_width"].eq(2.5).all()
    assert stated["caveat"].str.contains("read as the nearest five").all()


def test_sources_are_complete_and_the_five_documents_have_their_hashes(package):
    sources = package.sources.set_index("source")
    gaps = {"S56", "S80", "S81", "S82", "S83"}
    expected = {f"S{i:02d}" for i in range(1, 104)} - gaps | {f"SEED{i}" for i in range(5)}
    assert set(sources.index) == expected and len(sources) == 103
    kept = sources[sources["sha256"].ne("")]
    assert set(kept.index) == {f"SEED{i}" for i in range(5)} and kept["sha256"].is_unique
    assert sources["url"].eq("").eq(sources["sha256"].ne("")).all()
    assert sources[["part_read", "date_read", "speaker", "relay"]].ne("").all().all()


def test_no_arm_has_an_n_for_a_randomised_comparison(package):
    arms = package.arms[package.arms["role"].isin(["control", "treatment", "choice"])]
    assert arms["n"].isna().all() and arms["n_basis"].eq("equal_split").all()


def test_components_of_arms(package):
    arms = package.arms.set_index(["municipality", "arm"])["components"]
    assert arms["deventer", "exemption-remote"] == arms["deventer", "exemption-demand"] == "exemption"
    assert arms["nijmegen", "guidance-earnings"] == arms["tilburg", "guidance-earnings"] == "guidance earnings"
    assert arms["oss", "exemption-guidance"] == arms["apeldoorn-epe", "exemption-guidance"] == "exemption guidance"
    assert arms["groningen", "choice"] == ""


def test_the_package_has_no_faults():
    assert [str(fault) for fault in checks.check(checks.load(DATA))] == []


def test_the_plain_frictionless_tool_accepts_it(monkeypatch):
    import frictionless

    monkeypatch.chdir(DATA)  # it takes paths as relative to the descriptor only if they are not absolute
    report = frictionless.Package("datapackage.yaml").validate()
    assert report.valid, report.flatten(["type", "note"])


def test_every_table_has_all_its_columns_and_every_field_is_described():
    descriptor = yaml.safe_load(STANDARD.read_text(encoding="utf-8"))
    for resource in descriptor["resources"]:
        fields = resource["schema"]["fields"]
        with (DATA / resource["path"]).open(encoding="utf-8", newline="") as file:
            assert next(csv.reader(file)) == [field["name"] for field in fields], resource["name"]
        assert all(field["description"].strip() for field in fields)


def test_tables_are_plain_lf_utf8(package):
    for name in package.printed:
        content = (DATA / f"{'coding/' if name.startswith('coder') else ''}{name}.csv").read_bytes()
        assert b"\r" not in content and not content.startswith(b"\xef\xbb\xbf") and content.endswith(b"\n"), name


def test_claims_named_in_notes_exist(package):
    known = set(package.claims["claim"])
    columns = [
        *(package.claims[c] for c in ("caveat", "caveat_nl")),
        package.claims["unit"],
        *(package.municipalities[c] for c in ("note_en", "note_nl")),
        *(package.arms[c] for c in ("note_en", "note_nl")),
        package.outcomes["control_level_basis"],
    ]
    named = {name for column in columns for text in column for name in re.findall(r"\bE\d+\b", text)}
    assert named and named <= known


def test_every_other_reading_has_a_name_in_both_languages(package):
    first = package.printed["readings"].drop_duplicates("reading")
    assert len(first) == 14 and first[["label_en", "label_nl"]].ne("").all().all()
    assert first["label_nl"].is_unique and first["label_nl"].ne(first["label_en"]).all()
