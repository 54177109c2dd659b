"""The main job: from a package to its decoupling figure, by joint cell and assembly.

    package -> section -> cell (fine and coarse mesh) -> elements -> assembly -> figures, budgets, local field

Elements are condensed at every service temperature; chip and board are condensed once. The fine mesh carries what is
reported, the coarse one estimates its error and answers what needs many variants: joints severed and rigid, the
reference package, the curves.
"""

from __future__ import annotations

import platform
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from .assembly.cells import Symmetry, bare_cells, edge_factors, joint_cells, symmetry_of
from .assembly.elements import Film, FilmElement, balanced, laminate_film
from .assembly.plate import NO_CELLS, CondensedPlate, Plate, PlateMesh, condense_plate, with_plate
from .assembly.solve import AssemblySolution, assemble, severed
from .decoupling import critical_joint, decoupling_figures, largest_force_joint, reduction
from .errors import ConfigError, SolveError
from .joint import recover
from .joint.condense import (
    CellFields,
    CellModel,
    CellState,
    cell_model,
    cell_state,
    condense,
    condense_severed,
    middles,
    rigid_state,
    thickened,
)
from .joint.element import JointElement
from .joint.resistance import electrical_resistance, thermal_resistance
from .joint.section import JointSection, joint_section, with_materials
from .materials.model import plane_constants, scaled, stiffness, thermal_strain
from .mesh.section import Grading
from .package.model import JointPlace, Package
from .package.reference import reference_package
from .results import (
    AtTemperature,
    Certificates,
    CriticalField,
    Curve,
    Decoupling,
    DiscretisationError,
    Interconnect,
    Joint,
    JointResult,
    Place,
    Resistance,
    Result,
    Stiffness,
    Warpage,
)

Floats = NDArray[np.float64]

FINE = Grading()
"""Mesh of what is reported."""

PLATES = PlateMesh()
"""Mesh of chip and board."""

COARSE = FINE.refined(0.5)
"""Mesh of the error estimate and of the variants."""

SKETCH = 0.3
"""Fineness of the curves' mesh, relative to the fine one [-]."""

ROUGH_PLATES = tuple(PlateMesh(per_pitch=1, slenderness=8.0, through=through) for through in (1, 2))
"""Meshes of chip and board that tell what a second layer of elements would change: most of their error."""

CELL_SHARE = 1.0 / 3.0
"""Error of the cell's fine mesh as a share of the difference between coarse and fine mesh [-]: that of second order,
of which the graded mesh was measured to be."""

CERTIFIED = 1e-9
"""Largest imbalance of forces and energies that passes [-]."""

ROUND_OFF = 1e-9
"""A free mismatch below this share of the plates' expansion is none [-]."""

THICKNESS_SHARES = (0.4, 0.7, 1.0, 1.4, 2.0)
CYLINDER_MODULI = (1.0, 10.0, 100.0, 1e3, 1e4, 5e4)  # [MPa]
BALL_FACTORS = (0.01, 0.1, 0.3, 1.0, 10.0)
WORKERS = 2


@dataclass(frozen=True)
class Surroundings:
    """What stands round the joints and doesn't change with them.

    Parameters
    ----------
    places
        Places of all joints, shape (n, 2) [mm].
    temperatures
        Service temperatures [K].
    chips, boards
        Condensed plates at each temperature.
    """

    places: Floats
    temperatures: tuple[float, ...]
    chips: tuple[CondensedPlate, ...]
    boards: tuple[CondensedPlate, ...]

    def at(self, index: int) -> Surroundings:
        """Return the surroundings at one of the temperatures."""
        return Surroundings(self.places, (self.temperatures[index],), (self.chips[index],), (self.boards[index],))


@dataclass(frozen=True)
class Cells:
    """One joint at every service temperature."""

    model: CellModel
    states: tuple[CellState, ...]
    condensed: tuple[tuple[JointElement, CellFields], ...]

    @property
    def elements(self) -> tuple[JointElement, ...]:
        """The elements alone."""
        return tuple(element for element, _ in self.condensed)


