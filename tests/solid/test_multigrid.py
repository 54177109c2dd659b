"""Multigrid: a symmetric preconditioner whose work does not grow with contrast, Poisson's ratio or size."""

from dataclasses import replace

import numpy as np
import pytest

from fem_wlp.mesh.solid import Bools, Floats, SolidMesh
from fem_wlp.solid import kernels
from fem_wlp.solid import multigrid as module
from fem_wlp.solid.multigrid import Level, Multigrid, multigrid
from fem_wlp.solid.product import ElementMatrices
from fem_wlp.solid.solve import solver
from fem_wlp.verification.bricks import mapped, split, warped

from .loading import cooled
from .meshes import sandwich

MESHES = {
    "hexahedra": lambda: sandwich(1),
    "tetrahedra": lambda: split(sandwich(1)),
    "curved hexahedra": lambda: without_copies(mapped(sandwich(1), warped)),
    "curved tetrahedra": lambda: split(mapped(sandwich(1), warped)),
}

meshes = pytest.mark.parametrize("kind", MESHES)


def without_copies(mesh: SolidMesh) -> SolidMesh:
    return replace(mesh, twins=np.arange(len(mesh.cells)))


def iterations(mesh: SolidMesh, nu: float = 0.3, contrast: float = 100.0) -> int:
    case = cooled(mesh, nu, contrast)
    return solver(case.operator, case.fixed, "multigrid").solve(case.load).iterations


@meshes
def test_multigrid_and_the_direct_solver_give_one_answer(kind: str) -> None:
    """Contrast 1e5, nu 0.49 in a thin layer: 1e-7 of the largest displacement, at a residual of 1e-9."""
    case = cooled(MESHES[kind](), 0.49, 1e5)
    found = solver(case.operator, case.fixed, "multigrid").solve(case.load)
    expected = solver(case.operator, case.fixed, "direct").solve(case.load)
    assert (found.method, expected.method) == ("multigrid", "direct")
    assert np.abs(found.u - expected.u).max() < 1e-7 * np.abs(expected.u).max()


def test_an_iteration_gives_the_same_digits_again() -> None:
    """Whatever numpy's global generator has drawn before, which stays where it was: others may count on it."""
    case = cooled(MESHES["hexahedra"](), 0.49, 1e5)
    answers = []
    for seed in (1, 2):
        np.random.seed(seed)  # noqa: NPY002
        answers.append(solver(case.operator, case.fixed, "multigrid").solve(case.load).u)
        drawn = np.random.rand()  # noqa: NPY002
        np.random.seed(seed)  # noqa: NPY002
        assert drawn == np.random.rand()  # noqa: NPY002
    assert np.array_equal(*answers)


def vectors(fixed: Bools, count: int) -> list[Floats]:
    rng = np.random.default_rng(0)
    return [np.where(fixed, 0.0, rng.standard_normal(fixed.shape)) for _ in range(count)]


def asymmetry(cycle: Multigrid | Level, fixed: Bools) -> float:
    """Return |x . M y - y . M x| over the lengths of x, y, M x and M y."""
    x, y = (vector.astype(np.float32) for vector in vectors(fixed, 2))
    Mx, My = cycle.cycle(x), cycle.cycle(y)
    return float(abs(np.vdot(x, My) - np.vdot(y, Mx)) / (np.linalg.norm(x) * np.linalg.norm(My)))


@meshes
def test_the_cycle_is_symmetric_positive_and_linear(kind: str) -> None:
    """With x . M y = y . M x to single precision, 1e-6 of |x| |M y|; x . M x > 0; held components stay zero."""
    case = cooled(MESHES[kind](), 0.49)
    M = multigrid(case.operator, case.fixed)
    assert asymmetry(M, case.fixed) < 1e-6
    x, y = vectors(case.fixed, 2)
    assert all(np.vdot(vector, M.cycle(vector)) > 0 for vector in (x, y))
    both = M.cycle(2 * x - y)
    assert np.abs(both - 2 * M.cycle(x) + M.cycle(y)).max() < 1e-4 * np.abs(both).max()
    assert (M.cycle(x)[case.fixed] == 0).all()


