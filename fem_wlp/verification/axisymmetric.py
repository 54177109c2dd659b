"""The harmonic form by itself: systems on a section, fields on their nodes, and forms with a term left out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..elasticity import harmonic, solve
from ..mesh.section import Floats, Integers, SectionMesh
from .bricks import isotropic_tensor
from .sections import border

Component = Callable[[Floats, Floats], Any]
"""An amplitude as a function of (r, z) [mm]."""

Fields = tuple[Component, Component, Component]
"""U, V and W."""

RADIAL, HOOP, AXIAL = range(3)
"""Components of the displacement."""


@dataclass(frozen=True)
class Term:
    """A term ``factor * component / r`` of one strain.

    Parameters
    ----------
    strain
        Row in Voigt order (rr, tt, zz, tz, rz, rt).
    component
        RADIAL, HOOP or AXIAL.
    factor
        As it stands in the form [-].
    """

    strain: int
    component: int
    factor: float


HOOP_STRAIN = Term(1, RADIAL, 1.0)
"""U/r in e_tt."""

TURNING = Term(5, HOOP, -1.0)
"""-V/r in g_rt."""


def without(strain: harmonic.HarmonicStrain, term: Term) -> harmonic.HarmonicStrain:
    """Return a form that lacks one term."""
    space = strain.space
    rows = strain.rows_of().copy()
    by_node = rows.reshape(*rows.shape[:3], -1, 3)
    by_node[:, :, term.strain, :, term.component] -= term.factor * space.shape / space.places[0][..., None]
    return replace(strain, rows=rows, elements=None)


def system(
    mesh: SectionMesh, m: int, E: float = 1000.0, nu: float = 0.3, lacking: Term | None = None
) -> harmonic.HarmonicSystem:
    """Return the system of one harmonic for one material without free strain, perhaps with a term left out."""
    count = len(mesh.triangles)
    strain = harmonic.harmonic_strain(harmonic.HarmonicSpace(mesh), m)
    strain = strain if lacking is None else without(strain, lacking)
    C = np.broadcast_to(isotropic_tensor(E, nu), (count, 6, 6))
    return harmonic.assemble(strain, C, np.zeros((count, 6)))


def field(mesh: SectionMesh, functions: Fields) -> Floats:
    """Return nodal amplitudes of given functions of (r, z), shape (n,) [mm]."""
    r, z = mesh.points.T
    return np.stack([np.broadcast_to(f(r, z), r.shape) for f in functions], axis=1).ravel()


def filled_in(system: harmonic.HarmonicSystem, exact: Floats) -> Floats:
    """Return the solution that has the exact values on the border and no load, shape (n,) [mm]."""
    space = system.strain.space
    nodes = border(space.mesh)
    axis = space.mesh.points[nodes, 0] < 1e-12
    ends = np.ptp(space.mesh.points[:, 1]) * 1e-9
    z = space.mesh.points[nodes, 1]
    inner = axis & (z > z.min() + ends) & (z < z.max() - ends)
    return held(system, (3 * nodes[~inner, None] + np.arange(3)).ravel(), exact)


def held(
    system: harmonic.HarmonicSystem, prescribed: Integers, values: Floats, load: NDArray[np.float64] | None = None
) -> Floats:
    """Return the solution with some unknowns prescribed, their values among ``values``, shape (n,) [mm]."""
    space = system.strain.space
    nothing = np.zeros((space.size, 0))
    constrained = solve.Constrained(
        system.stiffness,
        harmonic.axis_constraints(space, system.strain.harmonic),
        prescribed,
        nothing.T,
        nothing,
        np.zeros(0, dtype=np.int64),
    )
    right = np.zeros((space.size, 1)) if load is None else load[:, None]
    return np.asarray(solve.solve(constrained, right, values[:, None], np.zeros((0, 1))).displacement[:, 0])
