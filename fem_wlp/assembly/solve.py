"""Chip, board and joints put together: a small dense problem in what the joints deform by.

Each joint's stiffness is split K = L D Lᵀ, D = ±1, so that with the forces f - L n on the plates

    (D + Lᵀ G L) n - Lᵀ R a = Lᵀ (q_T + G f),        Rᵀ (f - L n) = 0.

The unknowns n are the joints' own efforts: they keep their digits whether a joint is a billionth as stiff as the plates
or ten thousand times stiffer. The chip floats (a, its rigid motion, is found); the board's mean motion is the frame.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy.linalg as dense
import scipy.sparse as sp

from fem_wlp.assembly.balance import moment_left
from fem_wlp.assembly.cells import FloatArray
from fem_wlp.assembly.elements import FilmElement
from fem_wlp.assembly.parity import MIRROR
from fem_wlp.assembly.plate import CondensedPlate
from fem_wlp.assembly.shape import Shape, deflected_shape
from fem_wlp.assembly.system import KINDS, LATERAL_X, LATERAL_Y, System, build_system
from fem_wlp.elasticity.solve import TOO_FAR_APART
from fem_wlp.errors import SolveError
from fem_wlp.joint.element import JointElement


@dataclass(frozen=True)
class Certificates:
    """Checks of one solution, all relative and ideally zero.

    Parameters
    ----------
    residual
        Of the joints' law, against the loads [-].
    equilibrium
        Largest unbalanced force on chip and board, against the sum of all joints' [-].
    moments
        Largest unbalanced moment on chip and board about the neutral point, against the sum of all amounts [-].
    energy
        Difference of the work done by the thermal loads and the energy stored in plates and joints [-].
    reciprocity
        Difference of the plates' flexibilities and their transposes [-].
    roundoff
        Estimated error of the plates' motions under unit forces, in the norm of energy [-].
    """

    residual: float
    equilibrium: float
    moments: float
    energy: float
    reciprocity: float
    roundoff: float


@dataclass(frozen=True)
class AssemblySolution:
    """Motion and forces of all joints, in the order of their places.

    Parameters
    ----------
    places
        (n, 2) joints' axes from the chip's centre [mm].
    chip, board
        (n, 11) `COORDINATES` of each plate over the cells [mm, rad, -, 1/mm].
    footprint
        (n, 2, 4) in x and in y: displacement and rotation of the footprint on the chip, and on the board, the rotation
        as d u / d z [mm, rad, mm, rad].
    shear_force
        (n, 2) x and y force of the board on the joint [N].
    axial_force
        (n,) force along the joint, tension positive [N].
    moment
        (n, 2) moment vector (about x, about y) of the joint's lower on its upper half at mid-height [N mm].
    height
        H, between the chip's lower and the board's upper face [mm].
    plates
        Chip and board, from whose condensation they are answered.
    forces
        (c,) forces of the joints on the coordinates of chip and board, summed over mirror images [N and derived].
    rigid
        (r,) amplitudes of the chip's rigid motions, of which the board has none [mm, rad].
    certificates
        Checks of the solution.
    """

    places: FloatArray
    chip: FloatArray
    board: FloatArray
    footprint: FloatArray
    shear_force: FloatArray
    axial_force: FloatArray
    moment: FloatArray
    height: float
    plates: tuple[CondensedPlate, CondensedPlate]
    forces: FloatArray
    rigid: FloatArray
    certificates: Certificates

    @cached_property
    def chip_shape(self) -> Shape:
        """Deflection of the chip."""
        chip, _ = self.plates
        return deflected_shape(chip, self.forces[: len(chip.flexibility)], self.rigid, chip.plate.outline)

    @cached_property
    def board_shape(self) -> Shape:
        """Deflection of the board under the chip."""
        chip, board = self.plates
        held = np.zeros(len(board.modes))
        return deflected_shape(board, self.forces[len(chip.flexibility) :], held, chip.plate.outline)

    @property
    def force(self) -> FloatArray:
        """(n, 3) force of the board on the joint [N]."""
        return np.column_stack([self.shear_force, -self.axial_force])

    @cached_property
    def pad_to_pad(self) -> FloatArray:
        """(n, 2) displacement of the board's footprint less the chip's [mm]."""
        raw: FloatArray = self.footprint[:, :, 2] - self.footprint[:, :, 0]
        return raw

    @cached_property
    def shift(self) -> FloatArray:
        """(n, 2) what the joints deform by: pad to pad, the footprints' mean tilt taken off [mm].

        A rigid post that tilts by psi = du/dz has u_b - u_c = -H psi and no shift.
        """
        tilt = (self.footprint[:, :, 1] + self.footprint[:, :, 3]) / 2
        shift: FloatArray = self.pad_to_pad + self.height * tilt
        return shift

    def __str__(self) -> str:
        shear = np.linalg.norm(self.shear_force, axis=1)
        worst, checks = int(np.argmax(shear)), self.certificates
        return (
            f"{len(self.places)} joints, largest shear force {shear[worst]:.4g} N at ({self.places[worst, 0]:g}, "
            f"{self.places[worst, 1]:g}) mm; warpage of the chip {1e3 * self.chip_shape.warpage:.3g} um, of the board "
            f"{1e3 * self.board_shape.warpage:.3g} um; residual {checks.residual:.0e}, "
            f"equilibrium {checks.equilibrium:.0e}, energy {checks.energy:.0e}"
        )


def assemble(
    chip: CondensedPlate,
    board: CondensedPlate,
    elements: Sequence[JointElement],
    edges: FloatArray | None = None,
    film: FilmElement | None = None,
    loads: FloatArray | None = None,
) -> AssemblySolution:
    """Join chip and board, and let them find their balance.

    Parameters
    ----------
    chip, board
        Condensed on the same places with the same symmetry.
    elements
        One joint for all places, or one for each.
    edges
        (n, 4) share of `JointElement.edge_load` on each joint's sides +x, -x, +y, -y, from `edge_factors`; none by
        default.
    film
        Layers on the chip where no joint stands: on its bare cells, and taken off a joint's cell by as much as the
        chip's edge cuts from it; none by default.
    loads
        (n, 22) loads on the coordinates of chip and board at each joint besides its element's, as symmetric as the
        array; none by default.

    Raises
    ------
    ConfigError
        G138 where joints that are mirror images differ.
    SolveError
        S505 where the joints leave the chip free to move, S508 where the solution is not finite.
    """
    system = build_system(chip, board, elements, edges, film, loads)
    efforts, answers = _efforts(system, system.q_T + system.G @ system.f)
    a = _rigid_motion(system, system.LR.T @ answers, system.R.T @ system.f - system.LR.T @ efforts)
    return _solution(system, efforts + answers @ a, a)


def responses(system: System, loads: FloatArray) -> FloatArray:
    """Return how chip and board move under forces on their coordinates alone, nothing expanding.

    Parameters
    ----------
    system
        What is joined.
    loads
        (c, k) forces, summed over the images. Where nothing holds the chip they must do no work in its rigid motions,
        which then are left out.

    Returns
    -------
    ndarray
        (c, k) coordinates.
    """
    G, L, R, LR = system.G, system.L, system.R, system.LR
    efforts, answers = _efforts(system, G @ loads)
    held = np.abs(LR).max(initial=0.0) > 1e-6 * np.abs(L.data).max(initial=0.0)
    a = np.zeros((R.shape[1], loads.shape[1]))
    if held:
        a = _rigid_motion(system, LR.T @ answers, R.T @ loads - LR.T @ efforts)
    moved: FloatArray = G @ (loads - L @ (efforts + answers @ a)) + R @ a
    return moved


def severed(
    chip: CondensedPlate,
    board: CondensedPlate,
    elements: Sequence[JointElement],
    edges: FloatArray | None = None,
    film: FilmElement | None = None,
    loads: FloatArray | None = None,
) -> AssemblySolution:
    """Let chip and board move without each other; what stays on them still loads them.

    Nothing holds the chip: it is placed so that the shifts of all joints and their changes of distance are free, in
    the mean of least squares, of rigid shift and rotation. For homogeneous plates the shift is then the difference of
    their expansions times the distance from the array's centroid.

    Parameters
    ----------
    chip, board, edges, film, loads
        As in `assemble`.
    elements
        Joints cut at their land, whose stiffness feels strains and curvatures only.

    Raises
    ------
    ValueError
        If an element resists rigid motion of the chip.
    """
    system = build_system(chip, board, elements, edges, film, loads)
    efforts, _ = _efforts(system, system.q_T + system.G @ system.f)
    if np.abs(system.LR).max(initial=0.0) > 1e-6 * np.abs(system.L.data).max(initial=0.0):
        raise ValueError("a severed joint must not resist a shift or rotation of the chip")
    mismatch = _mismatch(system)
    rigid = rigid_mismatch(system)
    at_rest = system.q_T + system.G @ (system.f - system.L @ efforts)
    # a map in one line leaves the rotation about it undetermined, without effect on the shifts: least squares
    a = np.linalg.lstsq(rigid @ (mismatch @ system.R), -(rigid @ (mismatch @ at_rest)), rcond=1e-10)[0]
    return _solution(system, efforts, a)


def _efforts(system: System, at_rest: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Efforts n of joints between plates that, severed, rest as given, and under unit rigid motions of the chip."""
    L = system.L
    GL = (L.T @ system.G).T
    A = L.T @ GL
    A[np.diag_indices_from(A)] += system.D
    d = 1 / np.sqrt(np.abs(A.diagonal()))
    rhs = np.column_stack([L.T @ at_rest, system.LR])
    A *= d[:, None] * d
    factor = dense.lu_factor(A, check_finite=False)
    n = dense.lu_solve(factor, d[:, None] * rhs, check_finite=False)
    n += dense.lu_solve(factor, d[:, None] * rhs - A @ n, check_finite=False)
    n *= d[:, None]
    if not np.isfinite(n).all():
        raise SolveError("S508", "the joints' efforts are not finite", where="assembly", hint=TOO_FAR_APART)
    columns = rhs.shape[1] - system.LR.shape[1]
    return n[:, :columns].reshape(len(n), *at_rest.shape[1:]), n[:, columns:]


