"""Finished pages of the invented packages, pooled by the exact engine, and how a reader works their live parts."""

import csv
import time
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
import rendering
import reporting
from pooling.answers import exactly, summary
from pooling.ledger import evidence, package, pooled
from pooling.running import settings, tables

ROOT = Path(__file__).parents[1]
BACK = "\ue003"


def pool(folder: Path, results: Path, **given) -> dict:
    """What the rules before the page do, without the sampler, under the configuration that is given."""
    user = {"data": str(folder), "results": str(results), **given}
    chosen = settings.load(ROOT / "workflow/config.yaml", ROOT / "workflow/schema.yaml", user)
    results.mkdir(parents=True)
    paths = {name: str(results / f"{name}.csv") for name in ("claims", "estimates", "counts")}
    read, digits = package.read(folder), chosen["digits"]
    pooled.make(read, chosen, digits, paths | {"evidence": str(results / "evidence.json")})
    answers = {"summary": str(results / "exact.csv"), "checks": str(results / "exact.json")}
    exactly.make(read, chosen, digits, str(results / "evidence.json"), answers)
    counts = pd.read_csv(results / "counts.csv")
    found = pd.read_csv(answers["summary"])
    stored = evidence.read(results / "evidence.json")
    judged = summary.judge(found, counts, stored, chosen["magnitude"], chosen["informative_sites"])
    tables.write_csv(judged, str(results / "summary.csv"), digits)
    for language in chosen["languages"]:
        reporting.write(results, read, chosen, language, results / "content" / language)
    with rendering.stage(ROOT / "reports", results / "content") as stage:
        for page in ("report", "rapport"):
            rendering.render(f"{page}.qmd", stage, results / f"{page}.html", "embedded")
    return chosen


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """A function from the name of an invented package to its finished run, made once."""

    @cache
    def make(name):
        results = tmp_path_factory.mktemp(name) / "results"
        chosen = pool(ROOT / "tests/packages" / name, results)
        with (results / "summary.csv").open(encoding="utf-8", newline="") as stream:
            rows = list(csv.DictReader(stream))
        stored = {one.analysis: one for one in evidence.read(results / "evidence.json")}
        pages = {"page": results / "report.html", "dutch": results / "rapport.html"}
        return SimpleNamespace(name=name, settings=chosen, rows=rows, evidence=stored, **pages)

    return make


@pytest.fixture(params=["tiny", "numbers"])
def run(request, made):
    return made(request.param)


@pytest.fixture
def tiny(made):
    return made("tiny").page


def wait(browser, script):
    for _ in range(200):
        if browser.run(script):
            return
        time.sleep(0.05)
    pytest.fail(f"never came true: {script}")


def settled(browser):
    """Wait until the panel shows everything under the choices made last."""
    wait(
        browser,
        "return document.querySelector('.live-results svg') && !document.querySelector('.live-results[aria-busy]')",
    )


def visit(browser, page, width=1280, address=""):
    browser.open(page, width)
    if address:
        browser.run("location.hash = arguments[0]", address)
    settled(browser)


def shown(browser):
    """The exact values behind the table, by the label of the component."""
    found = browser.run("""
      return [...document.querySelectorAll('.live-table tbody tr')]
        .map((row) => [row.cells[0].textContent, [...row.querySelectorAll('data')].map((d) => Number(d.value))]);
    """)
    return {label: values for label, values in found if values}


def type_in(browser, field, text):
    browser.run("const f = document.getElementById(arguments[0]); f.focus(); f.select()", field)
    for key in text or [BACK]:
        browser.press(key)


def state(browser):
    return browser.run("return document.querySelector('.live-state').textContent")


def address(browser):
    return browser.run("return location.hash")
