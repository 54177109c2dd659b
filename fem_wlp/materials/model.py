"""Linear thermo-elastic materials with temperature-dependent constants.

Voigt order xx, yy, zz, yz, xz, xy with engineering shear strains; package axes, z from board to chip.

>>> copper = isotropic("copper", E=117e3, nu=0.34, alpha=17e-6)
>>> stiffness(copper, 298.15).shape
(6, 6)
>>> thermal_strain(copper, 298.15, 398.15).round(6)
array([0.0017, 0.0017, 0.0017])
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from fem_wlp.errors import MaterialError
from fem_wlp.units import text

FloatArray = NDArray[np.float64]
Confidence = Literal["cited", "abstract only", "unverified"]


@dataclass(frozen=True)
class Property:
    """One constant, or a table over temperature with straight lines between its points.

    Parameters
    ----------
    values
        One value for a constant, else one for each temperature.
    temperatures
        Increasing [K]; empty for a constant.
    extrapolate
        Whether the first and last value hold outside the table.
    """

    values: tuple[float, ...]
    temperatures: tuple[float, ...] = ()
    extrapolate: bool = False

    def __call__(self, temperature: float) -> float:
        """Return the value at a temperature [K]."""
        if not self.temperatures:
            return self.values[0]
        return float(np.interp(temperature, self.temperatures, self.values))

    def covers(self, temperature: float) -> bool:
        """Whether the value at a temperature [K] is known."""
        if not self.temperatures or self.extrapolate:
            return True
        slack = 1e-9 * self.temperatures[-1]
        return self.temperatures[0] - slack <= temperature <= self.temperatures[-1] + slack

    def integral(self, start: float, end: float) -> float:
        """Return ∫ value dT from `start` to `end` [value K]; exact for straight lines."""
        inner = [T for T in self.temperatures if min(start, end) < T < max(start, end)]
        points = sorted([start, end, *inner])
        values = [self(T) for T in points]
        area = float(np.diff(points) @ np.add(values[1:], values[:-1])) / 2
        return area if end >= start else -area

    def scaled(self, factor: float) -> Property:
        """Return the property with all values times `factor`."""
        return replace(self, values=tuple(factor * value for value in self.values))


@dataclass(frozen=True)
class Isotropic:
    """Elasticity alike in all directions.

    Parameters
    ----------
    E
        Young's modulus [MPa].
    nu
        Poisson's ratio [-].
    """

    E: Property
    nu: Property


@dataclass(frozen=True)
class Orthotropic:
    """Elasticity with three planes of mirror symmetry along the package axes.

    ``nu_xz`` is the contraction along z under a stress along x: nu_xz / E_x = nu_zx / E_z.

    Parameters
    ----------
    E_x, E_y, E_z
        Young's moduli [MPa].
    nu_xy, nu_xz, nu_yz
        Poisson's ratios [-].
    G_xy, G_xz, G_yz
        Shear moduli [MPa].
    """

    E_x: Property
    E_y: Property
    E_z: Property
    nu_xy: Property
    nu_xz: Property
    nu_yz: Property
    G_xy: Property
    G_xz: Property
    G_yz: Property


@dataclass(frozen=True)
class Expansion:
    """Coefficient of thermal expansion along x, y, z.

    Parameters
    ----------
    x, y, z
        Coefficient [1/K].
    reference
        A *mean* coefficient counts from this temperature [K]: strain(T) = alpha(T) (T - reference). None: the
        coefficient is *instantaneous*, d strain / dT. For a constant the two are the same.
    """

    x: Property
    y: Property
    z: Property
    reference: float | None = None


@dataclass(frozen=True)
class Material:
    """A linear thermo-elastic solid with what is known about where its numbers come from.

    Parameters
    ----------
    name
        By which a package file calls it.
    elasticity
        `Isotropic` or `Orthotropic`.
    expansion
        Thermal expansion.
    source
        Who published the numbers; empty if nobody said.
    confidence
        "cited" from the source itself, "abstract only", or "unverified" general knowledge.
    range
        What other sources say, in words.
    description
        What the material is, in words.
    resistivity
        Electrical [Ohm mm]; None for an insulator.
    conductivity
        Thermal, (in plane, through) [mW/(mm K)]; None if not known.
    liquidus
        Temperature at which a solder is molten [K]; None for what does not melt during joining.
    """

    name: str
    elasticity: Isotropic | Orthotropic
    expansion: Expansion
    source: str = ""
    confidence: Confidence = "unverified"
    range: str = ""
    description: str = ""
    resistivity: float | None = None
    conductivity: tuple[float, float] | None = None
    liquidus: float | None = None

    @property
    def melts(self) -> bool:
        """Whether the material melts during joining: solders do."""
        return self.liquidus is not None


def isotropic(name: str, E: float, nu: float, alpha: float, source: str = "given by the caller") -> Material:
    """Return an isotropic material with constant properties.

    Parameters
    ----------
    name
        What it is called.
    E
        Young's modulus [MPa].
    nu
        Poisson's ratio [-], -1 < nu < 0.5.
    alpha
        Coefficient of thermal expansion [1/K].
    source
        Where the numbers come from.

    Raises
    ------
    MaterialError
        M101, M102: constants of no solid.
    """
    if not -1.0 < nu < 0.5:
        raise MaterialError(
            "M101",
            f"Poisson's ratio of {name} must lie between -1 and 0.5",
            value=f"{nu:g}",
            hint="a nearly incompressible rubber has nu = 0.49 … 0.4999",
        )
    if not E > 0.0:
        raise MaterialError(
            "M102",
            f"Young's modulus of {name} must be greater than zero",
            value=f"{E:g} MPa",
            hint="give it in MPa, as the source prints it",
        )
    coefficient = Property((alpha,))
    return Material(
        name,
        Isotropic(Property((E,)), Property((nu,))),
        Expansion(coefficient, coefficient, coefficient),
        source,
        "cited",
    )


def stiffness(material: Material, temperature: float) -> FloatArray:
    """Return the elastic stiffness C at a temperature: sigma = C epsilon.

    Parameters
    ----------
    material
        Any.
    temperature
        [K].

    Returns
    -------
    (6, 6) array
        [MPa]; Voigt order xx, yy, zz, yz, xz, xy, engineering shear strains.

    Raises
    ------
    MaterialError
        M108 outside the range of a table, M106 if C is not positive definite.
    """
    constants = _constants(material, temperature)
    E_x, E_y, E_z, nu_xy, nu_xz, nu_yz, G_xy, G_xz, G_yz = constants
    compliance = np.diag([1 / E_x, 1 / E_y, 1 / E_z, 1 / G_yz, 1 / G_xz, 1 / G_xy])
    compliance[0, 1] = compliance[1, 0] = -nu_xy / E_x
    compliance[0, 2] = compliance[2, 0] = -nu_xz / E_x
    compliance[1, 2] = compliance[2, 1] = -nu_yz / E_y
    lowest = float(np.linalg.eigvalsh(compliance * E_x)[0])
    if not lowest > 0.0:
        raise MaterialError(
            "M106",
            f"the elastic constants of {material.name} at {text(temperature, 'temperature', 6)} are not positive "
            f"definite: some deformation sets energy free (lowest eigenvalue of E_x times the compliance {lowest:.4g})",
            hint="check Poisson's ratios: nu_xz is the contraction along z under a stress along x",
        )
    C: FloatArray = np.linalg.inv(compliance)
    return 0.5 * (C + C.T)


def thermal_strain(material: Material, start: float, end: float) -> FloatArray:
    """Return the free strain from `start` to `end`, ∫ alpha dT.

    A mean coefficient is re-based: strain = alpha(end) (end - reference) - alpha(start) (start - reference).

    Parameters
    ----------
    material
        Any.
    start, end
        [K].

    Returns
    -------
    (3,) array
        Along x, y, z [-].

    Raises
    ------
    MaterialError
        M108 if a table ends between the two temperatures.
    """
    expansion = material.expansion
    reference = expansion.reference
    strains = []
    for alpha in (expansion.x, expansion.y, expansion.z):
        for temperature in (start, end):
            _require_cover(material, "thermal expansion", alpha, temperature)
        if reference is None:
            strains.append(alpha.integral(start, end))
        else:
            strains.append(alpha(end) * (end - reference) - alpha(start) * (start - reference))
    return np.array(strains)


def transverse_average(C: FloatArray) -> FloatArray:
    """Return the mean of a stiffness over all rotations about z: transversely isotropic.

    Exact: under a rotation every entry of C is a trigonometric polynomial of degree 4, whose mean is written out.

    Parameters
    ----------
    C
        (6, 6) [MPa], Voigt order xx, yy, zz, yz, xz, xy.

    Returns
    -------
    (6, 6) array
        [MPa].
    """
    normal = (3 * C[0, 0] + 3 * C[1, 1] + 2 * C[0, 1] + 4 * C[5, 5]) / 8
    cross = (C[0, 0] + C[1, 1] + 6 * C[0, 1] - 4 * C[5, 5]) / 8
    through = (C[0, 2] + C[1, 2]) / 2
    average = np.zeros((6, 6))
    average[:2, :2] = [[normal, cross], [cross, normal]]
    average[:2, 2] = average[2, :2] = through
    average[2, 2] = C[2, 2]
    average[3, 3] = average[4, 4] = (C[3, 3] + C[4, 4]) / 2
    average[5, 5] = (normal - cross) / 2
    return average


def plane_constants(material: Material, temperature: float) -> tuple[float, float]:
    """Return the in-plane Young's modulus [MPa] and Poisson's ratio [-], averaged over the directions in the plane.

    For an isotropic material these are E and nu themselves.
    """
    compliance = np.linalg.inv(transverse_average(stiffness(material, temperature)))
    return float(1 / compliance[0, 0]), float(-compliance[0, 1] / compliance[0, 0])


def scaled(material: Material, factor: float) -> Material:
    """Return the material with all elastic moduli times `factor` [-]; Poisson's ratios and expansion unchanged."""
    elasticity = material.elasticity
    moduli = [name for name in vars(elasticity) if name.startswith(("E", "G"))]
    changes = {name: getattr(elasticity, name).scaled(factor) for name in moduli}
    return replace(material, name=f"{material.name} × {factor:g}", elasticity=replace(elasticity, **changes))


