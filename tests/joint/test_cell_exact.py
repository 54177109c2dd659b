"""What the joint cell must answer to round-off, whatever the stack."""

import math
from dataclasses import replace

import numpy as np
import pytest

from fem_wlp.joint.cell import CellLoad, CellSolution, JointCell, Region, solve_cell
from fem_wlp.materials.model import Material, isotropic, scaled
from fem_wlp.mesh.outline import HalfDisc, rectangle
from fem_wlp.verification.sections import COARSE, COPPER, EVERYTHING, SOLDER, ball, device, post

from .stacks import with_materials, with_outlines

DEVICE = JointCell(device(), grading=COARSE)
PLACES = np.array([[0.0, -0.2], [0.1, 0.01], [0.137, 0.18], [0.0, 0.12], [0.05, 0.3], [0.3, 0.5]])


@pytest.fixture(scope="module")
def loaded() -> CellSolution:
    """Return the device under everything at once."""
    return solve_cell(DEVICE, EVERYTHING)


def total_energy(solution: CellSolution) -> float:
    return sum(solution.energy.values())


@pytest.mark.parametrize("motion", ["axial", "lateral", "rocking"])
def test_a_rigid_motion_of_the_whole_device_costs_no_energy_and_no_force(motion: str) -> None:
    """The bottom end is free to follow: 1e-10 of what the same motion costs where it is not (rounding 1e-13)."""
    load = CellLoad(**{motion: 1.0})
    rigid = solve_cell(replace(DEVICE, bottom="free"), load)
    driven = solve_cell(DEVICE, load)
    assert total_energy(rigid) < 1e-10 * total_energy(driven)
    names = ("lateral", "moment") if motion != "axial" else ("axial",)
    for name in names:
        assert abs(getattr(rigid.reaction(), name)) < 1e-7 * abs(getattr(driven.reaction(), name))


@pytest.mark.parametrize("side", ["free", "straight"])
@pytest.mark.parametrize(
    "ends", [("free", "free"), ("flat", "held_flat"), ("held_flat", "free"), ("held_flat", "flat")]
)
def test_one_material_expands_freely(ends: tuple[str, str], side: str) -> None:
    """A device of one material, heated, grows by alpha dT in all directions without stress, to 1e-10."""
    copper = with_materials(device(), lambda _: COPPER)
    sides = {"chip": side, "board": side}
    heated = solve_cell(JointCell(copper, *ends, sides=sides, grading=COARSE), CellLoad(temperature_change=100.0))
    strain = 17e-4
    stored = 0.5 * 3 * strain**2 * 117e3 / (1 - 2 * 0.34) * sum(heated.volume.values())
    assert total_energy(heated) < 1e-16 * stored
    found = heated.displacements(PLACES)
    lift = found[0, 2] - strain * PLACES[0, 1]
    assert found[:, 0] == pytest.approx(strain * PLACES[:, 0], rel=1e-10, abs=1e-14)
    assert found[:, 2] == pytest.approx(strain * PLACES[:, 1] + lift, rel=1e-10, abs=1e-14)


def test_free_expansion_bites() -> None:
    """One material with twice the expansion of the others is no free expansion."""
    parts = list(with_materials(device(), lambda _: COPPER))
    parts[3] = replace(parts[3], material=isotropic("other", 117e3, 0.34, 34e-6))
    heated = solve_cell(JointCell(tuple(parts), "free", "free", grading=COARSE), CellLoad(temperature_change=100.0))
    assert heated.energy["core"] > 1e-3 * heated.volume["core"] * 117e3 * (17e-4) ** 2


