"""A package that has a process: its answers with all that came before service, and what every step leaves behind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ..decoupling import critical_joint
from ..joint import recover
from ..process.growth import Growth, Shape, shape_on_chip
from ..process.history import Stage
from ..results import ChipWarpage, OneStep, PartMeans, ProcessResult, StepResult
from .critical import CriticalJoint, critical_joint_of
from .device import Process, free_chip, mounting_of, processed, reborn, severed_device
from .findings import Findings
from .response import Response, figure_of, respond

Floats = NDArray[np.float64]

WARPAGES = 5
"""Temperatures at which the single chip's warpage is told, room and solidus included [-]."""


def with_process(found: Findings) -> Findings:
    """Return what was found of a package with its history: forces and shifts count from the state of mounting.

    What compares variants and meshes keeps the temperatures of birth alone, without the shapes of birth.
    """
    package, model = found.package, found.cells.model
    process = processed(package, model)
    around = reborn(found.around, package, process.base)
    response = respond(around, package, model.section, process.cells.elements, base=process.base)
    return replace(
        found,
        around=around,
        cells=process.cells,
        response=response,
        free=severed_device(around, package, process),
        made=_told(found, process, response),
    )


def _told(found: Findings, process: Process, response: Response) -> ProcessResult:
    package, critical = found.package, critical_joint(found.package.array.joints)
    assert package.wafer is not None
    room = package.wafer.temperature
    steps = [
        StepResult(
            step=made.stage.step + 1,
            name=made.stage.name,
            temperature=made.stage.temperature,
            body="wafer",
            born=_born(made.stage),
            bow=made.shape.bow(package.wafer.diameter),
            bow_at_room=made.shape_at(room).bow(package.wafer.diameter),
            chip_warpage=None,
            parts=_on_wafer(made.shape),
        )
        for made in process.made
    ]
    temperatures = tuple(float(T) for T in np.linspace(room, mounting_of(process.stages).temperature, WARPAGES))
    bent = free_chip(package, process.divided, temperatures)
    for stage in process.stages:
        if stage.body == "chip":
            motion = process.divided.motion[critical, 5:7] + bent.solutions[0].chip[critical, 5:7]
            steps.append(
                _beyond(stage, bent.solutions[0].chip_shape.warpage, _on_chip(process.divided.growth, room, motion))
            )
    local = critical_joint_of(package, process.cells, response, critical)
    service = [stage for stage in process.stages if stage.body == "board" and not stage.births]
    for number, stage in enumerate(service):
        parts = _on_board(local, number)
        steps.append(_beyond(stage, response.solutions[number].chip_shape.warpage, parts))
    return ProcessResult(
        wafer_diameter=package.wafer.diameter,
        room=room,
        steps=tuple(steps),
        reflow=tuple(
            ChipWarpage(temperature, solution.chip_shape.warpage)
            for temperature, solution in zip(temperatures, bent.solutions, strict=True)
        ),
        one_step=OneStep(
            figure_of(found.response, found.free, critical),
            float(np.linalg.norm(found.response.change("shear_force")[critical])),
        ),
    )


def _beyond(stage: Stage, warpage: float, parts: Mapping[str, PartMeans]) -> StepResult:
    """A step after the dividing."""
    return StepResult(
        stage.step + 1, stage.name, stage.temperature, stage.body, _born(stage), None, None, warpage, parts
    )


def _born(stage: Stage) -> tuple[str, ...]:
    return tuple(birth.region for birth in stage.births)


def _on_chip(growth: Growth, temperature: float, motion: Floats) -> dict[str, PartMeans]:
    return _on_wafer(shape_on_chip(growth, temperature, motion))


def _on_wafer(shape: Shape) -> dict[str, PartMeans]:
    """Means over the parts that are joined to the wafer."""
    return {
        name: _means([shape.stresses(name)], [shape.strains(name)], shape.volumes(name)) for name in shape.growth.joined
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
            means[name] = _means(stress, strain, model.space.volume[elements])
    return means


def _means(stress: Sequence[Floats], strain: Sequence[Floats], volume: Floats) -> PartMeans:
    """Means over a volume of stresses and strains in several half planes, each shape (ne, nq, 6)."""
    share = volume / volume.sum()

    def mean(values: Sequence[Floats]) -> float:
        return float(np.mean([(value * share).sum() for value in values]))

    return PartMeans(
        von_mises=mean([recover.von_mises(one) for one in stress]),
        in_plane=mean([0.5 * (one[..., 0] + one[..., 1]) for one in stress]),
        axial=mean([one[..., 2] for one in stress]),
        strain=mean([recover.equivalent_strain(one) for one in strain]),
    )
