"""Sections as files: fields for ParaView and other readers of VTK's XML format, meshes for gmsh, too."""

from __future__ import annotations

from pathlib import Path

import meshio
import numpy as np
from numpy.typing import NDArray

from .section import SectionMesh

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

MIRRORED = (0, 2, 1, 5, 4, 3)
"""Nodes of a six-node triangle in the order that keeps its sense when it is mirrored."""

GRID = "<UnstructuredGrid>"


def write_cut(path: Path, mesh: SectionMesh, displacement: Floats, von_mises: Floats) -> None:
    """Write a cut through the axis, both half planes, as a VTU file.

    Points lie at y = 0, theta = 0 on the side of positive x. Nodes on interfaces stand once for each region, so that
    stress is averaged within a region but never across an interface. Arrays: ``displacement_mm`` and ``von_mises_MPa``
    at points, ``von_mises_mean_MPa`` and ``region`` in cells; the field data hold the number of each region under its
    name.

    Parameters
    ----------
    path
        File to write, with the ending ``.vtu``.
    mesh
        Section mesh.
    displacement
        (u_r, u_theta, u_z) at the nodes for theta = 0 and pi, shape (2, n, 3) [mm].
    von_mises
        At the six nodes of each element, shape (2, ne, 6) [MPa].
    """
    nodes, corners = _split_by_region(mesh)
    points, triangles, moved, stress = [], [], [], []
    for half, sign in enumerate((1.0, -1.0)):
        r, z = mesh.points[nodes].T
        u_r, u_theta, u_z = displacement[half, nodes].T
        points.append(np.column_stack([sign * r, np.zeros_like(r), z]))
        moved.append(np.column_stack([sign * u_r, sign * u_theta, u_z]))
        ordered = corners if half == 0 else corners[:, MIRRORED]
        triangles.append(ordered + half * len(nodes))
        stress.append(_averaged(corners, von_mises[half], len(nodes)))
    grid = meshio.Mesh(
        np.concatenate(points),
        [("triangle6", np.concatenate(triangles))],
        point_data={"displacement_mm": np.concatenate(moved), "von_mises_MPa": np.concatenate(stress)},
        cell_data={
            "region": [np.tile(mesh.region, 2).astype(np.int32)],
            "von_mises_mean_MPa": [von_mises.mean(axis=2).ravel()],
        },
    )
    grid.write(path, file_format="vtu")
    content = path.read_text("utf-8")
    path.write_text(content.replace(GRID, GRID + _numbers(mesh.names), 1), "utf-8")


def write_section(path: Path, mesh: SectionMesh) -> None:
    """Write a section mesh, (r, z) as x and y, as gmsh's or VTK's file.

    Gmsh's file has one physical group for each region, under its name. VTK's has the array ``region`` in its cells and
    the number of each region under its name in the field data.

    Parameters
    ----------
    path
        File to write, with the ending ``.msh`` or ``.vtu``.
    mesh
        Section mesh.
    """
    points = np.column_stack([mesh.points, np.zeros(len(mesh.points))])
    if path.suffix == ".vtu":
        region = mesh.region.astype(np.int32)
        grid = meshio.Mesh(points, [("triangle6", mesh.triangles)], cell_data={"region": [region]})
        grid.write(path, file_format="vtu")
        content = path.read_text("utf-8")
        path.write_text(content.replace(GRID, GRID + _numbers(mesh.names), 1), "utf-8")
        return
    region = mesh.region.astype(np.int32) + 1
    meshio.Mesh(
        points,
        [("triangle6", mesh.triangles)],
        cell_data={"gmsh:physical": [region], "gmsh:geometrical": [region]},
        field_data={name: np.array([number, 2]) for number, name in enumerate(mesh.names, 1)},
    ).write(path, file_format="gmsh22", binary=False, float_fmt=".9g")


def _split_by_region(mesh: SectionMesh) -> tuple[Integers, Integers]:
    """Return the node behind each point, and the triangles in points: one point for a node and a region."""
    pairs = mesh.triangles * len(mesh.names) + mesh.region[:, None]
    unique, numbers = np.unique(pairs, return_inverse=True)
    return unique // len(mesh.names), numbers.reshape(-1, 6)


def _averaged(triangles: Integers, values: Floats, size: int) -> Floats:
    total = np.bincount(triangles.ravel(), weights=values.ravel(), minlength=size)
    return np.asarray(total / np.bincount(triangles.ravel(), minlength=size))


def _numbers(names: tuple[str, ...]) -> str:
    """Return field data with each region's number under its name: the only kind of names that all readers know."""
    arrays = "".join(
        f'<DataArray type="Int32" Name="{name}" NumberOfTuples="1" format="ascii">{number}</DataArray>'
        for number, name in enumerate(names)
    )
    return f"<FieldData>{arrays}</FieldData>"
