"""The whole array resolved: one result of many solves, held against itself, joint cell and assembly, and a reference.

The package has 2 x 2 joints and the coarsest mesh, which is enough for all that must be exact.
"""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from fem_wlp.analysis.comparison import compared
from fem_wlp.analysis.job import solve
from fem_wlp.analysis.resolved import meshed, solve_resolved
from fem_wlp.array.model import How, service_states, solve_severed, solve_states
from fem_wlp.array.readings import read_joints, read_severed
from fem_wlp.decoupling import decoupling_figures
from fem_wlp.package import Package, loads, template
from fem_wlp.report.certificates import checks_of
from fem_wlp.results import ArrayField, Result, as_data
from fem_wlp.verification.packages import COMMON, DECOUPLED, OVERHANG, package

from .test_against_3d import RUNS, Run, force_error, resolved

SMALL = {
    "array.rows": 2,
    "array.columns": 2,
    "chip.width": "1.1 mm",
    "board.width": "1.6 mm",
    "temperatures.service": None,
    "temperatures.cycle": ["-40 degC", "125 degC"],
    "second_layer.stress_free": "150 degC",
    "model.kind": "3d",
    "model.fineness": 0.25,
}


FLUSH = ("stiff-layer", "paste")
ONE_BOARD = [run for run in RUNS if run["board"] == ("flush" if run["case"] in FLUSH else "overhang")]
"""Every case on one of its two boards."""


@cache
def small() -> Package:
    """A cycle of a package of 2 x 2 joints with a soft layer cured hotter than it was assembled."""
    return loads(DECOUPLED % ("soft_layer", "soft_adhesive") + COMMON % "solder", SMALL)


@cache
def answer() -> tuple[Result, tuple[str, ...]]:
    """Its result, and what was told on the way."""
    told: list[str] = []
    return solve_resolved(small(), told.append), tuple(told)


@pytest.mark.long
def test_a_resolved_array_answers_as_joint_cell_and_assembly_do() -> None:
    """The same record, complete: all joints, budgets that sum to 1, certificates, plain data without a field."""
    result, _ = answer()
    assert {(joint.row, joint.column) for joint in result.joints} == {(1, 1), (1, 2), (2, 1), (2, 2)}
    decoupling = result.decoupling
    assert sum(decoupling.shift_budget.values()) == pytest.approx(1.0)
    assert sum(decoupling.energy_budget.values()) == pytest.approx(1.0)
    assert 0.0 < decoupling.figure < 1.0
    assert result.certificates.residual < 1e-8
    # |f| |u| is ten thousand times the strain energy here: most of u is free expansion; by a direct solver 1e-10
    assert result.certificates.energy < 1e-7
    assert result.certificates.equilibrium < 1e-6
    assert result.certificates.moments < 1e-6
    assert max(result.certificates.section_forces, result.certificates.section_moments) < 1e-6
    assert isinstance(result.field, ArrayField)
    assert result.field.von_mises.shape == result.field.mesh.cells.shape
    data = as_data(result)
    assert json.loads(json.dumps(data, allow_nan=False))["comparison"][0]["name"] == "decoupling figure D"
    assert "D = " in str(result)


@pytest.mark.long
def test_soft_joints_between_wide_plates_balance_as_far_as_double_precision_tells() -> None:
    """Four adhesive joints under a 4.4 mm chip pass 0.1 N of the 1000 N that hold its expansion: it is not refused."""
    package = loads(template("compliant")).replace("array.rows", 2).replace("array.columns", 2)
    result = solve_resolved(package.replace("model.kind", "3d").replace("model.fineness", 0.5))
    assert result.certificates.round_off is not None
    assert result.certificates.moments < result.certificates.round_off < 1e-4
    assert next(check for check in checks_of(result) if check.name == "Moments").holds
    assert max(result.certificates.equilibrium, result.certificates.energy) < 1e-6
    assert result.decoupling.figure == pytest.approx(solve(package).decoupling.figure, abs=0.02)


@pytest.mark.long
def test_both_models_agree_within_what_is_claimed() -> None:
    """D within 0.02, shear forces within 5 %; on the coarsest mesh."""
    result, _ = answer()
    rows = {row.name: row for row in result.comparison}
    for name in ("decoupling figure D", "D of the joint where both differ most"):
        difference = rows[name].difference
        assert difference is not None
        assert abs(difference) < 0.02
    forces = rows["shear force of the joint where both differ most"].difference
    assert forces is not None
    assert forces < 0.05


@pytest.mark.long
def test_joints_that_are_mirror_images_are_told_alike() -> None:
    """Shift, shear force and moment have the signs of their corner; axial forces are equal."""
    result, _ = answer()
    first = result.joints[0]
    for joint in result.joints:
        x, y = np.sign(joint.x * first.x), np.sign(joint.y * first.y)
        for name in ("free", "shift", "pad_to_pad", "shear_force"):
            assert getattr(joint, name) == pytest.approx(np.array([x, y]) * getattr(first, name)), name
        assert joint.moment == pytest.approx(np.array([y, x]) * first.moment)
        assert joint.axial_force == pytest.approx(first.axial_force)


