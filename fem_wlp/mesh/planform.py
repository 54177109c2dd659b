"""Quadrilaterals around a circle in a rectangle, unstructured, that follow the outlines of what lies in it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

from ..errors import MeshError
from .outline import Point
from .session import gmsh_session, refusing_failures

Floats = NDArray[np.float64]

NINE_NODE_QUADRILATERAL = 10
"""gmsh's element type: four corners, the middles of the sides between them, the centre."""

_ORDER = (0, 4, 1, 7, 8, 5, 3, 6, 2)
# gmsh's nodes in the order i + 3 j of the grid.

_QUADRILATERALS = {
    "Mesh.Algorithm": 8.0,  # frontal, for quadrilaterals
    "Mesh.RecombineAll": 1.0,
    "Mesh.SubdivisionAlgorithm": 1.0,  # every element into quadrilaterals, half as long
}


def planform(
    angles: Floats,
    radius: float,
    box: tuple[float, float, float, float],
    shapes: Sequence[tuple[str, Sequence[Point]]],
    smallest: float,
    growth: float,
    largest: float,
) -> tuple[Floats, list[str]]:
    """Mesh what lies between a circle and a rectangle.

    Parameters
    ----------
    angles
        Nodes on the circle, counter-clockwise: every second is an element's corner, and an even number of elements
        lies between two places where a shape's outline meets the circle, shape (2k,) [rad].
    radius
        Of the circle [mm].
    box
        Distances from the circle's centre to the sides at +x, +y, -x, -y [mm].
    shapes
        Names and corners of polygons in painting order; a later one covers an earlier one [mm].
    smallest, growth, largest
        Length of elements at outlines and at the circle, its growth with the distance from them, and its limit
        [mm], [-], [mm].

    Returns
    -------
    plan
        Nine-node quadrilaterals, shape (m, 9, 2) [mm].
    names
        The shape in which each lies, "" for none.

    Raises
    ------
    MeshError
        E407: gmsh cannot mesh it.
    """
    unit = max(box)
    with gmsh_session("fem_wlp planform") as gmsh, refusing_failures("the cell around this joint"):
        for option, value in _QUADRILATERALS.items():
            gmsh.option.setNumber(option, value)
        owner = _pieces(gmsh, angles[::4], radius / unit, [side / unit for side in box], shapes, unit)
        _set_sizes(gmsh, radius / unit, smallest / unit, growth, largest / unit)
        gmsh.model.mesh.generate(2)
        gmsh.model.mesh.setOrder(2)
        plan, names = _read(gmsh, owner)
    plan = _on_circle(unit * plan, radius, angles)
    return plan, names


def _pieces(
    gmsh: ModuleType,
    angles: Floats,
    radius: float,
    box: Sequence[float],
    shapes: Sequence[tuple[str, Sequence[Point]]],
    unit: float,
) -> dict[int, str]:
    """Cut the shapes against each other; the name of every surface between circle and rectangle."""
    occ = gmsh.model.occ
    centre = occ.addPoint(0, 0, 0)
    ends = [occ.addPoint(radius * math.cos(angle), radius * math.sin(angle), 0) for angle in angles]
    arcs = [occ.addCircleArc(a, centre, b) for a, b in zip(ends, ends[1:] + ends[:1], strict=True)]
    disc = occ.addPlaneSurface([occ.addCurveLoop(arcs)])
    field = occ.addRectangle(-box[2], -box[3], 0, box[0] + box[2], box[1] + box[3])
    polygons: list[int] = []
    for _, corners in shapes:
        points = [occ.addPoint(x / unit, y / unit, 0) for x, y in corners]
        lines = [occ.addLine(a, b) for a, b in zip(points, points[1:] + points[:1], strict=True)]
        polygons.append(occ.addPlaneSurface([occ.addCurveLoop(lines)]))
    visible: list[list[tuple[int, int]]] = []  # of each shape, without what later ones cover: no line is meshed there
    for number, tag in enumerate(polygons):
        later = [(2, other) for other in polygons[number + 1 :]]
        rest = occ.cut([(2, tag)], later, removeTool=False)[0] if later else [(2, tag)]
        visible.append(occ.intersect(rest, [(2, field)], removeTool=False)[0])
    parts = [part for piece in visible for part in piece]
    _, pieces = occ.fragment([(2, field)], [*parts, (2, disc)])
    occ.remove([(0, centre)])
    occ.synchronize()
    inside = {tag for _, tag in pieces[-1]}
    owner = {tag: "" for _, tag in pieces[0] if tag not in inside}
    names = [name for (name, _), piece in zip(shapes, visible, strict=True) for _ in piece]
    for name, found in zip(names, pieces[1:-1], strict=True):
        owner.update({tag: name for _, tag in found if tag in owner})
    unwanted = [(2, tag) for _, tag in gmsh.model.getEntities(2) if tag not in owner]
    occ.remove(unwanted, recursive=True)
    occ.synchronize()
    return owner