def test_uniaxial_pull_between_sliding_ends_is_exact() -> None:
    """A coated ball inside a post of the same constants: E A e and the free lateral contraction, to 1e-10."""
    regions = (
        Region("post", rectangle((0.0, 0.5), (0.0, 1.5)), COPPER),
        Region("ball", HalfDisc(0.7, 0.4), replace(COPPER, name="more copper")),
    )
    pulled = solve_cell(JointCell(regions, "held_flat", "held_flat", grading=COARSE), CellLoad(axial=1.5e-3))
    force = 117e3 * np.pi * 0.25 * 1e-3
    assert pulled.reaction("top").axial == pytest.approx(force, rel=1e-10)
    assert pulled.reaction("bottom").axial == pytest.approx(-force, rel=1e-10)
    assert pulled.displacement(0.4, 0.7, theta=2.0) == pytest.approx([-0.34e-3 * 0.4, 0.0, 0.7e-3], abs=1e-13)
    assert pulled.stress(0.2, 0.7, region="ball") == pytest.approx([0, 0, 117.0, 0, 0, 0], abs=1e-8)
    assert pulled.mean_stress("ball") == pytest.approx([0, 0, 117.0, 0, 0, 0], abs=1e-8)
    assert pulled.mean_stretch("side of post") == pytest.approx(-0.34e-3, rel=1e-10)
    assert total_energy(pulled) == pytest.approx(force * 1.5e-3 / 2, rel=1e-10)


def test_a_confined_layer_has_its_confined_modulus_and_expansion() -> None:
    """Straight sides glued to driven ends cannot stretch: M = E (1-nu)/((1+nu)(1-2nu)), to 1e-10."""
    E, nu, alpha = 2.0, 0.499, 290e-6
    M = E * (1 - nu) / ((1 + nu) * (1 - 2 * nu))
    layer = post(2.0, 0.1, isotropic("silicone", E, nu, alpha))
    pulled = solve_cell(replace(layer, sides={"post": "straight"}), CellLoad(axial=1e-4))
    assert pulled.reaction().axial == pytest.approx(M * np.pi * 1e-3, rel=1e-10)
    heated = solve_cell(replace(layer, top="free", sides={"post": 0.0}), CellLoad(temperature_change=10.0))
    growth = alpha * (1 + nu) / (1 - nu) * 10.0 * 0.1
    assert heated.mean_displacement("top")[2] == pytest.approx(growth, rel=1e-9)


def test_a_prescribed_in_plane_strain_is_biaxial_stress() -> None:
    """Free ends: E e/(1-nu) in the plane, -2 nu e/(1-nu) across it; a driven end's plate stretches with the side."""
    plate = post(2.0, 0.3, COPPER, bottom="held_flat", top="free")
    for cell in (plate, replace(plate, top="driven"), replace(plate, top="driven", bottom="driven")):
        stretched = solve_cell(replace(cell, sides={"post": 1e-3}), CellLoad())
        assert stretched.mean_stretch("top") == pytest.approx(1e-3, rel=1e-10)
        if cell is plate:
            assert stretched.stress(0.5, 0.1)[:2] == pytest.approx([117.0 / 0.66] * 2, rel=1e-10)
            growth = -2 * 0.34 * 1e-3 / 0.66 * 0.3
            assert stretched.mean_displacement("top")[2] == pytest.approx(growth, rel=1e-10)


def test_pure_bending_by_rocking_between_sliding_ends_is_exact() -> None:
    """A post whose ends turn and slide bends to a circle: M = E I phi / h, no shear force, to 1e-10."""
    bent = solve_cell(post(0.5, 1.2, COPPER, COARSE, bottom="held_flat", top="held_flat"), CellLoad(rocking=1e-3))
    inertia = np.pi * 0.5**4 / 64
    assert bent.reaction().moment == pytest.approx(117e3 * inertia * 1e-3 / 1.2, rel=1e-10)
    assert bent.reaction("bottom").moment == pytest.approx(-bent.reaction().moment, rel=1e-10)
    assert abs(bent.reaction().lateral) < 1e-9
    assert bent.stress(0.25, 0.6)[2] == pytest.approx(-117e3 * 0.25 * 1e-3 / 1.2, rel=1e-9)
    assert bent.mean_rotation("top") == pytest.approx(1e-3, rel=1e-10)
    assert bent.displacement(0.2, 1.2, theta=np.pi)[2] == pytest.approx(0.2e-3, rel=1e-10)


