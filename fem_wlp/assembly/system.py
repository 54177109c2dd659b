"""The dense problem of an assembly: flexibility of the plates, stiffness and thermal load of all that joins them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import scipy.linalg as dense
import scipy.sparse as sp

from fem_wlp.assembly.cells import FloatArray, IntArray
from fem_wlp.assembly.elements import FilmElement
from fem_wlp.assembly.parity import COORDINATES, FILM
from fem_wlp.assembly.plate import CondensedPlate, free_expansion
from fem_wlp.errors import ConfigError
from fem_wlp.joint.element import JointElement

KINDS = len(COORDINATES)

# The coordinates of chip (0 to 10) and board (11 to 21) that each part of a joint's stiffness acts on.
LATERAL_X, LATERAL_Y = (0, 1, 11, 12), (2, 3, 13, 14)
AXIAL = (4, 5, 6, 15, 16, 17)
PLANAR_1, PLANAR_2 = (7, 8, 18, 19), (9, 10, 20, 21)

_LENGTHS = np.array([0, 1, 0, 1, 0, 1, 2, 1, 2, 1, 2])
"""Powers of a length that make each of `COORDINATES` a displacement."""

NEGLIGIBLE = 1e-14
"""Eigenvalues of a joint's stiffness below this share of the largest of their block are zero [-]."""

ROUNDOFF = 1e-12
"""Share of the largest of its kind below which a product is zero but for round-off [-]."""


@dataclass(frozen=True)
class System:
    """Chip, board and what joins them, in one order: the coordinates of the chip, then those of the board.

    Parameters
    ----------
    chip, board
        The plates.
    joints
        (s,) joints that stand for their mirror images.
    index
        (s, 22) coordinates of each of them.
    G
        (c, c) flexibility of the plates, for forces summed over the images.
    q_T
        (c,) coordinates of the freely expanding plates.
    R
        (c, r) rigid motions of the chip.
    L, D
        (c, m) and (m,) factors of the stiffness K = L D Lᵀ of joints and layers, D = ±1, summed over the images.
    LR
        (m, r) Lᵀ R, how they resist the chip's rigid motions; round-off taken for zero.
    f
        (c,) their thermal load; they act on the plates with f - K q.
    """

    chip: CondensedPlate
    board: CondensedPlate
    joints: tuple[JointElement, ...]
    index: IntArray
    G: FloatArray
    q_T: FloatArray
    R: FloatArray
    L: sp.csr_matrix
    D: FloatArray
    LR: FloatArray
    f: FloatArray


@dataclass(frozen=True)
class _Block:
    """Stiffness (b, k, k) on the coordinates (b, k), each counted `count` (b,) times."""

    index: IntArray
    stiffness: FloatArray
    count: FloatArray


