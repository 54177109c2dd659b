"""The joint cell: any stack of regions in (r, z) under temperature change, pull, lateral shift and rocking.

The cell is a body of revolution; the load is not. Temperature and pull are harmonic m = 0, lateral shift and rocking
harmonic m = 1 (`fem_wlp.elasticity.harmonic`): a three-dimensional answer from one mesh in the meridian plane. It
needs no package: give it regions, materials, and how sides and ends are held.

>>> from fem_wlp.materials.model import isotropic
>>> from fem_wlp.mesh.outline import rectangle
>>> rubber = isotropic("rubber", E=3.0, nu=0.499, alpha=200e-6)
>>> disc = JointCell((Region("disc", rectangle(r=(0.0, 1.0), z=(0.0, 0.5)), rubber),))
>>> pulled = solve_cell(disc, CellLoad(axial=1e-3))
>>> round(pulled.reaction("top").axial, 4)  # [N], 2.92 times what an unbonded disc would take
0.055
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ..elasticity import harmonic, solve
from ..errors import ConfigError, MeshError, SolveError
from ..materials.model import Material, stiffness, thermal_strain, transverse_average
from ..mesh import faces
from ..mesh.outline import VOID, Outline, Painted, checked, heights
from ..mesh.section import Grading, SectionMesh, mesh_section
from ..shown import Shown
from .supports import EndKind, Side, held, refuse_unknown_kinds, rigid_left, rigid_motion, supports

__all__ = [
    "CellLoad",
    "CellSolution",
    "JointCell",
    "Reaction",
    "Region",
    "axial_order",
    "by_region",
    "free_strain",
    "named_face",
    "rigid_motion",
    "solve_cell",
]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

ROOM_TEMPERATURE = 293.15
"""Stress-free temperature where none is given [K]."""

ENERGY_MISMATCH_ASKED = 1e-9
"""Largest acceptable difference between two formulas for the strain energy, relative to it [-]."""


@dataclass(frozen=True)
class Region:
    """One named body of a joint cell.

    Parameters
    ----------
    name
        Name of the region. Several outlines may carry the same name and material; "void" removes material.
    outline
        Its shape in the meridian plane; regions given later cover those given before.
    material
        What it is made of; anisotropic materials enter by their average about the axis. None for "void" only.
    """

    name: str
    outline: Outline
    material: Material | None = None


@dataclass(frozen=True)
class CellLoad:
    """What is done to a cell; anything may be combined.

    Parameters
    ----------
    temperature_change
        Uniform change of temperature [K].
    stress_free
        Temperature at which all regions are free of stress [K]; elastic constants are those at
        ``stress_free + temperature_change``.
    axial
        Motion of the top end along the axis, relative to the bottom end, positive in tension [mm].
    lateral
        Motion of the centre of the top end across the axis, along theta = 0 [mm].
    rocking
        Rotation of the top end about its centre, positive where points above it move towards theta = 0
        (d u_x/d z) [rad].
    """

    temperature_change: float = 0.0
    stress_free: float = ROOM_TEMPERATURE
    axial: float = 0.0
    lateral: float = 0.0
    rocking: float = 0.0


@dataclass(frozen=True)
class JointCell:
    """A stack of regions with its supports.

    Parameters
    ----------
    regions
        The regions in painting order.
    bottom, top
        How the flat faces at the two ends are held.

        - "free": no traction. The end need not be flat (a whole ball).
        - "flat": stays flat without a net force or moment, slides without friction.
        - "held_flat": flat, with the ``axial`` and ``rocking`` motion of the load (the bottom stands still), slides
          without friction.
        - "driven": glued to a rigid plate with the motion of the load (the bottom stands still).
    sides
        How the outer vertical faces of regions are held, by name; a tuple of names stands for one common wall, and
        regions that are not named are free. Only the face at a region's own largest radius is meant.

        - "free": no traction.
        - "straight": stays straight and parallel to the axis and slides along it, without a net radial force: u_r is
          one free strain times r. Under lateral load (m = 1) it moves as a rigid wall without net force or moment.
        - a number: the in-plane strain of the whole cell that the face follows [-], u_r = strain times r; under
          lateral load like "straight".

        Sides and ends that share an edge move together: a "straight" side next to a "driven" end does not stretch,
        and a "driven" end next to a side that follows a strain is glued to a plate with that strain.
    grading
        Element sizes.
    """

    regions: tuple[Region, ...]
    bottom: EndKind = "driven"
    top: EndKind = "driven"
    sides: Mapping[str | tuple[str, ...], Side] = field(default_factory=dict)
    grading: Grading = field(default_factory=Grading)

    @cached_property
    def space(self) -> harmonic.HarmonicSpace:
        """The mesh of the cell with its shape functions, made on first use."""
        kinds = [*self.materials.values()]
        painting = checked(
            [
                Painted(region.name, region.outline, str(kinds.index(region.material)) if region.material else "")
                for region in self.regions
            ]
        )
        ends = zip((self.bottom, self.top), heights(painting), strict=True)
        mesh = mesh_section(painting, self.grading, glued=[height for kind, height in ends if kind == "driven"])
        refuse_loose_regions(mesh)
        return harmonic.HarmonicSpace(mesh)

    @property
    def mesh(self) -> SectionMesh:
        """The section mesh."""
        return self.space.mesh

    @cached_property
    def materials(self) -> dict[str, Material]:
        """The material of every region."""
        found: dict[str, Material] = {}
        for region in self.regions:
            if region.name == VOID:
                continue
            if region.material is None:
                raise ConfigError("F109", f"region {region.name!r} has no material", hint="only a void has none")
            if found.setdefault(region.name, region.material) != region.material:
                raise ConfigError(
                    "F114",
                    f"two regions are called {region.name!r} but are made of different materials",
                    hint="give them different names",
                )
        return found

    def __str__(self) -> str:
        held_sides = [f"side of {names}: {side}" for names, side in self.sides.items()]
        return "\n".join(
            [
                f"Joint cell, bottom {self.bottom}, top {self.top}{''.join(f', {side}' for side in held_sides)}",
                *(f"  {name}: {material.name}" for name, material in self.materials.items()),
            ]
        )


@dataclass(frozen=True)
class Part:
    """The solution of one harmonic; its free strain acts in full."""

    system: harmonic.HarmonicSystem
    displacement: Floats


@dataclass(frozen=True)
class Reaction:
    """What a support exerts on the cell.

    Parameters
    ----------
    axial
        Force along z [N].
    lateral
        Force along theta = 0 [N].
    moment
        Moment about the centre of the face, positive along the rocking (d u_x/d z) [N mm].
    radial
        Sum of the radial forces all round, positive outwards [N].
    """

    axial: float
    lateral: float
    moment: float
    radial: float


@dataclass(frozen=True, repr=False)
class CellSolution(Shown):
    """Answer of a joint cell.

    A rigid motion that no support holds is such that the mean displacement of the cell's volume vanishes.

    Faces are named "top", "bottom", "side of NAME" (its vertical face at its largest radius) or "NAME|OTHER" (the
    interface of two regions).

    Parameters
    ----------
    cell, load
        What was solved.
    parts
        The harmonics that the load excites, m = 0 (temperature, pull), m = 1 (shift, rocking).
    residual
        Largest relative residual of the equilibrium [-].
    energy_mismatch
        Relative difference between the strain energy of the stresses and that of the nodal forces [-].
    """

    cell: JointCell
    load: CellLoad
    parts: tuple[Part, ...]
    residual: float
    energy_mismatch: float

    @cached_property
    def volume(self) -> dict[str, float]:
        """Volume of every region [mm^3]."""
        return {name: self.cell.space.region_volume(name) for name in self.cell.mesh.names}

    @cached_property
    def energy(self) -> dict[str, float]:
        """Strain energy of every region [N mm], of the elastic strain (total less free)."""
        total = np.zeros(len(self.cell.mesh.triangles))
        for part in self.parts:
            total += harmonic.strain_energy(part.system, part.displacement)
        return {name: float(total[self.cell.mesh.elements(name)].sum()) for name in self.cell.mesh.names}

    def reaction(self, face: str = "top", *more: str) -> Reaction:
        """Return what the support of a face, and of more that move with it, exerts on the cell; zero for a free face.

        The moment is about the centre of the first face. An edge that two held faces share counts for both, but once
        where both are asked for together.
        """
        nodes = named_face(self.cell.mesh, face).nodes
        height = float(np.mean([self.cell.mesh.points[nodes, 1].max(), self.cell.mesh.points[nodes, 1].min()]))
        nodes = np.unique(np.concatenate([nodes, *(named_face(self.cell.mesh, name).nodes for name in more)]))
        motions = {kind: rigid_motion(self.cell.mesh, kind, height) for kind in ("axial", "lateral", "rocking")}
        force = np.zeros((2, len(self.cell.mesh.points), 3))
        for part in self.parts:
            acting = part.system.stiffness @ part.displacement - part.system.load
            force[part.system.strain.harmonic, nodes] = acting.reshape(-1, 3)[nodes]
        axial, lateral, moment = (
            float(motion @ force[m].ravel()) for motion, m in zip(motions.values(), (0, 1, 1), strict=True)
        )
        off_axis = self.cell.mesh.points[:, 0] > 1e-9 * self.cell.mesh.extent
        return Reaction(axial, lateral, moment, float(force[0, off_axis, 0].sum()))

    def displacement(self, r: float, z: float, theta: float = 0.0) -> Floats:
        """Return (u_r, u_theta, u_z) [mm] at a point r [mm], z [mm], theta [rad]."""
        (found,) = self.displacements(np.array([[r, z]]), theta)
        return np.asarray(found)

    def displacements(self, points: Floats, theta: float = 0.0) -> Floats:
        """Return (u_r, u_theta, u_z) at points (r, z), shape (k, 2) [mm], in the half plane ``theta``: (k, 3) [mm]."""
        element, local = faces.locate(self.cell.mesh, points)
        total = np.zeros((len(element), 3))
        for part in self.parts:
            system, m = part.system, part.system.strain.harmonic
            nodal = part.displacement[self.cell.space.unknowns[element]]
            bubble = system.bubble_load[element] - np.einsum("kbi,ki->kb", system.bubble_stiffness[element], nodal)
            amplitude = np.concatenate([nodal, bubble], axis=1).reshape(-1, 7, 3)
            about = [np.cos(m * theta), np.sin(m * theta), np.cos(m * theta)]
            total += np.einsum("kn,knc->kc", faces.shape_at(local), amplitude) * about
        return total

    def stress(self, r: float, z: float, theta: float = 0.0, region: str | None = None) -> Floats:
        """Return the stress (rr, tt, zz, tz, rz, rt) [MPa] at a point r [mm], z [mm], theta [rad]; see `stresses`."""
        (found,) = self.stresses(np.array([[r, z]]), theta, region)
        return np.asarray(found)

    def stresses(self, points: Floats, theta: float = 0.0, region: str | None = None) -> Floats:
        """Return the stress at points in the half plane ``theta``, element by element, not smoothed.

        Parameters
        ----------
        points
            Places (r, z), shape (k, 2) [mm].
        theta
            Half plane [rad].
        region
            Side of an interface on which the stress is wanted; None takes either.

        Returns
        -------
        array, shape (k, 6)
            (rr, tt, zz, tz, rz, rt) [MPa]. At the corners where materials meet stress is singular, and its value
            depends on the mesh.
        """
        mesh = self.cell.mesh
        own = np.arange(len(mesh.triangles)) if region is None else mesh.elements(region)
        found, local = faces.locate(mesh.restricted(own), points)
        total = np.zeros((len(found), 6))
        for part in self.parts:
            m = part.system.strain.harmonic
            cosine, sine = np.cos(m * theta), np.sin(m * theta)
            about = [cosine, cosine, cosine, sine, cosine, sine]
            total += harmonic.stress_at(part.system, part.displacement, own[found], local) * about
        return total

    def mean_stress(self, region: str) -> Floats:
        """Return the volume mean of a region's stress, Voigt (xx, yy, zz, yz, xz, xy), shape (6,) [MPa]."""
        space = self.cell.space
        own = space.mesh.elements(region)
        share = space.volume[own] / space.volume[own].sum()
        mean = np.zeros((2, 6))
        for part in self.parts:
            stress = harmonic.stresses(part.system, harmonic.strains(part.system, part.displacement))
            mean[part.system.strain.harmonic] = np.einsum("eq,eqa->a", share, stress[own])
        across, along, shear = (mean[0, 0] + mean[0, 1]) / 2.0, mean[0, 2], (mean[1, 4] - mean[1, 3]) / 2.0
        return np.array([across, across, along, 0.0, shear, 0.0])

    def mean_displacement(self, face: str) -> Floats:
        """Return the mean displacement (x, y, z) of a face, shape (3,) [mm]."""
        weights = named_face(self.cell.mesh, face).weights()
        zero, one = (self._amplitudes(m) for m in (0, 1))
        return np.array([weights @ (one[:, 0] - one[:, 1]) / 2.0, 0.0, weights @ zero[:, 2]])

    def mean_rotation(self, face: str) -> float:
        """Return the rotation of a face, the least-squares slope of its u_z, positive along the rocking [rad]."""
        return -float(named_face(self.cell.mesh, face).weights(1) @ self._amplitudes(1)[:, 2])

    def mean_stretch(self, face: str) -> float:
        """Return the in-plane strain of a face, the least-squares slope of u_r over r (a side: u_r/r) [-]."""
        return float(named_face(self.cell.mesh, face).weights(1) @ self._amplitudes(0)[:, 0])

    def _amplitudes(self, m: int) -> Floats:
        for part in self.parts:
            if part.system.strain.harmonic == m:
                return part.displacement.reshape(-1, 3)
        return np.zeros((len(self.cell.mesh.points), 3))

    def __repr__(self) -> str:
        rows = [f"{name:24s} {self.volume[name]:12.5g} mm³ {self.energy[name]:12.5g} N·mm" for name in self.volume]
        ends = {"top": self.cell.top, "bottom": self.cell.bottom}
        forces = [f"{self._reaction_row(end)} ({kind})" for end, kind in ends.items() if kind != "free"]
        return "\n".join(
            [
                f"Joint cell of {len(self.volume)} regions, {3 * len(self.cell.mesh.points)} unknowns",
                *forces,
                f"residual {self.residual:.1e}, energy balance {self.energy_mismatch:.1e}",
                f"{'region':24s} {'volume':>12s}     {'strain energy':>13s}",
                *rows,
            ]
        )

    def _reaction_row(self, face: str) -> str:
        force = self.reaction(face)
        return (
            f"reaction at the {face}: axial {force.axial:.6g} N, lateral {force.lateral:.6g} N, "
            f"moment {force.moment:.6g} N·mm"
        )


