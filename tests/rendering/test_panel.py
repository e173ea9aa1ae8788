"""The live panel in a real browser: driven with keyboard and mouse, kept in the address, the engine's numbers."""

import json
import time

import pytest
from rendering import panel

pytestmark = pytest.mark.browser


def row(site, source, lower, upper, design, weights):
    return {"site": site, "kind": "interval", "y": "nan", "se": 0.05, "lower": lower, "upper": upper, "source": source,
            "design": design, "weights": weights, "arm_variances": [0.00125, 0.00125, 0.00125], "epsilon": 0.1}


EVIDENCE = {
    "analysis": "work", "components": ["a", "b"], "kappa": 2.0, "scale": "arcsine", "control_level": 0.2,
    "covariance": None,
    "rows": [row("north", "S1", 0.0, 0.098, [1, 0], [-1, 1, 0]), row("north", "S1", -0.098, 0.098, [0, 1], [-1, 0, 1]),
             row("south", "S2", 0.098, "inf", [1, 0], [-1, 1, 0]), row("east", "S2", "-inf", 0.0, [0, 1], [-1, 1, 0])],
}
ANALYSIS = {
    "evidence": EVIDENCE, "label": "Paid work", "unit": "points", "digits": 1, "epsilon": 0.1, "delta": 2,
    "priors": {"mu": [{"mean": 0, "sd": 0.0625}] * 2, "tau": {"family": "halfnormal", "scale": 0.0375}},
    "components": {"a": "Exemption", "b": "<b>Guidance</b>"}, "sites": {"north": "North <img src=x>"},
    "rows": ["one", "two", "three", "four"],
}


@pytest.fixture
def panel_page(tmp_path):
    data = {"language": "en", "texts": panel.texts("en"), "sources": {}, "analyses": [ANALYSIS]}
    island = json.dumps(data).replace("<", "\\u003c")
    page = tmp_path / "panel.html"
    page.write_text(
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Panel</title></head><body><main>'
        '<h1>Panel</h1><div id="try-panel" hidden></div></main>'
        f'<script type="application/json" id="try-data">{island}</script><script>{panel.script()}</script>'
        "</body></html>", encoding="utf-8")
    return page


def cells(browser):
    return browser.run("return [...document.querySelectorAll('.try-table td')].map((c) => c.textContent)")


def status(browser):
    return browser.run("return document.querySelector('.try-state').textContent")


def wait(browser, script):
    for _ in range(60):
        if browser.run(script):
            return
        time.sleep(0.1)
    pytest.fail(f"never came true: {script}")


def test_as_published_then_changed_then_reset(browser, panel_page):
    browser.open(panel_page)
    wait(browser, "return document.querySelectorAll('.try-table tbody tr').length === 2")
    before = cells(browser)
    assert status(browser) == "As published"
    assert browser.run("return document.querySelector('.try-table tbody th').textContent") == "Exemption"
    browser.run("document.querySelector('input[value=south]').click()")
    assert status(browser) == "Changed by you: places"
    assert cells(browser) != before
    assert "xs=south" in browser.run("return location.hash")
    wait(browser, "return document.querySelector('[role=status]').textContent.includes('Changed by you')")
    browser.run("document.querySelector('#try-panel > button').click()")
    assert status(browser) == "As published"
    assert cells(browser) == before
    assert browser.run("return location.hash") == ""


def test_names_from_the_data_stay_text(browser, panel_page):
    browser.open(panel_page)
    wait(browser, "return !!document.querySelector('.try-forest circle')")
    assert browser.run("return document.querySelectorAll('#try-panel img, #try-panel b').length") == 0
    assert "<b>Guidance</b>" in browser.run("return document.querySelector('.try-table').textContent")


def test_every_control_has_a_name_and_is_native(browser, panel_page):
    browser.open(panel_page)
    wait(browser, "return !!document.querySelector('.try-table')")
    nameless = browser.run("""
      return [...document.querySelectorAll('#try-panel input, #try-panel select')]
        .filter((field) => !field.labels.length || !field.labels[0].textContent.trim()).length;
    """)
    assert nameless == 0
    forced = "#try-panel [tabindex]:not([tabindex='-1']):not(.scroll)"
    assert browser.run(f'return document.querySelectorAll("{forced}").length') == 0


def test_nothing_left_is_said(browser, panel_page):
    browser.open(panel_page)
    wait(browser, "return !!document.querySelector('.try-table')")
    browser.run("document.querySelector('input[value=interval]').click()")
    assert "no evidence is left" in browser.run("return document.querySelector('.try-answers').textContent")


def test_hidden_without_script(browser, panel_page):
    browser.open(panel_page, script=False)
    assert browser.run("return document.getElementById('try-panel').hidden") is True