def test_the_cycle_works_at_any_magnitude() -> None:
    """A residual of 1e-60 N would vanish in single precision: scaled before, 1e-6 of the answer after."""
    case = cooled(sandwich(1))
    M = multigrid(case.operator, case.fixed)
    x = vectors(case.fixed, 1)[0]
    assert M.cycle(1e-60 * x) == pytest.approx(1e-60 * M.cycle(x), rel=1e-6)
    assert (M.cycle(0 * x) == 0).all()


class OnlyBefore(Level):
    """A cycle that does not smooth after the coarse correction."""

    def cycle(self, r: Floats) -> Floats:
        """Return a correction."""
        x = self.smoother.smooth(r)
        return x + self.prolong(self.coarser.cycle(self.restrict(r - self.smoother.residual_of(x))))


def test_a_cycle_smoothed_on_one_side_only_is_seen() -> None:
    """The symmetry above bites: hundreds of times the limit."""
    case = cooled(sandwich(1), 0.49)
    level = multigrid(case.operator, case.fixed).finest
    found = asymmetry(OnlyBefore(level.smoother, level.restrict, level.prolong, level.coarser), case.fixed)
    assert found > 2e-4


def test_restriction_is_the_transpose_of_interpolation_and_interpolation_keeps_linear_fields() -> None:
    """To single precision; no support holds the linear field."""
    case = cooled(mapped(sandwich(1), warped))
    free = np.zeros_like(case.fixed)
    level = multigrid(case.operator, case.fixed).finest
    fine = vectors(case.fixed, 1)[0].astype(np.float32)
    coarse = np.random.default_rng(1).random(level.restrict(fine).shape, dtype=np.float32)
    assert np.vdot(level.restrict(fine), coarse) == pytest.approx(np.vdot(fine, level.prolong(coarse)), rel=1e-5)
    straight = sandwich(1)
    unheld = multigrid(cooled(straight).operator, free | (np.arange(len(free)) == 0)[:, None]).finest
    corners = np.unique(straight.cells[:, case.operator.element.corner_nodes])
    field = (straight.points @ np.array([[1.0, 2.0, 3.0], [0.5, -1.0, 2.0], [0.3, 0.7, 1.1]])).astype(np.float32)
    assert unheld.prolong(field[corners])[1:] == pytest.approx(field[1:], abs=1e-6)


def test_surroundings_that_are_alike_share_an_inverse() -> None:
    """Far fewer inverses than elements, and the same answer as with one each."""
    mesh = sandwich(2)
    shared, own = (cooled(one, 0.49) for one in (mesh, without_copies(mesh)))
    smoother = multigrid(shared.operator, shared.fixed).finest.smoother
    each = multigrid(own.operator, own.fixed).finest.smoother
    assert len(each.inverses.matrices) == len(mesh.cells)
    assert len(smoother.inverses.matrices) < len(mesh.cells) / 3
    x = vectors(shared.fixed, 1)[0].astype(np.float32)
    expected = each.inverses @ x
    assert np.abs(smoother.inverses @ x - expected).max() < 1e-5 * np.abs(expected).max()


def test_the_inverse_of_an_element_is_that_of_the_assembled_matrix_between_its_nodes() -> None:
    """Neighbours' shares included, weighted by the number of elements at each node to the power of -1/4: 1e-5."""
    case = cooled(sandwich(1), 0.49)
    smoother = multigrid(case.operator, case.fixed).finest.smoother
    K = case.operator.stiffness.assembled()
    joined = case.operator.connectivity
    count = np.diff(joined.begin)
    for e in (0, 37, 79):
        unknowns = (3 * joined.nodes[e][:, None] + np.arange(3)).ravel()
        active = ~case.fixed.ravel()[unknowns]
        kept = unknowns[active]
        weight = np.repeat(count[joined.nodes[e]], 3)[active] ** -0.25
        expected = np.linalg.inv(K[kept][:, kept].toarray()) * weight[:, None] * weight
        found = smoother.inverses.matrices[smoother.inverses.kinds[e]][np.ix_(active, active)]
        assert np.abs(found - expected).max() < 1e-5 * np.abs(expected).max()


