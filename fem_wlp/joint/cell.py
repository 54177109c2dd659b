"""The joint cell: any stack of regions in (r, z) under temperature change, pull, lateral shift and rocking.

The cell is a body of revolution; the load is not. Temperature and pull are harmonic m = 0, lateral shift and rocking
harmonic m = 1 (`fem_wlp.elasticity.harmonic`): a three-dimensional answer from one mesh in the meridian plane. It
needs no package: give it regions, materials, and how sides and ends are held.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import numpy as np
import scipy.sparse as sparse
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components

from ..elasticity import harmonic, solve
from ..errors import MeshError, SolveError
from ..materials.model import Material, stiffness, thermal_strain, transverse_average
from ..mesh import faces
from ..mesh.outline import Outline, Painted
from ..mesh.section import Grading, SectionMesh, mesh_section

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

ROOM_TEMPERATURE = 293.15

EndKind = Literal["free", "flat", "held_flat", "driven"]
Side = Literal["free", "straight"] | float


@dataclass(frozen=True)
class Region:
    """One named body of a joint cell.

    Parameters
    ----------
    name
        Name of the region.
    outline
        Its shape; regions given later cover those given before.
    material
        What it is made of; anisotropic materials enter by their average about the axis.
    """

    name: str
    outline: Outline
    material: Material


@dataclass(frozen=True)
class CellLoad:
    """What is done to a cell.

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
        Motion of the top end across the axis, along theta = 0 [mm].
    rocking
        Rotation of the top end, positive where points above move towards theta = 0 (d u_x/d z) [rad].
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
        How the ends are held. "free": no traction. "flat": stays flat, slides and moves freely as a whole.
        "held_flat": stays flat with the motion that the load gives it (the bottom stands still), slides freely.
        "driven": glued to a rigid plate with the motion that the load gives it (the bottom stands still).
    sides
        How the outer vertical face of a region is held; regions not named are free. "free": no traction.
        "straight": stays straight and parallel to the axis without a net force (m = 1: moves as a rigid wall
        without net force or moment). A number: follows this in-plane strain of the whole cell [-]
        (m = 1: as "straight"). A tuple of names means one common wall.
    grading
        Element sizes.
    """

    regions: tuple[Region, ...]
    bottom: EndKind = "driven"
    top: EndKind = "driven"
    sides: Mapping[str | tuple[str, ...], Side] = field(default_factory=dict)
    grading: Grading = Grading()

    @cached_property
    def space(self) -> harmonic.HarmonicSpace:
        """The mesh of the cell with its shape functions, made on first use."""
        return harmonic.HarmonicSpace(
            mesh_section([Painted(region.name, region.outline) for region in self.regions], self.grading)
        )

    @property
    def mesh(self) -> SectionMesh:
        """The section mesh."""
        return self.space.mesh


@dataclass(frozen=True)
class Part:
    """The solution of one harmonic."""

    system: harmonic.HarmonicSystem
    displacement: Floats
    thermal: float


@dataclass(frozen=True)
class CellSolution:
    """Answer of a joint cell.

    Parameters
    ----------
    cell, load
        What was solved.
    parts
        The harmonics m = 0 and m = 1.
    residual
        Largest relative residual of the equilibrium [-].
    energy_mismatch
        Relative difference between the strain energy and the work of loads and supports [-].
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
        total = sum(harmonic.strain_energy(part.system, part.displacement, part.thermal) for part in self.parts)
        return {name: float(total[self.cell.mesh.elements(name)].sum()) for name in self.cell.mesh.names}

    @cached_property
    def reactions(self) -> dict[str, float]:
        """Forces of the driven ends on the cell: "axial" [N] and "lateral" [N] on the top end, positive along the
        load's motions, and "moment" [N mm] about the centre of the top end, positive along the rocking."""
        top = faces.end(self.cell.mesh, top=True).nodes
        height = self.cell.mesh.points[top, 1].max()
        zero, one = (
            part.system.stiffness @ part.displacement - part.thermal * part.system.load for part in self.parts
        )
        patterns = [rigid_motion(self.cell.mesh, kind, height) for kind in ("axial", "lateral", "rocking")]
        own = np.zeros(self.cell.space.size, dtype=bool)
        own.reshape(-1, 3)[top] = True
        forces = (float(pattern[own] @ force[own]) for pattern, force in zip(patterns, (zero, one, one), strict=True))
        return dict(zip(("axial", "lateral", "moment"), forces, strict=True))

    def displacement(self, r: float, z: float, theta: float = 0.0) -> Floats:
        """Return (u_r, u_theta, u_z) [mm] at a point r [mm], z [mm], theta [rad]."""
        return self.displacements(np.array([[r, z]]), theta)[0]

    def displacements(self, points: Floats, theta: float = 0.0) -> Floats:
        """Return (u_r, u_theta, u_z) at points (r, z), shape (k, 2) [mm], in the half plane ``theta``: (k, 3) [mm]."""
        element, local = faces.locate(self.cell.mesh, points)
        total = np.zeros((len(points), 3))
        for part in self.parts:
            nodal = part.displacement[self.cell.space.unknowns[element]]
            bubble = part.thermal * part.system.bubble_load[element] - np.einsum(
                "kbi,ki->kb", part.system.bubble_stiffness[element], nodal
            )
            amplitude = np.concatenate([nodal, bubble], axis=1).reshape(len(points), 7, 3)
            m = part.system.strain.harmonic
            about = np.array([np.cos(m * theta), 1.0 if m == 0 else np.sin(m * theta), np.cos(m * theta)])
            total += np.einsum("kn,knc->kc", faces.shape_at(local), amplitude) * about
        return total

    def mean_displacement(self, face: str) -> Floats:
        """Return the mean displacement (x, y, z) of a face [mm].

        ``face`` is "top", "bottom", "side of NAME" or an interface "NAME|OTHER".
        """
        weights = named_face(self.cell.mesh, face).weights()
        zero, one = (part.displacement.reshape(-1, 3) for part in self.parts)
        return np.array([weights @ (one[:, 0] - one[:, 1]) / 2.0, 0.0, weights @ zero[:, 2]])

    def _repr_html_(self) -> str:
        return f"<pre>{self}</pre>"

    def __str__(self) -> str:
        rows = [f"{name:24s} {self.volume[name]:12.5g} mm³ {self.energy[name]:12.5g} N·mm" for name in self.volume]
        forces = self.reactions
        return "\n".join(
            [
                f"Joint cell of {len(self.volume)} regions, {3 * len(self.cell.mesh.points)} unknowns",
                f"reactions at the top: axial {forces['axial']:.6g} N, lateral {forces['lateral']:.6g} N, "
                f"moment {forces['moment']:.6g} N·mm",
                f"residual {self.residual:.1e}, energy balance {self.energy_mismatch:.1e}",
                f"{'region':24s} {'volume':>12s}     {'energy':>12s}",
                *rows,
            ]
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
    MeshError
        A region that cannot be meshed.
    SolveError
        A region attached to nothing (S507), a singular system (S501), a residual that is too large (S502).
    """
    _refuse_loose_regions(cell.mesh)
    materials = {region.name: region.material for region in cell.regions}
    end_temperature = load.stress_free + load.temperature_change
    elasticity = by_region(
        cell.mesh, {name: axial_order(material, end_temperature) for name, material in materials.items()}
    )
    free = by_region(
        cell.mesh,
        {name: free_strain(thermal_strain(m, load.stress_free, end_temperature)) for name, m in materials.items()},
    )
    parts, residuals, mismatches = [], [], []
    for m in (0, 1):
        strain = harmonic.harmonic_strain(cell.space, m)
        system = harmonic.assemble(strain, elasticity, free if m == 0 else np.zeros_like(free))
        constrained, moved = _supports(cell, system, load, m)
        solved = solve.solve(constrained, system.load[:, None], moved[:, None], np.zeros((0, 1)))
        u = solved.displacement[:, 0]
        parts.append(Part(system, u, 1.0))
        residuals.append(solved.residual)
        mismatches.append(_energy_mismatch(system, u))
    return CellSolution(cell, load, tuple(parts), max(residuals), max(mismatches))


def _energy_mismatch(system: harmonic.HarmonicSystem, u: Floats) -> float:
    """Compare the energy of the stresses with the one from nodal forces and free strain: two independent formulas."""
    weight = system.strain.weight
    initial = 0.5 * np.einsum("ea,eab,eb,eq->", system.free_strain, system.elasticity, system.free_strain, weight)
    bubble = 0.5 * float(
        np.einsum("eb,eb->", system.bubble_load, _bubble_force(system))
    )
    by_forces = 0.5 * float(u @ (system.stiffness @ u)) - float(system.load @ u) + float(initial) - bubble
    by_stress = float(harmonic.strain_energy(system, u).sum())
    scale = max(abs(by_forces), abs(float(initial)) * 1e-6, abs(float(u @ (system.stiffness @ u))) * 1e-6, 1e-300)
    return abs(by_forces - by_stress) / scale


def _bubble_force(system: harmonic.HarmonicSystem) -> Floats:
    """Thermal load on the bubbles, shape (ne, 3) [N]."""
    rows = system.strain.rows[..., 18:]
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


def rigid_motion(mesh: SectionMesh, kind: str, height: float = 0.0) -> Floats:
    """Return the amplitudes of a unit rigid motion, shape (n,) [mm].

    "axial": along z. "lateral": along theta = 0. "rocking": unit rotation d u_x/d z about ``height`` [mm].
    "torsion": about the axis.
    """
    u = np.zeros((len(mesh.points), 3))
    r, z = mesh.points.T
    if kind == "axial":
        u[:, 2] = 1.0
    elif kind == "torsion":
        u[:, 1] = r
    elif kind == "lateral":
        u[:, 0], u[:, 1] = 1.0, -1.0
    else:
        u[:, 0], u[:, 1], u[:, 2] = z - height, height - z, -r
    return u.ravel()


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


def _refuse_loose_regions(mesh: SectionMesh) -> None:
    """Raise where a part of the section touches nothing else."""
    count = len(mesh.points)
    rows = np.repeat(mesh.triangles[:, 0], 6)
    graph = sparse.coo_matrix((np.ones(len(rows)), (rows, mesh.triangles.ravel())), shape=(count, count))
    pieces, label = connected_components(graph, directed=False)
    if pieces == 1:
        return
    smallest = int(np.bincount(label).argmin())
    element = int(np.flatnonzero(label[mesh.triangles[:, 0]] == smallest)[0])
    place = mesh.points[mesh.triangles[element, :3]].mean(axis=0)
    raise SolveError(
        "S507",
        f"region {mesh.names[mesh.region[element]]!r} near r = {place[0]:.4g} mm, z = {place[1]:.4g} mm "
        "is attached to nothing",
        hint="let its outline touch a neighbor",
    )


def _supports(
    cell: JointCell, system: harmonic.HarmonicSystem, load: CellLoad, m: int
) -> tuple[solve.Constrained, Floats]:
    """Turn ends and sides into prescribed unknowns, tied groups and pins for one harmonic."""
    mesh, size = cell.mesh, cell.space.size
    motions = ("axial",) if m == 0 else ("lateral", "rocking")
    moved = np.zeros(size)
    held = np.zeros(size, dtype=bool)
    groups: list[Floats] = []
    if m == 0:
        held[1::3] = True  # no torsion
    ends = {top: faces.end(mesh, top).nodes for top in (False, True)}
    for top, nodes in ends.items():
        kind = cell.top if top else cell.bottom
        height = mesh.points[nodes, 1].mean()
        own = _unknowns(nodes) if kind == "driven" else 3 * nodes + 2
        if kind in ("driven", "held_flat"):
            held[own] = True
            for motion in motions if top else ():
                moved[own] = moved[own] + getattr(load, motion) * rigid_motion(mesh, motion, height)[own]
        elif kind == "flat":
            groups.append(_only(rigid_motion(mesh, motions[-1], height), own))
    for names, side in cell.sides.items():
        if side == "free":
            continue
        nodes = faces.wall(mesh, *((names,) if isinstance(names, str) else names)).nodes
        own = 3 * nodes if m == 0 else _unknowns(nodes)
        glued = [top for top, end in ends.items() if _kind(cell, top) == "driven" and np.isin(nodes, end).any()]
        if len(glued) > 1:
            raise SolveError(
                "S506", f"the side of {names!r} is straight and glued to both ends", hint="leave that side free"
            )
        if m == 0 and not isinstance(side, str):
            held[own] = True
            moved[own] = side * mesh.points[nodes, 0]
        elif glued:  # a straight wall glued to a rigid plate moves with it
            held[own] = True
            height = mesh.points[ends[glued[0]], 1].mean()
            moved[own] = sum(
                (getattr(load, motion) * rigid_motion(mesh, motion, height)[own] for motion in motions if m == 1),
                start=np.zeros(len(own)),
            ) * float(glued[0])
        elif m == 0:
            groups.append(_only(np.repeat(mesh.points[:, 0], 3), own))
        else:
            flat = np.concatenate([end for top, end in ends.items() if _kind(cell, top) != "free"] + [nodes[:0]])
            own = np.setdiff1d(own, 3 * flat + 2)  # an end that is kept flat decides about its own edge
            height = mesh.points[nodes, 1].mean()
            groups += [_only(rigid_motion(mesh, motion, height), own) for motion in motions]
    reduction = _tied(harmonic.axis_constraints(cell.space, m), groups)
    pins = _pins(mesh, held, m)
    nothing = np.zeros((size, 0))
    prescribed = np.flatnonzero(held)
    return solve.Constrained(system.stiffness, reduction, prescribed, nothing.T, nothing, pins), moved


def _kind(cell: JointCell, top: bool) -> EndKind:
    return cell.top if top else cell.bottom


def _unknowns(nodes: Integers) -> Integers:
    return (3 * nodes[:, None] + np.arange(3)).ravel()


def _only(pattern: Floats, own: Integers) -> Floats:
    kept = np.zeros_like(pattern)
    kept[own] = pattern[own]
    return kept


def _tied(reduction: sparse.csr_matrix, groups: Sequence[Floats]) -> sparse.csr_matrix:
    """Replace the unknowns of each group by one amplitude a pattern; overlapping patterns share their unknowns."""
    if not groups:
        return reduction
    tied = np.any([pattern != 0 for pattern in groups], axis=0)
    by_column = reduction.tocsc()
    leader = by_column.indices[by_column.indptr[:-1]]
    return sparse.hstack([by_column[:, np.flatnonzero(~tied[leader])], np.stack(groups, axis=1)]).tocsr()


def _pins(mesh: SectionMesh, held: NDArray[np.bool_], m: int) -> Integers:
    """Find one unknown to hold for every rigid motion that the supports leave."""
    motions = ("axial",) if m == 0 else ("lateral", "rocking")
    far = int(np.argmax(mesh.points[:, 0]))
    unknown = {"axial": 3 * far + 2, "lateral": 3 * far, "rocking": 3 * far + 2}
    left = [
        unknown[motion] for motion in motions if not rigid_motion(mesh, motion, mesh.points[:, 1].mean())[held].any()
    ]
    return np.array(left, dtype=np.int64)
