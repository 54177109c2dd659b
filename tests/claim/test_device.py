"""Each claim of the device, met, not met and not applicable, by a package changed for it."""

import dataclasses
import json
from math import isclose
from typing import Any

import pytest

from fem_wlp import claims, loads, template
from fem_wlp.claim import as_data, require_met
from fem_wlp.claim.device import DEVICE
from fem_wlp.errors import ConfigError, TargetError
from fem_wlp.package.model import Package

ALL = [f"D{number}" for number in range(1, 14)]


def package(name: str = "compliant", **changes: object) -> Package:
    return loads(template(name), {key.replace("__", "."): value for key, value in changes.items()})


def forced(path: str, value: object, name: str = "compliant") -> Package:
    """A package that no file can say: one attribute changed behind the back of all rules."""

    def changed(part: Any, names: list[str]) -> Any:
        inner = value if len(names) == 1 else changed(getattr(part, names[0]), names[1:])
        if dataclasses.is_dataclass(part) and not isinstance(part, type):
            return dataclasses.replace(part, **{names[0]: inner})
        return part.model_copy(update={names[0]: inner})

    built = changed(package(name), path.split("."))
    assert isinstance(built, Package)
    return built


def of_the_device(package: Package) -> dict[str, str]:
    return {claim.id: claim.verdict for claim in claims(package).claims if claim.id.startswith("D")}


@pytest.mark.parametrize("name", ["compliant", "paste"])
def test_the_device_meets_every_claim_that_asks_for_no_target(name: str) -> None:
    assert of_the_device(package(name)) == {**dict.fromkeys(ALL, "met"), "D13": "not applicable"}


@pytest.mark.parametrize(("name", "missing"), [("conventional", {"D4"}), ("micro-smd", {"D1", "D4"})])
def test_what_a_package_lacks_is_told_once(name: str, missing: set[str]) -> None:
    """The claims of a part that is not there do not apply."""
    idle = {"D5", "D6", "D7", "D8", "D9", "D13"} | ({"D2", "D3"} if "D1" in missing else set())
    assert of_the_device(package(name)) == {
        claim: "not met" if claim in missing else "not applicable" if claim in idle else "met" for claim in ALL
    }


METALS = {"resistivity": "17 nOhm*m", "E": "100 GPa", "nu": 0.3, "CTE": "17 ppm/K", "source": "chosen"}
INSULATOR = {key: value for key, value in METALS.items() if key != "resistivity"}
NO_LINE: dict[str, object] = {"interconnect.line": None}


@pytest.mark.parametrize(
    ("claim", "changes", "reason"),
    [
        ("D1", {"chip.pads": None}, "no pads"),
        ("D3", NO_LINE, "stand alone"),
        ("D5", {"second_layer.thickness": "31 um"}, "not enough"),
        ("D5", {"first_layer.thickness": "75 um"}, "not thicker at all"),
        ("D7", {"materials.mine": INSULATOR, "cylinder.material": "mine"}, "does not conduct"),
        ("D8", {"materials.mine": INSULATOR, "cylinder.material": "mine"}, "does not conduct"),
        ("D8", {"cylinder.material": "copper"}, "neither cures nor melts"),
        ("D10", {"ball.coats.1.material": "polyimide"}, "coats that are no metal: polyimide"),
        ("D12", {"ball.land_side.fillet": "adhesive-stiff"}, "adhesive-stiff, which is no solder"),
        ("D12", {"board.material": "silicon"}, "does not expand more"),
    ],
)
def test_a_package_may_miss_a_claim(claim: str, changes: dict[str, object], reason: str) -> None:
    """It says what would make it met, and the claim is what the whole answer is refused for."""
    found = claims(loads(template("compliant"), changes))
    finding = found[claim].finding
    assert finding.verdict == "not met" and reason in finding.reason and finding.hint
    with pytest.raises(TargetError, match=rf"not met \(.*{claim}") as refused:
        require_met(found)
    assert refused.value.code == "D110" and refused.value.exit_code == 5


def test_a_bare_polymer_ball_is_no_ball_of_the_device() -> None:
    plain = package(ball__coats=None, ball__land_side__fillet="SAC305", ball__cylinder_side__fillet="cylinder")
    assert "no metal and bare" in claims(plain)["D10"].finding.reason
    assert claims(plain)["D12"].verdict == "met"


