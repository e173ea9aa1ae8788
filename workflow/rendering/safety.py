"""What a page may run and load, whichever renderer makes it: only its own scripts, nothing from outside."""

import re
from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256
from html.parser import HTMLParser

FORBIDDEN = {"style", "iframe", "object", "embed", "form", "base", "link", "meta"}
LOADING = {"src", "srcset", "poster", "action", "formaction", "background"}
SCRIPT = re.compile(r"<script(?P<attributes>[^>]*)>(?P<body>.*?)</script>", re.S | re.I)


def seal(html: str) -> str:
    """Return the page with a content security policy under which its present scripts run, each by its hash.

    Fragments are checked before (`refused`), so the scripts present are those of the renderer and of the
    files named by ``include-after-body``.
    """
    hashes = []
    for script in SCRIPT.finditer(html):
        if "application/json" not in script["attributes"]:
            digest = b64encode(sha256(script["body"].encode()).digest()).decode()
            hashes.append(f"'sha256-{digest}'")
    rules = {
        "default-src": "'none'",
        "script-src": " ".join(dict.fromkeys(hashes)) or "'none'",
        "style-src": "'unsafe-inline'",
        "worker-src": "blob:",  # the live panel computes in a thread made from its own text
        "img-src": "data:",
        "font-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    policy = "; ".join(f"{name} {value}" for name, value in rules.items())
    meta = f'\n<meta http-equiv="Content-Security-Policy" content="{policy}">'
    meta += '\n<meta name="referrer" content="no-referrer">'
    return re.sub(r"(<head[^>]*>)", lambda head: head[0] + meta, html, count=1, flags=re.I)


def refused(html: str) -> Iterator[tuple[int, str]]:
    """Yield line (from 0) and reason for all in a raw HTML block that runs, restyles, submits or loads."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    yield from reader.faults


class _Reader(HTMLParser):
    def __init__(self):
        super().__init__()
        self.faults = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {key: value or "" for key, value in attrs}
        wrong = []
        if tag in FORBIDDEN or (tag == "script" and given.get("type") != "application/json"):
            wrong.append(f"<{tag}>: scripts go into an include-after-body file, the rest nowhere")
        for key, value in given.items():
            if key.startswith("on"):
                wrong.append(f"attribute {key}: listen from a script in an include-after-body file")
            elif key in LOADING and not value.startswith("data:"):
                wrong.append(f"{key}={value!r}: everything must lie in the page itself")
            elif key.endswith("href") and re.match(r"[\s\x00-\x1f]*(javascript|vbscript):", value, re.I):
                wrong.append(f"{key}={value!r}: link to an address, a heading or a data: file")
        self.faults += [(self.getpos()[0] - 1, f"raw HTML may not hold {reason}") for reason in wrong]
