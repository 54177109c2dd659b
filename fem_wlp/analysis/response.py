"""What stands round the joints, one joint at every temperature, and how the assembly answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ..assembly.cells import Symmetry, bare_cells, edge_factors, joint_cells, sides_of, symmetry_of
from ..assembly.elements import (
    LARGEST_DEFECT,
    LARGEST_RIGID_DEFECT,
    Film,
    FilmElement,
    balanced,
    laminate_film,
)
from ..assembly.plate import NO_CELLS, CondensedPlate, Plate, condense_plate, with_plate
from ..assembly.solve import AssemblySolution, assemble, severed
from ..assembly.system import KINDS, LATERAL_X, LATERAL_Y
from ..decoupling import decoupling_figures
from ..errors import ConfigError
from ..joint import recover
from ..joint.condense import (
    CellFields,
    CellModel,
    CellState,
    cell_state,
    condense,
    middles,
    rigid_state,
)
from ..joint.element import JointElement
from ..joint.section import DECIMALS, JointSection
from ..joint.severed import Severed, severed_joints
from ..materials.model import stiffness, thermal_strain
from ..mesh.plates import PlateMesh
from ..package.model import Package
from ..process.base import Base

Floats = NDArray[np.float64]

PLATES = PlateMesh()
"""Mesh of chip and board."""

WORKERS = 2
"""Threads that condense and assemble side by side [-]."""


Condense = Callable[[Plate, Floats, float, Symmetry, PlateMesh, Floats], CondensedPlate]
"""What `condense_plate` does."""

ROUGH_PLATES = PLATES.refined(0.5)
"""Twice as coarse in all directions, to tell their error."""


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
    """One joint at every service temperature: whole, and cut at its land."""

    model: CellModel
    states: tuple[CellState, ...]
    condensed: tuple[tuple[JointElement, CellFields], ...]
    severed: tuple[Severed, ...]

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
    sides
        Free sides of the layers at each joint, those facing +x less those facing -x, likewise in y, shape (n, 2) [-].
    """

    solutions: tuple[AssemblySolution, ...]
    sides: Floats

    def change(self, name: str) -> Floats:
        """Return a quantity at the last temperature, less that at the first of a cycle."""
        values = [np.asarray(getattr(solution, name)) for solution in self.solutions]
        return np.asarray(values[-1] - values[0] if len(values) > 1 else values[0])

    @cached_property
    def shift(self) -> Floats:
        """What the joints deform by, shape (n, 2) [mm]."""
        return self.change("shift")

    def amount(self, name: str, joint: int) -> float:
        """Return the amount of a vector of one joint, of its change over a cycle."""
        return float(np.linalg.norm(self.change(name)[joint]))

    def motion(self, joint: int, index: int) -> recover.PlateMotion:
        """Return the motion of the plates round a joint at one temperature."""
        chip, board = self.solutions[index].chip[joint], self.solutions[index].board[joint]

        def pick(*columns: int) -> Floats:
            return np.concatenate([chip[list(columns)], board[list(columns)]])

        return recover.PlateMotion(pick(0, 1), pick(2, 3), pick(4, 5, 6), pick(7, 8), pick(9, 10), self.sides[joint])


def surroundings(
    package: Package,
    section: JointSection,
    temperatures: tuple[float, ...] | None = None,
    mesh: PlateMesh = PLATES,
    condensed: Condense = condense_plate,
) -> Surroundings:
    """Condense chip and board at every service temperature; where the stiffness is the same, only once."""
    temperatures = temperatures or package.temperatures.points
    places = _places(package)
    flat = package.temperatures.assembly
    chips, boards = (_plates(name, package, section, temperatures, mesh, flat, condensed) for name in ("chip", "board"))
    return Surroundings(places, temperatures, chips, boards)


