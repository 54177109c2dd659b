"""Hexahedra of revolution: true circles, volumes that converge, no degenerate corner."""

import math

import numpy as np
import pytest

from fem_wlp.errors import MeshError
from fem_wlp.mesh.quads import QuadMesh, block, joined, straight, with_middles
from fem_wlp.mesh.revolve import (
    Bricks,
    coat_planform,
    even_angles,
    gathered,
    heart_planform,
    jacobians,
    revolved,
    side_nodes,
    swept,
    welded_mesh,
)
from fem_wlp.mesh.solid import SolidMesh

from .solids import face_areas, faces, volumes

SHARES = np.linspace(0.0, 1.0, 3)


def rectangle(r: tuple[float, float], z: tuple[float, float]) -> np.ndarray:
    left, right = (straight((radius, z[0]), (radius, z[1]), SHARES) for radius in r)
    bottom, top = (straight((r[0], height), (r[1], height), SHARES) for height in z)
    return block(left, right, bottom, top)


def post() -> QuadMesh:
    """Two concentric cylinders of radii 0.2 and 0.5 and height 0.3."""
    return joined(
        [
            (rectangle((0.0, 0.2), (0.0, 0.3)), ["core"]),
            (rectangle((0.2, 0.5), (0.0, 0.3)), ["shell"]),
        ],
        ("core", "shell"),
    )


def half_ball(divisions: int) -> QuadMesh:
    """A half ball of radius 1: a block on the axis, one above and one beside it."""
    shares = np.linspace(0.0, 1.0, divisions + 1)
    angle = with_middles(shares) * math.pi / 4
    low, high = (0.0, 0.5), (0.5, 0.5)
    inner = block(
        straight((0.0, 0.0), low, shares),
        straight((0.5, 0.0), high, shares),
        straight((0.0, 0.0), (0.5, 0.0), shares),
        straight(low, high, shares),
    )
    cap = np.column_stack([np.sin(angle), np.cos(angle)])
    side = np.column_stack([np.sin(angle + math.pi / 4), np.cos(angle + math.pi / 4)])[::-1]
    diagonal = straight(high, tuple(cap[-1]), shares)
    top = block(straight(low, (0.0, 1.0), shares), diagonal, inner[:, -1], cap)
    right = block(inner[-1], side, straight((0.5, 0.0), (1.0, 0.0), shares), diagonal)
    return joined([(inner, ["ball"]), (top, ["ball"]), (right, ["ball"])], ("ball",))


def mesh_of(quads: QuadMesh, around: int) -> SolidMesh:
    return welded_mesh(revolved(quads, even_angles(around)), quads.names, 0)


def test_volumes_of_revolution_converge_with_the_fourth_power_of_the_angle() -> None:
    """A circle of parabolas encloses too little by O(angle^4): halving it divides the error by 16, here within 5 %."""
    exact = {"core": math.pi * 0.04 * 0.3, "shell": math.pi * 0.21 * 0.3}
    coarse, fine = (volumes(mesh_of(post(), around)) for around in (8, 16))
    for name, volume in exact.items():
        assert fine[name] == pytest.approx(volume, rel=1e-4)
        assert (coarse[name] / volume - 1) / (fine[name] / volume - 1) == pytest.approx(16.0, rel=0.05)


def test_nodes_beside_the_heart_lie_on_true_circles() -> None:
    """Rings beyond the first one keep each node of the section at its own radius, exactly to round-off."""
    mesh = mesh_of(post(), 8)
    radii = np.hypot(mesh.points[:, 0], mesh.points[:, 1])
    for radius in (0.35, 0.425, 0.5):
        on = np.abs(radii - radius) < 1e-3
        assert on.sum() == 16 * 5
        assert np.abs(radii[on] - radius).max() < 1e-15


def test_a_ball_is_round_though_its_heart_is_square() -> None:
    """Sliding the heart's outline inwards leaves the sphere where it is: volume, area, and distance of all its nodes.

    Meridian and circles are parabolas, over 45 and then 22.5 degrees: their errors fall with the fourth power.
    """
    errors = []
    for divisions in (2, 4):
        mesh = mesh_of(half_ball(divisions), 8 * divisions)
        nodes, count, _ = faces(mesh)
        outer = nodes[(count == 1) & (np.linalg.norm(mesh.points[nodes], axis=2).min(axis=1) > 0.99)]
        radii = np.linalg.norm(mesh.points[np.unique(outer)], axis=1)
        exact = 2 / 3 * math.pi
        errors.append(
            (volumes(mesh)["ball"] / exact - 1, face_areas(mesh, outer).sum() / exact / 3 - 1, np.abs(radii - 1).max())
        )
    coarse, fine = np.abs(errors)
    assert np.all(fine < 1e-4)
    assert np.all(coarse / fine > 10)


@pytest.mark.parametrize("around", [8, 16, 24])
def test_no_corner_of_the_heart_is_flat(around: int) -> None:
    """The Jacobian at every node is at least a fifth of its element's largest; on a round heart it would vanish."""
    values = jacobians(revolved(post(), even_angles(around)).nodes)
    assert (values.min(axis=1) / values.max(axis=1)).min() > 0.2


def test_a_heart_has_the_symmetries_of_a_square() -> None:
    """Mirrored in x = 0, y = 0 and x = y, the planform is itself: the same nodes to round-off."""
    nodes = np.unique(np.round(heart_planform(even_angles(16)).reshape(-1, 2), 12) + 0.0, axis=0)
    for image in (nodes * (-1, 1), nodes * (1, -1), nodes[:, ::-1]):
        assert np.unique(image + 0.0, axis=0) == pytest.approx(nodes, abs=2e-12)


def test_a_square_coat_fills_the_box_around_its_circle() -> None:
    """Area of an uneven box less that of the circle, which is of parabolas: 1e-4 for 16 of them."""
    plan = coat_planform(16, 0.3, (1.0, 0.5, 0.6, 0.8), np.array([0.0, 0.4, 1.0]))
    bricks = swept(plan, with_middles(np.array([0.0, 0.1, 0.5])), np.array([0, 0]))
    volume = volumes(welded_mesh(bricks, ("coat",), 0))["coat"]
    assert volume == pytest.approx(0.5 * (1.6 * 1.3 - math.pi * 0.09), rel=1e-4)
    side = plan[np.abs(plan[..., 0] - 1.0) < 1e-12]
    assert np.unique(np.round(side[:, 1], 9)) == pytest.approx(side_nodes(16, 0.8, 0.5), abs=1e-8)


def test_inverted_elements_are_refused_by_region_and_place() -> None:
    """A brick turned inside out is E401."""
    good = swept(coat_planform(8, 0.3, (1.0,) * 4, np.array([0.0, 1.0])), np.array([0.0, 0.5, 1.0]), np.array([0]))
    bad = Bricks(good.nodes * (-1, 1, 1), good.regions + 1)
    with pytest.raises(MeshError, match="'outside in' is inverted near x =") as refused:
        welded_mesh(gathered(good, bad), ("good", "outside in"), 0)
    assert refused.value.code == "E401"
