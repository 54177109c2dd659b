"""Three-dimensional meshes: named regions of quadratic hexahedra or tetrahedra, and which of them are copies.

Hexahedra carry all 27 nodes of the grid xi, eta, zeta in (-1, 0, 1), xi running fastest; tetrahedra their corners 0 to
3 and the midpoints of the edges (0,1), (1,2), (0,2), (0,3), (1,3), (2,3).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..errors import MeshError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Ties:
    """Nodes that move as others do: the displacement of node i is ``frames[frame[i]] @ unknown[master[i]]``.

    A mirror plane that is not a coordinate plane ties each node to its image, and turns those on the plane.

    Parameters
    ----------
    master
        Node whose unknowns move this one, shape (n,).
    frame
        Index into ``frames``, shape (n,); 0 is the identity.
    frames
        Orthogonal matrices, shape (k, 3, 3) [-].
    """

    master: Ints
    frame: Ints
    frames: Floats


@dataclass(frozen=True)
class SolidMesh:
    """A mesh of one kind of quadratic elements with named regions.

    Parameters
    ----------
    points
        Nodes, shape (n, 3) [mm].
    cells
        Nodes of each element, shape (m, 27) or (m, 10), in the order described above.
    regions
        Index into ``names`` of each element, shape (m,).
    names
        Names of the regions.
    places
        Number of the joint in whose pitch cell an element stands, shape (m,); -1 beyond the joints' cells.
    twins
        The first element of which each is a translated copy, shape (m,); its own number where there is none.
    shares
        1, or 0.5 where a mirror plane halves the element, shape (m,) [-].
    ties
        Nodes that move as others do.
    """

    points: Floats
    cells: Ints
    regions: Ints
    names: tuple[str, ...]
    places: Ints
    twins: Ints
    shares: Floats
    ties: Ties | None = None

    def within(self, *names: str) -> Bools:
        """Return which elements belong to the regions of these names, shape (m,).

        Raises
        ------
        MeshError
            E403: no region of that name.
        """
        missing = [name for name in names if name not in self.names]
        if missing:
            raise MeshError(
                "E403", f"there is no region {missing[0]!r} in this mesh", hint=f"it has {', '.join(self.names)}"
            )
        return np.isin(self.regions, [self.names.index(name) for name in names])
