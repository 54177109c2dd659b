"""Whole packages: what theory knows of the figure, and the models against each other and against another program."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np

from .. import limits
from ..analysis.resolved import meshed
from ..array.loads import solve_joint_cell as solve_square_cell
from ..array.model import How, service_states, solve_severed, solve_states
from ..array.readings import read_joints, read_severed
from ..assembly.cells import symmetry_of
from ..assembly.elements import post_element
from ..assembly.plate import Plate, condense_plate
from ..assembly.solve import assemble, severed
from ..decoupling import critical_joint, decoupling_figures, reduction
from ..joint.cell import CellLoad, JointCell, solve_cell
from ..joint.condense import CellModel, CellState, rigid_state, softened_state
from ..joint.element import JointElement
from ..joint.loads import JointLoad, LoadedJoint
from ..joint.loads import solve_joint_cell as solve_round_cell
from ..mesh.plates import PlateMesh
from ..mesh.section import Floats
from ..package import Package, loads, template
from ..solid import operator as solid
from ..solid.solve import solve
from . import calculix
from .bricks import NEAR, isotropic_tensor, named, quarter_disc
from .law import Law, Quantity, near, vanishing, within
from .layered import Layer, expanding, stack
from .packages import COMMON, DECOUPLED, OVERHANG, figures, package, responses

ALIKE = {f"materials.{name}.CTE": "2.6 ppm/K" for name in ("dielectric", "metal", "solder", "stiff_layer")}
"""All that stays on the chip expands as the die does."""


def _severed(broken: bool) -> tuple[Quantity, ...]:
    layer = {"materials.stiff_layer.CTE": "3 ppm/K"} if broken else {}
    one = package("paste", {**ALIKE, "land.material": "laminate", **layer})
    free = responses(one)[1]
    places = np.array([[joint.x, joint.y] for joint in one.array.joints])
    expected = (16e-6 - 2.6e-6) * -100.0 * places
    largest = np.abs(expected).max()
    (solution,) = free.solutions
    bow = max(np.abs(shape.deflection).max() for shape in (solution.chip_shape, solution.board_shape))
    off = np.abs(free.shift - expected).max()
    return (
        vanishing("free mismatch, farthest off, over the largest", off / largest, 1e-10),
        vanishing("deflection of either plate over the mismatch", bow / largest, 1e-10),
    )


def _stiffened(model: CellModel, state: CellState, temperature: float) -> CellState:
    return softened_state(model, state, 30.0)


def _rigid(broken: bool) -> tuple[Quantity, ...]:
    found = []
    for case in ("conventional", "paste"):
        joined, free = responses(package(case, OVERHANG), _stiffened if broken else rigid_state)
        worst = np.abs(decoupling_figures(joined.shift, free.shift)).max()
        found.append(vanishing(f"{case}: largest D of a joint", worst, 1e-3))
    return tuple(found)


def _softened(model: CellModel, state: CellState, temperature: float) -> CellState:
    return softened_state(model, state, 1e-9)


def _yielding(model: CellModel, state: CellState, temperature: float) -> CellState:
    return softened_state(model, state, 1e-3)


def _soft(broken: bool) -> tuple[Quantity, ...]:
    found = []
    for case in ("conventional", "stiff-layer"):
        D = figures(package(case, OVERHANG), _yielding if broken else _softened)
        found.append(within(f"{case}: least D of a joint", float(D.min()), 1.0, 1e-6))
    return tuple(found)


def centred_joint(lateral: float, axial: float, height: float) -> JointElement:
    """Return a joint of given stiffness [N/mm] and height [mm] that pulls at the mid-planes, so that nothing bends."""
    link, distance = np.zeros((4, 4)), np.array([1.0, 0.0, 0.0, -1.0, 0.0, 0.0])
    link[np.ix_([0, 2], [0, 2])] = lateral * np.array([[1.0, -1.0], [-1.0, 1.0]])
    pull = axial * np.outer(distance, distance)
    return JointElement(link, pull, np.zeros(6), np.zeros((4, 4)), np.eye(4), np.zeros(4), np.zeros(4), height)


def two_joints(k: float, k_rigid: float) -> tuple[float, float, float]:
    """Return D, D_F and the plates' own stiffness for two joints that pull at the mid-planes, so that nothing bends.

    Parameters
    ----------
    k, k_rigid
        Lateral stiffness of a joint, and of one that stands for a rigid one [N/mm].
    """
    places, height = np.array([[-0.5, 0.0], [0.5, 0.0]]), 0.2
    stiffness = np.diag([2.8e4] * 3 + [1e4] * 3) + np.pad(np.full((3, 3), 8e3), (0, 3))
    chip, board = (
        condense_plate(Plate(2.0, 1.0, t, stiffness, np.full(3, e), z), places, 1.0, symmetry_of(places), PlateMesh())
        for t, e, z in ((0.3, -2e-4, 0.65), (0.6, -1.6e-3, 0.0))
    )

    free = severed(chip, board, [centred_joint(0.0, 0.0, height)])
    yielding, rigid = (assemble(chip, board, [centred_joint(each, 1.0, height)]) for each in (k, k_rigid))
    force, rigid_force = (float(np.linalg.norm(each.shear_force[0])) for each in (yielding, rigid))
    figure = float(decoupling_figures(yielding.shift, free.shift)[0])
    return figure, reduction(force, rigid_force), rigid_force / float(np.linalg.norm(free.shift[0]))


def _two_springs(broken: bool) -> tuple[Quantity, ...]:
    own = two_joints(1.0, 1e13)[2]
    found = []
    for share in (0.1, 1.0, 10.0):
        figure, by_force, _ = two_joints(share * own, 100.0 * own if broken else 1e13)
        found.append(within(f"D, k_j/k_a = {share}", figure, 1 / (1 + share), 1e-7))
        found.append(within(f"D_F, k_j/k_a = {share}", by_force, 1 / (1 + share), 1e-7))
    return tuple(found)


# A row of joints

LENGTH, WIDTH, HEIGHT, THICKNESS = 4.0, 0.25, 0.1, 0.1
"""Half length and width of two plates, height between them, their thickness [mm]."""

CHIP_E, BOARD_E, MISMATCH = 131e3, 22e3, 1.54e-3
"""Moduli [MPa], and the strain that the board expands more along the row [-]."""

STIFF = 1e6
"""Axial stiffness of joints that make both plates deflect alike [N/mm]."""


@dataclass(frozen=True)
class Row:
    """The end joint of a row between two plates, by the assembly and by the layer that the joints are smeared to.

    Parameters
    ----------
    decoupling, raw
        D by the assembly, tilt taken off and left in [-].
    smeared, smeared_raw
        The same by the shear layer [-].
    """

    decoupling: float
    raw: float
    smeared: float
    smeared_raw: float


def row_of_joints(count: int, reach: float, bends: bool, stiffness: float = 1.0) -> Row:
    """Return the end joint of a row.

    Parameters
    ----------
    count
        Joints in the row [-].
    reach
        beta l of plates that stay straight [-].
    bends
        Whether joints pull at the plates' faces, which bends them, or at their mid-planes.
    stiffness
        Of the joints, over that which belongs to ``reach`` [-].
    """
    pitch = 2 * LENGTH / count
    smeared = (reach / LENGTH) ** 2 / sum(1 / (E * THICKNESS) for E in (CHIP_E, BOARD_E))
    places = np.column_stack([pitch * (np.arange(count) - (count - 1) / 2), np.zeros(count)])
    chip, board = (
        condense_plate(
            Plate(2 * LENGTH, WIDTH, THICKNESS, isotropic_tensor(E, 0.0), np.array([strain, 0.0, 0.0]), height),
            places,
            pitch,
            symmetry_of(places),
            PlateMesh(),
        )
        for E, strain, height in ((CHIP_E, 0.0, HEIGHT + THICKNESS / 2), (BOARD_E, MISMATCH, -THICKNESS / 2))
    )

    def joint(lateral: float, axial: float) -> JointElement:
        if bends:
            return post_element(lateral, axial, 0.0, HEIGHT, (THICKNESS, THICKNESS))
        return centred_joint(lateral, axial, HEIGHT)

    free = severed(chip, board, [joint(0.0, 0.0)])
    joined = assemble(chip, board, [joint(stiffness * smeared * pitch * WIDTH, STIFF if bends else 1.0)])
    place, beta = float(places[-1, 0]), reach / LENGTH
    # sinh(beta x)/(beta x cosh(beta l)), for any beta l
    wave = np.exp(beta * (place - LENGTH)) * -np.expm1(-2 * beta * place) / (1 + np.exp(-2 * beta * LENGTH))
    exact = exact_raw = float(wave / (beta * place))
    if bends:
        plates = (
            limits.Plate(CHIP_E, 0.0, THICKNESS, 0.0),
            limits.Plate(BOARD_E, 0.0, THICKNESS, MISMATCH),
        )
        strip = limits.bent_strip(plates, smeared, HEIGHT, LENGTH, [place])
        exact, exact_raw = float(strip.decoupling[0]), float(strip.raw_decoupling[0])
    figure, raw = (
        float(decoupling_figures(one, other)[-1])
        for one, other in ((joined.shift, free.shift), (joined.pad_to_pad, free.pad_to_pad))
    )
    return Row(figure, raw, exact, exact_raw)


def _row(broken: bool) -> tuple[Quantity, ...]:
    found = []
    for bends in (False, True):
        for reach in (0.5, 1.0, 2.5):
            row = row_of_joints(32, reach, bends, 1.05 if broken else 1.0)
            name = f"D of the end joint, {'bending' if bends else 'straight'}, beta l = {reach:g} if straight"
            found.append(near(name, row.decoupling, row.smeared, 5e-3))
    return tuple(found)


# The models against each other

BARE = {"interconnect.line": "none", "chip.pads": "none"}
"""Without what a body of revolution has not."""


CYLINDER: tuple[Layer, ...] = (
    ("board", 0.4, 22e3, 0.28, 18e-6),
    ("adhesive", 0.2, 200.0, 0.45, 100e-6),
    ("chip", 0.3, 131e3, 0.28, 2.6e-6),
)
"""A cylinder of three materials between rigid plates."""

CYLINDER_RADIUS, COOLING = 0.4, -100.0
"""[mm], [K]"""


def cylinder_by_cell(layers: Sequence[Layer]) -> tuple[float, float, float]:
    """Return axial and lateral stiffness [N/mm] and the axial force of cooling [N], by the joint cell."""
    cell = JointCell(stack(layers, CYLINDER_RADIUS))
    moved = solve_cell(cell, CellLoad(axial=1.0, lateral=1.0)).reaction()
    cooled = solve_cell(cell, CellLoad(temperature_change=COOLING)).reaction()
    return moved.axial, moved.lateral, cooled.axial


@cache
def cylinder_by_solid() -> tuple[float, float, float]:
    """Return the same by hexahedra, of a quarter."""
    levels = np.concatenate([[0.0], np.cumsum([layer[1] for layer in CYLINDER])])
    share = np.array([0.0, 0.1, 0.5, 0.9, 1.0])  # finer at the interfaces
    fine = np.unique(np.concatenate([low + share * (high - low) for low, high in pairwise(levels)]).round(12))
    mesh = quarter_disc(CYLINDER_RADIUS, fine, 4)
    mesh = named(mesh, [layer[0] for layer in CYLINDER], lambda c: np.searchsorted(levels, c[:, 2]) - 1)
    one = solid.operator(mesh, np.stack([isotropic_tensor(E, nu) for _, _, E, nu, _ in CYLINDER]))
    x, y, z = mesh.points.T
    top = z > levels[-1] - NEAR
    ends = np.repeat((top | (z < NEAR))[:, None], 3, axis=1)
    symmetric, shifted = ends.copy(), ends.copy()
    symmetric[x < NEAR, 0] = symmetric[y < NEAR, 1] = True
    shifted[x < NEAR, 1:] = shifted[y < NEAR, 1] = True
    strains = COOLING * np.outer([layer[4] for layer in CYLINDER], [1.0, 1.0, 1.0, 0.0, 0.0, 0.0])
    none = np.zeros_like(strains)
    forces = []
    for fixed, direction, motion, free in (
        (symmetric, 2, 1.0, none),
        (shifted, 0, 1.0, none),
        (symmetric, 2, 0.0, strains),
    ):
        values = np.zeros_like(mesh.points)
        values[top, direction] = motion
        u = solve(one, solid.thermal_load(one, free), fixed, values, method="direct").u
        forces.append(4 * float(solid.nodal_forces(one, u, free)[top, direction].sum()))
    return forces[0], forces[1], forces[2]


def _cylinder(broken: bool) -> tuple[Quantity, ...]:
    layers = expanding(CYLINDER, 1, 1.02) if broken else CYLINDER
    names = ("axial stiffness", "lateral stiffness", "axial force of cooling")
    return tuple(
        near(name, one, other, 5e-3, unit)
        for name, one, other, unit in zip(
            names, cylinder_by_cell(layers), cylinder_by_solid(), ("N/mm", "N/mm", "N"), strict=True
        )
    )


JOINT_LOAD = JointLoad(shift=1e-3, rocking=1e-3, temperature=233.15)


@cache
def conventional_cell() -> LoadedJoint:
    """Return the conventional package's joint in three dimensions."""
    return solve_square_cell(loads(template("conventional"), BARE), JOINT_LOAD)


