"""The map of D over two parameters: labelled iso-lines, the borders of limits, the present design."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib as mpl
import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.colors import BoundaryNorm, LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.patheffects import Normal, Stroke
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator
from numpy.typing import NDArray

from ..study.limits import Limit
from ..study.map import Map
from ..study.ranges import Range
from .charts import plain_tick
from .pictures import Drawing, Picture, saved
from .study_figures import in_words
from .style import ACCENT, CONTRAST, INK, styled

Floats = NDArray[np.float64]

ROUND_LEVELS: tuple[float, ...] = (
    *(-5.0, -2.0, -1.0, -0.5, 0.0, 0.2, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9),
    *(0.93, 0.95, 0.97, 0.98, 0.99, 0.995, 0.998, 0.999, 1.0, 1.1),
)
"""Figures at which iso-lines are drawn: closer towards 1, where a little less coupling is worth as much [-]."""

FEWEST_LINES = 4
"""Lines below which evenly spaced ones are drawn instead [-]."""

Line = tuple[float, tuple[float, ...]]

BORDERS: tuple[tuple[str, Line, str], ...] = (
    (CONTRAST, (0, ()), "///"),
    ("#7a4988", (0, (5, 1.5)), "\\\\\\"),
    ("#3d3d3d", (0, (1, 1)), "..."),
    ("#8c6d1f", (0, (4, 1.2, 1, 1.2)), "xxx"),
    (ACCENT, (0, (2, 1)), "---"),
    ("#4a8c5c", (0, (8, 2)), "|||"),
)
"""Colour, line and hatching of each limit: each of the three alone tells them apart."""

SHADES = LinearSegmentedColormap.from_list("decoupling", ["#f4efe6", "#cfe3ea", "#7fb8cf", "#2f87ad"])
"""Of D, from coupled to decoupled: lightness falls all the way, so it reads without colour too."""


@styled
def plot_map(found: Map, ax: Axes) -> Axes:
    """Draw D over two parameters.

    Parameters
    ----------
    found
        From `map_of`.
    ax
        At least 4 by 3 inches, with room for a legend on the right.

    Returns
    -------
    Axes
        The same axes.
    """
    x, y = (axis.numbers(at) for axis, at in zip(found.ranges, (found.x, found.y), strict=True))
    for side, axis, values in (("x", found.ranges[0], x), ("y", found.ranges[1], y)):
        scale_axis(ax, side, axis, values)
    levels = levels_of(found.figure)
    _fill(ax, x, y, found.figure, levels)
    handles: list[Artist] = [_border(ax, x, y, found, limit, number) for number, limit in enumerate(found.limits)]
    handles[:0] = _target(ax, x, y, found)
    across, up = found.present
    if across is not None and up is not None:
        at = [float(axis.numbers(np.asarray(value))) for axis, value in zip(found.ranges, (across, up), strict=True)]
        if x.min() <= at[0] <= x.max() and y.min() <= at[1] <= y.max():
            handles += ax.plot(
                *([value] for value in at),
                "D",
                markersize=7,
                color=INK,
                markeredgecolor="white",
                zorder=6,
                clip_on=False,
                label="present design",
            )
    if handles:
        ax.legend(handles=handles, loc="upper left", bbox_to_anchor=(1.02, 1.0), handlelength=2.6, labelspacing=0.9)
    ax.set_title(f"Decoupling figure D of {found.package.name}")
    return ax


def _target(ax: Axes, x: Floats, y: Floats, found: Map) -> list[Artist]:
    """Draw where the target is just reached, from below and, where joints are driven the other way, from above."""
    if found.target is None:
        return []
    low, high = float(np.nanmin(found.figure)), float(np.nanmax(found.figure))
    levels = [level for level in (found.target, 2.0 - found.target) if low < level < high]
    if not levels:
        return []
    ax.contour(x, y, found.figure, levels, colors=INK, linewidths=2.2)
    words = (
        f"D = {found.target:g}, wanted" if levels == [found.target] else f"|1 − D| = {1.0 - found.target:.4g}, wanted"
    )
    return [Line2D([], [], color=INK, linewidth=2.2, label=words)]


def levels_of(figure: Floats) -> list[float]:
    """Return the figures at which iso-lines are drawn.

    >>> levels_of(np.array([0.55, 0.94]))
    [0.6, 0.7, 0.8, 0.85, 0.9, 0.93]
    """
    low, high = float(np.nanmin(figure)), float(np.nanmax(figure))
    levels = [level for level in ROUND_LEVELS if low < level < high]
    if len(levels) < FEWEST_LINES:
        levels = [float(level) for level in MaxNLocator(7).tick_values(low, high) if low < level < high]
    return levels


def _fill(ax: Axes, x: Floats, y: Floats, figure: Floats, levels: Sequence[float]) -> None:
    masked = np.ma.masked_invalid(figure)
    ends = [float(masked.min()) - 1e-9, *levels, float(masked.max()) + 1e-9]
    if len(set(ends)) < 3:
        return  # D is the same everywhere
    ax.contourf(x, y, masked, ends, cmap=SHADES, norm=BoundaryNorm(ends, SHADES.N))
    lines = ax.contour(x, y, masked, levels, colors=INK, linewidths=0.7)
    words = ax.clabel(lines, fmt="%g", fontsize=7.5, inline_spacing=4)
    for word in words:
        word.set_path_effects([Stroke(linewidth=2.0, foreground="#ffffffb0"), Normal()])


def _border(ax: Axes, x: Floats, y: Floats, found: Map, limit: Limit, number: int) -> Patch:
    """Draw where a limit is reached, and hatch what lies beyond; return its entry of the legend."""
    colour, line, hatch = BORDERS[number % len(BORDERS)]
    margin = np.ma.masked_invalid(found.margin(limit))
    label = _wrapped(str(limit))
    if margin.count() == 0:
        return Patch(facecolor="white", edgecolor=colour, linewidth=0.8, label=f"{label}\n(nothing to limit)")
    low, high = float(margin.min()), float(margin.max())
    if low < 0.0:
        with mpl.rc_context({"hatch.linewidth": 0.6}):
            beyond = ax.contourf(x, y, margin, [low - 1.0, 0.0], colors="none", hatches=[hatch])
            beyond.set_edgecolor(colour)
            beyond.set_linewidth(0.0)
    if low < 0.0 < high:
        ax.contour(x, y, margin, [0.0], colors=[colour], linewidths=1.8, linestyles=[line])
    where = "" if low < 0.0 < high else ("\n(kept everywhere)" if low >= 0.0 else "\n(broken everywhere)")
    return Patch(facecolor="white", edgecolor=colour, hatch=hatch, linewidth=1.4, linestyle=line, label=label + where)


def _wrapped(words: str) -> str:
    """Break a limit before its sign, so that a legend stays narrow."""
    for sign in ("≤", "≥"):
        words = words.replace(f" {sign} ", f"\n{sign} ")
    return words


def scale_axis(ax: Axes, side: str, axis: Range, values: Floats) -> None:
    """Scale and name an axis as a range of values, in the unit in which that is written."""
    own = ax.xaxis if side == "x" else ax.yaxis
    ends = (float(values.min()), float(values.max()))
    if axis.logarithmic:
        (ax.set_xscale if side == "x" else ax.set_yscale)("log")
        own.set_major_locator(LogLocator(subs=(1.0,) if ends[1] > 200.0 * ends[0] else (1.0, 2.0, 5.0)))
        own.set_major_formatter(FuncFormatter(plain_tick))
        own.set_minor_locator(NullLocator())
    (ax.set_xlim if side == "x" else ax.set_ylim)(*ends)
    (ax.set_xlabel if side == "x" else ax.set_ylabel)(in_words(axis.parameter))


def map_picture(found: Map) -> Picture:
    """Draw the map as a figure by itself."""
    return saved(_drawing(found))


@styled
def _drawing(found: Map) -> Drawing:
    names = " and ".join(in_words(axis.parameter) for axis in found.ranges)
    words = f"Decoupling figure D over {names}: iso-lines, borders of the limits, the present design."
    figure = Figure(figsize=(7.4, 4.6))
    plot_map(found, figure.add_axes((0.105, 0.115, 0.58, 0.80)))
    return Drawing("map", words, figure)
