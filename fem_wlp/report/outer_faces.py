"""What of a solid mesh can be seen: its outer faces, deformed, completed by its symmetries, cut open."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np

from ..mesh.kinds import kind_of
from ..mesh.quads import numbered
from ..mesh.solid import SolidMesh
from ..solid.elements import element_of
from .cutting import Plane, clipped, lattice, sections
from .raster import Bools, Floats, Ints, Skin, gathered, turned_over

ON_PLANE = 1e-6
"""Places nearer to a cutting plane than this share of the mesh's extent are on it [-]."""

BY_ROWS = (0, 4, 1, 7, 8, 5, 3, 6, 2)
"""Nodes of a face of nine row by row, where corners come first, then the middles of the edges, then the centre."""

Kept = Callable[[Floats, Ints, Ints], Bools]
"""Which elements are shown, by their centres (m, 3) [mm], regions (m,) and places (m,)."""


@dataclass(frozen=True)
class Body:
    """A deformed mesh in one of its positions.

    Parameters
    ----------
    mesh
        The mesh.
    rest, moved
        Nodes at rest and as they are drawn, shape (n, 3) [mm].
    values
        A quantity at the nodes of each element, shape (m, k).
    shown
        Which elements are there, shape (m,).
    reflected
        Whether this position is a reflection of the mesh.
    """

    mesh: SolidMesh
    rest: Floats
    moved: Floats
    values: Floats
    shown: Bools
    reflected: bool


def images(mesh: SolidMesh, displacement: Floats, values: Floats, turns: Floats, kept: Kept) -> list[Body]:
    """Return the images of a mesh that make a whole.

    Parameters
    ----------
    mesh
        The mesh.
    displacement
        Of its nodes as it is drawn, shape (n, 3) [mm].
    values
        A quantity at the nodes of each element, shape (m, k).
    turns
        Which images, shape (g, 3, 3) [-].
    kept
        Which elements of them are shown.
    """
    centres = mesh.points[mesh.cells[:, element_of(mesh.cells).corner_nodes]].mean(axis=1)
    found = []
    for turn in turns:
        reflected = bool(np.linalg.det(turn) < 0.0)
        shown = kept(centres @ turn.T, mesh.regions, mesh.places)
        if reflected:
            shown = shown & (mesh.shares == 1.0)  # an element that is its own mirror image stands there once
        rest, moved = mesh.points @ turn.T, (mesh.points + displacement) @ turn.T
        found.append(Body(mesh, rest, moved, values, shown, reflected))
    return found


def skin_of(bodies: list[Body], pieces: int, plane: Plane | None = None) -> Skin:
    """Return the outer surface of the images of a mesh.

    Parameters
    ----------
    bodies
        The images.
    pieces
        Into how many pieces the sides of faces are divided [-].
    plane
        Where they are cut; None for nowhere.
    """
    near = ON_PLANE * float(np.ptp(bodies[0].mesh.points, axis=0).max())
    found = []
    shown = [_before(body, plane, near) for body in bodies]
    for body, there, (elements, sides) in zip(bodies, shown, _outer_faces(bodies, shown), strict=True):
        skin, rest = _patches(body, elements, sides, pieces)
        if plane is not None:
            skin = clipped(skin, plane.beyond(rest), near)
            found.append(_cut_faces(body, there, plane, near, pieces))
        found.append(turned_over(skin) if body.reflected else skin)
    return gathered(*found)


def _before(body: Body, plane: Plane | None, near: float) -> Bools:
    """Elements that don't lie wholly beyond a plane."""
    if plane is None:
        return body.shown
    return np.asarray(body.shown & (plane.beyond(body.rest)[body.mesh.cells].min(axis=1) < -near))


# --- faces of elements ------------------------------------------------------------------------------------------------


def _outer_faces(bodies: list[Body], shown: list[Bools]) -> list[tuple[Ints, Ints]]:
    """Return element and side of the faces of every body that no other element shares, be it of another body."""
    outer = [_alone(body.mesh, there) for body, there in zip(bodies, shown, strict=True)]
    if len(bodies) == 1:
        return outer
    nodes = _face_nodes(bodies[0].mesh)
    centres = [
        body.rest[body.mesh.cells[elements[:, None], nodes[sides]]].mean(axis=1)
        for body, (elements, sides) in zip(bodies, outer, strict=True)
    ]
    owner = np.repeat(np.arange(len(bodies)), [len(each) for each in centres])
    place, _ = numbered(np.concatenate(centres))
    bodies_there = np.unique(place * len(bodies) + owner) // len(bodies)
    lonely = np.bincount(bodies_there)[place] == 1
    return [(elements[lonely[owner == k]], sides[lonely[owner == k]]) for k, (elements, sides) in enumerate(outer)]


def _face_nodes(mesh: SolidMesh) -> Ints:
    """Local nodes of an element's faces: nine row by row, or corners and middles of a triangle; from outside."""
    faces = np.array(kind_of(mesh.cells).faces)
    return faces[:, BY_ROWS] if faces.shape[1] == len(BY_ROWS) else faces


def _alone(mesh: SolidMesh, shown: Bools) -> tuple[Ints, Ints]:
    """Return element and side of the faces of some elements that no other of them shares."""
    elements = np.flatnonzero(shown)
    kind = kind_of(mesh.cells)
    corners = np.array(kind.faces)[:, : kind.face_corners]
    key = np.sort(mesh.cells[elements][:, corners].reshape(-1, kind.face_corners), axis=1)[:, :3]
    order = np.lexsort(key.T)
    same = (np.diff(key[order], axis=0) == 0).all(axis=1)
    shared = np.zeros(len(key), dtype=bool)
    shared[order[1:][same]] = shared[order[:-1][same]] = True
    row, side = np.nonzero(~shared.reshape(len(elements), len(corners)))
    return elements[row], side


