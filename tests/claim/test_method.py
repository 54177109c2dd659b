"""Each claim of the method, met, not met and not applicable, by a process changed for it."""

from collections.abc import Callable

import pytest

from fem_wlp import claims, loads, template
from fem_wlp.claim.method import METHOD
from fem_wlp.claim.record import Finding
from fem_wlp.package.model import Package
from fem_wlp.package.process import Step

ALL = [f"M{number}" for number in range(1, 10)]
Steps = tuple[Step, ...]


def package(name: str = "adhesive-process", **changes: object) -> Package:
    return loads(template(name), {key.replace("__", "."): value for key, value in changes.items()})


def made_otherwise(change: Callable[[Steps], Steps], name: str = "adhesive-process") -> Package:
    """A package whose steps are changed behind the back of all rules."""
    read = package(name)
    return read.model_copy(update={"process": change(read.process)})


def is_deed(step: Step, word: str, part: str) -> bool:
    return step.step == word and (not part or part in getattr(step, "part", ""))


def without(word: str, part: str = "") -> Callable[[Steps], Steps]:
    return lambda steps: tuple(step for step in steps if not is_deed(step, word, part))


def moved(word: str, part: str, behind: str, its: str = "") -> Callable[[Steps], Steps]:
    """The steps with one of them moved behind another."""

    def change(steps: Steps) -> Steps:
        (one,) = (step for step in steps if is_deed(step, word, part))
        rest = [step for step in steps if step is not one]
        place = next(number for number, step in enumerate(rest) if is_deed(step, behind, its))
        return (*rest[: place + 1], one, *rest[place + 1 :])

    return change


def of_the_method(package: Package) -> dict[str, str]:
    return {claim.id: claim.verdict for claim in claims(package).claims if claim.id.startswith("M")}


@pytest.mark.parametrize("name", ["adhesive-process", "paste-process"])
def test_both_ready_processes_are_as_claimed(name: str) -> None:
    found = claims(package(name))
    assert of_the_method(package(name)) == dict.fromkeys(ALL, "met")
    assert [claim.id for claim in found.claims if claim.verdict != "met"] == ["D13"]


@pytest.mark.parametrize("name", ["compliant", "conventional", "paste", "micro-smd"])
def test_without_a_process_nothing_is_said_of_the_method(name: str) -> None:
    found = claims(package(name))
    assert of_the_method(package(name)) == dict.fromkeys(ALL, "not applicable")
    assert {found[claim].finding.reason for claim in ALL} == {"the file has no [[process]]"}


def test_a_process_without_second_layer_is_held_against_what_is_left() -> None:
    """A conventional package, made on its wafer, divided and mounted."""
    parts = {"second_layer": None, "opening": None, "cylinder": None}

    def bare(steps: Steps) -> Steps:
        return tuple(step for step in steps if getattr(step, "part", "") not in ("second_layer", "cylinder"))

    found = of_the_method(made_otherwise(bare).model_copy(update=parts))
    idle = {"M3", "M4", "M5", "M6", "M7"}
    assert found == {claim: "not applicable" if claim in idle else "met" for claim in ALL}


def test_without_pads_none_can_stay_open() -> None:
    assert of_the_method(package(chip__pads=None))["M1"] == "not applicable"


