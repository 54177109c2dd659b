"""Sections: every region has its volume, whatever was painted over what, and what cannot be meshed is refused."""

import math
import sys
from concurrent.futures import ThreadPoolExecutor

import gmsh
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fem_wlp.errors import MeshError, ResourceError
from fem_wlp.mesh import section
from fem_wlp.mesh.outline import VOID, HalfDisc, Outline, Painted, Polygon, rectangle
from fem_wlp.mesh.section import Grading, SectionMesh, mesh_section
from fem_wlp.mesh.session import gmsh_session

COARSE = Grading(tip=0.01, growth=0.7, largest=0.2)


def volume(mesh: SectionMesh, name: str) -> float:
    """Volume of revolution of a region, from the divergence theorem on its curved borders by Simpson's rule."""
    nodes = mesh.points[mesh.triangles[mesh.elements(name)]]
    total = 0.0
    for a, b, c in ((0, 1, 3), (1, 2, 4), (2, 0, 5)):
        first, last, middle = nodes[:, a], nodes[:, b], nodes[:, c]
        # r^2 dz along the parabola, exact by five Gauss points
        for s, weight in zip(*np.polynomial.legendre.leggauss(5), strict=True):
            r = s * (s - 1) / 2 * first[:, 0] + s * (s + 1) / 2 * last[:, 0] + (1 - s * s) * middle[:, 0]
            slope = (s - 0.5) * first[:, 1] + (s + 0.5) * last[:, 1] - 2 * s * middle[:, 1]
            total += weight * np.pi * float((r**2 * slope).sum())
    return total


def ball(radius: float) -> float:
    return 4 / 3 * math.pi * radius**3


def cap(radius: float, height: float) -> float:
    return math.pi * height**2 * (3 * radius - height) / 3


@pytest.mark.parametrize(
    ("painting", "expected"),
    [
        pytest.param(
            [("coat", HalfDisc(0.2, 0.15)), ("core", HalfDisc(0.2, 0.149))],
            {"coat": ball(0.15) - ball(0.149), "core": ball(0.149)},
            id="coat of 1 um",
        ),
        pytest.param([("cap", HalfDisc(0.2, 0.15, below=0.25))], {"cap": cap(0.15, 0.1)}, id="beyond the equator"),
        pytest.param([("cap", HalfDisc(0.2, 0.15, above=0.15))], {"cap": cap(0.15, 0.1)}, id="before the equator"),
        pytest.param(
            [("zone", HalfDisc(0.0, 0.15, below=-0.09, above=0.12))],
            {"zone": ball(0.15) - cap(0.15, 0.06) - cap(0.15, 0.03)},
            id="cut at both ends",
        ),
        pytest.param(
            [
                ("layer", rectangle((0.0, 0.4), (0.0, 0.1))),
                ("post", Polygon(((0.0, 0.0), (0.1, 0.0), (0.13, 0.1), (0.0, 0.1)))),
            ],
            {"post": math.pi / 30 * (0.01 + 0.013 + 0.0169), "layer": 0.016 * math.pi - math.pi / 30 * 0.0399},
            id="tapered post",
        ),
        pytest.param(
            [
                ("layer", rectangle((0.0, 0.4), (0.0, 0.1))),
                (VOID, rectangle((0.0, 0.12), (0.0, 0.1))),
                ("post", rectangle((0.0, 0.11), (0.0, 0.1))),
                ("chip", rectangle((0.0, 0.4), (0.1, 0.2))),
            ],
            {"layer": 0.1 * math.pi * (0.16 - 0.0144), "post": 0.1 * math.pi * 0.0121, "chip": 0.016 * math.pi},
            id="gap",
        ),
        pytest.param(
            [
                ("plate", rectangle((0.0, 0.3), (0.0, 0.1))),
                ("plate", rectangle((0.0, 0.3), (0.3, 0.4))),
                ("wall", rectangle((0.2, 0.3), (0.1, 0.3))),
                ("undercut", rectangle((0.1, 0.2), (0.2, 0.3))),
            ],
            {"plate": 0.018 * math.pi, "wall": 0.01 * math.pi, "undercut": 0.003 * math.pi},
            id="two pieces of one name, and an undercut",
        ),
        pytest.param(
            [
                ("below", rectangle((0.0, 0.3), (0.0, 0.1))),
                ("film", rectangle((0.0, 0.3), (0.1, 0.101))),
                ("above", rectangle((0.0, 0.3), (0.101, 0.2))),
            ],
            {"below": 0.009 * math.pi, "film": 0.00009 * math.pi, "above": 0.00891 * math.pi},
            id="film of 1 um",
        ),
        pytest.param(
            [("ball", HalfDisc(0.149, 0.15)), ("plane", rectangle((0.0, 0.3), (-0.1, 0.0)))],
            {"ball": ball(0.15) - cap(0.15, 0.001), "plane": 0.009 * math.pi},
            id="ball that dips 1 um into a plane",
        ),
        pytest.param([("ring", rectangle((0.5, 0.6), (0.0, 0.1)))], {"ring": 0.011 * math.pi}, id="ring off the axis"),
        pytest.param(
            [
                ("layer", rectangle((0.0, 0.3), (0.0, 0.1))),
                ("wedge", Polygon(((0.0, 0.0), (0.3, 0.0), (0.0, 0.003)))),
            ],
            {"wedge": math.pi * 0.09 * 0.001, "layer": 0.009 * math.pi - math.pi * 0.09 * 0.001},
            id="sharp wedge",
        ),
    ],
)
def test_every_region_has_its_volume(painting: list[tuple[str, Outline]], expected: dict[str, float]) -> None:
    """Straight borders to 1e-9; circles are parabolas through three of their points, 2e-4 on this coarse mesh.

    The volume of a coat of 1 um is a small difference of two such balls, both off by the same share: 1e-3.
    """
    mesh = mesh_section([Painted(name, outline) for name, outline in painting], COARSE)
    assert set(mesh.names) == set(expected)
    for name, value in expected.items():
        curved = any(isinstance(outline, HalfDisc) for _, outline in painting)
        assert volume(mesh, name) == pytest.approx(value, rel=1e-3 if name == "coat" else 2e-4 if curved else 1e-9)


