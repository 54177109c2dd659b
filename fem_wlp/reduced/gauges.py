"""What is read of a joint's local field: means over fixed volumes, at any parameters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..joint import recover
from ..joint.condense import CellModel, CellState

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

HARMONICS = (0, 1, 1, 2, 2)
PHASES = (0.0, 0.0, np.pi / 2, 0.0, np.pi / 4)
"""Harmonics and phases of the five waves of a local field, as in `recover.local_field`."""

Mean = Callable[[Floats, float], Floats]
"""Takes what is averaged from strains, or stresses, in a half plane at an angle."""


@dataclass(frozen=True)
class Gauged:
    """A mean over a fixed volume.

    Parameters
    ----------
    elements
        Triangles of the volume.
    share
        Share of every quadrature point in the volume, shape (ne, nq) [-].
    mean
        What is averaged.
    stressed
        Whether it is averaged from stresses rather than strains.
    """

    elements: Integers
    share: Floats
    mean: Mean
    stressed: bool

    def read(
        self, waves: Sequence[Sequence[Floats]], states: Sequence[Sequence[CellState]], theta: float, growth: Floats
    ) -> float:
        """Return the mean of the change over a cycle, or of what is at one temperature.

        Parameters
        ----------
        waves
            Strain amplitudes of the five waves at every temperature, shape (ne nq 6,).
        states
            Elasticity at theta = 1 and free strain at every temperature, and what may be added to the free strain.
        theta
            Modulus of these triangles over that [-].
        growth
            Amplitudes of these free strains, shape (1 + x,) [-].
        """
        found = []
        for amplitudes, (state, *added) in zip(waves, states, strict=True):
            strain = np.array(amplitudes).reshape(len(HARMONICS), *self.share.shape, 6)
            if self.stressed:
                free = [one.free[self.elements, None] for one in (state, *added)]
                strain[0] -= np.tensordot(growth, free, 1)
                strain = theta * (strain @ state.elasticity[self.elements].swapaxes(1, 2))
            found.append(strain)
        change = found[-1] - found[0] if len(found) > 1 else found[0]
        total = 0.0
        for angle in recover.half_planes():
            factors = [recover.voigt_factors(m, angle - phase) for m, phase in zip(HARMONICS, PHASES, strict=True)]
            total += float((self.share * self.mean(np.einsum("wa,weqa->eqa", factors, change), float(angle))).sum())
        return abs(total) / recover.ANGLES


def gauged(model: CellModel) -> dict[str, Gauged]:
    """Return what is read of a cell: "ring" of the base region, "cylinder", and the ball's parts by their names."""
    found = {
        "ring": _gauge(model, recover.base_ring(model), lambda strain, _: recover.equivalent_strain(strain), False)
    }
    if "cylinder" in model.mesh.names:
        found["cylinder"] = _gauge(model, model.mesh.elements("cylinder"), recover.shear_along, False)
    for name in model.section.ball_parts:
        if "fillet" not in name:
            elements = model.mesh.elements(name)
            found[name] = _gauge(model, elements, lambda stress, _: recover.von_mises(stress), True)
    return found


def _gauge(model: CellModel, elements: Integers, mean: Mean, stressed: bool) -> Gauged:
    volume = model.space.volume[elements]
    return Gauged(elements, volume / volume.sum(), mean, stressed)
