"""Every way of being wrong that must be noticed: the table of the docs, row by row, and how it is told."""

from __future__ import annotations

import os
import re
import resource
import shutil
import subprocess
import sys
from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path

import pytest

from fem_wlp.analysis import solve
from fem_wlp.analysis.figures import figures
from fem_wlp.errors import CATALOGUE, ConfigError, ConfigErrors
from fem_wlp.estimation import estimate
from fem_wlp.package import load, loads, template
from fem_wlp.package.sheared import refuse_one_joint

ROOT = Path(__file__).parents[1]
PROGRAM = [sys.executable, "-m", "fem_wlp"]

VERBS = ("check", "solve", "estimate", "sweep", "design", "map", "tolerance", "cell", "mesh", "converge")

Changes = Mapping[str, object]


def drawn(ball_map: str, **model: str) -> Changes:
    """Return the change to an array that is drawn."""
    return {"array": {"pitch": "0.5 mm", "map": ball_map}, **{f"model.{key}": value for key, value in model.items()}}


FALLING = {"temperature": ["300 K", "200 K"], "value": ["1 GPa", "2 GPa"]}
LINE = {"at": "0 K", "value": "60 GPa", "slope": "-0.05 GPa/K", "from": "250 K", "to": "350 K"}

PACKAGES: Mapping[str, list[Changes]] = {
    "thickness that is zero or negative": [{"chip.thickness": "0 um"}, {"board.thickness": "-1 mm"}],
    "layer thinner than the meshing floor": [{"first_layer.thickness": "49 nm"}, {"ball.coats.1.thickness": "1 nm"}],
    "contact as wide as the ball: standoff 0": [{"ball.cylinder_side.diameter": "300 um"}],
    "ball wider than the pitch": [{"ball.diameter": "0.6 mm"}],
    "opening wider than the pitch": [{"opening.diameter": "0.6 mm"}, {"opening.free_end_diameter": "0.5 mm"}],
    "ball smaller than its contact on the land": [{"ball.land_side.diameter": "0.31 mm"}],
    "contact plane through an unmelted coat or core": [{"ball.land_side.fillet": "none"}],
    "coat thicker than the ball's radius": [{"ball.coats.0.thickness": "150 um"}],
    "interconnect wider than the pitch": [
        {"interconnect.line.width": "0.6 mm"},
        {"interconnect.base_region.diameter": "0.5 mm"},
    ],
    "interconnect outside the chip": [{"interconnect.line.length": "2 mm"}],
    "array of 0 × 0, 2.5 or 1e6 joints": [
        {"array.rows": 0, "array.columns": 0},
        {"array.rows": 2.5},
        {"array.rows": 10**6},
    ],
    "ball map with an unknown character": [drawn("OO\nOX"), drawn("oo")],
    "ball map with ragged rows": [drawn("OOO\nOO")],
    "ball map without a joint": [drawn("..\n.."), drawn("")],
    "joint outside the chip": [{"array.rows": 10}],
    "chip larger than the board": [{"board.width": "3 mm"}, {"board.length": "3 mm"}],
    "quarter of a map that has no such symmetry": [
        drawn("OO\nO.", symmetry="quarter"),
        drawn("OO\nO.", kind="3d", extent="quarter"),
    ],
    "Poisson's ratio of 0.5 or more, −1 or less": [{"materials.adhesive.nu": value} for value in (0.5, 0.7, -1, -1.5)],
    "modulus of zero or less": [{"materials.adhesive.E": "0 MPa"}, {"materials.adhesive.E": "-1 GPa"}],
    "modulus of no solid": [{"materials.adhesive.E": value} for value in ("163e9 GPa", "1301 GPa", "90 Pa")],
    "number without its unit": [{"chip.thickness": 0.3}, {"materials.adhesive.E": 200}, {"chip.width": "3"}],
    "wrong dimension": [{"materials.adhesive.E": "22 ppm/K"}, {"chip.width": "3 GPa"}],
    "unknown unit": [{"materials.adhesive.E": "3 Gpa"}, {"chip.width": "3 parsec"}],
    "decimal comma": [{"chip.thickness": "0,3 mm"}],
    "expansion beyond 1e-3 per kelvin": [{"materials.adhesive.CTE": value} for value in ("1500 ppm/K", "-0.002 1/K")],
    "temperature below 0 K": [{"temperatures.assembly": "-274 degC"}, {"cylinder.stress_free": "-1 K"}],
    "NaN, inf, 1e400": [
        *({"chip.thickness": value} for value in ("nan", "nan mm", "inf", "-inf mm", "1e400 mm", float("nan"))),
        *({"materials.adhesive.nu": value} for value in ("nan", "inf", "1e400", float("inf"))),
    ],
    "empty string": [{"chip.thickness": '""'}, {"name": '""'}],
    "unknown material": [{"cylinder.material": "Coper"}, {"materials.adhesive.based_on": "adhesive_soft"}],
    "orthotropic constants that are not positive definite": [{"materials.FR4-J.nu_xz": 2.0}],
    "temperature table that does not increase": [{"materials.adhesive.E": FALLING}],
    "property outside its table": [{"materials.adhesive.E": LINE}],
    "no stress-free temperature of the joints": [{"temperatures.assembly": "none"}],
    "profile of temperatures": [
        {"temperatures.profile": ["25 degC", "20 degC"]},
        {"temperatures": {"assembly": "217 degC", "cycle": ["25 degC", "20 degC", "10 degC"]}},
    ],
    "no change of temperature": [{"temperatures": {"assembly": "25 degC", "service": "25 degC"}}],
    "unknown key": [{"second_layer.thicknes": "80 um"}, {"scond_layer.thickness": "80 um"}],
    "wrong type": [{"chip": "3 mm"}, {"ball.truncated": "yes"}, {"ball.coats": 3}, {"cylinder.material": []}],
    "name with parts of a path, NUL, newline, or over 80 characters": [
        {"name": value} for value in ("../x", "a/b", "a\x00b", "a\nb", "x" * 81)
    ],
    "expression where a number belongs": [{"chip.thickness": "2*3 um"}, {"materials.adhesive.nu": "1/3"}],
}
"""Row of the table → changes to the compliant template that are refused so."""

