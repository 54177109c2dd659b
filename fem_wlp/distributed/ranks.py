"""Process 0 runs the program, all others wait for systems to assemble and loads to solve for.

Whatever solves with a `fem_wlp.solid.solve.LinearSolver` so gets displacements from all processes, and needs to know
nothing of them. The residual that a displacement states is formed on process 0 by the operator that a single process
would have solved with: a fault in distributing or assembling cannot pass it.
"""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from ..errors import ConfigError
from ..mesh.solid import Bools, Floats
from ..solid.operator import Operator, displacement_of
from ..solid.solve import (
    RESTARTS,
    TOLERANCE,
    Displacement,
    Method,
    Progress,
    Workshop,
    imbalance,
    lifted,
    require_small,
)
from ..solid.supports import idle, require_held
from .messages import libraries
from .system import System, assemble

SHARPER = 0.01
"""Of the tolerance that is asked of an iteration: answers are then those of a direct solution to eight digits [-]."""

FEWEST_ELEMENTS = 20
"""Elements a process: with fewer, parts are nothing but cuts [-]."""

REQUEST = 1
"""Tag of what process 0 asks for [-]."""

PAUSE = 1e-3
"""How long the others look away while nothing is asked for [s]."""

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class DistributedSolver:
    """An operator with its supports, assembled across all processes; the next one set up replaces it.

    Parameters
    ----------
    operator
        Stiffness as process 0 knows it.
    fixed
        Components that are held, in the unknowns' frames, shape (n, 3).
    system
        Process 0's share.
    """

    operator: Operator
    fixed: Bools
    system: System

    def solve(
        self,
        load: Floats,
        values: Floats | None = None,
        tolerance: float = TOLERANCE,
        progress: Progress | None = None,
    ) -> Displacement:
        """Solve for one load; arguments and errors are those of `fem_wlp.solid.solve.Solver.solve`."""
        start = time.perf_counter()
        u, load = lifted(self.operator, self.fixed, load, values)
        scale = float(np.linalg.norm(load))
        x, rest, steps, residual = np.zeros_like(load), load, 0, 0.0
        for _ in range(RESTARTS if scale > 0.0 else 0):
            more, taken = self._asked(rest, SHARPER * tolerance * scale, _from(steps, scale, progress))
            x, steps = x + more, steps + taken
            rest = imbalance(self.operator, self.fixed, load, x)
            residual = float(np.linalg.norm(rest)) / scale
            if not residual > tolerance:
                break
        require_small(residual, tolerance, steps)
        return Displacement(
            u=displacement_of(self.operator.mesh, u + x),
            unknowns=u + x,
            residual=residual,
            iterations=steps,
            method="distributed",
            levels=self.system.levels,
            seconds=time.perf_counter() - start,
        )

    def _asked(self, load: Floats, residual: float, progress: Progress | None) -> tuple[Floats, int]:
        """Let all processes solve until the residual [N] is so small."""
        tolerance = min(0.1, residual / float(np.linalg.norm(load)))
        _ask(self.system.comm, "solve", tolerance)
        u, steps = _or_end_all(self.system.comm, lambda: self.system.solve(load, tolerance, progress))
        assert u is not None
        return u, steps


@contextmanager
def across_processes() -> Iterator[Workshop | None]:
    """Give process 0 the workshop of all; the others work in it until process 0 leaves this context, and get None.

    Raises
    ------
    ResourceError
        R307: PETSc or MPI is missing or not to be loaded.
    """
    PETSc, MPI = libraries()
    comm = PETSc.COMM_WORLD
    mpi = comm.tompi4py()
    here = mpi.Split_type(MPI.COMM_TYPE_SHARED).size
    if mpi.rank > 0:
        _or_end_all(mpi, lambda: _serve(comm))
        yield None
        return

    def solver(operator: Operator, fixed: Bools, method: Method) -> DistributedSolver:
        """Set up a solver across all processes."""
        _require_iteration(method)
        _require_enough(len(operator.mesh.cells), mpi.size)
        fixed = fixed | idle(operator)
        require_held(operator, fixed)
        _ask(mpi, "assemble", (operator.tensors, operator.projected))
        shared = (operator.mesh, fixed, operator.tensors, operator.projected)
        return DistributedSolver(operator, fixed, _or_end_all(mpi, lambda: assemble(comm, *shared)))

    try:
        yield Workshop(solver, mpi.size, here)
    finally:
        _ask(mpi, "end", None)


def _ask(mpi: Any, request: str, given: object) -> None:
    """Tell all other processes what comes next."""
    for rank in range(1, mpi.size):
        mpi.send((request, given), dest=rank, tag=REQUEST)


def _serve(comm: Any) -> None:
    """Do what process 0 asks for until it ends."""
    mpi = comm.tompi4py()
    system: System | None = None
    while True:
        while not mpi.iprobe(source=0, tag=REQUEST):
            time.sleep(PAUSE)  # MPI itself would wait at full speed, while process 0 meshes and reads
        request, given = mpi.recv(source=0, tag=REQUEST)
        if request == "end":
            return
        if request == "assemble":
            system = None  # its memory first
            system = assemble(comm, None, None, *given)
        elif system is not None:
            system.solve(None, given, None)


def _or_end_all(mpi: Any, work: Callable[[], Answer]) -> Answer:
    """Do a process's share of common work; where it fails all end, the others would wait for ever."""
    try:
        return work()
    except BaseException as failure:
        if isinstance(failure, Exception):
            traceback.print_exc()
        mpi.Abort(1)
        raise


def _from(step: int, scale: float, progress: Progress | None) -> Progress | None:
    """Count iterations on from a step, and residuals relative to the whole load."""
    return None if progress is None else lambda more, norm: progress(step + more, norm / scale)


def _require_iteration(method: Method) -> None:
    if method == "direct":
        raise ConfigError(
            "C208",
            "processes share an iteration, no direct solution",
            where="model.solver",
            value=method,
            hint='"auto", or solve in one process: fem-wlp solve FILE',
        )


def _require_enough(elements: int, processes: int) -> None:
    if elements < FEWEST_ELEMENTS * processes:
        raise ConfigError(
            "C207",
            f"{elements} elements are too few for {processes} processes",
            where="mpirun",
            value=f"-n {processes}",
            hint=f"at most {max(1, elements // FEWEST_ELEMENTS)} processes, or a finer mesh",
        )