def is_temperature_dependent(material: Material) -> bool:
    """Whether the elastic constants change with temperature."""
    return any(prop.temperatures for prop in vars(material.elasticity).values())


def _constants(material: Material, temperature: float) -> tuple[float, ...]:
    """Return E_x, E_y, E_z [MPa], nu_xy, nu_xz, nu_yz [-], G_xy, G_xz, G_yz [MPa]."""
    elasticity = material.elasticity
    for name, prop in vars(elasticity).items():
        _require_cover(material, name, prop, temperature)
    if isinstance(elasticity, Isotropic):
        E, nu = elasticity.E(temperature), elasticity.nu(temperature)
        G = E / (2 * (1 + nu))
        return E, E, E, nu, nu, nu, G, G, G
    return tuple(prop(temperature) for prop in vars(elasticity).values())


def temperature_range(prop: Property) -> str:
    """Return the range of a table as text, or "any temperature"."""
    if not prop.temperatures or prop.extrapolate:
        return "any temperature"
    first, last = (text(T, "temperature", 6) for T in (prop.temperatures[0], prop.temperatures[-1]))
    return f"{first} … {last}"


def _require_cover(material: Material, name: str, prop: Property, temperature: float) -> None:
    if not prop.covers(temperature):
        raise MaterialError(
            "M108",
            f"{name} of {material.name} is known for {temperature_range(prop)}, not at "
            f"{text(temperature, 'temperature', 6)}",
            hint=f'extend the table, or write [materials.mine] based_on = "{material.name}", '
            'extrapolate = "constant" and use "mine"',
        )