def _rigid_motion(system: System, holding: FloatArray, load: FloatArray) -> FloatArray:
    """Solve holding a = load; a motion that no joint resists must leave every joint where it is."""
    size = np.sqrt(np.maximum(holding.diagonal(), 0.0))
    size[size == 0] = 1.0
    values, vectors = np.linalg.eigh(holding / (size[:, None] * size))
    held = values > 1e-12
    free = vectors[:, ~held]
    if np.abs(system.R @ (free / size[:, None])).max(initial=0.0) > 1e-9 * np.abs(system.R / size).max():
        share = np.linalg.norm(free, axis=1)
        names = [mode.name for mode, part in zip(system.chip.modes, share, strict=True) if part > 0.3]
        message = f"the joints leave the chip free to move: {', '.join(names)}"
        raise SolveError("S505", message, where="assembly", hint="stiffen the joints")
    unit = vectors[:, held] / (size[:, None] * np.sqrt(values[held]))
    a: FloatArray = unit @ (unit.T @ load)
    return a


def _mismatch(system: System) -> sp.csr_matrix:
    """Rows: shift in x, in y, and change of distance of each joint, on all coordinates."""
    rows, columns, values = [], [], []
    for k, (joint, index) in enumerate(zip(system.joints, system.index, strict=True)):
        shift = np.array([-1.0, joint.height / 2, 1.0, joint.height / 2]) @ joint.footprint
        for row, kinds, weights in ((0, LATERAL_X, shift), (1, LATERAL_Y, shift), (2, (4, 15), (-1.0, 1.0))):
            rows += [3 * k + row] * len(kinds)
            columns += list(index[list(kinds)])
            values += list(weights)
    return sp.csr_matrix((values, (rows, columns)), shape=(3 * len(system.joints), len(system.G)))


