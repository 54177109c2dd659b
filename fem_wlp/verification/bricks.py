"""Bodies of hexahedra by hand: bricks, mapped to any shape, or split into tetrahedra."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import permutations, product

import numpy as np
from numpy.typing import ArrayLike

from ..materials.model import Expansion, Material, Orthotropic, Property, isotropic, stiffness
from ..mesh.solid import Bools, Floats, Ints, SolidMesh
from ..solid.elements import EDGES

Map = Callable[[Floats], Floats]

NEAR = 1e-9
"""Coordinates that differ by less are the same [mm]."""


def brick(x: ArrayLike, y: ArrayLike, z: ArrayLike, name: str = "body") -> SolidMesh:
    """Return hexahedra between the given planes, one region."""
    lines = [np.asarray(line, dtype=float) for line in (x, y, z)]
    fine = [np.interp(np.arange(2 * len(line) - 1) / 2, np.arange(len(line)), line) for line in lines]
    number = np.arange(np.prod([len(line) for line in fine])).reshape([len(line) for line in fine[::-1]])
    cells = [
        number[2 * k : 2 * k + 3, 2 * j : 2 * j + 3, 2 * i : 2 * i + 3].ravel()
        for k, j, i in product(*(range(len(line) - 1) for line in lines[::-1]))
    ]
    points = np.stack(np.meshgrid(*fine[::-1], indexing="ij")[::-1], axis=-1).reshape(-1, 3)
    return one_region(points, np.array(cells), name)


def cube(count: int) -> SolidMesh:
    """Return the unit cube as count x count x count hexahedra."""
    line = np.linspace(0.0, 1.0, count + 1)
    return brick(line, line, line)


def one_region(points: Floats, cells: Ints, name: str = "body") -> SolidMesh:
    """Return a mesh of one region without copies."""
    m = len(cells)
    region, nowhere = np.zeros(m, dtype=np.int64), np.full(m, -1, dtype=np.int64)
    return SolidMesh(points, cells, region, (name,), nowhere, np.arange(m), np.ones(m))


def split(mesh: SolidMesh) -> SolidMesh:
    """Return six tetrahedra for each hexahedron; their edges bend as it does, since all their nodes are its own.

    Each is a path from corner to opposite corner along x, y, z in some order; neighbours cut a common face alike.
    """
    tetrahedra = []
    for order in permutations(range(3)):
        path = np.zeros((4, 3), dtype=np.int64)
        for step, axis in enumerate(order):
            path[step + 1 :, axis] = 2
        if np.linalg.det(path[1:] - path[0]) < 0:
            path[[2, 3]] = path[[3, 2]]
        nodes = [*path, *((path[a] + path[b]) // 2 for a, b in EDGES)]
        tetrahedra.append([node @ (1, 3, 9) for node in nodes])
    cells = mesh.cells[:, np.array(tetrahedra)].reshape(-1, 10)
    regions, places = (np.repeat(numbers, 6) for numbers in (mesh.regions, mesh.places))
    shares = np.repeat(mesh.shares, 6)
    return SolidMesh(mesh.points, cells, regions, mesh.names, places, np.arange(len(cells)), shares, mesh.ties)


def mapped(mesh: SolidMesh, shape: Map) -> SolidMesh:
    """Return the mesh with every node moved to the image of its place."""
    return replace(mesh, points=shape(mesh.points))


def named(mesh: SolidMesh, names: Sequence[str], region_at: Callable[[Floats], Ints]) -> SolidMesh:
    """Return the mesh with regions by their elements' centres (m, 3)."""
    centres = mesh.points[mesh.cells].mean(axis=1)
    return replace(mesh, names=tuple(names), regions=np.asarray(region_at(centres), dtype=np.int64))


def with_copies(mesh: SolidMesh) -> SolidMesh:
    """Return the mesh with every translated copy of an element naming the first one."""
    nodes = mesh.points[mesh.cells]
    shapes = np.round((nodes - nodes[:, :1]).reshape(len(nodes), -1) / NEAR / 10).astype(np.int64)
    _, first, kind = np.unique(shapes, axis=0, return_index=True, return_inverse=True)
    return replace(mesh, twins=first[kind.ravel()])


