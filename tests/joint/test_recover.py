"""The way back into the joint, where the field is known: uniform strains, rigid motions, balance of forces."""

from __future__ import annotations

import math

import numpy as np
import pytest

from fem_wlp.elasticity import harmonic
from fem_wlp.joint import recover
from fem_wlp.joint.cell import rigid_motion
from fem_wlp.joint.condense import CellFields, CellModel, CellState, cell_model, cell_state, condense, middles
from fem_wlp.joint.element import JointElement
from fem_wlp.joint.recover import LocalField, PlateMotion, Wave
from fem_wlp.joint.section import CHIP_DEPTH, RING_WIDTH, joint_section
from fem_wlp.mesh import faces
from fem_wlp.package import loads, template

from .sections import COARSE

E, NU = 117e3, 0.34
STRAIN = np.array([3e-4, -1e-4, 2e-4, 4e-4, -2e-4, 5e-4])
"""Uniform strain xx, yy, zz, yz, xz, xy, engineering shear."""

ANGLES = (0.0, 0.7, 2.0, math.pi)

Condensed = tuple[CellModel, CellState, JointElement, CellFields]


@pytest.fixture(scope="module")
def joint() -> Condensed:
    """The remelted paste's joint."""
    model = cell_model(joint_section(loads(template("paste"))), COARSE)
    state = cell_state(model, 490.15, 298.15)
    return (model, state, *condense(model, state))


@pytest.fixture(scope="module")
def motion() -> PlateMotion:
    """Anything that chip and board may do at a corner, free sides of the layers included."""
    numbers = np.random.default_rng(7).normal(size=24) * 1e-3
    return PlateMotion(*np.split(numbers, [4, 8, 14, 18, 22]))


def copper() -> np.ndarray:
    lame, shear = E * NU / ((1 + NU) * (1 - 2 * NU)), E / (2 * (1 + NU))
    C = np.diag([2 * shear] * 3 + [shear] * 3)
    C[:3, :3] += lame
    return C


@pytest.fixture(scope="module")
def uniform(joint: Condensed) -> tuple[LocalField, CellState]:
    """A field of uniform strain in the joint's mesh, of one material, put together from the three harmonics."""
    model = joint[0]
    count = len(model.mesh.triangles)
    state = CellState(np.broadcast_to(copper(), (count, 6, 6)).copy(), np.zeros((count, 6)))
    r, z = model.mesh.points.T
    nothing = np.zeros_like(r)
    xx, yy, zz, yz, xz, xy = STRAIN
    mean, deviator = (xx + yy) / 2, (xx - yy) / 2

    def wave(m: int, amplitude: list[np.ndarray], phase: float) -> Wave:
        system = harmonic.assemble(model.space.strain(m), state.elasticity, state.free)
        return Wave(system, np.stack(amplitude, axis=1).ravel(), phase, 0.0)

    quarter = np.pi / 2
    waves = (
        wave(0, [mean * r, nothing, zz * z], 0.0),
        wave(1, [xz * z, -xz * z, nothing], 0.0),
        wave(1, [yz * z, -yz * z, nothing], quarter),
        wave(2, [deviator * r, -deviator * r, nothing], 0.0),
        wave(2, [xy / 2 * r, -xy / 2 * r, nothing], quarter / 2),
    )
    return LocalField(model, waves), state


def cartesian_stress() -> np.ndarray:
    return np.asarray(copper() @ STRAIN)


def von_mises_of(stress: np.ndarray) -> float:
    xx, yy, zz, yz, xz, xy = stress
    tensor = np.array([[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]])
    deviator = tensor - np.trace(tensor) / 3 * np.eye(3)
    return float(np.sqrt(1.5 * (deviator**2).sum()))


