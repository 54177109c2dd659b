"""Chip and board as coarse solids, condensed once to the motion of the cells round the joints.

A plate is a box of one orthotropic material, meshed by 27-node hexahedra, free in space. What a joint knows of it are
eleven means over its cell (`COORDINATES`); what the joints need of it is the flexibility between these means,

    q = G f + q_T + (Q R) a,        G = Q K⁺ Qᵀ,

f the forces conjugate to q, q_T the free thermal expansion and a the rigid motion. K⁺ leaves out rigid motion: each
force is balanced by the plate's inertia, and the mean motion of its mass is taken off.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise, product

import numpy as np

from fem_wlp.assembly.axis import half_axis, whole_axis
from fem_wlp.assembly.cells import (
    COINCIDENT,
    FloatArray,
    Orbits,
    Symmetry,
    areas_of,
    centres_of,
    distinct,
    joint_cells,
    orbits_of,
)
from fem_wlp.assembly.parity import COORDINATES, FILM, Axes, Coordinates, ParityAnswer, solve_parity
from fem_wlp.errors import MaterialError, SolveError
from fem_wlp.mesh.plates import PlateMesh

LARGEST_ROUNDOFF = 1e-6
"""Relative error of the plates' motion by round-off above which no answer is given; very thin, wide plates [-]."""

NO_CELLS = np.zeros((0, 4))
"""No bare cells: for a plate without layers."""


@dataclass(frozen=True)
class Plate:
    """A homogeneous rectangular plate, centred on the package's axis.

    Parameters
    ----------
    width, length, thickness
        Extent in x, y and z [mm].
    stiffness
        (6, 6) elastic matrix, Voigt order xx, yy, zz, yz, xz, xy with engineering shear, orthotropic in the package's
        axes [MPa].
    thermal_strain
        (3,) free strain in x, y, z since the assembly was free of stress [-].
    height
        Height of the mid-plane, z up, chip above board [mm].
    band
        Lower and upper end, from the mid-plane, of the part next to the joints over which the cells' means are taken
        [mm]; by default the whole thickness. The load of a joint does not reach through a plate much thicker than the
        pitch.
    """

    width: float
    length: float
    thickness: float
    stiffness: FloatArray
    thermal_strain: FloatArray
    height: float
    band: tuple[float, float] | None = None

    @property
    def means(self) -> tuple[float, float]:
        """Ends of the band of the means, from the mid-plane [mm]."""
        return self.band or (-self.thickness / 2, self.thickness / 2)

    @property
    def depth(self) -> float:
        """Thickness of that band [mm]."""
        return self.means[1] - self.means[0]

    @property
    def outline(self) -> tuple[float, float]:
        """Width and length [mm]."""
        return self.width, self.length


@dataclass(frozen=True)
class RigidMode:
    """A rigid motion of a free plate.

    Parameters
    ----------
    name
        In words.
    cells
        (c,) the cells' coordinates in this motion, of amplitude 1 mm or 1 rad.
    surface
        (images, points) deflection of the mid-plane [mm].
    """

    name: str
    cells: FloatArray
    surface: FloatArray


@dataclass(frozen=True)
class CondensedPlate:
    """A free plate as the joints know it.

    The c coordinates are the 11 of each joint that stands for its mirror images, then the six of strain and curvature
    of each bare cell that stands for its images. The images are those in the planes that are no mirrors.

    Parameters
    ----------
    plate
        The plate.
    places
        (n, 2) joints' axes [mm].
    pitch
        Distance of neighbouring joints [mm].
    symmetry
        Mirrors that were used.
    joints, bare
        Orbits of the joints, and of the bare cells.
    joint_areas, bare_areas
        (s,) and (b,) plan area of the first cell of each orbit [mm²].
    flexibility
        (c, c) G, between coordinates and forces that are summed over the orbit [mm/N and derived].
    modes
        Rigid motions that the symmetry allows.
    surface
        (images, points, c) deflection of the mid-plane at the mesh's corners by unit forces [mm/N and derived].
    corners
        x and y of the mesh's corners in the quarter x, y ≥ 0 [mm].
    unknowns
        Number of unknowns of the quarter problems together [-].
    roundoff
        Relative error of the solves in the norm of energy, an estimate; grows with width over thickness [-].
    asymmetry
        Relative difference of G and its transpose, zero by Maxwell and Betti [-].
    """

    plate: Plate
    places: FloatArray
    pitch: float
    symmetry: Symmetry
    joints: Orbits
    bare: Orbits
    joint_areas: FloatArray
    bare_areas: FloatArray
    flexibility: FloatArray
    modes: tuple[RigidMode, ...]
    surface: FloatArray
    corners: tuple[FloatArray, FloatArray]
    unknowns: int
    roundoff: float
    asymmetry: float


