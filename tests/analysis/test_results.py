"""What a result says: sums, signs, references, curves, and that it says the same again."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, Future
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fem_wlp import beside
from fem_wlp.analysis import COARSE, job
from fem_wlp.beside import second_process
from fem_wlp.mesh.section import Grading
from fem_wlp.package import Package, load, loads, resolved_toml, template
from fem_wlp.results import Result, as_data
from fem_wlp.verification.packages import OVERHANG, package

from .packages import solved


@pytest.fixture(scope="module", params=["conventional", "soft", "paste"])
def result(request: pytest.FixtureRequest) -> Result:
    return solved(package(request.param, OVERHANG))


def test_budgets_sum_to_one(result: Result) -> None:
    """Shift and energy, by construction; every region has its share of the energy, none is negative."""
    shift, energy = result.decoupling.shift_budget, result.decoupling.energy_budget
    assert sum(shift.values()) == pytest.approx(1.0, rel=1e-12)
    assert sum(energy.values()) == pytest.approx(1.0, rel=1e-12)
    assert min(energy.values()) > 0.0
    assert set(energy) == set(result.field.mesh.names)
    parts = ["first_layer", "base_region", *(["cylinder"] if result.package.cylinder else []), "ball", "land"]
    assert list(shift) == parts


def test_figures_lie_between_their_limits(result: Result) -> None:
    """0 < D < raw value < 1, D + coupling = 1, D < D_F < 1."""
    d = result.decoupling
    assert 0.0 < d.figure < d.pad_to_pad < 1.0
    assert d.figure + d.coupling == pytest.approx(1.0, rel=1e-15)
    assert d.figure < d.force_based < 1.0


def test_forces_on_the_chip_balance(result: Result) -> None:
    """Shear and axial forces of all joints add up to nothing, and so do their moments about the centre: 1e-9."""
    places = np.array([[joint.x, joint.y] for joint in result.joints])
    shear = np.array([joint.shear_force for joint in result.joints])
    axial = np.array([joint.axial_force for joint in result.joints])
    moment = np.array([joint.moment for joint in result.joints])
    scale = np.abs(shear).sum()
    assert np.abs(shear.sum(axis=0)).max() < 1e-9 * scale
    assert abs(axial.sum()) < 1e-9 * scale
    assert abs((places[:, 0] * shear[:, 1] - places[:, 1] * shear[:, 0]).sum()) < 1e-9 * scale
    # about x and y; axial tension pulls the chip down
    assert np.abs((moment[:, 0] - places[:, 1] * axial).sum()) < 1e-9 * scale
    assert np.abs((moment[:, 1] + places[:, 0] * axial).sum()) < 1e-9 * scale


def test_signs_are_those_of_a_cooled_package(result: Result) -> None:
    """The board contracts more: it moves inwards under the chip, pulls the joints inwards, and both bow into a dome."""
    for joint in result.joints:
        outward = np.array([joint.x, joint.y])
        for pair in (joint.free, joint.shift, joint.pad_to_pad, joint.shear_force):
            assert outward @ pair < 0.0
    assert result.warpage.chip > 0.0
    assert result.warpage.board > 0.0
    corner = result.joints[0]
    assert (corner.row, corner.column) == (1, 1)
    assert corner.x < 0.0 < corner.y


def test_shift_follows_pad_to_pad_less_tilt(result: Result) -> None:
    """A dome tilts its outer joints so that raw pad to pad is larger than what they deform by."""
    for joint in result.joints:
        assert np.hypot(*joint.pad_to_pad) > np.hypot(*joint.shift) > 0.0


def test_decoupling_grows_outward_along_the_diagonal(result: Result) -> None:
    """The innermost joint has the smallest D; the package's is that of the joint farthest from the centre."""
    by_place = {(joint.row, joint.column): joint for joint in result.joints}
    inner, outer = by_place[2, 2].decoupling, by_place[1, 1].decoupling
    assert inner is not None
    assert outer is not None
    assert inner < outer == result.decoupling.figure


def test_a_soft_cylinder_is_what_decouples() -> None:
    """Most of the shift is the cylinder's; force and chip stress are far below the conventional package's."""
    d = solved(package("soft", OVERHANG)).decoupling
    assert d.shift_budget["cylinder"] > 0.5
    assert d.force_reduction is not None
    assert d.chip_stress_relief is not None
    assert d.reference_figure is not None
    assert 0.8 < d.force_reduction < 1.0
    assert 0.0 < d.chip_stress_relief < 1.0
    assert d.reference_figure < d.figure


def test_a_conventional_package_is_its_own_reference() -> None:
    d = solved(package("conventional", OVERHANG)).decoupling
    assert d.force_reduction is d.chip_stress_relief is d.reference_figure is None


