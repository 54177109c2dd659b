"""How far to trust a result, and when there is none."""

from __future__ import annotations

import math

import numpy as np

from ..elasticity.solve import RESIDUAL_ASKED, TOO_FAR_APART
from ..errors import ConfigError, SolveError
from ..joint import recover
from ..package.model import JointPlace
from ..results import Certificates, DiscretisationError
from .critical import CriticalJoint
from .findings import Findings, Solved
from .response import Answer, Cells, Response

CELL_SHARES = 1.0 / 3.0, 2.0 / 3.0
"""Error of the cell's fine mesh as a share of the difference between coarse and fine mesh, least and largest [-]: that
of second order, of which the graded mesh was measured to be, or of what lower order a third mesh tells."""

PLATE_SHARE = 0.1
"""Error of chip and board as a share of the difference between their meshes [-]: it was measured to be of order 3.5."""

CERTIFIED = 1e-9
"""Largest imbalance of forces and energies that passes [-]."""

SECTIONS_AGREE = 1e-6
"""Largest difference of the forces in a joint's section that passes [-]: the stiffness of bare plates is taken off a
cell's, and the last digits of what then is left are those of the plates."""

LOADS_SHARE = 1e-6
"""Least force that differences are compared with, as a share of what loads a joint's cell [-]."""

ROUND_OFF = 1e-9
"""A free mismatch below this share of the plates' expansion is none [-]."""


def refuse_without_mismatch(found: Solved, critical: JointPlace) -> None:
    """Raise where no joint has a free mismatch beyond round-off."""
    if critical.dnp == 0.0:
        raise ConfigError(
            "G130",
            "the only joint stands on the neutral point: nothing shears it, and there is no decoupling figure",
            where="array",
            hint="give two joints or more; a joint by itself is solved by the joint cell (solve_cell)",
        )
    strains = [plate.plate.thermal_strain for plate in (*found.around.chips, *found.around.boards)]
    expansion = float(np.abs(strains).max()) * critical.dnp
    if np.abs(found.free.shift).max() <= ROUND_OFF * expansion:
        raise ConfigError(
            "T103",
            "chip and board expand alike: there is no mismatch to decouple",
            where="temperatures",
            hint="check the expansion of chip and board between assembly and service temperature",
        )


def discretisation_error(found: Findings, critical: int) -> DiscretisationError:
    """Estimate errors from three meshes of the cell and two of the plates, joined and severed."""
    meshes = (Answer(found.response, found.free), found.on_rough, found.on_sketch, found.on_rough_plates)
    figures, forces = ([read(mesh, critical) for mesh in meshes] for read in (Answer.figure, Answer.shear_force))
    error, force_error = _mesh_error(*figures), _mesh_error(*forces)
    return DiscretisationError(
        error, error / max(abs(1.0 - figures[0]), 1e-12), force_error / forces[0] if forces[0] > 0 else 0.0
    )


def _mesh_error(fine: float, rough: float, sketch: float, rough_plates: float) -> float:
    """Return the error of a fine mesh, from others of the cell (half, a quarter as fine) and of the plates.

    Answers may cross by chance: the difference of both rougher meshes is followed down to the fine one as well. What
    cell and plates miss is independent.
    """
    (least, most), near, far = CELL_SHARES, abs(fine - rough), abs(rough - sketch)
    share = near / (far - near) if most * far > (1.0 + most) * near else most
    cell = max(max(share, least) * near, least**2 * far)
    return math.hypot(cell, PLATE_SHARE * abs(rough - rough_plates))


def certificates_of(found: Findings, error: DiscretisationError, local: CriticalJoint) -> Certificates:
    """Collect the checks of every solve, and refuse the whole result where one fails."""
    solutions = [solution for response in (found.response, found.free, found.rigid) for solution in response.solutions]
    residual = max(*(solution.certificates.residual for solution in solutions), *local.residuals())
    if not residual <= RESIDUAL_ASKED:
        raise SolveError(
            "S502",
            f"the residual of the critical joint or of the assembly is {residual:.1e} of its loads, "
            f"{RESIDUAL_ASKED:.0e} is asked",
            hint=TOO_FAR_APART,
        )
    equilibrium, energy = require_balance(found.response)
    section_forces = max(
        section_gap(found.response, found.cells, index) for index in range(len(found.response.solutions))
    )
    require_sections(section_forces)
    backward_error = max(fields.residual for _, fields in (*found.cells.condensed, *found.rough.condensed))
    return Certificates(residual, backward_error, equilibrium, section_forces, energy, error)


def section_gap(response: Response, cells: Cells, index: int) -> float:
    """Return how far each joint's force in the assembly is from that of the stresses at its land [-].

    The stresses are those of its cell, moved as chip and board move round it: two ways to the same force that share
    the cell's field alone. What rounding leaves of the loads that cancel in the cell is no difference.
    """
    solution, (_, fields) = response.solutions[index], cells.condensed[index]
    motions = [response.motion(joint, index) for joint in range(len(solution.places))]
    by_stress = recover.section_forces(cells.model, fields, motions)
    by_assembly = np.column_stack([solution.shear_force, -solution.axial_force])
    loads = float(np.linalg.norm(fields.axial.balance.driving[:, -1]))
    largest = max(float(np.linalg.norm(by_assembly, axis=1).max()), LOADS_SHARE * loads)
    return float(np.abs(by_stress - by_assembly).max() / largest)


def require_sections(gap: float) -> None:
    """Raise where the forces of a joint by its section are not those that pass it."""
    if not gap <= SECTIONS_AGREE:
        raise SolveError(
            "S503",
            f"forces through the joints' sections are off by {gap:.1e} of the largest, {SECTIONS_AGREE:.0e} is asked",
            hint=TOO_FAR_APART,
        )


def require_balance(response: Response) -> tuple[float, float]:
    """Return the imbalance of forces and energies of an assembly [-]; raise where it is too large."""
    equilibrium = max(solution.certificates.equilibrium for solution in response.solutions)
    energy = max(solution.certificates.energy for solution in response.solutions)
    for code, name, value in (("S503", "forces", equilibrium), ("S504", "energies", energy)):
        if not value <= CERTIFIED:
            raise SolveError(
                code,
                f"the {name} of the assembly don't balance: {value:.1e} of their amount, {CERTIFIED:.0e} is asked",
                hint=TOO_FAR_APART,
            )
    return equilibrium, energy
