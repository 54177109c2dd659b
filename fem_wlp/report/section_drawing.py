"""The cross-section of one joint, to scale, with dimensions outside it and thin layers magnified.

The drawing is laid out in inches on the axes that it gets; a *view* maps millimetres of the section to a place on it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path
from matplotlib.transforms import Affine2D
from numpy.typing import NDArray

from ..joint.section import JointSection, joint_section
from ..mesh.outline import VOID, HalfDisc, Outline, Painted
from ..package.geometry import shell_radii
from ..package.model import Package
from .labels import Label, capital, spread, write_labels
from .style import FAINT, INK, MUTED, length, part_colour, part_name, size_in_inches, styled

Floats = NDArray[np.float64]
Point = tuple[float, float]
Line = tuple[Point, ...]
Box = tuple[float, float, float, float]
LineStyle = str | tuple[float, tuple[float, ...]]

DIMENSIONS_WIDTH, NAMES_WIDTH = 0.95, 1.38
"""Columns beside the section for dimensions and for names [inch]."""
ROW = 0.19
"""Height of a row of dimensions [inch]."""
INSET_HEIGHT = 1.5
"""Height of the magnified views with their headings [inch]."""
SHOWN = 0.34
"""Chip and board are shown up to this share of the pitch, then broken off [-]."""
SAMPLES = 160
"""Points along each side of the grid on which parts are looked up for their names [-]."""
CHARACTER = 0.0105
"""Width of a character [inch per point of type]."""


@dataclass(frozen=True)
class View:
    """A window of the section [mm] and where it stands on the paper [inch]; turned over, its upper edge is below."""

    window: Box
    left: float
    bottom: float
    scale: float
    turned: bool = False

    def x(self, value: float) -> float:
        """Place of a radius or its negative."""
        return self.left + (value - self.window[0]) * self.scale

    def y(self, value: float) -> float:
        """Place of a level."""
        return self.bottom + (self.window[3] - value if self.turned else value - self.window[2]) * self.scale

    @property
    def right(self) -> float:
        """Right edge."""
        return self.x(self.window[1])

    @property
    def top(self) -> float:
        """Upper edge on the paper."""
        return self.bottom + (self.window[3] - self.window[2]) * self.scale

    @property
    def transform(self) -> Affine2D:
        """From the section to the paper."""
        edge = self.window[3] if self.turned else self.window[2]
        to_corner = Affine2D().translate(-self.window[0], -edge)
        return to_corner.scale(self.scale, -self.scale if self.turned else self.scale).translate(self.left, self.bottom)


@dataclass(frozen=True)
class Look:
    """How a region is painted: colours of its face and edge, the edge's width [point] and style."""

    face: str
    edge: str = INK
    line: float = 0.6
    style: LineStyle = "solid"


Looks = Callable[[str], Look | None]
"""From the name of a region to its look; None if it isn't there."""


@styled
def draw_section(package: Package, ax: Axes) -> Axes:
    """Draw one joint cell to scale, with its dimensions, the names of its parts and the thin layers magnified.

    Parameters
    ----------
    package
        What to draw; nothing is meshed.
    ax
        At least 4 by 4.5 inches; the magnified views stand below the section, or beside it on wide axes.

    Returns
    -------
    Axes
        The same axes, in inches.
    """
    section = joint_section(package)
    width, height = size_in_inches(ax)
    ax.set(xlim=(0.0, width), ylim=(0.0, height), aspect="equal")
    ax.set_axis_off()
    wide = width > 1.3 * height
    main_box = (0.0, 0.63 * width, 0.0, height) if wide else (0.0, width, INSET_HEIGHT + 0.12, height)
    main = _main_view(package, section, main_box)
    paint(ax, section, main, usual_looks(section), broken=True)
    _heights(ax, package, section, main)
    _widths(ax, package, section, main)
    _names(ax, package, section, main)
    details = _details(package, section)
    for number, detail in enumerate(details):
        if wide:
            tall = height / len(details)
            box = (0.66 * width, width, height - (number + 1) * tall, height - number * tall - 0.1)
        else:
            share = width / len(details)
            box = (number * share, (number + 1) * share - 0.1, 0.0, INSET_HEIGHT)
        _inset(ax, section, main, detail, "ABC"[number], box)
    return ax


