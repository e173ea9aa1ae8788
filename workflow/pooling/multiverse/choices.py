"""The choices of the analysis: which options there are, which is the primary one, and which apply where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import jsonschema
import yaml

from pooling.package import Package
from pooling.selection import Analysis

SCHEMA = Path(__file__).with_name("schema.yaml")


class ChoiceError(ValueError):
    """A multiverse.yaml holds something that is not allowed; the message lists every fault."""


@dataclass(frozen=True)
class Option:
    """One way to decide a choice; `change` is empty for the primary one."""

    name: str
    labels: Mapping[str, str]
    reasons: Mapping[str, str]
    change: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Choice:
    """A decision of the analysis, with its options, the primary one first.

    `kind` is equivalent, not_equivalent or uncertain (Del Giudice and Gangestad 2021).
    """

    name: str
    kind: str
    labels: Mapping[str, str]
    options: tuple[Option, ...]
    each_reading: bool = False

    @property
    def change(self) -> str:
        """What its options change: the one key of their changes."""
        return next((key for option in self.options for key in option.change), "reading")


def read(path: str | Path, folder: str | Path) -> tuple[Choice, ...]:
    """Read the choices of the project and those that a data package adds.

    Parameters
    ----------
    path
        The project's multiverse.yaml.
    folder
        Folder of the data package, with or without a multiverse.yaml.

    Raises
    ------
    ChoiceError
        If a file does not fit the schema, a choice is named twice, or not exactly one option of a choice is
        the primary one. All faults are listed.
    """
    rules = yaml.safe_load(SCHEMA.read_text(encoding="utf-8"))
    paths = [Path(path), *([own] if (own := Path(folder) / "multiverse.yaml").is_file() else [])]
    found, faults = [], []
    for one in paths:
        try:
            content = yaml.safe_load(one.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            raise ChoiceError(f"{one}: cannot be read as YAML: {error}") from error
        wrong = [
            f"{one}: {'.'.join(map(str, error.absolute_path))}: {error.message}"
            for error in jsonschema.Draft202012Validator(rules).iter_errors(content)
        ]
        faults += wrong
        found += [] if wrong else [_choice(entry) for entry in content["choices"]]
    names = [choice.name for choice in found]
    faults += [f"choice '{name}' is there twice" for name in sorted({n for n in names if names.count(n) > 1})]
    faults += [fault for choice in found for fault in _faults(choice)]
    if faults:
        raise ChoiceError("\n".join(faults))
    return tuple(found)


def _choice(entry: Mapping[str, Any]) -> Choice:
    options = [
        Option(
            given["option"],
            {"en": given["label_en"], "nl": given["label_nl"]},
            {"en": given["reason_en"], "nl": given["reason_nl"]},
            given.get("change", {}),
        )
        for given in sorted(entry["options"], key=lambda given: not given.get("primary", False))
    ]
    labels = {"en": entry["label_en"], "nl": entry["label_nl"]}
    return Choice(entry["choice"], entry["type"], labels, tuple(options), entry.get("each_reading", False))


def _faults(choice: Choice) -> list[str]:
    faults = []
    unchanged = [option.name for option in choice.options if not option.change]
    if len(unchanged) != 1:
        faults.append(f"choice '{choice.name}': exactly one option is primary, and only that has no change")
    if len({option.name for option in choice.options}) < len(choice.options):
        faults.append(f"choice '{choice.name}': an option is there twice")
    if len({key for option in choice.options for key in option.change}) > 1:
        faults.append(f"choice '{choice.name}': all its options must change the same thing")
    return faults


def applicable(
    choices: tuple[Choice, ...], package: Package, analysis: Analysis, outcomes: tuple[str, ...]
) -> tuple[Choice, ...]:
    """Keep the options that can make a difference to an analysis; the others vanish.

    Parameters
    ----------
    outcomes
        Outcomes whose claims the analysis may use under any option.
    """
    kept = []
    for choice in choices:
        options = choice.options
        if choice.each_reading:
            options += tuple(_readings(package, outcomes))
        options = options[:1] + tuple(o for o in options[1:] if _applies(o.change, package, analysis))
        kept.append(replace(choice, options=options))
    return tuple(kept)


def _applies(change: Mapping[str, Any], package: Package, analysis: Analysis) -> bool:
    ((key, value),) = change.items()
    sites = package.municipalities
    if key == "coding":
        return len(getattr(package, value)) > 0
    if key == "programme":
        return sites["programme"].eq(value).any()
    if key == "sensitivity_sites":
        return (sites["role"].eq("sensitivity") & sites["kind"].eq("site")).any()
    if key == "control_level":
        return analysis.scale != "smd"
    if key == "arms":
        return package.arms["components"].str.split().str.len().gt(1).any()
    if key == "non_randomised":
        return package.coding["reason"].eq("non_randomised").any()
    if key == "instead":
        return analysis.outcome in value
    if key == "precedence":
        asked = {name for names in value.get("speaker", {}).values() for name in names}
        return not asked or bool(asked & set(package.sources["speaker"]))
    return True


def _readings(package: Package, outcomes: tuple[str, ...]):
    """An option for each alternative reading that touches a claim about these outcomes, or an arm."""
    about = set(package.claims.loc[package.claims["outcome"].isin(outcomes), "claim"])
    for reading, group in package.readings.groupby("reading", sort=False):
        if group["table"].eq("arms").any() or group["key"].isin(about).any():
            label, why = reading.replace("-", " "), group["why"].iloc[0]
            yield Option(reading, {"en": label, "nl": label}, {"en": why, "nl": why}, {"reading": reading})
