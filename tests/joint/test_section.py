"""The section of a joint: every volume and height by geometry, every free strain by its own and its host's."""

from __future__ import annotations

from functools import cache
from math import acos, hypot, pi, sqrt

import numpy as np
import pytest

from fem_wlp.joint.condense import CellModel, cell_model, thickened
from fem_wlp.joint.section import JointSection, joint_section
from fem_wlp.materials.model import thermal_strain
from fem_wlp.mesh.outline import Polygon
from fem_wlp.package import Package, loads, template
from fem_wlp.package.geometry import joint_height

from .sections import COARSE

ARCS = 2e-5
"""Volumes of curved regions are off by this share: circles are meshed by parabolas [-]."""


@cache
def package(name: str, *changes: tuple[str, str]) -> Package:
    return loads(template(name), dict(changes))


@cache
def model(name: str, *changes: tuple[str, str]) -> CellModel:
    return cell_model(joint_section(package(name, *changes)), COARSE)


def volume(name: str, region: str, *changes: tuple[str, str]) -> float:
    return model(name, *changes).space.region_volume(region)


def segment(radius: float, low: float, high: float) -> float:
    """Volume of a sphere between two planes at heights over its centre [mm^3]."""
    return pi * (radius**2 * (high - low) - (high**3 - low**3) / 3)


@pytest.mark.parametrize("name", ["compliant", "paste", "conventional", "micro-smd"])
def test_plates_and_flat_parts_have_their_volumes(name: str) -> None:
    """A cell of the pitch's area holds chip, layers, and board; straight sides are meshed exactly: 1e-10."""
    one = package(name)
    area, base = one.array.pitch**2, pi * one.interconnect.base_region.diameter**2 / 4
    expected = {
        "chip": area * one.chip.thickness,
        "board": area * one.board.thickness,
        "first_layer": area * one.first_layer.thickness,
        "base_region": base * one.interconnect.thickness,
        "land": pi * one.land.diameter**2 / 4 * one.land.thickness,
    }
    for region, known in expected.items():
        assert volume(name, region) == pytest.approx(known, rel=1e-10), region


@pytest.mark.parametrize("name", ["compliant", "paste", "conventional", "micro-smd"])
def test_the_chip_stands_as_high_as_the_parts_under_it(name: str) -> None:
    """H of the package is the height of the chip's lower face over the board's upper one."""
    levels = joint_section(package(name)).levels
    assert levels.chip == pytest.approx(joint_height(package(name)), rel=1e-12)
    assert levels.chip_top - levels.chip == pytest.approx(package(name).chip.thickness)
    assert levels.board_bottom < 0.0 < levels.land < levels.ball_centre < levels.free_end <= levels.base_region


@pytest.mark.parametrize("name", ["paste", "conventional", "micro-smd"])
def test_solder_is_a_sphere_cut_by_its_contacts(name: str) -> None:
    """Volume pi [r^2 z - z^3/3] between the planes at sqrt(r^2 - c^2) below and above the centre."""
    ball = package(name).ball
    r = ball.diameter / 2
    low, high = (sqrt(r**2 - (side.diameter / 2) ** 2) for side in (ball.land_side, ball.cylinder_side))
    assert volume(name, "ball") == pytest.approx(segment(r, -low, high), rel=ARCS)


def test_what_does_not_melt_stays_a_whole_sphere() -> None:
    """Core, copper and nickel are whole; the outer coat, which melts on the land, is cut there and there only."""
    one = package("compliant")
    radii = np.cumsum([one.ball.diameter / 2 - sum(coat.thickness for coat in one.ball.coats)] +
                      [coat.thickness for coat in one.ball.coats])  # fmt: skip
    levels = joint_section(one).levels
    assert volume("compliant", "core") == pytest.approx(4 / 3 * pi * radii[0] ** 3, rel=ARCS)
    for number in (1, 2):
        shell = 4 / 3 * pi * (radii[number] ** 3 - radii[number - 1] ** 3)
        assert volume("compliant", f"coat_{number}") == pytest.approx(shell, rel=20 * ARCS)
    outer = segment(radii[3], levels.land - levels.ball_centre, radii[3]) - 4 / 3 * pi * radii[2] ** 3
    assert volume("compliant", "coat_3") == pytest.approx(outer, rel=20 * ARCS)
    # it stands on its bond line, on either side
    assert levels.ball_centre - levels.land == pytest.approx(radii[2] + one.ball.land_side.bond_line)
    assert levels.free_end - levels.ball_centre == pytest.approx(radii[3] + one.ball.cylinder_side.bond_line)


def test_a_fillet_is_a_cone_outside_the_ball() -> None:
    """From the contact circle to the ball, which it meets without cutting into it."""
    one = package("compliant")
    section = joint_section(one)
    found = {item.name: item.outline for item in section.painting if "fillet" in item.name}
    assert set(found) == {"land_fillet", "cylinder_fillet"}
    r, centre = one.ball.diameter / 2, section.levels.ball_centre
    for name, side in (("land_fillet", one.ball.land_side), ("cylinder_fillet", one.ball.cylinder_side)):
        outline = found[name]
        assert isinstance(outline, Polygon)
        rim, meeting = np.array(outline.corners[1]), np.array(outline.corners[2])
        assert rim[0] == pytest.approx(side.diameter / 2)
        assert hypot(meeting[0], meeting[1] - centre) == pytest.approx(r)
        between = rim + np.linspace(0, 1, 50)[:, None] * (meeting - rim)
        assert np.hypot(between[:, 0], between[:, 1] - centre).min() > r * (1 - 1e-9)
        along, inward = meeting - rim, np.array([-meeting[0], centre - meeting[1]]) / r
        # a tangent would meet the radius at a right angle; this meets it at less than 20 degrees from that
        assert abs(acos(float(along @ inward) / float(np.hypot(*along))) - pi / 2) < pi / 9