def together(*meshes: SolidMesh) -> SolidMesh:
    """Return meshes as one, nodes at the same place welded, regions of the same name joined."""
    names = list(dict.fromkeys(name for mesh in meshes for name in mesh.names))
    every = np.concatenate([mesh.points for mesh in meshes])
    _, first, number = np.unique(np.round(every / NEAR / 10), axis=0, return_index=True, return_inverse=True)
    starts = np.cumsum([0, *(len(mesh.points) for mesh in meshes)])
    cells = np.concatenate([number.ravel()[mesh.cells + start] for mesh, start in zip(meshes, starts, strict=False)])
    regions = [np.array([names.index(name) for name in mesh.names])[mesh.regions] for mesh in meshes]
    m = len(cells)
    return SolidMesh(
        every[first], cells, np.concatenate(regions), tuple(names), np.full(m, -1), np.arange(m), np.ones(m)
    )


def quarter_disc(radius: float, levels: ArrayLike, count: int, grading: float = 2.0) -> SolidMesh:
    """Return a quarter disc, x, y > 0: a core of count x count hexahedra on its plan, and two such blocks round it.

    Rings grow thin towards the rim, with distances from it to the power of ``grading``.
    """
    line = np.linspace(0.0, 1.0, count + 1)
    outward = 1 - (1 - line) ** grading

    def core(points: Floats) -> Floats:
        s, t, z = points.T
        return np.stack([radius * s * (1 - 0.2 * t**2) / 2, radius * t * (1 - 0.2 * s**2) / 2, z], axis=-1)

    def ring(points: Floats) -> Floats:
        r, t, z = points.T
        inner = core(np.stack([np.ones_like(t), t, z], axis=-1))
        rim = np.stack([radius * np.cos(np.pi / 4 * t), radius * np.sin(np.pi / 4 * t), z], axis=-1)
        return np.asarray((1 - r)[:, None] * inner + r[:, None] * rim)

    def mirrored_ring(points: Floats) -> Floats:
        return ring(points[:, [1, 0, 2]])[:, [1, 0, 2]]

    return together(
        mapped(brick(line, line, levels), core),
        mapped(brick(outward, line, levels), ring),
        mapped(brick(line, outward, levels), mirrored_ring),
    )


def sheared(points: Floats) -> Floats:
    """Map bricks to skewed parallelepipeds."""
    return np.asarray(points @ np.array([[1.0, 0.2, 0.1], [0.3, 0.9, -0.2], [-0.2, 0.25, 1.1]]))


def annulus(points: Floats) -> Floats:
    """Map the unit cube to a quarter of a ring, 1 < r < 2, whose upper face is bowed."""
    r, angle = 1 + points[:, 0], np.pi / 2 * points[:, 1]
    height = points[:, 2] * (1 + 0.2 * np.sin(2 * points[:, 0] + points[:, 1]))
    return np.stack([r * np.cos(angle), r * np.sin(angle), height], axis=-1)


def warped(points: Floats) -> Floats:
    """Map bricks to hexahedra with plane or curved faces of unequal sides."""
    x, y, z = points.T
    return np.stack([x + 0.15 * y * z + 0.08 * np.sin(3 * y), y * (1 + 0.2 * x), z + 0.1 * x * y**2], axis=-1)


SHAPES: dict[str, Map] = {"straight": np.copy, "skewed": sheared, "curved": annulus, "warped": warped}
"""How elements may look: parallel planes, parallelepipeds, parts of a ring, and none of these."""


def border(box: SolidMesh) -> Bools:
    """Return which nodes of a brick that is not mapped lie on its faces, shape (n,)."""
    low, high = box.points.min(axis=0), box.points.max(axis=0)
    return np.asarray(((box.points < low + NEAR) | (box.points > high - NEAR)).any(axis=1))


def isotropic_tensor(E: float, nu: float) -> Floats:
    """Return the stiffness of an isotropic solid, shape (6, 6) [MPa]."""
    return stiffness(isotropic("solid", E, nu, 0.0), 300.0)


def orthotropic_tensor() -> Floats:
    """Return the stiffness of a laminate with three different directions, shape (6, 6) [MPa]."""
    constants = (22e3, 18e3, 9e3, 0.12, 0.35, 0.3, 5e3, 3e3, 2e3)
    zero = Property((0.0,))
    elasticity = Orthotropic(*(Property((value,)) for value in constants))
    return stiffness(Material("laminate", elasticity, Expansion(zero, zero, zero)), 300.0)
