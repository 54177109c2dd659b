"""Condensing a joint cell to the volume means of chip and board: the joint's element in the assembly.

The cell has the pitch's area and holds chip and board to a depth of at most one pitch (`fem_wlp.joint.section.REACH`),
so that their local give under the pads is in it; it is driven by the same means over chip and board by which the
assembly's plates are attached, and the bare plates' stiffness is taken off again. Nothing is counted twice, and the
result doesn't depend on the plates' mesh.

m = 1   shift <u_x> and rotation <z' u_x>/<z'^2> of each plate prescribed as means; W = -rotation R on its wall.
m = 0   mean <u_z> of each plate prescribed; U = R (e + k z') on the wall of chip and layers, and of the board.
m = 2   U = R (e + k z'), V = -U on the same walls.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import block_diag

from ..elasticity import harmonic, solve
from ..materials.model import stiffness
from ..mesh import faces
from ..mesh.section import Grading, SectionMesh, mesh_section
from .cell import axial_order, by_region, free_strain, refuse_loose_regions, rigid_motion
from .element import JointElement
from .section import JointSection, thicker_second_layer

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

RIGID = 1e4
"""Modulus of a rigid joint, in multiples of the stiffest modulus of the section [-]."""

PLATES = ("chip", "board")


@dataclass(frozen=True)
class CellModel:
    """A meshed joint section, ready for any materials and temperature.

    Parameters
    ----------
    section
        The section.
    space
        Its mesh with shape functions.
    """

    section: JointSection
    space: harmonic.HarmonicSpace

    @property
    def mesh(self) -> SectionMesh:
        """The section mesh."""
        return self.space.mesh

    @cached_property
    def base_elements(self) -> Integers:
        """Triangles of the joint proper: between chip and board over one base region, without the second layer."""
        centre = self.mesh.points[self.mesh.triangles[:, :3], 0].mean(axis=1)
        outside = self.mesh.elements(*(name for name in ("chip", "board", "second_layer") if name in self.mesh.names))
        joint = np.ones(len(centre), dtype=bool)
        joint[outside] = False
        first = self.mesh.elements("first_layer")
        joint[first] = centre[first] < self.section.base_radius
        return np.flatnonzero(joint)


@dataclass(frozen=True)
class CellState:
    """Materials of a cell model at one temperature.

    Parameters
    ----------
    elasticity
        Stiffness of every element, shape (ne, 6, 6) [MPa].
    free
        Free strain of every element, shape (ne, 6) [-].
    since_birth
        Displacement of every element in harmonic 0 between its birth and the state from which all is counted, shape
        (ne, 18) [mm]; None: zero.
    film_strain
        In-plane strain of the chip where each layer was born on it, shape (layers,) [-]; None: zero.
    relieved
        Stress of each layer that free sides had relieved before the state from which all is counted, shape (layers,)
        [MPa]; None: zero.
    """

    elasticity: Floats
    free: Floats
    since_birth: Floats | None = None
    film_strain: Floats | None = None
    relieved: Floats | None = None

    def of(self, elements: Integers) -> CellState:
        """Return the state of some of the elements."""
        since_birth = None if self.since_birth is None else self.since_birth[elements]
        return replace(self, elasticity=self.elasticity[elements], free=self.free[elements], since_birth=since_birth)


@dataclass(frozen=True)
class Harmonic:
    """One harmonic of a condensed cell.

    Parameters
    ----------
    system
        The assembled harmonic.
    shapes
        Fields of unit generalised displacements of chip and board, shape (n, columns).
    thermal
        Field of the temperature change with chip and board held, shape (n,) [mm]; zero for m >= 1.
    pulls
        Fields of a unit stress that pulls at the wall of each layer on the side facing +x, chip and board held, shape
        (n, layers) [mm/MPa]; none for m != 1.
    residual
        Largest backward error [-].
    balance
        Forces on the free unknowns, of all these fields in this order; without the thermal field for m >= 1.
    """

    system: harmonic.HarmonicSystem
    shapes: Floats
    thermal: Floats
    pulls: Floats
    residual: float
    balance: solve.Balance


@dataclass(frozen=True)
class CellFields:
    """Displacement fields of a condensed cell.

    Parameters
    ----------
    axial, lateral, planar
        The harmonics 0, 1 and 2.
    side
        Lateral field where the layers' side facing +x is free, chip and board held, shape (n,) [mm].
    """

    axial: Harmonic
    lateral: Harmonic
    planar: Harmonic
    side: Floats

    @property
    def residual(self) -> float:
        """Largest backward error [-]."""
        return max(self.axial.residual, self.lateral.residual, self.planar.residual)


def cell_model(section: JointSection, grading: Grading) -> CellModel:
    """Mesh a joint section; its outer wall is no free edge and isn't graded."""
    return model_on(section, mesh_section(section.painting, grading, wall=section.radius))


