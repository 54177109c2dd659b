"""Gmsh's files: gmsh sees our meshes as they are, we see a user's as it is, and refuse what cannot be solved."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import product
from pathlib import Path
from types import SimpleNamespace

import gmsh
import numpy as np
import pytest

from fem_wlp.errors import MeshError
from fem_wlp.mesh import gmsh_reader
from fem_wlp.mesh.copies import translated_copies
from fem_wlp.mesh.files import write_section, write_solid
from fem_wlp.mesh.gmsh_files import read_section, read_solid
from fem_wlp.mesh.kinds import HEXAHEDRON, TETRAHEDRON, TRIANGLE, Kind, kind_of
from fem_wlp.mesh.outline import Painted, rectangle
from fem_wlp.mesh.section import Grading, mesh_section
from fem_wlp.mesh.session import gmsh_session
from fem_wlp.mesh.skin import named_faces
from fem_wlp.mesh.solid import SolidMesh

from .gmsh_boxes import AREAS, NAMES, VOLUMES, bent, bricks, measures, meshed, named, session

KINDS = {"hexahedra": HEXAHEDRON, "tetrahedra": TETRAHEDRON}


@pytest.fixture(scope="module", params=list(KINDS))
def boxes(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> SolidMesh:
    """The bent boxes: our hexahedra, or gmsh's tetrahedra."""
    if request.param == "hexahedra":
        mesh = bricks()
    else:
        mesh = read_solid(meshed(tmp_path_factory.mktemp("boxes") / "boxes.msh"), NAMES)
    assert kind_of(mesh.cells) is KINDS[request.param]
    return replace(mesh, points=bent(mesh.points))


def refused(path: Path, names: tuple[str, ...] = NAMES) -> MeshError:
    with pytest.raises(MeshError) as fault:
        read_solid(path, names)
    assert fault.value.where == str(path)
    assert fault.value.hint
    return fault.value


def test_gmsh_finds_the_volume_of_every_region_and_the_area_of_every_face(boxes: SolidMesh, tmp_path: Path) -> None:
    """The bending keeps volumes, and areas across y; quadratic elements follow it exactly: 1e-9.

    A node at another one's place in gmsh's order would fold an element.
    """
    path = tmp_path / "boxes.msh"
    write_solid(path, boxes)
    assert measures(path, 3) == pytest.approx(VOLUMES, rel=1e-9)
    areas = measures(path, 2)
    assert set(areas) == {"lower|upper", "y_min", "y_max", "free"}  # the bent ends are no planes
    assert areas["y_max"] == pytest.approx(AREAS["y_max"], rel=1e-9)


def test_faces_have_the_areas_of_the_boxes_and_look_outside(tmp_path: Path) -> None:
    """Nine-node and six-node faces alike: area to 1e-12, and normals away from the middle of the box."""
    for mesh in (bricks(), read_solid(meshed(tmp_path / "boxes.msh"), NAMES)):
        path = tmp_path / "again.msh"
        write_solid(path, mesh)
        areas = measures(path, 2)
        assert {name: areas[name] for name in AREAS} == pytest.approx(AREAS, rel=1e-9)
        assert set(areas) == {*AREAS, "x_max", "y_min"}
        for name, faces in named_faces(mesh).items():
            a, b, c = (mesh.points[faces[:, corner]] for corner in range(3))
            normal = np.cross(b - a, c - a)
            outwards = (a + b + c) / 3 - (1.0, 0.5, 0.25 if name == "lower|upper" else 0.375)
            assert (np.einsum("fc,fc->f", normal, outwards) > 0.0).all(), name


def test_a_mesh_comes_back_as_it_was_written(boxes: SolidMesh, tmp_path: Path) -> None:
    """Elements, regions and their order exactly; places to the sixteenth digit."""
    path = tmp_path / "boxes.msh"
    write_solid(path, boxes)
    back = read_solid(path, NAMES)
    np.testing.assert_allclose(back.points, boxes.points, rtol=1e-15, atol=1e-15)
    np.testing.assert_array_equal(back.cells, boxes.cells)
    np.testing.assert_array_equal(back.regions, boxes.regions)
    assert back.names == boxes.names
    assert (back.places == -1).all()
    assert (back.shares == 1.0).all()
    assert back.ties is None


