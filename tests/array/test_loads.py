"""A package's joint between two plates in three dimensions: exact laws, and the body of revolution."""

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from fem_wlp.analysis import load_joint
from fem_wlp.array import loads as module
from fem_wlp.array.blocks import Fineness
from fem_wlp.array.layout import Extent, array_mesh
from fem_wlp.array.loads import plates_of, solve_joint_cell
from fem_wlp.array.model import Materials
from fem_wlp.errors import ConfigError, MeshError, SolveError
from fem_wlp.joint import loads as flat
from fem_wlp.joint.loads import JointLoad, LoadedJoint
from fem_wlp.joint.section import joint_section
from fem_wlp.mesh.files import write_solid
from fem_wlp.package import Package, loads, template
from fem_wlp.solid.operator import operator
from fem_wlp.verification.bricks import cube, isotropic_tensor

COARSE = 0.3
BARE = {"interconnect.line": "none", "chip.pads": "none"}
COLD = 233.15


@cache
def package(name: str = "conventional") -> Package:
    """A joint without line and pad, which a body of revolution has not either."""
    return loads(template(name), BARE)


@cache
def solved(load: JointLoad) -> LoadedJoint:
    return solve_joint_cell(package(), load, COARSE)


def of_one_material(board: str = "copper") -> Package:
    """Every part but the board made of copper and unstressed at assembly."""
    parts = ("chip", "first_layer", "interconnect", "ball", "land")
    changes: dict[str, object] = {f"{part}.material": "copper" for part in parts} | {"board.material": board}
    cures = {f"{part}.stress_free": "none" for part in parts[1:]}
    return loads(template("conventional"), {**BARE, **changes, **cures, "ball.truncated": True})


@pytest.mark.long
def test_the_energy_of_a_motion_is_half_its_force_times_its_way() -> None:
    """Clapeyron, for each motion by itself; 1e-7 is what the iterations leave."""
    for name, amount in (("elongation", 1e-3), ("shift", 2e-3), ("rocking", 3e-3)):
        joint = solved(JointLoad(**{name: amount}))
        force = {"elongation": joint.axial, "shift": joint.lateral, "rocking": joint.moment}[name]
        assert sum(joint.energy.values()) == pytest.approx(0.5 * force * amount, rel=1e-7)


@pytest.mark.long
def test_the_moment_of_a_shift_is_the_force_of_a_rocking() -> None:
    """Reciprocity (Betti), between two solutions by iteration to 1e-10."""
    shifted, rocked = solved(JointLoad(shift=2e-3)), solved(JointLoad(rocking=3e-3))
    assert shifted.moment / 2e-3 == pytest.approx(rocked.lateral / 3e-3, rel=1e-6)
    assert shifted.moment / 2e-3 == pytest.approx(shifted.stiffness.coupling, rel=1e-6)


@pytest.mark.long
def test_a_pull_is_the_force_that_is_found() -> None:
    """With thermal strain, too; what it stretches beyond the expansion is the force by the stiffness."""
    free, pulled = (solved(JointLoad(pull=pull, temperature=COLD)) for pull in (0.0, 2.0))
    assert pulled.axial == pytest.approx(2.0, rel=1e-6)
    assert abs(free.axial) < 1e-6
    assert pulled.load.elongation is not None
    assert free.load.elongation is not None
    further = pulled.load.elongation - free.load.elongation
    assert further == pytest.approx(2.0 / pulled.stiffness.axial, rel=1e-6)


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
    assert joint.load.elongation == pytest.approx(17e-6 * change * height, rel=1e-8)
    held = 117e3 * (17e-6 * change) ** 2  # [MPa]
    assert sum(joint.energy.values()) < 1e-12 * held
    other = solve_joint_cell(of_one_material("silicon"), JointLoad(temperature=assembly + change), COARSE)
    assert sum(other.energy.values()) > 1e-4 * held


def test_the_plates_hold_chip_and_board_and_nothing_between() -> None:
    """Nodes of the chip's upper face and walls, of the board's lower face and walls, from the levels of the section."""
    section = joint_section(package())
    mesh = array_mesh(package(), section, "cell", Fineness().refined(COARSE)).mesh
    plates = plates_of(mesh)
    x, y, z = mesh.points.T
    wall = np.isclose(np.maximum(abs(x), abs(y)), 0.25)
    levels = section.levels
    assert np.array_equal(plates.upper, (z > levels.chip - 1e-9) & (wall | np.isclose(z, levels.chip_top)))
    assert np.array_equal(plates.lower, (z < 1e-9) & (wall | np.isclose(z, levels.board_bottom)))
    assert not (plates.upper & plates.lower).any()
    assert plates.held(walls_slide=False)[:, 2].sum() > plates.held(walls_slide=True)[:, 2].sum()


