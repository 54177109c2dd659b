"""The templates are real packages, and one of them becomes all four pairings of cylinder and ball."""

import re
from math import sqrt

import pytest

from fem_wlp.package import Package, load, loads, replace, replace_all, template, template_names
from fem_wlp.package.geometry import contact_distance, cylinder_height, joint_height
from fem_wlp.package.templates import process_template_names

PASTE = {"cylinder.material": "SAC305", "cylinder.stress_free": "217 degC"}
METAL_BALL = {"ball.material": "SAC305", "ball.coats": "[]"}


def compliant(**overrides: object) -> Package:
    return loads(template("compliant"), {key.replace("__", "."): value for key, value in overrides.items()})


@pytest.mark.parametrize("name", template_names())
def test_every_template_is_a_sound_package_without_notices(name: str) -> None:
    """Also under another name, and through a file."""
    package = loads(template(name))
    assert (package.name, package.notices) == (name, ())
    assert loads(template(name, "my device")).name == "my device"
    assert package.name in repr(package)


@pytest.mark.parametrize("name", process_template_names())
def test_every_template_with_a_process_is_a_sound_package_and_says_what_follows(name: str) -> None:
    """One notice: the temperatures that it implies."""
    package = loads(template(name))
    assert (package.name, [notice.code for notice in package.notices]) == (name, ["W105"])
    assert loads(template(name, "my device")).name == "my device"
    assert f"made in {len(package.process)} steps" in repr(package)


def test_templates_with_a_process_have_the_geometry_of_the_compliant_one() -> None:
    """The adhesive one is the same package; the other has cylinders and balls of solder."""
    compliant, adhesive, paste = (loads(template(n)) for n in ("compliant", "adhesive-process", "paste-process"))
    same = {"name": "compliant", "process": (), "wafer": None}
    assert adhesive.model_copy(update={**same, "ball": compliant.ball}) == compliant
    assert adhesive.ball.model_copy(update={"stress_free": None}) == compliant.ball
    of_solder = ("ball", "cylinder")
    assert paste.model_copy(update={**same, **{n: getattr(compliant, n) for n in of_solder}}) == compliant
    assert paste.ball.diameter == compliant.ball.diameter


def test_micro_smd_is_the_measured_package() -> None:
    """Xiao et al., IPACK2005-73239.

    3 × 3 × 0.330 mm, 6 × 6 on 0.5 mm, joint 0.216 mm high and 0.430 mm wide, board 1.575 mm, 100 → 25 °C; the height by
    the truncated sphere to the 0.1 um of the diameters.
    """
    package = loads(template("micro-smd"))
    chip, ball = package.chip, package.ball
    assert (chip.width, chip.length, chip.thickness) == (3.0, 3.0, 0.33)
    assert (len(package.array.joints), package.array.pitch, package.board.thickness) == (36, 0.5, 1.575)
    solder = contact_distance(ball, ball.cylinder_side) + contact_distance(ball, ball.land_side)
    assert solder == pytest.approx(0.216, abs=1e-4)
    assert ball.diameter == 0.43
    assert (package.temperatures.assembly, package.temperatures.points) == (373.15, (298.15,))
    along_a_row = sorted(joint.x for joint in package.array.joints if joint.row == 3 and joint.x > 0)
    assert along_a_row == pytest.approx([0.25, 0.75, 1.25])


@pytest.mark.parametrize(
    ("overrides", "cylinder", "core", "coats", "h"),
    [
        ({}, "adhesive", "polymer-core", 3, 0.150 + 0.005),
        (METAL_BALL, "adhesive", "SAC305", 0, 0.150 + 0.005),
        (PASTE, "SAC305", "polymer-core", 3, 0.135 + 0.005),
        ({**PASTE, **METAL_BALL}, "SAC305", "SAC305", 0, sqrt(0.150**2 - 0.095**2)),
    ],
)
def test_all_four_pairings_of_cylinder_and_ball_come_from_one_template(
    overrides: dict[str, str], cylinder: str, core: str, coats: int, h: float
) -> None:
    """An adhesive meniscus leaves the whole ball standing on its bond line, remelted paste what does not melt.

    An all-solder ball on paste melts into a truncated sphere.
    """
    package = loads(template("compliant"), overrides)
    assert package.cylinder is not None
    assert package.cylinder.material.name == cylinder
    assert package.ball.cylinder_side.fillet == package.cylinder.material
    assert (package.ball.material.name, len(package.ball.coats)) == (core, coats)
    assert contact_distance(package.ball, package.ball.cylinder_side) == pytest.approx(h, rel=1e-12)
    assert package.notices == ()


def test_the_overrides_that_the_template_names_are_the_ones_that_work() -> None:
    """The comment in the file is read as a user would read it."""
    text = template("compliant")
    told = dict(
        re.findall(r"--set ([\w.]+)=(\S+|\"[^\"]*\")", text.split("name = ", 1)[0].replace('"217 degC"', "217_degC"))
    )
    named = {key: value.replace("_degC", " degC") for key, value in told.items() if key in {**PASTE, **METAL_BALL}}
    assert named == {**PASTE, **METAL_BALL}