def solve_cell(cell: JointCell, load: CellLoad) -> CellSolution:
    """Solve a joint cell for temperature change, axial and lateral motion and rocking of its top end.

    Parameters
    ----------
    cell
        Regions and supports.
    load
        The load.

    Returns
    -------
    CellSolution

    Raises
    ------
    ConfigError
        A support of unknown kind (F111), a load that is not a number (U104), a region without material (F109).
    MaterialError
        Constants asked outside their range of temperature.
    MeshError
        A section that cannot be meshed, a support without its face.
    SolveError
        A region attached to nothing (S507), a load that no support passes on (S505), an edge moved in two ways
        (S506), a singular system (S501), a certificate that fails (S502, S504).
    """
    refuse_unknown_kinds({"bottom": cell.bottom, "top": cell.top}, cell.sides)
    _refuse_idle_loads(cell, load)
    end_temperature = load.stress_free + load.temperature_change
    rigidity = {name: axial_order(material, end_temperature) for name, material in cell.materials.items()}
    growth = {
        name: free_strain(thermal_strain(material, load.stress_free, end_temperature))
        for name, material in cell.materials.items()
    }
    return solve_strained(cell, load, rigidity, growth)


def solve_strained(
    cell: JointCell,
    load: CellLoad,
    rigidity: Mapping[str, Floats],
    growth: Mapping[str, Floats],
) -> CellSolution:
    """Solve a joint cell whose regions have a given stiffness and free strain.

    Parameters
    ----------
    cell
        Regions and supports; their materials only tell which regions are alike.
    load
        Motions of the top end; its temperatures are not used.
    rigidity
        Stiffness of each region, averaged about the axis, shape (6, 6) [MPa].
    growth
        Free strain of each region, averaged about the axis, shape (6,) [-].
    """
    elasticity, free = by_region(cell.mesh, rigidity), by_region(cell.mesh, growth)
    motions = {0: (0.0, load.axial), 1: (load.lateral, load.rocking)}
    stretched = any(not isinstance(side, str) and side != 0.0 for side in cell.sides.values())
    parts, residuals, mismatches = [], [0.0], [0.0]
    for m, motion in motions.items():
        if not (any(motion) or (m == 0 and (stretched or free.any()))):
            continue
        system = harmonic.assemble(cell.space.strain(m), elasticity, free if m == 0 else np.zeros_like(free))
        u, residual = _solve_harmonic(cell, system, motion, m)
        parts.append(Part(system, u))
        residuals.append(residual)
        mismatches.append(_energy_mismatch(system, u))
    return CellSolution(cell, load, tuple(parts), max(residuals), max(mismatches))