@dataclass(frozen=True)
class Response:
    """The assembly at every service temperature, and the change that counts.

    Parameters
    ----------
    solutions
        One a temperature.
    """

    solutions: tuple[AssemblySolution, ...]

    def change(self, name: str) -> Floats:
        """Return a quantity at the last temperature, less that at the first of a cycle."""
        values = [np.asarray(getattr(solution, name)) for solution in self.solutions]
        return np.asarray(values[-1] - values[0] if len(values) > 1 else values[0])

    @cached_property
    def shift(self) -> Floats:
        """What the joints deform by, shape (n, 2) [mm]."""
        return self.change("shift")

    def motion(self, joint: int, index: int) -> recover.PlateMotion:
        """Return the motion of the plates round a joint at one temperature."""
        chip, board = self.solutions[index].chip[joint], self.solutions[index].board[joint]

        def pick(*columns: int) -> Floats:
            return np.concatenate([chip[list(columns)], board[list(columns)]])

        return recover.PlateMotion(pick(0, 1), pick(2, 3), pick(4, 5, 6), pick(7, 8), pick(9, 10))


def solve(package: Package, progress: Callable[[str], None] | None = None, grading: Grading = FINE) -> Result:
    """Solve a package: its decoupling figure, why it is what it is, and how far to trust it.

    Parameters
    ----------
    package
        What to solve.
    progress
        Called with the name of each step when it begins.
    grading
        Element sizes of the joint cell.

    Returns
    -------
    Result

    Raises
    ------
    MeshError
        A joint that cannot be meshed.
    SolveError
        A certificate that isn't green: nothing is returned then.
    """
    # many small systems side by side: threads inside the linear algebra would only wait for each other
    with threadpool_limits(limits=1):
        return _solve(package, _Clock(progress), grading)


def _solve(package: Package, step: _Clock, grading: Grading) -> Result:
    step.begin("mesh")
    section = joint_section(package)
    fine = cell_model(section, grading)
    coarse = cell_model(section, grading.refined(0.5))
    step.begin("plates")
    around = _surroundings(package, section)
    step.begin("joint cell")
    with ThreadPoolExecutor(max_workers=WORKERS) as pool:
        cells, rough = pool.map(lambda model: _cells(model, package), (fine, coarse))
    step.begin("assembly")
    with ThreadPoolExecutor(max_workers=WORKERS) as pool:
        cut = pool.submit(_severed, around, package, coarse, rough.states)
        tied = pool.submit(_rigid, around, package, coarse, rough.states)
        bent = pool.submit(_on_rough_plates, package, rough)
        response = _respond(around, package, section, cells.elements)
        rough_response = _respond(around, package, section, rough.elements)
        free, rigid, plates = cut.result(), tied.result(), bent.result()
    step.begin("reference package")
    reference = _reference(package, around, grading.refined(0.5))
    step.begin("curves")
    curves = _curves(package, around, grading.refined(SKETCH))
    step.begin("local fields")
    return _result(
        _Findings(package, around, cells, rough, response, rough_response, free, rigid, plates, reference, curves), step
    )


class _Clock:
    """Tells the caller what begins, and keeps the seconds of every step."""

    def __init__(self, progress: Callable[[str], None] | None) -> None:
        self._progress = progress
        self._begun: list[tuple[str, float]] = []

    def begin(self, name: str) -> None:
        self._begun.append((name, time.perf_counter()))
        if self._progress is not None:
            self._progress(name)

    def seconds(self) -> dict[str, float]:
        ends = [begun for _, begun in self._begun[1:]] + [time.perf_counter()]
        return {name: round(end - begun, 3) for (name, begun), end in zip(self._begun, ends, strict=True)}


@dataclass(frozen=True)
class _Reference:
    """The reference package: its response, its figures, its cell on the coarse mesh."""

    package: Package
    response: Response
    free: Response
    rough: Cells


@dataclass(frozen=True)
class _Findings:
    package: Package
    around: Surroundings
    cells: Cells
    rough: Cells
    response: Response
    rough_response: Response
    free: Response
    rigid: Response
    rough_plates: tuple[Response, Response]
    reference: _Reference | None
    curves: tuple[Curve, ...]


