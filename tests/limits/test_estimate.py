"""The estimate of a package: against elastic values of its joint, and in the limits that need no reference."""

from __future__ import annotations

from dataclasses import replace as changed

import numpy as np
import pytest

from fem_wlp.estimation import Band, estimate
from fem_wlp.materials.model import Isotropic, Material, Property, isotropic, scaled
from fem_wlp.package.model import Package
from fem_wlp.package.reading import loads

CONVENTIONAL = """
name = "conventional"
chip = { width = "4.2 mm", thickness = "0.3 mm", material = "die" }
first_layer = { thickness = "8 um", material = "dielectric" }
interconnect = { thickness = "5 um", material = "metal", base_region.diameter = "260 um" }
ball.diameter = "300 um"
ball.material = "solder"
ball.cylinder_side.diameter = "240 um"
ball.land_side.diameter = "240 um"
land = { diameter = "260 um", thickness = "25 um", material = "metal" }
board = { width = "12 mm", thickness = "1.0 mm", material = "laminate" }
array = { pitch = "0.5 mm", rows = 8, columns = 8 }
temperatures = { assembly = "180 degC", service = "25 degC" }

[materials]
die = { E = "131 GPa", nu = 0.28, CTE = "2.6 ppm/K", source = "a test" }
laminate = { E = "22 GPa", nu = 0.28, CTE = "18 ppm/K", source = "a test" }
dielectric = { E = "3.3 GPa", nu = 0.34, CTE = "35 ppm/K", source = "a test" }
core = { E = "4.8 GPa", nu = 0.36, CTE = "40 ppm/K", source = "a test" }
layer = { E = "2 MPa", nu = 0.49, CTE = "290 ppm/K", source = "a test" }

[materials.metal]
E = "117 GPa"
nu = 0.34
CTE = "17 ppm/K"
resistivity = "17.2 nOhm m"
conductivity = "390 W/(m K)"
source = "a test"

[materials.solder]
E = "43 GPa"
nu = 0.36
CTE = "21.5 ppm/K"
liquidus = "220 degC"
resistivity = "130 nOhm m"
conductivity = "58 W/(m K)"
source = "a test"

[materials.adhesive]
E = "200 MPa"
nu = 0.45
CTE = "100 ppm/K"
resistivity = "1e-5 Ohm m"
conductivity = "2 W/(m K)"
source = "a test"
"""

COMPLIANT = """
second_layer = { thickness = "105 um", material = "layer" }
opening.diameter = "200 um"
cylinder.material = "adhesive"
"""


def with_cylinder(**changes: str | None) -> Package:
    """The compliant package: as the conventional one, its ball on an adhesive cylinder of 0.10 mm."""
    lines = CONVENTIONAL.replace('"conventional"', '"compliant"').replace("\n[materials]", COMPLIANT + "\n[materials]")
    text = lines.replace('ball.cylinder_side.diameter = "240 um"', 'ball.cylinder_side.diameter = "200 um"')
    return loads(text, {path.replace("__", "."): value for path, value in changes.items()})


def conventional(**changes: str) -> Package:
    """A solder ball straight on the base region."""
    return loads(CONVENTIONAL, {path.replace("__", "."): value for path, value in changes.items()})


def between_rigid_faces(package: Package) -> Package:
    """Base region, first layer and land as good as rigid, so that only ball and cylinder give."""

    def rigid(part: object) -> object:
        return part.model_copy(update={"material": isotropic("rigid", 1e9, 0.3, 1e-6)})  # type: ignore[attr-defined]

    parts = ("first_layer", "interconnect", "land")
    return package.model_copy(update={name: rigid(getattr(package, name)) for name in parts})


def softened(package: Package, factor: float) -> Package:
    """All parts of the joint by a factor, chip and board left as they are."""
    names = ("first_layer", "interconnect", "second_layer", "cylinder", "ball", "land")
    parts = {name: getattr(package, name) for name in names if getattr(package, name) is not None}
    return package.model_copy(
        update={
            name: part.model_copy(update={"material": scaled(part.material, factor)}) for name, part in parts.items()
        }
    )


def figure(band: Band | None) -> float:
    assert band is not None
    assert band.low <= band.value <= band.high
    return band.value


