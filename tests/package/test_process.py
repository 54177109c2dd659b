"""How a package is made: what its file says, what follows from it, and every refusal of an order that cannot be."""

import tomllib
from typing import Any

import pytest

from fem_wlp.errors import CATALOGUE, ConfigError, ConfigErrors
from fem_wlp.materials.library import material
from fem_wlp.package import loads, replace, resolved_toml, template
from fem_wlp.package.process import Cure, Melt
from fem_wlp.package.reference import reference_package
from fem_wlp.package.rules import faults_at
from fem_wlp.study.parameters import varied_paths

from .processes import (
    ADHESIVE,
    APPLY_1,
    APPLY_2,
    BOTH,
    CONVENTIONAL,
    CURE_1,
    CURE_2,
    CYCLE,
    DICE,
    FILL,
    GRIND,
    JOIN,
    LAND,
    MOUNT,
    OPEN_1,
    OPEN_2,
    PASTE,
    PLACE,
    PLATE,
    REMELT,
    Tables,
    added,
    made,
    moved,
    without,
)

REFUSED: list[tuple[str, str, str, Tables, list[Any] | None, str]] = [
    # code, template, key in the message, changed keys, order of the steps, words of the message
    ("P201", ADHESIVE, "process.2.step", {"process.2.step": "curing"}, None, 'did you mean "cure"?'),
    ("P202", ADHESIVE, "process.0", {}, moved(CURE_1, APPLY_1), "cannot be cured before the first layer is applied"),
    ("P202", ADHESIVE, "process.0", {}, moved(OPEN_1, APPLY_1), "cannot be opened before the first layer is applied"),
    ("P202", ADHESIVE, "process.5", {}, moved(FILL, OPEN_2), "cannot be filled in before the second layer is opened"),
    ("P202", ADHESIVE, "process.7", {}, moved(PLACE, FILL), "cannot be placed before the cylinder is filled in"),
    ("P202", ADHESIVE, "process.2", {}, moved(PLATE, CURE_1), "cannot be plated before the first layer is cured"),
    ("P202", ADHESIVE, "process.2", {}, moved(OPEN_1, APPLY_2), "before the first layer is opened"),
    ("P202", ADHESIVE, "process.3", {}, moved(APPLY_2, PLATE), "cannot be applied before the interconnect is plated"),
    ("P202", ADHESIVE, "process.7", {}, moved(JOIN, FILL), "cannot be cured before the cylinder is filled in"),
    ("P202", PASTE, "process.8", {}, moved(JOIN, PLACE), "cannot be remelted before the ball is placed"),
    ("P203", ADHESIVE, "process.3", {}, [*range(3), CURE_1, *range(3, 14)], "the first layer was cured before"),
    ("P203", ADHESIVE, "process.12", {}, [*range(12), DICE, *range(12, 14)], "the wafer was divided before"),
    ("P203", ADHESIVE, "process.13", {}, [*range(13), MOUNT, CYCLE], "the ball was mounted before"),
    ("P203", ADHESIVE, "process.13", {}, added(LAND, CYCLE), "the land is there since mounting"),
    ("P204", ADHESIVE, "first_layer", {}, without(CURE_1), 'step = "cure", part = "first_layer"'),
    ("P204", ADHESIVE, "interconnect", {}, without(PLATE), "no step of the process makes the interconnect"),
    ("P204", ADHESIVE, "second_layer", {}, without(CURE_2), "no step of the process makes the second layer"),
    ("P204", PASTE, "cylinder", {}, without(JOIN), 'step = "cure" or step = "remelt"'),
    ("P204", ADHESIVE, "ball", {}, without(PLACE), "no step of the process makes the ball"),
    ("P205", PASTE, "process.7", CONVENTIONAL, None, "the package has no cylinder"),
    ("P205", PASTE, "process.4", CONVENTIONAL, None, "describe the part in [second_layer]"),
    ("P206", PASTE, "process.9.temperature", {"process.9.temperature": "219 degC"}, None, "its liquidus is 220 degC"),
    ("P206", PASTE, "process.9.temperature", {"process.9.temperature": "215 degC", "process.9.liquidus": "200 degC",
        "process.9.solidus": "190 degC"}, None, "SAC305 of the cylinder is molten above 220 degC only"),
    ("P207", PASTE, "process.12.solidus", {"process.12.solidus": "221 degC"}, None, "above the liquidus, 220 degC"),
    ("P208", ADHESIVE, "process.11", {}, without(DICE), "chips are mounted, not wafers"),
    ("P209", ADHESIVE, "process.11", {}, moved(GRIND, MOUNT), "it was divided in step 10"),
    ("P209", ADHESIVE, "process.12", {}, added(REMELT, MOUNT), "there is no wafer any more"),
    ("P210", ADHESIVE, "process.10.thickness", {"process.10.thickness": "0.8 mm"}, None, "cannot be ground to 800 um"),
    ("P210", ADHESIVE, "process.10.thickness", {"process.10.thickness": "0.2 mm"}, None, "the chip has 300 um"),
    ("P210", ADHESIVE, "wafer.thickness", {}, without(GRIND), "the wafer ends with 725 um"),
    ("P211", ADHESIVE, "process.6", {"process.6.shrinkage_kind": ...}, None, "without shrinkage_kind"),
    ("P211", ADHESIVE, "process.6", {"process.6.shrinkage": ...}, None, "without shrinkage;"),
    ("P212", ADHESIVE, "process", {}, without(MOUNT), "no step mounts the device"),
    ("P212", ADHESIVE, "process.12", {}, without(CYCLE), "the last step is no cycle"),
    ("P212", ADHESIVE, "process.12", {}, moved(CYCLE, MOUNT), "looked at when all else is done"),
    ("P213", ADHESIVE, "wafer.diameter", {"chip.width": "20 mm", "wafer.diameter": "25 mm", "board.width": "30 mm"},
        None, "28.284 mm from corner to corner"),
    ("P214", ADHESIVE, "wafer", {"wafer": ...}, None, "[wafer] is missing"),
    ("P215", ADHESIVE, "temperatures.assembly", {"temperatures": {"assembly": "217 degC"}}, None, "follows from"),
    ("P215", ADHESIVE, "cylinder.stress_free", {"cylinder.stress_free": "150 degC"}, None, "take it out"),
    ("P216", PASTE, "process.12", {"process.12.part": "ball"}, None, "SAC305 of the cylinder melts in this heat"),
    ("P216", ADHESIVE, "process.9", {"process.9.temperature": "230 degC"}, None, "SAC305 of the ball melts"),
    ("P217", ADHESIVE, "process.12.part", {"process.12.part": ["cylinder", "ball"]}, None, "nothing of the cylinder"),
    ("P217", ADHESIVE, "process.9", {"cylinder.material": "SAC305"}, None, "it is remelted, not cured"),
    ("P218", ADHESIVE, "process.11", {}, moved(PLACE, GRIND), "lie loose"),
    ("P218", PASTE, "process.12.part", {"process.12.part": "cylinder"}, None, "nothing joins the balls to their lands"),
    ("M108", ADHESIVE, "process.12.solidus", {"cylinder.material": "adhesive-Zahn"}, None, "not at 217 degC"),
    ("M108", ADHESIVE, "process.2.temperature", {"process.2.temperature": "499 degC", "chip.material": "narrow",
        "materials.narrow": {"based_on": "silicon", "CTE_kind": "instantaneous", "source": "a test", "CTE": {
        "temperature": ["-60 degC", "400 degC"], "value": ["2 ppm/K", "4 ppm/K"]}}}, None, "chip.material"),
    ("T102", ADHESIVE, "process.2.temperature", {"process.2.temperature": "600 degC"}, None, "500 degC"),
    ("T103", ADHESIVE, "process.13", {"process.13.condition": ..., "process.13.service": "217 degC"}, None,
        "figure is undefined"),
    ("T104", ADHESIVE, "process.13", {"process.13.condition": ...}, None, "none is given"),
    ("T104", ADHESIVE, "process.13", {"process.13.service": "25 degC"}, None, "service and condition are given"),
    ("F108", ADHESIVE, "process.11.temperature", {"process.11.temperature": "25 degC"}, None, "unknown key"),
    ("F109", ADHESIVE, "process.2.temperature", {"process.2.temperature": ...}, None, 'the key "temperature"'),
    ("F109", ADHESIVE, "process.2.step", {"process.2.step": ...}, None, 'the key "step" is missing'),
    ("F110", ADHESIVE, "process.2", {"process.2": "cure"}, None, "a table is needed"),
    ("F110", ADHESIVE, "process", {"process": [{}] * 101}, None, "at most 100 steps"),
    ("F111", ADHESIVE, "process.2.part", {"process.2.part": "first layer"}, None, 'did you mean "first_layer"?'),
    ("F111", ADHESIVE, "process.12.part", {"process.12.part": ["balls"]}, None, 'did you mean "ball"?'),
    ("F119", ADHESIVE, "process.6.shrinkage", {"process.6.shrinkage": "21 %"}, None, "20 %"),
    ("F119", ADHESIVE, "process.6.shrinkage", {"process.6.shrinkage": "0 %"}, None, "0.001 %"),
    ("F109", ADHESIVE, "temperatures", {"process": []}, None, "[temperatures] is missing"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "name", "key", "changes", "order", "words"), REFUSED)
