"""Reduced bases for one harmonic of a joint cell, with a bound on what they miss.

The shared unknowns are sought in the span of solutions at a few values of the moduli. The Schur complement is then too
stiff by

    E_N - E = R' H^-1 R >= 0,        R = B - H V X

with the residual R. Where theta >= a theta_r group by group, H >= a H_r, so that R' H_r^-1 R / a bounds the defect from
above, entry by entry in the sense of quadratic forms. H_r is factored beforehand.

A basis for all moduli is large, and its cost goes with the cube of its size: the references are parted into patches of
neighbours with a basis each, and a point is answered by the patch of the reference that bounds it best.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy.linalg as dense
from numpy.typing import NDArray

from .substructure import Substructures

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

TOLERANCE = 1e-5
"""Relative defect of every amplitude's energy at the values that train a basis [-]."""

PATCH = 6
"""Most references of a patch [-]."""

REACH = 9.0
"""Ratio of moduli up to which a patch is trained beyond its references: a step of a grid, and something more [-]."""

ALIKE = 9
"""Digits of logarithms of moduli that are told apart."""

STIFFER = 0.1
"""What a ratio of moduli to those of a reference below costs beside one above [-]."""

CORNER = 1e60
"""Stands in the corner of a bordered matrix: larger than any energy, and never looked at."""

NOTHING = 1e-300
"""Stands for an energy of nothing."""

NEGLIGIBLE = 1e-9
"""What is left of a normalised solution outside of a basis that is taken for round-off [-]."""


@dataclass(frozen=True)
class Nearest:
    """The references that bound points best.

    Parameters
    ----------
    choice
        Number of the reference, shape (p,).
    ratio
        The a of theta >= a theta_r, shape (p,) [-].
    """

    choice: Integers
    ratio: Floats

    def __getitem__(self, points: NDArray[np.bool_] | Integers) -> Nearest:
        return Nearest(self.choice[points], self.ratio[points])


def nearest_below(theta: Floats, references: Floats) -> Nearest:
    """Return the references that bound best at moduli theta (p, g), among references (r, g).

    Among those with the same a it is the stiffest: of references below a point in all moduli the nearest.
    """
    gap = np.log(theta)[:, None] - np.log(references)
    low = gap.min(axis=2)
    choice = (np.minimum(low, 0.0) - STIFFER * np.abs(gap).sum(axis=2)).argmax(axis=1)
    return Nearest(choice, np.exp(low[np.arange(len(choice)), choice]))


@dataclass(frozen=True)
class Patch:
    """A basis for the neighbourhood of some references.

    Parameters
    ----------
    H, B
        What scales with theta of each group that varies, shapes (v, N, N) and (v, N, k).
    H_fixed, B_fixed
        What doesn't, shapes (N, N) and (N, k).
    varying
        Numbers of these groups.
    basis
        V, shape (n, N).
    residuals
        Maps from the coefficients of a residual to its components in the norm of a reference, by its number.
    """

    H: Floats
    B: Floats
    H_fixed: Floats
    B_fixed: Floats
    varying: Integers
    basis: Floats
    residuals: dict[int, Floats]

    def at(self, theta: Floats) -> tuple[Floats, Floats]:
        """Return H and B at theta (p, g), shapes (p, N, N) and (p, N, k)."""
        own = theta[:, self.varying]
        return np.tensordot(own, self.H, 1) + self.H_fixed, np.tensordot(own, self.B, 1) + self.B_fixed

    def relief(self, theta: Floats) -> Floats:
        """Return B' H^-1 B at theta (p, g), shape (p, k, k).

        The Cholesky factor of H bordered by B, with anything large enough in the corner, has B' L^-T in its lower left
        block: half the work of solving for X.
        """
        H, B = self.at(theta)
        (points, N, k) = B.shape
        bordered = np.zeros((points, N + k, N + k))
        bordered[:, :N, :N] = H
        bordered[:, N:, :N] = B.swapaxes(1, 2)
        bordered[:, range(N, N + k), range(N, N + k)] = CORNER
        half = np.linalg.cholesky(bordered)[:, N:, :N]
        return np.asarray(half @ half.swapaxes(1, 2))

    def coefficients(self, theta: Floats) -> Floats:
        """Return X = H^-1 B at theta (p, g), shape (p, N, k)."""
        return np.asarray(np.linalg.solve(*self.at(theta)), dtype=np.float64)

    def defect(self, theta: Floats, nearest: Nearest) -> Floats:
        """Return an upper bound of what `relief` lacks as quadratic forms, shape (p, k, k)."""
        X = self.coefficients(theta)
        points, k = len(theta), X.shape[2]
        factors = np.column_stack([np.ones(points), theta[:, self.varying]])[:, :, None, None]
        parts = factors * np.eye(k), -factors * X[:, None]
        coefficients = np.concatenate([part.reshape(points, -1, k) for part in parts], axis=1)
        bound = np.empty((points, k, k))
        for number in np.unique(nearest.choice):
            mine = nearest.choice == number
            R = self.residuals[number] @ coefficients[mine]
            bound[mine] = R.swapaxes(1, 2) @ R / nearest.ratio[mine, None, None]
        return bound


