"""Every refusal of a package file: its code, its place, the value as written, and what to do."""

import os
import re
from pathlib import Path

import pytest

from fem_wlp.errors import CATALOGUE, ConfigError, ConfigErrors, WlpError
from fem_wlp.package import load, loads, template

Overrides = dict[str, object]

CONVENTIONAL: Overrides = {"second_layer": "none", "opening": "none", "cylinder": "none"}
METAL_BALL: Overrides = {"ball.material": "SAC305", "ball.coats": []}


def drawn(ball_map: str) -> Overrides:
    """Return the change to an array that is drawn."""
    return {"array": {"pitch": "0.5 mm", "map": ball_map}}


def solid(extent: str) -> Overrides:
    """Return the change to a part of a 3D model."""
    return {"model.kind": "3d", "model.extent": extent}


def at(**temperatures: object) -> Overrides:
    """Return the change to other temperatures, in degC."""
    return {
        "temperatures": {
            key: [f"{one} degC" for one in value] if isinstance(value, list) else f"{value} degC"
            for key, value in temperatures.items()
        }
    }


ZAHN_AT_217: Overrides = {"cylinder.material": "adhesive-Zahn", "cylinder.stress_free": "217 degC"}
FALLING_TABLE = {"temperature": ["300 K", "200 K"], "value": ["1 GPa", "2 GPa"]}

