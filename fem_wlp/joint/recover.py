"""Back into the joint: local fields, budgets and means from the motion of chip and board at one joint.

The motion of the plates round a joint is turned into axes along and across its load; every component drives one of
the cell's harmonics, and the three-dimensional field is their superposition.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ..elasticity import harmonic, solve
from ..mesh import faces
from .cell import rigid_motion
from .condense import PLATES, CellFields, CellModel, CellState, film_stress, middles
from .element import JointElement
from .section import CHIP_DEPTH, RING_WIDTH

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

ANGLES = 12
"""Half planes over which volume means are taken [-]."""

EVERYWHERE = slice(None)
"""All triangles."""


@dataclass(frozen=True)
class PlateMotion:
    """Generalised displacements of chip and board round one joint.

    Parameters
    ----------
    x, y
        (u_c, phi_c, u_b, phi_b), shape (4,) [mm, rad].
    axial
        (w_c, e_c, k_c, w_b, e_b, k_b), shape (6,) [mm, -, 1/mm].
    stretch, shear
        Deviatoric in-plane strains (e_c, k_c, e_b, k_b): of (e_xx - e_yy)/2 and of e_xy, shape (4,) [-, 1/mm].
    sides
        Free sides of the layers, those facing +x less those facing -x, likewise in y, shape (2,) [-].
    """

    x: Floats
    y: Floats
    axial: Floats
    stretch: Floats
    shear: Floats
    sides: Floats

    def turned(self, angle: float) -> PlateMotion:
        """Return the motion in axes turned by ``angle`` [rad] about z."""
        c, s, c2, s2 = np.cos(angle), np.sin(angle), np.cos(2 * angle), np.sin(2 * angle)
        return PlateMotion(
            c * self.x + s * self.y,
            c * self.y - s * self.x,
            self.axial,
            c2 * self.stretch + s2 * self.shear,
            c2 * self.shear - s2 * self.stretch,
            np.array([[c, s], [-s, c]]) @ self.sides,
        )


@dataclass(frozen=True)
class Wave:
    """One harmonic of a local field: amplitudes times cos and sin of m (theta - phase)."""

    system: harmonic.HarmonicSystem
    displacement: Floats
    phase: float
    thermal: float


@dataclass(frozen=True)
class LocalField:
    """The displacement of one cell as a sum of harmonics, in axes along and across the joint's load."""

    model: CellModel
    waves: tuple[Wave, ...]

    @cached_property
    def _amplitudes(self) -> list[Floats]:
        return [harmonic.strains(wave.system, wave.displacement, wave.thermal) for wave in self.waves]

    def strains(self, theta: float, elements: Integers | slice = EVERYWHERE) -> Floats:
        """Return the strains at the quadrature points of triangles in a half plane, shape (ne, nq, 6) [-]."""
        return np.asarray(
            sum(
                amplitude[elements] * _voigt_factors(wave, theta)
                for amplitude, wave in zip(self._amplitudes, self.waves, strict=True)
            )
        )

    def displacements(self, theta: float) -> Floats:
        """Return (u_r, u_theta, u_z) at the nodes in a half plane, shape (n, 3) [mm]."""
        return np.asarray(sum(wave.displacement.reshape(-1, 3) * _vector_factors(wave, theta) for wave in self.waves))


def local_field(model: CellModel, fields: CellFields, motion: PlateMotion) -> LocalField:
    """Return the field in a cell whose plates move as given.

    Parameters
    ----------
    model, fields
        The condensed cell.
    motion
        In axes along and across the load (`PlateMotion.turned`).
    """
    along, across = motion.sides
    axial, lateral, planar = fields.axial, fields.lateral, fields.planar
    quarter = np.pi / 2
    return LocalField(
        model,
        (
            Wave(axial.system, axial.shapes @ motion.axial + axial.thermal, 0.0, 1.0),
            Wave(lateral.system, lateral.shapes @ motion.x + along * fields.side, 0.0, 0.0),
            Wave(lateral.system, lateral.shapes @ motion.y + across * fields.side, quarter, 0.0),
            Wave(planar.system, planar.shapes @ motion.stretch, 0.0, 0.0),
            Wave(planar.system, planar.shapes @ motion.shear, quarter / 2, 0.0),
        ),
    )


