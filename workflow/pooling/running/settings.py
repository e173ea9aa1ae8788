"""Read the configuration: defaults, then the data package's own settings, then the user's."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

import jsonschema
import yaml


class SettingsError(ValueError):
    """The configuration holds something that is not allowed; the message lists every fault."""


def load(defaults: str | Path, schema: str | Path, user: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Lay the package's and the user's settings over the defaults and check the result.

    Parameters
    ----------
    defaults
        The project's `config.yaml`.
    schema
        The JSON schema (as YAML) that describes every key.
    user
        What the user gave on the command line or in a file of their own. Its `data` entry decides
        which package is read; a `config.yaml` in that folder is laid over the defaults first.

    Returns
    -------
    dict
        The complete, validated configuration.

    Raises
    ------
    SettingsError
        If any key is unknown, missing or holds a value that is not allowed. All faults are listed.
    """
    user = dict(user or {})
    settings = _read(Path(defaults))
    package = Path(user.get("data", settings["data"])) / "config.yaml"
    layers = [("command line", user)]
    if package.is_file():
        own = _read(package)
        for key in sorted({"data", "results"} & own.keys()):
            raise SettingsError(f"{package}: '{key}' is not for a data package to set; remove the line")
        layers.insert(0, (str(package), own))
    for _, layer in layers:
        settings = _merge(settings, layer)
    rules = _read(Path(schema))
    faults = sorted(
        (_explain(error) for error in jsonschema.Draft202012Validator(rules).iter_errors(settings)), key=str
    )
    if faults:
        raise SettingsError("the configuration cannot be used:\n" + "\n".join(f"  {fault}" for fault in faults))
    return settings


def _read(path: Path) -> dict[str, Any]:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise SettingsError(f"{path}: cannot be read as YAML: {error}") from error
    if not isinstance(content, dict):
        raise SettingsError(f"{path}: must hold 'key: value' lines")
    return content


def _merge(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    merged = deepcopy(dict(base))
    for key, value in over.items():
        if isinstance(value, Mapping) and isinstance(merged.get(key), Mapping):
            merged[key] = _merge(merged[key], value)
        else:
            merged[key] = deepcopy(value)
    return merged


def _explain(error: jsonschema.ValidationError) -> str:
    where = ".".join(str(step) for step in error.absolute_path)
    if error.validator == "additionalProperties":
        known = sorted(error.schema.get("properties", {}))
        unknown = sorted(str(key) for key in error.instance if key not in known)
        parts = []
        for key in unknown:
            close = difflib.get_close_matches(key, known, n=1)
            hint = f"did you mean '{close[0]}'?" if close else f"known keys: {', '.join(known)}"
            parts.append(f"'{f'{where}.{key}' if where else key}' is not a known key; {hint}")
        return "; ".join(parts)
    if error.validator == "enum":
        return f"'{where}' is {error.instance!r}; write one of {', '.join(map(str, error.validator_value))}"
    return f"'{where or 'configuration'}': {error.message}"