OVERRIDES: list[tuple[str, str, Overrides, str]] = [
    # code, key in the message, what is changed in the compliant package, words of the message
    ("G101", "chip.thickness", {"chip.thickness": "0 um"}, "greater than zero"),
    ("G101", "array.pitch", {"array.pitch": "-0.5 mm"}, "greater than zero"),
    ("G102", "first_layer.thickness", {"first_layer.thickness": "10 nm"}, "50 nm"),
    ("G103", "chip.thickness", {"chip.thickness": "30 cm"}, "10 um … 2 mm"),
    ("G103", "board.thickness", {"board.thickness": "1 um"}, "50 um … 10 mm"),
    ("G110", "ball.cylinder_side.diameter", {"ball.cylinder_side.diameter": "300 um"}, "no standoff"),
    ("G111", "ball.diameter", {"ball.diameter": "0.6 mm"}, "overlap 100 um"),
    ("G112", "opening.free_end_diameter", {"opening.free_end_diameter": "0.5 mm"}, "neighbour"),
    ("G113", "ball.land_side.diameter", {"ball.land_side.diameter": "0.31 mm"}, "on the land"),
    ("G114", "ball.land_side.diameter", {"ball.land_side.fillet": "none"}, "cuts polymer-core and copper and nickel"),
    ("G115", "ball.coats", {"ball.coats.0.thickness": "140 um"}, "no core is left"),
    ("G116", "ball.cylinder_side.diameter", {"ball.cylinder_side.diameter": "210 um"}, "cylinder's free end (200 um)"),
    ("G116", "ball.land_side.diameter", {"land.diameter": "200 um"}, "land (200 um)"),
    ("G117", "ball.cylinder_side.dip", {"ball.cylinder_side.dip": "80 um"}, "deeper than the cylinder"),
    ("G117", "ball.cylinder_side.dip", {"ball.cylinder_side.dip": "50 um"}, "wider than the contact"),
    (
        "G117",  # the 15 um of solder on it would reach through the cylinder, which is 70 um high
        "ball.cylinder_side.dip",
        {"ball.cylinder_side.dip": "56 um", "ball.cylinder_side.fillet": "SAC305"},
        "less than 55",
    ),
    ("G117", "ball.land_side.dip", {"ball.land_side.dip": "5 um"}, "copper land"),
    (
        "G117",
        "ball.cylinder_side.dip",
        {"ball.cylinder_side.dip": "5 um", "ball.cylinder_side.fillet": "none", **METAL_BALL},
        "with a fillet",
    ),
    ("G118", "ball.cylinder_side", {"ball.truncated": True, "ball.land_side.fillet": "none"}, "neither fillet nor dip"),
    ("G119", "ball.cylinder_side.fillet", CONVENTIONAL, "no cylinder"),
    ("G120", "interconnect.base_region.diameter", {"interconnect.base_region.diameter": "0.5 mm"}, "neighbour"),
    ("G120", "interconnect.line.width", {"interconnect.line.width": "0.6 mm"}, "neighbour"),
    ("G121", "interconnect.line.length", {"interconnect.line.length": "2 mm"}, "leaves the chip"),
    ("G122", "opening.diameter", {"opening.diameter": "250 um"}, "base region (240 um)"),
    ("G123", "second_layer.gap", {"second_layer.gap": "5 um"}, '"bonded" has no gap'),
    ("G123", "second_layer.gap", {"second_layer.wall": "gap"}, '"gap" needs a gap'),
    ("G123", "second_layer.gap", {"second_layer.wall": "gap", "second_layer.gap": "100 um"}, "leaves no cylinder"),
    ("G124", "second_layer.thickness", {"second_layer.thickness": "5 um"}, "no height"),
    ("G125", "cylinder", {"cylinder": "none", "ball.cylinder_side.fillet": "adhesive"}, "missing: cylinder"),
    ("G126", "land.diameter", {"land.diameter": "0.5 mm"}, "neighbour"),
    ("G127", "chip.pads.opening", {"chip.pads.opening": "90 um"}, "over a pad of 80 um"),
    ("G127", "chip.pads.place", {"chip.pads.place": ["0 um", "0 um"]}, "beside its pad"),
    ("G130", "array.rows", {"array.rows": 0}, "1 … 100 rows"),
    ("G130", "array.rows", {"array.rows": 2.5}, "whole numbers"),
    ("G130", "array.columns", {"array.columns": 1000000}, "1 … 100 rows"),
    ("G131", "array.map", drawn("OO\nOX"), "'X' in the ball map, line 2, place 2"),
    ("G132", "array.map", drawn("OOO\nOO"), "line 2 has 2"),
    ("G133", "array.map", drawn("..\n.."), "no joint"),
    ("G134", "array", {"array.map": "OO\nOO"}, "twice"),
    ("G134", "array", {"array.rows": "none"}, "rows and columns, or a map"),
    ("G135", "array", {"array.rows": 10}, "16 of 80 joints"),
    ("G136", "board.width", {"board.width": "3 mm"}, "4.4 mm"),
    ("G138", "model.symmetry", {**drawn("OO\nO."), "model.symmetry": "quarter"}, "no mirror"),
    ("G138", "model.symmetry", {**drawn("OO\n.."), "model.symmetry": "quarter"}, "left and right only"),
    ("G138", "model.extent", {**drawn("OO\nO."), **solid("quarter")}, "no mirror"),
    ("G138", "model.extent", {**drawn("OO\n.."), **solid("eighth")}, "left and right only"),
    ("G138", "model.extent", {**drawn("O.O\nO.O\nOOO\nO.O\nO.O"), **solid("eighth")}, "with x and y exchanged"),
    ("G138", "model.extent", {"chip.length": "4.2 mm", **solid("eighth")}, "its chip is 4.4 mm × 4.2 mm"),
    ("G138", "model.extent", {"board.length": "9 mm", **solid("eighth")}, "its board is 8 mm × 9 mm"),
    ("G138", "model.extent", {"board.material": "FR4-J", **solid("eighth")}, "FR4-J is not alike along x and y"),
    ("G138", "model.extent", {**drawn("O.O\nO..\nO.O"), **solid("strip")}, "here row 2"),
    ("G138", "model.extent", {**drawn("O.O\n...\nO.O"), **solid("strip")}, "must have joints"),
    ("M101", "materials.adhesive.nu", {"materials.adhesive.nu": 0.5}, "-1 < nu < 0.5"),
    ("M102", "materials.adhesive.E", {"materials.adhesive.E": "0 MPa"}, "greater than zero"),
    ("M103", "materials.adhesive.E", {"materials.adhesive.E": "163e9 GPa"}, "did you mean Pa?"),
    ("M104", "materials.adhesive.CTE", {"materials.adhesive.CTE": "15000 ppm/K"}, "copper has 17 ppm/K"),
    ("M105", "cylinder.material", {"cylinder.material": "Coper"}, 'did you mean "copper"?'),
    ("M105", "materials.adhesive.based_on", {"materials.adhesive.based_on": "adhesive_soft"}, '"adhesive-soft"'),
    ("M106", "materials.FR4-J", {"materials.FR4-J.nu_xz": 2.0}, "eigenvalue"),
    ("M107", "materials.adhesive.E", {"materials.adhesive.E": FALLING_TABLE}, "increase"),
    ("M108", "cylinder.material", ZAHN_AT_217, "not at 217 degC"),
    ("M109", "materials.adhesive.CTE_kind", {"materials.adhesive.CTE_kind": "mean"}, "CTE_reference"),
    ("M110", "materials.adhesive", {"materials.adhesive.E_z": "3 GPa"}, "one complete set"),
    ("M111", "materials.adhesive.E", {"materials.adhesive.E": {"value": ["3 GPa"]}}, "a table or a straight line"),
    ("M112", "materials.a.based_on", {"materials.a.based_on": "b", "materials.b.based_on": "a"}, "a → b → a"),
    ("M113", "materials.adhesive.resistivity", {"materials.adhesive.resistivity": "0 Ohm*m"}, "greater than zero"),
    ("T101", "temperatures.assembly", {"temperatures.assembly": "none"}, "there is no default"),
    ("T102", "temperatures.assembly", {"temperatures.assembly": "800 degC"}, "-220 degC … 500 degC"),
    ("T103", "temperatures", at(assembly=25, service=25), "figure is undefined"),
    ("T103", "temperatures", at(assembly=25, cycle=[40, 40]), "both extremes"),
    ("T104", "temperatures", {"temperatures.service": "25 degC"}, "service and condition are given"),
    ("T104", "temperatures", {"temperatures.condition": "none"}, "none is given"),
    ("T105", "temperatures.condition", {"temperatures.condition": "JESD22-A104 H"}, "JESD22-A104 G"),
    ("T106", "land", {**at(assembly=217, service=190), "land.material": "SnPb"}, "molten above 183"),
    ("T107", "temperatures.cycle", at(assembly=217, cycle=[25]), "two extreme"),
    ("U101", "chip.thickness", {"chip.thickness": '""'}, "no value"),
    ("U102", "chip.thickness", {"chip.thickness": 0.3}, "without its unit"),
    ("U103", "chip.thickness", {"chip.thickness": "2*3 um"}, "nothing is evaluated"),
    ("U104", "chip.thickness", {"chip.thickness": "nan"}, "no number"),
    ("U104", "materials.adhesive.nu", {"materials.adhesive.nu": "inf"}, "no number"),
    ("U105", "materials.adhesive.E", {"materials.adhesive.E": "3 Gpa"}, "did you mean GPa?"),
    ("U106", "materials.adhesive.E", {"materials.adhesive.E": "22 ppm/K"}, "22 ppm/K is not a stress"),
    ("U107", "chip.thickness", {"chip.thickness": "0,3 mm"}, "0.3 mm"),
    ("U108", "temperatures.assembly", {"temperatures.assembly": "-300 degC"}, "below absolute zero"),
    ("F108", "second_layer.thicknes", {"second_layer.thicknes": "80 um"}, 'did you mean "thickness"?'),
    ("F108", "materials.adhesive.young", {"materials.adhesive.young": "80 MPa"}, "unknown key"),
    ("F108", "scond_layer", {"scond_layer.thickness": "80 um"}, '"second_layer"'),
    ("F109", "chip.thickness", {"chip.thickness": "none"}, 'the key "thickness" is missing'),
    ("F109", "board", {"board": "none"}, "the table [board] is missing"),
    ("F110", "chip", {"chip": "3 mm"}, "a table is needed"),
    ("F110", "ball.coats", {"ball.coats": "copper"}, "a list is needed"),
    ("F110", "ball.coats", {"ball.coats": [{}] * 21}, "at most 20 coats"),
    ("F110", "ball.truncated", {"ball.truncated": "yes"}, "true or false"),
    ("F110", "cylinder.material", {"cylinder.material": 3}, "by its name"),
    ("F110", "materials", {"materials": 3}, "materials are tables"),
    ("F110", "materials.x", {"materials.x": 3}, "a material is a table"),
    ("F111", "second_layer.wall", {"second_layer.wall": "bond"}, 'did you mean "bonded"?'),
    ("F111", "interconnect.line.direction", {"interconnect.line.direction": "outwards"}, 'did you mean "outward"?'),
    ("F110", "model.fineness", {"model.fineness": []}, "not as a list"),
    ("F111", "model.kind", {"model.kind": "3D"}, 'did you mean "3d"?'),
    ("F111", "model.extent", {"model.extent": "quater"}, 'did you mean "quarter"?'),
    ("F111", "model.solver", {"model.solver": "multi-grid"}, 'did you mean "multigrid"?'),
    ("F111", "model.lateral", {"model.lateral": "fixed"}, "known: free, held"),
    ("F114", "name", {"name": "../device"}, "no part of a path"),
    ("F114", "name", {"name": "x" * 81}, "at most 80"),
    ("F114", "name", {"name": "a\x00b"}, "printable"),
    ("F114", 'materials."a/b"', {"materials": {"a/b": {}}}, "no part of a path"),
    ("F119", "model.fineness", {"model.fineness": 0.2}, "0.25 … 4"),
    ("F119", "model.fineness", {"model.fineness": 5}, "0.25 … 4"),
    ("F115", "ball.coats.7.thickness", {"ball.coats.7.thickness": "5 um"}, "from 0 to 2"),
    ("F115", "ball.diameter.x", {"ball.diameter.x": "5 um"}, "nothing inside"),
    ("F115", "..", {"..": "5 um"}, "no path"),
]  # fmt: skip


