"""Every number can say where it stands, and every figure and table which file and rule made it."""

import csv
import html
import json
import re
from urllib.parse import parse_qsl

import pytest
import reporting


@pytest.fixture
def written(invented, settings, tmp_path):
    def write(language):
        reporting.write(invented[1], invented[0], settings, language, tmp_path / language)
        return tmp_path / language

    return write


def island(folder, name):
    text = (folder / "scripts.html").read_text(encoding="utf-8")
    return json.loads(re.search(rf'id="{name}">(.*?)</script>', text, re.S)[1])


@pytest.mark.parametrize("language", ["en", "nl"])
def test_every_printed_number_is_described_by_its_own_line_of_its_table(written, invented, language):
    folder = written(language)
    described = island(folder, "provenance")
    tables = {path.stem: list(csv.DictReader(path.open())) for path in invented[1].glob("*.csv")}
    text = "".join(path.read_text(encoding="utf-8") for path in folder.glob("*.md"))
    found = re.findall(r'data-row="([^"]*)" data-column="([^"]*)"[^>}]*', text)
    spans = re.finditer(r'data-row="(?P<row>[^"]*)" data-column="(?P<column>[^"]*)"(?P<rest>[^>}]*)', text)
    for span in spans:
        table = (re.search(r'data-table="(\w+)"', span["rest"]) or [0, "summary"])[1]
        query = html.unescape(span["row"])
        what, _, line = described["rows"][f"{table}?{query}"]
        row = tables[table][line - 2]
        assert all(row[key] == value for key, value in parse_qsl(query))
        assert what and span["column"] in described["columns"], (what, span["column"])
    assert len(found) > 150


def test_an_interval_is_given_in_the_readers_language(written):
    key = "summary?analysis=sewing_end&engine=exact&stage=posterior&estimand=average&component=voucher&unit=points"
    english, dutch = (island(written(language), "provenance")["rows"][key] for language in ("en", "nl"))
    assert english[:2] == [
        "average effect; travel voucher; sewing at the end of the trial; after the evidence",
        "−1.2 to 9.3 percentage points",
    ]
    assert dutch[1] == "−1,2 tot 9,3 procentpunten"


def test_no_text_can_end_the_element_that_holds_the_data(made, settings, tmp_path):
    evil = "</script><script>alert(1)</script>"
    tables = {"components": [row | {"label_en": evil} for row in made.TABLES["components"]]}
    package, results = made.package(tmp_path / "p", tables), made.results(tmp_path / "r")
    reporting.write(results, package, settings, "en", tmp_path / "out")
    text = (tmp_path / "out" / "scripts.html").read_text(encoding="utf-8")
    assert text.count("<script") == text.count("</script>") == text.count('type="application/json"')
    assert "alert(1)" in json.dumps(island(tmp_path / "out", "provenance"))


@pytest.mark.parametrize(("language", "word"), [("en", "rule"), ("nl", "stap")])
def test_every_figure_and_table_names_its_file_and_rule(written, language, word):
    for path in written(language).glob("*.md"):
        text = path.read_text(encoding="utf-8")
        for block in re.findall(r"^::: \{#(?:fig|tbl)-[\s\S]*?^:::$", text, re.M):
            caption = block.rstrip(":\n ").rsplit("\n", 1)[1]
            assert re.search(r"\[.*&#46;(csv|json).*\]\{\.small\}$", caption), (path.name, caption)
            assert word in caption or {"en": "data package", "nl": "datapakket"}[language] in caption
