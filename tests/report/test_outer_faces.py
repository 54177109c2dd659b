"""The skin of a mesh is closed and encloses what the mesh fills, whole, completed by its images, and cut."""

from collections.abc import Callable

import numpy as np
import pytest

from fem_wlp.mesh.kinds import kind_of
from fem_wlp.mesh.solid import SolidMesh
from fem_wlp.package import Package, loads, replace_all, template
from fem_wlp.report.cutting import Plane, clipped, lattice, sections
from fem_wlp.report.outer_faces import images, skin_of
from fem_wlp.report.raster import Bools, Floats, Ints, Skin
from fem_wlp.results import ArrayField, Result

MakeResolved = Callable[..., Result]

SMALL = {"array.rows": 3, "array.columns": 3, "chip.width": "1.7 mm", "board.width": "2.4 mm"}
"""An odd number of joints a side: planes of symmetry go through joints."""


def everything(centres: Floats, regions: Ints, places: Ints) -> Bools:
    return np.ones(len(centres), dtype=bool)


def enclosed(skin: Skin) -> float:
    """Volume inside a closed surface of triangles, by the divergence theorem: a third of the flux of x."""
    a, b, c = (skin.points[skin.triangles[:, k]] for k in range(3))
    return float(np.einsum("tx,tx->t", a, np.cross(b, c)).sum() / 6.0)


def area(skin: Skin) -> float:
    a, b, c = (skin.points[skin.triangles[:, k]] for k in range(3))
    return float(np.linalg.norm(np.cross(b - a, c - a), axis=1).sum() / 2.0)


def package(name: str = "compliant") -> Package:
    return loads(template(name))


def skin_at_rest(field: ArrayField, turns: Floats, pieces: int = 2, plane: Plane | None = None) -> Skin:
    mesh = field.mesh
    return skin_of(images(mesh, 0.0 * mesh.points, np.zeros(mesh.cells.shape), turns, everything), pieces, plane)


def filled(mesh: SolidMesh) -> float:
    """Volume of a mesh by its elements' quadrature."""
    from fem_wlp.solid.elements import element_of

    element = element_of(mesh.cells)
    jacobian = np.einsum("qka,ekx->eqax", element.slope, mesh.points[mesh.cells])
    return float((np.linalg.det(jacobian) @ element.weights) @ mesh.shares)


@pytest.fixture(scope="module")
def fields(make_resolved: MakeResolved) -> dict[str, ArrayField]:
    p = replace_all(package(), SMALL)
    return {extent: make_resolved(p, extent, 0.3).field for extent in ("full", "quarter", "eighth", "strip")}  # type: ignore[misc]


@pytest.mark.parametrize("extent", ["full", "quarter", "eighth", "strip"])
def test_the_skin_encloses_the_volume_of_the_elements(extent: str, fields: dict[str, ArrayField]) -> None:
    """Twelve pieces of a parabola's side miss a share of about 1/12^2 of its bulge: 2e-4 of the volume."""
    field = fields[extent]
    alone = skin_at_rest(field, field.turns[:1], pieces=12)
    if extent != "eighth":  # elements on the diagonal are whole in their mesh
        assert enclosed(alone) == pytest.approx(filled(field.mesh), rel=2e-4)
    whole = skin_at_rest(field, field.turns, pieces=12)
    assert enclosed(whole) == pytest.approx(len(field.turns) * filled(field.mesh), rel=2e-4)


def test_images_make_the_whole_without_faces_inside(fields: dict[str, ArrayField]) -> None:
    """The skins of a quarter with its images and of an eighth with its images are that of the whole."""
    whole = skin_at_rest(fields["full"], fields["full"].turns)
    for extent in ("quarter", "eighth"):
        skin = skin_at_rest(fields[extent], fields[extent].turns)
        assert len(skin.triangles) == len(whole.triangles)
        assert enclosed(skin) == pytest.approx(enclosed(whole), rel=1e-9)
        assert area(skin) == pytest.approx(area(whole), rel=1e-9)


def test_normals_point_outwards(fields: dict[str, ArrayField]) -> None:
    """Those of the vertices agree with the sense of the triangles, of reflected images too."""
    skin = skin_at_rest(fields["eighth"], fields["eighth"].turns)
    a, b, c = (skin.points[skin.triangles[:, k]] for k in range(3))
    facet = np.cross(b - a, c - a)
    facet /= np.linalg.norm(facet, axis=1, keepdims=True)
    assert (np.einsum("tx,tkx->tk", facet, skin.normals[skin.triangles]) > 0.6).all()


@pytest.mark.parametrize("angle", [0.0, np.pi / 4, 0.3])
def test_a_plane_through_the_axis_halves_a_joint(angle: float, make_resolved: MakeResolved) -> None:
    """Along a row, along the diagonal, and across the mesh lines; what is left is closed, with half of the volume."""
    field = make_resolved(replace_all(package(), {**SMALL, "array.rows": 1, "array.columns": 1}), "full", 0.3).field
    assert isinstance(field, ArrayField)
    normal = np.array([np.sin(angle), -np.cos(angle), 0.0])
    whole = skin_at_rest(field, field.turns, 4)
    half = skin_at_rest(field, field.turns, 4, Plane(np.zeros(3), normal))
    assert ((half.points[half.triangles] @ normal) < 1e-5).all()
    assert enclosed(half) == pytest.approx(0.5 * enclosed(whole), rel=1e-3)


