"""Laws of the states of a resolved array that need no reference, each with a control that must break it."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Literal

import numpy as np
import pytest

from fem_wlp.analysis.resolved import meshed
from fem_wlp.array.model import (
    How,
    LateralFace,
    Materials,
    energy_mismatch,
    imbalance,
    joints_proper,
    materials_at,
    part_of,
    round_off,
    service_states,
    solve_severed,
    solve_states,
    supports,
    with_rigid_joints,
)
from fem_wlp.array.readings import Field, Gauges, JointReadings, read_joints, read_severed, section_gap
from fem_wlp.array.sector import Sector
from fem_wlp.decoupling import decoupling_figures
from fem_wlp.joint.section import joint_section
from fem_wlp.materials.model import stiffness
from fem_wlp.mesh.solid import Floats
from fem_wlp.package import Package
from fem_wlp.solid.operator import amounts, nodal_forces, operator, strains_of, stresses_of, thermal_load
from fem_wlp.solid.supports import rigid_motions_of

from .bricks import brick_sector, small_package

PACKAGE = small_package()
JOINT = ("base_region", "cylinder", "ball", "land")
ACCURATE = How("auto", tolerance=1e-11)
"""The smaller models are solved directly, the others by iteration."""

OF_ONE_EXPANSION = {
    f"materials.{name}.CTE": "16 ppm/K"
    for name in ("die", "laminate", "dielectric", "metal", "solder", "soft_adhesive", "soft_layer")
}
OF_TWO_EXPANSIONS = OF_ONE_EXPANSION | {"materials.laminate.CTE": "3 ppm/K", "land.material": "laminate"}
"""The board's 3 ppm/K reach up to the lands, where the joints are severed; all above expands by 16 ppm/K."""


def joints_of(package: Package) -> Floats:
    return np.array([[joint.x, joint.y] for joint in package.array.joints])


@cache
def sector_of(extent: str) -> Sector:
    return brick_sector(PACKAGE, extent)


def loaded(sector: Sector, package: Package = PACKAGE) -> Materials:
    (state,) = service_states(package, sector)
    return state


@cache
def joined() -> Field:
    """A quarter of the package."""
    (field,) = solve_states(sector_of("quarter"), [loaded(sector_of("quarter"))], ACCURATE).fields
    return field


def answers(package: Package) -> tuple[JointReadings, JointReadings]:
    """Readings of all joints of a package met as a quarter, joined and severed."""
    sector = brick_sector(package)
    gauges, states = Gauges(sector, joints_of(package)), [loaded(sector, package)]
    (field,) = solve_states(sector, states, ACCURATE).fields
    return read_joints(gauges, field), read_severed(gauges, *solve_severed(sector, states, ACCURATE).sides[0])


def changed(state: Materials, sector: Sector, names: tuple[str, ...], factor: float, what: str) -> Materials:
    """The state with stiffness or free strain of some regions times a factor."""
    values = getattr(state, what).copy()
    values[[sector.mesh.names.index(name) for name in names]] *= factor
    return replace(state, **{what: values})


def test_materials_are_those_of_the_section() -> None:
    """Isotropic and orthotropic stiffness in x, y, z, and free strains with the host's part before a cure."""
    package = small_package({"second_layer.stress_free": "150 degC", "board.material": "FR4-D"})
    section, (at,) = joint_section(package), package.temperatures.points
    state = materials_at(section, section.names, package.temperatures.assembly, at)
    for number, name in enumerate(section.names):
        assert state.tensors[number] == pytest.approx(stiffness(section.materials[name], at))
        strain = section.free_strain(name, package.temperatures.assembly, at)
        assert state.free[number] == pytest.approx([*strain, 0, 0, 0])
    layer = section.names.index("second_layer")
    own = 250e-6 * (25 - 150) + 2.6e-6 * (150 - 125)
    assert state.free[layer, :3] == pytest.approx(np.full(3, own))


# Supports