def model_on(section: JointSection, mesh: SectionMesh) -> CellModel:
    """Return the model of a joint on a mesh; one piece, the means of chip and board hold all its rigid motions.

    Raises
    ------
    SolveError
        S507: a region that is attached to nothing.
    """
    refuse_loose_regions(mesh)
    return CellModel(section, harmonic.HarmonicSpace(mesh))


def thickened(model: CellModel, growth: float) -> CellModel:
    """Return the model with a second layer that is ``growth`` [mm] thicker, on the same, stretched mesh."""
    section, points = thicker_second_layer(model.section, model.mesh.points, growth)
    return CellModel(section, harmonic.HarmonicSpace(model.mesh.moved(points)))


def cell_state(model: CellModel, assembly: float, temperature: float) -> CellState:
    """Return elasticity and free strain of a cell at ``temperature`` [K] when assembled at ``assembly`` [K]."""
    section = model.section
    return CellState(
        by_region(model.mesh, {name: axial_order(m, temperature) for name, m in section.materials.items()}),
        by_region(
            model.mesh,
            {name: free_strain(section.free_strain(name, assembly, temperature)) for name in section.materials},
        ),
    )


def rigid_state(model: CellModel, state: CellState, temperature: float) -> CellState:
    """Return the state with every part of the joint ``RIGID`` times as stiff as the stiffest modulus.

    The rigid joint expands as the chip does, evenly: else its parts would bend it, and both plates with it.
    """
    stiffest = max(float(np.diag(stiffness(m, temperature)).max()) for m in model.section.materials.values())
    elasticity = state.elasticity.copy()
    identity = np.diag([2.0, 2.0, 2.0, 1.0, 1.0, 1.0])  # nu = 0
    elasticity[model.base_elements] = 0.5 * RIGID * stiffest * identity
    free = state.free.copy()
    free[model.base_elements] = state.free[model.mesh.elements("chip")[0]]
    return replace(state, elasticity=elasticity, free=free)


def softened_state(model: CellModel, state: CellState, factor: float) -> CellState:
    """Return the state with the moduli of every part of the joint times ``factor`` [-]."""
    elasticity = state.elasticity.copy()
    elasticity[model.base_elements] *= factor
    return replace(state, elasticity=elasticity)


def condense(
    model: CellModel, state: CellState, lateral: Harmonic | None = None, planar: Harmonic | None = None
) -> tuple[JointElement, CellFields]:
    """Condense a cell to the generalised displacements of chip and board.

    Parameters
    ----------
    model
        The meshed section.
    state
        Elasticity and free strain.
    lateral, planar
        Harmonics 1 and 2 where they are known already: they don't depend on the free strain.

    Returns
    -------
    tuple
        The joint's element and the fields by which local results are recovered.
    """
    axial = axial_fields(model, state, PLATES)
    lateral = lateral or lateral_fields(model, state, PLATES)
    planar = planar or planar_fields(model, state, PLATES)
    bare = {plate: bare_plate(model.mesh, model.section, state, plate) for plate in PLATES}
    rows, released = footprint_rows(model), -film_stress(model, state)
    side = lateral.pulls @ released
    element = JointElement(
        lateral=quadratic(lateral),
        axial=quadratic(axial) - block_diag(*(bare[plate].axial for plate in PLATES)),
        axial_load=axial.shapes.T @ axial.system.load - np.concatenate([bare[plate].axial_load for plate in PLATES]),
        planar=quadratic(planar) - block_diag(*(bare[plate].planar for plate in PLATES)),
        footprint=rows @ lateral.shapes,
        edge_load=_pull_loads(model, lateral.shapes) @ released,
        edge_footprint=rows @ side,
        height=model.section.levels.chip,
    )
    return element, CellFields(axial, lateral, planar, side)


def middles(section: JointSection) -> dict[str, float]:
    """Return the heights of the middles of the cell's portions of chip and board [mm]."""
    levels = section.levels
    return {"chip": 0.5 * (levels.chip + levels.chip_top), "board": 0.5 * levels.board_bottom}


