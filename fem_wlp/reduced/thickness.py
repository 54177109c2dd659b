"""Between the thicknesses at which a joint was condensed: a polynomial of their logarithm, and its estimated error."""

from __future__ import annotations

from itertools import permutations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

THICKNESSES = 6
"""Thicknesses of the second layer, at which a joint is condensed, to be interpolated between [-]."""

SAFETY = 8.0
"""Factor on the estimated error of the interpolation: 1.5 is enough for one pole, forms have many [-]."""

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
    """Return weights that give two estimates of the interpolation's error, shape (2, p, nodes) [-]; both count.

    By Newton's formula the interpolation on n nodes changes by f[1..n] (x - x_1)...(x - x_{n-1}) if x_n is left out,
    and its error is f[1..n, x] (x - x_1)...(x - x_n). A form is rational in the thickness with poles at t < 0, hence in
    x = ln t with poles at least pi away from the real line: each further divided difference is 1/pi as large or less.
    Poles come in pairs; their differences go like a wave with n, by about a quarter of it a step: with a second
    estimate, which leaves two nodes out, the root of the sum of squares is its amplitude whatever its phase.
    """
    estimates = np.zeros((2, len(second), len(nodes)))
    if len(nodes) < 3:
        return estimates
    weights, x, at = weights_of(second, nodes), np.log(second), np.log(nodes)
    for side, mine in ((slice(None), x < at.mean()), (slice(None, None, -1), x >= at.mean())):
        order = np.arange(len(at))[side]
        for estimate, out in zip(estimates, (1, 2), strict=True):
            fewer = np.zeros((int(mine.sum()), len(at)))
            fewer[:, order[out:]] = weights_of(second[mine], nodes[order[out:]])
            reach = np.prod([(x[mine] - at[end]) / np.pi for end in order[:out]], axis=0)
            estimate[mine] = SAFETY * reach[:, None] * (weights[mine] - fewer)
    return estimates
