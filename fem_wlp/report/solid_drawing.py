"""The resolved array in space: deformed, cut along a row of joints, its chip opened; and one joint cut along its load.

Pictures are laid out in inches on the axes that they get. What an eye sees of the mesh is one image, names and scales
are text.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.patheffects import Normal, Stroke

from ..results import Result
from .labels import Label, capital, write_labels
from .outer_faces import images, skin_of
from .raster import Floats, Scene
from .scales import STRESS_LABEL, round_factor
from .solid_stage import (
    CAMERA,
    JOINT_REACH,
    Colours,
    Stage,
    array_of,
    cell_of,
    colour_map,
    coloured_values,
    deformation_factor,
    drawn_displacement,
    part_colours,
    reach_of,
    stage_of,
    without_rigid_motion,
)
from .solid_view import FINER, RESOLUTION, Paint, View, anchors, fitted, in_inches, lower_rim, proportion, show
from .style import INK, MUTED, celsius, length, part_name, size_in_inches, styled

NAMES, BAR, HEAD, FOOT = 1.5, 1.0, 0.32, 0.36
"""Room for names and for a colour bar beside the picture, for its title and for scales under it [inch]."""

TALLEST = 0.68
"""The picture of the array is at most so high, as a share of its width [-]."""

FACE, PIECE = 0.12, 12.0
"""A side of a joint's face as a share of the pitch, and the pieces into which it is divided [-, pixels]."""

JOINT_PIECES = 6
"""The same of a joint by itself [-]."""

FLAT_LIGHT = 0.55
"""Contrast of light and shade where colours are to be read off [-]."""

METAL = ("ball", "core", "coat", "land", "cylinder_fillet", "base_region", "line", "pad")
"""Beginnings of the names of parts that shine."""

TOO_SMALL = ("first_layer", "coat", "land_fillet", "cylinder_fillet", "line", "pad")
"""Beginnings of the names of parts that are too small to be named in the array."""

HALO = 0.6
"""Width of the white rim of lines on the picture [point]."""

UNDER = 0.09
"""A scale stands so far below what is drawn [inch]."""


@styled
def plot_deformed(result: Result, ax: Axes, colours: Colours = "part") -> Axes:
    """Draw a resolved array deformed: cut along the row of its critical joint, its chip opened, the board broken off.

    Parameters
    ----------
    result
        What was solved, with all joints resolved.
    ax
        Any axes; names of the parts or a colour bar stand in it on the right.
    colours
        "part"; "displacement", its amount against the neutral point; or "von_mises", up to the 99th percentile by
        volume in the critical joint's cell: the peaks beyond are those of singular corners and depend on the mesh.

    Returns
    -------
    Axes
        The same axes, in inches.

    Raises
    ------
    ConfigError
        C206: the array was not resolved.
    """
    stage = stage_of(result)
    field, mesh = stage.field, stage.field.mesh
    width, height = size_in_inches(ax)
    in_inches(ax, width, height)
    beside = NAMES if colours == "part" else BAR
    moved = drawn_displacement(field)
    factor = deformation_factor(mesh, moved, stage.elements, reach_of(result))
    values, top = coloured_values(field, moved, colours)
    bodies = images(mesh, factor * moved, values, stage.turns, stage.shown)
    box = (0.04, FOOT, width - beside - 0.04, height - HEAD - FOOT)
    scale = fitted(CAMERA, stage.corners, *box).scale * RESOLUTION * FINER
    skin = skin_of(bodies, ceil(min(6.0, max(1.0, FACE * stage.pitch * scale / PIECE))))
    view = fitted(CAMERA, skin.points, *box)
    paint = _paint(result, colours, top)
    scene = show(ax, skin, view, paint, 0.3 * stage.pitch, 0.03 * stage.pitch)
    if colours == "part":
        x, y = stage.critical
        around = view.place(np.array([[x, y, 0.0]]))[0]
        reach = 0.6 * stage.pitch * view.scale
        window = (around[0] - reach, around[0] + reach, around[1] - 0.4 * reach, around[1] + 1.6 * reach)
        named = [name for name in mesh.names if not name.startswith(TOO_SMALL)]
        _name_parts(ax, scene, view, mesh.names, named, window, width - NAMES + 0.16)
    else:
        _bar(ax, view, colours, top)
    _mark_critical(ax, view, stage, factor * moved)
    size = round_factor(0.25 * float(np.ptp(stage.corners[:, 0])))
    _scale_bar(ax, scene, view, stage.corners[0], np.array([1.0, 0.0, 0.0]), size)
    _head(ax, 0.04, f"Array at {celsius(field.temperature)}", f"deformation × {factor:g}, board broken off")
    return ax


