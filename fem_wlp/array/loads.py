"""A package's joint by itself between two plates, in three dimensions; loads and supports are those in 2D.

See `fem_wlp.joint.loads`. The cell is a square of one pitch, silicon and board have their own constants along x and y,
and the interconnect's line and the pad's opening are resolved.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ..errors import SolveError
from ..joint.loads import JointLoad, LoadedJoint, LoadedStiffness, refuse_senseless
from ..joint.section import joint_section
from ..mesh.solid import Bools, Floats, SolidMesh
from ..package.model import Package
from ..solid.operator import Operator, energies, locked_energy, operator, thermal_load
from ..solid.solve import Method, Solver, solver
from .blocks import Fineness
from .layout import array_mesh
from .model import BALANCED, TOLERANCE, Materials, materials_at, telling
from .own_mesh import read_own_mesh
from .sector import NEAR

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Plates:
    """Nodes that the two plates hold, each shape (n,).

    Parameters
    ----------
    upper, lower
        Of the chip's upper face and its walls, of the board's lower face and its walls.
    faces
        Of the two faces alone.
    """

    upper: Bools
    lower: Bools
    faces: Bools

    def held(self, walls_slide: bool) -> Bools:
        """Return the components that are held, shape (n, 3); walls may slide along the axis."""
        fixed = np.repeat((self.upper | self.lower)[:, None], 3, axis=1)
        if walls_slide:
            fixed[:, 2] = self.faces
        return fixed


@dataclass(frozen=True)
class Answer:
    """A displacement, shape (n, 3) [mm], and its residual [-]."""

    u: Floats
    residual: float


def solve_joint_cell(
    package: Package,
    load: JointLoad,
    fineness: float = 1.0,
    progress: Progress | None = None,
    mesh_file: Path | None = None,
) -> LoadedJoint:
    """Solve a package's joint on a square of one pitch, between two plates.

    Parameters
    ----------
    package
        Whose joint; its ``model`` names the solver.
    load
        What is done to it.
    fineness
        The element sizes are divided by it, see `Fineness.of` [-].
    progress
        Called with the name of each step when it begins; iteration and residual follow a colon.
    mesh_file
        Gmsh's file of one pitch of chip and board around the joint, which is solved instead of the program's mesh.

    Raises
    ------
    ConfigError
        An elongation and a pull together (C202), a load that is not finite (U104), a temperature at which a solder is
        molten (T106) or a material not known (M108).
    MeshError
        A joint that cannot be meshed, or a mesh of the user's that cannot be read or is not this joint's.
    SolveError
        A certificate that fails.
    """
    refuse_senseless(package, load)
    tell = _silent if progress is None else progress
    tell("mesh")
    section, temperatures = joint_section(package), package.temperatures
    if mesh_file is None:
        mesh = array_mesh(package, section, "cell", Fineness.of(fineness)).mesh
    else:
        mesh = read_own_mesh(package.replace("model.extent", "cell"), mesh_file).mesh
    temperature = temperatures.points[-1] if load.temperature is None else load.temperature
    state = materials_at(section, mesh.names, temperatures.assembly, temperature)
    if load.temperature is None:
        state = replace(state, free=np.zeros_like(state.free))
    stiff, plates = operator(mesh, state.tensors), plates_of(mesh)
    still = np.zeros(mesh.points.shape)

    tell("pull")
    upright = _Loading(stiff, plates.held(walls_slide=True), package.model.solver, tell)
    raised = upright.answer("pull", still, _raised(mesh, plates))
    warm = Answer(still, 0.0)
    force = thermal_load(stiff, state.free)
    if load.temperature is not None:
        tell("temperature")
        warm = upright.answer("temperature", force, _stretched(mesh, plates, state))
    tell("shift")
    carried = _Loading(stiff, plates.held(walls_slide=False), package.model.solver, tell)
    shifted = carried.answer("shift", still, _shifted(mesh, plates))
    tell("rocking")
    rocked = carried.answer("rocking", still, _rocked(mesh, plates))

    def reaction(u: Floats, load: Floats) -> Floats:
        """Force along the axis and along x, and moment, of the upper plate."""
        forces = stiff.stiffness @ u - load
        return np.array([(forces * motion(mesh, plates)).sum() for motion in (_raised, _shifted, _rocked)])

    unit = {name: reaction(one.u, still) for name, one in (("axial", raised), ("shift", shifted), ("rock", rocked))}
    thermal, axial = reaction(warm.u, force)[0], unit["axial"][0]
    elongation = float((load.pull - thermal) / axial) if load.elongation is None else load.elongation
    u = warm.u + elongation * raised.u + load.shift * shifted.u + load.rocking * rocked.u
    found = reaction(u, force)
    by_element = energies(stiff, u, state.free)
    return LoadedJoint(
        package=package.name,
        model="3d",
        load=replace(load, elongation=elongation),
        temperature=temperature,
        axial=float(found[0]),
        lateral=float(found[1]),
        moment=float(found[2]),
        stiffness=LoadedStiffness(*map(float, (axial, unit["shift"][1], unit["rock"][2], unit["rock"][1]))),
        energy={name: float(by_element[mesh.within(name)].sum()) for name in mesh.names},
        unknowns=3 * len(mesh.points),
        residual=max(one.residual for one in (raised, warm, shifted, rocked)),
        energy_mismatch=_energy_mismatch(stiff, state, u, force, float(by_element.sum())),
    )


def plates_of(mesh: SolidMesh) -> Plates:
    """Return what the two plates hold of a cell's mesh."""
    x, y, z = mesh.points.T
    near = NEAR * float(np.ptp(z))
    edge = max(float(np.abs(x).max()), float(np.abs(y).max())) - near
    wall = (np.abs(x) > edge) | (np.abs(y) > edge)
    sides = []
    for name, face in (("chip", z > z.max() - near), ("board", z < z.min() + near)):
        own = np.zeros(len(z), dtype=bool)
        own[np.unique(mesh.cells[mesh.within(name)])] = True
        sides.append((own & (wall | face), face))
    (upper, top), (lower, bottom) = sides
    return Plates(upper, lower, top | bottom)