@pytest.mark.parametrize("hexahedra", [True, False])
@pytest.mark.parametrize(("version", "binary"), [(4.1, 0), (4.1, 1), (2.2, 0), (2.2, 1), (4.0, 0)])
def test_every_version_of_the_format_is_read(version: float, binary: int, hexahedra: bool, tmp_path: Path) -> None:
    """The same volumes, by our own Jacobians: four or 27 Gauss points are exact for straight sides."""
    options = {"Mesh.MshFileVersion": version, "Mesh.Binary": binary}
    mesh = read_solid(meshed(tmp_path / "boxes.msh", hexahedra=hexahedra, options=options), NAMES)
    kind = kind_of(mesh.cells)
    assert kind is (HEXAHEDRON if hexahedra else TETRAHEDRON)
    assert volumes(mesh) == pytest.approx(VOLUMES, rel=1e-9)


def volumes(mesh: SolidMesh) -> dict[str, float]:
    """Volume of every region of straight-sided boxes and tetrahedra: Jacobians are alike at all points."""
    kind = kind_of(mesh.cells)
    each = kind.jacobians(mesh.points, mesh.cells).mean(axis=1) * (8.0 if kind is HEXAHEDRON else 1.0 / 6.0)
    return dict(zip(mesh.names, np.bincount(mesh.regions, each).tolist(), strict=True))


def test_regions_are_in_the_order_of_the_package_not_of_the_file(tmp_path: Path) -> None:
    path = meshed(tmp_path / "boxes.msh", named({"upper": [2], "lower": [1]}))
    assert volumes(read_solid(path, ("upper", "lower"))) == pytest.approx(VOLUMES)
    assert read_solid(path, ("upper",), ("pad", "lower")).names == ("upper", "lower")


def test_mirrored_elements_are_turned(boxes: SolidMesh, tmp_path: Path) -> None:
    """A copy mirrored in gmsh has its elements inside out: turned, they have their volume, and all nodes as before."""
    path = tmp_path / "boxes.msh"
    kind = kind_of(boxes.cells)
    some = np.arange(len(boxes.cells)) % 3 == 0
    inside_out = np.where(some[:, None], boxes.cells[:, kind.mirrored], boxes.cells)
    assert (kind.jacobians(boxes.points, inside_out)[some] < 0.0).all()
    write_solid(path, replace(boxes, cells=inside_out))
    np.testing.assert_array_equal(read_solid(path, NAMES).cells, boxes.cells)


def test_an_element_inverted_in_a_part_is_refused_with_its_place(boxes: SolidMesh, tmp_path: Path) -> None:
    """A corner pushed through the opposite face."""
    path = tmp_path / "boxes.msh"
    points = boxes.points.copy()
    corner = boxes.cells[0, 0]
    far = boxes.cells[0, 26] if boxes.cells.shape[1] == 27 else boxes.cells[0, 3]
    points[corner] += 1.3 * (points[far] - points[corner])
    write_solid(path, replace(boxes, points=points))
    fault = refused(path)
    assert fault.code == "E401"
    assert "'lower'" in fault.message


def geometry(path: Path) -> Path:
    path.write_text(f'SystemCall "touch {path.parent / "ran"}";')
    return path


