"""A meshed part of a package with materials and supports: joined, severed at its lands, and with rigid joints."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..assembly.balance import amount_of_moments
from ..joint.section import MADE_OF, JointSection
from ..materials.model import stiffness
from ..mesh.solid import Bools, Floats, Ints, SolidMesh, Ties
from ..package.model import Package
from ..solid.operator import amounts, energies, locked_energy, memory_load, nodal_forces, operator, thermal_load
from ..solid.solve import THIS_PROCESS, Displacement, LinearSolver, Method, Progress, Workshop, solver
from ..solid.supports import rigid_motions_of
from .frame import Frame, frame_of
from .readings import Field, Gauges, read_joints
from .sector import NEAR, Sector

TOLERANCE = 1e-9
"""Relative residual asked of an iterative solution [-]."""

BALANCED = 1e-6
"""Largest imbalance of forces or energies that passes, of solutions by iteration [-]."""

LOST = 1e-3
"""Largest imbalance that passes as round-off: a tenth of the error of discretisation that is usual in 3D [-]."""

TOLD = 10
"""Every so many iterations are told [-]."""


@dataclass(frozen=True)
class Materials:
    """Materials of a mesh at one temperature.

    Parameters
    ----------
    temperature
        [K].
    tensors
        Stiffness of every region, Voigt xx, yy, zz, yz, xz, xy, shape (regions, 6, 6) [MPa].
    free
        Free strain of every region, shape (regions, 6) [-].
    before
        What each element's nodes went through before, from its birth to where displacements count from, shape
        (m, k, 3) [mm]; None where everything was born there.
    """

    temperature: float
    tensors: Floats
    free: Floats
    before: Floats | None = None

    def of(self, elements: Bools | Ints) -> Materials:
        """Return the materials of some of a mesh's elements."""
        return self if self.before is None else replace(self, before=self.before[elements])


@dataclass(frozen=True)
class Solved:
    """Fields at every service temperature, in the frame of `fem_wlp.array.frame`, and how they were found.

    Parameters
    ----------
    fields
        One a temperature.
    answers
        What the solver says of each system that was solved.
    """

    fields: tuple[Field, ...]
    answers: tuple[Displacement, ...]

    @property
    def residual(self) -> float:
        """Largest relative residual [-]."""
        return max(answer.residual for answer in self.answers)

    @property
    def iterations(self) -> tuple[int, ...]:
        """Of every system [-]."""
        return tuple(answer.iterations for answer in self.answers)


@dataclass(frozen=True)
class Severed:
    """Displacements with every joint severed at its land.

    Parameters
    ----------
    sides
        At every temperature the displacement of the nodes on the chip's side and of those on the board's, each in its
        own frame, shape (n, 3) [mm]; nan elsewhere.
    answers
        What the solver says of each system that was solved.
    """

    sides: tuple[tuple[Floats, Floats], ...]
    answers: tuple[Displacement, ...]


def materials_at(section: JointSection, names: Sequence[str], assembly: float, temperature: float) -> Materials:
    """Return stiffness and free strains of the regions of a mesh.

    Unlike in the joint cell of revolution, silicon and board keep their own constants along x and y.

    Parameters
    ----------
    section
        Materials and hosts of the joint's parts.
    names
        Regions of the mesh.
    assembly, temperature
        At which chip and board are free of stress, and at which they are looked at [K].
    """
    tensors, free = np.zeros((len(names), 6, 6)), np.zeros((len(names), 6))
    for number, name in enumerate(names):
        made_of = MADE_OF.get(name, name)
        tensors[number] = stiffness(section.materials[made_of], temperature)
        free[number, :3] = section.free_strain(made_of, assembly, temperature)
    return Materials(temperature, tensors, free)


def service_states(package: Package, sector: Sector) -> tuple[Materials, ...]:
    """Return the materials of a package's mesh at every service temperature."""
    temperatures = package.temperatures
    return tuple(
        materials_at(sector.section, sector.mesh.names, temperatures.assembly, temperature)
        for temperature in temperatures.points
    )


