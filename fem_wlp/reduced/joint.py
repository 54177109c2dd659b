"""The reduced joint: every form that the assembly asks of a joint cell, at any moduli and at one thickness.

A form is the matrix of a quadratic energy in amplitudes (`substructures`); joined, and severed at the land. It comes
with an upper bound of its defect.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..joint.condense import CellModel, CellState
from .galerkin import Nearest, ReducedHarmonic, nearest_below, reduced_harmonic
from .substructure import Gauge, Known, Substructures, substructures

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

SHIFT = (-1.0, 0.5, 1.0, 0.5)
"""delta from the footprint rows (u_c, psi_c, u_b, psi_b), the rotations times the height [-]."""


@dataclass(frozen=True)
class Groups:
    """Regions whose moduli vary together, those of the chip's side first.

    Parameters
    ----------
    regions
        Names of each group.
    upper
        Number of groups on the chip's side.
    """

    regions: tuple[tuple[str, ...], ...]
    upper: int


JOINED = ("axial", "lateral", "planar")
"""Forms of the joint as it is, m = 0, 1, 2."""

Forms = dict[str, Floats]
"""Energies (p, k, k) by name: "axial", "lateral", "planar"; "chip axial", "board axial" ... those of severed sides."""


@dataclass(frozen=True)
class ReducedGauge:
    """Strains of one harmonic in some triangles: S X + amplitudes + loads / theta.

    Parameters
    ----------
    group
        Number of the group that they belong to.
    by_basis, by_amplitudes, by_loads
        Shapes (strains, N), (strains, k) and (strains, k).
    """

    group: int
    by_basis: Floats
    by_amplitudes: Floats
    by_loads: Floats

    def strains(self, X: Floats, y: Floats, theta: Floats) -> Floats:
        """Return strains (p, strains) for coefficients X (p, N, k), amplitudes y (p, k) and moduli theta (p, g)."""
        u = (X @ y[:, :, None])[:, :, 0]
        loads = (y @ self.by_loads.T) / theta[:, self.group, None]
        return np.asarray(y @ self.by_amplitudes.T + loads - u @ self.by_basis.T)


@dataclass(frozen=True)
class ReducedJoint:
    """A joint in reduced bases, at one thickness of the second layer and one temperature.

    Parameters
    ----------
    harmonics
        By the names of `Forms`.
    upper
        Number of groups on the chip's side.
    gauges
        Strains that can be read, by name, then by harmonic.
    """

    harmonics: Mapping[str, ReducedHarmonic]
    upper: int
    gauges: Mapping[str, Mapping[str, ReducedGauge]]

    def nearest(self, theta: Floats) -> dict[str, Nearest]:
        """Return the references of each form at moduli theta, shape (p, groups); those of one side are the same."""
        found: dict[tuple[int, ...], Nearest] = {}
        nearest = {}
        for name, harmonic in self.harmonics.items():
            groups = tuple(range(theta.shape[1])[_side(name, self.upper)])
            if groups not in found:
                found[groups] = nearest_below(theta[:, groups], harmonic.references)
            nearest[name] = found[groups]
        return nearest

    def forms(self, theta: Floats, nearest: Mapping[str, Nearest], bounded: Integers) -> tuple[Forms, Forms]:
        """Return the forms at moduli theta, shape (p, groups), and bounds of the defects of those points that ask."""
        forms, bounds = {}, {}
        for name, harmonic in self.harmonics.items():
            own, near = theta[:, _side(name, self.upper)], nearest[name]
            forms[name] = harmonic.form(own, near)
            bounds[name] = harmonic.defect(own[bounded], near[bounded])
        return forms, bounds

    def coefficients(self, theta: Floats) -> dict[str, Floats]:
        """Return the coefficients of the joined harmonics at moduli theta, for `ReducedGauge.strains`."""
        nearest = self.nearest(theta)
        return {name: self.harmonics[name].coefficients(theta, nearest[name]) for name in JOINED}


def reduced_joint(
    model: CellModel,
    states: Sequence[CellState],
    groups: Groups,
    training: Floats,
    gauged: Mapping[str, Integers],
    known: Known,
) -> ReducedJoint:
    """Reduce a cell at the thickness it is meshed with, joined and severed.

    Parameters
    ----------
    model, states
        The cell at theta = 1, its elasticity and free strain as it stands, and what may be added to the free strain.
    groups
        What varies together.
    training
        theta of the training points, shape (r, groups).
    gauged
        Triangles at which strains are to be read, by name, each set within one group.
    known
        Condensed groups, as in `substructures`.
    """
    upper, sets = groups.upper, list(gauged.values())
    sides = slice(0, upper), slice(upper, None)
    one, zero, two = (substructures(model, states, m, groups.regions, sets, known) for m in (1, 0, 2))
    parts: dict[str, tuple[Substructures, Floats | None]] = {
        "lateral": (one, _wanted(one, model.section.levels.chip)), "axial": (zero, None), "planar": (two, None)
    }  # fmt: skip
    thermal = range(zero.motions, len(zero.groups[0].T))
    pulled = range(one.motions, len(one.groups[0].T) - 2)
    parts |= {
        "chip lateral": (one.part(sides[0], pulled), None),
        "chip axial": (zero.part(sides[0], (1, 2, *thermal)), None),
        "chip planar": (two.part(sides[0], (0, 1)), None),
        "board axial": (zero.part(sides[1], (3, 4, *thermal)), None),
        "board planar": (two.part(sides[1], (2, 3)), None),
    }
    harmonics = {
        name: reduced_harmonic(part, np.unique(training[:, _side(name, upper)], axis=0), wanted)
        for name, (part, wanted) in parts.items()
    }
    gauges = {
        gauge: {name: _reduced_gauge(parts[name][0].gauges[number], harmonics[name].basis) for name in JOINED}
        for number, gauge in enumerate(gauged)
    }
    return ReducedJoint(harmonics, upper, gauges)


def _reduced_gauge(gauge: Gauge, basis: Floats) -> ReducedGauge:
    return ReducedGauge(gauge.group, gauge.by_unknowns @ basis, gauge.by_amplitudes, gauge.by_loads)


def shift_row(height: Floats) -> Floats:
    """Return delta as a combination of the footprint rows (u_c, psi_c, u_b, psi_b), shape (..., 4) [-, mm]."""
    return np.asarray(SHIFT) * np.stack([np.ones_like(height), height] * 2, axis=-1)


def _wanted(lateral: Substructures, height: float) -> Floats:
    """Motions, pulls, and of the footprints delta alone."""
    size = len(lateral.groups[0].T)
    wanted = np.eye(size)[:, : size - 3]
    wanted[:, -1] = 0.0
    wanted[-4:, -1] = shift_row(np.asarray(height))
    return wanted


def _side(name: str, upper: int) -> slice:
    """Groups that a form knows."""
    return {"chip": slice(0, upper), "board": slice(upper, None)}.get(name.split()[0], slice(None))
