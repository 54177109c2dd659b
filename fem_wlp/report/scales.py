"""How far colours and deformations go in pictures."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

CLIPPED_AT = 99.0
"""Percentile by volume at which the colours of a stress end [%]: what lies above belongs to singular corners."""

STRESS_LABEL = "von Mises stress [MPa], colours end at the\n99th percentile by volume, {:.3g} MPa"
"""How a colour bar names the stress."""

STEPS = (5.0, 2.0, 1.0)
"""Factors within a power of ten [-]."""


def round_factor(wanted: float) -> float:
    """Return the largest of 1, 2, 5 times a power of ten that is not above a factor.

    >>> round_factor(6.0), round_factor(0.03), round_factor(1000.0)
    (5.0, 0.02, 1000.0)
    """
    power = 10.0 ** np.floor(np.log10(wanted))
    return float(power * next(step for step in STEPS if step * power <= wanted * (1.0 + 1e-9)))


def smaller(factor: float) -> float:
    """Return the next smaller one of these factors.

    >>> smaller(5.0), smaller(1.0)
    (2.0, 0.5)
    """
    return round_factor(0.6 * factor)


def percentile_by_volume(stress: Floats, volume: Floats) -> float:
    """Return the stress that is exceeded in the last percent of a volume.

    Parameters
    ----------
    stress
        Mean stress of every element, shape (m,) [MPa].
    volume
        Their volumes, shape (m,); only their proportions count.
    """
    order = np.argsort(stress)
    below = np.cumsum(volume[order])
    number = int(np.searchsorted(below, CLIPPED_AT / 100.0 * below[-1]))
    return max(float(stress[order[min(number, len(order) - 1)]]), 1e-12)