def build_system(
    chip: CondensedPlate,
    board: CondensedPlate,
    elements: Sequence[JointElement],
    edges: FloatArray | None,
    film: FilmElement | None,
    loads: FloatArray | None = None,
) -> System:
    """Gather the plates, the joints (one for all or one a place), their free edges and loads, the layers elsewhere.

    Raises
    ------
    ConfigError
        G138 where joints that are mirror images differ.
    ValueError
        If plates and joints do not fit each other.
    """
    _check_fit(chip, board, elements)
    n, ends = len(chip.places), len(chip.flexibility)
    joints, sides = _images_alike(
        chip, tuple(elements) * (n // len(elements)), np.zeros((n, 4)) if edges is None else edges
    )
    on_chip = KINDS * np.arange(len(joints))[:, None] + np.arange(KINDS)
    index = np.concatenate([on_chip, ends + on_chip], axis=1)
    blocks = _joint_blocks(joints, index, chip.joints.size)
    f = np.zeros(ends + len(board.flexibility))
    own = np.zeros((n, 2 * KINDS)) if loads is None else loads
    f[index] = chip.joints.size[:, None] * (_joint_loads(joints, sides) + own[chip.joints.first])
    if film is not None:
        for cells, area, count in _film_cells(chip, on_chip):
            blocks += _film_blocks(film, cells, area, count)
            f[cells[:, :2]] += (area * count)[:, None] * film.axial_load
    powers = np.zeros(len(f), dtype=int)
    powers[index] = np.tile(_LENGTHS, 2)
    powers[len(joints) * KINDS : ends] = np.tile(_LENGTHS[list(FILM)], len(chip.bare.first))
    factors = [_factor(block, chip.pitch**powers, len(f)) for block in blocks]
    L = sp.hstack([L for L, _ in factors], format="csr")
    R = rigid_motions(chip, len(f))
    LR = L.T @ R
    LR[np.abs(LR) <= ROUNDOFF * np.abs(L.data).max(initial=0.0) * np.abs(R).max(axis=0)] = 0.0
    return System(
        chip=chip,
        board=board,
        joints=joints,
        index=index,
        G=dense.block_diag(chip.flexibility, board.flexibility),
        q_T=np.concatenate([free_expansion(chip), free_expansion(board)]),
        R=R,
        L=L,
        D=np.concatenate([D for _, D in factors]),
        LR=LR,
        f=f,
    )


def rigid_motions(chip: CondensedPlate, coordinates: int) -> FloatArray:
    """Return the (c, r) rigid motions of the chip on the coordinates of both plates."""
    modes = np.column_stack([mode.cells for mode in chip.modes])
    return np.pad(modes, ((0, coordinates - len(modes)), (0, 0)))


def _check_fit(chip: CondensedPlate, board: CondensedPlate, elements: Sequence[JointElement]) -> None:
    if chip.symmetry != board.symmetry or not np.array_equal(chip.places, board.places):
        raise ValueError("chip and board must be condensed on the same places with the same symmetry")
    if len(elements) not in (1, len(chip.places)):
        raise ValueError(f"{len(elements)} joint elements for {len(chip.places)} places")
    upper, lower = chip.plate, board.plate
    gap = upper.height - lower.height - (upper.thickness + lower.thickness) / 2
    for element in elements:
        if abs(element.height - gap) > 1e-6 * (upper.height - lower.height):
            raise ValueError(f"the plates leave a gap of {gap:g} mm, a joint is {element.height:g} mm high")


def _images_alike(
    chip: CondensedPlate, elements: tuple[JointElement, ...], edges: FloatArray
) -> tuple[tuple[JointElement, ...], FloatArray]:
    """Elements and edges of the joints that stand for their images, after a look at the images'."""
    first, orbit, sign = chip.joints.first, chip.joints.orbit, chip.joints.sign
    turned = np.where(np.repeat(sign, 2, axis=1) < 0, edges[:, [1, 0, 3, 2]], edges)
    same_edges = np.allclose(turned, turned[first[orbit]], rtol=0, atol=1e-9)
    if not same_edges or not all(_same(elements[i], elements[first[k]]) for i, k in enumerate(orbit)):
        raise ConfigError(
            "G138", f"joints that are mirror images in {chip.symmetry} differ", hint="solve without this symmetry"
        )
    return tuple(elements[i] for i in first), edges[first]


def _same(one: JointElement, other: JointElement) -> bool:
    return one is other or all(
        np.array_equal(getattr(one, field.name), getattr(other, field.name)) for field in fields(JointElement)
    )


def _joint_blocks(joints: tuple[JointElement, ...], index: IntArray, count: FloatArray) -> list[_Block]:
    lateral, axial, planar = (np.array([getattr(j, name) for j in joints]) for name in ("lateral", "axial", "planar"))
    parts = (LATERAL_X, lateral), (LATERAL_Y, lateral), (AXIAL, axial), (PLANAR_1, planar), (PLANAR_2, planar)
    return [_Block(index[:, kinds], stiffness, count) for kinds, stiffness in parts]


def _joint_loads(joints: tuple[JointElement, ...], sides: FloatArray) -> FloatArray:
    """(s, 22) thermal loads: the edge's turned to the outward normals +x, -x, +y, -y of the free sides."""
    loads = np.zeros((len(joints), 2 * KINDS))
    loads[:, AXIAL] = [joint.axial_load for joint in joints]
    edge = np.array([joint.edge_load for joint in joints])
    loads[:, LATERAL_X] = edge * (sides[:, :1] - sides[:, 1:2])
    loads[:, LATERAL_Y] = edge * (sides[:, 2:3] - sides[:, 3:])
    return loads


def _film_cells(chip: CondensedPlate, on_chip: IntArray) -> list[tuple[IntArray, FloatArray, FloatArray]]:
    """Where layers stand without a joint: film coordinates, area, count; negative where a joint's cell is cut."""
    bare = on_chip.size + len(FILM) * np.arange(len(chip.bare.first))[:, None] + np.arange(len(FILM))
    cut = np.flatnonzero(chip.joint_areas < chip.pitch**2 * (1 - 1e-9))
    return [
        (bare, chip.bare_areas, chip.bare.size),
        (on_chip[cut][:, FILM], chip.joint_areas[cut] - chip.pitch**2, chip.joints.size[cut]),
    ]


def _film_blocks(film: FilmElement, cells: IntArray, area: FloatArray, count: FloatArray) -> list[_Block]:
    parts = (cells[:, :2], film.axial), (cells[:, 2:4], film.planar), (cells[:, 4:], film.planar)
    return [_Block(index, area[:, None, None] * stiffness, count) for index, stiffness in parts]


def _factor(block: _Block, scale: FloatArray, size: int) -> tuple[sp.csr_matrix, FloatArray]:
    """L and D of a block: eigenvectors, in coordinates that are all displacements, by the root of the eigenvalues."""
    scales = scale[block.index]
    values, vectors = np.linalg.eigh(block.stiffness / (scales[:, :, None] * scales[:, None, :]))
    largest = np.abs(values).max(axis=1, initial=0.0, keepdims=True)
    cell, column = np.nonzero(np.abs(values) > NEGLIGIBLE * largest)
    root = np.sqrt(np.abs(values[cell, column]) * block.count[cell])
    entries = scales[cell] * vectors[cell, :, column] * root[:, None]
    columns = np.broadcast_to(np.arange(len(cell))[:, None], entries.shape)
    L = sp.csr_matrix((entries.ravel(), (block.index[cell].ravel(), columns.ravel())), shape=(size, len(cell)))
    return L, np.sign(values[cell, column])