def faults_of(error: WlpError) -> tuple[WlpError, ...]:
    """Return all faults of one refusal."""
    return error.faults if isinstance(error, ConfigErrors) else (error,)


@pytest.mark.parametrize(("code", "key", "overrides", "words"), OVERRIDES)
def test_each_change_for_the_worse_is_refused_by_its_code_at_its_key(
    code: str, key: str, overrides: Overrides, words: str
) -> None:
    """One change to a sound package: that code, that key, and words that help."""
    with pytest.raises(ConfigError) as caught:
        loads(template("compliant"), overrides)
    found = [fault for fault in faults_of(caught.value) if fault.code == code]
    assert found, [fault.code for fault in faults_of(caught.value)]
    assert any(key in fault.where and words in str(fault) for fault in found), str(caught.value)
    assert all(fault.where and fault.code in CATALOGUE for fault in faults_of(caught.value))
    assert caught.value.exit_code == 2


FILES: list[tuple[str, bytes, str]] = [
    ("F102", "name = 'x'".encode("utf-16"), "UTF-16"),
    ("F102", b"\x7fELF\x00\x01", "binary"),
    ("F102", b"name = 'caf\xe9'", "UTF-8"),
    ("F103", b"", "empty"),
    ("F103", b" \n\t\n", "empty"),
    ("F104", b"# " + b"x" * 2**20, "1 MiB"),
    ("F105", b"[chip]\nwidth 3 mm\n", "device.toml:2:"),
    ("F105", b'[chip]\nwidth = "3 mm\n', "device.toml:2:"),
    ("F105", b"x = " + b"9" * 5000, "not TOML"),
    ("F106", b'[chip]\nwidth = "3 mm"\nwidth = "4 mm"\n', "device.toml:3:"),
    ("F106", b"[chip]\n[chip]\n", "device.toml:2:"),
    ("F106", b"x = { a = 1, a = 2 }\n", "given twice"),
    ("F107", b"a = " + b"[" * 60 + b"]" * 60, "device.toml:1:"),
    ("F112", b'extends = "device.toml"\n', "device.toml → device.toml"),
    ("F113", b'extends = "missing.toml"\n', "no such file"),
    ("F113", b'extends = "../outside.toml"\n', "folder"),
    ("F113", b'materials_files = ["/etc/passwd"]\n', "folder"),
    ("F114", b'extends = "a\\u0000b"\n', "no name of a file"),
    ("F118", b"x = [" + b"1," * 60_000 + b"]", "50000 words"),
    ("F110", b"materials_files = 3\n", "list of names"),
]