@pytest.mark.parametrize(("free_end", "gap"), [("200 um", "0 um"), ("240 um", "0 um"), ("220 um", "8 um")])
def test_cylinder_opening_and_gap_are_cones(free_end: str, gap: str) -> None:
    """Volume pi h (r1^2 + r1 r2 + r2^2)/3; the layer has the rest, less what the gap leaves empty."""
    wall = "gap" if gap != "0 um" else "bonded"
    changes = (
        ("opening.free_end_diameter", free_end),
        ("second_layer.wall", wall),
        *((("second_layer.gap", gap),) if wall == "gap" else ()),
    )
    one = package("paste", *changes)
    assert one.second_layer is not None
    assert one.opening is not None
    height = one.second_layer.thickness - one.interconnect.thickness

    def cone(widths: tuple[float, float]) -> float:
        a, b = (width / 2 for width in widths)
        return pi * height * (a**2 + a * b + b**2) / 3

    opening = (one.opening.diameter, one.opening.free_end_diameter)
    inside = (opening[0] - 2 * one.second_layer.gap, opening[1] - 2 * one.second_layer.gap)
    base = pi * one.interconnect.base_region.diameter**2 / 4 * one.interconnect.thickness
    layer = one.array.pitch**2 * one.second_layer.thickness - base - cone(opening)
    assert volume("paste", "cylinder", *changes) == pytest.approx(cone(inside), rel=1e-10)
    assert volume("paste", "second_layer", *changes) == pytest.approx(layer, rel=1e-10)


def test_a_ball_that_dips_in_displaces_the_cylinder() -> None:
    """Its top stands by the dip above the cylinder's free end: a cap of pi d^2 (r - d/3) is taken out."""
    dip = ("ball.cylinder_side.dip", "10 um")
    one = package("compliant", dip)
    assert one.opening is not None
    levels = joint_section(one).levels
    r, depth = one.ball.diameter / 2, 0.010
    assert levels.ball_centre + r == pytest.approx(levels.free_end + depth)
    cap = pi * depth**2 * (r - depth / 3)
    whole = pi * one.opening.diameter**2 / 4 * (levels.base_region - levels.free_end)
    assert volume("compliant", "cylinder", dip) == pytest.approx(whole - cap, rel=1e-4)


def test_a_thicker_layer_changes_layer_and_cylinder_only() -> None:
    """Stretching the band between free end and base region: areas times growth, all else as it was; 1e-10."""
    thin, growth = model("paste"), 0.030
    thick = thickened(thin, growth)
    cylinder = pi * 0.200**2 / 4
    grown = {"cylinder": cylinder, "second_layer": 0.5**2 - cylinder}
    for name in thin.mesh.names:
        expected = thin.space.region_volume(name) + growth * grown.get(name, 0.0)
        assert thick.space.region_volume(name) == pytest.approx(expected, rel=1e-10), name
    for name in ("base_region", "first_layer", "chip", "chip_top"):
        assert getattr(thick.section.levels, name) == pytest.approx(getattr(thin.section.levels, name) + growth)


def section_of(stress_free: str) -> JointSection:
    return joint_section(package("conventional", ("interconnect.stress_free", stress_free)))


def test_a_part_is_free_of_stress_at_its_own_temperature_on_its_host() -> None:
    """Own strain from T_i on, the host's (chip; board for the land) up to T_i; without a T_i from assembly on."""
    section, assembly, service = section_of("25 degC"), 490.15, 233.15
    copper, silicon = section.materials["base_region"], section.materials["chip"]
    own = thermal_strain(copper, 298.15, service) + thermal_strain(silicon, assembly, 298.15)
    assert section.free_strain("base_region", assembly, service) == pytest.approx(own, rel=1e-12)
    assert section.free_strain("base_region", assembly, 298.15) == pytest.approx(
        section.free_strain("chip", assembly, 298.15), rel=1e-12
    )
    assert section.free_strain("ball", assembly, service) == pytest.approx(
        thermal_strain(section.materials["ball"], assembly, service), rel=1e-12
    )
    on_board = joint_section(package("conventional", ("land.stress_free", "25 degC")))
    host = thermal_strain(on_board.materials["board"], assembly, 298.15)
    mine = thermal_strain(on_board.materials["land"], 298.15, service)
    assert on_board.free_strain("land", assembly, service) == pytest.approx(host + mine, rel=1e-12)


def test_severed_joints_leave_the_land_on_the_board() -> None:
    """Every region belongs to one side."""
    section = joint_section(package("compliant"))
    assert section.board_side == ("land", "board")
    assert set(section.chip_side) | set(section.board_side) == set(section.names)
    assert {"core", "coat_1", "coat_2", "coat_3", "land_fillet", "cylinder_fillet"} == set(section.ball_parts)
