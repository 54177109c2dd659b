"""The reduced package: D at any values of a few parameters, within a fraction of a millisecond, with a bound of its error.

    values -> moduli theta and thickness -> forms of the joint -> assembly, joined and severed -> D and its bound

Moduli enter exactly; between the thicknesses at which the joint was condensed its forms are interpolated. The bound is
against the solve on the same meshes. It is proven (`Answers.certified`) at the condensed thicknesses, an estimate
elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from itertools import permutations, product

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import block_diag
from scipy.stats import qmc
from threadpoolctl import threadpool_limits

from ..analysis.response import WORKERS, cell_states, surroundings
from ..assembly.cells import edge_factors
from ..assembly.parity import MIRROR
from ..assembly.plate import CondensedPlate, free_expansion
from ..assembly.system import AXIAL, LATERAL_X, LATERAL_Y, PLANAR_1, PLANAR_2
from ..decoupling import critical_joint
from ..joint.condense import BarePlate, CellModel, CellState, bare_plate, cell_model, film_stress, middles, thickened
from ..joint.resistance import electrical_resistance
from ..joint.section import cell_section, grading_of
from ..materials.model import stiffness
from ..package.model import Package
from .assembly import Elements, Layout, ReducedAssembly, reduced_assembly, sides_of
from .axes import Axis, effect_of, groups_of
from .gauges import Gauged, gauged
from .joint import Forms, ReducedJoint, reduced_joint, shift_row
from .substructure import Known

Floats = NDArray[np.float64]

THICKNESSES = 6
"""Thicknesses of the second layer at which a joint is condensed, to be interpolated between [-]."""

SPACING = 8.0
"""Ratio of neighbouring moduli at which bases are trained [-]."""

MOST_TRAINING = 48
"""Most points that train a basis [-]."""

EQUILIBRIA = 40
"""Parameters whose equilibria make an assembly's basis [-]."""

REFERENCES = 6
"""How many of them are references of the bound [-]."""

SAFETY = 1.5
"""Factor on the estimated error of the interpolation between thicknesses [-]."""

SAME = 1e-12
"""Relative difference of thicknesses that are the same [-]."""

BATCH = 500
"""Points answered at once: more only costs memory [-]."""


TO_FORM = np.array([
    [-1.0, 0, 0, 1, 0, 0], [0, 1, 0, 0, 0, 0], [0, 0, 1, 0, 0, 0], [0, 0, 0, 0, 1, 0], [0, 0, 0, 0, 0, 1]
])  # fmt: skip
"""(w_b, e_c, k_c, e_b, k_b), the chip standing still, from (w_c, e_c, k_c, w_b, e_b, k_b)."""


QUANTITIES = {
    "interconnect_strain": "interconnect.strain",
    "cylinder_shear_strain": "parts.cylinder_shear_strain",
    "ball_stress": "parts.ball_stress",
    "electrical_resistance": "joint.resistance.electrical",
    "height": "joint.height",
}
"""What designs are limited by, and its key in a result; of the ball's parts the largest stress."""


@dataclass(frozen=True)
class Answers:
    """A package at many values of its parameters, p of them.

    Parameters
    ----------
    figure
        D of the critical joint, shape (p,) [-].
    bound
        Largest error of it against the solve on the same meshes, shape (p,) [-]; nan where it wasn't asked for.
    certified
        Whether the bound is proven, shape (p,).
    shift, free
        delta and delta_0 of that joint, changes over a cycle, shapes (p, 2) [mm].
    shear_force
        On it, shape (p, 2) [N].
    quantities
        Where asked for, what designs are limited by (`QUANTITIES`), shape (p,) each; nan where a package has none.
    """

    figure: Floats
    bound: Floats
    certified: NDArray[np.bool_]
    shift: Floats
    free: Floats
    shear_force: Floats
    quantities: dict[str, Floats]


@dataclass(frozen=True)
class Layers:
    """Wide layers on the chip at theta = 1.

    Parameters
    ----------
    groups
        Group of each.
    thickness
        Of each [mm]; that of the second varies.
    top
        Upper face over the chip's mid-plane [mm].
    stretch, shear
        Plane stiffness against in-plane and deviatoric strain [MPa].
    free
        Thermal load of a unit thickness [MPa].
    released
        Stress that pulls at a free side [MPa].
    """

    groups: list[int]
    thickness: Floats
    top: Floats
    stretch: Floats
    shear: Floats
    free: Floats
    released: Floats


