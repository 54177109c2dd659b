"""Kinds of elements as gmsh and VTK number their nodes, their faces, and where they must not be inverted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from ..errors import MeshError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Kind:
    """One kind of quadratic element.

    Parameters
    ----------
    name
        E.g. "hexahedra of 27 nodes".
    gmsh, vtk
        Gmsh's number of the kind, and meshio's name of VTK's.
    gmsh_order, vtk_order
        Our local number of each node in their order.
    mirrored
        Nodes in the order that keeps an element's sense when it is mirrored.
    slope
        Derivatives of the shape functions at the points where the Jacobian is looked at, shape (q, k, d) [-].
    face_gmsh
        Gmsh's number of the kind of its faces; 0 in a plane.
    face_corners
        Corners of a face.
    faces
        Nodes of each face in gmsh's order (corners, then what is between), from outside counterclockwise.
    """

    name: str
    gmsh: int
    vtk: str
    gmsh_order: tuple[int, ...]
    vtk_order: tuple[int, ...]
    mirrored: tuple[int, ...]
    slope: Floats
    face_gmsh: int = 0
    face_corners: int = 0
    faces: tuple[tuple[int, ...], ...] = ()

    @property
    def size(self) -> int:
        """Nodes of an element."""
        return len(self.gmsh_order)

    def jacobians(self, points: Floats, cells: Ints) -> Floats:
        """Return the Jacobian's determinant of every element, shape (m, q) [mm^d]."""
        places = points[:, : self.slope.shape[2]]
        return np.concatenate(
            [
                np.linalg.det(np.einsum("qka,ekx->eqxa", self.slope, places[lot], optimize=True))
                for lot in np.array_split(cells, 1 + len(cells) // 20_000)
            ]
        )


def kind_of(cells: Ints) -> Kind:
    """Return the kind of a three-dimensional mesh's elements, shape (m, 27) or (m, 10).

    Raises
    ------
    MeshError
        E408: neither.
    """
    for kind in (HEXAHEDRON, TETRAHEDRON):
        if cells.shape[1] == kind.size:
            return kind
    raise MeshError(
        "E408",
        f"there is no three-dimensional element of {cells.shape[1]} nodes",
        hint=f"mesh with second-order {HEXAHEDRON.name} or {TETRAHEDRON.name}",
    )


def _hexahedron_slope() -> Floats:
    """Derivatives at 3 x 3 x 3 Gauss points, where the stiffness is integrated."""
    x, _ = np.polynomial.legendre.leggauss(3)
    value = np.stack([x * (x - 1) / 2, 1 - x**2, x * (x + 1) / 2], axis=1)
    slope = np.stack([x - 0.5, -2 * x, x + 0.5], axis=1)
    along = [[slope if axis == direction else value for axis in range(3)] for direction in range(3)]
    return np.stack(
        [np.einsum("pi,qj,rk->rqpkji", *factors).reshape(27, 27) for factors in along],
        axis=2,
    )


def _simplex_slope(edges: Sequence[tuple[int, int]], points: Floats) -> Floats:
    """Derivatives of the quadratic functions of a triangle or tetrahedron at barycentric points, shape (q, d + 1)."""
    size = points.shape[1]
    gradient = np.vstack([-np.ones(size - 1), np.eye(size - 1)])
    corners = (4 * points - 1)[:, :, None] * gradient
    a, b = np.array(edges).T
    middles = 4 * (points[:, a, None] * gradient[b] + points[:, b, None] * gradient[a])
    return np.concatenate([corners, middles], axis=1)


HEXAHEDRON = Kind(
    name="hexahedra of 27 nodes",
    gmsh=12,
    vtk="hexahedron27",
    gmsh_order=(
        *(0, 2, 8, 6, 18, 20, 26, 24),
        *(1, 3, 9, 5, 11, 7, 17, 15, 19, 21, 23, 25),
        *(4, 10, 12, 14, 16, 22, 13),
    ),
    vtk_order=(
        *(0, 2, 8, 6, 18, 20, 26, 24),
        *(1, 5, 7, 3, 19, 23, 25, 21, 9, 11, 17, 15),
        *(12, 14, 10, 16, 4, 22, 13),
    ),
    mirrored=tuple(2 - i + 3 * j + 9 * k for k, j, i in product(range(3), repeat=3)),
    slope=_hexahedron_slope(),
    face_gmsh=10,
    face_corners=4,
    faces=(
        (0, 18, 24, 6, 9, 21, 15, 3, 12),
        (2, 8, 26, 20, 5, 17, 23, 11, 14),
        (0, 2, 20, 18, 1, 11, 19, 9, 10),
        (6, 24, 26, 8, 15, 25, 17, 7, 16),
        (0, 6, 8, 2, 3, 7, 5, 1, 4),
        (18, 20, 26, 24, 19, 23, 25, 21, 22),
    ),
)
"""Node i + 3 j + 9 k on the grid xi, eta, zeta in (-1, 0, 1)."""

EDGES = ((0, 1), (1, 2), (0, 2), (0, 3), (1, 3), (2, 3))
"""Ends of the tetrahedron's edges, in the order of its nodes 4 to 9."""

_NEAR, _FAR = (5 + 3 * 5**0.5) / 20, (5 - 5**0.5) / 20  # the four points that integrate quadratics exactly

TETRAHEDRON = Kind(
    name="tetrahedra of 10 nodes",
    gmsh=11,
    vtk="tetra10",
    gmsh_order=(0, 1, 2, 3, 4, 5, 6, 7, 9, 8),
    vtk_order=tuple(range(10)),
    mirrored=(0, 2, 1, 3, 6, 5, 4, 7, 9, 8),
    slope=_simplex_slope(EDGES, np.full((4, 4), _FAR) + (_NEAR - _FAR) * np.eye(4)),
    face_gmsh=9,
    face_corners=3,
    faces=((0, 2, 1, 6, 5, 4), (0, 1, 3, 4, 8, 7), (1, 2, 3, 5, 9, 8), (0, 3, 2, 7, 9, 6)),
)
"""Corners, then the midpoints of `EDGES`."""

TRIANGLE = Kind(
    name="triangles of 6 nodes",
    gmsh=9,
    vtk="triangle6",
    gmsh_order=tuple(range(6)),
    vtk_order=tuple(range(6)),
    mirrored=(0, 2, 1, 5, 4, 3),
    slope=_simplex_slope(((0, 1), (1, 2), (2, 0)), np.eye(3)),
)
"""Corners, then the midpoints of the edges 01, 12, 20; looked at in its corners, where it is inverted first."""
