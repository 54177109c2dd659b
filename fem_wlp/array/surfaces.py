"""Horizontal faces of elements, and integrals over them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import NamedTuple

import numpy as np

from ..errors import MeshError
from ..mesh.solid import Bools, Floats, Ints, SolidMesh
from ..solid.elements import SolidElement
from .sector import NEAR, Sector


class ElementFace(NamedTuple):
    """One face of the reference element.

    Parameters
    ----------
    nodes
        Its nodes, local numbers.
    shape
        Shape functions at its quadrature points, shape (q, k) [-].
    tangents
        Derivatives of the shape functions along two directions in the face, shape (2, q, k) [-].
    weights
        Weights of the points, shape (q,) [-].
    """

    nodes: Ints
    shape: Floats
    tangents: Floats
    weights: Floats


def element_faces(element: SolidElement) -> list[ElementFace]:
    """Return the faces of the reference element with a quadrature that is exact for products of its functions."""
    return _hexahedron_faces(element) if len(element.corner_nodes) == 8 else _tetrahedron_faces(element)


def _hexahedron_faces(element: SolidElement) -> list[ElementFace]:
    gauss, weight = np.polynomial.legendre.leggauss(4)
    inside = np.array(list(product(gauss, repeat=2)))
    weights = np.prod(np.array(list(product(weight, repeat=2))), axis=1)
    faces = []
    for axis, side in product(range(3), (-1.0, 1.0)):
        shape, slope = element.tabulate(np.insert(inside, axis, side, axis=1))
        along = [other for other in range(3) if other != axis]
        nodes = np.flatnonzero(element.nodes[:, axis] == side)
        faces.append(ElementFace(nodes, shape, np.moveaxis(slope[..., along], 2, 0), weights))
    return faces


def _tetrahedron_faces(element: SolidElement) -> list[ElementFace]:
    # Gauss points of the square, drawn together at one corner of the triangle
    gauss, weight = np.polynomial.legendre.leggauss(4)
    a, b = (1 + np.array(list(product(gauss, repeat=2))).T) / 2
    weights = np.prod(np.array(list(product(weight, repeat=2))), axis=1) * (1 - a) / 4
    corners = element.nodes[element.corner_nodes]
    beyond = np.column_stack([1 - element.nodes.sum(axis=1), element.nodes])
    faces = []
    for opposite in range(4):
        origin, first, second = corners[[corner for corner in range(4) if corner != opposite]]
        inside = origin + a[:, None] * (first - origin) + (b * (1 - a))[:, None] * (second - origin)
        shape, slope = element.tabulate(inside)
        tangents = np.stack([slope @ (first - origin), slope @ (second - origin)])
        faces.append(ElementFace(np.flatnonzero(beyond[:, opposite] == 0.0), shape, tangents, weights))
    return faces


@dataclass(frozen=True)
class Surface:
    """Faces of elements with their quadrature points.

    Parameters
    ----------
    elements
        The element of each face, shape (f,).
    shape
        Shape functions of that element at the points, shape (f, q, k) [-].
    points
        Places of the points, shape (f, q, 3) [mm].
    areas
        Areas of the points, shares of mirrored elements in them, shape (f, q) [mm2].
    """

    elements: Ints
    shape: Floats
    points: Floats
    areas: Floats

    def values(self, mesh: SolidMesh, u: Floats) -> Floats:
        """Return a nodal field at the points, shape (f, q, 3)."""
        return np.asarray(np.einsum("fqk,fkc->fqc", self.shape, u[mesh.cells[self.elements]]))


def level_surface(sector: Sector, elements: Bools, height: float, radius: float, name: str) -> Surface:
    """Return the faces of elements on a horizontal plane, within a distance from the axis of their joint.

    Parameters
    ----------
    sector
        The meshed part of the package.
    elements
        Which elements, shape (m,).
    height
        Of the plane [mm].
    radius
        Largest distance of a face from the axis of its joint, the mean over the face [mm].
    name
        How a message calls the surface.

    Raises
    ------
    MeshError
        E403: no face of these elements lies there.
    """
    mesh, element = sector.mesh, sector.element
    chosen = np.flatnonzero(elements & (mesh.places >= 0))
    at_level = np.abs(mesh.points[mesh.cells[chosen], 2] - height) < NEAR * sector.extent
    found = []
    for face in element_faces(element):
        numbers = chosen[at_level[:, face.nodes].all(axis=1)]
        numbers, shape, points, areas = _integrated(mesh, face, numbers)
        # not the corners' centre: that of a thin face outside an arc lies on the inner side of the arc
        distance = np.linalg.norm(points[..., :2] - sector.axis_of[numbers][:, None], axis=2)
        near = (areas * distance).sum(axis=1) < radius * areas.sum(axis=1)
        found.append((numbers[near], shape[near], points[near], areas[near]))
    surface = Surface(*(np.concatenate(parts) for parts in zip(*found, strict=True)))
    if not len(surface.elements):
        raise MeshError(
            "E403",
            f"the mesh has no faces at {name}, z = {height:.6g} mm within {radius:.4g} mm of a joint's axis",
            hint="mesh with faces of elements there",
        )
    return surface


def _integrated(mesh: SolidMesh, face: ElementFace, numbers: Ints) -> tuple[Ints, Floats, Floats, Floats]:
    nodes = mesh.points[mesh.cells[numbers]]
    along, across = np.einsum("tqk,ekx->teqx", face.tangents, nodes)
    areas = np.linalg.norm(np.cross(along, across), axis=2) * face.weights * mesh.shares[numbers, None]
    shape = np.broadcast_to(face.shape, (len(numbers), *face.shape.shape))
    return numbers, shape, np.einsum("qk,ekx->eqx", face.shape, nodes), areas
