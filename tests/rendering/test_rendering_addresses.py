"""Addresses of numbers are written once in a finished page, and lead to the same rows."""

from rendering import addresses

ROWS = '{"a/b?x=1&y=2":["what","",3],"summary?x=1":["<b>","",2]}'
ISLAND = f'<script type="application/json" id="provenance">{{"text":{{}},"rows":{ROWS}}}</script>'
PAGE = (
    '<p><span class="num" data-row="x=1" data-value="1">1</span>'
    '<i data-row="x=1&amp;y=2" data-table="a/b">2</i><i data-row="x=9">3</i></p>'
)


def test_known_addresses_become_places_and_others_stay():
    short = addresses.shorten(PAGE + ISLAND.replace("<b>", "\\u003cb>"))
    assert 'data-row="1" data-value="1"' in short and 'data-row="0" data-table="a/b"' in short
    assert 'data-row="x=9"' in short
    assert addresses.listed(short) == ["a/b?x=1&y=2", "summary?x=1"]
    assert '["summary?x=1","\\u003cb>","",2]' in short


def test_a_page_without_a_list_stays_as_it_is():
    assert addresses.shorten(PAGE) == PAGE and addresses.listed(PAGE) == []
