"""The whole array in three dimensions: from a package to its decoupling figure with nothing condensed.

    package -> mesh of all joints, fine and coarse -> joined at every temperature -> footprints, forces, fields

The fine mesh carries what is reported. The coarse one estimates its error and answers what needs other states: joints
severed at their lands, rigid joints, the reference package. Joint cell and assembly are solved beside it, which costs a
few seconds, and everything is compared.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ..array.blocks import Fineness
from ..array.forecast import require_array_memory
from ..array.layout import ArrayLayout, array_mesh
from ..array.model import (
    BALANCED,
    LOST,
    TOLERANCE,
    How,
    LateralFace,
    Materials,
    Solved,
    energy_mismatch,
    imbalance,
    passed,
    round_off,
    service_states,
    solve_severed,
    solve_states,
    telling,
    with_rigid_joints,
)
from ..array.own_mesh import read_own_mesh
from ..array.readings import (
    Field,
    Gauges,
    JointReadings,
    ball_stress,
    chip_stress,
    cylinder_shear_strain,
    energy_budget,
    interconnect_strain,
    interface_shifts,
    nodal_von_mises,
    read_joints,
    read_severed,
    section_gap,
    warpage,
)
from ..array.sector import NEAR, Sector
from ..decoupling import critical_joint, decoupling_figures, largest_force_joint, reduction
from ..errors import SolveError
from ..joint.recover import shift_budget
from ..joint.section import joint_section
from ..package.geometry import extent_of, middle_row
from ..package.model import JointPlace, Package
from ..package.reference import reference_package
from ..package.sheared import refuse_one_joint
from ..results import (
    ArrayField,
    AtTemperature,
    Certificates,
    Decoupling,
    DiscretisationError,
    Interconnect,
    OneStep,
    Parts,
    Result,
    Warpage,
)
from ..solid.solve import THIS_PROCESS, Workshop
from .answer import assumptions, joint_result, place_of
from .clock import Clock
from .comparison import compared
from .job import solve
from .making import large_deflections
from .making_resolved import ArrayProcess, processed_array, told
from .provenance import on_own_mesh, provenance_of
from .response import coldest
from .trust import Balance, require_balanced, require_sections, worst

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

COARSER = 1.5
"""How much coarser the second mesh is [-]."""

LEAST_TOLERANCE = 1e-13
"""Least residual that is asked where forces do not balance at the usual one [-]: below it round-off is left."""

MESH_SHARE = 1.0
"""Error of the fine mesh as a share of the difference between both meshes [-]."""

DIRECT = 'model.solver = "direct" where it fits; the moduli may differ by too many orders of magnitude'
"""What to do where a solution by iteration is not exact enough."""

OWN_MESH = "The array was solved on the mesh {}; the error is its difference from the program's coarse mesh."
"""Note of a result on a user's mesh."""


@dataclass(frozen=True)
class Series:
    """Readings of all joints at every service temperature."""

    readings: tuple[JointReadings, ...]

    def change(self, name: str) -> Floats:
        """Return a quantity at the last temperature, less that at the first of a cycle."""
        return np.asarray(getattr(self.total, name))

    @cached_property
    def total(self) -> JointReadings:
        """The readings at the last temperature, less those at the first of a cycle."""
        first, last = self.readings[0], self.readings[-1]
        return last - first if len(self.readings) > 1 else last


@dataclass(frozen=True)
class Array:
    """A package on one mesh.

    Parameters
    ----------
    package
        The package.
    joints
        Its joints that the mesh knows.
    gauges
        Where it is read.
    face
        The outer face of a strip, None elsewhere.
    """

    package: Package
    joints: tuple[JointPlace, ...]
    gauges: Gauges
    face: LateralFace | None

    @property
    def outline(self) -> tuple[float, float]:
        """Of the chip; of a strip one pitch of it [mm]."""
        chip, pitch = self.package.chip, self.package.array.pitch
        return chip.width, chip.length if self.face is None else pitch

    @property
    def critical(self) -> tuple[int, int]:
        """Number of the critical joint among all, and of the place that it is the image of."""
        number = critical_joint(self.joints)
        return number, int(self.gauges.images[0][number])


