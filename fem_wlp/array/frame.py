"""The frame in which displacements of a free package are told: its board's mass has no mean motion.

    t = integral of u dV / V,      J w = integral of a x u dV,      J = integral of (|a|^2 - a a^T) dV,      a = x - c

A package hangs in space, and the three nodes that hold its rigid motion are any: they turn it by what the board does
just there. Only what is the same for every choice of them may be told. In `fem_wlp.assembly` it is the same frame.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..mesh.solid import Floats, Ints
from .sector import Sector

LOT = 4096
"""Elements that are integrated at a time [-]."""


@dataclass(frozen=True)
class Frame:
    """What tells the mean motion of a body from the displacement of its nodes.

    Parameters
    ----------
    sector
        The meshed part.
    volumes
        Integral of the shape function of each node over the body, shape (n,) [mm3].
    moments
        Integral of place times shape function, shape (n, 3) [mm4].
    centre
        c, the centroid of the whole body with its images, shape (3,) [mm].
    inertia
        J of the meshed part's share about the centroid, shape (3, 3) [mm5].
    """

    sector: Sector
    volumes: Floats
    moments: Floats
    centre: Floats
    inertia: Floats

    def at_rest(self, u: Floats) -> Floats:
        """Return displacements without the body's mean motion, shape (n, 3) [mm]."""
        turns = self.sector.turns
        flow = _mean(turns, self.volumes @ u)
        spin = _mean(np.linalg.det(turns)[:, None, None] * turns, np.cross(self.moments, u).sum(axis=0))
        rotation = np.linalg.solve(self.inertia, spin - np.cross(self.centre, flow))
        return np.asarray(u - flow / self.volumes.sum() - np.cross(rotation, self.sector.mesh.points - self.centre))


def frame_of(sector: Sector) -> Frame:
    """Return the frame of a meshed part: that of its board, or of what there is where it has none."""
    mesh, element = sector.mesh, sector.element
    body = mesh.within("board")
    numbers = np.flatnonzero(body) if body.any() else np.arange(len(mesh.cells))
    volumes, moments, second = np.zeros(len(mesh.points)), np.zeros_like(mesh.points), np.zeros((3, 3))
    for lot in _lots(numbers):
        nodes = mesh.points[mesh.cells[lot]]
        jacobian = np.einsum("qka,ekx->eqax", element.slope, nodes, optimize=True)
        volume = np.linalg.det(jacobian) * element.weights * mesh.shares[lot, None]
        places = np.einsum("qk,ekx->eqx", element.shape, nodes, optimize=True)
        weighted = volume[..., None] * places
        np.add.at(volumes, mesh.cells[lot], volume @ element.shape)
        np.add.at(moments, mesh.cells[lot], np.einsum("eqx,qk->ekx", weighted, element.shape, optimize=True))
        second += np.tensordot(weighted, places, axes=([0, 1], [0, 1]))
    total, turns = volumes.sum(), sector.turns
    centre = _mean(turns, moments.sum(axis=0)) / total
    spread = np.einsum("gij,jk,glk->il", turns, second, turns) / len(turns) - total * np.outer(centre, centre)
    return Frame(sector, volumes, moments, centre, np.trace(spread) * np.eye(3) - spread)


def _lots(numbers: Ints) -> list[Ints]:
    return np.array_split(numbers, -(-len(numbers) // LOT))


def _mean(turns: Floats, vector: Floats) -> Floats:
    """Mean of a vector over its images."""
    return np.asarray(turns.mean(axis=0) @ vector)
