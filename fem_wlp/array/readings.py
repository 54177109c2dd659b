"""What is read from the fields of a resolved array: footprints, forces, budgets, means, and the bow of both plates.

    delta = u_board - u_chip + H (psi_board + psi_chip)/2,      psi = -grad u_z, the least-squares plane of a footprint

u is the mean over the land's footprint on the board's upper face, and over the base region's on the chip's lower
face. A joint's force is the sum of the nodal forces that the elements above ask of the nodes on its land: equilibrium
of the discrete model, with no stress smoothed.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Literal

import numpy as np

from ..assembly.shape import Shape, levelled
from ..errors import MeshError
from ..joint.condense import middles
from ..joint.recover import equivalent_strain, von_mises
from ..joint.section import CHIP_DEPTH, RING_WIDTH, JointSection
from ..mesh.solid import Bools, Floats, Ints
from ..solid.operator import Operator, energies, nodal_forces, places_of, strains_of, stresses_of, volumes_of
from .sector import Sector
from .surfaces import Surface, level_surface

RADII, ANGLES = 24, 32
"""Points along the radius and round the circle by which a disc is averaged [-]."""


@dataclass(frozen=True)
class Field:
    """A displacement field of a meshed part of a package at one temperature.

    Parameters
    ----------
    sector
        The meshed part.
    operator
        Its stiffness.
    free
        Free strain of every region, Voigt, shape (regions, 6) [-].
    u
        Displacement of the nodes, shape (n, 3) [mm].
    before
        What each element's nodes went through before, from its birth to where u counts from, shape (m, k, 3) [mm];
        None where everything was born there.
    """

    sector: Sector
    operator: Operator
    free: Floats
    u: Floats
    before: Floats | None = None

    @property
    def since_birth(self) -> Floats:
        """Displacement that strains: of the nodes (n, 3), or of each element's own since its birth (m, k, 3) [mm]."""
        return self.u if self.before is None else self.u[self.sector.mesh.cells] + self.before

    def since_birth_of(self, name: str) -> Field:
        """Return the field with the displacement since birth at the nodes of a region that was born once, as a whole.

        It has shapes to be read, no stresses.
        """
        if self.before is None:
            return self
        within, u = self.sector.mesh.within(name), self.u.copy()
        cells = self.sector.mesh.cells[within]
        u[cells] = self.u[cells] + self.before[within]
        return replace(self, u=u, before=None)

    def strains(self, elements: Bools | Ints | None = None) -> Floats:
        """Return the strain since birth at the quadrature points of some elements, shape (s, q, 6) [-]."""
        return strains_of(self.operator, self.since_birth, elements)[0]

    def stresses(self, elements: Bools | Ints | None = None) -> Floats:
        """Return the stress at the quadrature points of some elements, shape (s, q, 6) [MPa]."""
        return stresses_of(self.operator, self.strains(elements), self.free, elements)


@dataclass(frozen=True)
class JointReadings:
    """What all joints do; may be subtracted from each other.

    Parameters
    ----------
    chip, board
        Mean displacement of the footprints, shape (n, 3) [mm].
    chip_tilt, board_tilt
        Their rotation psi as d u/d z, shape (n, 2) [rad].
    force
        Of the board on the joint, shape (n, 3) [N].
    moment
        Of the joint's lower on its upper half at mid-height, about x, y, z, shape (n, 3) [N mm].
    height
        H, between the footprints [mm].
    """

    chip: Floats
    board: Floats
    chip_tilt: Floats
    board_tilt: Floats
    force: Floats
    moment: Floats
    height: float

    @property
    def pad_to_pad(self) -> Floats:
        """Displacement of the board's footprint less the chip's, shape (n, 2) [mm]."""
        return np.asarray(self.board[:, :2] - self.chip[:, :2])

    @property
    def shift(self) -> Floats:
        """What the joints deform by: pad to pad, the mean tilt of both footprints taken off, shape (n, 2) [mm]."""
        return self.pad_to_pad + 0.5 * self.height * (self.chip_tilt + self.board_tilt)

    @property
    def shear_force(self) -> Floats:
        """Of the board on the joint, shape (n, 2) [N]."""
        return self.force[:, :2]

    @property
    def axial_force(self) -> Floats:
        """Tension positive, shape (n,) [N]."""
        return np.asarray(-self.force[:, 2])

    def __sub__(self, other: JointReadings) -> JointReadings:
        arrays = [item.name for item in fields(self) if item.name != "height"]
        return replace(self, **{name: getattr(self, name) - getattr(other, name) for name in arrays})


