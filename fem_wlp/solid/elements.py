"""Quadratic elements in three dimensions: shape functions, quadrature, and how their dilatation is projected.

Both elements use a quadrature that integrates their stiffness exactly where they are straight, and the forces of a
uniform stress exactly where they are curved: these forces are integrals of the Jacobian's cofactors times a slope, of
degree 5 in each direction of the hexahedron and of degree 3 in the tetrahedron. Without that, elements with curved
edges would fail the patch test.

The dilatation of an element is projected onto ``modes``: with the linear functions of the hexahedron this is the pair
Q2/P1, with the constant of the tetrahedron P2/P0; both stay free of locking as nu goes to 1/2.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray
from skfem import ElementTetP2
from skfem.quadrature import get_quadrature

from ..errors import MeshError

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class SolidElement:
    """Tables of one kind of element.

    Parameters
    ----------
    name
        E.g. "27-node hexahedron".
    nodes
        Reference coordinates of the nodes, shape (k, 3) [-].
    corners
        Shape functions of the linear element at the nodes, shape (k, c) [-]; the corners are its nodes.
    points
        Quadrature points, shape (q, 3) [-].
    weights
        Their weights, shape (q,) [-].
    shape
        Shape functions at the points, shape (q, k) [-].
    slope
        Their derivatives, shape (q, k, 3) [-].
    modes
        Functions at the points onto which the dilatation is projected, shape (q, p) [-].
    tabulate
        Shape functions and derivatives at other points, (n, 3) -> (n, k), (n, k, 3).
    """

    name: str
    nodes: Floats
    corners: Floats
    points: Floats
    weights: Floats
    shape: Floats
    slope: Floats
    modes: Floats
    tabulate: Callable[[Floats], tuple[Floats, Floats]]

    @property
    def corner_nodes(self) -> NDArray[np.int64]:
        """Local numbers of the corners, in the order of the columns of ``corners``."""
        return np.asarray(np.argmax(self.corners, axis=0))


def element_of(cells: NDArray[np.int64]) -> SolidElement:
    """Return the element with as many nodes as a mesh's cells have, shape (m, 27) or (m, 10).

    Raises
    ------
    MeshError
        E408: neither.
    """
    for element in (HEXAHEDRON, TETRAHEDRON):
        if cells.shape[1] == len(element.nodes):
            return element
    raise MeshError(
        "E408",
        f"there is no three-dimensional element of {cells.shape[1]} nodes",
        hint="mesh with second-order hexahedra (27 nodes) or tetrahedra (10 nodes)",
    )


def _quadratic(x: Floats) -> Floats:
    """Quadratic functions of one variable that are 1 at -1, 0, 1, shape (..., 3)."""
    return np.stack([x * (x - 1) / 2, 1 - x**2, x * (x + 1) / 2], axis=-1)


def _quadratic_slope(x: Floats) -> Floats:
    return np.stack([x - 0.5, -2 * x, x + 0.5], axis=-1)


def _tabulate_hexahedron(points: Floats) -> tuple[Floats, Floats]:
    f, g = _quadratic(points.T), _quadratic_slope(points.T)  # (3, n, 3): direction, point, function
    shape = np.einsum("nc,nb,na->ncba", f[2], f[1], f[0])
    slope = np.stack(
        [
            np.einsum("nc,nb,na->ncba", f[2], f[1], g[0]),
            np.einsum("nc,nb,na->ncba", f[2], g[1], f[0]),
            np.einsum("nc,nb,na->ncba", g[2], f[1], f[0]),
        ],
        axis=-1,
    )
    return shape.reshape(-1, 27), slope.reshape(-1, 27, 3)


def _hexahedron() -> SolidElement:
    nodes = np.array([(a, b, c) for c, b, a in product((-1.0, 0.0, 1.0), repeat=3)])
    places, weights = np.polynomial.legendre.leggauss(3)
    points = np.array([(a, b, c) for c, b, a in product(places, repeat=3)])
    ends = np.array([(a, b, c) for c, b, a in product((-1.0, 1.0), repeat=3)])
    return SolidElement(
        name="27-node hexahedron",
        nodes=nodes,
        corners=np.prod((1 + nodes[:, None] * ends) / 2, axis=2),
        points=points,
        weights=np.prod(np.array(list(product(weights, repeat=3))), axis=1),
        shape=_tabulate_hexahedron(points)[0],
        slope=_tabulate_hexahedron(points)[1],
        modes=np.column_stack([np.ones(len(points)), points]),
        tabulate=_tabulate_hexahedron,
    )


EDGES = ((0, 1), (1, 2), (0, 2), (0, 3), (1, 3), (2, 3))
"""Ends of the tetrahedron's edges, in the order of its nodes 4 to 9."""


def _tabulate_tetrahedron(points: Floats) -> tuple[Floats, Floats]:
    element = ElementTetP2()
    values = [element.lbasis(points.T, number) for number in range(10)]
    return np.stack([f + 0 * points[:, 0] for f, _ in values], 1), np.stack(
        [(g + 0 * points.T).T for _, g in values], 1
    )


def _tetrahedron() -> SolidElement:
    corners = np.array([(0.0, 0.0, 0.0), (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)])
    nodes = np.concatenate([corners, [(corners[a] + corners[b]) / 2 for a, b in EDGES]])
    points, weights = get_quadrature(ElementTetP2, 5)  # the least of degree 3 with positive weights
    points = points.T
    return SolidElement(
        name="10-node tetrahedron",
        nodes=nodes,
        corners=np.column_stack([1 - nodes.sum(axis=1), nodes]),
        points=points,
        weights=weights,
        shape=_tabulate_tetrahedron(points)[0],
        slope=_tabulate_tetrahedron(points)[1],
        modes=np.ones((len(points), 1)),
        tabulate=_tabulate_tetrahedron,
    )


HEXAHEDRON = _hexahedron()
"""27-node hexahedron, 3 x 3 x 3 Gauss points, dilatation projected onto 1, xi, eta, zeta."""

TETRAHEDRON = _tetrahedron()
"""10-node tetrahedron, 14 quadrature points, dilatation projected onto its mean."""