@pytest.mark.parametrize(("code", "content", "words"), FILES)
def test_a_file_that_is_no_package_file_is_refused_by_its_code(
    tmp_path: Path, code: str, content: bytes, words: str
) -> None:
    """Damaged, foreign and circular files."""
    file = tmp_path / "device.toml"
    file.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        load(file)
    assert caught.value.code == code, str(caught.value)
    assert words in str(caught.value)
    assert "device.toml" in caught.value.where


def test_a_file_that_is_not_there_is_answered_with_the_nearest_name(tmp_path: Path) -> None:
    """F101, for folders too."""
    (tmp_path / "device.toml").write_text(template("paste"))
    for name, words in (
        ("devise.toml", 'did you mean "device.toml"?'),
        ("no/such.toml", "fem-wlp new"),
        (".", "folder"),
    ):
        with pytest.raises(ConfigError, match=re.escape(words)) as caught:
            load(tmp_path / name)
        assert caught.value.code == "F101"


def test_what_is_no_file_is_not_answered_with_its_own_name(tmp_path: Path) -> None:
    """F101: a folder and a pipe are called what they are, and neither is proposed."""
    (tmp_path / "device.toml").mkdir()
    os.mkfifo(tmp_path / "pipe.toml")
    for name, words in (("device.toml", "it is a folder"), ("pipe.toml", "it is no file"), ("devise.toml", "no such")):
        with pytest.raises(ConfigError, match=words) as caught:
            load(tmp_path / name)
        assert (caught.value.code, "did you mean" in caught.value.hint) == ("F101", False)


