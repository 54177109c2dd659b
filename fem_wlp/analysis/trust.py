"""How far to trust a result, and when there is none."""

from __future__ import annotations

import numpy as np

from ..elasticity.solve import RESIDUAL_ASKED, TOO_FAR_APART
from ..errors import ConfigError, SolveError
from ..joint import recover
from ..package.model import JointPlace
from ..results import Certificates, DiscretisationError
from .critical import CriticalJoint
from .findings import Findings, Solved
from .response import Cells, Response, coldest, figure_of

CELL_SHARE = 1.0 / 3.0
"""Error of the cell's fine mesh as a share of the difference between coarse and fine mesh [-]: that of second order,
of which the graded mesh was measured to be."""

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
    """Estimate errors from two meshes of the cell and two of the plates.

    All share one severed solution, whose fields are smooth.
    """
    figure = figure_of(found.response, found.free, critical)
    cold = Response((found.free.solutions[coldest(found.package)],), found.free.sides)
    pairs = (
        (CELL_SHARE, found.free, (found.response, found.rough_response)),
        (1.0, cold, found.rough_plates),
    )
    error = force_error = 0.0
    for share, free, (one, other) in pairs:
        error += share * abs(figure_of(one, free, critical) - figure_of(other, free, critical))
        forces = [float(np.linalg.norm(response.change("shear_force")[critical])) for response in (one, other)]
        force_error += share * abs(1.0 - forces[1] / forces[0]) if forces[0] > 0 else 0.0
    return DiscretisationError(error, error / max(abs(1.0 - figure), 1e-12), force_error)


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
