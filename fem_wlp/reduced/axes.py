"""Which parameters enter a joint so simply that it need not be solved anew: told by comparing packages, not by name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy.stats import qmc

from ..joint.cell import axial_order
from ..joint.section import BOARD_SIDE, JointSection, cell_section
from ..package.model import Package
from .joint import Groups
from .thickness import nodes_between

Floats = NDArray[np.float64]

ALIKE = 1e-9
"""Relative difference below which two packages are alike but for a parameter [-]."""

SPACING = 8.0
"""Ratio of neighbouring moduli at which bases are trained [-]."""

MOST_TRAINING = 48
"""Most points of a grid that trains a basis [-]."""

IN_SEQUENCE = 32
"""Points of a sequence that train a basis instead, a power of two [-]."""


@dataclass(frozen=True)
class Axis:
    """One parameter of a study.

    Parameters
    ----------
    name
        What it is called.
    low, high
        Ends of its range, in the unit in which `package_at` takes it.
    package_at
        The package at a value.
    """

    name: str
    low: float
    high: float
    package_at: Callable[[float], Package]


@dataclass(frozen=True)
class Effect:
    """What a parameter does.

    Parameters
    ----------
    regions
        Regions whose stiffness is ``slope`` times the value; none for the second layer's thickness.
    slope
        Stiffness over that of the package as it stands, per value; for a thickness mm per value.
    """

    regions: frozenset[str]
    slope: float

    @property
    def is_thickness(self) -> bool:
        """Whether it is the second layer's thickness."""
        return not self.regions


def effect_of(package: Package, axis: Axis) -> Effect | None:
    """Return what a parameter does; None where it is neither a modulus beside the plates nor the layer's thickness."""
    ends = [(value, axis.package_at(value)) for value in (axis.low, axis.high)]
    if any(_elsewhere(package, other) for _, other in ends):
        return None
    base, sections = cell_section(package), [(value, cell_section(other)) for value, other in ends]
    if all(_same_shape(base, other) for _, other in sections):
        return _modulus(package, base, sections)
    layers = [(value, other.second_layer.thickness) for value, other in ends if other.second_layer is not None]
    slopes = [thickness / value for value, thickness in layers]
    if len(layers) < len(ends) or abs(slopes[0] - slopes[-1]) > ALIKE * slopes[0]:
        return None
    with_layer = [package.replace("second_layer.thickness", f"{thickness!r} mm") for _, thickness in layers]
    if any(one.model_dump() != other.model_dump() for one, (_, other) in zip(with_layer, ends, strict=True)):
        return None
    return Effect(frozenset(), slopes[0])


def _elsewhere(package: Package, other: Package) -> bool:
    """Whether packages differ in what stands round the joints."""
    return any(
        getattr(package, name) != getattr(other, name) for name in ("chip", "board", "array", "temperatures", "model")
    )


def _same_shape(one: JointSection, other: JointSection) -> bool:
    return one.levels == other.levels and [(p.name, p.outline) for p in one.painting] == [
        (p.name, p.outline) for p in other.painting
    ]


def _modulus(package: Package, base: JointSection, sections: Sequence[tuple[float, JointSection]]) -> Effect | None:
    slopes: dict[str, list[float]] = {}
    for value, other in sections:
        for name in base.names:
            for temperature in package.temperatures.points:
                C, old = (axial_order(s.materials[name], temperature) for s in (other, base))
                ratio = float(C[0, 0] / old[0, 0])
                if np.abs(C - ratio * old).max() > ALIKE * np.abs(C).max():
                    return None  # another Poisson's ratio
                free, was = (s.free_strain(name, package.temperatures.assembly, temperature) for s in (other, base))
                if np.abs(free - was).max() > ALIKE * np.abs(was).max(initial=1e-9):
                    return None
                slopes.setdefault(name, []).append(ratio / value if abs(ratio - 1.0) > ALIKE else np.nan)
    moved = {name for name, found in slopes.items() if not np.isnan(found).all()}
    values = np.array([value for value, _ in sections for _ in package.temperatures.points])
    known = {name: np.where(np.isnan(slopes[name]), 1.0 / values, slopes[name]) for name in moved}
    if not moved:
        return None
    all_of_them = np.concatenate(list(known.values()))
    slope = float(np.median(all_of_them))
    if np.abs(all_of_them - slope).max() > ALIKE * slope:
        return None
    return Effect(frozenset(moved), slope)


