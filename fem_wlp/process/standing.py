"""What there is of a package while it is made, whatever it is computed with: who was born when, and what came since."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

from .history import Stage

Floats = NDArray[np.float64]

WAFER = "chip"
"""Region of the silicon."""


class Equilibrium(Protocol):
    """A shape that is found: what every element and the wafer did since the state before."""

    @property
    def increment(self) -> Floats:
        """Displacement of every element's nodes since the state before [mm]."""
        ...

    @property
    def motion(self) -> Floats:
        """E and k of the wafer since it was flat, shape (2,) [-, 1/mm]."""
        ...


@dataclass(frozen=True, kw_only=True)
class Standing(ABC):
    """A package, or a joint of it, as far as it is made.

    Parameters
    ----------
    thickness
        Of the silicon [mm].
    born
        Region → temperature at which it was born, of all that carry [K].
    since_birth
        Displacement of every element's nodes since its birth, first axis the elements [mm].
    shrunk
        Region → linear shrinkage since then [-].
    motion
        In-plane strain e of the wafer at the middle of the portion that is meshed, and slope k of it upwards, since
        the wafer was flat, shape (2,) [-, 1/mm].
    hosts
        Region → motion of the wafer when it was born, shape (2,) [-, 1/mm].
    loose
        Those of the regions that are a body of their own, not yet joined to the wafer.
    """

    thickness: float
    born: Mapping[str, float]
    since_birth: Floats
    shrunk: Mapping[str, float] = field(default_factory=dict)
    motion: Floats = field(default_factory=lambda: np.zeros(2))
    hosts: Mapping[str, Floats] = field(default_factory=dict)
    loose: frozenset[str] = frozenset()

    @abstractmethod
    def elements(self, names: Iterable[str]) -> NDArray[np.int64] | NDArray[np.bool_]:
        """Return the elements of some regions, as an index."""

    def birth(self, names: Iterable[str], temperature: float, apart: frozenset[str] = frozenset()) -> Self:
        """Return it with parts that are born here, for the first time or, remelted, once more.

        Parameters
        ----------
        names
            Regions.
        temperature
            At which it stands, and they become solid [K].
        apart
            Regions that are a body of their own after that, until something that is born later joins them.
        """
        new = frozenset(names)
        since_birth = self.since_birth.copy()
        since_birth[self.elements(new)] = 0.0
        return replace(
            self,
            born={**self.born, **dict.fromkeys(new, temperature)},
            shrunk={name: strain for name, strain in self.shrunk.items() if name not in new},
            since_birth=since_birth,
            hosts={**self.hosts, **dict.fromkeys(new, self.motion)},
            loose=apart,
        )

    def shrinkage(self, strains: Mapping[str, float]) -> Self:
        """Return it with parts that shrink after birth, by linear strains [-]."""
        return replace(self, shrunk={**self.shrunk, **strains})

    def without(self, names: Iterable[str]) -> Self:
        """Return it without parts that melt or are taken away."""
        gone = frozenset(names)
        born = {name: temperature for name, temperature in self.born.items() if name not in gone}
        return replace(self, born=born, loose=self.loose - gone)

    def ground(self, thickness: float) -> Self:
        """Return it on silicon of another thickness [mm]."""
        return replace(self, thickness=thickness)

    def settled(self, shape: Equilibrium) -> Self:
        """Return it with all displacements counted up to a shape of it."""
        return replace(self, since_birth=self.since_birth + shape.increment, motion=shape.motion)

    def carrying(self, stage: Stage) -> Self:
        """Return what carries before a step's births: without what melts in it; the same one where nothing changes."""
        gone = frozenset(self.born) - stage.solid - {WAFER}
        if not gone and (stage.thickness, stage.loose) == (self.thickness, self.loose):
            return self
        return replace(self.without(gone).ground(stage.thickness), loose=stage.loose)

    def newborn(self, stage: Stage) -> Self:
        """Return it, settled, with what is born in a step, and has shrunk since."""
        grown = self.birth(stage.born, stage.temperature, stage.apart)
        return grown.shrinkage({birth.region: birth.shrinkage for birth in stage.births if birth.shrinkage})
