"""What the figures of a package may not depend on, and which way they must move."""

from __future__ import annotations

import re

import numpy as np
import pytest

from fem_wlp.joint import recover, section
from fem_wlp.package import Package, loads
from fem_wlp.results import JointResult, Result
from fem_wlp.verification.packages import CASES, COMMON, OVERHANG, Changes, figures, package

from .packages import solved

LOPSIDED = ("OO.O", "OOOO", "..OO", "O...")


@pytest.fixture(scope="module")
def soft() -> Result:
    return solved(package("soft"))


@pytest.fixture(scope="module")
def paste() -> Result:
    return solved(package("paste"))


@pytest.fixture(params=["soft", "paste"])
def known(request: pytest.FixtureRequest) -> Result:
    """A package with soft cylinders, then one with stiff ones."""
    result: Result = request.getfixturevalue(request.param)
    return result


def case_of(result: Result) -> str:
    return "soft" if result.package.cylinder.material.name == "soft_adhesive" else "paste"  # type: ignore[union-attr]


def force(result: Result, joint: int = 0) -> float:
    return float(np.hypot(*result.joints[joint].shear_force))


def in_units(case: str, length: float, modulus: float) -> Package:
    """The package with every length and every modulus of its file times a factor."""
    ball, cylinder, layer = CASES[case]
    own = f'second_layer = {{ thickness = "75 um", material = "{layer}" }}\nopening = {{ diameter = "250 um" }}\n'
    text = f'{own}cylinder = {{ material = "{cylinder}" }}\n{COMMON % ball}'
    for units, factor in (("um|mm", length), ("GPa|MPa", modulus)):
        text = re.sub(rf'"([\d.]+) ({units})"', lambda found, f=factor: f'"{float(found[1]) * f!r} {found[2]}"', text)
    return loads(text)