def disc_rows(model: CellModel, one: str, other: str, radius: float) -> Floats:
    """Return rows that give the mean u_x and the rotation d u_x/d z of a disc between two regions from an m = 1 field.

    Returns
    -------
    ndarray
        Shape (2, n) [-, 1/mm].
    """
    face = faces.interface(model.mesh, one, other, within=radius)
    rows = np.zeros((2, model.space.size))
    mean = face.weights()
    rows[0, 0::3], rows[0, 1::3] = mean / 2, -mean / 2
    rows[1, 2::3] = -face.weights(power=1)
    return rows


def footprint_rows(model: CellModel) -> Floats:
    """Return rows for (u_c, psi_c, u_b, psi_b) of the footprints on chip and board, shape (4, n)."""
    section = model.section
    return np.vstack(
        [
            disc_rows(model, "chip", "first_layer", section.base_radius),
            disc_rows(model, "land", "board", section.land_radius),
        ]
    )


@dataclass(frozen=True)
class BarePlate:
    """Stiffness and thermal load of the cell's portion of a plate alone, on (w, e, k) and (e, k)."""

    axial: Floats
    axial_load: Floats
    planar: Floats


def bare_plate(mesh: SectionMesh, section: JointSection, state: CellState, plate: str) -> BarePlate:
    """Stiffness of the homogeneous plate alone: plane stress, exact for the fields that drive the cell."""
    element = int(mesh.elements(plate)[0])
    return homogeneous_plate(section, state.elasticity[element], state.free[element], plate)


def homogeneous_plate(section: JointSection, C: Floats, free: Floats, plate: str) -> BarePlate:
    """Return the cell's portion of a plate of given elasticity, shape (6, 6) [MPa], and free strain, shape (6,) [-]."""
    levels = section.levels
    thickness = levels.chip_top - levels.chip if plate == "chip" else -levels.board_bottom
    area = np.pi * section.radius**2
    biaxial = C[0, 0] + C[0, 1] - 2.0 * C[0, 2] ** 2 / C[2, 2]
    stretch = np.array([thickness, thickness**3 / 12.0]) * 2.0 * area
    return BarePlate(
        np.diag([0.0, *(biaxial * stretch)]),
        np.array([0.0, biaxial * stretch[0] * free[0], 0.0]),
        np.diag((C[0, 0] - C[0, 1]) * stretch),
    )


def quadratic(fields: Harmonic) -> Floats:
    """Return the stiffness on the generalised displacements of which a harmonic has the fields."""
    form = fields.shapes.T @ (fields.system.stiffness @ fields.shapes)
    return np.asarray(0.5 * (form + form.T))


def _volume_weights(space: harmonic.HarmonicSpace, plate: str) -> Floats:
    """Nodal integrals of the shape functions over a plate, the volume in each node, shape (nodes,) [mm^3].

    The bubbles' share of a mean is left out: the means of the plates' cells are defined by the nodal field.
    """
    elements = space.mesh.elements(plate)
    local = np.einsum("eqi,eq->ei", space.shape[elements, :, :6], space.volume[elements])
    nodes = space.mesh.triangles[elements]
    summed = np.bincount(nodes.ravel(), weights=local.ravel(), minlength=len(space.mesh.points))
    return np.asarray(summed, dtype=np.float64)


def _mean_rows(model: CellModel, plate: str) -> Floats:
    """Rows for shift <u_x> and rotation <z' u_x>/<z'^2> of a plate in harmonic 1, shape (2, n)."""
    volume = _volume_weights(model.space, plate)
    height = model.mesh.points[:, 1] - middles(model.section)[plate]
    rows = np.zeros((2, model.space.size))
    for row, weight in zip(rows, (volume / volume.sum(), volume * height / (volume @ height**2)), strict=True):
        row[0::3], row[1::3] = weight / 2, -weight / 2
    return rows


def assembled(space: harmonic.HarmonicSpace, state: CellState, m: int) -> harmonic.HarmonicSystem:
    """Assemble harmonic ``m`` of a cell; only harmonic 0 has a thermal load."""
    if m > 0:
        return harmonic.assemble(space.strain(m), state.elasticity, np.zeros_like(state.free))
    return harmonic.assemble(space.strain(m), state.elasticity, state.free, state.since_birth)


