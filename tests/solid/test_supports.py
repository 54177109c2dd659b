"""Bodies that are not held: which motion of which body is named."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from fem_wlp.errors import SolveError
from fem_wlp.mesh.solid import Bools, SolidMesh
from fem_wlp.solid import operator as solid
from fem_wlp.solid.solve import solve
from fem_wlp.solid.supports import MOTIONS, require_held, rigid_motions
from fem_wlp.verification.bricks import NEAR, brick, cube, isotropic_tensor, mapped, named, sheared, split, together

BODY = mapped(cube(1), sheared)
CUBE = cube(2)
AXES = "xyz"


def operator(mesh: SolidMesh) -> solid.Operator:
    return solid.operator(mesh, np.stack([isotropic_tensor(1000.0, 0.3)] * len(mesh.names)))


def refusal(mesh: SolidMesh, fixed: Bools) -> str:
    with pytest.raises(SolveError) as refused:
        require_held(operator(mesh), fixed)
    assert refused.value.code == "S505"
    return str(refused.value)


def nothing(mesh: SolidMesh) -> Bools:
    return np.zeros(mesh.points.shape, dtype=bool)


def along(mesh: SolidMesh, axis: int, place: float) -> Bools:
    """Hold all nodes on a line along an axis."""
    others = [other for other in range(3) if other != axis]
    line = (np.abs(mesh.points[:, others] - place) < NEAR).all(axis=1)
    return np.repeat(line[:, None], 3, axis=1)


@pytest.mark.parametrize("axis", range(3))
def test_a_body_that_slides_along_an_axis_is_named_so(axis: int) -> None:
    """Held across the axis everywhere; an oblique body too."""
    fixed = ~nothing(BODY)
    fixed[:, axis] = False
    assert f"translation along {AXES[axis]} of the body of body is free (1 of" in refusal(BODY, fixed)


@pytest.mark.parametrize("axis", range(3))
@pytest.mark.parametrize("place", [0.0, 0.5, 1.0])
def test_a_body_on_a_hinge_is_named_so(axis: int, place: float) -> None:
    """Wherever the hinge is: through the middle, or along an edge, where the body's middle moves too."""
    assert f"rotation about {AXES[axis]} of the body of body is free (1 of" in refusal(CUBE, along(CUBE, axis, place))


@pytest.mark.parametrize("seed", range(12))
def test_an_oblique_hinge_is_found(seed: int) -> None:
    """Round-off in the places of its nodes, 1e-16 of the body's size, holds nothing."""
    mesh = mapped(CUBE, lambda points: 10.0 * seed + points @ Rotation.random(random_state=seed).as_matrix())
    assert "rotation about" in refusal(mesh, along(CUBE, 2, seed % 3 / 2))


def test_a_body_on_a_point_can_turn_three_ways_and_one_on_a_plane_can_slide() -> None:
    point = nothing(CUBE)
    point[0] = True
    assert "rotation about x of the body of body is free (3 of" in refusal(CUBE, point)
    plane = nothing(CUBE)
    plane[CUBE.points[:, 2] == 0, 2] = True
    assert "translation along x of the body of body is free (3 of" in refusal(CUBE, plane)


def test_a_free_body_has_six_motions() -> None:
    assert "translation along x of the body of body is free (6 of" in refusal(CUBE, nothing(CUBE))
    assert "(6 of" in refusal(split(CUBE), nothing(CUBE))


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e3])
def test_six_components_that_hold_a_body_are_enough_at_any_size(scale: float) -> None:
    """A corner, an axis, a plane; one component fewer is refused."""
    mesh = mapped(CUBE, lambda points: scale * points)
    fixed = nothing(mesh)
    corner = int(np.argmin(np.abs(CUBE.points).sum(axis=1)))
    upper = int(np.argmin(np.abs(CUBE.points - [0, 0, 1]).sum(axis=1)))
    beside = int(np.argmin(np.abs(CUBE.points - [1, 0, 0]).sum(axis=1)))
    fixed[corner], fixed[upper, :2], fixed[beside, 1] = True, True, True
    require_held(operator(mesh), fixed)
    fixed[beside, 1] = False
    assert "rotation about z" in refusal(mesh, fixed)


def two_bodies() -> SolidMesh:
    """Return two cubes that don't touch, of a region each."""
    line = [0.0, 1.0]
    return together(brick(line, line, line, "chip"), brick(line, line, [1.5, 2.5], "board"))


@pytest.mark.parametrize(("name", "other", "level"), [("chip", "board", 2.5), ("board", "chip", 0.0)])
def test_of_two_bodies_the_one_that_is_free_is_named(name: str, other: str, level: float) -> None:
    mesh = two_bodies()
    fixed = np.repeat((mesh.points[:, 2] == level)[:, None], 3, axis=1)
    message = refusal(mesh, fixed)
    assert f"of the body of {name} is free (6 of" in message
    assert other not in message


def test_bodies_that_share_an_edge_are_one_and_are_found_singular_when_solved() -> None:
    """Rigid motions are counted body by body; a joint that only hinges is left to the factorisation's residual."""
    line = [0.0, 1.0]
    mesh = together(brick(line, line, line, "chip"), brick([1.0, 2.0], line, [1.0, 2.0], "board"))
    fixed = np.repeat((mesh.points[:, 2] == 0)[:, None], 3, axis=1)
    require_held(operator(mesh), fixed)
    load = np.random.default_rng(0).standard_normal(mesh.points.shape)
    with pytest.raises(SolveError) as refused:
        solve(operator(mesh), load, fixed, method="direct")
    assert refused.value.code in ("S501", "S502")


def test_the_refusal_names_the_regions_of_the_body() -> None:
    mesh = named(CUBE, ("chip", "layer"), lambda centres: centres[:, 2] > 0.5)
    assert "of the body of chip, layer is free" in refusal(mesh, nothing(mesh))


def test_a_solver_is_refused_before_it_is_set_up() -> None:
    with pytest.raises(SolveError, match="translation along x") as refused:
        solve(operator(CUBE), np.zeros(CUBE.points.shape), nothing(CUBE))
    assert refused.value.code == "S505"


def test_nodes_without_elements_need_no_support() -> None:
    """They stay where they are."""
    mesh = replace(CUBE, points=np.vstack([CUBE.points, [[5.0, 5.0, 5.0]]]))
    fixed = np.repeat((mesh.points[:, 2] == 0)[:, None], 3, axis=1)
    load = np.ones(mesh.points.shape)
    for method in ("direct", "multigrid"):
        assert (solve(operator(mesh), load, fixed, method=method).u[-1] == 0).all()


def test_rigid_motions_are_those_of_points_about_their_middle() -> None:
    """In the order of their names: unit translations, then the cross products of unit axes with unit-sized arms."""
    motions = rigid_motions(2 * CUBE.points)
    assert len(MOTIONS) == 6
    assert (motions[:, :, :3] == np.eye(3)).all()
    arm = 2 * CUBE.points - 1
    for axis in range(3):
        assert motions[:, :, 3 + axis] == pytest.approx(np.cross(np.eye(3)[axis], arm), abs=1e-15)
