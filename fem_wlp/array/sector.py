"""The part of a package that is meshed, and what its mirror images make of it.

A quarter of a symmetric package knows all of it: what is read at one joint is turned to its images, and a joint that a
mirror plane cuts is completed by its own image. Both are the work of the same orthogonal matrices.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ..errors import MeshError
from ..joint.section import JointSection
from ..mesh.solid import Bools, Floats, Ints, SolidMesh
from ..solid.elements import SolidElement, element_of

NEAR = 1e-6
"""Places closer than this share of the mesh's extent are one [-]."""

OUTSIDE = 1e-2
"""How far outside an element a point may lie, in its reference coordinates [-]: curved faces are met by parabolas."""

Turns = NDArray[np.float64]


@dataclass(frozen=True)
class Sector:
    """The meshed part of a package.

    Parameters
    ----------
    mesh
        Its mesh; z = 0 is the board's upper face, x = y = 0 the neutral point.
    section
        Levels, radii and materials of its joints.
    axes
        Axis of the joint of each place number of the mesh, shape (k, 2) [mm].
    turns
        Symmetries that the package and its load have and by which the mesh is completed, shape (g, 3, 3) [-]; the
        first is the identity.
    """

    mesh: SolidMesh
    section: JointSection
    axes: Floats
    turns: Turns

    @cached_property
    def element(self) -> SolidElement:
        """The kind of element."""
        return element_of(self.mesh.cells)

    @cached_property
    def extent(self) -> float:
        """Largest dimension of the mesh [mm]."""
        return float(np.ptp(self.mesh.points, axis=0).max())

    @cached_property
    def axis_of(self) -> Floats:
        """Axis of the joint in whose cell each element stands, shape (m, 2) [mm]; nan beyond the joints' cells."""
        return np.vstack([self.axes, [[np.nan, np.nan]]])[self.mesh.places]

    @cached_property
    def centres(self) -> Floats:
        """Centre of each element, the mean of its corners, shape (m, 3) [mm]."""
        return np.asarray(self.mesh.points[self.mesh.cells[:, self.element.corner_nodes]].mean(axis=1))

    @cached_property
    def chip_side(self) -> Bools:
        """Elements that stay with the chip when the joints are severed at their lands, shape (m,)."""
        return ~self.mesh.within(*self.section.board_side)

    def stabiliser(self, place: int) -> Turns:
        """Return the turns that leave the axis of a place where it is: they complete a joint that is cut."""
        moved = np.einsum("gij,j->gi", self.turns[:, :2, :2], self.axes[place])
        return np.asarray(self.turns[np.abs(moved - self.axes[place]).max(axis=1) < NEAR * self.extent])

    def images(self, joints: Floats) -> tuple[Ints, Turns]:
        """Return of which place each joint is the image, and by which turn.

        Parameters
        ----------
        joints
            Axes, shape (n, 2) [mm].

        Returns
        -------
        places
            Shape (n,).
        turns
            Turn that takes the place's axis to the joint, shape (n, 3, 3) [-].

        Raises
        ------
        MeshError
            E403: a joint that is no image of a meshed one.
        """
        candidates = np.einsum("gij,kj->gki", self.turns[:, :2, :2], self.axes)
        distance = np.abs(candidates[None] - joints[:, None, None]).max(axis=3)
        best = distance.reshape(len(joints), -1).argmin(axis=1)
        turn, place = np.unravel_index(best, distance.shape[1:])
        missing = distance[np.arange(len(joints)), turn, place] > NEAR * self.extent
        if missing.any():
            x, y = joints[int(missing.argmax())]
            raise MeshError(
                "E403",
                f"the joint at x = {x:.4g}, y = {y:.4g} mm is no image of one in the mesh",
                hint="mesh a part of the array whose mirror images have every joint of the package",
            )
        return place.astype(np.int64), self.turns[turn]

    def values(self, u: Floats, points: Floats) -> Floats:
        """Return a vector field at points anywhere in the package, shape (p, 3).

        Parameters
        ----------
        u
            At the nodes, shape (n, 3).
        points
            Shape (p, 3) [mm].

        Raises
        ------
        MeshError
            E405: a point lies outside the package.
        """
        found = np.full(points.shape, np.nan)
        missing = np.arange(len(points))
        for turn in self.turns:
            elements, local = locate(self.mesh, self.element, points[missing] @ turn)
            inside = elements >= 0
            shape = self.element.tabulate(local[inside])[0]
            at_nodes = u[self.mesh.cells[elements[inside]]]
            found[missing[inside]] = np.einsum("pk,pkc->pc", shape, at_nodes) @ turn.T
            missing = missing[~inside]
            if not len(missing):
                return found
        x, y, z = points[missing[0]]
        raise MeshError(
            "E405",
            f"the point x = {x:.6g}, y = {y:.6g}, z = {z:.6g} mm lies outside the package",
            hint="ask for points inside a region",
        )


def locate(mesh: SolidMesh, element: SolidElement, points: Floats) -> tuple[Ints, Floats]:
    """Find the elements that hold given points.

    Returns
    -------
    elements
        Shape (p,); -1 where no element holds the point.
    local
        Reference coordinates of the points in them, shape (p, 3) [-].
    """
    elements, local = np.full(len(points), -1), np.zeros((len(points), 3))
    best = np.full(len(points), OUTSIDE)
    for point, cell in _near(mesh, points):
        place = _invert(mesh.points[mesh.cells[cell]], element, points[point])
        outside = _outside(element, place)
        order = np.lexsort((outside, point))
        first = order[np.unique(point[order], return_index=True)[1]]
        first = first[outside[first] <= best[point[first]]]
        elements[point[first]], local[point[first]] = cell[first], place[first]
        best[point[first]] = outside[first]
    return elements, local


def _near(mesh: SolidMesh, points: Floats) -> list[tuple[Ints, Ints]]:
    """Pairs of a point and an element whose bounding box, a little widened, holds it; in lots of moderate size."""
    nodes = mesh.points[mesh.cells]
    low, high = nodes.min(axis=1), nodes.max(axis=1)
    slack = 0.05 * (high - low).max(axis=1, keepdims=True)
    low, high = low - slack, high + slack
    near = np.flatnonzero(((low <= points.max(axis=0)) & (high >= points.min(axis=0))).all(axis=1))
    if not len(near):
        return []
    lots = np.array_split(np.arange(len(points)), max(1, len(points) * len(near) // 4_000_000))
    found = []
    for lot in lots:
        here = points[lot, None]
        point, cell = np.nonzero(((low[near] <= here) & (here <= high[near])).all(axis=2))
        found.append((lot[point], near[cell]))
    return found


def _invert(nodes: Floats, element: SolidElement, points: Floats) -> Floats:
    """Newton's method for the reference coordinates of points in given elements, shape (p, 3)."""
    local = np.tile(element.nodes.mean(axis=0), (len(points), 1))
    for _ in range(8):
        shape, slope = element.tabulate(local)
        miss = points - np.einsum("pk,pkx->px", shape, nodes)
        jacobian = np.einsum("pka,pkx->pxa", slope, nodes)
        local = np.clip(local + np.linalg.solve(jacobian, miss[..., None])[..., 0], -2.0, 2.0)
    return local


def _outside(element: SolidElement, local: Floats) -> Floats:
    """How far reference coordinates lie outside an element [-]; not positive inside."""
    if len(element.corner_nodes) == 8:
        return np.asarray(np.abs(local).max(axis=1) - 1.0)
    return np.asarray(np.maximum(-local.min(axis=1), local.sum(axis=1) - 1.0))