def test_simple_shear_of_a_wide_layer_between_straight_walls() -> None:
    """Volume mean of the shear stress times the volume is the work of the force on the height, to 1e-10."""
    sheared = solve_cell(post(0.5, 0.3, SOLDER, COARSE), CellLoad(lateral=1e-3))
    work = sheared.reaction().lateral * 0.3
    assert sheared.mean_stress("post")[4] * sheared.volume["post"] == pytest.approx(work, rel=1e-10)


def test_answers_add(loaded: CellSolution) -> None:
    """Superposition of temperature, pull, shift and rocking, and proportion: 1e-10 of the largest."""
    parts = [
        solve_cell(DEVICE, CellLoad(temperature_change=-50.0)),
        solve_cell(DEVICE, CellLoad(axial=0.5e-3, rocking=1.5e-3)),
        solve_cell(DEVICE, CellLoad(lateral=1e-3)),
    ]
    whole = loaded.displacements(PLACES, theta=0.7)
    assert sum(2 * part.displacements(PLACES, theta=0.7) for part in parts) == pytest.approx(whole, abs=1e-13)
    for name in ("axial", "lateral", "moment"):
        total = sum(2 * getattr(part.reaction(), name) for part in parts)
        assert total == pytest.approx(getattr(loaded.reaction(), name), rel=1e-9)


def test_forces_balance(loaded: CellSolution) -> None:
    """Top and bottom: forces cancel, moments about one point too: 1e-10 of the largest force in the stack."""
    top, bottom = loaded.reaction("top"), loaded.reaction("bottom")
    height = np.ptp(DEVICE.mesh.points[:, 1])
    assert top.axial + bottom.axial == pytest.approx(0.0, abs=1e-9)
    assert top.lateral + bottom.lateral == pytest.approx(0.0, abs=1e-10)
    assert top.moment + bottom.moment == pytest.approx(height * bottom.lateral, rel=1e-8)


def test_the_energy_is_the_work_of_the_reactions() -> None:
    """Mechanical load: half of force times motion, summed: 1e-9."""
    driven = solve_cell(DEVICE, replace(EVERYTHING, temperature_change=0.0))
    force = driven.reaction()
    work = force.axial * 1e-3 + force.lateral * 2e-3 + force.moment * 3e-3
    assert total_energy(driven) == pytest.approx(work / 2, rel=1e-9)
    assert driven.residual < 1e-12
    assert driven.energy_mismatch < 1e-9


def test_reciprocity_of_shift_and_rocking_and_of_pull_and_temperature() -> None:
    """Betti: the moment of a unit shift is the force of a unit rocking; dE/du = F with the thermal part, 1e-9."""
    shift, rocking = solve_cell(DEVICE, CellLoad(lateral=1.0)), solve_cell(DEVICE, CellLoad(rocking=1.0))
    assert shift.reaction().moment == pytest.approx(rocking.reaction().lateral, rel=1e-9)
    # the thermal force on held ends is the free strain's work on the stress of a unit pull
    pulled, heated = solve_cell(DEVICE, CellLoad(axial=1.0)), solve_cell(DEVICE, CellLoad(temperature_change=1.0))
    materials = DEVICE.materials
    work = sum(
        pulled.mean_stress(name)[:3].sum() * materials[name].expansion.x(300.0) * volume
        for name, volume in pulled.volume.items()
    )
    assert heated.reaction().axial == pytest.approx(-work, rel=1e-8)


