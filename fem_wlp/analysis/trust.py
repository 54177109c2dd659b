"""How far to trust a result, and when there is none."""

from __future__ import annotations

import numpy as np

from ..errors import ConfigError, SolveError
from ..package.model import JointPlace
from ..results import Certificates, DiscretisationError
from .findings import Findings, Solved
from .response import Response, coldest, figure_of

CELL_SHARE = 1.0 / 3.0
"""Error of the cell's fine mesh as a share of the difference between coarse and fine mesh [-]: that of second order,
of which the graded mesh was measured to be."""


CERTIFIED = 1e-9
"""Largest imbalance of forces and energies that passes [-]."""


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


def certificates_of(found: Findings, error: DiscretisationError) -> Certificates:
    """Collect the checks of every solve, and refuse the whole result where one fails."""
    solutions = [solution for response in (found.response, found.free, found.rigid) for solution in response.solutions]
    residual = max(
        *(solution.certificates.residual for solution in solutions),
        *(fields.residual for _, fields in found.cells.condensed),
    )
    equilibrium, energy = require_balance(found.response)
    return Certificates(residual, equilibrium, energy, error)


def require_balance(response: Response) -> tuple[float, float]:
    """Return the imbalance of forces and energies of an assembly [-]; raise where it is too large."""
    equilibrium = max(solution.certificates.equilibrium for solution in response.solutions)
    energy = max(solution.certificates.energy for solution in response.solutions)
    for code, name, value in (("S503", "forces", equilibrium), ("S504", "energies", energy)):
        if not value <= CERTIFIED:
            raise SolveError(
                code,
                f"the {name} of the assembly don't balance: {value:.1e} of their amount, {CERTIFIED:.0e} is asked",
                hint="the moduli in this package differ by too many orders of magnitude",
            )
    return equilibrium, energy
