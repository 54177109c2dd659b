"""What is told of a package beside its figure: moments that balance, and a bound that holds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..analysis.figures import figures
from ..analysis.response import condensed_cells, respond, surroundings
from ..analysis.trust import CERTIFIED, SECTIONS_AGREE, section_gap
from ..assembly.balance import moment_left
from ..joint.condense import cell_model
from ..joint.section import cell_section, grading_of
from ..package import Package
from ..reduced.axes import Axis
from ..reduced.package import ReducedPackage
from .law import Law, Quantity, vanishing
from .packages import Changes, package

LOPSIDED: Changes = {
    "array": '{ pitch = "0.5 mm", map = "OO.\\nOOO\\n..O" }',
    "chip.width": "1.5 mm",
    "board.width": "2 mm",
}
"""A map without any symmetry, by which moments would vanish anyhow."""

ROUGH: Changes = {"model.fineness": 0.5}

TWO_BY_TWO: Changes = {"array.rows": 2, "array.columns": 2, "chip.width": "1 mm", "board.width": "1.5 mm"}


def _moments(broken: bool) -> tuple[Quantity, ...]:
    one = package("soft", {**LOPSIDED, **ROUGH})
    section = cell_section(one)
    cells = condensed_cells(cell_model(section, grading_of(one)), one, cut=False)
    response = respond(surroundings(one, section), one, section, cells.elements)
    (solution,) = response.solutions
    if broken:
        moment = solution.moment.copy()
        moment[1] *= 1.01
        solution = replace(solution, moment=moment)
        response = replace(response, solutions=(solution,))
    left = moment_left(solution.places, solution.force, np.pad(solution.moment, ((0, 0), (0, 1))))
    return (
        vanishing("moment left on the board, of all amounts", left, CERTIFIED),
        vanishing(
            "moments by the stresses at the lands, less these", section_gap(response, cells, 0)[1], SECTIONS_AGREE
        ),
    )


MODULI = 60.0, 350.0, 4000.0
"""Of the adhesive, where the reduced model is held against solves [MPa]; it knows others between 10 MPa and 10 GPa."""


def _with_adhesive(one: Package, modulus: float) -> Package:
    return one.replace("materials.soft_adhesive.E", f"{modulus!r} MPa")


def _reduced(broken: bool) -> tuple[Quantity, ...]:
    one = package("stiff-layer", {**TWO_BY_TWO, **ROUGH})
    axis = Axis("materials.soft_adhesive.E", 10.0, 1e4, lambda value: _with_adhesive(one, value))
    values = np.array(MODULI)[:, None]
    answers = ReducedPackage(one, [axis]).answers(1.001 * values if broken else values)
    found = []
    for modulus, figure, bound in zip(MODULI, answers.figure, answers.bound, strict=True):
        solved = figures(_with_adhesive(one, modulus), ["decoupling.figure"])["decoupling.figure"]
        found.append(
            vanishing(
                f"error of D over its bound, adhesive of {modulus:g} MPa", (figure - (solved or 0.0)) / bound, 1.0
            )
        )
    return tuple(found)


TRUST = (
    Law(
        "moments",
        "Joints leave no moment on the board, and theirs are those of the stresses at their lands",
        "sum of M + r x F = 0 about the neutral point; M = integral of r x sigma n above and below each land",
        "statics; the tolerances are those of every solve",
        "one joint's moment 1 % too large",
        _moments,
    ),
    Law(
        "reduced-model",
        "The reduced model's figure is that of a solve, within the bound that it states",
        "error of D <= its bound, 2 x 2 joints, at moduli that it was not made from",
        "a posteriori bound: B. Haasdonk, in Model Reduction and Approximation, SIAM (2017), chapter 2",
        "the modulus that the reduced model is asked for is 0.1 % too high",
        _reduced,
        quick=False,
    ),
)
"""Laws of what is told beside a figure."""
