"""The reduced basis of one harmonic: what it misses is never more than its bound, and the bound is no idle one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from fem_wlp.reduced.galerkin import ReducedHarmonic, nearest_below, reduced_harmonic
from fem_wlp.reduced.substructure import Group, Substructures

UNKNOWNS, AMPLITUDES = 30, 3


def chain(seed: int, loaded: bool) -> Substructures:
    """Three groups of springs at random: any stiffness that is positive semidefinite, all of them together definite."""
    rng = np.random.default_rng(seed)
    groups = []
    for _ in range(3):
        root = rng.normal(size=(UNKNOWNS // 2, UNKNOWNS + AMPLITUDES))
        whole = root.T @ root
        F = rng.normal(size=(UNKNOWNS, AMPLITUDES)) * loaded
        groups.append(
            Group(
                whole[:UNKNOWNS, :UNKNOWNS], whole[:UNKNOWNS, UNKNOWNS:], whole[UNKNOWNS:, UNKNOWNS:],
                F, np.zeros((AMPLITUDES, AMPLITUDES)), -0.1 * np.eye(AMPLITUDES) * loaded,
            )
        )  # fmt: skip
    return Substructures(tuple(groups), AMPLITUDES)


def exact(parts: Substructures, theta: np.ndarray) -> np.ndarray:
    """The Schur complement, from the groups themselves."""
    H = sum(t * g.H for t, g in zip(theta, parts.groups, strict=True))
    B = sum(t * g.B + g.B_fixed for t, g in zip(theta, parts.groups, strict=True))
    T = sum(t * g.T + g.T_fixed + g.T_inverse / t for t, g in zip(theta, parts.groups, strict=True))
    return np.asarray(T - B.T @ np.linalg.solve(H, B))


def reduced(parts: Substructures, tolerance: float = 1e-3) -> ReducedHarmonic:
    training = np.array([[1.0, a, b] for a in np.geomspace(0.01, 100, 4) for b in np.geomspace(0.1, 10, 3)])
    return reduced_harmonic(parts, training, tolerance=tolerance)


def smallest(form: np.ndarray) -> float:
    return float(np.linalg.eigvalsh(0.5 * (form + form.T)).min())


@given(st.integers(0, 20), st.booleans(), st.floats(-2.0, 2.0), st.floats(-1.0, 1.0))
def test_a_defect_lies_between_nothing_and_its_bound(seed: int, loaded: bool, a: float, b: float) -> None:
    parts, theta = chain(seed, loaded), np.array([[1.0, 10.0**a, 10.0**b]])
    model = reduced(parts)
    nearest = nearest_below(theta, model.references)
    E = model.form(theta, nearest)[0]
    defect, bound = E - exact(parts, theta[0]), model.defect(theta, nearest)[0]
    noise = 1e-11 * np.abs(E).max()
    assert smallest(defect) >= -noise
    assert smallest(bound - defect) >= -noise


def test_a_tolerance_is_kept_where_the_basis_was_trained_and_a_tighter_one_takes_a_larger_basis() -> None:
    parts = chain(3, loaded=False)
    rough, fine = (reduced(parts, tolerance) for tolerance in (1e-2, 1e-9))
    assert rough.basis.shape[1] < fine.basis.shape[1]
    for model, tolerance in ((rough, 1e-2), (fine, 1e-9)):
        E = model.form(model.references, nearest_below(model.references, model.references))
        for form, theta in zip(E, model.references, strict=True):
            known = exact(parts, theta)
            assert np.all(np.diag(form - known) <= tolerance * np.abs(np.diag(known)) + 1e-12 * np.abs(known).max())


def test_a_bound_in_the_norm_of_a_stiffer_reference_fails() -> None:
    """The control: where references are taken to lie below a point that do not, the bound is too small."""
    parts, theta = chain(1, loaded=False), np.array([[1.0, 0.03, 0.3]])
    model = reduced(parts, tolerance=0.3)
    nearest = nearest_below(theta, model.references)
    defect = model.form(theta, nearest)[0] - exact(parts, theta[0])
    wrong = replace(nearest, ratio=1e3 * nearest.ratio)
    assert smallest(model.defect(theta, nearest)[0] - defect) >= 0.0
    assert smallest(model.defect(theta, wrong)[0] - defect) < -1e-6


@given(st.lists(st.tuples(st.floats(0.01, 100.0), st.floats(0.1, 10.0)), min_size=1, max_size=9))
def test_a_point_is_bounded_by_the_stiffest_reference_below_it(moduli: list[tuple[float, float]]) -> None:
    """The ratio is the a of theta >= a theta_r; a point on a grid is bounded by itself, not by what is softer."""
    theta = np.array([(1.0, *pair) for pair in moduli])
    grid = np.array([[1.0, a, b] for a in np.geomspace(0.01, 100, 5) for b in np.geomspace(0.1, 10, 3)])
    nearest = nearest_below(theta, grid)
    assert np.all(theta >= nearest.ratio[:, None] * grid[nearest.choice] * (1 - 1e-12))
    np.testing.assert_array_equal(nearest_below(grid, grid).choice, np.arange(len(grid)))
    np.testing.assert_array_equal(nearest_below(1.01 * grid, grid).choice, np.arange(len(grid)))


def test_patches_have_smaller_bases_than_one_for_all_and_answer_as_well() -> None:
    """Every reference belongs to one patch, and no patch to more than it may."""
    parts = chain(3, loaded=False)
    model = reduced(parts, tolerance=1e-6)
    assert len(model.patches) > 1
    for number, patch in enumerate(model.patches):
        assert sorted(patch.residuals) == np.flatnonzero(model.owner == number).tolist()
        assert len(patch.residuals) <= 6
    X = model.coefficients(model.references, nearest_below(model.references, model.references))
    B = [sum(t * g.B for t, g in zip(theta, parts.groups, strict=True)) for theta in model.references]
    H = [sum(t * g.H for t, g in zip(theta, parts.groups, strict=True)) for theta in model.references]
    known = [np.linalg.solve(one, other) for one, other in zip(H, B, strict=True)]
    for one, other, stiff in zip(X, known, H, strict=True):
        missed = model.basis @ one - other
        assert np.trace(missed.T @ stiff @ missed) <= 1e-4 * np.trace(other.T @ stiff @ other)


def test_points_that_ask_for_no_bound_get_none() -> None:
    model = reduced(chain(0, loaded=False))
    none = nearest_below(model.references[:0], model.references)
    assert model.defect(model.references[:0], none).shape == (0, AMPLITUDES, AMPLITUDES)
