"""Closed forms of short posts: guided, bonded, embedded in a layer, and the give of what they stand on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def shear_modulus(E: ArrayLike, nu: ArrayLike) -> Floats:
    """Shear modulus ``G = E / (2 (1 + nu))`` [MPa] of an isotropic solid.

    >>> float(shear_modulus(43000.0, 0.36).round(1))
    15808.8
    """
    return np.asarray(E, dtype=float) / (2.0 * (1.0 + np.asarray(nu, dtype=float)))


def bulk_modulus(E: ArrayLike, nu: ArrayLike) -> Floats:
    """Bulk modulus ``K = E / (3 (1 - 2 nu))`` [MPa] of an isotropic solid."""
    return np.asarray(E, dtype=float) / (3.0 * (1.0 - 2.0 * np.asarray(nu, dtype=float)))


def cowper_coefficient(nu: ArrayLike) -> Floats:
    """Shear coefficient ``kappa = 6 (1 + nu) / (7 + 6 nu)`` [-] of a solid circular section.

    Source: G. R. Cowper, J. Appl. Mech. 33 (1966) 335.
    """
    nu = np.asarray(nu, dtype=float)
    return 6.0 * (1.0 + nu) / (7.0 + 6.0 * nu)


def guided_post_stiffness(E: float, nu: float, diameter: float, height: float) -> float:
    """Lateral stiffness of a round post, both ends clamped and kept from rotating.

    ``1/k = h^3 / (12 E I) + h / (kappa G A)``; the end moment is ``F h / 2``.

    Parameters
    ----------
    E, nu : float
        Young's modulus [MPa] and Poisson's ratio [-].
    diameter, height : float
        Of the post [mm].

    Returns
    -------
    float
        Shear force per shift of the ends [N/mm].

    Notes
    -----
    Beam theory lets the end sections warp; ends that are really bonded make the post stiffer, by 4-10 % at
    nu = 0.3 and 6-11 % at nu = 0.49 for heights of 0.1-2 diameters.

    Source: S. Timoshenko, Phil. Mag. 41 (1921) 744; G. R. Cowper, J. Appl. Mech. 33 (1966) 335.

    Examples
    --------
    In units of G A / h, a post as high as it is wide:

    >>> area, G = np.pi / 4, 1 / 2.6
    >>> round(guided_post_stiffness(1.0, 0.3, 1.0, 1.0) / (G * area), 4)
    0.6094
    """
    area = np.pi * diameter**2 / 4.0
    second_moment = np.pi * diameter**4 / 64.0
    shear = cowper_coefficient(nu) * shear_modulus(E, nu) * area
    return float(1.0 / (height**3 / (12.0 * E * second_moment) + height / shear))


def shape_factor(diameter: float, height: float) -> float:
    """Loaded over free area of a disc, ``S = d / (4 h)`` [-]."""
    return diameter / (4.0 * height)


def gent_lindley_factor(shape: float) -> float:
    """Apparent over true modulus of an incompressible disc bonded between rigid plates, ``1 + 2 S^2`` [-].

    Parameters
    ----------
    shape : float
        Shape factor ``S = d / (4 h)`` [-].

    Notes
    -----
    The limit nu -> 1/2. At nu = 0.499 it already overstates flat discs; `bonded_disc_factor` holds for any nu.

    Source: A. N. Gent and P. B. Lindley, Proc. Inst. Mech. Eng. 173 (1959) 111.
    """
    return 1.0 + 2.0 * shape**2


def bonded_disc_factor(nu: float, shape: float) -> float:
    """Apparent over true modulus of a compressible disc bonded between rigid plates [-].

    The energy of the bulging field, minimised over the bulge ``c`` and the axial redistribution ``t``:

        ``u_r = -c r f``,  ``u_z,z = e [(1 - t) + 3/2 t f]``,  ``f = 1 - (2 z / h)^2``

    Parameters
    ----------
    nu : float
        Poisson's ratio [-], below 1/2.
    shape : float
        Shape factor ``S = d / (4 h)`` [-].

    Notes
    -----
    Sections stay plane and the bulge is a parabola, so this is an upper bound of the axial stiffness: 2-3 % above
    the elastic value at nu = 0.3 and 8-11 % above it for nu -> 1/2, for heights from a quarter of the diameter to
    one diameter. Unlike `gent_lindley_factor` it holds for any nu, and tends to the confined modulus for flat
    discs. Sources of the field: A. N. Gent and P. B. Lindley, Proc. Inst. Mech. Eng. 173 (1959) 111; M. S.
    Chalhoub and J. M. Kelly, Int. J. Solids Struct. 26 (1990) 743.

    Examples
    --------
    A silicone disc four times as wide as high is three times as stiff as its modulus says:

    >>> round(bonded_disc_factor(0.499, 1.0), 1)
    3.2
    """
    # per unit E and volume, with <f> = 2/3, <f^2> = 8/15, <r^2 f'^2> = (32/3) S^2 over the disc
    lame = nu / ((1.0 + nu) * (1.0 - 2.0 * nu))
    G = 0.5 / (1.0 + nu)
    # axial strain 1 + t (3f/2 - 1) and volume change 1 + t (3f/2 - 1) - 2 c f, as rows over (1, t, c)
    mean_ff = 8.0 / 15.0
    fluctuation = 2.25 * mean_ff - 1.0  # <(3f/2 - 1)^2>
    cross = 1.5 * mean_ff - 2.0 / 3.0  # <(3f/2 - 1) f>
    axial = np.diag([1.0, fluctuation, 0.0])
    volume = axial + np.array(
        [[0.0, 0.0, -4.0 / 3.0], [0.0, 0.0, -2.0 * cross], [-4.0 / 3.0, -2.0 * cross, 4.0 * mean_ff]]
    )
    bulge = np.diag([0.0, 0.0, 2.0 * mean_ff])
    shear = np.diag([0.0, 0.0, 32.0 / 3.0 * shape**2])
    energy = lame * volume + 2.0 * G * (axial + bulge) + G * shear
    load = energy[1:, 0]
    return float(energy[0, 0] - load @ np.linalg.solve(energy[1:, 1:], load))


def circular_pad_give(C: ArrayLike, radius: float) -> tuple[float, float, float]:
    """Local give of a half space under a round pad that stays flat.

    With ``E* = 2 sqrt{(C11 C33 - C13^2)/C11 / [1/C44 + 2/(sqrt(C11 C33) + C13)]}``:

        lateral ``[1/sqrt(C44 C66) + 2/E* sqrt(C33/C11)]/(8 a)``, axial ``1/(2 a E*)``, rocking ``3/(4 a^3 E*)``

    Parameters
    ----------
    C : array, shape (6, 6)
        Stiffness [MPa], Voigt order xx, yy, zz, yz, xz, xy, isotropic about z, which is normal to the surface.
    radius : float
        Of the pad, ``a`` [mm].

    Returns
    -------
    lateral, axial, rocking : float
        [mm/N], [mm/N] and [rad/(N mm)].

    Notes
    -----
    A body at least three pad radii thick; a thinner one bends, which belongs to the plate model. For an isotropic
    body the three are ``(2 - nu)/(8 G a)``, ``(1 - nu)/(4 G a)`` and ``3 (1 - nu)/(8 G a^3)``; otherwise axial and
    rocking are exact and the lateral one, which splits into a shearing and a pulling part, is a close estimate.

    Sources: R. D. Mindlin, J. Appl. Mech. 16 (1949) 259; K. L. Johnson, *Contact Mechanics* (1985), chapter 3;
    A. Delafargue and F.-J. Ulm, Int. J. Solids Struct. 41 (2004) 7351.
    """
    stiffness = np.asarray(C, dtype=float)
    C11, C13, C33, C44, C66 = (float(stiffness[i, j]) for i, j in ((0, 0), (0, 2), (2, 2), (3, 3), (5, 5)))
    indentation = 2.0 * np.sqrt(
        (C11 * C33 - C13**2) / C11 / (1.0 / C44 + 2.0 / (np.sqrt(C11 * C33) + C13))
    )  # E / (1 - nu^2) of an isotropic body
    lateral = (1.0 / np.sqrt(C44 * C66) + 2.0 / indentation * np.sqrt(C33 / C11)) / (8.0 * radius)
    return float(lateral), float(0.5 / (radius * indentation)), float(0.75 / (radius**3 * indentation))


@dataclass(frozen=True)
class Embedding:
    """How much stiffer a post gets by the layer that is bonded to its wall.

    Attributes
    ----------
    shear, bending, axial : float
        Factors on ``kappa G A``, ``E I`` and ``E A`` of the bare post [-].
    """

    shear: float
    bending: float
    axial: float


def embedded_post(E: float, nu: float, diameter: float, height: float, layer_E: float, layer_nu: float) -> Embedding:
    """Post in the hole of a layer that is bonded to its wall and to the base, free above.

    The layer follows the post with ``u = U(r) z/h``, which decays over ``l = h sqrt[(E_p + G)/(6 G)]`` sideways
    (``E_p = E/(1 - nu^2)``, its free face lets it thin) and ``l = h sqrt[G/(3 M)]`` along the axis. That is a
    foundation ``q = 3 k/h`` along the wall, ``k`` the force for ``U(a) = 1``, and the post is a bar on it:

        factor ``x coth x``, ``x = h sqrt(q/S)``, with ``S = kappa G A`` and ``S = E A``; bending takes its square

    Parameters
    ----------
    E, nu : float
        Of the post [MPa], [-].
    diameter, height : float
        Of the post [mm].
    layer_E, layer_nu : float
        Of the layer [MPa], [-].

    Notes
    -----
    Against elastic cells with heights of 0.25-1.25 diameters the lateral stiffness is within -10 and +3 % for
    layers up to the post's modulus, the bare post's own -4 to -8 % included; for a layer 15 times as stiff as the
    post it is 3-37 % low. The axial one is 4-25 % high, up to 70 % for flat soft posts in stiff layers.
    """
    a = diameter / 2.0
    area = np.pi * a**2
    G, confined = float(shear_modulus(layer_E, layer_nu)), layer_E * (1.0 - layer_nu)
    confined /= (1.0 + layer_nu) * (1.0 - 2.0 * layer_nu)
    mean = (layer_E / (1.0 - layer_nu**2) + G) / 2.0
    factors = []
    for spreading, holding, post in (
        (mean, G, float(cowper_coefficient(nu) * shear_modulus(E, nu)) * area),
        (G, confined, E * area),
    ):
        decay = height * float(np.sqrt(spreading / (3.0 * holding)))
        force = 2.0 * np.pi * a * height / 3.0 * spreading / decay * _wall_ratio(a / decay)
        x = height * float(np.sqrt(3.0 * force / height / post))
        factors.append(x / float(np.tanh(x)) if x > 1e-6 else 1.0)
    return Embedding(factors[0], factors[0] ** 2, factors[1])


def _wall_ratio(x: float) -> float:
    """Ratio ``K_1(x)/K_0(x)`` of modified Bessel functions, from ``K_n = int exp(-x cosh t) cosh(n t) dt``."""
    t = np.linspace(0.0, float(np.arccosh(1.0 + 40.0 / x)), 400)
    weight = np.exp(-x * (np.cosh(t) - 1.0))
    weight[0] /= 2.0
    return float(np.sum(weight * np.cosh(t)) / np.sum(weight))
