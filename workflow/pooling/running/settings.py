"""Read the configuration: defaults, then the data package's own settings, then the user's."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

import yaml

from pooling import by_schema


class SettingsError(ValueError):
    """The configuration holds something that is not allowed; the message lists every fault.

    Attributes
    ----------
    faults
        One line for each, with the file, or the command line, that it is in.
    sound
        The configuration without what is wrong: the default stands in where there is one.
    """

    def __init__(self, faults: list[str], sound: dict[str, Any]):
        super().__init__("\n".join(["the configuration cannot be used:", *faults]))
        self.faults, self.sound = faults, sound


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
    standard, rules = (yaml.safe_load(Path(path).read_text(encoding="utf-8")) for path in (defaults, schema))
    own, faults = _of_the_package(Path(str((user or {}).get("data", standard["data"]))) / "config.yaml")
    layers = {str(defaults): standard, **own, "--config or --configfile": dict(user or {})}
    settings: dict[str, Any] = {}
    for layer in layers.values():
        settings = _merge(settings, layer)
    wrong = by_schema.faults(settings, rules)
    faults += sorted(f"{_place(path, layers)}: {message}" for path, message in wrong)
    if faults:
        raise SettingsError(faults, _sound(settings, standard, [path for path, _ in wrong]))
    return settings


def _of_the_package(path: Path) -> tuple[dict[str, dict[str, Any]], list[str]]:
    """The package's own layer by the name of its file, if there is one, and what is wrong with the file as a whole."""
    if not path.is_file():
        return {}, []
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        return {}, [f"{path}: cannot be read as YAML ({' '.join(str(error).split())}); mend it"]
    if not isinstance(content, dict):
        return {}, [f"{path}: does not hold 'key: value' lines; write some, or remove the file"]
    faults = [
        f"{path}, {key}: is not for a data package to set; remove the line"
        for key in ("data", "results")
        if key in content
    ]
    return {str(path): {key: value for key, value in content.items() if key not in ("data", "results")}}, faults


def _merge(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    merged = deepcopy(dict(base))
    for key, value in over.items():
        if isinstance(value, Mapping) and isinstance(merged.get(key), Mapping):
            merged[key] = _merge(merged[key], value)
        else:
            merged[key] = deepcopy(value)
    return merged


def _sound(settings: dict[str, Any], standard: Mapping[str, Any], wrong: list[tuple]) -> dict[str, Any]:
    """Without the top-level keys that hold a fault; of the analyses only those that do are taken out."""
    sound = deepcopy(settings)
    for key in {path[0] for path in wrong}:
        bad = {path[1] for path in wrong if path[0] == key and len(path) > 1}
        if key == "analyses":
            listed = bad and (key,) not in wrong
            sound[key] = [one for i, one in enumerate(sound[key]) if i not in bad] if listed else []
        elif key in standard and key not in ("data", "results"):
            sound[key] = deepcopy(standard[key])
        else:
            sound.pop(key, None)
    return sound


def _place(path: tuple, layers: Mapping[str, Mapping[str, Any]]) -> str:
    """The layer that has the last word on a key, and the key."""
    *_, name = (name for name, layer in layers.items() if _holds(layer, path[:-1]))
    *_, name = (name, *(name for name, layer in layers.items() if _holds(layer, path)))
    return f"{name}, {'.'.join(map(str, path))}"


def _holds(layer: Any, path: tuple) -> bool:
    for step in path:
        try:
            layer = layer[step]
        except (KeyError, IndexError, TypeError):
            return False
    return True