@pytest.mark.parametrize("extent", ["full", "half", "quarter"])
def test_supports_hold_rigid_motions_and_nothing_else(extent: str) -> None:
    """No rigid motion is left; beside the mirror planes each support holds one motion, six of them without planes."""
    sector = sector_of(extent)
    held, points = supports(sector), sector.mesh.points
    motions = [np.tile(row, (len(points), 1)) for row in np.eye(3)] + [np.cross(row, points) for row in np.eye(3)]

    def rank(rows: np.ndarray) -> int:
        return int(np.linalg.matrix_rank(np.stack([motion[rows] for motion in motions], axis=1)))

    planes = {"full": "", "half": "x", "quarter": "xy"}[extent]
    by_planes = held & (np.abs(points) < 1e-9) & [axis in planes for axis in "xyz"]
    assert rank(held) == 6
    assert (held & ~by_planes).sum() == 6 - rank(by_planes)


@pytest.mark.parametrize("extent", [pytest.param("full", marks=pytest.mark.long), "quarter"])
def test_parts_of_one_expansion_expand_freely(extent: str) -> None:
    """Seven moduli, one alpha: stress, force and shift below 1e-9 of what the mismatch of 13 ppm/K would make.

    With the second layer's alpha doubled there are all three.
    """
    package = small_package(OF_ONE_EXPANSION)
    sector = brick_sector(package, extent)
    even = loaded(sector, package)
    scale = 13e-6 * 100.0

    def measures(materials: Materials) -> list[float]:
        (field,) = solve_states(sector, [materials], ACCURATE).fields
        stress = stresses_of(field.operator, strains_of(field.operator, field.u)[0], field.free)
        readings = read_joints(Gauges(sector, joints_of(PACKAGE)), field)
        parts = ((stress, 130e3), (readings.force, 130e3 * PACKAGE.array.pitch**2), (readings.shift, 1.0))
        return [float(np.abs(values).max()) / (scale * unit) for values, unit in parts]

    assert max(measures(even)) < 1e-9
    assert min(measures(changed(even, sector, ("second_layer",), 2.0, "free"))) > 1e-6


def test_the_mismatch_of_bodies_of_one_expansion_each_is_their_difference_times_the_distance() -> None:
    """Severed: delta_0 = (alpha_board - alpha_chip) dT r to 1e-9, whatever the moduli; layers of their own bend it."""
    package = small_package(OF_TWO_EXPANSIONS)
    exact = (3e-6 - 16e-6) * -100.0 * joints_of(package)
    joints, cut = answers(package)
    assert cut.shift == pytest.approx(exact, abs=1e-9 * np.abs(exact).max())
    assert cut.force == pytest.approx(np.zeros((4, 3)), abs=0.0)
    figures = decoupling_figures(joints.shift, cut.shift)
    assert figures == pytest.approx(np.full(4, figures[0]), abs=1e-9)
    assert 0.5 < figures[0] < 0.99
    _, bent = answers(small_package({**OF_TWO_EXPANSIONS, "materials.dielectric.CTE": "35 ppm/K"}))
    assert np.abs(bent.shift - exact).max() > 1e-5 * np.abs(exact).max()


# Joints


def figures(gauges: Gauges, field: Field, states: list[Materials]) -> Floats:
    """Decoupling figures of all joints."""
    whole = Gauges(sector_of("quarter"), gauges.joints)
    free = read_severed(whole, *solve_severed(whole.sector, states, ACCURATE).sides[0])
    return decoupling_figures(read_joints(gauges, field).shift, free.shift)


def test_rigid_joints_have_no_figure_and_severed_ones_have_one() -> None:
    """D is 0 within 1e-9 with rigid joints, 1 within 1e-4 with all but no joints."""
    gauges = Gauges(sector_of("quarter"), joints_of(PACKAGE))
    state = loaded(gauges.sector)
    assert np.abs(figures(rigid_gauges(), rigid_field(), [state])).max() < 1e-9
    soft = changed(state, gauges.sector, JOINT, 1e-7, "tensors")
    (yielding,) = solve_states(gauges.sector, [soft], How("direct")).fields
    assert figures(gauges, yielding, [soft]) == pytest.approx(np.ones(4), abs=1e-4)
    assert 0.5 < figures(gauges, joined(), [state]).min() < 0.99  # the package itself is neither


def rigid_gauges() -> Gauges:
    """A quarter of the package without the joints."""
    return with_rigid_joints(Gauges(sector_of("quarter"), joints_of(PACKAGE)))


