"""The file for ParaView holds the cut through the critical joint, by region."""

from pathlib import Path

import meshio
import numpy as np
import pytest

from fem_wlp.mesh.files import write_cut
from fem_wlp.results import CriticalField, Result


@pytest.fixture(scope="module")
def field(compliant_result: Result) -> CriticalField:
    return compliant_result.field


@pytest.fixture(scope="module")
def file(field: CriticalField, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("fields") / "fields.vtu"
    write_cut(path, field.mesh, field.displacement, field.von_mises)
    return path


def corner_areas(grid: meshio.Mesh) -> np.ndarray:
    a, b, c = (grid.points[grid.cells[0].data[:, k]] for k in range(3))
    return 0.5 * np.cross(b - a, c - a)[:, 1]


def test_regions_are_called_by_name(file: Path, field: CriticalField) -> None:
    """The field data give each region's number, and each number has elements."""
    grid = meshio.read(file)
    assert {name: int(value[0]) for name, value in grid.field_data.items()} == {
        name: number for number, name in enumerate(field.mesh.names)
    }
    assert set(grid.cell_data["region"][0].tolist()) == set(range(len(field.mesh.names)))


def test_both_halves_of_the_cut_are_there_and_no_element_is_turned_over(file: Path, field: CriticalField) -> None:
    """Every region has twice the area of its half section, half of it at either side of the axis."""
    grid = meshio.read(file)
    assert [cells.type for cells in grid.cells] == ["triangle6"]
    areas = corner_areas(grid)
    assert (areas < 0).all()  # one sense: x to z is clockwise about y
    at_right = grid.points[grid.cells[0].data[:, :3], 0].mean(axis=1) > 0
    assert np.abs(areas[at_right]).sum() == pytest.approx(np.abs(areas[~at_right]).sum(), rel=1e-12)
    assert len(areas) == 2 * len(field.mesh.triangles)
    assert np.ptp(grid.points[:, 1]) == 0.0


def test_a_shift_across_the_axis_is_the_same_vector_in_both_halves(tmp_path: Path, field: CriticalField) -> None:
    """u_r = 1 at theta = 0 and -1 at theta = pi is u_x = 1; u_theta = -sin, u_z = 0."""
    mesh = field.mesh
    shift = np.zeros((2, len(mesh.points), 3))
    shift[0, :, 0], shift[1, :, 0] = 1.0, -1.0
    path = tmp_path / "shift.vtu"
    write_cut(path, mesh, shift, field.von_mises)
    moved = meshio.read(path).point_data["displacement_mm"]
    assert np.array_equal(moved, np.tile([1.0, 0.0, 0.0], (len(moved), 1)))


def test_stress_jumps_at_interfaces(tmp_path: Path, field: CriticalField) -> None:
    """A stress that is constant in each region stays so: nothing is averaged across an interface."""
    mesh = field.mesh
    stress = np.broadcast_to(10.0 * mesh.region[None, :, None], field.von_mises.shape).astype(float)
    path = tmp_path / "stress.vtu"
    write_cut(path, mesh, field.displacement, stress)
    grid = meshio.read(path)
    nodal = grid.point_data["von_mises_MPa"][grid.cells[0].data]
    assert np.array_equal(nodal, np.repeat(10.0 * grid.cell_data["region"][0][:, None], 6, axis=1))
    assert np.allclose(grid.cell_data["von_mises_mean_MPa"][0], 10.0 * grid.cell_data["region"][0], rtol=1e-12)
