"""How a package is made, step by step: sections of one joint, and below each how wafer, chip and board are bent.

Laid out in inches. On the wafer the joints stand up; from the dividing on the device is turned over, as it is mounted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, hypot
from textwrap import wrap

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_hex, to_rgb
from matplotlib.patches import Patch

from ..joint.section import JointSection, joint_section
from ..mesh.outline import VOID
from ..package.model import Package
from ..results import Result
from .charts import place_of
from .labels import capital
from .process_panels import Panel, panels
from .section_drawing import Look, Looks, View, paint
from .style import (
    CONTRAST,
    FAINT,
    INK,
    MUTED,
    PART_COLOURS,
    celsius,
    length,
    part_colour,
    part_name,
    size_in_inches,
    styled,
)
from .words import NO_BREAK, signed

ACROSS = 5
"""Panels side by side [-]."""
GAP, EDGE = 0.16, 0.04
"""Between panels, and at the sides of the strip [inch]."""
HEAD, ARCS, WORDS = 0.62, 0.62, 0.44
"""Heights of a panel's heading, of its bent bodies, and of their values [inch]."""
LEGEND = 0.62
"""Height of the legend [inch]."""
TALLEST = 1.9
"""Greatest height of a section [inch]."""
SHOWN = 0.17
"""Chip and board are shown up to this share of the pitch, then broken off [-]."""
SWING = 0.36
"""Height of the most bent body [inch]."""
WAFER_SHARE, CHIP_SHARE = 0.92, 0.6
"""Widths of bent bodies as shares of a panel's [-]."""
SIZE = 8.0
"""Of the type [point]."""
CHARACTER = 0.067
"""Greatest mean width of a character of that size [inch]."""
ROUNDING = 1e-6
"""Warpage below is that of rounding [µm]."""


@dataclass(frozen=True)
class _Sheet:
    """How the panels stand on the paper [inch], and how many inches a millimetre of the section has."""

    width: float
    panel: float
    section: float
    scale: float
    window: tuple[float, float, float, float]

    @property
    def height(self) -> float:
        return HEAD + self.section + ARCS + WORDS


def strip_height(result: Result, width: float) -> float:
    """Return the height [inch] of the strip at a width [inch]."""
    rows = ceil(len(panels(result)) / ACROSS)
    return 0.02 + LEGEND + rows * (_sheet(result.package, width).height + GAP)


@styled
def plot_process(result: Result, ax: Axes) -> Axes:
    """Draw the cross-section of a joint after each step of its making, with the bow of wafer, chip and board.

    Parameters
    ----------
    result
        Of a package with a process.
    ax
        At least 8 inches wide, and `strip_height` high.

    Returns
    -------
    Axes
        The same axes, in inches.
    """
    width, height = size_in_inches(ax)
    ax.set(xlim=(0.0, width), ylim=(0.0, height), aspect="equal")
    ax.set_axis_off()
    sheet, section, shown = _sheet(result.package, width), joint_section(result.package), panels(result)
    swings = {on_wafer: _swing(shown, on_wafer) for on_wafer in (True, False)}
    for number, panel in enumerate(shown):
        row, column = divmod(number, ACROSS)
        left = EDGE + column * (sheet.panel + GAP)
        top = height - 0.02 - row * (sheet.height + GAP)
        _head(ax, panel, left, top, sheet)
        _section(ax, section, panel, left, top - HEAD - sheet.section, sheet)
        beside = shown[row * ACROSS : (row + 1) * ACROSS]
        middle = top - HEAD - sheet.section - 0.5 * ARCS
        _bodies(ax, result, panel, left, middle, sheet, swings, _extent(_heights(beside, panel.stage.body == "wafer")))
    _legend(ax, section, sheet)
    return ax


def _sheet(package: Package, width: float) -> _Sheet:
    levels, pitch = joint_section(package).levels, package.array.pitch
    window = (
        -pitch / 2,
        pitch / 2,
        max(levels.board_bottom, -SHOWN * pitch),
        min(levels.chip_top, levels.chip + SHOWN * pitch),
    )
    panel = (width - 2 * EDGE - (ACROSS - 1) * GAP) / ACROSS
    scale = min((panel - 0.04) / pitch, TALLEST / (window[3] - window[2]))
    return _Sheet(width, panel, scale * (window[3] - window[2]), scale, window)