@styled
def plot_resolved_joint(result: Result, ax: Axes) -> Axes:
    """Draw the critical joint of a resolved array deformed, cut along its load, with its stress.

    Parameters
    ----------
    result
        What was solved, with all joints resolved.
    ax
        Any axes; names of the parts stand in it on the left, a colour bar on the right.

    Returns
    -------
    Axes
        The same axes, in inches.
    """
    stage = stage_of(result)
    field, mesh = stage.field, stage.field.mesh
    width, height = size_in_inches(ax)
    in_inches(ax, width, height)
    cell = cell_of(stage)
    moved = without_rigid_motion(field, cell.elements & mesh.within("board"), cell.turns)
    factor = deformation_factor(mesh, moved, np.flatnonzero(cell.elements), JOINT_REACH * stage.pitch)
    values, top = coloured_values(field, moved, "von_mises")
    bodies = images(mesh, factor * moved, values, cell.turns, cell.shown)
    skin = skin_of(bodies, JOINT_PIECES, cell.plane)
    view = fitted(cell.camera, skin.points, NAMES, FOOT, width - NAMES - BAR, height - HEAD - FOOT)
    paint = _paint(result, "von_mises", top)
    scene = show(ax, skin, view, paint, 0.1 * stage.pitch, 0.01 * stage.pitch)
    everywhere = (0.0, width, 0.0, height)
    _name_parts(ax, scene, view, mesh.names, mesh.names, everywhere, NAMES - 0.1, leftwards=True)
    _bar(ax, view, "von_mises", top)
    place = result.decoupling.critical_joint
    title = f"Joint in row {place.row}, column {place.column} at {celsius(field.temperature)}"
    _head(ax, NAMES - 0.5, title, f"deformation × {factor:g}")
    size = round_factor(0.5 * stage.pitch)
    _scale_bar(ax, scene, view, cell.corners[0], cell.along, size, " along the load →")
    return ax


def deformed_height(result: Result, width: float, colours: Colours) -> float:
    """Return the height of the picture of the array for a width of the axes [inch]."""
    beside = NAMES if colours == "part" else BAR
    return (width - beside) * min(TALLEST, proportion(CAMERA, stage_of(result).corners)) + HEAD + FOOT


def joint_height(result: Result, width: float) -> float:
    """Return the height of the picture of the joint for a width of the axes [inch]."""
    cell = cell_of(stage_of(result))
    return (width - NAMES - BAR) * proportion(cell.camera, cell.corners) + HEAD + FOOT


def _paint(result: Result, colours: Colours, top: float) -> Paint:
    names = array_of(result).mesh.names
    shining = np.array([float(name.startswith(METAL)) for name in names])
    steps = mpl.colormaps[colour_map(colours)](np.linspace(0.0, 1.0, 256))[:, :3]
    if colours == "part":
        return Paint(part_colours(result), shining, steps, top, 1.0)
    return Paint(None, np.zeros(len(names)), steps, top, FLAT_LIGHT)


# --- what is written --------------------------------------------------------------------------------------------------


