"""Solve K u = f on a solid mesh: conjugate gradients with multigrid, or directly where it is small."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Literal, Protocol

import numpy as np

from ..environment import available_memory
from ..errors import SolveError
from ..mesh.solid import Bools, Floats, Ints
from . import DIRECT_BELOW, DIRECT_WHERE_SLOW, MEGABYTES_OF_FACTORS
from .direct import Factors, factors
from .multigrid import Multigrid, multigrid
from .operator import Operator, displacement_of
from .product import one_thread_in_blas
from .space import Space, space_of
from .supports import idle, require_held, rigid_motions_of

Method = Literal["auto", "direct", "multigrid"]
Progress = Callable[[int, float], None]

TOLERANCE = 1e-9
"""Residual that ends the iteration, relative to the load [-]."""

MOST_ITERATIONS = 2000
"""Conjugate-gradient steps before the solver gives up [-]: a free-standing joint of 1 MPa takes 750."""

TRIAL, HOPELESS = 200, 1000
"""Steps after which the iteration is judged where there is a choice; steps, foretold then, that are too many [-]."""

RESTARTS = 4
"""Times that the iteration starts anew from the true residual, after round-off has parted it from the recursion."""


@dataclass(frozen=True)
class Displacement:
    """A displacement that solves its equations.

    Parameters
    ----------
    u
        Displacement of every node in x, y, z, shape (n, 3) [mm].
    unknowns
        The same in the frames of the unknowns, shape (n, 3) [mm]; it differs only at tied nodes.
    residual
        |f - K u| / |f| on the free unknowns, f being the load less what the prescribed displacements ask for [-].
    iterations
        Steps of the iteration; 0 where it was solved directly.
    method
        "direct", "multigrid" or "distributed".
    levels
        Unknowns of each multigrid level, finest first.
    seconds
        Wall time of the solution, without setting up the solver [s].
    """

    u: Floats
    unknowns: Floats
    residual: float
    iterations: int
    method: str
    levels: tuple[int, ...]
    seconds: float

    def __str__(self) -> str:
        how = f"{self.iterations} iterations on {' > '.join(map(str, self.levels))} unknowns" if self.iterations else ""
        return f"{self.method} solver, residual {self.residual:.1e}, {self.seconds:.1f} s {how}".rstrip()


class LinearSolver(Protocol):
    """An operator with its supports, ready for loads, wherever it is solved."""

    @property
    def operator(self) -> Operator:
        """Stiffness."""

    def solve(
        self,
        load: Floats,
        values: Floats | None = None,
        tolerance: float = TOLERANCE,
        progress: Progress | None = None,
    ) -> Displacement:
        """Solve for one load, as `Solver.solve` does."""


@dataclass(frozen=True)
class Solver:
    """An operator with its supports, ready for loads: set up once, solve many times.

    Parameters
    ----------
    operator
        Stiffness.
    fixed
        Components that are held, in the unknowns' frames, shape (n, 3).
    space
        What may move.
    inverse
        A multigrid preconditioner, or the direct solution.
    surer
        What sets up the direct solution where the iteration is given up; None where it must go on.
    """

    operator: Operator
    fixed: Bools
    space: Space
    inverse: Multigrid | Factors
    surer: Callable[[], Factors] | None = None

    @cached_property
    def _given_up(self) -> list[Factors]:
        """The direct solution, once the iteration was given up."""
        return []

    def solve(
        self,
        load: Floats,
        values: Floats | None = None,
        tolerance: float = TOLERANCE,
        progress: Progress | None = None,
    ) -> Displacement:
        """Solve for one load.

        Parameters
        ----------
        load
            Nodal forces in the unknowns' frames, shape (n, 3) [N].
        values
            Displacements of the fixed components, shape (n, 3) [mm]; zero by default.
        tolerance
            Residual relative to the load that is asked for [-].
        progress
            Called with the number of the iteration and its residual.

        Raises
        ------
        SolveError
            S502: the residual stays above the tolerance; S508: the answer is not finite.
        """
        with one_thread_in_blas():
            return self._solved(load, values, tolerance, progress)

    def _solved(self, load: Floats, values: Floats | None, tolerance: float, progress: Progress | None) -> Displacement:
        start = time.perf_counter()
        u, load = lifted(self.operator, self.fixed, load, values)
        load = self.space.project(load)
        scale = float(np.linalg.norm(load))
        if scale == 0.0:
            return self._answer(u, 0.0, 0, start)
        x, iterations = np.zeros_like(load), 0
        if isinstance(self.inverse, Multigrid) and not self._given_up:
            x, iterations = self._iterate(self.inverse, load, scale, tolerance, progress)
            if self.surer is not None and np.linalg.norm(self._rest(load, x)) > tolerance * scale:
                self._given_up.append(self.surer())
        direct = self._given_up[0] if self._given_up else self.inverse
        if isinstance(direct, Factors):
            x, iterations = self._refine(direct, load, scale, tolerance), 0
        residual = float(np.linalg.norm(self._rest(load, x))) / scale
        require_small(residual, tolerance, iterations)
        return self._answer(u + x, residual, iterations, start)

    def _rest(self, load: Floats, x: Floats) -> Floats:
        return self.space.project(load - self.operator.stiffness @ x)

    def _refine(self, factors: Factors, load: Floats, scale: float, tolerance: float) -> Floats:
        """Direct solution with iterative refinement."""
        x, rest = np.zeros_like(load), load
        for _ in range(3):
            x = x + factors(rest)
            rest = self._rest(load, x)
            if np.linalg.norm(rest) <= tolerance * scale / 100:
                break
        return x

    def _iterate(
        self, multigrid: Multigrid, load: Floats, scale: float, tolerance: float, progress: Progress | None
    ) -> tuple[Floats, int]:
        """Preconditioned conjugate gradients (Saad 2003, algorithm 9.1), started anew where round-off asks for it."""
        x, r, steps = np.zeros_like(load), load, 0
        for _ in range(RESTARTS):
            z = self.space.project(multigrid.cycle(r))
            p, rz = z, float(np.vdot(r, z))
            norm, hopeless = math.inf, False
            while steps < MOST_ITERATIONS:
                q = self.space.project(self.operator.stiffness @ p)
                curvature = float(np.vdot(p, q))
                if not (math.isfinite(curvature) and curvature > 0):
                    break
                alpha = rz / curvature
                x = x + alpha * p
                r = r - alpha * q
                steps += 1
                norm = float(np.linalg.norm(r)) / scale
                if progress is not None:
                    progress(steps, norm)
                hopeless = self.surer is not None and _hopeless(steps, norm, tolerance)
                if hopeless or norm <= 0.5 * tolerance:
                    break
                z = self.space.project(multigrid.cycle(r))
                before, rz = rz, float(np.vdot(r, z))
                p = z + (rz / before) * p
            r = self._rest(load, x)
            if hopeless or np.linalg.norm(r) <= tolerance * scale or steps >= MOST_ITERATIONS:
                break
        return x, steps

    def _answer(self, unknowns: Floats, residual: float, iterations: int, start: float) -> Displacement:
        levels = self.inverse.levels if isinstance(self.inverse, Multigrid) and not self._given_up else ()
        return Displacement(
            u=displacement_of(self.operator.mesh, unknowns),
            unknowns=unknowns,
            residual=residual,
            iterations=iterations,
            method="multigrid" if levels else "direct",
            levels=levels,
            seconds=time.perf_counter() - start,
        )


def solver(operator: Operator, fixed: Bools, method: Method = "auto", rigid: Ints | None = None) -> Solver:
    """Set up a solver.

    Parameters
    ----------
    operator
        Stiffness.
    fixed
        Components that are held, in the unknowns' frames, shape (n, 3).
    method
        "direct" (sparse factorisation), "multigrid" (conjugate gradients), or "auto": by size, and directly as well
        what hardly converges, up to `DIRECT_WHERE_SLOW` unknowns.
    rigid
        Number of the rigid body that each node is of, -1 for none, shape (n,). Where its nodes are held they are held
        in place: bodies have no prescribed displacements.

    Raises
    ------
    SolveError
        S505: a rigid motion is free.
    """
    without = idle(operator)
    fixed = fixed | without
    if rigid is not None:
        rigid = np.where(without[:, 0], -1, rigid)
    require_held(operator, fixed, rigid)
    space = space_of(fixed, rigid, rigid_motions_of(operator.mesh))
    if method == "direct" or (method == "auto" and operator.size <= DIRECT_BELOW):
        return Solver(operator, fixed, space, factors(operator, space))
    fits = 1e6 * MEGABYTES_OF_FACTORS * operator.size < available_memory()
    choice = method == "auto" and operator.size <= DIRECT_WHERE_SLOW and fits
    surer = partial(factors, operator, space) if choice else None
    with one_thread_in_blas():
        return Solver(operator, fixed, space, multigrid(operator, fixed, rigid), surer)


def _hopeless(steps: int, norm: float, tolerance: float) -> bool:
    """Whether the residual falls so slowly that the iteration would take too many steps, if it went on like that."""
    return steps >= TRIAL and (norm >= 1.0 or steps * math.log(tolerance) / math.log(norm) > HOPELESS)


@dataclass(frozen=True)
class Workshop:
    """Where systems are solved.

    Parameters
    ----------
    solver
        What sets up a solver there, from a stiffness, what is held, and a method.
    processes
        That share a system [-].
    here
        Of these, on this machine [-].
    """

    solver: Callable[[Operator, Bools, Method], LinearSolver]
    processes: int
    here: int


THIS_PROCESS = Workshop(solver, 1, 1)


def solve(
    operator: Operator,
    load: Floats,
    fixed: Bools,
    values: Floats | None = None,
    method: Method = "auto",
    tolerance: float = TOLERANCE,
    progress: Progress | None = None,
) -> Displacement:
    """Set up a solver and solve for one load; the arguments are those of `solver` and `Solver.solve`."""
    return solver(operator, fixed, method).solve(load, values, tolerance, progress)


def lifted(operator: Operator, fixed: Bools, load: Floats, values: Floats | None) -> tuple[Floats, Floats]:
    """Lift prescribed displacements: what is left to find is zero where the mesh is held.

    Parameters
    ----------
    operator
        Stiffness.
    fixed
        Components that are held, in the unknowns' frames, shape (n, 3).
    load
        Nodal forces, shape (n, 3) [N].
    values
        Displacements of what is held, shape (n, 3) [mm]; zero by default.

    Returns
    -------
    u
        These displacements, zero where nothing is held, shape (n, 3) [mm].
    load
        What is left of the load under them, shape (n, 3) [N].
    """
    u = np.zeros_like(load) if values is None else np.where(fixed, values, 0.0)
    return u, imbalance(operator, fixed, load, u)


def imbalance(operator: Operator, fixed: Bools, load: Floats, u: Floats) -> Floats:
    """Return the forces that are not in balance, f - K u where nothing is held, shape (n, 3) [N]."""
    return np.where(fixed, 0.0, load - operator.stiffness @ u)


def require_small(residual: float, tolerance: float, iterations: int) -> None:
    """Check that a solution solves its equations.

    Parameters
    ----------
    residual, tolerance
        What is left and what may be left of the load, relative to it [-].
    iterations
        Steps that were taken [-].

    Raises
    ------
    SolveError
        S502: the residual stays above the tolerance; S508: the answer is not finite.
    """
    if not math.isfinite(residual):
        raise SolveError("S508", "the displacement is not finite", hint="look for materials of extreme stiffness")
    if residual > tolerance:
        raise SolveError(
            "S502",
            f"the residual is {residual:.1e} after {iterations} iterations, {tolerance:.0e} is asked",
            hint='solver = "direct" is slower and surer; moduli that differ by more than 1e8 cannot be solved together',
        )
