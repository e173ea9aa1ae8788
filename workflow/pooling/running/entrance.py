"""What must hold before anything is pooled."""

from __future__ import annotations

from pooling.ledger import checks, choices, package, selection


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
        selection.analyses(data, settings)
    except ValueError as error:
        found = str(error).splitlines()
    return found + choices.faults(choices.CHOICES, settings["data"], data)
