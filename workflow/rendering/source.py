"""Read a page from its folder: front matter, values and fragments in place, or every fault in it at once."""

import re
from dataclasses import dataclass
from pathlib import Path

import yaml

from .subset import Part, check

TEXT_KEYS = ("title", "subtitle", "author", "date", "abstract")
PAGE_KEYS = (*TEXT_KEYS, "lang", "bibliography", "metadata-files", "include-after-body")
LANGUAGES = ("en", "nl")
MADE = ("_foot.html", "_panel.html")  # written into the stage by the renderer itself
SHORTCODE = re.compile(r"\{\{<\s*(\S*)\s*(.*?)\s*>\}\}")


class PageError(ValueError):
    """A page leaves the declared subset; each line says ``file:line: what is wrong, what is right``."""


@dataclass(frozen=True)
class Source:
    """A page with its includes and values in place."""

    path: Path
    text: str
    metadata: dict


def read(path: Path) -> Source:
    """Assemble the page at `path` from its folder, or raise `PageError` with every fault in it."""
    found: dict[tuple[str, int, str], None] = {}
    head, body, line_of = _split(path)
    values, places = {}, {key: (path.name, line) for key, line in line_of.items()}
    for key in ("metadata-files", "include-after-body", "bibliography"):
        for name in listed(head.get(key)):
            if name not in MADE and not (path.parent / name).is_file():
                found[(*places[key], f"{key}: file {name} does not exist")] = None
            elif key == "metadata-files":
                more = yaml.safe_load((path.parent / name).read_text(encoding="utf-8")) or {}
                values, places = values | more, {key: (name, 1) for key in more} | places
    for key in head.keys() - set(PAGE_KEYS):
        found[(*places[key], f"front-matter key {key!r} is unknown: use {', '.join(PAGE_KEYS)}")] = None
    metadata = {key: values[key] for key in TEXT_KEYS if key in values} | head
    if metadata.get("lang") not in LANGUAGES:
        found[(path.name, 1, f"lang is {metadata.get('lang')!r}: use {' or '.join(LANGUAGES)}")] = None

    text, lines = _include(path, body, line_of[""], found)
    known = set(re.findall(r"\{#((?:fig|tbl|sec|eq)-[\w-]+)", text))
    for file in (path.parent / name for name in listed(head.get("bibliography"))):
        if file.is_file():
            known |= set(re.findall(r"^@\w+\{([^,\s]+)", file.read_text(encoding="utf-8"), re.M))
    parts = {key: (str(metadata[key]), [places[key]]) for key in TEXT_KEYS if key in metadata}
    for key, (part, where) in (parts | {"": (text, lines)}).items():
        metadata[key] = _fill(Part(part, where, found), values)
        check(Part(metadata[key], where, found), known, path.parent)
    if found:
        order = sorted(found, key=lambda fault: (fault[0] != path.name, fault))
        raise PageError("\n".join(f"{file}:{line}: {message}" for file, line, message in order))
    return Source(path, metadata.pop(""), metadata)


def listed(value: str | list | None) -> list[str]:
    """Return the file names under a front-matter key that takes one or several."""
    return [value] if isinstance(value, str) else list(value or [])


def _split(path: Path) -> tuple[dict, list[str], dict[str, int]]:
    """Front matter, the body's lines, and the line on which each key ('' for the body) begins."""
    lines = path.read_text(encoding="utf-8").split("\n")
    ends = [i for i, line in enumerate(lines) if line.rstrip() == "---"][:2]
    if len(ends) < 2 or ends[0] != 0:
        raise PageError(f"{path.name}:1: no front matter: begin with a block between two lines of ---")
    try:
        head = yaml.safe_load("\n".join(lines[1 : ends[1]])) or {}
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 2 if error.problem_mark else 1
        raise PageError(f"{path.name}:{line}: front matter is not valid YAML: {error.problem}") from None
    at = {m[1]: i + 1 for i, line in enumerate(lines[: ends[1]]) if (m := re.match(r"([\w-]+):", line))}
    return head, lines[ends[1] + 1 :], {key: at.get(key, 1) for key in head} | {"": ends[1] + 2}


def _include(path: Path, body: list[str], first: int, found: dict) -> tuple[str, list[tuple[str, int]]]:
    """Put the named fragments in place of their shortcodes; a fragment includes nothing itself."""
    text, places = [], []
    for i, line in enumerate(body):
        where, new = (path.name, first + i), [line]
        shortcode = SHORTCODE.search(line)
        if shortcode and shortcode[1] == "include":
            file, around = path.parent / shortcode[2], body[max(i - 1, 0) : i] + body[i + 1 : i + 2]
            if line.strip() != shortcode[0] or any(near.strip() for near in around):
                found[(*where, "an include needs a line of its own, blank lines around it")] = None
            if file.is_file():
                new = file.read_text(encoding="utf-8").split("\n")
                places += [(shortcode[2], n + 1) for n in range(len(new))]
            else:
                found[(*where, f"fragment {shortcode[2]} does not exist: a rule must write it")] = None
        text += new
        places += [where] * (len(text) - len(places))
    return "\n".join(text) + "\n", places


def _fill(part: Part, values: dict) -> str:
    """Replace ``{{< meta a.b >}}`` by its value."""

    def value(shortcode: re.Match) -> str:
        at, name, key = shortcode.start(), shortcode[1], shortcode[2]
        if name != "meta":
            if name != "include" or part.place(at)[0].startswith("_generated/"):
                part.fault(at, f"shortcode {name!r}: pages know only meta, and include outside fragments")
            return ""
        found = values
        for step in key.split("."):
            found = found.get(step) if isinstance(found, dict) else None
        if not isinstance(found, str):
            wrong = "does not exist" if found is None else f"is a {type(found).__name__} and not a text"
            part.fault(at, f"value {key!r} {wrong}: a rule must write it to a metadata file, in quotes")
        return " ".join(str(found).split())

    return SHORTCODE.sub(value, part.text)
