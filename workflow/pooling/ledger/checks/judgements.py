"""Check what a package judges itself: the risks of bias that no table can measure, and the claims behind each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from pooling.ledger.checks.fault import Fault, choice, plain, show
from pooling.ledger.checks.tables import LONGEST, Table, possible
from pooling.ledger.package import DESCRIPTOR, PackageError, load_descriptor

#: Domains that a package judges, and the lights it may give: those of reporting/bias.yaml without a measure.
DOMAINS = ("voluntary", "measurement", "indirectness")
LIGHTS = ("good", "open", "bad")
HORIZONS = ("end", "after")
_KEYS = ("domain", "horizon", "outcomes", "judgement", "text_en", "text_nl", "claims")


def check(directory: Path, tables: Mapping[str, Table]) -> Iterator[Fault]:
    """Faults of the list `judgements` in the descriptor of the package in a folder."""
    file = directory / DESCRIPTOR
    try:
        given = load_descriptor(file).get("judgements")
    except PackageError:
        return
    seen: set[tuple[str, str, str]] = set()
    for i, entry in enumerate(given if isinstance(given, list) else []):
        where = f"judgements[{i}]"
        if not isinstance(entry, dict):
            message, remedy = "is not a judgement", "write 'domain: voluntary', 'judgement: open' and 'text_en: …'"
            yield Fault(file.as_posix(), 0, "", where, message, remedy)
            continue
        for key, message, remedy in _entry(entry, seen, tables):
            yield Fault(file.as_posix(), 0, "", f"{where}.{plain(key)}" if key else where, message, remedy)


@possible
def _entry(entry: dict, seen: set[tuple[str, str, str]], tables: Mapping[str, Table]) -> Iterator[tuple[str, str, str]]:
    """Key, what is wrong and what would be right, for one judgement."""
    for key, value in entry.items():
        if key not in _KEYS:
            yield str(key), "unknown key", f"take it out; keys are {choice(_KEYS)}"
        elif not isinstance(value, str):
            yield key, f"{show(value)} is not text", "write text"
        elif len(value) > LONGEST:
            yield key, f"{len(value)} characters", f"write at most {LONGEST}"
    for key, allowed in (("domain", DOMAINS), ("judgement", LIGHTS)):
        value = entry.get(key, "")
        if isinstance(value, str) and value not in allowed:
            yield key, f"{show(value)} is unknown" if value else "is missing", f"write {choice(allowed)}"
    horizon = entry.get("horizon", "")
    if isinstance(horizon, str) and horizon not in ("", *HORIZONS):
        yield "horizon", f"{show(horizon)} is unknown", f"write {choice(HORIZONS)}, or leave it out for all moments"
    named = entry.get("outcomes", "")
    outcomes, claims = named.split() if isinstance(named, str) else [], tables["claims"]
    for outcome in outcomes if tables["outcomes"].usable else ():
        if outcome not in tables["outcomes"].by("outcome"):
            yield "outcomes", f"unknown outcome {show(outcome)}", "write an id from outcomes.csv, or add it there"
    domain = entry.get("domain")
    judged = {(str(domain), str(horizon), outcome) for outcome in outcomes or [""]}
    for *_, outcome in sorted(judged & seen) if domain in DOMAINS else ():
        what = f" for {show(outcome)}" if outcome else ""
        yield "domain", f"{show(domain)} is judged twice{what}", "judge it once for each outcome and moment"
    seen |= judged
    if not (entry.get("text_en") or entry.get("text_nl")):
        yield "", "gives no reason", "write it as 'text_en: …', 'text_nl: …' or both"
    named = entry.get("claims", "")
    for claim in named.split() if isinstance(named, str) and claims.usable else ():
        if claim not in claims.by("claim"):
            yield "claims", f"unknown claim {show(claim)}", "write an id from claims.csv, or add it there"
