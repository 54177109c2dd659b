"""Singular corners of any number of wedges: an interface that ends at a surface, turns, or meets a third material.

In plane strain the displacements and stresses in a wedge at a corner go as r^lambda and r^(lambda-1). What they are on
one of its faces follows from what they are on the other,

    s(end) = T(lambda) s(start),    s = (u_r, u_theta, sigma_theta, sigma_rtheta),

and bonded faces have s in common. Round a closed corner s comes back to itself, det(T_n ... T_1 - 1) = 0; between free
surfaces a displacement on the first must leave the last without stress. `corners.singular_exponents` is two wedges
between free surfaces.

Sources: M. L. Williams, J. Appl. Mech. 19 (1952) 526; V. L. Hein and F. Erdogan, Int. J. Fract. Mech. 7 (1971) 317.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from fem_wlp.limits.posts import shear_modulus

Complex = NDArray[np.complex128]

WITHIN = (1e-3, 0.999)
"""Real parts that count: 0 and 1 are the rigid motions and the uniform stress of every corner [-]."""

ALIKE = 1e-3
"""Exponents nearer to each other than this are one [-]."""


def wedge_exponents(E: Sequence[float], nu: Sequence[float], angle: Sequence[float]) -> tuple[complex, ...]:
    """Exponents ``lambda`` with ``0 < Re lambda < 1`` of bonded wedges round a corner, plane strain.

    Parameters
    ----------
    E, nu
        Young's moduli [MPa] and Poisson's ratios [-] of the wedges, one beside the other.
    angle
        Their opening angles [degree]. Together 360: the last is bonded to the first; less: two free surfaces.

    Returns
    -------
    tuple of complex
        Sorted by real part; of a conjugate pair the one with positive imaginary part. Empty where no stress is
        singular.

    Examples
    --------
    A re-entrant right angle, and no corner at all:

    >>> [round(root.real, 4) for root in wedge_exponents((1.0,), (0.3,), (270.0,))]
    [0.5445, 0.9085]
    >>> wedge_exponents((1.0, 1.0), (0.3, 0.3), (180.0, 180.0))
    ()
    """
    G, ratios = np.array([shear_modulus(*pair) for pair in zip(E, nu, strict=True)]), np.asarray(nu, dtype=float)
    wedges = list(zip(G / G.max(), ratios, np.radians(angle), strict=True))
    closed = sum(angle) > 360.0 - 1e-6

    def determinant(exponent: Complex) -> Complex:
        passed = np.eye(4, dtype=complex)
        for modulus, ratio, opening in wedges:
            passed = _transfer(exponent, float(modulus), float(ratio), float(opening)) @ passed
        return np.asarray(np.linalg.det(passed - np.eye(4) if closed else passed[:, 2:, :2]))

    real = _real_roots(determinant)
    others = [root for root in _newton_roots(determinant) if all(abs(root - known) > ALIKE for known in real)]
    return tuple(sorted([*map(complex, real), *others], key=lambda root: root.real))


def _transfer(exponent: Complex, G: float, nu: float, opening: float) -> Complex:
    """Return T of one wedge, shape (n, 4, 4): the solution of s' = H s in closed form.

    H has the eigenvalues +-i (lambda + 1) and +-i (lambda - 1).
    """
    H = _slope(exponent, G, nu)
    one, square = np.eye(4), H @ H
    passed = np.zeros_like(H)
    for own, other, sign in ((exponent + 1.0, exponent - 1.0, -1.0), (exponent - 1.0, exponent + 1.0, 1.0)):
        a, b = own[:, None, None], other[:, None, None]
        share = sign * (square + b**2 * one) / (4.0 * exponent[:, None, None])
        passed = passed + share @ (np.cos(a * opening) * one + np.sin(a * opening) / a * H)
    return passed


def _slope(exponent: Complex, G: float, nu: float) -> Complex:
    """Return H of s' = H s: Hooke's law, and the balance of forces in polar coordinates.

    ::

        u_r'     = tau / G - (lambda - 1) u_theta               u_theta' = (sigma - l lambda u_r) / (l + 2 G) - u_r
        sigma'   = -(lambda + 1) tau                            tau'     = sigma - lambda sigma_r
        sigma_r  = (l + 2 G) lambda u_r + l (u_theta' + u_r)    l        = 2 G nu / (1 - 2 nu)
    """
    lame = 2.0 * G * nu / (1.0 - 2.0 * nu)
    plane = lame + 2.0 * G
    H = np.zeros((len(exponent), 4, 4), dtype=complex)
    H[:, 0, 1], H[:, 0, 3] = 1.0 - exponent, 1.0 / G
    H[:, 1, 0], H[:, 1, 2] = -1.0 - lame / plane * exponent, 1.0 / plane
    H[:, 2, 3] = -1.0 - exponent
    H[:, 3, 0], H[:, 3, 2] = -(exponent**2) * (plane - lame**2 / plane), 1.0 - exponent * lame / plane
    return H


def _real_roots(determinant: Callable[[Complex], Complex]) -> list[float]:
    """Bisect every sign change."""
    scan = np.linspace(*WITHIN, 4000)
    sign = np.sign(determinant(scan.astype(complex)).real)
    change = np.flatnonzero(sign[:-1] != sign[1:])
    lower, upper, below = scan[change], scan[change + 1], sign[change]
    for _ in range(40):
        middle = (lower + upper) / 2.0
        same = np.sign(determinant(middle.astype(complex)).real) == below
        lower, upper = np.where(same, middle, lower), np.where(same, upper, middle)
    return [float(root) for root in (lower + upper) / 2.0]


def _newton_roots(determinant: Callable[[Complex], Complex]) -> list[complex]:
    """Newton's method from a grid of starts: complex pairs, one of each, and double roots that change no sign."""
    real, imaginary = np.meshgrid(np.linspace(0.05, 0.95, 12), np.linspace(0.02, 0.8, 8))
    root: Complex = (real + 1j * imaginary).ravel()
    move, step = np.ones_like(root), 1e-6
    for _ in range(40):
        value = determinant(root)
        slope = (determinant(root + step) - determinant(root - step)) / (2.0 * step)
        move = np.divide(value, slope, out=np.zeros_like(value), where=slope != 0.0)
        move *= np.minimum(1.0, 0.2 / np.maximum(np.abs(move), 1e-300))
        moved = root - move
        # a start that runs away is of no use; at 0 and 1 two eigenvalues of H are one, and T is not to be had so
        root = np.where((np.abs(moved.imag) < 2.0) & (np.abs(moved.real - 0.5) < 0.4999), moved, root)
    inside = (np.abs(move) < 1e-6) & (root.real > WITHIN[0]) & (root.real < WITHIN[1]) & (root.imag > -1e-4)
    found: list[complex] = []
    for candidate in map(complex, root[inside]):
        snapped = candidate if candidate.imag > 1e-4 else complex(candidate.real)
        if all(abs(snapped - known) > ALIKE for known in found):
            found.append(snapped)
    return found