@dataclass(frozen=True)
class Gauges:
    """Where a meshed part of a package is read: prepared once, for any field on its mesh.

    Parameters
    ----------
    sector
        The meshed part.
    joints
        Axes of all joints of the package, shape (n, 2) [mm].
    rigid
        Where the joints are rigid and have no elements, the place of the one that each node is of, -1 for none, shape
        (nodes,).
    """

    sector: Sector
    joints: Floats
    rigid: Ints | None = None

    @cached_property
    def chip(self) -> Surface:
        """The base regions' footprints on the chip's lower face."""
        section = self.sector.section
        return level_surface(
            self.sector,
            self.sector.mesh.within("chip"),
            section.levels.chip,
            section.base_radius,
            "the base regions' footprints",
        )

    @cached_property
    def board(self) -> Surface:
        """The lands' footprints on the board's upper face."""
        return level_surface(
            self.sector, self.sector.mesh.within("board"), 0.0, self.sector.section.land_radius, "the lands' footprints"
        )

    @cached_property
    def contact(self) -> tuple[Ints, Ints, Ints]:
        """Nodes between lands and what stands on them, the place of each, and the elements above that have them.

        Of rigid joints those between chip with layers and joints: what the chip asks of a joint comes from the board.
        """
        mesh = self.sector.mesh
        place = np.full(len(mesh.points), -1) if self.rigid is None else self.rigid
        if self.rigid is None:
            lands = np.flatnonzero(mesh.within("land"))
            place[mesh.cells[lands]] = mesh.places[lands, None]
        above = np.flatnonzero(self.sector.chip_side)
        above = above[(place[mesh.cells[above]] >= 0).any(axis=1)]
        touched = np.unique(mesh.cells[above])
        nodes = touched[place[touched] >= 0]
        return nodes, place[nodes], above

    @cached_property
    def images(self) -> tuple[Ints, Floats]:
        """Of which place each joint is the image, and by which turn."""
        return self.sector.images(self.joints)


def read_joints(gauges: Gauges, field: Field) -> JointReadings:
    """Read the footprints and the forces of all joints of a package.

    Raises
    ------
    MeshError
        E403: a footprint without faces, or a joint that is no image of a meshed one.
    """
    return _spread(gauges, field.u, field.u, *_forces(gauges, field))


def read_severed(gauges: Gauges, chip: Floats, board: Floats) -> JointReadings:
    """Read the footprints where chip and board move without each other; no forces pass.

    Parameters
    ----------
    gauges
        Where to read.
    chip, board
        Displacement of the nodes on the chip's side and on the board's, each shape (n, 3) [mm].
    """
    nothing = np.zeros((len(gauges.sector.axes), 3))
    return placed(_spread(gauges, chip, board, nothing, nothing), gauges.joints)


def placed(readings: JointReadings, joints: Floats) -> JointReadings:
    """Place a chip that nothing holds as `fem_wlp.assembly.severed` does.

    Its rigid motion is such that the shifts of all joints and their changes of distance are free, in the mean of least
    squares, of rigid shift and rotation. Where mirror planes hold the chip, only its distance changes.

    Parameters
    ----------
    readings
        Of chip and board side by side.
    joints
        Axes of the joints, shape (n, 2) [mm].
    """
    (x, y), one, nothing = joints.T, np.ones(len(joints)), np.zeros(len(joints))
    # motions of the chip's face: along x, y, z, and d u_x/d z, d u_y/d z, d u_y/d x
    face = np.array(
        [
            (one, nothing, nothing, nothing, nothing, -y),
            (nothing, one, nothing, nothing, nothing, x),
            (nothing, nothing, one, -x, -y, nothing),
        ]
    )
    tilt = np.array(
        [(nothing, nothing, nothing, one, nothing, nothing), (nothing, nothing, nothing, nothing, one, nothing)]
    )
    mismatch = np.vstack([readings.shift.T, (readings.board[:, 2] - readings.chip[:, 2])[None]])
    change = -face
    change[:2] += 0.5 * readings.height * tilt
    motion = np.linalg.lstsq(
        np.einsum("can,cbn->ab", face, change), -np.einsum("can,cn->a", face, mismatch), rcond=1e-10
    )[0]
    return replace(
        readings,
        chip=readings.chip + np.einsum("can,a->nc", face, motion),
        chip_tilt=readings.chip_tilt + np.einsum("can,a->nc", tilt, motion),
    )