def joints_proper(sector: Sector) -> Bools:
    """Return which elements are the joints', everything between chip and board over the base regions, shape (m,).

    As in `fem_wlp.joint.condense.CellModel.base_elements` the second layer is no part of them, and of the first layer
    only what lies over the base region is.
    """
    mesh = sector.mesh
    others = mesh.within(*(name for name in ("chip", "board", "second_layer") if name in mesh.names))
    if "first_layer" in mesh.names:
        distance = np.linalg.norm(sector.centres[:, :2] - sector.axis_of, axis=1)
        others |= mesh.within("first_layer") & ~(distance < sector.section.base_radius)  # nan beyond the cells
    return ~others


def with_rigid_joints(gauges: Gauges) -> Gauges:
    """Return the same places on the mesh without the joints, where each joint's nodes move as one rigid body.

    It expands with the chip, evenly: else it would bend, and both plates with it.
    """
    sector = gauges.sector
    whole, inside = sector.mesh, joints_proper(sector)
    mesh, nodes = part_of(whole, ~inside)
    joint = np.full(len(whole.points), -1)
    cells = whole.cells[inside]
    for numbers in (cells, cells if whole.ties is None else whole.ties.master[cells]):
        joint[numbers] = whole.places[inside, None]
    return Gauges(replace(sector, mesh=mesh), gauges.joints, joint[nodes])


def part_of(mesh: SolidMesh, elements: Bools | Ints) -> tuple[SolidMesh, Ints]:
    """Return the mesh of some of its elements, and the number in the whole mesh of each of its nodes.

    Nodes whose unknowns move others are among them, also where they are no element's.
    """
    cells = mesh.cells[elements]
    nodes = np.unique(cells if mesh.ties is None else [cells, mesh.ties.master[cells]])
    _, first, twins = np.unique(mesh.twins[elements], return_index=True, return_inverse=True)
    ties = mesh.ties
    if ties is not None:
        number = np.full(len(mesh.points), -1)
        number[nodes] = np.arange(len(nodes))
        ties = Ties(number[ties.master[nodes]], ties.frame[nodes], ties.frames)
    part = replace(
        mesh,
        points=mesh.points[nodes],
        cells=np.searchsorted(nodes, cells),
        regions=mesh.regions[elements],
        places=mesh.places[elements],
        twins=first[twins],
        shares=mesh.shares[elements],
        ties=ties,
    )
    return part, nodes


def supports(sector: Sector, besides: Bools | None = None) -> Bools:
    """Return which unknowns are held: normal motion on the mirror planes, and what rigid motion these leave.

    The rest is held at up to three nodes, so that supports never carry a force.

    Parameters
    ----------
    sector
        Mesh, one body, and symmetries.
    besides
        What is held besides, in the unknowns' frames, shape (n, 3).

    Returns
    -------
    ndarray
        Shape (n, 3), in the unknowns' frames.
    """
    held = _on_mirrors(sector)
    if besides is not None:
        held |= besides
    left = rigid_motions_of(sector.mesh).reshape(-1, 6)
    middle, along, across = _three_nodes(sector.mesh)
    for node, component in (
        (middle, 2), (middle, 0), (middle, 1), (along, 1), (along, 2), (across, 2),
    ):  # fmt: skip
        row = 3 * node + component
        if _resists(left, held, row):
            held.ravel()[row] = True
    return held


def _on_mirrors(sector: Sector) -> Bools:
    """Unknowns along the normals of the mirror planes that a node lies on, shape (n, 3)."""
    planes = []
    for turn in sector.turns:
        if np.trace(turn) < 0.5 or np.linalg.det(turn) > 0.0:
            continue  # no mirror
        normal = np.linalg.eigh(0.5 * (turn + turn.T))[1][:, 0]
        planes.append((normal, np.abs(sector.mesh.points @ normal) < NEAR * sector.extent))
    return along_normals(sector.mesh, planes)


def along_normals(mesh: SolidMesh, planes: Sequence[tuple[Floats, Bools]]) -> Bools:
    """Return the unknowns along the normals of the planes that a node lies on, shape (n, 3).

    Parameters
    ----------
    mesh
        The mesh.
    planes
        Normal, shape (3,), and the nodes that lie on it, shape (n,), of each.
    """
    frames = np.eye(3)[None] if mesh.ties is None else mesh.ties.frames
    frame = np.zeros(len(mesh.points), dtype=np.int64) if mesh.ties is None else mesh.ties.frame
    span = np.zeros((len(mesh.points), 3, 3))
    for normal, on_plane in planes:
        span[on_plane] += np.outer(normal, normal)
    held = np.zeros((len(mesh.points), 3), dtype=bool)
    touched = np.flatnonzero(span.any(axis=(1, 2)))
    values, vectors = np.linalg.eigh(span[touched])
    normals = vectors * (values > 0.1)[:, None]  # columns: a basis of the normals
    for component in range(3):
        direction = frames[frame[touched]][:, :, component]
        inside = np.linalg.norm(np.einsum("nij,ni->nj", normals, direction), axis=1)
        held[touched, component] = inside > 1.0 - 1e-9
    return held


