"""A sandwich that cools: the problem on which the solvers are tried."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fem_wlp.mesh.solid import Bools, Floats, SolidMesh
from fem_wlp.solid import operator as solid
from fem_wlp.verification.bricks import NEAR, isotropic_tensor

STIFFEST = 1e5
STRAINS = -1e-2 * np.array([18.0, 20.0, 2.6, 50.0])[:, None] * np.array([0.1, 0.1, 0.1, 0.0, 0.0, 0.0])


@dataclass(frozen=True)
class Cooled:
    """Operator, thermal load and the supports of a quarter: planes of symmetry and a corner."""

    operator: solid.Operator
    load: Floats
    fixed: Bools


def cooled(mesh: SolidMesh, nu: float = 0.3, contrast: float = 100.0) -> Cooled:
    """Return a sandwich whose layer has this Poisson's ratio, and is softer than its chip by the contrast."""
    moduli, ratios = [STIFFEST, STIFFEST / 10, STIFFEST, STIFFEST / contrast], [0.28, 0.3, 0.28, nu]
    one = solid.operator(mesh, np.stack([isotropic_tensor(*pair) for pair in zip(moduli, ratios, strict=True)]))
    fixed = np.zeros(mesh.points.shape, dtype=bool)
    fixed[:, :2] = mesh.points[:, :2] < NEAR
    fixed[np.argmin(mesh.points.sum(axis=1)), 2] = True
    return Cooled(one, solid.thermal_load(one, STRAINS), fixed)
