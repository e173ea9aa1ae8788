"""What must hold before anything is pooled."""

from __future__ import annotations

from pooling import checks, package, selection


def faults(settings: dict) -> list[str]:
    """List every fault of the data package, then of the analyses that are asked of it.

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
        return found
    try:
        selection.analyses(package.read(settings["data"]), settings)
    except ValueError as error:
        return str(error).splitlines()
    return []