def test_the_same_section_in_other_lengths_has_the_same_mesh() -> None:
    """No tolerance is absolute: a thousandth of the size, or a thousand times it, meshes alike."""
    counts = set()
    for size in (1e-3, 1.0, 1e3):
        painting = [
            Painted("layer", rectangle((0.0, 0.4 * size), (0.0, 0.1 * size))),
            Painted("ball", HalfDisc(0.2 * size, 0.11 * size)),
        ]
        mesh = mesh_section(painting, COARSE)
        counts.add(len(mesh.points))
        assert volume(mesh, "layer") == pytest.approx(0.0502 * size**3, rel=1e-3)
    assert max(counts) - min(counts) < 0.02 * max(counts)


def test_the_same_painting_gives_the_same_mesh() -> None:
    """Identical results of repeated runs begin here: to the last bit."""
    painting = [Painted("layer", rectangle((0.0, 0.4), (0.0, 0.1))), Painted("ball", HalfDisc(0.1, 0.05))]
    one, other = mesh_section(painting), mesh_section(painting)
    assert np.array_equal(one.points, other.points)
    assert np.array_equal(one.triangles, other.triangles)


def test_elements_shrink_towards_singular_corners_only() -> None:
    """The corner where a layer ends on a wider plate is singular, its outer corners are not; glued ones are."""
    painting = [Painted("plate", rectangle((0, 1), (-1, 0))), Painted("layer", rectangle((0, 0.5), (0, 0.3)))]

    def size_near(mesh: SectionMesh, place: tuple[float, float]) -> float:
        corners = mesh.points[mesh.triangles[:, :3]]
        element = np.abs(corners - place).sum(axis=2).min(axis=1).argmin()
        return float(np.ptp(corners[element], axis=0).max())

    mesh = mesh_section(painting)
    assert size_near(mesh, (0.5, 0.0)) < 0.01
    assert size_near(mesh, (1.0, -1.0)) > 0.05
    assert size_near(mesh_section(painting, glued=[-1.0]), (1.0, -1.0)) < 0.01


