"""What scripts add to a page: where a number comes from, search, filters and order."""

import pytest

pytestmark = pytest.mark.browser
TIP = "return document.querySelector('.whence:not([hidden])')?.innerText"
STOPS = "return document.querySelectorAll('.num[tabindex=\"0\"]').length"
ROWS = """
  const rows = [...document.querySelectorAll('[data-find] tbody tr:not([hidden])')];
  return rows.map((row) => row.cells[0].textContent);
"""
RIGHT, ESCAPE = "\ue014", "\ue00c"


def test_a_number_says_where_it_comes_from_when_tapped_and_when_focused(browser, sample_page):
    browser.open(sample_page)
    assert browser.run(TIP) is None
    browser.run("document.querySelector('.answer .num').click()")
    shown = browser.run(TIP)
    for piece in (
        "2.1374",
        "average effect; exemption",
        "−1.0 to 5.0 percentage points",
        "summary.csv, row 2",
    ):
        assert piece.lower() in shown.lower()
    browser.press(ESCAPE)
    assert browser.run(TIP) is None
    browser.run("document.querySelector('.answer .num').focus()")
    assert "2.1374" in browser.run(TIP)
    assert browser.run("return document.activeElement.getAttribute('aria-describedby')") == "whence"


def test_one_tab_stop_for_each_table_and_arrow_keys_inside_it(browser, sample_page):
    browser.open(sample_page)
    stops = browser.run(STOPS)
    assert 0 < stops < browser.run("return document.querySelectorAll('.num[data-row]').length")
    browser.run("document.querySelector('[data-find] .num[data-row]').focus()")
    browser.press(RIGHT)
    assert "guidance" in browser.run(TIP)
    assert browser.run(STOPS) == stops
    assert browser.run("return document.querySelectorAll('.num[role=button]').length") == stops


def test_rows_are_searched_filtered_and_sorted(browser, sample_page):
    browser.open(sample_page)
    everything = browser.run(ROWS)
    assert everything == ["Exemption", "Guidance", "Both"]
    typed = """
      const [selector, value] = arguments, field = document.querySelector(selector);
      field.value = value;
      field.dispatchEvent(new Event('input', { bubbles: true }));
    """
    browser.run(typed, ".find input", "GUID")
    assert browser.run(ROWS) == ["Guidance"]
    assert browser.run("return document.querySelector('[role=status]').textContent") == "1 of 3 shown"
    browser.run(typed, ".find input", "")
    browser.run(typed, ".find select", "yes")
    assert browser.run(ROWS) == ["Exemption", "Both"]
    browser.run(typed, ".find select", "")
    for direction, order in (
        ("ascending", ["Both", "Exemption", "Guidance"]),
        ("descending", ["Guidance", "Exemption", "Both"]),
        (None, everything),
    ):
        browser.run("document.querySelector('[data-find] th button').click()")
        assert browser.run(ROWS) == order
        assert browser.run("return document.querySelector('[data-find] th').getAttribute('aria-sort')") == direction


def test_a_link_to_a_row_that_the_filter_hides_shows_it(browser, sample_page):
    browser.open(sample_page)
    browser.run("""
      const field = document.querySelector('.find input');
      field.value = 'exemption';
      field.dispatchEvent(new Event('input', { bubbles: true }));
      location.hash = 'row-guidance';
    """)
    assert browser.run_async("setTimeout(arguments[0], 100)") is None
    assert "Guidance" in browser.run(ROWS)


def test_without_script_numbers_are_plain_text_and_every_row_is_there(browser, sample_page):
    browser.open(sample_page, script=False)
    count = "document.querySelectorAll('{}').length"
    made, rows = count.format(".num[tabindex], .find, .whence"), count.format("[data-find] tbody tr")
    asked = f"[{made}, {rows}]"
    found = browser.devtools("Runtime.evaluate", returnByValue=True, expression=asked)
    assert found["result"]["value"] == [0, 3]


def test_a_sentence_is_copied_with_its_source(browser, sample_page):
    browser.open(sample_page)
    browser.run("navigator.clipboard.writeText = async (text) => { window.said = text; }")
    browser.run("document.querySelector('.answer .copy').click()")
    said = browser.run("return window.said")
    first, source = said.split("\n")
    assert first == "Does it do harm? Probably not: of 100 recipients about 2 more in paid work."
    assert source == "— Nobody, A sample. (summary.csv, analysis paid_work_end)"
    assert browser.run("return document.querySelector('.answer .copy').textContent") == "Copied"


def test_the_button_that_copies_is_quiet_and_has_a_name(browser, sample_page):
    browser.open(sample_page)
    button = "document.querySelector('.answer .copy')"
    words = browser.run(f"return [{button}.textContent, {button}.getAttribute('aria-label')]")
    assert words == ["", "Copy with its source"]
    room = browser.run(f"const box = {button}.getBoundingClientRect(); return [box.width, box.height]")
    assert min(room) >= 24, "a finger needs 24 pixels"
    hidden = f"{button}.focus(); return getComputedStyle({button}).opacity"
    assert browser.run(hidden) == "1"


def test_of_a_long_list_the_first_are_shown_until_somebody_asks_for_more(browser, sample_page, tmp_path):
    items = "".join(f"<li>entry number {k}</li>" for k in range(1009))
    long = sample_page.read_text(encoding="utf-8").replace(
        "<h2", f'<ul class="heard" data-first="3" data-find="">{items}</ul><h2', 1
    )
    page = tmp_path / "long.html"
    page.write_text(long, encoding="utf-8")
    browser.open(page)
    shown = "return document.querySelectorAll('.heard > li:not([hidden])').length"
    assert browser.run(shown) == 3
    said = "return document.querySelector('.heard').previousElementSibling.textContent"
    assert browser.run(said) == "3 of 1,009 shown"
    browser.run("document.querySelector('.heard + button').click()")
    assert browser.run(shown) == 1009
    assert browser.run("return document.querySelector('.heard + button').hidden")
