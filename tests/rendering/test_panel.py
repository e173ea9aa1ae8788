"""The live parts of a page in a real browser: keyboard and mouse, the address, and the numbers of the Python engine.

The pages are those of the invented packages in tests/packages, pooled here by the exact engine.
"""

import csv
import json
import re
import shutil
import time
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from live_pages import ROOT, address, pool, settled, shown, state, type_in, visit, wait
from pooling import exact, priors
from pooling.ledger import evidence

pytestmark = pytest.mark.browser
CLOSE = 1e-3  # what the panel promises, in the reader's unit and in probabilities
TAB, SPACE, DOWN = "\ue004", " ", "\ue015"
LONG = "Longname" * 30
HOSTILE = {
    "north": f"<img src=x onerror=\"document.title='taken'\"> {LONG}",
    "south": "شمال المدينة القديمة",
    "east": "</script><script>document.title='taken'</script>",
    "west": "  {median} ${document.title='taken'} `x` ",
}


def by_python(run, name, without=(), epsilon=None, mu=1.0, tau=1.0, delta=None):
    """Median, chances of the average and chance of a rise in a new site, from the Python engine."""
    own = run.evidence[name]
    at = [i for i, row in enumerate(own.rows) if row.site not in without]
    rows = tuple(own.rows[i] for i in at)
    if epsilon is not None:
        rows = tuple(replace(row, epsilon=epsilon) if row.kind == "interval" else row for row in rows)
    covariance = own.covariance and tuple(tuple(own.covariance[i][j] for j in at) for i in at)
    own = replace(own, rows=rows, covariance=covariance)
    wanted = json.loads(json.dumps(run.settings["priors"][priors.NAMES[own.scale]]))
    wanted["mu"]["sd"] *= mu
    wanted["tau"]["scale"] *= tau
    fit = exact.pool(
        **own.arrays(), mu_prior=(wanted["mu"]["mean"], wanted["mu"]["sd"]), tau_prior=priors.from_config(wanted["tau"])
    )
    row = next(r for r in run.rows if r["analysis"] == name and r["estimand"] == "average" and r["delta"])
    delta = float(row["delta"]) if delta is None else delta
    base = np.arcsin(np.sqrt(own.control_level)) if own.scale == "arcsine" else None

    def forward(x):
        return x if base is None else 100 * (np.sin(np.clip(base + x, 0, np.pi / 2)) ** 2 - own.control_level)

    def backward(points):
        return points if base is None else np.arcsin(np.sqrt(own.control_level + points / 100)) - base

    def below(quantity, x):
        return float(quantity.cdf(np.array([x]))[0])

    found = []
    for average, new in zip(fit.mu, fit.new_site, strict=True):
        median = float(forward(average.quantile(np.array([0.5]))[0]))
        above, under = 1 - below(average, backward(delta)), below(average, backward(-delta))
        found.append([median, 1 - below(average, 0.0), above, under, 1 - below(new, 0.0)])
    return found


def agree(browser, run, **changes):
    """The panel against the Python engine, for every component of the first analysis that is shown."""
    name = browser.run("return document.getElementById('try-outcome').value")
    expected = by_python(run, name, **changes)
    found = shown(browser)
    labels = [row["label_en"] for row in csv.DictReader((ROOT / "tests/packages" / run.name / "components.csv").open())]
    compared = 0
    for label, values in zip(labels, expected, strict=True):
        title = label[:1].upper() + label[1:]
        if title in found:
            compared += 1
            assert found[title] == pytest.approx(values, abs=CLOSE), title
    assert compared == len(found) > 0


def test_as_published_it_shows_the_numbers_of_the_summary(browser, run):
    visit(browser, run.page)
    assert state(browser) == "As published"
    name = browser.run("return document.getElementById('try-outcome').value")
    rows = [
        r for r in run.rows if r["analysis"] == name and r["stage"] == "posterior" and r["unit"] in ("points", "sd")
    ]
    average = [r for r in rows if r["estimand"] == "average" and r["identified"] == "true"]
    new = {r["component"]: r for r in rows if r["estimand"] == "new"}
    found = list(shown(browser).values())
    assert len(found) == len(average) > 0
    for values, row in zip(found, average, strict=True):
        columns = ("median", "prob_positive", "prob_increase", "prob_decrease")
        wanted = [*(float(row[c]) for c in columns), float(new[row["component"]]["prob_positive"])]
        assert values == pytest.approx(wanted, abs=CLOSE)


