"""The figures of merit, defined once for every model that yields shifts and forces of the joints."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .errors import Notice
from .package.model import JointPlace

Floats = NDArray[np.float64]

NEUTRAL = 1e-3
"""A joint whose free mismatch is below this share of the largest has no decoupling figure [-]."""


BEYOND = 0.01
"""A layer that pulls at a soft joint may take D so far beyond 0 or 1 without another load on it [-]."""

SETTLED = 0.01
"""Largest estimated error of a D that is known to two digits [-]."""


def decoupling_figures(shift: Floats, free: Floats) -> Floats:
    """Return D = delta . delta_0 / |delta_0|^2 of every joint [-]; nan near the neutral point.

    Parameters
    ----------
    shift
        delta, what each joint deforms by, shape (n, 2) [mm].
    free
        delta_0, its free mismatch, shape (n, 2) [mm].

    Examples
    --------
    >>> decoupling_figures(np.array([[0.5, 0.0], [0.0, 0.0]]), np.array([[1.0, 0.0], [1e-9, 0.0]]))
    array([0.5, nan])
    """
    square = (free**2).sum(axis=1)
    defined = square > NEUTRAL**2 * square.max(initial=0.0)
    figures = np.full(len(free), np.nan)
    figures[defined] = (shift * free).sum(axis=1)[defined] / square[defined]
    return figures


def critical_joint(places: Sequence[JointPlace]) -> int:
    """Return the index of the joint with the largest distance from the neutral point.

    Among equals it is the first by row, then column. The package's D is this joint's: D grows outward, a minimum over
    the joints would only be the innermost one.
    """
    dnp = np.array([place.dnp for place in places])
    farthest = np.flatnonzero(dnp >= dnp.max() * (1.0 - 1e-9))
    return min(map(int, farthest), key=lambda index: (places[index].row, places[index].column))


def largest_force_joint(places: Sequence[JointPlace], shear_force: Floats) -> int:
    """Return the index of the joint with the largest shear force, the first by row and column among equals."""
    force = np.linalg.norm(shear_force, axis=1)
    largest = np.flatnonzero(force >= force.max() * (1.0 - 1e-6))
    return min(map(int, largest), key=lambda index: (places[index].row, places[index].column))


def reduction(value: float, reference: float) -> float:
    """Return 1 - value/reference [-]: how much less than the reference."""
    return 1.0 - value / reference


def doubts(figure: float, free: float, error: float) -> tuple[Notice, ...]:
    """Say where D is no share of the mismatch, and where its mesh leaves it open.

    Parameters
    ----------
    figure
        D of the critical joint [-].
    free
        Amount of its free mismatch [mm].
    error
        Estimated error of D [-].

    Examples
    --------
    >>> [notice.code for notice in doubts(1.49, free=6e-4, error=0.4)]
    ['W108', 'W109']
    """
    found = []
    if not -BEYOND <= figure <= 1.0 + BEYOND:
        found.append(
            Notice(
                "W108",
                f"D = {figure:.3g} is no share of the mismatch: besides the {1e3 * free:.3g} µm of chip and board, "
                "parts with stress-free temperatures of their own, or layers at the chip's edge, move the joint",
                where="decoupling.figure",
                hint="judge this package by forces and strains, and D by its values at each temperature",
            )
        )
    if not error <= SETTLED:
        found.append(
            Notice(
                "W109",
                f"the mesh settles D = {figure:.3g} to ± {error:.2g} only",
                where="decoupling.figure",
                hint="solve with a larger --fineness, or let fem-wlp converge find the limit",
            )
        )
    return tuple(found)
