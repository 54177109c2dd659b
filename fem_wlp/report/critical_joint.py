"""The critical joint deformed, cut along its load, with its stress: the section of a joint cell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.tri import Triangulation
from numpy.typing import NDArray

from ..mesh.section import SectionMesh
from ..results import ArrayField, CriticalField, Result
from .scales import STRESS_LABEL, percentile_by_volume, round_factor
from .section_drawing import SHOWN
from .solid_drawing import plot_resolved_joint
from .style import INK, MUTED, celsius, colour_bar, styled

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

DISPLACED = 0.14
"""The largest displacement is drawn about as long as this share of the pitch [-]."""
BESIDE = 1.12
"""Half the width of the picture, in radii of the cell [-]."""
QUARTERS = ((0, 3, 5), (3, 1, 4), (5, 4, 2), (3, 4, 5))
"""A six-node triangle as four of its nodes' triangles."""


@dataclass(frozen=True)
class _Half:
    """One half of the cut on the paper: nodes as they stand and as they move [mm], and the side it is drawn on."""

    at_rest: Floats
    moved: Floats


@styled
def plot_critical(result: Result, ax: Axes) -> Axes:
    """Draw the critical joint deformed, cut along its load: the load points to the right.

    Colours show von Mises stress up to its 99th percentile by volume; the peaks beyond are those of singular corners
    and depend on the mesh. A joint cell is drawn as its section, theta = 0 on the right, theta = pi on the left; the
    joint of a resolved array as a body.

    Parameters
    ----------
    result
        What was solved.
    ax
        Any axes; a colour bar is added on its right.

    Returns
    -------
    Axes
        The same axes, in mm; in inches where the array is resolved.
    """
    if isinstance(result.field, ArrayField):
        return plot_resolved_joint(result, ax)
    field, pitch = result.field, result.package.array.pitch
    window = _window(result, field)
    elements = _elements_within(field.mesh, window)
    factor = deformation_factor(field, elements, pitch)
    top = clipping_stress(field)
    halves = [_half(field, side, factor) for side in range(2)]
    corners = field.mesh.triangles[elements]
    points = np.concatenate([half.moved[corners].reshape(-1, 2) for half in halves])
    quarters = 6 * np.arange(2 * len(elements))[:, None, None] + np.array(QUARTERS)
    mapped = ax.tripcolor(
        Triangulation(points[:, 0], points[:, 1], quarters.reshape(-1, 3)),
        field.von_mises[:, elements].ravel(),
        shading="gouraud",
        vmin=0.0,
        vmax=top,
        cmap="viridis",
        rasterized=True,
    )
    free, between = (_chains(edges) for edges in _edges(field.mesh))
    _draw_lines(ax, [half.at_rest[chain] for half in halves for chain in free], MUTED, 0.5, (0, (4, 3)))
    _draw_lines(ax, [half.moved[chain] for half in halves for chain in between], "white", 0.4)
    _draw_lines(ax, [half.moved[chain] for half in halves for chain in free], INK, 0.9)
    colour_bar(mapped, ax, STRESS_LABEL.format(top), clipped=True)
    reach = BESIDE * float(field.mesh.points[:, 0].max())
    ax.set(xlim=(-reach, reach), ylim=window, aspect="equal")
    ax.set_xlabel(f"along the load [mm]\ndeformation × {factor:g}; dashed: at rest")
    ax.set_ylabel("height over the board [mm]")
    ax.text(0.0, 1.015, "← θ = π", transform=ax.transAxes, va="bottom", color=MUTED)
    ax.text(1.0, 1.015, "θ = 0 →", transform=ax.transAxes, va="bottom", ha="right", color=MUTED)
    place = result.decoupling.critical_joint
    ax.set_title(f"Joint in row {place.row}, column {place.column} at {celsius(field.temperature)}", pad=18)
    return ax


def height_to_width(result: Result) -> float:
    """Return the proportion of the picture of a joint cell [-]."""
    field = result.field
    assert isinstance(field, CriticalField)
    low, high = _window(result, field)
    return (high - low) / (2.0 * BESIDE * float(field.mesh.points[:, 0].max()))