@dataclass(frozen=True)
class Place:
    """A point's geometry, p points.

    Parameters
    ----------
    height
        H, shape (p,) [mm].
    tilt
        Deformation (u_b', phi_b') of a joint from (u_c, phi_c, u_b, phi_b), the chip's own motion taken off,
        shape (p, 2, 4).
    bare
        delta of a severed joint from the same, shape (p, 4).
    edges
        As in `Elements`, shape (p, n, 4).
    second
        Thickness of the second layer, shape (p,) [mm].
    """

    height: Floats
    tilt: Floats
    bare: Floats
    edges: Floats
    second: Floats


@dataclass(frozen=True)
class State:
    """A package at one service temperature."""

    chip: CondensedPlate
    board: CondensedPlate
    bare: dict[str, BarePlate]
    layers: Layers
    cell: CellState
    joints: tuple[ReducedJoint, ...]
    q_T: Floats


@dataclass(frozen=True)
class Critical:
    """The critical joint: its number, its orbit's, and the signs that x and y take from the orbit's first to it."""

    joint: int
    orbit: int
    sign: Floats


@dataclass(frozen=True)
class Point:
    """The joint at p points of one temperature."""

    forms: Forms
    defects: Forms
    rough: Forms
    whole: Elements
    cut: Elements
    released: Floats
    place: Place


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


class Missed:
    """What a figure read of one assembly misses, gathered form by form.

    With a reduced stiffness K_N = K + Def, Def between nothing and its bound M, and both motions, of the loads and of unit
    forces on what is read, known up to energy norms rho of what they leave unbalanced, the figure is off by at most

        sum sqrt(a_j b_j) + sqrt(eps) (rho_q sqrt(B) + rho_z sqrt(A)) + eps (...)(...) + rho_q rho_z

    a_j = q' M q and b_j = z' M z of joint j, A and B their sums, eps >= M in units of K: the first order by
    Cauchy-Schwarz joint by joint, and what is left of the second.

    Parameters
    ----------
    rho
        Energy norms of what both motions leave unbalanced, shape (2, p).
    eps
        Bound of the largest eigenvalue of K^-1 M, shape (p,) [-].
    """

    def __init__(self, rho: Floats, eps: Floats) -> None:
        self.rho, self.eps = rho, eps
        self.first, self.rough = np.zeros(len(eps)), np.zeros(len(eps))
        self.energies = np.zeros_like(rho)

    def add(self, point: Point, name: str, one: Floats, other: Floats, size: Floats) -> None:
        """Add the sum over the joints of size one' (error of a form) other, shapes (p, s, k).

        The error of an interpolation between thicknesses is summed form by form without regard to sign: an estimate that
        kept the sign would vanish where it changes.
        """
        M = point.defects[name]
        energies = np.array([np.maximum(((q @ M) * q).sum(axis=2), 0.0) for q in (one, other)])
        self.first += np.sqrt(energies[0] * energies[1]) @ size
        self.energies += energies @ size
        self.rough += np.abs(((one @ point.rough[name]) * other).sum(axis=2) @ size)

    def bound(self) -> Floats:
        """Return the bound, shape (p,); infinite where the bases are too poor for one."""
        root, amount = np.sqrt(self.eps), np.sqrt(self.energies)
        (A, B), (q, z) = amount + root * self.rho, self.rho
        defects = self.first + root * (q * amount[1] + z * amount[0]) + self.eps * (q * z + A * B)
        return np.where(self.eps < 1.0, defects + q * z, np.inf) + self.rough


