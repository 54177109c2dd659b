"""What may be varied, how its values are written, and what is refused before any work."""

import time

import numpy as np
import pytest

from fem_wlp.errors import CATALOGUE, ConfigError
from fem_wlp.package import loads, replace_all, template
from fem_wlp.study import study_of
from fem_wlp.study.parameters import parameter_of, varied_paths

from .packages import compliant


@pytest.mark.parametrize(
    ("path", "written", "unit", "values"),
    [
        ("second_layer.thickness", "20 um..80 um:4", "um", ("20 um", "40 um", "60 um", "80 um")),
        ("second_layer.thickness", "20..80 um:4", "um", ("20 um", "40 um", "60 um", "80 um")),
        ("second_layer.thickness", "0.02 mm .. 80 um : 4 lin", "mm", ("0.02 mm", "0.04 mm", "0.06 mm", "0.08 mm")),
        ("materials.adhesive.E", "1 MPa..10 GPa:log 5", "MPa", ("1 MPa", "10 MPa", "100 MPa", "1000 MPa", "10000 MPa")),
        ("materials.adhesive.E", "1 MPa..1 GPa:4 log", "MPa", ("1 MPa", "10 MPa", "100 MPa", "1000 MPa")),
        ("array.pitch", "0.5, 0.55, 0.6 mm", "mm", ("0.5 mm", "0.55 mm", "0.6 mm")),
        ("array.pitch", ["500 um", "0.6 mm"], "mm", ("0.5 mm", "0.6 mm")),
        ("array.rows", "2..8:4", "", ("2", "4", "6", "8")),
        ("materials.adhesive.nu", "0.3..0.5:3", "", ("0.3", "0.4", "0.5")),
        ("cylinder.stress_free", "20 degC..100 degC:3", "degC", ("20 degC", "60 degC", "100 degC")),
        ("cylinder.stress_free", "0 degC..373.15 K:2", "degC", ("0 degC", "100 degC")),
        ("cylinder.material", "copper, SAC305", "", ("copper", "SAC305")),
        ("second_layer.wall", "bonded", "", ("bonded",)),
        ("ball.truncated", "false, true", "", ("false", "true")),
        ("ball.coats.0.thickness", "x 0.5, 1, 2", "", ("0.5", "1", "2")),
        ("materials.copper.E, materials.SAC305.E", "x0.1..10:log 3", "", ("0.1", "1", "10")),
        ("interconnect.line.direction", "0 deg..90 deg:2", "deg", ("0 deg", "90 deg")),
    ],
)
def test_values_are_what_is_written(path: str, written: str | list[str], unit: str, values: tuple[str, ...]) -> None:
    """Ranges with both ends, evenly, or evenly in their logarithms; lists; factors; words."""
    parameter = parameter_of(compliant(), path, written)
    assert (parameter.unit, parameter.values) == (unit, values)


@pytest.mark.parametrize(
    ("code", "path", "written", "words"),
    [
        ("P102", "second_layer.thicknes", "20 um..80 um:4", 'did you mean "second_layer.thickness"?'),
        ("P102", "cylinder.E", "1 MPa", 'did you mean "materials.adhesive.E"?'),
        ("P102", "ball.coats.0.material.E", "1 MPa", 'did you mean "materials.copper.E"?'),
        ("P102", "materials.coper.E", "1 MPa", 'did you mean "materials.copper.E"?'),
        ("P102", "ball.coats.7.thickness", "5 um", "ball.coats"),
        ("P102", "ball", "5 um", "ball.diameter"),
        ("P102", "name", "a, b", ""),
        ("P102", "array..pitch", "5 um", "no path"),
        ("P103", "second_layer.thickness", "20 um..80 um:0", "from 1"),
        ("P103", "second_layer.thickness", "20 um..80 um:4.5", "number of points"),
        ("P103", "second_layer.thickness", "20 um..80 um:1", "two ends"),
        ("P103", "second_layer.thickness", "20 um..80 um:geometric 4", "geometric"),
        ("P103", "second_layer.thickness", "20 um:4", "belongs to a range"),
        ("P103", "second_layer.thickness", "20 um,, 30 um", "empty"),
        ("P103", "second_layer.thickness", "thin..thick:4", "no number"),
        ("P103", "array.rows", "x 2, 4", "multiplied"),
        ("P103", "cylinder.stress_free", "x 0.5, 2", "multiplied"),
        ("P103", "cylinder.material", "x 2", "multiplied"),
        ("P103", "materials.adhesive.E, array.pitch", "1 MPa", "different kinds"),
        ("P103", "materials.adhesive.E", "x -1..1:3", "greater than zero"),
        ("P104", "materials.adhesive.E", "0 MPa..50 GPa:log 12", "above zero"),
        ("P104", "materials.adhesive.E", "-1 MPa..50 GPa:log 12", "above zero"),
        ("P104", "cylinder.stress_free", "20 degC..100 degC:log 3", "arbitrary"),
        ("P107", "array.pitch, array.pitch", "0.5 mm", "twice"),
        ("U102", "second_layer.thickness", "20..80:4", "without its unit"),
        ("U102", "second_layer.thickness", "20, 80", "without its unit"),
        ("U105", "second_layer.thickness", "20 uM..80 uM:4", "uM"),
        ("U106", "second_layer.thickness", "20 MPa..80 MPa:4", "is a stress"),
        ("G103", "second_layer.thickness", "20 um..2 m:4", "1 mm"),
        ("G101", "second_layer.thickness", "0 um..80 um:4", "greater than zero"),
        ("G130", "array.rows", "0, 2", "1 … 100"),
        ("F111", "second_layer.wall", "bonded, glued", "bonded, gap"),
    ],
)
def test_what_cannot_be_varied_is_refused_with_the_place_and_what_to_do(
    code: str, path: str, written: str, words: str
) -> None:
    with pytest.raises(ConfigError) as refused:
        parameter_of(compliant(), path, written, "device.toml:9:1 study.vary")
    assert refused.value.code == code
    assert refused.value.where == "device.toml:9:1 study.vary"
    assert words in f"{refused.value.message} {refused.value.hint}"