@pytest.mark.long
@pytest.mark.parametrize("name", ["conventional", "compliant"])
def test_the_square_cell_is_that_of_revolution(name: str) -> None:
    """Within 3 %: a square of the same area, silicon and board with their own constants along x and y.

    Their shears differ by about 20 and 10 %, but they take only a tenth of the energy. Another sign of the rocking, or
    another load's stiffness, is far off.
    """
    load = JointLoad(shift=1e-3, rocking=1e-3, temperature=COLD)
    one, other = flat.solve_joint_cell(package(name), load), solve_joint_cell(package(name), load)
    for key in ("axial", "lateral", "rocking", "coupling"):
        assert getattr(one.stiffness, key) == pytest.approx(getattr(other.stiffness, key), rel=0.03)
    assert one.load.elongation == pytest.approx(other.load.elongation, rel=0.01)
    assert one.lateral == pytest.approx(other.lateral, rel=0.03)
    assert one.moment == pytest.approx(other.moment, rel=0.03)


def test_a_senseless_load_is_refused_before_anything_is_meshed() -> None:
    steps: list[str] = []
    with pytest.raises(ConfigError) as caught:
        solve_joint_cell(package(), JointLoad(elongation=1e-3, pull=1.0), progress=steps.append)
    assert caught.value.code == "C202"
    assert steps == []


@pytest.mark.long
def test_progress_names_each_step_and_counts_its_iterations() -> None:
    steps: list[str] = []
    by_iteration = package().replace("model.solver", "multigrid")
    solve_joint_cell(by_iteration, JointLoad(pull=2.0, temperature=COLD), COARSE, steps.append)
    assert [step for step in steps if ": " not in step] == ["mesh", "pull", "temperature", "shift", "rocking"]
    assert any(step.startswith("shift: iteration 10, residual ") for step in steps)


# A mesh of the user's


def written(folder: Path, extent: Extent = "cell", factor: float = 1.0) -> Path:
    """A file with the program's mesh of a part of the package; what a file does not say is lost."""
    mesh = array_mesh(package(), joint_section(package()), extent, Fineness().refined(COARSE)).mesh
    write_solid(folder / "own.msh", replace(mesh, points=factor * mesh.points))
    return folder / "own.msh"


def in_3d() -> Package:
    return package().replace("model.kind", "3d").replace("model.fineness", 2.0)


@pytest.mark.long
def test_a_joint_on_a_users_mesh_is_the_one_on_the_programs_where_these_are_one(tmp_path: Path) -> None:
    """The same mesh through a file, whatever the package's own fineness: force, moment, stiffness, energies to 1e-7."""
    load = JointLoad(shift=2e-3)
    ours, own = solved(load), load_joint(in_3d(), load, mesh=written(tmp_path))
    assert (own.unknowns, own.model) == (ours.unknowns, "3d")
    for name in ("lateral", "moment"):
        assert getattr(own, name) == pytest.approx(getattr(ours, name), rel=1e-7)
    assert own.stiffness.rocking == pytest.approx(ours.stiffness.rocking, rel=1e-7)
    assert own.energy == pytest.approx(ours.energy, rel=1e-7, abs=1e-7 * sum(ours.energy.values()))


@pytest.mark.parametrize(
    ("extent", "factor", "message", "hint"),
    [
        ("quarter", 1.0, "the mesh is a quarter", "one pitch of chip and board"),
        ("strip", 1.0, "the mesh is a strip", "one pitch of chip and board"),
        ("cell", 1e-3, "the chip of the mesh lies at z", "the mesh is in metres"),
    ],
)
def test_a_mesh_that_is_not_one_joint_is_refused(
    extent: Extent, factor: float, message: str, hint: str, tmp_path: Path
) -> None:
    """E414, with the file, before anything is solved."""
    steps: list[str] = []
    path = written(tmp_path, extent, factor)
    with pytest.raises(MeshError) as caught:
        load_joint(in_3d(), JointLoad(shift=1e-3), steps.append, path)
    assert (caught.value.code, caught.value.where) == ("E414", str(path))
    assert message in caught.value.message
    assert hint in caught.value.hint
    assert steps == ["mesh"]


def test_a_mesh_for_the_joint_of_revolution_is_refused(tmp_path: Path) -> None:
    """Its section is not loaded on a user's mesh: C202 names the way."""
    with pytest.raises(ConfigError) as caught:
        load_joint(package(), JointLoad(shift=1e-3), mesh=tmp_path / "own.msh")
    assert caught.value.code == "C202"
    assert "--model 3d" in caught.value.hint


def test_energies_of_a_joint_that_differ_are_refused() -> None:
    """S504: half a millionth passes, two do not; a pulled cube has E eps^2 / 2 by the forces."""
    E, nu, strain = 1000.0, 0.3, 1e-3
    stiff = operator(cube(2), isotropic_tensor(E, nu)[None])
    u = strain * stiff.mesh.points * [1.0, -nu, -nu]
    still, unstrained = np.zeros_like(u), Materials(COLD, stiff.tensors, np.zeros((1, 6)))
    exact = 0.5 * E * strain**2
    assert module._energy_mismatch(stiff, unstrained, u, still, exact) < 1e-12
    assert module._energy_mismatch(stiff, unstrained, u, still, exact / (1.0 + 5e-7)) == pytest.approx(5e-7, rel=1e-4)
    with pytest.raises(SolveError, match=r"differ by 2\.0e-06") as refused:
        module._energy_mismatch(stiff, unstrained, u, still, exact / (1.0 + 2e-6))
    assert refused.value.code == "S504"