@cache
def rigid_field(method: Literal["direct", "multigrid"] = "direct") -> Field:
    """Its joints rigid."""
    gauges = rigid_gauges()
    how = How(method, tolerance=1e-11)
    (field,) = solve_states(gauges.sector, [loaded(gauges.sector)], how, None, gauges.rigid).fields
    return field


def stiff_answer(times: float) -> JointReadings:
    """What is read where the joints are of a material so many times as stiff as silicon, and expand as it does."""
    sector = sector_of("quarter")
    mesh = sector.mesh
    regions = np.where(joints_proper(sector), len(mesh.names), mesh.regions)
    stiff = replace(sector, mesh=replace(mesh, regions=regions, names=(*mesh.names, "stiff")))
    state, chip = loaded(sector), mesh.names.index("chip")
    added = replace(
        state,
        tensors=np.concatenate([state.tensors, times * state.tensors[chip][None]]),
        free=np.concatenate([state.free, state.free[chip][None]]),
    )
    (field,) = solve_states(stiff, [added], How("direct")).fields
    return read_joints(Gauges(sector, joints_of(PACKAGE)), field)


def test_rigid_joints_are_the_limit_of_stiff_ones() -> None:
    """Forces and moments of joints 1e3 and 1e4 times as stiff as silicon: the difference falls to a tenth."""
    rigid = read_joints(rigid_gauges(), rigid_field())
    for name in ("force", "moment"):
        known = getattr(rigid, name)
        errors = [np.abs(getattr(stiff_answer(times), name) - known).max() for times in (1e3, 1e4)]
        assert errors[1] < 1e-3 * np.abs(known).max()
        assert errors[0] / errors[1] == pytest.approx(10.0, rel=0.05)


def test_rigid_joints_are_found_by_iteration_as_directly() -> None:
    """Also those that mirror planes cut."""
    direct, iterated = (read_joints(rigid_gauges(), rigid_field(method)) for method in ("direct", "multigrid"))
    assert iterated.force == pytest.approx(direct.force, abs=1e-6 * np.abs(direct.force).max())


def test_joints_proper_are_those_of_the_joint_cell() -> None:
    """All but chip, board, second layer, and the first layer beside the base region."""
    sector = sector_of("quarter")
    joint = joints_proper(sector)
    assert (joint & sector.mesh.within(*JOINT)).sum() == sector.mesh.within(*JOINT).sum()
    assert not (joint & sector.mesh.within("chip", "board", "second_layer")).any()
    under = sector.mesh.within("first_layer") & (np.abs(sector.centres[:, :2] - sector.axis_of).max(axis=1) < 0.125)
    assert (joint & sector.mesh.within("first_layer") == under).all()


# Balances


def test_forces_of_the_joints_balance_on_a_chip_without_symmetry() -> None:
    """Three joints: forces sum to nothing, and so do their moments with those at mid-height; to 1e-8."""
    package = small_package({"array.rows": None, "array.columns": None, "array.map": "OO\nO."})
    sector = brick_sector(package, "full")
    (field,) = solve_states(sector, [loaded(sector, package)], ACCURATE).fields
    readings = read_joints(Gauges(sector, joints_of(package)), field)
    largest = np.abs(readings.force).max()
    assert readings.force.sum(axis=0) == pytest.approx(np.zeros(3), abs=1e-8 * largest)
    places = np.column_stack([joints_of(package), np.full(3, 0.5 * readings.height)])
    moments = np.cross(places, readings.force) + readings.moment
    assert moments.sum(axis=0) == pytest.approx(np.zeros(3), abs=1e-8 * largest)
    assert np.abs(np.cross(places, readings.force).sum(axis=0)).max() > 1e-3 * largest  # which forces alone don't
    assert max(imbalance(Gauges(sector, joints_of(package)), field)) < 1e-7


def test_the_balance_of_forces_and_energies_is_checked() -> None:
    """Forces, moments, energies hold to 1e-7, and none does for a field that solves nothing."""
    field = joined()
    gauges = Gauges(field.sector, joints_of(PACKAGE))
    assert max(imbalance(gauges, field)) < 1e-7
    assert energy_mismatch(field) < 1e-7
    readings = read_joints(gauges, field)
    assert max(section_gap(gauges, field, readings)) < 1e-7
    off = readings.moment.copy()
    off[1] *= 1.01
    forces, moments = section_gap(gauges, field, replace(readings, moment=off))
    assert forces < 1e-7 and moments > 1e-4
    wrong = replace(field, u=1.001 * field.u)
    assert min(imbalance(gauges, wrong)) > 1e-3
    assert energy_mismatch(wrong) > 1e-3