def test_the_conventional_package_comes_from_the_compliant_one_by_taking_parts_out() -> None:
    """The word none takes a table or key out; the ball then stands on the base region."""
    package = loads(
        template("compliant"),
        {
            "second_layer": "none",
            "opening": "none",
            "cylinder": "none",
            "ball.cylinder_side.fillet": "none",
            **METAL_BALL,
        },
    )
    assert package.second_layer is None
    assert package.cylinder is None
    assert cylinder_height(package) == 0.0


def test_the_height_of_a_joint_is_the_sum_of_its_parts() -> None:
    """First layer 8, second layer 75, ball 155 + 140, land 25 um; without second layer the base region's 5 um count."""
    assert joint_height(compliant()) == pytest.approx(0.008 + 0.075 + 0.155 + 0.140 + 0.025, rel=1e-12)
    conventional = loads(template("conventional"))
    solder = 2 * sqrt(0.150**2 - 0.115**2)
    assert joint_height(conventional) == pytest.approx(0.008 + 0.005 + solder + 0.025, rel=1e-12)


def test_a_dipped_ball_stands_lower_by_its_dip_and_an_idealised_one_at_its_contact_circle() -> None:
    """With a dip h = r_u - dip; idealised h = sqrt(r_b² - r_c²)."""
    dipped = compliant(ball__cylinder_side__dip="10 um").ball
    assert contact_distance(dipped, dipped.cylinder_side) == pytest.approx(0.150 - 0.010)
    changes = {"ball.truncated": True, "ball.cylinder_side.fillet": "none", "ball.land_side.fillet": "none"}
    ideal = loads(template("compliant"), changes).ball
    assert contact_distance(ideal, ideal.land_side) == pytest.approx(sqrt(0.150**2 - 0.115**2))


def test_joints_count_from_the_top_left_and_their_places_from_the_centre() -> None:
    """A map of 2 × 3 with a hole: +x right, +y up, pitch 0.5."""
    package = compliant(array={"pitch": "0.5 mm", "map": "\nO . O\n\n O O O \n"})
    assert [(joint.row, joint.column) for joint in package.array.joints] == [(1, 1), (1, 3), (2, 1), (2, 2), (2, 3)]
    first, last = package.array.joints[0], package.array.joints[-1]
    assert (first.x, first.y, last.x, last.y) == (-0.5, 0.25, 0.5, -0.25)
    assert first.dnp == pytest.approx(sqrt(0.3125))


def test_a_changed_package_is_read_again_and_the_old_one_stays() -> None:
    """Frozen nouns: `replace` gives a new package, with every check; equal values are equal packages."""
    package = compliant()
    thicker = replace(package, "second_layer.thickness", "100 um")
    assert thicker.second_layer is not None
    assert package.second_layer is not None
    assert (package.second_layer.thickness, thicker.second_layer.thickness) == (0.075, 0.1)
    assert thicker.replace("second_layer.thickness", "0.075 mm") == package
    assert hash(replace_all(thicker, {"second_layer.thickness": "75 um"})) == hash(package)
    with pytest.raises(Exception, match="frozen"):
        package.name = "other"  # type: ignore[misc]


def test_a_number_of_a_table_in_the_file_is_changed_alone() -> None:
    """materials.adhesive.E, and no other key of the adhesive; a library material takes part through its name."""
    soft = compliant(materials__adhesive__E="50 MPa")
    assert soft.cylinder is not None
    before = compliant().cylinder
    assert before is not None
    assert soft.cylinder.material.elasticity.E(300.0) == 50.0  # type: ignore[union-attr]
    assert soft.cylinder.material.expansion == before.material.expansion
    stiff = compliant(materials__copper__E="200 GPa", materials__copper__source="a test")
    assert stiff.land.material.elasticity.E(300.0) == 200e3  # type: ignore[union-attr]
    assert stiff.notices == ()


def test_packages_travel_between_processes(tmp_path: object) -> None:
    """Pickled and back they are equal, and can still be changed; so can their errors."""
    import pickle

    from fem_wlp.errors import ConfigErrors

    package = pickle.loads(pickle.dumps(compliant()))
    assert package == compliant()
    assert package.replace("name", "other").name == "other"
    with pytest.raises(ConfigErrors) as caught:
        compliant(chip__width="0 mm")
    again = pickle.loads(pickle.dumps(caught.value))
    assert str(again) == str(caught.value)


def test_a_byte_order_mark_and_windows_line_ends_change_nothing(tmp_path: object) -> None:
    """Editors on other systems write them."""
    from pathlib import Path

    file = Path(str(tmp_path)) / "device.toml"
    file.write_bytes(b"\xef\xbb\xbf" + template("paste").replace("\n", "\r\n").encode())
    assert load(file) == loads(template("paste"))