def truncated(path: Path) -> Path:
    content = meshed(path).read_bytes()
    path.write_bytes(content[: len(content) // 2])
    return path


def without_lines(path: Path) -> Path:
    lines = meshed(path).read_text().splitlines(keepends=True)
    begin = next(number for number, line in enumerate(lines) if line.startswith("$Nodes"))
    path.write_text("".join(lines[: begin + 20] + lines[begin + 22 :]))
    return path


def infinite(path: Path) -> Path:
    lines = meshed(path, options={"Mesh.MshFileVersion": 2.2}).read_text().splitlines(keepends=True)
    begin = next(number for number, line in enumerate(lines) if line.startswith("$Nodes"))
    lines[begin + 2] = "1 inf 0 0\n"
    path.write_text("".join(lines))
    return path


def mixed(path: Path) -> Path:
    def one_of_each() -> None:
        for surface in (1, 2, 3, 4, 5, 6):
            gmsh.model.mesh.setTransfiniteSurface(surface)
            gmsh.model.mesh.setRecombine(2, surface)
        gmsh.model.mesh.setTransfiniteVolume(1)

    return meshed(path, joined=False, before=one_of_each)


def unmeshed(path: Path) -> Path:
    """The upper box has a name, but no elements."""
    with session():
        gmsh.model.addDiscreteEntity(3, 1)
        gmsh.model.addDiscreteEntity(3, 2)
        named({"lower": [1], "upper": [2]})()
        mesh = bricks((1, 1))
        own = np.flatnonzero(mesh.regions == 0)
        gmsh.model.mesh.addNodes(3, 1, np.arange(1, len(mesh.points) + 1), mesh.points.ravel())
        gmsh.model.mesh.addElementsByType(1, 12, own + 1, mesh.cells[own][:, HEXAHEDRON.gmsh_order].ravel() + 1)
        gmsh.write(str(path))
    return path


def flat(path: Path) -> Path:
    with session():
        surface = gmsh.model.occ.addRectangle(0, 0, 0, 1, 1)
        gmsh.model.occ.synchronize()
        gmsh.model.addPhysicalGroup(2, [surface], name="lower")
        gmsh.model.mesh.generate(2)
        gmsh.model.mesh.setOrder(2)
        gmsh.write(str(path))
    return path


def nameless() -> None:
    gmsh.model.addPhysicalGroup(3, [1], name="lower")
    gmsh.model.addPhysicalGroup(3, [2], 7)


REFUSALS: dict[str, tuple[Callable[[Path], Path], str, str, str]] = {
    "gmsh's commands": (geometry, "E411", "$MeshFormat", "gmsh FILE -3 -order 2"),
    "half a file": (truncated, "E411", "gmsh", "save it again"),
    "lines lost": (without_lines, "E411", "gmsh", "save it again"),
    "infinite": (infinite, "E411", "", "save it again"),
    "linear": (lambda path: meshed(path, order=1), "E408", "order 1: Tetrahedron 4", "-order 2"),
    "linear hexahedra": (lambda path: meshed(path, order=1, hexahedra=True), "E408", "Hexahedron 8", "-order 2"),
    "cubic": (lambda path: meshed(path, order=3), "E408", "order 3", "-order 2"),
    "20-node bricks": (
        lambda path: meshed(path, hexahedra=True, options={"Mesh.SecondOrderIncomplete": 1}),
        "E408",
        "Hexahedron 20",
        "Mesh.SecondOrderIncomplete = 0",
    ),
    "two kinds": (mixed, "E408", "'lower' of hexahedra of 27 nodes and 'upper' of tetrahedra of 10 nodes", "all hex"),
    "misspelt": (
        lambda path: meshed(path, named({"lower": [1], "uper": [2]})),
        "E412",
        "'uper'",
        'did you mean "upper"? regions: lower, upper',
    ),
    "without a name": (lambda path: meshed(path, nameless), "E412", "physical volume 7 has no name", "lower, upper"),
    "missing": (
        lambda path: meshed(path, named({"lower": [1, 2]})),
        "E412",
        "no region 'upper'",
        'Physical Volume("upper")',
    ),
    "no group": (lambda path: meshed(path, lambda: None), "E412", "volume 1 are of no physical", 'Volume("lower")'),
    "in two groups": (
        lambda path: meshed(path, named({"lower": [1], "upper": [1, 2]})),
        "E412",
        "volume 1 is of two regions: lower and upper",
        "one of them",
    ),
    "empty": (unmeshed, "E402", "'upper' has no elements", "gmsh FILE -3"),
    "a section": (flat, "E412", "no elements of a physical volume", "three-dimensional mesh"),
    "bodies apart": (lambda path: meshed(path, joined=False), "E413", "(lower, upper)", "BooleanFragments"),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_what_is_no_mesh_of_a_package_is_refused_with_the_cure(case: str, tmp_path: Path) -> None:
    make, code, message, hint = REFUSALS[case]
    fault = refused(make(tmp_path / "user.msh"))
    assert fault.code == code
    assert message in fault.message
    assert hint in fault.hint
    assert not (tmp_path / "ran").exists()


def test_a_missing_file_is_refused_with_the_nearest_name(tmp_path: Path) -> None:
    meshed(tmp_path / "joint.msh")
    fault = refused(tmp_path / "jiont.msh")
    assert (fault.code, fault.hint) == ("E411", 'did you mean "joint.msh"?')
    assert refused(tmp_path / "nowhere" / "joint.msh").code == "E411"
    assert refused(tmp_path).code == "E411"


def test_a_file_at_which_gmsh_breaks_off_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It reads in a process of its own, so that its end is not ours."""
    path = meshed(tmp_path / "boxes.msh")
    monkeypatch.setattr(gmsh_reader, "CHILD", "import os; os.abort()")
    fault = refused(path)
    assert fault.code == "E411"
    assert "breaks off" in fault.message


def test_a_caller_that_uses_gmsh_itself_finds_its_model_as_it_left_it(boxes: SolidMesh, tmp_path: Path) -> None:
    with session():
        gmsh.model.add("own")
        gmsh.model.occ.addBox(0, 0, 0, 1, 1, 1)
        gmsh.model.occ.synchronize()
        gmsh.option.setNumber("Mesh.MshFileVersion", 2.2)
        write_solid(tmp_path / "boxes.msh", boxes)
        assert len(read_solid(tmp_path / "boxes.msh", NAMES).cells) == len(boxes.cells)
        assert gmsh.model.getCurrent() == "own"
        assert gmsh.model.getEntities(3) == [(3, 1)]
        assert gmsh.option.getNumber("Mesh.MshFileVersion") == 2.2
    assert (tmp_path / "boxes.msh").read_text().startswith("$MeshFormat\n4.1 0 8\n")


@pytest.mark.parametrize("kind", [HEXAHEDRON, TETRAHEDRON, TRIANGLE], ids=lambda kind: kind.name)
def test_node_orders_are_those_that_gmsh_documents(kind: Kind) -> None:
    """Reference coordinates of our nodes, in gmsh's order, against gmsh's own."""
    with gmsh_session("reference") as opened:
        _, dimension, _, count, places, _ = opened.model.mesh.getElementProperties(kind.gmsh)
    theirs = np.array(places).reshape(count, dimension)
    if kind is HEXAHEDRON:
        ours = np.array([(x, y, z) for z, y, x in product((-1.0, 0.0, 1.0), repeat=3)])
    else:
        corners = np.vstack([np.zeros(dimension), np.eye(dimension)])
        ends = ((0, 1), (1, 2), (0, 2), (0, 3), (1, 3), (2, 3)) if kind is TETRAHEDRON else ((0, 1), (1, 2), (2, 0))
        ours = np.vstack([corners, [(corners[a] + corners[b]) / 2 for a, b in ends]])
    np.testing.assert_allclose(ours[list(kind.gmsh_order)], theirs, atol=1e-12)


def test_copies_are_found_and_nothing_else_is_one(tmp_path: Path) -> None:
    """Three arrays of the same boxes: as many shapes as one has; not where region, shape or order of nodes differ."""
    one = bricks((1, 1))
    shifts = np.array([(0.0, 0.0, 0.0), (2.0, 0.0, 0.0), (1 / 3, 7.1, 0.0)])
    points = np.concatenate([one.points + shift for shift in shifts])
    cells = np.concatenate([one.cells + number * len(one.points) for number in range(3)])
    regions = np.tile(one.regions, 3)
    twins = translated_copies(points, cells, regions)
    np.testing.assert_array_equal(twins, np.tile([0, 1, 2], 3))
    regions[5] = 0
    cells[4] = cells[4, HEXAHEDRON.mirrored]
    points[cells[3, 13]] += 1e-6
    np.testing.assert_array_equal(translated_copies(points, cells, regions), [0, 1, 2, 3, 4, 5, 0, 1, 2])


# Sections


def section_file(path: Path, move: Callable[[], None] = lambda: None, order: int = 2) -> Path:
    with session():
        lower, upper = (gmsh.model.occ.addRectangle(0, y, 0, 1, 1) for y in (0, 1))
        gmsh.model.occ.fragment([(2, lower)], [(2, upper)])
        move()
        gmsh.model.occ.synchronize()
        for name, (_, tag) in zip(NAMES, gmsh.model.getEntities(2), strict=True):
            gmsh.model.addPhysicalGroup(2, [tag], name=name)
        gmsh.model.mesh.generate(2)
        gmsh.model.mesh.setOrder(order)
        gmsh.write(str(path))
    return path


def test_a_section_comes_back_as_it_was_written(tmp_path: Path) -> None:
    """Format 2.2 with nine digits: places to 1e-9, and exactly 0 on the axis."""
    painting = [Painted("plate", rectangle((0, 1), (-1, 0))), Painted("layer", rectangle((0, 0.5), (0, 0.3)))]
    mesh = mesh_section(painting, Grading(0.05, 0.7, 0.2))
    write_section(tmp_path / "section.msh", mesh)
    back = read_section(tmp_path / "section.msh", mesh.names)
    np.testing.assert_allclose(back.points, mesh.points, atol=1e-8)
    np.testing.assert_array_equal(back.triangles, mesh.triangles)
    np.testing.assert_array_equal(back.region, mesh.region)
    assert back.names == mesh.names
    assert (back.points[np.abs(mesh.points[:, 0]) < 1e-9, 0] == 0.0).all()


@pytest.mark.parametrize(
    ("make", "code", "text"),
    [
        pytest.param(lambda path: section_file(path, order=1), "E408", "Triangle 3", id="linear"),
        pytest.param(
            lambda path: section_file(path, lambda: gmsh.model.occ.translate(gmsh.model.occ.getEntities(2), -1, 0, 0)),
            "E414",
            "x = -1",
            id="the other half",
        ),
        pytest.param(
            lambda path: section_file(
                path, lambda: gmsh.model.occ.rotate(gmsh.model.occ.getEntities(2), 0, 0, 0, 1, 0, 0, np.pi / 2)
            ),
            "E414",
            "z = 2",
            id="upright",
        ),
        pytest.param(meshed, "E412", "no elements of a physical surface", id="three-dimensional"),
    ],
)
def test_what_is_no_half_section_is_refused(make: Callable[[Path], Path], code: str, text: str, tmp_path: Path) -> None:
    with pytest.raises(MeshError) as fault:
        read_section(make(tmp_path / "section.msh"), NAMES)
    assert fault.value.code == code
    assert text in fault.value.message
    assert fault.value.hint


def test_a_fault_of_the_reader_is_no_fault_of_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told as what it is, with what the reader's process said of it."""
    path = meshed(tmp_path / "boxes.msh")
    monkeypatch.setattr(gmsh_reader, "CHILD", "raise ValueError('a fault of ours')")
    with pytest.raises(RuntimeError, match="a fault of ours"):
        read_solid(path, NAMES)


def test_only_what_gmsh_itself_raises_is_laid_to_the_file() -> None:
    broken = SimpleNamespace(merge={}.__getitem__)
    with pytest.raises(KeyError, match="boxes"):
        gmsh_reader._content(broken, "boxes.msh", 3)  # type: ignore[arg-type]


def test_a_mesh_knows_its_kind_and_its_regions(boxes: SolidMesh) -> None:
    """Eight nodes are too few; a region that is not there is named with those that are."""
    with pytest.raises(MeshError, match="of 8 nodes") as refusal:
        kind_of(np.zeros((1, 8), dtype=np.int64))
    assert refusal.value.code == "E408"
    with pytest.raises(MeshError, match="no region 'nowhere'") as refusal:
        boxes.within("nowhere")
    assert refusal.value.code == "E403"
    assert boxes.names[0] in refusal.value.hint