def with_chip_at(
    around: Surroundings, package: Package, section: JointSection, temperatures: tuple[float, ...], flat: float
) -> Surroundings:
    """Return surroundings with the chip at other temperatures, unstressed at ``flat`` [K], for joints that are severed.

    It is condensed anew only where its stiffness is another. The board beside it stays as it is.
    """
    chips = _plates("chip", package, section, temperatures, PLATES, flat, known=around.chips)
    return Surroundings(around.places, temperatures, chips, around.boards[:1] * len(temperatures))


def _places(package: Package) -> Floats:
    return np.array([[joint.x, joint.y] for joint in package.array.joints])


def _plates(
    name: str,
    package: Package,
    section: JointSection,
    temperatures: tuple[float, ...],
    mesh: PlateMesh,
    flat: float,
    condensed: Condense = condense_plate,
    known: Sequence[CondensedPlate] = (),
) -> tuple[CondensedPlate, ...]:
    """Condense the chip or the board, unstressed at ``flat`` [K], at every one of the temperatures.

    Once for every stiffness, and not where it is that of one that is ``known``, on the same mesh.
    """
    places, pitch, levels = _places(package), package.array.pitch, section.levels
    symmetry = _symmetry(package, places)
    part = package.chip if name == "chip" else package.board
    half = part.thickness / 2
    if name == "chip":
        outline = (part.width, part.length)
        cells = bare_cells(outline, joint_cells(outline, places, pitch))
        height, band = levels.chip + half, (-half, round(levels.chip_top - levels.chip - half, DECIMALS))
    else:
        cells, height, band = NO_CELLS, -half, (round(levels.board_bottom + half, DECIMALS), half)
    done: list[CondensedPlate] = []
    for temperature in temperatures:
        plate = Plate(
            part.width,
            part.length,
            part.thickness,
            stiffness(part.material, temperature),
            thermal_strain(part.material, flat, temperature),
            height,
            band,
        )
        alike = (one for one in (*known, *done) if np.array_equal(one.plate.stiffness, plate.stiffness))
        same = next(alike, None)
        done.append(with_plate(same, plate) if same else condensed(plate, places, pitch, symmetry, mesh, cells))
    return tuple(done)


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


def condensed_cells(
    model: CellModel,
    package: Package,
    states: tuple[CellState, ...] | None = None,
    known: Cells | None = None,
    cut: bool = True,
) -> Cells:
    """Condense a joint at every temperature; elasticity that doesn't change is factored once.

    Parameters
    ----------
    model, package
        The joint.
    states
        Its materials, one a temperature; None: the package's own.
    known
        The joint with another history, on the same mesh: nor is elasticity factored that it has.
    cut
        Whether the joint is wanted cut as well.
    """
    states = states or cell_states(model, package)
    done = list(zip(known.states, known.condensed, strict=True)) if known else []
    before = len(done)
    for state in states:
        alike = (fields for other, (_, fields) in done if np.array_equal(other.elasticity, state.elasticity))
        same = next(alike, None)
        lateral, planar = (same.lateral, same.planar) if same else (None, None)
        done.append((state, condense(model, state, lateral, planar)))
    severed = severed_joints(model, states, known.severed if known else ()) if cut else ()
    return Cells(model, states, tuple(condensed for _, condensed in done[before:]), severed)


def cell_states(model: CellModel, package: Package) -> tuple[CellState, ...]:
    """Return the materials of a joint at every service temperature."""
    assembly = package.temperatures.assembly
    return tuple(cell_state(model, assembly, temperature) for temperature in package.temperatures.points)