def natural_height(package: Package, width: float) -> float:
    """Return the height [inch] at which a drawing of a width has no empty stripe."""
    section, pitch = joint_section(package), package.array.pitch
    low, high = _shown(section, pitch)
    rows = len(_rows_above(package)) + len(_rows_below(package)) + 1.2
    scale = (width - DIMENSIONS_WIDTH - NAMES_WIDTH) / pitch
    return INSET_HEIGHT + 0.12 + ROW * rows + scale * (high - low)


def _shown(section: JointSection, pitch: float) -> tuple[float, float]:
    """Return the lowest and highest level that is drawn [mm]."""
    levels = section.levels
    return max(levels.board_bottom, -SHOWN * pitch), min(levels.chip_top, levels.chip + SHOWN * pitch)


def _main_view(package: Package, section: JointSection, box: Box) -> View:
    pitch = package.array.pitch
    low, high = _shown(section, pitch)
    above, below = _rows_above(package), _rows_below(package)
    room = (box[1] - box[0] - DIMENSIONS_WIDTH - NAMES_WIDTH, box[3] - box[2] - ROW * (len(above) + len(below) + 1.2))
    scale = min(room[0] / pitch, room[1] / (high - low))
    spare = room[0] - scale * pitch
    left = box[0] + DIMENSIONS_WIDTH + 0.5 * spare
    bottom = box[2] + ROW * (len(below) + 0.6) + 0.5 * (room[1] - scale * (high - low))
    return View((-pitch / 2, pitch / 2, low, high), left, bottom, scale)


# Painting


def usual_looks(section: JointSection, line: float = 0.6) -> Looks:
    """Return looks in which every region has its colour; edges of a width [point]."""

    def look(name: str) -> Look:
        return Look("white" if name == VOID else part_colour(name, section.materials[name]), line=line)

    return look


def paint(ax: Axes, section: JointSection, view: View, looks: Looks, *, broken: bool) -> None:
    """Paint the section's regions in their order, both halves, cut off at the window.

    Parameters
    ----------
    ax
        Axes in inches.
    section
        What is painted.
    view
        Where.
    looks
        How; what is not there is left out.
    broken
        Whether the window's edge is wavy where chip or board go on.
    """
    clip = PathPatch(_frame(section, view, broken), transform=ax.transData)
    transform = view.transform + ax.transData
    painted: set[str] = set()
    for item in section.painting:
        look = looks(item.name)
        if item.name in painted or look is None:  # painted twice, it only cuts the mesh of the same region
            continue
        painted.add(item.name)
        for path in _whole(item.outline):
            patch = PathPatch(
                path,
                transform=transform,
                facecolor=look.face,
                edgecolor=look.edge,
                linewidth=look.line,
                linestyle=look.style,
            )
            ax.add_artist(patch)
            patch.set_clip_path(clip)


def _whole(outline: Outline) -> list[Path]:
    """Outlines of a body of revolution cut through its axis: one closed shape, or two where it has a bore."""
    right = _meridian(outline)
    on_axis = np.flatnonzero(right[:, 0] < 1e-12)
    if len(on_axis):
        # begin where the outline leaves the axis, so that it ends where it comes back
        start = next((i for i in on_axis if (i - 1) % len(right) in on_axis), on_axis[0])
        around = np.roll(right, -int(start), axis=0)
        return [_closed(np.concatenate([around, around[::-1] * [-1.0, 1.0]]))]
    return [_closed(right), _closed(right * [-1.0, 1.0])]


def _closed(corners: Floats) -> Path:
    return Path(np.concatenate([corners, corners[:1]]), closed=True)


def _meridian(outline: Outline) -> Floats:
    """Corners (r, z) of an outline, arcs as many short lines, shape (n, 2)."""
    if not isinstance(outline, HalfDisc):
        return np.array(outline.corners)
    low = max(outline.centre - outline.radius, outline.below)
    high = min(outline.centre + outline.radius, outline.above)
    first, last = (np.arcsin(np.clip((z - outline.centre) / outline.radius, -1.0, 1.0)) for z in (low, high))
    angle = np.linspace(first, last, 91)
    arc = outline.centre * np.array([0.0, 1.0]) + outline.radius * np.column_stack([np.cos(angle), np.sin(angle)])
    return np.concatenate([[[0.0, low]], arc, [[0.0, high]]])