def condense_plate(
    plate: Plate, places: FloatArray, pitch: float, symmetry: Symmetry, mesh: PlateMesh, bare: FloatArray = NO_CELLS
) -> CondensedPlate:
    """Condense a plate to its cells: factor it, and solve for a unit force on every coordinate.

    Parameters
    ----------
    plate
        The plate.
    places
        (n, 2) joints' axes from the plate's centre [mm].
    pitch
        Distance of neighbouring joints [mm].
    symmetry
        Mirrors of the map to make use of, from `symmetry_of`; the answer does not depend on it.
    mesh
        Fineness.
    bare
        (m, 4) rectangles without a joint whose strain is asked too, from `bare_cells` [mm].

    Raises
    ------
    MaterialError
        M106 where the stiffness is not positive definite, or not orthotropic in the package's axes.
    ConfigError
        G138 where the map has not the symmetry asked for, G130 and G135 from `joint_cells`.
    SolveError
        S501 and S502 where the plate's equations cannot be solved.
    """
    _check_orthotropic(plate.stiffness)
    cells = joint_cells(plate.outline, places, pitch)
    joints, blanks = orbits_of(cells, symmetry), orbits_of(bare, symmetry)
    firsts = np.concatenate([cells[joints.first], bare[blanks.first]])
    coordinates = _coordinates(firsts, len(joints.first))
    growth = mesh.growth_loaded if len(bare) else mesh.growth
    axes = _axes(plate, cells, pitch, mesh, growth)  # edges of bare ones are edges of these, or of the plate
    plan = tuple(product(*((1,) if mirror else (1, -1) for mirror in (symmetry.x, symmetry.y))))
    answers = {
        (x, y, z): solve_parity(axes, plate.stiffness, coordinates, (x, y, z), plate.means)
        for x, y in plan
        for z in (1, -1)
    }
    roundoff = max(answer.roundoff for answer in answers.values())
    if not roundoff <= LARGEST_ROUNDOFF:
        raise SolveError(
            "S502",
            f"round-off reaches {roundoff:.1e} of the plate's motion",
            where="plate",
            hint="the plate is too thin for its width",
        )
    size = len(coordinates.kind)
    flexibility = np.zeros((size, size))
    for answer in answers.values():
        flexibility[np.ix_(answer.columns, answer.columns)] += answer.flexibility / 4
    modes, surface = _surfaces(answers, plan, size)
    return CondensedPlate(
        plate=plate,
        places=places,
        pitch=pitch,
        symmetry=symmetry,
        joints=joints,
        bare=blanks,
        joint_areas=areas_of(cells[joints.first]),
        bare_areas=areas_of(bare[blanks.first]),
        flexibility=(flexibility + flexibility.T) / 2,
        modes=modes,
        surface=surface,
        corners=(axes[0].nodes[::2], axes[1].nodes[::2]),
        unknowns=sum(answer.unknowns for answer in answers.values()),
        roundoff=roundoff,
        asymmetry=float(np.abs(flexibility - flexibility.T).max() / np.abs(flexibility).max()),
    )


def with_plate(condensed: CondensedPlate, plate: Plate) -> CondensedPlate:
    """Return the same condensed plate at another height or with another thermal strain, which cost nothing.

    Raises
    ------
    ValueError
        If outline, thickness or stiffness differ: they need `condense_plate`.
    """
    old = condensed.plate
    same = (plate.outline, plate.thickness, plate.means) == (old.outline, old.thickness, old.means)
    if not (same and np.array_equal(plate.stiffness, old.stiffness)):
        raise ValueError("another outline, thickness or stiffness needs another condensation")
    return replace(condensed, plate=plate)


def free_expansion(condensed: CondensedPlate) -> FloatArray:
    """Return q_T, the (c,) coordinates of the plate that expands freely about its centre.

    The displacement is linear in x and y, so the cells' means are known without a solve.
    """
    ex, ey, _ = condensed.plate.thermal_strain
    r = condensed.places[condensed.joints.first]
    q = np.zeros((len(r), len(COORDINATES)))
    q[:, 0], q[:, 2], q[:, 5], q[:, 7] = ex * r[:, 0], ey * r[:, 1], (ex + ey) / 2, (ex - ey) / 2
    bare = np.tile([(ex + ey) / 2, 0.0, (ex - ey) / 2, 0.0, 0.0, 0.0], len(condensed.bare.first))
    return np.concatenate([q.ravel(), bare])


