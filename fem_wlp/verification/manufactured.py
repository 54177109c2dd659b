"""Smooth fields that are in equilibrium: how fast the error falls as meshes grow finer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy.special import iv, ivp

from ..elasticity import harmonic
from ..mesh.section import Floats
from ..solid import operator as solid
from ..solid.elements import HEXAHEDRON
from ..solid.solve import solve
from .axisymmetric import HOOP_STRAIN, Fields, field, filled_in, held, system
from .bricks import NEAR, cube, isotropic_tensor, mapped, sheared, split, with_copies
from .bricks import border as on_border
from .exactness import held_on_border
from .law import Law, Quantity, within
from .sections import border, regular

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


# Fields with pressure in bodies that hardly change their volume

NEARLY_INCOMPRESSIBLE = 0.4999
"""Poisson's ratio [-]."""

# Papkovich and Neuber: 2 G u = 4 (1 - nu) psi - grad(x . psi), psi harmonic, is in equilibrium without body forces, and
# its mean stress is 2 (1 + nu)/3 div psi, which stays where the dilatation goes to zero. With psi = H e_z and H,z = 0
# at z = 0 that plane has no normal stress: left free, it lets the body have the volume that it needs. A body held all
# round would be asked to change its volume by the interpolation's error, which says nothing of its elements.


def buoyant(nu: float, z: Floats, harmonic_function: Floats, slope: Floats) -> Floats:
    """Return (3 - 4 nu) H e_z - z grad H, a body's displacement where 2 G = 1 MPa, shape (..., 3) [mm]."""
    displacement = -z[..., None] * slope
    displacement[..., 2] += (3 - 4 * nu) * harmonic_function
    return displacement


def buoyant_strain(nu: float, z: Floats, slope: Floats, twice: Floats) -> Floats:
    """Return its strain from first derivatives of H and from the strain of its gradient, shape (..., 6) [-]."""
    strain = -z[..., None] * twice
    strain[..., 2] += (2 - 4 * nu) * slope[..., 2]
    strain[..., 3] += (2 - 4 * nu) * slope[..., 1]
    strain[..., 4] += (2 - 4 * nu) * slope[..., 0]
    return strain


def pressure_share(strains: Floats, exact: Floats, volumes: Floats) -> float:
    """Return the square of the mean stress's error over that of the mean stress [-]."""
    found, known = (each[..., :3].sum(axis=-1) for each in (strains, exact))
    return float(((found - known) ** 2 * volumes).sum() / (known**2 * volumes).sum())


def on_its_mean(strain: harmonic.HarmonicStrain) -> harmonic.HarmonicStrain:
    """Return a form whose dilatation is projected onto its mean in each element."""
    rows = strain.rows_of().copy()
    dilatation = rows[:, :, :3].sum(axis=2)
    volume = strain.space.volume
    mean = np.einsum("eq,eqi->ei", volume, dilatation) / volume.sum(axis=1)[:, None]
    rows[:, :, :3] += ((mean[:, None] - dilatation) / 3)[:, :, None]
    return replace(strain, rows=rows, elements=None)


def section_pressure(count: int, m: int, nu: float, broken: bool = False) -> float:
    """Return the square of the mean stress's error over that of the mean stress, on count x count squares [-]."""
    mesh = regular(count)
    one = system(mesh, m, E=1 + nu, nu=nu)
    if broken:
        one = harmonic.assemble(on_its_mean(one.strain), one.elasticity, one.free_strain)
    r, z = mesh.points.T
    slope = field(mesh, gradient(m)).reshape(-1, 3)
    exact = buoyant(nu, z, iv(m, r) * np.cos(z), slope)
    nodes = border(mesh)
    r, z = r[nodes], z[nodes]
    inside = (r > NEAR) & (r < 1 - NEAR)
    axis = (r < NEAR) & (z > NEAR) & (z < 1 - NEAR)
    prescribed = np.repeat(~axis[:, None], 3, axis=1)
    prescribed[(z < NEAR) & (inside | (r < NEAR)), 2] = False
    u = held(one, (3 * nodes[:, None] + np.arange(3))[prescribed], exact.ravel())
    r, z = one.strain.space.places
    slopes = np.stack([component(r, z) for component in gradient(m)], axis=-1)
    known = buoyant_strain(nu, z, slopes, gradient_strain(m, r, z))
    return pressure_share(harmonic.strains(one, u), known, one.strain.weight)


