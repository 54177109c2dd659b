"""What tests ask of a solid mesh: volumes, and which faces its elements share."""

from __future__ import annotations

import numpy as np

from fem_wlp.mesh.solid import Floats, Ints, SolidMesh

_PLACE, _WEIGHT = np.polynomial.legendre.leggauss(4)
_SHAPE = np.stack([_PLACE * (_PLACE - 1) / 2, 1 - _PLACE**2, _PLACE * (_PLACE + 1) / 2], axis=1)
_SLOPE = np.stack([_PLACE - 0.5, -2 * _PLACE, _PLACE + 0.5], axis=1)

GRID = np.arange(27).reshape(3, 3, 3)  # zeta, eta, xi
FACES = [GRID[:, :, 0], GRID[:, :, 2], GRID[:, 0], GRID[:, 2], GRID[0], GRID[2]]


def element_volumes(mesh: SolidMesh) -> Floats:
    """Volume of every hexahedron by 4 x 4 x 4 Gauss points, shape (m,) [mm3]; exact for triquadratic ones."""
    first, number = np.unique(mesh.twins, return_inverse=True)
    nodes = mesh.points[mesh.cells[first]].reshape(-1, 3, 3, 3, 3)
    factors = ((_SHAPE, _SHAPE, _SLOPE), (_SHAPE, _SLOPE, _SHAPE), (_SLOPE, _SHAPE, _SHAPE))
    tangents = [np.einsum("ck,bj,ai,mkjid->mcbad", *factor, nodes, optimize=True) for factor in factors]
    determinant = np.einsum("...d,...d", np.cross(tangents[0], tangents[1]), tangents[2])
    return np.einsum("mcba,c,b,a->m", determinant, _WEIGHT, _WEIGHT, _WEIGHT)[number]


def volumes(mesh: SolidMesh) -> dict[str, float]:
    """Volume of every region, mirrored elements with their share [mm3]."""
    total = np.bincount(mesh.regions, element_volumes(mesh) * mesh.shares, len(mesh.names))
    return dict(zip(mesh.names, total.tolist(), strict=True))


def faces(mesh: SolidMesh) -> tuple[Ints, Ints, Ints]:
    """Every face once: its nine nodes, shape (f, 9), how many elements have it, and the regions' bits."""
    every = np.concatenate([mesh.cells[:, face.ravel()] for face in FACES])
    owner = np.tile(mesh.regions, len(FACES))
    _, first, number, count = np.unique(
        np.sort(every, axis=1), axis=0, return_index=True, return_inverse=True, return_counts=True
    )
    bits = np.zeros(len(first), dtype=np.int64)
    np.bitwise_or.at(bits, number.ravel(), 1 << owner)
    return every[first], count, bits


def face_areas(mesh: SolidMesh, nodes: Ints) -> Floats:
    """Area of curved nine-node faces, shape (f,) [mm2]."""
    grid = mesh.points[nodes].reshape(-1, 3, 3, 3)
    along = np.einsum("bj,ai,fjid->fbad", _SHAPE, _SLOPE, grid, optimize=True)
    across = np.einsum("bj,ai,fjid->fbad", _SLOPE, _SHAPE, grid, optimize=True)
    return np.einsum("fba,b,a->f", np.linalg.norm(np.cross(along, across), axis=-1), _WEIGHT, _WEIGHT)