def test_whole_numbers_stay_whole() -> None:
    """Three steps from 2 to 8 rows are no whole ones."""
    parameter = parameter_of(compliant(), "array.rows", "2..5:3")
    with pytest.raises(ConfigError, match=r"2, 3\.5, 5"):
        _ = parameter.values


def test_every_path_that_is_offered_can_be_varied_by_its_present_value() -> None:
    """Each is a parameter; those with numbers take a factor of one, which leaves the package as it is."""
    package = compliant()
    offered = list(varied_paths(package))
    assert {"second_layer.thickness", "materials.adhesive.E", "ball.coats.0.thickness", "array.pitch"} <= set(offered)
    unchanged, refusals = 0, []
    for path in offered:
        try:
            parameter = parameter_of(package, path, "x 1")
        except ConfigError as refused:
            refusals.append(refused.code)
            continue
        assert replace_all(package, parameter.settings("1")) == package or path.startswith("materials."), path
        unchanged += 1
    assert unchanged > 40
    assert {*refusals} == {"P103"}  # words, temperatures, counts, or nothing written that could be multiplied


def test_a_material_of_the_library_is_changed_by_one_of_its_keys_and_keeps_the_rest() -> None:
    """The file has no table of copper; what is not changed is the library's."""
    package = compliant()
    softer = package.replace("materials.copper.E", "60 GPa")
    before, after = package.interconnect.material, softer.interconnect.material
    assert after.elasticity.E(298.15) == 60e3
    assert after.elasticity.nu(298.15) == before.elasticity.nu(298.15)
    assert after.expansion.x(298.15) == before.expansion.x(298.15)
    assert softer.ball.coats[0].material == after == softer.land.material


def test_a_factor_scales_a_modulus_at_every_temperature() -> None:
    """SAC305 has a line over temperature, the adhesive a number; both move by the one factor."""
    package = compliant()
    parameter = parameter_of(package, "materials.SAC305.E, materials.adhesive.E", "x 0.1, 3")
    scaled = replace_all(package, parameter.settings("3"))
    for before, after in (
        (package.ball.coats[2].material, scaled.ball.coats[2].material),
        (package.cylinder.material, scaled.cylinder.material),  # type: ignore[union-attr]
    ):
        for temperature in (233.15, 298.15, 398.15):
            ratio = after.elasticity.E(temperature) / before.elasticity.E(temperature)  # type: ignore[union-attr]
            assert ratio == pytest.approx(3.0, rel=1e-9)


IN_A_FILE = """
[study]
vary.second_layer.thickness = "20 um..80 um:4"
vary."array.pitch" = ["0.5 mm", "0.6 mm"]
sample = "grid"
record = ["decoupling.figure"]
"""


