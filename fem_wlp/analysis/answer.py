"""From what was solved to the result that is handed out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ..decoupling import critical_joint, decoupling_figures, largest_force_joint, reduction
from ..joint import recover
from ..joint.resistance import electrical_resistance, thermal_resistance
from ..package.model import JointPlace, Package
from ..results import (
    AtTemperature,
    Decoupling,
    Interconnect,
    Joint,
    JointResult,
    Parts,
    Place,
    Resistance,
    Result,
    Stiffness,
    Warpage,
)
from .critical import CriticalJoint, chip_stress, critical_joint_of
from .findings import Findings, Reference, Solved
from .making import large_deflections
from .provenance import provenance_of
from .response import Cells, Response, figure_of
from .trust import certificates_of, discretisation_error, refuse_without_mismatch

Floats = NDArray[np.float64]


def result_of(found: Findings, seconds: Callable[[], dict[str, float]]) -> Result:
    """Return the result of what was found; refused where there is no mismatch or a certificate fails."""
    package, joints = found.package, found.package.array.joints
    critical = critical_joint(joints)
    refuse_without_mismatch(found)
    figures = decoupling_figures(found.response.shift, found.free.shift)
    error = discretisation_error(found, critical)
    local = critical_joint_of(found.package, found.cells, found.response, critical)
    certificates = certificates_of(found, error, local)
    return Result(
        package=package,
        decoupling=_decoupling(found, figures, critical, local),
        joint=joint_of(found.cells),
        joints=tuple(
            joint_result(joint, found.response, found.free, number, figures[number])
            for number, joint in enumerate(joints)
        ),
        warpage=warpage_of(found.response),
        interconnect=Interconnect(local.interconnect_strain()),
        parts=Parts(local.cylinder_shear_strain(), local.ball_stress()),
        certificates=certificates,
        curves=found.curves,
        field=local.picture(),
        notes=assumptions(package) + (large_deflections(package, found.made) if found.made else ()),
        provenance=_provenance(found, seconds),
        process=found.made,
    )


def _decoupling(found: Findings, figures: Floats, critical: int, local: CriticalJoint) -> Decoupling:
    joints, response = found.package.array.joints, found.response
    figure = float(figures[critical])
    return Decoupling(
        figure=figure,
        coupling=1.0 - figure,
        pad_to_pad=pad_to_pad(response, found.free, critical),
        force_based=force_based(found.meshes.rough.response, found.rigid, critical),
        **against_reference(found.rough, found.meshes.rough.response, found.reference, critical),
        critical_joint=place_of(joints[critical]),
        largest_force_joint=place_of(joints[largest_force_joint(joints, response.change("shear_force"))]),
        shift_budget=local.shift_budget(),
        energy_budget=local.energy_budget(),
        at=tuple(at_temperature(found, index, critical) for index in range(len(found.around.temperatures))),
    )


def pad_to_pad(response: Response, free: Response, joint: int) -> float:
    """Return D of a joint with the tilt left in [-]."""
    return float(decoupling_figures(response.change("pad_to_pad"), free.change("pad_to_pad"))[joint])


def force_based(response: Response, rigid: Response, joint: int) -> float:
    """Return 1 - F/F_rigid of a joint [-]."""
    force, rigid_force = (float(np.linalg.norm(each.change("shear_force")[joint])) for each in (response, rigid))
    return reduction(force, rigid_force)


def against_reference(
    cells: Cells, response: Response, reference: Reference | None, critical: int
) -> dict[str, float | None]:
    """Return what `Decoupling` says of the reference package; None three times where there is none."""
    if reference is None:
        return dict.fromkeys(("force_reduction", "chip_stress_relief", "reference_figure"))
    other = critical_joint(reference.package.array.joints)
    force = float(np.linalg.norm(response.change("shear_force")[critical]))
    stress = chip_stress(cells, response, critical)
    return {
        "force_reduction": reduction(force, float(np.linalg.norm(reference.response.change("shear_force")[other]))),
        "chip_stress_relief": reduction(stress, chip_stress(reference.rough, reference.response, other)),
        "reference_figure": figure_of(reference.response, reference.free, other),
    }


def place_of(joint: JointPlace) -> Place:
    """Return where a joint stands."""
    return Place(joint.row, joint.column, joint.dnp)


def at_temperature(found: Solved, index: int, critical: int) -> AtTemperature:
    """Return what the critical joint and the plates do at one temperature, by its index."""
    solution, cut = found.response.solutions[index], found.free.solutions[index]
    free = cut.shift[critical]
    amount = float(np.linalg.norm(free))
    figure = float(decoupling_figures(solution.shift, cut.shift)[critical]) if amount > 0 else None
    raw = float(decoupling_figures(solution.pad_to_pad, cut.pad_to_pad)[critical]) if amount > 0 else None
    return AtTemperature(
        temperature=found.around.temperatures[index],
        figure=figure,
        pad_to_pad=raw,
        free=amount,
        shift=float(solution.shift[critical] @ free / amount) if amount > 0 else 0.0,
        shear_force=float(np.linalg.norm(solution.shear_force[critical])),
        axial_force=float(solution.axial_force[critical]),
        warpage_chip=solution.chip_shape.warpage,
        warpage_board=solution.board_shape.warpage,
    )


class Changing(Protocol):
    """An answer of all joints of a package, in either model."""

    def change(self, name: str) -> Floats:
        """Return a quantity at the last temperature, less that at the first of a cycle."""
        ...


def joint_result(joint: JointPlace, response: Changing, free: Changing, number: int, figure: float) -> JointResult:
    """Return what one joint does, by its number in the array."""

    def pair(name: str, source: Changing = response) -> tuple[float, float]:
        x, y = source.change(name)[number][:2]
        return float(x), float(y)

    return JointResult(
        row=joint.row,
        column=joint.column,
        x=joint.x,
        y=joint.y,
        dnp=joint.dnp,
        free=pair("shift", free),
        shift=pair("shift"),
        pad_to_pad=pair("pad_to_pad"),
        shear_force=pair("shear_force"),
        axial_force=float(response.change("axial_force")[number]),
        moment=pair("moment"),
        decoupling=float(figure) if np.isfinite(figure) else None,
    )


def warpage_of(response: Response) -> Warpage:
    """Return the warpage of chip and board, its change over a cycle."""
    chip = [solution.chip_shape.warpage for solution in response.solutions]
    board = [solution.board_shape.warpage for solution in response.solutions]
    several = len(chip) > 1
    return Warpage(chip[-1] - chip[0] if several else chip[0], board[-1] - board[0] if several else board[0])


def joint_of(cells: Cells) -> Joint:
    """Return the joint by itself: stiffness, resistance and height."""
    element, fields = cells.condensed[-1]
    model = cells.model
    return Joint(
        Stiffness(*recover.stiffness_between_footprints(model, element, fields)),
        Resistance(electrical_resistance(model), thermal_resistance(model)),
        element.height,
    )


def assumptions(package: Package) -> tuple[str, ...]:
    """Say what was assumed, in sentences."""
    assembly = f"{package.temperatures.assembly - 273.15:g} °C"
    own = {
        "first layer": package.first_layer.stress_free,
        "interconnect": package.interconnect.stress_free,
        "second layer": package.second_layer.stress_free if package.second_layer else 0.0,
        "cylinder": package.cylinder.stress_free if package.cylinder else 0.0,
        "ball": package.ball.stress_free,
        "land": package.land.stress_free,
    }
    taken = [name for name, value in own.items() if value is None]
    linear = "All materials are linear elastic: solder creeps, so forces are upper bounds and shifts lower bounds."
    if package.process:
        notes = [
            f"Motion and forces count from mounting at {assembly}, where the board is flat and free of stress; the "
            "silicon is free of stress in the bare wafer, every other part at its birth in the process.",
            "Rigid joints, the reference package, the curves and the stated error are those of the temperatures of "
            "birth alone, without the shapes of birth.",
            linear,
        ]
    else:
        notes = [f"Chip and board are free of stress at the assembly temperature, {assembly}.", linear]
    if taken and not package.process:
        notes.append(f"No stress-free temperature was given for {', '.join(taken)}: the assembly's was taken.")
    if package.second_layer is not None:
        wall = "bonded to the cylinder's wall" if package.second_layer.wall == "bonded" else "apart from the cylinder"
        notes.append(f"The second layer is {wall}.")
    notes += [notice.message for notice in package.notices]
    return tuple(notes)


def _provenance(found: Findings, seconds: Callable[[], dict[str, float]]) -> dict[str, Any]:
    facts = {
        "joint_cell_unknowns": found.cells.model.space.size,
        "coarse_cell_unknowns": found.rough.model.space.size,
        "plate_unknowns": found.around.chips[0].unknowns + found.around.boards[0].unknowns,
        "joints": len(found.around.places),
        "symmetry": str(found.around.chips[0].symmetry),
    }
    model = "2D joint cell (harmonics 0, 1, 2) and assembly"
    return provenance_of(found.cells.model.mesh, model, facts, seconds())
