"""Charts of a result: its headline between the limits, its budgets, and the curves against single parameters."""

from __future__ import annotations

from typing import Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator
from matplotlib.transforms import ScaledTranslation

from ..joint.section import joint_section
from ..results import Curve, Result
from .style import ACCENT, CONTRAST, INK, MUTED, PART_COLOURS, part_colour, part_name, styled

Budget = Literal["shift", "energy"]

BUDGET_TITLES: dict[Budget, str] = {
    "shift": "Shift: which part lets go",
    "energy": "Strain energy: which part stores it",
}
BUDGET_LABELS: dict[Budget, str] = {
    "shift": "share of the joint's shift δ [%]",
    "energy": "share of the strain energy [%]",
}
CHIP_TO_BOARD = (
    "chip",
    "first_layer",
    "base_region",
    "second_layer",
    "cylinder",
    "cylinder_fillet",
    "ball",
    "core",
    "coat",
    "land_fillet",
    "land",
    "board",
)


@styled
def plot_limits(result: Result, ax: Axes) -> Axes:
    """Draw the headline figure on a bar from rigid joints (0) to severed joints (1).

    The figure of the reference package and the raw pad-to-pad value stand below the bar. What lies farther out than
    half the bar's length ends there, with an arrow.

    Parameters
    ----------
    result
        What was solved.
    ax
        At least 4 by 1.2 inches.

    Returns
    -------
    Axes
        The same axes.
    """
    decoupling, error = result.decoupling, result.certificates.discretisation_error.figure
    figure = _within_sight(decoupling.figure)
    ends = figure, _within_sight(decoupling.pad_to_pad)
    low, high = min(0.0, *ends), max(1.0, *ends)
    ax.add_patch(Rectangle((0.0, 0.0), 1.0, 1.0, facecolor="#edf0f2", edgecolor="none"))
    ax.add_patch(Rectangle((0.0, 0.0), figure, 1.0, facecolor=ACCENT, edgecolor="none"))
    if error > 0.002:
        bar = [_within_sight(decoupling.figure + side * error) for side in (-1, 1)]
        ax.plot(bar, [0.5, 0.5], color=INK, linewidth=1.2)
    ax.plot([figure, figure], [-0.12, 1.12], color=INK, linewidth=2.0, solid_capstyle="butt")
    headline = _pointed(f"D = {decoupling.figure:.3f}", decoupling.figure)
    ax.text(figure, 1.25, headline, ha=_side(figure), va="bottom", fontsize=11, fontweight="bold")
    marks = [("pad to pad, raw", decoupling.pad_to_pad, MUTED)]
    if decoupling.reference_figure is not None:
        marks.append(("reference package", decoupling.reference_figure, CONTRAST))
    for level, (label, value, colour) in enumerate(sorted(marks, key=lambda mark: mark[1]), start=1):
        depth, place = -0.75 * level, _within_sight(value)
        ax.plot([place, place], [1.0, depth], color=colour, linewidth=1.3, linestyle=(0, (3, 1.5)))
        pad = " "
        words = f"{pad}{_pointed(f'{label} {value:.3f}', value)}{pad}"
        ax.text(place, depth, words, ha="left" if value < 0.55 else "right", va="bottom", color=colour, fontsize=8)
    ax.set(xlim=(low - 0.02, high + 0.02), ylim=(-0.75 * len(marks) - 0.2, 2.4), yticks=[])
    ax.set_xticks([0.0, 0.2, 0.4, 0.6, 0.8, 1.0], ["0", "0.2", "0.4", "0.6", "0.8", "1"])
    for end, words, side in ((0.0, "rigid joints", "left"), (1.0, "severed joints", "right")):
        below = ScaledTranslation(0.0, -26 / 72, ax.get_figure(root=True).dpi_scale_trans)  # type: ignore[union-attr]
        ax.text(end, 0.0, words, transform=ax.get_xaxis_transform() + below, ha=side, va="bottom", fontsize=8)
    ax.set_xlabel(
        "decoupling figure D [-]",
        labelpad=4.0 if (low, high) == (0.0, 1.0) else 12.0,
        x=(0.52 - low) / (high - low + 0.04),
    )
    ax.spines[:].set_visible(False)
    return ax


def _within_sight(value: float) -> float:
    """Return the value, or the end of the axis on its side."""
    return min(max(value, -0.5), 1.5)


def _pointed(words: str, value: float) -> str:
    """Return words with an arrow to where a value lies out of sight."""
    if value > 1.5:
        return f"{words} →"
    return f"← {words}" if value < -0.5 else words


def _side(value: float) -> str:
    return "left" if value < 0.15 else ("right" if value > 0.85 else "center")


