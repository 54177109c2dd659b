"""A package's joint between two plates: what holds for any load and any materials, and what is refused."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from fem_wlp.errors import ConfigError
from fem_wlp.joint.loads import JointLoad, LoadedJoint, solve_joint_cell
from fem_wlp.package import Package, loads, template

COARSE = 0.4
HOT = 398.15


@cache
def package() -> Package:
    return loads(template("compliant"))


def solved(**load: float) -> LoadedJoint:
    return solve_joint_cell(package(), JointLoad(**load), COARSE)


def of_one_material(**overrides: object) -> Package:
    """Every part of a conventional package made of copper and unstressed at assembly."""
    parts = ("chip", "board", "first_layer", "interconnect", "ball", "land")
    own: dict[str, object] = {"ball.truncated": True} | {f"{part}.stress_free": "none" for part in parts[2:]}
    return loads(template("conventional"), {**{f"{part}.material": "copper" for part in parts}, **own, **overrides})


def test_the_energy_of_a_motion_is_half_its_force_times_its_way() -> None:
    """Clapeyron, for each motion by itself; 1e-8 of the energy is what the solver's own balance allows."""
    for name, amount in (("elongation", 1e-3), ("shift", 2e-3), ("rocking", 3e-3)):
        joint = solved(**{name: amount})
        force = {"elongation": joint.axial, "shift": joint.lateral, "rocking": joint.moment}[name]
        assert sum(joint.energy.values()) == pytest.approx(0.5 * force * amount, rel=1e-8)


def test_the_moment_of_a_shift_is_the_force_of_a_rocking() -> None:
    """Reciprocity (Betti); the stiffness with the other motion held is also that which moves a load alone."""
    shifted, rocked = solved(shift=1e-3), solved(rocking=1e-3)
    assert shifted.moment == pytest.approx(rocked.lateral, rel=1e-9)
    assert shifted.lateral == pytest.approx(shifted.stiffness.lateral * 1e-3, rel=1e-9)
    assert rocked.moment == pytest.approx(rocked.stiffness.rocking * 1e-3, rel=1e-9)
    assert rocked.lateral == pytest.approx(rocked.stiffness.coupling * 1e-3, rel=1e-9)


def test_loads_add_up() -> None:
    """Forces of a combined load are the sum of those of its parts, at one temperature of the materials."""
    together = solved(shift=1e-3, rocking=-2e-3, elongation=5e-4, temperature=HOT)
    apart = [
        solved(shift=1e-3),
        solved(rocking=-2e-3),
        solved(elongation=5e-4),
        solved(elongation=0.0, temperature=HOT),
    ]
    for name in ("axial", "lateral", "moment"):
        assert getattr(together, name) == pytest.approx(sum(getattr(one, name) for one in apart), rel=1e-9)


@pytest.mark.parametrize("temperature", [None, HOT])
def test_a_pull_is_the_force_that_is_found(temperature: float | None) -> None:
    """And what it stretches beyond the expansion is the force by the stiffness."""
    joint, free = (
        solve_joint_cell(package(), JointLoad(pull=pull, temperature=temperature), COARSE) for pull in (2.0, 0.0)
    )
    assert joint.axial == pytest.approx(2.0, rel=1e-9)
    assert joint.load.elongation is not None
    assert free.load.elongation is not None
    assert abs(free.axial) < 1e-9
    assert joint.load.elongation - free.load.elongation == pytest.approx(2.0 / joint.stiffness.axial, rel=1e-9)


def test_a_package_of_one_material_expands_freely() -> None:
    """No stress anywhere, and the plates part by alpha dT times the whole height: copper has 17 ppm/K.

    With another board the same check fails by orders of magnitude.
    """
    change = -100.0
    package = of_one_material()
    assembly = package.temperatures.assembly
    joint = solve_joint_cell(package, JointLoad(temperature=assembly + change), COARSE)
    height = sum(part.thickness for part in (package.chip, package.board, package.first_layer, package.interconnect))
    height += package.land.thickness + 2 * np.sqrt(0.150**2 - 0.115**2)
    assert joint.load.elongation == pytest.approx(17e-6 * change * height, rel=1e-9)
    stiff = 117e3 * (17e-6 * change) ** 2  # [MPa], of a held volume
    assert sum(joint.energy.values()) < 1e-15 * stiff
    other = of_one_material(**{"board.material": "silicon"})
    assert sum(solve_joint_cell(other, JointLoad(temperature=assembly + change), COARSE).energy.values()) > 1e-4 * stiff


def test_at_assembly_a_package_without_cures_is_free_of_stress() -> None:
    """Whatever its materials; a layer cured elsewhere is not."""
    cures = ("first_layer", "interconnect", "second_layer", "cylinder")
    born_together = loads(template("compliant"), {f"{part}.stress_free": "none" for part in cures})
    load = JointLoad(temperature=born_together.temperatures.assembly)
    assert sum(solve_joint_cell(born_together, load, COARSE).energy.values()) == 0.0
    assert sum(solve_joint_cell(package(), load, COARSE).energy.values()) > 1e-3


def test_without_a_temperature_materials_are_as_at_the_last_service_temperature() -> None:
    """The same stiffness, and no thermal strain."""
    cold = solved(shift=1e-3)
    assert cold.temperature == package().temperatures.points[-1]
    assert cold.stiffness.lateral == solved(shift=1e-3, temperature=cold.temperature).stiffness.lateral
    assert cold.axial == 0.0


def test_a_load_that_makes_no_sense_is_refused() -> None:
    for load, code in (
        (JointLoad(elongation=1e-3, pull=1.0), "C202"),
        (JointLoad(shift=np.nan), "U104"),
        (JointLoad(temperature=np.inf), "U104"),
        (JointLoad(temperature=520.0), "T106"),
        (JointLoad(temperature=100.0), "M108"),
    ):
        with pytest.raises(ConfigError) as caught:
            solve_joint_cell(package(), load)
        assert caught.value.code == code


def test_an_answer_prints_itself_and_is_plain_data() -> None:
    """Numbers of all three motions, the energies of all regions, units first."""
    joint = solved(shift=1e-3)
    assert f"{joint.lateral:.6g} N" in str(joint)
    assert all(name in str(joint) for name in joint.energy)
    data = joint.as_data()
    assert next(iter(data)) == "units"
    assert data["stiffness"]["lateral"] == joint.stiffness.lateral
    assert data["load"] == {"shift": 1e-3, "elongation": 0.0, "pull": 0.0, "rocking": 0.0, "temperature": None}
    assert replace(joint, energy={}).as_data()["energy"] == {}
