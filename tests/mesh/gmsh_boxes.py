"""Two boxes on each other, meshed with gmsh as a user would: well, or with one fault."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import gmsh
import numpy as np

from fem_wlp.mesh.revolve import swept, welded_mesh
from fem_wlp.mesh.solid import Floats, SolidMesh

NAMES = ("lower", "upper")

VOLUMES = {"lower": 2.0 * 1.0 * 0.5, "upper": 2.0 * 1.0 * 0.25}
"""Boxes of 2 x 1 on z = 0, the lower one up to 0.5, the upper one up to 0.75 [mm3]."""

AREAS = {"lower|upper": 2.0, "chip_top": 2.0, "board_bottom": 2.0, "x_min": 0.75, "y_max": 1.5}
"""Some of their faces [mm2]."""


def bent(points: Floats) -> Floats:
    """Bend straight elements into curved ones; the Jacobian is 1 everywhere, and the map quadratic."""
    x, y, z = points.T
    return np.stack([x + 0.1 * y**2, y, z + 0.05 * x * y], axis=1)


def bricks(divisions: tuple[int, int] = (3, 2)) -> SolidMesh:
    """Return the boxes as hexahedra, two of them above each other in the lower one."""
    nx, ny = divisions
    x, y = np.linspace(0, 2, 2 * nx + 1), np.linspace(0, 1, 2 * ny + 1)
    grid = np.stack(np.meshgrid(x, y, indexing="ij"), axis=-1)
    quads = np.array(
        [grid[2 * i : 2 * i + 3, 2 * j : 2 * j + 3].transpose(1, 0, 2) for j in range(ny) for i in range(nx)]
    )
    heights = np.array([0.0, 0.1, 0.2, 0.35, 0.5, 0.625, 0.75])
    return welded_mesh(swept(quads.reshape(-1, 9, 2), heights, np.array([0, 0, 1])), NAMES, -1)


@contextmanager
def session() -> Iterator[ModuleType]:
    """Open gmsh quietly."""
    gmsh.initialize(readConfigFiles=False)
    try:
        gmsh.option.setNumber("General.Verbosity", 0)
        yield gmsh
    finally:
        gmsh.finalize()


def named(groups: dict[str, list[int]]) -> Callable[[], None]:
    """Return what puts volumes into physical groups."""

    def name() -> None:
        for group, volumes in groups.items():
            gmsh.model.addPhysicalGroup(3, volumes, name=group)

    return name


def meshed(
    path: Path,
    name: Callable[[], None] | None = None,
    hexahedra: bool = False,
    order: int = 2,
    joined: bool = True,
    options: dict[str, float] | None = None,
    before: Callable[[], None] | None = None,
) -> Path:
    """Mesh the boxes with gmsh.

    Parameters
    ----------
    path
        File to write.
    name
        Puts volumes 1 (lower) and 2 (upper) into physical groups; None: under their names.
    hexahedra
        Instead of tetrahedra.
    order
        Of the elements.
    joined
        Whether the boxes are cut against each other.
    options
        Of gmsh.
    before
        Called before meshing.
    """
    with session():
        gmsh.model.occ.addBox(0, 0, 0, 2, 1, 0.5, 1)
        gmsh.model.occ.addBox(0, 0, 0.5, 2, 1, 0.25, 2)
        if joined:
            gmsh.model.occ.fragment([(3, 1)], [(3, 2)])
        gmsh.model.occ.synchronize()
        for option, value in {"Mesh.MeshSizeMax": 0.6, **(options or {})}.items():
            gmsh.option.setNumber(option, value)
        if hexahedra:
            gmsh.model.mesh.setTransfiniteAutomatic()
        (name or named({"lower": [1], "upper": [2]}))()
        if before is not None:
            before()
        gmsh.model.mesh.generate(3)
        gmsh.model.mesh.setOrder(order)
        gmsh.write(str(path))
    return path


def measures(path: Path, dimension: int) -> dict[str, float]:
    """Return volume or area of every physical group, integrated by gmsh over its curved elements."""
    found = {}
    with session():
        gmsh.open(str(path))
        for _, group in gmsh.model.getPhysicalGroups(dimension):
            total = 0.0
            for entity in gmsh.model.getEntitiesForPhysicalGroup(dimension, group):
                (kind,) = gmsh.model.mesh.getElementTypes(dimension, entity)
                places, weights = gmsh.model.mesh.getIntegrationPoints(kind, "Gauss6")
                _, determinants, _ = gmsh.model.mesh.getJacobians(kind, places, entity)
                total += float((determinants.reshape(-1, len(weights)) * weights).sum())
            found[gmsh.model.getPhysicalName(dimension, group)] = total
    return found
