"""Closed forms of one joint: posts, bonded discs, beams of varying section, conductors in series."""

from __future__ import annotations

from collections.abc import Sequence
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


@dataclass(frozen=True)
class Sections:
    """A joint sampled along its axis, for the beam of varying section.

    Attributes
    ----------
    z : array
        Places of the samples, from the lower end [mm].
    weight : array
        Length that each sample stands for [mm]; they sum to the height.
    bending : array
        Bending stiffness ``E I`` [N mm^2].
    shear : array
        Shear stiffness ``kappa G A`` [N].
    axial : array
        Axial stiffness ``E A`` [N].
    """

    z: Floats
    weight: Floats
    bending: Floats
    shear: Floats
    axial: Floats

    @property
    def height(self) -> float:
        """Length of the beam [mm]."""
        return float(self.weight.sum())


def stack_sections(parts: Sequence[Sections]) -> Sections:
    """Put beams end to end, the first at the bottom."""
    feet = np.concatenate([[0.0], np.cumsum([part.height for part in parts])])
    return Sections(
        np.concatenate([foot + part.z for foot, part in zip(feet, parts, strict=False)]),
        *(np.concatenate([getattr(part, name) for part in parts]) for name in ("weight", "bending", "shear", "axial")),
    )


def gauss_points(breaks: Sequence[float], order: int = 12) -> tuple[Floats, Floats]:
    """Gauss-Legendre points and weights [mm] on the intervals between sorted ``breaks`` [mm]."""
    node, weight = np.polynomial.legendre.leggauss(order)
    edges = np.unique(np.asarray(breaks, dtype=float))
    half = np.diff(edges)[:, None] / 2.0
    middle = (edges[1:, None] + edges[:-1, None]) / 2.0
    return (middle + half * node).ravel(), (half * weight).ravel()


def annuli_sections(z: Floats, weight: Floats, radii: Floats, E: Sequence[float], nu: Sequence[float]) -> Sections:
    """Sections made of concentric annuli that share curvature, shear and strain.

    ``E I = sum E_i I_i``, ``kappa G A = sum kappa_i G_i A_i``, ``E A = sum E_i A_i``.

    Parameters
    ----------
    z, weight : array, shape (n,)
        Places [mm] and their lengths [mm].
    radii : array, shape (m, n)
        Outer radii of the m annuli [mm], from inside out; zero where an annulus is absent.
    E, nu : sequence of m floats
        Young's moduli [MPa] and Poisson's ratios [-].
    """
    radii = np.atleast_2d(radii)
    inner = np.vstack([np.zeros_like(radii[:1]), radii[:-1]])
    area = np.pi * (radii**2 - inner**2)
    second_moment = np.pi / 4.0 * (radii**4 - inner**4)
    modulus = np.asarray(E, dtype=float)
    shear = cowper_coefficient(nu) * shear_modulus(modulus, nu)
    return Sections(z, weight, modulus @ second_moment, shear @ area, modulus @ area)


def ball_sections(
    radii: Sequence[float], E: Sequence[float], nu: Sequence[float], lower: float, upper: float
) -> Sections:
    """Ball of concentric shells between two contact planes, as a beam of annuli.

    Parameters
    ----------
    radii : sequence of float
        Outer radii of core and coats [mm], from inside out.
    E, nu : sequence of float
        Their Young's moduli [MPa] and Poisson's ratios [-].
    lower, upper : float
        Distances from the centre down and up to the contact planes [mm].
    """
    shells = np.asarray(radii, dtype=float)
    kinks = [side * r for r in shells for side in (-1.0, 1.0) if -lower < side * r < upper]
    z, weight = gauss_points([-lower, upper, *kinks])
    cut = np.sqrt(np.maximum(shells[:, None] ** 2 - z**2, 0.0))
    return annuli_sections(z + lower, weight, cut, E, nu)