def _solve_harmonic(
    cell: JointCell, system: harmonic.HarmonicSystem, motion: tuple[float, float], m: int
) -> tuple[Floats, float]:
    found = supports(cell.mesh, {"bottom": cell.bottom, "top": cell.top}, cell.sides, motion, m)
    left = held(cell.space, found, m)
    nothing = np.zeros((cell.space.size, 0))
    nowhere = np.zeros(0, dtype=np.int64)
    constrained = solve.Constrained(system.stiffness, left.reduction, nowhere, nothing.T, nothing, left.pins)
    load = (system.load - system.stiffness @ left.offset)[:, None]
    solved = solve.solve(constrained, load, np.zeros_like(load), np.zeros((0, 1)))
    u = left.offset + solved.displacement[:, 0]
    for kind in rigid_left(found, m):
        u -= _mean_motion(cell.space, u, kind) * rigid_motion(cell.mesh, kind)
    return u, solved.residual


def _mean_motion(space: harmonic.HarmonicSpace, u: Floats, kind: str) -> float:
    """Mean over the volume of the displacement along z or theta = 0 [mm]."""
    nodal = u.reshape(-1, 3)[space.mesh.triangles]
    along = nodal[..., 2] if kind == "axial" else (nodal[..., 0] - nodal[..., 1]) / 2.0
    share = np.einsum("eq,eqn->en", space.volume, space.shape[..., :6]) / space.volume.sum()
    return float((share * along).sum())