def test_a_package_extends_another_key_by_key(tmp_path: Path) -> None:
    """Tables are joined, lists and leaves replaced; a fault names the file in which it stands."""
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "base.toml").write_text(template("compliant"))
    child = tmp_path / "device.toml"
    child.write_text(
        'extends = "parts/base.toml"\nname = "child"\n[second_layer]\nthickness = "90 um"\n[ball]\ncoats = []\n'
    )
    package = load(child, {"ball.material": "SAC305"})
    assert (package.name, package.second_layer and package.second_layer.thickness) == ("child", 0.09)
    assert package.ball.coats == ()
    assert package.second_layer is not None
    assert package.second_layer.material.name == "silicone-photopatternable"
    with pytest.raises(ConfigError) as caught:
        load(child, {"ball.material": "SAC305", "chip.width": "1 mm"})
    assert "base.toml" in caught.value.where or "--set" in caught.value.where


def test_files_of_materials_are_read_by_the_same_code(tmp_path: Path) -> None:
    """Their faults carry their own file's name; inline tables win; without a source there is a notice."""
    (tmp_path / "mine.toml").write_text('[materials.glue]\nE = "1 GPa"\nnu = 0.4\nCTE = "60 ppm/K"\n')
    file = tmp_path / "device.toml"
    file.write_text('materials_files = ["mine.toml"]\n' + template("compliant"))
    package = load(file, {"cylinder.material": "glue"})
    assert package.cylinder is not None
    assert package.cylinder.material.expansion.x(300.0) == pytest.approx(60e-6)
    assert [(notice.code, notice.where) for notice in package.notices] == [("W102", "mine.toml:1:1 materials.glue")]
    (tmp_path / "mine.toml").write_text('[materials.glue]\nE = "1 GPa"\nnu = 0.7\nCTE = "60 ppm/K"\n')
    with pytest.raises(ConfigError) as caught:
        load(file)
    assert (caught.value.code, caught.value.where) == ("M101", "mine.toml:3:1 materials.glue.nu")
    (tmp_path / "mine.toml").write_text("[chip]\n")
    with pytest.raises(ConfigError) as caught:
        load(file)
    assert caught.value.code == "F108"


def test_a_reference_package_is_another_file_without_a_reference_of_its_own(tmp_path: Path) -> None:
    """F113 and F117."""
    (tmp_path / "other.toml").write_text(template("conventional"))
    file = tmp_path / "device.toml"
    file.write_text('reference = "other.toml"\n' + template("compliant"))
    package = load(file)
    assert package.reference is not None
    assert package.reference.name == "conventional"
    (tmp_path / "other.toml").write_text('reference = "device.toml"\n' + template("conventional"))
    with pytest.raises(ConfigError) as caught:
        load(file)
    assert caught.value.code == "F117"
    (tmp_path / "other.toml").unlink()
    with pytest.raises(ConfigError) as caught:
        load(file)
    assert caught.value.code == "F113"


def test_an_unknown_template_is_answered_with_the_nearest() -> None:
    """F116."""
    with pytest.raises(ConfigError, match='did you mean "compliant"') as caught:
        template("compliance")
    assert caught.value.code == "F116"


def test_a_thin_second_layer_is_noticed_and_the_claim_named() -> None:
    """W101 under four times the first layer, and not at four times."""
    thin = loads(template("compliant"), {"second_layer.thickness": "31 um", "first_layer.thickness": "8 um"})
    assert [notice.code for notice in thin.notices] == ["W101"]
    assert "at least 4 times" in str(thin.notices[0])
    assert "32 um" in thin.notices[0].hint
    assert loads(template("compliant"), {"second_layer.thickness": "32 um"}).notices == ()


