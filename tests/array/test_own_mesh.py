"""A user's own mesh of a part of an array: it stands for what its outlines say, or is refused with what differs."""

from __future__ import annotations

import runpy
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fem_wlp.analysis import solve
from fem_wlp.analysis.making_resolved import processed_array
from fem_wlp.analysis.resolved import prepared
from fem_wlp.array.blocks import Fineness
from fem_wlp.array.layout import ArrayLayout, Extent, array_mesh
from fem_wlp.array.model import How, service_states, solve_severed, solve_states
from fem_wlp.array.own_mesh import own_layout, read_own_mesh
from fem_wlp.array.readings import read_joints, read_severed
from fem_wlp.decoupling import decoupling_figures
from fem_wlp.errors import ConfigError, MeshError
from fem_wlp.joint.section import joint_section
from fem_wlp.mesh.copies import translated_copies
from fem_wlp.mesh.files import write_solid
from fem_wlp.mesh.kinds import EDGES, TETRAHEDRON
from fem_wlp.mesh.solid import SolidMesh
from fem_wlp.package import Package, loads, template, template_names
from fem_wlp.verification.packages import COMMON

from .bricks import SMALL, brick_sector, small_package

MESHES = Path(__file__).parents[2] / "meshes"

COARSE = Fineness().refined(0.5)

SIZES = {
    "array.map": "OOO\nO.O\nOOO",
    "array.rows": None,
    "array.columns": None,
    "chip.width": "1.7 mm",
    "chip.length": "1.8 mm",
    "board.width": "2 mm",
    "board.length": "2.2 mm",
}
"""3 x 3 joints with a hole; on a chip that is not square, on a board that is larger."""


NEEDED: Mapping[str, Mapping[str, object]] = {
    "strip": {"array.map": "OOO\nOOO\nOOO"},  # it follows the middle row
    "eighth": {"chip.length": "1.7 mm", "board.length": "2 mm"},
}
"""What a part needs that the package doesn't have."""


def package_of(changes: Mapping[str, object] | None = None) -> Package:
    return loads(COMMON % "solder", {**SIZES, **(changes or {})})


def part_of(package: Package, extent: Extent) -> ArrayLayout:
    return array_mesh(package, joint_section(package), extent, COARSE)


def placeless(mesh: SolidMesh) -> SolidMesh:
    """The mesh as a file leaves it."""
    count = len(mesh.cells)
    return replace(mesh, places=np.full(count, -1), twins=np.arange(count), shares=np.ones(count), ties=None)


@pytest.mark.parametrize("extent", ["cell", "strip", "eighth", "quarter", "full"])
def test_the_outlines_of_a_mesh_tell_what_it_stands_for(extent: Extent) -> None:
    """Our own meshes, without what a file doesn't say: places, joints, shares, planes and ties are found again."""
    asked = extent if extent in ("cell", "strip") else "auto"
    package = package_of({"model.kind": "3d", "model.extent": asked, **NEEDED.get(extent, {})})
    made = part_of(package, extent)
    found = own_layout(package, made.section, placeless(made.mesh))
    for name in ("extent", "joints", "fractions", "images", "planes"):
        assert getattr(found, name) == getattr(made, name), name
    assert found.chip == pytest.approx(made.chip)
    assert found.board == pytest.approx(made.board)
    for name in ("places", "shares"):
        np.testing.assert_array_equal(getattr(found.mesh, name), getattr(made.mesh, name))
    assert (found.mesh.ties is None) == (made.mesh.ties is None) == (extent != "eighth")
    if found.mesh.ties is not None and made.mesh.ties is not None:
        np.testing.assert_array_equal(found.mesh.ties.master, made.mesh.ties.master)
        np.testing.assert_array_equal(found.mesh.ties.frame, made.mesh.ties.frame)


