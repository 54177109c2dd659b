"""A reduced basis for one harmonic of a joint cell, with a bound on what it misses.

The shared unknowns are sought in the span of solutions at a few values of the moduli. The Schur complement is then too
stiff by

    E_N - E = R' H^-1 R >= 0,        R = B - H V X

with the residual R. Where theta >= a theta_r group by group, H >= a H_r, so that R' H_r^-1 R / a bounds the defect from
above, entry by entry in the sense of quadratic forms. H_r is factored beforehand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.linalg as dense
from numpy.typing import NDArray

from .substructure import Substructures

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

TOLERANCE = 1e-6
"""Relative defect of every amplitude's energy at the values that train a basis [-]."""

CORNER = 1e60
"""Stands in the corner of a bordered matrix: larger than any energy, and never looked at."""

NEGLIGIBLE = 1e-9
"""What is left of a normalised solution outside of a basis that is taken for round-off [-]."""


@dataclass(frozen=True)
class ReducedHarmonic:
    """One harmonic in a reduced basis.

    Parameters
    ----------
    H, B, T, T_inverse
        What scales with theta of each group, and with 1/theta; shapes (g, N, N), (g, N, k), (g, k, k), (g, k, k).
    B_fixed, T_fixed
        What doesn't, shapes (N, k) and (k, k).
    basis
        V, shape (n, N).
    references
        theta of the factored stiffnesses, shape (r, g).
    residuals
        Maps from the coefficients of a residual to its components in the norm of each reference, shape (r, d, c).
    """

    H: Floats
    B: Floats
    T: Floats
    T_inverse: Floats
    B_fixed: Floats
    T_fixed: Floats
    basis: Floats
    references: Floats
    residuals: Floats

    def form(self, theta: Floats) -> Floats:
        """Return E_N at theta (p, g), shape (p, k, k).

        The Cholesky factor of H bordered by B, with anything large enough in the corner, has B' L^-T in its lower left
        block: half the work of solving for X.
        """
        H, B = self._at(theta)
        (points, N, k) = B.shape
        bordered = np.zeros((points, N + k, N + k))
        bordered[:, :N, :N] = H
        bordered[:, N:, :N] = B.swapaxes(1, 2)
        bordered[:, range(N, N + k), range(N, N + k)] = CORNER
        half = np.linalg.cholesky(bordered)[:, N:, :N]
        E = np.tensordot(theta, self.T, 1) + np.tensordot(1.0 / theta, self.T_inverse, 1) + self.T_fixed
        return np.asarray(E - half @ half.swapaxes(1, 2))

    def coefficients(self, theta: Floats) -> Floats:
        """Return X at theta (p, g), shape (p, N, k)."""
        return np.asarray(np.linalg.solve(*self._at(theta)), dtype=np.float64)

    def _at(self, theta: Floats) -> tuple[Floats, Floats]:
        return np.tensordot(theta, self.H, 1), np.tensordot(theta, self.B, 1) + self.B_fixed

    def defect(self, theta: Floats, X: Floats) -> Floats:
        """Return an upper bound of E_N - E as quadratic forms, shape (p, k, k)."""
        points, k = len(theta), X.shape[2]
        ratio = (theta[:, None] / self.references).min(axis=2)
        choice = ratio.argmax(axis=1)
        eye = np.broadcast_to(np.eye(k), (points, k, k))
        parts = [theta[:, :, None, None] * eye[:, None], -theta[:, :, None, None] * X[:, None]]
        flat = [part.reshape(points, part.shape[1] * part.shape[2], k) for part in parts]
        coefficients = np.concatenate([*flat, eye], axis=1)
        bound = np.empty((points, k, k))
        for number in np.unique(choice):
            mine = choice == number
            R = self.residuals[number] @ coefficients[mine]
            bound[mine] = R.swapaxes(1, 2) @ R / ratio[mine, number, None, None]
        return bound


def reduced_harmonic(
    parts: Substructures, training: Floats, wanted: Floats | None = None, tolerance: float = TOLERANCE
) -> ReducedHarmonic:
    """Build a basis that answers every training point to a tolerance.

    Parameters
    ----------
    parts
        The condensed groups.
    training
        theta of the training points, which are the references of the bound too, shape (r, g).
    wanted
        Combinations of amplitudes whose answers are wanted, one a column; the others are read from them. None: all.
    tolerance
        Largest relative defect of their energies [-].
    """
    groups = parts.groups
    stack = {name: np.array([getattr(g, name) for g in groups]) for name in ("H", "B", "T", "T_inverse")}
    B_fixed, T_fixed = (np.sum([getattr(g, name) for g in groups], axis=0) for name in ("B_fixed", "T_fixed"))
    wanted = np.eye(stack["B"].shape[2]) if wanted is None else wanted
    factors, solutions, exact = [], [], []
    for theta in training:
        H, B = np.tensordot(theta, stack["H"], 1), np.tensordot(theta, stack["B"], 1) + B_fixed
        factors.append(dense.cholesky(H, lower=True))
        solutions.append(dense.cho_solve((factors[-1], True), B @ wanted))
        T = np.tensordot(theta, stack["T"], 1) + np.tensordot(1 / theta, stack["T_inverse"], 1) + T_fixed
        exact.append(_energies(T, wanted) - np.einsum("ij,ij->j", B @ wanted, solutions[-1]))
    scale = 1.0 / np.sqrt(np.mean([(L**2).sum(axis=1) for L in factors], axis=0))
    amount = np.abs(exact)
    V = np.zeros((len(scale), 0))
    worst, open_ = len(training) // 2, np.ones(wanted.shape[1], dtype=bool)
    while True:
        new = solutions[worst][:, open_] / scale[:, None]
        new = new / np.linalg.norm(new, axis=0).clip(1e-300)
        base = V / scale[:, None]
        for _ in range(2):
            new = new - base @ (base.T @ new)
        U, size, _ = np.linalg.svd(new, full_matrices=False)
        V = np.hstack([V, scale[:, None] * U[:, size > NEGLIGIBLE]])
        model = _projected(stack, B_fixed, T_fixed, V)
        E = model.form(training)
        gap = np.abs(_energies(E, wanted) - exact) / amount
        open_ = gap.max(axis=0) > tolerance
        worst = int(gap.max(axis=1).argmax())
        if gap.max() <= tolerance or V.shape[1] >= len(scale):
            break
    return _with_references(model, stack, B_fixed, training, factors)


def _energies(form: Floats, wanted: Floats) -> Floats:
    """Twice the energy of each wanted combination."""
    return np.asarray(np.einsum("ia,...ij,ja->...a", wanted, form, wanted))


def _projected(stack: dict[str, Floats], B_fixed: Floats, T_fixed: Floats, V: Floats) -> ReducedHarmonic:
    nothing = np.zeros((0, 0))
    return ReducedHarmonic(
        V.T @ stack["H"] @ V, V.T @ stack["B"], stack["T"], stack["T_inverse"], V.T @ B_fixed, T_fixed, V,
        nothing, nothing[None],
    )  # fmt: skip


def _with_references(
    model: ReducedHarmonic, stack: dict[str, Floats], B_fixed: Floats, training: Floats, factors: Sequence[Floats]
) -> ReducedHarmonic:
    W = np.hstack([*stack["B"], *(stack["H"] @ model.basis), B_fixed])
    maps = [dense.qr(dense.solve_triangular(L, W, lower=True), mode="r")[0][: min(W.shape)] for L in factors]
    return ReducedHarmonic(
        model.H, model.B, model.T, model.T_inverse, model.B_fixed, model.T_fixed, model.basis, training, np.array(maps)
    )
