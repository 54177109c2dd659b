"""The same elasticity in stock scikit-fem: plain and three-field forms, numbered like our meshes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import skfem
from scipy.spatial import cKDTree
from skfem.element.element_h1 import ElementH1
from skfem.helpers import div, sym_grad
from skfem.refdom import RefHex

from fem_wlp.mesh.solid import Bools, Floats, Ints, SolidMesh
from fem_wlp.verification.bricks import NEAR, Map

NORMAL = np.array([1.0, 1.0, 1.0, 0.0, 0.0, 0.0])


class ElementHexLinear(ElementH1):  # type: ignore[misc]
    """Discontinuous 1, x, y, z of the reference cube, the pressures of Q2/P1."""

    interior_dofs = 4
    maxdeg = 1
    dofnames = ("1", "x", "y", "z")
    doflocs = np.full((4, 3), 0.5)
    refdom = RefHex

    def lbasis(self, X: Floats, i: int) -> tuple[Floats, Floats]:
        """Return function i and its gradient."""
        slope = np.zeros_like(X)
        if i == 0:
            return np.ones_like(X[0]), slope
        slope[i - 1] = 1.0
        return X[i - 1], slope


def voigt(u: Any) -> Any:
    """Strains xx, yy, zz, yz, xz, xy with engineering shear."""
    e = sym_grad(u)
    return np.stack([e[0, 0], e[1, 1], e[2, 2], 2 * e[1, 2], 2 * e[0, 2], 2 * e[0, 1]])


def deviator(u: Any) -> Any:
    """Strains without their dilatation."""
    return voigt(u) - NORMAL[:, None, None] * div(u) / 3


@dataclass(frozen=True)
class Stock:
    """A mesh in scikit-fem.

    Parameters
    ----------
    mesh
        Quadratic, mapped.
    regions
        Of each of its elements, shape (m,).
    element, modes
        For a component of the displacement, and for the dilatation.
    points
        Nodes of our mesh, shape (n, 3).
    """

    mesh: Any
    regions: Ints
    element: Any
    modes: Any
    points: Floats

    def bases(self, chosen: Bools) -> tuple[Any, Any]:
        """Return the bases of displacement and dilatation on some elements."""
        space = skfem.Basis(self.mesh, skfem.ElementVector(self.element), intorder=5, elements=np.flatnonzero(chosen))
        return space, space.with_element(self.modes)

    @cached_property
    def numbers(self) -> Ints:
        """Our number, 3 node + component, of every unknown of scikit-fem's."""
        basis = self.bases(self.regions >= 0)[0]
        component = np.empty(basis.N, dtype=np.int64)
        for group in (basis.nodal_dofs, basis.edge_dofs, basis.facet_dofs, basis.interior_dofs):
            for row, unknowns in enumerate(group):
                component[unknowns] = row % 3
        distance, node = cKDTree(self.points).query(basis.doflocs.T)
        assert distance.max() < NEAR
        return np.asarray(3 * node + component)

    def plain(self, tensors: Floats, strains: Floats) -> tuple[Floats, Floats]:
        """Return matrix and thermal load of the plain displacement form, dense, in our numbering."""

        def local(number: int) -> tuple[Any, Any]:
            C, free, basis = tensors[number], strains[number], self.bases(self.regions == number)[0]
            work = skfem.BilinearForm(lambda u, v, w: np.einsum("aeq,ab,beq->eq", voigt(v), C, voigt(u)))
            load = skfem.LinearForm(lambda v, w: np.einsum("aeq,a->eq", voigt(v), C @ free))
            return work.assemble(basis).toarray(), load.assemble(basis)

        K, f = zip(*(local(number) for number in range(len(tensors))), strict=True)
        return self._ours(sum(K), sum(f))

    def three_field(self, tensors: Floats, strains: Floats) -> tuple[Floats, Floats]:
        """Return the same of Hu and Washizu's form, with the dilatation theta and its multiplier p eliminated.

        The strain is dev eps(u) + theta I / 3; the multiplier makes theta the projection of div u.
        """

        def local(number: int) -> list[Any]:
            C, free = tensors[number], strains[number]
            space, modes = self.bases(self.regions == number)
            u_u = skfem.BilinearForm(lambda u, v, w: np.einsum("aeq,ab,beq->eq", deviator(v), C, deviator(u)))
            u_theta = skfem.BilinearForm(lambda u, t, w: np.einsum("aeq,a->eq", deviator(u), C @ NORMAL) * t / 3)
            theta_theta = skfem.BilinearForm(lambda t, s, w: t * s * (NORMAL @ C @ NORMAL) / 9)
            p_u = skfem.BilinearForm(lambda u, p, w: p * div(u))
            p_theta = skfem.BilinearForm(lambda t, p, w: p * t)
            f_u = skfem.LinearForm(lambda v, w: np.einsum("aeq,a->eq", deviator(v), C @ free))
            f_theta = skfem.LinearForm(lambda t, w: t * (NORMAL @ C @ free) / 3)
            return [
                u_u.assemble(space).toarray(),
                u_theta.assemble(space, modes).toarray(),
                theta_theta.assemble(modes).toarray(),
                p_u.assemble(space, modes).toarray(),
                p_theta.assemble(modes).toarray(),
                f_u.assemble(space),
                f_theta.assemble(modes),
            ]

        parts = [sum(part) for part in zip(*(local(number) for number in range(len(tensors))), strict=True)]
        K, coupling, theta_theta, p_u, p_theta, f, f_theta = parts
        theta_u = np.linalg.solve(p_theta, p_u)  # the projection of div u
        mixed = theta_u.T @ coupling
        return self._ours(K + mixed + mixed.T + theta_u.T @ theta_theta @ theta_u, f + theta_u.T @ f_theta)

    def _ours(self, K: Floats, f: Floats) -> tuple[Floats, Floats]:
        ours = np.empty_like(K)
        ours[np.ix_(self.numbers, self.numbers)] = K
        load = np.empty_like(f)
        load[self.numbers] = f
        return ours, load.reshape(-1, 3)


def stock(box: SolidMesh, shape: Map) -> Stock:
    """Return scikit-fem's mesh of a straight mesh of ours, mapped."""
    hexahedral = box.cells.shape[1] == 27
    corners, cells = np.unique(box.cells[:, HEXAHEDRON_CORNERS if hexahedral else range(4)], return_inverse=True)
    cells = cells.reshape(len(box.cells), -1)
    if hexahedral:
        linear = skfem.MeshHex(box.points[corners].T, cells.T)
        quadratic = skfem.MeshHex2.from_mesh(linear)
        element, modes = skfem.ElementHex2(), ElementHexLinear()
    else:
        linear = skfem.MeshTet(box.points[corners].T, cells.T)
        quadratic = skfem.MeshTet2.from_mesh(linear)
        element, modes = skfem.ElementTetP2(), skfem.ElementTetP0()
    curved = replace(quadratic, doflocs=np.ascontiguousarray(shape(quadratic.doflocs.T).T))
    return Stock(curved, box.regions, element, modes, shape(box.points))


HEXAHEDRON_CORNERS = [26, 8, 20, 24, 2, 6, 18, 0]
"""Corners in scikit-fem's order: (1,1,1), (1,1,0), (1,0,1), (0,1,1), (1,0,0), (0,1,0), (0,0,1), (0,0,0)."""