def _surroundings(
    package: Package,
    section: JointSection,
    temperatures: tuple[float, ...] | None = None,
    mesh: PlateMesh = PLATES,
) -> Surroundings:
    """Condense chip and board at every service temperature; where the stiffness is the same, only once."""
    temperatures = temperatures or package.temperatures.points
    joints = package.array.joints
    places = np.array([[joint.x, joint.y] for joint in joints])
    pitch = package.array.pitch
    symmetry = _symmetry(package, places)
    chip_outline = (package.chip.width, package.chip.length)
    bare = bare_cells(chip_outline, joint_cells(chip_outline, places, pitch))
    plates: dict[str, list[CondensedPlate]] = {"chip": [], "board": []}
    for name, part, cells in (("chip", package.chip, bare), ("board", package.board, NO_CELLS)):
        for temperature in temperatures:
            plate = Plate(
                part.width,
                part.length,
                part.thickness,
                stiffness(part.material, temperature),
                thermal_strain(part.material, package.temperatures.assembly, temperature),
                middles(section)[name],
            )
            done = plates[name]
            if done and np.array_equal(done[-1].plate.stiffness, plate.stiffness):
                done.append(with_plate(done[-1], plate))
            else:
                done.append(condense_plate(plate, places, pitch, symmetry, mesh, cells))
    return Surroundings(places, temperatures, tuple(plates["chip"]), tuple(plates["board"]))


def _symmetry(package: Package, places: Floats) -> Symmetry:
    found = symmetry_of(places)
    if package.model.symmetry == "whole":
        return Symmetry(False, False)
    if package.model.symmetry == "quarter" and not (found.x and found.y):
        raise ConfigError(
            "G138",
            f"the array isn't symmetric in both planes: it has {found}",
            where="model.symmetry",
            hint='use symmetry = "auto"',
        )
    return found


def _cells(model: CellModel, package: Package) -> Cells:
    """Condense a joint at every temperature; elasticity that doesn't change is factored once."""
    states = _states(model, package)
    condensed: list[tuple[JointElement, CellFields]] = []
    for number, state in enumerate(states):
        same = number > 0 and np.array_equal(states[number - 1].elasticity, state.elasticity)
        known = condensed[-1][1] if same else None
        condensed.append(condense(model, state, known.lateral if known else None, known.planar if known else None))
    return Cells(model, states, tuple(condensed))


def _states(model: CellModel, package: Package) -> tuple[CellState, ...]:
    assembly = package.temperatures.assembly
    return tuple(cell_state(model, assembly, temperature) for temperature in package.temperatures.points)


def _respond(
    around: Surroundings,
    package: Package,
    section: JointSection,
    elements: Sequence[JointElement],
    cut: bool = False,
) -> Response:
    """Assemble chip, joints, layers, and board at every temperature."""
    join = severed if cut else assemble
    levels, chip_outline = section.levels, (package.chip.width, package.chip.length)
    decay = levels.chip - (levels.free_end if "second_layer" in section.materials else levels.first_layer)
    edges = edge_factors(around.places, chip_outline, package.array.pitch, decay)
    return Response(
        tuple(
            join(
                _lifted(chip, middles(section)["chip"]),
                board,
                [element if cut else balanced(element, chip.plate, board.plate)],
                edges,
                _film(package, section, temperature),
            )
            for chip, board, element, temperature in zip(
                around.chips, around.boards, elements, around.temperatures, strict=True
            )
        )
    )


def _on_rough_plates(package: Package, rough: Cells) -> tuple[Response, Response]:
    """Return the response with each of `ROUGH_PLATES`, at the service temperature farthest from assembly."""
    section, index = rough.model.section, _coldest(package)
    temperature = package.temperatures.points[index]
    one, other = (_surroundings(package, section, (temperature,), mesh) for mesh in ROUGH_PLATES)
    element = rough.elements[index]
    return _respond(one, package, section, [element]), _respond(other, package, section, [element])


def _lifted(chip: CondensedPlate, height: float) -> CondensedPlate:
    return with_plate(chip, replace(chip.plate, height=height))