def load_residual(model: CellModel, state: CellState, fields: CellFields, motion: PlateMotion) -> float:
    """Return |f - K u| / |f| of the field in a cell whose plates move as given, over all harmonics [-].

    f is all that drives the free unknowns: thermal loads, the forces by which the plates are moved, prescribed walls.

    Parameters
    ----------
    model, state, fields
        The condensed cell.
    motion
        As of `local_field`.
    """
    released = -film_stress(model, state)
    amounts = (
        (fields.axial.balance, np.append(motion.axial, 1.0)),
        (fields.lateral.balance, np.concatenate([motion.x, motion.sides[0] * released])),
        (fields.lateral.balance, np.concatenate([motion.y, motion.sides[1] * released])),
        (fields.planar.balance, motion.stretch),
        (fields.planar.balance, motion.shear),
    )
    left, driving = (
        np.linalg.norm(np.concatenate([getattr(balance, name) @ amount for balance, amount in amounts]))
        for name in ("left", "driving")
    )
    return float(left / driving) if driving > 0 else 0.0


def section_forces(model: CellModel, fields: CellFields, motions: Sequence[PlateMotion]) -> tuple[Floats, Floats]:
    """Return force and moment of the board on each joint through the cut at its land, from the stresses on either side.

    These are sums of the nodal forces of the elements next to the cut, exact by equilibrium. Joints are compared with
    a board that stands still: a rigid motion makes no force, but would leave its rounding.

    Parameters
    ----------
    model, fields
        The condensed cell.
    motions
        One a joint, in the axes of the package, as of `local_field`.

    Returns
    -------
    tuple
        By the stresses above and below: forces, shape (2, joints, 3) [N], and moments at the joint's mid-height, about
        x and y, shape (2, joints, 2) [N mm].
    """
    middle = middles(model.section)
    tilt = np.array([middle["chip"] - middle["board"], 1.0, 0.0, 1.0])
    shift, rise = np.array([1.0, 0.0, 1.0, 0.0]), np.array([1.0, 0.0, 0.0, 1.0, 0.0, 0.0])
    lateral = np.array([[m.x, m.y] for m in motions])
    lateral -= lateral[..., 2:3] * shift + lateral[..., 3:] * tilt
    axial = np.array([m.axial for m in motions])
    axial -= axial[:, 3:4] * rise
    lateral = np.concatenate([lateral, np.array([m.sides for m in motions])[..., None]], axis=2)
    axial = np.pad(axial, ((0, 0), (0, 1)), constant_values=1.0)
    mid_height = 0.5 * model.section.levels.chip
    ways = [rigid_motion(model.mesh, "lateral"), rigid_motion(model.mesh, "rocking", mid_height)]
    columns = np.column_stack([fields.lateral.shapes, fields.side])
    across = _through_the_cut(model, fields.lateral.system, columns, ways)
    columns = np.column_stack([fields.axial.shapes, fields.axial.thermal])
    along = _through_the_cut(model, fields.axial.system, columns, [rigid_motion(model.mesh, "axial")])
    shear, bending = np.einsum("wsc,jac->wsja", across, lateral)
    pull = along[0] @ axial.T
    # rotation d u_x/d z turns about y, d u_y/d z against x
    return np.dstack([shear, pull]), np.stack([-bending[..., 1], bending[..., 0]], axis=-1)