@pytest.mark.parametrize(
    ("overrides", "key"),
    [
        ({"model.extent": "full"}, "extent"),
        ({"model.solver": "direct"}, "solver"),
        ({"model.lateral": "held"}, "lateral"),
        ({"model.kind": "3d", "model.symmetry": "whole"}, "symmetry"),
        ({**solid("full"), "model.lateral": "held"}, "lateral"),
    ],
)
def test_a_key_of_the_other_kind_of_model_is_noticed_at_its_place(overrides: Overrides, key: str) -> None:
    """W103; the same file may serve both kinds, so nothing is refused."""
    (notice,) = loads(template("compliant"), overrides).notices
    assert notice.code == "W103"
    assert f"model.{key}" in notice.where
    assert notice.value == overrides[f"model.{key}"]


@pytest.mark.parametrize(
    "overrides",
    [
        {"model.extent": "auto", "model.solver": "auto", "model.lateral": "free", "model.symmetry": "auto"},
        {"model.symmetry": "whole", "model.fineness": 0.5},
        {**solid("strip"), "model.lateral": "held", "model.solver": "direct", "model.fineness": 2},
    ],
)
def test_what_has_an_effect_or_is_a_default_goes_without_notice(overrides: Overrides) -> None:
    """A resolved file, in which all defaults are written, is read without W103."""
    assert loads(template("compliant"), overrides).notices == ()


def test_a_quarter_of_the_other_kind_is_not_asked_for() -> None:
    """No part of the array that the file's kind of model would not compute is refused."""
    lopsided = {**drawn("OO\nO.")}
    assert loads(template("compliant"), {**lopsided, "model.kind": "3d", "model.symmetry": "quarter"}).notices
    assert loads(template("compliant"), {**lopsided, "model.extent": "eighth"}).notices


def test_all_faults_of_a_file_are_told_together_in_the_order_of_the_file() -> None:
    """Each with line and column, and the value as it was written."""
    text = template("compliant")
    for old, new in (
        ('thickness = "0.3 mm"', 'thickness = "0,3 mm"'),
        ('material = "polyimide"', 'material = "polyimid"'),
        ('diameter = "200 um"             # at', 'diametr = "200 um"             # at'),
        ('diameter = "300 um"', 'diameter = "0.6 mm"'),
        ("rows = 8", "rows = 2.5"),
        ("nu = 0.45", "nu = 0.5"),
    ):
        assert old in text
        text = text.replace(old, new, 1)
    with pytest.raises(ConfigErrors) as caught:
        loads(text)
    faults = caught.value.faults
    assert {"U107", "M105", "F108", "F109", "G130", "M101"} <= {fault.code for fault in faults}
    lines = [int(fault.where.split(":")[1]) for fault in faults]
    assert lines == sorted(lines)
    for fault in faults:
        line = text.splitlines()[int(fault.where.split(":")[1]) - 1]
        assert fault.value.strip('"') in line
    assert str(caught.value).count("error[") == len(faults)


def test_an_unknown_material_hides_no_fault_of_geometry() -> None:
    """Nor is one invented: what would melt is not known."""
    with pytest.raises(ConfigErrors) as caught:
        loads(template("compliant"), {"cylinder.material": "Coper", "ball.diameter": "0.6 mm", "ball.material": "SAC"})
    assert sorted(fault.code for fault in caught.value.faults) == ["G111", "M105", "M105"]


def test_every_code_of_files_geometry_materials_temperatures_and_units_is_provoked_here() -> None:
    """The catalogue holds no code of a package file that no test raises."""
    provoked = {code for code, *_ in OVERRIDES} | {code for code, *_ in FILES}
    provoked |= {"F101", "F116", "F117", "W101", "W102", "W103", "W107"}
    of_studies, of_stored_runs, of_processes = {"W104"}, {"F130", "F131", "F132"}, {"W105", "W106"}
    of_results = {"W108", "W109"}
    elsewhere = of_studies | of_stored_runs | of_processes | of_results
    assert {code for code in CATALOGUE if code[0] in "FGMTUW"} - elsewhere == provoked
