"""Which parameters enter a joint so simply that it need not be solved anew: told by comparing packages, not by name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from ..joint.cell import axial_order
from ..joint.section import BOARD_SIDE, JointSection, cell_section
from ..package.model import Package
from .joint import Groups
from .thickness import nodes_between

Floats = NDArray[np.float64]

ALIKE = 1e-9
"""Relative difference below which two packages are alike but for a parameter [-]."""

MODULUS, EXPANSION, THICKNESS = "modulus", "expansion", "thickness"
"""What parameters do."""

NO_STRAIN = 1e-9
"""Free strain that is taken for none [-]."""

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
    kind
        Whether it scales stiffness ("modulus"), or free strain is linear in it ("expansion"), or it is the second
        layer's "thickness".
    regions
        Regions that it acts on.
    slope
        Stiffness over that of the package as it stands, per value; for a thickness mm per value, for an expansion one
        over the value of the package as it stands.
    """

    kind: str
    regions: frozenset[str]
    slope: float

    @property
    def is_thickness(self) -> bool:
        """Whether it is the second layer's thickness."""
        return self.kind == THICKNESS


def effect_of(package: Package, axis: Axis) -> Effect | None:
    """Return what a parameter does; None where it is no modulus or expansion beside the plates, nor that thickness."""
    ends = [(value, axis.package_at(value)) for value in (axis.low, 0.5 * (axis.low + axis.high), axis.high)]
    if any(_elsewhere(package, other) for _, other in ends):
        return None
    base, sections = cell_section(package), [(value, cell_section(other)) for value, other in ends]
    if all(_same_shape(base, other) for _, other in sections):
        return _material(package, base, sections)
    layers = [(value, other.second_layer.thickness) for value, other in ends if other.second_layer is not None]
    slopes = [thickness / value for value, thickness in layers]
    if len(layers) < len(ends) or abs(slopes[0] - slopes[-1]) > ALIKE * slopes[0]:
        return None
    with_layer = [package.replace("second_layer.thickness", f"{thickness!r} mm") for _, thickness in layers]
    if any(one.model_dump() != other.model_dump() for one, (_, other) in zip(with_layer, ends, strict=True)):
        return None
    return Effect(THICKNESS, frozenset(), slopes[0])


def _elsewhere(package: Package, other: Package) -> bool:
    """Whether packages differ in what stands round the joints."""
    return any(
        getattr(package, name) != getattr(other, name) for name in ("chip", "board", "array", "temperatures", "model")
    )


def _same_shape(one: JointSection, other: JointSection) -> bool:
    return one.levels == other.levels and [(p.name, p.outline) for p in one.painting] == [
        (p.name, p.outline) for p in other.painting
    ]


def _material(package: Package, base: JointSection, sections: Sequence[tuple[float, JointSection]]) -> Effect | None:
    """What a parameter does to materials, if it scales their stiffness alone or moves their free strain alone."""
    temperatures, values = package.temperatures.points, np.array([value for value, _ in sections])
    all_of_them = [base, *(section for _, section in sections)]
    stiff: dict[str, Floats] = {}
    free: dict[str, Floats] = {}
    for name in base.names:
        stiff[name] = np.array([[axial_order(s.materials[name], T) for T in temperatures] for s in all_of_them])
        free[name] = np.array(
            [[s.free_strain(name, package.temperatures.assembly, T) for T in temperatures] for s in all_of_them]
        )
    stiffer, moved = ({name for name, found in of.items() if _differ(found)} for of in (stiff, free))
    if stiffer and not moved:
        kind, slopes = MODULUS, np.array([_ratio(stiff[name]) for name in stiffer]) / values
    elif moved and not stiffer:
        kind, slopes = EXPANSION, 1.0 / np.array([_own(free[name], values) for name in moved])
    else:
        return None
    slope = float(np.median(slopes))
    alike = np.abs(slopes - slope).max() <= ALIKE * abs(slope)
    return Effect(kind, frozenset(stiffer | moved), slope) if alike else None


def _differ(found: Floats) -> bool:
    """Whether anything differs from the first of some sets of properties."""
    return bool(np.abs(found - found[0]).max() > ALIKE * np.abs(found).max(initial=NO_STRAIN))