def _head(ax: Axes, panel: Panel, left: float, top: float, sheet: _Sheet) -> None:
    """Write number, name and temperature."""
    indent = 0.09 * len(panel.numbers) + 0.07
    ax.text(left, top, panel.numbers, ha="left", va="top", fontsize=SIZE, fontweight="bold", color=CONTRAST)
    title = "\n".join(wrap(panel.title, int((sheet.panel - indent) / CHARACTER)))
    ax.text(left + indent, top, title, ha="left", va="top", fontsize=SIZE, linespacing=1.15)
    ax.text(
        left + indent,
        top - HEAD + 0.05,
        celsius(panel.stage.temperature),
        ha="left",
        va="bottom",
        fontsize=SIZE,
        fontweight="bold",
    )


# The section


def _section(ax: Axes, section: JointSection, panel: Panel, left: float, bottom: float, sheet: _Sheet) -> None:
    """Paint what there is after the step; on the wafer upside down."""
    across = sheet.scale * (sheet.window[1] - sheet.window[0])
    turned = panel.stage.body == "wafer"
    view = View(sheet.window, left + 0.5 * (sheet.panel - across), bottom, sheet.scale, turned)
    paint(ax, section, view, _looks(section, panel), broken=True)
    if "chip" in panel.solid:
        middle = 0.5 * (section.levels.chip + view.window[3])
        silicon = "wafer" if panel.stage.body == "wafer" else "chip"
        words = f"{silicon}, {length(panel.stage.thickness)}"
        ax.text(view.x(0.0), view.y(middle), words, ha="center", va="center", fontsize=6.5, color="white")


def _looks(section: JointSection, panel: Panel) -> Looks:
    """Newly solid parts have a strong edge, those that carry nothing yet are faint."""

    def look(name: str) -> Look | None:
        if name == VOID or (name == "cylinder" and name not in panel.solid | panel.soft):
            return Look("white") if panel.opened and "second_layer" in panel.solid | panel.soft else None
        colour = part_colour(name, section.materials[name])
        if name in panel.soft:
            return Look(faint(colour), MUTED, 0.7, (0, (2.0, 1.5)))
        if name not in panel.solid:
            return None
        return Look(colour, CONTRAST, 1.3) if name in panel.born else Look(colour, line=0.5)

    return look


def faint(colour: str) -> str:
    """Return a colour most of which is white."""
    return to_hex(tuple(0.28 * np.array(to_rgb(colour)) + 0.72))


# What is bent


def _heights(shown: Sequence[Panel], on_wafer: bool) -> list[float]:
    """Return how high centres stand over their rims: of wafers, or of chips and boards [mm]."""
    if on_wafer:
        found = [panel.found for panel in shown if panel.found is not None]
        return [bow for step in found for bow in (step.bow, step.bow_at_room) if bow is not None]
    return [value for panel in shown for value in (panel.chip, panel.board) if value is not None]


def _extent(heights: Sequence[float]) -> tuple[float, float]:
    """Return the lowest and highest of centres and rims [mm]."""
    return min([0.0, *heights]), max([0.0, *heights])


def _swing(shown: Sequence[Panel], on_wafer: bool) -> float:
    """Return how many inches a millimetre of height has; the same for all wafers, and for all chips and boards."""
    low, high = _extent(_heights(shown, on_wafer))
    return SWING / (high - low) if high > low else 0.0


