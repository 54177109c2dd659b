"""PETSc, MPI, and what processes send each other."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import ResourceError
from ..mesh.solid import Floats, Ints


def libraries() -> tuple[Any, Any]:
    """Return the modules of PETSc and MPI, started on all processes of ``mpirun``.

    Raises
    ------
    ResourceError
        R307: PETSc or MPI is missing or not to be loaded.
    """
    try:
        import petsc4py

        petsc4py.init([])
        from mpi4py import MPI
        from petsc4py import PETSc
    except (ImportError, ValueError) as failure:  # ValueError: built for another numpy
        raise ResourceError(
            "R307",
            f"solving across processes needs petsc4py and mpi4py: {failure}",
            hint="make the environment that has them: python3 bootstrap.py distributed",
        ) from None
    return PETSc, MPI


def scattered(comm: Any, rows: Floats | None, counts: Ints) -> Floats:
    """Return this process's rows of an array on process 0, ``counts[i]`` rows for process i in their order."""
    shape = comm.bcast(None if rows is None else rows.shape[1:], root=0)
    size = int(np.prod(shape))
    own = np.empty((counts[comm.rank], *shape))
    comm.Scatterv(None if rows is None else [np.ascontiguousarray(rows), counts * size], own, root=0)
    return own


def gathered(comm: Any, own: Floats, counts: Ints) -> Floats | None:
    """Return all processes' rows one after the other on process 0, None elsewhere."""
    size = int(np.prod(own.shape[1:]))
    rows = np.empty((counts.sum(), *own.shape[1:])) if comm.rank == 0 else None
    comm.Gatherv(np.ascontiguousarray(own), None if rows is None else [rows, counts * size], root=0)
    return rows