def _spread(gauges: Gauges, upper: Floats, lower: Floats, force: Floats, moment: Floats) -> JointReadings:
    """Footprints, forces and moments of all joints, from those of the meshed places."""
    place, turn = gauges.images
    chip, chip_tilt = _footprints(gauges, gauges.chip, upper)
    board, board_tilt = _footprints(gauges, gauges.board, lower)
    axial = np.linalg.det(turn)[:, None]  # a moment is an axial vector

    def turned(vectors: Floats) -> Floats:
        size = vectors.shape[1]
        return np.asarray(np.einsum("nij,nj->ni", turn[:, :size, :size], vectors[place]))

    return JointReadings(
        turned(chip),
        turned(board),
        turned(chip_tilt),
        turned(board_tilt),
        turned(force),
        axial * turned(moment),
        gauges.sector.section.levels.chip,
    )


def _footprints(gauges: Gauges, surface: Surface, u: Floats) -> tuple[Floats, Floats]:
    """Mean displacement (k, 3) and tilt (k, 2) of one footprint a place, completed by its mirror images."""
    sector, mesh = gauges.sector, gauges.sector.mesh
    place = mesh.places[surface.elements]
    values = surface.values(mesh, u)
    arm = surface.points[..., :2] - sector.axis_of[surface.elements][:, None]
    base = np.concatenate([np.ones_like(arm[..., :1]), arm], axis=2)
    count = len(sector.axes)
    normal, rise, sums = np.zeros((count, 3, 3)), np.zeros((count, 3)), np.zeros((count, 3))
    np.add.at(normal, place, np.einsum("fq,fqa,fqb->fab", surface.areas, base, base))
    np.add.at(rise, place, np.einsum("fq,fqa,fq->fa", surface.areas, base, values[..., 2]))
    np.add.at(sums, place, np.einsum("fq,fqc->fc", surface.areas, values))
    mean, tilt = np.zeros((count, 3)), np.zeros((count, 2))
    for number in range(count):
        turns = sector.stabiliser(number)
        plane = np.tile(np.eye(3), (len(turns), 1, 1))
        plane[:, 1:, 1:] = turns[:, :2, :2]
        whole = np.einsum("gij,jk,glk->il", plane, normal[number], plane)
        if not whole[0, 0] > 0.0:
            raise MeshError("E403", "a joint has no footprint on chip or board", hint="mesh with faces there")
        mean[number] = turns.sum(axis=0) @ sums[number] / whole[0, 0]
        tilt[number] = -np.linalg.solve(whole, plane.sum(axis=0) @ rise[number])[1:]
    return mean, tilt


def _forces(gauges: Gauges, field: Field, below: bool = False) -> tuple[Floats, Floats]:
    """Force (k, 3) and moment at mid-height (k, 3) on the upper half of one joint a place, completed.

    By the stresses above the cut at its land, or below it.
    """
    sector = gauges.sector
    nodes, place, elements = gauges.contact
    sign = 1.0
    if below:
        touching = np.isin(sector.mesh.cells, nodes).any(axis=1)
        elements, sign = np.flatnonzero(touching & ~sector.chip_side), -1.0
    on_node = sign * nodal_forces(field.operator, field.since_birth, field.free, elements)[nodes]
    arm = sector.mesh.points[nodes] - [0.0, 0.0, 0.5 * sector.section.levels.chip]
    arm[:, :2] -= sector.axes[place]
    count = len(sector.axes)
    force, moment = np.zeros((count, 3)), np.zeros((count, 3))
    np.add.at(force, place, on_node)
    np.add.at(moment, place, np.cross(arm, on_node))
    for number in range(count):
        turns = sector.stabiliser(number)
        force[number] = turns.sum(axis=0) @ force[number]
        moment[number] = np.einsum("g,gij->ij", np.linalg.det(turns), turns) @ moment[number]
    return force, moment


def section_gap(gauges: Gauges, field: Field, readings: JointReadings) -> tuple[float, float]:
    """Return how far what was read of the joints is from the stresses below the cuts at their lands.

    Returns
    -------
    tuple
        Of the forces, relative to the largest of a joint; of the moments, relative to the largest at a joint's end [-].
    """
    below = _spread(gauges, field.u, field.u, *_forces(gauges, field, below=True))
    force = np.linalg.norm(readings.force, axis=1)
    at_ends = np.linalg.norm(readings.moment, axis=1) + 0.5 * readings.height * force
    gaps = (
        float(np.abs(one - other).max()) / max(float(largest.max()), 1e-300)
        for one, other, largest in (
            (readings.force, below.force, force),
            (readings.moment, below.moment, at_ends),
        )
    )
    forces, moments = gaps
    return forces, moments


