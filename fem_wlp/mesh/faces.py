"""Faces of a section mesh (interfaces, ends, walls) and the place of a point in it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sparse
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components

from ..errors import MeshError
from .section import SectionMesh

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

ARC_ERROR = 1e-2
"""How far outside an element a point may lie, in its local coordinates [-]: circles are meshed by parabolas."""

_PLACE, _WEIGHT = np.polynomial.legendre.leggauss(4)
_SHAPE = np.stack([_PLACE * (_PLACE - 1) / 2, _PLACE * (_PLACE + 1) / 2, 1 - _PLACE**2], axis=1)
_SLOPE = np.stack([_PLACE - 0.5, _PLACE + 0.5, -2 * _PLACE], axis=1)
# Shape functions of a quadratic edge (ends, middle) at its Gauss points, and their derivatives.


@dataclass(frozen=True)
class Face:
    """A face of revolution: its quadratic edges in the meridian plane.

    Parameters
    ----------
    mesh
        The section mesh.
    edges
        Node numbers, shape (k, 3): two ends, then the middle.
    """

    mesh: SectionMesh
    edges: Integers

    @property
    def nodes(self) -> Integers:
        """Numbers of the face's nodes."""
        return np.unique(self.edges)

    def weights(self, power: int = 0) -> Floats:
        """Return nodal weights w with sum w f = integral of f r**power dA / integral of r**(2 power) dA, shape (n,).

        ``power = 0`` gives the mean of f; ``power = 1`` the least-squares slope of f = slope * r.
        """
        nodes = self.mesh.points[self.edges]
        place = np.einsum("qn,knc->kqc", _SHAPE, nodes)
        length = np.linalg.norm(np.einsum("qn,knc->kqc", _SLOPE, nodes), axis=2)
        measure = 2 * np.pi * place[..., 0] * length * _WEIGHT
        local = np.einsum("kq,qn->kn", measure * place[..., 0] ** power, _SHAPE)
        total = (measure * place[..., 0] ** (2 * power)).sum()
        nodal: Floats = np.zeros(len(self.mesh.points))
        np.add.at(nodal, self.edges, local / total)
        return nodal

    @property
    def length(self) -> float:
        """Length of the face in the meridian plane [mm]."""
        tangent = np.einsum("qn,knc->kqc", _SLOPE, self.mesh.points[self.edges])
        return float((np.linalg.norm(tangent, axis=2) * _WEIGHT).sum())

    @property
    def area(self) -> float:
        """Area of the face of revolution [mm^2]."""
        nodes = self.mesh.points[self.edges]
        length = np.linalg.norm(np.einsum("qn,knc->kqc", _SLOPE, nodes), axis=2)
        return float((2 * np.pi * np.einsum("qn,kn->kq", _SHAPE, nodes[..., 0]) * length * _WEIGHT).sum())


def interface(mesh: SectionMesh, one: str, other: str, within: float = np.inf) -> Face:
    """Return the face between two regions, up to the radius ``within`` [mm].

    Raises
    ------
    MeshError
        E403: the regions do not touch there.
    """
    edges, sides = mesh.edges
    a, b = (_region_number(mesh, name) for name in (one, other))
    regions = np.where(sides >= 0, mesh.region[sides], -1)
    between = ((regions[:, 0] == a) & (regions[:, 1] == b)) | ((regions[:, 0] == b) & (regions[:, 1] == a))
    near = mesh.points[edges, 0].max(axis=1) <= within + 1e-6 * mesh.extent
    return _face(
        mesh,
        edges[between & near],
        f"regions {one!r} and {other!r} do not touch" + (f" within r = {within:.4g} mm" if np.isfinite(within) else ""),
        "an interface is a line that both regions share",
    )


def end(mesh: SectionMesh, top: bool) -> Face:
    """Return the uppermost or lowermost horizontal face of the section."""
    edges, sides = mesh.edges
    heights = mesh.points[:, 1]
    level = heights.max() if top else heights.min()
    at_level = np.abs(heights[edges] - level).max(axis=1) < 1e-6 * mesh.extent
    place = "top" if top else "bottom"
    return _face(
        mesh,
        edges[at_level & (sides[:, 1] < 0)],
        f"the section has no flat face at its {place}, z = {level:.6g} mm",
        f"leave the {place} end free, or cut the section off by a horizontal line",
    )


def wall(mesh: SectionMesh, *names: str) -> Face:
    """Return the outer vertical face of the named regions, each at its own largest radius."""
    edges, sides = mesh.edges
    chosen = []
    for name in names:
        number = _region_number(mesh, name)
        own = (sides[:, 1] < 0) & (mesh.region[sides[:, 0]] == number)
        radius = mesh.points[np.unique(mesh.triangles[mesh.region == number]), 0].max()
        at_wall = np.abs(mesh.points[edges, 0] - radius).max(axis=1) < 1e-6 * mesh.extent
        chosen.append(_face(mesh, edges[own & at_wall], f"region {name!r} has no outer vertical face", _NO_WALL).edges)
    return Face(mesh, np.concatenate(chosen))


