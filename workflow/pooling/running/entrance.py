"""What must hold before anything is pooled."""

from __future__ import annotations

from collections.abc import Mapping

from pooling.ledger import checks, choices, package, pooled, selection
from pooling.ledger.checks.tables import Table
from pooling.ledger.shared_control import Misfit
from pooling.running import room, settings
from pooling.running.settings import SettingsError


class Refused(ValueError):
    """No run can be started; the message lists every fault."""


def enter(user: Mapping, whole: bool) -> dict:
    """Read the configuration and, at the start of a run, check all that the run will rest on.

    Parameters
    ----------
    user
        What the user gave on the command line or in a file of their own.
    whole
        Whether to check the data package and the results folder too, which the jobs of a run need not do again.

    Returns
    -------
    dict
        The complete configuration.

    Raises
    ------
    Refused
        If anything is wrong. Nothing has been touched then.
    """
    try:
        config, wrong = settings.load("workflow/config.yaml", "workflow/schema.yaml", user), []
    except SettingsError as error:
        config, wrong = error.sound, error.faults
    if whole:
        wrong = wrong + faults(config)
    if wrong:
        raise Refused("\n".join([f"{len(wrong)} fault(s); no result was touched:", *wrong]))
    return config


def faults(config: Mapping) -> list[str]:
    """List every fault of the data package, of the analyses and choices asked of it, and of the results folder.

    Parameters
    ----------
    config
        The configuration, without the parts that are wrong themselves.

    Returns
    -------
    list of str
        One line per fault; empty if the package can be pooled.
    """
    found = _of_the_package(config) if "data" in config else []
    if "results" in config:
        try:
            room.check(config["results"])
        except room.NoRoom as error:
            found.append(str(error))
    return found


def _of_the_package(config: Mapping) -> list[str]:
    loaded = checks.load(config["data"])
    asked, wrong = (), []
    if loaded.tables["outcomes"].has("outcome"):
        asked, wrong = selection.ask(_scales(loaded.tables["outcomes"]), config.get("analyses"))
    found = [str(fault) for fault in checks.check(loaded, asked)] + wrong
    found += choices.faults(choices.CHOICES, config["data"], _names(loaded.tables))
    # what the chosen claims come to together can be told only where every one of them is sound
    return found or [str(_placed(one, loaded)) for one in pooled.misfits(package.read(config["data"]), config)]


def _placed(misfit: Misfit, loaded: checks.Loaded) -> checks.Fault:
    """With the row of its claim."""
    table = loaded.tables[misfit.table]
    return table.fault(
        table.by("claim")[misfit.claim] if misfit.claim else None, misfit.column, misfit.message, misfit.remedy
    )


def _scales(outcomes: Table) -> dict[str, str]:
    """Scale of measurement by outcome; empty where it cannot be read."""
    known = outcomes.has("scale")
    return {row["outcome"]: row["scale"] if known else "" for row in outcomes.rows}


def _names(tables: Mapping[str, Table]) -> dict[str, set[str]]:
    """Names that a choice may use, by what they name."""
    columns = {"outcome": "outcomes", "programme": "municipalities", "reading": "readings"}
    return {
        column: set(tables[table].by(column)) - {""} for column, table in columns.items() if tables[table].has(column)
    }