FILES: Mapping[str, list[bytes]] = {
    "key given twice": [b'[chip]\nwidth = "3 mm"\nwidth = "4 mm"\n'],
    "not TOML": [b"[chip]\nwidth 3 mm\n", b"x = " + b"9" * 5000],
    "binary, UTF-16": [b"\x7fELF\x00\x01", "name = 'x'".encode("utf-16")],
    "empty file": [b"", b" \n"],
    "file larger than 1 MiB": [b"# " + b"x" * 2**20],
    "nested deeper than 50": [b"a = " + b"[" * 60 + b"]" * 60, b"a" + b".a" * 60 + b" = 1"],
    "circle of `extends`": [b'extends = "device.toml"\n'],
    "parent missing or outside the folder": [b'extends = "missing.toml"\n', b'extends = "../outside.toml"\n'],
}
"""Row of the table → contents of device.toml that are refused so."""

ELSEWHERE: Mapping[str, str] = {
    "second layer thinner than four times the first": "package/test_refusals.py::a_thin_second_layer_is_noticed",
    "material without a source": "package/test_refusals.py::files_of_materials_are_read_by_the_same_code",
    "one joint by itself": "test_bad_input.py::one_joint_by_itself_has_no_figure",
    "strip of an array with one joint, on the plane x = 0": "test_bad_input.py::a_strip_of_one_joint_has_no_figure",
    "free rigid-body motion": "solid/test_supports.py::a_body_on_a_hinge_is_named_so",
    "region attached to nothing": "joint/test_cell_supports.py::a_refusal_says_what_and_what_to_do",
    "two values for one displacement": "joint/test_cell_supports.py::a_refusal_says_what_and_what_to_do",
    "empty selection": "mesh/test_section.py::an_unknown_region_is_refused_with_those_that_exist",
    "study without points": "package/test_mutations.py::a_study_of_no_or_countless_points_is_refused",
    "study of 1e9 points": "package/test_mutations.py::a_study_of_no_or_countless_points_is_refused",
    "study of a parameter that does not exist": "study/test_parameters.py::a_study_that_makes_no_sense",
    "more memory than is left": "test_cli.py::too_little_memory_is_refused_before_anything_is_meshed",
    "output folder that cannot be written, or a file": "test_cli.py::a_folder_that_cannot_be_written_is_refused",
    "output folder with another configuration's results": "report/test_folder.py::another_packages_results_are_refused",
    "disk full while writing": "report/test_folder.py::a_full_disk_leaves_the_previous_result",
    "study killed in its middle": "study/test_kill.py::three_kills_lose_nothing",
    "damaged checkpoint": "study/test_journal.py::a_damaged_line_is_noticed_and_its_point_is_open_again",
    "two processes on one study": "study/test_journal.py::two_processes_do_not_write_one_study",
    "interruption": "test_cli.py::an_interrupted_solve_ends_within_five_seconds",
    "gmsh or its system libraries missing": "test_cli.py::missing_libraries_are_refused",
    "mesh with inverted elements": "mesh/test_gmsh_files.py::an_element_inverted_in_a_part_is_refused_with_its_place",
    "mesh with an empty region": "mesh/test_section.py::a_covered_region_is_refused",
    "mesh with a missing name": "mesh/test_gmsh_files.py::what_is_no_mesh_of_a_package_is_refused_with_the_cure",
    "singular or indefinite matrix": "solid/test_solve.py::a_region_without_stiffness_is_refused",
    "answer that is not finite": "elasticity/test_solve.py::a_load_that_is_not_finite_is_refused",
    "residual too large": "elasticity/test_solve.py::a_pin_that_carries_force_is_a_residual",
    "forces or energies out of balance": "analysis/test_refusals.py::forces_moments_or_energies_that_do_not_balance",
    "LANG, LC_NUMERIC": "test_bad_input.py::the_language_of_the_machine_has_no_effect",
}
"""Row of the table → the test that provokes it, by its file and the beginning of its name."""