def test_the_stack_upside_down_answers_the_same(loaded: CellSolution) -> None:
    """Mirror symmetry: force, moment and energy of shift and pull, to the mesh's own error 1e-3."""
    flipped = JointCell(with_outlines(device(), lambda r, z: (r, -z)), grading=COARSE)
    other = solve_cell(flipped, replace(EVERYTHING, rocking=0.0))
    same = solve_cell(DEVICE, replace(EVERYTHING, rocking=0.0))
    assert other.reaction().axial == pytest.approx(same.reaction().axial, rel=2e-3)
    assert other.reaction().lateral == pytest.approx(same.reaction().lateral, rel=2e-3)
    assert other.reaction().moment == pytest.approx(same.reaction("bottom").moment, rel=2e-3)
    for name, energy in same.energy.items():
        assert other.energy[name] == pytest.approx(energy, rel=5e-3)


def test_a_change_of_units_changes_nothing(loaded: CellSolution) -> None:
    """Lengths in units of 2**-10, moduli in units of 2**10: exact factors, so 1e-10 by round-off only."""
    length, modulus = 2.0**10, 2.0**-10
    regions = with_outlines(device(), lambda r, z: (length * r, length * z))
    regions = with_materials(
        regions, lambda m: isotropic(m.name, modulus * m.elasticity.E(0.0), m.elasticity.nu(0.0), m.expansion.x(0.0))
    )
    load = replace(EVERYTHING, axial=length * EVERYTHING.axial, lateral=length * EVERYTHING.lateral)
    other = solve_cell(JointCell(regions, grading=COARSE), load)
    force = modulus * length**2
    assert other.reaction().lateral == pytest.approx(force * loaded.reaction().lateral, rel=1e-9)
    assert other.reaction().moment == pytest.approx(force * length * loaded.reaction().moment, rel=1e-9)
    assert other.displacements(length * PLACES) == pytest.approx(length * loaded.displacements(PLACES), rel=1e-8)
    for name, energy in loaded.energy.items():
        assert other.energy[name] == pytest.approx(force * length * energy, rel=1e-8)


def test_a_layer_split_in_two_is_one_layer() -> None:
    """Names do not matter; the border between them only changes the mesh: 3e-4."""
    half = rectangle((0.0, 0.3), (-0.4, -0.15))
    whole = solve_cell(DEVICE, EVERYTHING)
    split = solve_cell(
        replace(DEVICE, regions=(*device(), Region("lower board", half, DEVICE.materials["board"]))), EVERYTHING
    )
    assert split.reaction().lateral == pytest.approx(whole.reaction().lateral, rel=3e-4)
    assert split.reaction().axial == pytest.approx(whole.reaction().axial, rel=3e-4)
    assert split.energy["board"] + split.energy["lower board"] == pytest.approx(whole.energy["board"], rel=1e-3)


def test_core_of_the_coats_material_is_a_solid_ball() -> None:
    """And a coat of another name but the same constants, too: 3e-4 by the mesh."""
    load = CellLoad(axial=1.0, lateral=1.0)
    solid = solve_cell(ball({"ball": (0.15, SOLDER)}, half=0.09), load).reaction()
    coated = solve_cell(ball({"coat": (0.15, SOLDER), "core": (0.12, SOLDER)}, half=0.09), load).reaction()
    assert coated.axial == pytest.approx(solid.axial, rel=3e-4)
    assert coated.lateral == pytest.approx(solid.lateral, rel=3e-4)


def test_the_answer_turns_with_theta(loaded: CellSolution) -> None:
    """Harmonic m = 1 changes sign over half a turn, m = 0 does not; at a quarter turn a shift is all u_theta."""
    front, back = loaded.displacements(PLACES, 0.3), loaded.displacements(PLACES, 0.3 + np.pi)
    turned = solve_cell(DEVICE, replace(EVERYTHING, lateral=-2e-3, rocking=-3e-3)).displacements(PLACES, 0.3)
    assert back == pytest.approx(turned, abs=1e-14)
    assert not np.allclose(front, back, rtol=1e-3)
    top = DEVICE.mesh.points[:, 1].max()
    assert loaded.displacement(0.2, top, theta=np.pi / 2) == pytest.approx([0.0, -2e-3, 1e-3], abs=1e-15)