def leaning(points: Floats) -> Floats:
    """Map bricks to skewed parallelepipeds that stand on the plane z = 0."""
    return np.asarray(points @ np.array([[1.0, 0.2, 0.0], [0.3, 0.9, 0.0], [-0.2, 0.25, 1.1]]))


def even(points: Floats) -> tuple[Floats, Floats, Floats]:
    """Return the harmonic sin x sin y cosh(sqrt(2) z), its gradient, and the gradient's strain."""
    x, y, z = np.moveaxis(points, -1, 0)
    s = np.sqrt(2.0)
    grow, climb = np.cosh(s * z), s * np.sinh(s * z)
    sines, along_x, along_y = np.sin(x) * np.sin(y), np.cos(x) * np.sin(y), np.sin(x) * np.cos(y)
    slope = np.stack([along_x * grow, along_y * grow, sines * climb], axis=-1)
    shear = [2 * along_y * climb, 2 * along_x * climb, 2 * np.cos(x) * np.cos(y) * grow]
    return sines * grow, slope, np.stack([-sines * grow, -sines * grow, 2 * sines * grow, *shear], axis=-1)


def solid_pressure(divisions: int, nu: float, broken: bool = False) -> float:
    """Return the same of a leaning cube of divisions^3 hexahedra [-]."""
    box = cube(divisions)
    mesh = with_copies(mapped(box, leaning))
    mean_only = replace(HEXAHEDRON, modes=HEXAHEDRON.modes[:, :1])
    one = solid.operator(mesh, isotropic_tensor(1 + nu, nu)[None], element=mean_only if broken else None)
    function, slope, _ = even(mesh.points)
    exact = buoyant(nu, mesh.points[:, 2], function, slope)
    x, y, z = box.points.T
    fixed = np.repeat(on_border(box)[:, None], 3, axis=1)
    fixed[(z < NEAR) & (x > NEAR) & (x < 1 - NEAR) & (y > NEAR) & (y < 1 - NEAR), 2] = False
    u = solve(one, np.zeros_like(exact), fixed, exact, method="direct", tolerance=1e-12).u
    strains, volumes = solid.strains_of(one, u)
    places = solid.places_of(one)
    _, slope, twice = even(places)
    return pressure_share(strains, buoyant_strain(nu, places[..., 2], slope, twice), volumes)


def _dilatation(broken: bool) -> tuple[Quantity, ...]:
    nu = NEARLY_INCOMPRESSIBLE
    # a section's order is 3.5 to 3.8 on 4, 8 and 16 squares, and tends to 4
    sizes, cubes = (12, 24, 48), (2, 3, 5)
    return (
        *(
            within(
                f"section, m = {m}", order(sizes, [section_pressure(n, m, nu, broken) for n in sizes]), ORDER, SPREAD
            )
            for m in (0, 1, 2)
        ),
        within("hexahedra", order(cubes, [solid_pressure(n, nu, broken) for n in cubes]), ORDER, SPREAD),
    )


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
    Law(
        "rates-dilatation",
        "The pressure of a body that hardly changes its volume is met at the order of its elements",
        "2 G u = 4(1-nu) H e_z - grad(z H), nu = 0.4999, the plane z = 0 free along z; order of the square of the mean "
        "stress's error: 4; hexahedra and sections, for tetrahedra of mean dilatation have no such order",
        "P. F. Papkovich (1932), H. Neuber (1934); M. Crouzeix and P.-A. Raviart, RAIRO 7 (1973) 33",
        "the dilatation is projected onto its mean, not onto linear functions",
        _dilatation,
    ),
)
"""The laws of this family."""