def test_a_size_that_is_no_result_is_called_a_calculation_and_not_read_out(browser, run):
    visit(browser, run.page)
    seen = set()
    for name in browser.run("return [...document.getElementById('try-outcome').options].map((o) => o.value)"):
        browser.run("""
          const select = document.getElementById('try-outcome');
          select.value = arguments[0];
          select.dispatchEvent(new Event('change'));
        """, name)  # fmt: skip
        settled(browser)
        marked = browser.run("""
          return [...document.querySelectorAll('.live-table tbody tr')]
            .filter((row) => !row.querySelector('.live-thin')).map((row) => row.textContent.includes('not a finding'));
        """)
        rows = [r for r in run.rows if r["analysis"] == name and r["estimand"] == "average"]
        rows = [r for r in rows if r["stage"] == "posterior" and r["unit"] in ("points", "sd")]
        assert marked == [r["magnitude"] != "true" for r in rows if r["identified"] == "true"]
        why = browser.run("return document.querySelector('.live-table caption').textContent")
        assert ("strongly on what was assumed" in why) == any(marked)
        text = browser.run("return document.querySelector('#try-panel textarea').value")
        assert text.count("a calculation and not a finding") == sum(marked)
        seen.update(marked)
    assert seen, "no component was reported at all"


def test_a_site_left_out_with_the_mouse(browser, run):
    visit(browser, run.page)
    before = shown(browser)
    site = browser.run("const box = document.querySelector('.live-list input'); box.click(); return box.value")
    settled(browser)
    assert state(browser).startswith("Changed by you: ")
    assert f"xs={site}" in address(browser)
    assert shown(browser) != before
    agree(browser, run, without=(site,))


def test_without_each_site_the_panel_says_what_the_table_says(browser, run):
    """Lowest and highest chance of a rise without one site, and without which sites no answer is left."""
    visit(browser, run.page)
    name = browser.run("return document.getElementById('try-outcome').value")
    title = browser.run("return document.getElementById('try-outcome').selectedOptions[0].textContent.split(',')[0]")
    table = browser.run("""
      return [...document.querySelectorAll('#tbl-sensitivity tbody tr')]
        .map((row) => [...row.cells].map((cell) => cell.textContent));
    """)
    sites = browser.run("return [...document.querySelector('.live-list').querySelectorAll('label')]"
                        ".map((l) => [l.querySelector('input').value, l.textContent.trim()])")  # fmt: skip
    chances, gone = {}, {}
    for site, label in sites:
        browser.run("location.hash = arguments[0]", f"#try=a={name}&xs={site}")
        wait(browser, "return document.querySelector('.live-state').textContent !== 'As published'")
        settled(browser)
        for row in browser.run("return [...document.querySelectorAll('.live-table tbody tr')]"
                               ".map((r) => [...r.cells].map((c) => c.textContent))"):  # fmt: skip
            if len(row) == 2:
                gone.setdefault(row[0], []).append(label)
            else:
                chances.setdefault(row[0], []).append((int(row[2].partition("%")[0]), label))
        browser.run("document.querySelector('.live-bar button').click()")
        settled(browser)
    compared = 0
    for label in chances.keys() | gone.keys():
        rows = [row for row in table if row[0].startswith(f"{label}, {title[:1].lower()}{title[1:]}")]
        if rows:
            ((_, _, low, high, none, *_),) = rows
            compared += 1
            found = [int(re.match(r"\d+", text)[0]) for text in (low, high)]
            assert found == [min(chances[label])[0], max(chances[label])[0]], label
            assert [name for name in none.split("; ") if name != "–"] == gone.get(label, [])
    assert compared


