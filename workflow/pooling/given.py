"""Read what a caller hands in as numbers, or say which argument is none."""

from __future__ import annotations

import numpy as np


def numbers(name: str, value) -> np.ndarray:
    """An argument as an array of floats.

    Parameters
    ----------
    name
        What the caller calls it.
    value
        A number, or lists, arrays or series of numbers; pandas series are read by position.

    Returns
    -------
    numpy.ndarray

    Raises
    ------
    ValueError
        If something in it is no number, or its rows differ in length.
    """
    try:
        return np.asarray(value, dtype=float)
    except (TypeError, ValueError):
        wrong = next((one for one in np.ravel(np.array(value, dtype=object)) if not _is_number(one)), value)
        raise ValueError(f"{name} must hold numbers, in rows of one length; {wrong!r} is no number") from None


def together(**parts) -> list[np.ndarray]:
    """Several arguments as arrays of floats of one shape; a single number stands for every row.

    Parameters
    ----------
    parts
        As of `numbers`, by the caller's names.

    Returns
    -------
    list of numpy.ndarray

    Raises
    ------
    ValueError
        If something is no number, or the arguments differ in length.
    """
    arrays = {name: numbers(name, value) for name, value in parts.items()}
    try:
        return [np.array(part)[()] for part in np.broadcast_arrays(*arrays.values())]
    except ValueError:
        shapes = ", ".join(f"{name} {part.size}" for name, part in arrays.items())
        raise ValueError(f"give single numbers or as many of each as there are rows; got {shapes}") from None


def _is_number(value) -> bool:
    try:
        return np.ndim(float(value)) == 0
    except (TypeError, ValueError):
        return False