def table() -> dict[str, tuple[str, ...]]:
    """Return the rows of the docs' table, and their codes."""
    text = (ROOT / "docs" / "refusals.md").read_text("utf-8").split("## What is asked to be refused")[1]
    rows = re.findall(r"^\| ([^|]+?) \| ([^|]+?) \|$", text, re.MULTILINE)
    return {row: tuple(re.findall(r"[A-Z]\d{3}", told)) for row, told in rows if row not in ("bad input", "---")}


def codes_of(error: ConfigError) -> set[str]:
    """Return all codes of one refusal."""
    return {fault.code for fault in (error.faults if isinstance(error, ConfigErrors) else (error,))}


def test_every_row_of_the_table_has_its_test_and_no_test_is_without_a_row() -> None:
    """And its codes are those of the catalogue; the tests elsewhere are there."""
    rows = table()
    assert len(rows) > 70
    assert [*sorted(rows)] == [*sorted({**PACKAGES, **FILES, **ELSEWHERE})]
    assert {code for codes in rows.values() for code in codes} <= set(CATALOGUE)
    for row, place in ELSEWHERE.items():
        file, name = place.split("::")
        assert re.search(rf"^def test_{name}", (ROOT / "tests" / file).read_text("utf-8"), re.MULTILINE), row


@pytest.mark.parametrize("row", PACKAGES)
def test_what_no_package_can_be_is_told_by_the_code_of_its_row(row: str) -> None:
    """With the place, a sentence, and what to do or what is admissible."""
    codes = table()[row]
    told = set()
    for changes in PACKAGES[row]:
        board = {"board.material": "FR4-J"} if "FR4-J" in str(changes) else {}
        with pytest.raises(ConfigError) as caught:
            loads(template("compliant"), {**changes, **board})
        found = codes_of(caught.value) & set(codes)
        assert found, (changes, str(caught.value))
        told |= found
        assert caught.value.exit_code == 2
        assert caught.value.where
    assert told == set(codes)


@pytest.mark.parametrize("row", FILES)
def test_what_is_no_package_file_is_told_by_the_code_of_its_row(row: str, tmp_path: Path) -> None:
    """As one fault, at its line where there is one."""
    for content in FILES[row]:
        (tmp_path / "device.toml").write_bytes(content)
        with pytest.raises(ConfigError) as caught:
            load(tmp_path / "device.toml")
        assert codes_of(caught.value) == set(table()[row])


def test_faults_of_all_kinds_are_told_together() -> None:
    """One of every row that is a change of one key, as many as go side by side: each keeps its code."""
    changes: dict[str, object] = {}
    expected = set()
    rows = table()
    for row, alternatives in PACKAGES.items():
        (key, value), *others = alternatives[-1].items()
        if not others and "." in key and not any(key.split(".")[0] == taken.split(".")[0] for taken in changes):
            changes[key] = value
            expected |= set(rows[row])
    with pytest.raises(ConfigErrors) as caught:
        loads(template("compliant"), changes)
    assert len(caught.value.faults) >= 8
    unmet = expected - codes_of(caught.value)
    assert {code[0] for code in unmet} <= {"G"}, unmet  # rules between parts are not asked where one cannot be read


