"""How chip and board bow."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fem_wlp.assembly.cells import COINCIDENT, FloatArray
from fem_wlp.assembly.plate import CondensedPlate


@dataclass(frozen=True)
class Shape:
    """Deflection of a plate's mid-plane within the chip's outline, its mean plane taken off.

    Parameters
    ----------
    x, y
        (m,) and (n,) grid lines [mm].
    deflection
        (m, n) upward deflection [mm].
    warpage
        Highest less lowest deflection, positive where the centre is higher than the corners (the chip's centre farther
        from the board) [mm].
    """

    x: FloatArray
    y: FloatArray
    deflection: FloatArray
    warpage: float


def deflected_shape(plate: CondensedPlate, forces: FloatArray, a: FloatArray, outline: tuple[float, float]) -> Shape:
    """Deflection within `outline`, spread from the quarters that were solved."""
    deflection = plate.surface @ forces
    for amplitude, mode in zip(a, plate.modes, strict=True):
        deflection = deflection + amplitude * mode.surface
    x, y = plate.corners
    images = deflection.reshape(1 if plate.symmetry.x else 2, 1 if plate.symmetry.y else 2, len(x), len(y))
    lower, upper = (np.concatenate([images[i, -1][:, :0:-1], images[i, 0]], axis=1) for i in (-1, 0))
    w = np.concatenate([lower[:0:-1], upper])
    x, y = (np.concatenate([-half[:0:-1], half]) for half in (x, y))
    within_x, within_y = (_within(line, side / 2) for line, side in zip((x, y), outline, strict=True))
    return levelled(within_x, within_y, _cubic(x, within_x) @ w @ _cubic(y, within_y).T)


def _within(line: FloatArray, end: float) -> FloatArray:
    """Return the mesh lines inside the outline, and the outline's own edges, which need not be mesh lines."""
    inside = line[np.abs(line) < end * (1 - COINCIDENT)]
    return np.concatenate([[-end], inside, [end]])


def _cubic(line: FloatArray, places: FloatArray) -> FloatArray:
    """Return the weights of the values on a line at places on it: the cubic through the four nearest (Lagrange)."""
    count = min(4, len(line))
    first = np.clip(np.searchsorted(line, places) - count // 2, 0, len(line) - count)
    weights = np.zeros((len(places), len(line)))
    for row, start, place in zip(weights, first, places, strict=True):
        near = line[start : start + count]
        for k, own in enumerate(near):
            others = np.delete(near, k)
            row[start + k] = np.prod((place - others) / (own - others))
    return weights


def levelled(x: FloatArray, y: FloatArray, w: FloatArray) -> Shape:
    """Take off the mean plane (least squares over the area), and measure what is left."""
    steps = (np.concatenate([[0.0], np.diff(line), [0.0]]) for line in (x, y))
    weight = np.sqrt(np.outer(*((step[1:] + step[:-1]) / 2 for step in steps))).ravel()
    plane = np.column_stack([np.ones(w.size), *(grid.ravel() for grid in np.meshgrid(x, y, indexing="ij"))])
    tilt = np.linalg.lstsq(plane * weight[:, None], w.ravel() * weight, rcond=None)[0]
    w = w - (plane @ tilt).reshape(w.shape)
    rise = w[len(x) // 2, len(y) // 2] - w[[0, 0, -1, -1], [0, -1, 0, -1]].mean()
    return Shape(x, y, w, float(np.copysign(np.ptp(w), rise)))
