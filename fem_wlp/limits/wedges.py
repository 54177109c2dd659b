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

from collections.abc import Sequence

import numpy as np

from fem_wlp.limits.corners import Complex, exponents_of
from fem_wlp.limits.posts import shear_modulus

HIGHEST = 0.999
"""Largest exponent that counts: at 1 two eigenvalues of H are one, and T is not to be had so [-]."""


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

    return exponents_of(determinant, HIGHEST)


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