def _through_the_cut(
    model: CellModel, system: harmonic.HarmonicSystem, columns: Floats, ways: Sequence[Floats]
) -> Floats:
    """Work of the elements above and below the land as it moves in some ways, shape (ways, 2, columns) [N, N mm].

    The last column of m = 0 is the field of the temperature change.
    """
    mesh, space, m = model.mesh, model.space, system.strain.harmonic
    below = np.isin(mesh.region, [mesh.names.index(name) for name in model.section.board_side])
    cut = np.intersect1d(mesh.triangles[below], mesh.triangles[~below])
    unit = np.zeros((len(mesh.points), 3, len(ways)))
    unit[cut] = np.stack([way.reshape(-1, 3)[cut] for way in ways], axis=-1)
    forces = np.zeros((len(ways), 2, columns.shape[1]))
    for side, sign, own in ((0, 1.0, ~below), (1, -1.0, below)):
        elements = np.flatnonzero(own & np.isin(mesh.triangles, cut).any(axis=1))
        moved = unit.reshape(-1, len(ways))[space.unknowns[elements]]
        # the virtual strain of a unit motion of the cut, the bubbles being free of force
        virtual = np.einsum("eqai,eiw->weqa", system.strain.rows_of(elements)[..., : moved.shape[1]], moved)
        virtual *= system.strain.weight[elements][..., None]
        for number, column in enumerate(columns.T):
            thermal = float(m == 0 and number == columns.shape[1] - 1)
            strain = harmonic.strains(system, column, thermal, elements)
            stress = harmonic.stresses(system, strain, thermal, elements)
            forces[:, side, number] = sign * np.einsum("eqa,weqa->w", stress, virtual)
    return forces


def von_mises(stress: Floats) -> Floats:
    """Return the von Mises stress of stresses in Voigt order, shape (..., 6) to (...) [MPa]."""
    rr, tt, zz, tz, rz, rt = np.moveaxis(stress, -1, 0)
    normal = 0.5 * ((rr - tt) ** 2 + (tt - zz) ** 2 + (zz - rr) ** 2)
    return np.asarray(np.sqrt(normal + 3.0 * (tz**2 + rz**2 + rt**2)))


def equivalent_strain(strain: Floats) -> Floats:
    """Return sqrt(2/3 e:e) of the deviator of strains in Voigt order, shape (..., 6) to (...) [-]."""
    normal = strain[..., :3] - strain[..., :3].mean(axis=-1, keepdims=True)
    return np.asarray(np.sqrt(2.0 / 3.0 * ((normal**2).sum(axis=-1) + 0.5 * (strain[..., 3:] ** 2).sum(axis=-1))))


def shear_along(strain: Floats, theta: float) -> Floats:
    """Return g_xz of strains in Voigt order (rr, tt, zz, tz, rz, rt) in a half plane, shape (..., 6) to (...) [-]."""
    return np.asarray(np.cos(theta) * strain[..., 4] - np.sin(theta) * strain[..., 3])


def stresses(field: LocalField, state: CellState, theta: float, elements: Integers | slice = EVERYWHERE) -> Floats:
    """Return the stresses C (e - e_free) at the quadrature points of triangles in a half plane, (ne, nq, 6) [MPa]."""
    elastic = field.strains(theta, elements) - field.waves[0].thermal * state.free[elements, None]
    return np.asarray(np.einsum("eab,eqb->eqa", state.elasticity[elements], elastic))


def chip_disc(model: CellModel) -> Integers:
    """Triangles of the chip's disc ``CHIP_DEPTH`` deep below the base region."""
    return _box(model, "chip", (0.0, model.section.base_radius), model.section.levels.chip + CHIP_DEPTH)


def base_ring(model: CellModel) -> Integers:
    """Triangles of the base region's outermost ring of ``RING_WIDTH``."""
    outer = model.section.base_radius
    return _box(model, "base_region", (max(outer - RING_WIDTH, 0.0), outer), np.inf)


def interface_shifts(
    model: CellModel, element: JointElement, fields: CellFields, motion: PlateMotion
) -> dict[str, float]:
    """Return the mean displacement along the load of the lower face of every part, from the chip to the land [mm].

    The joint's mean tilt is taken off: a rigid post has the same shift everywhere, and the last less the first is
    delta. Shifts of several temperatures may be subtracted from each other.
    """
    section, levels = model.section, model.section.levels
    side = motion.sides[0]
    u_chip, psi_chip, u_board, psi_board = element.footprint @ motion.x + side * element.edge_footprint
    tilt = 0.5 * (psi_chip + psi_board)
    field = fields.lateral.shapes @ motion.x + side * fields.side
    upper, lower = section.contact_radii
    discs = {"first_layer": (levels.first_layer, section.base_radius)}
    if "cylinder" in model.mesh.names:
        discs["base_region"] = (levels.base_region, section.cylinder_radii[0])
        discs["cylinder"] = (levels.free_end, upper)
    else:
        discs["base_region"] = (levels.free_end, upper)
    discs["ball"] = (levels.land, lower)
    inner = {name: disc_shift(model, field, *disc) - disc[0] * tilt for name, disc in discs.items()}
    return {"chip": float(u_chip - levels.chip * tilt), **inner, "land": float(u_board)}