def test_reliability_priors_and_smallest_effect_from_the_keyboard(browser, run):
    visit(browser, run.page)
    browser.run("document.querySelector('.live-controls details').open = true")
    changes = {"mu": 2.0, "tau": 0.5, "delta": 3.0}
    for field, text in (("muFactor", "2"), ("tauFactor", "0.5"), ("delta", "3")):
        type_in(browser, f"try-{field}", text)
    if browser.run("return !!document.getElementById('try-epsilon')"):
        type_in(browser, "try-epsilon", "40")
        changes["epsilon"] = 0.4
    settled(browser)
    agree(browser, run, **changes)


def test_a_checkbox_from_the_keyboard_alone(browser, tiny):
    visit(browser, tiny)
    browser.run("document.getElementById('try-delta').focus()")
    browser.press(TAB)
    assert browser.run("return document.activeElement.value") == "north"
    browser.press(SPACE)
    settled(browser)
    assert state(browser) == "Changed by you: clinics"
    assert browser.run("return document.activeElement.value") == "north", "the focus stays where the reader works"
    wait(browser, "return document.querySelector('#try-panel [role=status]').textContent.startsWith('Changed by you')")


def test_the_address_restores_what_was_chosen_and_reset_restores_what_was_published(browser, run):
    visit(browser, run.page)
    published = shown(browser)
    browser.run("document.querySelector('.live-list input').click()")
    type_in(browser, "try-delta", "1")
    settled(browser)
    kept, changed = address(browser), shown(browser)
    assert kept.startswith("#try=") and "d=1" in kept
    assert kept in browser.run("return document.querySelector('#try-panel textarea').value")
    browser.open(ROOT / "README.md")  # somewhere else, so that the page is really opened again
    browser.send("/url", url=run.page.as_uri() + kept)
    settled(browser)
    assert shown(browser) == changed
    assert browser.run("return document.querySelector('.live-list input').checked") is False
    browser.run("document.querySelector('.live-bar button').focus()")
    browser.press(SPACE)
    settled(browser)
    assert (state(browser), address(browser)) == ("As published", "")
    assert shown(browser) == published
    assert browser.run("return document.querySelector('.live-bar button').disabled") is True


def test_the_choices_are_copied_as_text_from_the_keyboard(browser, made):
    for page, words in ((made("tiny").page, "Changed by you"), (made("tiny").dutch, "Door u veranderd")):
        visit(browser, page)
        type_in(browser, "try-delta", "1")
        settled(browser)
        browser.run("navigator.clipboard.writeText = async (text) => { window.said = text; }")
        browser.run("document.querySelector('#try-panel > details > summary').focus()")
        browser.press(SPACE)
        browser.press(TAB)
        assert browser.run("return document.activeElement.tagName") == "TEXTAREA"
        browser.press(TAB)
        browser.press(SPACE)
        wait(browser, "return !!window.said")
        said = browser.run("return window.said")
        assert words in said and address(browser) in said
        assert browser.run("return document.activeElement.textContent") in ("Copied", "Gekopieerd")


@pytest.mark.parametrize(
    "hostile", ["#try=a=<b>&xs=nobody&e=7&d=-3&m=abc", "#try=%E0%A4%A", "#try=a=__proto__&xs=constructor"]
)
def test_an_address_with_nonsense_is_put_right(browser, tiny, hostile):
    visit(browser, tiny, address=hostile)
    values = shown(browser)
    assert values and all(0 <= p <= 1 for row in values.values() for p in row[1:])


def test_nothing_left_is_said(browser, tiny):
    visit(browser, tiny)
    browser.run(
        "document.querySelectorAll('#try-panel .live-list')[0].querySelectorAll('input').forEach((box) => box.click())"
    )
    wait(browser, "return document.querySelector('.live-answers').textContent.includes('no evidence is left')")
    assert browser.run("return document.querySelectorAll('.live-forest svg').length") == 0
    browser.run("document.querySelector('.live-bar button').click()")
    settled(browser)
    assert shown(browser)