def _film(package: Package, section: JointSection, temperature: float) -> FilmElement:
    """Return the layers where no joint stands."""
    levels, middle = section.levels, middles(section)["chip"]
    films = []
    for name in ("first_layer", "second_layer"):
        if name not in section.materials:
            continue
        top = levels.chip if name == "first_layer" else levels.first_layer
        bottom = levels.first_layer if name == "first_layer" else levels.free_end
        films.append(
            Film(
                top - bottom,
                0.5 * (top + bottom) - middle,
                stiffness(section.materials[name], temperature),
                section.free_strain(name, package.temperatures.assembly, temperature),
            )
        )
    return laminate_film(films)


def _severed(around: Surroundings, package: Package, model: CellModel, states: Sequence[CellState]) -> Response:
    elements = [condense_severed(model, state) for state in states]
    return _respond(around, package, model.section, elements, cut=True)


def _rigid(around: Surroundings, package: Package, model: CellModel, states: Sequence[CellState]) -> Response:
    temperatures = around.temperatures
    stiff = [rigid_state(model, state, T) for state, T in zip(states, temperatures, strict=True)]
    return _respond(around, package, model.section, [condense(model, state)[0] for state in stiff])


def _reference(package: Package, around: Surroundings, grading: Grading) -> _Reference | None:
    other = reference_package(package)
    if other is None:
        return None
    section = joint_section(other)
    same_plates = other.chip == package.chip and other.board == package.board and other.array == package.array
    if not (same_plates and other.temperatures == package.temperatures):
        around = _surroundings(other, section)
    model = cell_model(section, grading)
    rough = _cells(model, other)
    response = _respond(around, other, section, rough.elements)
    return _Reference(other, response, _severed(around, other, model, rough.states), rough)


def _figure(response: Response, free: Response, joint: int) -> float:
    return float(decoupling_figures(response.shift, free.shift)[joint])


def _curves(package: Package, around: Surroundings, grading: Grading) -> tuple[Curve, ...]:
    """Return D of the critical joint against second-layer thickness, cylinder modulus, and ball modulus.

    At the service temperature farthest from assembly, on a mesh for drawing, with harmonic 2 of the present package (it
    carries only what the plates' in-plane shear does to the joint).
    """
    index = _coldest(package)
    around = around.at(index)
    section, temperature = joint_section(package), around.temperatures[0]
    sketch = cell_model(section, grading)
    present_state = cell_state(sketch, package.temperatures.assembly, temperature)
    element, fields = condense(sketch, present_state)
    joint = critical_joint(package.array.joints)

    def figure(model: CellModel) -> float:
        state = cell_state(model, package.temperatures.assembly, temperature)
        whole = condense(model, state, planar=fields.planar)[0]
        cut = condense_severed(model, state, element.planar)
        return _figure(
            _respond(around, package, model.section, [whole]),
            _respond(around, package, model.section, [cut], cut=True),
            joint,
        )

    def with_moduli(names: Sequence[str], factor: float) -> CellModel:
        changed = {name: scaled(section.materials[name], factor) for name in names if name in section.materials}
        return replace(sketch, section=with_materials(section, changed))

    plans: list[tuple[str, str, tuple[float, ...], float, Callable[[float], CellModel]]] = []
    if package.second_layer is not None and package.cylinder is not None:
        thickness, cylinder = package.second_layer.thickness, package.cylinder.material
        heights = [share * thickness for share in THICKNESS_SHARES if share * thickness > 2.0 * _covered(package)]
        plans.append(
            (
                "second_layer.thickness",
                "second-layer thickness [µm]",
                tuple(1e3 * height for height in heights),
                1e3 * thickness,
                lambda microns: thickened(sketch, 1e-3 * microns - thickness),
            )
        )
        present = plane_constants(cylinder, temperature)[0]
        filled = [name for name in ("cylinder", "cylinder_fillet") if section.materials.get(name) == cylinder]
        plans.append(
            (
                "cylinder.material.E",
                "cylinder modulus [MPa]",
                tuple(sorted({*CYLINDER_MODULI, present})),
                present,
                lambda modulus: with_moduli(filled, modulus / present),
            )
        )
    ball = [name for name in section.ball_parts if name != "cylinder_fillet"]
    plans.append(
        (
            "ball.material.E",
            "ball modulus, all its parts [× present]",
            BALL_FACTORS,
            1.0,
            lambda factor: with_moduli(ball, factor),
        )
    )
    with ThreadPoolExecutor(max_workers=WORKERS) as pool:
        return tuple(
            Curve(path, label, values, tuple(pool.map(lambda value, model=model: figure(model(value)), values)), now)
            for path, label, values, now, model in plans
        )