@dataclass(frozen=True)
class Variants:
    """What the coarse mesh answers.

    Parameters
    ----------
    array
        The package on the coarse mesh.
    joined
        Its fields.
    response, free
        Its joints, and the same severed.
    cut
        Displacements of both sides with the joints severed, at every temperature.
    rigid_force
        Shear forces of rigid joints, shape (n, 2) [N].
    reference
        Force, chip stress and figure of the reference package's critical joint; None where the package is its own.
    history
        How the package was made; None without a process.
    """

    array: Array
    joined: Solved
    response: Series
    free: Series
    cut: tuple[tuple[Floats, Floats], ...]
    rigid_force: Floats
    reference: tuple[float, float, float] | None
    history: ArrayProcess | None


PLATES: tuple[Literal["chip"], Literal["board"]] = ("chip", "board")

RATIO_TOLERANCE = 1e-6
"""Residual asked where only a ratio of forces, stresses or shifts is told, to three digits [-]."""

MIRRORS = {
    "x": np.diag([-1.0, 1.0, 1.0]),
    "y": np.diag([1.0, -1.0, 1.0]),
    "diagonal": np.array([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]),
}
"""Mirror planes x = 0, y = 0, and x = y."""


def meshed(package: Package, fineness: float, finer: float = 1.0) -> Array:
    """Mesh the part of a package that its model names, and prepare where it is read.

    Parameters
    ----------
    package
        The package.
    fineness
        Element sizes are divided by it [-].
    finer
        How much finer another mesh of the same family is [-].
    """
    section = joint_section(package)
    return prepared(package, array_mesh(package, section, extent_of(package), Fineness.of(fineness, finer)))


def prepared(package: Package, layout: ArrayLayout) -> Array:
    """Return a package on a mesh of some part of it, with what is read there."""
    strip = layout.extent == "strip"
    turns = [np.eye(3)]
    # a strip's axes stand on its second mirror plane
    for plane in (*layout.planes, *(["y"] if strip else [])):
        turns += [MIRRORS[plane] @ turn for turn in turns if not _among(MIRRORS[plane] @ turn, turns)]
    axes = np.array([[joint.x, joint.y] for joint in layout.joints])
    joints = package.array.joints
    if strip:
        row = middle_row(package.array)
        joints = tuple(joint._replace(y=0.0) for joint in joints if joint.row == row)
    gauges = Gauges(
        Sector(layout.mesh, layout.section, axes, np.array(turns)), np.array([[joint.x, joint.y] for joint in joints])
    )
    face = None
    if strip:
        face = LateralFace(lateral_nodes(gauges.sector), package.model.lateral == "free")
    return Array(package, joints, gauges, face)


def lateral_nodes(sector: Sector) -> Bools:
    """Return which nodes lie on the outer face of a strip, shape (n,)."""
    y = sector.mesh.points[:, 1]
    return np.asarray(y > y.max() - NEAR * sector.extent)


def _among(turn: Floats, turns: Sequence[Floats]) -> bool:
    return any(np.abs(turn - other).max() < 0.5 for other in turns)