def groups_of(section: JointSection, effects: Sequence[Effect]) -> tuple[Groups, Floats]:
    """Return the regions that vary together, and which effects act on each group, shape (groups, effects) [0 or 1]."""
    found: dict[tuple[bool, tuple[bool, ...]], list[str]] = {}
    for name in section.names:
        key = (name in BOARD_SIDE, tuple(name in effect.regions for effect in effects))
        found.setdefault(key, []).append(name)
    ordered = sorted(found.items(), key=lambda item: item[0])
    upper = sum(not board for (board, _), _ in ordered)
    acts = np.array([key for (_, key), _ in ordered], dtype=float).reshape(len(ordered), len(effects))
    return Groups(tuple(tuple(names) for _, names in ordered), upper), acts


@dataclass(frozen=True)
class Parameters:
    """The parameters of a reduced package: from their values to moduli and thickness.

    Parameters
    ----------
    axes, effects
        What they are and do.
    acts
        Which of them multiply the modulus of each group, shape (groups, axes) [0 or 1].
    own
        Thickness of the package's second layer, 0 without one [mm].
    """

    axes: tuple[Axis, ...]
    effects: tuple[Effect, ...]
    acts: Floats
    own: float

    def theta(self, values: Floats) -> Floats:
        """Return the moduli of each group at values of the parameters, shapes (p, axes) and (p, groups) [-]."""
        slopes = np.array([effect.slope for effect in self.effects])
        return np.asarray(np.exp(np.log(values * slopes) @ self.acts.T))

    def thickness(self, values: Floats) -> Floats:
        """Return the second layer's thickness at values of the parameters, shape (p,) [mm]."""
        for number, effect in enumerate(self.effects):
            if effect.is_thickness:
                return np.asarray(values[:, number] * effect.slope)
        return np.full(len(values), self.own)

    def nodes(self) -> Floats:
        """Return the thicknesses at which the joint is condensed [mm]."""
        for axis, effect in zip(self.axes, self.effects, strict=True):
            if effect.is_thickness:
                return nodes_between(axis.low * effect.slope, axis.high * effect.slope)
        return np.array([self.own])

    def training(self, thickness: float) -> Floats:
        """Return values (r, axes) at one thickness [mm]: a grid of moduli, or a sequence where that were too many."""
        ranges = []
        for axis, effect in zip(self.axes, self.effects, strict=True):
            steps = 1 + int(np.ceil(np.log(axis.high / axis.low) / np.log(SPACING)))
            ranges.append(
                np.array([thickness / effect.slope])
                if effect.is_thickness
                else np.geomspace(axis.low, axis.high, steps)
            )
        if np.prod([len(one) for one in ranges]) <= MOST_TRAINING:
            return np.array(list(product(*ranges)))
        low, high = np.log([[one[0], one[-1]] for one in ranges]).T
        share = qmc.Sobol(len(ranges), rng=np.random.default_rng(0)).random(IN_SEQUENCE)
        share[0], share[1] = 0.0, 1.0
        return np.asarray(np.exp(low + share * (high - low)))


def parameters_of(package: Package, axes: Sequence[Axis]) -> tuple[Parameters, Groups]:
    """Return the parameters of a package, and the regions that vary together.

    Raises
    ------
    ValueError
        A parameter that is neither a modulus beside the plates nor the second layer's thickness (`effect_of`).
    """
    effects = []
    for axis in axes:
        effect = effect_of(package, axis)
        if effect is None:
            raise ValueError(f"{axis.name} is neither a modulus of the joint nor the second layer's thickness")
        effects.append(effect)
    groups, acts = groups_of(cell_section(package), effects)
    own = package.second_layer.thickness if package.second_layer else 0.0
    return Parameters(tuple(axes), tuple(effects), acts, own), groups