def _coldest(package: Package) -> int:
    """Return the index of the service temperature farthest from assembly."""
    temperatures = package.temperatures
    return int(np.argmax([abs(temperature - temperatures.assembly) for temperature in temperatures.points]))


def _covered(package: Package) -> float:
    """Least thickness of a second layer: interconnect and what dips into the cylinder [mm]."""
    return package.interconnect.thickness + package.ball.cylinder_side.dip


def _result(found: _Findings, step: _Clock) -> Result:
    package, joints = found.package, found.package.array.joints
    critical = critical_joint(joints)
    _refuse_without_mismatch(found, joints[critical])
    figures = decoupling_figures(found.response.shift, found.free.shift)
    error = _discretisation_error(found, critical)
    certificates = _certificates(found, error)
    local = _Local(found, critical)
    return Result(
        package=package,
        decoupling=_decoupling(found, figures, critical, local),
        joint=_joint(found),
        joints=tuple(_joint_result(found, number, figures[number]) for number in range(len(joints))),
        warpage=_warpage(found.response),
        interconnect=Interconnect(local.interconnect_strain()),
        certificates=certificates,
        curves=found.curves,
        field=local.picture(),
        notes=_notes(package),
        provenance=_provenance(found, step),
    )


def _refuse_without_mismatch(found: _Findings, critical: JointPlace) -> None:
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


def _decoupling(found: _Findings, figures: Floats, critical: int, local: _Local) -> Decoupling:
    joints, response, reference = found.package.array.joints, found.response, found.reference
    rigid_force = np.linalg.norm(found.rigid.change("shear_force"), axis=1)
    rough_force = np.linalg.norm(found.rough_response.change("shear_force"), axis=1)
    figure = float(figures[critical])
    force_reduction = relief = reference_figure = None
    if reference is not None:
        other = critical_joint(reference.package.array.joints)
        reference_force = float(np.linalg.norm(reference.response.change("shear_force")[other]))
        force_reduction = reduction(float(rough_force[critical]), reference_force)
        relief = reduction(
            _chip_stress(found.rough, found.rough_response, critical),
            _chip_stress(reference.rough, reference.response, other),
        )
        reference_figure = _figure(reference.response, reference.free, other)
    return Decoupling(
        figure=figure,
        coupling=1.0 - figure,
        pad_to_pad=float(decoupling_figures(response.change("pad_to_pad"), found.free.change("pad_to_pad"))[critical]),
        force_based=reduction(float(rough_force[critical]), float(rigid_force[critical])),
        force_reduction=force_reduction,
        chip_stress_relief=relief,
        reference_figure=reference_figure,
        critical_joint=_place(joints[critical]),
        largest_force_joint=_place(joints[largest_force_joint(joints, response.change("shear_force"))]),
        shift_budget=local.shift_budget(),
        energy_budget=local.energy_budget(),
        at=tuple(_at(found, index, critical) for index in range(len(found.around.temperatures))),
    )


def _place(joint: JointPlace) -> Place:
    return Place(joint.row, joint.column, joint.dnp)


def _at(found: _Findings, index: int, critical: int) -> AtTemperature:
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


def _joint_result(found: _Findings, number: int, figure: float) -> JointResult:
    joint, response = found.package.array.joints[number], found.response

    def pair(name: str, source: Response = response) -> tuple[float, float]:
        x, y = source.change(name)[number]
        return float(x), float(y)

    return JointResult(
        row=joint.row,
        column=joint.column,
        x=joint.x,
        y=joint.y,
        dnp=joint.dnp,
        free=pair("shift", found.free),
        shift=pair("shift"),
        pad_to_pad=pair("pad_to_pad"),
        shear_force=pair("shear_force"),
        axial_force=float(response.change("axial_force")[number]),
        moment=pair("moment"),
        decoupling=float(figure) if np.isfinite(figure) else None,
    )


