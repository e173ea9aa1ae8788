"""What must hold before anything is pooled."""

from __future__ import annotations

from pooling.ledger import checks, choices, package, selection
from pooling.ledger.checks import levels


def faults(settings: dict) -> list[str]:
    """List every fault of the data package, then of the analyses and of the choices asked of it.

    Parameters
    ----------
    settings
        The complete configuration.

    Returns
    -------
    list of str
        One line per fault; empty if the package can be pooled.
    """
    found = [str(fault) for fault in checks.check(settings["data"])]
    if found:
        return found + choices.faults(choices.CHOICES, settings["data"], None)
    data = package.read(settings["data"])
    try:
        found = [str(fault) for fault in levels.check(data, selection.analyses(data, settings), settings["data"])]
    except ValueError as error:
        found = str(error).splitlines()
    return found + choices.faults(choices.CHOICES, settings["data"], data)
