"""Singular corners: how stress grows towards the edge where two wedges meet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fem_wlp.limits.posts import Floats, shear_modulus

Complex = NDArray[np.complex128]

Determinant = Callable[[Complex], Complex]

LOWEST = 1e-3
"""Least real part that counts: 0 is the rigid motions of every corner [-]."""

ALIKE = 1e-3
"""Exponents nearer to each other than this are one [-]."""


def dundurs_parameters(E: tuple[float, float], nu: tuple[float, float]) -> tuple[float, float]:
    """Dundurs' two parameters of a bonded pair in plane strain [-].

    ``alpha = (G_1 m_2 - G_2 m_1)/(G_1 m_2 + G_2 m_1)``, ``beta = [G_1 (m_2 - 2) - G_2 (m_1 - 2)]/(same)``,
    ``m = 4 (1 - nu)``.

    Source: J. Dundurs, J. Appl. Mech. 36 (1969) 650.
    """
    G, m = shear_modulus(E, nu), 4.0 * (1.0 - np.asarray(nu, dtype=float))
    sum_ = G[0] * m[1] + G[1] * m[0]
    alpha = (G[0] * m[1] - G[1] * m[0]) / sum_
    beta = (G[0] * (m[1] - 2.0) - G[1] * (m[0] - 2.0)) / sum_
    return float(alpha), float(beta)


def singular_exponents(
    E: tuple[float, float], nu: tuple[float, float], angle: tuple[float, float]
) -> tuple[complex, ...]:
    """Exponents ``lambda`` with ``0 < Re lambda < 1`` of two bonded wedges with free outer faces, plane strain.

    Stress goes as ``r^(lambda - 1)``. In each wedge Airy's function is
    ``r^(lambda+1) [a sin(lambda+1)t + b cos(lambda+1)t + c sin(lambda-1)t + d cos(lambda-1)t]``; the two free faces
    and the bonded one give eight equations whose determinant vanishes at ``lambda``.

    Parameters
    ----------
    E, nu : tuple of float
        Young's moduli [MPa] and Poisson's ratios [-] of the two wedges.
    angle : tuple of float
        Their opening angles [degree]; together at most 360.

    Returns
    -------
    tuple of complex
        Sorted by real part; of a conjugate pair the one with positive imaginary part. Empty where no stress
        is singular.

    Notes
    -----
    An edge of a body of revolution far from its axis, and an edge of a plate, are in plane strain locally.

    Sources: M. L. Williams, J. Appl. Mech. 19 (1952) 526; D. B. Bogy, J. Appl. Mech. 35 (1968) 460 and 38 (1971)
    377.

    Examples
    --------
    A right-angled re-entrant corner in one material:

    >>> [round(root.real, 4) for root in singular_exponents((1.0, 1.0), (0.3, 0.3), (90.0, 180.0))]
    [0.5445, 0.9085]
    """
    wedges = _Wedges(shear_modulus(E, nu), 4.0 * (1.0 - np.asarray(nu, dtype=float)), np.radians(angle))
    return exponents_of(lambda exponent: _determinant(exponent, wedges), 1.0 - 1e-4)


@dataclass(frozen=True)
class _Wedges:
    """Shear moduli [MPa], ``4 (1 - nu)`` [-] and opening angles [rad] of the pair."""

    G: Floats
    m: Floats
    opening: Floats


def _fields(exponent: Complex, angle: float, m: float) -> Complex:
    """Hoop and shear stress, radial and circumferential ``2 G u`` of a, b, c, d; shape (4, 4, n)."""
    plus, minus = exponent + 1.0, exponent - 1.0
    sine, cosine = np.sin(plus * angle), np.cos(plus * angle)
    sine_minus, cosine_minus = np.sin(minus * angle), np.cos(minus * angle)
    none = np.zeros_like(exponent)
    airy = np.array([sine, cosine, sine_minus, cosine_minus])
    slope = np.array([plus * cosine, -plus * sine, minus * cosine_minus, -minus * sine_minus])
    return np.array(
        [
            exponent * plus * airy,
            -exponent * slope,
            -plus * airy + m * np.array([none, none, sine_minus, cosine_minus]),
            -slope + m * np.array([none, none, -cosine_minus, sine_minus]),
        ]
    )


def _determinant(exponent: Complex, wedges: _Wedges) -> Complex:
    """Determinant of free outer faces and continuity at the bond, first wedge above it, second below."""
    matrix = np.zeros((8, 8, len(exponent)), dtype=complex)
    scale = wedges.G.min() / wedges.G
    for side, (columns, sign) in enumerate(((slice(0, 4), 1.0), (slice(4, 8), -1.0))):
        m = float(wedges.m[side])
        matrix[2 * side : 2 * side + 2, columns] = _fields(exponent, sign * float(wedges.opening[side]), m)[:2]
        bond = _fields(exponent, 0.0, m)
        matrix[4:6, columns] = sign * bond[:2]
        matrix[6:8, columns] = sign * scale[side] * bond[2:]
    return np.asarray(np.linalg.det(np.moveaxis(matrix, -1, 0)))


def exponents_of(determinant: Determinant, highest: float) -> tuple[complex, ...]:
    """Roots ``lambda`` of a determinant with ``0 < Re lambda < 1``, by real part; of a conjugate pair one.

    Parameters
    ----------
    determinant
        Takes exponents, shape (n,), and gives the determinant of the corner's equations, shape (n,).
    highest
        Up to where real roots are looked for: 1 is the uniform stress of every corner [-].
    """
    real = _real_roots(determinant, highest)
    others = [root for root in _newton_roots(determinant) if all(abs(root - known) > ALIKE for known in real)]
    return tuple(sorted([*map(complex, real), *others], key=lambda root: root.real))


def _real_roots(determinant: Determinant, highest: float) -> list[float]:
    """Bisect every sign change; the rigid motions at 0 and 1 are left out."""
    scan = np.linspace(LOWEST, highest, 4000)
    sign = np.sign(determinant(scan.astype(complex)).real)
    change = np.flatnonzero(sign[:-1] != sign[1:])
    lower, upper, below = scan[change], scan[change + 1], sign[change]
    for _ in range(40):
        middle = (lower + upper) / 2.0
        same = np.sign(determinant(middle.astype(complex)).real) == below
        lower, upper = np.where(same, middle, lower), np.where(same, upper, middle)
    return [float(root) for root in (lower + upper) / 2.0]


def _newton_roots(determinant: Determinant) -> list[complex]:
    """Newton's method from a grid of starts: complex pairs (one of each), and double roots that change no sign."""
    real, imaginary = np.meshgrid(np.linspace(0.05, 0.95, 16), np.linspace(0.03, 1.2, 12))
    root: Complex = (real + 1j * imaginary).ravel()
    move, step = np.ones_like(root), 1e-6
    for _ in range(40):
        value = determinant(root)
        slope = (determinant(root + step) - determinant(root - step)) / (2.0 * step)
        move = np.divide(value, slope, out=np.zeros_like(value), where=slope != 0.0)
        move *= np.minimum(1.0, 0.2 / np.maximum(np.abs(move), 1e-300))
        moved = root - move
        # a start that runs away is of no use; at 0 and 1 some determinants are not to be had
        root = np.where((np.abs(moved.imag) < 2.0) & (np.abs(moved.real - 0.5) < 0.4999), moved, root)
    inside = (np.abs(move) < 1e-6) & (root.real > LOWEST) & (root.real < 0.999) & (root.imag > -1e-4)
    found: list[complex] = []
    for candidate in map(complex, root[inside]):
        snapped = candidate if candidate.imag > 1e-4 else complex(candidate.real)
        if all(abs(snapped - known) > ALIKE for known in found):
            found.append(snapped)
    return found
