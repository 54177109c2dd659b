"""A package that has a process: its answers with all that came before service, and what every step leaves behind."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ..beside import begin
from ..decoupling import critical_joint
from ..joint import recover
from ..package.model import Package
from ..process.growth import Shape, shape_on_chip
from ..process.history import Stage, mounting_of, service_of
from ..process.history import stages as history
from ..results import ChipWarpage, OneStep, PartMeans, ProcessResult, StepResult
from .critical import CriticalJoint, critical_joint_of
from .device import Process, free_chip, made_and_divided, processed, reborn, severed_device
from .findings import Findings
from .response import Response, figure_of, respond

Floats = NDArray[np.float64]

SMALL_DEFLECTION = 0.5
"""Largest bow of a wafer that plate theory of small deflections is good for, in thicknesses [-]: the middle surface
stretches by the square of it (Timoshenko and Woinowsky-Krieger 1959, Theory of Plates and Shells, section 96)."""

WARPAGES = 5
"""Temperatures at which the single chip's warpage is told, room and solidus included [-]."""


def with_process(found: Findings, beside: Executor | None = None) -> Findings:
    """Return what was found of a package with its history: forces and shifts count from the state of mounting.

    What compares variants and meshes keeps the temperatures of birth alone, without the shapes of birth.
    """
    package, model = found.package, found.cells.model
    wafer = made_and_divided(package, model)
    temperatures = reflow_of(wafer.divided.temperature, wafer.stages)
    alone = begin(beside, free_chip, package, found.around, wafer.divided, temperatures)
    process = processed(package, found.around, wafer, found.cells)
    around = reborn(found.around, package, process.base)
    response = respond(around, package, model.section, process.cells.elements, base=process.base)
    return replace(
        found,
        around=around,
        cells=process.cells,
        response=response,
        free=severed_device(around, package, process),
        made=_told(found, process, response, alone),
    )


def _told(found: Findings, process: Process, response: Response, alone: Callable[[], Response]) -> ProcessResult:
    """Return what every step leaves behind; ``alone`` tells how the single chip bends between room and solidus."""
    package, critical = found.package, critical_joint(found.package.array.joints)
    assert package.wafer is not None
    wafer, room, diameter = process.wafer, package.wafer.temperature, package.wafer.diameter
    on_wafer = [
        after_step(made.stage, _on_wafer(made.shape), (made.shape.bow(diameter), made.shape_at(room).bow(diameter)))
        for made in wafer.made
    ]
    local = critical_joint_of(package, process.cells, response, critical)
    on_board = [
        after_step(stage, _on_board(local, number), chip=response.solutions[number].chip_shape.warpage)
        for number, stage in enumerate(service_of(wafer.stages))
    ]
    bent, divided = alone(), wafer.divided
    first = bent.solutions[0]
    shape = shape_on_chip(divided.growth, room, divided.motion[critical, 5:7] + first.chip[critical, 5:7])
    on_chip = [
        after_step(stage, _on_wafer(shape), chip=first.chip_shape.warpage)
        for stage in wafer.stages
        if stage.body == "chip"
    ]
    return ProcessResult(
        wafer_diameter=diameter,
        room=room,
        steps=(*on_wafer, *on_chip, *on_board),
        reflow=tuple(
            ChipWarpage(temperature, solution.chip_shape.warpage)
            for temperature, solution in zip(reflow_of(room, wafer.stages), bent.solutions, strict=True)
        ),
        one_step=OneStep(
            figure_of(found.response, found.free, critical),
            float(np.linalg.norm(found.response.change("shear_force")[critical])),
        ),
    )


def reflow_of(room: float, stages: Sequence[Stage]) -> tuple[float, ...]:
    """Return the temperatures at which the single chip's warpage is told, from room to the solidus [K]."""
    return tuple(float(T) for T in np.linspace(room, mounting_of(stages).temperature, WARPAGES))


def after_step(
    stage: Stage,
    parts: Mapping[str, PartMeans],
    bow: tuple[float | None, float | None] = (None, None),
    chip: float | None = None,
) -> StepResult:
    """Return what is told of a step: the parts, the wafer's bow then and at room temperature, the chip's warpage."""
    return StepResult(stage.step + 1, stage.name, stage.temperature, stage.body, stage.born, *bow, chip, parts)


def large_deflections(package: Package, made: ProcessResult) -> tuple[str, ...]:
    """Say where the wafer bows so far that plate theory of small deflections tells too much of it."""
    thickness = {stage.step + 1: stage.thickness for stage in history(package)}
    bows = [
        (max(abs(step.bow), abs(step.bow_at_room)) / thickness[step.step], step)
        for step in made.steps
        if step.bow is not None and step.bow_at_room is not None
    ]
    share, most = max(bows, key=lambda one: one[0])
    if share <= SMALL_DEFLECTION:
        return ()
    return (
        f"The wafer bows by up to {share:.1f} times its thickness (step {most.step}, {most.name}). Small deflections "
        "are assumed: a wafer that bends so far stretches as well, bows less than is told, and may bend one way only.",
    )


def _on_wafer(shape: Shape) -> dict[str, PartMeans]:
    """Means over the parts that are joined to the wafer."""
    return {
        name: means_of([shape.stresses(name)], [shape.strains(name)], shape.volumes(name))
        for name in shape.growth.joined
    }


def _on_board(local: CriticalJoint, number: int) -> dict[str, PartMeans]:
    """Means over the parts of a mounted joint, round its axis."""
    model, state, field = local.cells.model, local.cells.states[number], local.fields[number]
    means = {}
    for name in model.mesh.names:
        elements = model.mesh.elements(name)
        if len(elements):
            planes = recover.half_planes()
            stress = [recover.stresses(field, state, theta, elements) for theta in planes]
            strain = [field.strains(theta, elements) for theta in planes]
            means[name] = means_of(stress, strain, model.space.volume[elements])
    return means


def means_of(stress: Sequence[Floats], strain: Sequence[Floats], volume: Floats) -> PartMeans:
    """Return means over a volume of stresses and strains, each in several half planes, shape (ne, nq, 6)."""
    share = volume / volume.sum()

    def mean(values: Sequence[Floats]) -> float:
        return float(np.mean([(value * share).sum() for value in values]))

    return PartMeans(
        von_mises=mean([recover.von_mises(one) for one in stress]),
        in_plane=mean([0.5 * (one[..., 0] + one[..., 1]) for one in stress]),
        axial=mean([one[..., 2] for one in stress]),
        strain=mean([recover.equivalent_strain(one) for one in strain]),
    )