def _frame(section: JointSection, view: View, broken: bool) -> Path:
    """Edge of the window on the paper; wavy where chip or board go on."""
    along = np.linspace(view.left, view.right, 121)
    wave = 0.03 * np.sin(np.linspace(0.0, 6.0 * np.pi, len(along))) if broken else np.zeros_like(along)
    goes_on_above = section.levels.chip_top > view.window[3] + 1e-9
    goes_on_below = section.levels.board_bottom < view.window[2] - 1e-9
    if view.turned:
        goes_on_above, goes_on_below = goes_on_below, goes_on_above
    top = np.column_stack([along, view.top + wave * goes_on_above + 0.01 * (not goes_on_above)])
    bottom = np.column_stack([along, view.bottom + wave * goes_on_below - 0.01 * (not goes_on_below)])
    return _closed(np.concatenate([bottom, top[::-1]]))


# Dimensions


def _heights(ax: Axes, package: Package, section: JointSection, view: View) -> None:
    """Dimension the heights of parts, and of the whole joint, left of the section."""
    levels, pitch = section.levels, package.array.pitch
    half = pitch / 2
    cut = {"chip": levels.chip_top > view.window[3], "board": levels.board_bottom < view.window[2]}
    spans = [
        (levels.chip, min(levels.chip_top, view.window[3]), package.chip.thickness, half, cut["chip"]),
        (levels.land, levels.free_end, levels.free_end - levels.land, section.contact_radii[1], False),
        (0.0, levels.land, package.land.thickness, section.land_radius, False),
        (max(levels.board_bottom, view.window[2]), 0.0, package.board.thickness, half, cut["board"]),
    ]
    if package.second_layer is not None:
        spans.insert(1, (levels.free_end, levels.first_layer, package.second_layer.thickness, half, False))
    column = view.left - 0.16
    middles = spread([0.5 * (view.y(low) + view.y(high)) for low, high, *_ in spans], 0.13)
    dotted, solid, ticked, leaders = [], [], [], []
    for (low, high, value, reach, is_cut), y_text in zip(spans, middles, strict=True):
        y_low, y_high = view.y(low), view.y(high)
        ends = [y_low, y_high]
        if is_cut:
            goes_up = low == levels.chip
            y_break = ends.pop(1 if goes_up else 0)
            ax.plot([column], [y_break], marker=(3, 0, 0 if goes_up else 180), color=INK, markersize=4)
        dotted += [((column - 0.05, y), (view.x(-reach), y)) for y in ends]
        solid.append(((column, y_low), (column, y_high)))
        ticked += [(column, y) for y in ends]
        leaders.append(((column - 0.05, y_text), (column, 0.5 * (y_low + y_high))))
        ax.text(column - 0.07, y_text, length(value), ha="right", va="center", fontsize=7.5)
    outer = view.left - DIMENSIONS_WIDTH + 0.1
    y_low, y_high = view.y(0.0), view.y(levels.chip)
    dotted += [((outer - 0.05, y), (column, y)) for y in (y_low, y_high)]
    solid.append(((outer, y_low), (outer, y_high)))
    ticked += [(outer, y_low), (outer, y_high)]
    _draw_dimensions(ax, dotted, solid, ticked)
    _draw_lines(ax, leaders, MUTED, 0.4)
    middle = 0.5 * (y_low + y_high)
    label = f"H = {length(levels.chip)}"
    ax.text(outer - 0.04, middle, label, rotation=90, ha="right", va="center", fontsize=7.5)


def _rows_above(package: Package) -> list[tuple[str, float]]:
    base = package.interconnect.base_region.diameter
    rows = [(f"base region ø {length(base)}", base)]
    if package.opening is not None:
        inner, outer = package.opening.diameter, package.opening.free_end_diameter
        both = length(inner) if inner == outer else f"{length(inner)} / {length(outer)}"
        rows.append((f"opening ø {both}", inner))
    return sorted(rows, key=lambda row: row[1])


def _rows_below(package: Package) -> list[tuple[str, float]]:
    ball, land = package.ball.diameter, package.land.diameter
    rows = [(f"land ø {length(land)}", land), (f"ball ø {length(ball)}", ball)]
    return [*sorted(rows, key=lambda row: row[1]), (f"pitch {length(package.array.pitch)}", package.array.pitch)]


