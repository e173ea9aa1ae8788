"""Terms of the field, explained once."""

from __future__ import annotations

from reporting.escape import raw_html, safe
from reporting.markup import heading
from reporting.material import Material


def fragment(m: Material) -> str:
    """Terms by alphabet of the page's language, after the package's own components and outcomes."""
    say = m.language.say
    own = [
        (m.language.label(row, name), m.language.label(row, "", "explain"))
        for table, stem in ((m.components, "component"), (m.outcomes, "outcome"))
        for row in table.values()
        if (name := row[stem])
    ]
    terms = [(safe(term), safe(text)) for term, text in own if text]
    # the programme is a word of packages that tell sites inside it from those outside
    unused = () if any(row.get("programme") for row in m.municipalities.values()) else ("decree",)
    general = m.language.words("glossary.terms").items()
    terms += [(word["term"], word["text"]) for name, word in general if name not in unused]
    items = "".join(
        f"<dt>{term[:1].upper() + term[1:]}</dt><dd>{text}</dd>"
        for term, text in sorted(terms, key=lambda pair: pair[0].casefold())
    )
    return heading(2, say("glossary.heading"), "sec-glossary") + raw_html(f'<dl class="glossary">{items}</dl>')