def solve_resolved(
    package: Package,
    progress: Callable[[str], None] | None = None,
    mesh: Path | None = None,
    workshop: Workshop = THIS_PROCESS,
    finer: float = 1.0,
) -> Result:
    """Solve a package with all joints resolved in one three-dimensional model.

    Parameters
    ----------
    package
        What to solve; its ``model`` names extent, fineness and solver.
    progress
        Called with the name of each step when it begins, and with every tenth iteration of a solver.
    mesh
        Gmsh's file of a part of the array, which is solved instead of the program's fine mesh; its outlines tell the
        extent. The coarse one, which answers variants and estimates the error, is the program's all the same.
    workshop
        Where systems are solved.
    finer
        How much finer than the package's own both meshes are, each of its own family [-].

    Returns
    -------
    Result

    Raises
    ------
    ConfigError
        G130: a joint cell by itself has no decoupling figure.
    ResourceError
        R301: less memory is left than the solve was foretold to take.
    MeshError
        A joint that cannot be meshed, or a mesh of the user's that cannot be read or does not fit the package.
    SolveError
        A certificate that isn't green: nothing is returned then.
    """
    layout = None if mesh is None else read_own_mesh(package, mesh)
    if layout is not None:
        package = package.replace("model.extent", layout.extent)
    refuse_one_joint(package)
    require_array_memory(package, workshop.processes, workshop.here, finer)
    step = _Steps(progress, workshop)
    step.begin("joint cell and assembly")
    flat = solve(package)
    step.begin("mesh")
    fine = meshed(package, package.model.fineness, finer) if layout is None else prepared(package, layout)
    history = _made(fine, step, "process")
    joined = _joined(fine, package, step, "joined", history)
    variants = _variants(package, finer, step)
    step.begin("readings")
    result = _result(fine, joined, variants, flat, step)
    if variants.history is not None:
        step.begin("steps of the process")
        places = variants.array.critical[1], fine.critical[1]
        one_step = _one_step(variants, package, result, step)
        made = told(package, fine.outline, places, variants.history, joined, one_step)
        result = replace(result, process=made, notes=result.notes + large_deflections(package, made))
    return result if mesh is None else on_own_mesh(result, mesh, OWN_MESH)


def _made(array: Array, step: _Steps, name: str) -> ArrayProcess | None:
    """Make a package by its process; None without one."""
    if not array.package.process:
        return None
    step.begin(name)
    return processed_array(array.package, array.gauges.sector, array.face, step.how(array.package, name))


def _states(package: Package, sector: Sector, history: ArrayProcess | None) -> tuple[Materials, ...]:
    """Return the materials at every service temperature, with all that came before."""
    if history is None:
        return service_states(package, sector)
    return tuple(history.base.materials(temperature) for temperature in package.temperatures.points)


def _joined(array: Array, package: Package, step: _Steps, name: str, history: ArrayProcess | None) -> Solved:
    """Solve, and more accurately where the joints' forces are so small beside the loads that they don't balance."""
    states = _states(package, array.gauges.sector, history)
    step.begin(name)
    solved, tolerance = solve_states(array.gauges.sector, states, step.how(package, name), array.face), TOLERANCE
    while (excess := _excess(array, solved)) > 1.0 and tolerance > LEAST_TOLERANCE:
        tolerance = max(LEAST_TOLERANCE, 0.3 * solved.residual / excess)
        step.begin(f"{name}, residual {tolerance:.0e}")
        try:
            solved = solve_states(array.gauges.sector, states, step.how(package, name, tolerance), array.face)
        except SolveError:
            break  # the certificate of what there is is red
    return solved


def _excess(array: Array, solved: Solved) -> float:
    """The largest imbalance, of forces, moments and energies, beside what passes [-]."""
    return max(left / passes for left, passes in zip(*_left(array, solved), strict=True))


def _left(array: Array, solved: Solved) -> tuple[Balance, Balance]:
    """The largest imbalance of all fields, of forces, moments and energies, and what of it passes [-].

    Against what the joints pass at the temperature where they pass most: close to that of assembly they pass next to
    nothing. Of every field as much passes as its own round-off.
    """
    gauges, fields = array.gauges, solved.fields
    amounts = np.array([passed(gauges, field) for field in fields])
    shares = amounts / amounts.max(axis=0)
    left = shares * [imbalance(gauges, field, array.face) for field in fields]
    passes = np.full_like(left, BALANCED)
    if not (left <= BALANCED).all():
        passes = np.clip(shares * [round_off(gauges, field) for field in fields], BALANCED, LOST)
    # one field decides on forces, another may on moments
    deciding = np.argmax(np.nan_to_num(left / passes, nan=np.inf), axis=0)
    (forces, moments), (force, moment) = (np.diagonal(one[deciding]).tolist() for one in (left, passes))
    return (forces, moments, worst(*(energy_mismatch(field) for field in fields))), (force, moment, BALANCED)