@pytest.mark.long
def test_a_cycle_is_the_difference_of_its_temperatures() -> None:
    """Of free mismatch, shift and force of the critical joint, all along the diagonal."""
    result, _ = answer()
    first, last = result.decoupling.at
    where = result.decoupling.critical_joint
    (critical,) = [joint for joint in result.joints if (joint.row, joint.column) == (where.row, where.column)]
    signs = [np.sign(np.dot(critical.free, critical.shift)), 1.0]
    assert np.hypot(*critical.free) == pytest.approx(abs(last.free + first.free)) or np.hypot(
        *critical.free
    ) == pytest.approx(abs(last.free - first.free))
    assert signs[0] == 1.0
    assert critical.axial_force == pytest.approx(last.axial_force - first.axial_force)
    assert result.warpage.chip == pytest.approx(last.warpage_chip - first.warpage_chip)


@pytest.mark.long
def test_every_step_and_every_tenth_iteration_is_told() -> None:
    """Steps have seconds in the provenance; iterations follow a colon."""
    result, told = answer()
    steps = [name for name in told if ":" not in name]
    assert list(result.provenance["seconds"]) == steps
    assert {"mesh", "joined", "severed", "rigid joints", "reference package"} <= set(steps)


@pytest.mark.long
def test_a_result_compared_with_itself_differs_in_nothing() -> None:
    """And one force changed by a tenth is found."""
    result, _ = answer()
    assert {row.difference for row in compared(result, result)} <= {0.0, None}
    last = result.joints[-1]
    x, y = last.shear_force
    other = replace(result, joints=(*result.joints[:-1], replace(last, shear_force=(1.1 * x, 1.1 * y))))
    rows = {row.name: row.difference for row in compared(result, other)}
    assert rows["shear force of the joint where both differ most"] == pytest.approx(0.1)


@pytest.mark.long
@pytest.mark.parametrize("run", ONE_BOARD, ids=lambda run: f"{run['case']} {run['board']}")
def test_figures_and_forces_are_those_of_another_resolved_model(run: Run) -> None:
    """Stock forms on another mesh (`benchmarks/reference_3d.py`): D within 0.005, shear forces within 2 %.

    Both are converged to about half of that; where the ball bears on the rim of a stiff layer, and nothing else of it,
    what both are off by is of one sign, 0.003 and 2 % of the reference.
    """
    changes = OVERHANG if run["board"] == "overhang" else {}
    array = meshed(package(run["case"], {**changes, "model.kind": "3d"}), 1.0)
    sector, gauges = array.gauges.sector, array.gauges
    states = service_states(array.package, sector)
    read = read_joints(gauges, solve_states(sector, states, How()).fields[0])
    free = read_severed(gauges, *solve_severed(sector, states, How()).sides[0])
    known = resolved(run, gauges.joints)
    assert np.abs(decoupling_figures(read.shift, free.shift) - known["D"]).max() < 0.005
    assert force_error(read.shear_force, known["shear"]) < 0.02
    assert np.abs(read.axial_force - known["axial"]).max() < 0.03 * np.abs(known["axial"]).max()
    assert np.abs(free.shift - known["free"]).max() < 2e-3 * np.abs(known["free"]).max()
    largest = run["height"] / 2 * np.linalg.norm(known["shear"], axis=1).max()
    assert np.abs(read.moment[:, :2] - known["moment"]).max() < 0.02 * largest


@pytest.mark.long
def test_a_joint_that_no_temperature_has_moved_has_no_figure_there() -> None:
    """A cycle back to assembly, of the conventional package, its own reference: all of D is of the other end."""
    changes = {**SMALL, "temperatures.cycle": ["25 degC", "125 degC"], "temperatures.assembly": "25 degC"}
    del changes["second_layer.stress_free"]
    result = solve_resolved(package("conventional", changes))
    rest, hot = result.decoupling.at
    assert rest.figure is None and rest.pad_to_pad is None and rest.free == 0.0
    assert hot.figure == pytest.approx(result.decoupling.figure, rel=1e-6)
    assert result.decoupling.force_reduction is None


@pytest.mark.long
def test_a_strip_stands_for_the_middle_row_of_a_long_array() -> None:
    """Chip and board stretch alike along y, so that each takes a Poisson's share across: 1 + nu times the mismatch.

    Severed, x (alpha_b - alpha_c) dT (1 + nu), as both have one nu; 3 % for layers, rims and what the board bends.
    """
    changes: dict[str, object] = {**SMALL, "array.rows": 15, "model.extent": "strip"}
    changes |= {"chip.length": "7.6 mm", "board.length": "8.1 mm"}
    strip = solve_resolved(loads(DECOUPLED % ("soft_layer", "soft_adhesive") + COMMON % "solder", changes))
    assert {(joint.row, joint.column) for joint in strip.joints} == {(8, 1), (8, 2)}
    for joint in strip.joints:
        assert joint.y == 0.0
        assert abs(joint.shear_force[1]) < 1e-6 * abs(joint.shear_force[0])
    cold, hot = strip.decoupling.at
    mismatch = 0.25 * (16e-6 - 2.6e-6) * (hot.temperature - cold.temperature)
    assert abs(hot.free) + abs(cold.free) == pytest.approx(1.28 * mismatch, rel=0.03)