def test_each_process_that_cannot_be_is_refused_by_its_code_at_its_step(
    code: str, name: str, key: str, changes: Tables, order: list[Any] | None, words: str
) -> None:
    """One change to a sound process: that code, that step, and words that help."""
    with pytest.raises(ConfigError) as caught:
        made(name, changes, order=order)
    faults = caught.value.faults if isinstance(caught.value, ConfigErrors) else (caught.value,)
    found = [fault for fault in faults if fault.code == code]
    assert any(fault.where.endswith(f" {key}") and words in str(fault) for fault in found), str(caught.value)


def test_every_code_of_processes_is_provoked_here() -> None:
    """The catalogue holds no code of a process that no test raises."""
    assert {code for code in CATALOGUE if code.startswith("P2")} == {code for code, *_ in REFUSED if code[0] == "P"}


@pytest.mark.parametrize(
    ("name", "changes", "order"),
    [
        (ADHESIVE, {}, moved(CURE_1, OPEN_1)),
        (ADHESIVE, {}, without(OPEN_1)),
        (ADHESIVE, {}, moved(GRIND, APPLY_1)),
        (ADHESIVE, {"wafer.thickness": "0.3 mm"}, without(GRIND)),
        (ADHESIVE, {}, [*range(10), {"step": "grind", "thickness": "0.5 mm"}, *range(10, 14)]),
        (ADHESIVE, {}, added(LAND, APPLY_1)),
        (ADHESIVE, {}, added(LAND, MOUNT)),
        (ADHESIVE, {}, added(REMELT, GRIND)),
        (ADHESIVE, {"process.9.temperature": "219 degC"}, None),
        (PASTE, {}, [*range(10), 9, *range(10, 14)]),
        (PASTE, {"process.9.part": "cylinder"}, [*range(8), 9, 8, BOTH, *range(10, 14)]),
        (PASTE, CONVENTIONAL, [0, 1, 2, 3, 8, REMELT, 10, 11, {**REMELT, "step": "mount"}, 13]),
    ],
)  # fmt: skip
def test_other_orders_that_can_be_are_admitted(name: str, changes: Tables, order: list[Any] | None) -> None:
    """Nothing is refused only because it is unusual; each is written out and read again."""
    package = made(name, changes, order=order)
    assert loads(resolved_toml(package)) == package


