"""The figure of D between its analytic limits: points of the program on the lines of the formulas."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from ..verification.between import Limit
from .charts import plain_tick
from .pictures import Drawing, Picture, saved
from .style import ACCENT, CONTRAST, MUTED, styled

WIDTH, HEIGHT = 4.1, 3.3
"""Size of one panel [in]."""


@styled
def plot_limit(limit: Limit, ax: Axes) -> Axes:
    """Draw one limit: lines are formulas, points the program, dots what the formulas end in.

    Parameters
    ----------
    limit
        What was computed.
    ax
        At least 3 by 2.5 inches.

    Returns
    -------
    Axes
        The same axes.
    """
    for curve, colour in zip(limit.curves, (ACCENT, CONTRAST), strict=False):
        ax.plot(curve.place, curve.formula, color=colour, linewidth=1.2)
        ax.plot(curve.place, curve.computed, "o", color=colour, label=curve.name)
        if curve.end is not None:
            ax.axhline(curve.end, color=MUTED, linewidth=0.9, linestyle=(0, (1, 2)))
    ax.set_xscale("log")
    ax.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0) if limit.curves[0].place[-1] < 100 else (1.0,)))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(FuncFormatter(plain_tick))
    ax.set_ylim(-0.02, 1.02)
    ax.grid(axis="y")
    ax.set_title(limit.title)
    ax.set_xlabel(f"{limit.place_name}\n{limit.source}")
    ax.set_ylabel(limit.value_name)
    if len(limit.curves) > 1:
        ax.legend(loc="upper right")
    return ax


@styled
def limits_picture(limits: Sequence[Limit]) -> Picture:
    """Draw limits side by side."""
    figure = Figure(figsize=(WIDTH * len(limits), HEIGHT), layout="constrained")
    for limit, ax in zip(limits, figure.subplots(1, len(limits), squeeze=False)[0], strict=True):
        plot_limit(limit, ax)
    titles = "; ".join(limit.title.lower() for limit in limits)
    return saved(Drawing("between", f"The decoupling figure at its analytic limits: {titles}.", figure))
