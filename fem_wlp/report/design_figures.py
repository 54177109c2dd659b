"""Figures of a design: D along each parameter with the admissible part, and what decoupling costs in resistance."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from ..study.around import Front, Interval
from ..study.design import Design
from ..study.limits import MEASURES, RESISTANCE
from .map_figure import scale_axis
from .pictures import Drawing, Picture, saved
from .study_figures import in_words
from .style import ACCENT, CONTRAST, INK, MUTED, styled

ADMISSIBLE = "#d9ead9"
"""Behind values that keep target and limits."""

PANEL = 3.0
"""Width of one parameter in a figure [inch]."""


@styled
def plot_interval(design: Design, interval: Interval, ax: Axes) -> Axes:
    """Draw D along one parameter, all others as in the design, over the values that are admissible.

    Parameters
    ----------
    design
        With the target.
    interval
        One of ``design.intervals``.
    ax
        Any axes.

    Returns
    -------
    Axes
        The same axes.
    """
    axis, target = interval.range, design.aim.target
    x = axis.numbers(interval.values)
    if interval.low is not None and interval.high is not None:
        ends = axis.numbers(np.array([interval.low, interval.high]))
        ax.axvspan(*ends.tolist(), color=ADMISSIBLE, linewidth=0, zorder=0)
    known = interval.figure[np.isfinite(interval.figure)]
    for level in (target, *((2.0 - target,) if known.max() > 1.0 + 0.5 * (1.0 - target) else ())):
        ax.axhline(level, color=CONTRAST, linewidth=1.2, linestyle=(0, (4, 2)))
        ax.annotate(
            f"target {target:g}" if level == target else f"{level:g}, as far beyond 1", (1.0, level),
            xycoords=("axes fraction", "data"), xytext=(-3, 3), textcoords="offset points", ha="right", color=CONTRAST,
        )  # fmt: skip
    ax.plot(x, interval.figure, color=ACCENT)
    here = [float(axis.numbers(np.asarray(interval.present)))]
    ax.plot(here, [design.figures.figure], "D", color=INK, markersize=6, zorder=4, clip_on=False)
    low, high = min(float(known.min()), target), max(float(known.max()), target)
    spare = max(0.08 * (high - low), 0.02)
    ax.set_ylim(low - spare, high + spare)
    scale_axis(ax, "x", axis, x)
    ax.yaxis.set_major_locator(MaxNLocator(5))
    ax.grid(True, which="major", axis="y")
    ax.set_ylabel("D [-]")
    ax.set_title(_title(interval), fontsize=8, fontweight="normal", color=MUTED)
    return ax


def _title(interval: Interval) -> str:
    if interval.low is None or interval.high is None:
        return "admissible: none"
    return f"admissible: {interval.range.shown(interval.low)} … {interval.range.shown(interval.high)}"


@styled
def plot_front(design: Design, front: Front, ax: Axes) -> Axes:
    """Draw the designs of which none has both more decoupling and less resistance.

    Parameters
    ----------
    design
        Whose place is marked.
    front
        Its front.
    ax
        Any axes.

    Returns
    -------
    Axes
        The same axes.
    """
    ax.axhline(design.aim.target, color=CONTRAST, linewidth=1.2, linestyle=(0, (4, 2)))
    ax.plot(front.resistance, front.figure, color=ACCENT, marker="o", markersize=3.2)
    own = design.figures.quantities.get(RESISTANCE)
    if own is not None:
        ax.plot([own], [design.figures.figure], "D", color=INK, markersize=6, zorder=4, clip_on=False)
    limit = next((limit for limit in design.aim.limits if limit.name == RESISTANCE), None)
    if limit is not None:
        ax.axvline(limit.value, color=MUTED, linewidth=1.2, linestyle=(0, (1, 1)))
    ax.xaxis.set_major_locator(MaxNLocator(5))
    ax.yaxis.set_major_locator(MaxNLocator(5))
    ax.grid(True, which="major")
    ax.set_xlabel(f"{MEASURES[RESISTANCE].words} of a joint [mΩ]")
    ax.set_ylabel("D [-]")
    names = ", ".join(in_words(axis.parameter).split(" [")[0] for axis in front.ranges)
    ax.set_title(f"none better in both, over {names}", fontsize=8, fontweight="normal", color=MUTED)
    return ax


def design_pictures(design: Design) -> tuple[Picture, ...]:
    """Draw the parameters side by side, and the front where there is one."""
    drawings = [_parameters(design)]
    if design.front is not None:
        drawings.append(_front(design, design.front))
    return tuple(saved(drawing) for drawing in drawings)


@styled
def _parameters(design: Design) -> Drawing:
    count = len(design.intervals)
    columns = min(count, 3)
    rows = -(-count // columns)
    width = 0.2 + columns * PANEL + (0.2 if columns > 1 else 0.0)
    height = 2.5 * rows
    figure = Figure(figsize=(width, height))
    for number, interval in enumerate(design.intervals):
        column, row = number % columns, number // columns
        left = (0.62 + column * (width - 0.1) / columns) / width
        across = ((width - 0.1) / columns - 0.8) / width
        bottom = (height - 2.5 * (row + 1) + 0.5) / height
        plot_interval(design, interval, figure.add_axes((left, bottom, across, 1.65 / height)))
    words = "D along each parameter, the others as in the design; what is admissible is shaded, the target dashed."
    return Drawing("parameters", words, figure)


@styled
def _front(design: Design, front: Front) -> Drawing:
    figure = Figure(figsize=(4.6, 3.1))
    plot_front(design, front, figure.add_axes((0.135, 0.16, 0.83, 0.74)))
    words = "D against the resistance of a joint for designs of which none is better in both; the design is marked."
    return Drawing("front", words, figure)
