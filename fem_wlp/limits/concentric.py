"""Closed forms of concentric bodies: coated spheres, cylinders in rings, layers confined on a rigid base."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fem_wlp.limits.posts import Floats, bulk_modulus, shear_modulus


@dataclass(frozen=True)
class ConcentricSpheres:
    """Coated sphere with a free surface after a temperature change.

    In shell i the radial displacement is ``u = A_i r + B_i / r^2``.

    Attributes
    ----------
    radii : array, shape (n,)
        Outer radii of core and coats [mm].
    uniform, decaying : array, shape (n,)
        ``A_i`` [-] and ``B_i`` [mm^3].
    pressure : array, shape (n,)
        Pressure from each shell's outer face onto it [MPa]; the last is that of the free surface, zero.
    hoop : array, shape (n, 2)
        Tangential stress [MPa] at each shell's inner and outer face (the core's centre and face).
    expansion : float
        Growth of the whole ball's radius over its radius [-].
    """

    radii: Floats
    uniform: Floats
    decaying: Floats
    pressure: Floats
    hoop: Floats
    expansion: float


def concentric_spheres(
    radii: Sequence[float], E: Sequence[float], nu: Sequence[float], strain: Sequence[float]
) -> ConcentricSpheres:
    """Thermal stress of a sphere with any number of coats, bonded, its surface free.

    Displacement ``u = A r + B / r^2`` and radial stress ``3 K (A - e) - 4 G B / r^3`` are continuous; ``B = 0`` in
    the core. With one coat this is ``p = (e_c - e_s) / {1/(3 K_c) + f/(1-f) [1/(3 K_s) + 1/(4 G_s f)]}``,
    ``f = (a/b)^3``.

    Parameters
    ----------
    radii : sequence of float
        Outer radii of core and coats [mm], increasing.
    E, nu : sequence of float
        Young's moduli [MPa] and Poisson's ratios [-].
    strain : sequence of float
        Free thermal strains ``alpha dT`` [-].

    Returns
    -------
    ConcentricSpheres
        Exact in linear elasticity.

    Notes
    -----
    Source: S. Timoshenko and J. N. Goodier, *Theory of Elasticity* (1951), spheres with central symmetry.

    Examples
    --------
    A polymer ball in 10 um of copper, heated by 100 K, presses on its coat:

    >>> ball = concentric_spheres([0.10, 0.11], [4800, 117e3], [0.36, 0.34], [40e-4, 17e-4])
    >>> ball.pressure.round(3).tolist()
    [25.663, 0.0]
    >>> ball.hoop[1].round(2).tolist()
    [129.13, 116.3]
    >>> round(ball.expansion / 100 * 1e6, 2)
    23.56
    """
    r = np.asarray(radii, dtype=float)
    free = np.asarray(strain, dtype=float)
    bulk, shear = 3.0 * bulk_modulus(E, nu), 4.0 * shear_modulus(E, nu)
    uniform, decaying = _match_shells(r, bulk, shear, bulk * free, power=3)
    inner = np.concatenate([[np.inf], r[:-1]])  # B = 0 in the core: its field is uniform
    faces = np.stack([inner, r], axis=1) ** 3
    mean = (bulk * (uniform - free))[:, None]
    hoop = mean + (shear * decaying)[:, None] / (2.0 * faces)
    pressure = (shear * decaying) / r**3 - mean[:, 0]
    pressure[-1] = 0.0
    return ConcentricSpheres(r, uniform, decaying, pressure, hoop, float(uniform[-1] + decaying[-1] / r[-1] ** 3))


def _match_shells(r: Floats, bulk: Floats, shear: Floats, thermal: Floats, power: int) -> tuple[Floats, Floats]:
    """Solve ``u/r = A + B/r^power``, stress ``bulk A - shear B/r^power - thermal``, continuous and zero outside."""
    n = len(r)
    size = float(r[-1])
    scaled = (r / size) ** power  # unknowns A_i and B_i/size^power, all strains
    stiffness = float(np.max(bulk))
    matrix, load = np.zeros((2 * n, 2 * n)), np.zeros(2 * n)
    matrix[0, n] = 1.0
    for i in range(n):
        matrix[2 * i + 1, [i, n + i]] = bulk[i] / stiffness, -shear[i] / scaled[i] / stiffness
        load[2 * i + 1] = thermal[i] / stiffness
        if i + 1 < n:
            matrix[2 * i + 1, [i + 1, n + i + 1]] = -bulk[i + 1] / stiffness, shear[i + 1] / scaled[i] / stiffness
            load[2 * i + 1] -= thermal[i + 1] / stiffness
            matrix[2 * i + 2, [i, n + i, i + 1, n + i + 1]] = 1.0, 1.0 / scaled[i], -1.0, -1.0 / scaled[i]
    solution = np.asarray(np.linalg.solve(matrix, load), dtype=np.float64)
    solution[n:] *= size**power
    return solution[:n], solution[n:]


@dataclass(frozen=True)
class ConcentricCylinders:
    """Long cylinder in rings, free outside and without net axial force, after a temperature change.

    In ring i the radial displacement is ``u = A_i r + B_i / r``; the axial strain is common.

    Attributes
    ----------
    radii : array, shape (n,)
        Outer radii [mm].
    uniform, decaying : array, shape (n,)
        ``A_i`` [-] and ``B_i`` [mm^2].
    radial : array, shape (n,)
        Radial stress at the outer faces [MPa]; the last is zero.
    axial : array, shape (n,)
        Axial stress [MPa], uniform in each ring.
    axial_strain : float
        Common axial strain [-].
    surface_shift : float
        Radial displacement of the outer surface [mm].
    """

    radii: Floats
    uniform: Floats
    decaying: Floats
    radial: Floats
    axial: Floats
    axial_strain: float
    surface_shift: float


def concentric_cylinders(
    radii: Sequence[float], E: Sequence[float], nu: Sequence[float], strain: Sequence[float]
) -> ConcentricCylinders:
    """Thermal stress of a long cylinder in bonded rings: generalised plane strain, no net axial force.

    Radial stress ``2 (lambda + G) A - 2 G B / r^2 + lambda e_z - 3 K e`` and displacement are continuous, the outer
    face is free, and ``sum A_i sigma_z,i = 0`` with ``sigma_z = 2 lambda A + (lambda + 2 G) e_z - 3 K e``.

    Parameters
    ----------
    radii : sequence of float
        Outer radii [mm], increasing.
    E, nu : sequence of float
        Young's moduli [MPa] and Poisson's ratios [-].
    strain : sequence of float
        Free thermal strains ``alpha dT`` [-].

    Notes
    -----
    The middle of something several diameters long; the ends of a short cylinder differ.

    Source: S. Timoshenko and J. N. Goodier, *Theory of Elasticity* (1951), thick-walled cylinders.

    Examples
    --------
    Adhesive in a stiffer layer, cooled by 100 K, pulls on the wall:

    >>> post = concentric_cylinders([0.10, 0.25], [200, 2000], [0.45, 0.40], [-100e-4, -60e-4])
    >>> post.radial.round(4).tolist(), post.axial.round(4).tolist()
    ([3.6559, 0.0], [4.0685, -0.775])
    """
    r = np.asarray(radii, dtype=float)
    G, K = shear_modulus(E, nu), bulk_modulus(E, nu)
    lame = K - 2.0 / 3.0 * G
    thermal = 3.0 * K * np.asarray(strain, dtype=float)
    area = np.diff(np.concatenate([[0.0], r**2]))
    plane = 2.0 * (lame + G)
    # the answer is linear in the axial strain: take it from strain 0 and 1, then balance the axial force
    fields = [
        _match_shells(r, plane, 2.0 * G, thermal, power=2),
        _match_shells(r, plane, 2.0 * G, -lame, power=2),
    ]
    held = 2.0 * lame * fields[0][0] - thermal
    unit = 2.0 * lame * fields[1][0] + lame + 2.0 * G
    axial_strain = float(-(area @ held) / (area @ unit))
    uniform, decaying = (fields[0][k] + axial_strain * fields[1][k] for k in (0, 1))
    radial = plane * uniform - 2.0 * G * decaying / r**2 + lame * axial_strain - thermal
    radial[-1] = 0.0
    shift = float(uniform[-1] * r[-1] + decaying[-1] / r[-1])
    return ConcentricCylinders(r, uniform, decaying, radial, held + axial_strain * unit, axial_strain, shift)


def confined_modulus(E: ArrayLike, nu: ArrayLike) -> NDArray[np.float64]:
    """Modulus of a layer that cannot spread sideways, ``M = E (1 - nu) / [(1 + nu)(1 - 2 nu)]`` [MPa].

    A wide layer on a rigid base, far from its edges.
    """
    return bulk_modulus(E, nu) + 4.0 / 3.0 * shear_modulus(E, nu)


def confined_expansion(alpha: ArrayLike, nu: ArrayLike) -> NDArray[np.float64]:
    """Growth of such a layer's thickness per kelvin, ``alpha (1 + nu) / (1 - nu)`` [1/K].

    >>> float(confined_expansion(290e-6, 0.495).round(6))
    0.000859
    """
    nu = np.asarray(nu, dtype=float)
    return np.asarray(alpha, dtype=float) * (1.0 + nu) / (1.0 - nu)