def test_a_study_in_the_file_is_that_of_the_command_line() -> None:
    """The path in quotes or as TOML's dotted key; what is given besides replaces what stands there."""
    study = study_of(loads(template("compliant") + IN_A_FILE))
    assert study.plan.rows[:3] == (("20 um", "0.5 mm"), ("20 um", "0.6 mm"), ("40 um", "0.5 mm"))
    assert study.plan.settings(2) == {"second_layer.thickness": "40 um", "array.pitch": "0.5 mm"}
    assert study.record == ("decoupling.figure",)
    other = study_of(loads(template("compliant") + IN_A_FILE), {"array.pitch": "0.5 mm"}, ["joint.height"])
    assert (len(other.plan), other.record) == (1, ("joint.height",))
    assert "8 points" in str(study)


@pytest.mark.parametrize(
    ("code", "line", "place"),
    [
        ("P102", 'vary.second_layer.thicknes = "20 um"', ":2:1 study.vary.second_layer.thicknes"),
        ("P104", 'vary."materials.adhesive.E" = "0 MPa..1 GPa:log 3"', ':2:1 study.vary."materials.adhesive.E"'),
        ("P106", 'vary.array.pitch = "0.5 mm"\nrecord = ["decoupling.figur"]', ":3:1 study.record"),
        ("P109", 'vary.array.pitch = "0.5 mm"\nsample = "lsh:20"', ":3:1 study.sample"),
        ("F108", 'varry.array.pitch = "0.5 mm"', ":2:1 study.varry"),
        ("F110", "vary.array.pitch = []", ":2:1 study.vary"),
        ("F119", "seed = -1", ":2:1 study.seed"),
        ("P101", "", ""),
    ],
)
def test_faults_of_a_study_have_their_place_in_the_file(code: str, line: str, place: str) -> None:
    text = template("compliant")
    first = text.count("\n") + 1
    with pytest.raises(ConfigError) as refused:
        study_of(loads(f"{text}[study]\n{line}\n"))
    assert refused.value.code == code
    _, number, column = (place or ":0:0").split(":")
    if place:
        assert refused.value.where == f"text:{first + int(number) - 1}:{column}"


@pytest.mark.parametrize(
    ("code", "vary", "options", "words"),
    [
        ("P101", {}, {}, "--vary"),
        ("P105", {"array.pitch": "0.5 mm..0.6 mm:1000", "land.thickness": "20..30 um:2000"}, {}, "2000000 points"),
        ("P105", {"array.pitch": "0.5 mm..0.6 mm:1000000000"}, {}, "years"),
        ("P105", {"array.pitch": "0.5 mm..0.6 mm"}, {"sample": "lhs:2000000"}, "lhs:1000"),
        ("P103", {"array.pitch": "0.5 mm..0.6 mm"}, {}, "how many points"),
        ("P106", {"array.pitch": "0.5 mm"}, {"record": ["joint.stifness.lateral"]}, "joint.stiffness.lateral"),
        ("P107", {"array.pitch": "0.5 mm", "array.pitch, land.thickness": "x 1"}, {}, "two parameters"),
        ("P108", {"materials.gold.E": "60 GPa..90 GPa:2"}, {}, "changes nothing"),
        ("P109", {"array.pitch": "0.5..0.6 mm"}, {"sample": "sobol:200"}, "sobol:128 or sobol:256"),
        ("P109", {"array.pitch": "0.5..0.6 mm"}, {"sample": "lhs"}, "lhs:256"),
        ("P109", {"array.pitch": "0.5..0.6 mm"}, {"sample": "random:20"}, "lhs"),
        ("P110", {"ball.diameter": "0.51 mm..0.6 mm:4"}, {}, "G111"),
    ],
)
def test_a_study_that_makes_no_sense_is_refused_at_once(
    code: str, vary: dict[str, str], options: dict[str, object], words: str
) -> None:
    """Within two seconds, also where it would have a thousand million points."""
    begin = time.process_time()
    with pytest.raises(ConfigError) as refused:
        study_of(compliant(), vary, **options)  # type: ignore[arg-type]
    assert time.process_time() - begin < 2.0
    assert refused.value.code == code
    assert code in CATALOGUE
    assert words in f"{refused.value.message} {refused.value.hint}"


def test_values_inside_are_in_the_programs_units() -> None:
    """What a reduced model is asked with: mm, MPa, K; a factor as it is; words have no number."""
    vary = {
        "second_layer.thickness": "50 um",
        "materials.adhesive.E": "2 GPa",
        "cylinder.stress_free": "100 degC",
        "materials.SAC305.E": "x 0.5",
        "array.rows": "4",
        "land.material": "copper",
    }
    inside = study_of(compliant(), vary).plan.inside()
    np.testing.assert_allclose(inside, [[0.05, 2000.0, 373.15, 0.5, 4.0, np.nan]], rtol=1e-15)
