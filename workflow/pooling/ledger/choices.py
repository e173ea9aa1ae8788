"""The choices of the analysis: which options there are, which is the primary one, and which apply where."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml

from pooling import by_schema
from pooling.ledger.package import Package
from pooling.ledger.selection import Analysis

SCHEMA = Path(__file__).with_name("choices_schema.yaml")
#: The project's own choices, as the workflow names them.
CHOICES = "workflow/multiverse.yaml"


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
    found, faults = _read(path, folder)
    if faults:
        raise ChoiceError("\n".join(faults))
    return tuple(found)


def faults(path: str | Path, folder: str | Path, known: Mapping[str, Collection[str]]) -> list[str]:
    """Everything wrong with the choices of the project and of a data package, one line each.

    Parameters
    ----------
    known
        Names of the package's outcomes, programmes and readings, by `outcome`, `programme` and `reading`; those
        that cannot be read are left out, and then not looked up.
    """
    _, found = _read(path, folder)
    own = Path(folder) / "multiverse.yaml"
    if own.is_file():
        found += [f"{own}, {fault}" for fault in _misfits(_read_one(own)[0], known)]
    return found


def _read(path: str | Path, folder: str | Path) -> tuple[list[Choice], list[str]]:
    own = Path(folder) / "multiverse.yaml"
    lots = [_read_one(one) for one in [Path(path), *([own] if own.is_file() else [])]]
    found = [choice for choices, _ in lots for choice in choices]
    faults = [fault for _, faults in lots for fault in faults]
    names = [choice.name for choice in found]
    twice = sorted({name for name in names if names.count(name) > 1})
    return found, faults + [f"{own}, choice '{name}': is there twice; rename one" for name in twice]


def _read_one(path: Path) -> tuple[list[Choice], list[str]]:
    """The choices of one file that can be read, and what is wrong with it."""
    rules = yaml.safe_load(SCHEMA.read_text(encoding="utf-8"))
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        return [], [f"{path}: cannot be read as YAML: {' '.join(str(error).split())}"]
    found = by_schema.faults(content, rules)
    faults = [f"{path}, {_place(steps, content)}: {message}" for steps, message in found]
    wrong = {steps[1] for steps, _ in found if len(steps) > 1}
    entries = content.get("choices") if isinstance(content, dict) else None
    choices = [_choice(entry) for i, entry in enumerate(entries if isinstance(entries, list) else []) if i not in wrong]
    return choices, faults + [f"{path}, {fault}" for choice in choices for fault in _faults(choice)]


def _place(path: tuple, content: Any) -> str:
    """Where a fault is, in the words of the file: choice and option by name, then the key."""
    words, at = [], content
    for step in path:
        at = at[step] if isinstance(at, list) else at.get(step) if isinstance(at, dict) else None
        name = at.get("option", at.get("choice")) if isinstance(at, dict) else None
        if isinstance(step, int):
            kind = "option" if "options" in words else "choice"
            words.append(f"{kind} {name!r}" if isinstance(name, str) else f"{kind} {step + 1}")
        else:
            words.append(str(step))
    found = [word for word in words[:-1] if word not in ("choices", "options")]
    return ", ".join([*found, *words[-1:]]) or "the whole file"


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
        faults.append(f"choice '{choice.name}': exactly one option must be primary, and only that one has no change")
    if len({option.name for option in choice.options}) < len(choice.options):
        faults.append(f"choice '{choice.name}': an option is there twice")
    if len({key for option in choice.options for key in option.change}) > 1:
        faults.append(f"choice '{choice.name}': all its options must change the same thing")
    return faults


def _misfits(choices: list[Choice], known: Mapping[str, Collection[str]]) -> list[str]:
    """Options that name an outcome, a programme or a reading that the data package does not have.

    Options of the project's own file that do not apply to a package vanish; a name that is nowhere is a mistake
    in the package's own file.
    """
    return [
        f"choice '{choice.name}', option '{option.name}': unknown {kind} '{name}'; known are {_listed(known[kind])}"
        for choice in choices
        for option in choice.options
        for kind, name in _named(option.change)
        if kind in known and name not in known[kind]
    ]


def _listed(names: Collection[str]) -> str:
    return ", ".join(sorted(names)) or "none"


def _named(change: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Things of a data package that a change names, each with its kind."""
    instead = change.get("instead", {})
    outcomes = [*instead, *(name for names in instead.values() for name in names)]
    return [
        *(("outcome", name) for name in dict.fromkeys(outcomes)),
        *((kind, change[kind]) for kind in ("programme", "reading") if kind in change),
    ]


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
            first, name = group.iloc[0], reading.replace("-", " ")
            labels = {code: first[f"label_{code}"] or name for code in ("en", "nl")}
            yield Option(reading, labels, dict.fromkeys(labels, first["why"]), {"reading": reading})