def test_a_new_site_the_chance_above_a_size_of_ones_own(browser, run):
    visit(browser, run.page)
    wait(browser, "return document.querySelectorAll('#new-panel .card').length > 0")
    name = browser.run("return document.getElementById('new-outcome').value")
    where = {"analysis": name, "estimand": "new", "stage": "posterior"}
    rows = [r for r in run.rows if where.items() <= r.items() and r["unit"] in ("points", "sd")]
    cards = browser.run("""
      return [...document.querySelectorAll('#new-panel .card')]
        .map((card) => [...card.querySelectorAll('data')].map((d) => Number(d.value)));
    """)
    wanted = [[float(r["prob_decrease"]), float(r["prob_increase"])] for r in rows]
    assert [[below, above] for below, _, above in cards] == [pytest.approx(w, abs=CLOSE) for w in wanted]
    before = browser.run("return document.querySelector('#new-panel .card').textContent")
    type_in(browser, "new-size", "0")
    wait(browser, f"return document.querySelector('#new-panel .card').textContent !== {json.dumps(before)}")
    up = browser.run("return Number(document.querySelector('#new-panel .card .above data').value)")
    assert up == pytest.approx(float(rows[0]["prob_positive"]), abs=CLOSE)


@pytest.mark.parametrize(("level", "named", "z"), [(0.9, "90", 1.6449), (0.975, "97.5", 2.2414)])
def test_intervals_have_the_level_that_was_configured(browser, tmp_path, level, named, z):
    """Table, plot and texts of the panel; numbers are drawn as their estimate and z standard errors."""
    results = tmp_path / "results"
    pool(ROOT / "tests/packages/numbers", results, level=level)
    stored = {one.analysis: one for one in evidence.read(results / "evidence.json")}
    visit(browser, results / "report.html")
    assert f"their {named}% intervals" in browser.run("return document.querySelector('.live-table').textContent")
    assert f"{named}% interval" in browser.run("return document.querySelector('#new-panel').textContent")
    browser.run("""
      const select = document.getElementById('try-outcome');
      select.value = [...select.options].map((o) => o.value).find((name) => name.startsWith('mood'));
      select.dispatchEvent(new Event('change'));
    """)
    settled(browser)
    name = browser.run("return document.getElementById('try-outcome').value")
    with (results / "summary.csv").open(encoding="utf-8", newline="") as stream:
        rows = [r for r in csv.DictReader(stream) if r["analysis"] == name and r["stage"] == "posterior"]
    ends = [[float(r["lower"]), float(r["upper"])] for r in rows if r["estimand"] == "average"]
    shown = browser.run("return [...document.querySelectorAll('.live-interval')].map((e) => e.textContent)")
    assert len(shown) == len(ends) > 0
    for text, interval in zip(shown, ends, strict=True):
        assert [float(x.replace("−", "-")) for x in text.strip("()").split(" to ")] == pytest.approx(
            interval, abs=0.0051
        )
    found = browser.run("""
      const at = (e, name) => Number(e.getAttribute(name));
      const all = (s) => [...document.querySelectorAll('.live-plot ' + s)];
      const ticks = all('text[text-anchor=middle]').map((e) => [at(e, 'x'), Number(e.textContent.replace('−', '-'))])
        .filter(([, value]) => Number.isFinite(value));
      const unit = (ticks.at(-1)[1] - ticks[0][1]) / (ticks.at(-1)[0] - ticks[0][0]);
      return ['raw', 'posterior'].map((kind) => all(`line.${kind}`).map((e) => unit * (at(e, 'x2') - at(e, 'x1'))));
    """)
    errors = [row.se for row in stored[name].rows]
    effects = [float(r["sd"]) for r in rows if r["estimand"] == "site"]
    assert sorted(found[0]) == pytest.approx(sorted(2 * z * se for se in errors), rel=0.01)
    assert sorted(found[1]) == pytest.approx(sorted(2 * z * sd for sd in effects), rel=0.01)


