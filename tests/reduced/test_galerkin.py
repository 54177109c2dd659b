"""The reduced basis of one harmonic: what it misses is never more than its bound, and the bound is no idle one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fem_wlp.reduced.galerkin import ReducedHarmonic, reduced_harmonic
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
    parts, theta = chain(seed, loaded), np.array([1.0, 10.0**a, 10.0**b])
    model = reduced(parts)
    E, X = model.form(theta[None]), model.coefficients(theta[None])
    defect, bound = E[0] - exact(parts, theta), model.defect(theta[None], X)[0]
    noise = 1e-11 * np.abs(E[0]).max()
    assert smallest(defect) >= -noise
    assert smallest(bound - defect) >= -noise


def test_a_tolerance_is_kept_where_the_basis_was_trained_and_a_tighter_one_takes_a_larger_basis() -> None:
    parts = chain(3, loaded=False)
    rough, fine = (reduced(parts, tolerance) for tolerance in (1e-2, 1e-9))
    assert rough.basis.shape[1] < fine.basis.shape[1]
    for model, tolerance in ((rough, 1e-2), (fine, 1e-9)):
        E = model.form(model.references)
        for form, theta in zip(E, model.references, strict=True):
            known = exact(parts, theta)
            assert np.all(np.diag(form - known) <= tolerance * np.abs(np.diag(known)) + 1e-12 * np.abs(known).max())


def test_a_bound_in_the_norm_of_a_stiffer_reference_fails() -> None:
    """The control: references that are taken for softer than they are make the bound too small."""
    parts, theta = chain(1, loaded=False), np.array([[1.0, 0.03, 0.3]])
    model = reduced(parts, tolerance=0.3)
    E, X = model.form(theta), model.coefficients(theta)
    defect = E[0] - exact(parts, theta[0])
    wrong = replace(model, references=1e-3 * model.references)
    assert smallest(model.defect(theta, X)[0] - defect) >= 0.0
    assert smallest(wrong.defect(theta, X)[0] - defect) < -1e-6


def test_points_that_ask_for_no_bound_get_none() -> None:
    model = reduced(chain(0, loaded=False))
    E, X = model.form(model.references), model.coefficients(model.references)
    assert model.defect(model.references[:0], X[:0]).shape == (0, AMPLITUDES, AMPLITUDES)
    assert E.shape[0] == len(model.references)
    assert X.shape[1] == pytest.approx(model.basis.shape[1])
