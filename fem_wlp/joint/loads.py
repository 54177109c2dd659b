"""A package's joint by itself between two plates: pulled, shifted, rocked, at a temperature.

The cell of the joint has the area of one pitch, with chip and board at full thickness. Chip and board go on beyond it,
so the lower plate holds the board's lower face and its wall, and the upper plate carries the chip's upper face and its
wall; the walls of the layers are free. Under elongation and temperature the walls of chip and board slide along the
axis; shift and rocking carry them along. At a temperature the plates stretch as board and chip would by themselves, so
that they leave the mismatch to what lies between.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from ..errors import ConfigError, ConfigErrors
from ..package.model import Package
from ..package.rules import faults_at
from ..units import text
from .cell import CellLoad, CellSolution, JointCell, Region, axial_order, free_strain, solve_strained
from .section import joint_section, sizes_of
from .supports import Side

UNITS: Mapping[str, str] = {
    "temperature": "K",
    "length": "mm",
    "angle": "rad",
    "force": "N",
    "moment": "N mm",
    "stiffness.axial": "N/mm",
    "stiffness.lateral": "N/mm",
    "stiffness.rocking": "N mm/rad",
    "stiffness.coupling": "N/rad",
    "energy": "N mm",
}
"""Units of the numbers in a loaded joint's plain data."""


@dataclass(frozen=True)
class JointLoad:
    """What the upper plate does to a joint; anything may be combined.

    Parameters
    ----------
    shift
        Motion across the axis, along x [mm].
    elongation
        Motion along the axis, positive in tension [mm]; None: the plate rises as ``pull`` lets it.
    pull
        Force along the axis, positive in tension [N]; only without an elongation.
    rocking
        Rotation about the centre of the chip's upper face, positive where points above it move towards x [rad].
    temperature
        Temperature of the joint, counted from the package's assembly [K]; None: no thermal strain, and materials as
        at the last service temperature.
    """

    shift: float = 0.0
    elongation: float | None = None
    pull: float = 0.0
    rocking: float = 0.0
    temperature: float | None = None


@dataclass(frozen=True)
class LoadedStiffness:
    """Force of the upper plate for a unit motion, with its other motions held.

    Parameters
    ----------
    axial, lateral
        [N/mm].
    rocking
        [N mm/rad].
    coupling
        Lateral force for a unit rocking, and moment for a unit shift [N/rad = N mm/mm].
    """

    axial: float
    lateral: float
    rocking: float
    coupling: float


@dataclass(frozen=True)
class LoadedJoint:
    """Answer of a joint between two plates.

    Parameters
    ----------
    package
        Name of the package.
    model
        Kind of model, "2d" or "3d".
    load
        What was done; its elongation filled in where it followed from the pull.
    temperature
        Temperature of the materials [K].
    axial, lateral
        Force of the upper plate along the axis and along x [N].
    moment
        Moment of the upper plate about the centre of the chip's upper face, positive along the rocking [N mm].
    stiffness
        The same for unit motions.
    energy
        Strain energy of every region [N mm].
    unknowns
        Size of the model [-].
    residual
        Largest relative residual [-].
    energy_mismatch
        Relative difference of two formulas for the strain energy [-].
    """

    package: str
    model: str
    load: JointLoad
    temperature: float
    axial: float
    lateral: float
    moment: float
    stiffness: LoadedStiffness
    energy: Mapping[str, float]
    unknowns: int
    residual: float
    energy_mismatch: float

    def as_data(self) -> dict[str, Any]:
        """Return the answer as plain data, its units first."""
        return {"units": dict(UNITS), **asdict(self)}

    def __str__(self) -> str:
        load, total = self.load, sum(self.energy.values())
        state = "with its thermal strain since assembly" if load.temperature is not None else "without thermal strain"
        rows = [
            f"Joint of {self.package} ({self.model}, {self.unknowns} unknowns) at "
            f"{text(self.temperature, 'temperature', 5)}, {state}",
            f"  {'':10s}{'motion':>16s}{'reaction':>18s}{'stiffness':>20s}",
            f"  {'axial':10s}{1e3 * (load.elongation or 0.0):13.5g} um{self.axial:16.6g} N"
            f"{self.stiffness.axial:15.6g} N/mm",
            f"  {'lateral':10s}{1e3 * load.shift:13.5g} um{self.lateral:16.6g} N{self.stiffness.lateral:15.6g} N/mm",
            f"  {'rocking':10s}{1e3 * load.rocking:11.5g} mrad{self.moment:13.6g} N mm"
            f"{self.stiffness.rocking:11.6g} N mm/rad",
            f"  lateral force for a unit rocking: {self.stiffness.coupling:.6g} N/rad",
            f"  strain energy {total:.6g} N mm",
            *(f"    {name:18s}{energy:13.5g} N mm{_share(energy, total)}" for name, energy in self.energy.items()),
            f"  certificates: residual {self.residual:.1e}, energy {self.energy_mismatch:.1e}",
        ]
        return "\n".join(rows)


