"""The figure of a tolerance: how D scatters about its target, and which parameter is to blame."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..study.tolerance import Tolerance, as_data
from .picture_folder import write_picture
from .pictures import Drawing, Picture, saved
from .run_record import UNASKED, Asked
from .study_figures import in_words
from .style import ACCENT, CONTRAST, INK, MUTED, styled
from .whole import as_json


@styled
def plot_scatter(found: Tolerance, ax: Axes) -> Axes:
    """Draw how D is distributed, with its target.

    Parameters
    ----------
    found
        From `tolerance_of`.
    ax
        Any axes.

    Returns
    -------
    Axes
        The same axes.
    """
    width = (found.figure.max() - found.figure.min()) / min(60, max(12, len(found.figure) // 60)) or 1e-6
    first, last = (
        np.floor((found.figure.min() - found.target) / width),
        np.ceil((found.figure.max() - found.target) / width),
    )
    edges = found.target + width * np.arange(first, last + 1.5)  # the target is one of them
    counts, _ = np.histogram(found.figure, edges)
    share = 100.0 * counts / len(found.figure)
    reached = edges[:-1] + 0.5 * width >= found.target
    for mine, colour, label in (
        (reached, ACCENT, f"reaches the target: {found.probability:.1%}"),
        (~reached, CONTRAST, f"does not: {1.0 - found.probability:.1%}"),
    ):
        if mine.any():
            ax.bar(edges[:-1][mine], share[mine], width, align="edge", color=colour, label=label, linewidth=0)
    ax.axvline(found.target, color=INK, linewidth=1.2)
    ax.annotate(
        f"target {found.target:g}", (found.target, 1.0), xycoords=("data", "axes fraction"), xytext=(4, 4),
        textcoords="offset points", color=INK,
    )  # fmt: skip
    ax.set_xlabel("decoupling figure D")
    ax.set_ylabel("share of packages [%]")
    ax.set_ylim(0.0, 1.08 * share.max())
    ax.legend(loc="lower left", bbox_to_anchor=(0.0, 1.06), borderaxespad=0.0, ncols=2, frameon=False)
    return ax


@styled
def plot_influences(found: Tolerance, ax: Axes) -> Axes:
    """Draw what each parameter contributes to the variance of D, alone and with interactions.

    Parameters
    ----------
    found
        From `tolerance_of`.
    ax
        Any axes.

    Returns
    -------
    Axes
        The same axes.
    """
    shown = found.influences[::-1]
    for shift, colour, label, name in ((0.18, ACCENT, "alone", "first"), (-0.18, MUTED, "with interactions", "total")):
        at = np.arange(len(shown)) + shift
        values = np.array([getattr(one, name) for one in shown])
        ends = np.array([getattr(one, f"{name}_range") for one in shown]).T
        ax.barh(at, 100.0 * values, 0.34, color=colour, label=label)
        gaps = 100.0 * np.maximum(np.abs(ends - values), 0.0)
        ax.errorbar(100.0 * values, at, xerr=gaps, fmt="none", ecolor=INK, elinewidth=0.8)
    words = {one.range.name: in_words(one.range.parameter).partition(" [")[0] for one in found.scatter}
    ax.set_yticks(np.arange(len(shown)), [words[one.name] for one in shown])
    ax.set_xlabel("share in the variance of D [%]")
    ax.set_xlim(left=0.0)
    ax.legend(loc="lower right", frameon=False)
    return ax


def tolerance_picture(found: Tolerance) -> Picture:
    """Return both drawings side by side."""

    @styled
    def draw() -> Figure:
        figure = Figure(figsize=(10.0, 3.6), layout="constrained")
        left, right = figure.subplots(1, 2, width_ratios=(1.2, 1.0))
        plot_scatter(found, left)
        plot_influences(found, right)
        return figure

    return saved(Drawing("tolerance", f"D of {found.package.name} under scatter, and what it comes from", draw()))


def write_tolerance(found: Tolerance, folder: str | os.PathLike[str], asked: Asked = UNASKED) -> Path:
    """Write a tolerance as a folder: numbers, sample, figure, package file; whole or not at all.

    Parameters
    ----------
    found
        From `tolerance_of`.
    folder
        Made if it isn't there. Other files in it are left alone.
    asked
        Kept in ``run.json``.

    Returns
    -------
    Path
        ``tolerance.png``.

    Raises
    ------
    ResourceError
        R302 if the folder cannot be written, R303 if it holds what another verb found, R305 if the disk is full. What
        was there is still there, then.
    """
    texts = {
        "tolerance.json": as_json(as_data(found)),
        "tolerance.csv": found.csv(),
    }
    return write_picture(folder, tolerance_picture(found), found.package, texts, asked)
