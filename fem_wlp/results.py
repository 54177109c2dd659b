"""What a solve answers: frozen records, built whole, and their form as plain data for ``results.json``.

Signs and places: ``free``, ``shift`` and ``shear_force`` are (x, y) of the board's side against the chip's; axial
force is positive in tension; moments are vectors (about x, about y) at mid-height, of the lower on the upper half; row
and column count from 1 at the top left of the ball map; warpage, of chip and of board alike, is positive where the
centre stands higher than the corners. With a temperature cycle all are differences between its
second and its first temperature. None stands where a figure is undefined.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from math import hypot
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .decoupling import doubts
from .errors import Notice
from .mesh.section import SectionMesh
from .mesh.solid import SolidMesh
from .package.model import Package
from .shown import Shown

Floats = NDArray[np.float64]

UNITS: Mapping[str, str] = {
    "length": "mm",
    "force": "N",
    "moment": "N mm",
    "stress": "MPa",
    "temperature": "K",
    "stiffness.axial": "N/mm",
    "stiffness.lateral": "N/mm",
    "stiffness.rocking": "N mm/rad",
    "stiffness.torsion": "N mm/rad",
    "resistance.electrical": "mOhm",
    "resistance.thermal": "K/W",
    "strain": "1",
    "energy": "N mm",
    "decoupling": "1",
}
"""Units of every number in ``results.json``."""


@dataclass(frozen=True)
class JointResult:
    """One joint of the array.

    Parameters
    ----------
    row, column
        Place in the ball map.
    x, y, dnp
        Place on the chip and distance from the neutral point [mm].
    free
        Free mismatch delta_0, every joint severed at its land, (x, y) [mm].
    shift
        What the joint deforms by, delta = u_board - u_chip - H psi, (x, y) [mm].
    pad_to_pad
        The same with the tilt left in, as moire measures it, (x, y) [mm].
    shear_force
        (x, y) [N].
    axial_force
        Positive in tension [N].
    moment
        At mid-height, (about x, about y) [N mm].
    decoupling
        D = delta . delta_0 / |delta_0|^2 [-]; None near the neutral point, where |delta_0| < 1e-3 of the largest.
    """

    row: int
    column: int
    x: float
    y: float
    dnp: float
    free: tuple[float, float]
    shift: tuple[float, float]
    pad_to_pad: tuple[float, float]
    shear_force: tuple[float, float]
    axial_force: float
    moment: tuple[float, float]
    decoupling: float | None


@dataclass(frozen=True)
class AtTemperature:
    """The critical joint and the plates at one temperature, counted from assembly.

    Parameters
    ----------
    temperature
        [K].
    figure, pad_to_pad
        D and its raw value [-]; None without a mismatch.
    free, shift
        Amounts of delta_0 and delta along delta_0 [mm].
    shear_force, axial_force
        Through the critical joint [N].
    warpage_chip, warpage_board
        [mm].
    """

    temperature: float
    figure: float | None
    pad_to_pad: float | None
    free: float
    shift: float
    shear_force: float
    axial_force: float
    warpage_chip: float
    warpage_board: float


@dataclass(frozen=True)
class Place:
    """A joint by its place: row and column [-], distance from the neutral point [mm]."""

    row: int
    column: int
    dnp: float


@dataclass(frozen=True)
class Decoupling:
    """The decoupling figure and what stands beside it; all [-].

    Parameters
    ----------
    figure
        D of the critical joint: 0 rigid joints, 1 severed joints.
    coupling
        1 - D.
    pad_to_pad
        Raw pad-to-pad value with the tilt left in.
    force_based
        D_F = 1 - F/F_rigid.
    force_reduction
        1 - F/F_ref against the reference package; None where there is no reference but the package itself.
    chip_stress_relief
        1 - s/s_ref, mean von Mises stress in the chip, 5 um deep below the base region; may be negative.
    reference_figure
        D of the reference package.
    critical_joint
        The joint with the largest DNP.
    largest_force_joint
        The joint with the largest shear force.
    shift_budget
        Share of delta of each part, from chip to board; sums to 1.
    energy_budget
        Share of the strain energy of each region under the critical joint's mechanical load; sums to 1.
    at
        Each temperature by itself.
    """

    figure: float
    coupling: float
    pad_to_pad: float
    force_based: float
    force_reduction: float | None
    chip_stress_relief: float | None
    reference_figure: float | None
    critical_joint: Place
    largest_force_joint: Place
    shift_budget: Mapping[str, float]
    energy_budget: Mapping[str, float]
    at: tuple[AtTemperature, ...]


@dataclass(frozen=True)
class Stiffness:
    """Joint stiffness between the footprints: axial, lateral [N/mm], rocking, torsion [N mm/rad]."""

    axial: float
    lateral: float
    rocking: float
    torsion: float


@dataclass(frozen=True)
class Resistance:
    """Joint resistance, base region's upper to land's lower face: electrical [mOhm], thermal [K/W]; None: insulated."""

    electrical: float | None
    thermal: float | None


@dataclass(frozen=True)
class Joint:
    """The joint by itself: stiffness, resistance and height between the footprints [mm]."""

    stiffness: Stiffness
    resistance: Resistance
    height: float


@dataclass(frozen=True)
class Warpage:
    """Warpage of chip and board: highest less lowest point under the chip, + centre up, mean plane taken off [mm]."""

    chip: float
    board: float


@dataclass(frozen=True)
class Interconnect:
    """Interconnect: mean equivalent strain sqrt(2/3 e:e) over the outermost 25 um ring of the base region [-]."""

    strain: float


@dataclass(frozen=True)
class Parts:
    """Loads of the critical joint's parts, changes over a cycle, means over their whole volume.

    Parameters
    ----------
    cylinder_shear_strain
        Amount of the cylinder's mean engineering shear strain in the vertical plane of the joint's shift [-]; None
        without a cylinder.
    ball_stress
        Mean von Mises stress of the ball's parts, core and coats, by name [MPa].
    """

    cylinder_shear_strain: float | None
    ball_stress: Mapping[str, float]


@dataclass(frozen=True)
class DiscretisationError:
    """Estimated error of D [-], relative error of 1 - D [-] and of the critical joint's shear force [-]."""

    figure: float
    coupling: float
    shear_force: float