def _widths(ax: Axes, package: Package, section: JointSection, view: View) -> None:
    """Dimension the diameters above and below the section, the smallest next to it."""
    levels = section.levels
    dotted, solid, ticked = [], [], []
    for sense, edge, rows in ((1.0, view.top, _rows_above(package)), (-1.0, view.bottom, _rows_below(package))):
        for number, (label, diameter) in enumerate(rows, start=1):
            y = edge + sense * (number * ROW - 0.03)
            x_low, x_high = view.x(-diameter / 2), view.x(diameter / 2)
            start = levels.base_region if sense > 0 else (levels.ball_centre if label.startswith("ball") else 0.0)
            start_y = edge if label.startswith("pitch") else view.y(start)
            dotted += [((x, start_y), (x, y + 0.04 * sense)) for x in (x_low, x_high)]
            solid.append(((x_low, y), (x_high, y)))
            ticked += [(x_low, y), (x_high, y)]
            fits = _text_width(label, 7.5) < x_high - x_low - 0.1
            ax.text(
                0.5 * (x_low + x_high) if fits else x_high + 0.06,
                y,
                label,
                ha="center" if fits else "left",
                va="center",
                fontsize=7.5,
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8},
            )
    _draw_dimensions(ax, dotted, solid, ticked)


def _draw_dimensions(ax: Axes, dotted: Sequence[Line], solid: Sequence[Line], ticked: Sequence[Point]) -> None:
    """Draw extension lines, dimension lines, and the short strokes at their ends [inch]."""
    strokes = [((x - 0.025, y - 0.025), (x + 0.025, y + 0.025)) for x, y in ticked]
    _draw_lines(ax, dotted, MUTED, 0.4, (0, (2, 2)))
    _draw_lines(ax, solid, INK, 0.7)
    _draw_lines(ax, strokes, INK, 1.0)


def _draw_lines(ax: Axes, lines: Sequence[Line], colour: str, width: float, style: Any = "solid") -> None:
    collection = LineCollection(lines, colors=colour, linewidths=width, linestyles=style, zorder=2)
    ax.add_collection(collection, autolim=False)


# Names


def _names(ax: Axes, package: Package, section: JointSection, view: View) -> None:
    """Name the parts that are large enough to be seen, right of the section."""
    thin = {"first_layer", "base_region"} | {name for name in section.names if name.startswith("coat_")}
    materials = section.materials
    labels = [
        Label(f"{_title(package, name)}\n{_clipped(materials[name].name, NAMES_WIDTH, 6.5)}", x, y)
        for name, x, y in _anchors(section, view)
        if name not in thin
    ]
    write_labels(ax, labels, view.right + 0.14, 0.285)


def _title(package: Package, name: str) -> str:
    if name == "second_layer" and package.second_layer is not None and package.second_layer.gap > 0.0:
        return f"Second layer, gap {length(package.second_layer.gap)}"
    return capital(part_name(name))


def _clipped(words: str, width: float, size: float) -> str:
    """Shorten words to what fits a column [inch] in a size of type [point]."""
    fitting = int(width / _text_width("x", size))
    return words if len(words) <= fitting else f"{words[: fitting - 1]}…"


