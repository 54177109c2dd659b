"""How far a reduced figure may be from the solve on the same meshes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..assembly.system import AXIAL, LATERAL_X, LATERAL_Y, PLANAR_1, PLANAR_2
from .assembly import ReducedAssembly, sides_of
from .galerkin import nearest_below
from .joint import shift_row
from .reading import Motion, with_amplitude
from .site import Site
from .state import TO_FORM, Point

Floats = NDArray[np.float64]


class Missed:
    """What a figure read of one assembly misses, gathered form by form.

    With a reduced stiffness K_N = K + Def, Def between nothing and its bound M, and both motions, of the loads and of
    unit forces on what is read, known up to energy norms rho of what they leave unbalanced, it is off by at most

        sum sqrt(a_j b_j) + sqrt(eps) (rho_q sqrt(B) + rho_z sqrt(A)) + eps (...)(...) + rho_q rho_z

    a_j = q' M q and b_j = z' M z of joint j, A and B their sums, eps >= M in units of K: the first order by
    Cauchy-Schwarz joint by joint, and what is left of the second.

    Parameters
    ----------
    rho
        Energy norms of what both motions leave unbalanced, shape (2, p).
    eps
        Bound of the largest eigenvalue of K^-1 M, shape (p,) [-].

    Attributes
    ----------
    rough
        Two estimates of what the interpolation between thicknesses misses, with their signs, shape (2, p).
    """

    def __init__(self, rho: Floats, eps: Floats) -> None:
        self.rho, self.eps = rho, eps
        self.first, self.rough = np.zeros(len(eps)), np.zeros_like(rho)
        self.energies = np.zeros_like(rho)

    def add(self, point: Point, name: str, one: Floats, other: Floats, size: Floats) -> None:
        """Add the sum over the joints of size one' (error of a form) other, shapes (p, s, k)."""
        M = point.defects[name]
        energies = np.array([np.maximum(((q @ M) * q).sum(axis=2), 0.0) for q in (one, other)])
        self.first += np.sqrt(energies[0] * energies[1]) @ size
        self.energies += energies @ size
        self.rough += [((one @ forms[name]) * other).sum(axis=2) @ size for forms in point.rough]

    def bound(self) -> Floats:
        """Return the bound, shape (p,); infinite where the bases are too poor for one."""
        root, amount = np.sqrt(self.eps), np.sqrt(self.energies)
        (A, B), (q, z) = amount + root * self.rho, self.rho
        defects = self.first + root * (q * amount[1] + z * amount[0]) + self.eps * (q * z + A * B)
        return np.where(self.eps < 1.0, defects + q * z, np.inf)


def missed_joined(
    site: Site, point: Point, motion: Motion, model: ReducedAssembly, weight: Floats, theta: Floats
) -> Missed:
    """Return what ``weight`` (p, 2) times delta misses."""
    index, size, critical = site.layout.index, site.layout.size, site.critical
    dual = np.einsum("pk,pkc->pc", weight, motion.by_outputs)
    pulls, k = point.released.shape[1], point.forms["lateral"].shape[1]
    sides = sides_of(point.place.edges[:, site.layout.first])
    missed = _begun(point, motion, model, weight, theta, cut=False)
    for axis, kinds in enumerate((LATERAL_X, LATERAL_Y)):
        one, other = (np.zeros((len(weight), len(index), k)) for _ in range(2))
        one[:, :, :2] = motion.q[:, index[:, kinds]] @ point.place.tilt.swapaxes(1, 2)
        other[:, :, :2] = dual[:, index[:, kinds]] @ point.place.tilt.swapaxes(1, 2)
        one[:, :, 2 : 2 + pulls] = sides[:, :, axis, None] * point.released[:, None]
        read = (weight[:, axis] * critical.sign[axis] / size[critical.orbit])[:, None]
        other[:, critical.orbit, -4:] = read * shift_row(point.place.height)
        missed.add(point, "lateral", one, other, size)
    one, other = (q[:, index[:, AXIAL]] @ TO_FORM.T for q in (motion.q, dual))
    missed.add(point, "axial", with_amplitude(one, 1.0), with_amplitude(other, 0.0), size)
    for kinds in (PLANAR_1, PLANAR_2):
        missed.add(point, "planar", motion.q[:, index[:, kinds]], dual[:, index[:, kinds]], size)
    return missed


def missed_severed(
    site: Site, point: Point, motion: Motion, model: ReducedAssembly, weight: Floats, theta: Floats
) -> Missed:
    """Return what ``weight`` (p, 2) times delta_0 misses."""
    index, size = site.layout.index, site.layout.size
    dual = np.einsum("pk,pkc->pc", weight, motion.by_outputs)
    missed = _begun(point, motion, model, weight, theta, cut=True)
    for number, plate in enumerate(("chip", "board")):
        kinds = AXIAL[3 * number + 1 : 3 * number + 3]
        one, other = motion.q[:, index[:, kinds]], dual[:, index[:, kinds]]
        missed.add(point, f"{plate} axial", with_amplitude(one, 1.0), with_amplitude(other, 0.0), size)
        for family in (PLANAR_1, PLANAR_2):
            kinds = family[2 * number : 2 * number + 2]
            missed.add(point, f"{plate} planar", motion.q[:, index[:, kinds]], dual[:, index[:, kinds]], size)
    sides = (weight * sides_of(point.place.edges[:, site.critical.joint])).sum(axis=1)
    layers = point.released.shape[1]
    one, other = (np.zeros((len(weight), 1, layers + 2)) for _ in range(2))
    one[:, 0, :layers] = point.released
    other[:, 0, layers:] = sides[:, None] * shift_row(point.place.height)[:, :2]
    missed.add(point, "chip lateral", one, other, np.ones(1))
    return missed


def _begun(point: Point, motion: Motion, model: ReducedAssembly, weight: Floats, theta: Floats, cut: bool) -> Missed:
    """Begin what is missed, with the norms of both motions' unbalanced forces and of the defects."""
    nearest = nearest_below(theta, model.theta)
    ratio, choice = np.minimum(1.0, nearest.ratio), nearest.choice
    left = np.stack([motion.left[:, 0], np.einsum("pk,pkc->pc", weight, motion.left[:, 1:])], axis=1)
    rho = model.norms(left, choice).T / np.sqrt(ratio)
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
