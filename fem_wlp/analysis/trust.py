"""How far to trust a result, and when there is none."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from ..assembly.balance import moment_left
from ..elasticity.solve import RESIDUAL_ASKED, TOO_FAR_APART
from ..errors import ConfigError, SolveError
from ..joint import recover
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

Balance = tuple[float, float, float]
"""Of forces, moments and energies, relative to their amounts [-]."""

BALANCES = (("S503", "forces"), ("S503", "moments"), ("S504", "energies"))
"""Codes and names of what must balance."""

SECTIONS_AGREE = 1e-6
"""Largest difference of the forces or moments in a joint's section that passes [-]: the stiffness of bare plates is
taken off a cell's, and the last digits of what then is left are those of the plates."""

LOADS_SHARE = 1e-6
"""Least force that differences are compared with, as a share of what loads a joint's cell [-]."""

ROUND_OFF = 1e-9
"""A free mismatch below this share of the plates' expansion is none [-]."""


def refuse_without_mismatch(found: Solved) -> None:
    """Raise where no joint has a free mismatch beyond round-off."""
    strains = [plate.plate.thermal_strain for plate in (*found.around.chips, *found.around.boards)]
    expansion = float(np.abs(strains).max()) * max(place.dnp for place in found.package.array.joints)
    if np.abs(found.free.shift).max() <= ROUND_OFF * expansion:
        raise ConfigError(
            "T103",
            "chip and board expand alike: there is no mismatch to decouple",
            where="temperatures",
            hint="check the expansion of chip and board between assembly and service temperature",
        )


def discretisation_error(found: Findings, critical: int) -> DiscretisationError:
    """Estimate errors from three meshes of the cell and two of the plates, joined and severed."""
    on = found.meshes
    meshes = (on.fine, on.rough, on.sketch, on.rough_plates)
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
    residual = worst(*(solution.certificates.residual for solution in solutions), *local.residuals())
    if not residual <= RESIDUAL_ASKED:
        raise SolveError(
            "S502",
            f"the residual of the critical joint or of the assembly is {residual:.1e} of its loads, "
            f"{RESIDUAL_ASKED:.0e} is asked",
            hint=TOO_FAR_APART,
        )
    equilibrium, moments, energy = require_balance(found.response)
    sections = require_sections(
        section_gap(found.response, found.cells, index) for index in range(len(found.response.solutions))
    )
    backward_error = worst(*(fields.residual for _, fields in (*found.cells.condensed, *found.rough.condensed)))
    return Certificates(residual, backward_error, equilibrium, moments, *sections, energy, error)


def section_gap(response: Response, cells: Cells, index: int) -> tuple[float, float]:
    """Return how far force and moment of each joint in the assembly are from those of the stresses at its land [-].

    The stresses are those of its cell, moved as chip and board move round it: two ways to the same force that share
    the cell's field alone. What rounding leaves of the loads that cancel in the cell is no difference.
    """
    solution, (_, fields) = response.solutions[index], cells.condensed[index]
    motions = [response.motion(joint, index) for joint in range(len(solution.places))]
    forces, moments = recover.section_forces(cells.model, fields, motions)
    by_assembly = solution.force
    loads = float(np.linalg.norm(fields.axial.balance.driving[:, -1]))
    amounts = np.maximum(np.linalg.norm(by_assembly, axis=1), LOADS_SHARE * loads)
    at_ends = np.linalg.norm(solution.moment, axis=1) + 0.5 * solution.height * amounts
    nothing = 1e-300  # moves where the joints were made
    return (
        float(np.abs(forces - by_assembly).max()) / max(float(amounts.max()), nothing),
        float(np.abs(moments - solution.moment).max()) / max(float(at_ends.max()), nothing),
    )


def worst(*errors: float) -> float:
    """Return the largest error; one that is no number is worse than all others, where `max` would pass over it."""
    return float(np.max(errors))


def require_sections(gaps: Iterable[tuple[float, float]]) -> tuple[float, float]:
    """Return the largest gap of forces and of moments [-]; raise where a joint's section tells others than pass it."""
    forces, moments = (worst(*gap) for gap in zip(*gaps, strict=True))
    for name, gap in (("forces", forces), ("moments", moments)):
        if not gap <= SECTIONS_AGREE:
            raise SolveError(
                "S503",
                f"{name} through the joints' sections are off by {gap:.1e} of the largest, "
                f"{SECTIONS_AGREE:.0e} is asked",
                hint=TOO_FAR_APART,
            )
    return forces, moments


def require_balance(response: Response) -> Balance:
    """Return the imbalance of forces, moments and energies of an assembly [-]; raise where it is too large.

    Moments count twice: by the coordinates of chip and board, and as they are told of the joints.
    """
    certificates = [solution.certificates for solution in response.solutions]
    told = [moment_left(one.places, one.force, np.pad(one.moment, ((0, 0), (0, 1)))) for one in response.solutions]
    left = (
        worst(*(one.equilibrium for one in certificates)),
        worst(*(one.moments for one in certificates), *told),
        worst(*(one.energy for one in certificates)),
    )
    return require_balanced("assembly", left, (CERTIFIED,) * 3, TOO_FAR_APART)


def require_balanced(what: str, left: Balance, passes: Balance, hint: str) -> Balance:
    """Return what is left of forces, moments and energies, relative to their amounts [-]; raise where it is too much.

    Parameters
    ----------
    what
        Was solved.
    left, passes
        Imbalance, and the largest that passes [-].
    hint
        What to do.

    Raises
    ------
    SolveError
        S503: forces or moments don't balance; S504: energies.
    """
    for (code, name), value, asked in zip(BALANCES, left, passes, strict=True):
        if not value <= asked:
            raise SolveError(
                code,
                f"the {name} of the {what} don't balance: {value:.1e} of their amount, {asked:.0e} is asked",
                hint=hint,
            )
    return left
