"""Pages that a run made: whole, light, equal to their tables, and the same in both languages.

``REPORT_PAGES=results/report.html:results/rapport.html`` names them; their tables lie beside them.
"""

import base64
import csv
import html
import math
import os
import re
from pathlib import Path

import figures
import pytest
from live_pages import settled
from rendering import checks

PAGES = [Path(name).resolve() for name in os.environ.get("REPORT_PAGES", "").split(os.pathsep) if name]
pytestmark = [
    pytest.mark.pages,
    pytest.mark.skipif(not PAGES, reason="REPORT_PAGES names no page of a run"),
]
each = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
PAPER = 40  # A4 pages
#: Chooses an outcome in the panel and waits for the numbers behind its table.
SHOWN = """
  const [name, done] = arguments, select = document.getElementById('try-outcome');
  select.value = name;
  select.dispatchEvent(new Event('change'));
  const look = () => {
    if (document.querySelector('.live-results[aria-busy]')) return setTimeout(look, 20);
    const rows = [...document.querySelectorAll('.live-table tbody tr')];
    const values = rows.map((row) => [...row.querySelectorAll('data')].map((d) => Number(d.value)));
    done(values.filter((found) => found.length));
  };
  look();
"""


@each
def test_a_page_is_whole_and_every_number_is_its_cell(page):
    tables = {}
    for path in page.parent.rglob("*.csv"):
        with path.open(encoding="utf-8", newline="") as stream:
            tables[path.relative_to(page.parent).with_suffix("").as_posix()] = list(csv.DictReader(stream))
    assert checks.faults(page.read_text(encoding="utf-8"), tables) == []


@each
def test_a_page_can_be_mailed(page):
    assert page.stat().st_size < 2_000_000


def half_a_digit(cell, digits=4):
    """What the rounding of a table to significant digits may hide."""
    return 0.5 * 10 ** (math.floor(math.log10(abs(cell))) - digits + 1) if cell else 0.0


def shape(page):
    """What both languages must share: elements with their ids, and every number with its row and cell."""
    text = page.read_text(encoding="utf-8")
    body = re.sub(r"<script.*?</script>", "", text[text.index("<main") :], flags=re.S)
    body = re.sub(r"<svg.*?</svg>", "<svg>", body, flags=re.S)  # labels break where the language lets them
    # a span may say that a text is in another language
    tags = re.findall(r"<(?!span)([a-z][a-z0-9]*)\b", body)
    ids = re.findall(r'\sid="([^"]+)"', body)
    numbers = re.findall(r'data-row="([^"]*)" data-column="([^"]*)" data-value="([^"]*)"', html.unescape(body))
    return tags, ids, numbers


@pytest.mark.skipif(len(PAGES) < 2, reason="REPORT_PAGES names fewer than two pages")
def test_both_languages_have_the_same_structure_and_numbers():
    one, other = (shape(page) for page in PAGES[:2])
    for first, second in zip(one, other, strict=True):
        assert len(first) > 50
        assert [pair for pair in zip(first, second, strict=False) if pair[0] != pair[1]][:3] == []
        assert len(first) == len(second)


@each
@pytest.mark.browser
def test_a_page_shows_within_a_second_and_prints_on_few_sheets(browser, page):
    paints = []
    for _ in range(3):  # the quickest of three: others may be using the machine
        browser.open(page)
        paints += browser.run("return performance.getEntriesByName('first-contentful-paint').map((e) => e.startTime)")
    assert min(paints) < 1000
    browser.devtools("Emulation.setEmulatedMedia", media="print")
    pdf = base64.b64decode(browser.devtools("Page.printToPDF", preferCSSPageSize=True, printBackground=True)["data"])
    assert 5 < pdf.count(b"/Type /Page\n") <= PAPER


@each
@pytest.mark.browser
@pytest.mark.parametrize("width", [360, 600, 760, 1280])
def test_no_text_of_a_figure_is_cut_or_touches_anything(browser, page, width):
    browser.open(page, width)
    browser.run("document.querySelectorAll('details').forEach((box) => { box.open = true; })")
    if not browser.run("return !!document.getElementById('try-outcome')"):
        assert figures.faults(browser) == []
    for name in browser.run("return [...document.querySelectorAll('#try-outcome option')].map((o) => o.value)"):
        browser.run_async(SHOWN, name)
        settled(browser)
        assert figures.faults(browser) == [], name


@each
@pytest.mark.browser
def test_downloads_hold_the_tables_beside_the_page(browser, page):
    browser.open(page)
    held = browser.run("""
      return Object.fromEntries([...document.querySelectorAll('a[download$=".csv"]')]
        .map((a) => [a.download, decodeURIComponent(a.href.slice(a.href.indexOf(',') + 1))]));
    """)
    assert set(held) >= {"summary.csv", "claims.csv"}
    for name, text in held.items():
        assert text == (page.parent / name).read_text(encoding="utf-8"), name


@each
@pytest.mark.browser
def test_the_panel_as_published_shows_the_numbers_of_the_summary_for_every_outcome(browser, page):
    with page.with_name("summary.csv").open(encoding="utf-8", newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if (row["engine"], row["stage"]) == ("exact", "posterior")]
    rows = [row for row in rows if row["unit"] in ("points", "sd")]
    new = {(row["analysis"], row["component"]): row for row in rows if row["estimand"] == "new"}
    browser.open(page)
    if not browser.run("return !!document.getElementById('try-outcome')"):
        pytest.skip("this page has no panel")
    for name in browser.run("return [...document.getElementById('try-outcome').options].map((o) => o.value)"):
        found = browser.run_async(SHOWN, name)
        average = [row for row in rows if (row["analysis"], row["estimand"]) == (name, "average")]
        own = [row for row in average if row["identified"] == "true"]
        assert len(found) == len(own) > 0
        for values, row in zip(found, own, strict=True):
            chances = [float(row[column]) for column in ("prob_positive", "prob_increase", "prob_decrease")]
            wanted = [float(row["median"]), *chances, float(new[name, row["component"]]["prob_positive"])]
            for value, cell in zip(values, wanted, strict=True):
                assert abs(value - cell) < 1e-3 + half_a_digit(cell), (name, row["component"])


def sheets(path):
    """Pages of a PDF, as its page tree counts them."""
    return int(re.search(rb"/Type\s*/Pages[^>]*?/Count (\d+)", path.read_bytes(), re.S)[1])


@each
def test_the_summary_on_paper_takes_two_pages_and_a_sheet_of_a_site_one(page):
    language = "nl" if page.stem == "rapport" else "en"
    found = {path.stem: sheets(path) for path in (page.parent / "sheets" / language).glob("*.pdf")}
    assert found and set(found.values()) == {1}, found
    assert sheets(page.with_name(f"summary-{language}.pdf")) == 2
