"""Rigid bodies without elements: the limit of stiff ones, by both solvers, and held by supports as one."""

from __future__ import annotations

import numpy as np
import pytest

from fem_wlp.errors import SolveError
from fem_wlp.mesh.solid import Bools, Floats, Ints, SolidMesh
from fem_wlp.solid import operator as solid
from fem_wlp.solid.multigrid import multigrid
from fem_wlp.solid.solve import Method, solver
from fem_wlp.solid.space import space_of
from fem_wlp.solid.supports import rigid_motions, rigid_motions_of
from fem_wlp.verification.bricks import brick, isotropic_tensor, mapped, together, warped

HEIGHTS = (0.0, 0.5, 1.0)
GAP = 0.25
"""Between two blocks, bridged by a plate that has no elements."""


def blocks() -> SolidMesh:
    """Two warped blocks above each other, of twelve elements each."""
    x = np.linspace(0.0, 1.0, 3)
    y = np.linspace(0.0, 1.0, 4)
    z = np.array(HEIGHTS)
    return mapped(together(brick(x, y, z, "lower"), brick(x, y, z + 1.0 + GAP, "upper")), warped)


def plate() -> SolidMesh:
    """What bridges the gap."""
    x = np.linspace(0.0, 1.0, 3)
    y = np.linspace(0.0, 1.0, 4)
    return mapped(brick(x, y, [1.0, 1.0 + GAP], "plate"), warped)


def bridge(mesh: SolidMesh) -> Ints:
    """Number of the body of each node: 0 on both faces of the gap."""
    own = {tuple(point) for point in np.round(plate().points, 9)}
    return np.array([0 if tuple(point) in own else -1 for point in np.round(mesh.points, 9)])


def held(mesh: SolidMesh) -> Bools:
    """The lower block's lowest nodes."""
    lowest = np.isin(np.arange(len(mesh.points)), mesh.cells[mesh.within("lower")])
    return np.repeat((lowest & (mesh.points[:, 2] < 0.4))[:, None], 3, axis=1)


def load(mesh: SolidMesh) -> Floats:
    """A force that bends, shears and twists, at the highest node."""
    force = np.zeros(mesh.points.shape)
    force[np.argmax(mesh.points[:, 2])] = [1.0, -2.0, 0.7]
    return force


def operator(mesh: SolidMesh, moduli: dict[str, float]) -> solid.Operator:
    return solid.operator(mesh, np.stack([isotropic_tensor(moduli[name], 0.3) for name in mesh.names]))


SOFT = {"lower": 1000.0, "upper": 300.0}


def moved(method: Method) -> tuple[SolidMesh, Floats]:
    mesh = blocks()
    return mesh, solver(operator(mesh, SOFT), held(mesh), method, bridge(mesh)).solve(load(mesh), tolerance=1e-11).u


@pytest.mark.parametrize("method", ["direct", "multigrid"])
def test_the_nodes_of_a_body_move_as_one(method: Method) -> None:
    """Their displacement is a rigid motion to 1e-10 of it, and none to nothing."""
    mesh, u = moved(method)
    nodes = bridge(mesh) == 0
    motions = rigid_motions(mesh.points[nodes]).reshape(-1, 6)
    own = u[nodes].ravel()
    left = own - motions @ np.linalg.lstsq(motions, own, rcond=None)[0]
    assert np.abs(left).max() < 1e-10 * np.abs(own).max()
    assert np.abs(own).max() > 1e-6 * np.abs(u).max()


def test_both_solvers_give_one_answer() -> None:
    u = moved("direct")[1]
    assert np.abs(moved("multigrid")[1] - u).max() < 1e-9 * np.abs(u).max()


def test_a_rigid_body_is_the_limit_of_a_stiff_one() -> None:
    """A plate 1e4 and 1e5 times as stiff: the displacement of both blocks differs by a tenth of what it did."""
    mesh, u = moved("direct")
    bridged = together(mesh, plate())
    number = {tuple(point): place for place, point in enumerate(np.round(bridged.points, 9))}
    own = [number[tuple(point)] for point in np.round(mesh.points, 9)]
    fixed, force = np.zeros(bridged.points.shape, dtype=bool), np.zeros(bridged.points.shape)
    fixed[own], force[own] = held(mesh), load(mesh)
    errors = []
    for modulus in (1e7, 1e8):
        stiff = operator(bridged, {**SOFT, "plate": modulus})
        errors.append(np.abs(solver(stiff, fixed, "direct").solve(force).u[own] - u).max())
    assert errors[1] < 1e-4 * np.abs(u).max()
    assert errors[0] / errors[1] == pytest.approx(10.0, rel=0.05)


def test_the_cycle_is_symmetric_positive_and_keeps_a_body_rigid() -> None:
    """To single precision, as without bodies."""
    mesh = blocks()
    one, fixed, rigid = operator(mesh, SOFT), held(mesh), bridge(mesh)
    M, space = multigrid(one, fixed, rigid), space_of(fixed, rigid, rigid_motions_of(mesh))
    x, y = (space.project(np.random.default_rng(seed).standard_normal(fixed.shape)) for seed in (0, 1))
    Mx, My = M.cycle(x), M.cycle(y)
    assert abs(np.vdot(x, My) - np.vdot(y, Mx)) < 1e-6 * np.linalg.norm(x) * np.linalg.norm(My)
    assert np.vdot(x, Mx) > 0
    assert np.abs(space.project(Mx) - Mx).max() < 1e-5 * np.abs(Mx).max()


def test_a_body_stiffens_nothing_that_multigrid_would_notice() -> None:
    """Not more iterations than half as many again as with the gap filled by the upper block's material."""
    mesh = blocks()
    case = solver(operator(mesh, SOFT), held(mesh), "multigrid", bridge(mesh)).solve(load(mesh))
    filled = together(mesh, plate())
    whole = solver(operator(filled, {**SOFT, "plate": 300.0}), held(filled), "multigrid").solve(load(filled))
    assert case.iterations < 1.5 * whole.iterations


def test_supports_leave_a_body_only_what_they_admit() -> None:
    """Held across a plane of symmetry a body keeps two translations and a rotation; nothing of it where all is held."""
    points = np.array([[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.3, 1.0, 0.2]])
    fixed = np.zeros((4, 3), dtype=bool)
    fixed[:3, 1] = True
    space = space_of(fixed, np.zeros(4, dtype=np.int64), rigid_motions(points))
    assert space.motions.shape == (12, 3)
    assert (space.motions.T @ space.motions).toarray() == pytest.approx(np.eye(3), abs=1e-12)
    assert space_of(~np.zeros((4, 3), dtype=bool), np.zeros(4, dtype=np.int64), rigid_motions(points)).motions.nnz == 0


def test_a_body_holds_what_has_its_nodes() -> None:
    """Two blocks, one of them held: without the body between them the other is free (S505)."""
    mesh = blocks()
    with pytest.raises(SolveError) as refused:
        solver(operator(mesh, SOFT), held(mesh), "direct")
    assert refused.value.code == "S505"
    assert "upper" in str(refused.value)
    solver(operator(mesh, SOFT), held(mesh), "direct", bridge(mesh))