def disc_mean(field: Field, axis: Floats, height: float, radius: float) -> Floats:
    """Return the mean displacement of a horizontal disc about a joint's axis, wherever in the package, shape (3,)."""
    gauss, weight = np.polynomial.legendre.leggauss(RADII)
    r = 0.5 * radius * (1.0 + gauss)
    theta = (np.arange(ANGLES) + 0.5) * 2.0 * np.pi / ANGLES
    x, y = (axis[k] + np.outer(r, circle(theta)) for k, circle in enumerate((np.cos, np.sin)))
    points = np.stack([x, y, np.full_like(x, height)], axis=2).reshape(-1, 3)
    values = field.sector.values(field.u, points).reshape(RADII, ANGLES, 3).mean(axis=1)
    return np.asarray((r * weight) @ values / (r * weight).sum())


def interface_shifts(
    field: Field, readings: JointReadings, joint: int, axis: Floats, along: Floats
) -> dict[str, float]:
    """Return the mean displacement along the load of the lower face of every part, from the chip to the land [mm].

    The same discs, names and order as `fem_wlp.joint.recover.interface_shifts`; the joint's mean tilt is taken off.

    Parameters
    ----------
    field
        The field.
    readings
        Its readings.
    joint
        Number of the joint.
    axis
        Its axis, shape (2,) [mm].
    along
        Unit vector along the joint's shift, shape (2,) [-].
    """
    tilt = 0.5 * float((readings.chip_tilt[joint] + readings.board_tilt[joint]) @ along)
    discs = _discs(field.sector.section, "cylinder" in field.sector.mesh.names)
    inner = {
        name: float(disc_mean(field, axis, height, radius)[:2] @ along) - height * tilt
        for name, (height, radius) in discs.items()
    }
    chip, board = (float(side[joint, :2] @ along) for side in (readings.chip, readings.board))
    return {"chip": chip - readings.height * tilt, **inner, "land": board}


def _discs(section: JointSection, has_cylinder: bool) -> dict[str, tuple[float, float]]:
    """Height and radius of the lower face of every part between the footprints [mm]."""
    levels, (upper, lower) = section.levels, section.contact_radii
    discs = {"first_layer": (levels.first_layer, section.base_radius)}
    if has_cylinder:
        discs["base_region"] = (levels.base_region, section.cylinder_radii[0])
        discs["cylinder"] = (levels.free_end, upper)
    else:
        discs["base_region"] = (levels.free_end, upper)
    discs["ball"] = (levels.land, lower)
    return discs


def energy_budget(field: Field, chip: Floats, board: Floats, place: int) -> dict[str, float]:
    """Return the share of every region of one joint's cell in the strain energy of its mechanical load; sums to 1.

    Parameters
    ----------
    field
        Any field with the stiffness.
    chip, board
        Displacement under the mechanical load, free of thermal strain, on the chip's side and on the board's, each
        shape (n, 3) [mm].
    place
        Place number of the joint.
    """
    sector, mesh = field.sector, field.sector.mesh
    nothing = np.zeros((len(mesh.names), 6))
    by_region = np.zeros(len(mesh.names))
    for u, side in ((chip, sector.chip_side), (board, ~sector.chip_side)):
        numbers = np.flatnonzero(side & (mesh.places == place))
        energy = energies(field.operator, u, nothing, numbers)
        by_region += np.bincount(mesh.regions[numbers], weights=energy, minlength=len(mesh.names))
    total = float(by_region.sum())
    return {name: float(energy) / total for name, energy in zip(mesh.names, by_region, strict=True) if energy > 0.0}


def chip_stress(fields: list[Field], place: int) -> float:
    """Return the mean von Mises stress in the chip's disc below a base region, of its change over a cycle [MPa]."""
    sector = fields[0].sector
    elements = _of_joint(sector, place, "chip")
    stress = [field.stresses(elements) for field in fields]
    top = sector.section.levels.chip + CHIP_DEPTH
    return _mean(fields[0], elements, von_mises(_change(stress)), 0.0, sector.section.base_radius, top)


def interconnect_strain(fields: list[Field], place: int) -> float:
    """Return the mean equivalent strain in the outermost ring of a base region, of its change over a cycle [-]."""
    sector = fields[0].sector
    elements = _of_joint(sector, place, "base_region")
    strain = [field.strains(elements) for field in fields]
    outer = sector.section.base_radius
    return _mean(fields[0], elements, equivalent_strain(_change(strain)), max(outer - RING_WIDTH, 0.0), outer, np.inf)


