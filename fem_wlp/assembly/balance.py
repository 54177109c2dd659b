"""Moments of all joints about the neutral point: chip and board are free bodies, and these leave nothing on them."""

from __future__ import annotations

import numpy as np

from fem_wlp.assembly.cells import FloatArray


def moment_left(places: FloatArray, forces: FloatArray, moments: FloatArray) -> float:
    """Return the resultant moment of all joints about the neutral point over the sum of its parts' amounts [-].

    Parameters
    ----------
    places
        (n, 2) axes of the joints from the neutral point [mm].
    forces, moments
        (n, 3) of each joint, about one height [N, N mm].
    """
    amount = amount_of_moments(places, forces, moments)
    resultant = np.linalg.norm((moments + _by_forces(places, forces)).sum(axis=0))
    return float(resultant) / amount if amount > 0 else 0.0


def amount_of_moments(places: FloatArray, forces: FloatArray, moments: FloatArray) -> float:
    """Return the sum of the amounts of all moments, those of the forces about the neutral point among them [N mm]."""
    parts = (moments, _by_forces(places, forces))
    return float(sum(np.linalg.norm(part, axis=1).sum() for part in parts))


def _by_forces(places: FloatArray, forces: FloatArray) -> FloatArray:
    """(n, 3) moments of the forces about the neutral point."""
    moments: FloatArray = np.cross(np.column_stack([places, np.zeros(len(places))]), forces)
    return moments