def test_round_off_is_granted_what_double_precision_loses_and_no_more() -> None:
    """A rigid motion strains nothing: what K u leaves of it is below what is granted, errors that matter far above."""
    field = joined()
    stiffness, points = field.operator.stiffness, field.operator.mesh.points
    for rigid in np.moveaxis(rigid_motions_of(field.operator.mesh), -1, 0):
        left, granted = np.abs(stiffness @ rigid).sum(), np.finfo(float).eps * amounts(field.operator, rigid).sum()
        assert 0.0 < left < granted
    generator = np.random.default_rng(5).normal(size=points.shape)
    assert (np.abs(stiffness @ generator) <= amounts(field.operator, generator)).all()
    gauges = Gauges(field.sector, joints_of(PACKAGE))
    granted = round_off(gauges, field)
    assert max(granted) < 1e-6  # these joints are stiff: nothing beyond what is asked of all
    wrong = replace(field, u=(1.0 + 1e-6) * field.u)
    assert all(left > one for left, one in zip(imbalance(gauges, wrong), granted, strict=True))


def test_two_loads_work_alike_on_each_other() -> None:
    """Betti: the load of the chip's expansion on the field of the board's, and the other way round; to 1e-8."""
    sector, state = sector_of("quarter"), loaded(sector_of("quarter"))
    loads, fields = [], []
    for name in ("chip", "board"):
        free = np.zeros_like(state.free)
        number = sector.mesh.names.index(name)
        free[number] = state.free[number]
        (field,) = solve_states(sector, [replace(state, free=free)], ACCURATE).fields
        loads.append(thermal_load(field.operator, free))
        fields.append(field.u)
    one, other = float((loads[0] * fields[1]).sum()), float((loads[1] * fields[0]).sum())
    assert one == pytest.approx(other, rel=1e-8)


@pytest.mark.long
def test_the_answer_is_proportional_to_the_change_of_temperature() -> None:
    """Materials without tables, 125 °C to 75 °C and to 200 °C: -1.5 times forces, moments, shifts, mismatch; to 1e-8.

    A layer that is stress-free at 150 °C, and so never quite in step, breaks it.
    """
    sector = sector_of("quarter")
    gauges = Gauges(sector, joints_of(PACKAGE))

    def states(changes: dict[str, object]) -> list[Materials]:
        packages = (small_package({"temperatures.service": at, **changes}) for at in ("75 degC", "200 degC"))
        return [loaded(replace(sector, section=joint_section(package)), package) for package in packages]

    steady, cured = states({}), states({"second_layer.stress_free": "150 degC"})
    joints = [read_joints(gauges, field) for field in solve_states(sector, [*steady, *cured], ACCURATE).fields]
    cut = [read_severed(gauges, *sides) for sides in solve_severed(sector, steady, ACCURATE).sides]

    def off(cold: JointReadings, hot: JointReadings, name: str) -> float:
        one, other = getattr(cold, name), getattr(hot, name)
        return float(np.abs(other + 1.5 * one).max() / np.abs(other).max())

    assert max(off(*joints[:2], "force"), off(*joints[:2], "moment"), off(*joints[:2], "shift")) < 1e-8
    assert off(cut[0], cut[1], "shift") < 1e-8
    assert off(*joints[2:], "force") > 1e-3


def test_a_part_of_a_mesh_has_its_own_share_of_the_operator() -> None:
    """Nodes, copies and regions are renumbered: its nodal forces are those of the same elements in the whole."""
    array = meshed(small_package({"model.kind": "3d", "model.extent": "quarter", "array.rows": 4, "array.columns": 4,
                                  "chip.width": "2 mm", "board.width": "2.5 mm"}), 0.25)  # fmt: skip
    sector = array.gauges.sector
    state = loaded(sector)
    stiff = operator(sector.mesh, state.tensors)
    rng = np.random.default_rng(1)
    u = rng.standard_normal(sector.mesh.points.shape)
    for elements in (sector.chip_side, ~sector.chip_side):
        mesh, nodes = part_of(sector.mesh, elements)
        own = operator(mesh, state.tensors)
        assert len(own.stiffness.matrices) < len(mesh.cells) / 2  # copies are still copies
        force = own.stiffness @ u[nodes]
        whole = nodal_forces(stiff, u, np.zeros_like(state.free), elements)
        assert force == pytest.approx(whole[nodes], abs=1e-10 * np.abs(force).max())