def _warpage(response: Response) -> Warpage:
    chip = [solution.chip_shape.warpage for solution in response.solutions]
    board = [solution.board_shape.warpage for solution in response.solutions]
    several = len(chip) > 1
    return Warpage(chip[-1] - chip[0] if several else chip[0], board[-1] - board[0] if several else board[0])


def _joint(found: _Findings) -> Joint:
    element, fields = found.cells.condensed[-1]
    model = found.cells.model
    return Joint(
        Stiffness(*recover.stiffness_between_footprints(model, element, fields)),
        Resistance(electrical_resistance(model), thermal_resistance(model)),
        element.height,
    )


class _Local:
    """The critical joint in detail, in axes along and across its load."""

    def __init__(self, found: _Findings, critical: int) -> None:
        self._found, self._critical = found, critical
        self._force = found.response.change("shear_force")[critical]
        direction = found.response.shift[critical]
        self._angle = float(np.arctan2(direction[1], direction[0]))
        cells = found.cells
        self._fields = [
            recover.local_field(cells.model, state, fields, self._motion(index))
            for index, (state, (_, fields)) in enumerate(zip(cells.states, cells.condensed, strict=True))
        ]

    def _motion(self, index: int) -> recover.PlateMotion:
        return self._found.response.motion(self._critical, index).turned(self._angle)

    def _change(self) -> recover.PlateMotion:
        last = self._motion(-1)
        if len(self._found.around.temperatures) == 1:
            return last
        first = self._motion(0)
        return recover.PlateMotion(
            *(getattr(last, name) - getattr(first, name) for name in ("x", "y", "axial", "stretch", "shear"))
        )

    def shift_budget(self) -> dict[str, float]:
        cells = self._found.cells
        shifts = [
            recover.interface_shifts(cells.model, *condensed, self._motion(index))
            for index, condensed in enumerate(cells.condensed)
        ]
        if len(shifts) > 1:
            shifts = [{name: shift - shifts[0][name] for name, shift in shifts[-1].items()}]
        return recover.shift_budget(shifts[0])

    def energy_budget(self) -> dict[str, float]:
        cells = self._found.cells
        axial = float(self._found.response.change("axial_force")[self._critical])
        return recover.energy_budget(cells.model, *cells.condensed[-1], self._change(), axial)

    def interconnect_strain(self) -> float:
        model = self._found.cells.model
        ring = recover.base_ring(model)
        values = []
        for theta in recover.half_planes():
            strains = [field.strains(theta, ring) for field in self._fields]
            values.append(recover.equivalent_strain(strains[-1] - strains[0] if len(strains) > 1 else strains[0]))
        return recover.volume_mean(model, np.array(values), ring)

    def picture(self) -> CriticalField:
        """The joint at the temperature farthest from assembly, in the half planes along and against its load."""
        found, cells = self._found, self._found.cells
        index = _coldest(found.package)
        field, state = self._fields[index], cells.states[index]
        planes = (0.0, np.pi)
        return CriticalField(
            mesh=cells.model.mesh,
            displacement=np.stack([_centred(field, theta) for theta in planes]),
            von_mises=np.stack([recover.nodal_von_mises(field, state, theta) for theta in planes]),
            volume=cells.model.space.volume.sum(axis=1),
            temperature=found.around.temperatures[index],
        )


def _centred(field: recover.LocalField, theta: float) -> Floats:
    """Nodal displacement in a half plane without the cell's rigid shift and rise at mid-height."""
    u = field.displacements(theta)
    mesh = field.model.mesh
    on_axis = mesh.points[:, 0] < 1e-9 * mesh.extent
    middle = np.flatnonzero(on_axis)[np.argmin(np.abs(mesh.points[on_axis, 1] - 0.5 * field.model.section.levels.chip))]
    origin = field.displacements(0.0)[middle]
    return np.asarray(u - np.array([origin[0] * np.cos(theta), 0.0, origin[2]]))


