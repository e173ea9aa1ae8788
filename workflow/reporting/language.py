"""One language of the report: message catalogue, number formats and the labels of the package."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from babel import Locale
from babel.dates import format_date
from babel.lists import format_list
from babel.numbers import format_decimal

from reporting.escape import clean, safe

_TEXTS = Path(__file__).parent / "text"
#: Languages with a catalogue.
LANGUAGES = ("en", "nl")


@cache
def _catalogue(code: str) -> dict[str, Any]:
    """All texts of a language: one file for the page at large, others for sections with many of their own."""
    found: dict[str, Any] = {}
    for path in sorted((_TEXTS / code).glob("*.yaml")):
        more = yaml.safe_load(path.read_text(encoding="utf-8"))
        if twice := found.keys() & more.keys():
            raise ValueError(f"{path.name} repeats {', '.join(sorted(twice))}, which another file of texts holds")
        found |= more
    return found


class Language:
    """Texts, numbers and labels in one language.

    Parameters
    ----------
    code
        `en` or `nl`.
    level
        Probability of the intervals; texts name it, in percent, as `{level}`.

    Raises
    ------
    ValueError
        If there is no catalogue for the language.
    """

    def __init__(self, code: str, level: float = 0.95):
        if code not in LANGUAGES:
            raise ValueError(f"no texts for language '{code}'; write one of {', '.join(LANGUAGES)}")
        self.code = code
        self.locale = Locale.parse(code)
        self._texts = _catalogue(code)
        self._level = self.exact_percent(level)

    def has(self, key: str) -> bool:
        """Whether the catalogue holds a text under this key."""
        return isinstance(self._find(key), (str, dict))

    def say(self, key: str, **values: object) -> str:
        """Text of the catalogue with values filled in.

        Parameters
        ----------
        key
            Dotted path into the catalogue. An entry with `one` and `other` is chosen by the value `n`.
        values
            What the text's braces stand for, escaped already; whole numbers are written in the language's way.
        """
        text = self._find(key)
        if isinstance(text, Mapping) and "other" in text:
            form = self.locale.plural_form(int(str(values.get("count", values.get("n", 0)))))
            text = text.get(form, text["other"])
        if not isinstance(text, str):
            raise KeyError(f"the {self.code} catalogue has no text '{key}'")
        counts = {name: self.decimal(value, 0) for name, value in values.items() if isinstance(value, int)}
        return text.format_map({"level": self._level} | values | counts).strip()

    def _find(self, key: str) -> Any:
        found: Any = self._texts
        for step in key.split("."):
            found = found.get(step) if isinstance(found, Mapping) else None
        return found

    def word(self, group: str, code: str) -> str:
        """Escaped word for a code of a results table; the code itself where the catalogue has none."""
        known = self._find(group)
        found = known.get(code) if isinstance(known, Mapping) else None
        return found if isinstance(found, str) else safe(code.replace("_", " "))

    def words(self, group: str) -> dict[str, str]:
        """All words of a group, the level of the intervals filled in."""
        return self._with_level(dict(self._find(group)))

    def _with_level(self, words: Any) -> Any:
        if isinstance(words, Mapping):
            return {code: self._with_level(word) for code, word in words.items()}
        return words.replace("{level}", self._level) if isinstance(words, str) else words

    def label(self, row: Mapping[str, Any] | None, fallback: str, stem: str = "label") -> str:
        """Label of a package row in this language (not escaped), else another language's, else the id."""
        for code in (self.code, *LANGUAGES):
            text = clean((row or {}).get(f"{stem}_{code}") or "")
            if text:
                return text
        return clean(fallback)

    def decimal(self, value: str | float | Decimal, digits: int = 1, scale: int = 1) -> str:
        """Number times `scale` at a fixed number of decimals; never a negative zero."""
        rounded = (Decimal(str(value)) * scale).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_EVEN)
        if rounded == 0:
            rounded = abs(rounded)
        pattern = "#,##0" + ("." + "0" * digits if digits else "")
        return format_decimal(rounded, format=pattern, locale=self.locale).replace("-", "−")

    def percent(self, value: str | float) -> str:
        """Probability as a whole percentage, bounded at both ends: <1, >99."""
        share = Decimal(str(value)) * 100
        if share < 1:
            return "<1"
        if share > 99:
            return ">99"
        return self.decimal(share, 0)

    def exact_percent(self, value: str | float) -> str:
        """Probability as a percentage with all its decimals, such as the level of an interval: 95, 97.5."""
        share = Decimal(str(value)) * 100
        return self.decimal(share, max(0, -share.normalize().as_tuple().exponent))

    def listing(self, items: Sequence[str], style: str = "standard") -> str:
        """Items joined by commas and the language's 'and' (or 'or': style `or`)."""
        return format_list(list(items), style=style, locale=self.locale)

    def day(self, day: str) -> str:
        """A day, given as YYYY-MM-DD."""
        return format_date(date.fromisoformat(day), "d MMMM y", locale=self.locale)

    def month(self, month: int) -> str:
        """Name of a month."""
        return self.locale.months["format"]["wide"][month]


def inline(label: str) -> str:
    """Label in the middle of a sentence: lower first letter, unless it starts with an abbreviation."""
    return label[:1].lower() + label[1:] if label[1:2].islower() or len(label) == 1 else label


def opening(label: str) -> str:
    """Label at the start of a sentence: upper first letter."""
    return label[:1].upper() + label[1:]
