"""A resolved array made by its process: the state from which its answers count, and what every step leaves behind."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..array.model import How, LateralFace, Solved
from ..array.readings import Field, warpage
from ..array.sector import Sector
from ..package.model import Package
from ..process.history import Stage, service_of
from ..process.history import stages as history
from ..process.making import Made, made_on_wafer
from ..process.resolved import ArrayGrowth, ArrayShape, Bench, array_mounted, bare_array
from ..results import ChipWarpage, OneStep, PartMeans, ProcessResult
from ..solid.operator import volumes_of
from .making import after_step, means_of, reflow_of


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
    made: tuple[Made[ArrayGrowth, ArrayShape], ...]
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
    made = made_on_wafer(bare_array(sector, package.wafer.thickness, room), stages, bench.on_wafer)
    divided = made[-1].growth.settled(made[-1].shape_at(room))
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
    steps = [
        after_step(
            made.stage,
            part_means(made.shape.field, places[0]),
            (made.shape.bow(diameter), made.shape_at(room).bow(diameter)),
        )
        for made in process.made
    ]
    temperatures = reflow_of(room, process.stages)
    bent = process.bench.by_itself(process.divided, temperatures)
    reflow = [
        ChipWarpage(temperature, warpage(shape.field, "chip", outline, pitch))
        for temperature, shape in zip(temperatures, bent, strict=True)
    ]
    steps += [
        after_step(stage, part_means(bent[0].field, places[0]), chip=reflow[0].chip)
        for stage in process.stages
        if stage.body == "chip"
    ]
    steps += [
        after_step(stage, part_means(field, places[1]), chip=warpage(field, "chip", outline, pitch))
        for stage, field in zip(service_of(process.stages), joined.fields, strict=True)
    ]
    return ProcessResult(diameter, room, tuple(steps), tuple(reflow), one_step)


def part_means(field: Field, place: int) -> dict[str, PartMeans]:
    """Return means over the parts in the cell of one joint, as far as they are there."""
    mesh, means = field.sector.mesh, {}
    here = mesh.places == place
    for name in mesh.names:
        elements = np.flatnonzero(mesh.within(name) & here)
        if not len(elements):
            continue
        volume = volumes_of(field.operator, elements) * mesh.shares[elements, None]
        means[name] = means_of([field.stresses(elements)], [field.strains(elements)], volume)
    return means