CHIP_FACES = ("top", "side of chip")
"""Faces that the upper plate moves."""


def solve_joint_cell(package: Package, load: JointLoad, fineness: float = 1.0) -> LoadedJoint:
    """Solve a package's joint as a body of revolution on the pitch's area, between two plates.

    Parameters
    ----------
    package
        Whose joint.
    load
        What is done to it.
    fineness
        The element sizes of a solve are divided by it [-].

    Raises
    ------
    ConfigError
        An elongation and a pull together (C202), a load that is not finite (U104), a temperature at which a solder is
        molten (T106) or a material not known (M108).
    MeshError
        A joint that cannot be meshed.
    SolveError
        A certificate that fails.
    """
    refuse_senseless(package, load)
    section, assembly = joint_section(package), package.temperatures.assembly
    temperature = package.temperatures.points[-1] if load.temperature is None else load.temperature
    materials = section.materials
    growth = {name: free_strain(section.free_strain(name, assembly, temperature)) for name in materials}
    if load.temperature is None:
        growth = dict.fromkeys(materials, np.zeros(6))
    regions = tuple(Region(item.name, item.outline, materials.get(item.name)) for item in section.painting)
    sides: dict[str | tuple[str, ...], Side] = {plate: float(growth[plate][0]) for plate in ("chip", "board")}
    cell = JointCell(regions, sides=sides, grading=sizes_of(fineness))
    rigidity = {name: axial_order(material, temperature) for name, material in materials.items()}

    def solved(motion: CellLoad) -> CellSolution:
        return solve_strained(cell, motion, rigidity, growth)

    still, moved = (solved(motion).reaction(*CHIP_FACES) for motion in (CellLoad(), CellLoad(axial=1.0, lateral=1.0)))
    turned = solved(CellLoad(rocking=1.0)).reaction(*CHIP_FACES)
    axial = moved.axial - still.axial
    elongation = (load.pull - still.axial) / axial if load.elongation is None else load.elongation
    answer = solved(CellLoad(axial=elongation, lateral=load.shift, rocking=load.rocking))
    force = answer.reaction(*CHIP_FACES)
    return LoadedJoint(
        package=package.name,
        model="2d",
        load=replace(load, elongation=elongation),
        temperature=temperature,
        axial=force.axial,
        lateral=force.lateral,
        moment=force.moment,
        stiffness=LoadedStiffness(axial, moved.lateral, turned.moment, turned.lateral),
        energy=answer.energy,
        unknowns=3 * len(cell.mesh.points),
        residual=answer.residual,
        energy_mismatch=answer.energy_mismatch,
    )


def refuse_senseless(package: Package, load: JointLoad) -> None:
    """Raise where a load is not finite or given twice, or asks materials where they are not known or molten."""
    if load.elongation is not None and load.pull != 0.0:
        raise ConfigError(
            "C202", "elongation and pull both say how far the upper plate rises", hint="give one of the two"
        )
    for name, value in asdict(load).items():
        if value is not None and not np.isfinite(value):
            message = f"{name} of the load must be a finite number"
            raise ConfigError("U104", message, value=str(value), hint="motions in mm and rad, forces in N, K")
    faults = [] if load.temperature is None else faults_at(package, (load.temperature,))
    if faults:
        raise ConfigErrors(faults)


def _share(energy: float, total: float) -> str:
    return f"{100.0 * energy / total:8.2f} %" if total > 0.0 else ""