def deformation_factor(field: CriticalField, elements: Integers, pitch: float) -> float:
    """Return by how much displacements are enlarged in the picture: 1, 2 or 5 times a power of ten [-]."""
    seen = field.displacement[:, np.unique(field.mesh.triangles[elements])]
    largest = float(np.hypot(seen[:, :, 0], seen[:, :, 2]).max())
    if largest == 0.0:
        return 1.0
    return round_factor(DISPLACED * pitch / largest)


def clipping_stress(field: CriticalField) -> float:
    """Return the 99th percentile by volume of the von Mises stress, over both half planes of the cell [MPa]."""
    return percentile_by_volume(field.von_mises.mean(axis=2).ravel(), np.tile(field.volume, 2))


def _window(result: Result, field: CriticalField) -> tuple[float, float]:
    """Lowest and highest point shown [mm]: the joint with a part of chip and board."""
    pitch, z = result.package.array.pitch, field.mesh.points[:, 1]
    low, high = -SHOWN * pitch, result.joint.height + SHOWN * pitch
    return max(low, float(z.min()) - 0.08 * pitch), min(high, float(z.max()) + 0.08 * pitch)


def _elements_within(mesh: SectionMesh, window: tuple[float, float]) -> Integers:
    """Return the elements that can be seen, with a margin for their displacement."""
    z = mesh.points[mesh.triangles[:, :3], 1]
    margin = 0.2 * (window[1] - window[0])
    return np.flatnonzero((z.max(axis=1) > window[0] - margin) & (z.min(axis=1) < window[1] + margin))


def _half(field: CriticalField, plane: int, factor: float) -> _Half:
    sign = 1.0 if plane == 0 else -1.0
    at_rest = field.mesh.points * [sign, 1.0]
    in_plane = field.displacement[plane][:, (0, 2)] * [sign, 1.0]
    return _Half(at_rest, at_rest + factor * in_plane)


def _edges(mesh: SectionMesh) -> tuple[Integers, Integers]:
    """Return free edges off the axis, and edges between regions, as node numbers end, middle, end."""
    triangles = mesh.triangles
    every = np.concatenate([triangles[:, [0, 3, 1]], triangles[:, [1, 4, 2]], triangles[:, [2, 5, 0]]])
    region = np.tile(mesh.region, 3)
    order = np.argsort(every[:, 1], kind="stable")  # a middle node belongs to one edge
    every, region = every[order], region[order]
    same = every[1:, 1] == every[:-1, 1]
    shared = np.append(same, False) | np.insert(same, 0, False)
    between = np.append(same & (region[1:] != region[:-1]), False)
    on_axis = np.all(mesh.points[every, 0] < 1e-9 * mesh.extent, axis=1)
    return every[~shared & ~on_axis], every[between]


def _chains(edges: Integers) -> list[Integers]:
    """Join edges (end, middle, end) to lines as long as possible, as node numbers."""
    at_node: dict[int, list[int]] = {}
    for number, (start, _, end) in enumerate(edges.tolist()):
        at_node.setdefault(start, []).append(number)
        at_node.setdefault(end, []).append(number)
    unused = dict.fromkeys(range(len(edges)))
    # open lines begin at their ends and at forks; what is left over is closed
    begins = [node for node, numbers in at_node.items() if len(numbers) != 2] + list(at_node)
    chains = []
    for begin in begins:
        for first in at_node[begin]:
            node, number, chain = begin, first, [begin]
            while number in unused:
                del unused[number]
                start, middle, end = edges[number].tolist()
                node = end if node == start else start
                chain += [middle, node]
                number = next((n for n in at_node[node] if n in unused), -1) if len(at_node[node]) == 2 else -1
            if len(chain) > 1:
                chains.append(np.array(chain))
    return chains


def _draw_lines(ax: Axes, lines: list[Floats], colour: str, width: float, style: Any = "solid") -> None:
    ax.add_collection(LineCollection(lines, colors=colour, linewidths=width, linestyles=style), autolim=False)
