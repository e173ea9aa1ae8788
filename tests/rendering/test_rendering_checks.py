"""The page checks find each fault that they are for, and nothing in a whole page."""

from decimal import Decimal

import pytest
from rendering import checks
from rendering.safety import seal

NUM = 'data-row="0" data-column="mean" data-value="2.1374"'


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('http-equiv="Content-Security-Policy"', 'name="x"', "content security policy"),
        ('<html lang="en">', "<html>", "language"),
        ("<body>", '<body><img src="https://example.org/x.png" alt="x">', "loads from outside"),
        ("<body>", '<body><script src="x.js"></script>', "loads from outside"),
        ("<body>", '<body><link rel="stylesheet" href="https://example.org/x.css">', "loads from outside"),
        ("<body>", '<body><p style="background: url(https://example.org/x)">x</p>', "loads from outside"),
        ("<style>", "<style>@import 'https://example.org/x.css';", "loads from outside"),
        ("<body>", '<body><p id="sec-methods">x</p>', "'sec-methods' is given 2 times"),
        ('id="fig-drawn"', 'id="fig-gone"', "'fig-drawn', which nothing has as its id"),
        ('id="forest-wide-d"', 'id="forest-gone"', "'forest-wide-d'"),
        ('alt="Two circles, the left one larger"', 'alt=""', "no alternative text"),
        ("<body>", '<body><svg role="img"><path d="M0 0"/></svg>', "title and description"),
        ("<body>", "<body><p>see ?@fig-x</p>", "not resolved"),
        ("<h3>", "<h5>", "level 5"),
        ("<body>", "<body><h2>early</h2>", "level 2"),
        (f'{NUM}>2<', f'{NUM}>3<', "'3' is printed where summary gives 2.1374"),
        (f'{NUM}>2.14<', f'{NUM}>2.13<', "'2.13' is printed"),
        (f'{NUM}>2<', f'{NUM.replace("2.1374", "2.2")}>2<', "claims '2.2'"),
        ("component=exemption", "component=nothing", "names 0 rows"),
        ("&component=exemption", "", "names 2 rows"),
        ('data-column="mean"', 'data-column="median"', "None in column 'median'"),
    ],
)  # fmt: skip
def test_each_fault_is_found(sample_html, tables, old, new, words):
    assert old in sample_html
    found = checks.faults(sample_html.replace(old, new, 1), tables)
    assert any(words in fault for fault in found), found


@pytest.mark.parametrize(
    ("shown", "value", "language", "right"),
    [
        ("2.14", "2.1374", "en", True),
        ("2,14", "2.1374", "nl", True),
        ("2.14", "2.1374", "nl", False),
        ("−0.5", "-0.4999", "en", True),
        ("-0.5", "0.4999", "en", False),
        ("+7", "7.2", "en", True),
        ("1,234", "1234.4", "en", True),
        ("1.234", "1234.4", "nl", True),
        ("1 234", "1234.4", "nl", True),
        ("<1", "0.3", "en", True),
        ("<1", "1.3", "en", False),
        (">99", "99.4", "en", True),
        ("≥95", "95", "en", True),
        ("12 %", "12.4", "en", True),
        ("0.5", "0.45", "en", True),
        ("0.4", "0.45", "en", True),
        ("0.4", "0.46", "en", False),
        ("some", "1", "en", False),
        ("", "1", "en", False),
    ],
)
def test_printed_and_stored_number(shown, value, language, right):
    assert checks.agrees(shown, Decimal(value), language) is right


def test_the_policy_lets_the_pages_own_scripts_run_and_no_other():
    page = '<head></head><script>a()</script><script type="application/json">{}</script>'
    sealed = seal(page)
    # sha256 of "a()", from: printf 'a()' | openssl dgst -sha256 -binary | base64
    assert "script-src 'sha256-qVpDBgj7bpq5hMAcGp3AOc79J3Y1Z4HvySTwKrWDoy4='" in sealed
    assert sealed.count("sha256-") == 1
    assert "default-src 'none'" in sealed
    assert "script-src 'none'" in seal("<head></head>")
