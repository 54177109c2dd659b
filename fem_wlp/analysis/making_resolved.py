"""A resolved array made by its process: the state from which its answers count, and what every step leaves behind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ..array.model import How, LateralFace, Solved
from ..array.readings import Field, warpage
from ..array.sector import Sector
from ..joint.recover import equivalent_strain, von_mises
from ..mesh.solid import Floats
from ..package.model import Package
from ..process.history import Stage
from ..process.history import stages as history
from ..process.resolved import (
    ArrayGrowth,
    ArrayMade,
    ArrayShape,
    Bench,
    array_made_on_wafer,
    array_mounted,
)
from ..results import ChipWarpage, OneStep, PartMeans, ProcessResult, StepResult
from ..solid.operator import volumes_of
from .device import mounting_of
from .making import WARPAGES


@dataclass(frozen=True)
class ArrayProcess:
    """A package as its process makes it, on one mesh of its array.

    Parameters
    ----------
    stages
        The steps of the process.
    made
        Every step on the wafer.
    divided
        The single chip, counted up to its shape on the wafer at room temperature.
    base
        All that is there once the joints are solid on the board, in the state of mounting.
    bench
        Where its shapes are solved.
    """

    stages: tuple[Stage, ...]
    made: tuple[ArrayMade, ...]
    divided: ArrayGrowth
    base: ArrayGrowth
    bench: Bench


def processed_array(package: Package, sector: Sector, face: LateralFace | None, how: How) -> ArrayProcess:
    """Make a package: wafer, dividing, mounting.

    Parameters
    ----------
    package
        With a process.
    sector
        Its mesh.
    face
        The outer face of a strip.
    how
        Solver.
    """
    assert package.wafer is not None
    room, stages, bench = package.wafer.temperature, history(package), Bench(how, face)
    on_wafer = [stage for stage in stages if stage.body == "wafer"]
    made = array_made_on_wafer(sector, on_wafer, package.wafer.thickness, room, bench)
    growth = made[-1].growth
    divided = growth.settled(bench.on_wafer(growth, room))
    return ArrayProcess(stages, made, divided, array_mounted(divided, stages, bench), bench)


def told(
    package: Package,
    outline: tuple[float, float],
    places: tuple[int, int],
    process: ArrayProcess,
    joined: Solved,
    one_step: OneStep,
) -> ProcessResult:
    """Put it into numbers.

    Parameters
    ----------
    package
        With a process.
    outline
        Of the chip [mm].
    places
        Place number of the critical joint, in whose cell means are taken, on the coarse mesh and on the fine one.
    process
        As it is made on the coarse mesh.
    joined
        The device at every temperature of service, on the fine mesh.
    one_step
        Answers without shapes of birth.
    """
    assert package.wafer is not None
    room, pitch, diameter = package.wafer.temperature, package.array.pitch, package.wafer.diameter
    steps: list[StepResult] = []
    known: dict[tuple[int, float], ArrayShape] = {}

    def shape_at(growth: ArrayGrowth, temperature: float) -> ArrayShape:
        key = (id(growth), temperature)
        if key not in known:
            known[key] = process.bench.on_wafer(growth, temperature)
        return known[key]

    for made in process.made:
        shape = shape_at(made.growth, made.stage.temperature)
        at_room = shape_at(made.growth, room)
        parts = part_means(shape.field, places[0])
        steps.append(_step(made.stage, parts, shape.bow(diameter), at_room.bow(diameter), None))
    temperatures = tuple(float(T) for T in np.linspace(room, mounting_of(process.stages).temperature, WARPAGES))
    bent = process.bench.by_itself(process.divided, temperatures)
    reflow = [
        ChipWarpage(temperature, warpage(shape.field, "chip", outline, pitch))
        for temperature, shape in zip(temperatures, bent, strict=True)
    ]
    steps += [
        _step(stage, part_means(bent[0].field, places[0]), None, None, reflow[0].chip)
        for stage in process.stages
        if stage.body == "chip"
    ]
    service = [stage for stage in process.stages if stage.body == "board" and not stage.births]
    steps += [
        _step(stage, part_means(field, places[1]), None, None, warpage(field, "chip", outline, pitch))
        for stage, field in zip(service, joined.fields, strict=True)
    ]
    return ProcessResult(diameter, room, tuple(steps), tuple(reflow), one_step)


def _step(
    stage: Stage,
    parts: Mapping[str, PartMeans],
    bow: float | None,
    bow_at_room: float | None,
    chip: float | None,
) -> StepResult:
    born = tuple(birth.region for birth in stage.births)
    return StepResult(stage.step + 1, stage.name, stage.temperature, stage.body, born, bow, bow_at_room, chip, parts)


def part_means(field: Field, place: int) -> dict[str, PartMeans]:
    """Return means over the parts in the cell of one joint, as far as they are there."""
    mesh, means = field.sector.mesh, {}
    here = mesh.places == place
    for name in mesh.names:
        elements = np.flatnonzero(mesh.within(name) & here)
        if not len(elements):
            continue
        volume = volumes_of(field.operator, elements) * mesh.shares[elements, None]
        stress, strain = field.stresses(elements), field.strains(elements)
        means[name] = PartMeans(
            von_mises=_mean(von_mises(stress), volume),
            in_plane=_mean(0.5 * (stress[..., 0] + stress[..., 1]), volume),
            axial=_mean(stress[..., 2], volume),
            strain=_mean(equivalent_strain(strain), volume),
        )
    return means


def _mean(values: Floats, volume: Floats) -> float:
    return float((values * volume).sum() / volume.sum())
