"""A sandwich for the tests of solids; other bodies are the dossier's."""

from __future__ import annotations

import numpy as np

from fem_wlp.mesh.solid import Floats, Ints, SolidMesh
from fem_wlp.verification.bricks import brick, named, with_copies

PARTS = ("board", "column", "chip", "layer")


def sandwich(count: int, depth: int = 1) -> SolidMesh:
    """Return a chip on a board, 1 mm wide, with a layer of 20 um between them that columns pierce like a chequerboard.

    Elements in the layer are 12 / count times as wide as high, and all of a level are copies of each other.
    """
    line = np.linspace(0.0, 1.0, 4 * count + 1)
    levels = [np.linspace(-0.4, 0.0, 2 * depth + 1), np.linspace(0.0, 0.02, depth + 1)[1:]]
    levels.append(np.linspace(0.02, 0.3, 2 * depth + 1)[1:])

    def region_at(centres: Floats) -> Ints:
        column = np.floor(4 * centres[:, :2]).sum(axis=1) % 2 == 0
        return np.select([centres[:, 2] < 0.0, centres[:, 2] > 0.02, column], [0, 2, 1], 3)

    return with_copies(named(brick(line, line, np.concatenate(levels)), PARTS, region_at))
