"""One direction of a plate: quadratic elements on a line, from which the 27-node hexahedra are tensor products.

On a grid of boxes every integral over a hexahedron is a product of three integrals over lines, so the stiffness of a
plate is a short sum of Kronecker products (Lynch, Rice & Thomas 1964), exact and without a loop over elements.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from skfem import Basis, BilinearForm, ElementLineP0, ElementLineP2, MeshLine
from skfem.helpers import grad

from fem_wlp.assembly.cells import FloatArray

_MASS = np.array([[4.0, 2.0, -1.0], [2.0, 16.0, 2.0], [-1.0, 2.0, 4.0]]) / 30.0
"""Integrals of products of the three quadratic functions over a line of length 1 [-]."""


@BilinearForm
def value_value(u, v, _):  # type: ignore[no-untyped-def]
    """Integrand u v."""
    return u * v


@BilinearForm
def slope_value(u, v, _):  # type: ignore[no-untyped-def]
    """Integrand u' v."""
    return grad(u)[0] * v


@BilinearForm
def slope_slope(u, v, _):  # type: ignore[no-untyped-def]
    """Integrand u' v'."""
    return grad(u)[0] * grad(v)[0]


@dataclass(frozen=True)
class Axis:
    """Quadratic shape functions N on a line, their integrals, and their even and odd combinations.

    Parameters
    ----------
    nodes
        (n,) coordinates [mm].
    products
        (2, 2, n, n) integrals over the line of D^a N_i D^b N_j, D the derivative, a and b its order [mm^(1-a-b)].
    pieces
        (2, e, n) integrals of D^a N_i over each element [mm^(1-a)].
    middles
        (e,) elements' middles [mm].
    parity
        Parity (+1 even, -1 odd) → (n, m) matrix of the m functions of that parity about the coordinate 0 [-].
    places
        Parity → (m,) coordinates whose values are the m functions' coefficients [mm].
    """

    nodes: FloatArray
    products: FloatArray
    pieces: FloatArray
    middles: FloatArray
    parity: dict[int, FloatArray]
    places: dict[int, FloatArray]

    def product(self, left: int, right: int, orders: tuple[int, int]) -> FloatArray:
        """Return the integrals of D^a N_i D^b N_j, N_i and N_j of parities `left` and `right`, (a, b) = `orders`."""
        integrals: FloatArray = self.parity[left].T @ self.products[orders] @ self.parity[right]
        return integrals

    def moment(self, power: int, parity: int, start: float, end: float) -> FloatArray:
        """Return the integrals of (coordinate - middle)^power N from `start` to `end`, power 0 or 1."""
        inside = np.flatnonzero((self.middles > start) & (self.middles < end))
        nodes = self.nodes[2 * inside[:, None] + np.arange(3)]
        lengths = nodes[:, 2] - nodes[:, 0]
        arms = nodes - (start + end) / 2
        integrals = np.zeros(len(self.nodes))
        np.add.at(integrals, 2 * inside[:, None] + np.arange(3), lengths[:, None] * (arms**power @ _MASS))
        moments: FloatArray = integrals @ self.parity[parity]
        return moments

    def interval(self, order: int, start: float, end: float, parity: int) -> FloatArray:
        """Return the integral of D^order N from `start` to `end`; a negative `start` is folded about 0 by parity."""
        inside = self.pieces[order, (self.middles > start) & (self.middles < end)].sum(axis=0)
        mirrored = self.pieces[order, self.middles < -start].sum(axis=0)
        folded: FloatArray = (inside + parity * (-1) ** order * mirrored) @ self.parity[parity]
        return folded


def half_axis(lines: FloatArray) -> Axis:
    """Return the elements between `lines`, of which the first is the mirror plane 0; odd functions vanish there."""
    nodes, products, pieces = _integrals(lines)
    identity = np.eye(len(nodes))
    parity = {1: identity, -1: identity[:, 1:]}
    return Axis(nodes, products, pieces, (lines[1:] + lines[:-1]) / 2, parity, {1: nodes, -1: nodes[1:]})


def whole_axis(lines: FloatArray) -> Axis:
    """Return the elements between `lines`, which are symmetric about 0."""
    nodes, products, pieces = _integrals(lines)
    identity, half = np.eye(len(nodes)), len(nodes) // 2
    upper, lower = identity[:, half + 1 :], identity[:, half - 1 :: -1]
    parity = {1: np.column_stack([identity[:, half], upper + lower]), -1: upper - lower}
    places = {1: nodes[half:], -1: nodes[half + 1 :]}
    return Axis(nodes, products, pieces, (lines[1:] + lines[:-1]) / 2, parity, places)


def _integrals(lines: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    basis = Basis(MeshLine(lines), ElementLineP2())
    constant = basis.with_element(ElementLineP0())
    order = np.argsort(basis.doflocs[0])
    forms = ((value_value, slope_value), (slope_value, slope_slope))
    products = np.array([[form.assemble(basis).toarray()[np.ix_(order, order)] for form in row] for row in forms])
    products[1, 0] = products[0, 1].T
    pieces = np.array([form.assemble(basis, constant).toarray()[:, order] for form in (value_value, slope_value)])
    return basis.doflocs[0, order], products, pieces