def _ratio(found: Floats) -> Floats:
    """Factors of the properties over the first, shape (values,); nan where they are no multiples of it."""
    C = found.reshape(len(found), -1)
    ratios = C[1:] @ C[0] / (C[0] @ C[0])
    off = np.abs(C[1:] - ratios[:, None] * C[0]).max(axis=1) > ALIKE * np.abs(C[1:]).max(axis=1)
    return np.where(off, np.nan, ratios)


def _own(found: Floats, values: Floats) -> float:
    """Value at which properties, linear in it, are the first of them; nan where they are not linear."""
    own, moved = found[0].ravel(), found[1:].reshape(len(values), -1)
    slope, at_zero = np.linalg.lstsq(np.column_stack([values, np.ones_like(values)]), moved, rcond=None)[0]
    value = float((own - at_zero) @ slope / (slope @ slope))
    line = np.outer([value, *values], slope) + at_zero
    return value if np.abs(line - [own, *moved]).max() <= ALIKE * np.abs(moved).max() else np.nan


def groups_of(section: JointSection, effects: Sequence[Effect]) -> tuple[Groups, Floats]:
    """Return the regions that vary together, and which moduli act on each group, shape (groups, effects) [0 or 1]."""
    found: dict[tuple[bool, tuple[bool, ...]], list[str]] = {}
    for name in section.names:
        key = (name in BOARD_SIDE, tuple(effect.kind == MODULUS and name in effect.regions for effect in effects))
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
        return np.asarray(np.where(self.acts != 0.0, (values * slopes)[:, None], 1.0).prod(axis=2))

    def expansions(self) -> list[int]:
        """Return the numbers of the axes in which free strain is linear."""
        return [number for number, effect in enumerate(self.effects) if effect.kind == EXPANSION]

    def growth(self, values: Floats) -> Floats:
        """Return amplitudes (p, 1 + x) of free strain: as it stands, and of its change from end to end of each axis."""
        changes = [
            (values[:, number] - 1.0 / self.effects[number].slope) / (self.axes[number].high - self.axes[number].low)
            for number in self.expansions()
        ]
        return np.column_stack([np.ones(len(values)), *changes])

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
        """Return values (r, axes) at one thickness [mm]: a grid of moduli, or a sequence where that were too many.

        Expansions need no training, as loads are linear in them.
        """
        ranges = []
        for axis, effect in zip(self.axes, self.effects, strict=True):
            steps = 1 + int(np.ceil(np.log(axis.high / axis.low) / np.log(SPACING)))
            ranges.append({
                THICKNESS: np.array([thickness / effect.slope]),
                MODULUS: np.geomspace(axis.low, axis.high, steps),
                EXPANSION: np.array([axis.high]),
            }[effect.kind])  # fmt: skip
        if np.prod([len(one) for one in ranges]) <= MOST_TRAINING:
            return np.array(list(product(*ranges)))
        from scipy.stats import qmc  # 0.2 s to load, which only samples need

        low, high = np.log([[one[0], one[-1]] for one in ranges]).T
        share = qmc.Sobol(len(ranges), rng=np.random.default_rng(0)).random(IN_SEQUENCE)
        share[0], share[1] = 0.0, 1.0
        return np.asarray(np.exp(low + share * (high - low)))

    def equilibria(self, training: Floats, most: int) -> Floats:
        """Return some of the training values, each with all expansions at the low end and with each at the high one."""
        expanding = self.expansions()
        turns = 1 + len(expanding)
        values = np.repeat(training[:: max(1, turns * len(training) // most)], turns, axis=0)
        turn = np.arange(len(values)) % turns
        for place, number in enumerate(expanding, 1):
            values[:, number] = np.where(turn == place, self.axes[number].high, self.axes[number].low)
        return values


def parameters_of(package: Package, axes: Sequence[Axis]) -> tuple[Parameters, Groups]:
    """Return the parameters of a package, and the regions that vary together.

    Raises
    ------
    ValueError
        A parameter that is no modulus or expansion beside the plates, nor the second layer's thickness (`effect_of`).
    """
    effects = []
    for axis in axes:
        effect = effect_of(package, axis)
        if effect is None:
            raise ValueError(f"{axis.name} is no modulus or expansion of the joint, nor the second layer's thickness")
        effects.append(effect)
    groups, acts = groups_of(cell_section(package), effects)
    own = package.second_layer.thickness if package.second_layer else 0.0
    return Parameters(tuple(axes), tuple(effects), acts, own), groups