def rigid_mismatch(system: System) -> FloatArray:
    """Rows: in-plane and vertical motion of the joints' places in each rigid motion, counted by orbit."""
    places = system.index[:, [0, 2, 4]]
    rigid: FloatArray = (np.repeat(system.chip.joints.size, 3)[:, None] * system.R[places.ravel()]).T
    return rigid


def _solution(system: System, efforts: FloatArray, a: FloatArray) -> AssemblySolution:
    chip, board, orbits = system.chip, system.board, system.chip.joints
    forces = system.f - system.L @ efforts
    q = system.q_T + system.G @ forces + system.R @ a
    sign = np.where(orbits.sign[:, None, :] < 0, MIRROR, 1.0).prod(axis=2)
    sign = np.concatenate([sign, sign], axis=1)
    motion = sign * q[system.index][orbits.orbit]
    on_joint = -sign * (forces[system.index] / orbits.size[:, None])[orbits.orbit]
    elements = [system.joints[k] for k in orbits.orbit]
    footprint = np.array([
        [element.footprint @ row[list(kinds)] for kinds in (LATERAL_X, LATERAL_Y)]
        for element, row in zip(elements, motion, strict=True)
    ])  # fmt: skip
    height = elements[0].height
    arm = -(height + board.plate.depth) / 2  # of the middle of the board's means under the joint's mid-height
    shear = on_joint[:, [11, 13]]
    bending = on_joint[:, [12, 14]] + arm * shear
    sides = [_forces_and_moments(on_joint[:, kinds]) for kinds in (slice(KINDS), slice(KINDS, None))]
    return AssemblySolution(
        places=chip.places,
        chip=motion[:, :KINDS],
        board=motion[:, KINDS:],
        footprint=footprint,
        shear_force=shear,
        axial_force=-on_joint[:, 15],
        moment=np.column_stack([-bending[:, 1], bending[:, 0]]),
        height=height,
        plates=(chip, board),
        forces=forces,
        rigid=a,
        certificates=Certificates(
            residual=_residual(system, efforts, q),
            equilibrium=max(_force_left(forces) for forces, _ in sides),
            moments=max(moment_left(chip.places, *side) for side in sides),
            energy=_energy_gap(system, forces, efforts, q),
            reciprocity=max(chip.asymmetry, board.asymmetry),
            roundoff=max(chip.roundoff, board.roundoff),
        ),
    )


