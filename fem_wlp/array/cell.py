"""One joint with its cell of chip and board, as hexahedra."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..mesh.quads import Sizes
from ..mesh.revolve import Bricks, coat_planform, even_angles, gathered, revolved, swept
from .blocks import JointQuads, Wall

Floats = NDArray[np.float64]
Box = tuple[float, float, float, float]
"""Distances from a joint's axis to the sides of its cell at +x, +y, -x, -y [mm]."""


def joint_bricks(quads: JointQuads, around: int, upper: Box, lower: Box) -> Bricks:
    """Return the hexahedra of a joint and its cell, its axis at x = y = 0.

    Parameters
    ----------
    quads
        Section of the joint.
    around
        Elements around the axis, a multiple of 8 [-].
    upper, lower
        Sides of the cell of chip and layers, and of the board.
    """
    return gathered(
        revolved(quads.mesh, even_angles(around)),
        coat(quads.upper, quads.mesh.names, quads.sizes, around, upper),
        coat(quads.lower, quads.mesh.names, quads.sizes, around, lower),
    )


def coat(wall: Wall, names: tuple[str, ...], sizes: Sizes, around: int, box: Box) -> Bricks:
    """Return the hexahedra between a stack's round wall and the sides of its cell."""
    shares = (sizes.levels(wall.radius, min(box), (wall.outermost,)) - wall.radius) / (min(box) - wall.radius)
    return swept(coat_planform(around, wall.radius, box, shares), wall.heights, wall.regions(names))