def _resists(motions: Floats, held: Bools, row: int) -> bool:
    """Whether holding one more unknown takes away a rigid motion that is left."""
    rows = motions[np.flatnonzero(held.ravel())]
    scale = np.abs(motions).max(axis=0)
    before = np.linalg.matrix_rank(rows.T @ rows / np.outer(scale, scale), hermitian=True, tol=1e-9) if len(rows) else 0
    more = np.vstack([rows, motions[row]]) / scale
    return bool(np.linalg.matrix_rank(more.T @ more, hermitian=True, tol=1e-9) > before)


def _three_nodes(mesh: SolidMesh) -> tuple[int, int, int]:
    """A node near the axis, one far along x, and one far along y, all of the board or else of the chip.

    Held at a soft joint, a stiff plate would be a stiff and a soft body in one, which iterations find hard. Of a body
    without either, a ball, they are found from its middle.
    """
    board, chip = (mesh.within(name) for name in ("board", "chip"))
    plate = board if board.any() else chip
    cells = mesh.cells[plate] if plate.any() else mesh.cells
    numbers = np.unique(cells if mesh.ties is None else mesh.ties.master[cells])
    x, y, z = mesh.points[numbers].T
    if plate.any():
        low = z < z.min() + NEAR * np.ptp(mesh.points[:, 2])
        numbers, x, y, z = numbers[low], x[low], y[low], np.zeros(np.count_nonzero(low))
    else:
        x, y, z = (place - 0.5 * (place.min() + place.max()) for place in (x, y, z))
    middle = numbers[np.argmin(x**2 + y**2 + z**2)]
    along = numbers[np.argmax(x - np.abs(y))]
    across = numbers[np.argmax(y - np.abs(x))]
    return int(middle), int(along), int(across)


@dataclass(frozen=True)
class How:
    """How systems are solved.

    Parameters
    ----------
    method
        "auto", "direct" or "multigrid".
    tolerance
        Relative residual asked of an iterative solution [-].
    progress
        Called with the number of iterations and the residual.
    workshop
        Where systems are solved.
    """

    method: Method = "auto"
    tolerance: float = TOLERANCE
    progress: Progress | None = None
    workshop: Workshop = THIS_PROCESS


def telling(name: str, tell: Callable[[str], None] | None) -> Progress | None:
    """Return what tells of every tenth iteration of a step and its residual; None where nobody listens."""
    if tell is None:
        return None

    def progress(iteration: int, residual: float) -> None:
        if iteration % TOLD == 0:
            tell(f"{name}: iteration {iteration}, residual {residual:.0e}")

    return progress


@dataclass(frozen=True)
class LateralFace:
    """The outer face of a strip, which stays straight.

    Parameters
    ----------
    nodes
        Which nodes of the mesh, shape (n,).
    free
        Whether it moves along y as a whole until no force pulls at it; one that is held stands still.
    """

    nodes: Bools
    free: bool

    @property
    def components(self) -> Bools:
        """What does not move by itself, shape (n, 3)."""
        return np.asarray(self.nodes[:, None] & [False, True, False])


@dataclass(frozen=True)
class _Still:
    """A field whose outer face stands still, and what moves this face.

    Parameters
    ----------
    field
        The field.
    frame
        Takes off what rigid motion the supports gave it.
    pull
        Force at the face along y [N].
    unit
        Displacement where the face moves by 1 mm along y, shape (n, 3); zero without a face that moves.
    resistance
        Its force [N/mm].
    """

    field: Field
    frame: Frame
    pull: float
    unit: Floats
    resistance: float


