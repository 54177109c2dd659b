"""Direct solution of symmetric positive definite systems, for what is small."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse.linalg import splu

from ..errors import SolveError
from ..mesh.solid import Bools, Floats
from .operator import Operator


@dataclass(frozen=True)
class Factors:
    """The inverse of a constrained operator, ready for many right-hand sides.

    Parameters
    ----------
    free
        Numbers of the free components among all.
    factors
        Their factorised stiffness.
    """

    free: Any
    factors: Any

    def __call__(self, load: Floats) -> Floats:
        """Return the displacement for a load, both of shape (n, 3)."""
        x = np.zeros(load.size)
        x[self.free] = self.factors.solve(load.ravel()[self.free])
        return x.reshape(load.shape)


def factors(operator: Operator, fixed: Bools) -> Factors:
    """Factorise a constrained operator.

    Raises
    ------
    SolveError
        S501: it is singular.
    """
    free = np.flatnonzero(~fixed.ravel())
    return Factors(free, factorized(operator.stiffness.assembled()[free][:, free]))


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
