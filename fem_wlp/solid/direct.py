"""Direct solution of symmetric positive definite systems, for what is small."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse.linalg import splu

from ..errors import SolveError
from ..mesh.solid import Floats
from .operator import Operator
from .space import Space


@dataclass(frozen=True)
class Factors:
    """The inverse of a constrained operator, ready for many right-hand sides.

    Parameters
    ----------
    basis
        Motions that are left, sparse, shape (3 n, unknowns).
    factors
        The factorised stiffness among them.
    """

    basis: Any
    factors: Any

    def __call__(self, load: Floats) -> Floats:
        """Return the displacement for a load, both of shape (n, 3)."""
        return np.asarray((self.basis @ self.factors.solve(self.basis.T @ load.ravel())).reshape(load.shape))


def factors(operator: Operator, space: Space) -> Factors:
    """Factorise an operator on what may move.

    Raises
    ------
    SolveError
        S501: it is singular.
    """
    basis = space.basis
    return Factors(basis, factorized(basis.T @ operator.stiffness.assembled() @ basis))


def factorized(matrix: Any) -> Any:
    """Return the factors of a symmetric positive definite sparse matrix, with a method ``solve``.

    Raises
    ------
    SolveError
        S501: it is singular.
    """
    try:
        return splu(matrix.tocsc(), permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.0, options={"SymmetricMode": True})
    except RuntimeError as fault:
        raise SolveError(
            "S501", f"a stiffness matrix cannot be factorised: {fault}", hint="look for regions without stiffness"
        ) from fault
