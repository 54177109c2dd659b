"""What is read of an assembly: delta, delta_0, and the force and field of the critical joint."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..assembly.cells import sides_of
from ..assembly.system import AXIAL, LATERAL_X, LATERAL_Y, PLANAR_1, PLANAR_2, rigid_motions
from .assembly import Elements, ReducedAssembly
from .joint import shift_row
from .site import Site
from .state import TO_FORM, Point, State

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Motion:
    """How an assembly moves, p points.

    Parameters
    ----------
    q
        Coordinates, shape (p, c).
    by_outputs
        Coordinates by unit forces on what is read, in x and y, shape (p, 2, c).
    left
        Unbalanced forces of the first, then of these, shape (p, 3, c).
    outputs
        The forces on what is read, shape (p, 2, c).
    """

    q: Floats
    by_outputs: Floats
    left: Floats
    outputs: Floats


def motion_of(state: State, model: ReducedAssembly, elements: Elements, outputs: Floats) -> Motion:
    """Return how an assembly moves under the change of temperature, and under forces on what is read."""
    load = model.layout.load(elements, len(state.q_T))
    thermal = load[:, None] - model.layout.forces(elements, np.broadcast_to(state.q_T, load.shape)[:, None])
    K = model.stiffness(elements)
    moved, left = model.motions(elements, K, np.concatenate([thermal, outputs], axis=1))
    return Motion(state.q_T + moved[:, 0], moved[:, 1:], left, outputs)


def _shift_form(point: Point) -> Floats:
    """Row of the lateral form that gives -delta, shape (p, k)."""
    E = point.forms["lateral"]
    return np.asarray(np.einsum("pr,prk->pk", shift_row(point.place.height), E[:, -4:]))


def shift_rows(site: Site, state: State, point: Point) -> Floats:
    """Forces on the coordinates that delta of the critical joint, in x and in y, is read by; shape (p, 2, c)."""
    row = -np.einsum("pd,pda->pa", _shift_form(point)[:, :2], point.place.tilt)
    return _on_critical(site, row, len(state.q_T))


def _on_critical(site: Site, row: Floats, coordinates: int) -> Floats:
    rows = np.zeros((len(row), 2, coordinates))
    for axis, kinds in enumerate((LATERAL_X, LATERAL_Y)):
        rows[:, axis, site.layout.index[site.critical.orbit, kinds]] = site.critical.sign[axis] * row
    return rows


def free_rows(site: Site, state: State, point: Point) -> Floats:
    """The same for delta_0, the placing of the chip included."""
    rows = _on_critical(site, point.place.bare, len(state.q_T))
    R = rigid_motions(state.chip, len(state.q_T))
    return np.asarray(rows - np.einsum("pkr,prc->pkc", rows @ R, _placing(site, state, point)))


def _placing(site: Site, state: State, point: Point) -> Floats:
    """Rigid motion of the chip by which mismatches are evened out, from the coordinates; shape (p, r, c)."""
    index, R = site.layout.index, rigid_motions(state.chip, len(state.q_T))
    weights = np.moveaxis(site.layout.size[:, None, None] * R[index[:, [0, 2, 4]]], 2, 0)  # (r, s, 3)
    rows = np.zeros((len(point.released), R.shape[1], len(state.q_T)))
    for axis, kinds in enumerate((LATERAL_X, LATERAL_Y)):
        for column, kind in enumerate(kinds):
            rows[:, :, index[:, kind]] = weights[:, :, axis] * point.place.bare[:, column, None, None]
    rows[:, :, index[:, 4]] = -weights[:, :, 2]
    rows[:, :, index[:, 15]] = weights[:, :, 2]
    square = rows @ R
    return np.asarray(np.linalg.pinv(square, rcond=1e-10) @ rows)


def shift_of(site: Site, point: Point, motion: Motion) -> Floats:
    """Return delta of the critical joint, shape (p, 2) [mm]."""
    pulls = slice(2, point.forms["lateral"].shape[1] - 4)
    edge = -np.einsum("pl,pl->p", _shift_form(point)[:, pulls], point.released)
    sides = sides_of(point.place.edges[:, site.critical.joint])
    return np.asarray(np.einsum("pkc,pc->pk", motion.outputs, motion.q) + sides * edge[:, None])


def free_of(site: Site, point: Point, motion: Motion) -> Floats:
    """Return delta_0 of the critical joint, shape (p, 2) [mm]."""
    E, row = point.forms["chip lateral"], shift_row(point.place.height)[:, :2]
    layers = point.released.shape[1]
    edge = -np.einsum("pr,prl,pl->p", row, E[:, layers:, :layers], point.released)
    sides = sides_of(point.place.edges[:, site.critical.joint])
    return np.asarray(np.einsum("pkc,pc->pk", motion.outputs, motion.q) + sides * edge[:, None])


def shear_force_of(site: Site, point: Point, motion: Motion) -> Floats:
    """Return the force of the board on the critical joint, shape (p, 2) [N]."""
    sides = sides_of(point.place.edges[:, site.layout.first[site.critical.orbit]])
    force = np.empty_like(sides)
    for axis, kinds in enumerate((LATERAL_X, LATERAL_Y)):
        q = motion.q[:, site.layout.index[site.critical.orbit, kinds]]
        on_board = np.einsum("pa,pa->p", point.whole.lateral[:, 2], q) - point.whole.edge_load[:, 2] * sides[:, axis]
        force[:, axis] = site.critical.sign[axis] * on_board
    return force


def waves_of(site: Site, point: Point, motion: Motion, angle: Floats) -> list[tuple[str, Floats]]:
    """Amplitudes of the five waves of a local field at the critical joint, in axes along and across its shift."""
    critical, index = site.critical, site.layout.index[site.critical.orbit]
    q = motion.q[:, index] * np.tile(critical.mirror, 2)
    c, s, c2, s2 = np.cos(angle), np.sin(angle), np.cos(2 * angle), np.sin(2 * angle)
    x, y = ((point.place.tilt @ q[:, kinds, None])[:, :, 0] for kinds in (list(LATERAL_X), list(LATERAL_Y)))
    stretch, shear = q[:, list(PLANAR_1)], q[:, list(PLANAR_2)]
    sides = sides_of(point.place.edges[:, critical.joint])
    along, across = c * sides[:, 0] + s * sides[:, 1], c * sides[:, 1] - s * sides[:, 0]
    lateral = [
        np.hstack([turned, side[:, None] * point.released, np.zeros((len(q), 4))])
        for turned, side in (
            (c[:, None] * x + s[:, None] * y, along), (c[:, None] * y - s[:, None] * x, across)
        )
    ]  # fmt: skip
    return [
        ("axial", with_amplitude(q[:, list(AXIAL)] @ TO_FORM.T, point.growth)),
        ("lateral", lateral[0]),
        ("lateral", lateral[1]),
        ("planar", c2[:, None] * stretch + s2[:, None] * shear),
        ("planar", c2[:, None] * shear - s2[:, None] * stretch),
    ]


def with_amplitude(q: Floats, growth: Floats) -> Floats:
    """Add amplitudes of thermal expansion (p, x) to those of motion, (p, k) or (p, s, k)."""
    if q.ndim == 3:
        growth = np.broadcast_to(growth[:, None], (*q.shape[:2], growth.shape[1]))
    return np.concatenate([q, growth], axis=-1)