def _anchors(section: JointSection, view: View) -> list[tuple[str, float, float]]:
    """Find a point of every region that can be seen in a view: name, x, y on the paper [inch]."""
    x0, x1, z0, z1 = view.window
    x = np.linspace(x0, x1, 2 * SAMPLES + 1)[1::2]
    z = np.linspace(z0, z1, 2 * SAMPLES + 1)[1::2]
    grid = np.column_stack([array.ravel() for array in np.meshgrid(np.abs(x), z)])
    owner = np.full(len(grid), -1)
    names = list(section.names)
    for item in section.painting:
        owner[_inside(item, grid)] = names.index(item.name) if item.name != VOID else -1
    seen = owner.reshape(SAMPLES, SAMPLES)
    anchors = []
    for index, name in enumerate(names):
        rows = np.flatnonzero((seen == index).any(axis=1))
        if len(rows):
            row = int(rows[len(rows) // 2])
            run = _last_run(np.flatnonzero(seen[row] == index))
            column = run[-1] - len(run) // 6
            anchors.append((name, view.x(float(x[column])), view.y(float(z[row]))))
    return anchors


def _last_run(columns: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the last unbroken run of column numbers."""
    breaks = np.flatnonzero(np.diff(columns) > 1)
    return columns[breaks[-1] + 1 :] if len(breaks) else columns


def _inside(item: Painted, points: Floats) -> NDArray[np.bool_]:
    outline = item.outline
    if isinstance(outline, HalfDisc):
        r, z = points.T
        within = np.hypot(r, z - outline.centre) <= outline.radius
        return np.asarray(within & (z >= outline.below) & (z <= outline.above))
    return np.asarray(_closed(np.array(outline.corners)).contains_points(points))


def _text_width(words: str, size: float) -> float:
    return CHARACTER * size * len(words) * 0.8


# Magnified views


@dataclass(frozen=True)
class _Detail:
    """What a magnified view shows: its centre [mm], what should fit into it [mm], and thicknesses to print [mm]."""

    title: str
    centre: tuple[float, float]
    size: float
    thickness: dict[str, float]


def _details(package: Package, section: JointSection) -> list[_Detail]:
    levels = section.levels
    thin = {"first_layer": package.first_layer.thickness, "base_region": package.interconnect.thickness}
    stack = sum(thin.values())
    details = [
        _Detail(
            "edge of the base region",
            (section.base_radius, 0.5 * (levels.base_region + levels.chip)),
            2.4 * stack,
            thin,
        )
    ]
    coats = {f"coat_{number}": coat.thickness for number, coat in enumerate(package.ball.coats, start=1)}
    if coats:
        core = shell_radii(package.ball)[0]
        outer = package.ball.diameter / 2
        details.append(_Detail("coats", (0.5 * (core + outer), levels.ball_centre), 1.6 * (outer - core), coats))
    else:
        land = {"land": package.land.thickness}
        details.append(_Detail("edge of the land", (section.land_radius, levels.land), 4.0 * land["land"], land))
    return details


def _inset(ax: Axes, section: JointSection, main: View, detail: _Detail, letter: str, box: Box) -> None:
    """Draw one magnified view with its names, and mark its place in the section."""
    side_names = 1.12
    across, tall = box[1] - box[0] - side_names, box[3] - box[2] - 0.24
    side = min(across, tall)
    scale = side / detail.size
    x, z = detail.centre
    window = (x - 0.5 * across / scale, x + 0.5 * across / scale, z - 0.5 * tall / scale, z + 0.5 * tall / scale)
    view = View(window, box[0], box[2], scale)
    paint(ax, section, view, usual_looks(section, 0.8), broken=False)
    frame = Rectangle((view.left, view.bottom), across, tall, fill=False, edgecolor=INK, linewidth=0.9)
    ax.add_artist(frame).set_clip_on(False)  # its lower side lies on that of the axes
    heading = f"{letter}  {detail.title}, {scale / main.scale:.2g}×"
    ax.text(view.left, view.top + 0.06, heading, ha="left", va="bottom", fontsize=7.5, fontweight="bold")
    labels = []
    for name, at_x, at_y in _anchors(section, view):
        words = capital(part_name(name).replace("insulating ", ""))
        if name in detail.thickness:
            line = f"{length(detail.thickness[name])} {section.materials[name].name}"
            words += f"\n{_clipped(line, side_names, 6.0)}"
        labels.append(Label(words, at_x, at_y))
    write_labels(ax, labels, view.right + 0.14, 0.25, size=7.0)
    mark = (main.x(window[0]), main.y(window[2]))
    ax.add_artist(
        Rectangle(
            mark,
            (window[1] - window[0]) * main.scale,
            (window[3] - window[2]) * main.scale,
            fill=False,
            edgecolor=INK,
            linewidth=0.9,
        )
    )
    ax.annotate(
        letter,
        (mark[0] + (window[1] - window[0]) * main.scale, mark[1] + (window[3] - window[2]) * main.scale),
        xytext=(2, 2),
        textcoords="offset points",
        fontsize=8,
        fontweight="bold",
        bbox={"facecolor": "white", "edgecolor": FAINT, "pad": 0.8, "linewidth": 0.4},
    )