@styled
def plot_budget(result: Result, ax: Axes, budget: Budget = "shift") -> Axes:
    """Draw the share of each part as a bar, from the chip down to the board.

    Parameters
    ----------
    result
        What was solved.
    ax
        Any axes.
    budget
        "shift": share of what the joint deforms by; "energy": share of its strain energy.

    Returns
    -------
    Axes
        The same axes.
    """
    decoupling = result.decoupling
    shares = decoupling.shift_budget if budget == "shift" else decoupling.energy_budget
    names = sorted(shares, key=place_of)
    values = 100.0 * np.array([shares[name] for name in names])
    materials = joint_section(result.package).materials
    colours = [part_colour(name, materials[name]) if name in materials else PART_COLOURS[name] for name in names]
    rows = np.arange(len(names))
    ax.barh(rows, values, height=0.72, color=colours, edgecolor=INK, linewidth=0.5)
    low, high = min(0.0, float(values.min())), max(0.0, float(values.max()))
    room = high - low
    for row, value in enumerate(values.tolist()):
        ax.text(max(value, 0.0) + 0.012 * room, row, f"{_minus(value)} %", ha="left", va="center", fontsize=8)
    ax.axvline(0.0, color=INK, linewidth=0.8)
    ax.set_yticks(rows, [part_name(name) for name in names])
    ax.set(ylim=(len(names) - 0.4, -0.6), xlim=(low, high + 0.15 * room))
    ax.xaxis.set_major_locator(MaxNLocator(5))
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.set_xlabel(BUDGET_LABELS[budget])
    ax.set_title(BUDGET_TITLES[budget])
    return ax


def place_of(name: str) -> tuple[int, str]:
    """Return what parts are sorted by, from the chip down to the board."""
    known = "coat" if name.startswith("coat_") else name
    return (CHIP_TO_BOARD.index(known) if known in CHIP_TO_BOARD else len(CHIP_TO_BOARD), name)


def _minus(value: float) -> str:
    shown = f"{value:.1f}"
    return "0.0" if shown == "-0.0" else shown.replace("-", "−")


@styled
def plot_curve(curve: Curve, ax: Axes, quantity: Literal["decoupling", "coupling"] = "decoupling") -> Axes:
    """Draw D, or 1 - D on a logarithmic axis, against one parameter of the package.

    Parameters
    ----------
    curve
        One of ``result.curves``.
    ax
        Any axes.
    quantity
        "decoupling": D; "coupling": 1 - D, which still tells soft joints apart where D is near 1.

    Returns
    -------
    Axes
        The same axes.
    """
    values, figures = np.array(curve.values), np.array(curve.figures)
    shown = figures if quantity == "decoupling" else 1.0 - figures
    wide = len(values) > 1 and values.min() > 0.0 and values.max() > 8.0 * values.min()
    if wide:
        ax.set_xscale("log")
    colour = ACCENT if quantity == "decoupling" else CONTRAST
    ax.axvline(curve.present, color=INK, linewidth=0.9, linestyle=(0, (4, 2)))
    ax.plot(values, shown, color=colour, marker="o", markersize=3.2)
    ax.plot([curve.present], [_at_present(curve, shown, wide)], marker="D", markersize=6, color=INK, zorder=3)
    if quantity == "coupling" and shown.min() > 0.0:
        ax.set_yscale("log")
        coupling_ticks(ax, float(shown.min()), float(shown.max()))
    else:
        room = max(0.02, float(np.ptp(shown)))
        highest = max(1.005, float(shown.max()))
        ax.set_ylim(float(shown.min()) - 0.12 * room, min(highest, float(shown.max()) + 0.12 * room))
        ax.yaxis.set_major_locator(MaxNLocator(5))
    if wide:
        ax.xaxis.set_major_locator(LogLocator(subs=(1.0,) if values.max() > 200.0 * values.min() else (1.0, 2.0, 5.0)))
        ax.xaxis.set_major_formatter(FuncFormatter(plain_tick))
        ax.xaxis.set_minor_locator(NullLocator())
    ax.grid(True, which="major")
    ax.set_xlabel(curve.label)
    ax.set_ylabel("D [-]" if quantity == "decoupling" else "1 − D [-]")
    return ax


def _at_present(curve: Curve, shown: np.ndarray, wide: bool) -> float:
    """Value at the package's own parameter, between the points of the curve."""
    scale = np.log if wide else np.asarray
    return float(np.interp(scale(curve.present), scale(np.array(curve.values)), shown))


def coupling_ticks(ax: Axes, low: float, high: float) -> None:
    """Label enough of a logarithmic axis, whether it spans decades or a few per cent."""
    spare = max((high / low) ** 0.1, 1.02)
    low, high = low / spare, high * spare
    ax.set_ylim(low, high)
    if high / low > 30.0:
        ticks = [10.0**k for k in range(-12, 2) if low <= 10.0**k <= high]
    elif high / low > 3.0:
        ticks = [m * 10.0**k for k in range(-12, 2) for m in (1, 2, 3, 5, 7) if low <= m * 10.0**k <= high]
    else:
        ticks = [float(t) for t in MaxNLocator(4).tick_values(low, high) if low <= t <= high]
    ax.set_yticks(ticks, [plain_tick(tick, 0) for tick in ticks])
    ax.yaxis.set_minor_locator(NullLocator())


def plain_tick(value: float, position: int | None) -> str:
    """Write a tick without powers of ten where that is shorter."""
    return f"{value:g}" if 1e-3 <= abs(value) < 1e6 else f"{value:.0e}".replace("e-0", "e−")
