"""Constrained systems: against the saddle-point system written out, and what is refused."""

import numpy as np
import pytest
import scipy.sparse as sparse

from fem_wlp.elasticity import solve
from fem_wlp.errors import SolveError


def chain(count: int) -> sparse.csc_matrix:
    """Springs of stiffness 1, 2, 3, … in a row, both ends free."""
    k = np.arange(1.0, count)
    main = np.concatenate([[0.0], k]) + np.concatenate([k, [0.0]])
    return sparse.diags([main, -k, -k], [0, 1, -1]).tocsc()


def constrained(K: sparse.csc_matrix, **parts: object) -> solve.Constrained:
    n = K.shape[0]
    nothing = {
        "reduction": sparse.identity(n, format="csc"),
        "prescribed": np.zeros(0, dtype=np.int64),
        "sums": np.zeros((0, n)),
        "rigid": np.zeros((n, 0)),
        "pins": np.zeros(0, dtype=np.int64),
    }
    return solve.Constrained(K, **(nothing | parts))


def test_prescribed_sums_and_rigid_motions_solve_the_saddle_point_system() -> None:
    """A floating chain held by its mean and by one end's mean, two loads at once: 1e-12 of the dense solution."""
    n = 7
    K, rng = chain(n), np.random.default_rng(1)
    sums, loads, values = rng.random((2, n)), rng.random((n, 2)), rng.random((2, 2))
    one = solve.solve(
        constrained(K, sums=sums, rigid=np.ones((n, 1)), pins=np.array([3])), loads, np.zeros((n, 2)), values
    )
    saddle = np.block([[K.toarray(), -sums.T], [sums, np.zeros((2, 2))]])
    expected = np.linalg.solve(saddle, np.vstack([loads, values]))
    assert one.displacement == pytest.approx(expected[:n], rel=1e-12)
    assert one.multipliers == pytest.approx(expected[n:], rel=1e-12)
    assert one.residual < 1e-14


def test_prescribed_unknowns_keep_their_values() -> None:
    """Springs 1, 2, 3 in series between 0 and 1: the force is 1/(1 + 1/2 + 1/3)."""
    prescribed = np.array([[0.0], [9.0], [9.0], [1.0]])
    one = solve.solve(
        constrained(chain(4), prescribed=np.array([0, 3])), np.zeros((4, 1)), prescribed, np.zeros((0, 1))
    )
    force = 1 / (1 + 1 / 2 + 1 / 3)
    assert one.displacement[:, 0] == pytest.approx([0.0, force, 1.5 * force, 1.0], rel=1e-14)


def test_a_floating_body_is_refused() -> None:
    with pytest.raises(SolveError) as refused:
        solve.solve(constrained(chain(4)), np.ones((4, 1)), np.zeros((4, 1)), np.zeros((0, 1)))
    assert refused.value.code == "S501"


def test_a_load_that_is_not_finite_is_refused() -> None:
    loads = np.array([[0.0], [np.inf], [0.0], [0.0]])
    with pytest.raises(SolveError) as refused, np.errstate(invalid="ignore"):
        solve.solve(constrained(chain(4), prescribed=np.array([0])), loads, np.zeros((4, 1)), np.zeros((0, 1)))
    assert refused.value.code == "S508"


def test_forces_on_the_free_unknowns_add_up_as_solutions_do() -> None:
    """Springs 1, 2, 3 in series between 0 and 1, and a load of 5 on the second: f and f - K u of their sum.

    f on the inner unknowns is what the moved end asks, 3 on the last, and the load; by hand.
    """
    prescribed = np.array([[0.0, 0.0], [9.0, 9.0], [9.0, 9.0], [1.0, 0.0]])
    loads = np.zeros((4, 2))
    loads[1, 1] = 5.0
    one = solve.solve(constrained(chain(4), prescribed=np.array([0, 3])), loads, prescribed, np.zeros((0, 2)))
    assert one.balance.driving == pytest.approx(np.array([[0.0, 5.0], [3.0, 0.0]]), abs=1e-15)
    assert np.abs(one.balance.left).max() < 1e-14


def test_rounding_of_a_soft_joint_is_small_by_the_forces_of_elements_alone() -> None:
    """A stiff chain that hangs on a spring of 1e-9 and is moved by its mean: hardly a force is needed for that.

    The backward error is rounding; f is 1e-9, of which the matrix keeps three digits beside 1e4, and f - K u is K times
    the last digit of u.
    """
    K = (1e4 * chain(7)).tolil()
    K[0, 0] += 1e-9
    mean = np.full((1, 7), 1.0 / 7.0)
    moved = solve.solve(constrained(K.tocsc(), sums=mean), np.zeros((7, 1)), np.zeros((7, 1)), np.ones((1, 1)))
    assert moved.residual < 1e-15
    assert np.linalg.norm(moved.balance.driving) == pytest.approx(1e-9 / np.sqrt(7.0), rel=0.01)


def test_a_pin_that_carries_force_is_a_residual() -> None:
    """A pin stands for a rigid motion; a load that is not in equilibrium shows."""
    with pytest.raises(SolveError) as refused:
        solve.solve(constrained(chain(4), pins=np.array([0])), np.ones((4, 1)), np.zeros((4, 1)), np.zeros((0, 1)))
    assert refused.value.code == "S502"
