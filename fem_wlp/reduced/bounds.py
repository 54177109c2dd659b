"""How far a reduced figure may be from the solve on the same meshes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..assembly.cells import sides_of
from ..assembly.system import AXIAL, LATERAL_X, LATERAL_Y, PLANAR_1, PLANAR_2
from .assembly import ReducedAssembly
from .galerkin import nearest_below
from .joint import shift_row
from .reading import Motion, with_amplitude
from .site import Site
from .state import TO_FORM, Point

Floats = NDArray[np.float64]


class Missed:
    """What figures read of one assembly miss, gathered form by form.

    With a reduced stiffness K_N = K + Def, Def between nothing and its bound M, and motions of the loads and of the
    forces on what is read, known up to energy norms rho of what they leave unbalanced, each is off by at most

        sum sqrt(a_j b_j) + sqrt(eps) (rho_q sqrt(B) + rho_z sqrt(A)) + eps (...)(...) + rho_q rho_z

    a_j = q' M q and b_j = z' M z of joint j, A and B their sums, eps >= M in units of K: the first order by
    Cauchy-Schwarz joint by joint, and what is left of the second.

    Parameters
    ----------
    rho
        Energy norms of what the motion of the loads, and then those of each figure, leave unbalanced, shape (1 + w, p).
    eps
        Bound of the largest eigenvalue of K^-1 M, shape (p,) [-].

    Attributes
    ----------
    rough
        Two estimates of what the interpolation between thicknesses misses, with their signs, shape (w, 2, p).
    """

    def __init__(self, rho: Floats, eps: Floats) -> None:
        self.rho, self.eps = rho, eps
        figures, points = len(rho) - 1, len(eps)
        self.first, self.rough = np.zeros((figures, points)), np.zeros((figures, 2, points))
        self.energies = np.zeros_like(rho)

    def add(self, point: Point, name: str, one: Floats, others: Sequence[Floats], size: Floats) -> None:
        """Add sums over the joints of size one' (error of a form) other, shapes (p, s, k), an other a figure."""
        M = point.defects[name]
        own, *energies = (np.maximum(((q @ M) * q).sum(axis=2), 0.0) for q in (one, *others))
        self.energies[0] += own @ size
        errors = [one @ forms[name] for forms in point.rough]
        for number, (energy, other) in enumerate(zip(energies, others, strict=True)):
            self.first[number] += np.sqrt(own * energy) @ size
            self.energies[1 + number] += energy @ size
            self.rough[number] += [(error * other).sum(axis=2) @ size for error in errors]

    def bounds(self) -> Floats:
        """Return the bounds, shape (w, p); infinite where the bases are too poor for one."""
        root, amount = np.sqrt(self.eps), np.sqrt(self.energies)
        (A, q), (B, z) = (amount[0], self.rho[0]), (amount[1:], self.rho[1:])
        defects = self.first + root * (q * B + z * A) + self.eps * (q * z + (A + root * q) * (B + root * z))
        return np.where(self.eps < 1.0, defects + q * z, np.inf)


def missed_joined(
    site: Site, point: Point, motion: Motion, model: ReducedAssembly, weights: Sequence[Floats], theta: Floats
) -> Missed:
    """Return what each of ``weights`` (p, 2) times delta misses."""
    index, size, critical = site.layout.index, site.layout.size, site.critical
    duals = [np.einsum("pk,pkc->pc", weight, motion.by_outputs) for weight in weights]
    pulls, k = point.released.shape[1], point.forms["lateral"].shape[1]
    sides = sides_of(point.place.edges[:, site.layout.first])
    missed = _begun(point, motion, model, weights, theta, cut=False)
    for axis, kinds in enumerate((LATERAL_X, LATERAL_Y)):

        def tilted(q: Floats, kinds: tuple[int, ...] = kinds) -> Floats:
            amplitudes = np.zeros((len(q), len(index), k))
            amplitudes[:, :, :2] = q[:, index[:, kinds]] @ point.place.tilt.swapaxes(1, 2)
            return amplitudes

        one, others = tilted(motion.q), [tilted(dual) for dual in duals]
        one[:, :, 2 : 2 + pulls] = sides[:, :, axis, None] * point.released[:, None]
        for weight, other in zip(weights, others, strict=True):
            read = (weight[:, axis] * critical.sign[axis] / size[critical.orbit])[:, None]
            other[:, critical.orbit, -4:] = read * shift_row(point.place.height)
        missed.add(point, "lateral", one, others, size)
    one, *others = (q[:, index[:, AXIAL]] @ TO_FORM.T for q in (motion.q, *duals))
    still = np.zeros_like(point.growth)
    missed.add(point, "axial", with_amplitude(one, point.growth), [with_amplitude(q, still) for q in others], size)
    for kinds in (PLANAR_1, PLANAR_2):
        missed.add(point, "planar", motion.q[:, index[:, kinds]], [dual[:, index[:, kinds]] for dual in duals], size)
    return missed