def test_a_covered_region_is_refused() -> None:
    square = rectangle((0.0, 1.0), (0.0, 1.0))
    with pytest.raises(MeshError, match="'under' is empty") as refused:
        mesh_section([Painted("under", square), Painted("over", square)])
    assert refused.value.code == "E402"


def test_an_unknown_region_is_refused_with_those_that_exist() -> None:
    mesh = mesh_section([Painted("chip", rectangle((0.0, 1.0), (0.0, 1.0)))], COARSE)
    with pytest.raises(MeshError, match="'ship'") as refused:
        mesh.elements("ship")
    assert "chip" in refused.value.hint


def test_a_film_that_would_need_millions_of_elements_is_refused_before_meshing() -> None:
    painting = [
        Painted("plate", rectangle((0.0, 3.0), (0.0, 1.0))),
        Painted("film", rectangle((0.0, 3.0), (1.0, 1.0 + 1e-5))),
    ]
    with pytest.raises(ResourceError) as refused:
        mesh_section(painting)
    assert refused.value.code == "R301"


def test_a_failure_of_gmsh_is_a_refusal_without_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: int) -> None:
        raise Exception("Could not fix wire in surface")

    monkeypatch.setattr(gmsh.model.mesh, "generate", fail)
    with pytest.raises(MeshError, match="Could not fix wire") as refused:
        mesh_section([Painted("chip", rectangle((0.0, 1.0), (0.0, 1.0)))])
    assert refused.value.code == "E407"
    assert not gmsh.isInitialized()


def test_a_caller_that_uses_gmsh_itself_finds_its_model_and_options_as_it_left_them() -> None:
    """Somebody may mesh an independent reference in the same process; neither may disturb the other."""
    alone = mesh_section([Painted("chip", rectangle((0.0, 1.0), (0.0, 1.0)))])
    gmsh.initialize(readConfigFiles=False)
    try:
        gmsh.model.add("own")
        gmsh.model.occ.addRectangle(0, 0, 0, 2, 3)
        gmsh.model.occ.synchronize()
        gmsh.option.setNumber("Mesh.MeshSizeFactor", 0.25)
        gmsh.option.setNumber("Mesh.RecombineAll", 1)
        beside = mesh_section([Painted("chip", rectangle((0.0, 1.0), (0.0, 1.0)))])
        np.testing.assert_array_equal(beside.points, alone.points)
        assert gmsh.model.getCurrent() == "own"
        assert len(gmsh.model.getEntities(2)) == 1
        assert gmsh.option.getNumber("Mesh.MeshSizeFactor") == 0.25
        assert gmsh.option.getNumber("Mesh.RecombineAll") == 1
    finally:
        gmsh.finalize()


def test_missing_system_libraries_are_told_with_their_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "gmsh")
    monkeypatch.setattr("builtins.__import__", _failing_import(__import__))
    with pytest.raises(ResourceError, match=r"libGLU\.so\.1") as refused:
        mesh_section([Painted("chip", rectangle((0.0, 1.0), (0.0, 1.0)))])
    assert refused.value.code == "R304"
    assert "apt-get install" in refused.value.hint


def _failing_import(original: object) -> object:
    def load(name: str, *rest: object) -> object:
        if name == "gmsh":
            raise OSError("libGLU.so.1: cannot open shared object file")
        return original(name, *rest)

    return load


