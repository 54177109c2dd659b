"""The array from above: its plan, and maps of what each joint does."""

from __future__ import annotations

from math import atan2, cos, hypot, pi, sin
from typing import Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import EllipseCollection
from matplotlib.colors import Normalize
from matplotlib.patches import Circle, Polygon, Rectangle
from numpy.typing import NDArray

from ..package.model import JointPlace, Line, Package
from ..results import JointResult, Result
from .style import ACCENT, CONTRAST, INK, MUTED, PART_COLOURS, colour_bar, length, size_in_inches, styled

Floats = NDArray[np.float64]
Quantity = Literal["decoupling", "shear_force"]

TITLES: dict[Quantity, str] = {"decoupling": "Decoupling D of every joint", "shear_force": "Shear force on every joint"}
COLOUR_LABELS: dict[Quantity, str] = {"decoupling": "D [-]", "shear_force": "shear force [N]"}

NUMBERED = 12
"""Rows and columns are all numbered up to this many, else a few of them [-]."""
SMALLEST_PRINT = 4.6
"""Values are written into the joints where the type is at least this large [point]."""


@styled
def draw_array(package: Package, ax: Axes) -> Axes:
    """Draw the plan of the array: chip, joints, interconnect lines with their pads, and the joint farthest out.

    Parameters
    ----------
    package
        What to draw.
    ax
        Any axes.

    Returns
    -------
    Axes
        The same axes, in mm seen from above onto the chip's pads.
    """
    joints = package.array.joints
    _plan_axes(package, ax)
    interconnect = package.interconnect
    if interconnect.line is not None and len(joints) <= 2500:
        for joint in joints:
            _draw_line(package, interconnect.line, joint, ax)
    places = np.array([(joint.x, joint.y) for joint in joints])
    _discs(ax, places, interconnect.base_region.diameter, facecolors=PART_COLOURS["base_region"], edgecolors=INK)
    farthest = max(joints, key=lambda joint: round(joint.dnp, 9))
    ax.plot([0.0, farthest.x], [0.0, farthest.y], color=ACCENT, linewidth=1.2)
    ax.plot([0.0], [0.0], marker="+", color=ACCENT, markersize=7)
    _ring(ax, farthest, package)
    right = farthest.x < 0.0
    ax.annotate(
        f"DNP {length(farthest.dnp)}",
        (0.45 * farthest.x, 0.45 * farthest.y),
        xytext=(5 if right else -5, 5),
        textcoords="offset points",
        ha="left" if right else "right",
        color=ACCENT,
        fontsize=8,
        bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "pad": 1.0},
    )
    chip = package.chip
    ax.set_title(f"Chip {chip.width:g} × {chip.length:g} mm, {len(joints)} joints on {length(package.array.pitch)}")
    return ax


@styled
def plot_array_map(result: Result, ax: Axes, quantity: Quantity = "decoupling") -> Axes:
    """Draw every joint in its place, coloured by its decoupling figure or by its shear force.

    Parameters
    ----------
    result
        What was solved.
    ax
        Any axes; a colour bar is added on its right.
    quantity
        "decoupling" [-], or "shear_force" [N].

    Returns
    -------
    Axes
        The same axes.
    """
    package, joints = result.package, result.joints
    _plan_axes(package, ax)
    values = np.array([_value(joint, quantity) for joint in joints], dtype=float)
    known = np.isfinite(values)
    places = np.array([(joint.x, joint.y) for joint in joints])
    size = 0.86 * package.array.pitch
    if not known.all():
        _discs(ax, places[~known], size, facecolors="white", edgecolors=MUTED)
    discs = _discs(ax, places[known], size, edgecolors="none")
    discs.set_array(values[known])
    discs.set_cmap("viridis" if quantity == "decoupling" else "cividis")
    discs.set_norm(_range(values[known], quantity))
    colour_bar(discs, ax, COLOUR_LABELS[quantity])
    _write_values(ax, package, joints, values, discs)
    decoupling = result.decoupling
    marked = decoupling.critical_joint if quantity == "decoupling" else decoupling.largest_force_joint
    by_place = {(joint.row, joint.column): joint for joint in package.array.joints}
    _ring(ax, by_place[marked.row, marked.column], package)
    what = "ringed: critical joint" if quantity == "decoupling" else "ringed: largest force"
    ax.set_title(TITLES[quantity])
    ax.set_xlabel(f"column   ({what})")
    return ax


def _plan_axes(package: Package, ax: Axes) -> None:
    """Draw the chip's outline and number rows and columns along it."""
    chip, array = package.chip, package.array
    margin = 0.03 * max(chip.width, chip.length)
    ax.set_aspect("equal")
    ax.set_xlim(-chip.width / 2 - margin, chip.width / 2 + margin)
    ax.set_ylim(-chip.length / 2 - margin, chip.length / 2 + margin)
    corner = (-chip.width / 2, -chip.length / 2)
    ax.add_patch(Rectangle(corner, chip.width, chip.length, facecolor="#f2f4f6", edgecolor=INK, linewidth=1))
    columns, rows = _numbers(array.columns), _numbers(array.rows)
    ax.set_xticks([(column - (array.columns + 1) / 2) * array.pitch for column in columns], [str(c) for c in columns])
    ax.set_yticks([((array.rows + 1) / 2 - row) * array.pitch for row in rows], [str(r) for r in rows])
    ax.set_xlabel("column")
    ax.set_ylabel("row")
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)