@dataclass(frozen=True)
class _Pieces:
    """A face in pieces: functions of its nodes at the vertices and their derivatives, shape (p, k), and triangles."""

    shape: Floats
    along: Floats
    across: Floats
    triangles: Ints


@cache
def _pieces(nodes: int, count: int) -> _Pieces:
    return _square(count) if nodes == len(BY_ROWS) else _triangle(count)


def _square(count: int) -> _Pieces:
    s = np.linspace(-1.0, 1.0, count + 1)
    value = np.stack([s * (s - 1) / 2, 1 - s**2, s * (s + 1) / 2], axis=1)
    slope = np.stack([s - 0.5, -2 * s, s + 0.5], axis=1)
    corner = (np.arange(count)[:, None] * len(s) + np.arange(count)).ravel()
    right, up, over = corner + 1, corner + len(s), corner + len(s) + 1
    triangles = np.concatenate([np.stack([corner, right, over], axis=1), np.stack([corner, over, up], axis=1)])
    tables = [np.kron(*pair).astype(float) for pair in ((value, value), (value, slope), (slope, value))]
    return _Pieces(tables[0], tables[1], tables[2], triangles)


def _triangle(count: int) -> _Pieces:
    places = [(a, b) for b in range(count + 1) for a in range(count + 1 - b)]
    number = {place: index for index, place in enumerate(places)}
    upward = [[number[a, b], number[a + 1, b], number[a, b + 1]] for a, b in places if a + b < count]
    downward = [[number[a + 1, b], number[a + 1, b + 1], number[a, b + 1]] for a, b in places if a + b < count - 1]
    s, t = np.array(places).T / count
    r, nothing = 1 - s - t, np.zeros(len(places))
    shape = [r * (2 * r - 1), s * (2 * s - 1), t * (2 * t - 1), 4 * r * s, 4 * s * t, 4 * t * r]
    along = [1 - 4 * r, 4 * s - 1, nothing, 4 * (r - s), 4 * t, -4 * t]
    across = [1 - 4 * r, nothing, 4 * t - 1, -4 * s, 4 * s, 4 * (r - t)]
    return _Pieces(
        np.stack(shape, axis=1), np.stack(along, axis=1), np.stack(across, axis=1), np.array(upward + downward)
    )


def _patches(body: Body, elements: Ints, sides: Ints, count: int) -> tuple[Skin, Floats]:
    """Divide faces into triangles; return them with the places of their vertices at rest."""
    local = _face_nodes(body.mesh)[sides]
    nodes = body.mesh.cells[elements[:, None], local]
    pieces = _pieces(local.shape[1], count)
    moved, rest = (np.einsum("pk,fkx->fpx", pieces.shape, each[nodes]) for each in (body.moved, body.rest))
    along, across = (np.einsum("pk,fkx->fpx", slope, body.moved[nodes]) for slope in (pieces.along, pieces.across))
    normals = np.cross(along, across) * (-1.0 if body.reflected else 1.0)
    values = np.einsum("pk,fk->fp", pieces.shape, body.values[elements[:, None], local])
    triangles = np.arange(len(elements))[:, None, None] * len(pieces.shape) + pieces.triangles
    patch = np.repeat(np.arange(len(elements)), len(pieces.triangles))
    skin = Skin(
        moved.reshape(-1, 3),
        (normals / np.maximum(np.linalg.norm(normals, axis=2, keepdims=True), 1e-300)).reshape(-1, 3),
        values.ravel(),
        triangles.reshape(-1, 3),
        body.mesh.regions[elements][patch],
        patch,
    )
    return skin, rest.reshape(-1, 3)


def _cut_faces(body: Body, shown: Bools, plane: Plane, near: float, pieces: int) -> Skin:
    """Return the faces that a plane makes in the elements through which it goes."""
    mesh, element = body.mesh, element_of(body.mesh.cells)
    elements = np.flatnonzero(shown & (plane.beyond(body.rest)[mesh.cells].max(axis=1) > near))
    places, tetrahedra = lattice(len(element.corner_nodes), pieces)
    shape = element.tabulate(places)[0]
    cells = mesh.cells[elements]
    moved, rest = (np.einsum("pk,ekx->epx", shape, each[cells]).reshape(-1, 3) for each in (body.moved, body.rest))
    values = np.einsum("pk,ek->ep", shape, body.values[elements]).ravel()
    beyond = plane.beyond(rest)
    beyond[np.abs(beyond) < near] = 0.0
    corners = np.arange(len(elements))[:, None, None] * len(places) + tetrahedra
    ends, shares, triangles, owner = sections(corners.reshape(-1, 4), beyond)
    fields = np.column_stack([moved, values])
    mixed = fields[ends[:, 0]] + shares[:, None] * (fields[ends[:, 1]] - fields[ends[:, 0]])
    a, b, c = (mixed[triangles[:, k], :3] for k in range(3))
    inwards = np.cross(b - a, c - a) @ plane.normal < 0.0
    source = owner // len(tetrahedra)
    return Skin(
        mixed[:, :3],
        np.broadcast_to(plane.normal, (len(mixed), 3)),
        mixed[:, 3],
        np.where(inwards[:, None], triangles[:, ::-1], triangles),
        mesh.regions[elements][source],
        source,
    )