def _check_orthotropic(C: FloatArray) -> None:
    largest = np.abs(C).max()
    smallest = float(np.linalg.eigvalsh((C + C.T) / 2).min())
    if not smallest > 0:
        raise MaterialError(
            "M106",
            f"a plate's stiffness has the eigenvalue {smallest:g} MPa",
            where="plate",
            hint="check the constants of the chip's and the board's material",
        )
    coupling = np.ones((6, 6)) - np.eye(6)
    coupling[:3, :3] = 0
    if max(np.abs(C - C.T).max(), np.abs(C * coupling).max()) > 1e-9 * largest:
        raise MaterialError(
            "M106",
            "a plate's stiffness is not orthotropic in the package's axes",
            where="plate",
            hint="give its constants along x, y and z of the package",
        )


def _coordinates(firsts: FloatArray, joints: int) -> Coordinates:
    tolerance = COINCIDENT * np.abs(firsts).max()
    quadrant = np.where(centres_of(firsts) < -tolerance, -1.0, 1.0)
    folded = np.column_stack([np.sort(firsts[:, :2] * quadrant[:, :1]), np.sort(firsts[:, 2:] * quadrant[:, 1:])])
    _, first, cell = np.unique(np.round(folded / tolerance), axis=0, return_index=True, return_inverse=True)
    counts = np.where(np.arange(len(firsts)) < joints, len(COORDINATES), len(FILM))
    kinds = [np.tile(np.arange(len(COORDINATES)), joints), np.tile(np.array(FILM), len(firsts) - joints)]
    return Coordinates(
        cells=folded[first],
        cell=np.repeat(cell, counts),
        kind=np.concatenate(kinds),
        quadrant=np.repeat(quadrant, counts, axis=0),
    )


def _axes(plate: Plate, cells: FloatArray, pitch: float, mesh: PlateMesh, growth: float) -> Axes:
    size = mesh.size(plate.thickness, pitch)
    return (
        half_axis(_lines(plate.width / 2, cells[:, :2], size, growth)),
        half_axis(_lines(plate.length / 2, cells[:, 2:], size, growth)),
        whole_axis(_levels(plate, mesh)),
    )


def _levels(plate: Plate, mesh: PlateMesh) -> FloatArray:
    """Mesh lines through the thickness, even about the mid-plane, with one at the end of the band of the means."""
    ends = distinct(np.array([sign * end for end in plate.means for sign in (-1, 1)]))
    counts = mesh.layers(np.diff(ends), plate.depth)
    parts = [np.linspace(*part, count + 1) for part, count in zip(pairwise(ends), counts, strict=True)]
    return distinct(np.concatenate(parts))


def _lines(end: float, edges: FloatArray, size: float, growth: float) -> FloatArray:
    """Mesh lines from 0 to `end`: at the cells' edges, even between them, growing beyond the last."""
    lines = [0.0]
    for edge in distinct(np.concatenate([[0.0], np.abs(edges).ravel()]))[1:]:
        parts = int(np.ceil((edge - lines[-1]) / size * (1 - COINCIDENT)))
        lines += list(np.linspace(lines[-1], edge, parts + 1)[1:])
    beyond = end - lines[-1]
    if beyond <= COINCIDENT * end:
        return np.array([*lines[:-1], end])
    steps = size * growth ** np.arange(1, 2 + int(np.log1p(beyond / size) / np.log(growth)))
    steps = steps[: 1 + np.searchsorted(np.cumsum(steps), beyond)]
    return np.array([*lines, *(lines[-1] + beyond * np.cumsum(steps) / steps.sum())])


def _surfaces(
    answers: dict[tuple[int, int, int], ParityAnswer], plan: tuple[tuple[int, ...], ...], size: int
) -> tuple[tuple[RigidMode, ...], FloatArray]:
    """Rigid motions and deflections in all quadrants: reflection changes their sign where the parity is odd."""
    points = next(iter(answers.values())).surface.shape[0]
    surface = np.zeros((len(plan), points, size))
    modes: list[RigidMode] = []
    for parity, answer in answers.items():
        flips = np.where(np.array(plan) < 0, parity[:2], 1).prod(axis=1)
        surface[:, :, answer.columns] += flips[:, None, None] * answer.surface / 4
        if answer.rigid:
            cells = np.zeros(size)
            cells[answer.columns] = answer.rigid_cells
            modes.append(RigidMode(answer.rigid, cells, flips[:, None] * answer.rigid_surface))
    return tuple(modes), surface
