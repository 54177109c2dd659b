"""Names beside a drawing, joined to what they name by lines. All places are in inches on the axes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.patheffects import Normal, Stroke

from .style import INK, MUTED

LINE = 0.5
"""Width of the lines [point]."""

BEND, GAP = 0.12, 0.03
"""A line to a name bends so far before it and ends so far before it [inch]."""


@dataclass(frozen=True)
class Label:
    """A name with the point it belongs to [inch]; a second line is written smaller."""

    text: str
    x: float
    y: float


def write_labels(
    ax: Axes,
    labels: Sequence[Label],
    x_text: float,
    apart: float,
    size: float = 7.5,
    *,
    leftwards: bool = False,
    halo: float = 0.0,
) -> None:
    """Write names in a column, as near to their points as they can be without touching, joined by lines.

    Parameters
    ----------
    ax
        Axes in inches.
    labels
        The names.
    x_text
        Where they begin, or end if they stand on the left [inch].
    apart
        Least distance from name to name [inch].
    size
        Of the type [point].
    leftwards
        Whether the column stands on the left of the drawing.
    halo
        Width of a white rim of the lines, for dark drawings [point].
    """
    side, align = (1.0, "right") if leftwards else (-1.0, "left")
    ordered, leaders = sorted(labels, key=lambda label: label.y), []
    for label, y in zip(ordered, spread([label.y for label in ordered], apart), strict=True):
        leaders.append(((label.x, label.y), (x_text + side * BEND, y), (x_text + side * GAP, y)))
        first, _, second = label.text.partition("\n")
        ax.text(x_text, y, first, ha=align, va="bottom" if second else "center", fontsize=size, linespacing=1.0)
        if second:
            ax.text(x_text, y - 0.015, second, ha=align, va="top", fontsize=size - 1.0, color=MUTED)
    rim = [Stroke(linewidth=LINE + 2.0 * halo, foreground="white"), Normal()] if halo else []
    lines = LineCollection(leaders, colors=INK, linewidths=LINE, zorder=2, path_effects=rim)
    ax.add_collection(lines, autolim=False)
    points = np.array([(label.x, label.y) for label in ordered]).reshape(-1, 2)
    ax.plot(*points.T, "o", color=INK, markersize=2.2, markeredgecolor="white" if halo else INK, markeredgewidth=halo)


def spread(wanted: Iterable[float], apart: float) -> list[float]:
    """Return positions at least ``apart`` from each other, in the order given, with the least sum of squared moves.

    Positions that would touch are joined to a block round their mean (pool adjacent violators).

    >>> spread([0.0, 0.0, 5.0], 1.0)
    [-0.5, 0.5, 5.0]
    """
    order = list(wanted)
    ascending = len(order) < 2 or order[-1] >= order[0]
    blocks: list[list[float]] = []
    for number, value in enumerate(order if ascending else order[::-1]):
        blocks.append([value - number * apart])
        while len(blocks) > 1 and np.mean(blocks[-2]) > np.mean(blocks[-1]):
            blocks[-2:] = [blocks[-2] + blocks[-1]]
    starts = [float(np.mean(block)) for block in blocks for _ in block]
    placed = [start + number * apart for number, start in enumerate(starts)]
    return placed if ascending else placed[::-1]


def capital(words: str) -> str:
    """Return words with a capital first letter."""
    return words[:1].upper() + words[1:]
