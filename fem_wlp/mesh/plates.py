"""How finely chip and board are divided where they are solved as plates."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class PlateMesh:
    """How finely a plate is divided.

    Parameters
    ----------
    per_pitch
        Elements on one pitch within the array, at least [-].
    slenderness
        Longest element within the array, in thicknesses of the plate: longer ones bend too stiffly [-].
    most_per_pitch
        Elements on one pitch within the array, at most: of plates that are much thinner than the pitch [-].
    through
        Elements through the thickness: a single one shears too stiffly, by 1 % of the forces of thick plates [-].
    through_band
        Elements through the band of the means where the plate is thicker, with ``through`` more, at most, between the
        bands of its two faces: loads act in the band [-].
    growth
        Ratio of neighbouring elements' lengths beyond the array, above 1 [-].
    growth_loaded
        The same of a plate that bears loads there: a film pulls at the chip's edge [-].
    """

    per_pitch: int = 2
    slenderness: float = 2.5
    through: int = 2
    through_band: int = 3
    growth: float = 2.0
    growth_loaded: float = 1.5
    most_per_pitch: int = 8

    def refined(self, factor: float) -> PlateMesh:
        """Return a mesh of lengths divided by ``factor``; counts are rounded away from these, so that all change."""
        rounded = math.ceil if factor > 1.0 else math.floor
        return PlateMesh(
            per_pitch=rounded(factor * self.per_pitch),
            slenderness=self.slenderness / factor,
            through=rounded(factor * self.through),
            through_band=rounded(factor * self.through_band),
            growth=self.growth ** (1.0 / factor),
            growth_loaded=self.growth_loaded ** (1.0 / factor),
            most_per_pitch=rounded(factor * self.most_per_pitch),
        )

    def size(self, thickness: float, pitch: float) -> float:
        """Return the longest element within the array [mm]."""
        return min(pitch / self.per_pitch, max(self.slenderness * thickness, pitch / self.most_per_pitch))

    def layers(self, parts: Iterable[float], depth: float) -> list[int]:
        """Return how many elements go through each of the parts into which the bands cut a plate.

        Parameters
        ----------
        parts
            Their thicknesses, from face to face [mm].
        depth
            Thickness of the band of the means, and of its mirror image [mm].
        """
        parts = list(parts)
        size = depth / (self.through if len(parts) == 1 else self.through_band)
        counts = [math.ceil(part / size * (1.0 - 1e-6)) for part in parts]
        if 2.0 * depth < sum(parts):
            counts[1] = min(counts[1], self.through)  # what is between the bands carries no load
        return counts