_NO_WALL = "its largest radius is on a slanted or curved face, or covered by another region"


def pieces(mesh: SectionMesh) -> Integers:
    """Number the pieces of the section that hang together along edges; the piece of every triangle, shape (ne,)."""
    _, sides = mesh.edges
    one, other = sides[sides[:, 1] >= 0].T
    count = len(mesh.triangles)
    graph = sparse.coo_matrix((np.ones(len(one)), (one, other)), shape=(count, count))
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)


def locate(mesh: SectionMesh, points: Floats) -> tuple[Integers, Floats]:
    """Find the curved triangles that hold given points.

    Parameters
    ----------
    mesh
        The section mesh.
    points
        Places (r, z), shape (k, 2) [mm].

    Returns
    -------
    tuple
        Triangle numbers, shape (k,), and local coordinates in them, shape (k, 2) [-].

    Raises
    ------
    MeshError
        E405: a point lies outside the section.
    """
    points = np.asarray(points, dtype=float)
    point, triangle = _near(mesh, points)
    trial = _invert(mesh, triangle, points[point])
    outside = np.maximum(np.maximum(-trial[:, 0], -trial[:, 1]), trial.sum(axis=1) - 1.0)
    order = np.lexsort((outside, point))
    first = order[np.unique(point[order], return_index=True)[1]]
    missing = np.ones(len(points), dtype=bool)
    missing[point[first]] = outside[first] > ARC_ERROR
    if missing.any():
        worst = points[int(missing.argmax())]
        raise MeshError(
            "E405",
            f"the point r = {worst[0]:.6g} mm, z = {worst[1]:.6g} mm lies outside the section",
            hint="ask for points inside a region",
        )
    return triangle[first], trial[first]


def _near(mesh: SectionMesh, points: Floats) -> tuple[Integers, Integers]:
    """Pairs of a point and a triangle whose bounding box, a little widened, holds it."""
    nodes = mesh.points[mesh.triangles]
    low, high = nodes.min(axis=1), nodes.max(axis=1)
    slack = 0.05 * (high - low).max(axis=1, keepdims=True)
    low, high = low - slack, high + slack
    found = []
    block = max(1, 4_000_000 // len(nodes))
    for start in range(0, max(len(points), 1), block):
        here = points[start : start + block, None]
        point, triangle = np.nonzero(((low <= here) & (here <= high)).all(axis=2))
        found.append((point + start, triangle))
    point, triangle = (np.concatenate(column) for column in zip(*found, strict=True))
    return point, triangle


def shape_at(local: Floats) -> Floats:
    """Values of the six nodal functions and the bubble at local coordinates, shape (k, 7) [-]."""
    x, y = local[:, 0], local[:, 1]
    rest = 1.0 - x - y
    corners = [rest * (2 * rest - 1), x * (2 * x - 1), y * (2 * y - 1)]
    return np.stack([*corners, 4 * rest * x, 4 * x * y, 4 * y * rest, 27 * x * y * rest], axis=1)


def _invert(mesh: SectionMesh, elements: Integers, points: Floats) -> Floats:
    """Newton's method for the local coordinates of points in given triangles."""
    nodes = mesh.points[mesh.triangles[elements]]
    local = np.full((len(points), 2), 1.0 / 3.0)
    for _ in range(8):
        x, y = local[:, 0], local[:, 1]
        rest = 1.0 - x - y
        zero = np.zeros_like(x)
        by_x = np.stack([1 - 4 * rest, 4 * x - 1, zero, 4 * (rest - x), 4 * y, -4 * y], axis=1)
        by_y = np.stack([1 - 4 * rest, zero, 4 * y - 1, -4 * x, 4 * x, 4 * (rest - y)], axis=1)
        jacobian = np.stack([np.einsum("kn,knc->kc", d, nodes) for d in (by_x, by_y)], axis=2)
        miss = points - np.einsum("kn,knc->kc", shape_at(local)[:, :6], nodes)
        local = np.clip(local + np.linalg.solve(jacobian, miss[..., None])[..., 0], -1.0, 2.0)
    return local


def _region_number(mesh: SectionMesh, name: str) -> int:
    mesh.elements(name)  # refuses an unknown name
    return mesh.names.index(name)


def _face(mesh: SectionMesh, edges: Integers, message: str, hint: str) -> Face:
    if not len(edges):
        raise MeshError("E403", message, hint=hint)
    return Face(mesh, edges)