def test_the_axis_moves_as_one_point(loaded: CellSolution) -> None:
    """At r = 0 the Cartesian displacement does not depend on theta."""
    cartesian = []
    for theta in (0.0, 1.0, 2.5):
        u_r, u_theta, u_z = loaded.displacement(0.0, 0.1, theta)
        c, s = np.cos(theta), np.sin(theta)
        cartesian.append([u_r * c - u_theta * s, u_r * s + u_theta * c, u_z])
    assert cartesian[1] == pytest.approx(cartesian[0], abs=1e-16)
    assert cartesian[2] == pytest.approx(cartesian[0], abs=1e-16)


def test_corners_and_faces_of_the_border_belong_to_the_cell(loaded: CellSolution) -> None:
    """Driven ends move as asked at their very corners; the true circle of the ball is found."""
    top = math.sqrt(0.15**2 - 0.12**2) * 2 + 0.03 + 0.3
    assert loaded.displacement(0.3, top) == pytest.approx([2e-3, 0.0, 1e-3 - 3e-3 * 0.3], abs=1e-15)
    assert loaded.displacement(0.3, -0.4) == pytest.approx([0.0, 0.0, 0.0], abs=1e-15)
    assert np.isfinite(loaded.displacement(0.15, 0.12)).all()


def test_means_of_driven_faces_are_their_motion(loaded: CellSolution) -> None:
    """And interface means lie between; names may be given in either order."""
    assert loaded.mean_displacement("top") == pytest.approx([2e-3, 0.0, 1e-3], rel=1e-12, abs=1e-18)
    assert loaded.mean_displacement("bottom") == pytest.approx([0.0, 0.0, 0.0], abs=1e-18)
    assert loaded.mean_rotation("top") == pytest.approx(3e-3, rel=1e-12)
    one, other = loaded.mean_displacement("core|land"), loaded.mean_displacement("land|core")
    assert one == pytest.approx(other, rel=1e-14, abs=1e-18)


def test_a_body_that_nothing_holds_rests_on_average() -> None:
    """A free device, heated: the mean of u_z over the volume vanishes, 1e-4 because bubbles count here."""
    heated = solve_cell(replace(DEVICE, bottom="free", top="flat"), CellLoad(temperature_change=-100.0))
    space = DEVICE.space
    lift = heated.displacements(space.places.reshape(2, -1).T)[:, 2]
    assert abs(lift @ space.volume.ravel()) < 1e-4 * (np.abs(lift) @ space.volume.ravel())


def test_the_same_extra_expansion_everywhere_leaves_the_stress_of_a_free_body() -> None:
    """Adding 30 ppm/K to every material adds a free strain, no stress: 1e-9 of the mean stresses."""

    def grown(material: Material) -> Material:
        E, nu = (getattr(material.elasticity, name)(300.0) for name in ("E", "nu"))
        return isotropic(material.name, E, nu, material.expansion.x(300.0) + 30e-6)

    cell, load = replace(DEVICE, bottom="free", top="flat"), CellLoad(temperature_change=-100.0)
    one = solve_cell(cell, load)
    other = solve_cell(replace(cell, regions=with_materials(device(), grown)), load)
    for name in one.volume:
        largest = np.abs(one.mean_stress(name)).max()
        assert other.mean_stress(name) == pytest.approx(one.mean_stress(name), abs=1e-8 * largest + 1e-9)


@pytest.mark.parametrize("stiffened", ["layer", "cylinder", "core", "chip"])
def test_a_stiffer_part_never_lowers_the_driven_stiffness(stiffened: str) -> None:
    """On one mesh, doubling one modulus raises force and moment of each driven motion."""
    regions = tuple(
        replace(r, material=scaled(r.material, 2.0)) if r.name == stiffened and r.material else r for r in device()
    )
    for load, name in ((CellLoad(axial=1.0), "axial"), (CellLoad(lateral=1.0), "lateral")):
        before = getattr(solve_cell(DEVICE, load).reaction(), name)
        assert getattr(solve_cell(replace(DEVICE, regions=regions), load).reaction(), name) > before
