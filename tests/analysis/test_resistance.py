"""Resistance of a joint between two equipotential faces, against discs in series, coats in parallel, and bounds."""

from __future__ import annotations

from math import pi, sqrt

import pytest

from fem_wlp.joint.condense import CellModel, cell_model
from fem_wlp.joint.resistance import electrical_resistance, thermal_resistance
from fem_wlp.joint.section import JointSection, Levels, joint_section
from fem_wlp.limits import ball_profile, conductor_resistance
from fem_wlp.materials.model import Material
from fem_wlp.mesh.outline import Painted, rectangle
from fem_wlp.mesh.section import Grading
from fem_wlp.package import loads, template
from fem_wlp.verification.conduction import (
    CELL,
    COPPER,
    COPPERY,
    PASTE,
    PASTY,
    PLASTIC,
    PLATE,
    RADIUS,
    TIN,
    TINNY,
    conducting,
)

COARSE = Grading().refined(0.5)

Parts = dict[str, tuple[float, float, float, float, Material]]


def stack(parts: Parts) -> CellModel:
    """Discs and rings (r0, r1, z0, z1, material) between chip and board, the first layer on top."""
    top = max(part[3] for part in parts.values())
    levels = Levels(-PLATE, 0.01, top / 2, top - 0.01, top, top, top + 0.01, top + 0.01 + PLATE)
    whole: Parts = {
        "chip": (0.0, CELL, levels.chip, levels.chip_top, PLASTIC),
        "first_layer": (0.0, CELL, levels.first_layer, levels.chip, PLASTIC),
        "board": (0.0, CELL, -PLATE, 0.0, PLASTIC),
        **parts,
    }
    section = JointSection(
        tuple(Painted(name, rectangle((a, b), (low, high))) for name, (a, b, low, high, _) in whole.items()),
        {name: part[4] for name, part in whole.items()},
        dict.fromkeys(whole, 300.0),
        levels,
        CELL,
        RADIUS,
        RADIUS,
        (RADIUS, RADIUS),
        (RADIUS, RADIUS),
    )
    return cell_model(section, COARSE)


SERIES: Parts = {
    "land": (0.0, RADIUS, 0.0, 0.02, COPPERY),
    "ball": (0.0, RADIUS, 0.02, 0.12, TINNY),
    "cylinder": (0.0, RADIUS, 0.12, 0.18, PASTY),
    "base_region": (0.0, RADIUS, 0.18, 0.19, COPPERY),
}


def test_discs_of_one_radius_add_up() -> None:
    """R = sum of h/(A k), electrical [mOhm] and thermal [K/W]: the potential is linear in each, exact to 1e-9."""
    model = stack(SERIES)
    area = pi * RADIUS**2
    electrical = sum((high - low) * material.resistivity / area for _, _, low, high, material in SERIES.values())
    thermal = sum((high - low) / (material.conductivity[0] * area) for _, _, low, high, material in SERIES.values())
    assert electrical_resistance(model) == pytest.approx(1e3 * electrical, rel=1e-9)
    assert thermal_resistance(model) == pytest.approx(1e3 * thermal, rel=1e-9)


def test_a_coat_conducts_beside_its_core() -> None:
    """Core and coat between faces of one potential: 1/R = sum of A k/h; a plastic core leaves the coat alone; 1e-5."""
    inner, height = 0.07, 0.1
    for core, share in ((PASTY, 1.0), (PLASTIC, 0.0)):
        parts: Parts = {
            "land": (0.0, RADIUS, 0.0, 1e-3, COPPERY),
            "core": (0.0, inner, 1e-3, height - 1e-3, core),
            "coat_1": (inner, RADIUS, 1e-3, height - 1e-3, TINNY),
            "base_region": (0.0, RADIUS, height - 1e-3, height, COPPERY),
        }
        # ends that conduct ten million times better keep the faces of core and coat at one potential
        perfect = {name: conducting("perfect", 1e-7 * TIN, 58e7) for name in ("land", "base_region")}
        found = stack({name: (*part[:4], perfect.get(name, part[4])) for name, part in parts.items()})
        length, ring, disc = height - 2e-3, pi * (RADIUS**2 - inner**2), pi * inner**2
        electrical = length / (ring / TIN + share * disc / PASTE)
        thermal = length / (ring * 58.0 + disc * core.conductivity[0])  # type: ignore[index]
        assert electrical_resistance(found) == pytest.approx(1e3 * electrical, rel=1e-5)
        assert thermal_resistance(found) == pytest.approx(1e3 * thermal, rel=1e-5)


def test_a_joint_without_a_path_of_metal_insulates() -> None:
    """A plastic ball without coats has no electrical resistance to state, but a thermal one."""
    model = stack({**SERIES, "ball": (0.0, RADIUS, 0.02, 0.12, PLASTIC)})
    assert electrical_resistance(model) is None
    assert thermal_resistance(model) == pytest.approx(1e3 * 0.1 / (0.3 * pi * RADIUS**2), rel=0.1)


def test_an_unknown_conductivity_is_not_guessed() -> None:
    """One part of unknown conductivity, and there is no thermal resistance."""
    unknown = conducting("unknown", TIN, None)
    model = stack({**SERIES, "ball": (0.0, RADIUS, 0.02, 0.12, unknown)})
    assert thermal_resistance(model) is None
    assert electrical_resistance(model) is not None


def test_a_layer_beside_the_cylinder_carries_heat_but_no_current() -> None:
    """It lowers the thermal resistance, by less than its section at the disc's gradient would; the electrical not."""
    discs: Parts = {"land": (0, RADIUS, 0, 0.02, PASTY), "base_region": (0, RADIUS, 0.02, 0.19, PASTY)}
    alone, beside = stack(discs), stack({**discs, "second_layer": (RADIUS, CELL, 0.12, 0.19, PLASTIC)})
    bare, helped = thermal_resistance(alone), thermal_resistance(beside)
    assert bare is not None
    assert helped is not None
    disc, ring = 3.0 * RADIUS**2, 0.3 * (CELL**2 - RADIUS**2)
    best = (0.12 + 0.07 * disc / (disc + ring)) / 0.19
    assert best < helped / bare < 1.0
    assert electrical_resistance(beside) == pytest.approx(electrical_resistance(alone), rel=1e-9)


@pytest.mark.parametrize("name", ["conventional", "micro-smd"])
def test_a_solder_joint_lies_between_the_bounds_of_maxwell(name: str) -> None:
    """Sections of one potential below, current along the meridians above; disc, ball, disc in series."""
    package = loads(template(name))
    model = cell_model(joint_section(package), COARSE)
    ball = package.ball
    r, sides = ball.diameter / 2, (ball.land_side.diameter / 2, ball.cylinder_side.diameter / 2)
    profile = ball_profile((r,), (sqrt(r**2 - sides[0] ** 2), sqrt(r**2 - sides[1] ** 2)))
    assert ball.material.resistivity is not None
    solder = [1 / ball.material.resistivity, 0.0, 0.0]  # and no fillets
    lower, upper = (1e3 * bound for bound in conductor_resistance(profile, solder))
    ends = 0.0
    for diameter, thickness in (
        (package.land.diameter, package.land.thickness),
        (package.interconnect.base_region.diameter, package.interconnect.thickness),
    ):
        ends += 1e3 * thickness * COPPER / (pi * diameter**2 / 4)
    found = electrical_resistance(model)
    assert found is not None
    assert lower < found < upper + 2.0 * ends < 3.0 * lower
