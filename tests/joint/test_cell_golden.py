"""The joint cell against closed forms of bodies of revolution, in more detail than the dossier.

Posts, discs and balls are laws of the dossier (`tests/verification/test_laws.py`). Each law here, too, is run with a
wrong constant, which it must notice.
"""

from dataclasses import replace

import numpy as np
import pytest

from fem_wlp import limits
from fem_wlp.joint.cell import CellLoad, JointCell, Region, solve_cell
from fem_wlp.materials.model import Expansion, Isotropic, Material, Orthotropic, Property, isotropic, stiffness
from fem_wlp.mesh.outline import rectangle
from fem_wlp.mesh.section import Grading
from fem_wlp.verification.closed_forms import COATED
from fem_wlp.verification.exactness import turned
from fem_wlp.verification.sections import COARSE, ball, post

CORE, SHELL = isotropic("core", 4800.0, 0.36, 40e-6), isotropic("shell", 117e3, 0.34, 17e-6)


def test_a_heated_ball_in_a_coat_is_pressed_uniformly() -> None:
    """Free surface, ends free: pressure, hoop stress, energies and growth within 0.1 % of the closed form."""
    exact = limits.concentric_spheres([0.10, 0.11], [4800, 117e3], [0.36, 0.34], [40e-4, 17e-4])
    assert exact.pressure[0] == pytest.approx(25.663, abs=5e-4)
    cell = ball({"shell": (0.11, SHELL), "core": (0.10, CORE)}, bottom="free", top="free")
    hot = solve_cell(cell, CellLoad(temperature_change=100.0))
    assert hot.mean_stress("core")[:3] == pytest.approx([-25.663] * 3, rel=1e-4)
    assert hot.stress(0.03, 0.05) == pytest.approx([-25.663] * 3 + [0, 0, 0], rel=1e-3, abs=5e-3)
    assert hot.displacement(0.11, 0.0)[0] == pytest.approx(0.11 * 23.56e-4, rel=1e-3)
    assert hot.displacement(0.0, -0.11)[2] == pytest.approx(-0.11 * 23.56e-4, rel=1e-3)
    bulk = 4800 / (3 * (1 - 0.72))
    assert hot.energy["core"] == pytest.approx(25.663**2 / (2 * bulk) * hot.volume["core"], rel=1e-3)
    # one element through the shell has stress that is nearly linear in r: 0.2 % at the faces; two have 0.1 %
    fine = solve_cell(replace(cell, grading=Grading(slender=0.5)), CellLoad(temperature_change=100.0))
    for r, hoop in ((0.10, 129.13), (0.105, _hoop(exact, 0.105)), (0.11, 116.30)):
        assert fine.stress(r, 0.0, region="shell")[1:3] == pytest.approx([hoop] * 2, rel=1e-3)


def _hoop(ball: limits.ConcentricSpheres, r: float) -> float:
    """Hoop stress of the closed form between the faces of the shell: p a^3/(b^3 - a^3) (1 + b^3/(2 r^3))."""
    a, b = ball.radii
    return float(ball.pressure[0] * a**3 / (b**3 - a**3) * (1 + b**3 / (2 * r**3)))


@pytest.mark.parametrize(
    ("core", "ring"),
    [
        (isotropic("adhesive", 200.0, 0.45, 100e-6), isotropic("layer", 2000.0, 0.40, 60e-6)),
        (isotropic("solder", 43e3, 0.36, 21.5e-6), isotropic("polyimide", 3300.0, 0.34, 35e-6)),
    ],
    ids=["adhesive in layer", "solder in polyimide"],
)
def test_a_cooled_cylinder_pulls_on_its_ring(core: Material, ring: Material) -> None:
    """Ends flat without net force: generalised plane strain, within 0.1 %."""
    exact = limits.concentric_cylinders(
        [0.10, 0.25],
        [m.elasticity.E(300.0) for m in (core, ring)],  # type: ignore[union-attr]
        [m.elasticity.nu(300.0) for m in (core, ring)],  # type: ignore[union-attr]
        [-100 * m.expansion.x(300.0) for m in (core, ring)],
    )
    stack = (
        Region("ring", rectangle((0.0, 0.25), (0.0, 0.2)), ring),
        Region("core", rectangle((0.0, 0.10), (0.0, 0.2)), core),
    )
    cooled = solve_cell(JointCell(stack, "held_flat", "flat"), CellLoad(temperature_change=-100.0))
    assert cooled.mean_stress("core")[0] == pytest.approx(exact.radial[0], rel=1e-3)
    fine = solve_cell(JointCell(stack, "held_flat", "flat", grading=Grading().refined(3)), cooled.load)
    assert fine.stress(0.1, 0.07, region="core")[0] == pytest.approx(exact.radial[0], rel=1e-3)
    assert fine.stress(0.1, 0.07, region="ring")[0] == pytest.approx(exact.radial[0], rel=2e-3)
    assert [cooled.mean_stress(name)[2] for name in ("core", "ring")] == pytest.approx(list(exact.axial), rel=1e-3)
    assert cooled.mean_displacement("top")[2] == pytest.approx(0.2 * exact.axial_strain, rel=1e-5)
    assert cooled.displacement(0.25, 0.13)[0] == pytest.approx(exact.surface_shift, rel=1e-5)
    assert cooled.reaction().axial == pytest.approx(0.0, abs=1e-12)