def _variants(package: Package, finer: float, step: _Steps) -> Variants:
    fineness = package.model.fineness / COARSER
    step.begin("coarse mesh")
    array = meshed(package, fineness, finer)
    sector, gauges = array.gauges.sector, array.gauges
    history = _made(array, step, "process, coarse mesh")
    joined = _joined(array, package, step, "joined, coarse mesh", history)
    step.begin("severed")
    cut = solve_severed(sector, _states(package, sector, history), step.how(package, "severed"), array.face)
    step.begin("rigid joints")
    stiff = with_rigid_joints(gauges)
    states = _change_of(service_states(package, stiff.sector))
    face = None if array.face is None else replace(array.face, nodes=lateral_nodes(stiff.sector))
    rigid = solve_states(stiff.sector, states, step.how(package, "rigid joints", RATIO_TOLERANCE), face, stiff.rigid)
    return Variants(
        array,
        joined,
        _read(gauges, joined),
        Series(tuple(read_severed(gauges, *sides) for sides in cut.sides)),
        cut.sides,
        _read(stiff, rigid).change("shear_force"),
        _reference(package, fineness, finer, step),
        history,
    )


def _one_step(variants: Variants, package: Package, result: Result, step: _Steps) -> OneStep:
    """Answers from the temperatures of birth alone: those of the result, with what it makes on the coarse mesh."""
    array = variants.array
    gauges, critical = array.gauges, array.critical[0]
    states, how = service_states(package, gauges.sector), step.how(package, "one step", RATIO_TOLERANCE)
    response = _read(gauges, solve_states(gauges.sector, states, how, array.face))
    cut = solve_severed(gauges.sector, states, how, array.face)
    free = Series(tuple(read_severed(gauges, *sides) for sides in cut.sides))
    figure, made = (
        float(decoupling_figures(one.change("shift"), other.change("shift"))[critical])
        for one, other in ((response, free), (variants.response, variants.free))
    )
    force, before = (_force(one.change("shear_force"), critical) for one in (response, variants.response))
    amount = float(np.linalg.norm(result.joints[critical].shear_force))
    return OneStep(result.decoupling.figure + figure - made, amount * force / before if before > 0.0 else 0.0)


def _reference(package: Package, fineness: float, finer: float, step: _Steps) -> tuple[float, float, float] | None:
    """Force, chip stress and figure of the critical joint of the reference package."""
    other = reference_package(package)
    if other is None:
        return None
    step.begin("reference package")
    array = meshed(other, fineness, finer)
    gauges = array.gauges
    states = _change_of(service_states(other, gauges.sector))
    how = step.how(package, "reference package", RATIO_TOLERANCE)
    joined = solve_states(gauges.sector, states, how, array.face)
    cut = solve_severed(gauges.sector, states, how, array.face)
    critical = critical_joint(array.joints)
    response, free = _read(gauges, joined), Series(tuple(read_severed(gauges, *sides) for sides in cut.sides))
    return (
        _force(response.change("shear_force"), critical),
        chip_stress(list(joined.fields), int(gauges.images[0][critical])),
        float(decoupling_figures(response.change("shift"), free.change("shift"))[critical]),
    )


def _change_of(states: Sequence[Materials]) -> tuple[Materials, ...]:
    """Return one state that stands for the change over a cycle, where the stiffness doesn't change."""
    first, last = states[0], states[-1]
    if len(states) == 1 or not np.array_equal(first.tensors, last.tensors):
        return tuple(states)
    return (replace(last, free=last.free - first.free),)


def _read(gauges: Gauges, solved: Solved) -> Series:
    return Series(tuple(read_joints(gauges, field) for field in solved.fields))


def _force(forces: Floats, joint: int) -> float:
    return float(np.linalg.norm(forces[joint]))