def test_one_temperature_for_each_part_follows_from_the_process() -> None:
    """The last birth counts: cure, plating, solidus; the assembly temperature is the solidus of mounting."""
    package = made(PASTE, {"process.9.solidus": "216 degC"}, order=added(LAND, MOUNT))
    assert package.temperatures.assembly == pytest.approx(273.15 + 217.0)
    assert package.temperatures.points == pytest.approx((233.15, 398.15))
    parts = (
        package.first_layer,
        package.interconnect,
        package.second_layer,
        package.cylinder,
        package.ball,
        package.land,
    )
    born = [part.stress_free for part in parts if part is not None]
    assert born == pytest.approx([273.15 + celsius for celsius in (350, 25, 150, 217, 217, 25)])
    (notice,) = package.notices
    assert (notice.code, notice.value) == ("W105", "")
    assert "interconnect 25 degC" in notice.message


def test_a_file_without_process_stays_as_it_was_and_a_wafer_alone_is_noticed() -> None:
    """W106."""
    package = loads(template("compliant"), {"wafer": {"diameter": "200 mm", "thickness": "725 um"}})
    assert package.process == ()
    assert [notice.code for notice in package.notices] == ["W106"]


def test_an_assembly_above_the_liquidus_is_noticed_once_for_each_solder() -> None:
    """W107: the peak of the oven is written for the temperature at which the joints become solid."""
    solidus, peak = (loads(template("paste"), {"temperatures.assembly": at}) for at in ("217 degC", "245 degC"))
    assert solidus.notices == ()
    (notice,) = peak.notices
    assert (notice.code, notice.where) == ("W107", "--set temperatures.assembly=245 degC")
    assert "220 degC" in notice.message
    assert "245 degC" in notice.message


