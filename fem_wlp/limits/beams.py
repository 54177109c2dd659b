"""Closed forms of a joint made of stacked bodies of revolution: as a beam of varying section, and as a conductor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

import numpy as np
from numpy.typing import ArrayLike

from fem_wlp.limits.posts import Floats, bonded_disc_factor, cowper_coefficient, shape_factor, shear_modulus


@dataclass(frozen=True)
class Profile:
    """Shape of a body of concentric parts, sampled along its axis.

    Attributes
    ----------
    z : array, shape (n,)
        Places of the samples, from the lower end [mm].
    weight : array, shape (n,)
        Length that each sample stands for [mm]; they sum to the height.
    radii : array, shape (m, n)
        Outer radii of the m parts [mm], from inside out; equal to the next inner one where a part is absent.
    slope : array, shape (m, n)
        Mean square of the slope ``dr/dz`` of lines that share each part evenly [-].
    """

    z: Floats
    weight: Floats
    radii: Floats
    slope: Floats

    @property
    def height(self) -> float:
        """Length along the axis [mm]."""
        return float(self.weight.sum())


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


def gauss_points(breaks: Sequence[float], order: int = 12) -> tuple[Floats, Floats]:
    """Gauss-Legendre points and weights [mm] on the intervals between ``breaks`` [mm]."""
    node, weight = np.polynomial.legendre.leggauss(order)
    edges = np.unique(np.asarray(breaks, dtype=float))
    half = np.diff(edges)[:, None] / 2.0
    middle = (edges[1:, None] + edges[:-1, None]) / 2.0
    return (middle + half * node).ravel(), (half * weight).ravel()


def cylinder_profile(height: float, lower_radius: float, upper_radius: float) -> Profile:
    """Solid cylinder, or cone with two radii [mm]."""
    z, weight = gauss_points([0.0, height])
    taper = (upper_radius - lower_radius) / height
    return Profile(z, weight, (lower_radius + taper * z)[None], np.full((1, len(z)), taper**2 / 2.0))


def ball_profile(
    shells: Sequence[float], distance: tuple[float, float], fillet: tuple[float, float] | None = None
) -> Profile:
    """Ball of concentric shells between two planes, with a fillet at each.

    Parameters
    ----------
    shells : sequence of float
        Outer radii of core and coats [mm], from inside out.
    distance : tuple of float
        From the centre down and up to the contact planes [mm]. A sphere that reaches beyond is cut there.
    fillet : tuple of float, optional
        Radii of the lower and the upper contact circle [mm]. A cone from the circle tangent to the sphere is filled
        where the circle lies outside the sphere.

    Returns
    -------
    Profile
        Its parts are the shells, the lower and the upper fillet.
    """
    radius = np.asarray(shells, dtype=float)
    contacts = fillet or (0.0, 0.0)
    cones = [_tangent_cone(float(radius[-1]), d, r) for d, r in zip(distance, contacts, strict=True)]
    kinks = [side * r for r in radius for side in (-1.0, 1.0)] + [-cones[0][1], cones[1][1]]
    z, weight = gauss_points([-distance[0], distance[1], *(k for k in kinks if -distance[0] < k < distance[1])])
    radii = [np.sqrt(np.maximum(r**2 - z**2, 0.0)) for r in radius]
    slopes = [np.where(np.abs(z) < r, -z, 0.0) for r in radius]  # r dr/dz
    for side, d, contact, (taper, tangent) in zip((-1.0, 1.0), distance, contacts, cones, strict=True):
        cone = contact + taper * (d - side * z)
        wider = (side * z > tangent) & (cone > radii[-1])
        slopes.append(np.where(wider, -side * taper * cone, slopes[-1]))
        radii.append(np.where(wider, cone, radii[-1]))
    return Profile(z + distance[0], weight, np.array(radii), _line_slope(np.array(radii), np.array(slopes)))


def _tangent_cone(radius: float, distance: float, contact: float) -> tuple[float, float]:
    """Slope ``-dr/d|z|`` of the cone from a contact circle tangent to a sphere, and the height where it touches."""
    length = float(np.hypot(distance, contact))
    if contact == 0.0 or length <= radius:
        return 0.0, distance
    angle = float(np.arctan2(contact, distance) + np.arccos(radius / length))
    height, touch = radius * float(np.cos(angle)), radius * float(np.sin(angle))
    if height <= 0.0:  # a circle as wide as the ball: down to the equator
        return (radius - contact) / distance, 0.0
    return (touch - contact) / (distance - height), height


def _line_slope(radii: Floats, slopes: Floats) -> Floats:
    """Mean square of ``dr/dz`` in each part for lines that keep their share of its area.

    Between the edges, where ``r dr/dz`` is given, it is ``c + g r^2``, so that the mean over ``x = r^2`` of
    ``(c + g x)^2 / x`` is elementary.
    """
    outer, inner = radii**2, np.vstack([np.zeros_like(radii[:1]), radii[:-1] ** 2])
    at_inner = np.vstack([np.zeros_like(slopes[:1]), slopes[:-1]])
    span = outer - inner
    there = span > 1e-12 * outer
    span = np.where(there, span, 1.0)
    g = (slopes - at_inner) / span
    c = at_inner - g * inner
    ratio = np.divide(outer, inner, out=np.ones_like(outer), where=there & (inner > 0.0))
    mean = (c**2 * np.log(ratio) + 2.0 * c * g * span + g**2 * (outer**2 - inner**2) / 2.0) / span
    return np.where(there, mean, 0.0)


def film_section(radius: float, distance: float, contact: float, E: float, nu: float) -> Sections:
    """Soft film between a ball and a plane, out to the contact circle: columns of length ``g(r)`` side by side.

    ``G A -> G h C_0``, ``E A -> E h C_0``, ``E I -> E h C_2`` with ``C_n = int r^n dA/g``, ``g = d - sqrt(R^2 - r^2)``
    (for the moment half of it), ``h = g(a)``; E is the apparent modulus of a bonded disc of height h.

    Parameters
    ----------
    radius, distance, contact : float
        Of the ball, ``R``; from its centre to the plane, ``d > R``; of the contact circle, ``a < R`` [mm].
    E, nu : float
        Of the film [MPa], [-].

    Returns
    -------
    Sections
        Of height ``d - sqrt(R^2 - a^2)``: what a ball cut at the contact circle's radius lacks to the plane.
    """
    edge = float(np.sqrt(radius**2 - contact**2))
    zeroth, second = _column_integrals(radius, distance, edge)
    height = distance - edge
    modulus = E * bonded_disc_factor(nu, shape_factor(2.0 * contact, height))
    values = modulus * height * second / 2.0, float(shear_modulus(E, nu)) * height * zeroth, modulus * height * zeroth
    z, weight = gauss_points([0.0, height])
    return Sections(z, weight, *(np.full_like(z, value) for value in values))


def film_resistance(radius: float, distance: float, contact: float, conductivity: float) -> float:
    """Resistance of such a film under a ball that conducts much better, ``1/(k int dA/g)`` [Ohm] or [K/mW]."""
    edge = float(np.sqrt(radius**2 - contact**2))
    conductance = conductivity * _column_integrals(radius, distance, edge)[0]
    return 1.0 / conductance if conductance > 0.0 else inf


def _column_integrals(radius: float, distance: float, edge: float) -> tuple[float, float]:
    """Integrals of ``dA/g`` [mm] and ``r^2 dA/g`` [mm^3] from the axis to where ``sqrt(R^2 - r^2)`` is `edge`."""
    logarithm = float(np.log((distance - edge) / (distance - radius)))
    span = radius - edge
    zeroth = distance * logarithm - span
    # int (R^2 - s^2) s/(d - s) ds
    cubic = distance**3 * logarithm - distance**2 * span - distance * (radius**2 - edge**2) / 2.0
    cubic -= (radius**3 - edge**3) / 3.0
    return 2.0 * np.pi * zeroth, 2.0 * np.pi * (radius**2 * zeroth - cubic)


def constriction_resistance(contact: float, body: float, conductivity: float) -> float:
    """Resistance where current from a round contact spreads over a wider cylinder, ``(1 - a/b)^1.5 / (4 k a)``.

    Source: M. G. Cooper, B. B. Mikic and M. M. Yovanovich, Int. J. Heat Mass Transfer 12 (1969) 279.
    """
    if conductivity == 0.0:
        return inf
    return float(max(0.0, 1.0 - contact / body) ** 1.5 / (4.0 * conductivity * contact))


def _part_areas(profile: Profile) -> Floats:
    inner = np.vstack([np.zeros_like(profile.radii[:1]), profile.radii[:-1]])
    return np.asarray(np.pi * (profile.radii**2 - inner**2))


def beam_sections(profile: Profile, E: ArrayLike, nu: ArrayLike) -> Sections:
    """Sections whose concentric parts share curvature, shear and strain.

    ``E I = sum E_i I_i``, ``kappa G A = sum kappa_i G_i A_i``, ``E A = sum E_i A_i``.

    Parameters
    ----------
    profile : Profile
        The body.
    E, nu : array, shape (m,)
        Young's moduli [MPa] and Poisson's ratios [-] of its parts.
    """
    inner = np.vstack([np.zeros_like(profile.radii[:1]), profile.radii[:-1]])
    area = _part_areas(profile)
    second_moment = np.pi / 4.0 * (profile.radii**4 - inner**4)
    modulus = np.asarray(E, dtype=float)
    shear = cowper_coefficient(nu) * shear_modulus(modulus, nu)
    return Sections(profile.z, profile.weight, modulus @ second_moment, shear @ area, modulus @ area)


def layer_sections(height: float, radius: float, E: float, nu: float) -> Sections:
    """Thin disc that cannot spread sideways: the confined modulus along the axis, ``G A`` in shear."""
    z, weight = gauss_points([0.0, height])
    confined = E * (1.0 - nu) / ((1.0 + nu) * (1.0 - 2.0 * nu))
    area = np.pi * radius**2
    values = (confined * area * radius**2 / 4.0, float(shear_modulus(E, nu)) * area, confined * area)
    return Sections(z, weight, *(np.full_like(z, value) for value in values))


def stiffened(sections: Sections, bending: float, shear: float, axial: float) -> Sections:
    """Multiply the stiffnesses of all sections by factors [-]."""
    return Sections(
        sections.z, sections.weight, bending * sections.bending, shear * sections.shear, axial * sections.axial
    )


def stack_sections(parts: Sequence[Sections]) -> Sections:
    """Put beams end to end, the first at the bottom."""
    feet = np.concatenate([[0.0], np.cumsum([part.height for part in parts])])
    return Sections(
        np.concatenate([foot + part.z for foot, part in zip(feet[:-1], parts, strict=True)]),
        *(np.concatenate([getattr(part, name) for part in parts]) for name in ("weight", "bending", "shear", "axial")),
    )


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

    Source: S. Timoshenko, *Strength of Materials* (1930), theorem of least work.
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


def conductor_resistance(profile: Profile, conductivity: ArrayLike) -> tuple[float, float]:
    """Resistance between the two ends, electrical or thermal, bounded by two assumptions.

    ``R = int dz / sum A_i k_i`` if every section is at one potential (never more than the truth), and
    ``R = int dz / sum [A_i k_i / (1 + slope^2)]`` if current follows the meridians (never less, for one part).

    Parameters
    ----------
    profile : Profile
        The body; its ends are equipotential.
    conductivity : array, shape (m,)
        Of its parts: 1/resistivity [1/(Ohm mm)], or thermal [mW/(mm K)]. Zero for an insulator.

    Returns
    -------
    lower, upper : float
        [Ohm] or [K/mW]; infinite where a section conducts nothing.

    Notes
    -----
    Source: the dual variational principles of conduction, J. C. Maxwell, *Treatise* (1873), articles 102 and 306.

    Examples
    --------
    A copper rod of 1 mm and 0.1 mm radius, 17.2e-6 Ohm mm:

    >>> lower, upper = conductor_resistance(cylinder_profile(1.0, 0.1, 0.1), [1 / 17.2e-6])
    >>> round(lower * 1e3, 4), upper == lower
    (0.5475, True)
    """
    carrying = _part_areas(profile) * np.asarray(conductivity, dtype=float)[:, None]
    bounds = []
    for conductance in (carrying.sum(axis=0), (carrying / (1.0 + profile.slope)).sum(axis=0)):
        with np.errstate(divide="ignore"):
            bounds.append(float(np.sum(profile.weight / conductance)))
    return bounds[0], bounds[1]