@pytest.mark.parametrize("theta", ANGLES)
def test_three_harmonics_make_any_uniform_strain(uniform: tuple[LocalField, CellState], theta: float) -> None:
    """Strains and stresses in every half plane are the turned tensor; round-off 1e-9."""
    c, s = np.cos(theta), np.sin(theta)
    turn = np.array([[c, s, 0.0], [-s, c, 0.0], [0.0, 0.0, 1.0]])
    field, state = uniform
    for found, (xx, yy, zz, yz, xz, xy), shear in (
        (field.strains(theta), STRAIN, 2.0),
        (recover.stresses(field, state, theta), cartesian_stress(), 1.0),
    ):
        tensor = np.array([[xx, xy / shear, xz / shear], [xy / shear, yy, yz / shear], [xz / shear, yz / shear, zz]])
        t = turn @ tensor @ turn.T
        expected = np.array([t[0, 0], t[1, 1], t[2, 2], shear * t[1, 2], shear * t[0, 2], shear * t[0, 1]])
        assert np.abs(found - expected).max() < 1e-9 * np.abs(expected).max()


@pytest.mark.parametrize("theta", ANGLES)
def test_von_mises_stress_of_a_uniform_state_is_the_same_at_all_nodes(
    uniform: tuple[LocalField, CellState], theta: float
) -> None:
    """Nodal values extrapolated from the quadrature points, and invariant of the half plane: 1e-9."""
    nodal = recover.nodal_von_mises(*uniform, theta)
    assert nodal.shape == (len(uniform[0].model.mesh.triangles), 6)
    assert nodal == pytest.approx(von_mises_of(cartesian_stress()), rel=1e-9)


def test_means_of_a_uniform_field_are_its_value(uniform: tuple[LocalField, CellState]) -> None:
    """Mean von Mises stress of the chip's disc, mean equivalent strain sqrt(2/3 e:e) of the base region's ring."""
    field, state = uniform
    model = field.model
    disc, ring = recover.chip_disc(model), recover.base_ring(model)
    planes = recover.half_planes()
    stress = [recover.von_mises(recover.stresses(field, state, theta, disc)) for theta in planes]
    strain = [recover.equivalent_strain(field.strains(theta, ring)) for theta in planes]
    mean_stress = recover.volume_mean(model, np.array(stress), disc)
    mean_strain = recover.volume_mean(model, np.array(strain), ring)
    assert mean_stress == pytest.approx(von_mises_of(cartesian_stress()), rel=1e-9)
    # von Mises stress is 3 G times the equivalent strain
    assert 3 * E / (2 * (1 + NU)) * mean_strain == pytest.approx(von_mises_of(cartesian_stress()), rel=1e-9)


def test_uniaxial_stress_is_its_own_von_mises_stress() -> None:
    """And sqrt(3) times a shear stress; the equivalent strain of incompressible uniaxial strain is that strain."""
    assert recover.von_mises(np.array([0.0, 0.0, -80.0, 0.0, 0.0, 0.0])) == pytest.approx(80.0)
    for place in (3, 4, 5):
        assert recover.von_mises(50.0 * np.eye(6)[place]) == pytest.approx(50.0 * np.sqrt(3))
    assert recover.equivalent_strain(np.array([-1e-3, -1e-3, 2e-3, 0, 0, 0])) == pytest.approx(2e-3)
    assert recover.equivalent_strain(np.array([1e-3, 1e-3, 1e-3, 0, 0, 0])) == pytest.approx(0.0, abs=1e-18)


def test_means_are_taken_over_fixed_volumes(joint: Condensed) -> None:
    """Disc of 5 um under the base region, its outermost ring of 25 um, on any mesh: to 1e-9."""
    section = joint[0].section
    radius, thickness = section.base_radius, section.levels.first_layer - section.levels.base_region
    for model in (joint[0], cell_model(section, COARSE.refined(1.5))):
        volume = model.space.volume.sum(axis=1)
        disc, ring = volume[recover.chip_disc(model)].sum(), volume[recover.base_ring(model)].sum()
        assert disc == pytest.approx(np.pi * radius**2 * CHIP_DEPTH, rel=1e-9)
        assert ring == pytest.approx(np.pi * (radius**2 - (radius - RING_WIDTH) ** 2) * thickness, rel=1e-9)