def _numbers(count: int) -> list[int]:
    step = 1 if count <= NUMBERED else (5 if count <= 60 else 20)
    return [number for number in range(1, count + 1) if step == 1 or number == 1 or number % step == 0]


def _discs(ax: Axes, places: Floats, diameter: float, **look: str) -> EllipseCollection:
    size = np.full(len(places), diameter)
    discs = EllipseCollection(
        size,
        size,
        np.zeros(len(places)),
        units="xy",
        offsets=places,
        transOffset=ax.transData,
        linewidths=0.5,
        rasterized=len(places) > 2500,
        **look,
    )
    ax.add_collection(discs)
    return discs


def _draw_line(package: Package, line: Line, joint: JointPlace, ax: Axes) -> None:
    """Draw an interconnect line with its pad."""
    if isinstance(line.direction, str):
        outward = atan2(joint.y, joint.x) if joint.dnp > 0.0 else 0.0
        angle = outward if line.direction == "outward" else outward + pi
    else:
        angle = line.direction
    along, across = (cos(angle), sin(angle)), (-sin(angle), cos(angle))
    corners = [
        (
            joint.x + reach * line.length * along[0] + side * line.width / 2 * across[0],
            joint.y + reach * line.length * along[1] + side * line.width / 2 * across[1],
        )
        for reach, side in ((0, 1), (1, 1), (1, -1), (0, -1))
    ]
    ax.add_patch(Polygon(corners, facecolor=PART_COLOURS["base_region"], edgecolor="none"))
    pads = package.chip.pads
    if pads is not None:
        x, y = pads.place or (line.length * along[0], line.length * along[1])
        corner = (joint.x + x - pads.size / 2, joint.y + y - pads.size / 2)
        ax.add_patch(Rectangle(corner, pads.size, pads.size, facecolor=PART_COLOURS["chip"], edgecolor="none"))


def _ring(ax: Axes, joint: JointPlace, package: Package) -> None:
    radius = 0.5 * package.array.pitch
    ax.add_patch(Circle((joint.x, joint.y), radius, fill=False, edgecolor=CONTRAST, linewidth=2.0, clip_on=False))


def _value(joint: JointResult, quantity: Quantity) -> float:
    if quantity == "shear_force":
        return hypot(*joint.shear_force)
    return np.nan if joint.decoupling is None else joint.decoupling


def _range(values: Floats, quantity: Quantity) -> Normalize:
    """Colours run over what there is, over at least 0.02 in D; force starts at zero."""
    if not len(values):
        return Normalize(0.0, 1.0)
    low, high = float(values.min()), float(values.max())
    if quantity == "shear_force":
        return Normalize(0.0, high if high > 0.0 else 1.0)
    spare = max(0.0, 0.02 - (high - low)) / 2
    return Normalize(low - spare, high + spare)


def _write_values(
    ax: Axes, package: Package, joints: tuple[JointResult, ...], values: Floats, discs: EllipseCollection
) -> None:
    """Write the numbers into the joints where they can be read."""
    across, tall = size_in_inches(ax)
    width = min(across / package.chip.width, tall / package.chip.length) * package.array.pitch
    known = values[np.isfinite(values)]
    written = _written(known)
    size = min(8.0, 72.0 * 0.8 * width / (0.62 * max(map(len, written), default=1)))
    if size < SMALLEST_PRINT:
        return
    words_of = dict(zip(known.tolist(), written, strict=True))
    for joint, value in zip(joints, values, strict=True):
        if np.isfinite(value):
            red, green, blue, _ = discs.to_rgba(value)
            dark = 0.299 * red + 0.587 * green + 0.114 * blue < 0.42
            words, colour = words_of[float(value)], "white" if dark else INK
        else:
            words, colour = "–", MUTED
        ax.text(joint.x, joint.y, words, ha="center", va="center", fontsize=size, color=colour)


def _written(values: Floats) -> list[str]:
    """Write numbers with as many decimals as tell them apart, two to three significant ones.

    >>> _written(np.array([0.871, 0.889])), _written(np.array([0.1, 1.3]))
    (['0.871', '0.889'], ['0.1', '1.3'])
    """
    if not len(values):
        return []
    largest = float(np.abs(values).max())
    span = min(float(np.ptp(values)) or largest, largest) or 1.0
    decimals = min(4, max(0, 1 - int(np.floor(np.log10(span)))))
    return [f"{value:.{decimals}f}" for value in values]