def lateral_fields(model: CellModel, state: CellState, plates: tuple[str, ...]) -> Harmonic:
    """Fields of unit (u, phi) of each plate, and of the pulls at one side with the plates held."""
    size, columns, system = model.space.size, 2 * len(plates), assembled(model.space, state, 1)
    driven = drive(model, 1, plates)
    pulls = side_pulls(model)
    constrained = solve.Constrained(
        system.stiffness,
        harmonic.axis_constraints(model.space, 1),
        driven.held,
        sums=driven.sums,
        rigid=rigid_motion(model.mesh, "lateral")[:, None],
        pins=3 * faces.wall(model.mesh, plates[-1]).nodes[:1],
    )
    nothing = np.zeros_like(pulls)
    solved = solve.solve(
        constrained,
        np.hstack([np.zeros((size, columns)), pulls]),
        np.hstack([driven.moved, nothing]),
        np.eye(columns, columns + pulls.shape[1]),
    )
    return Harmonic(
        system,
        solved.displacement[:, :columns],
        np.zeros(size),
        solved.displacement[:, columns:],
        solved.residual,
        solved.balance,
    )


def axial_fields(model: CellModel, state: CellState, plates: tuple[str, ...]) -> Harmonic:
    """Fields of unit (w, e, k) of each plate, and of the temperature change with the plates held."""
    system, size = assembled(model.space, state, 0), model.space.size
    driven = drive(model, 0, plates)
    constrained = solve.Constrained(
        system.stiffness,
        harmonic.axis_constraints(model.space, 0),
        driven.held,
        sums=driven.sums,
        rigid=rigid_motion(model.mesh, "axial")[:, None],
        pins=3 * faces.wall(model.mesh, plates[-1]).nodes[:1] + 2,
    )
    loads = np.zeros((size, 3 * len(plates) + 1))
    loads[:, -1] = system.load
    one_more = ((0, 0), (0, 1))
    solved = solve.solve(constrained, loads, np.pad(driven.moved, one_more), np.pad(driven.values, one_more))
    return Harmonic(
        system,
        solved.displacement[:, :-1],
        solved.displacement[:, -1],
        np.zeros((size, 0)),
        solved.residual,
        solved.balance,
    )


def planar_fields(model: CellModel, state: CellState, plates: tuple[str, ...]) -> Harmonic:
    """Fields of unit deviatoric in-plane strain and curvature of each plate."""
    system, size, driven = assembled(model.space, state, 2), model.space.size, drive(model, 2, plates)
    constrained = solve.Constrained(
        system.stiffness,
        harmonic.axis_constraints(model.space, 2),
        driven.held,
        sums=driven.sums,
        rigid=driven.sums.T,
        pins=np.zeros(0, dtype=np.int64),
    )
    solved = solve.solve(constrained, np.zeros_like(driven.moved), driven.moved, driven.values)
    return Harmonic(system, solved.displacement, np.zeros(size), np.zeros((size, 0)), solved.residual, solved.balance)


@dataclass(frozen=True)
class Drive:
    """How the generalised displacements of the plates drive one harmonic of a cell.

    Parameters
    ----------
    held
        Unknowns that follow them.
    moved
        Their values for unit generalised displacements, zero elsewhere, shape (n, columns).
    sums, values
        Means over the plates C u = values, shapes (c, n) and (c, columns).
    """

    held: Integers
    moved: Floats
    sums: Floats
    values: Floats


def drive(model: CellModel, m: int, plates: tuple[str, ...] = PLATES) -> Drive:
    """Return how the plates drive harmonic ``m`` of a cell: (u, phi), (w, e, k) or (e, k) of each plate."""
    mesh, section, size = model.mesh, model.section, model.space.size
    columns = len(plates) * {0: 3, 1: 2, 2: 2}[m]
    moved, held, sums, values = np.zeros((size, columns)), [], np.zeros((0, size)), np.zeros((0, columns))
    if m == 1:
        for number, plate in enumerate(plates):
            held.append(3 * faces.wall(mesh, plate).nodes + 2)
            moved[held[-1], 2 * number + 1] = -section.radius
        sums, values = np.vstack([_mean_rows(model, plate) for plate in plates]), np.eye(columns)
    elif m == 0:
        held.append(3 * np.arange(len(mesh.points)) + 1)
        sums, values = np.zeros((len(plates), size)), np.zeros((len(plates), columns))
        for number, plate in enumerate(plates):
            nodes, height = _walls(mesh, section, plate)
            held.append(3 * nodes)
            moved[3 * nodes, 3 * number + 1] = section.radius
            moved[3 * nodes, 3 * number + 2] = section.radius * height
            volume = _volume_weights(model.space, plate)
            sums[number, 2::3] = volume / volume.sum()
            values[number, 3 * number] = 1.0
    else:
        for number, plate in enumerate(plates):
            nodes, height = _walls(mesh, section, plate)
            held += [3 * nodes, 3 * nodes + 1]
            for column, value in ((2 * number, 1.0), (2 * number + 1, height)):
                moved[3 * nodes, column] = section.radius * value
                moved[3 * nodes + 1, column] = -section.radius * value
    return Drive(np.concatenate(held), moved, sums, values)