@dataclass(frozen=True)
class ReducedHarmonic:
    """One harmonic in reduced bases.

    Parameters
    ----------
    T, T_inverse, T_fixed
        What scales with theta of each group, with 1/theta, and what doesn't; shapes (g, k, k), (g, k, k) and (k, k).
    references
        theta of the factored stiffnesses, shape (r, g).
    patches
        The bases.
    owner
        Number of the patch of each reference, shape (r,).
    """

    T: Floats
    T_inverse: Floats
    T_fixed: Floats
    references: Floats
    patches: tuple[Patch, ...]
    owner: Integers

    @cached_property
    def basis(self) -> Floats:
        """The bases of all patches side by side, shape (n, N)."""
        return np.hstack([patch.basis for patch in self.patches])

    def form(self, theta: Floats, nearest: Nearest) -> Floats:
        """Return E_N at theta (p, g), shape (p, k, k)."""
        E = np.tensordot(theta, self.T, 1) + np.tensordot(1.0 / theta, self.T_inverse, 1) + self.T_fixed
        for _, patch, mine in self._parted(nearest):
            E[mine] -= patch.relief(theta[mine])
        return np.asarray(E)

    def coefficients(self, theta: Floats, nearest: Nearest) -> Floats:
        """Return X at theta (p, g) in the bases of all patches, shape (p, N, k)."""
        X = np.zeros((len(theta), self.basis.shape[1], self.T.shape[1]))
        for rows, patch, mine in self._parted(nearest):
            X[mine, rows] = patch.coefficients(theta[mine])
        return X

    def defect(self, theta: Floats, nearest: Nearest) -> Floats:
        """Return an upper bound of E_N - E as quadratic forms, shape (p, k, k)."""
        bound = np.empty((len(theta), *self.T.shape[1:]))
        for _, patch, mine in self._parted(nearest):
            bound[mine] = patch.defect(theta[mine], nearest[mine])
        return bound

    def _parted(self, nearest: Nearest) -> list[tuple[slice, Patch, Integers]]:
        """Rows in the bases of all patches, the patch, and its points, of those that have any."""
        owner, ends = self.owner[nearest.choice], np.cumsum([patch.basis.shape[1] for patch in self.patches])
        return [
            (slice(end - patch.basis.shape[1], end), patch, np.flatnonzero(owner == number))
            for number, (patch, end) in enumerate(zip(self.patches, ends, strict=True))
            if (owner == number).any()
        ]


@dataclass(frozen=True)
class _Groups:
    """The groups' matrices, of each kind in one array; H and B of those that never vary with what is fixed."""

    H: Floats
    B: Floats
    T: Floats
    T_inverse: Floats
    H_fixed: Floats
    B_fixed: Floats
    T_fixed: Floats
    varying: Integers

    @classmethod
    def of(cls, parts: Substructures, training: Floats) -> _Groups:
        H, B, T, T_inverse, B_fixed, T_fixed = (
            np.array([getattr(g, name) for g in parts.groups])
            for name in ("H", "B", "T", "T_inverse", "B_fixed", "T_fixed")
        )
        same = (training == 1.0).all(axis=0)
        return cls(
            H[~same], B[~same], T, T_inverse, H[same].sum(axis=0), B[same].sum(axis=0) + B_fixed.sum(axis=0),
            T_fixed.sum(axis=0), np.flatnonzero(~same),
        )  # fmt: skip

    def at(self, theta: Floats) -> tuple[Floats, Floats]:
        own = theta[self.varying]
        return np.tensordot(own, self.H, 1) + self.H_fixed, np.tensordot(own, self.B, 1) + self.B_fixed

    def projected(self, V: Floats, residuals: dict[int, Floats]) -> Patch:
        return Patch(
            V.T @ self.H @ V, V.T @ self.B, V.T @ self.H_fixed @ V, V.T @ self.B_fixed, self.varying, V, residuals
        )