@pytest.mark.parametrize("name", template_names())
def test_thin_faces_round_a_circle_are_no_part_of_the_footprint(name: str) -> None:
    """Joints of the templates as finely as they are solved: nothing is refused."""
    package = loads(template(name), {"model.kind": "3d", "model.extent": "cell"})
    made = array_mesh(package, joint_section(package), "cell", Fineness.of(1.0))
    assert own_layout(package, made.section, placeless(made.mesh)).extent == "cell"


def test_copies_in_a_users_mesh_are_found(tmp_path: Path) -> None:
    """Written and read, a full array of eight joints has no more shapes than the program's own copies say."""
    package = package_of({"model.kind": "3d"})
    made = part_of(package, "full").mesh
    write_solid(tmp_path / "array.msh", made)
    found = read_own_mesh(package, tmp_path / "array.msh").mesh
    assert len(np.unique(found.twins)) <= len(np.unique(made.twins)) < len(made.cells) / 5


# An eighth


FACES = [[corner for corner in range(8) if (corner >> axis & 1) == side] for axis in range(3) for side in (0, 1)]
"""Corners of a hexahedron's faces, those of a corner being the bits of its number."""


def in_tetrahedra(mesh: SolidMesh) -> SolidMesh:
    """Cut every hexahedron into six tetrahedra between the same nodes, on both sides of x = y alike.

    All of them meet in the corner that comes first, and so do the two halves of a face: whatever the order, neighbours
    then agree. Nearness to the plane x = y orders before all else, so that no tetrahedron crosses it.
    """
    corners = np.array([2 * (n & 1) + 6 * (n >> 1 & 1) + 18 * (n >> 2) for n in range(8)])
    x, y, z = mesh.points.T
    rank = np.empty(len(x), dtype=np.int64)
    rank[np.lexsort(np.round([z, x + y, np.abs(x - y)], 9))] = np.arange(len(x))
    cells = []
    for cell in mesh.cells:
        order = rank[cell[corners]]
        top = int(order.argmin())
        for face in (face for face in FACES if top not in face):
            first = min(face, key=order.__getitem__)
            opposite = face[3 - face.index(first)]
            cells += [cell[six([top, first, other, opposite], corners)] for other in set(face) - {first, opposite}]
    every = np.array(cells)
    inverted = TETRAHEDRON.jacobians(mesh.points, every).max(axis=1) < 0.0
    every[inverted] = every[inverted][:, list(TETRAHEDRON.mirrored)]
    assert TETRAHEDRON.jacobians(mesh.points, every).min() > 0.0
    regions = np.repeat(mesh.regions, 6)
    return part(replace(mesh, cells=every, regions=regions), np.ones(len(every), dtype=bool))


