"""Faces and places: areas, means, slopes, and the element that holds a point."""

import math

import numpy as np
import pytest

from fem_wlp.errors import MeshError
from fem_wlp.mesh import faces
from fem_wlp.mesh.outline import VOID, HalfDisc, Painted, rectangle
from fem_wlp.mesh.section import Grading, SectionMesh, mesh_section

BALL, HEIGHT = 0.15, 0.09
CONTACT = math.sqrt(BALL**2 - HEIGHT**2)


@pytest.fixture(scope="module")
def mesh() -> SectionMesh:
    """Return a truncated, coated ball between a board and a layer with a gap around a post, under a chip."""
    top = 2 * HEIGHT
    return mesh_section(
        [
            Painted("board", rectangle((0.0, 0.4), (-0.3, 0.0))),
            Painted("coat", HalfDisc(HEIGHT, BALL, below=0.0, above=top)),
            Painted("core", HalfDisc(HEIGHT, BALL - 0.01, below=0.0, above=top)),
            Painted("layer", rectangle((0.0, 0.35), (top, top + 0.1))),
            Painted(VOID, rectangle((0.0, 0.13), (top, top + 0.1))),
            Painted("post", rectangle((0.0, 0.12), (top, top + 0.1))),
            Painted("chip", rectangle((0.0, 0.4), (top + 0.1, top + 0.3))),
        ],
        Grading(),
    )


def test_faces_have_their_areas(mesh: SectionMesh) -> None:
    """Straight faces to 1e-9, the sphere between coat and core to 1e-5."""
    inner = BALL - 0.01
    core = math.sqrt(inner**2 - HEIGHT**2)
    assert faces.end(mesh, top=True).area == pytest.approx(math.pi * 0.16, rel=1e-9)
    assert faces.interface(mesh, "board", "core").area == pytest.approx(math.pi * core**2, rel=1e-9)
    assert faces.interface(mesh, "coat", "board").area == pytest.approx(math.pi * (CONTACT**2 - core**2), rel=1e-9)
    assert faces.interface(mesh, "core", "coat").area == pytest.approx(2 * math.pi * inner * 2 * HEIGHT, rel=1e-5)
    assert faces.wall(mesh, "chip", "layer").area == pytest.approx(math.pi * (0.8 * 0.2 + 0.7 * 0.1), rel=1e-9)
    assert faces.interface(mesh, "chip", "layer", within=0.2).area < math.pi * (0.2**2 - 0.13**2)


def test_weights_take_means_and_slopes(mesh: SectionMesh) -> None:
    """Of polynomials up to the elements' order: exact to 1e-12."""
    face = faces.interface(mesh, "chip", "layer")
    r = mesh.points[:, 0]
    inner, outer = 0.13, 0.35
    mean_square = (outer**4 - inner**4) / 2 / (outer**2 - inner**2)
    assert face.weights() @ np.ones_like(r) == pytest.approx(1.0, rel=1e-12)
    assert face.weights() @ r**2 == pytest.approx(mean_square, rel=1e-12)
    assert face.weights(1) @ (7.0 * r) == pytest.approx(7.0, rel=1e-12)


def test_every_point_is_found_in_its_element(mesh: SectionMesh) -> None:
    """Quadrature points, nodes, points of the axis and of the border: the place that is found is the place asked."""
    random = np.random.default_rng(1)
    corners = mesh.points[mesh.triangles[:, :3]]
    inside = np.einsum("en,enc->ec", random.dirichlet([1.0, 1.0, 1.0], len(corners)), corners)
    axis = np.stack([np.zeros(50), np.linspace(-0.3, 0.48, 50)], axis=1)
    asked = np.concatenate([inside, mesh.points, axis])
    element, local = faces.locate(mesh, asked)
    found = np.einsum("kn,knc->kc", faces.shape_at(local)[:, :6], mesh.points[mesh.triangles[element]])
    assert np.abs(found - asked).max() < 1e-12


def test_points_of_the_true_circle_are_found(mesh: SectionMesh) -> None:
    """Meshed by parabolas, the ball's surface differs from the circle by less than 1e-5 of the radius."""
    angle = np.linspace(-0.6, 0.6, 101)
    surface = np.stack([BALL * np.cos(angle), HEIGHT + BALL * np.sin(angle)], axis=1)
    element, local = faces.locate(mesh, surface)
    assert set(mesh.region[element]) == {mesh.names.index("coat")}
    found = np.einsum("kn,knc->kc", faces.shape_at(local)[:, :6], mesh.points[mesh.triangles[element]])
    assert np.abs(found - surface).max() < 1e-5 * BALL


@pytest.mark.parametrize("place", [(0.3, 0.09), (0.125, 0.23), (0.0, 0.6), (-0.01, 0.0), (math.nan, 0.0)])
def test_a_point_outside_is_refused(mesh: SectionMesh, place: tuple[float, float]) -> None:
    """Beside the ball, in the gap, above the chip, beyond the axis, nowhere."""
    with pytest.raises(MeshError, match="outside the section") as refused:
        faces.locate(mesh, np.array([place]))
    assert refused.value.code == "E405"


@pytest.mark.parametrize(
    ("face", "why"),
    [
        (lambda mesh: faces.interface(mesh, "board", "chip"), "do not touch"),
        (lambda mesh: faces.interface(mesh, "chip", "layer", within=0.1), "within r = 0.1 mm"),
        (lambda mesh: faces.interface(mesh, "chip", "lair"), "no region named 'lair'"),
        (lambda mesh: faces.wall(mesh, "core"), "no outer vertical face"),
        (lambda mesh: faces.wall(mesh, "coat"), "no outer vertical face"),
    ],
)
def test_a_face_that_is_not_there_is_refused_with_the_reason(mesh: SectionMesh, face: object, why: str) -> None:
    with pytest.raises(MeshError, match=why) as refused:
        face(mesh)
    assert refused.value.code == "E403"


def test_a_ball_has_no_flat_end() -> None:
    mesh = mesh_section([Painted("ball", HalfDisc(0.0, 1.0))], Grading(largest=0.3))
    with pytest.raises(MeshError, match="no flat face at its top") as refused:
        faces.end(mesh, top=True)
    assert refused.value.code == "E403"


def test_pieces_hang_together_along_edges_not_corners() -> None:
    def count(*painting: Painted) -> int:
        return int(faces.pieces(mesh_section(painting, Grading(largest=0.3))).max()) + 1

    left, right = rectangle((0.0, 0.5), (0.0, 0.5)), rectangle((0.5, 1.0), (0.5, 1.0))
    assert count(Painted("left", left), Painted("right", right)) == 2
    assert count(Painted("left", left), Painted("right", right), Painted("bridge", rectangle((0, 0.5), (0.5, 1)))) == 1