def respond(
    around: Surroundings,
    package: Package,
    section: JointSection,
    elements: Sequence[JointElement],
    cut: bool = False,
    defect: float = LARGEST_DEFECT[0],
    base: Base | None = None,
) -> Response:
    """Assemble chip, joints, layers, and board at every temperature.

    Parameters
    ----------
    around
        Chip and board.
    package, section
        What stands between them.
    elements
        One joint at every temperature.
    cut
        Whether the joints are severed at their lands.
    defect
        What `balanced` takes off at most.
    base
        What the device has behind it, and from where its motion counts; None: all is flat at the assembly temperature.
    """
    join = severed if cut else assemble
    levels, chip_outline = section.levels, (package.chip.width, package.chip.length)
    decay = levels.chip - (levels.free_end if "second_layer" in section.materials else levels.first_layer)
    edges = edge_factors(around.places, chip_outline, package.array.pitch, decay)
    sides = sides_of(edges)
    solutions = []
    for chip, board, element, temperature in zip(
        around.chips, around.boards, elements, around.temperatures, strict=True
    ):
        solution = join(
            _lifted(chip, levels.chip + chip.plate.thickness / 2),
            board,
            [element if cut else balanced(element, chip.plate, board.plate, defect)],
            edges,
            base.film(temperature) if base else _film(package, section, temperature),
            base.loads(element, temperature) if base else None,
        )
        moved = solution.footprint + sides[:, :, None] * element.edge_footprint
        solution = replace(solution, footprint=moved)
        solutions.append(counted_from(solution, base.motion, element) if base else solution)
    return Response(tuple(solutions), sides)


def counted_from(solution: AssemblySolution, motion: Floats, element: JointElement) -> AssemblySolution:
    """Return a solution whose joints' motion counts from a state of chip and board, shape (n, 22); shapes are whole."""
    before = np.stack([motion[:, list(kinds)] @ element.footprint.T for kinds in (LATERAL_X, LATERAL_Y)], axis=1)
    return replace(
        solution,
        chip=solution.chip - motion[:, :KINDS],
        board=solution.board - motion[:, KINDS:],
        footprint=solution.footprint - before,
    )


@dataclass(frozen=True)
class Answer:
    """The assembly on one mesh of the joint cell and one of the plates: as it is, and with all joints severed."""

    response: Response
    free: Response

    def figure(self, joint: int) -> float:
        """Return D of one joint [-]."""
        return figure_of(self.response, self.free, joint)

    def shear_force(self, joint: int) -> float:
        """Return its shear force [N]."""
        return self.response.amount("shear_force", joint)


def answered(around: Surroundings, package: Package, cells: Cells) -> Answer:
    """Assemble as it is, and with all joints severed."""
    joined = respond(around, package, cells.model.section, cells.elements)
    return Answer(joined, respond_cut(around, package, cells.severed))


def on_rough_plates(package: Package, cells: Cells) -> Answer:
    """Return the answer with `ROUGH_PLATES`."""
    return answered(surroundings(package, cells.model.section, mesh=ROUGH_PLATES), package, cells)


def on_rough_cell(around: Surroundings, package: Package, model: CellModel) -> Answer:
    """Return the answer with another mesh of the joint cell."""
    return answered(around, package, condensed_cells(model, package))


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


def respond_cut(
    around: Surroundings, package: Package, severed: Sequence[Severed], base: Base | None = None
) -> Response:
    """Assemble with every joint severed at its land, given at every temperature; ``base`` as of `respond`."""
    return respond(around, package, severed[0].section, [one.element for one in severed], cut=True, base=base)


def respond_severed(around: Surroundings, package: Package, model: CellModel, states: Sequence[CellState]) -> Response:
    """Assemble with every joint severed, where the whole joints are not condensed."""
    return respond_cut(around, package, severed_joints(model, states))


def respond_rigid(around: Surroundings, package: Package, model: CellModel, states: Sequence[CellState]) -> Response:
    """Assemble with every joint rigid."""
    temperatures = around.temperatures
    stiff = tuple(rigid_state(model, state, T) for state, T in zip(states, temperatures, strict=True))
    elements = condensed_cells(model, package, stiff, cut=False).elements
    return respond(around, package, model.section, elements, defect=LARGEST_RIGID_DEFECT)


def figure_of(response: Response, free: Response, joint: int) -> float:
    """Return D of one joint [-]."""
    return float(decoupling_figures(response.shift, free.shift)[joint])


def coldest(package: Package) -> int:
    """Return the index of the service temperature farthest from assembly."""
    temperatures = package.temperatures
    return int(np.argmax([abs(temperature - temperatures.assembly) for temperature in temperatures.points]))
