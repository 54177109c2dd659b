"""What is shown of a resolved array: which elements, seen from where, how far deformed, and in which colours."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import product
from math import atan2, ceil, pi
from typing import Literal

import numpy as np
from matplotlib.colors import to_rgb

from ..errors import ConfigError
from ..joint.section import MADE_OF, joint_section
from ..mesh.kinds import kind_of
from ..mesh.solid import SolidMesh
from ..results import ArrayField, JointResult, Result
from .cutting import Plane
from .raster import Bools, Camera, Floats, Ints
from .scales import percentile_by_volume, round_factor, smaller
from .style import part_colour

Colours = Literal["part", "displacement", "von_mises"]

CAMERA, JOINT_CAMERA = Camera(0.44, 0.52), Camera(0.42, 0.40)
"""The eye; that on the joint stands so far aside from the normal of the cut."""

BEYOND, DEEP = 0.5, 1.0
"""The board is shown up to these shares of the pitch beyond the chip and down, then broken off [-]."""

LEFT, BACK = 0.25, 0.75
"""Chip and layers are taken off right of this share of the columns and in front of this share of the rows [-]."""

BELOW = 0.55
"""Of the board under a joint, elements are shown that begin above this share of the pitch [-]."""

REACH, JOINT_REACH = 0.3, 0.14
"""The largest lateral displacement is drawn at most so long, as a share of the pitch: of the array, of a joint [-]."""

FOLDED, FOLDED_SHARE = 0.2, 0.02
"""An element drawn with less than this share of its volume is folded; so large a share of them may be [-]."""

TAKEN_OFF = ("chip", "first_layer", "second_layer")
"""What is taken off where the chip is opened."""

ON_AXIS = 1e-6
"""Axes nearer to each other than this share of the pitch are one [-]."""

NO_FORCE = 1e-9
"""A shear force below has no direction [N]."""

QUARTER = np.array([[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
"""A quarter turn about the axis through the neutral point [-]."""


@dataclass(frozen=True)
class Stage:
    """A resolved array turned so that its critical joint stands in front on the right.

    Parameters
    ----------
    result
        What was solved.
    field
        Its field.
    front
        The turn, shape (3, 3) [-].
    """

    result: Result
    field: ArrayField
    front: Floats

    @property
    def pitch(self) -> float:
        """[mm]."""
        return self.result.package.array.pitch

    @property
    def turns(self) -> Floats:
        """Images of the mesh that make the whole, turned, shape (g, 3, 3) [-]."""
        return np.asarray(self.front @ self.field.turns)

    @cached_property
    def critical(self) -> Floats:
        """Axis of the critical joint among those that are drawn, shape (2,) [mm]."""
        joint = _critical(self.result)
        images_of = self.turns[:, :2, :2] @ self.field.axes[self.field.critical]
        distance = np.linalg.norm(images_of - self.front[:2, :2] @ (joint.x, joint.y), axis=1)
        return np.asarray(images_of[distance.argmin()])

    @cached_property
    def half(self) -> Floats:
        """Half of what is shown along x and y: the chip and a little of the board beyond [mm]."""
        chip = self.result.package.chip
        there = np.abs(self.field.mesh.points[:, :2] @ self.front[:2, :2].T).max(axis=0)
        outline = np.abs(self.front[:2, :2] @ (0.5 * chip.width, 0.5 * chip.length))
        return np.asarray(np.minimum(there, outline + BEYOND * self.pitch))

    @cached_property
    def opened(self) -> tuple[float, float]:
        """Chip and layers are taken off at larger x than the one and smaller y than the other [mm]."""
        every = np.einsum("gij,kj->gki", self.turns[:, :2, :2], self.field.axes).reshape(-1, 2)
        x, y = (np.unique(np.round(each, 6)) for each in every.T)
        return float(x[int(LEFT * (len(x) - 1))]), float(y[ceil(BACK * (len(y) - 1))])

    def shown(self, centres: Floats, regions: Ints, places: Ints) -> Bools:
        """Return which elements are drawn."""
        x, y, _ = centres.T
        left, back = self.opened
        names = self.field.mesh.names
        lid = np.isin(regions, [names.index(name) for name in TAKEN_OFF if name in names])
        opened = (y <= self.critical[1]) | (lid & (x > left) & (y < back))
        return np.asarray(self.unbroken(centres, regions, places) & ~opened)

    def unbroken(self, centres: Floats, regions: Ints, places: Ints) -> Bools:
        """Return which elements are there where the board is broken off."""
        x, y, z = centres.T
        return np.asarray((np.abs(x) < self.half[0]) & (np.abs(y) < self.half[1]) & (z > -DEEP * self.pitch))

    def displacement_at(self, point: Floats, moved: Floats) -> Floats:
        """Return a displacement of the nodes at the image of a node nearest to a point, shape (3,) [mm]."""
        nodes = self.field.mesh.points
        near = [np.linalg.norm(nodes @ turn.T - point, axis=1) for turn in self.turns]
        image = int(np.argmin([each.min() for each in near]))
        return np.asarray(self.turns[image] @ moved[near[image].argmin()])

    @cached_property
    def corners(self) -> Floats:
        """Corners of the box around what is drawn, lowest first, shape (8, 3) [mm]."""
        mesh, ends = self.field.mesh, []
        for turn, there in zip(self.turns, self._shown_images, strict=True):
            points = mesh.points[np.unique(mesh.cells[there])] @ turn.T
            ends += [points.min(axis=0), points.max(axis=0)] if len(points) else []
        return _box(np.min(ends, axis=0), np.max(ends, axis=0))

    @cached_property
    def elements(self) -> Ints:
        """Numbers of the elements that are drawn in any image."""
        return np.flatnonzero(np.any(self._shown_images, axis=0))

    @cached_property
    def _shown_images(self) -> list[Bools]:
        mesh = self.field.mesh
        centres = mesh.points[mesh.cells].mean(axis=1)
        return [self.shown(centres @ turn.T, mesh.regions, mesh.places) for turn in self.turns]


def array_of(result: Result) -> ArrayField:
    """Return the field of a resolved array.

    Raises
    ------
    ConfigError
        C206: the array was not resolved.
    """
    if isinstance(result.field, ArrayField):
        return result.field
    raise ConfigError(
        "C206",
        "the joints of this result are condensed: there is no array to be drawn deformed",
        where="model.kind",
        hint='solve with kind = "3d" in [model], or --model 3d',
    )


def stage_of(result: Result) -> Stage:
    """Return a resolved array turned so that its critical joint stands in front on the right."""
    field, joint = array_of(result), _critical(result)
    quarters = round((-pi / 4 - atan2(joint.y, joint.x)) / (pi / 2)) if joint.dnp > 0.0 else 0
    front = np.linalg.matrix_power(QUARTER, quarters % 4)
    return Stage(result, field, front)


def _box(low: Floats, high: Floats) -> Floats:
    """Corners of a box, the lowest first, shape (8, 3) [mm]."""
    return np.array(list(product(*zip(low, high, strict=True))))


def _critical(result: Result) -> JointResult:
    place = result.decoupling.critical_joint
    return next(joint for joint in result.joints if (joint.row, joint.column) == (place.row, place.column))


@dataclass(frozen=True)
class Cell:
    """The cell of the critical joint, or of its image that is meshed.

    Parameters
    ----------
    elements
        Its elements, shape (m,).
    turns
        Images that complete it, shape (g, 3, 3) [-].
    plane
        Along its load.
    camera
        The eye.
    lowest
        Elements of the board are drawn that reach above [mm].
    along
        Direction of the load, shape (3,) [-].
    corners
        Of the box around what is left of it, the lowest in the cut first, shape (8, 3) [mm].
    number
        Of its place in the mesh.
    """

    elements: Bools
    turns: Floats
    plane: Plane
    camera: Camera
    lowest: float
    along: Floats
    corners: Floats
    number: int

    def shown(self, centres: Floats, regions: Ints, places: Ints) -> Bools:
        """Return which elements are drawn."""
        return np.asarray((places == self.number) & (centres[:, 2] > self.lowest))


def cell_of(stage: Stage) -> Cell:
    """Return the cell of the critical joint, to be cut along its load."""
    field, mesh, pitch = stage.field, stage.field.mesh, stage.pitch
    axis = np.array([*field.axes[field.critical], 0.0])
    turns = field.turns[np.linalg.norm(field.turns @ axis - axis, axis=1) < ON_AXIS * pitch]
    along = _load(stage.result, axis, ON_AXIS * pitch)
    up = np.array([0.0, 0.0, 1.0])
    into = np.cross(up, along)
    elements = mesh.places == field.critical
    lowest = -BELOW * pitch
    drawn = elements & (mesh.points[mesh.cells].mean(axis=1)[:, 2] > lowest)
    points = mesh.points[np.unique(mesh.cells[drawn])] - axis
    reach, deep = (float(np.abs(points @ each).max()) for each in (along, into))
    box = _box(np.array([-reach, 0.0, points[:, 2].min()]), np.array([reach, deep, points[:, 2].max()]))
    camera = Camera(atan2(along[1], along[0]) + JOINT_CAMERA.azimuth, JOINT_CAMERA.elevation)
    corners = axis + box @ np.stack([along, into, up])
    return Cell(elements, turns, Plane(axis, -into), camera, lowest, along, corners, field.critical)


def _load(result: Result, axis: Floats, near: float) -> Floats:
    """Direction of the shear force on the joint at an axis; outwards, or x, where there is none."""
    forces = [one.shear_force for one in result.joints if np.hypot(one.x - axis[0], one.y - axis[1]) < near]
    for x, y in (*forces, (float(axis[0]), float(axis[1]))):
        if np.hypot(x, y) > NO_FORCE:
            return np.asarray(np.array([x, y, 0.0]) / np.hypot(x, y))
    return np.array([1.0, 0.0, 0.0])


def without_rigid_motion(field: ArrayField, held: Bools, turns: Floats) -> Floats:
    """Return displacements less the rigid motion of some elements and their images, shape (n, 3) [mm]."""
    points, u = field.mesh.points, field.displacement
    nodes = np.unique(field.mesh.cells[held])
    there, moved = (np.concatenate([each[nodes] @ turn.T for turn in turns]) for each in (points, u))
    centre = there.mean(axis=0)

    def motions(places: Floats) -> Floats:
        x, y, z = (places - centre).T
        one, nothing = np.ones_like(x), np.zeros_like(x)
        columns = (
            (one, nothing, nothing), (nothing, one, nothing), (nothing, nothing, one),
            (nothing, -z, y), (z, nothing, -x), (-y, x, nothing),
        )  # fmt: skip
        return np.stack([np.stack(column, axis=1).ravel() for column in columns], axis=1)

    shares = np.linalg.lstsq(motions(there), moved.ravel(), rcond=None)[0]
    return np.asarray(u - (motions(points) @ shares).reshape(-1, 3))


def drawn_displacement(field: ArrayField) -> Floats:
    """Return displacements less their mean rise, which means nothing, shape (n, 3) [mm]."""
    return np.asarray(field.displacement - np.array([0.0, 0.0, field.displacement[:, 2].mean()]))


def reach_of(result: Result) -> float:
    """Return how long the largest lateral displacement of an array may be drawn [mm]."""
    return REACH * result.package.array.pitch


def deformation_factor(mesh: SolidMesh, moved: Floats, elements: Ints, reach: float) -> float:
    """Return by how much displacements are enlarged: 1, 2 or 5 times a power of ten, so that nothing folds [-].

    Parameters
    ----------
    mesh
        The mesh.
    moved
        Displacements, shape (n, 3) [mm].
    elements
        Numbers of those that are drawn.
    reach
        How long the largest lateral displacement may be drawn [mm].
    """
    cells, kind = mesh.cells[elements], kind_of(mesh.cells)
    largest = float(np.linalg.norm(moved[np.unique(cells), :2], axis=1).max())
    if largest == 0.0:
        return 1.0
    volume = kind.jacobians(mesh.points, cells).mean(axis=1)
    factor = round_factor(reach / largest)
    while True:
        share = kind.jacobians(mesh.points + factor * moved, cells).mean(axis=1) / volume
        if (share < FOLDED).mean() <= FOLDED_SHARE:
            return factor
        factor = smaller(factor)


# --- colours ----------------------------------------------------------------------------------------------------------


def coloured_values(field: ArrayField, moved: Floats, colours: Colours) -> tuple[Floats, float]:
    """Return what gives the colour at the nodes of each element, shape (m, k), and where colours end."""
    mesh = field.mesh
    if colours == "part":
        return np.zeros(mesh.cells.shape), 1.0
    if colours == "displacement":
        amount = 1e3 * np.linalg.norm(moved, axis=1)
        return amount[mesh.cells], float(amount.max()) or 1.0
    cell = mesh.places == field.critical
    volume = kind_of(mesh.cells).jacobians(mesh.points, mesh.cells[cell]).mean(axis=1)
    return _averaged(mesh, field.von_mises), percentile_by_volume(field.von_mises[cell].mean(axis=1), volume)


def _averaged(mesh: SolidMesh, values: Floats) -> Floats:
    """Means at each node over the elements of one region; nothing is averaged across an interface."""
    _, number = np.unique(mesh.cells * len(mesh.names) + mesh.regions[:, None], return_inverse=True)
    number = number.ravel()
    mean = np.bincount(number, weights=values.ravel()) / np.bincount(number)
    return np.asarray(mean[number].reshape(values.shape))


def part_colours(result: Result) -> Floats:
    """Return the colours of the regions of a resolved array's mesh, shape (regions, 3) [-]."""
    materials = joint_section(result.package).materials
    names = array_of(result).mesh.names
    return np.array([to_rgb(part_colour(name, materials[MADE_OF.get(name, name)])) for name in names])


def colour_map(colours: Colours) -> str:
    """Return the name of the colour map of a quantity."""
    return "cividis" if colours == "displacement" else "viridis"
