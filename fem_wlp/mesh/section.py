"""Painted sections to graded quadratic meshes with named regions."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from types import ModuleType
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..errors import MeshError, ResourceError
from .outline import VOID, HalfDisc, Painted, checked, extent, scaled
from .session import gmsh_session, refusing_failures

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

SECOND_ORDER_TRIANGLE = 9  # gmsh's element type: three corners, then the middles of edges 01, 12, 20

UNKNOWNS_BY_EDGE = 70.0
"""Unknowns that an element on the border of a thin part brings with it, counted on layers of many thicknesses [-]."""

MOST_UNKNOWNS = 1e6
"""Sections that would need more are refused before they are meshed [-]."""


ATTEMPTS, FINER = 10, 2.0
"""A mesh in which curved edges bulge through elements is made again, so many times and so much finer there [-]."""

AROUND = 2.0
"""How far round such an element the mesh is made finer, as a multiple of its longest edge [-]."""

STEEPEST = 1.0
"""Largest growth of the element size with distance from a singular point [-]."""


@dataclass(frozen=True)
class Grading:
    """How fine a section is meshed.

    Parameters
    ----------
    tip
        Element size at singular points, as a share of the section's extent [-].
    growth
        Growth of the element size with distance from a singular point [-].
    largest
        Largest element size, as a share of the extent [-].
    slender
        Longest elements in a thin region, in multiples of its thickness [-].
    sharpness
        How many times smaller elements are at singular points, with the same growth from there [-].
    """

    tip: float = 1e-3
    growth: float = 0.45
    largest: float = 0.09
    slender: float = 4.0
    sharpness: float = 1.0

    def refined(self, factor: float) -> Grading:
        """Return a grading with element sizes divided by ``factor`` away from, and by its square at, the tips."""
        growth = min(self.growth / factor, STEEPEST)
        return Grading(self.tip / factor**2, growth, self.largest / factor, self.slender / factor, self.sharpness)


@dataclass(frozen=True)
class SectionMesh:
    """Mesh of a section by six-node triangles.

    Parameters
    ----------
    points
        Node coordinates (r, z), shape (n, 2) [mm].
    triangles
        Node numbers, shape (ne, 6): three corners, then the middles of edges 01, 12, 20.
    region
        Index into ``names`` of every triangle, shape (ne,).
    names
        Names of the regions in the order in which they were painted.
    """

    points: Floats
    triangles: Integers
    region: Integers
    names: tuple[str, ...]

    @cached_property
    def extent(self) -> float:
        """Largest dimension [mm]."""
        return float(np.ptp(self.points, axis=0).max())

    @cached_property
    def edges(self) -> tuple[Integers, Integers]:
        """All edges once, shape (k, 3), and the two triangles beside each, shape (k, 2); -1 where there is none."""
        t = self.triangles
        every = np.concatenate([t[:, [0, 1, 3]], t[:, [1, 2, 4]], t[:, [2, 0, 5]]])
        owner = np.tile(np.arange(len(t)), 3)
        _, first, inverse, count = np.unique(every[:, 2], return_index=True, return_inverse=True, return_counts=True)
        sides = np.full((len(first), 2), -1)
        sides[:, 0] = owner[first]
        second = np.ones(len(every), dtype=bool)
        second[first] = False
        sides[inverse[second], 1] = owner[second]
        if count.max() > 2:
            raise MeshError("E401", "more than two triangles share an edge", hint="the section overlaps itself")
        return every[first], sides

    @cached_property
    def _elements(self) -> dict[tuple[str, ...], Integers]:
        return {}

    def elements(self, *names: str) -> Integers:
        """Return the triangles of the named regions; an error for an unknown name lists those that exist."""
        if names not in self._elements:
            self._elements[names] = self._found(names)
        return self._elements[names]

    def _found(self, names: tuple[str, ...]) -> Integers:
        for name in names:
            if name not in self.names:
                raise MeshError(
                    "E403",
                    f"there is no region named {name!r} in this section",
                    hint=f"its regions are: {', '.join(self.names)}",
                )
        wanted = [self.names.index(name) for name in names]
        return np.flatnonzero(np.isin(self.region, wanted))

    def restricted(self, elements: Integers) -> SectionMesh:
        """Return the part of the mesh made of these triangles; the regions keep their names."""
        nodes, renumbered = np.unique(self.triangles[elements], return_inverse=True)
        return replace(
            self,
            points=self.points[nodes],
            triangles=renumbered.reshape(-1, 6),
            region=self.region[elements],
        )

    def moved(self, points: Floats) -> SectionMesh:
        """Return the same mesh with other node coordinates, shape (n, 2) [mm]."""
        return replace(self, points=points)


def mesh_section(
    painting: Sequence[Painted],
    grading: Grading | None = None,
    wall: float | None = None,
    glued: Sequence[float] = (),
) -> SectionMesh:
    """Mesh a painted section with quadratic triangles graded towards its singular points.

    Singular points are the corners at which materials meet, or at which one material is re-entrant; stress there
    grows as s**(lambda - 1) with the distance s (Williams 1952, Bogy 1971), and only a mesh graded towards them
    converges at the rate of its elements.

    Parameters
    ----------
    painting
        The regions in painting order.
    grading
        Element sizes; the default is meant for results.
    wall
        Radius [mm] of a wall on which no grading is wanted (a symmetry wall is not a free edge).
    glued
        Heights [mm] of ends that are glued to a rigid plate: where a free face meets them, stress is singular.

    Returns
    -------
    SectionMesh

    Raises
    ------
    MeshError
        An outline that bounds no area (E406), a region that is covered completely (E402), a section that gmsh
        cannot mesh (E407), or an inverted element (E401).
    ResourceError
        R301: too many elements for a thin part.
    """
    painting = checked(painting)
    unit = 2.0 ** math.ceil(math.log2(extent(painting)))  # OpenCASCADE's tolerance is absolute; halving is exact
    painting = [scaled(item, 1.0 / unit) for item in painting]
    free_of_grading = None if wall is None else wall / unit
    ends = [height / unit for height in glued]
    grading, finer = grading or Grading(), list[Ball]()
    for _ in range(ATTEMPTS):
        mesh = _meshed(painting, grading, free_of_grading, ends, finer)
        inverted = _inverted(mesh)
        if not len(inverted):
            break
        finer += [_around(mesh, element) for element in inverted]
    if len(inverted):
        worst = inverted[0]
        where = unit * mesh.points[mesh.triangles[worst, :3]].mean(axis=0)
        raise MeshError(
            "E401",
            f"an element of region {mesh.names[mesh.region[worst]]!r} is inverted near r = {where[0]:.4g} mm, "
            f"z = {where[1]:.4g} mm",
            hint="make the thin part there thicker or mesh more finely",
        )
    return mesh.moved(unit * mesh.points)


class Ball(NamedTuple):
    """Where elements are finer: centre, radius, and their size there."""

    r: float
    z: float
    radius: float
    size: float


def _around(mesh: SectionMesh, element: int) -> Ball:
    """Return a ball round an element in which others are finer."""
    corners = mesh.points[mesh.triangles[element, :3]]
    longest = float(max(np.linalg.norm(corners - np.roll(corners, 1, axis=0), axis=1)))
    r, z = corners.mean(axis=0)
    return Ball(float(r), float(z), AROUND * longest, longest / FINER)


def _meshed(
    painting: Sequence[Painted], grading: Grading, wall: float | None, glued: Sequence[float], finer: Sequence[Ball]
) -> SectionMesh:
    """Mesh a painting of unit size once."""
    scale = extent(painting)
    names = tuple(dict.fromkeys(item.name for item in painting if item.name != VOID))
    material = {item.name: item.material or item.name for item in painting}
    with gmsh_session("fem_wlp section") as gmsh, refusing_failures("this section"):
        surfaces = _fragments(gmsh, painting)
        for name in names:
            if not surfaces.get(name):
                raise MeshError("E402", f"region {name!r} is empty", hint="it is covered by regions painted later")
        solid = {tag: material[name] for name, tags in surfaces.items() for tag in tags}
        _set_sizes(gmsh, surfaces, grading, scale, _singular_points(gmsh, solid, scale, wall, glued), finer)
        gmsh.model.mesh.generate(2)
        gmsh.model.mesh.setOrder(2)
        return _read(gmsh, surfaces, names)


def _fragments(gmsh: ModuleType, painting: Sequence[Painted]) -> dict[str, list[int]]:
    """Cut the shapes against each other and give every piece to the region painted last over it."""
    shapes = [(2, _add(gmsh, item)) for item in painting]
    gmsh.model.occ.synchronize()
    if len(shapes) > 1:
        _, pieces = gmsh.model.occ.fragment(shapes[:1], shapes[1:])
        gmsh.model.occ.synchronize()
    else:
        pieces = [shapes]
    owner: dict[int, str] = {}
    for item, parts in zip(painting, pieces, strict=True):
        owner.update({tag: item.name for dimension, tag in parts if dimension == 2})
    unwanted = [(2, tag) for tag, name in owner.items() if name == VOID]
    if unwanted:
        gmsh.model.occ.remove(unwanted, recursive=True)
        gmsh.model.occ.synchronize()
    surfaces: dict[str, list[int]] = {}
    for tag, name in owner.items():
        if name != VOID:
            surfaces.setdefault(name, []).append(tag)
    return surfaces


def _add(gmsh: ModuleType, item: Painted) -> int:
    occ, outline = gmsh.model.occ, item.outline
    if not isinstance(outline, HalfDisc):
        points = [occ.addPoint(r, z, 0.0) for r, z in outline.corners]
        edges = [occ.addLine(a, b) for a, b in zip(points, points[1:] + points[:1], strict=True)]
        return int(occ.addPlaneSurface([occ.addCurveLoop(edges)]))
    low = max(outline.centre - outline.radius, outline.below)
    high = min(outline.centre + outline.radius, outline.above)
    bottom, top, centre = occ.addPoint(0, low, 0), occ.addPoint(0, high, 0), occ.addPoint(0, outline.centre, 0)
    chain = [bottom]
    equator = [outline.centre] if low < outline.centre < high else []
    for z in (low, *equator, high):  # an arc below and one above the equator
        radius = math.sqrt(max(outline.radius**2 - (z - outline.centre) ** 2, 0.0))
        on_axis = radius < 1e-6 * outline.radius  # what round-off of 1e-13 in z makes of the pole
        chain.append((bottom if z == low else top) if on_axis else occ.addPoint(radius, z, 0))
    edges = [occ.addLine(top, bottom)]
    if chain[1] != bottom:
        edges.append(occ.addLine(bottom, chain[1]))
    edges += [occ.addCircleArc(a, centre, b) for a, b in itertools.pairwise(chain[1:])]
    if chain[-1] != top:
        edges.append(occ.addLine(chain[-1], top))
    return int(occ.addPlaneSurface([occ.addCurveLoop(edges)]))


def _set_sizes(
    gmsh: ModuleType,
    surfaces: dict[str, list[int]],
    grading: Grading,
    scale: float,
    tips: list[int],
    finer: Sequence[Ball],
) -> None:
    field, fields = gmsh.model.mesh.field, []
    largest = grading.largest * scale
    if tips:
        distance = field.add("Distance")
        field.setNumbers(distance, "PointsList", tips)
        threshold = field.add("Threshold")
        smallest = grading.tip / grading.sharpness * scale
        for name, value in {
            "InField": distance,
            "SizeMin": smallest,
            "SizeMax": largest,
            "DistMin": 0.0,
            "DistMax": (largest - smallest) / grading.growth,
        }.items():
            field.setNumber(threshold, name, value)
        fields.append(threshold)
    expected = 0.0
    for tag in (tag for tags in surfaces.values() for tag in tags):
        inside = field.add("Constant")
        field.setNumbers(inside, "SurfacesList", [tag])
        size = min(largest, _size_of(gmsh, tag, grading))
        expected += UNKNOWNS_BY_EDGE * _perimeter(gmsh, tag) / size
        field.setNumber(inside, "VIn", size)
        field.setNumber(inside, "VOut", largest)
        field.setNumber(inside, "IncludeBoundary", 1)
        fields.append(inside)
    if expected > MOST_UNKNOWNS:
        raise ResourceError(
            "R301",
            f"this section would need about {expected:.1g} unknowns",
            hint="its thinnest part is too thin for its width: make it thicker, or leave it out",
        )
    for ball in finer:
        inside = field.add("Ball")
        sizes = {"VIn": ball.size, "VOut": largest, "Radius": ball.radius, "Thickness": largest / grading.growth}
        for name, value in {**sizes, "XCenter": ball.r, "YCenter": ball.z, "ZCenter": 0.0}.items():
            field.setNumber(inside, name, value)
        fields.append(inside)
    smallest_of_all = field.add("Min")
    field.setNumbers(smallest_of_all, "FieldsList", fields)
    field.setAsBackgroundMesh(smallest_of_all)


def element_size(area: float, perimeter: float, grading: Grading) -> float:
    """Element size in a piece [mm]: its thickness, up to ``slender`` times that where it is long and thin.

    Parameters
    ----------
    area, perimeter
        Of the piece in the meridian plane [mm^2], [mm].
    grading
        Element sizes.
    """
    thickness, slenderness = 2.0 * area / perimeter, perimeter**2 / (4.0 * area)
    return thickness * grading.slender / 4.0 * min(max(slenderness / 6.0, 1.0), 4.0)


def _size_of(gmsh: ModuleType, surface: int, grading: Grading) -> float:
    """Element size for one piece; a curved edge must not bulge through a thin part: L^2 < 4 R t, with a margin."""
    area, perimeter = gmsh.model.occ.getMass(2, surface), _perimeter(gmsh, surface)
    size = element_size(area, perimeter, grading)
    for _, edge in gmsh.model.getBoundary([(2, surface)]):
        start, end = (bound[0] for bound in gmsh.model.getParametrizationBounds(1, abs(edge)))
        curvature = gmsh.model.getCurvature(1, abs(edge), [0.5 * (start + end)])[0]
        if curvature * size > 1e-6:
            size = min(size, 1.2 * math.sqrt(2.0 * area / perimeter / curvature))
    return size


def _perimeter(gmsh: ModuleType, surface: int) -> float:
    return float(sum(gmsh.model.occ.getMass(1, abs(edge)) for _, edge in gmsh.model.getBoundary([(2, surface)])))


def _singular_points(
    gmsh: ModuleType, solid: dict[int, str], scale: float, wall: float | None, glued: Sequence[float]
) -> list[int]:
    """Return the corners at which stress is singular; ``solid`` gives the material of every piece.

    There two materials and the outside meet, or three materials, or a border between two has a kink, or one material
    is re-entrant or leaves a glued end.
    """
    tolerance = 1e-6 * scale
    tips = []
    for _, point in gmsh.model.getEntities(0):
        r, z, _ = gmsh.model.getValue(0, point, [])
        if r < tolerance or (wall is not None and abs(r - wall) < tolerance):
            continue
        curves = [int(curve) for curve in gmsh.model.getAdjacencies(0, point)[0]]
        beside = {curve: [int(face) for face in gmsh.model.getAdjacencies(1, curve)[0]] for curve in curves}
        borders = [curve for curve, faces in beside.items() if len({solid[face] for face in faces}) == len(faces)]
        free = any(len(beside[curve]) == 1 for curve in borders)
        faces = {face for neighbors in beside.values() for face in neighbors}
        if len(borders) > 2 or (free and any(abs(z - height) < tolerance for height in glued)):
            tips.append(point)
        elif len(borders) == 2 and (
            _is_reentrant(gmsh, point, borders, faces) if free else _is_kinked(gmsh, point, borders)
        ):
            tips.append(point)
    return tips


def _directions(gmsh: ModuleType, point: int, curves: Sequence[int]) -> list[Floats]:
    """Unit vectors that leave a point along its curves."""
    origin = np.array(gmsh.model.getValue(0, point, []))
    leaving = []
    for curve in curves:
        start, end = (bound[0] for bound in gmsh.model.getParametrizationBounds(1, curve))
        span = end - start
        near = [np.array(gmsh.model.getValue(1, curve, [start + share * span])) for share in (0.0, 0.01, 0.99, 1.0)]
        forwards = np.linalg.norm(near[0] - origin) < np.linalg.norm(near[3] - origin)
        step = near[1] - origin if forwards else near[2] - origin
        leaving.append(step[:2] / np.linalg.norm(step))
    return leaving


def _is_kinked(gmsh: ModuleType, point: int, curves: Sequence[int]) -> bool:
    first, second = _directions(gmsh, point, curves)[:2]
    return bool(first @ second > -0.999)


def _is_reentrant(gmsh: ModuleType, point: int, curves: Sequence[int], faces: set[int]) -> bool:
    """Say whether one material fills more than a half plane at a corner: a step along the bisector leaves it."""
    first, second = _directions(gmsh, point, curves)[:2]
    bisector = first + second
    if np.linalg.norm(bisector) < 0.05:
        return False
    origin = np.array(gmsh.model.getValue(0, point, []))
    reach = min(gmsh.model.occ.getMass(1, curve) for curve in curves) * 1e-3
    probe = [*(origin[:2] + reach * bisector / np.linalg.norm(bisector)), 0.0]
    return not any(gmsh.model.isInside(2, face, probe) for face in faces)


def _read(gmsh: ModuleType, surfaces: dict[str, list[int]], names: tuple[str, ...]) -> SectionMesh:
    tags, coordinates, _ = gmsh.model.mesh.getNodes()
    number = np.zeros(int(tags.max()) + 1, dtype=np.int64)
    number[tags.astype(np.int64)] = np.arange(len(tags))
    points = coordinates.reshape(-1, 3)[:, :2]
    triangles, region = [], []
    for index, name in enumerate(names):
        for surface in surfaces[name]:
            kinds, _, nodes = gmsh.model.mesh.getElements(2, surface)
            if list(kinds) != [SECOND_ORDER_TRIANGLE]:
                raise MeshError("E402", f"region {name!r} could not be meshed", hint="look for a sliver in its outline")
            triangles.append(_upright(points, number[nodes[0].astype(np.int64)].reshape(-1, 6)))
            region.append(np.full(len(triangles[-1]), index))
    used, renumbered = np.unique(np.concatenate(triangles), return_inverse=True)
    return SectionMesh(points[used], renumbered.reshape(-1, 6), np.concatenate(region), names)


def _upright(points: Floats, triangles: Integers) -> Integers:
    """Turn the triangles of a piece that OpenCASCADE left facing down."""
    a, b, c = (points[triangles[:, corner]] for corner in range(3))
    twice_area = (b - a)[:, 0] * (c - a)[:, 1] - (b - a)[:, 1] * (c - a)[:, 0]
    return triangles if twice_area.sum() > 0 else triangles[:, [0, 2, 1, 5, 4, 3]]


def _inverted(mesh: SectionMesh) -> Integers:
    """Return the elements whose Jacobian at a corner is not positive, that of the most negative one first."""
    corner = mesh.points[mesh.triangles[:, :3]]
    middle = mesh.points[mesh.triangles[:, 3:]]
    smallest = np.full(len(corner), math.inf)
    for a, b, c in ((0, 1, 2), (1, 2, 0), (2, 0, 1)):
        # tangents at corner a of the two quadratic edges that leave it
        to_b = 4 * middle[:, (0, 1, 2)[a]] - 3 * corner[:, a] - corner[:, b]
        to_c = 4 * middle[:, (2, 0, 1)[a]] - 3 * corner[:, a] - corner[:, c]
        smallest = np.minimum(smallest, to_b[:, 0] * to_c[:, 1] - to_b[:, 1] * to_c[:, 0])
    worst = np.argsort(smallest)
    return worst[smallest[worst] <= 0]
