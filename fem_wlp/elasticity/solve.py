"""Sparse symmetric positive definite systems with a few dense constraints, solved and checked."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sparse
import scipy.sparse.linalg as linalg
from numpy.typing import NDArray

from ..errors import SolveError

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

RESIDUAL_ASKED = 1e-10
"""Largest acceptable relative residual of a direct solution, by either measure [-]."""

TOO_FAR_APART = "the moduli in this package differ by too many orders of magnitude"
"""What a solution that is not exact enough hints at."""


@dataclass(frozen=True)
class Constrained:
    """A linear elastic system with prescribed unknowns, prescribed weighted sums and rigid motions.

    Parameters
    ----------
    stiffness
        K on all unknowns, shape (n, n) [N/mm].
    reduction
        Map from independent to all unknowns (axis conditions), shape (n, k) [-].
    prescribed
        Numbers of the prescribed unknowns (of the n).
    sums
        Rows C of the constraints C u = values, shape (c, n).
    rigid
        Rigid motions that are left after the prescribed unknowns, shape (n, r) [mm].
    pins
        One unknown a rigid motion, held while K is factored; their reaction vanishes in the solution.
    """

    stiffness: sparse.csc_matrix
    reduction: sparse.csc_matrix
    prescribed: Integers
    sums: Floats
    rigid: Floats
    pins: Integers


@dataclass(frozen=True)
class Balance:
    """Forces on the free unknowns, one column a solution; those of a sum of solutions are sums of columns.

    Parameters
    ----------
    driving
        f: loads, forces that hold the prescribed sums, what prescribed unknowns ask for, shape (k, columns) [N].
    left
        f - K u, shape (k, columns) [N].
    """

    driving: Floats
    left: Floats


@dataclass(frozen=True)
class Solved:
    """Solutions of a constrained system, one a column.

    Parameters
    ----------
    displacement
        Shape (n, columns) [mm].
    multipliers
        Generalised forces that hold the prescribed sums, shape (c, columns).
    residual
        Largest backward error of the equilibrium of the free unknowns, |f - K u| / ||K| |u| + |f|| [-]. A unit
        displacement of a soft joint hardly needs a force, and then f - K u is no smaller than K times the last digit
        of u: against f it is judged in the sum of solutions that stands for a load (`Balance`).
    balance
        Forces on the free unknowns.
    """

    displacement: Floats
    multipliers: Floats
    residual: float
    balance: Balance


def factorise(matrix: sparse.csc_matrix, ordering: str = "MMD_AT_PLUS_A") -> linalg.SuperLU:
    """Factor a symmetric positive definite matrix in one of SuperLU's orderings, and refuse one that is not.

    Raises
    ------
    SolveError
        S501: a pivot is not positive.
    """
    try:
        factor = linalg.splu(
            matrix.tocsc(),
            permc_spec=ordering,
            diag_pivot_thresh=0.0,
            relax=1,  # the zeros that larger supernodes store take a fifth of the factor, and a third of the time
            panel_size=8,
            options={"SymmetricMode": True},
        )
    except RuntimeError as singular:
        raise SolveError("S501", f"the stiffness matrix is singular: {singular}", hint=_SINGULAR_HINT) from singular
    if not np.all(factor.U.diagonal() > 0):
        raise SolveError("S501", "the stiffness matrix is not positive definite", hint=_SINGULAR_HINT)
    return factor


_SINGULAR_HINT = "a part is attached to nothing or a modulus is far out of range"


def solve(system: Constrained, loads: Floats, prescribed: Floats, values: Floats) -> Solved:
    """Solve K u = f with u given at some unknowns and C u given, for several right-hand sides at once.

    The constraints are eliminated by the flexibility of the factored matrix (a dense system of a few unknowns), so
    that the sparse matrix stays symmetric positive definite.

    Parameters
    ----------
    system
        The constrained system.
    loads
        f, shape (n, columns) [N].
    prescribed
        Values of all unknowns of which only the prescribed ones are read, shape (n, columns) [mm].
    values
        Prescribed sums, shape (c, columns).

    Returns
    -------
    Solved

    Raises
    ------
    SolveError
        S501: singular or indefinite; S502: the residual is too large; S508: the solution is not finite.
    """
    K = system.stiffness
    moved = np.zeros_like(loads)
    moved[system.prescribed] = prescribed[system.prescribed]
    free = free_unknowns(system.reduction, np.concatenate([system.prescribed, system.pins]))
    factor = factorise(free.T.tocsc() @ K @ free)
    unbalanced = loads - K @ moved
    forces = free.T @ unbalanced
    sums = system.sums
    columns = loads.shape[1]
    particular = free @ factor.solve(forces) + moved if free.shape[1] else moved
    if not len(sums) and not system.rigid.shape[1]:
        return _checked(system, loads, particular, np.zeros((0, columns)))
    unit = free @ factor.solve(np.ascontiguousarray((sums @ free).T)) if len(sums) else np.zeros((K.shape[0], 0))
    rigid = system.rigid
    # unknowns: multipliers of the sums, amplitudes of the rigid motions
    border = np.block(
        [
            [sums @ unit, sums @ rigid],
            [rigid.T @ sums.T, np.zeros((rigid.shape[1], rigid.shape[1]))],
        ]
    )
    right = np.vstack([values - sums @ particular, -rigid.T @ unbalanced])
    scale = 1.0 / np.sqrt(np.maximum(np.abs(border).max(axis=1), 1e-300))
    unknown = scale[:, None] * np.linalg.solve(border * scale[:, None] * scale, right * scale[:, None])
    multipliers, amplitude = unknown[: len(sums)], unknown[len(sums) :]
    displacement = particular + unit @ multipliers + rigid @ amplitude
    return _checked(system, loads, displacement, multipliers)


def free_unknowns(reduction: sparse.csc_matrix, held: Integers) -> sparse.csc_matrix:
    """Return the columns of the independent unknowns of which the first unknown that they drive is not held."""
    stays = np.zeros(reduction.shape[0], dtype=bool)
    stays[held] = True
    return reduction[:, np.flatnonzero(~stays[reduction.indices[reduction.indptr[:-1]]])]


def _checked(system: Constrained, loads: Floats, displacement: Floats, multipliers: Floats) -> Solved:
    """Return the solution if the forces at its free unknowns balance, relative to the forces that elements exert."""
    if not np.all(np.isfinite(displacement)):
        raise SolveError("S508", "the solution is not finite", hint="a material or a dimension is far out of range")
    open_ = free_unknowns(system.reduction, system.prescribed)  # pins too must be free of force
    forces = loads + system.sums.T @ multipliers
    left = open_.T @ (forces - system.stiffness @ displacement)
    scale = open_.T @ (abs(system.stiffness) @ np.abs(displacement) + np.abs(loads))
    size = np.linalg.norm(scale, axis=0)
    residual = float(np.max(np.linalg.norm(left, axis=0) / np.where(size > 0, size, 1.0), initial=0.0))
    if residual > RESIDUAL_ASKED:
        raise SolveError(
            "S502",
            f"the residual of the equilibrium is {residual:.1e}, more than {RESIDUAL_ASKED:.0e}",
            hint=TOO_FAR_APART,
        )
    held = system.prescribed
    driving = open_.T @ (forces - system.stiffness[:, held] @ displacement[held])
    return Solved(displacement, multipliers, residual, Balance(driving, left))