def six(tetrahedron: list[int], corners: np.ndarray) -> np.ndarray:
    """A hexahedron's nodes of a tetrahedron between four of its corners."""
    local = corners[tetrahedron]
    return np.array([*local, *((local[a] + local[b]) // 2 for a, b in EDGES)])


def part(mesh: SolidMesh, kept: np.ndarray) -> SolidMesh:
    """The mesh of some of the elements, as a file leaves it."""
    nodes, cells = np.unique(mesh.cells[kept], return_inverse=True)
    cells, points, count = cells.reshape(-1, mesh.cells.shape[1]), mesh.points[nodes], int(kept.sum())
    regions = mesh.regions[kept]
    twins = translated_copies(points, cells, regions)
    return SolidMesh(points, cells, regions, mesh.names, np.full(count, -1), twins, np.ones(count))


def shear_of(package: Package, layout: ArrayLayout) -> tuple[np.ndarray, np.ndarray]:
    """Shear forces and figures of all joints of a package at its first temperature, with its process if it has one."""
    array = prepared(package, layout)
    states = service_states(package, array.gauges.sector)[:1]
    if package.process:
        base = processed_array(package, array.gauges.sector, None, How("direct")).base
        states = (base.materials(package.temperatures.points[0]),)
    (field,) = solve_states(array.gauges.sector, states, How("direct")).fields
    ((chip, board),) = solve_severed(array.gauges.sector, states, How("direct")).sides
    read = read_joints(array.gauges, field)
    return read.shear_force, decoupling_figures(read.shift, read_severed(array.gauges, chip, board).shift)


def test_an_eighth_that_ends_at_the_diagonal_is_the_quarter() -> None:
    """Tetrahedra that are their own mirror images in x = y: forces of all joints to 1e-9, figures to 1e-9."""
    package = small_package({"model.kind": "3d"})
    mesh = in_tetrahedra(array_mesh(package, joint_section(package), "quarter", Fineness().refined(0.25)).mesh)
    centre = mesh.points[mesh.cells[:, :4]].mean(axis=1)
    quarter = own_layout(package, joint_section(package), mesh)
    eighth = own_layout(package, joint_section(package), part(mesh, centre[:, 1] < centre[:, 0]))
    assert (quarter.extent, eighth.extent) == ("quarter", "eighth")
    assert eighth.fractions == (0.5,)
    (force, figure), (other, another) = shear_of(package, quarter), shear_of(package, eighth)
    assert np.abs(force).max() > 0.01
    np.testing.assert_allclose(other, force, rtol=0, atol=1e-9 * np.abs(force).max())
    np.testing.assert_allclose(another, figure, rtol=0, atol=1e-9)


@pytest.mark.parametrize("name", ["paste", pytest.param("paste-process", marks=pytest.mark.long)])
def test_an_eighth_that_the_program_wrote_is_solved_as_it_would_solve_it(name: str, tmp_path: Path) -> None:
    """Its elements on the diagonal, a joint's among them, are whole in the file: forces and figures to 1e-9."""
    package = loads(template(name), {**SMALL, "model.kind": "3d"})
    made = array_mesh(package, joint_section(package), "eighth", Fineness().refined(0.25))
    write_solid(tmp_path / "eighth.msh", made.mesh)
    read = read_own_mesh(package, tmp_path / "eighth.msh")
    assert (read.extent, read.fractions) == ("eighth", (0.5,))
    (force, figure), (other, another) = shear_of(package, made), shear_of(package, read)
    assert np.abs(force).max() > 0.01
    np.testing.assert_allclose(other, force, rtol=0, atol=1e-9 * np.abs(force).max())
    np.testing.assert_allclose(another, figure, rtol=0, atol=1e-9)


@pytest.mark.long
def test_a_whole_solve_on_an_own_mesh_is_that_on_the_programs(tmp_path: Path) -> None:
    """An eighth for a package that says quarter: the mesh decides. D and forces to 1e-7."""
    package = loads(template("paste"), {**SMALL, "model.kind": "3d", "model.extent": "quarter", "model.fineness": 0.25})
    made = array_mesh(package, joint_section(package), "eighth", Fineness.of(package.model.fineness))
    write_solid(tmp_path / "eighth.msh", made.mesh)
    ours, own = solve(package.replace("model.extent", "eighth")), solve(package, mesh=tmp_path / "eighth.msh")
    assert own.decoupling.figure == pytest.approx(ours.decoupling.figure, abs=1e-7)
    forces = [np.array([joint.shear_force for joint in one.joints]) for one in (own, ours)]
    np.testing.assert_allclose(*forces, rtol=0, atol=1e-7 * np.abs(forces[0]).max())
    assert any("eighth.msh" in note for note in own.notes)


# By gmsh alone

THICK = {"chip.width": "1.1 mm", "board.width": "1.6 mm", "array.rows": 2, "array.columns": 2}
THICK |= {"first_layer.thickness": "30 um", "interconnect.thickness": "30 um", "model.kind": "3d"}
"""Layers of which a few thousand tetrahedra are enough."""


def test_a_quarter_meshed_by_gmsh_has_the_packages_volumes(tmp_path: Path) -> None:
    """Cylinders and balls of tetrahedra with curved edges: 2 % of the closed forms; boxes to 1e-9 together."""
    package = loads(COMMON % "solder", THICK)
    mesh_quarter = runpy.run_path(str(MESHES / "own_quarter.py"))["mesh_quarter"]
    mesh_quarter(package, tmp_path / "own.msh", 0.25)
    layout = read_own_mesh(package, tmp_path / "own.msh")
    assert (layout.extent, layout.fractions, layout.images) == ("quarter", (1.0,), (4,))
    mesh, levels = layout.mesh, layout.section.levels
    volumes = np.bincount(mesh.regions, TETRAHEDRON.jacobians(mesh.points, mesh.cells).mean(axis=1) / 6)
    found = dict(zip(mesh.names, volumes, strict=True))
    assert found["chip"] == pytest.approx(0.55**2 * 0.3, rel=1e-9)
    assert found["board"] == pytest.approx(0.8**2 * 0.8, rel=1e-9)
    assert found["first_layer"] == pytest.approx(0.55**2 * 0.03, rel=1e-3)
    assert found["base_region"] == pytest.approx(np.pi * 0.125**2 * 0.03, rel=0.02)
    half = levels.ball_centre - levels.land
    assert found["ball"] == pytest.approx(2 * np.pi * (0.15**2 * half - half**3 / 3), rel=0.02)


@pytest.mark.long
def test_a_quarter_meshed_by_gmsh_has_the_figure_of_the_programs_mesh(tmp_path: Path) -> None:
    """Other elements, other mesher, nothing in common but the package: D within 0.01, forces within 2 %.

    Both are coarse; 0.01 is what the program foretells for such a mesh.
    """
    package = loads(COMMON % "solder", THICK)
    mesh_quarter = runpy.run_path(str(MESHES / "own_quarter.py"))["mesh_quarter"]
    mesh_quarter(package, tmp_path / "own.msh", 0.15)
    own, ours = read_own_mesh(package, tmp_path / "own.msh"), part_of(package, "quarter")
    (force, figure), (other, another) = shear_of(package, ours), shear_of(package, own)
    np.testing.assert_allclose(other, force, rtol=0, atol=0.02 * np.abs(force).max())
    np.testing.assert_allclose(another, figure, rtol=0, atol=0.01)


# Refusals


def moved(factor: float | tuple[float, float, float], by: tuple[float, float, float] = (0, 0, 0)) -> Callable:
    return lambda mesh: replace(mesh, points=mesh.points * factor + by)


REFUSALS: dict[str, tuple[Callable[[SolidMesh], SolidMesh], Mapping[str, object], str, str]] = {
    "in metres": (moved(1e-3), {}, "the chip of the mesh lies at z", "the mesh is in metres"),
    "in micrometres": (moved(1e3), {}, "the chip of the mesh lies at z", "the mesh is in micrometres"),
    "raised": (moved(1.0, (0, 0, 0.1)), {}, "the chip of the mesh lies at z", "z = 0 is the board's upper face"),
    "thinner board": (moved(1.0), {"board.thickness": "0.7 mm"}, "the board of the mesh lies at z", "z = 0"),
    "stretched": (moved((1.01, 1, 1)), {}, "a quarter, x = 0 … 0.85, y = 0 … 0.9 mm", "x = y = 0"),
    "off the centre": (moved(1.0, (0.1, 0, 0)), {}, "the chip of the mesh covers x = 0.1 … 0.95", "x = y = 0"),
    "another board": (moved(1.0), {"board.width": "2.1 mm"}, "the board of the mesh covers", "x = y = 0"),
    "a strip asked": (
        moved(1.0),
        {"model.extent": "strip", "array.map": "OOO\nOOO\nOOO"},
        "the mesh is a quarter",
        'model.extent = "quarter"',
    ),
    "a joint missing": (moved(1.0), {"array.map": "OOO\nOOO\nOOO"}, "the joint at x = 0, y = 0 mm has no", "ball map"),
    "a joint too many": (moved(1.0), {"array.map": "O.O\n...\nO.O"}, "where the package has no joint", "ball map"),
    "a wider base region": (
        moved(1.0),
        {"interconnect.base_region.diameter": "280 um"},
        "the faces of the chip over the base region at x = ",
        "draw that circle on the chip",
    ),
    "a wider land": (moved(1.0), {"land.diameter": "280 um"}, "the faces of the board over the land", "draw that"),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_what_does_not_fit_the_package_is_refused_with_both(case: str) -> None:
    """A quarter of a package, moved or beside another package."""
    move, changes, message, hint = REFUSALS[case]
    mesh = move(placeless(part_of(package_of(), "quarter").mesh))
    package = package_of({"model.kind": "3d", **changes})
    with pytest.raises(MeshError) as fault:
        own_layout(package, joint_section(package), mesh)
    assert fault.value.code == "E414"
    assert message in fault.value.message
    assert hint in fault.value.hint


def of_squares(package: Package) -> SolidMesh:
    """Its joints are square columns of the same area as the circles of 282.1 um."""
    return placeless(brick_sector(package).mesh)


def off_the_axes(package: Package) -> SolidMesh:
    """Its joints stand 20 um farther out than on a pitch of 460 um."""
    wider = {"array.pitch": "0.5 mm", "model.kind": "3d"}
    return placeless(part_of(small_package(wider), "quarter").mesh)


ALIKE = {"interconnect.base_region.diameter": "282.1 um", "land.diameter": "282.1 um", "opening.diameter": "282.1 um"}


@pytest.mark.parametrize(
    ("made", "changes", "message"),
    [
        (of_squares, ALIKE, r"of the chip over the base region .* reach .* % beyond the circle"),
        (off_the_axes, {"array.pitch": "0.46 mm"}, "of the chip over the base region .* off the circle"),
    ],
    ids=["squares of the same area", "circles beside the axes"],
)
def test_a_footprint_of_the_right_size_that_is_not_the_circle_is_refused(
    made: Callable[[Package], SolidMesh], changes: Mapping[str, object], message: str
) -> None:
    """Either by its area or by how far it reaches; the squares' area alone, the circles' to 1e-4, would pass."""
    package = small_package({"model.kind": "3d", **changes})
    with pytest.raises(MeshError, match=message) as fault:
        own_layout(package, joint_section(package), made(package))
    assert fault.value.code == "E414"


def test_an_element_astride_the_diagonal_that_is_not_its_own_mirror_image_is_refused() -> None:
    """A node and its image are moved, so that the means of their elements stay on the plane."""
    package = package_of({"model.kind": "3d", **NEEDED["eighth"]})
    mesh = part_of(package, "eighth").mesh
    assert mesh.ties is not None
    points = mesh.points.copy()
    node = int((points[:, 1] - points[:, 0]).argmax())
    points[[node, mesh.ties.master[node]]] += [[0.001, 0.0, 0.0], [-0.001, 0.0, 0.0]]
    with pytest.raises(MeshError, match="astride the plane x = y is not its own mirror image") as fault:
        own_layout(package, joint_section(package), placeless(replace(mesh, points=points)))
    assert fault.value.code == "E414"


def test_a_quarter_of_a_package_without_symmetry_is_refused() -> None:
    package = package_of({"model.kind": "3d", "array.map": "OOO\nO.O\nOO."})
    mesh = placeless(part_of(package_of(), "quarter").mesh)
    with pytest.raises(ConfigError) as fault:
        own_layout(package, joint_section(package), mesh)
    assert fault.value.code == "G138"


def test_a_fault_names_the_file(tmp_path: Path) -> None:
    mesh = part_of(package_of(), "quarter").mesh
    path = tmp_path / "own.msh"
    write_solid(path, replace(mesh, points=1e-3 * mesh.points))
    with pytest.raises(MeshError) as fault:
        read_own_mesh(package_of({"model.kind": "3d"}), path)
    assert fault.value.where == str(path)