def test_one_joint_by_itself_has_no_figure() -> None:
    """G130, wherever it stands: before anything is meshed, in both kinds of model."""
    for ball_map in ("O", "O.\n.."):
        for kind in ("2d", "3d"):
            package = loads(template("compliant"), drawn(ball_map, kind=kind))
            for asked in (solve, lambda package: figures(package, ["decoupling.figure"])):
                with pytest.raises(ConfigError, match="not sheared") as caught:
                    asked(package)
                assert caught.value.code == "G130"
            closed = estimate(package)
            assert (closed.decoupling, closed.shear_force.value) == (None, 0.0)


def test_closed_forms_load_no_joint_where_chip_and_board_expand_alike() -> None:
    """No figure and no force, and no number that is none."""
    closed = estimate(loads(template("compliant"), {"board.material": "silicon"}))
    assert (closed.decoupling, closed.shear_force.value) == (None, 0.0)
    assert "nan" not in str(closed)


def test_faults_of_a_file_with_colons_in_its_name_stand_in_order(tmp_path: Path) -> None:
    """Line and column are the last two numbers of a place."""
    text = template("compliant").replace("[array]", "[array]\nrowz = 8", 1).replace("[board]", "[board]\nlong = 1", 1)
    file = tmp_path / "a:b.toml"
    file.write_text(text)
    with pytest.raises(ConfigErrors) as caught:
        load(file)
    assert ["long" in str(fault) for fault in caught.value.faults] == [True, False]  # [board] stands before [array]


def test_a_strip_of_one_joint_has_no_figure() -> None:
    """G130: it stands on the neutral point's plane, whatever stands above and below; with a joint beside it, it has."""
    for ball_map, refused in (("O\nO", True), ("OOO\n.O.\nOOO", True), ("OOO\nOOO", False)):
        package = loads(template("compliant"), drawn(ball_map, kind="3d") | {"model.extent": "strip"})
        with pytest.raises(ConfigError, match="one joint") if refused else nullcontext() as caught:
            refuse_one_joint(package)
        assert caught is None or caught.value.code == "G130"


@pytest.mark.parametrize(
    "verb", ["check", "solve", "estimate", "sweep", "design", "map", "tolerance", "cell", "converge"]
)
def test_every_verb_refuses_a_faulty_file_in_two_seconds(verb: str, tmp_path: Path) -> None:
    """Of processor time, which does not grow where others compute; nothing is written, and no traceback is printed."""
    text = (
        template("compliant").replace('thickness = "0.3 mm"', 'thickness = "0,3 mm"').replace("rows = 8", "rows = 2.5")
    )
    (tmp_path / "device.toml").write_text(text)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run = subprocess.run([*PROGRAM, verb, "device.toml"], cwd=tmp_path, capture_output=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert run.returncode == 2, run.stderr
    assert (run.stdout, run.stderr.count("error[")) == ("", 2)
    assert "Traceback" not in run.stderr
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 2.0
    assert [path.name for path in tmp_path.iterdir()] == ["device.toml"]


@pytest.mark.long
def test_the_language_of_the_machine_has_no_effect(tmp_path: Path) -> None:
    """German decimal commas, Turkish dotless i, and no language at all: the same text and mesh, to the letter.

    The mesh, because gmsh reads and writes numbers in C++. Without a language, text is escaped and its mesh compared.
    """
    if shutil.which("localedef") is None or not Path("/usr/share/i18n/locales/de_DE").exists():
        pytest.skip("no definitions of languages on this machine")
    for name in ("de_DE", "tr_TR"):
        command = ["localedef", "-i", name, "-f", "UTF-8", str(tmp_path / f"{name}.UTF-8")]
        subprocess.run(command, check=False, capture_output=True)
        assert (tmp_path / f"{name}.UTF-8").is_dir()
    (tmp_path / "device.toml").write_text(template("conventional"))
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("LC_", "LANG"))}

    def said(language: str, *verb: str) -> bytes:
        plain = {"PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"} if language == "C" else {}
        environment = {**clean, "LOCPATH": str(tmp_path), "LANG": language, "LC_ALL": language, **plain}
        run = subprocess.run([*PROGRAM, *verb], cwd=tmp_path, env=environment, capture_output=True, check=True)
        return run.stdout

    def meshed(language: str) -> bytes:
        file = f"{language}.msh"
        said(language, "mesh", "device.toml", "--quiet", "--fineness", "0.3", "--out", file)
        return (tmp_path / file).read_bytes()

    estimates = {said(language, "estimate", "device.toml") for language in ("C.UTF-8", "de_DE.UTF-8", "tr_TR.UTF-8")}
    assert len(estimates) == 1
    assert len({meshed(language) for language in ("C.UTF-8", "de_DE.UTF-8", "C")}) == 1
