"""The reduced package: D at any values of a few parameters in a fraction of a millisecond, with a bound of its error.

    values -> moduli theta and thickness -> forms of the joint -> assembly, joined and severed -> D and its bound

Moduli and thermal expansions enter exactly; between the thicknesses at which the joint was condensed its forms are
interpolated. The bound is against the solve on the same meshes. It is proven (`Answers.certified`) at the condensed
thicknesses, an estimate elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from ..analysis.response import WORKERS, cell_states, surroundings
from ..assembly.plate import free_expansion
from ..environment import release_memory
from ..joint.condense import CellModel, CellState, bare_plate, cell_model, thickened
from ..joint.resistance import electrical_resistance
from ..joint.section import cell_section, grading_of
from ..package.model import Package
from .assembly import ReducedAssembly, reduced_assembly
from .axes import Axis, parameters_of
from .bounds import Off, figure_bound, missed_joined, missed_severed
from .forecast import require_reduced_memory
from .gauges import Gauged, gauged
from .joint import ReducedJoint, reduced_joint
from .reading import Motion, free_of, free_rows, motion_of, shear_force_of, shift_of, shift_rows, waves_of
from .site import site_of
from .state import Ends, Point, State, layers_of, point_of
from .substructure import Known
from .thickness import among, weights_of

Floats = NDArray[np.float64]

EQUILIBRIA = 40
"""Parameters whose equilibria make an assembly's basis [-]."""