def solve_states(
    sector: Sector,
    states: Sequence[Materials],
    how: How,
    face: LateralFace | None = None,
    rigid: Ints | None = None,
) -> Solved:
    """Solve for the displacement at every temperature.

    Parameters
    ----------
    sector
        Mesh and symmetries.
    states
        Its materials, one a temperature; where the stiffness is the same its operator is made once.
    how
        Solver.
    face
        The outer face of a strip.
    rigid
        The rigid joint that each node is of, -1 for none, shape (n,); it expands with the chip. Such systems are
        solved in this process.
    """
    found, answers = _solve_still(sector, states, how, face, rigid)
    return Solved(tuple(field for one in found for field in _let_go([one])), tuple(answers))


def _solve_still(
    sector: Sector, states: Sequence[Materials], how: How, face: LateralFace | None, rigid: Ints | None = None
) -> tuple[list[_Still], list[Displacement]]:
    held, host, frame = supports(sector), host_of(sector.mesh), frame_of(sector)
    moves = np.zeros_like(held)
    if face is not None:
        held |= face.components
        moves |= face.components & face.free
    found: list[_Still] = []
    answers: list[Displacement] = []
    ready: LinearSolver | None = None
    unit, resistance = np.zeros_like(sector.mesh.points), 0.0
    for state in states:
        if ready is None or not np.array_equal(ready.operator.tensors, state.tensors):
            stiff = operator(sector.mesh, state.tensors)
            if rigid is None:
                ready = how.workshop.solver(stiff, held, how.method)
            else:
                ready = solver(stiff, held, how.method, rigid)
            if moves.any():
                answer = ready.solve(np.zeros(moves.shape), moves.astype(float), how.tolerance, how.progress)
                answers.append(answer)
                unit, resistance = answer.u, float((ready.operator.stiffness @ answer.unknowns)[moves].sum())
        # what expands with its host needs no solution: loads are small, and stiff parts don't drown them
        grown = sector.mesh.points * state.free[host, :3]
        load = thermal_load(ready.operator, state.free - state.free[host])
        if state.before is not None:
            load += memory_load(ready.operator, state.before)
        answer = ready.solve(load, -turned(sector.mesh, grown), how.tolerance, how.progress)
        answers.append(answer)
        pull = float((ready.operator.stiffness @ answer.unknowns - load)[moves].sum())
        field = Field(sector, ready.operator, state.free, answer.u + grown, state.before)
        found.append(_Still(field, frame, pull, unit, resistance))
    return found, answers


def _let_go(parts: Sequence[_Still]) -> list[Field]:
    """Move the face that parts of a strip have in common until nothing pulls at it; leave out rigid motions."""
    resistance = sum(part.resistance for part in parts)
    way = -sum(part.pull for part in parts) / resistance if resistance else 0.0
    return [replace(part.field, u=part.frame.at_rest(part.field.u + way * part.unit)) for part in parts]


def host_of(mesh: SolidMesh) -> int:
    """Return the region with whose expansion displacements are compared: chip, board, or any of a body without."""
    plates = [mesh.names.index(name) for name in ("chip", "board") if name in mesh.names]
    return next((plate for plate in plates if (mesh.regions == plate).any()), int(mesh.regions[0]))


def solve_severed(sector: Sector, states: Sequence[Materials], how: How, face: LateralFace | None = None) -> Severed:
    """Solve for chip and board side by side, every joint cut at its land; what stays on a plate still bends it.

    The outer face of a strip is still one: the next strip's chip and board go with it.
    """
    numbers, sides, answers = [], [], []
    for elements in (sector.chip_side, ~sector.chip_side):
        mesh, nodes = part_of(sector.mesh, elements)
        own = None if face is None else replace(face, nodes=face.nodes[nodes])
        kept = [state.of(elements) for state in states]
        still, answered = _solve_still(replace(sector, mesh=mesh), kept, how, own)
        numbers.append(nodes)
        sides.append(still)
        answers += answered
    moved = np.full((len(states), len(sides), *sector.mesh.points.shape), np.nan)
    for at, parts in enumerate(zip(*sides, strict=True)):
        for side, field in enumerate(_let_go(parts)):
            moved[at, side, numbers[side]] = field.u
    return Severed(tuple((upper, lower) for upper, lower in moved), tuple(answers))


