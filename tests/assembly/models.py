"""Packages of the assembly's tests: silicon on FR4 between ideal posts, and posts that pull at the mid-planes only."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from fem_wlp import assembly
from fem_wlp.assembly import CondensedPlate, FilmElement, Plate, PlateMesh, Symmetry
from fem_wlp.joint.element import JointElement

FloatArray = npt.NDArray[np.float64]

PITCH = 0.5
HEIGHT = 0.25
CHIP, BOARD = 0.3, 1.0  # thicknesses
SILICON, FR4 = (131e3, 0.28), (22e3, 0.28)
CHIP_STRAIN, BOARD_STRAIN = -2.6e-4, -1.8e-3
NO_SYMMETRY = Symmetry(x=False, y=False)


def isotropic(E: float, nu: float) -> FloatArray:
    lame, shear = E * nu / ((1 + nu) * (1 - 2 * nu)), E / (2 * (1 + nu))
    C = np.diag([2 * shear] * 3 + [shear] * 3)
    C[:3, :3] += lame
    return C


def grid(columns: int, rows: int) -> FloatArray:
    """Places of a full map, row by row from the top left."""
    x, y = ((np.arange(count) - (count - 1) / 2) * PITCH for count in (columns, rows))
    return np.array([(a, b) for b in y[::-1] for a in x])


def plates(
    places: FloatArray,
    outline: tuple[float, float],
    overhang: float = 0.0,
    symmetry: Symmetry | None = None,
    mesh: PlateMesh | None = None,
    height: float = HEIGHT,
    strains: tuple[float, float] = (CHIP_STRAIN, BOARD_STRAIN),
) -> tuple[CondensedPlate, CondensedPlate]:
    """Condensed chip of the given outline over a board that reaches `overhang` farther on each side."""
    width, length = outline
    z = height + (CHIP + BOARD) / 2
    chip = Plate(width, length, CHIP, isotropic(*SILICON), np.full(3, strains[0]), z)
    board = Plate(width + 2 * overhang, length + 2 * overhang, BOARD, isotropic(*FR4), np.full(3, strains[1]), 0.0)
    symmetry = assembly.symmetry_of(places) if symmetry is None else symmetry
    mesh = PlateMesh() if mesh is None else mesh
    bare = assembly.bare_cells(outline, assembly.joint_cells(outline, places, PITCH))
    return (
        assembly.condense_plate(chip, places, PITCH, symmetry, mesh, bare),
        assembly.condense_plate(board, places, PITCH, symmetry, mesh),
    )


def array(columns: int, rows: int, **options: object) -> tuple[CondensedPlate, CondensedPlate]:
    """Full map on a chip that ends half a pitch past the last joints."""
    return plates(grid(columns, rows), (columns * PITCH, rows * PITCH), **options)  # type: ignore[arg-type]


def post(k_lateral: float, k_axial: float = 1e4, k_rocking: float = 10.0, height: float = HEIGHT) -> JointElement:
    return assembly.post_element(k_lateral, k_axial, k_rocking, height, (CHIP, BOARD))


def mid_plane_spring(k: float, k_axial: float = 1e3) -> JointElement:
    """Spring between the mid-planes: plates stay straight, and D is that of springs and membranes."""
    link = np.zeros((4, 4))
    link[np.ix_([0, 2], [0, 2])] = k * np.array([[1.0, -1.0], [-1.0, 1.0]])
    stretch = np.array([1.0, 0.0, 0.0, -1.0, 0.0, 0.0])
    return JointElement(
        lateral=link,
        axial=k_axial * np.outer(stretch, stretch),
        axial_load=np.zeros(6),
        planar=np.zeros((4, 4)),
        footprint=np.eye(4),
        edge_load=np.zeros(4),
        edge_footprint=np.zeros(4),
        height=HEIGHT,
    )


def layered(joint: JointElement, film: FilmElement) -> JointElement:
    """The joint with a layer all over its chip cell."""
    axial, load, planar = joint.axial.copy(), joint.axial_load.copy(), joint.planar.copy()
    axial[1:3, 1:3] += film.axial * PITCH**2
    load[1:3] += film.axial_load * PITCH**2
    planar[:2, :2] += film.planar * PITCH**2
    return replace(joint, axial=axial, axial_load=load, planar=planar)


def decoupling(solution: assembly.AssemblySolution, free: assembly.AssemblySolution) -> FloatArray:
    """D of each joint."""
    size = (free.shift**2).sum(axis=1)
    return np.divide((solution.shift * free.shift).sum(axis=1), size, out=np.full(len(size), np.nan), where=size > 0)


def solve_pair(
    condensed: tuple[CondensedPlate, CondensedPlate], joint: JointElement
) -> tuple[assembly.AssemblySolution, FloatArray]:
    """Solution with this joint everywhere, and D against the same joint severed."""
    solution = assembly.assemble(*condensed, [joint])
    cut = JointElement(
        np.zeros((4, 4)),
        np.zeros((6, 6)),
        np.zeros(6),
        np.zeros((4, 4)),
        joint.footprint,
        np.zeros(4),
        np.zeros(4),
        joint.height,
    )
    return solution, decoupling(solution, assembly.severed(*condensed, [cut]))