@dataclass(frozen=True)
class Certificates:
    """How far to trust the numbers.

    Parameters
    ----------
    residual
        Largest |f - K u| / |f| of the free unknowns: of the joints in the assembly and of the critical joint's cell
        under its load, or of any system of a resolved array [-].
    backward_error
        Largest |f - K u| / ||K| |u| + |f|| of a joint cell under unit displacements of chip and board [-]; None for a
        resolved array.
    equilibrium
        Largest imbalance of the joint forces on chip and board, relative to their sum of amounts; of a resolved array,
        to that at the temperature where it is largest [-].
    moments
        Largest imbalance of moments on chip and board about the neutral point, those of the joint forces included,
        likewise [-].
    section_forces, section_moments
        Largest difference between the forces, and between the moments, of a joint by the stresses above and below the
        cut at its land and, by joint cell and assembly, those that balance chip and board; relative to the largest
        force of a joint and to the largest moment at a joint's end, or to what a millionth of the loads of its cell
        would be if that is more [-].
    energy
        Relative difference between the energy of the joints and plates by two independent formulas [-].
    discretisation_error
        Estimated from coarser meshes; no certificate is refused by it.
    round_off
        Of a resolved array whose joints pass so little that double precision cannot tell the imbalance of their forces
        or moments to a millionth: what it can tell, no more than a thousandth [-]; else None.
    """

    residual: float
    backward_error: float | None
    equilibrium: float
    moments: float
    section_forces: float
    section_moments: float
    energy: float
    discretisation_error: DiscretisationError
    round_off: float | None = None


@dataclass(frozen=True)
class Curve:
    """D of the critical joint against one parameter, at the service temperature farthest from assembly.

    Parameters
    ----------
    parameter
        Path of the parameter, e.g. "second_layer.thickness".
    label
        In words, with the unit, e.g. "second-layer thickness [µm]".
    values
        Parameter values in the label's unit.
    figures
        D at these values [-].
    present
        The package's own value, in the label's unit.
    """

    parameter: str
    label: str
    values: tuple[float, ...]
    figures: tuple[float, ...]
    present: float


@dataclass(frozen=True)
class CriticalField:
    """The critical joint cut along its load: the half planes theta = 0 and theta = pi of one section mesh.

    Parameters
    ----------
    mesh
        Section mesh with named regions.
    displacement
        (u_r, u_theta, u_z) at the nodes in the half planes theta = 0 and pi, shape (2, n, 3) [mm]; the rigid motion of
        the cell is taken off.
    von_mises
        Von Mises stress at the six nodes of each element, not averaged across elements, shape (2, ne, 6) [MPa].
    volume
        Volume of every element [mm^3], to weight percentiles with.
    temperature
        [K].
    """

    mesh: SectionMesh
    displacement: Floats
    von_mises: Floats
    volume: Floats
    temperature: float