def _walls(mesh: SectionMesh, section: JointSection, plate: str) -> tuple[Integers, Floats]:
    """Wall nodes that follow a plate's in-plane strain, with heights over its mid-plane; layers go with the chip."""
    nodes = faces.wall(mesh, plate, *(layers_of(mesh) if plate == "chip" else [])).nodes
    return nodes, mesh.points[nodes, 1] - middles(section)[plate]


def layers_of(mesh: SectionMesh) -> list[str]:
    """Layers of the section."""
    return [name for name in ("first_layer", "second_layer") if name in mesh.names and len(mesh.elements(name))]


def film_levels(section: JointSection, name: str) -> tuple[float, float]:
    """Return the heights of a layer's lower and upper face [mm]."""
    levels = section.levels
    return (levels.first_layer, levels.chip) if name == "first_layer" else (levels.free_end, levels.first_layer)


def film_stress(model: CellModel, state: CellState) -> Floats:
    """In-plane stress M (e_chip - e_free), M = E/(1 - nu), of each layer on a chip that expands freely [MPa].

    Counted from when the layer was born on the chip; less what free sides have relieved already.
    """
    chip_strain = state.free[int(model.mesh.elements("chip")[0]), 0]
    layers = layers_of(model.mesh)
    born = np.zeros(len(layers)) if state.film_strain is None else state.film_strain
    stress = np.zeros(len(layers)) if state.relieved is None else -state.relieved
    for number, name in enumerate(layers):
        element = int(model.mesh.elements(name)[0])
        C, free = state.elasticity[element], state.free[element]
        modulus = C[0, 0] + C[0, 1] - 2.0 * C[0, 2] ** 2 / C[2, 2]
        stress[number] += modulus * (chip_strain - born[number] - free[0])
    return stress


def side_pulls(model: CellModel) -> Floats:
    """Nodal forces of a unit stress that pulls at each layer's wall on the side facing +x, shape (n, layers) [N/MPa].

    Inside an array a layer's wall carries the film stress. At a free side it vanishes: its negative pulls there. The
    quarter of the cell's circumference that faces +x stands for the side of the pitch, and of what it exerts harmonic 1
    is taken; the chip takes the force up at its lower face.
    """
    mesh, layers = model.mesh, layers_of(model.mesh)
    pitch = np.sqrt(np.pi) * model.section.radius
    forces = np.zeros((len(mesh.points), 3, len(layers)))
    for column, name in enumerate(layers):
        face = faces.wall(mesh, name)
        force = pitch * face.length * face.weights()
        # its work on u_x = U cos^2 - V sin^2, -pi/4 < theta < pi/4
        forces[:, 0, column] = (0.5 + 1.0 / np.pi) * force
        forces[:, 1, column] = -(0.5 - 1.0 / np.pi) * force
    forces[_lowest_of_the_chip(mesh)] -= forces.sum(axis=0)
    return forces.reshape(-1, len(layers))


def _pull_loads(model: CellModel, shapes: Floats) -> Floats:
    """Generalised forces of these pulls on (u_c, phi_c, u_b, phi_b), shape (4, layers) [N/MPa, N mm/MPa].

    By reciprocity they work on how the wall moves against a chip that shifts and tilts as a whole: a layer that only
    follows its chip does no work.
    """
    pulls = side_pulls(model)
    loads = shapes.T @ pulls
    height = float(model.mesh.points[_lowest_of_the_chip(model.mesh), 1])
    loads[1] -= rigid_motion(model.mesh, "rocking", height) @ pulls
    return np.asarray(loads)


def _lowest_of_the_chip(mesh: SectionMesh) -> int:
    """Node of the chip's wall at its lower face."""
    wall = faces.wall(mesh, "chip").nodes
    return int(wall[np.argmin(mesh.points[wall, 1])])