def _result(fine: Array, joined: Solved, variants: Variants, flat: Result, step: _Steps) -> Result:
    package, joints, gauges = fine.package, fine.joints, fine.gauges
    critical = critical_joint(joints)
    place = int(gauges.images[0][critical])
    response, free = _read(gauges, joined), variants.free
    figures = decoupling_figures(response.change("shift"), free.change("shift"))
    decoupling = _decoupling(fine, joined, response, variants, figures, critical)
    certificates = _certificates(fine, joined, response, variants, critical)
    index = coldest(package)
    field = joined.fields[index]
    result = Result(
        package=package,
        decoupling=decoupling,
        joint=flat.joint,
        joints=tuple(
            joint_result(joint, response, free, number, figures[number]) for number, joint in enumerate(joints)
        ),
        warpage=_warpage(fine, joined),
        interconnect=Interconnect(interconnect_strain(list(joined.fields), place)),
        parts=Parts(cylinder_shear_strain(list(joined.fields), place), ball_stress(list(joined.fields), place)),
        certificates=certificates,
        curves=flat.curves,
        field=ArrayField(
            gauges.sector.mesh,
            field.u,
            nodal_von_mises(field),
            gauges.sector.axes,
            gauges.sector.turns,
            place,
            package.temperatures.points[index],
        ),
        notes=(
            *assumptions(package),
            "Stiffness and resistance of the joint by itself, and the curves, are those of the 2D joint cell.",
        ),
        provenance=_provenance(fine, joined, variants, step),
    )
    return replace(result, comparison=compared(result, flat))


def _decoupling(
    fine: Array, joined: Solved, response: Series, variants: Variants, figures: Floats, critical: int
) -> Decoupling:
    joints, free, figure = fine.joints, variants.free, float(figures[critical])
    force = _force(variants.response.change("shear_force"), critical)
    force_reduction = relief = reference_figure = None
    if variants.reference is not None:
        reference_force, reference_stress, reference_figure = variants.reference
        force_reduction = reduction(force, reference_force)
        coarse_place = int(variants.array.gauges.images[0][critical])
        relief = reduction(chip_stress(list(variants.joined.fields), coarse_place), reference_stress)
    return Decoupling(
        figure=figure,
        coupling=1.0 - figure,
        pad_to_pad=float(decoupling_figures(response.change("pad_to_pad"), free.change("pad_to_pad"))[critical]),
        force_based=reduction(force, _force(variants.rigid_force, critical)),
        force_reduction=force_reduction,
        chip_stress_relief=relief,
        reference_figure=reference_figure,
        critical_joint=place_of(joints[critical]),
        largest_force_joint=place_of(joints[largest_force_joint(joints, response.change("shear_force"))]),
        shift_budget=_shift_budget(fine, joined, response, critical),
        energy_budget=_energy_budget(variants, critical),
        at=tuple(_at(fine, joined, response, variants, number, critical) for number in range(len(joined.fields))),
    )


def _shift_budget(fine: Array, joined: Solved, response: Series, critical: int) -> dict[str, float]:
    shift = response.change("shift")[critical]
    along = shift / np.linalg.norm(shift)
    axis = fine.gauges.joints[critical]
    pairs = zip(joined.fields, response.readings, strict=True)
    places = [interface_shifts(field, readings, critical, axis, along) for field, readings in pairs]
    if len(places) > 1:
        places = [{name: shift - places[0][name] for name, shift in places[-1].items()}]
    return shift_budget(places[0])


def _energy_budget(variants: Variants, critical: int) -> dict[str, float]:
    """Shares of the regions of the critical joint's cell in the energy of joined less severed.

    By superposition that difference is the response to the joints' forces alone, each acting on both sides of its
    land, without any free strain: the mechanical load.
    """
    gauges, last = variants.array.gauges, variants.joined.fields[-1]
    upper, lower = (last.u - side for side in variants.cut[-1])
    if len(variants.cut) > 1:
        first = variants.joined.fields[0]
        upper, lower = (side - (first.u - cut) for side, cut in zip((upper, lower), variants.cut[0], strict=True))
    return energy_budget(last, upper, lower, int(gauges.images[0][critical]))


