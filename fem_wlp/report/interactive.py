"""A resolved array in a window, to be turned and cut by hand. It needs the extra ``interactive``."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np

from ..errors import ResourceError
from ..mesh.kinds import kind_of
from ..mesh.solid import SolidMesh
from ..results import Result
from .outer_faces import Body, images
from .raster import Floats, Ints
from .solid_stage import (
    CAMERA,
    Colours,
    Stage,
    colour_map,
    coloured_values,
    deformation_factor,
    drawn_displacement,
    part_colours,
    reach_of,
    stage_of,
)
from .style import celsius

MOST_CELLS = 2_000_000
"""Where the whole array has more small cells than this, only the part that is meshed is shown [-]."""

BAR_LABELS = {"von_mises": "von Mises stress [MPa]", "displacement": "displacement [µm]"}
BAR: dict[str, Any] = {"vertical": True, "position_x": 0.88, "position_y": 0.2, "height": 0.6, "title_font_size": 14}
"""Of the colours: its names, and where it stands."""

MESH_DEPENDENT = "colours end at the 99th percentile by volume of the critical joint's cell"

_STEP = ((0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 1, 0), (0, 0, 1), (1, 0, 1), (1, 1, 1), (0, 1, 1))
_HEXAHEDRA = np.array(
    [[i + a + 3 * (j + b) + 9 * (k + c) for a, b, c in _STEP] for k, j, i in product((0, 1), repeat=3)]
)
# A hexahedron of 27 nodes as eight of 8 nodes.

_TETRAHEDRA = np.array(
    [[0, 4, 6, 7], [4, 1, 5, 8], [6, 5, 2, 9], [7, 8, 9, 3], [4, 9, 5, 6], [4, 9, 6, 7], [4, 9, 7, 8], [4, 9, 8, 5]]
)
# A tetrahedron of 10 nodes as eight of 4 nodes, four of them around the line from node 4 to node 9.


def view(result: Result, colours: Colours = "von_mises") -> None:
    """Show a resolved array deformed in a window; a plane that can be moved cuts it. Returns when it is closed.

    Parameters
    ----------
    result
        What was solved, with all joints resolved.
    colours
        "part", "displacement" or "von_mises", as for `plot_deformed`.

    Raises
    ------
    ConfigError
        C206: the array was not resolved.
    ResourceError
        R306: pyvista is not there or cannot be loaded.
    """
    plotter_of(result, colours).show()


def plotter_of(result: Result, colours: Colours) -> Any:
    """Return the window as a pyvista plotter that is not shown yet."""
    stage = stage_of(result)
    field, pyvista = stage.field, _pyvista()
    moved = drawn_displacement(field)
    factor = deformation_factor(field.mesh, moved, stage.elements, reach_of(result))
    values, top = coloured_values(field, moved, colours)
    bodies = images(field.mesh, factor * moved, values, _turns(stage), stage.unbroken)
    grid = pyvista.UnstructuredGrid(*_cells(bodies))
    if colours == "part":
        parts = np.concatenate([np.repeat(body.mesh.regions[body.shown], len(_pieces(field.mesh))) for body in bodies])
        grid.cell_data["part"] = (255 * part_colours(result)[parts]).astype(np.uint8)
        look: dict[str, Any] = {"scalars": "part", "rgb": True}
    else:
        label = BAR_LABELS[colours]
        grid.point_data[label] = np.concatenate([body.values[body.shown].ravel() for body in bodies])
        look = {"scalars": label, "cmap": colour_map(colours), "clim": (0.0, top), "scalar_bar_args": BAR}
    about = f"at {celsius(field.temperature)}, deformation × {factor:g}, board broken off"
    plotter = pyvista.Plotter(title=f"{result.package.name} {about}")
    plotter.add_text(f"{about}\n{MESH_DEPENDENT if colours == 'von_mises' else ''}".rstrip(), font_size=9)
    x, y = stage.critical
    plotter.add_mesh_clip_plane(grid, normal="y", origin=(x, y, 0.0), **look)
    eye = CAMERA.axes[2]
    plotter.camera_position = [tuple(10.0 * stage.half.max() * eye), (0.0, 0.0, 0.0), (0.0, 0.0, 1.0)]
    plotter.reset_camera()
    plotter.camera.zoom(1.4)
    plotter.show_axes()
    return plotter


def _pyvista() -> Any:
    try:
        import pyvista
    except ImportError as fault:
        raise ResourceError(
            "R306",
            f"the interactive view needs pyvista, which cannot be loaded: {fault}",
            hint='python -m pip install ".[interactive]"; plot_deformed draws a picture without it',
        ) from fault
    return pyvista


def _turns(stage: Stage) -> Floats:
    """Images that are shown: all, or the meshed part where these would be too many."""
    cells = len(stage.field.mesh.cells) * len(_pieces(stage.field.mesh))
    return np.asarray(stage.turns if cells * len(stage.turns) <= MOST_CELLS else stage.turns[:1])


def _pieces(mesh: SolidMesh) -> Ints:
    return _HEXAHEDRA if mesh.cells.shape[1] == 27 else _TETRAHEDRA


def _cells(bodies: list[Body]) -> tuple[Ints, Ints, Floats]:
    """Return small linear cells in VTK's way, their kinds, and points: each element has its own."""
    size, pieces = bodies[0].mesh.cells.shape[1], _pieces(bodies[0].mesh)
    kind = np.uint8(12 if pieces.shape[1] == 8 else 10)  # VTK_HEXAHEDRON, VTK_TETRA
    points, cells = [], []
    start = 0
    for body in bodies:
        nodes = body.mesh.cells[body.shown]
        order = np.array(kind_of(nodes).mirrored)[pieces] if body.reflected else pieces
        points.append(body.moved[nodes].reshape(-1, 3))
        cells.append((start + size * np.arange(len(nodes))[:, None, None] + order).reshape(-1, pieces.shape[1]))
        start += nodes.size
    every = np.concatenate(cells)
    counted = np.column_stack([np.full(len(every), pieces.shape[1]), every])
    return counted.ravel(), np.full(len(every), kind), np.concatenate(points)