def _cells(broken: bool) -> tuple[Quantity, ...]:
    changes = {"land.thickness": "40 um"} if broken else {}
    flat = solve_round_cell(loads(template("conventional"), {**BARE, **changes}), JOINT_LOAD)
    cube = conventional_cell()
    units = {"axial": "N/mm", "lateral": "N/mm", "rocking": "N mm/rad", "coupling": "N/rad"}
    found = [
        near(f"{name} stiffness", getattr(flat.stiffness, name), getattr(cube.stiffness, name), 0.03, unit)
        for name, unit in units.items()
    ]
    found.append(near("elongation by cooling", flat.load.elongation or 0.0, cube.load.elongation or 0.0, 0.01, "mm"))
    return tuple(found)


SMALL: Mapping[str, object] = {
    "array.rows": 2,
    "array.columns": 2,
    "chip.width": "1.1 mm",
    "board.width": "2.6 mm",
    "model.kind": "3d",
}
"""Two by two joints on a board that reaches 1.8 pitches past them."""

FINENESS = 0.4
"""Of the resolved package [-]."""

SOFTER = {"materials.solder.E": "38.7 GPa", "materials.soft_adhesive.E": "180 MPa"}


def small(text: str, changes: Mapping[str, object] | None = None) -> Package:
    """Return a package of 2 x 2 joints."""
    return loads(text, {**SMALL, **(changes or {})})