def test_a_size_is_a_number_only_where_the_evidence_makes_it(browser, run):
    visit(browser, run.page)
    seen = set()
    for name in browser.run("return [...document.getElementById('new-outcome').options].map((o) => o.value)"):
        browser.run("""
          const select = document.getElementById('new-outcome');
          select.value = arguments[0];
          select.dispatchEvent(new Event('change'));
        """, name)  # fmt: skip
        time.sleep(2)  # the panel of a new place says nothing of when it is ready
        cards = browser.run("return [...document.querySelectorAll('#new-panel .card')].map((card) => card.textContent)")
        rows = [
            r for r in run.rows if r["analysis"] == name and r["estimand"] == "average" and r["stage"] == "posterior"
        ]
        averages = [r for r in rows if r["unit"] in ("points", "sd") and r["identified"] == "true"]
        judged = [r["magnitude"] == "true" for r in averages]
        assert ["95% interval" in text for text in cards] == judged
        assert ["strongly on what was assumed" in text for text in cards] == [not known for known in judged]
        new = {r["component"]: r for r in run.rows if r["analysis"] == name and r["estimand"] == "new"
               and r["stage"] == "posterior" and r["unit"] in ("points", "sd")}  # fmt: skip
        about = [known and float(r["sd"]) ** 2 > float(new[r["component"]]["sd"]) ** 2 / 2
                 for known, r in zip(judged, averages, strict=True)]  # fmt: skip
        assert ["uncertainty about the average" in text for text in cards] == about
        seen.update(judged)
    assert seen, "no component was judged at all"


def test_a_picker_shows_one_site_and_a_link_brings_all_of_them_back(browser, tiny):
    visit(browser, tiny)
    open_sections = (
        "return [...document.querySelectorAll('#sec-sites section')].filter((s) => s.offsetHeight).map((s) => s.id)"
    )
    everything = browser.run(open_sections)
    browser.run("document.getElementById('pick-site').focus()")
    browser.press(DOWN)
    assert browser.run(open_sections) == everything[:1]
    assert address(browser) == f"#{everything[0]}"
    browser.run("location.hash = arguments[0]", everything[-1])
    wait(browser, f"return document.getElementById('{everything[-1]}').offsetHeight > 0")
    assert browser.run(open_sections) == everything


def test_without_script_the_table_stands_there_and_no_empty_panel(browser, tiny):
    browser.open(tiny, script=False)
    places = ["#tbl-new-site", ".live-off", "#try-panel", "#new-panel", ".live-pick"]
    asked = f"{json.dumps(places)}.map((place) => document.querySelector(place)?.offsetHeight > 0)"
    found = browser.devtools("Runtime.evaluate", returnByValue=True, expression=asked)
    assert found["result"]["value"] == [True, True, False, False, False]


def test_paper_leaves_the_live_parts_out(browser, tiny):
    visit(browser, tiny)
    browser.devtools("Emulation.setEmulatedMedia", media="print")
    found = browser.run(
        "return ['.live-off', '#try-panel', '#new-panel'].map((s) => document.querySelector(s).offsetHeight > 0)"
    )
    assert found == [True, False, False]


def test_the_page_answers_itself_where_threads_are_refused(browser, tiny, tmp_path):
    visit(browser, tiny)
    with_thread = shown(browser)
    alone = tmp_path / "alone.html"
    alone.write_text(
        tiny.read_text(encoding="utf-8").replace("worker-src blob:", "worker-src 'none'"), encoding="utf-8"
    )
    visit(browser, alone)
    assert shown(browser) == with_thread
    browser.log("browser")  # the refusal itself belongs to this test


@pytest.mark.parametrize(
    ("language", "words"), [("page", "exact enough, so it shows none"), ("dutch", "Daarom ziet u er geen")]
)
def test_what_the_engine_cannot_answer_is_refused_in_plain_words(browser, made, tmp_path, language, words):
    text = getattr(made("tiny"), language).read_text(encoding="utf-8")
    page = tmp_path / "refusing.html"
    refusing = text.replace("if (!best.good)", "if (true)")
    assert refusing != text
    page.write_text(refusing.replace("Content-Security-Policy", "none"), encoding="utf-8")  # its scripts are changed
    browser.open(page)
    wait(browser, f"return document.querySelector('#try-panel .live-answers')?.textContent.includes({words!r})")
    wait(browser, f"return document.querySelector('#new-panel .cards')?.textContent.includes({words!r})")
    assert browser.run("return document.querySelectorAll('.live-forest svg, .live-table').length") == 0
    assert words in browser.run("return document.querySelector('#try-panel textarea').value")
    assert browser.run("return document.querySelector('.live-results').hasAttribute('aria-busy')") is False