@pytest.mark.parametrize(
    ("coats", "material", "lateral", "axial"),
    [("", "solder", 3452, 14090), ("", "core", 385, 1573), ("metal 10 solder 25", "core", 1752, 7180)],
)
def test_the_band_of_a_ball_holds_its_elastic_stiffness(
    coats: str, material: str, lateral: float, axial: float
) -> None:
    """Truncated balls of 0.30 mm between flat lands of 0.24 mm (values on which two codes agree to 0.1 %)."""
    words = coats.split()
    table = [
        f'{{ material = "{name}", thickness = "{size} um" }}'
        for name, size in zip(words[::2], words[1::2], strict=True)
    ]
    text = CONVENTIONAL.replace('material = "solder"', f'material = "{material}"\nball.truncated = true', 1)
    text = text.replace("ball.truncated", f"ball.coats = [{', '.join(table)}]\nball.truncated") if table else text
    answer = estimate(between_rigid_faces(loads(text)))
    assert answer.lateral.low < lateral < answer.lateral.high
    assert answer.axial.low < axial < answer.axial.high
    harder = estimate(between_rigid_faces(softened(loads(text), 2.0)))
    assert not harder.lateral.low < lateral / 1.2 < harder.lateral.high


def test_the_band_of_an_adhesive_cylinder_holds_its_elastic_stiffness() -> None:
    """200 MPa, nu 0.45, 0.20 mm wide, 0.10 mm high between stiff ends: 18.6 N/mm elastic (the ball gives 1 %)."""
    package = between_rigid_faces(with_cylinder())
    parts = {"ball": softened(package, 1e4).ball, "second_layer": softened(package, 1e-9).second_layer}
    answer = estimate(package.model_copy(update=parts))
    assert answer.lateral.low < 18.6 < answer.lateral.high
    assert answer.lateral.high < 1.16 * answer.lateral.value


def test_rigid_joints_do_not_decouple_and_soft_ones_do() -> None:
    """D = 0 and 1 (1e-3) for joints of 1e6 and 1e-9 times their modulus, at a board that bends."""
    for package in (with_cylinder(), conventional()):
        assert figure(estimate(softened(package, 1e6)).decoupling) == pytest.approx(0.0, abs=1e-3)
        assert figure(estimate(softened(package, 1e-9)).decoupling) == pytest.approx(1.0, abs=1e-6)


def test_a_softer_cylinder_decouples_more() -> None:
    """D rises as the modulus falls by decades, from a stiff joint's to nearly 1."""
    moduli = ("43 GPa", "1 GPa", "100 MPa", "10 MPa", "1 MPa")
    figures = [figure(estimate(with_cylinder(materials__adhesive__E=modulus)).decoupling) for modulus in moduli]
    assert (np.diff(figures) > 0).all()
    assert figures[-1] > 0.98


def test_joints_farther_out_decouple_more_of_less() -> None:
    """A larger array is stiffer against its chip: D falls from 4 x 4 to 8 x 8; a single joint has no D."""
    figures = [figure(estimate(with_cylinder(array__rows=str(n), array__columns=str(n))).decoupling) for n in (4, 6, 8)]
    assert (np.diff(figures) < 0).all()
    single = estimate(with_cylinder(array__rows="1", array__columns="1"))
    assert single.decoupling is None
    assert single.coupling is None
    assert single.shear_force.value == 0.0


def test_the_figure_does_not_depend_on_how_much_it_is_cooled() -> None:
    """Constant properties: D unchanged by another service temperature or a cycle (1e-12, 1e-9)."""
    one, other = (estimate(with_cylinder(temperatures__service=service)) for service in ("25 degC", "-55 degC"))
    assert figure(other.decoupling) == pytest.approx(figure(one.decoupling), rel=1e-12)
    assert other.free / one.free == pytest.approx(235.0 / 155.0, rel=1e-12)
    text = CONVENTIONAL.replace('service = "25 degC"', 'cycle = ["-40 degC", "125 degC"]')
    assert figure(estimate(loads(text)).decoupling) == pytest.approx(
        figure(estimate(conventional()).decoupling), rel=1e-9
    )


def test_free_mismatch_is_the_expansions_difference_times_the_distance() -> None:
    """Homogeneous bodies: (18 - 2.6) ppm/K x -155 K x DNP, negative on cooling."""
    answer = estimate(with_cylinder())
    assert answer.critical.dnp == pytest.approx(1.75 * np.sqrt(2), rel=1e-12)
    assert (answer.critical.row, answer.critical.column) == (1, 1)
    assert answer.free == pytest.approx(-15.4e-6 * 155 * answer.critical.dnp, rel=1e-12)


def test_a_conventional_package_is_its_own_reference() -> None:
    """No reduction to report; a compliant package of the same ball is measured against it."""
    own = estimate(conventional())
    assert own.reference_decoupling is None
    assert own.force_reduction is None
    compliant = estimate(with_cylinder())
    assert figure(compliant.reference_decoupling) < 0.5 < figure(compliant.decoupling)
    assert 0.8 < figure(compliant.force_reduction) < 1.0


