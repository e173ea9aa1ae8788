"""What a JSON schema has against a file of settings, in plain words."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import Any

import jsonschema
import yaml

_LONGEST = 60
_TYPES = {
    "string": "text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "array": "a list",
    "object": "'key: value' lines",
}

#: What each kind of rule asks for, given its limit.
RULES = {
    "enum": lambda allowed: f"one of {', '.join(map(str, allowed))}",
    "const": lambda value: yaml.safe_dump(value).split("\n")[0],
    "type": lambda name: _TYPES[name],
    "minimum": lambda limit: f"{limit} or more",
    "maximum": lambda limit: f"{limit} or less",
    "exclusiveMinimum": lambda limit: f"more than {limit}",
    "exclusiveMaximum": lambda limit: f"less than {limit}",
    "uniqueItems": lambda _: "each once",
    "minItems": lambda count: f"at least {count}",
    "minLength": lambda _: "some text",
    "minProperties": lambda count: f"at least {count}",
    "maxProperties": lambda count: f"at most {count}",
}
#: Rules about which keys there are.
KEYS = ("additionalProperties", "required")


def faults(content: Any, rules: Mapping[str, Any]) -> list[tuple[tuple, str]]:
    """Everything that is wrong with a file's content.

    Parameters
    ----------
    content
        As read from YAML.
    rules
        The JSON schema.

    Returns
    -------
    list of (path, message)
        Keys and list positions that lead to the fault, the last one a key that is missing or unknown where that is
        the fault; what is wrong, and what would be right.
    """
    errors = jsonschema.Draft202012Validator(rules).iter_errors(content)
    return list(dict.fromkeys(fault for error in errors for fault in _faults(error)))


def _faults(error: jsonschema.ValidationError) -> Iterator[tuple[tuple, str]]:
    path = tuple(error.absolute_path)
    if error.validator == "additionalProperties":
        known = sorted(error.schema.get("properties", {}))
        yield from (
            ((*path, key), f"unknown key; {_hint(str(key), known)}") for key in error.instance if key not in known
        )
    elif error.validator == "required":
        yield from (((*path, key), "is missing; add it") for key in error.validator_value if key not in error.instance)
    else:
        yield path, _explain(error)


def _hint(key: str, known: list[str]) -> str:
    close = difflib.get_close_matches(key, known, n=1)
    return f"did you mean '{close[0]}'?" if close else f"take it out; keys are {', '.join(known)}"


def _explain(error: jsonschema.ValidationError) -> str:
    said = repr(error.instance)
    shown = said if len(said) <= _LONGEST else f"{said[:_LONGEST]}…"
    return f"{shown} is not allowed; write {RULES[error.validator](error.validator_value)}"