def _at(fine: Array, joined: Solved, response: Series, variants: Variants, index: int, critical: int) -> AtTemperature:
    readings, cut = response.readings[index], variants.free.readings[index]
    free = cut.shift[critical]
    amount = float(np.linalg.norm(free))
    chip, board = _bows(fine, joined.fields[index])

    def figure(name: str) -> float | None:
        if amount == 0.0:
            return None
        return float(decoupling_figures(getattr(readings, name), getattr(cut, name))[critical])

    return AtTemperature(
        temperature=fine.package.temperatures.points[index],
        figure=figure("shift"),
        pad_to_pad=figure("pad_to_pad"),
        free=amount,
        shift=float(readings.shift[critical] @ free / amount) if amount > 0 else 0.0,
        shear_force=_force(readings.shear_force, critical),
        axial_force=float(readings.axial_force[critical]),
        warpage_chip=chip,
        warpage_board=board,
    )


def _bows(array: Array, field: Field) -> tuple[float, float]:
    """Warpage of chip and board under the chip; of a strip over its own pitch."""
    chip, board = (warpage(field, plate, array.outline, array.package.array.pitch) for plate in PLATES)
    return chip, board


def _warpage(array: Array, joined: Solved) -> Warpage:
    bows = [_bows(array, field) for field in joined.fields]
    if len(bows) == 1:
        return Warpage(*bows[0])
    return Warpage(bows[-1][0] - bows[0][0], bows[-1][1] - bows[0][1])


def _certificates(fine: Array, joined: Solved, response: Series, variants: Variants, critical: int) -> Certificates:
    """Collect the checks of every solve, and refuse the whole result where one fails."""
    left, passes = _left(fine, joined)
    equilibrium, moments, energy = require_balanced("array", left, passes, DIRECT)
    section_forces, section_moments = require_sections(
        section_gap(fine.gauges, field, read) for field, read in zip(joined.fields, response.readings, strict=True)
    )
    figure, other = (
        float(decoupling_figures(one.change("shift"), variants.free.change("shift"))[critical])
        for one in (response, variants.response)
    )
    error = MESH_SHARE * abs(figure - other)
    force, rough = (_force(one.change("shear_force"), critical) for one in (response, variants.response))
    return Certificates(
        residual=max(joined.residual, variants.joined.residual),
        backward_error=None,
        equilibrium=equilibrium,
        moments=moments,
        section_forces=section_forces,
        section_moments=section_moments,
        energy=energy,
        discretisation_error=DiscretisationError(
            error, error / max(abs(1.0 - figure), 1e-12), MESH_SHARE * abs(1.0 - rough / force) if force > 0 else 0.0
        ),
        round_off=max(passes) if max(passes) > BALANCED else None,
    )


def _provenance(fine: Array, joined: Solved, variants: Variants, step: _Steps) -> dict[str, Any]:
    mesh = fine.gauges.sector.mesh
    facts = {
        "extent": extent_of(fine.package),
        "unknowns": 3 * len(mesh.points),
        "elements": len(mesh.cells),
        "coarse_unknowns": 3 * len(variants.array.gauges.sector.mesh.points),
        "solver": joined.answers[-1].method,
        "iterations": list(joined.iterations),
        "joints": len(fine.joints),
    }
    return provenance_of(mesh, "resolved array", facts, step.seconds())


class _Steps(Clock):
    """Tells the caller what begins and how a solver gets on, and keeps the seconds of every step."""

    def __init__(self, progress: Callable[[str], None] | None, workshop: Workshop) -> None:
        super().__init__(progress)
        self._workshop = workshop

    def how(self, package: Package, name: str, tolerance: float = TOLERANCE) -> How:
        """Return how systems of a step are solved."""
        return How(package.model.solver, tolerance, telling(name, self.progress), self._workshop)
