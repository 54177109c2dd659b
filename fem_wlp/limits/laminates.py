"""Closed forms of bonded layers: bimetal, any number of layers, thin film."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fem_wlp.limits.posts import Floats


def bimetal_curvature(
    thickness: tuple[float, float], modulus: tuple[float, float], strain: tuple[float, float]
) -> float:
    """Curvature of two bonded strips, ``6 (e2 - e1)(1 + m)^2 / {h [3 (1+m)^2 + (1 + m n)(m^2 + 1/(m n))]}``.

    Parameters
    ----------
    thickness : tuple of float
        Of the lower and upper strip [mm]; ``m = t1/t2``, ``h = t1 + t2``.
    modulus : tuple of float
        ``E`` for narrow strips, ``E / (1 - nu)`` for plates that bend to a bowl (equal nu) [MPa]; ``n = E1/E2``.
    strain : tuple of float
        Free thermal strains ``alpha dT`` [-].

    Returns
    -------
    float
        ``kappa`` [1/mm], the in-plane strain's slope upwards: positive when the upper side grows longer.

    Notes
    -----
    Source: S. Timoshenko, J. Opt. Soc. Am. 11 (1925) 233.
    """
    m, n = thickness[0] / thickness[1], modulus[0] / modulus[1]
    shape = 3.0 * (1.0 + m) ** 2 + (1.0 + m * n) * (m**2 + 1.0 / (m * n))
    return 6.0 * (strain[1] - strain[0]) * (1.0 + m) ** 2 / (sum(thickness) * shape)


@dataclass(frozen=True)
class Laminate:
    """Bonded layers after a temperature change, far from their edges, free to bow.

    Attributes
    ----------
    curvature : float
        Slope of the in-plane strain upwards [1/mm].
    bottom_strain : float
        In-plane strain at the lowest face [-].
    stress : array, shape (n, 2)
        In-plane stress at each layer's lower and upper face [MPa], layers from below.
    """

    curvature: float
    bottom_strain: float
    stress: Floats


def layered_plate(thickness: Sequence[float], modulus: Sequence[float], strain: Sequence[float]) -> Laminate:
    """Bow of any number of bonded layers: plane sections, no net force, no net moment.

    ``sigma_i = M_i (e0 + kappa z - e_i)``, ``int sigma dz = int sigma z dz = 0``.

    Parameters
    ----------
    thickness : sequence of float
        From the lowest layer up [mm].
    modulus : sequence of float
        ``E / (1 - nu)`` for a plate, ``E`` for a narrow strip [MPa].
    strain : sequence of float
        Free thermal strains ``alpha dT`` [-].

    Notes
    -----
    Exact in plate theory; the edges, within about the thickness, differ.

    Source: C. H. Hsueh, J. Appl. Phys. 91 (2002) 9652.

    Examples
    --------
    Silicon on FR4, cooled by 100 K, is compressed where it is bonded:

    >>> board, die = 22e3 / 0.72, 131e3 / 0.72
    >>> layered_plate([1.0, 0.3], [board, die], [-18e-4, -2.6e-4]).stress.round(3).tolist()
    [[-18.733, 34.61], [-74.107, 21.184]]
    """
    t, M, e = (np.asarray(values, dtype=float) for values in (thickness, modulus, strain))
    faces = np.concatenate([[0.0], np.cumsum(t)])
    lower, upper = faces[:-1], faces[1:]
    moments = [float(M @ (upper**k - lower**k)) / k for k in (1, 2, 3)]
    load = [float((M * e) @ (upper**k - lower**k)) / k for k in (1, 2)]
    matrix = np.array([[moments[0], moments[1]], [moments[1], moments[2]]])
    bottom, curvature = np.linalg.solve(matrix, load)
    places = np.stack([lower, upper], axis=1)
    stress = M[:, None] * (bottom + curvature * places - e[:, None])
    return Laminate(float(curvature), float(bottom), stress)


def stoney_stress(
    curvature: float, substrate_modulus: float, substrate_thickness: float, film_thickness: float
) -> float:
    """Stress in a thin film from its substrate's bow, ``E_s t_s^2 kappa / [6 t_f (1 - nu_s)]`` [MPa].

    Parameters
    ----------
    curvature : float
        Of the bow [1/mm].
    substrate_modulus : float
        ``E_s / (1 - nu_s)`` [MPa].
    substrate_thickness, film_thickness : float
        [mm]; the film much thinner than the substrate.

    Notes
    -----
    Source: G. G. Stoney, Proc. R. Soc. A 82 (1909) 172, in biaxial form.
    """
    return substrate_modulus * substrate_thickness**2 * curvature / (6.0 * film_thickness)


def grown_plate(
    thickness: Sequence[float],
    modulus: Sequence[float],
    expansion: Sequence[float],
    births: Sequence[float],
    temperature: float,
    shrinkage: Sequence[float] | None = None,
) -> Laminate:
    """Bow of layers each of which was born free of stress on the bent stack below it.

    ``sigma_i = M_i [e0 + kappa z - (e0_i + kappa_i z) - alpha_i (T - T_i) + s_i]`` with the strain e0_i + kappa_i z
    that the stack has at T_i, when layer i is born on it; no net force, no net moment, at every birth and at the end.

    Parameters
    ----------
    thickness, modulus
        From the lowest layer up [mm], [MPa]; as of `layered_plate`.
    expansion
        Coefficients of thermal expansion, constant [1/K].
    births
        Temperatures of birth, in the order of the layers; the lowest layer is flat at its own [K].
    temperature
        At which the stack is looked at [K].
    shrinkage
        Linear shrinkage of each layer after its birth [-]; None: none.

    Returns
    -------
    Laminate
        Its ``bottom_strain`` and ``curvature`` count from the flat lowest layer.

    Notes
    -----
    Plate theory, exact far from the edges.

    Source: superposition of states of `layered_plate` (Hsueh 2002), one a birth.

    Examples
    --------
    Silicon, polyimide cured at 350 °C, copper plated at 25 °C, looked at at -40 °C; the copper's mean stress [MPa]:

    >>> moduli = [131e3 / 0.72, 3.3e3 / 0.66, 117e3 / 0.66]
    >>> stack = grown_plate([0.3, 0.01, 0.008], moduli, [2.6e-6, 35e-6, 17e-6], [623.15, 623.15, 298.15], 233.15)
    >>> round(float(stack.stress[2].mean()))
    147
    """
    M, alpha, born = (np.asarray(values, dtype=float) for values in (modulus, expansion, births))
    shrunk = np.zeros(len(M)) if shrinkage is None else np.asarray(shrinkage, dtype=float)
    faces = np.concatenate([[0.0], np.cumsum(np.asarray(thickness, dtype=float))])
    places = np.stack([faces[:-1], faces[1:]], axis=1)
    ways = np.zeros((len(M), 2))  # (e0, kappa) of the stack at each birth

    def strain(layers: int, at: float) -> Floats:
        """(e0, kappa) of the lowest layers at a temperature."""
        matrix, load = np.zeros((2, 2)), np.zeros(2)
        for i in range(layers):
            low, high = places[i]
            moments = M[i] * np.array([(high**n - low**n) / n for n in (1, 2, 3)])
            shape = np.array([[moments[0], moments[1]], [moments[1], moments[2]]])
            matrix += shape
            load += shape @ ways[i] + (alpha[i] * (at - born[i]) - shrunk[i]) * moments[:2]
        return np.asarray(np.linalg.solve(matrix, load), dtype=np.float64)

    for i in range(1, len(M)):
        ways[i] = strain(i, born[i])
    bottom, curvature = strain(len(M), temperature)
    elastic = (bottom - ways[:, 0, None]) + (curvature - ways[:, 1, None]) * places
    stress = M[:, None] * (elastic - (alpha * (temperature - born) - shrunk)[:, None])
    return Laminate(float(curvature), float(bottom), stress)
