"""Check a package's descriptor; nothing it says is obeyed before it has been checked."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from pooling.ledger.checks.fault import Fault, choice, plain, show
from pooling.ledger.checks.tables import LONGEST
from pooling.ledger.package import DESCRIPTOR, REQUIRED, PackageError, load_descriptor

#: Keys of the head and of a resource, and the type each must have.
HEAD = {
    "name": str,
    "title": str,
    "title_nl": str,
    "description": str,
    "version": (str, int, float),
    "homepage": str,
    "keywords": list,
    "licenses": list,
    "contributors": list,
    "site_noun": dict,
    "finding_language": str,
    "coded_by": str,
    "judgements": list,
    "resources": list,
}
RESOURCE = {
    "name": str,
    "path": str,
    "title": str,
    "description": str,
    "schema": object,
    "format": str,
    "mediatype": str,
    "encoding": str,
    "profile": str,
    "type": str,
}
#: Who coded the statements: programs only, or people.
CODERS = ("automated", "people")
_LANGUAGE = "[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*"
_WORDS = {str: "text", list: "a list", dict: "'key: value' lines", (str, int, float): "text"}


def check(directory: Path, standard: Mapping[str, Mapping[str, Any]]) -> tuple[dict[str, bool], list[Fault]]:
    """Check the descriptor of the package in a folder.

    Returns
    -------
    listed
        Tables by name, and whether each may be opened. Where the list cannot be read, or a required table is not on
        it, that is whether its file is there: what is wrong in it can be told all the same.
    faults
        What is wrong with the descriptor.
    """
    file = directory / DESCRIPTOR
    try:
        about = load_descriptor(file)
    except PackageError as error:
        found = {name: _there(directory, entry["path"]) for name, entry in standard.items()}
        return found, [Fault(file.as_posix(), 0, "", "", error.message, error.remedy)]
    listed: dict[str, bool] = {}
    return listed, list(_check(about, file, standard, listed))


def _check(about: dict, file: Path, standard: Mapping, listed: dict[str, bool]) -> Iterator[Fault]:
    def fault(key: str, message: str, remedy: str) -> Fault:
        return Fault(file.as_posix(), 0, "", key, message, remedy)

    yield from _keys(about, HEAD, "", fault)
    if not about.get("title"):
        yield fault("title", "is missing", "give the package a title; it heads the report")
    yield from _people(about, fault)
    yield from _nouns(about.get("site_noun"), fault)
    spoken = about.get("finding_language", "en")
    if isinstance(spoken, str) and not re.fullmatch(_LANGUAGE, spoken):
        yield fault("finding_language", f"{show(spoken)} is no language code", "write one like en, nl or pt-BR")
    coders = about.get("coded_by", CODERS[0])
    if isinstance(coders, str) and coders not in CODERS:
        yield fault("coded_by", f"{show(coders)} is unknown", f"write {choice(CODERS)}, or take it out")
    entries = about.get("resources")
    for i, entry in enumerate(entries if isinstance(entries, list) else []):
        where = f"resources[{i}]"
        if not isinstance(entry, dict) or not isinstance(entry.get("name"), str):
            yield fault(where, "is not a table", "write 'name: claims' and 'path: claims.csv'")
            continue
        name = entry["name"]
        yield from _keys(entry, RESOURCE, where, fault)
        if name not in standard:
            yield fault(f"{where}.name", f"unknown table {show(name)}", f"tables are {choice(standard, 20)}")
            continue
        if name in listed:
            yield fault(where, f"table {show(name)} is listed twice", "list it once")
        wrong = list(_file(entry, where, file.parent, standard[name]["path"], fault))
        listed[name] = not wrong or listed.get(name, False)
        yield from wrong
        yield from _schema(entry, where, standard[name]["schema"], fault)
    for name in REQUIRED:
        if name not in listed:
            yield fault("resources", f"table '{name}' is not listed", f"add 'name: {name}', 'path: {name}.csv'")
            listed[name] = _there(file.parent, standard[name]["path"])


def _there(directory: Path, path: str) -> bool:
    """Whether a table's file is there, and in the package."""
    return (directory / path).is_file() and _inside(directory, path)