@dataclass(frozen=True)
class ArrayField:
    """The meshed part of a resolved array, deformed.

    Parameters
    ----------
    mesh
        Its mesh, joined; z = 0 is the board's upper face, x = y = 0 the neutral point.
    displacement
        Of the nodes, shape (n, 3) [mm].
    von_mises
        Von Mises stress at the nodes of each element, not averaged across elements, shape (m, k) [MPa].
    axes
        Axis of the joint of each place number of the mesh, shape (p, 2) [mm].
    turns
        Symmetries that make the whole package of the mesh, shape (g, 3, 3) [-].
    critical
        Place number of the critical joint or of its mirror image.
    temperature
        [K].
    """

    mesh: SolidMesh
    displacement: Floats
    von_mises: Floats
    axes: Floats
    turns: Floats
    critical: int
    temperature: float


@dataclass(frozen=True)
class PartMeans:
    """Means over the whole volume of one part of a joint, at one temperature.

    Parameters
    ----------
    von_mises
        Mean von Mises stress [MPa].
    in_plane
        Mean of the two stresses along the chip's face [MPa].
    axial
        Mean stress along the joint's axis [MPa].
    strain
        Mean equivalent strain sqrt(2/3 e:e) since the part's birth, its own thermal expansion included [-].
    """

    von_mises: float
    in_plane: float
    axial: float
    strain: float


@dataclass(frozen=True)
class StepResult:
    """The package after one step of its process, at one temperature.

    Parameters
    ----------
    step
        Number of the step in the package file, from 1.
    name
        In words.
    temperature
        [K].
    body
        What the joint is part of: "wafer", "chip" or "board".
    born
        Parts that became solid in the step.
    bow, bow_at_room
        Height of the wafer's centre over its rim, joints up, at the step's temperature and at room temperature [mm];
        None once it is divided.
    chip_warpage
        Of the single chip, or the mounted one; as `Warpage` [mm]; None on the wafer.
    parts
        Part of the joint → its stress and strain; on the chip and on the board those of the critical joint.
    """

    step: int
    name: str
    temperature: float
    body: str
    born: tuple[str, ...]
    bow: float | None
    bow_at_room: float | None
    chip_warpage: float | None
    parts: Mapping[str, PartMeans]


@dataclass(frozen=True)
class ChipWarpage:
    """Warpage of the single chip at one temperature of the reflow: temperature [K], as `Warpage` [mm]."""

    temperature: float
    chip: float


@dataclass(frozen=True)
class OneStep:
    """The same package with every part unstressed on its host at the temperature of its birth.

    Parameters
    ----------
    figure
        D [-].
    shear_force
        Of the critical joint [N].
    """

    figure: float
    shear_force: float


@dataclass(frozen=True)
class ProcessResult:
    """How the package was made, step by step.

    Parameters
    ----------
    wafer_diameter, room
        Of the wafer [mm]; room temperature [K].
    steps
        Every step, the last ones at every temperature of service.
    reflow
        The single chip from room temperature up to the solder's.
    one_step
        What the temperatures of birth alone would say.
    """

    wafer_diameter: float
    room: float
    steps: tuple[StepResult, ...]
    reflow: tuple[ChipWarpage, ...]
    one_step: OneStep


@dataclass(frozen=True)
class Compared:
    """One figure of the resolved array beside that of joint cell and assembly.

    Parameters
    ----------
    name
        What is compared, in words.
    unit
        Its unit; "1" for a pure number.
    resolved, condensed
        By the 3D model, and by joint cell and assembly; None where undefined.
    difference
        Condensed less resolved, over ``scale``; None where one is undefined.
    scale
        "1" for an absolute difference, else what it is relative to, in words.
    """

    name: str
    unit: str
    resolved: float | None
    condensed: float | None
    difference: float | None
    scale: str