class ReducedPackage:
    """A package whose answers at any values of its parameters cost next to nothing.

    Parameters
    ----------
    package
        As it stands.
    axes
        Its parameters.
    listed
        Thicknesses at which the joint is condensed [mm], so that bounds are proven there; None: chosen, and
        interpolated between.
    quantities
        Whether `QUANTITIES` are going to be asked for: they need more to be prepared.

    Raises
    ------
    ValueError
        A parameter that does not enter so simply (`effect_of`).
    """

    def __init__(
        self, package: Package, axes: Sequence[Axis], listed: Sequence[float] | None = None, quantities: bool = False
    ) -> None:
        self.package, self.axes = package, tuple(axes)
        self.section = cell_section(package)
        effects = [effect_of(package, axis) for axis in axes]
        if None in effects:
            raise ValueError(f"{axes[effects.index(None)].name} does not enter affinely")
        self.effects = tuple(effect for effect in effects if effect is not None)
        self.groups, self.acts = groups_of(self.section, self.effects)
        joints = package.array.joints
        self.places = np.array([[joint.x, joint.y] for joint in joints])
        outline, pitch = (package.chip.width, package.chip.length), package.array.pitch
        self.reach = -np.log(edge_factors(self.places, outline, pitch, 1.0))
        self.own = package.second_layer.thickness if package.second_layer else 0.0
        self.nodes, self.listed = self._nodes(listed), listed is not None
        self.gauges: dict[str, Gauged] = {}
        self.with_quantities = quantities
        with threadpool_limits(limits=1):
            self.states = self._states()
            self._assemble()

    # -- parameters ------------------------------------------------------------------------------------------------

    def theta(self, values: Floats) -> Floats:
        """Return the moduli of each group at values of the parameters, shapes (p, axes) and (p, groups) [-]."""
        slopes = np.array([effect.slope for effect in self.effects])
        acting = self.acts * [not effect.is_thickness for effect in self.effects]
        return np.asarray(np.exp(np.log(values * slopes) @ acting.T))

    def thickness(self, values: Floats) -> Floats:
        """Return the second layer's thickness at values of the parameters, shape (p,) [mm]."""
        for number, effect in enumerate(self.effects):
            if effect.is_thickness:
                return np.asarray(values[:, number] * effect.slope)
        return np.full(len(values), self.own)

    def _nodes(self, listed: Sequence[float] | None) -> Floats:
        if listed is not None:
            return np.asarray(sorted(listed), dtype=float)
        ends = [
            np.log(np.array([axis.low, axis.high]) * effect.slope)
            for axis, effect in zip(self.axes, self.effects, strict=True)
            if effect.is_thickness
        ]
        if not ends:
            return np.array([self.own])
        low, high = ends[0]
        cosine = np.cos(np.pi * np.arange(THICKNESSES) / (THICKNESSES - 1))
        return np.asarray(np.exp(0.5 * (low + high) - 0.5 * (high - low) * cosine))

    def _training(self) -> Floats:
        """Values of the parameters, a grid of moduli in steps of `SPACING`, or points of a sequence; shape (r, axes)."""
        ranges = []
        for axis, effect in zip(self.axes, self.effects, strict=True):
            if effect.is_thickness:
                ranges.append(np.array([self.own / effect.slope]))
                continue
            steps = 1 + int(np.ceil(np.log(axis.high / axis.low) / np.log(SPACING)))
            ranges.append(np.geomspace(axis.low, axis.high, steps))
        if np.prod([len(one) for one in ranges]) <= MOST_TRAINING:
            return np.array(list(product(*ranges)))
        ends = np.log([[one[0], one[-1]] for one in ranges]).T
        share = qmc.Sobol(len(ranges), seed=0).random(MOST_TRAINING)
        share[:2] = [[0.0], [1.0]]
        return np.asarray(np.exp(ends[0] + share * (ends[1] - ends[0])))

    # -- once ------------------------------------------------------------------------------------------------------

    def _states(self) -> tuple[State, ...]:
        package, section = self.package, self.section
        grading = grading_of(package)
        models = [cell_model(section, grading), cell_model(section, grading.refined(0.5))]
        states = [cell_states(model, package) for model in models]
        training = self.theta(self._training())
        around = surroundings(package, section)
        self.gauges = gauged(models[0]) if self.with_quantities else {}
        sets = {name: gauge.elements for name, gauge in self.gauges.items()}

        known: Known = {}

        def joints(thickness: float) -> list[ReducedJoint]:
            """Joints at one thickness and every temperature: what temperature leaves alone is condensed once."""
            moved = [thickened(model, thickness - self.own) for model in models]
            return [
                reduced_joint((moved[0], one), (moved[1], other), self.groups, training, sets, known)
                for one, other in zip(*states, strict=True)
            ]

        self.resistances = [
            electrical_resistance(thickened(models[0], thickness - self.own)) for thickness in self.nodes
        ]
        with ThreadPoolExecutor(max_workers=WORKERS) as pool:
            by_thickness = list(pool.map(joints, self.nodes))
        whole = list(zip([models[0]] * len(states[0]), states[0], strict=True))
        return tuple(
            State(
                chip, board,
                {name: bare_plate(models[0].mesh, section, whole[number][1], name) for name in ("chip", "board")},
                self._layers(*whole[number], temperature),
                whole[number][1],
                tuple(one[number] for one in by_thickness),
                np.concatenate([free_expansion(chip), free_expansion(board)]),
            )
            for number, (chip, board, temperature) in enumerate(
                zip(around.chips, around.boards, around.temperatures, strict=True)
            )
        )  # fmt: skip

    def _layers(self, model: CellModel, state: CellState, temperature: float) -> Layers:
        section, levels = self.section, self.section.levels
        names = [name for name in ("first_layer", "second_layer") if name in section.materials]
        middle = middles(section)["chip"]
        top = {"first_layer": levels.chip, "second_layer": levels.first_layer}
        thickness = {"first_layer": levels.chip - levels.first_layer, "second_layer": self.own}
        plane = []
        for name in names:
            C = stiffness(section.materials[name], temperature)
            Q = C[:2, :2] - np.outer(C[:2, 2], C[2, :2]) / C[2, 2]
            free = section.free_strain(name, self.package.temperatures.assembly, temperature)
            stretch = Q.sum()
            plane.append((stretch, (Q[0, 0] + Q[1, 1] - 2 * Q[0, 1] + 4 * C[5, 5]) / 2, (Q @ free[:2]).sum()))
        stretches, shears, loads = np.array(plane).T
        return Layers(
            [next(i for i, group in enumerate(self.groups.regions) if name in group) for name in names],
            np.array([thickness[name] for name in names]),
            np.array([top[name] - middle for name in names]),
            stretches, shears, loads,
            -film_stress(model, state),
        )  # fmt: skip

    def _assemble(self) -> None:
        training = self._training()
        chosen = [
            np.where([effect.is_thickness for effect in self.effects], node / self._slope, values)
            for node in self.nodes
            for values in training
        ]
        step = max(1, len(chosen) // EQUILIBRIA)
        values = np.array(chosen[::step])
        references = range(0, len(values), max(1, len(values) // REFERENCES))
        self.reference_theta = self.theta(values[list(references)])
        chip = self.states[0].chip
        number = critical_joint(self.package.array.joints)
        orbit = int(chip.joints.orbit[number])
        sign = np.where(chip.joints.sign[number] < 0, MIRROR, 1.0).prod(axis=1)[[0, 2]]
        self.critical = Critical(number, orbit, sign)
        self.layout = Layout.of(chip)
        joined, severed = [], []
        for state in self.states:
            point = self._point(state, values, False)
            joined.append(
                reduced_assembly(state.chip, state.board, point.whole, state.q_T, self._reading(state, point), references)
            )
            severed.append(
                reduced_assembly(state.chip, state.board, point.cut, state.q_T, self._free_reading(state, point), references)
            )
        self.joined, self.severed = joined, severed

    @property
    def _slope(self) -> float:
        return next((effect.slope for effect in self.effects if effect.is_thickness), 1.0)

    # -- the joint at many points ----------------------------------------------------------------------------------

    def _place(self, second: Floats) -> Place:
        levels, middle = self.section.levels, middles(self.section)
        growth, zero, one = second - self.own, np.zeros_like(second), np.ones_like(second)
        height = levels.chip + growth
        above = levels.chip - middle["chip"]  # of the chip's lower face over its middle, negative
        reach = middle["board"] - middle["chip"] - growth
        decay = height - (levels.free_end if "second_layer" in self.section.materials else levels.first_layer + growth)
        return Place(
            height,
            np.moveaxis(np.array([[-one, -reach, one, zero], [zero, -one, zero, one]]), 2, 0),
            np.stack([-one, 0.5 * height - above, one, 0.5 * height - middle["board"]], axis=1),
            np.exp(-self.reach / decay[:, None, None]),
            second,
        )

    def _weights(self, second: Floats, nodes: Floats) -> Floats:
        """Weights of thicknesses in the interpolation, a polynomial of the logarithm, shape (p, nodes) [-]."""
        x, at = np.log(second), np.log(nodes)
        nearest = np.abs(x[:, None] - at).argmin(axis=1)
        x = np.where(np.abs(x - at[nearest]) < SAME, at[nearest], x)
        weights = np.ones((len(x), len(at)))
        for k, m in permutations(range(len(at)), 2):
            weights[:, k] *= (x - at[m]) / (at[k] - at[m])
        return weights

    def _forms(self, state: State, theta: Floats, second: Floats, bounds: bool) -> tuple[Forms, Forms, Forms]:
        """Forms of the joint, bounds of their defects at the nearest thickness, and estimates of the interpolation's error."""
        weights, missing = self._weights(second, self.nodes), np.zeros((len(theta), len(self.nodes)))
        if bounds and not self.listed and len(self.nodes) > 1:
            missing = self._missing(second, weights)
        nearest = np.abs(weights).argmax(axis=1)
        forms: Forms = {}
        defects: Forms = {}
        rough: Forms = {}
        for k, joint in enumerate(state.joints):
            used = np.flatnonzero(weights[:, k])
            if not len(used):
                continue
            own = bounds & (nearest[used] == k)
            found, bound = joint.forms(theta[used], own)
            for name, form in found.items():
                size = (len(theta), *form.shape[1:])
                forms.setdefault(name, np.zeros(size))[used] += weights[used, k, None, None] * form
                rough.setdefault(name, np.zeros(size))[used] += missing[used, k, None, None] * form
                defects.setdefault(name, np.zeros(size))[used[own]] = bound[name]
        return forms, defects, rough

    def _missing(self, second: Floats, weights: Floats) -> Floats:
        """Weights that give an estimate of the interpolation's error, shape (p, nodes) [-].

        What the interpolation changes by leaving out the end x_e of the nodes is the divided difference of the n nodes
        times omega(x); its error is the next divided difference times (x - x_e) omega(x). The forms are rational in the
        thickness with poles at t < 0, which are pi away from real ln t: the next divided difference is at most 1/pi of
        this one for a single pole.
        """
        x, at = np.log(second), np.log(self.nodes)
        missing = np.zeros_like(weights)
        for end, mine in ((0, x < at.mean()), (-1, x >= at.mean())):
            kept = np.delete(np.arange(len(at)), end)
            fewer = np.zeros((int(mine.sum()), len(at)))
            fewer[:, kept] = self._weights(second[mine], self.nodes[kept])
            missing[mine] = (weights[mine] - fewer) * (SAFETY * (x[mine] - at[end]) / np.pi)[:, None]
        return missing

    def _point(self, state: State, values: Floats, bounds: bool) -> Point:
        theta, second = self.theta(values), self.thickness(values)
        place = self._place(second)
        forms, defects, rough = self._forms(state, theta, second, bounds)
        layers, bare, points = state.layers, state.bare, len(values)
        grown = theta[:, layers.groups]
        released = layers.released * grown
        film = self._films(layers, grown, second)
        E, pulls = forms["lateral"], slice(2, forms["lateral"].shape[1] - 4)
        tilt = place.tilt.swapaxes(1, 2)
        plates = block_diag(bare["chip"].axial, bare["board"].axial)
        plates_load = np.concatenate([bare["chip"].axial_load, bare["board"].axial_load])
        plates_planar = block_diag(bare["chip"].planar, bare["board"].planar)
        whole = Elements(
            lateral=tilt @ E[:, :2, :2] @ place.tilt,
            axial=TO_FORM.T @ forms["axial"][:, :5, :5] @ TO_FORM - plates,
            axial_load=-forms["axial"][:, :5, 5] @ TO_FORM - plates_load,
            planar=forms["planar"] - plates_planar,
            edge_load=-np.einsum("pda,pdl,pl->pa", place.tilt, E[:, :2, pulls], released),
            edges=place.edges, height=place.height, **film,
        )  # fmt: skip
        axial, load, planar = np.zeros((points, 6, 6)), np.zeros((points, 6)), np.zeros((points, 4, 4))
        for number, plate in enumerate(("chip", "board")):
            own = slice(3 * number + 1, 3 * number + 3)
            axial[:, own, own] = forms[f"{plate} axial"][:, :2, :2] - bare[plate].axial[1:, 1:]
            load[:, own] = -forms[f"{plate} axial"][:, :2, 2] - bare[plate].axial_load[1:]
            own = slice(2 * number, 2 * number + 2)
            planar[:, own, own] = forms[f"{plate} planar"] - bare[plate].planar
        nothing = np.zeros((points, 4))
        cut = Elements(
            np.zeros((points, 4, 4)), axial, load, planar, nothing, edges=place.edges, height=place.height, **film
        )
        return Point(forms, defects, rough, whole, cut, released, place)

    def _films(self, layers: Layers, grown: Floats, second: Floats) -> dict[str, Floats]:
        """Layers where no joint stands, as in `laminate_film`."""
        thickness = np.broadcast_to(layers.thickness, grown.shape).copy()
        if len(layers.groups) > 1:
            thickness[:, 1] = second
        z = layers.top - 0.5 * thickness
        moments = np.array([[thickness, thickness * z], [thickness * z, thickness * (z**2 + thickness**2 / 12)]])
        return {
            "film_axial": np.einsum("abpl,pl,l->pab", moments, grown, layers.stretch),
            "film_load": np.einsum("bpl,pl,l->pb", moments[0], grown, layers.free),
            "film_planar": np.einsum("abpl,pl,l->pab", moments, grown, layers.shear),
        }

    # -- the critical joint ----------------------------------------------------------------------------------------

    def _shift_form(self, point: Point) -> Floats:
        """Row of the lateral form that gives -delta, shape (p, k)."""
        E = point.forms["lateral"]
        return np.einsum("pr,prk->pk", shift_row(point.place.height), E[:, -4:])

    def _reading(self, state: State, point: Point) -> Floats:
        """Forces on the coordinates that delta of the critical joint, in x and in y, is read by; shape (p, 2, c)."""
        row = -np.einsum("pd,pda->pa", self._shift_form(point)[:, :2], point.place.tilt)
        return self._on_critical(row, len(state.q_T))

    def _on_critical(self, row: Floats, coordinates: int) -> Floats:
        rows = np.zeros((len(row), 2, coordinates))
        for axis, kinds in enumerate((LATERAL_X, LATERAL_Y)):
            rows[:, axis, self.layout.index[self.critical.orbit, kinds]] = self.critical.sign[axis] * row
        return rows

    def _free_reading(self, state: State, point: Point) -> Floats:
        """The same for delta_0, the placing of the chip included."""
        rows = self._on_critical(point.place.bare, len(state.q_T))
        placing, size = self._placing(state, point)
        if not size:
            return rows
        R = self._rigid(state)
        return rows - np.einsum("pkr,prc->pkc", rows @ R, placing)

    def _rigid(self, state: State) -> Floats:
        modes = np.column_stack([mode.cells for mode in state.chip.modes])
        return np.pad(modes, ((0, len(state.q_T) - len(modes)), (0, 0)))

    def _placing(self, state: State, point: Point) -> tuple[Floats, int]:
        """Rigid motion of the chip by which mismatches are evened out, from the coordinates; shape (p, r, c)."""
        index, size = self.layout.index, self.layout.size
        c, s = len(state.q_T), len(index)
        R = self._rigid(state)
        weights = (size[:, None, None] * R[index[:, [0, 2, 4]]]).reshape(3 * s, -1).T  # (r, 3 s)
        mismatch = np.zeros((len(point.released), 3 * s, c))
        joints = np.arange(s)
        for axis, kinds in enumerate((LATERAL_X, LATERAL_Y)):
            for column, kind in enumerate(kinds):
                mismatch[:, 3 * joints + axis, index[:, kind]] = point.place.bare[:, column, None]
        mismatch[:, 3 * joints + 2, index[:, 4]] = -1.0
        mismatch[:, 3 * joints + 2, index[:, 15]] = 1.0
        rows = weights @ mismatch
        square = rows @ R
        return np.linalg.pinv(square, rcond=1e-10) @ rows, R.shape[1]

    # -- answers ---------------------------------------------------------------------------------------------------

    def answers(self, values: Floats, bounds: bool = True, quantities: bool = False) -> Answers:
        """Return the figures at values of the parameters, shape (p, axes), with bounds and quantities where asked for."""
        values = np.asarray(values, dtype=float).reshape(-1, len(self.axes))
        with threadpool_limits(limits=1), ThreadPoolExecutor(max_workers=WORKERS) as pool:
            batches = np.array_split(values, max(1, -(-len(values) // BATCH)))
            parts = list(pool.map(lambda batch: self._answers(batch, bounds, quantities), batches))
        arrays = [field.name for field in fields(Answers) if field.name != "quantities"]
        return Answers(
            *(np.concatenate([getattr(part, name) for part in parts]) for name in arrays),
            {name: np.concatenate([part.quantities[name] for part in parts]) for name in parts[0].quantities},
        )

    def _answers(self, values: Floats, bounds: bool, quantities: bool) -> Answers:
        points = [self._point(state, values, bounds) for state in self.states]
        whole = [
            self._motions(state, one, point.whole, self._reading(state, point))
            for state, one, point in zip(self.states, self.joined, points, strict=True)
        ]
        cut = [
            self._motions(state, one, point.cut, self._free_reading(state, point))
            for state, one, point in zip(self.states, self.severed, points, strict=True)
        ]
        shift = _change([self._shift(state, point, m) for state, point, m in zip(self.states, points, whole, strict=True)])
        free = _change([self._free(state, point, m) for state, point, m in zip(self.states, points, cut, strict=True)])
        force = _change([self._shear(point, m) for point, m in zip(points, whole, strict=True)])
        square = (free**2).sum(axis=1)
        figure = (shift * free).sum(axis=1) / square
        bound = np.full(len(values), np.nan)
        if bounds:
            by_shift = free / square[:, None]
            by_free = (shift - 2.0 * figure[:, None] * free) / square[:, None]
            theta = self.theta(values)
            bound = sum(
                self._joined_bound(point, one, joined, by_shift, theta).bound()
                + self._severed_bound(point, other, severed, by_free, theta).bound()
                for point, one, other, joined, severed in zip(
                    points, whole, cut, self.joined, self.severed, strict=True
                )
            )
        second = self.thickness(values)
        listed = (np.abs(np.log(second[:, None] / self.nodes)) < SAME).any(axis=1) if self.own else second == 0.0
        read = self._quantities(values, points, whole, shift) if quantities and self.gauges else {}
        return Answers(figure, bound, listed & bounds, shift, free, force, read)

    # -- quantities ------------------------------------------------------------------------------------------------

    def _quantities(
        self, values: Floats, points: Sequence[Point], motions: Sequence[Motion], shift: Floats
    ) -> dict[str, Floats]:
        theta, second = self.theta(values), self.thickness(values)
        angle = np.arctan2(shift[:, 1], shift[:, 0])
        waves = [self._waves(point, motion, angle) for point, motion in zip(points, motions, strict=True)]
        found: dict[str, Floats] = {}
        for name, gauge in self.gauges.items():
            amplitudes = [
                self._amplitudes(state, name, wave, theta, second)
                for state, wave in zip(self.states, waves, strict=True)
            ]
            found[name] = np.array([
                gauge.read(
                    [[one[p] for one in wave] for wave in amplitudes],
                    [state.cell for state in self.states],
                    theta[p, self.states[0].joints[0].gauges[name]["axial"].group],
                )
                for p in range(len(values))
            ])  # fmt: skip
        nothing = np.full(len(values), np.nan)
        stresses = [value for name, value in found.items() if name not in ("ring", "cylinder")]
        return {
            "interconnect_strain": found["ring"],
            "cylinder_shear_strain": found.get("cylinder", nothing),
            "ball_stress": np.max(stresses, axis=0),
            "electrical_resistance": self._resistance(second),
            "height": points[0].place.height,
        }

    def _waves(self, point: Point, motion: Motion, angle: Floats) -> list[tuple[str, Floats]]:
        """Amplitudes of the five waves of a local field at the critical joint, in axes along and across its shift."""
        critical, index = self.critical, self.layout.index[self.critical.orbit]
        mirror = np.where(self.states[0].chip.joints.sign[critical.joint] < 0, MIRROR, 1.0).prod(axis=1)
        q = motion.q[:, index] * np.concatenate([mirror, mirror])
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
            ("axial", _with(q[:, list(AXIAL)] @ TO_FORM.T, 1.0)),
            ("lateral", lateral[0]),
            ("lateral", lateral[1]),
            ("planar", c2[:, None] * stretch + s2[:, None] * shear),
            ("planar", c2[:, None] * shear - s2[:, None] * stretch),
        ]

    def _amplitudes(
        self, state: State, gauge: str, waves: Sequence[tuple[str, Floats]], theta: Floats, second: Floats
    ) -> list[Floats]:
        """Strain amplitudes of every wave where a gauge reads, shape (p, strains) each."""
        weights = self._weights(second, self.nodes)
        total: list[Floats] = []
        for number, (name, y) in enumerate(waves):
            for k, joint in enumerate(state.joints):
                used = np.flatnonzero(weights[:, k])
                if not len(used):
                    continue
                X = joint.harmonics[name].answer(theta[used])[1]
                strain = joint.gauges[gauge][name].strains(X, y[used], theta[used])
                if len(total) == number:
                    total.append(np.zeros((len(theta), strain.shape[1])))
                total[number][used] += weights[used, k, None] * strain
        return total

    def _resistance(self, second: Floats) -> Floats:
        """Electrical resistance of a joint, interpolated between thicknesses: nearly linear in them [mOhm]."""
        if any(value is None for value in self.resistances):
            return np.full(len(second), np.nan)
        return self._weights(second, self.nodes) @ np.array(self.resistances, dtype=float)

    # -- bounds ----------------------------------------------------------------------------------------------------

    def _joined_bound(
        self, point: Point, motion: Motion, model: ReducedAssembly, weight: Floats, theta: Floats
    ) -> Missed:
        """Return what ``weight`` (p, 2) times delta misses."""
        index, size, critical = self.layout.index, self.layout.size, self.critical
        dual = np.einsum("pk,pkc->pc", weight, motion.by_outputs)
        pulls, k = point.released.shape[1], point.forms["lateral"].shape[1]
        sides = sides_of(point.place.edges[:, self.layout.first])
        missed = self._missed(point, motion, model, weight, theta, cut=False)
        for axis, kinds in enumerate((LATERAL_X, LATERAL_Y)):
            one, other = (np.zeros((len(weight), len(index), k)) for _ in range(2))
            one[:, :, :2] = motion.q[:, index[:, kinds]] @ point.place.tilt.swapaxes(1, 2)
            other[:, :, :2] = dual[:, index[:, kinds]] @ point.place.tilt.swapaxes(1, 2)
            one[:, :, 2 : 2 + pulls] = sides[:, :, axis, None] * point.released[:, None]
            read = (weight[:, axis] * critical.sign[axis] / size[critical.orbit])[:, None]
            other[:, critical.orbit, -4:] = read * shift_row(point.place.height)
            missed.add(point, "lateral", one, other, size)
        one, other = (q[:, index[:, AXIAL]] @ TO_FORM.T for q in (motion.q, dual))
        missed.add(point, "axial", _with(one, 1.0), _with(other, 0.0), size)
        for kinds in (PLANAR_1, PLANAR_2):
            missed.add(point, "planar", motion.q[:, index[:, kinds]], dual[:, index[:, kinds]], size)
        return missed

    def _severed_bound(
        self, point: Point, motion: Motion, model: ReducedAssembly, weight: Floats, theta: Floats
    ) -> Missed:
        """Return what ``weight`` (p, 2) times delta_0 misses."""
        index, size = self.layout.index, self.layout.size
        dual = np.einsum("pk,pkc->pc", weight, motion.by_outputs)
        missed = self._missed(point, motion, model, weight, theta, cut=True)
        for number, plate in enumerate(("chip", "board")):
            kinds = AXIAL[3 * number + 1 : 3 * number + 3]
            one, other = motion.q[:, index[:, kinds]], dual[:, index[:, kinds]]
            missed.add(point, f"{plate} axial", _with(one, 1.0), _with(other, 0.0), size)
            for family in (PLANAR_1, PLANAR_2):
                kinds = family[2 * number : 2 * number + 2]
                missed.add(point, f"{plate} planar", motion.q[:, index[:, kinds]], dual[:, index[:, kinds]], size)
        sides = (weight * sides_of(point.place.edges[:, self.critical.joint])).sum(axis=1)
        layers = point.released.shape[1]
        one, other = (np.zeros((len(weight), 1, layers + 2)) for _ in range(2))
        one[:, 0, :layers] = point.released
        other[:, 0, layers:] = sides[:, None] * shift_row(point.place.height)[:, :2]
        missed.add(point, "chip lateral", one, other, np.ones(1))
        return missed

    def _missed(
        self, point: Point, motion: Motion, model: ReducedAssembly, weight: Floats, theta: Floats, cut: bool
    ) -> Missed:
        """Begin what is missed, with the norms of both motions' unbalanced forces and of the defects."""
        ratio = np.minimum(1.0, (theta[:, None] / self.reference_theta).min(axis=2))
        choice = ratio.argmax(axis=1)
        ratio = ratio[np.arange(len(choice)), choice]
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

    # -- assemblies ------------------------------------------------------------------------------------------------

    def _motions(self, state: State, model: ReducedAssembly, elements: Elements, outputs: Floats) -> Motion:
        load = model.layout.load(elements, len(state.q_T))
        thermal = load - model.layout.forces(elements, np.broadcast_to(state.q_T, load.shape))
        K = model.stiffness(elements)
        moved, left = model.motions(elements, K, np.concatenate([thermal[:, None], outputs], axis=1))
        return Motion(state.q_T + moved[:, 0], moved[:, 1:], left, outputs)

    def _shift(self, state: State, point: Point, motion: Motion) -> Floats:
        pulls = slice(2, point.forms["lateral"].shape[1] - 4)
        edge = -np.einsum("pl,pl->p", self._shift_form(point)[:, pulls], point.released)
        sides = sides_of(point.place.edges[:, self.critical.joint])
        return np.einsum("pkc,pc->pk", motion.outputs, motion.q) + sides * edge[:, None]

    def _free(self, state: State, point: Point, motion: Motion) -> Floats:
        E, row = point.forms["chip lateral"], shift_row(point.place.height)[:, :2]
        layers = point.released.shape[1]
        edge = -np.einsum("pr,prl,pl->p", row, E[:, layers:, :layers], point.released)
        sides = sides_of(point.place.edges[:, self.critical.joint])
        return np.einsum("pkc,pc->pk", motion.outputs, motion.q) + sides * edge[:, None]

    def _shear(self, point: Point, motion: Motion) -> Floats:
        sides = sides_of(point.place.edges[:, self.layout.first[self.critical.orbit]])
        force = np.empty_like(sides)
        for axis, kinds in enumerate((LATERAL_X, LATERAL_Y)):
            q = motion.q[:, self.layout.index[self.critical.orbit, kinds]]
            on_board = np.einsum("pa,pa->p", point.whole.lateral[:, 2], q) - point.whole.edge_load[:, 2] * sides[:, axis]
            force[:, axis] = self.critical.sign[axis] * on_board
        return force


def _change(values: Sequence[Floats]) -> Floats:
    """Return what is at the last temperature less what is at the first of a cycle."""
    return values[-1] - values[0] if len(values) > 1 else values[0]


def _with(q: Floats, amplitude: float) -> Floats:
    """Add the amplitude of the temperature change."""
    return np.concatenate([q, np.full((*q.shape[:-1], 1), amplitude)], axis=-1)


def _trace(one: Floats, other: Floats) -> Floats:
    """Trace of the products of symmetric matrices, shape (p,)."""
    return np.asarray((one * other).sum(axis=(1, 2)))