@pytest.mark.parametrize("turn", [0.4, -1.3, np.pi / 2])
def test_a_turned_motion_has_the_turned_field(joint: Condensed, motion: PlateMotion, turn: float) -> None:
    """(u_r, u_theta, u_z) at theta in old axes are those at theta - turn in axes turned by it; 1e-12."""
    model, _, _, fields = joint
    old, new = (recover.local_field(model, fields, each) for each in (motion, motion.turned(turn)))
    for theta in ANGLES:
        here, there = old.displacements(theta), new.displacements(theta - turn)
        assert np.abs(here - there).max() < 1e-12 + 1e-10 * np.abs(here).max()


def test_the_field_follows_its_plates(joint: Condensed, motion: PlateMotion) -> None:
    """Mean u_x and rotation of chip and board, mean u_z, and the wall's in-plane strain are those of the motion."""
    model, _, _, fields = joint
    still = PlateMotion(motion.x, motion.y, motion.axial, motion.stretch, motion.shear, np.zeros(2))
    field = recover.local_field(model, fields, still)
    u = [field.displacements(theta) for theta in (0.0, np.pi / 2, np.pi, 3 * np.pi / 2)]
    along_x = (u[0][:, 0] - u[2][:, 0]) / 4 - (u[1][:, 1] - u[3][:, 1]) / 4
    for number, plate in enumerate(("chip", "board")):
        elements = model.mesh.elements(plate)
        nodal = np.einsum("eqi,eq->ei", model.space.shape[elements, :, :6], model.space.volume[elements])
        nodes = model.mesh.triangles[elements]
        height = model.mesh.points[:, 1] - middles(model.section)[plate]
        assert (nodal * along_x[nodes]).sum() / nodal.sum() == pytest.approx(motion.x[2 * number], rel=1e-8)
        slope = (nodal * (along_x * height)[nodes]).sum() / (nodal * (height**2)[nodes]).sum()
        assert slope == pytest.approx(motion.x[2 * number + 1], rel=1e-8)
        rise = sum(each[:, 2] for each in u) / 4
        assert (nodal * rise[nodes]).sum() / nodal.sum() == pytest.approx(motion.axial[3 * number], rel=1e-8)
        wall = faces.wall(model.mesh, plate).nodes
        strain = sum(each[wall, 0] for each in u) / 4 / model.section.radius
        expected = motion.axial[3 * number + 1] + motion.axial[3 * number + 2] * height[wall]
        assert strain == pytest.approx(expected, rel=1e-8)


def test_forces_through_the_joint_are_those_of_its_element(joint: Condensed, motion: PlateMotion) -> None:
    """Nodal forces at the land's lower face: shear and axial force by element, moment about mid-height; 1e-6.

    Only with the field of the layers' free side is the shear force, and the moment, what the assembly reports.
    """
    model, state, element, fields = joint
    motion = PlateMotion(motion.x, motion.y, motion.axial, motion.stretch, motion.shear, np.array([1.0, 0.0]))
    field = recover.local_field(model, fields, motion)
    names = [name for name in model.mesh.names if name != "board"]
    elements = model.mesh.elements(*names)
    nodes = np.unique(model.mesh.triangles[elements])
    face = faces.interface(model.mesh, "land", "board").nodes
    at_face = np.isin(nodes, face)

    def resultant(wave: Wave, kind: str) -> float:
        """Force of the board on what stands on it, by the stiffness of the latter."""
        free = state.free[elements] if wave.system.strain.harmonic == 0 else np.zeros_like(state.free[elements])
        part = model.space.part(*names)[1]
        system = harmonic.assemble(part.strain(wave.system.strain.harmonic), state.elasticity[elements], free)
        u = wave.displacement.reshape(-1, 3)[nodes].ravel()
        force = (system.stiffness @ u - wave.thermal * system.load).reshape(-1, 3)
        along = rigid_motion(part.mesh, kind, model.section.levels.chip / 2).reshape(-1, 3)
        return float((force[at_face] * along[at_face]).sum())

    own = element.lateral @ motion.x - element.edge_load
    middle = -(element.height / 2 - middles(model.section)["board"])
    scale = np.abs(element.lateral @ motion.x).max()
    assert resultant(field.waves[1], "lateral") == pytest.approx(own[2], abs=1e-6 * scale)
    assert resultant(field.waves[1], "rocking") == pytest.approx(own[3] + middle * own[2], abs=1e-6 * scale)
    axial = (element.axial @ motion.axial - element.axial_load)[3]
    assert resultant(field.waves[0], "axial") == pytest.approx(axial, abs=1e-6 * np.abs(element.axial).max() * 1e-3)
    without = element.lateral @ motion.x
    assert abs(own[2] - without[2]) > 1e-4 * scale  # the free side counts


