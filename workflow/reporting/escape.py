"""Turn untrusted text into text that is shown, never run, in Markdown and in HTML alike."""

from __future__ import annotations

import html
import re
import unicodedata
from urllib.parse import quote, urlsplit

# Letters, digits and these signs mean nothing to Pandoc, to HTML or to a shortcode; all else becomes a
# character reference, which both readers turn into a plain character after they have looked for markup.
_PLAIN = frozenset(" ,;%/?’‘“”–—…−")
# Signs that reverse the order of what follows them could disguise one text as another.
_BIDI = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u061c")


def clean(text: object) -> str:
    """Text without control signs and direction overrides, on one line."""
    kept = (
        " " if ch.isspace() else ch
        for ch in str(text)
        if ch.isspace() or (unicodedata.category(ch) not in {"Cc", "Cs", "Co", "Cn"} and ch not in _BIDI)
    )
    return re.sub(r" +", " ", "".join(kept)).strip()


def safe(text: object) -> str:
    """Escape text for use inside Markdown and inside HTML (content or quoted attribute).

    Parameters
    ----------
    text
        Anything; it is cleaned with `clean` first.

    Returns
    -------
    str
        Text in which every sign that Markdown, HTML or a shortcode could read as markup is a numeric
        character reference.
    """
    return "".join(ch if ch.isalnum() or ch in _PLAIN else f"&#{ord(ch)};" for ch in clean(text))


def web_address(text: object) -> str | None:
    """Percent-encoded address if the text is an http(s) address with a host, else None."""
    address = clean(text)
    try:
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not host or " " in address:
        return None
    return quote(address, safe=":/?#[]@!$&'()*+,;=%~-._")


def link(address: object, shown: str) -> str:
    """HTML link to an http(s) address around markup `shown`; only `shown` for any other address."""
    target = web_address(address)
    if target is None:
        return shown
    return f'<a href="{html.escape(target)}">{shown}</a>'


def slug(text: object) -> str:
    """Identifier for an anchor: ASCII letters, digits and hyphens."""
    plain = unicodedata.normalize("NFKD", clean(text)).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-") or "x"


def raw_html(markup: str) -> str:
    """Wrap HTML so that Pandoc passes it on untouched; backticks in it cannot end the block."""
    return "\n```{=html}\n" + markup.replace("`", "&#96;").strip() + "\n```\n"