def test_a_change_of_units_changes_no_ratio(known: Result, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lengths x 2, moduli x 0.8: D and D_F stay, forces go as modulus times area; round-off 1e-9.

    The volumes over which means are taken are physical lengths, and are scaled too.
    """
    for module in (section, recover):
        monkeypatch.setattr(module, "CHIP_DEPTH", 2.0 * 5e-3)
        monkeypatch.setattr(module, "RING_WIDTH", 2.0 * 25e-3)
    other = solved(in_units(case_of(known), 2.0, 0.8))
    assert other.decoupling.figure == pytest.approx(known.decoupling.figure, abs=1e-9)
    assert other.decoupling.force_based == pytest.approx(known.decoupling.force_based, abs=1e-9)
    assert force(other) == pytest.approx(0.8 * 2.0**2 * force(known), rel=1e-8)
    assert other.warpage.chip == pytest.approx(2.0 * known.warpage.chip, rel=1e-8)
    assert other.joint.stiffness.rocking == pytest.approx(0.8 * 2.0**3 * known.joint.stiffness.rocking, rel=1e-8)
    assert other.interconnect.strain == pytest.approx(known.interconnect.strain, rel=1e-8)


def test_units_of_the_text_change_nothing(soft: Result) -> None:
    """0.3 mm is 300 um and 130 GPa is 130000 MPa: the same package to the last digit but one."""
    changes = {"chip.thickness": "300 um", "materials.die.E": "130000 MPa", "materials.die.CTE": "2.6e-6/K"}
    assert solved(package("soft", changes)).decoupling.figure == pytest.approx(soft.decoupling.figure, abs=1e-12)


@pytest.mark.parametrize(("service", "factor"), [("75 degC", 0.5), ("175 degC", -0.5)])
def test_the_temperature_change_scales_forces_and_leaves_the_decoupling(
    known: Result, service: str, factor: float
) -> None:
    """Constant properties, one stress-free temperature: all is linear in dT, of either sign; round-off 1e-9."""
    other = solved(package(case_of(known), {"temperatures.service": service}))
    assert other.decoupling.figure == pytest.approx(known.decoupling.figure, abs=1e-9)
    assert other.decoupling.pad_to_pad == pytest.approx(known.decoupling.pad_to_pad, abs=1e-9)
    assert other.decoupling.shift_budget == pytest.approx(known.decoupling.shift_budget, abs=1e-9)
    assert other.joints[0].shear_force == pytest.approx([factor * f for f in known.joints[0].shear_force], rel=1e-9)
    assert other.joints[0].axial_force == pytest.approx(factor * known.joints[0].axial_force, rel=1e-9)
    assert other.warpage.chip == pytest.approx(factor * known.warpage.chip, rel=1e-9)
    assert other.interconnect.strain == pytest.approx(abs(factor) * known.interconnect.strain, rel=1e-9)


def test_the_law_of_temperatures_bites(paste: Result) -> None:
    """With a stress-free temperature of its own, a layer's share doesn't scale with dT, and D moves."""
    own: Changes = {"second_layer.stress_free": "175 degC"}
    cold, warm = (solved(package("paste", {**own, "temperatures.service": T})) for T in ("25 degC", "75 degC"))
    assert abs(cold.decoupling.figure - warm.decoupling.figure) > 1e-3
    assert abs(cold.decoupling.figure - paste.decoupling.figure) > 1e-3


def test_an_expansion_common_to_all_materials_stresses_nothing(known: Result) -> None:
    """Seven ppm/K more in every material: the same mismatch, forces, strains and stresses, to round-off 1e-9."""
    found = re.findall(r'(\w+) = \{ E = [^}]*CTE = "([\d.]+) ppm/K"', COMMON)
    assert len(found) == 9
    more = {f"materials.{name}.CTE": f"{float(value) + 7.0!r} ppm/K" for name, value in found}
    other = solved(package(case_of(known), more))
    assert other.decoupling.figure == pytest.approx(known.decoupling.figure, abs=1e-9)
    assert force(other) == pytest.approx(force(known), rel=1e-9)
    assert other.interconnect.strain == pytest.approx(known.interconnect.strain, rel=1e-9)
    largest = known.field.von_mises.max()
    assert np.abs(other.field.von_mises - known.field.von_mises).max() < 1e-9 * largest


def test_a_quarter_answers_as_the_whole(known: Result) -> None:
    """Mirror symmetry saves work and changes nothing: 1e-9."""
    whole = solved(package(case_of(known), {"model.symmetry": "whole"}))
    assert whole.provenance["symmetry"] != known.provenance["symmetry"]
    for one, other in zip(whole.joints, known.joints, strict=True):
        assert one.decoupling == pytest.approx(other.decoupling, abs=1e-9)
        assert one.shear_force == pytest.approx(other.shear_force, rel=1e-8)
        assert one.axial_force == pytest.approx(other.axial_force, rel=1e-8, abs=1e-12)
        assert one.moment == pytest.approx(other.moment, rel=1e-8, abs=1e-12)
    assert whole.warpage.board == pytest.approx(known.warpage.board, rel=1e-8)


def drawn(lines: tuple[str, ...]) -> Changes:
    """The array by its map instead of its rows and columns."""
    text = "\\n".join(lines)
    return {"array": f'{{ pitch = "0.5 mm", map = "{text}" }}'}


def by_place(result: Result) -> dict[tuple[float, float], JointResult]:
    return {(round(joint.x, 6), round(joint.y, 6)): joint for joint in result.joints}


COLUMNS = tuple("".join(row) for row in zip(*LOPSIDED, strict=True))
TURNED = {
    "turned by 90 degrees": ([[0.0, -1.0], [1.0, 0.0]], COLUMNS[::-1]),
    "mirrored": ([[-1.0, 0.0], [0.0, 1.0]], tuple(row[::-1] for row in LOPSIDED)),
    "upside down": ([[1.0, 0.0], [0.0, -1.0]], LOPSIDED[::-1]),
}


@pytest.mark.parametrize("turn", TURNED)
def test_a_turned_map_has_the_turned_answer(turn: str) -> None:
    """A lopsided map with sites left out, on a square chip: D stays with its joint, forces turn; 1e-9."""
    matrix, lines = np.array(TURNED[turn][0]), TURNED[turn][1]
    one, other = (by_place(solved(package("paste", drawn(each)))) for each in (LOPSIDED, lines))
    assert len(one) == len(other) == 10
    for (x, y), joint in one.items():
        image = other[tuple(np.round(matrix @ (x, y), 6) + 0.0)]  # type: ignore[index]
        assert image.decoupling == pytest.approx(joint.decoupling, abs=1e-9)
        assert image.shear_force == pytest.approx(matrix @ joint.shear_force, abs=1e-9)
        assert image.axial_force == pytest.approx(joint.axial_force, abs=1e-9)
        moment = np.linalg.det(matrix) * matrix @ joint.moment  # an axial vector
        assert image.moment == pytest.approx(moment, abs=1e-9)


def test_a_core_of_the_coats_material_is_a_solid_ball() -> None:
    """Only the mesh differs: D within 2e-4."""
    solid = figures(package("solder"))
    coated = figures(package("solder", {"ball.coats": '[{ material = "solder", thickness = "20 um" }]'}))
    other = figures(package("solder", {"ball.coats": '[{ material = "metal", thickness = "20 um" }]'}))
    assert coated == pytest.approx(solid, abs=2e-4)
    assert np.abs(other - solid).min() > 5e-3


DOUBLED = [
    (case, part)
    for case, parts in (
        ("conventional", ("solder",)),
        ("soft", ("soft_adhesive", "polymer")),
        ("stiff-layer", ("soft_adhesive", "solder")),
        ("paste", ("solder",)),
    )
    for part in parts
]
MODULI = {"solder": "86 GPa", "soft_adhesive": "400 MPa", "polymer": "9.4 GPa"}


@pytest.mark.parametrize(("case", "material"), DOUBLED)
def test_a_stiffer_cylinder_or_ball_never_decouples_more(case: str, material: str) -> None:
    """Doubling its modulus raises D by no more than 0.01: axial stiffening alone can raise a corner's D a little."""
    before, after = (
        figures(package(case, {**OVERHANG, **change})) for change in ({}, {f"materials.{material}.E": MODULI[material]})
    )
    assert (after - before).max() < 0.01
    assert after[0] < before[0] + 1e-3


def test_a_thicker_soft_layer_decouples_more() -> None:
    """Cylinder of 200 MPa in a layer of 5 MPa: D rises with their height."""
    rising = [figures(package("soft", {"second_layer.thickness": t}))[0] for t in ("40 um", "75 um", "150 um")]
    assert rising[0] < rising[1] < rising[2] < 1.0