@cache
def resolved_figures(text: str, fineness: float) -> tuple[Floats, Floats]:
    """Return D of all joints [-] and their shear forces (n, 2) [N], every joint resolved by hexahedra."""
    one = small(text)
    array = meshed(one, fineness)
    gauges = array.gauges
    states = service_states(one, gauges.sector)
    joined, cut = solve_states(gauges.sector, states, How()), solve_severed(gauges.sector, states, How())
    joints = read_joints(gauges, joined.fields[-1])
    free = read_severed(gauges, *cut.sides[-1])
    return decoupling_figures(joints.shift, free.shift), joints.shear_force


def condensed_figures(one: Package) -> tuple[Floats, Floats]:
    """Return the same by joint cell and assembly."""
    joined, free = responses(one)
    return decoupling_figures(joined.shift, free.shift), joined.change("shear_force")


def _assembly(broken: bool) -> tuple[Quantity, ...]:
    found = []
    for name, text in (
        ("solder ball on solder", DECOUPLED % ("soft_layer", "solder") + COMMON % "solder"),
        ("solder ball on adhesive", DECOUPLED % ("soft_layer", "soft_adhesive") + COMMON % "solder"),
    ):
        one = small(text)
        D, force = condensed_figures(small(text, SOFTER) if broken else one)
        exact_D, exact_force = resolved_figures(text, FINENESS)
        critical = critical_joint(one.array.joints)
        shears = [float(np.linalg.norm(each[critical])) for each in (force, exact_force)]
        found.append(within(f"{name}: D of the critical joint", D[critical], float(exact_D[critical]), 0.02))
        found.append(near(f"{name}: its shear force", shears[0], shears[1], 0.05, "N"))
    return tuple(found)