def missed_severed(
    site: Site, point: Point, motion: Motion, model: ReducedAssembly, weights: Sequence[Floats], theta: Floats
) -> Missed:
    """Return what each of ``weights`` (p, 2) times delta_0 misses."""
    index, size = site.layout.index, site.layout.size
    duals = [np.einsum("pk,pkc->pc", weight, motion.by_outputs) for weight in weights]
    missed, still = _begun(point, motion, model, weights, theta, cut=True), np.zeros_like(point.growth)
    for number, plate in enumerate(("chip", "board")):
        kinds = AXIAL[3 * number + 1 : 3 * number + 3]
        one, *others = (q[:, index[:, kinds]] for q in (motion.q, *duals))
        grown = with_amplitude(one, point.growth)
        missed.add(point, f"{plate} axial", grown, [with_amplitude(q, still) for q in others], size)
        for family in (PLANAR_1, PLANAR_2):
            kinds = family[2 * number : 2 * number + 2]
            one, *others = (q[:, index[:, kinds]] for q in (motion.q, *duals))
            missed.add(point, f"{plate} planar", one, others, size)
    sides = sides_of(point.place.edges[:, site.critical.joint])
    layers = point.released.shape[1]
    one, *others = (np.zeros((len(sides), 1, layers + 2)) for _ in range(1 + len(weights)))
    one[:, 0, :layers] = point.released
    for weight, other in zip(weights, others, strict=True):
        other[:, 0, layers:] = (weight * sides).sum(axis=1)[:, None] * shift_row(point.place.height)[:, :2]
    missed.add(point, "chip lateral", one, others, np.ones(1))
    return missed


@dataclass(frozen=True)
class Off:
    """By how much a shift, of p points, may be off along a direction and across it.

    Parameters
    ----------
    bounds
        Shape (2, p).
    rough
        Two estimates of what the interpolation between thicknesses misses, with their signs, shape (2, 2, p).
    """

    bounds: Floats
    rough: Floats

    def __add__(self, missed: Missed) -> Off:
        return Off(self.bounds + missed.bounds(), self.rough + missed.rough)

    @property
    def size(self) -> Floats:
        """Largest size of the error as a vector, shape (p,)."""
        return np.asarray(np.linalg.norm(self.bounds + np.linalg.norm(self.rough, axis=1), axis=0))


def figure_bound(shift: Floats, free: Floats, shift_off: Off, free_off: Off) -> Floats:
    """Bound of the error of D = delta . delta_0 / |delta_0|^2, shape (p,) [-].

    With errors e of delta and f of a = delta_0, and the inverse w = a/|a|^2, which changes by Dw f + r,

        D(delta + e, a + f) = D + e.w + delta.Dw f + e.Dw f + (delta + e).r
        delta.Dw f = f.(delta - 2 D a)/|a|^2,   |Dw f| = |f|/|a|^2,   |r| <= |f|^2 / (|a|^2 (|a| - |f|))

    Parameters
    ----------
    shift, free
        delta and delta_0, shape (p, 2) [mm].
    shift_off, free_off
        Their errors along delta_0 and across it (turned by a right angle), over its size [1].
    """
    size = np.hypot(*free.T)
    along, across = free / size[:, None], np.stack([-free[:, 1], free[:, 0]], axis=1) / size[:, None]
    slope = np.stack([-(shift * along).sum(axis=1), (shift * across).sum(axis=1)]) / size  # (delta - 2 D a)/|a|
    linear = shift_off.bounds[0] + (np.abs(slope) * free_off.bounds).sum(axis=0)
    rough = np.hypot(*(shift_off.rough[0] + (slope[:, None] * free_off.rough).sum(axis=0)))
    e, f = shift_off.size, free_off.size  # over |a|
    amount = np.hypot(*shift.T) / size
    with np.errstate(divide="ignore", invalid="ignore"):
        rest = e * f + (amount + e) * f**2 / (1.0 - f)
    return np.asarray(np.where(f < 1.0, linear + rough + rest, np.inf))


def _begun(
    point: Point, motion: Motion, model: ReducedAssembly, weights: Sequence[Floats], theta: Floats, cut: bool
) -> Missed:
    """Begin what is missed, with the norms of the motions' unbalanced forces and of the defects."""
    nearest = nearest_below(theta, model.theta)
    ratio, choice = np.minimum(1.0, nearest.ratio), nearest.choice
    figures = [np.einsum("pk,pkc->pc", weight, motion.left[:, 1:]) for weight in weights]
    rho = model.norms(np.stack([motion.left[:, 0], *figures], axis=1), choice).T / np.sqrt(ratio)
    give = model.give[choice]
    eps = np.zeros(len(choice))
    if cut:
        for number, plate in enumerate(("chip", "board")):
            axial = np.array(AXIAL[3 * number + 1 : 3 * number + 3])
            eps += _trace(point.defects[f"{plate} axial"][:, :2, :2], give[:, axial[:, None], axial])
            for family in (PLANAR_1, PLANAR_2):
                planar = np.array(family[2 * number : 2 * number + 2])
                eps += _trace(point.defects[f"{plate} planar"], give[:, planar[:, None], planar])
    else:
        axial, tilt = np.array(AXIAL), point.place.tilt
        eps += _trace(point.defects["axial"][:, :5, :5], TO_FORM @ give[:, axial[:, None], axial] @ TO_FORM.T)
        for kinds in (np.array(LATERAL_X), np.array(LATERAL_Y)):
            own = tilt @ give[:, kinds[:, None], kinds] @ tilt.swapaxes(1, 2)
            eps += _trace(point.defects["lateral"][:, :2, :2], own)
        for kinds in (np.array(PLANAR_1), np.array(PLANAR_2)):
            eps += _trace(point.defects["planar"], give[:, kinds[:, None], kinds])
    return Missed(rho, eps / ratio)


def _trace(one: Floats, other: Floats) -> Floats:
    """Trace of the products of symmetric matrices, shape (p,)."""
    return np.asarray((one * other).sum(axis=(1, 2)))
