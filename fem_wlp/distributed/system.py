"""The stiffness in PETSc, each process adding what its own elements have, and conjugate gradients with multigrid.

    K = sum over processes of  sum_e  G_e^T k_e G_e

with the element matrices of `fem_wlp.solid.operator`. PETSc's algebraic multigrid by smoothed aggregation (GAMG) learns
the six rigid motions, which it must keep on coarse levels.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from ..mesh.solid import Bools, Floats, Ints, SolidMesh
from ..solid.operator import operator
from ..solid.supports import rigid_motions_of
from .messages import gathered, libraries, scattered
from .parts import Part, parted

MOST_ITERATIONS = 3000
"""Conjugate-gradient steps before the solver gives up [-]."""

OPTIONS = {"mg_levels_ksp_type": "chebyshev", "mg_levels_ksp_max_it": 2, "mg_levels_pc_type": "jacobi"}
"""Of PETSc's multigrid; what the variable PETSC_OPTIONS says goes before, each option with the prefix ``wlp_``.

Aggregates of few nodes leave coarse unknowns without stiffness, which Gauss-Seidel would divide by.
"""


@dataclass(frozen=True)
class System:
    """One process's share of a system that all processes solve together.

    Parameters
    ----------
    comm
        Of mpi4py.
    counts
        Nodes whose unknowns each process holds, shape (processes,).
    order
        Nodes of the mesh in the order of their unknowns, on process 0; None elsewhere.
    solver
        PETSc's.
    """

    comm: Any
    counts: Ints
    order: Ints | None
    solver: Any

    @property
    def levels(self) -> tuple[int, ...]:
        """Unknowns of each level of multigrid, finest first."""
        pc = self.solver.getPC()
        smoothers = [pc.getMGSmoother(level) for level in reversed(range(pc.getMGLevels()))]
        return tuple(smoother.getOperators()[0].getSize()[0] for smoother in smoothers)

    def solve(
        self, load: Floats | None, tolerance: float, progress: Callable[[int, float], None] | None
    ) -> tuple[Floats | None, int]:
        """Solve for one load with all supports at rest; every process calls this.

        Parameters
        ----------
        load
            Nodal forces, zero on the held components, shape (n, 3) [N], on process 0; None elsewhere.
        tolerance
            Residual relative to this load [-].
        progress
            Called on process 0 with the number of the iteration and the residual [N].

        Returns
        -------
        u
            Displacement of the nodes, shape (n, 3) [mm], on process 0; None elsewhere.
        iterations
            Steps of the iteration [-].
        """
        x, b = self.solver.getOperators()[0].createVecs()
        rows = scattered(self.comm, None if load is None else load[self.order], self.counts)
        b.setArray(rows.ravel())
        self.solver.setTolerances(rtol=tolerance, atol=0.0, max_it=MOST_ITERATIONS)
        self.solver.cancelMonitor()
        if progress is not None:
            self.solver.setMonitor(lambda _, step, norm: progress(step, norm))
        self.solver.solve(b, x)
        answer = gathered(self.comm, x.getArray().reshape(-1, 3), self.counts)
        if answer is None or load is None:
            return None, self.solver.getIterationNumber()
        u = np.zeros_like(load)
        u[self.order] = answer
        return u, self.solver.getIterationNumber()


def assemble(comm: Any, mesh: SolidMesh | None, held: Bools | None, tensors: Floats, projected: bool) -> System:
    """Assemble a system and set up its solver; every process calls this.

    Parameters
    ----------
    comm
        PETSc's communicator.
    mesh, held
        The mesh and its held components, in the unknowns' frames, shape (n, 3), on process 0; None elsewhere.
    tensors
        Stiffness of every region, Voigt, shape (regions, 6, 6) [MPa].
    projected
        As for `fem_wlp.solid.operator.operator`.
    """
    mpi = comm.tompi4py()
    part, order = parted(comm, mesh)
    matrix = _matrix(comm, part, tensors, projected)
    fixed = motions = None
    if mesh is not None and held is not None:
        fixed, motions = held[order].astype(float), rigid_motions_of(mesh)[order]
    rows = np.flatnonzero(scattered(mpi, fixed, part.counts).ravel()) + matrix.getOwnershipRange()[0]
    matrix.zeroRowsColumns(rows.astype(np.int32), diag=matrix.getDiagonal().sum() / matrix.getSize()[0])
    _tell_rigid_motions(comm, matrix, scattered(mpi, motions, part.counts))
    return System(mpi, part.counts, order, _solver(comm, matrix))


def _matrix(comm: Any, part: Part, tensors: Floats, projected: bool) -> Any:
    """Return the sum of all processes' element matrices, nothing held yet."""
    PETSc = libraries()[0]
    stiffness = operator(part.mesh, tensors, projected).stiffness
    size = 3 * int(part.counts[comm.rank])
    matrix = PETSc.Mat().create(comm=comm)
    matrix.setSizes(((size, None), (size, None)), bsize=3)
    matrix.setType("aij")
    matrix.setPreallocationNNZ(_entries(comm, part))
    matrix.setOption(PETSc.Mat.Option.SYMMETRIC, True)
    for nodes, kind in zip(part.unknowns.astype(np.int32), stiffness.kinds, strict=True):
        matrix.setValuesBlocked(nodes, nodes, stiffness.matrices[kind], addv=PETSc.InsertMode.ADD_VALUES)
    matrix.assemble()
    return matrix