# Strips

LONG = small_package({"chip.length": "1.6 mm", "board.length": "1.6 mm"})
"""Whose chip reaches beyond one and a half pitches, which the widest strip takes."""


def strip(halves: int, free: bool) -> tuple[Sector, Gauges, LateralFace]:
    sector = brick_sector(LONG, "strip", halves)
    y = sector.mesh.points[:, 1]
    joints = np.unique(np.einsum("gij,kj->gki", sector.turns[:, :2, :2], sector.axes).reshape(-1, 2), axis=0)
    return sector, Gauges(sector, joints), LateralFace(y > y.max() - 1e-9, free)


ways_to_hold = pytest.mark.parametrize("free", [True, False], ids=["free", "held"])


@ways_to_hold
def test_the_outer_face_of_a_strip_is_straight_and_free_of_force_only_where_it_may_move(free: bool) -> None:
    """Free, its forces sum to 1e-9 of their amount; held, it takes a force. Both are in balance, energies too."""
    sector, gauges, face = strip(1, free)
    (field,) = solve_states(sector, [loaded(sector)], ACCURATE, face).fields
    forces = nodal_forces(field.operator, field.u, field.free)[face.nodes, 1]
    way = field.u[face.nodes, 1]
    assert np.ptp(way) < 1e-12
    assert (abs(way.mean()) > 1e-5) == free
    assert (abs(forces.sum()) < 1e-9 * np.abs(forces).sum()) == free
    assert max(imbalance(gauges, field, face)) < 1e-7
    assert imbalance(gauges, field)[0] > 1e-3
    assert energy_mismatch(field) < 1e-7


@ways_to_hold
def test_a_strip_stands_for_every_row_of_a_long_array(free: bool) -> None:
    """In a strip thrice as wide, with two rows, each joint does what those of the narrow strip do, to 1e-8.

    Joined and severed; the outer face goes thrice as far.
    """
    ways, found = [], []
    for halves in (1, 3):
        sector, gauges, face = strip(halves, free)
        (field,) = solve_states(sector, [loaded(sector)], ACCURATE, face).fields
        ways.append(field.u[face.nodes, 1].mean())
        joints = read_joints(gauges, field)
        cut = read_severed(gauges, *solve_severed(sector, [loaded(sector)], ACCURATE, face).sides[0])
        rows = np.rint(gauges.joints[:, 1] / LONG.array.pitch).astype(int)
        values = np.column_stack([joints.force, joints.moment, joints.shift[:, 0], cut.shift[:, 0]])
        found.append([values[rows == row] for row in range(halves // 2 + 1)])
    ((one,), (same, next_one)) = found
    assert np.abs(one[:, [0, 4, 6, 7]]).min() > 1e-6
    for other in (same, next_one):
        for columns in (slice(6), slice(6, None)):  # forces and moments, shifts
            assert other[:, columns] == pytest.approx(one[:, columns], abs=1e-8 * np.abs(one[:, columns]).max())
    assert ways[1] == pytest.approx(3 * ways[0], rel=1e-8)


@ways_to_hold
def test_a_strip_whose_joints_all_but_fail_is_decoupled(free: bool) -> None:
    """D is 1 within 1e-4: severed plates stretch along the strip's width as joined ones do."""
    sector, gauges, face = strip(1, free)
    soft = changed(loaded(sector), sector, JOINT, 1e-7, "tensors")
    (field,) = solve_states(sector, [soft], How("direct"), face).fields
    severed = read_severed(gauges, *solve_severed(sector, [soft], How("direct"), face).sides[0])
    assert decoupling_figures(read_joints(gauges, field).shift, severed.shift) == pytest.approx([1.0, 1.0], abs=1e-4)