def _residual(system: System, efforts: FloatArray, q: FloatArray) -> float:
    """Of the joints' law D n = Lᵀ q, against the loads."""
    load = np.abs(system.L.T @ (system.q_T + system.G @ system.f)).max(initial=0.0)
    gap = np.abs(system.L.T @ q - system.D * efforts).max(initial=0.0)
    return float(gap / load) if load > 0 else 0.0


def _forces_and_moments(efforts: FloatArray) -> tuple[FloatArray, FloatArray]:
    """(n, 3) forces and moment vectors about the plate's mid-plane from (n, 11) efforts on one plate's coordinates."""
    fx, by, fy, bx, fz = efforts[:, :5].T  # b go with d u/d z: by turns about y, bx against x
    return np.column_stack([fx, fy, fz]), np.column_stack([-bx, by, np.zeros_like(fz)])


def _force_left(forces: FloatArray) -> float:
    """Resultant of forces over the sum of their amounts [-]."""
    amount = float(np.linalg.norm(forces, axis=1).sum())
    return float(np.linalg.norm(forces.sum(axis=0))) / amount if amount > 0 else 0.0


def _energy_gap(system: System, forces: FloatArray, efforts: FloatArray, q: FloatArray) -> float:
    """Twice the energy stored in plates and joints, against the work of the thermal loads."""
    stored = forces @ system.G @ forces + efforts @ (system.D * efforts)
    in_joints, in_plates = system.f @ q, -(forces @ system.q_T)
    largest = max(abs(stored), abs(in_joints), abs(in_plates))
    return float(abs(stored - in_joints - in_plates) / largest) if largest > 0 else 0.0
