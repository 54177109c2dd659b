"""Which elements of a mesh are translated copies of others: their matrices are the same."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

ALIKE = 1e-9
"""Places relative to an element's first node that agree to this share of the mesh's extent are the same [-]."""


def translated_copies(points: Floats, cells: Ints, regions: Ints) -> Ints:
    """Return the first element of which each is a translated copy, its own number where there is none.

    Copies have the same region and the nodes in the same order; those that differ by round-off at the edge of the
    tolerance may be missed, which costs time but changes nothing.

    Parameters
    ----------
    points
        Nodes, shape (n, d) [mm].
    cells
        Nodes of each element, shape (m, k).
    regions
        Region of each element, shape (m,).

    Returns
    -------
    ndarray
        Shape (m,).
    """
    grain = ALIKE * float(np.ptp(points, axis=0).max())
    shape = np.rint((points[cells] - points[cells[:, :1]]) / grain).astype(np.int64).reshape(len(cells), -1)
    keys = np.column_stack([shape, regions])
    mixers = np.random.default_rng(1).integers(1, 2**62, keys.shape[1], dtype=np.uint64) | np.uint64(1)
    mixed = keys.astype(np.uint64) @ mixers  # modulo 2**64
    _, first, number = np.unique(mixed, return_index=True, return_inverse=True)
    own = np.arange(len(cells), dtype=np.int64)
    twins = first[number.ravel()]
    return np.where((keys == keys[twins]).all(axis=1), twins, own)