def _name_parts(
    ax: Axes,
    scene: Scene,
    view: View,
    names: Sequence[str],
    named: Sequence[str],
    window: tuple[float, float, float, float],
    column: float,
    *,
    leftwards: bool = False,
) -> None:
    """Name every part that is seen."""
    found = anchors(scene, view, [names.index(name) for name in named], window, rightmost=not leftwards)
    labels = [Label(capital(part_name(names[number])), x, y) for number, (x, y) in found.items()]
    write_labels(ax, labels, column, 0.16, leftwards=leftwards, halo=HALO)


def _bar(ax: Axes, view: View, colours: Colours, top: float) -> None:
    mapped = ScalarMappable(Normalize(0.0, top), colour_map(colours))
    beside = ax.inset_axes(
        (view.left + view.width + 0.12, view.bottom + 0.1 * view.height, 0.1, 0.8 * view.height),
        transform=ax.transData,
    )
    figure = ax.get_figure(root=False)
    assert figure is not None
    stress = colours == "von_mises"
    bar = figure.colorbar(mapped, cax=beside, extend="max" if stress else "neither", extendfrac=0.03)
    bar.set_label(STRESS_LABEL.format(top) if stress else "displacement [µm]")
    beside.spines[:].set_visible(False)


def _head(ax: Axes, left: float, title: str, words: str) -> None:
    """Write a title, and after it what else is to be known of the picture."""
    top = ax.get_ylim()[1] - 0.03
    written = ax.text(left, top, title, va="top", fontsize=9.5, fontweight="bold")
    ax.annotate(
        words, (1.0, 0.0), xycoords=written, xytext=(8, 2.4), textcoords="offset points", fontsize=8, color=MUTED
    )


def _mark_critical(ax: Axes, view: View, stage: Stage, moved: Floats) -> None:
    """Name the critical joint on the board below it."""
    x, y = stage.critical
    place = stage.result.decoupling.critical_joint
    shift = stage.displacement_at(np.array([x, y, 0.0]), moved)
    points = np.array([(x, y, 0.0), (x, y, -0.22 * stage.pitch), (x + 1.0, y, 0.0)])
    foot, low, right = view.place(points + shift)
    outlined = [Stroke(linewidth=1.6, foreground=INK), Normal()]
    ax.plot(*zip(foot, low, strict=True), color="white", linewidth=0.9, path_effects=outlined)
    ax.text(
        float(low[0]),
        float(low[1]) - 0.03,
        f"critical joint: row {place.row}, column {place.column}",
        rotation=float(np.degrees(np.arctan2(*(right - foot)[::-1]))),
        rotation_mode="anchor",
        ha="right" if x > 0.0 else "center",
        va="top",
        fontsize=7.5,
        color="white",
        path_effects=outlined,
    )


def _scale_bar(ax: Axes, scene: Scene, view: View, start: Floats, along: Floats, size: float, words: str = "") -> None:
    """Draw a length at rest from a point in a direction, moved down to below what is drawn there."""
    ends = view.place(np.stack([start, start + size * along]))
    ends += np.maximum(0.0, (view.left - ends[:, 0].min(), 0.0))
    x, lowest = lower_rim(scene, view)
    within = (x > ends[0, 0]) & (x < ends[1, 0]) & np.isfinite(lowest)
    line = np.interp(x[within], ends[:, 0], ends[:, 1])
    ends[:, 1] -= float((line - lowest[within]).max(initial=0.0)) + UNDER
    ax.plot(*ends.T, color=INK, linewidth=1.2, marker="|", markersize=5, solid_capstyle="butt")
    middle, (right, up) = ends.mean(axis=0), ends[1] - ends[0]
    ax.text(
        middle[0],
        middle[1] - 0.04,
        f"{length(size)}{words}",
        rotation=float(np.degrees(np.arctan2(up, right))),
        rotation_mode="anchor",
        ha="center",
        va="top",
        fontsize=7.5,
    )