def test_the_spectrum_of_the_smoother_lies_where_its_polynomial_damps() -> None:
    """A dozen power steps find the largest eigenvalue to 15 %; Chebyshev's polynomial contracts up to low + high.

    Beyond that the cycle would not be positive. A random vector's hundred steps stand for the exact one.
    """
    case = cooled(sandwich(1), 0.49)
    smoother = multigrid(case.operator, case.fixed).finest.smoother
    x = vectors(case.fixed, 1)[0].astype(np.float32)
    for _ in range(100):
        x /= np.linalg.norm(x)
        x = smoother.inverses @ smoother.residual_of(x)
    largest = float(np.linalg.norm(x))
    estimate = smoother.largest
    assert 0.85 * largest < estimate < 1.001 * largest
    assert largest < sum(module.RANGE) * estimate


def test_iterations_less_than_double_towards_incompressibility_in_a_thin_layer() -> None:
    """From nu 0.3 to 0.49 in a layer whose elements are six times as wide as high."""
    mesh = sandwich(2)
    assert iterations(mesh, 0.49) < 2 * iterations(mesh, 0.3)


def test_iterations_less_than_double_with_a_contrast_from_1e2_to_1e5() -> None:
    mesh = sandwich(2)
    assert iterations(mesh, contrast=1e5) < 2 * iterations(mesh, contrast=1e2)


def test_iterations_grow_by_less_than_half_with_eight_times_the_elements() -> None:
    """Refined once: 80 and 640 elements, in a nearly incompressible layer."""
    assert iterations(sandwich(2, 2), 0.49) < 1.5 * iterations(sandwich(1), 0.49)


class Nothing:
    """No correction at all."""

    def cycle(self, r: Floats) -> Floats:
        """Return zero."""
        return np.zeros_like(r)


def one_level(mesh: SolidMesh) -> int:
    case = cooled(mesh)
    whole = solver(case.operator, case.fixed, "multigrid")
    assert isinstance(whole.inverse, Multigrid)
    alone = replace(whole.inverse, finest=replace(whole.inverse.finest, coarser=Nothing()))
    return replace(whole, inverse=alone).solve(case.load).iterations


def test_without_coarse_levels_iterations_grow() -> None:
    """The law above bites: twice as many when refined once, and twice as many as with them."""
    coarse, fine = one_level(sandwich(1)), one_level(sandwich(2, 2))
    assert fine > 1.8 * coarse
    assert fine > 2 * iterations(sandwich(2, 2))


def diagonal_inverses(stiffness: ElementMatrices, chosen: np.ndarray, fixed: Bools) -> np.ndarray:
    """Jacobi's smoother, written as element matrices."""
    joined = stiffness.connectivity
    blocks = kernels.assembled_around(
        chosen, joined.begin, joined.places, joined.nodes, stiffness.kinds, stiffness.matrices
    )
    nodes = joined.nodes[chosen]
    diagonal = np.einsum("eii->ei", blocks) * np.repeat(np.diff(joined.begin)[nodes], 3, axis=1)
    entries = np.where(fixed[nodes].reshape(len(nodes), -1), 0.0, 1 / diagonal)
    return np.asarray(entries[:, :, None] * np.eye(entries.shape[1]), dtype=np.float32)


def test_a_smoother_that_inverts_no_elements_suffers_near_incompressibility(monkeypatch: pytest.MonkeyPatch) -> None:
    """The law on nu bites: point by point, the same cycle takes more than twice as many steps at 0.49 as at 0.3."""
    mesh = sandwich(2)
    monkeypatch.setattr(module, "_inverses", diagonal_inverses)
    assert iterations(mesh, 0.49) > 2 * iterations(mesh, 0.3)