def with_reference(folder: Path, named: Package, case: str) -> Package:
    """A case of the tests whose file names another package as its reference."""
    (folder / "other.toml").write_text(resolved_toml(named))
    (folder / "own.toml").write_text(f'reference = "other.toml"\n{resolved_toml(package(case, OVERHANG))}')
    return load(folder / "own.toml")


def test_against_itself_a_package_reduces_nothing(tmp_path: Path) -> None:
    """A file may name its reference; naming itself, force and stress are reduced by 0 and D is the same; 1e-9."""
    itself = solved(with_reference(tmp_path, package("soft", OVERHANG), "soft")).decoupling
    assert itself.force_reduction == pytest.approx(0.0, abs=1e-9)
    assert itself.chip_stress_relief == pytest.approx(0.0, abs=1e-9)
    assert itself.reference_figure == pytest.approx(itself.figure, abs=1e-3)  # the coarse mesh's


def test_a_named_reference_of_another_array_is_solved_as_it_is(tmp_path: Path) -> None:
    """Its own critical joint on its own plates, meshed half as finely, within the error that is stated of that mesh."""
    larger = package("paste", {**OVERHANG, "array.rows": 6, "array.columns": 6, "chip.width": "3 mm"})
    d = solved(with_reference(tmp_path, larger, "paste")).decoupling
    alone = solved(larger, COARSE.refined(0.5))
    error = alone.certificates.discretisation_error.figure
    assert d.reference_figure == pytest.approx(alone.decoupling.figure, abs=error)
    assert d.force_reduction is not None
    assert d.force_reduction > 0.0


def test_a_solve_gives_the_same_numbers_again() -> None:
    """To the last bit, though threads work side by side: nothing depends on who is first."""
    one, other = (as_data(solved(package("paste"))) for _ in range(2))
    assert one == other
    assert json.loads(json.dumps(one)) == json.loads(json.dumps(other))


class Recorder(Executor):
    """Hands on what is asked, and keeps what was taken."""

    def __init__(self, executor: Executor) -> None:
        self.executor, self.futures = executor, list[Future[Any]]()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Hand on."""
        self.futures.append(self.executor.submit(fn, *args, **kwargs))
        return self.futures[-1]


def made() -> Package:
    """Four joints with a process."""
    return loads(template("paste-process"), {"array.rows": 2, "array.columns": 2})


@pytest.mark.parametrize(
    ("subject", "shared"),
    [(lambda: package("paste"), 4), pytest.param(made, 5, marks=pytest.mark.long)],
    ids=["paste", "process"],
)
@pytest.mark.parametrize("lost", [False, True])
def test_a_second_process_changes_no_number(
    subject: Callable[[], Package], shared: int, lost: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor does its end in the middle of the work.

    Its share are chip and board on two meshes, the reference package, the curves, and how the divided chip bends.
    """
    sketch = COARSE.refined(0.5)
    alone = as_data(job.solve(subject(), grading=sketch))
    monkeypatch.setattr(beside, "cores", lambda: 2)
    with second_process() as executor:
        assert executor is not None
        asked = Recorder(executor)
        if lost:
            executor.submit(os._exit, 9)
        assert as_data(job.solve(subject(), grading=sketch, beside=asked)) == alone
        assert lost or len(asked.futures) == shared
        ends = [future.exception() for future in asked.futures]
        assert all(isinstance(end, BrokenExecutor) if lost else end is None for end in ends)


def test_every_step_is_told_when_it_begins() -> None:
    """Progress names each step once, and the provenance keeps its seconds."""
    steps: list[str] = []
    result = job.solve(package("conventional"), steps.append, job.COARSE)
    assert len(steps) == len(set(steps)) >= 5
    assert set(result.provenance["seconds"]) == set(steps)


@pytest.fixture(scope="module")
def curves() -> Result:
    return job.solve(package("soft", OVERHANG), grading=Grading())


def test_curves_pass_through_the_present_package(curves: Result) -> None:
    """At the package's own value each curve has its D, to the error of the mesh for drawing, 0.01."""
    assert [curve.parameter for curve in curves.curves] == [
        "second_layer.thickness",
        "cylinder.material.E",
        "ball.material.E",
    ]
    for curve in curves.curves:
        assert curve.present in curve.values
        assert curve.figures[curve.values.index(curve.present)] == pytest.approx(curves.decoupling.figure, abs=0.01)


def test_curves_rise_with_thickness_and_fall_with_moduli(curves: Result) -> None:
    """Soft layer: thicker decouples more, stiffer less; 0.01 is left to the axial stiffness where plates bend."""
    thickness, cylinder, ball = (np.array(curve.figures) for curve in curves.curves)
    assert np.all(np.diff(thickness) > 0.0)
    assert np.all(np.diff(cylinder) < 0.01)
    assert np.all(np.diff(ball) < 0.01)
    assert cylinder[0] - cylinder[-1] > 0.2