def shift_budget(shifts: Mapping[str, float]) -> dict[str, float]:
    """Return the share of every part in delta, from the first layer to the land; they sum to 1.

    A part's share is the difference of the shifts of its two faces (`interface_shifts`).
    """
    names, places = list(shifts), np.array(list(shifts.values()))
    return dict(zip(names[1:], (np.diff(places) / (places[-1] - places[0])).tolist(), strict=True))


def disc_shift(model: CellModel, field: Floats, height: float, radius: float) -> float:
    """Return the mean u_x of an m = 1 field over a horizontal disc [mm]."""
    nodes, weights = np.polynomial.legendre.leggauss(24)
    r = 0.5 * radius * (1.0 + nodes)
    u = _at(model, field, np.stack([r, np.full_like(r, height)], axis=1))
    return float((0.5 * (u[:, 0] - u[:, 1]) * r * weights).sum() * 0.5 * radius * 2.0 / radius**2)


def energy_budget(
    model: CellModel, element: JointElement, fields: CellFields, motion: PlateMotion, axial_force: float
) -> dict[str, float]:
    """Return the share of every region in the strain energy of the joint's shear, moment and axial force; sums to 1."""
    pull = _pull(fields) * (axial_force / element.axial[3, 3])
    parts = [
        harmonic.strain_energy(part.system, u, thermal=0.0)
        for part, u in (
            (fields.axial, pull),
            (fields.lateral, fields.lateral.shapes @ motion.x),
            (fields.lateral, fields.lateral.shapes @ motion.y),
        )
    ]
    energy = np.sum(parts, axis=0)
    total = float(energy.sum())
    return {name: float(energy[model.mesh.elements(name)].sum()) / total for name in model.mesh.names}


def stiffness_between_footprints(
    model: CellModel, element: JointElement, fields: CellFields
) -> tuple[float, float, float, float]:
    """Return axial, lateral, rocking and torsional stiffness between the two footprints [N/mm, N mm/rad].

    Lateral: both footprints kept from rotating. Rocking: by equal and opposite moments, without shear.
    """
    middle = middles(model.section)
    half = 0.5 * element.height
    shear = np.array([-1.0, middle["chip"] - half, 1.0, half - middle["board"]])
    moment = np.array([0.0, -1.0, 0.0, 1.0])
    loads = np.stack([shear, moment], axis=1)
    q = np.linalg.lstsq(element.lateral, loads, rcond=1e-9)[0]
    u_chip, psi_chip, u_board, psi_board = element.footprint @ q
    compliance = np.stack([u_board - u_chip + half * (psi_chip + psi_board), psi_board - psi_chip])
    by_motion = np.linalg.inv(compliance)
    pull = _pull(fields)
    rise = [
        faces.interface(model.mesh, one, other, within=radius).weights() @ pull[2::3]
        for one, other, radius in (
            ("chip", "first_layer", model.section.base_radius),
            ("land", "board", model.section.land_radius),
        )
    ]
    axial = element.axial[3, 3] / (rise[1] - rise[0])
    return float(axial), float(by_motion[0, 0]), float(1.0 / compliance[1, 1]), _torsion(model, fields)


def nodal_von_mises(field: LocalField, state: CellState, theta: float) -> Floats:
    """Return von Mises stress at the six nodes of each triangle, not averaged across triangles, shape (ne, 6) [MPa].

    Stresses at the quadrature points are fitted by a linear function in each triangle.
    """
    space = field.model.space
    stress = stresses(field, state, theta)
    centre = space.places.mean(axis=2)
    offset = space.places - centre[..., None]
    reach = np.abs(offset).max(axis=2)
    at_points = np.stack([np.ones_like(offset[0]), *(offset / reach[..., None])], axis=-1)
    fit = np.linalg.pinv(at_points) @ stress
    nodes = np.moveaxis(space.mesh.points[space.mesh.triangles], 2, 0)
    at_nodes = np.stack([np.ones_like(nodes[0]), *((nodes - centre[..., None]) / reach[..., None])], axis=-1)
    return von_mises(at_nodes @ fit)


