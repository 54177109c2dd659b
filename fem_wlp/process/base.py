"""What a device has behind it: the chip's side of every joint in the state from which its answers count.

Before that state the chip strained and bent by q0 at a joint, its parts were born and strained. Afterwards a joint
cell resists q - q0 with its own stiffness, and its parts still exert what they exerted in that state; its portion of
bare chip, which the plate holds already, counts from the flat chip. On the coordinates q of the assembly

    force = K_cell (q - q0) - f_cell + G (q0 - q1) - (K_bare q - f_bare),

where f_cell is condensed from the cell as it was at the joint looked at, with q0 = q1, and G is the stiffness of the
chip's side in that state. What G stands for vanishes at that joint, and everywhere if stiffness doesn't change.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..assembly.elements import Film, FilmElement, laminate_film
from ..assembly.system import AXIAL, KINDS, LATERAL_X, LATERAL_Y, PLANAR_1, PLANAR_2
from ..joint.cell import axial_order
from ..joint.condense import BarePlate, film_levels, homogeneous_plate, layers_of, middles
from ..joint.element import JointElement
from ..joint.severed import Severed
from ..materials.model import stiffness
from .growth import Growth, free_of, host_strain
from .standing import WAFER

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Base:
    """The state from which a device's answers count.

    Parameters
    ----------
    growth
        The joint that is looked at, settled in that state, with all that is born in it.
    temperature
        Of that state [K].
    motion
        q0 of every joint in that state, those of the board zero, shape (n, 22) [mm, rad, -, 1/mm].
    severed
        The chip's side in that state, condensed; where its footprint moves isn't told.
    """

    growth: Growth
    temperature: float
    motion: Floats
    severed: Severed

    def loads(self, element: JointElement, temperature: float) -> Floats:
        """Return the loads on every joint's coordinates besides the element's own, shape (n, 22).

        Parameters
        ----------
        element
            Condensed from the growth at ``temperature`` [K], severed or joined.
        """
        loads = np.zeros_like(self.motion)
        bare, before = self._bare(temperature), self._bare(self.temperature)
        one = np.zeros(KINDS)
        one[5:7] = self.growth.motion
        chip = np.zeros((6, 6))
        chip[:3, :3] = bare.axial
        severed = self.severed.element
        back = severed.axial.copy()
        back[:3, :3] += before.axial
        axial, along = self.motion[:, AXIAL], np.concatenate([one, np.zeros(KINDS)])[list(AXIAL)]
        loads[:, AXIAL] = axial @ (element.axial + chip) - (axial - along) @ back
        planar, behind = element.planar.copy(), severed.planar.copy()
        planar[:2, :2] += bare.planar
        behind[:2, :2] += before.planar
        for kinds in (PLANAR_1, PLANAR_2):
            loads[:, kinds] = self.motion[:, kinds] @ (planar - behind)
        for kinds in (LATERAL_X, LATERAL_Y):
            loads[:, kinds] = self.motion[:, kinds] @ element.lateral
        return loads

    def film(self, temperature: float) -> FilmElement:
        """Return the layers where no joint stands, at a temperature [K]."""
        growth = self.growth
        section, middle = growth.model.section, middles(growth.model.section)[WAFER]
        films = []
        for name in layers_of(growth.model.mesh):
            if name not in growth.born:
                continue
            low, high = film_levels(section, name)
            films.append(
                Film(
                    high - low,
                    0.5 * (low + high) - middle,
                    stiffness(section.materials[name], temperature),
                    free_of(growth, name, temperature),
                    host_strain(growth, name),
                )
            )
        return laminate_film(films)

    def _bare(self, temperature: float) -> BarePlate:
        section = self.growth.model.section
        return homogeneous_plate(section, axial_order(section.materials[WAFER], temperature), np.zeros(6), WAFER)


def evenly(growth: Growth, temperature: float, joints: int, severed: Severed) -> Base:
    """Return the state of a divided wafer whose chips are still as the wafer was, all joints alike."""
    motion = np.zeros((joints, 2 * KINDS))
    motion[:, 5:7] = growth.motion
    return Base(growth, temperature, motion, severed)


def coordinates(chip: Floats, board: Floats | None = None) -> Floats:
    """Return the motion of plates at all joints as coordinates of the assembly, shape (n, 22); a flat board's: zero."""
    return np.concatenate([chip, np.zeros_like(chip) if board is None else board], axis=1)