def test_the_energy_of_a_pull_is_its_work(joint: Condensed) -> None:
    """The budget of a pull alone: shares sum to 1, and no region's is negative."""
    model, _, element, fields = joint
    still = PlateMotion(*(np.zeros(size) for size in (4, 4, 6, 4, 4, 2)))
    budget = recover.energy_budget(model, element, fields, still, axial_force=1.0)
    assert sum(budget.values()) == pytest.approx(1.0, rel=1e-12)
    assert min(budget.values()) > 0.0
    pull = fields.axial.shapes[:, 3] / element.axial[3, 3]
    energy = harmonic.strain_energy(fields.axial.system, pull, thermal=0.0)
    assert energy.sum() == pytest.approx(0.5 * 1.0**2 / element.axial[3, 3], rel=1e-8)
    for name, share in budget.items():
        assert share == pytest.approx(energy[model.mesh.elements(name)].sum() / energy.sum(), rel=1e-9)


def test_the_shift_budget_of_a_rigid_tilt_is_nothing(joint: Condensed) -> None:
    """All interfaces of a tilting post keep their place, tilt taken off: 1e-9 of height times tilt."""
    model, _, element, fields = joint
    middle, tilt = middles(model.section), 1e-3
    x = tilt * np.array([middle["chip"], 1.0, middle["board"], 1.0])
    still = PlateMotion(x, *(np.zeros(size) for size in (4, 6, 4, 4, 2)))
    shifts = recover.interface_shifts(model, element, fields, still)
    assert list(shifts) == ["chip", "first_layer", "base_region", "cylinder", "ball", "land"]
    assert np.ptp(list(shifts.values())) < 1e-9 * element.height * tilt


def test_the_shift_budget_sums_to_one_and_names_the_soft_part(joint: Condensed) -> None:
    """By construction; a cylinder a thousand times softer takes nearly all of it."""
    model, state, element, fields = joint
    x = np.array([0.0, 0.0, 1e-3, 0.0])
    still = PlateMotion(x, *(np.zeros(size) for size in (4, 6, 4, 4, 2)))
    budget = recover.shift_budget(recover.interface_shifts(model, element, fields, still))
    assert sum(budget.values()) == pytest.approx(1.0, rel=1e-12)
    elasticity = state.elasticity.copy()
    elasticity[model.mesh.elements("cylinder")] *= 1e-3
    elasticity[model.mesh.elements("second_layer")] *= 1e-3
    soft, soft_fields = condense(model, CellState(elasticity, state.free))
    shares = recover.shift_budget(recover.interface_shifts(model, soft, soft_fields, still))
    assert budget["cylinder"] < 0.5 < 0.95 < shares["cylinder"] < 1.0


def test_the_mean_shift_of_a_disc_is_that_of_its_interface(joint: Condensed) -> None:
    """Integrated through the elements it cuts, or along the edges of an interface: 1e-6."""
    model, _, element, fields = joint
    x = np.array([0.0, 1e-3, 1e-3, 0.0])
    field = fields.lateral.shapes @ x
    disc = recover.disc_shift(model, field, model.section.levels.chip, model.section.base_radius)
    assert disc == pytest.approx((element.footprint @ x)[0], rel=1e-6)