def test_the_golden_numbers_of_the_cylinders_are_those_of_the_closed_form() -> None:
    """Adhesive in layer: 3.6559, 4.0685, -0.7750, -6.10893e-3, -1.63534e-3; solder in polyimide: -3.5139."""
    soft = limits.concentric_cylinders([0.10, 0.25], [200, 2000], [0.45, 0.40], [-100e-4, -60e-4])
    hard = limits.concentric_cylinders([0.10, 0.25], [43e3, 3300], [0.36, 0.34], [-21.5e-4, -35e-4])
    found = [soft.radial[0], *soft.axial, 1e3 * soft.axial_strain, 1e3 * soft.surface_shift, hard.radial[0]]
    assert found == pytest.approx([3.6559, 4.0685, -0.7750, -6.10893, -1.63534, -3.5139], abs=5e-5)


@pytest.mark.parametrize("wrong", ["expansion doubled", "sign of the change", "modulus of the core"])
def test_the_thermal_laws_bite(wrong: str) -> None:
    """A wrong constant changes the pressure in the coated ball by far more than 0.1 %."""
    core, change = CORE, 100.0
    if wrong == "expansion doubled":
        core = isotropic("core", 4800.0, 0.36, 80e-6)
    elif wrong == "modulus of the core":
        core = isotropic("core", 4900.0, 0.36, 40e-6)
    else:
        change = -100.0
    cell = ball({"shell": (0.11, SHELL), "core": (0.10, core)}, grading=COARSE, bottom="free", top="free")
    hot = solve_cell(cell, CellLoad(temperature_change=change))
    assert abs(hot.mean_stress("core")[0] / -25.663 - 1) > 1e-2


def orthotropic() -> Material:
    """Return a woven laminate: constants of FR4's kind, different in x and y."""
    values = {"E_x": 24e3, "E_y": 20e3, "E_z": 10e3, "nu_xy": 0.15, "nu_xz": 0.35, "nu_yz": 0.3}
    shear = {"G_xy": 6e3, "G_xz": 4e3, "G_yz": 3e3}
    constants = {name: Property((value,)) for name, value in (values | shear).items()}
    growth = Expansion(Property((14e-6,)), Property((18e-6,)), Property((60e-6,)))
    return Material("laminate", Orthotropic(**constants), growth)


def test_an_orthotropic_material_enters_by_its_average_about_the_axis() -> None:
    """Pull between sliding ends: the modulus along z of the mean of C over rotations by 10 degrees, to 1e-10."""
    C = stiffness(orthotropic(), 300.0)
    average = np.mean([turned(C, angle) for angle in np.radians(np.arange(0, 360, 10))], axis=0)
    compliance = np.linalg.inv(average)
    sliding = post(1.0, 1.0, orthotropic(), COARSE, bottom="held_flat", top="held_flat")
    pulled = solve_cell(sliding, CellLoad(axial=1e-3))
    assert pulled.reaction().axial == pytest.approx(1e-3 / compliance[2, 2] * np.pi / 4, rel=1e-10)
    assert pulled.mean_stretch("top") == pytest.approx(1e-3 * compliance[0, 2] / compliance[2, 2], rel=1e-10)
    heated = solve_cell(replace(sliding, bottom="free", top="free"), CellLoad(temperature_change=1.0))
    assert heated.mean_stretch("top") == pytest.approx(16e-6, rel=1e-10)
    assert np.ptp([heated.displacement(0.2, z)[2] for z in (0.0, 1.0)]) == pytest.approx(60e-6, rel=1e-10)
    sheared = solve_cell(post(2.0, 0.02, orthotropic(), None), CellLoad(lateral=1e-5))
    assert sheared.reaction().lateral == pytest.approx(average[4, 4] * np.pi * 5e-4, rel=0.01)


def test_temperature_dependent_constants_are_taken_where_the_load_ends() -> None:
    """E falls from 50 to 30 GPa between 300 and 400 K, an instantaneous expansion rises from 20 to 24 ppm/K."""
    table = (300.0, 400.0)
    solder = Material(
        "solder",
        Isotropic(Property((50e3, 30e3), table), Property((0.35,))),
        Expansion(*(3 * [Property((20e-6, 24e-6), table)])),
    )
    cell = post(1.0, 1.0, solder, COARSE, bottom="held_flat", top="held_flat")
    hot = solve_cell(cell, CellLoad(temperature_change=75.0, stress_free=300.0))
    strain = 75 * (20e-6 + 23e-6) / 2
    assert hot.reaction().axial == pytest.approx(-35e3 * strain * np.pi / 4, rel=1e-10)
    cold = solve_cell(replace(cell, top="free"), CellLoad(temperature_change=-50.0, stress_free=400.0))
    assert cold.mean_displacement("top")[2] == pytest.approx(-50 * 23e-6, rel=1e-10)


def test_the_default_mesh_is_near_its_limit() -> None:
    """Stiffness of the coated ball on a mesh of half the element size differs by less than 0.05 %."""
    load = CellLoad(axial=1.0, lateral=1.0)
    coarse, fine = (solve_cell(ball(COATED, 0.09, g), load).reaction() for g in (Grading(), Grading().refined(2)))
    assert coarse.lateral == pytest.approx(fine.lateral, rel=5e-4)
    assert coarse.axial == pytest.approx(fine.axial, rel=5e-4)
