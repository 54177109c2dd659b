"""Between the thicknesses at which a joint was condensed: a polynomial of their logarithm, and its estimated error."""

from __future__ import annotations

from itertools import permutations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

THICKNESSES = 6
"""Thicknesses of the second layer, at which a joint is condensed, to be interpolated between [-]."""

SAFETY = 1.5
"""Factor on the estimated error of the interpolation between thicknesses [-]."""

SAME = 1e-12
"""Relative difference of thicknesses that are the same [-]."""


def nodes_between(low: float, high: float) -> Floats:
    """Return thicknesses from ``low`` to ``high`` [mm], as the extrema of a Chebyshev polynomial of the logarithm."""
    cosine = np.cos(np.pi * np.arange(THICKNESSES) / (THICKNESSES - 1))
    return np.asarray(np.exp(0.5 * np.log(low * high) - 0.5 * np.log(high / low) * cosine))


def among(second: Floats, nodes: Floats) -> NDArray[np.bool_]:
    """Return whether thicknesses are among the nodes, shape (p,)."""
    return np.asarray((np.abs(second[:, None] - nodes) <= SAME * nodes).any(axis=1))


def weights_of(second: Floats, nodes: Floats) -> Floats:
    """Weights of thicknesses in the interpolation, a polynomial of the logarithm, shape (p, nodes) [-]."""
    if len(nodes) == 1:
        return np.ones((len(second), 1))
    x, at = np.log(second), np.log(nodes)
    nearest = np.abs(x[:, None] - at).argmin(axis=1)
    x = np.where(np.abs(x - at[nearest]) < SAME, at[nearest], x)
    weights = np.ones((len(x), len(at)))
    for k, m in permutations(range(len(at)), 2):
        weights[:, k] *= (x - at[m]) / (at[k] - at[m])
    return weights


def error_weights(second: Floats, nodes: Floats) -> Floats:
    """Weights that give an estimate of the interpolation's error, shape (p, nodes) [-].

    What the interpolation changes by leaving out the end x_e of the nodes is the divided difference of the n nodes
    times omega(x); its error is the next divided difference times (x - x_e) omega(x). The forms are rational in the
    thickness with poles at t < 0, which are pi away from real ln t: the next divided difference is at most 1/pi of
    this one for a single pole.
    """
    x, at = np.log(second), np.log(nodes)
    weights = weights_of(second, nodes)
    missing = np.zeros_like(weights)
    if len(nodes) == 1:
        return missing
    for end, mine in ((0, x < at.mean()), (-1, x >= at.mean())):
        kept = np.delete(np.arange(len(at)), end)
        fewer = np.zeros((int(mine.sum()), len(at)))
        fewer[:, kept] = weights_of(second[mine], nodes[kept])
        missing[mine] = (weights[mine] - fewer) * (SAFETY * (x[mine] - at[end]) / np.pi)[:, None]
    return missing