def test_values_are_those_of_the_nodes(fields: dict[str, ArrayField]) -> None:
    """A quantity that is linear in space is linear on skin and cut."""
    field = fields["quarter"]
    mesh = field.mesh
    slope = np.array([1.0, -2.0, 3.0])
    bodies = images(mesh, 0.0 * mesh.points, (mesh.points @ slope)[mesh.cells], field.turns[:1], everything)
    skin = skin_of(bodies, 3, Plane(np.array([0.5, 0.0, 0.0]), np.array([np.cos(0.2), np.sin(0.2), 0.0])))
    assert np.allclose(skin.values, skin.points @ slope, atol=1e-9)


def test_a_lattice_fills_its_element() -> None:
    """Small tetrahedra of one sense fill the cube of side 2 and the unit tetrahedron."""
    for corners, volume in ((8, 8.0), (4, 1.0 / 6.0)):
        places, tetrahedra = lattice(corners, 3)
        a, b, c, d = (places[tetrahedra[:, k]] for k in range(4))
        volumes = np.linalg.det(np.stack([b - a, c - a, d - a], axis=1)) / 6.0
        assert np.abs(volumes).sum() == pytest.approx(volume, rel=1e-12)
        assert np.abs(volumes).min() == pytest.approx(np.abs(volumes).max(), rel=1e-9)


def test_the_hexagon_in_a_cube_has_its_area() -> None:
    """A cube of side 2 cut through its centre across a diagonal: 3 sqrt(3) for a hexagon of side sqrt(2)."""
    places, tetrahedra = lattice(8, 3)
    normal = np.ones(3) / np.sqrt(3.0)
    ends, shares, triangles, _ = sections(tetrahedra, places @ normal)
    points = places[ends[:, 0]] + shares[:, None] * (places[ends[:, 1]] - places[ends[:, 0]])
    assert np.allclose(points @ normal, 0.0, atol=1e-12)
    a, b, c = (points[triangles[:, k]] for k in range(3))
    assert np.linalg.norm(np.cross(b - a, c - a), axis=1).sum() / 2.0 == pytest.approx(3.0 * np.sqrt(3.0), rel=1e-12)


def test_both_sides_of_a_cut_are_the_whole() -> None:
    """Areas and integrals of a linear field over random triangles add up."""
    random = np.random.default_rng(7)
    points = random.normal(size=(300, 3))
    skin = Skin(points, points, points @ [1.0, 2.0, 3.0], np.arange(300).reshape(-1, 3), np.arange(100), np.arange(100))
    beyond = points @ [0.6, 0.0, 0.8] - 0.1
    sides = [clipped(skin, sign * beyond, 1e-9) for sign in (1.0, -1.0)]

    def integral(one: Skin) -> float:
        a, b, c = (one.points[one.triangles[:, k]] for k in range(3))
        size = np.linalg.norm(np.cross(b - a, c - a), axis=1) / 2.0
        return float(size @ one.values[one.triangles].mean(axis=1))

    assert sum(map(area, sides)) == pytest.approx(area(skin), rel=1e-12)
    assert sum(map(integral, sides)) == pytest.approx(integral(skin), rel=1e-10)
    assert all(0.1 < area(side) / area(skin) < 0.9 for side in sides)


def tetrahedra_of(mesh: SolidMesh) -> SolidMesh:
    """Each hexahedron as six straight tetrahedra of ten nodes; all along the same diagonals, so that they fit."""
    from dataclasses import replace

    grid = {(i, j, k): 2 * i + 6 * j + 18 * k for i in (0, 1) for j in (0, 1) for k in (0, 1)}
    paths = [(0, 1, 2), (1, 2, 0), (2, 0, 1), (1, 0, 2), (0, 2, 1), (2, 1, 0)]
    cells = []
    for path in paths:
        corner, corners = [0, 0, 0], [(0, 0, 0)]
        for axis in path:
            corner[axis] = 1
            corners.append(tuple(corner))  # type: ignore[arg-type]
        if path in paths[3:]:
            corners[1], corners[2] = corners[2], corners[1]
        ends = [grid[each] for each in corners]
        middles = [(ends[a] + ends[b]) // 2 for a, b in ((0, 1), (1, 2), (0, 2), (0, 3), (1, 3), (2, 3))]
        cells.append(mesh.cells[:, [*ends, *middles]])
    every = np.concatenate(cells)
    more = {name: np.tile(getattr(mesh, name), 6) for name in ("regions", "places", "shares")}
    return replace(mesh, cells=every, twins=np.arange(len(every)), **more)


def test_tetrahedra_have_the_skin_of_the_hexahedra_they_divide(fields: dict[str, ArrayField]) -> None:
    """Same nodes, same outline: the volume by another element's faces and by cutting, to the bulges they miss."""
    from dataclasses import replace

    field = fields["full"]
    mesh = tetrahedra_of(field.mesh)
    assert kind_of(mesh.cells).jacobians(mesh.points, mesh.cells).min() > 0.0
    divided = replace(field, mesh=mesh)
    plane = Plane(np.zeros(3), np.array([0.0, -1.0, 0.0]))
    for cut in (None, plane):
        skin, other = (skin_at_rest(each, each.turns, 4, cut) for each in (divided, field))
        assert enclosed(skin) == pytest.approx(enclosed(other), rel=5e-3)
