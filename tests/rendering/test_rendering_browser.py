"""Pages in a real browser: nothing is requested, nothing fails, nothing overflows, everyone can use them.

The sample page always; further pages by ``REPORT_PAGES=results/report.html:results/rapport.html``.
"""

import base64
import os
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.browser
RUN_AXE = """
  const [tags, done] = arguments;
  const shown = (v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => n.html.slice(0, 120)).join(' | ')}`;
  axe.run(document, { runOnly: tags })
    .then((r) => done({ passes: r.passes.length, violations: r.violations.map(shown) }));
"""
MORE = [Path(name).resolve() for name in os.environ.get("REPORT_PAGES", "").split(os.pathsep) if name]


@pytest.fixture(params=[None, *MORE], ids=lambda page: page.name if page else "sample.html")
def page(request, sample_page) -> Path:
    return request.param or sample_page


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_nothing_is_requested_and_nothing_fails(browser, page, script):
    browser.log("performance")
    browser.log("browser")
    browser.open(page, script=script)
    time.sleep(0.3)
    requested = [
        entry["message"].split('"url":"')[1].split('"')[0]
        for entry in browser.log("performance")
        if '"method":"Network.requestWillBeSent"' in entry["message"]
    ]
    assert requested, "the browser logged no request at all, so this test proves nothing"
    assert {url for url in requested if not url.startswith("data:")} == {page.as_uri()}
    assert [entry["message"] for entry in browser.log("browser") if entry["level"] in ("SEVERE", "WARNING")] == []


def test_a_script_that_is_not_the_pages_own_does_not_run(browser, sample_html, tmp_path):
    forged = tmp_path / "forged.html"
    evil = "<script>document.title='taken'</script><img src='data:,' onerror=\"document.title='taken'\" alt='x'>"
    forged.write_text(sample_html.replace("</main>", evil + "</main>"), encoding="utf-8")
    browser.open(forged)
    time.sleep(0.3)
    assert browser.run("return document.title") != "taken"
    assert browser.run("return !!document.querySelector('[role=tablist]')"), "the page's own script must run"
    browser.log("browser")  # the refusals themselves belong to this test


@pytest.mark.parametrize("width", [1280, 768, 390, 360])
def test_nothing_overflows(browser, page, width):
    browser.open(page, width)
    browser.run("document.querySelectorAll('main details').forEach((box) => { box.open = true; })")
    wide = browser.run("""
      const room = document.documentElement.clientWidth;
      const own = '.scroll, .equation, svg, math, pre, .skip';
      return [...document.querySelectorAll('body *')]
        .filter((e) => !e.closest(own) && e.getBoundingClientRect().right > room + 1)
        .map((e) => e.tagName + '.' + e.className).slice(0, 5);
    """)
    assert wide == []
    assert browser.run("return document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing(browser, axe, page, theme, width):
    browser.open(page, width, theme)
    browser.run("document.querySelectorAll('details').forEach((box) => { box.open = true; })")
    browser.run(axe)
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    result = browser.run_async(RUN_AXE, tags)
    assert result["violations"] == []
    assert result["passes"] > 15


def test_themes_differ_and_the_button_changes_them(browser, sample_page):
    colour = "return getComputedStyle(document.body).backgroundColor"
    browser.open(sample_page, theme="light")
    browser.run("try { localStorage.clear() } catch {}")
    browser.open(sample_page, theme="light")
    light = browser.run(colour)
    browser.open(sample_page, theme="dark")
    dark = browser.run(colour)
    assert light == "rgb(255, 255, 255)" and dark != light
    browser.run("document.querySelector('.theme').click()")
    assert browser.run(colour) == light
    browser.run("try { localStorage.clear() } catch {}")


def test_tabs_work_from_the_keyboard(browser, sample_page):
    browser.open(sample_page)
    visible = "return [...document.querySelectorAll('.tab-pane')].map((pane) => pane.offsetHeight > 0)"
    assert browser.run(visible) == [True, False]
    browser.run("document.querySelector('[role=tab]').focus()")
    browser.press("\ue014")  # right arrow
    assert browser.run(visible) == [False, True]
    assert browser.run("return document.activeElement.textContent") == "Guidance"
    browser.press("\ue014")
    assert browser.run(visible) == [True, False]


def test_without_script_the_page_is_complete(browser, sample_page):
    browser.open(sample_page, script=False)
    shown = browser.devtools(
        "Runtime.evaluate",
        returnByValue=True,
        expression="[...document.querySelectorAll('.tab-pane')].every((pane) => pane.offsetHeight > 0)",
    )
    assert shown["result"]["value"] is True


def test_a_link_opens_what_is_folded(browser, sample_page):
    browser.open(sample_page)
    assert browser.run("return document.querySelector('main details').open") is False
    browser.run("document.querySelector('a[href=\"#tbl-counts\"]').click()")
    time.sleep(0.2)
    assert browser.run("return document.querySelector('main details').open") is True


def test_paper_is_a4_in_light_colours_and_shows_what_is_folded(browser, sample_page):
    browser.open(sample_page, theme="dark")
    browser.devtools("Emulation.setEmulatedMedia", media="print")
    assert browser.run("return getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert browser.run("return getComputedStyle(document.querySelector('#TOC')).display") == "none"
    pdf = base64.b64decode(browser.devtools("Page.printToPDF", preferCSSPageSize=True, printBackground=True)["data"])
    assert 1 <= pdf.count(b"/Type /Page\n") <= 4
    assert b"/MediaBox [0 0 594" in pdf or b"/MediaBox [0 0 595" in pdf


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_paper_leaves_out_what_is_marked_and_says_so(browser, sample_html, tmp_path, script):
    page = tmp_path / "long.html"
    extra = (
        '<details class="unprinted" id="a"><summary>s</summary><p>long</p></details>'
        '<p class="on-paper" id="b">left out</p><ul><li class="unprinted" id="c">item</li></ul>'
        '<details id="d"><summary>s</summary><p id="e">short</p></details>'
    )
    page.write_text(sample_html.replace("</main>", extra + "</main>"), encoding="utf-8")
    browser.open(page, script=script)
    visible = "JSON.stringify([...'abcde'].map((id) => document.getElementById(id).checkVisibility()))"

    def shown():
        return browser.devtools("Runtime.evaluate", returnByValue=True, expression=visible)["result"]["value"]

    assert shown() == "[true,false,true,true,false]"
    browser.devtools("Emulation.setEmulatedMedia", media="print")
    assert shown() == "[false,true,false,true,true]"
