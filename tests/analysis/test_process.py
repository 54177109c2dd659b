"""A package made by its process: what must be nothing, what must not matter, and what must."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import fields, replace

import numpy as np
import pytest
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from fem_wlp.analysis import COARSE, device, job
from fem_wlp.analysis.device import made_and_divided, mounted_states, processed, reborn, severed_device
from fem_wlp.analysis.figures import figures
from fem_wlp.analysis.making import large_deflections, reflow_of
from fem_wlp.analysis.response import (
    Response,
    condensed_cells,
    figure_of,
    respond,
    respond_cut,
    surroundings,
    with_chip_at,
)
from fem_wlp.joint.condense import CellModel, cell_model, film_stress
from fem_wlp.joint.section import cell_section
from fem_wlp.joint.severed import Side, chip_side
from fem_wlp.limits import disc_decoupling
from fem_wlp.materials.model import stiffness
from fem_wlp.package import Package, loads, resolved_toml, template
from fem_wlp.process.growth import bare_wafer, shape_at, state_at
from fem_wlp.process.history import stages
from fem_wlp.process.making import made_on_wafer
from fem_wlp.process.standing import WAFER
from fem_wlp.results import ProcessResult, Result

Floats = NDArray[np.float64]

SKETCH = COARSE.refined(0.6)
PROCESSES = ("adhesive-process", "paste-process")
SMALL = {"array.rows": 4, "array.columns": 4, "chip.width": "2.4 mm", "board.width": "4 mm"}
"""A smaller array: nothing of what is tested depends on it."""


def constant(name: str) -> Package:
    """A process whose solder and board do not stiffen in the cold."""
    text = re.sub(r'"(SAC305|FR4-D)"', r'"even-\1"', template(name))
    return loads(
        text
        + '\n[materials.even-SAC305]\nbased_on = "SAC305"\nE = "45 GPa"\nsource = "chosen"\n'
        + '\n[materials.even-FR4-D]\nbased_on = "FR4-J"\nsource = "chosen"\n',
        SMALL,
    )


def at_one_temperature(name: str) -> Package:
    """A process with every birth at the solidus, without shrinkage."""
    package = loads(re.sub(r"^shrinkage.*\n", "", template(name), flags=re.MULTILINE), SMALL)
    solidus = f"{package.temperatures.assembly - 273.15:.10g} degC"
    for number, step in enumerate(package.process):
        if step.step in ("cure", "plate", "place"):
            package = package.replace(f"process.{number}.temperature", solidus)
    return package


def answers(package: Package) -> tuple[CellModel, Response, Response]:
    """The mounted device, and that with severed joints."""
    with threadpool_limits(1):
        model = cell_model(cell_section(package), SKETCH)
        process = processed(package, surroundings(package, model.section), made_and_divided(package, model))
        around = reborn(surroundings(package, model.section), package, process.base)
        response = respond(around, package, model.section, process.cells.elements, base=process.base)
        return model, response, severed_device(around, package, process)


def one_step(package: Package, model: CellModel) -> tuple[Response, Response]:
    """The same from the temperatures of birth alone."""
    with threadpool_limits(1):
        around, cells = surroundings(package, model.section), condensed_cells(model, package)
        response = respond(around, package, model.section, cells.elements)
        return response, respond_cut(around, package, cells.severed)


@pytest.mark.parametrize("name", PROCESSES)
def test_in_the_state_of_mounting_nothing_has_moved(name: str) -> None:
    """No motion, no force: 1e-9 of what the cycle brings."""
    package = loads(template(name), SMALL)
    with threadpool_limits(1):
        model = cell_model(cell_section(package), SKETCH)
        process = processed(package, surroundings(package, model.section), made_and_divided(package, model))
        base, at = process.base, (process.base.temperature,)
        cells = condensed_cells(model, package, mounted_states(base, at))
        around = reborn(surroundings(package, model.section, at), package, base)
        still = respond(around, package, model.section, cells.elements, base=base).solutions[0]
        cut = severed_device(around, package, process_at(process, cells)).solutions[0]
        mismatch = 1e-5 * max(joint.dnp for joint in package.array.joints)
    for solution in (still, cut):
        assert np.abs(solution.shift).max() < 1e-9 * mismatch
        assert max(np.abs(solution.shear_force).max(), np.abs(solution.axial_force).max()) < 1e-9
    assert np.abs(film_stress(model, state_at(base.growth, base.temperature))).max() > 1.0
    assert np.abs(film_stress(model, cells.states[0])).max() < 1e-9


def process_at(process: object, cells: object) -> object:
    """The process with the joint at other temperatures."""
    values = {item.name: getattr(process, item.name) for item in fields(process)}  # type: ignore[arg-type]
    return type(process)(**{**values, "cells": cells})


@pytest.mark.parametrize("name", PROCESSES)
def test_history_does_not_matter_to_the_figure_of_constant_stiffness(name: str) -> None:
    """D and the shear force over the cycle are those of one step to 1e-9, the bow and the loads themselves are not."""
    package = constant(name)
    cold, hot = package.temperatures.points
    for part in (package.ball, package.board, package.chip, package.first_layer, package.interconnect):
        np.testing.assert_array_equal(stiffness(part.material, cold), stiffness(part.material, hot))
    model, response, free = answers(package)
    one, one_free = one_step(package, model)
    assert figure_of(response, free, 0) == pytest.approx(figure_of(one, one_free, 0), rel=1e-9)
    np.testing.assert_allclose(response.change("shear_force"), one.change("shear_force"), rtol=1e-9, atol=1e-12)
    loads_differ = np.abs(response.solutions[0].shear_force[0] / one.solutions[0].shear_force[0] - 1.0).max()
    assert loads_differ > 1e-3


def test_births_at_one_temperature_are_the_one_step_analysis() -> None:
    """Whatever the stiffness does: shifts and forces at both temperatures, to 1e-9."""
    package = at_one_temperature("paste-process")
    model, response, free = answers(package)
    one, one_free = one_step(package, model)
    for mine, other in ((response, one), (free, one_free)):
        for solution, known in zip(mine.solutions, other.solutions, strict=True):
            np.testing.assert_allclose(solution.shift, known.shift, rtol=1e-9, atol=1e-9 * np.abs(known.shift).max())
            np.testing.assert_allclose(solution.shear_force, known.shear_force, rtol=1e-9, atol=1e-10)
            assert solution.chip_shape.warpage == pytest.approx(known.chip_shape.warpage, rel=1e-9)


def test_a_land_that_was_plated_before_pulls_at_the_board() -> None:
    """Born at 25 °C on the free board it carries the one-step stress of such a land, and no other part notices."""
    package = at_one_temperature("paste-process")
    plating = '[[process]]\nstep = "plate"\npart = "land"\ntemperature = "25 degC"\n\n[[process]]\nstep = "mount"'
    plated = loads(resolved_toml(package).replace('[[process]]\nstep = "mount"', plating))
    assert len(plated.process) == len(package.process) + 1
    model, response, _ = answers(plated)
    one, _ = one_step(plated, model)
    for mine, other in zip(response.solutions, one.solutions, strict=True):
        np.testing.assert_allclose(mine.shear_force, other.shear_force, rtol=1e-9, atol=1e-10)
    _, before, _ = answers(package)
    assert np.abs(before.solutions[0].chip_shape.warpage - response.solutions[0].chip_shape.warpage) > 1e-9


def test_harmonic_2_at_room_temperature_is_good_enough_for_the_warpage_of_the_single_chip() -> None:
    """Of a thin, oblong chip whose solder softens: 1e-4 of the largest; without any of it more than that."""
    sizes = {"array.rows": 2, "array.columns": 6, "chip.width": "3.2 mm", "chip.length": "1.2 mm"}
    package = loads(template("paste-process"), {**sizes, "chip.thickness": "60 um"})
    with threadpool_limits(1):
        model = cell_model(cell_section(package), SKETCH)
        around = surroundings(package, model.section)
        wafer = made_and_divided(package, model)
        divided, temperatures = wafer.divided, reflow_of(wafer.divided.temperature, wafer.stages)
        whole = device.severed_at(divided.growth, temperatures[0]).section
        alone = with_chip_at(around, package, whole, temperatures, divided.growth.born[WAFER])

        def bent(side: Callable[[float], Side]) -> Floats:
            severed = [replace(divided.severed, chip=side(temperature)) for temperature in temperatures]
            solutions = respond_cut(alone, package, severed, divided).solutions
            return np.array([solution.chip_shape.warpage for solution in solutions])

        exact = bent(lambda temperature: device.severed_at(divided.growth, temperature).chip)
        there = CellModel(whole, model.space)
        none = bent(
            lambda temperature: chip_side(
                there, state_at(divided.growth, temperature), planar=np.zeros((2, 2)), footprint=False
            )
        )
        told = device.free_chip(package, around, divided, temperatures).solutions
    largest = np.abs(exact).max()
    np.testing.assert_allclose([one.chip_shape.warpage for one in told], exact, rtol=0, atol=1e-4 * largest)
    assert np.abs(none - exact).max() > 1e-4 * largest


@pytest.fixture(scope="module")
def solved() -> Result:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(job, "curves_of", lambda *_: ())
        return job.solve(loads(template("adhesive-process"), SMALL), grading=SKETCH)


def made(result: Result) -> ProcessResult:
    assert result.process is not None
    return result.process


def test_a_bath_leaves_stress_in_what_it_plates() -> None:
    """A base region born under 80 MPa relaxes on its soft polyimide as a disc on a shear layer does, to 20 %.

    Its mean stress is 1 - w(R)/(e R) of the film's, with w of a disc on a layer of shear stiffness G/h. The
    polyimide is no shear spring at the rim.
    """
    package = loads(template("adhesive-process")).replace("process.3.stress", "80 MPa")
    model = cell_model(cell_section(package), SKETCH)
    plated = made_on_wafer(bare_wafer(model, 100.0, 298.15), stages(package)[:4], shape_at)[-1]
    E, nu, thickness, radius, stiffness_of_layer = 117e3, 0.34, 0.005, 0.12, 3300.0 / 2.68 / 0.008
    reach = radius * np.sqrt(stiffness_of_layer * (1.0 - nu**2) / (E * thickness))
    in_plane = plated.shape.mean_stress("base_region")[:2].mean()
    assert in_plane == pytest.approx(80.0 * (1.0 - float(disc_decoupling(reach, nu))), rel=0.2)
    assert plated.stage.births[0].shrinkage == pytest.approx(80.0 * 0.66 / 117e3, rel=1e-6)


def test_every_step_is_told(solved: Result) -> None:
    """Bow on the wafer, warpage beyond it, stresses of what is there; newborn parts have none but by shrinkage."""
    steps = made(solved).steps
    assert [step.body for step in steps] == ["wafer"] * 11 + ["chip"] + ["board"] * 2
    for step in steps:
        assert (step.bow is None) is (step.body != "wafer") and (step.chip_warpage is None) is (step.body == "wafer")
    cured = next(step for step in steps if step.born == ("first_layer",))
    assert cured.parts["first_layer"].von_mises == pytest.approx(0.0, abs=1e-9)
    plated = next(step for step in steps if step.born == ("base_region",))
    assert plated.parts["base_region"].von_mises < 1e-9 * plated.parts["first_layer"].von_mises
    assert plated.bow is not None and plated.bow < 0.0  # the polyimide pulls: a bowl, joints up
    assert "core" not in cured.parts and "core" in steps[-1].parts


def test_a_wafer_that_bows_by_more_than_half_its_thickness_is_no_case_of_small_deflections(solved: Result) -> None:
    """It says so, with the step: the ground one, 0.3 mm thick; a hundredth of its bow would say nothing."""
    furthest = max(made(solved).steps, key=lambda step: abs(step.bow_at_room or 0.0))
    share = abs(furthest.bow_at_room or 0.0) / solved.package.chip.thickness
    (note,) = large_deflections(solved.package, made(solved))
    assert f"{share:.1f} times its thickness (step {furthest.step}, grind" in note and note in solved.notes
    flat = [
        replace(step, bow=0.01 * step.bow, bow_at_room=0.01 * step.bow_at_room) if step.bow else step
        for step in made(solved).steps
    ]
    assert large_deflections(solved.package, replace(made(solved), steps=tuple(flat))) == ()


def test_the_warpage_of_the_chip_falls_towards_the_solder(solved: Result) -> None:
    """Signed: its films pull the lower face together when it is cold."""
    warpages = [one.chip for one in made(solved).reflow]
    assert np.all(np.diff(warpages) < 0) and warpages[0] > 0 > warpages[-1]
    divided = next(step for step in made(solved).steps if step.body == "chip")
    assert divided.chip_warpage == pytest.approx(warpages[0], rel=1e-9)


def test_the_result_counts_from_mounting(solved: Result) -> None:
    """And differs from the one step by as much as its host's bow at birth."""
    one = made(solved).one_step
    assert solved.decoupling.figure == pytest.approx(one.figure, abs=2e-3)
    assert solved.decoupling.figure != pytest.approx(one.figure, rel=1e-7)
    assert solved.certificates.section_forces < 1e-6 and solved.certificates.equilibrium < 1e-9


@pytest.mark.long
def test_single_figures_are_those_of_solve() -> None:
    """A study's figures of a package with a process know its history."""
    package = loads(template("adhesive-process"), {**SMALL, "model.fineness": 0.4})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(job, "curves_of", lambda *_: ())
        single = figures(package, ["decoupling.figure", "process.one_step.figure"])
        whole = job.solve(package)
    assert single == {
        "decoupling.figure": whole.decoupling.figure,
        "process.one_step.figure": made(whole).one_step.figure,
    }
