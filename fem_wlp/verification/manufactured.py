"""Smooth fields that are in equilibrium: how fast the error falls as meshes grow finer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.special import iv, ivp

from ..elasticity import harmonic
from ..mesh.section import Floats
from ..solid import operator as solid
from .axisymmetric import HOOP_STRAIN, Fields, field, filled_in, system
from .bricks import cube, isotropic_tensor, mapped, sheared, split, with_copies
from .exactness import held_on_border
from .law import Law, Quantity, within
from .sections import regular

ORDER = 4.0
"""Of the error's energy for quadratic elements [-]."""

SPREAD = 0.4
"""How far fitted orders on meshes as coarse as these may lie from it [-]."""


def order(sizes: Sequence[int], errors: Sequence[float]) -> float:
    """Return the order with which errors fall, fitted over meshes of so many elements a side [-]."""
    return -float(np.polyfit(np.log(sizes), np.log(errors), 1)[0])


# Axisymmetric bodies


def gradient(m: int) -> Fields:
    """Return the gradient of the harmonic function I_m(r) cos z cos(m theta), in equilibrium for any nu."""
    return (
        lambda r, z: ivp(m, r) * np.cos(z),
        lambda r, z: -m * np.where(r > 0, iv(m, r) / np.maximum(r, 1e-300), 0.5 * (m == 1)) * np.cos(z),
        lambda r, z: -iv(m, r) * np.sin(z),
    )


def gradient_strain(m: int, r: Floats, z: Floats) -> Floats:
    """Return its strain, twice second derivatives, shape (..., 6) [-]."""
    value, slope = iv(m, r), ivp(m, r)
    normal = [ivp(m, r, 2) * np.cos(z), (slope / r - m**2 * value / r**2) * np.cos(z), -value * np.cos(z)]
    shear = [m * value / r * np.sin(z), -slope * np.sin(z), -m * (slope / r - value / r**2) * np.cos(z)]
    return np.stack([*normal, *(2 * component for component in shear)], axis=-1)


def section_error(count: int, m: int, nu: float, broken: bool = False) -> float:
    """Return the energy of the error over that of the field, on count x count squares [-]."""
    mesh = regular(count)
    one = system(mesh, m, nu=nu, lacking=HOOP_STRAIN if broken else None)
    exact = gradient_strain(m, *one.strain.space.places)
    wrong = harmonic.strains(one, filled_in(one, field(mesh, gradient(m)))) - exact
    shares = [np.einsum("eqa,eab,eqb,eq->", e, one.elasticity, e, one.strain.weight) for e in (wrong, exact)]
    return float(shares[0] / shares[1])


def _section(broken: bool) -> tuple[Quantity, ...]:
    sizes = (4, 8, 16)
    return tuple(
        within(f"m = {m}, nu = {nu}", order(sizes, [section_error(n, m, nu, broken) for n in sizes]), ORDER, SPREAD)
        for m in (0, 1, 2)
        for nu in (0.3, 0.4999)
    )


# Solids


def smooth(points: Floats) -> tuple[Floats, Floats]:
    """Return the gradient of the harmonic sin x sin y exp(sqrt(2) z), in equilibrium for any nu, and its strain."""
    x, y, z = np.moveaxis(points, -1, 0)
    s, grow = np.sqrt(2.0), np.exp(np.sqrt(2.0) * z)
    sines, both = np.sin(x) * np.sin(y) * grow, np.cos(x) * np.cos(y) * grow
    along_x, along_y = np.cos(x) * np.sin(y) * grow, np.sin(x) * np.cos(y) * grow
    strain = [-sines, -sines, 2 * sines, 2 * s * along_y, 2 * s * along_x, 2 * both]
    return np.stack([along_x, along_y, s * sines], axis=-1), np.stack(strain, axis=-1)


def solid_error(divisions: int, nu: float, split_up: bool, broken: bool = False) -> float:
    """Return the energy of the error on a skewed cube of divisions^3 hexahedra, or their tetrahedra [N mm]."""
    box = cube(divisions)
    mesh = with_copies(mapped(split(box) if split_up else box, sheared))
    tensor = isotropic_tensor(1000.0, nu)
    if broken:
        tensor[5, 5] *= 1.5
    one = solid.operator(mesh, tensor[None])
    found = held_on_border(one, box, smooth(mesh.points)[0])
    strains, volumes = solid.strains_of(one, found)
    wrong = strains - smooth(solid.places_of(one))[1]
    return float(np.einsum("eqa,ab,eqb,eq->", wrong, one.tensors[0], wrong, volumes))


def _solids(broken: bool) -> tuple[Quantity, ...]:
    found = []
    for kind, split_up, sizes in (("hexahedra", False, (1, 2, 4)), ("tetrahedra", True, (1, 2, 3))):
        for nu in (0.3, 0.4999):
            errors = [solid_error(n, nu, split_up, broken) for n in sizes]
            found.append(within(f"{kind}, nu = {nu}", order(sizes, errors), ORDER, SPREAD))
    return tuple(found)


MANUFACTURED = (
    Law(
        "rates-section",
        "The harmonic form meets a smooth field at the order of its elements",
        "gradient of I_m(r) cos z cos(m theta); order of the error's energy over 4, 8 and 16 squares a side: 4",
        "approximation theory: P. G. Ciarlet, The Finite Element Method for Elliptic Problems (1978)",
        "the term U/r of the hoop strain is dropped",
        _section,
    ),
    Law(
        "rates-solid",
        "Hexahedra and tetrahedra meet a smooth field at their order",
        "gradient of sin x sin y exp(sqrt(2) z) on a skewed cube; order of the error's energy: 4",
        "approximation theory: P. G. Ciarlet, The Finite Element Method for Elliptic Problems (1978)",
        "one shear modulus is a half too large",
        _solids,
    ),
)
"""The laws of this family."""