def _inside(directory: Path, path: str) -> bool:
    return (directory / path).resolve().is_relative_to(directory.resolve())


def _keys(entry: Mapping, allowed: Mapping, where: str, fault) -> Iterator[Fault]:
    for key, value in entry.items():
        place = f"{where}.{key}" if where else str(key)
        if key not in allowed:
            close = difflib.get_close_matches(str(key), allowed, n=1)
            remedy = f"did you mean '{close[0]}'?" if close else f"take it out; keys are {choice(allowed, 20)}"
            yield fault(plain(place), "unknown key", remedy)
        elif not isinstance(value, allowed[key]) or isinstance(value, bool):
            yield fault(place, f"{show(value)} is not {_WORDS[allowed[key]]}", f"write {_WORDS[allowed[key]]}")
        elif isinstance(value, str) and len(value) > LONGEST:
            yield fault(place, f"{len(value)} characters", f"write at most {LONGEST}")


def _people(about: Mapping, fault) -> Iterator[Fault]:
    homepage = about.get("homepage", "https://")
    if isinstance(homepage, str) and not re.match("https?://", homepage):
        yield fault("homepage", f"{show(homepage)} is no address", "begin with https://")
    for key, need in (("licenses", "name"), ("contributors", "title")):
        entries = about.get(key)
        for i, entry in enumerate(entries if isinstance(entries, list) else []):
            if not isinstance(entry, dict) or not isinstance(entry.get(need), str):
                yield fault(f"{key}[{i}]", f"has no {need}", f"write '{need}: …'")
            elif not re.match("https?://", str(entry.get("path", "https://"))):
                yield fault(f"{key}[{i}].path", f"{show(entry['path'])} is no address", "begin with https://")
            elif not re.fullmatch("[^@ ]+@[^@ ]+", str(entry.get("email", "a@b"))):
                yield fault(
                    f"{key}[{i}].email", f"{show(entry['email'])} is no e-mail address", "write name@example.org"
                )


def _nouns(nouns: Any, fault) -> Iterator[Fault]:
    for language, pair in (nouns if isinstance(nouns, dict) else {}).items():
        if not (isinstance(pair, list) and len(pair) == 2 and all(isinstance(word, str) and word for word in pair)):
            yield fault(
                f"site_noun.{language}",
                "is not two words",
                "write [singular, plural], like [clinic, clinics]",
            )


def _file(entry: dict, where: str, directory: Path, proper: str, fault) -> Iterator[Fault]:
    path = entry.get("path")
    if path is None:
        yield fault(f"{where}.path", "is missing", f"write '{proper}'")
    elif isinstance(path, str) and path != proper:
        pure = PurePosixPath(path.replace("\\", "/"))
        if re.match(r"[A-Za-z][A-Za-z0-9+.-]+:", path):
            reason = "is an address; packages are read without a network"
        elif pure.is_absolute() or ".." in pure.parts or re.match("[A-Za-z]:", path):
            reason = "lies outside the package"
        else:
            reason = "is not the file name of this table"
        yield fault(f"{where}.path", f"{show(path)} {reason}", f"write '{proper}'")
    elif not _inside(directory, proper):
        yield fault(f"{where}.path", f"'{proper}' is a link to outside the package", "put the file itself there")


def _schema(entry: dict, where: str, standard: Mapping, fault) -> Iterator[Fault]:
    if str(entry.get("encoding", "utf-8")).lower() not in ("utf-8", "utf8"):
        yield fault(f"{where}.encoding", f"{show(entry['encoding'])} is not supported", "save the table as UTF-8")
    schema = entry.get("schema", standard)
    if not isinstance(schema, dict) or _essence(schema) != _essence(standard):
        remedy = "take it out; the standard applies to all packages"
        yield fault(f"{where}.schema", "differs from the standard one", remedy)


def _essence(schema: Mapping) -> dict:
    """A schema without its words: names, types, constraints and keys."""
    fields = schema.get("fields")
    plain = [
        {key: value for key, value in f.items() if key not in ("title", "description", "example")}
        for f in (fields if isinstance(fields, list) else [])
        if isinstance(f, dict)
    ]
    return {**schema, "fields": plain}
