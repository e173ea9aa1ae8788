"""Where a page's numbers come from, written once: each number holds a place in the page's list of addresses."""

import html
import json
import re

_ISLAND = re.compile(r'(<script type="application/json" id="provenance">)(.*?)(</script>)', re.S)
_TAG = re.compile(r'<[a-z]+ [^<>]*?data-row="([^"]*)"[^<>]*>')
_TABLE = re.compile(r'data-table="([^"]*)"')


def shorten(page: str) -> str:
    """Return the page with every address that its list of origins describes as a place in that list.

    The same address stands in a page up to dozens of times and makes up a tenth of it. Numbers that the list does not
    describe, and pages without one, stay as they are.
    """
    found = _ISLAND.search(page)
    if not found:
        return page
    data = json.loads(found[2])
    places = {address: str(place) for place, address in enumerate(data["rows"])}
    data["rows"] = [[address, *about] for address, about in data["rows"].items()]
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")

    def short(tag: re.Match) -> str:
        table = _TABLE.search(tag[0])
        place = places.get(f"{table[1] if table else 'summary'}?{html.unescape(tag[1])}")
        return tag[0] if place is None else tag[0].replace(f'data-row="{tag[1]}"', f'data-row="{place}"')

    return _TAG.sub(short, page[: found.start()]) + found[1] + text + found[3] + _TAG.sub(short, page[found.end() :])


def listed(page: str) -> list[str]:
    """Addresses of a finished page in their order, each as its table's name, a question mark and the row."""
    found = _ISLAND.search(page)
    return [address for address, *_ in json.loads(found[2])["rows"]] if found else []