class _Loading:
    """A cell with its supports, ready for loads; tells how far each solution is."""

    def __init__(self, stiff: Operator, fixed: Bools, method: Method, tell: Progress) -> None:
        self._solver: Solver = solver(stiff, fixed, method)
        self._tell = tell

    def answer(self, name: str, load: Floats, values: Floats) -> Answer:
        """Solve for nodal forces and the displacements of what is held, both shape (n, 3)."""
        found = self._solver.solve(load, values, TOLERANCE, telling(name, self._tell))
        return Answer(found.u, found.residual)


def _raised(mesh: SolidMesh, plates: Plates) -> Floats:
    """Motion of what is held where the upper plate rises by 1 mm."""
    return np.outer(plates.upper, [0.0, 0.0, 1.0])


def _shifted(mesh: SolidMesh, plates: Plates) -> Floats:
    return np.outer(plates.upper, [1.0, 0.0, 0.0])


def _rocked(mesh: SolidMesh, plates: Plates) -> Floats:
    """Motion of what is held where the upper plate turns by 1 rad about the centre of the chip's upper face."""
    x, _, z = mesh.points.T
    return np.stack([z - z.max(), np.zeros_like(x), -x], axis=1) * plates.upper[:, None]


def _stretched(mesh: SolidMesh, plates: Plates, state: Materials) -> Floats:
    """Motion of what is held where both plates stretch in their planes as chip and board would by themselves."""
    motion = np.zeros(mesh.points.shape)
    for name, nodes in (("chip", plates.upper), ("board", plates.lower)):
        strain = state.free[mesh.names.index(name)]
        motion[nodes, :2] = mesh.points[nodes, :2] * strain[:2]
    return motion


def _energy_mismatch(stiff: Operator, state: Materials, u: Floats, load: Floats, by_stress: float) -> float:
    """Compare the strain energy of the stresses with the work of loads and supports: two independent formulas.

    W = 1/2 integral of eps_free : C : eps_free dV + 1/2 (K u - f) . u - 1/2 f . u
    """
    locked = locked_energy(stiff, state.free)
    by_forces = locked + 0.5 * float(((stiff.stiffness @ u - load) * u).sum()) - 0.5 * float((load * u).sum())
    mismatch = abs(by_forces - by_stress) / max(by_stress, 1e-7 * locked, 1e-300)
    if mismatch > BALANCED:
        raise SolveError(
            "S504",
            f"strain energy and work differ by {mismatch:.1e} of the energy",
            hint="the moduli of this joint differ by too many orders of magnitude",
        )
    return mismatch


def _silent(step: str) -> None:
    pass