def _energy_mismatch(system: harmonic.HarmonicSystem, u: Floats) -> float:
    """Compare the energy of the stresses with that of nodal forces and free strain: two independent formulas."""
    weight = system.strain.weight
    initial = 0.5 * float(
        np.einsum("ea,eab,eb,eq->", system.free_strain, system.elasticity, system.free_strain, weight)
    )
    bubble = 0.5 * float(np.einsum("eb,eb->", system.bubble_load, _bubble_force(system)))
    by_forces = 0.5 * float(u @ (system.stiffness @ u)) - float(system.load @ u) + initial - bubble
    by_stress = float(harmonic.strain_energy(system, u).sum())
    # what rounding leaves of the cancelling terms is no mismatch
    terms = float(np.abs(u) @ (abs(system.stiffness) @ np.abs(u))) + initial
    mismatch = abs(by_forces - by_stress) / max(by_stress, 1e-7 * terms, 1e-300)
    if mismatch > ENERGY_MISMATCH_ASKED:
        raise SolveError(
            "S504",
            f"strain energy and work differ by {mismatch:.1e} of the energy",
            hint="the moduli in this cell differ by too many orders of magnitude",
        )
    return mismatch


def _bubble_force(system: harmonic.HarmonicSystem) -> Floats:
    """Thermal load on the bubbles, shape (ne, 3) [N]."""
    rows = system.strain.rows_of()[..., 18:]
    return np.asarray(
        np.einsum("eqai,eab,eb,eq->ei", rows, system.elasticity, system.free_strain, system.strain.weight)
    )