def reduced_harmonic(
    parts: Substructures, training: Floats, wanted: Floats | None = None, tolerance: float = TOLERANCE
) -> ReducedHarmonic:
    """Build bases that answer every training point to a tolerance.

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
    groups = _Groups.of(parts, training)
    wanted = np.eye(groups.B.shape[2]) if wanted is None else wanted
    factors, solutions, exact = [], [], []
    for theta in training:
        H, B = groups.at(theta)
        factors.append(dense.cholesky(H, lower=True))
        solutions.append(dense.cho_solve((factors[-1], True), B @ wanted))
        exact.append(np.einsum("ij,ij->j", B @ wanted, solutions[-1]))
    T = np.tensordot(training, groups.T, 1) + np.tensordot(1 / training, groups.T_inverse, 1) + groups.T_fixed
    amount = np.maximum(np.abs(_energies(T, wanted) - exact), NOTHING)  # none by an expansion of the other side
    scale = 1.0 / np.sqrt(np.mean([(L**2).sum(axis=1) for L in factors], axis=0))
    owner = np.empty(len(training), dtype=np.int64)
    patches = []
    for number, own in enumerate(_patches(np.log(training))):
        near = _around(np.log(training), own)
        V = _basis(groups, training[near], np.array(solutions)[near], np.array(exact)[near], wanted, amount[near],
                   scale, tolerance)  # fmt: skip
        W = np.hstack([groups.B_fixed, *groups.B, groups.H_fixed @ V, *(groups.H @ V)])
        patches.append(groups.projected(V, {int(r): _residual_map(factors[r], W) for r in own}))
        owner[own] = number
    return ReducedHarmonic(groups.T, groups.T_inverse, groups.T_fixed, training, tuple(patches), owner)


def _basis(
    groups: _Groups,
    training: Floats,
    solutions: Floats,
    exact: Floats,
    wanted: Floats,
    amount: Floats,
    scale: Floats,
    tolerance: float,
) -> Floats:
    """Take solutions where the basis is worst, until it answers all training points."""
    V = np.zeros((len(scale), 0))
    worst, open_ = len(training) // 2, np.ones(wanted.shape[1], dtype=bool)
    while True:
        new = solutions[worst][:, open_] / scale[:, None]
        new = new / np.linalg.norm(new, axis=0).clip(NOTHING)
        base = V / scale[:, None]
        for _ in range(2):
            new = new - base @ (base.T @ new)
        U, size, _ = np.linalg.svd(new, full_matrices=False)
        V = np.hstack([V, scale[:, None] * U[:, size > NEGLIGIBLE]])
        gap = np.abs(_energies(groups.projected(V, {}).relief(training), wanted) - exact) / amount
        open_ = gap.max(axis=0) > tolerance
        worst = int(gap.max(axis=1).argmax())
        if gap.max() <= tolerance or V.shape[1] >= len(scale):
            return V


def _energies(form: Floats, wanted: Floats) -> Floats:
    """Twice the energy of each wanted combination."""
    return np.asarray(np.einsum("ia,...ij,ja->...a", wanted, form, wanted))


def _patches(points: Floats) -> list[Integers]:
    """Part points (r, g) into neighbours, a few each: halves along the widest side of what holds them."""
    parts, found = [np.arange(len(points))], []
    while parts:
        part = parts.pop()
        along = points[part, np.ptp(points[part], axis=0).argmax()].round(ALIKE)
        steps = np.unique(along)
        if len(part) <= PATCH or len(steps) == 1:
            found.append(part)
        else:
            upper = along >= steps[len(steps) // 2]
            parts += [part[~upper], part[upper]]
    return found


def _around(points: Floats, own: Integers) -> Integers:
    """Points in the box that holds some of them and reaches as far up as they are the nearest below."""
    low, high = points[own].min(axis=0), points[own].max(axis=0) + np.log(REACH)
    return np.flatnonzero(((points >= low - 10.0**-ALIKE) & (points <= high)).all(axis=1))


def _residual_map(factor: Floats, W: Floats) -> Floats:
    """Return the triangle that a residual's norm is taken with."""
    return np.asarray(dense.qr(dense.solve_triangular(factor, W, lower=True), mode="r")[0][: min(W.shape)])