def _entries(comm: Any, part: Part) -> tuple[Ints, Ints]:
    """Return how many entries each row of this process has at most, in its own columns and in others', shape (3 u,).

    Neighbours that several processes know, at the cuts between parts, are counted by each of them.
    """
    PETSc = libraries()[0]
    nodes, local = np.unique(part.unknowns, return_inverse=True)
    m, k = part.unknowns.shape
    has = sparse.csr_matrix((np.ones(m * k, dtype=np.int32), local.ravel(), np.arange(0, m * k + 1, k)))
    neighbours = sparse.coo_matrix(has.T @ has)
    holder = np.searchsorted(np.cumsum(part.counts), nodes, side="right")
    same = holder[neighbours.row] == holder[neighbours.col]
    columns = part.counts.sum()
    found = []
    for which, most in ((same, part.counts[comm.rank]), (~same, columns - part.counts[comm.rank])):
        total = PETSc.Vec().createMPI((int(part.counts[comm.rank]), None), comm=comm)
        amount = np.bincount(neighbours.row[which], minlength=len(nodes)).astype(float)
        total.setValues(nodes.astype(np.int32), amount, addv=PETSc.InsertMode.ADD_VALUES)
        total.assemble()
        found.append(3 * np.repeat(np.minimum(total.getArray(), most).astype(np.int32), 3))
    return found[0], found[1]


def _tell_rigid_motions(comm: Any, matrix: Any, motions: Floats) -> None:
    PETSc = libraries()[0]
    vectors: list[Any] = []
    for column in motions.reshape(-1, 6).T:
        vector = matrix.createVecRight()
        vector.setArray(column)
        for other in vectors:
            vector.axpy(-vector.dot(other), other)
        vector.normalize()
        vectors.append(vector)
    matrix.setNearNullSpace(PETSc.NullSpace().create(vectors=vectors, comm=comm))


def _solver(comm: Any, matrix: Any) -> Any:
    PETSc = libraries()[0]
    options = PETSc.Options("wlp_")
    for name, value in OPTIONS.items():
        if not options.hasName(name):
            options.setValue(name, value)
    solver = PETSc.KSP().create(comm=comm)
    solver.setOptionsPrefix("wlp_")
    solver.setType("cg")
    solver.setNormType(PETSc.KSP.NormType.UNPRECONDITIONED)
    solver.getPC().setType("gamg")
    solver.setOperators(matrix)
    solver.setFromOptions()
    solver.setUp()
    return solver