def axial_order(material: Material, temperature: float) -> Floats:
    """Return a material's stiffness averaged about the axis, Voigt (rr, tt, zz, tz, rz, rt), shape (6, 6) [MPa]."""
    return transverse_average(stiffness(material, temperature))


def free_strain(expansion: Floats) -> Floats:
    """Return free strains (x, y, z) averaged about the axis, Voigt, shape (6,) [-]."""
    in_plane = 0.5 * (expansion[0] + expansion[1])
    return np.array([in_plane, in_plane, expansion[2], 0.0, 0.0, 0.0])


def by_region(mesh: SectionMesh, values: Mapping[str, Floats]) -> Floats:
    """Spread one array a region to the elements of a mesh."""
    return np.stack([values[name] for name in mesh.names])[mesh.region]


def named_face(mesh: SectionMesh, name: str) -> faces.Face:
    """Return a face by its name: "top", "bottom", "side of NAME" or "NAME|OTHER"."""
    if name in ("top", "bottom"):
        return faces.end(mesh, top=name == "top")
    if name.startswith("side of "):
        return faces.wall(mesh, name.removeprefix("side of "))
    one, bar, other = name.partition("|")
    if not bar:
        raise MeshError("E403", f"{name!r} is not a face", hint='write "top", "bottom", "side of NAME" or "NAME|OTHER"')
    return faces.interface(mesh, one, other)