def _bodies(
    ax: Axes,
    result: Result,
    panel: Panel,
    left: float,
    level: float,
    sheet: _Sheet,
    swings: Mapping[bool, float],
    extent: tuple[float, float],
) -> None:
    """Draw the wafer, or chip and board, bent, with their values below; the row's extent stands about the level."""
    assert result.process is not None
    on_wafer = panel.stage.body == "wafer"
    if not on_wafer and panel.chip is None:  # of the board alone nothing is told
        return
    swing = swings[on_wafer]
    bottom, middle = level - 0.5 * ARCS, left + 0.5 * sheet.panel
    base = level - 0.5 * swing * sum(extent)
    half = 0.5 * (WAFER_SHARE if on_wafer else CHIP_SHARE) * sheet.panel
    ax.plot([middle - half, middle + half], [base, base], color=FAINT, linewidth=0.8, linestyle=(0, (3, 2)), zorder=1)
    words: list[tuple[str, str]] = []
    if on_wafer and panel.found is not None:
        room, bow, there = result.process.room, panel.found.bow, panel.found.bow_at_room
        assert bow is not None
        assert there is not None
        hot = abs(panel.stage.temperature - room) > 0.05
        if hot:
            _arc(ax, middle, half, base, swing * there, PART_COLOURS["chip"], 1.1, (0, (2.5, 1.2)))
            words.append((f"{micrometres(there)} at {celsius(room)}", MUTED))
        _arc(ax, middle, half, base, swing * bow, INK, 2.4)
        words.insert(0, (f"bow {micrometres(bow)}", INK))
    if panel.chip is not None:
        _arc(ax, middle, half, base, swing * panel.chip, INK, 2.4)
        words.append((f"chip {micrometres(panel.chip)}", INK))
    if panel.board is not None:
        _arc(ax, middle, half, base, swing * panel.board, PART_COLOURS["board"], 2.4)
        words.append((f"board {micrometres(panel.board)}", INK))
    for line, (text, colour) in enumerate(words):
        weight = "bold" if line == 0 else "normal"
        y = bottom - 0.02 - 0.155 * line
        ax.text(middle, y, text, ha="center", va="top", fontsize=SIZE, color=colour, fontweight=weight)


def _arc(
    ax: Axes,
    middle: float,
    half: float,
    base: float,
    height: float,
    colour: str,
    line: float,
    style: str | tuple[int, tuple[float, ...]] = "solid",
) -> None:
    """Draw a body whose rim stands on the base, its centre so much higher."""
    along = np.linspace(-1.0, 1.0, 61)
    ax.plot(
        middle + half * along,
        base + height * (1.0 - along**2),
        color=colour,
        linewidth=line,
        linestyle=style,
        solid_capstyle="butt",
        snap=False,
        zorder=2,
    )


def micrometres(value: float) -> str:
    """Return a signed height [mm] as text.

    >>> print(micrometres(-0.27216), micrometres(0.00306), micrometres(-1e-14))
    −272 µm +3.06 µm 0 µm
    """
    return f"{signed(1e3 * value, 3, ROUNDING)}{NO_BREAK}µm"


def exaggerations(result: Result, width: float) -> tuple[float, float]:
    """Return how many times too high the wafer's bow and the warpage of chip and board are drawn at a width [inch].

    Parameters
    ----------
    result
        Of a package with a process.
    width
        Of the strip [inch].
    """
    assert result.process is not None
    panel = _sheet(result.package, width).panel
    shown, chip = panels(result), result.package.chip
    wafer_scale = WAFER_SHARE * panel / result.process.wafer_diameter
    chip_scale = CHIP_SHARE * panel / hypot(chip.width, chip.length)
    return _swing(shown, True) / wafer_scale, _swing(shown, False) / chip_scale


def _legend(ax: Axes, section: JointSection, sheet: _Sheet) -> None:
    """Name the colours, and the two looks."""
    names = sorted(section.names, key=place_of)
    handles = [
        Patch(
            facecolor=part_colour(name, section.materials[name]),
            edgecolor=INK,
            linewidth=0.5,
            label=capital(part_name(name)).replace("insulating ", ""),
        )
        for name in names
    ]
    handles += [
        Patch(facecolor="white", edgecolor=CONTRAST, linewidth=1.3, label="Newly solid"),
        Patch(facecolor="#eef1f4", edgecolor=MUTED, linewidth=0.7, linestyle=(0, (2, 1.5)), label="Not yet solid"),
    ]
    ax.legend(
        handles=handles,
        loc="lower left",
        bbox_to_anchor=(EDGE / sheet.width, 0.0),
        ncols=ceil(len(handles) / 3),
        fontsize=7.5,
        handlelength=1.5,
        handleheight=0.9,
        columnspacing=1.4,
        labelspacing=0.35,
        borderaxespad=0.0,
        borderpad=0.0,
    )
