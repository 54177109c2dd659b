"""A mesh cut into parts, one a process, and its unknowns numbered so that each process has a row of them."""

from __future__ import annotations

import contextlib
import io
from dataclasses import dataclass
from typing import Any

import numpy as np
from skfem import ElementHex0, ElementTetP0, MeshHex1, MeshTet1
from skfem.assembly import Dofs

from ..array.model import part_of
from ..mesh.solid import Ints, SolidMesh
from ..solid.elements import HEXAHEDRON, element_of
from .messages import libraries

CORNERS = np.array([0, 4, 2, 1, 6, 5, 3, 7])
"""Corners of our hexahedron, x running fastest, in the order of scikit-fem's."""


@dataclass(frozen=True)
class Part:
    """What one process knows of a mesh.

    Parameters
    ----------
    mesh
        Its elements, with the nodes that these need.
    unknowns
        Number of the unknowns of every node of its elements among all processes', shape (m, k).
    counts
        Nodes whose unknowns each process holds; process 0 has the first of them, and so on, shape (processes,).
    """

    mesh: SolidMesh
    unknowns: Ints
    counts: Ints


def parted(comm: Any, mesh: SolidMesh | None) -> tuple[Part, Ints | None]:
    """Cut a mesh into parts of nearly equal size with short cuts between them.

    Parameters
    ----------
    comm
        PETSc's communicator.
    mesh
        The mesh on process 0, None elsewhere.

    Returns
    -------
    part
        That of this process.
    order
        Nodes of the mesh in the order of their unknowns on process 0, shape (u,); tied nodes have none. None elsewhere.
    """
    mpi = comm.tompi4py()
    lots = mpi.gather(_elements(comm, mesh), root=0)
    pieces, size = None, None
    if mesh is not None:
        pieces, size = [part_of(mesh, lot) for lot in lots], len(mesh.points)
    own, nodes = mpi.scatter(pieces, root=0)
    size = mpi.bcast(size, root=0)
    used = nodes[own.cells if own.ties is None else own.ties.master[own.cells]]
    # a node belongs to the first process that has an element with its unknowns
    holder = np.full(size, mpi.size, dtype=np.int32)
    holder[used] = mpi.rank
    MPI = libraries()[1]
    mpi.Allreduce(MPI.IN_PLACE, holder, op=MPI.MIN)
    order = np.argsort(holder, kind="stable")
    counts = np.bincount(holder, minlength=mpi.size + 1)[: mpi.size]
    number = np.empty(size, dtype=np.int64)
    number[order] = np.arange(size)
    return Part(own, number[used], counts), order[: counts.sum()] if mpi.rank == 0 else None


def _elements(comm: Any, mesh: SolidMesh | None) -> Ints:
    """Return the elements that scikit-fem gives this process: the unknowns of a piecewise constant function."""
    with contextlib.redirect_stdout(io.StringIO()):  # it tells of its steps there, where results are expected
        _, dofs = Dofs.decompose(comm)(piecewise_constants)(mesh)
    return np.asarray(dofs.l2g(dofs.element_dofs[0]), dtype=np.int64)


def piecewise_constants(mesh: SolidMesh) -> tuple[Any, Any]:
    """Return scikit-fem's mesh of the elements' corners, and the unknowns of a function that is constant in each."""
    element = element_of(mesh.cells)
    corners = mesh.cells[:, element.corner_nodes]
    kind, constant = MeshTet1, ElementTetP0()
    if element is HEXAHEDRON:
        kind, constant, corners = MeshHex1, ElementHex0(), corners[:, CORNERS]
    nodes, numbers = np.unique(corners, return_inverse=True)
    topology = kind(
        np.ascontiguousarray(mesh.points[nodes].T), np.ascontiguousarray(numbers.reshape(corners.shape).T, np.int32)
    )
    return topology, Dofs(topology, constant)