def volume_mean(model: CellModel, values: Floats, elements: Integers) -> float:
    """Return the mean over triangles of values at their quadrature points in half planes, shape (k, ne, nq)."""
    weight = model.space.volume[elements]
    return float((values * weight).sum() / (len(values) * weight.sum()))


def half_planes() -> Floats:
    """Angles of the half planes over which means are taken [rad]."""
    return np.arange(ANGLES) * 2.0 * np.pi / ANGLES


def voigt_factors(m: int, angle: float) -> Floats:
    """Return factors of strain amplitudes (rr, tt, zz, tz, rz, rt) of harmonic ``m`` at an angle, shape (6,) [-]."""
    cosine, sine = np.cos(m * angle), np.sin(m * angle) if m else 1.0
    return np.array([cosine, cosine, cosine, sine, cosine, sine])


def _voigt_factors(wave: Wave, theta: float) -> Floats:
    return voigt_factors(wave.system.strain.harmonic, theta - wave.phase)


def _vector_factors(wave: Wave, theta: float) -> Floats:
    return _voigt_factors(wave, theta)[[0, 3, 0]]


def _at(model: CellModel, field: Floats, points: Floats) -> Floats:
    """Interpolate nodal amplitudes at points, shape (k, 3)."""
    element, local = faces.locate(model.mesh, points)
    nodal = field.reshape(-1, 3)[model.mesh.triangles[element]]
    return np.asarray(np.einsum("kn,knc->kc", faces.shape_at(local)[:, :6], nodal))


def _pull(fields: CellFields) -> Floats:
    """Field of a unit mean rise of the board against the chip, no in-plane strain [mm]."""
    return np.asarray(fields.axial.shapes[:, 3])


def _box(model: CellModel, name: str, r: tuple[float, float], top: float) -> Integers:
    """Triangles of a region whose centres lie in a range of r and below a height."""
    elements = model.mesh.elements(name)
    centre = model.mesh.points[model.mesh.triangles[elements, :3]].mean(axis=1)
    inside = (centre[:, 0] > r[0]) & (centre[:, 0] < r[1]) & (centre[:, 1] < top)
    return np.asarray(elements[inside])


def _torsion(model: CellModel, fields: CellFields) -> float:
    """Moment for a unit relative twist of the two footprints, chip and board driven by their mean twist."""
    size, system = model.space.size, fields.axial.system
    sums = np.zeros((2, size))
    for row, plate in zip(sums, PLATES, strict=True):
        elements = model.mesh.elements(plate)
        weight = model.space.volume[elements] * model.space.places[0, elements]
        local = np.einsum("eqi,eq->ei", model.space.shape[elements, :, :6], weight)
        row[1::3] = np.bincount(
            model.mesh.triangles[elements].ravel(), weights=local.ravel(), minlength=len(model.mesh.points)
        )
        row /= (weight * model.space.places[0, elements]).sum()
    nodes = np.arange(len(model.mesh.points))
    held = np.concatenate([3 * nodes, 3 * nodes + 2])
    twist = rigid_motion(model.mesh, "torsion")[:, None]
    pin = 3 * faces.wall(model.mesh, "board").nodes[:1] + 1
    constrained = solve.Constrained(system.stiffness, harmonic.axis_constraints(model.space, 0), held, sums, twist, pin)
    nothing = np.zeros((size, 1))
    solved = solve.solve(constrained, nothing, nothing, np.array([[0.0], [1.0]]))
    u = solved.displacement[:, 0]
    angle = [
        faces.interface(model.mesh, one, other, within=radius).weights(power=1) @ u[1::3]
        for one, other, radius in (
            ("chip", "first_layer", model.section.base_radius),
            ("land", "board", model.section.land_radius),
        )
    ]
    return float(u @ (system.stiffness @ u) / (angle[1] - angle[0]))