@dataclass(frozen=True)
class Result(Shown):
    """Everything that ``solve`` found out about a package; ``print`` it.

    Parameters
    ----------
    package
        What was solved.
    decoupling, joint, joints, warpage, interconnect, parts, certificates
        The answers.
    curves
        D against second-layer thickness, cylinder modulus, ball modulus.
    field
        The critical joint in detail; of a resolved array all of it.
    notes
        Assumptions made and warnings, in sentences.
    provenance
        Versions, platform, date, sizes, hash of the mesh, seconds, peak memory [MB]; ``run.json`` in a result folder.
    comparison
        Of a resolved array, its figures beside those of joint cell and assembly; else empty.
    process
        How the package was made, step by step; None without a process.
    """

    package: Package
    decoupling: Decoupling
    joint: Joint
    joints: tuple[JointResult, ...]
    warpage: Warpage
    interconnect: Interconnect
    parts: Parts
    certificates: Certificates
    curves: tuple[Curve, ...]
    field: CriticalField | ArrayField
    notes: tuple[str, ...]
    provenance: Mapping[str, Any]
    comparison: tuple[Compared, ...] = ()
    process: ProcessResult | None = None

    @property
    def doubts(self) -> tuple[Notice, ...]:
        """What should be known before D is quoted."""
        place = self.decoupling.critical_joint
        free = next(each.free for each in self.joints if (each.row, each.column) == (place.row, place.column))
        return doubts(self.decoupling.figure, hypot(*free), self.certificates.discretisation_error.figure)

    def __str__(self) -> str:
        d, c = self.decoupling, self.certificates
        where = d.critical_joint
        rows = [
            f"{self.package.name}: decoupling D = {d.figure:.4f} ± {c.discretisation_error.figure:.4f} "
            f"(0 rigid joints, 1 severed joints)",
            f"  critical joint       row {where.row}, column {where.column}, {where.dnp:.3f} mm from the neutral point",
            f"  coupling 1 − D       {d.coupling:.4g}",
            f"  pad to pad (raw)     {d.pad_to_pad:.4f}",
            f"  force based          {d.force_based:.4f}",
            f"  force reduction      {_or_dash(d.force_reduction)}   against the reference package "
            f"(its D = {_or_dash(d.reference_figure)})",
            f"  chip stress relief   {_or_dash(d.chip_stress_relief)}",
            f"  shift budget         {_shares(d.shift_budget)}",
            f"  joint stiffness      axial {self.joint.stiffness.axial:.4g} N/mm, "
            f"lateral {self.joint.stiffness.lateral:.4g} N/mm",
            f"  joint resistance     {_or_dash(self.joint.resistance.electrical)} mΩ, "
            f"{_or_dash(self.joint.resistance.thermal)} K/W",
            f"  warpage              chip {1e3 * self.warpage.chip:.3g} µm, board {1e3 * self.warpage.board:.3g} µm",
            f"  interconnect strain  {1e6 * self.interconnect.strain:.4g} µm/m",
            f"  cylinder shear       {_or_dash(self.parts.cylinder_shear_strain)} strain, mean over its volume",
            f"  certificates         residual {c.residual:.0e}, forces {c.equilibrium:.0e}, moments {c.moments:.0e}, "
            f"sections {max(c.section_forces, c.section_moments):.0e}, energy {c.energy:.0e}",
        ]
        return "\n".join([*rows, *_process_rows(self.process), *map(str, self.doubts)])


def as_data(result: Result) -> dict[str, Any]:
    """Return a result as plain data, the content of ``results.json``.

    Units come first. Package, fields and provenance have files of their own: the same package gives the same data.
    """
    elsewhere = ("package", "field", "provenance")
    data = {item.name: plain(getattr(result, item.name)) for item in fields(result) if item.name not in elsewhere}
    data["notes"] += [doubt.message for doubt in result.doubts]
    return {"package": result.package.name, "units": dict(UNITS), **data}


def plain(value: Any) -> Any:
    """Return records, tuples and numbers of numpy as dictionaries, lists and numbers of Python."""
    if is_dataclass(value) and not isinstance(value, type):
        return {item.name: plain(getattr(value, item.name)) for item in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return [plain(item) for item in value]
    if isinstance(value, np.generic):
        return value.item()
    return value


def _process_rows(process: ProcessResult | None) -> list[str]:
    """Say in two lines what came of a process."""
    if process is None:
        return []
    bow, step = max(
        ((step.bow_at_room, step) for step in process.steps if step.bow_at_room is not None),
        key=lambda pair: abs(pair[0]),
    )
    single, one = process.reflow, process.one_step
    return [
        f"  process              wafer bow {1e3 * bow:.4g} µm at room temperature after step {step.step} ({step.name})",
        f"                       single chip {1e3 * single[0].chip:.3g} µm there, {1e3 * single[-1].chip:.3g} µm when "
        f"soldered; temperatures of birth alone: D = {one.figure:.4f}, shear force {one.shear_force:.4g} N",
    ]


def _or_dash(value: float | None) -> str:
    return "–" if value is None else f"{value:.4g}"


def _shares(budget: Mapping[str, float]) -> str:
    largest = sorted(budget.items(), key=lambda item: -abs(item[1]))[:4]
    return ", ".join(f"{name.replace('_', ' ')} {100 * share:.1f} %" for name, share in largest)