@settings(max_examples=25)
@given(
    thickness=st.lists(st.floats(1e-3, 0.3), min_size=1, max_size=4),
    radius=st.lists(st.floats(0.05, 0.5), min_size=4, max_size=4),
    ball_share=st.floats(0.3, 0.99),
    coat=st.floats(1e-3, 0.03),
)
def test_any_stack_meshes_with_its_volumes(
    thickness: list[float], radius: list[float], ball_share: float, coat: float
) -> None:
    """Layers of any width on each other under a coated truncated ball: 1e-3, the parabolas' share of thin coats 2 %."""
    painting, expected, top = [], {}, 0.0
    for number, (height, r) in enumerate(zip(thickness, radius, strict=False)):
        painting.append(Painted(f"layer {number}", rectangle((0.0, r), (top, top + height))))
        expected[f"layer {number}"] = math.pi * r**2 * height
        top += height
    outer = 0.2
    half = outer * ball_share
    for name, r in (("coat", outer), ("core", outer - coat)):
        painting.append(Painted(name, HalfDisc(top + half, r, below=top)))
    covered = {name: ball(r) - cap(r, max(r - half, 0.0)) for name, r in (("coat", outer), ("core", outer - coat))}
    mesh = mesh_section(painting, COARSE)
    for name, value in expected.items():
        assert volume(mesh, name) == pytest.approx(value, rel=1e-3)
    assert volume(mesh, "core") == pytest.approx(covered["core"], rel=1e-3)
    assert volume(mesh, "coat") == pytest.approx(covered["coat"] - covered["core"], rel=2e-2)


def test_threads_that_mesh_side_by_side_get_their_own_meshes() -> None:
    """Gmsh has one current model: without turns, one thread's points go into the other's model."""
    sizes = (0.3, 0.5, 0.7, 0.9)
    paintings = [[Painted("disc", rectangle((0.0, size), (0.0, size)))] for size in sizes]
    alone = [mesh_section(painting) for painting in paintings]
    with ThreadPoolExecutor(max_workers=4) as pool:
        together = list(pool.map(mesh_section, paintings * 3))
    for number, mesh in enumerate(together):
        assert np.array_equal(mesh.points, alone[number % len(sizes)].points)


def test_three_triangles_on_one_edge_are_an_overlap() -> None:
    corners = [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0], [2.0, 1.0]]
    triangles, points = [], [*corners]
    middle: dict[frozenset[int], int] = {}
    for apex in (2, 3, 4):
        three = (0, 1, apex)
        for edge in (frozenset(three[:2]), frozenset(three[1:]), frozenset(three[::2])):
            if edge not in middle:
                middle[edge] = len(points)
                points.append(np.mean([corners[node] for node in edge], axis=0).tolist())
        triangles.append([*three, *(middle[frozenset(edge)] for edge in ((0, 1), (1, apex), (apex, 0)))])
    mesh = SectionMesh(np.array(points), np.array(triangles), np.zeros(3, dtype=np.int64), ("chip",))
    with pytest.raises(MeshError, match="more than two triangles") as refusal:
        _ = mesh.edges
    assert refusal.value.code == "E401"


def test_elements_that_stay_inverted_are_refused_with_their_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """However often it is meshed more finely there."""
    tried: list[int] = []
    monkeypatch.setattr(section, "_inverted", lambda mesh: tried.append(1) or np.array([0]))
    with pytest.raises(MeshError, match="region 'chip' is inverted near r = ") as refusal:
        mesh_section([Painted("chip", rectangle((0.0, 1.0), (0.0, 1.0)))])
    assert refusal.value.code == "E401"
    assert len(tried) == section.ATTEMPTS


def test_a_region_without_triangles_of_second_order_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(section, "SECOND_ORDER_TRIANGLE", 2)  # gmsh's number of a triangle of first order
    with pytest.raises(MeshError, match="'chip' could not be meshed") as refusal:
        mesh_section([Painted("chip", rectangle((0.0, 1.0), (0.0, 1.0)))])
    assert refusal.value.code == "E402"


def test_views_that_are_made_in_a_session_go_with_it() -> None:
    """And those of the caller stay."""
    gmsh.initialize(readConfigFiles=False)
    try:
        own = gmsh.view.add("own")
        with gmsh_session("other") as inside:
            inside.view.add("other")
        assert gmsh.view.getTags().tolist() == [own]
    finally:
        gmsh.finalize()
