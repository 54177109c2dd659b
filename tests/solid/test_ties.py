"""Bodies halved by a mirror plane that is no coordinate plane: tied nodes and half shares."""

from dataclasses import replace

import numpy as np
import pytest

from fem_wlp.errors import SolveError
from fem_wlp.mesh.solid import Bools, Floats, Ints, SolidMesh, Ties
from fem_wlp.solid import operator as solid
from fem_wlp.solid.multigrid import multigrid
from fem_wlp.solid.solve import Displacement, Method, solve
from fem_wlp.verification.bricks import NEAR, brick, isotropic_tensor, mapped, named, split

HALF = np.sqrt(0.5)
SWAP = np.array([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
ALONG = np.array([[HALF, -HALF, 0.0], [HALF, HALF, 0.0], [0.0, 0.0, 1.0]])
"""Along the plane x = y, across it, z."""

TENSORS = np.stack([isotropic_tensor(1000.0, 0.3), isotropic_tensor(50.0, 0.49)])
STRAINS = np.array([1e-3, -2e-3])[:, None] * np.array([1.0, 1.0, 1.0, 0.0, 0.0, 0.0])


def bulged(points: Floats) -> Floats:
    """Curve a body alike on both sides of x = y."""
    x, y, z = points.T
    wide = 1 + 0.2 * z + 0.1 * x * y
    return np.stack([x * wide, y * wide, z + 0.1 * np.sin(x + y)], axis=1)


def whole() -> SolidMesh:
    """Return a cube of two materials, its own image in x = y."""
    line = [0.0, 0.25, 0.6, 1.0]
    return named(
        brick(line, line, [0.0, 0.4, 1.0]), ("hard", "soft"), lambda c: (c[:, :2].max(axis=1) > 0.6) ^ (c[:, 2] > 0.4)
    )


def halved(mesh: SolidMesh, share: float = 0.5) -> tuple[SolidMesh, Ints]:
    """Return the elements on and below the plane x = y, and the numbers that their nodes had."""
    across = mesh.points[mesh.cells] @ [-1.0, 1.0, 0.0]
    kept = across.mean(axis=1) < NEAR
    cut = kept & (np.abs(across.mean(axis=1)) < NEAR)
    used, cells = np.unique(mesh.cells[kept], return_inverse=True)
    points = mesh.points[used]
    side = points @ [-1.0, 1.0, 0.0]
    master, frame = np.arange(len(points)), np.where(np.abs(side) < NEAR, 2, 0)
    for node in np.flatnonzero(side > NEAR):
        image = np.abs(points - points[node] @ SWAP).max(axis=1)
        assert image.min() < NEAR
        master[node], frame[node] = np.argmin(image), 1
    m = int(kept.sum())
    half = SolidMesh(
        points,
        cells.reshape(m, -1),
        mesh.regions[kept],
        mesh.names,
        mesh.places[kept],
        np.arange(m),
        np.where(cut[kept], share, 1.0),
        Ties(master, frame, np.stack([np.eye(3), SWAP, ALONG])),
    )
    return half, used


def supports(box: SolidMesh, ties: Ties | None = None) -> tuple[Bools, Floats]:
    """Hold x = 0 and y = 0 as planes of symmetry, the foot on a plane, and press the head down by 0.01 mm.

    Places are those before the cube was bulged.
    """
    x, y, z = box.points.T
    fixed = np.stack([x < NEAR, y < NEAR, (z < NEAR) | (z > 1 - NEAR)], axis=1)
    values = np.zeros(box.points.shape)
    values[z > 1 - NEAR, 2] = -0.01
    if ties is not None:
        on_plane = ties.frame == 2
        fixed[on_plane, 0] = fixed[on_plane, 0] | fixed[on_plane, 1]  # the line x = y = 0
        fixed[on_plane, 1] = True
    return fixed, values


def solved(box: SolidMesh, method: Method = "direct") -> tuple[solid.Operator, Displacement]:
    """Return the bulged cube, or its half, squeezed and heated."""
    one = solid.operator(mapped(box, bulged), TENSORS)
    fixed, values = supports(box, box.ties)
    return one, solve(one, solid.thermal_load(one, STRAINS), fixed, values, method, tolerance=1e-11)


@pytest.mark.parametrize("method", ["direct", "multigrid"])
def test_the_half_of_a_mirrored_cube_moves_as_the_whole(method: Method) -> None:
    """Displacements at all its nodes, those beyond the plane included: 1e-8 of the largest."""
    box = whole()
    half, kept = halved(box)
    expected, found = solved(box)[1].u, solved(half, method)[1].u
    assert np.abs(expected[:, 0] - expected[:, 1]).max() > 1e-3
    assert np.abs(found - expected[kept]).max() < 1e-8 * np.abs(expected).max()


@pytest.mark.parametrize("wrong", ["share", "frame"])
def test_the_mirror_bites(wrong: str) -> None:
    """Elements on the plane counted whole, or images that are not mirrored."""
    box = whole()
    half, kept = halved(box, share=1.0 if wrong == "share" else 0.5)
    assert half.ties is not None
    if wrong == "frame":
        frames = half.ties.frames.copy()
        frames[1] = np.eye(3)
        half = replace(half, ties=replace(half.ties, frames=frames))
    difference = np.abs(solved(half)[1].u - solved(box)[1].u[kept]).max()
    assert difference > 1e-4


def test_energies_and_forces_of_the_half_are_half_of_the_whole() -> None:
    """Energy of either material, and the force on the head, to 1e-9; the head's nodes on the plane count once."""
    box = whole()
    half, _ = halved(box)
    results = []
    for mesh in (box, half):
        one, found = solved(mesh)
        energy = solid.energies(one, found.u, STRAINS)
        head = solid.nodal_forces(one, found.u, STRAINS)[mesh.points[:, 2] > 1 - NEAR, 2].sum()
        results.append([energy[mesh.regions == 0].sum(), energy[mesh.regions == 1].sum(), head])
    assert 2 * np.array(results[1]) == pytest.approx(np.array(results[0]), rel=1e-9)


def transformation(ties: Ties) -> Floats:
    """Return all displacements from the unknowns, dense, shape (3 n, 3 n)."""
    n = len(ties.master)
    T = np.zeros((n, 3, n, 3))
    for node in range(n):
        T[node, :, ties.master[node]] = ties.frames[ties.frame[node]]
    return T.reshape(3 * n, 3 * n)


@pytest.mark.parametrize("split_up", [False, True], ids=["hexahedra", "tetrahedra"])
def test_a_tied_operator_is_the_untied_one_between_transformations(split_up: bool) -> None:
    """T^T K T, T^T f and T u, though elements on the plane hold some unknowns twice: 1e-12."""
    mesh = mapped(halved(whole())[0], bulged)
    mesh = split(mesh) if split_up else mesh
    assert mesh.ties is not None
    free, tied = solid.operator(replace(mesh, ties=None), TENSORS), solid.operator(mesh, TENSORS)
    T = transformation(mesh.ties)
    K = T.T @ free.stiffness.assembled() @ T
    assert np.abs(tied.stiffness.assembled().toarray() - K).max() < 1e-12 * np.abs(K).max()
    load = T.T @ solid.thermal_load(free, STRAINS).ravel()
    assert np.abs(solid.thermal_load(tied, STRAINS).ravel() - load).max() < 1e-12 * np.abs(load).max()
    unknowns = np.random.default_rng(0).standard_normal(mesh.points.shape)
    moved = T @ unknowns.ravel()
    assert solid.displacement_of(mesh, unknowns).ravel() == pytest.approx(moved, abs=1e-14)
    forces = (K @ unknowns.ravel()).reshape(-1, 3)
    assert np.abs(tied.stiffness @ unknowns - forces).max() < 1e-12 * np.abs(forces).max()


def test_copies_that_are_tied_otherwise_have_matrices_of_their_own() -> None:
    """Even bricks are all copies; three matrices: of those on the plane, touching it with an edge, and away from it."""
    line = [0.0, 0.5, 1.0, 1.5]
    half, _ = halved(brick(line, line, [0.0, 1.0]))
    alike = replace(half, twins=np.zeros(len(half.cells), dtype=np.int64))
    shared, own = (solid.operator(mesh, TENSORS[:1]) for mesh in (alike, half))
    assert (len(half.cells), len(shared.stiffness.matrices)) == (6, 3)
    expected = own.stiffness.assembled().toarray()
    assert np.abs(shared.stiffness.assembled().toarray() - expected).max() < 1e-12 * np.abs(expected).max()


def test_the_cycle_of_a_tied_body_is_symmetric_and_positive() -> None:
    """To single precision, 1e-6."""
    box = halved(whole())[0]
    one = solid.operator(mapped(box, bulged), TENSORS)
    assert box.ties is not None
    fixed = supports(box, box.ties)[0] | (box.ties.master != np.arange(len(box.points)))[:, None]
    M = multigrid(one, fixed)
    rng = np.random.default_rng(0)
    x, y = (np.where(fixed, 0.0, rng.standard_normal(fixed.shape)) for _ in range(2))
    Mx, My = M.cycle(x), M.cycle(y)
    assert abs(np.vdot(x, My) - np.vdot(y, Mx)) < 1e-6 * np.linalg.norm(x) * np.linalg.norm(My)
    assert min(np.vdot(x, Mx), np.vdot(y, My)) > 0


def test_a_body_tied_to_its_image_can_slide_along_the_plane_only() -> None:
    """Only the plane x = y holds it across: three motions are free, and one of them is named."""
    box = halved(whole())[0]
    one = solid.operator(mapped(box, bulged), TENSORS)
    assert box.ties is not None
    fixed = np.zeros(box.points.shape, dtype=bool)
    fixed[box.ties.frame == 2, 1] = True
    with pytest.raises(SolveError, match="3 of its 6 rigid motions") as refused:
        solve(one, np.zeros(box.points.shape), fixed)
    assert refused.value.code == "S505"