def test_a_land_as_wide_as_the_ball_still_has_a_reference() -> None:
    """The reference's ball is cut where its contact is nearly as wide as itself: a short, stiff joint."""
    wide = estimate(with_cylinder(land__diameter="320 um"))
    assert figure(wide.reference_decoupling) < figure(estimate(with_cylinder()).reference_decoupling)


def test_a_bonded_layer_props_the_cylinder_and_a_gap_does_not() -> None:
    """Stiffer with the layer's modulus when bonded, the same with any layer across a gap."""
    bonded = [
        figure(estimate(with_cylinder(materials__layer__E=modulus, materials__layer__nu="0.4")).decoupling)
        for modulus in ("1 MPa", "100 MPa", "3 GPa")
    ]
    assert (np.diff(bonded) < 0).all()
    gap = {"second_layer__wall": "gap", "second_layer__gap": "5 um", "ball__cylinder_side__diameter": "190 um"}
    free = [
        figure(estimate(with_cylinder(materials__layer__E=modulus, **gap)).decoupling) for modulus in ("1 MPa", "3 GPa")
    ]
    assert free[0] == pytest.approx(free[1], rel=1e-12)


def test_the_adhesive_cylinder_carries_the_joints_resistance() -> None:
    """h/(pi a^2) x resistivity = 31.8 mOhm and x 1/conductivity = 1592 K/W; ball, land and base add a little."""
    answer = estimate(with_cylinder())
    assert answer.electrical is not None
    assert answer.thermal is not None
    height, area = 0.1, np.pi * 0.1**2
    cylinder = 1e3 * 1e-2 * height / area
    assert cylinder < answer.electrical.value < cylinder + 1.5
    assert 1e3 * height / (2.0 * area) < answer.thermal.value < 1e3 * height / (2.0 * area) + 100
    doubled = estimate(with_cylinder(materials__adhesive__resistivity="2e-5 Ohm m"))
    assert doubled.electrical is not None
    assert doubled.electrical.value - answer.electrical.value == pytest.approx(cylinder, rel=1e-9)


def test_what_does_not_conduct_has_no_resistance_to_report() -> None:
    """A bare polymer ball carries no current, and nothing is known of its conductivity."""
    answer = estimate(conventional(ball__material="core", ball__truncated="true"))
    assert answer.electrical is None
    assert answer.thermal is None


def test_the_estimate_prints_its_bands_and_how_it_came_about() -> None:
    text = str(estimate(with_cylinder()))
    for words in ("decoupling D", "force reduction", "N/mm", "mΩ", "K/W", "second layer", "13 % too stiff", "row 1"):
        assert words in text


def test_a_long_array_at_a_flush_board_says_how_rough_it_is() -> None:
    answer = estimate(with_cylinder(array__rows="2", board__width="4.2 mm", board__length="4.2 mm"))
    assert any("long array" in note for note in answer.notes)
    assert any("board ends close" in note for note in answer.notes)


def test_orthotropic_boards_enter_by_their_mean_over_directions() -> None:
    """A board whose two in-plane directions are exchanged gives the same answer (1e-12)."""
    package = with_cylinder(board__material="FR4-J")
    board = package.board.material
    assert not isinstance(board.elasticity, Isotropic)
    old = board.elasticity
    turned = changed(
        old, E_x=old.E_y, E_y=old.E_x, G_xz=old.G_yz, G_yz=old.G_xz, nu_xz=old.nu_yz, nu_yz=old.nu_xz,
        nu_xy=Property((old.nu_xy(300.0) * old.E_y(300.0) / old.E_x(300.0),)),
    )  # fmt: skip
    other: Material = changed(board, elasticity=turned)
    swapped = package.model_copy(update={"board": package.board.model_copy(update={"material": other})})
    assert figure(estimate(swapped).decoupling) == pytest.approx(figure(estimate(package).decoupling), rel=1e-12)


def test_what_dips_and_what_is_missing_from_the_map_is_told() -> None:
    """A ball that dips into its cylinder counts as cylinder there; joints of a map with gaps as spread evenly."""
    changes = {
        "ball__cylinder_side__dip": "5 um",
        "ball__cylinder_side__fillet": "cylinder",
        "array__map": "O..O\n....\nO..O",
    }
    notes = estimate(with_cylinder(**changes, array__rows=None, array__columns=None)).notes
    assert any("dips into the cylinder" in note for note in notes)
    assert any("spread evenly" in note for note in notes)
    whole = estimate(with_cylinder()).notes
    assert not any("dips" in note or "spread evenly" in note for note in whole)