@pytest.fixture(scope="session")
def hostile_page(tmp_path_factory):
    """The package with names that are markup, very long, or written from right to left."""
    folder = tmp_path_factory.mktemp("hostile")
    shutil.copytree(ROOT / "tests/packages/tiny", folder / "package")
    for table, key, column, names in (
        ("municipalities", "municipality", "name", HOSTILE),
        ("components", "component", "label_en", {"reminders": f"<b>{LONG}</b>", "coaching": "\u202eتدريب & <i>"}),
        ("arms", "arm", "label_en", {"reminded": LONG}),
        ("sources", "source", "title", {"R1": f"<script>document.title='taken'</script> {LONG}"}),
    ):
        path = folder / "package" / f"{table}.csv"
        frame = pd.read_csv(path, dtype=str, keep_default_na=False)
        frame[column] = [names.get(k, old) for k, old in zip(frame[key], frame[column], strict=True)]
        frame.to_csv(path, index=False)
    pool(folder / "package", folder / "results")
    return folder / "results/report.html"


@pytest.mark.parametrize("width", [1280, 360])
def test_hostile_names_stay_text_and_inside_the_page(browser, hostile_page, width):
    browser.log("browser")
    visit(browser, hostile_page, width)
    browser.run("document.querySelectorAll('details').forEach((box) => { box.open = true; })")
    browser.run("document.querySelector('.live-list input').click()")
    settled(browser)
    assert browser.run("return document.title") != "taken"
    inside = "#try-panel :is(img, b, i, script), #new-panel :is(img, b, i, script)"
    assert browser.run(f"return document.querySelectorAll({json.dumps(inside)}).length") == 0
    assert "<b>" in browser.run("return document.querySelector('.live-table').textContent")
    wide = browser.run("""
      const room = document.documentElement.clientWidth;
      return [...document.querySelectorAll('.live *, .live-pick *')]
        .filter((e) => !e.closest('svg, .live-said') && e.getBoundingClientRect().right > room + 1)
        .map((e) => e.tagName + '.' + e.className);
    """)
    assert wide == []
    assert [entry["message"] for entry in browser.log("browser") if entry["level"] == "SEVERE"] == []


@pytest.mark.parametrize("language", ["page", "dutch"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_changed_by_the_reader_the_panel_passes_axe(browser, axe, run, language, theme):
    page = getattr(run, language)
    browser.open(page, 390, theme)
    settled(browser)
    browser.run("document.querySelectorAll('details').forEach((box) => { box.open = true; })")
    browser.run("document.querySelector('.live-list input').click()")
    settled(browser)
    browser.run(axe)
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    found = browser.run_async("""
      const [tags, done] = arguments;
      axe.run({ include: ['.live', '.live-pick'].filter((s) => document.querySelector(s)) }, { runOnly: tags })
        .then((r) => done([r.passes.length, r.violations.map((v) => v.id + ': ' + v.nodes[0].html.slice(0, 150))]));
    """, tags)  # fmt: skip
    assert found[1] == [] and found[0] > 10
    small = browser.run("""
      const touched = '.live :is(button, select, summary, input:not([type=checkbox]), .live-choice)';
      return [...document.querySelectorAll(touched)]
        .filter((e) => e.offsetHeight && e.getBoundingClientRect().height < 24).map((e) => e.outerHTML.slice(0, 80));
    """)
    assert small == [], "a finger needs 24 pixels"


def test_nothing_is_requested_by_a_page_whose_panel_works(browser, tiny):
    browser.log("performance")
    visit(browser, tiny)
    browser.run("document.querySelector('.live-list input').click()")
    settled(browser)
    requested = {
        entry["message"].split('"url":"')[1].split('"')[0]
        for entry in browser.log("performance")
        if '"method":"Network.requestWillBeSent"' in entry["message"]
    }
    assert {url for url in requested if not url.startswith(("data:", "blob:"))} == {tiny.as_uri()}
