"""The critical joint in detail: budgets, means over fixed volumes, and the picture of its field."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ..joint import recover
from ..package.model import Package
from ..results import CriticalField
from .response import Cells, Response, coldest

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class CriticalJoint:
    """One joint in detail, in axes along and across its shift.

    Parameters
    ----------
    cells
        The joint at every service temperature.
    motions
        Motion of the plates round it at every temperature.
    axial_force
        Its change over the cycle [N].
    shown
        Index of the temperature at which it is drawn.
    temperature
        That temperature [K].
    """

    cells: Cells
    motions: tuple[recover.PlateMotion, ...]
    axial_force: float
    shown: int
    temperature: float

    @cached_property
    def fields(self) -> list[recover.LocalField]:
        """Field of the joint at every temperature."""
        return [
            recover.local_field(self.cells.model, fields, motion)
            for (_, fields), motion in zip(self.cells.condensed, self.motions, strict=True)
        ]

    def residuals(self) -> list[float]:
        """Return |f - K u| / |f| of the joint's cell under its load at every temperature [-]."""
        return [
            recover.load_residual(self.cells.model, state, fields, motion)
            for state, (_, fields), motion in zip(self.cells.states, self.cells.condensed, self.motions, strict=True)
        ]

    def change(self) -> recover.PlateMotion:
        """Return the motion at the last temperature, less that at the first of a cycle."""
        first, last = self.motions[0], self.motions[-1]
        if first is last:
            return last
        return recover.PlateMotion(
            *(getattr(last, name) - getattr(first, name) for name in ("x", "y", "axial", "stretch", "shear", "sides"))
        )

    def shift_budget(self) -> dict[str, float]:
        """Return the share of every part in the joint's shift."""
        shifts = [
            recover.interface_shifts(self.cells.model, *condensed, motion)
            for condensed, motion in zip(self.cells.condensed, self.motions, strict=True)
        ]
        if len(shifts) > 1:
            shifts = [{name: shift - shifts[0][name] for name, shift in shifts[-1].items()}]
        return recover.shift_budget(shifts[0])

    def energy_budget(self) -> dict[str, float]:
        """Return the share of every region in the strain energy of the joint's mechanical load."""
        return recover.energy_budget(self.cells.model, *self.cells.condensed[-1], self.change(), self.axial_force)

    def interconnect_strain(self) -> float:
        """Return the mean equivalent strain of the base region's ring, its range over a cycle [-]."""
        model = self.cells.model
        ring = recover.base_ring(model)
        values = []
        for theta in recover.half_planes():
            strains = [field.strains(theta, ring) for field in self.fields]
            values.append(recover.equivalent_strain(strains[-1] - strains[0] if len(strains) > 1 else strains[0]))
        return recover.volume_mean(model, np.array(values), ring)

    def cylinder_shear_strain(self) -> float | None:
        """Return the amount of the cylinder's mean shear strain along the shift, of its change over a cycle [-]."""
        model = self.cells.model
        if "cylinder" not in model.mesh.names:
            return None
        cylinder = model.mesh.elements("cylinder")
        means = []
        for field in self.fields:
            shear = [recover.shear_along(field.strains(theta, cylinder), theta) for theta in recover.half_planes()]
            means.append(recover.volume_mean(model, np.array(shear), cylinder))
        return abs(means[-1] - means[0] if len(means) > 1 else means[0])

    def ball_stress(self) -> dict[str, float]:
        """Return the mean von Mises stress of each part of the ball, of its change over a cycle [MPa]."""
        model = self.cells.model
        return {
            name: mean_von_mises(self.fields, self.cells, model.mesh.elements(name))
            for name in model.section.ball_parts
            if "fillet" not in name
        }

    def picture(self) -> CriticalField:
        """Return the joint in the half planes along and against its shift."""
        field, state, model = self.fields[self.shown], self.cells.states[self.shown], self.cells.model
        planes = (0.0, np.pi)
        return CriticalField(
            mesh=model.mesh,
            displacement=np.stack([_centred(field, theta) for theta in planes]),
            von_mises=np.stack([recover.nodal_von_mises(field, state, theta) for theta in planes]),
            volume=model.space.volume.sum(axis=1),
            temperature=self.temperature,
        )


def critical_joint_of(package: Package, cells: Cells, response: Response, joint: int) -> CriticalJoint:
    """Return a joint in detail, by its number in the array."""
    shift, index = response.shift[joint], coldest(package)
    angle = float(np.arctan2(shift[1], shift[0]))
    return CriticalJoint(
        cells,
        tuple(response.motion(joint, number).turned(angle) for number in range(len(cells.states))),
        float(response.change("axial_force")[joint]),
        index,
        package.temperatures.points[index],
    )


def _centred(field: recover.LocalField, theta: float) -> Floats:
    """Nodal displacement in a half plane without the cell's rigid shift and rise at mid-height."""
    u = field.displacements(theta)
    mesh = field.model.mesh
    on_axis = mesh.points[:, 0] < 1e-9 * mesh.extent
    middle = np.flatnonzero(on_axis)[np.argmin(np.abs(mesh.points[on_axis, 1] - 0.5 * field.model.section.levels.chip))]
    origin = field.displacements(0.0)[middle]
    return np.asarray(u - np.array([origin[0] * np.cos(theta), 0.0, origin[2]]))


def chip_stress(cells: Cells, response: Response, joint: int) -> float:
    """Mean von Mises stress (of its change over a cycle) in the chip's disc below the base region [MPa]."""
    disc = recover.chip_disc(cells.model)
    fields = [
        recover.local_field(cells.model, fields, response.motion(joint, index))
        for index, (_, fields) in enumerate(cells.condensed)
    ]
    return mean_von_mises(fields, cells, disc)


def mean_von_mises(fields: Sequence[recover.LocalField], cells: Cells, elements: Integers) -> float:
    """Mean von Mises stress of some triangles, of its change over a cycle [MPa]."""
    values = []
    for theta in recover.half_planes():
        stress = [
            recover.stresses(field, state, theta, elements) for field, state in zip(fields, cells.states, strict=True)
        ]
        values.append(recover.von_mises(stress[-1] - stress[0] if len(stress) > 1 else stress[0]))
    return recover.volume_mean(cells.model, np.array(values), elements)
