"""From the divided wafer to the device on its board: the chip bends freely, is mounted, and runs through its cycle."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from ..assembly.plate import CondensedPlate, with_plate
from ..decoupling import critical_joint
from ..joint.condense import CellModel, CellState, film_stress
from ..joint.severed import Severed, board_side, chip_side
from ..materials.model import Material, thermal_strain
from ..package.model import Package
from ..process.base import Base, coordinates, evenly
from ..process.growth import Growth, Shape, bare_wafer, shape_at, shape_on_chip, state_at
from ..process.history import Stage, mounting_of, plating_of_lands
from ..process.history import stages as history
from ..process.making import Made, made_on_wafer
from ..process.standing import WAFER
from .response import WORKERS, Cells, Response, Surroundings, condensed_cells, respond_cut, with_chip_at


@dataclass(frozen=True)
class Wafer:
    """A package as it leaves the wafer, on one mesh of its joint.

    Parameters
    ----------
    stages
        The steps of the process.
    made
        Every step on the wafer.
    divided
        The joint on a single chip, at room temperature as it was on the wafer.
    """

    stages: tuple[Stage, ...]
    made: tuple[Made[Growth, Shape], ...]
    divided: Base


@dataclass(frozen=True)
class Process:
    """A package as its process makes it, on one mesh of its joint.

    Parameters
    ----------
    wafer
        Up to dividing.
    base
        The state of mounting.
    cells
        The mounted joint at every temperature of service.
    """

    wafer: Wafer
    base: Base
    cells: Cells


def made_and_divided(package: Package, model: CellModel) -> Wafer:
    """Make a package that has a process as far as its wafer goes, on one mesh of its joint."""
    assert package.wafer is not None
    room, stages = package.wafer.temperature, history(package)
    made = made_on_wafer(bare_wafer(model, package.wafer.thickness, room), stages, shape_at)
    growth = made[-1].shape_at(room).settled()
    return Wafer(stages, made, evenly(growth, room, len(package.array.joints), severed_at(growth, room)))


def processed(package: Package, around: Surroundings, wafer: Wafer, known: Cells | None = None) -> Process:
    """Mount a package that has left its wafer.

    Parameters
    ----------
    package
        With a process.
    around
        Its chip and board.
    wafer
        What came before.
    known
        The joint without a history at the temperatures of service, condensed on the wafer's mesh.
    """
    stages, divided = wafer.stages, wafer.divided
    base = mounted(package, around, divided, mounting_of(stages), plating_of_lands(stages))
    states = mounted_states(base, package.temperatures.points)
    return Process(wafer, base, condensed_cells(divided.growth.model, package, states, known))


def reborn(around: Surroundings, package: Package, base: Base) -> Surroundings:
    """Return chip and board unstressed where the process leaves them so: flat wafer, board as it is mounted."""

    def moved(plates: tuple[CondensedPlate, ...], material: Material, flat: float) -> tuple[CondensedPlate, ...]:
        return tuple(
            with_plate(one, replace(one.plate, thermal_strain=thermal_strain(material, flat, temperature)))
            for one, temperature in zip(plates, around.temperatures, strict=True)
        )

    chips = moved(around.chips, package.chip.material, base.growth.born[WAFER])
    return replace(around, chips=chips, boards=moved(around.boards, package.board.material, base.temperature))


def severed_device(around: Surroundings, package: Package, process: Process) -> Response:
    """Return the mounted device with all joints severed at their lands."""
    return respond_cut(around, package, process.cells.severed, process.base)


def mounted(package: Package, around: Surroundings, divided: Base, stage: Stage, plated: Stage | None) -> Base:
    """Return the state in which the joints become solid on the board, which lies there flat and unstressed.

    Parameters
    ----------
    package, around, divided
        The single chip, with a board that it isn't joined to.
    stage
        The mounting.
    plated
        The plating of the lands before, if there was one.
    """
    temperature, growth = stage.temperature, divided.growth.carrying(stage)
    severed = severed_at(growth, temperature)
    before = replace(divided, growth=growth, severed=severed)
    solution = free_chip(package, around, before, (temperature,)).solutions[0]
    motion = coordinates(solution.chip + before.motion[:, : solution.chip.shape[1]])
    critical = critical_joint(package.array.joints)
    grown = shape_on_chip(growth, temperature, motion[critical, 5:7]).settled().newborn(stage)
    if plated is not None:
        land = {birth.region: birth.shrinkage for birth in plated.births}
        grown = replace(grown, born={**grown.born, **dict.fromkeys(land, plated.temperature)}).shrinkage(land)
    return Base(grown, temperature, motion, severed)


def free_chip(package: Package, around: Surroundings, divided: Base, temperatures: tuple[float, ...]) -> Response:
    """Return how a single chip bends at some temperatures [K]; the board beside it stays as it is.

    What the joints do to strains and curvatures that differ along x and y (harmonic 2) is that of the divided state:
    it moves the warpage by less than a ten-thousandth. Where the footprints move is not told.
    """
    growth, before = divided.growth, divided.severed
    model = _there(growth)

    def at(temperature: float) -> Severed:
        state, planar = state_at(growth, temperature), before.chip.fields.planar
        return replace(before, chip=chip_side(model, state, [before.chip], planar, footprint=False))

    with ThreadPoolExecutor(max_workers=WORKERS) as pool:
        severed = list(pool.map(at, temperatures))
    alone = with_chip_at(around, package, model.section, temperatures, growth.born[WAFER])
    return respond_cut(alone, package, severed, divided)


def severed_at(growth: Growth, temperature: float) -> Severed:
    """Condense the chip's side of a joint as far as it is there, and joined; beside it the board's.

    Where its footprint moves isn't told.
    """
    model, state = _there(growth), state_at(growth, temperature)
    return Severed(model.section, chip_side(model, state, footprint=False), board_side(model, state))


def _there(growth: Growth) -> CellModel:
    """The cell without the regions that are not there, or lie loose."""
    section = growth.model.section
    there = {name: section.materials[name] for name in section.names if name in growth.joined or name in ON_BOARD}
    return CellModel(replace(section, materials=there), growth.model.space)


ON_BOARD = ("land", "board")


def mounted_states(base: Base, temperatures: Sequence[float]) -> tuple[CellState, ...]:
    """Return the materials of a mounted joint at some temperatures [K], with all that came before."""
    growth = base.growth
    relieved = film_stress(growth.model, state_at(growth, base.temperature))
    return tuple(replace(state_at(growth, temperature), relieved=relieved) for temperature in temperatures)