def energy_mismatch(field: Field) -> float:
    """Compare the strain energy of the stresses with that of the loads (Clapeyron): two independent formulas [-].

    W = 1/2 integral of sigma : (eps - eps_free) dV = 1/2 integral of eps_free : C : eps_free dV - 1/2 f . u,

    the first of the latter at u = 0, with all that came before.
    """
    stiff, free, mesh = field.operator, field.free, field.operator.mesh
    locked, load = locked_energy(stiff, free), thermal_load(stiff, free)
    if field.before is not None:
        locked, load = float(energies(stiff, field.before, free).sum()), load + memory_load(stiff, field.before)
    by_load = locked - 0.5 * float((_in_space(mesh, load) * field.u).sum())
    by_stress = float(energies(stiff, field.since_birth, free).sum())
    return abs(by_load - by_stress) / max(by_stress, 1e-7 * locked, 1e-300)


def _in_space(mesh: SolidMesh, vectors: Floats) -> Floats:
    """Turn nodal vectors from the unknowns' frames into x, y, z."""
    ties = mesh.ties
    return vectors if ties is None else np.einsum("nij,nj->ni", ties.frames[ties.frame], vectors)


def turned(mesh: SolidMesh, vectors: Floats) -> Floats:
    """Return nodal vectors, given in x, y, z, in the unknowns' frames, shape (n, 3)."""
    ties = mesh.ties
    return vectors if ties is None else np.einsum("nji,nj->ni", ties.frames[ties.frame], vectors)


def _in_unknowns(mesh: SolidMesh, forces: Floats) -> Floats:
    """Turn nodal forces into the unknowns' frames, and add those of tied nodes to their masters'."""
    if mesh.ties is None:
        return forces
    total = np.zeros_like(forces)
    np.add.at(total, mesh.ties.master, turned(mesh, forces))
    return total


def imbalance(gauges: Gauges, field: Field, face: LateralFace | None = None) -> tuple[float, float]:
    """Return the larger resultant force and moment of what chip and board exert on nothing.

    Chip and board with what stands on them are each in balance under the joints' forces and what acts on them across
    the mirror planes or at a strip's outer face. These are sums of nodal forces, and what is left over at all other
    nodes is the imbalance, a force at the supports included: they should carry none.

    Returns
    -------
    tuple
        Of forces and of moments about the neutral point, against the sums of all joints' [-].
    """
    sector, mesh = gauges.sector, gauges.sector.mesh
    balanced = _on_mirrors(sector)
    balanced[gauges.contact[0]] = True
    if face is not None:
        balanced |= face.components
    arm = _arms(sector)
    forces, moments = [], []
    for elements in (sector.chip_side, ~sector.chip_side):
        on_node = nodal_forces(field.operator, field.since_birth, field.free, elements)
        own = _in_unknowns(mesh, on_node)
        own[balanced] = 0.0
        left = _in_space(mesh, own)
        forces.append(float(np.linalg.norm(left.sum(axis=0))))
        moments.append(float(np.linalg.norm(np.cross(arm, left).sum(axis=0))))
    force, moment = passed(gauges, field)
    return max(forces) / force, max(moments) / moment


def round_off(gauges: Gauges, field: Field) -> tuple[float, float]:
    """Return the imbalance of forces and of moments that double precision cannot tell from none.

    Nodal forces are sums of what is far larger than they are, |K| |u|, of which every operation may lose one part in
    2^52 (Higham 2002, Accuracy and Stability of Numerical Algorithms, section 3.1). One such loss is granted, not one
    for every term. Where soft joints pass little between wide plates this is more than a millionth of what they pass.

    Returns
    -------
    tuple
        Of forces and of moments, against the sums of all joints' as in `imbalance` [-].
    """
    lost = np.finfo(float).eps * np.linalg.norm(amounts(field.operator, field.u), axis=1)
    force, moment = passed(gauges, field)
    arm = np.linalg.norm(_arms(gauges.sector), axis=1)
    return float(lost.sum()) / force, float(arm @ lost) / moment


def _arms(sector: Sector) -> Floats:
    """Nodes seen from the neutral point, shape (n, 3) [mm]."""
    return np.asarray(sector.mesh.points - [0.0, 0.0, 0.5 * sector.section.levels.chip])


def passed(gauges: Gauges, field: Field) -> tuple[float, float]:
    """Return the sums of the amounts of forces [N] and moments [N mm] that the meshed part's joints pass, not zero."""
    readings, images = read_joints(gauges, field), len(gauges.sector.turns)
    force = float(np.linalg.norm(readings.force, axis=1).sum()) / images
    moment = amount_of_moments(gauges.joints, readings.force, readings.moment) / images
    return max(force, 1e-300), max(moment, 1e-300)
