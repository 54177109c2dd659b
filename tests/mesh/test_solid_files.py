"""Three-dimensional fields as VTK's files, and files that are written whole or not at all."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import meshio
import numpy as np
import pytest

from fem_wlp.errors import ResourceError
from fem_wlp.mesh.files import write_solid
from fem_wlp.mesh.gmsh_files import read_solid
from fem_wlp.mesh.solid import SolidMesh

from .gmsh_boxes import NAMES, bent, bricks, meshed

VTK_EDGES = ((0, 1), (1, 2), (2, 3), (3, 0), (4, 5), (5, 6), (6, 7), (7, 4), (0, 4), (1, 5), (2, 6), (3, 7))
VTK_FACES = ((0, -1), (0, 1), (1, -1), (1, 1), (2, -1), (2, 1))
# Of VTK_TRIQUADRATIC_HEXAHEDRON: the corners at the ends of its middle nodes 8 to 19, and axis and side of its face
# nodes 20 to 25, as in the pictures of VTK's class reference.


@pytest.fixture(scope="module", params=["hexahedron27", "tetra10"])
def mesh(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> SolidMesh:
    if request.param == "hexahedron27":
        return bricks()
    return read_solid(meshed(tmp_path_factory.mktemp("boxes") / "boxes.msh"), NAMES)


def read(path: Path, capsys: pytest.CaptureFixture[str]) -> meshio.Mesh:
    found = meshio.read(path)
    capsys.readouterr()  # the reader prints an empty line
    return found


def test_nodes_stand_where_vtk_has_them(mesh: SolidMesh, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Corners one way round, below then above; middles of edges and faces between theirs: 1e-12 on straight sides."""
    write_solid(tmp_path / "boxes.vtu", mesh)
    found = read(tmp_path / "boxes.vtu", capsys)
    (block,) = found.cells
    nodes = found.points[block.data]
    if block.type == "tetra10":
        edges, corners = ((0, 1), (1, 2), (2, 0), (0, 3), (1, 3), (2, 3)), nodes[:, :4]
        assert (np.linalg.det(corners[:, 1:] - corners[:, :1]) > 0.0).all()
    else:
        edges, corners = VTK_EDGES, nodes[:, :8]
        signs = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)])
        sense = np.vstack([np.column_stack([signs, np.full(4, side)]) for side in (-1, 1)])
        low, high = corners.min(axis=1)[:, None], corners.max(axis=1)[:, None]
        np.testing.assert_allclose(corners, (low + high) / 2 + sense * (high - low) / 2, atol=1e-12)
        for number, (axis, side) in enumerate(VTK_FACES, 20):
            np.testing.assert_allclose(
                nodes[:, number], corners[:, sense[:, axis] == side].mean(axis=1), atol=1e-12, err_msg=str(number)
            )
        np.testing.assert_allclose(nodes[:, 26], corners.mean(axis=1), atol=1e-12)
    for number, ends in enumerate(edges, corners.shape[1]):
        np.testing.assert_allclose(nodes[:, number], corners[:, list(ends)].mean(axis=1), atol=1e-12)


def test_regions_and_joints_are_told_by_number_and_name(
    mesh: SolidMesh, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    places = np.arange(len(mesh.cells)) % 3 - 1
    write_solid(tmp_path / "boxes.vtu", replace(mesh, places=places))
    found = read(tmp_path / "boxes.vtu", capsys)
    np.testing.assert_array_equal(found.cell_data["region"][0], mesh.regions)
    np.testing.assert_array_equal(found.cell_data["joint"][0], places)
    assert {name: int(value[0]) for name, value in found.field_data.items()} == {"lower": 0, "upper": 1}
    assert len(found.points) == len(mesh.points)


def test_stress_is_averaged_within_a_region_but_never_across_an_interface(
    mesh: SolidMesh, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """1 below and 5 above stays so at the interface; nodes there stand twice with one displacement."""
    stress = np.repeat(np.where(mesh.regions == 0, 1.0, 5.0)[:, None], mesh.cells.shape[1], axis=1)
    write_solid(tmp_path / "boxes.vtu", mesh, bent(mesh.points), stress)
    found = read(tmp_path / "boxes.vtu", capsys)
    interface = np.abs(mesh.points[:, 2] - 0.5) < 1e-9
    assert len(found.points) == len(mesh.points) + interface.sum()
    values = found.point_data["von_mises_MPa"][found.cells[0].data]
    np.testing.assert_allclose(values, stress, rtol=1e-15)
    np.testing.assert_allclose(found.cell_data["von_mises_mean_MPa"][0], stress[:, 0])
    np.testing.assert_allclose(found.point_data["displacement_mm"], bent(found.points), atol=1e-15)


def test_stress_that_differs_from_element_to_element_is_averaged_at_their_nodes(
    mesh: SolidMesh, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The mean of the elements at a node, by a plain loop."""
    stress = np.random.default_rng(1).uniform(0, 9, mesh.cells.shape)
    write_solid(tmp_path / "boxes.vtu", replace(mesh, regions=np.zeros_like(mesh.regions)), None, stress)
    found = read(tmp_path / "boxes.vtu", capsys)
    for node in (0, len(mesh.points) // 2, len(mesh.points) - 1):
        mean = stress[mesh.cells == node].mean()
        here = np.abs(found.points - mesh.points[node]).max(axis=1).argmin()
        assert found.point_data["von_mises_MPa"][here] == pytest.approx(mean)


@contextmanager
def room_for(size: int) -> Iterator[None]:
    """Let no file grow beyond a size."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("name", ["boxes.msh", "boxes.vtu"])
def test_a_file_is_written_whole_or_the_old_one_stays(name: str, tmp_path: Path) -> None:
    """Where the disk is full, gmsh says nothing and VTK's writer raises; both leave what was there, and no draft."""
    path = tmp_path / name
    path.write_text("old")
    with room_for(1024), pytest.raises((ResourceError, OSError)):
        write_solid(path, bricks((8, 4)))
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
    write_solid(path, bricks())
    assert path.stat().st_size > 3 * 1024
    assert list(tmp_path.iterdir()) == [path]