def _chip_stress(cells: Cells, response: Response, joint: int) -> float:
    """Mean von Mises stress (of its change over a cycle) in the chip's disc below the base region [MPa]."""
    disc = recover.chip_disc(cells.model)
    fields = [
        recover.local_field(cells.model, state, fields, response.motion(joint, index))
        for index, (state, (_, fields)) in enumerate(zip(cells.states, cells.condensed, strict=True))
    ]
    values = []
    for theta in recover.half_planes():
        stress = [
            recover.stresses(field, state, theta, disc) for field, state in zip(fields, cells.states, strict=True)
        ]
        values.append(recover.von_mises(stress[-1] - stress[0] if len(stress) > 1 else stress[0]))
    return recover.volume_mean(cells.model, np.array(values), disc)


def _discretisation_error(found: _Findings, critical: int) -> DiscretisationError:
    """Estimate errors from two meshes of the cell and two of the plates.

    All share one severed solution, whose fields are smooth.
    """
    figure = _figure(found.response, found.free, critical)
    cold = Response((found.free.solutions[_coldest(found.package)],))
    pairs = (
        (CELL_SHARE, found.free, (found.response, found.rough_response)),
        (1.0, cold, found.rough_plates),
    )
    error = force_error = 0.0
    for share, free, (one, other) in pairs:
        error += share * abs(_figure(one, free, critical) - _figure(other, free, critical))
        forces = [float(np.linalg.norm(response.change("shear_force")[critical])) for response in (one, other)]
        force_error += share * abs(1.0 - forces[1] / forces[0]) if forces[0] > 0 else 0.0
    return DiscretisationError(error, error / max(abs(1.0 - figure), 1e-12), force_error)


def _certificates(found: _Findings, error: DiscretisationError) -> Certificates:
    """Collect the checks of every solve, and refuse the whole result where one fails."""
    solutions = [solution for response in (found.response, found.free, found.rigid) for solution in response.solutions]
    residual = max(
        *(solution.certificates.residual for solution in solutions),
        *(fields.residual for _, fields in found.cells.condensed),
    )
    equilibrium = max(solution.certificates.equilibrium for solution in found.response.solutions)
    energy = max(solution.certificates.energy for solution in found.response.solutions)
    for code, name, value in (("S503", "forces", equilibrium), ("S504", "energies", energy)):
        if not value <= CERTIFIED:
            raise SolveError(
                code,
                f"the {name} of the assembly don't balance: {value:.1e} of their amount, {CERTIFIED:.0e} is asked",
                hint="the moduli in this package differ by too many orders of magnitude",
            )
    return Certificates(residual, equilibrium, energy, error)


def _notes(package: Package) -> tuple[str, ...]:
    """Say what was assumed."""
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
    notes = [
        f"Chip and board are free of stress at the assembly temperature, {assembly}.",
        "All materials are linear elastic: solder creeps, so forces are upper bounds and shifts lower bounds.",
    ]
    if taken:
        notes.append(f"No stress-free temperature was given for {', '.join(taken)}: the assembly's was taken.")
    if package.second_layer is not None:
        wall = "bonded to the cylinder's wall" if package.second_layer.wall == "bonded" else "apart from the cylinder"
        notes.append(f"The second layer is {wall}.")
    notes += [notice.message for notice in package.notices]
    return tuple(notes)


def _provenance(found: _Findings, step: _Clock) -> dict[str, Any]:
    return {
        "program": f"fem-wlp {version('fem-wlp')}",
        "versions": {name: version(name) for name in ("numpy", "scipy", "scikit-fem", "gmsh")},
        "python": platform.python_version(),
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "model": "2D joint cell (harmonics 0, 1, 2) and assembly",
        "joint_cell_unknowns": found.cells.model.space.size,
        "coarse_cell_unknowns": found.rough.model.space.size,
        "plate_unknowns": found.around.chips[0].unknowns + found.around.boards[0].unknowns,
        "joints": len(found.around.places),
        "symmetry": str(found.around.chips[0].symmetry),
        "seconds": step.seconds(),
    }