def cylinder_shear_strain(fields: list[Field], place: int) -> float | None:
    """Return a cylinder's mean shear strain off the neutral point, of its change over a cycle [-]; None without one.

    Its amount; only the component in the vertical plane through the neutral point has a mean on half a joint too.
    """
    sector = fields[0].sector
    if "cylinder" not in sector.mesh.names:
        return None
    elements = _of_joint(sector, place, "cylinder")
    x, y = sector.axes[place] / np.linalg.norm(sector.axes[place])
    strain = _change([field.strains(elements) for field in fields])
    return abs(_mean(fields[0], elements, x * strain[..., 4] + y * strain[..., 3], 0.0, np.inf, np.inf))


def ball_stress(fields: list[Field], place: int) -> dict[str, float]:
    """Return the mean von Mises stress of each part of a ball, of its change over a cycle [MPa]."""
    found = {}
    for name in fields[0].sector.section.ball_parts:
        if "fillet" not in name:
            elements = _of_joint(fields[0].sector, place, name)
            stress = [field.stresses(elements) for field in fields]
            found[name] = _mean(fields[0], elements, von_mises(_change(stress)), 0.0, np.inf, np.inf)
    return found


def nodal_von_mises(field: Field) -> Floats:
    """Return von Mises stress at the nodes of each element, not averaged across elements, shape (m, k) [MPa].

    Stresses at the quadrature points are fitted by a linear function in each element.
    """
    element = field.sector.element
    at_points, at_nodes = (np.column_stack([np.ones(len(x)), x]) for x in (element.points, element.nodes))
    spread = at_nodes @ np.linalg.pinv(at_points)
    stress = field.stresses()
    return np.asarray(von_mises(np.einsum("kq,eqa->eka", spread, stress, optimize=True)))


def deflections(field: Field, outline: tuple[float, float], height: float, steps: tuple[int, int]) -> Shape:
    """Return the deflection of a plane of a plate within a centred outline, its mean plane taken off.

    Parameters
    ----------
    field
        The field.
    outline
        Width and length [mm].
    height
        Of the plane [mm].
    steps
        Half the number of intervals along x and y [-].
    """
    x, y = (0.5 * side * np.arange(-n, n + 1) / n for side, n in zip(outline, steps, strict=True))
    grid = np.stack([*np.meshgrid(x, y, indexing="ij"), np.full((len(x), len(y)), height)], axis=2)
    # a quarter or an eighth of the grid has all its values where the package has the symmetry
    unique, inverse = np.unique(_folded(field.sector, grid.reshape(-1, 3)), axis=0, return_inverse=True)
    rise = field.sector.values(field.u, unique)[:, 2][inverse.ravel()]
    return levelled(x, y, rise.reshape(len(x), len(y)))


def warpage(field: Field, plate: Literal["chip", "board"], outline: tuple[float, float], pitch: float) -> float:
    """Return the warpage of chip or board within the chip's outline since it was flat [mm].

    Parameters
    ----------
    field
        The field.
    plate
        Which one.
    outline
        Width and length [mm].
    pitch
        Of the joints [mm].
    """
    steps = (max(2, round(outline[0] / pitch)), max(2, round(outline[1] / pitch)))
    height = middles(field.sector.section)[plate]
    return deflections(field.since_birth_of(plate), outline, height, steps).warpage


def _folded(sector: Sector, points: Floats) -> Floats:
    """Of each point that image which comes last in the order of x and y."""
    images = np.round(np.einsum("gji,pj->gpi", sector.turns, points), 12)
    best = images[0]
    for image in images[1:]:
        later = (image[:, 0] > best[:, 0]) | ((image[:, 0] == best[:, 0]) & (image[:, 1] > best[:, 1]))
        best = np.where(later[:, None], image, best)
    return np.asarray(best)


def _change(values: list[Floats]) -> Floats:
    return values[-1] - values[0] if len(values) > 1 else values[0]


def _of_joint(sector: Sector, place: int, name: str) -> Ints:
    return np.flatnonzero(sector.mesh.within(name) & (sector.mesh.places == place))


def _mean(field: Field, elements: Ints, values: Floats, inner: float, outer: float, top: float) -> float:
    """Volume mean over the quadrature points in a range of distances from the joint's axis and below a height."""
    sector = field.sector
    points = places_of(field.operator, elements)
    weights = volumes_of(field.operator, elements) * sector.mesh.shares[elements, None]
    radius = np.linalg.norm(points[..., :2] - sector.axis_of[elements][:, None], axis=2)
    weights = weights * ((radius > inner) & (radius < outer) & (points[..., 2] < top))
    if not weights.sum() > 0.0:
        raise MeshError("E402", "no element lies where a mean is to be taken", hint="mesh more finely")
    return float((weights * values).sum() / weights.sum())