def cylinder_sections(height: float, lower_radius: float, upper_radius: float, E: float, nu: float) -> Sections:
    """Cylinder, or cone with two radii [mm], of one material (E [MPa], nu [-])."""
    z, weight = gauss_points([0.0, height])
    radius = lower_radius + (upper_radius - lower_radius) * z / height
    return annuli_sections(z, weight, radius, [E], [nu])


@dataclass(frozen=True)
class GuidedBeam:
    """Lateral answer of a beam whose ends shift against each other without turning (or on rotational springs).

    Attributes
    ----------
    lateral : float
        Shear force per shift of the two ends, springs included [N/mm].
    inflection : float
        Height above the lower end at which the moment vanishes [mm].
    tilt : tuple of float
        Rotation of lower and upper end per shear force [rad/N]; zero when clamped.
    """

    lateral: float
    inflection: float
    tilt: tuple[float, float]


def guided_beam(sections: Sections, end_compliance: tuple[float, float] = (0.0, 0.0)) -> GuidedBeam:
    """Shift a beam of varying section sideways.

    ``1/k = int (z - z0)^2 / (E I) dz + int dz / (kappa G A) + c_lower z0^2 + c_upper (h - z0)^2``, with ``z0``
    where the moment vanishes: there the sum is least, since the ends are free to choose their moments.

    Parameters
    ----------
    sections : Sections
        The beam.
    end_compliance : tuple of float
        Rotation per moment of what lower and upper end stand on [rad/(N mm)]; zero for clamped ends.

    Notes
    -----
    Not a sum of clamped pieces in series: only the whole has an inflection point. Sections are taken to stay plane
    and to shear as one, which makes short things too stiff: 13 % for a truncated solid ball, 50-80 % for a ball
    whose stiff coats surround a soft core.

    Source: S. Timoshenko, *Strength of Materials* (1930), energy theorem of least work.
    """
    lower, upper = end_compliance
    flexibility = sections.weight / sections.bending
    total = flexibility.sum() + lower + upper
    inflection = float((flexibility @ sections.z + upper * sections.height) / total)
    arm = sections.height - inflection
    compliance = flexibility @ (sections.z - inflection) ** 2 + np.sum(sections.weight / sections.shear)
    compliance += lower * inflection**2 + upper * arm**2
    return GuidedBeam(float(1.0 / compliance), inflection, (lower * inflection, upper * arm))


def axial_stiffness(sections: Sections) -> float:
    """Axial stiffness of a beam of varying section, ``1/k = int dz / (E A)`` [N/mm].

    Slender bodies only: bonded ends hinder the bulging of flat ones (`bonded_disc_factor`).
    """
    return float(1.0 / np.sum(sections.weight / sections.axial))


def circular_pad_give(E: float, nu: float, radius: float) -> tuple[float, float, float]:
    """Local give of a half space under a round pad that stays flat.

    Parameters
    ----------
    E, nu : float
        Of the half space: Young's modulus [MPa], Poisson's ratio [-].
    radius : float
        Of the pad, ``a`` [mm].

    Returns
    -------
    lateral, axial, rocking : float
        ``(2 - nu) / (8 G a)`` [mm/N], ``(1 - nu) / (4 G a)`` [mm/N] and ``3 (1 - nu) / (8 G a^3)`` [rad/(N mm)].

    Notes
    -----
    A body at least three pad radii thick; a thinner one gives differently (its bending belongs to the plate model).

    Sources: R. D. Mindlin, J. Appl. Mech. 16 (1949) 259; K. L. Johnson, *Contact Mechanics* (1985), sections 3.3
    to 3.7; H. Poulos and E. Davis, *Elastic Solutions for Soil and Rock Mechanics* (1974), section 7.
    """
    G = float(shear_modulus(E, nu))
    return (2.0 - nu) / (8.0 * G * radius), (1.0 - nu) / (4.0 * G * radius), 3.0 * (1.0 - nu) / (8.0 * G * radius**3)