@pytest.mark.parametrize(
    ("claim", "change", "reason"),
    [
        ("M1", without("open", "first_layer"), 'no step "open" of the first layer'),
        ("M1", moved("apply", "first_layer", "open", "first_layer"), "process.0 comes before process.1"),
        ("M1", moved("open", "first_layer", "plate", "interconnect"), "process.2 comes before process.3"),
        ("M2", without("plate", "interconnect"), 'no step "plate" of the interconnect'),
        ("M2", moved("apply", "first_layer", "plate", "interconnect"), "process.2 comes before process.3"),
        ("M3", without("apply", "second_layer"), 'no step "apply" of the second layer'),
        ("M3", moved("plate", "interconnect", "apply", "second_layer"), "process.3 comes before process.4"),
        ("M4", without("open", "second_layer"), 'no step "open" of the second layer'),
        ("M4", moved("apply", "second_layer", "open", "second_layer"), "process.4 comes before process.5"),
        ("M5", without("fill"), 'no step "fill" of the cylinder'),
        ("M5", moved("open", "second_layer", "fill"), "process.6 comes before process.7"),
        ("M6", without("place"), 'no step "place" of the ball'),
        ("M6", moved("fill", "", "place"), "process.7 comes before process.8"),
        ("M7", without("cure", "cylinder"), "no step cures or remelts the cylinder"),
        ("M7", moved("place", "", "cure", "cylinder"), "process.8 comes before any ball is placed"),
        ("M8", without("dice"), "no step divides the wafer"),
        ("M8", moved("cure", "cylinder", "dice"), "process.11 comes after process.10 divides the wafer"),
        ("M8", moved("plate", "interconnect", "dice"), "comes after process.10 divides"),
        ("M9", without("mount"), 'no step "mount" of the ball'),
        ("M9", moved("dice", "", "mount"), "process.11 comes before process.12"),
    ],
)
def test_a_process_may_miss_a_claim(claim: str, change: Callable[[Steps], Steps], reason: str) -> None:
    """By a step left out or moved; most of these a file is refused for, the rules do not lean on that."""
    finding: Finding = claims(made_otherwise(change))[claim].finding
    assert finding.verdict == "not met" and reason in finding.reason and finding.hint


def test_openings_that_miss_the_base_regions_are_not_as_claimed() -> None:
    read = package()
    assert read.opening is not None
    wide = read.model_copy(update={"opening": read.opening.model_copy(update={"diameter": 0.25})})
    assert of_the_method(wide) == {**dict.fromkeys(ALL, "met"), "M4": "not met"}


def test_another_way_of_filling_is_named() -> None:
    finding = claims(package(process__7__method="print"))["M5"].finding
    assert finding.reason == 'the method is "print"' and finding.hint == 'process.7.method = "doctor blade"'


def test_remelting_before_and_after_the_balls_are_placed_meets_the_claim() -> None:
    """What counts is that it is done once they are there."""

    def twice(steps: Steps) -> Steps:
        (heat,) = (step for step in steps if step.step == "remelt")
        place = next(number for number, step in enumerate(steps) if step.step == "place")
        return (*steps[:place], heat, *steps[place:])

    finding = claims(made_otherwise(twice, "paste-process"))["M7"].finding
    assert finding.verdict == "met" and finding.reason == "process.10 remelts solder paste"


def test_the_land_is_plated_wherever_its_board_is_made() -> None:
    """Plating of the land is no step on the wafer."""

    def late(steps: Steps) -> Steps:
        (bath,) = (step for step in steps if is_deed(step, "plate", "interconnect"))
        land = bath.model_copy(update={"part": "land"})
        place = next(number for number, step in enumerate(steps) if step.step == "mount")
        return (*steps[:place], land, *steps[place:])

    assert of_the_method(made_otherwise(late)) == dict.fromkeys(ALL, "met")


def test_the_numbers_of_a_step_are_those_of_the_file() -> None:
    """A cure's temperature and its shrinkage along an axis, a third of that of the volume."""
    changes = {"process.9.shrinkage": "1.5 %", "process.9.shrinkage_kind": "volume"}
    finding = claims(loads(template("adhesive-process"), changes))["M7"].finding
    figures = {figure.words: figure.value for figure in finding.figures}
    assert figures["at"] == pytest.approx(423.15, rel=1e-12)
    assert figures["linear shrinkage"] == pytest.approx(0.005, rel=1e-12)


def test_every_claim_is_one_sentence_with_its_own_name() -> None:
    assert [rule.id for rule in METHOD] == ALL
    assert all(rule.text.endswith(".") and rule.text.count(".") == 1 for rule in METHOD)
