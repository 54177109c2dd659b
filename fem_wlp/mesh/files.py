"""Meshes as files: with fields for ParaView and other readers of VTK's XML format, without for gmsh, too."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .gmsh_files import write_msh
from .kinds import TRIANGLE, kind_of
from .section import SectionMesh
from .solid import SolidMesh

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

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
    import meshio  # 0.1 s to load with its own command line, which only the writing of files needs

    nodes, corners = _split_by_region(mesh.triangles, mesh.region)
    points, triangles, moved, stress = [], [], [], []
    for half, sign in enumerate((1.0, -1.0)):
        r, z = mesh.points[nodes].T
        u_r, u_theta, u_z = displacement[half, nodes].T
        points.append(np.column_stack([sign * r, np.zeros_like(r), z]))
        moved.append(np.column_stack([sign * u_r, sign * u_theta, u_z]))
        ordered = corners if half == 0 else corners[:, TRIANGLE.mirrored]
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


def write_mesh(path: Path, mesh: SectionMesh | SolidMesh) -> None:
    """Write a mesh of either kind by itself: see `write_section` and `write_solid`."""
    if isinstance(mesh, SolidMesh):
        write_solid(path, mesh)
        return
    with _whole(path) as draft:
        write_section(draft, mesh)


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
    import meshio  # 0.1 s to load with its own command line, which only the writing of files needs

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


def write_solid(
    path: Path, mesh: SolidMesh, displacement: Floats | None = None, von_mises: Floats | None = None
) -> None:
    """Write a three-dimensional mesh, as gmsh's file, or as VTK's with fields; whole, or not at all.

    Gmsh's file is that of `fem_wlp.mesh.gmsh_files.write_msh`, without fields. VTK's has quadratic cells of all nodes,
    in its cells ``region`` and ``joint`` (the place number; -1 beyond the joints' cells), and the number of each region
    under its name in the field data. With a displacement it has ``displacement_mm``; with a stress
    ``von_mises_mean_MPa`` in its cells and ``von_mises_MPa`` at points, where nodes on interfaces stand once for each
    region: stress is averaged within a region but never across an interface.

    Parameters
    ----------
    path
        File to write, with the ending ``.msh`` or ``.vtu``; what stands there is replaced.
    mesh
        Hexahedra or tetrahedra.
    displacement
        Of the nodes, shape (n, 3) [mm].
    von_mises
        At the nodes of each element, shape (m, k) [MPa].

    Raises
    ------
    ResourceError
        R305: the disk is full.
    """
    with _whole(path) as draft:
        if path.suffix == ".vtu":
            _write_solid_vtu(draft, mesh, displacement, von_mises)
        else:
            write_msh(draft, mesh)


def _write_solid_vtu(path: Path, mesh: SolidMesh, displacement: Floats | None, von_mises: Floats | None) -> None:
    import meshio  # 0.1 s to load with its own command line, which only the writing of files needs

    kind = kind_of(mesh.cells)
    nodes, cells = np.arange(len(mesh.points)), mesh.cells
    in_cells = {"region": [mesh.regions.astype(np.int32)], "joint": [mesh.places.astype(np.int32)]}
    at_points = {}
    if von_mises is not None:
        nodes, cells = _split_by_region(mesh.cells, mesh.regions)
        at_points["von_mises_MPa"] = _averaged(cells, von_mises, len(nodes))
        in_cells["von_mises_mean_MPa"] = [von_mises.mean(axis=1)]
    if displacement is not None:
        at_points["displacement_mm"] = displacement[nodes]
    blocks = [(kind.vtk, cells[:, kind.vtk_order])]
    meshio.Mesh(mesh.points[nodes], blocks, point_data=at_points, cell_data=in_cells).write(path, file_format="vtu")
    content = path.read_text("utf-8")
    path.write_text(content.replace(GRID, GRID + _numbers(mesh.names), 1), "utf-8")


@contextmanager
def _whole(path: Path) -> Iterator[Path]:
    """Give a file to write beside ``path`` that takes its place when it is complete, and is gone otherwise."""
    with tempfile.TemporaryDirectory(prefix=".meshing-", dir=path.parent) as folder:
        draft = Path(folder) / path.name
        yield draft
        draft.replace(path)


def _split_by_region(cells: Integers, regions: Integers) -> tuple[Integers, Integers]:
    """Return the node behind each point, and the elements in points: one point for a node and a region."""
    count = int(regions.max()) + 1
    unique, numbers = np.unique(cells * count + regions[:, None], return_inverse=True)
    return unique // count, numbers.reshape(cells.shape)


def _averaged(cells: Integers, values: Floats, size: int) -> Floats:
    total = np.bincount(cells.ravel(), weights=values.ravel(), minlength=size)
    return np.asarray(total / np.bincount(cells.ravel(), minlength=size))


def _numbers(names: tuple[str, ...]) -> str:
    """Return field data with each region's number under its name: the only kind of names that all readers know."""
    arrays = "".join(
        f'<DataArray type="Int32" Name="{name}" NumberOfTuples="1" format="ascii">{number}</DataArray>'
        for number, name in enumerate(names)
    )
    return f"<FieldData>{arrays}</FieldData>"