def refuse_loose_regions(mesh: SectionMesh) -> None:
    """Raise where a part of the section touches nothing else: it would be free to move (S507)."""
    label = faces.pieces(mesh)
    if not label.any():
        return
    element = int(np.flatnonzero(label == np.bincount(label).argmin())[0])
    place = mesh.points[mesh.triangles[element, :3]].mean(axis=0)
    raise SolveError(
        "S507",
        f"region {mesh.names[mesh.region[element]]!r} near r = {place[0]:.4g} mm, z = {place[1]:.4g} mm "
        "is attached to nothing, or along a corner only",
        hint="let its outline share a face with a neighbor",
    )


def _refuse_idle_loads(cell: JointCell, load: CellLoad) -> None:
    """Raise where the load asks for a motion that the top end is free not to make."""
    for name, value in vars(load).items():
        if not np.isfinite(value):
            message = f"{name} of the load must be a finite number"
            raise ConfigError("U104", message, value=str(value), hint="motions are in mm and rad, temperatures in K")
    passed_on = {"axial": ("held_flat", "driven"), "rocking": ("held_flat", "driven"), "lateral": ("driven",)}
    for name, kinds in passed_on.items():
        if getattr(load, name) != 0.0 and cell.top not in kinds:
            raise SolveError(
                "S505",
                f"the {name} motion of the load has nothing to hold on to: the top end is {cell.top!r}",
                hint=f"let top be {' or '.join(map(repr, kinds))}, or leave this motion out",
            )
