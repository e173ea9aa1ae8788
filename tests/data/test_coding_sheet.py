"""The coding sheet: everything a coder needs and nothing that gives another coding away, in one file."""

import html
import json
import re
import shutil
import subprocess
from html.parser import HTMLParser

import pytest
from pooling.ledger import checks, coding_sheet
from pooling.ledger.package import STANDARD, read, resources

RULES = STANDARD.parent / "coding" / "rules.md"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.fixture
def tiny(copy):
    """The tiny package, whose labels hold markup."""
    return copy("tiny").folder


@pytest.fixture
def sheet(tiny, tmp_path):
    out = tmp_path / "sheet.html"
    coding_sheet.write(read(tiny), RULES, out)
    return out


def embedded(page: str) -> dict:
    return json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)[1])


class Links(HTMLParser):
    """Collects whatever a browser would fetch by itself, and the ids."""

    def __init__(self):
        super().__init__()
        self.fetched, self.ids, self.scripts = [], [], 0

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.scripts += tag == "script"
        self.ids += [attrs["id"]] if "id" in attrs else []
        self.fetched += [value for key, value in attrs.items() if key in ("src", "srcset", "data", "action")]
        self.fetched += [attrs["href"]] if tag == "link" else []


def test_all_claims_arms_and_sources_are_in_the_sheet(sheet):
    data = embedded(sheet.read_text(encoding="utf-8"))
    assert [claim["claim"] for claim in data["claims"]] == [f"C{i:02d}" for i in range(1, 12)]
    assert [arm["arm"] for arm in data["arms"]["west"]] == ["control", "reminded", "coached"]
    assert set(data["sources"]) == {"R1", "R2", "R3", "R4"}


def test_nothing_of_another_coding_is_in_the_sheet(tmp_path):
    package = read(STANDARD.parent)
    coding_sheet.write(package, RULES, tmp_path / "sheet.html")
    page = html.unescape(tmp_path.joinpath("sheet.html").read_text(encoding="utf-8"))
    notes = [note for table in (package.coding, package.coder_one, package.coder_two) for note in table["note"]]
    assert sum(len(note) > 20 for note in notes) > 100
    assert [note for note in notes if len(note) > 20 and note in page] == []
    assert len(embedded(page)["claims"]) == 329


def test_page_fetches_nothing_and_holds_no_foreign_script(sheet):
    page = sheet.read_text(encoding="utf-8")
    links = Links()
    links.feed(page)
    assert links.fetched == [] and len(links.ids) == len(set(links.ids))
    assert links.scripts == 2 and "<script>alert" not in page and "default-src 'none'" in page


def test_codes_are_those_of_the_rule_book():
    rules = RULES.read_text(encoding="utf-8")
    words = set(re.findall(r"`([a-z_]+)`", rules))
    for field in resources()["coder_one"]["schema"]["fields"]:
        for code in field.get("constraints", {}).get("enum", []):
            assert code in words, f"{field['name']}: {code} is not in the rule book"
    header = "claim,use,reason,duplicate_of,horizon,arms,scope,versus,category,z_crit,note"
    assert f"`{header}`" in rules
    assert header.split(",") == [field["name"] for field in resources()["coder_one"]["schema"]["fields"]]


def test_markup_in_the_rules_is_shown_as_text(tiny, tmp_path):
    (tmp_path / "rules.md").write_text("# Rules\n\n<script>alert(2)</script> <img src=x onerror=alert(3)>\n")
    coding_sheet.write(read(tiny), tmp_path / "rules.md", tmp_path / "sheet.html")
    page = (tmp_path / "sheet.html").read_text(encoding="utf-8")
    assert "&lt;script&gt;alert(2)" in page and "<img" not in page


def test_same_package_same_bytes(tiny, tmp_path):
    package = read(tiny)
    for name in ("a", "b"):
        coding_sheet.write(package, RULES, tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


#: Codes two claims as a person would, by changing the form's fields, and leaves the table in the page.
DRIVE = """
<script>
function fill(entries) {
  const form = document.getElementById("form");
  for (const [name, value] of entries) {
    const boxes = form.querySelectorAll("[name=arms]");
    if (name === "arms") for (const box of boxes) box.checked = value.split(" ").includes(box.value);
    else form.elements[name].value = value;
    form.querySelector(`[name=${name}]`).dispatchEvent(new Event("change", {bubbles: true}));
  }
}
const pressed = {key: "Enter", ctrlKey: true};
const key = shiftKey => document.dispatchEvent(new KeyboardEvent("keydown", {...pressed, shiftKey}));
for (let i = 0; i < 5; i++) key(false);
fill([["use", "eligible"], ["arms", "reminded coached"], ["versus", "control"], ["category", "positive"]]);
const told = document.getElementById("problems").textContent;
fill([["horizon", "end"], ["scope", "each"], ["note", 'said "either", of both']]);
const now = document.getElementById("id").textContent;
for (let i = 0; i < 9; i++) key(false);
fill([["use", "aside"], ["reason", "not_an_effect"]]);
key(true);
const loaded = parse(csv());
document.body.replaceChildren(Object.assign(document.createElement("pre"), {textContent: JSON.stringify(
  {table: csv(), told, now, progress: loaded.length, note: loaded[5].note})}));
</script>
"""


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")
def test_a_person_can_code_with_the_keyboard_and_the_result_is_a_valid_table(sheet, tiny, tmp_path):
    page = sheet.read_text(encoding="utf-8").replace("</body>", f"{DRIVE}</body>")
    driven = tmp_path / "driven.html"
    driven.write_text(page, encoding="utf-8")
    command = [
        CHROMIUM,
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        f"--user-data-dir={tmp_path / 'profile'}",
    ]
    dom = subprocess.run(
        [*command, "--dump-dom", driven.as_uri()], capture_output=True, text=True, timeout=120, check=True
    ).stdout
    said = json.loads(html.unescape(re.search(r"<pre>(.*?)</pre>", dom, re.DOTALL)[1]))
    assert said["now"] == "C06" and "horizon end or after" in said["told"] and "scope goes with" in said["told"]
    assert said["progress"] == 11 and said["note"] == 'said "either", of both'
    lines = said["table"].splitlines()
    assert lines[6] == 'C06,eligible,,,end,reminded coached,each,control,positive,1.96,"said ""either"", of both"'
    assert lines[11] == "C11,aside,not_an_effect,,,,,,,,"

    coded = [lines[0], lines[6], lines[11]]
    (tiny / "coding.csv").write_text("\n".join(coded) + "\n", encoding="utf-8")
    assert [str(fault) for fault in checks.check(checks.load(tiny))] == []
