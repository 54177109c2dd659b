"""A user's own section mesh: the same joint on other triangles, and what does not fit the package is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fem_wlp.errors import MeshError, SolveError
from fem_wlp.joint.condense import cell_model, cell_state, condense
from fem_wlp.joint.own_section import own_cell_model, read_own_section
from fem_wlp.joint.section import CHIP_DEPTH, RING_WIDTH, JointSection, joint_section
from fem_wlp.mesh.files import write_section
from fem_wlp.mesh.section import Grading, SectionMesh, mesh_section
from fem_wlp.package import loads, template

COARSE = Grading(tip=0.01, growth=0.7, largest=0.2)


@pytest.fixture(scope="module")
def section() -> JointSection:
    return joint_section(loads(template("paste")))


@pytest.fixture(scope="module")
def mesh(section: JointSection) -> SectionMesh:
    return mesh_section(section.painting, COARSE, wall=section.radius)


def test_a_mesh_that_was_written_condenses_to_the_same_joint(
    section: JointSection, mesh: SectionMesh, tmp_path: Path
) -> None:
    """The file has nine digits: stiffness to 1e-7."""
    write_section(tmp_path / "joint.msh", mesh)
    models = cell_model(section, COARSE), read_own_section(section, tmp_path / "joint.msh")
    one, other = (condense(model, cell_state(model, 300.0, 400.0))[0] for model in models)
    assert other.lateral == pytest.approx(one.lateral, rel=1e-7, abs=1e-7 * float(np.abs(one.lateral).max()))
    assert other.axial == pytest.approx(one.axial, rel=1e-7, abs=1e-7 * float(np.abs(one.axial).max()))
    assert other.axial_load == pytest.approx(one.axial_load, rel=1e-7, abs=1e-7 * float(np.abs(one.axial_load).max()))


def stretched(part: Callable[[np.ndarray], np.ndarray], by: float, column: int) -> Callable[[SectionMesh], SectionMesh]:
    def change(mesh: SectionMesh) -> SectionMesh:
        points = mesh.points.copy()
        points[part(points), column] *= by
        return mesh.moved(points)

    return change


CHANGES: dict[str, tuple[Callable[[SectionMesh], SectionMesh], str]] = {
    "in metres": (lambda mesh: mesh.moved(1e-3 * mesh.points), "the chip of the mesh begins at z"),
    "wider": (stretched(lambda points: points[:, 0] > -1.0, 1.001, 0), "ends at r"),
    "thicker board": (stretched(lambda points: points[:, 1] < 0.0, 1.001, 1), "the board of the mesh begins at z"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_other_lengths_than_the_packages_are_refused(change: str, section: JointSection, mesh: SectionMesh) -> None:
    """A thousandth is far more than what nine digits leave."""
    move, message = CHANGES[change]
    with pytest.raises(MeshError, match=message) as fault:
        own_cell_model(section, move(mesh))
    assert fault.value.code == "E414"


@pytest.mark.parametrize("what", ["footprint on the chip", "footprint on the board", "disc in the chip", "ring of the"])
def test_a_line_that_bounds_a_mean_must_be_in_the_mesh(what: str, section: JointSection, mesh: SectionMesh) -> None:
    """The mesh without that line stands for a package whose circle is elsewhere."""
    levels = section.levels
    moved = {
        "footprint on the chip": replace(section, base_radius=1.05 * section.base_radius),
        "footprint on the board": replace(section, land_radius=0.9 * section.land_radius),
        "disc in the chip": section,
        "ring of the": section,
    }[what]
    points = mesh.points.copy()
    if what == "disc in the chip":
        line = np.abs(points[:, 1] - levels.chip - CHIP_DEPTH) < 1e-9
        points[line, 1] += 0.2 * CHIP_DEPTH
        points = middles_of(mesh, points)
    if what == "ring of the":
        inside = section.base_radius - RING_WIDTH
        line = (np.abs(points[:, 0] - inside) < 1e-9) & (points[:, 1] > levels.free_end)
        points[line, 0] -= 0.2 * RING_WIDTH
        points = middles_of(mesh, points)
    with pytest.raises(MeshError, match=what) as fault:
        own_cell_model(moved, mesh.moved(points))
    assert fault.value.code == "E414"
    assert "draw a line" in fault.value.hint


@pytest.mark.parametrize("upper", [("chip", "first_layer"), ("ball",)])
def test_a_part_that_floats_is_named_before_anything_is_solved(
    upper: tuple[str, ...], section: JointSection, mesh: SectionMesh, tmp_path: Path
) -> None:
    """S507: lines that are there twice, once for each side, let chip or ball move without what they stand on."""
    inside = mesh.elements(*upper)
    outside = np.setdiff1d(np.arange(len(mesh.triangles)), inside)
    twice = np.intersect1d(mesh.triangles[inside], mesh.triangles[outside])
    number = np.arange(len(mesh.points))
    number[twice] = len(mesh.points) + np.arange(len(twice))
    triangles = mesh.triangles.copy()
    triangles[inside] = number[triangles[inside]]
    torn = replace(mesh, points=np.concatenate([mesh.points, mesh.points[twice]]), triangles=triangles)
    with pytest.raises(SolveError, match="attached to nothing") as fault:
        own_cell_model(section, torn)
    assert fault.value.code == "S507"
    assert repr(upper[0]) in str(fault.value) or len(inside) > len(outside)
    own_cell_model(section, mesh)


def middles_of(mesh: SectionMesh, points: np.ndarray) -> np.ndarray:
    """Put the middles of edges back between their ends."""
    again = points.copy()
    for middle, (a, b) in zip((3, 4, 5), ((0, 1), (1, 2), (2, 0)), strict=True):
        again[mesh.triangles[:, middle]] = (points[mesh.triangles[:, a]] + points[mesh.triangles[:, b]]) / 2
    return again


def test_a_fault_names_the_file(section: JointSection, mesh: SectionMesh, tmp_path: Path) -> None:
    path = tmp_path / "joint.msh"
    write_section(path, mesh.moved(mesh.points * (1.0, 1.01)))
    with pytest.raises(MeshError) as fault:
        read_own_section(section, path)
    assert fault.value.where == str(path)