@pytest.mark.parametrize(
    ("claim", "path", "value"),
    [
        ("D2", "chip.pads.opening", 0.081),
        ("D3", "chip.pads.place", (0.3, 0.0)),
        ("D4", "second_layer.thickness", 0.005),
        ("D6", "opening.diameter", 0.241),
        ("D7", "cylinder", None),
        ("D9", "ball.cylinder_side.diameter", 0.201),
        ("D11", "chip.width", 3.7),
    ],
)
def test_the_rules_that_a_file_cannot_break_tell_too(claim: str, path: str, value: object) -> None:
    """A file that says so is refused while it is read; the rules do not lean on that."""
    finding = claims(forced(path, value))[claim].finding
    assert finding.verdict == "not met" and finding.hint
    written = value if not isinstance(value, float) else f"{value} mm"
    written = ["0.3 mm", "0 mm"] if isinstance(value, tuple) else written
    with pytest.raises(ConfigError):
        loads(template("compliant"), {path: written})


@pytest.mark.parametrize(
    ("claim", "what", "value"),
    [
        ("D2", "free share of the pad", (60 / 80) ** 2),
        ("D3", "line", 0.2),
        ("D4", "over the interconnects", 0.07),
        ("D5", "ratio", 75 / 8),
        ("D7", "height/mean diameter", 70 / 200),
        ("D7", "resistivity", 1e-2),
        ("D11", "base regions from its edge", 4.4 / 2 - 3.5 * 0.5 - 0.12),
        ("D12", "board", 16e-6),
    ],
)
def test_the_numbers_are_those_of_the_file(claim: str, what: str, value: float) -> None:
    """By hand from the template's lengths, in mm, Ohm mm and 1/K."""
    (figure,) = (each for each in claims(package())[claim].finding.figures if each.words == what)
    assert figure.value == pytest.approx(value, rel=1e-12)


def test_the_shape_of_the_cylinder_is_told() -> None:
    """Conical, 200 to 240 um, with a gap of 5 um all round: 190 to 230 um and 70 um high."""
    changes = {"opening.free_end_diameter": "240 um", "second_layer.wall": "gap", "second_layer.gap": "5 um"}
    finding = claims(loads(template("compliant"), changes))["D7"].finding
    figures = {figure.words: figure.value for figure in finding.figures}
    assert finding.reason == "tapered, gap" and figures["gap"] == 0.005
    assert figures["height/mean diameter"] == pytest.approx(70 / 210, rel=1e-12)


def test_the_board_is_held_against_the_chip_by_what_both_do_between_assembly_and_service() -> None:
    """Constant expansions: their ratio, whatever the temperatures; a chip that does not expand has none."""
    changes = {"chip.material": "silicon-131", "board.material": "FR4-Lau"}
    figures = {each.words: each.value for each in claims(loads(template("compliant"), changes))["D12"].finding.figures}
    assert figures["ratio"] == pytest.approx(18.5 / 2.8, rel=1e-9)
    still = {**METALS, "CTE": "0 ppm/K"}
    finding = claims(loads(template("compliant"), {"materials.mine": still, "chip.material": "mine"}))["D12"].finding
    assert finding.verdict == "met" and "ratio" not in {each.words for each in finding.figures}


def test_every_claim_is_one_sentence_with_its_own_name() -> None:
    names = [rule.id for rule in DEVICE]
    assert [*names, "D13"] == ALL
    assert all(rule.text.endswith(".") and rule.text.count(".") == 1 for rule in DEVICE)


def test_as_data_every_number_has_its_unit() -> None:
    data = json.loads(json.dumps(as_data(claims(package())), allow_nan=False))
    assert data["package"] == "compliant" and data["counts"] == {"met": 12, "not met": 0, "not applicable": 10}
    (ratio, second, first) = data["claims"]["D5"]["numbers"]
    assert isclose(ratio["value"], 9.375) and ratio["unit"] == "1" and second["unit"] == first["unit"] == "mm"
    assert data["claims"]["D7"]["numbers"][-1] == {"what": "resistivity", "value": 0.01, "unit": "Ohm*mm"}


def test_printed_each_claim_stands_with_its_verdict_and_its_reason() -> None:
    printed = str(claims(package("conventional")))
    assert printed.startswith("conventional: 6 claims met, 1 not met (D4), 15 not applicable\n  D1  met")
    assert "free share of the pad 0.5625" in printed and "      to do: [second_layer] with [opening]" in printed
