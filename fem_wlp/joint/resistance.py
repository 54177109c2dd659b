"""Electrical and thermal resistance of a joint, on the mesh that carries its stress."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sparse
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components

from ..elasticity import solve
from ..elasticity.harmonic import HarmonicSpace
from ..materials.model import Material
from ..mesh import faces
from .condense import CellModel

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

OUTSIDE = ("chip", "board", "first_layer")
"""Regions beyond the two equipotential faces."""


def electrical_resistance(model: CellModel) -> float | None:
    """Return the resistance from the base region's upper to the land's lower face [mOhm]; None without a metal path.

    Both faces are equipotential; insulators carry nothing and there is no contact resistance.
    """
    conductivity = {
        name: (1.0 / material.resistivity,) * 2
        for name, material in _between(model).items()
        if material.resistivity is not None
    }
    return _resistance(model, conductivity, 1e3)


def thermal_resistance(model: CellModel) -> float | None:
    """Return the thermal resistance between the same faces, through all solids between them [K/W].

    The outer radius is insulated; None if a material's conductivity is not known.
    """
    conductivity = {name: material.conductivity for name, material in _between(model).items()}
    if any(value is None for value in conductivity.values()):
        return None
    return _resistance(model, {name: value for name, value in conductivity.items() if value is not None}, 1e3)


def _between(model: CellModel) -> dict[str, Material]:
    return {name: material for name, material in model.section.materials.items() if name not in OUTSIDE}


def _resistance(model: CellModel, conductivity: dict[str, tuple[float, float]], to_unit: float) -> float | None:
    """Solve div(k grad phi) = 0 with phi = 1 and 0 on the two faces; R = 1 / (energy of a unit drop)."""
    if not {"base_region", "land"} <= conductivity.keys():
        return None
    top = faces.interface(model.mesh, "first_layer", "base_region").nodes
    bottom = faces.interface(model.mesh, "land", "board").nodes
    elements = model.mesh.elements(*conductivity)
    matrix = _conductance(model.space, elements, conductivity)
    label = connected_components(matrix, directed=False)[1]
    if label[top[0]] != label[bottom[0]]:
        return None
    potential = np.zeros(len(model.mesh.points))
    potential[top] = 1.0
    free = label == label[top[0]]
    free[top] = free[bottom] = False
    inner = np.flatnonzero(free)
    potential[inner] = solve.factorise(matrix[inner][:, inner]).solve(-(matrix[inner] @ potential))
    return float(to_unit / (potential @ (matrix @ potential)))


def _conductance(
    space: HarmonicSpace, elements: Integers, conductivity: dict[str, tuple[float, float]]
) -> sparse.csc_matrix:
    """Integral of k_r phi,r psi,r + k_z phi,z psi,z over the regions' volume, on the six-node triangles."""
    names = space.mesh.names
    values = np.array([conductivity.get(name, (0.0, 0.0)) for name in names])[space.mesh.region[elements]]
    weight = space.volume[elements]
    local = sum(
        np.einsum("eqi,eqj,eq,e->eij", d, d, weight, k, optimize=True)
        for d, k in zip(space.gradient[:, elements, :, :6], values.T, strict=True)
    )
    nodes = space.mesh.triangles[elements]
    size = len(space.mesh.points)
    return sparse.coo_matrix(
        (np.asarray(local).ravel(), (np.repeat(nodes, 6, axis=1).ravel(), np.tile(nodes, (1, 6)).ravel())),
        shape=(size, size),
    ).tocsc()