def test_linear_shrinkage_is_a_third_of_the_volume_s() -> None:
    """0.3 % of length, or 0.9 % of volume; without either none."""
    linear, volume = (
        made(ADHESIVE),
        made(ADHESIVE, {"process.6.shrinkage": "0.9 %", "process.6.shrinkage_kind": "volume"}),
    )
    for package in (linear, volume):
        step = package.process[6]
        assert isinstance(step, Cure)
        assert step.linear_shrinkage == pytest.approx(0.003, rel=1e-12)
    first = linear.process[2]
    assert isinstance(first, Cure)
    assert first.linear_shrinkage == 0.0


def test_a_step_is_changed_from_the_command_line_and_all_that_follows_with_it() -> None:
    """Counted from 0; the old package stays."""
    package = made(PASTE)
    changed = replace(package, "process.12.solidus", "200 degC")
    step = changed.process[12]
    assert isinstance(step, Melt)
    assert step.solidus == changed.temperatures.assembly == pytest.approx(473.15)
    assert package.temperatures.assembly == pytest.approx(490.15)
    assert changed != package
    assert hash(replace(changed, "process.12.solidus", "217 degC")) == hash(package)


def test_the_resolved_file_names_what_follows_from_the_process_and_does_not_give_it_twice() -> None:
    """It is read again as the same package."""
    resolved = resolved_toml(made(ADHESIVE))
    assert "# temperatures: follow from the process" in resolved
    assert "# stress_free: 350 degC, follows from the process" in resolved
    assert "temperatures" not in tomllib.loads(resolved)
    assert len(tomllib.loads(resolved)["process"]) == 14


def test_the_package_to_compare_with_keeps_the_temperatures_that_the_process_implies() -> None:
    """Without second layer and cylinder the steps would not fit: it has none."""
    package = made(ADHESIVE)
    reference = reference_package(package)
    assert reference is not None
    assert (reference.process, reference.wafer) == ((), None)
    assert reference.temperatures == package.temperatures
    assert reference.first_layer.stress_free == package.first_layer.stress_free
    assert faults_at(reference, reference.temperatures.points) == []
    assert reference.ball.material == material("SAC305")


def test_a_study_varies_steps_and_not_what_follows_from_them() -> None:
    """Paths by the number of a step."""
    paths = set(varied_paths(made(ADHESIVE)))
    assert {"process.6.temperature", "process.6.shrinkage", "wafer.thickness"} <= paths
    assert not {"temperatures.assembly", "second_layer.stress_free"} & paths