BATCH = 500
"""Points answered at once: more only costs memory [-]."""


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
        Where asked for, what designs are limited by, shape (p,) each, nan where a package has none:
        interconnect_strain, cylinder_shear_strain [-], ball_stress (the largest of its parts') [MPa],
        electrical_resistance [mOhm], height [mm].
    """

    figure: Floats
    bound: Floats
    certified: NDArray[np.bool_]
    shift: Floats
    free: Floats
    shear_force: Floats
    quantities: dict[str, Floats]


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
        Whether `Answers.quantities` are going to be asked for: they need more to be prepared.

    Raises
    ------
    ResourceError
        R301: less memory is left than making it was foretold to take.
    ValueError
        A parameter that is no modulus or expansion of the joint, nor the second layer's thickness (`effect_of`).
    """

    def __init__(
        self, package: Package, axes: Sequence[Axis], listed: Sequence[float] | None = None, quantities: bool = False
    ) -> None:
        self.package, self.axes = package, tuple(axes)
        self.parameters, self.groups = parameters_of(package, axes)
        self.nodes = self.parameters.nodes() if listed is None else np.array(sorted(listed), dtype=float)
        require_reduced_memory(package, len(self.nodes))
        with threadpool_limits(limits=1):
            self._condense(quantities)
            release_memory()
            self._assemble()

    def _condense(self, quantities: bool) -> None:
        """Condense plates and joint, at every temperature and thickness."""
        package, section, own = self.package, cell_section(self.package), self.parameters.own
        model = cell_model(section, grading_of(package))
        ends: list[Ends] = []
        for number in self.parameters.expansions():
            axis = self.axes[number]
            ends.append((cell_section(axis.package_at(axis.low)), cell_section(axis.package_at(axis.high))))
        cells = _states(model, package, ends)
        around = surroundings(package, section)
        self.site = site_of(package, section, around.chips[0])
        self.gauges: dict[str, Gauged] = gauged(model) if quantities else {}
        sets = {name: gauge.elements for name, gauge in self.gauges.items()}
        training = self.parameters.theta(self.parameters.training(own))

        def at(thickness: float) -> CellModel:
            return model if thickness == own else thickened(model, thickness - own)

        thin, thick = (at(thickness).space for thickness in (self.nodes.min(), self.nodes.max()))
        same = frozenset(
            names
            for names in self.groups.regions
            if np.array_equal(thin.part(*names)[1].mesh.points, thick.part(*names)[1].mesh.points)
        )
        unmoved = Known()

        def joints(thickness: float) -> list[ReducedJoint]:
            """What temperature leaves alone is condensed once, and what thickness leaves alone, once for all."""
            meshed, known = at(thickness), Known(elsewhere=unmoved, same=same)
            return [reduced_joint(meshed, cell, self.groups, training, sets, known) for cell in cells]

        with ThreadPoolExecutor(max_workers=WORKERS) as pool:
            by_thickness = list(pool.map(joints, self.nodes))
        self.resistances = [electrical_resistance(at(thickness)) for thickness in self.nodes]
        self.states = tuple(
            State(
                chip,
                board,
                {name: bare_plate(model.mesh, section, cell[0], name) for name in ("chip", "board")},
                layers_of(self.site, package, self.groups, model, cell, ends, temperature),
                cell,
                tuple(joint[number] for joint in by_thickness),
                np.concatenate([free_expansion(chip), free_expansion(board)]),
            )
            for number, (chip, board, cell, temperature) in enumerate(
                zip(around.chips, around.boards, cells, around.temperatures, strict=True)
            )
        )

    def _assemble(self) -> None:
        """Make the bases of the assemblies, joined and severed, from equilibria spread over the parameters."""
        values = np.concatenate([self.parameters.training(node) for node in self.nodes])
        values = self.parameters.equilibria(values, EQUILIBRIA)
        theta = self.parameters.theta(values)
        self.joined: list[ReducedAssembly] = []
        self.severed: list[ReducedAssembly] = []
        for state, point in zip(self.states, self._points(values, bounds=False), strict=True):
            plates = state.chip, state.board
            rows = shift_rows(self.site, state, point)
            self.joined.append(reduced_assembly(*plates, point.whole, state.q_T, rows, theta))
            rows = free_rows(self.site, state, point)
            self.severed.append(reduced_assembly(*plates, point.cut, state.q_T, rows, theta))

    def _points(self, values: Floats, bounds: bool) -> list[Point]:
        theta, growth = self.parameters.theta(values), self.parameters.growth(values)
        second = self.parameters.thickness(values)
        return [point_of(self.site, state, self.nodes, theta, growth, second, bounds) for state in self.states]

    def answers(self, values: Floats, bounds: bool = True, quantities: bool = False) -> Answers:
        """Return the figures at values of the parameters (p, axes), with bounds and quantities where asked for."""
        values = np.asarray(values, dtype=float).reshape(-1, len(self.axes))
        order = np.lexsort(self.parameters.theta(values).T)  # what has the same moduli is best answered together
        with threadpool_limits(limits=1), ThreadPoolExecutor(max_workers=WORKERS) as pool:
            batches = np.array_split(values[order], max(1, -(-len(values) // BATCH)))
            parts = list(pool.map(lambda batch: self._answers(batch, bounds, quantities), batches))
        back = np.argsort(order)
        found = {
            item.name: np.concatenate([getattr(part, item.name) for part in parts])[back]
            for item in fields(Answers)
            if item.name != "quantities"
        }
        read = {name: np.concatenate([part.quantities[name] for part in parts])[back] for name in parts[0].quantities}
        return Answers(**found, quantities=read)

    def resistance(self, values: Floats) -> Floats:
        """Return the electrical resistance of a joint, which the thickness alone changes; shape (p,) [mOhm]."""
        known = np.array([np.nan if value is None else value for value in self.resistances])
        return np.asarray(weights_of(self.parameters.thickness(values), self.nodes) @ known)

    def _answers(self, values: Floats, bounds: bool, quantities: bool) -> Answers:
        site, points = self.site, self._points(values, bounds)
        whole = [
            motion_of(state, model, point.whole, shift_rows(site, state, point))
            for state, model, point in zip(self.states, self.joined, points, strict=True)
        ]
        cut = [
            motion_of(state, model, point.cut, free_rows(site, state, point))
            for state, model, point in zip(self.states, self.severed, points, strict=True)
        ]
        shift = _change([shift_of(site, point, motion) for point, motion in zip(points, whole, strict=True)])
        free = _change([free_of(site, point, motion) for point, motion in zip(points, cut, strict=True)])
        force = _change([shear_force_of(site, point, motion) for point, motion in zip(points, whole, strict=True)])
        figure = (shift * free).sum(axis=1) / (free**2).sum(axis=1)
        bound = self._bound(values, points, whole, cut, shift, free) if bounds else np.full(len(values), np.nan)
        proven = among(self.parameters.thickness(values), self.nodes) & bounds
        read = self._quantities(values, points, whole, shift) if quantities and self.gauges else {}
        return Answers(figure, bound, proven, shift, free, force, read)

    def _bound(
        self,
        values: Floats,
        points: Sequence[Point],
        whole: Sequence[Motion],
        cut: Sequence[Motion],
        shift: Floats,
        free: Floats,
    ) -> Floats:
        """Bound of the error of D, from those of delta and delta_0 at every temperature."""
        theta = self.parameters.theta(values)
        along = free / (free**2).sum(axis=1, keepdims=True)
        across = np.stack([-along[:, 1], along[:, 0]], axis=1)
        by_shift, by_free = (Off(np.zeros((2, len(values))), np.zeros((2, 2, len(values)))) for _ in range(2))
        for number, point in enumerate(points):
            sign = -1.0 if number < len(points) - 1 else 1.0  # of the first temperature in a change over a cycle
            weights = [sign * along, sign * across]
            by_shift += missed_joined(self.site, point, whole[number], self.joined[number], weights, theta)
            by_free += missed_severed(self.site, point, cut[number], self.severed[number], weights, theta)
        return figure_bound(shift, free, by_shift, by_free)

    def _quantities(
        self, values: Floats, points: Sequence[Point], motions: Sequence[Motion], shift: Floats
    ) -> dict[str, Floats]:
        theta, second = self.parameters.theta(values), self.parameters.thickness(values)
        angle = np.arctan2(shift[:, 1], shift[:, 0])
        waves = [waves_of(self.site, point, motion, angle) for point, motion in zip(points, motions, strict=True)]
        cells, growth = [state.cells for state in self.states], points[0].growth
        weights = weights_of(second, self.nodes)
        solved = [_coefficients(state, weights, theta) for state in self.states]
        found: dict[str, Floats] = {}
        for name, gauge in self.gauges.items():
            group = self.states[0].joints[0].gauges[name]["axial"].group
            amplitudes = [
                _amplitudes(state, name, wave, coefficients, weights, theta)
                for state, wave, coefficients in zip(self.states, waves, solved, strict=True)
            ]
            found[name] = np.array([
                gauge.read([[one[p] for one in wave] for wave in amplitudes], cells, theta[p, group], growth[p])
                for p in range(len(values))
            ])  # fmt: skip
        nothing = np.full(len(values), np.nan)
        return {
            "interconnect_strain": found["ring"],
            "cylinder_shear_strain": found.get("cylinder", nothing),
            "ball_stress": np.max([one for name, one in found.items() if name not in ("ring", "cylinder")], axis=0),
            "electrical_resistance": self.resistance(values),
            "height": points[0].place.height,
        }


def _states(model: CellModel, package: Package, ends: Sequence[Ends]) -> list[tuple[CellState, ...]]:
    """Materials of a joint at every temperature, and what parameters add to its free strain from end to end."""
    low, high = ([cell_states(replace(model, section=pair[end]), package) for pair in ends] for end in (0, 1))
    return [
        (state, *(replace(state, free=b[number].free - a[number].free) for a, b in zip(low, high, strict=True)))
        for number, state in enumerate(cell_states(model, package))
    ]


def _coefficients(state: State, weights: Floats, theta: Floats) -> list[dict[str, Floats]]:
    """Coefficients of the joined harmonics at every thickness, of the points that it counts for."""
    return [joint.coefficients(theta[weight != 0.0]) for joint, weight in zip(state.joints, weights.T, strict=True)]


def _amplitudes(
    state: State,
    gauge: str,
    waves: Sequence[tuple[str, Floats]],
    solved: Sequence[dict[str, Floats]],
    weights: Floats,
    theta: Floats,
) -> list[Floats]:
    """Strain amplitudes of every wave where a gauge reads, shape (p, strains) each."""
    total = []
    for name, y in waves:
        strains = np.zeros((len(theta), len(state.joints[0].gauges[gauge][name].by_basis)))
        for joint, coefficients, weight in zip(state.joints, solved, weights.T, strict=True):
            used = weight != 0.0
            strain = joint.gauges[gauge][name].strains(coefficients[name], y[used], theta[used])
            strains[used] += weight[used, None] * strain
        total.append(strains)
    return total


def _change(values: Sequence[Floats]) -> Floats:
    """Return what is at the last temperature less what is at the first of a cycle."""
    return values[-1] - values[0] if len(values) > 1 else values[0]
