"""Faces of a three-dimensional mesh: the outer ones and those between two regions, by name."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .kinds import kind_of
from .solid import SolidMesh

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FLAT = 1e-6
"""Faces nearer to a plane than this share of the mesh's extent lie on it [-]."""

ENDS = {"board_bottom": (2, min), "chip_top": (2, max), "x_min": (0, min), "x_max": (0, max)}
ENDS |= {"y_min": (1, min), "y_max": (1, max)}
"""Names of outer faces at an end of the mesh, with the axis."""

FREE = "free"
"""Name of all other outer faces."""


def named_faces(mesh: SolidMesh) -> dict[str, Ints]:
    """Return the faces of elements that a user looks for, each kind under its name.

    Parameters
    ----------
    mesh
        Hexahedra or tetrahedra.

    Returns
    -------
    dict
        Interfaces as "one|other" in the order of the regions' names; outer faces as "chip_top", "board_bottom",
        "x_min", "x_max", "y_min", "y_max" where they lie on the plane at that end of the mesh, the rest as "free".
        Nodes in gmsh's order, seen from outside (from the other region) counterclockwise, shape (f, 9) or (f, 6).
    """
    kind = kind_of(mesh.cells)
    faces = np.concatenate([mesh.cells[:, nodes] for nodes in kind.faces])
    region = np.tile(mesh.regions, len(kind.faces))
    # three corners tell a face; the diagonally opposite one of four follows
    corners = np.sort(faces[:, : kind.face_corners], axis=1)
    order = np.lexsort(corners.T[:3])
    same = (corners[order[1:], :3] == corners[order[:-1], :3]).all(axis=1)
    one, other = order[:-1][same], order[1:][same]
    inner = np.zeros(len(faces), dtype=bool)
    inner[one] = inner[other] = True
    found = {name: faces[numbers] for name, numbers in _outer(mesh, faces, np.flatnonzero(~inner)).items()}
    between = region[one] != region[other]
    first = np.where(region[one] < region[other], one, other)[between]
    pairs = np.sort(np.column_stack([region[one], region[other]])[between], axis=1)
    for pair in np.unique(pairs, axis=0):
        here = (pairs == pair).all(axis=1)
        found["|".join(mesh.names[number] for number in pair)] = faces[first[here]]
    return found


def _outer(mesh: SolidMesh, faces: Ints, numbers: Ints) -> dict[str, Ints]:
    near = FLAT * float(np.ptp(mesh.points, axis=0).max())
    found = {}
    for name, (axis, end) in ENDS.items():
        level = end(mesh.points[:, axis])
        flat = np.abs(mesh.points[faces[numbers], axis] - level).max(axis=1) < near
        if flat.any():
            found[name] = numbers[flat]
        numbers = numbers[~flat]
    if len(numbers):
        found[FREE] = numbers
    return found