def _set_sizes(gmsh: ModuleType, radius: float, smallest: float, growth: float, largest: float) -> None:
    """One element of twice the length, as subdivision halves it, along each arc; others by distance from outlines."""
    outlines = []
    for _, curve in gmsh.model.getEntities(1):
        low, high = (bound[0] for bound in gmsh.model.getParametrizationBounds(1, curve))
        x, y, _ = gmsh.model.getValue(1, curve, [(low + high) / 2])
        if abs(math.hypot(x, y) - radius) < 1e-6:
            gmsh.model.mesh.setTransfiniteCurve(curve, 2)
            outlines.append(curve)
        elif len(gmsh.model.getAdjacencies(1, curve)[0]) > 1:
            outlines.append(curve)
    field = gmsh.model.mesh.field
    distance = field.add("Distance")
    field.setNumbers(distance, "CurvesList", outlines)
    field.setNumber(distance, "Sampling", 40)
    threshold = field.add("Threshold")
    for name, value in {
        "InField": distance,
        "SizeMin": 2 * smallest,
        "SizeMax": 2 * largest,
        "DistMin": 0.0,
        "DistMax": (largest - smallest) / growth,
    }.items():
        field.setNumber(threshold, name, value)
    field.setAsBackgroundMesh(threshold)


def _read(gmsh: ModuleType, owner: dict[int, str]) -> tuple[Floats, list[str]]:
    tags, coordinates, _ = gmsh.model.mesh.getNodes()
    points = np.zeros((int(tags.max()) + 1, 2))
    points[tags.astype(np.int64)] = coordinates.reshape(-1, 3)[:, :2]
    parts: list[Floats] = []
    names: list[str] = []
    for surface, name in owner.items():
        kinds, _, nodes = gmsh.model.mesh.getElements(2, surface)
        if list(kinds) != [NINE_NODE_QUADRILATERAL]:
            raise MeshError("E407", "gmsh leaves triangles between the joint and its cell's sides", hint="mesh finer")
        part = points[nodes[0].astype(np.int64).reshape(-1, 9)[:, _ORDER]]
        parts.append(_upright(part))
        names += [name] * len(part)
    return np.concatenate(parts), names


def _upright(plan: Floats) -> Floats:
    """Turn elements that face down."""
    one, other = plan[:, 8] - plan[:, 0], plan[:, 6] - plan[:, 2]
    down = one[:, 0] * other[:, 1] - one[:, 1] * other[:, 0] < 0
    plan[down] = plan[down][:, [0, 3, 6, 1, 4, 7, 2, 5, 8]]
    return plan


def _on_circle(plan: Floats, radius: float, angles: Floats) -> Floats:
    """Put the nodes near the circle exactly where the joint's own nodes are."""
    near = np.abs(np.hypot(plan[..., 0], plan[..., 1]) - radius) < 1e-4 * radius
    places = radius * np.column_stack([np.cos(angles), np.sin(angles)])
    distance = np.linalg.norm(plan[near][:, None] - places, axis=2)
    nearest = distance.argmin(axis=1)
    if distance[np.arange(len(nearest)), nearest].max() > 1e-4 * radius or len(set(nearest)) != len(angles):
        raise MeshError(
            "E407", "gmsh divides the base region's rim in another way than the joint", hint="another fineness"
        )
    plan[near] = places[nearest]
    return plan