MODELS = (
    Law(
        "severed-joints",
        "Severed bodies of one expansion each move apart by their free mismatch",
        "delta_0 = (alpha_board - alpha_chip) dT r, no bow; joint cell and assembly",
        "thermoelasticity, exact; the tolerance is round-off",
        "one layer expands by 3 instead of 2.6 ppm/K",
        _severed,
    ),
    Law(
        "rigid-joints",
        "Rigid joints decouple nothing, though the assembly bows",
        "D = 0, a ten-thousandth of stiffness apart",
        "definition of the figure",
        "joints 30 times as stiff as they are, which is not rigid",
        _rigid,
        quick=False,
    ),
    Law(
        "soft-joints",
        "Joints of a billionth of their modulus are severed",
        "D = 1",
        "definition of the figure",
        "joints of a thousandth of their modulus",
        _soft,
        quick=False,
    ),
    Law(
        "two-springs",
        "Two joints between bodies that stay straight share the mismatch like springs",
        "D = D_F = k_a/(k_a + k_j); assembly",
        "statics of two springs in series",
        "the joint that stands for a rigid one is a hundred times as stiff as the bodies only",
        _two_springs,
    ),
    Law(
        "row-of-joints",
        "A row of joints between two plates is the shear layer that it is smeared to",
        "assembly of 32 joints: sinh(beta x)/(beta x cosh(beta l)), straight and with Suhir's bending; 0.5 %",
        "W. T. Chen and C. W. Nelson, IBM J. Res. Dev. 23 (1979) 179; E. Suhir, J. Appl. Mech. 53 (1986) 657",
        "the joints 5 % too stiff",
        _row,
    ),
    Law(
        "cylinder-in-3d",
        "A cylinder of three materials by the joint cell and by hexahedra",
        "board, adhesive, chip between rigid plates: stiffness and the force of cooling to 0.5 %",
        "the two models of this program, which share neither mesh nor elements",
        "the adhesive of the joint cell expands 2 % too much",
        _cylinder,
        quick=False,
    ),
    Law(
        "cell-in-3d",
        "The joint cell of revolution is the square cell in three dimensions",
        "conventional package: stiffnesses to 3 %, a square and a disc of one area; elongation to 1 %",
        "the two models of this program, which share neither mesh nor elements",
        "the land of the cell of revolution is 40 um thick instead of what the package says",
        _cells,
        quick=False,
    ),
    Law(
        "assembly-in-3d",
        "Joint cell and assembly are the package with every joint resolved",
        "2 x 2 joints: D within 0.02, shear force within 5 %",
        "the two models of this program, which share neither mesh nor elements",
        "solder and adhesive of joint cell and assembly 10 % too soft",
        _assembly,
        quick=False,
    ),
    *calculix.LAWS,
)
"""The laws of this family."""
