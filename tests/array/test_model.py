"""Laws of a resolved array that need no reference, each with a control that must break it."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from fem_wlp.analysis.resolved import meshed
from fem_wlp.array.model import (
    RIGID_JOINT,
    How,
    Materials,
    Solved,
    energy_mismatch,
    force_imbalance,
    materials_at,
    part_of,
    service_states,
    solve_severed,
    solve_states,
    supports,
    with_rigid_joints,
)
from fem_wlp.array.readings import Field, Gauges, JointReadings, read_joints, read_severed
from fem_wlp.array.sector import Sector
from fem_wlp.decoupling import decoupling_figures
from fem_wlp.joint.section import joint_section
from fem_wlp.limits.laminates import layered_plate
from fem_wlp.materials.model import isotropic, stiffness
from fem_wlp.mesh.solid import Floats
from fem_wlp.package import Package
from fem_wlp.solid.operator import nodal_forces, operator, strains_of, stresses_of, thermal_load

from .bricks import brick_sector, grid_mesh, small_package

PACKAGE = small_package()
DIRECT = How("direct")
JOINT = ("base_region", "cylinder", "ball", "land")


def joints_of(package: Package) -> Floats:
    return np.array([[joint.x, joint.y] for joint in package.array.joints])


def loaded(sector: Sector, package: Package = PACKAGE) -> Materials:
    (state,) = service_states(package, sector)
    return state


@cache
def sector_of(extent: str) -> Sector:
    return brick_sector(PACKAGE, extent)


@cache
def joined(extent: str) -> Field:
    (field,) = solve_states(sector_of(extent), [loaded(sector_of(extent))], DIRECT).fields
    return field


def read(field: Field, package: Package = PACKAGE) -> JointReadings:
    return read_joints(Gauges(field.sector, joints_of(package)), field)


def changed(state: Materials, sector: Sector, names: tuple[str, ...], factor: float, what: str) -> Materials:
    """Return the state with stiffness or free strain of some regions times a factor."""
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


@pytest.mark.parametrize(("extent", "count"), [("full", 6), ("half", None), ("quarter", None)])
def test_supports_hold_rigid_motions_and_nothing_else(extent: str, count: int | None) -> None:
    """No rigid motion is left; an even expansion about the centre meets only supports that it does not move."""
    sector = sector_of(extent)
    held = supports(sector)
    points = sector.mesh.points
    motions = [np.tile(row, (len(points), 1)) for row in np.eye(3)] + [np.cross(row, points) for row in np.eye(3)]
    rows = np.stack([motion[held] for motion in motions], axis=1)
    assert np.linalg.matrix_rank(rows) == 6
    if count is not None:
        assert held.sum() == count
    mirrored = held & (np.abs(points) < 1e-9)
    assert (held & ~mirrored).sum() <= 6


@pytest.mark.parametrize("extent", ["full", "quarter"])
def test_parts_of_one_expansion_expand_freely(extent: str) -> None:
    """Different moduli, one alpha: no stress, no force, no shift; with one part of twice the alpha there are all."""
    sector = sector_of(extent)
    state = loaded(sector)
    even = replace(state, free=np.tile(state.free[sector.mesh.names.index("board")], (len(state.free), 1)))
    scale = float(np.abs(even.free).max())

    def measures(materials: Materials) -> tuple[float, float, float]:
        (field,) = solve_states(sector, [materials], DIRECT).fields
        stress = stresses_of(field.operator, strains_of(field.operator, field.u)[0], field.free)
        readings = read(field)
        return (
            float(np.abs(stress).max()) / (scale * 130e3),
            float(np.abs(readings.force).max()) / (scale * 22e3),
            float(np.abs(readings.shift).max()) / scale,
        )

    assert max(measures(even)) < 1e-9
    assert min(measures(changed(even, sector, ("second_layer",), 2.0, "free"))) > 1e-6


def test_rigid_joints_have_no_figure_and_severed_ones_have_one() -> None:
    """D is below 0.002 with joints a thousand times stiffer than silicon, 1 within 1e-4 with all but no joints."""
    sector, joints = sector_of("quarter"), joints_of(PACKAGE)
    gauges = Gauges(sector, joints)

    def figures(field: Field, states: list[Materials]) -> Floats:
        free = read_severed(gauges, *solve_severed(sector, states, DIRECT).sides[0])
        return decoupling_figures(read_joints(gauges, field).shift, free.shift)

    state = loaded(sector)
    stiff = with_rigid_joints(sector)
    (rigid,) = solve_states(stiff, [loaded(stiff)], DIRECT).fields
    assert np.abs(figures(rigid, [state])).max() < 2e-3
    soft = changed(state, sector, JOINT, 1e-7, "tensors")
    (yielding,) = solve_states(sector, [soft], DIRECT).fields
    assert figures(yielding, [soft]) == pytest.approx(np.ones(4), abs=1e-4)
    assert 0.5 < figures(joined("quarter"), [state]).min() < 0.99  # the package itself is neither


def test_rigid_joints_are_those_of_the_joint_cell() -> None:
    """All but chip, board, second layer, and the first layer beside the base region."""
    sector = sector_of("quarter")
    mesh = with_rigid_joints(sector).mesh
    rigid = mesh.within(RIGID_JOINT)
    assert (rigid & sector.mesh.within(*JOINT)).sum() == sector.mesh.within(*JOINT).sum()
    assert not (rigid & sector.mesh.within("chip", "board", "second_layer")).any()
    under = sector.mesh.within("first_layer") & (np.abs(sector.centres[:, :2] - sector.axis_of).max(axis=1) < 0.125)
    assert (rigid & sector.mesh.within("first_layer") == under).all()


@pytest.mark.parametrize("extent", ["quarter", "half"])
def test_a_part_by_symmetry_is_the_whole(extent: str) -> None:
    """Same mesh, same elements: shifts, forces, moments of all joints to 1e-8."""
    one, other = read(joined("full")), read(joined(extent))
    for name in ("chip", "board", "chip_tilt", "board_tilt", "force", "moment"):
        a, b = getattr(one, name), getattr(other, name)
        if name in ("chip", "board"):  # the rise as a whole is the supports'
            a, b = a[:, :2], b[:, :2]
        assert a == pytest.approx(b, abs=1e-8 * np.abs(a).max()), name


def test_an_orthotropic_board_keeps_both_mirror_planes() -> None:
    """Twice as stiff along x: quarter and whole agree, and rows and columns no longer do."""
    found = []
    for extent in ("full", "quarter"):
        sector = sector_of(extent)
        state = loaded(sector)
        tensors = state.tensors.copy()
        tensors[sector.mesh.names.index("board"), 0, 0] *= 2.0
        found.append(read(solve_states(sector, [replace(state, tensors=tensors)], DIRECT).fields[0]))
    assert found[0].force == pytest.approx(found[1].force, abs=1e-8 * np.abs(found[0].force).max())
    x, y = np.abs(found[0].force[0, :2])
    assert abs(x / y - 1) > 0.01


@pytest.mark.parametrize("rows", [2, 3])
def test_an_eighth_is_the_quarter(rows: int) -> None:
    """On the mesh of the program, with joints on the diagonal and, of three, on the axes: to 1e-8."""
    side = f"{0.5 * rows + 0.1} mm"
    changes = {"array.rows": rows, "array.columns": rows, "chip.width": side, "board.width": f"{0.5 * rows + 0.6} mm"}
    found = []
    for extent in ("quarter", "eighth"):
        package = small_package({**changes, "model.kind": "3d", "model.extent": extent})
        array = meshed(package, 0.25)
        solved = solve_states(array.gauges.sector, service_states(package, array.gauges.sector), How("direct"))
        found.append(read_joints(array.gauges, solved.fields[0]))
        assert force_imbalance(array.gauges, solved.fields[0]) < 1e-7
    for name in ("force", "moment", "shift", "chip_tilt"):
        one, other = (getattr(readings, name) for readings in found)
        assert one == pytest.approx(other, abs=1e-8 * np.abs(one).max()), name


def test_forces_of_the_joints_balance_on_a_chip_without_symmetry() -> None:
    """Three joints: forces sum to nothing, and so do their moments with those at mid-height."""
    package = small_package({"array.rows": None, "array.columns": None, "array.map": "OO\nO."})
    sector = brick_sector(package, "full")
    (field,) = solve_states(sector, [loaded(sector, package)], DIRECT).fields
    readings = read(field, package)
    largest = np.abs(readings.force).max()
    assert readings.force.sum(axis=0) == pytest.approx(np.zeros(3), abs=1e-8 * largest)
    places = np.column_stack([joints_of(package), np.full(3, 0.5 * readings.height)])
    moments = np.cross(places, readings.force) + readings.moment
    assert moments.sum(axis=0) == pytest.approx(np.zeros(3), abs=1e-8 * largest)
    assert np.abs(np.cross(places, readings.force).sum(axis=0)).max() > 1e-3 * largest  # which forces alone don't


def test_the_balance_of_forces_and_energies_is_checked() -> None:
    """Both hold to 1e-7, and neither does for a field that solves nothing."""
    field = joined("quarter")
    gauges = Gauges(field.sector, joints_of(PACKAGE))
    assert force_imbalance(gauges, field) < 1e-7
    assert energy_mismatch(field) < 1e-7
    wrong = replace(field, u=1.001 * field.u)
    assert force_imbalance(gauges, wrong) > 1e-3
    assert energy_mismatch(wrong) > 1e-3


def test_two_loads_work_alike_on_each_other() -> None:
    """Betti: the load of the chip's expansion on the field of the board's, and the other way round."""
    sector, state = sector_of("quarter"), loaded(sector_of("quarter"))
    loads, fields = [], []
    for name in ("chip", "board"):
        free = np.zeros_like(state.free)
        number = sector.mesh.names.index(name)
        free[number] = state.free[number]
        (field,) = solve_states(sector, [replace(state, free=free)], DIRECT).fields
        loads.append(thermal_load(field.operator, free))
        fields.append(field.u)
    one, other = float((loads[0] * fields[1]).sum()), float((loads[1] * fields[0]).sum())
    assert one == pytest.approx(other, rel=1e-8)


def test_the_answer_is_proportional_to_the_change_of_temperature() -> None:
    """Free strains times -3: forces times -3, D unchanged."""
    sector = sector_of("quarter")
    state = loaded(sector)
    (field,) = solve_states(sector, [replace(state, free=-3 * state.free)], DIRECT).fields
    one, other = read(joined("quarter")), read(field)
    assert other.force == pytest.approx(-3 * one.force, abs=1e-8 * np.abs(one.force).max())
    assert other.shift == pytest.approx(-3 * one.shift, abs=1e-8 * np.abs(one.shift).max())


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


@pytest.mark.parametrize("free", [True, False])
def test_the_lateral_face_of_a_strip_is_free_of_force_only_where_it_may_move(free: bool) -> None:
    """Free to move as a whole, its forces along y sum to nothing; held, the face takes a force."""
    sector = brick_sector(PACKAGE, "strip")
    y = sector.mesh.points[:, 1]
    face = y > y.max() - 1e-9
    held_sector = sector
    states = [loaded(sector)]
    solved: Solved = solve_states(held_sector, states, DIRECT, face, held=not free)
    (field,) = solved.fields
    forces = nodal_forces(field.operator, field.u, field.free)[face, 1]
    amount = np.abs(forces).sum()
    assert np.ptp(field.u[face, 1]) < 1e-12
    if free:
        assert abs(forces.sum()) < 1e-9 * amount
        assert abs(field.u[face, 1].mean()) > 1e-5
    else:
        assert abs(forces.sum()) > 0.1 * amount
        assert field.u[face, 1] == pytest.approx(np.zeros(face.sum()), abs=1e-12)


LAYERS: dict[str, tuple[list[tuple[str, float, float, float, float]], float, float]] = {
    "silicon on FR4": ([("board", 1.0, 22e3, 0.28, 18e-6), ("chip", 0.3, 131e3, 0.28, 2.6e-6)], -100.0, 1.745786e-3),
    "two films on silicon": (
        [
            ("chip", 0.3, 131e3, 0.28, 2.6e-6),
            ("first_layer", 0.010, 3300.0, 0.34, 35e-6),
            ("second_layer", 0.050, 2000.0, 0.40, 60e-6),
        ],
        -150.0,
        -7.253591e-4,
    ),
}


@pytest.mark.parametrize("case", LAYERS)
def test_a_laminate_without_joints_bows_as_timoshenko_and_hsueh_say(case: str) -> None:
    """Curvature and the stress at each layer's faces, ten thicknesses from the edge: to 0.5 %; by other nu not."""
    layers, change, golden = LAYERS[case]
    names, thickness, E, nu, alpha = zip(*layers, strict=True)
    total = sum(thickness)
    levels = np.concatenate([[0.0], np.cumsum(thickness)])
    along = 10 * total * np.array([0.0, 0.05, 0.3, 0.6, 0.8, 0.9, 0.95, 0.98, 1.0])

    def region(centre: Floats) -> tuple[str, int]:
        return names[int(np.searchsorted(levels, centre[2])) - 1], -1

    mesh = grid_mesh((along, along, levels), names, region)
    sector = Sector(mesh, joint_section(PACKAGE), np.zeros((0, 2)), sector_of("quarter").turns)
    tensors = np.array([stiffness(isotropic(*row), 300.0) for row in zip(names, E, nu, alpha, strict=True)])
    strains = np.zeros((len(names), 6))
    strains[:, :3] = np.array(alpha)[:, None] * change
    (field,) = solve_states(sector, [Materials(300.0, tensors, strains)], How("multigrid")).fields
    plate = layered_plate(thickness, [e / (1 - n) for e, n in zip(E, nu, strict=True)], list(strains[:, 0]))
    assert plate.curvature == pytest.approx(golden, rel=1e-6)
    near = 0.05 * 10 * total
    centre, off = sector.values(field.u, np.array([[0.0, 0.0, 0.0], [near, 0.0, 0.0]]))[:, 2]
    assert -2 * (off - centre) / near**2 == pytest.approx(golden, rel=5e-3)
    inner = np.flatnonzero(sector.centres[:, :2].max(axis=1) < near)
    stress = stresses_of(field.operator, strains_of(field.operator, field.u, inner)[0], field.free, inner)[..., 0]
    largest = np.abs(plate.stress).max()
    for element, at_points in zip(inner, stress, strict=True):
        low, high = plate.stress[mesh.regions[element]]
        assert at_points.mean() == pytest.approx((low + high) / 2, abs=5e-3 * largest)
    wrong = layered_plate(thickness, [e / (1 - 2 * n) for e, n in zip(E, nu, strict=True)], list(strains[:, 0]))
    assert case != "two films on silicon" or abs(wrong.curvature / golden - 1) > 5e-3
