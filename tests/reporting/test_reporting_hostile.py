"""Whole pages of hostile packages in a browser: nothing runs, nothing overflows on a phone, nothing is lost."""

import html
import re
from pathlib import Path

import figures
import pytest
import rendering
import reporting
from rendering import checks

pytestmark = pytest.mark.browser
REPORTS = Path(rendering.__path__[0]).parents[1] / "reports"
MARKUP = (
    '<script>window.taken=1</script><img src=x onerror="window.taken=1"><svg onload=window.taken=1>'
    "](javascript:window.taken=1) $x$ ``` ::: =cmd|' /C calc'!A0 &lt;b&gt;"
)
RIGHT_TO_LEFT = "تجربة المساعدة الاجتماعية في البلديات ‮evil‬"
ENDLESS = "Onafgebroken" * 25
TEXTS = ("label_en", "label_nl", "name", "title", "publisher", "university", "note_en", "finding", "caveat", "locator")


def spoiled(rows, text):
    """Rows with a hostile text in every cell of words; names stay apart by what they were."""
    return [{k: f"{text} {v}" if k in TEXTS and v != "" else v for k, v in row.items()} for row in rows]


@pytest.fixture
def phone(browser, made, settings, tmp_path):
    """Page of a package, opened on a phone with all fold-outs open; returned as text."""

    def show(tables=None, language="en", **results):
        package = made.package(tmp_path / "package", tables)
        folder = made.results(tmp_path / "results", **results)
        reporting.write(folder, package, settings, language, tmp_path / "generated" / language)
        page = tmp_path / "page.html"
        with rendering.stage(REPORTS, tmp_path / "generated") as stage:
            rendering.render({"en": "report.qmd", "nl": "rapport.qmd"}[language], stage, page, "embedded")
        browser.log("browser")
        browser.open(page, 390)
        browser.run("document.querySelectorAll('details').forEach((box) => { box.open = true; })")
        return page.read_text(encoding="utf-8")

    return show


def overflowing(browser):
    """Elements that reach beyond the screen, those apart that scroll within their own frame."""
    return browser.run("""
      const room = document.documentElement.clientWidth;
      const own = '.scroll, .equation, svg, math, pre, .skip';
      const out = [...document.querySelectorAll('body *')]
        .filter((e) => !e.closest(own) && e.getBoundingClientRect().right > room + 1)
        .map((e) => `${e.tagName}.${e.className} ${e.textContent.slice(0, 40)}`).slice(0, 5);
      return document.documentElement.scrollWidth > 390 ? [...out, 'the page itself'] : out;
    """)


@pytest.mark.parametrize("text", [MARKUP, RIGHT_TO_LEFT, ENDLESS], ids=["markup", "right-to-left", "endless"])
def test_hostile_words_everywhere(phone, browser, made, text):
    tables = {name: spoiled(rows, text) for name, rows in made.TABLES.items()}
    page = phone(tables, claims=spoiled(made.claims(), text), language="nl" if text == ENDLESS else "en")
    assert checks.faults(page) == []
    assert browser.run("return window.taken") is None
    assert [entry["message"] for entry in browser.log("browser")] == []
    assert overflowing(browser) == []
    if text == ENDLESS:  # the others are turned or hold what a typeface draws as it likes
        assert figures.faults(browser) == []
    shown = html.unescape(re.sub(r"<[^>]+>", "", page[page.index("<main") :]))
    kept = re.sub(r"[\u202a-\u202e]", "", text)
    assert shown.count(kept[:30]) > 20 and "\u202e" not in page


def test_one_site(phone, browser, made):
    tables = {name: [r for r in rows if r.get("municipality") == "brookford"] for name, rows in made.TABLES.items()}
    keep = ("municipalities", "arms")
    mine = {"estimates": [r for r in made.estimates() if r["municipality"] == "brookford"]}
    mine["claims"] = [r for r in made.claims() if r["municipality"] == "brookford"]
    mine["summary"] = [r for r in made.summary() if r["municipality"] in ("", "brookford")]
    page = phone({name: tables[name] for name in keep}, **mine)
    assert checks.faults(page) == []
    assert overflowing(browser) == []
    assert page.count('id="sec-site-') == 1


def test_five_hundred_sites(phone, browser, made):
    names = [f"site{k:03}" for k in range(500)]
    tables = {
        "municipalities": [{"municipality": s, "name": s * 9, "kind": "site", "role": "primary"} for s in names],
        "arms": [
            {"municipality": s, "arm": a, "role": r, "components": c, "label_en": a}
            for s in names
            for a, r, c in (("control", "control", ""), ("v", "treatment", "voucher"))
        ],
    }
    one = made.estimates()[1]
    estimates = [one | {"municipality": s, "arms": "v", "x_voucher": 1, "x_coaching": 0} for s in names]
    rows = [r for r in made.summary() if not r["municipality"]]
    rows += [made.summary_row("sewing_end", "site", municipality=s, arm="v") for s in names]
    page = phone(tables, summary=rows, estimates=estimates, claims=[])
    assert page.count('id="sec-site-') == 500
    assert overflowing(browser) == []
