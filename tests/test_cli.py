"""The command line: what it says, where it says it, and with which exit code it ends."""

import csv
import errno
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import get_args

import meshio
import pytest

from fem_wlp import __version__, environment
from fem_wlp.cli import main
from fem_wlp.cli.arguments import MODEL_OPTIONS
from fem_wlp.cli.display import Points, points_shown, steps_shown
from fem_wlp.errors import CATALOGUE, SolveError
from fem_wlp.joint import forecast
from fem_wlp.mesh import files
from fem_wlp.package.model import Model
from fem_wlp.package.templates import process_template_names, template_names
from fem_wlp.study import loop

PROGRAM = [sys.executable, "-m", "fem_wlp"]
VERBS = (
    "new",
    "check",
    "estimate",
    "solve",
    "rerun",
    "sweep",
    "map",
    "design",
    "claims",
    "cell",
    "mesh",
    "materials",
    "schema",
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def device(folder: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """A package file in the current folder."""
    assert main(["new", "device"]) == 0
    capsys.readouterr()
    return folder / "device.toml"


def refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    """Exit code, code of the first fault and standard error of a run that says nothing on standard output."""
    exit_code = main(arguments)
    output = capsys.readouterr()
    assert output.out == ""
    assert "Traceback" not in output.err
    found = re.match(r"error\[(\w+)\]", output.err)
    assert found, output.err
    assert found[1] in CATALOGUE
    return exit_code, found[1], output.err


# Help


def test_version_and_help_are_answered_with_exit_code_zero(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments, said in ((["--version"], __version__), (["--help"], "fem-wlp solve")):
        with pytest.raises(SystemExit) as end:
            main(arguments)
        assert end.value.code == 0
        assert said in capsys.readouterr().out


@pytest.mark.parametrize("verb", VERBS)
def test_the_help_of_a_verb_teaches_by_an_example(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main([verb, "--help"])
    assert end.value.code == 0
    assert f"  fem-wlp {verb}" in capsys.readouterr().out


def test_help_comes_at_once() -> None:
    """0.4 s are promised; the best of three, since the machine may be busy."""
    seconds = []
    for _ in range(3):
        begin = time.perf_counter()
        subprocess.run([*PROGRAM, "--help"], check=True, capture_output=True)
        seconds.append(time.perf_counter() - begin)
    assert min(seconds) < 0.4


# Refusals of the command line itself


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["slove", "device.toml"], "C201", "did you mean solve?"),
        (["solve", "device.toml", "--jsno"], "C201", "did you mean --json?"),
        (["solve", "device.toml", "--xyzzy"], "C201", "--help"),
        (["solve", "device.toml", "--output", "there"], "C201", "did you mean --out?"),  # rerun's is --output
        ([], "C202", "VERB"),
        (["solve"], "C202", "FILE"),
        (["solve", "device.toml", "--out"], "C202", "--out"),
        (["solve", "device.toml", "--set", "ball.diameter"], "C202", "path=value"),
        (["solve", "device.toml", "--set", '="80 um"'], "C202", "path=value"),
        (["solve", "device.toml", "--extend", "quarter"], "C201", "did you mean --extent?"),
        (["cell", "device.toml", "--pull", "1 N", "--elongation", "1 um"], "C202", "not allowed with"),
        (["cell", "device.toml", "--shift", "1 kg"], "U105", "--shift"),
        (["cell", "device.toml", "--pull", "1 um"], "U106", "not a force"),
        (["cell", "device.toml", "--rock", "1"], "U102", "mrad"),
        (["cell", "device.toml", "--temperature", "-300 degC"], "U108", "--temperature"),
        (["mesh", "device.toml", "--out", "device.stl"], "C202", ".vtu"),
        (["materials", "SAC35"], "M105", "SAC305"),
        (["new", "device", "--template", "complaint"], "F116", "compliant"),
        (["solve", "nowhere.toml"], "F101", "nowhere.toml"),
        (["check", "nowhere.toml"], "F101", "nowhere.toml"),
        (["estimate", "."], "F101", "."),
    ],
)
def test_a_wrong_command_is_refused_with_its_cure(
    arguments: list[str], code: str, said: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    exit_code, found, message = refused(arguments, capsys)
    assert (exit_code, found) == (2, code)
    assert said in message
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "a/b", "../a", "/a", "a\\b", "a\0b", "a\nb", "a\tb", ".hidden", "x" * 81, ".toml"],
)
def test_a_name_that_is_more_than_a_name_is_refused(
    name: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Path parts, control characters and over-long names: nothing is written anywhere."""
    assert refused(["new", name], capsys)[:2] == (2, "F114")
    assert list(folder.iterdir()) == []
    assert not (folder.parent / "a.toml").exists()


def test_help_of_new_tells_of_every_template(capsys: pytest.CaptureFixture[str]) -> None:
    """And of none that is not there."""
    with pytest.raises(SystemExit):
        main(["new", "--help"])
    told = re.findall(r"^  ([a-z-]+)  +[a-z]", capsys.readouterr().out.partition("Templates:")[2], re.MULTILINE)
    assert sorted(told) == sorted((*template_names(), *process_template_names()))


def test_the_longest_name_is_accepted_and_a_suffix_not_doubled(folder: Path) -> None:
    for name in ("x" * 80, "device.toml"):
        assert main(["new", name]) == 0
    assert sorted(path.name for path in folder.iterdir()) == ["device.toml", "x" * 80 + ".toml"]


def test_a_file_that_exists_is_not_overwritten(device: Path, capsys: pytest.CaptureFixture[str]) -> None:
    device.write_text("mine")
    assert refused(["new", "device"], capsys)[:2] == (2, "C203")
    assert device.read_text() == "mine"


# Refusals of the file


def test_all_faults_of_a_file_are_told_at_once_with_their_places(
    device: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each one names the file, line and column and what was written there."""
    changed = re.sub(r"(?m)^(thickness *= *)\"[^\"]*\"", r'\1"-3 um"', device.read_text(), count=2)
    device.write_text(changed)
    exit_code, _, message = refused(["check", str(device)], capsys)
    assert exit_code == 2
    blocks = re.findall(r"(?m)^error\[\w+\] \S*device\.toml:(\d+):\d+", message)
    lines = [number for number, line in enumerate(changed.splitlines(), 1) if '"-3 um"' in line]
    assert sorted(map(int, blocks)) == lines
    assert message.count("-3 um") >= 2


def test_a_change_of_an_entry_that_does_not_exist_is_refused(device: Path, capsys: pytest.CaptureFixture[str]) -> None:
    exit_code, _, message = refused(["check", str(device), "--set", "second_layer.thicknes=80 um"], capsys)
    assert exit_code == 2
    assert "thickness" in message


def test_debug_adds_the_traceback_and_keeps_the_exit_code(device: Path, capsys: pytest.CaptureFixture[str]) -> None:
    device.write_text("")
    for arguments in (["check", str(device), "--debug"], ["--debug", "check", str(device)]):
        assert main(arguments) == 2
        said = capsys.readouterr().err
        assert "Traceback" in said
        assert "error[" in said


@pytest.mark.parametrize("verb", ["check", "solve", "mesh"])
def test_a_part_of_the_array_that_has_not_its_symmetry_is_refused_before_any_work(
    verb: str, device: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whether the option says it or the file, with the key and what is there instead; nothing is written."""
    oblong = [str(device), "--set", "chip.length=4.2 mm", "--model", "3d"]
    exit_code, code, message = refused([verb, *oblong, "--extent", "eighth"], capsys)
    assert (exit_code, code) == (2, "G138")
    assert "a quarter's only: its chip is 4.4 mm × 4.2 mm" in message
    device.write_text(device.read_text() + '\n[model]\nextent = "eighth"\n')
    line = len(device.read_text().splitlines())
    assert f"device.toml:{line}:1 model.extent" in refused([verb, *oblong], capsys)[2]
    assert [path.name for path in device.parent.iterdir()] == ["device.toml"]


@pytest.mark.parametrize(
    ("option", "value", "code"),
    [("model", "4d", "F111"), ("extent", "half", "F111"), ("solver", "cg", "F111"), ("fineness", "9", "F119")],
)
def test_an_option_of_the_model_is_the_key_of_the_file(
    option: str, value: str, code: str, device: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same refusal, with the admissible words or range."""
    exit_code, found, message = refused(["check", str(device), f"--{option}", value], capsys)
    assert (exit_code, found) == (2, code)
    assert f"--set model.{MODEL_OPTIONS[option][0]}={value}" in message
    assert "known: " in message or "0.25 … 4" in message


def test_the_options_of_the_model_name_the_words_that_its_keys_admit() -> None:
    """Help is written without reading the package's description; so it is held against it."""
    for key, metavar, text in MODEL_OPTIONS.values():
        annotation = Model.model_fields[key].annotation
        for word in get_args(annotation):
            assert re.search(rf"\b{word}\b", f"{metavar} {text}"), (key, word)


def test_an_option_without_effect_is_noticed(device: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(device), "--extent", "quarter"]) == 0
    assert capsys.readouterr().err.startswith("warning[W103] --set model.extent=quarter\n")


# Results


def test_the_schema_is_json_on_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema"]) == 0
    assert json.loads(capsys.readouterr().out)["type"] == "object"


def test_the_materials_are_listed_with_their_sources(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["materials"]) == 0
    listed = capsys.readouterr().out
    assert "SAC305" in listed
    assert "Schubert" in listed
    assert main(["materials", "SAC305"]) == 0
    assert "61.251 GPa" in capsys.readouterr().out


def test_a_check_draws_the_section_and_foretells_the_cost(device: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without a mesh; the drawing goes into the output folder, nothing beside it."""
    assert main(["check", str(device)]) == 0
    output = capsys.readouterr()
    assert re.search(r"\d+ unknowns.* \d+ MB, \d+ s\n", output.out)
    assert output.err == ""
    drawings = sorted((device.parent / "device-results").iterdir())
    assert [path.name for path in drawings] == ["section.png", "section.svg"]
    assert drawings[0].read_bytes().startswith(b"\x89PNG")
    assert b"<svg" in drawings[1].read_bytes()
    assert sorted(path.name for path in device.parent.iterdir()) == ["device-results", "device.toml"]


def test_too_little_memory_is_refused_before_anything_is_meshed(
    device: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(environment, "available_memory", lambda: 10 * 2**20)
    assert refused(["solve", str(device)], capsys)[:2] == (3, "R301")
    assert [path.name for path in device.parent.iterdir()] == ["device.toml"]


def test_missing_libraries_are_refused_with_the_line_that_installs_them(
    device: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(environment, "LIBRARIES", {"libNoSuchThing.so.9": "libnosuchthing9"})
    exit_code, code, message = refused(["solve", str(device)], capsys)
    assert (exit_code, code) == (3, "R304")
    assert "apt-get install -y --no-install-recommends libnosuchthing9" in message


@pytest.mark.parametrize("place", ["file", "file/below", "locked"])
def test_a_folder_that_cannot_be_written_is_refused(
    place: str, device: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file where the folder should be, a file above it, a folder without the right to write (which root has)."""
    (device.parent / "file").write_text("")
    (device.parent / "locked").mkdir(mode=0o500)
    if place == "locked" and os.geteuid() == 0:
        return
    assert main(["check", str(device), "--out", place]) == 3
    assert capsys.readouterr().err.startswith("error[R302]")


def test_an_estimate_is_printed_and_nothing_is_written(device: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["estimate", str(device)]) == 0
    output = capsys.readouterr()
    assert output.out
    assert [path.name for path in device.parent.iterdir()] == ["device.toml"]


def test_with_json_standard_output_is_the_results_alone(device: Path) -> None:
    """Also at the level of the process, where gmsh and the compiled libraries could print; no folder is made."""
    run = subprocess.run(
        [*PROGRAM, "solve", device.name, "--fineness", "0.3", "--json"],
        cwd=device.parent,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
    result = json.loads(run.stdout)
    assert 0.0 <= result["decoupling"]["figure"] <= 1.0
    assert result["certificates"]["residual"] < 1e-8
    assert [path.name for path in device.parent.iterdir()] == ["device.toml"]


def test_a_joint_is_loaded_and_answers_with_units(device: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """1 um gives a micrometre's force; a pull is found again; nothing is written."""
    coarse = ["cell", str(device), "--fineness", "0.4", "--quiet"]
    assert main([*coarse, "--shift", "1 um", "--pull", "2 mN", "--rock", "-1 mrad", "--json"]) == 0
    output = capsys.readouterr()
    assert output.err == ""
    loaded = json.loads(output.out)
    assert loaded["load"]["shift"] == 1e-3
    assert loaded["load"]["rocking"] == -1e-3
    assert loaded["axial"] == pytest.approx(2e-3)
    stiffness = loaded["stiffness"]
    assert loaded["lateral"] == pytest.approx(1e-3 * stiffness["lateral"] - 1e-3 * stiffness["coupling"])
    assert loaded["units"]["stiffness.lateral"] == "N/mm"
    assert main([*coarse, "--temperature", "-40 degC"]) == 0
    assert "at -40 degC" in capsys.readouterr().out
    assert [path.name for path in device.parent.iterdir()] == ["device.toml"]


def test_a_joint_is_not_loaded_where_its_solder_is_molten(device: Path, capsys: pytest.CaptureFixture[str]) -> None:
    exit_code, code, message = refused(["cell", str(device), "--quiet", "--temperature", "230 degC"], capsys)
    assert (exit_code, code) == (2, "T106")
    assert "ball.coats.2.material" in message


@pytest.mark.parametrize("suffix", ["msh", "vtu"])
def test_a_mesh_is_written_with_its_regions_by_name(
    suffix: str, device: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In its whole or not at all, and never over another file unless it is told to."""
    file = device.parent / f"device.{suffix}"
    command = ["mesh", str(device), "--fineness", "0.4", "--quiet", "--out", str(file)]
    assert main(command) == 0
    assert "second_layer" in capsys.readouterr().out
    mesh = meshio.read(file)
    capsys.readouterr()  # the reader prints an empty line
    assert {"chip", "second_layer", "cylinder", "core", "board"} <= set(mesh.field_data)
    assert [block.type for block in mesh.cells] == ["triangle6"]
    content = file.read_bytes()
    assert refused(command, capsys)[:2] == (2, "C203")
    assert file.read_bytes() == content
    assert main([*command, "--overwrite", "--set", "ball.diameter=0.31 mm"]) == 0
    assert file.read_bytes() != content
    assert sorted(path.name for path in device.parent.iterdir()) == sorted(["device.toml", file.name])


@pytest.mark.parametrize(
    ("asked", "exit_code", "code", "told"),
    [
        (["--set", "array.rows=1", "--set", "array.columns=1"], 2, "G130", "1 joints in the assembly"),
        (["--model", "3d", "--extent", "cell"], 2, "G130", "in 3D, cell"),
        (["--model", "3d", "--extent", "full", "--fineness", "4"], 3, "R301", "in 3D, full"),
    ],
    ids=["one joint", "joint cell", "memory"],
)
def test_check_refuses_what_solve_would(
    asked: list[str], exit_code: int, code: str, told: str, device: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """After all that it can say of the package: forecast and drawing are there, and solve ends in the same code."""
    for verb in ("check", "solve") if code == "G130" else ("check",):
        found = main([verb, str(device), *asked])
        printed = capsys.readouterr()
        assert (found, f"[{code}]" in printed.err) == (exit_code, True), verb
        if verb == "check":
            assert told in printed.out
            assert (device.parent / "device-results" / "section.svg").is_file()


@pytest.mark.parametrize("suffix", ["msh", "vtu"])
def test_a_resolved_array_is_written_as_it_was_foretold(
    suffix: str, device: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As many elements as the check says, in the same regions as the section's and by the same option."""
    model = ["--model", "3d", "--extent", "strip", "--fineness", "0.3"]
    assert main(["check", str(device), *model]) == 0
    foretold = re.search(r"in 3D, strip: (\d+) elements, \d+ unknowns, \d+ MB, \d+ s\n", capsys.readouterr().out)
    assert foretold
    file = device.parent / f"strip.{suffix}"
    assert main(["mesh", str(device), *model, "--quiet", "--out", str(file)]) == 0
    assert "second_layer" in capsys.readouterr().out
    mesh = meshio.read(file)
    solids = [block for block in mesh.cells if block.dim == 3]
    assert sum(len(block.data) for block in solids) == int(foretold[1])
    assert {"chip", "second_layer", "cylinder", "core", "board"} <= set(mesh.field_data)


def test_a_solve_on_the_mesh_that_was_written_is_the_same(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """To the nine digits of the file, and the result says whose mesh it was."""
    coarse = ["device.toml", "--fineness", "0.3", "--quiet"]
    assert main(["new", "device", "--template", "conventional"]) == 0
    assert main(["mesh", *coarse, "--out", "mine.msh"]) == 0
    figures = []
    for own in ([], ["--mesh", "mine.msh"]):
        capsys.readouterr()
        assert main(["solve", *coarse, *own, "--json"]) == 0
        result = json.loads(capsys.readouterr().out)
        assert any("mine.msh" in note for note in result["notes"]) == bool(own)
        figures.append(result["decoupling"]["figure"])
    assert figures[0] == pytest.approx(figures[1], rel=1e-6)


def test_a_mesh_that_is_not_there_is_refused_before_any_work(device: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for verb, missing in product(("solve", "cell"), ("nowhere.msh", ".")):
        exit_code, code, message = refused([verb, str(device), "--mesh", missing], capsys)
        assert (exit_code, code) == (2, "F101")
        assert missing in message


def test_a_mesh_for_the_joint_of_revolution_is_refused(device: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Only a joint in three dimensions is loaded on a mesh of the user's."""
    file = device.parent / "cell.msh"
    file.write_text("")
    exit_code, code, message = refused(["cell", str(device), "--shift", "1 um", "--mesh", str(file), "--quiet"], capsys)
    assert (exit_code, code) == (2, "C202")
    assert "--model 3d" in message


def test_a_joint_cell_has_no_decoupling_figure(device: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing shears it; the verb that loads it is named."""
    exit_code, code, message = refused(["solve", str(device), "--model", "3d", "--extent", "cell"], capsys)
    assert (exit_code, code) == (2, "G130")
    assert "fem-wlp cell" in message
    assert [path.name for path in device.parent.iterdir()] == ["device.toml"]


@pytest.mark.parametrize("verb", ["solve", "mesh"])
def test_an_array_too_large_for_the_machine_is_refused_with_the_fineness_that_fits(
    verb: str, device: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before anything is meshed or written."""
    for module in (environment, forecast):
        monkeypatch.setattr(module, "available_memory", lambda: 3 * 2**30)
    whole = [verb, str(device), "--model", "3d", "--extent", "quarter", "--fineness", "2"]
    exit_code, code, message = refused(whole, capsys)
    assert (exit_code, code) == (3, "R301")
    assert re.search(r"to do: +model\.fineness = ([\d.]+) \(--fineness \1\) would take \d+ MB", message)
    assert [path.name for path in device.parent.iterdir()] == ["device.toml"]


def test_a_mesh_that_cannot_be_made_leaves_the_file_there_was(
    device: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault while writing: the old file is whole, and no draft stays."""
    old = device.parent / "device.msh"
    old.write_text("old")

    def full(path: Path, mesh: object) -> None:
        path.write_text("half")
        raise OSError(errno.ENOSPC, "no space left", str(path))

    monkeypatch.setattr(files, "write_section", full)
    monkeypatch.chdir(device.parent)
    assert refused(["mesh", "device.toml", "--fineness", "0.4", "--overwrite", "--quiet"], capsys)[:2] == (3, "R305")
    assert old.read_text() == "old"
    assert sorted(path.name for path in device.parent.iterdir()) == ["device.msh", "device.toml"]


def test_progress_shows_how_far_a_step_is_without_beginning_another(capsys: pytest.CaptureFixture[str]) -> None:
    """What follows a colon belongs to the present step; a name with another beginning is the next one."""
    with steps_shown(quiet=False) as tell:
        for step in (
            "mesh",
            "solve",
            "solve: iteration 10, residual 1e-3",
            "solve: iteration 20, residual 1e-9",
            "read",
        ):
            tell(step)
    shown = capsys.readouterr().err
    last = [line.split(maxsplit=1)[1].strip() for line in shown.strip().splitlines()]
    assert last == ["mesh", "solve: iteration 20, residual 1e-9", "read"]


def test_a_solve_writes_its_folder_and_nothing_beside(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A second package does not replace the first one's results unless it is told to."""
    assert main(["new", "device", "--template", "conventional"]) == 0
    capsys.readouterr()
    solve = ["solve", "device.toml", "--fineness", "0.3", "--quiet"]
    assert main(solve) == 0
    output = capsys.readouterr()
    assert "device-results" in output.out
    assert output.err == ""
    assert sorted(path.name for path in folder.iterdir()) == ["device-results", "device.toml"]
    results = (folder / "device-results" / "results.json").read_text()
    thicker = [*solve, "--set", "chip.thickness=0.5 mm"]
    assert refused(thicker, capsys)[:2] == (3, "R303")
    assert (folder / "device-results" / "results.json").read_text() == results
    assert main([*thicker, "--overwrite"]) == 0
    assert (folder / "device-results" / "results.json").read_text() != results


# Interruption


def wait_until_it_listens(process: subprocess.Popen[str]) -> None:
    """Wait until a process keeps SIGINT for its own thread: before, while Python starts, it would be ended by it."""
    for _ in range(600):
        status = Path(f"/proc/{process.pid}/status").read_text("ascii")
        blocked = int(re.findall(r"^SigBlk:\s*(\w+)$", status, re.MULTILINE)[0], 16)
        if blocked >> (signal.SIGINT - 1) & 1:
            return
        time.sleep(0.05)
    raise AssertionError("it never listened")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_solve_ends_within_five_seconds_and_leaves_nothing(
    device: Path, number: signal.Signals, code: int
) -> None:
    with subprocess.Popen(
        [*PROGRAM, "solve", device.name], cwd=device.parent, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as solve:
        wait_until_it_listens(solve)
        time.sleep(1.0)
        solve.send_signal(number)
        begin = time.perf_counter()
        _, said = solve.communicate(timeout=5)
    assert time.perf_counter() - begin < 5
    assert solve.returncode == code, said
    assert "no partial result was left" in said
    assert "Traceback" not in said
    assert [path.name for path in device.parent.iterdir()] == ["device.toml"]


SLEEPING = (
    "import time; from fem_wlp import cli; cli.PATIENCE = 0.2; cli._schema = lambda options: time.sleep(60); "
    "print('begun', flush=True); cli.main(['schema'])"
)
"""A verb that sleeps in one call stands for a long factorisation: the handler cannot run."""


def test_a_process_that_was_stopped_goes_on_and_ends_when_asked() -> None:
    """Stopped for longer than a wait for signals takes, it says nothing of it, and still hears what it is asked."""
    with subprocess.Popen(
        [sys.executable, "-c", SLEEPING], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as solve:
        assert solve.stdout is not None
        solve.stdout.readline()
        for _ in range(3):
            time.sleep(0.3)
            solve.send_signal(signal.SIGSTOP)
            time.sleep(0.3)
            solve.send_signal(signal.SIGCONT)
        time.sleep(0.3)
        assert solve.poll() is None
        solve.send_signal(signal.SIGINT)
        try:
            _, said = solve.communicate(timeout=5)
        finally:
            solve.kill()
        assert (solve.returncode, said) == (130, "")


def test_compiled_code_that_does_not_return_is_left() -> None:
    """The process ends without clearing up."""
    with subprocess.Popen([sys.executable, "-c", SLEEPING], stdout=subprocess.PIPE) as stuck:
        assert stuck.stdout is not None
        stuck.stdout.readline()
        time.sleep(0.3)
        stuck.send_signal(signal.SIGINT)
        assert stuck.wait(timeout=5) == 130


def test_a_reader_that_stops_reading_is_no_fault() -> None:
    """`fem-wlp materials | head -1`: no message, and not exit code 0, for not all was said."""
    with subprocess.Popen(
        [*PROGRAM, "materials"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as listing:
        assert listing.stdout is not None
        listing.stdout.close()
        assert listing.stderr is not None
        assert listing.stderr.read() == ""
    assert listing.returncode == 128 + signal.SIGPIPE


def test_a_terminal_without_greek_letters_gets_escapes(tmp_path: Path) -> None:
    plain = {**os.environ, "PYTHONIOENCODING": "ascii:strict"}
    run = subprocess.run([*PROGRAM, "materials", "silicon"], cwd=tmp_path, env=plain, capture_output=True)
    assert run.returncode == 0, run.stderr
    run.stdout.decode("ascii")


# Studies

SWEEP = ["sweep", "device.toml", "--fineness", "0.5", "--workers", "1"]
GRID = ["--vary", "ball.stress_free=150 degC, 217 degC", "--vary", "materials.SAC305.E=x 0.5, 1"]
GRID += ["--record", "decoupling.figure"]


@pytest.mark.long
def test_a_sweep_answers_each_point_as_a_solve_does(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Two by two points on a coarse mesh; the last one by itself has the same D to the last digit."""
    assert main(["new", "device", "--template", "conventional"]) == 0
    capsys.readouterr()
    assert main([*SWEEP, *GRID]) == 0
    said = capsys.readouterr()
    assert "4 of 4 points answered" in said.out
    assert "4/4 points" in said.err
    rows = list(csv.DictReader((folder / "device-study" / "study.csv").read_text().splitlines()))
    assert [row["status"] for row in rows] == ["done"] * 4
    settings = ["--fineness", "0.5", "--set", "ball.stress_free=217 degC"]
    assert main(["solve", "device.toml", *settings, "--json", "--quiet"]) == 0
    assert float(rows[3]["decoupling.figure [1]"]) == json.loads(capsys.readouterr().out)["decoupling"]["figure"]
    written = {path: path.read_bytes() for path in (folder / "device-study").rglob("*.csv")}
    assert main([*SWEEP, *GRID, "--quiet"]) == 0
    assert capsys.readouterr().err == ""
    assert {path: path.read_bytes() for path in (folder / "device-study").rglob("*.csv")} == written


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ([], "P101", "--vary"),
        (["--vary", "second_layer.thicknes=20 um..80 um:3"], "P102", 'did you mean "second_layer.thickness"'),
        (["--vary", "second_layer.thickness"], "C202", "path=values"),
        (["--vary", "array.pitch=0.5 mm", "--vary", "array.pitch=0.6 mm"], "P107", "varied twice"),
        (["--vary", "array.pitch=0.5 mm..0.6 mm:1000000000"], "P105", "years"),
        (["--vary", "array.pitch=0.5 mm", "--record", "decoupling.fig"], "P106", "decoupling.figure"),
        (["--vary", "array.pitch=0.5..0.6 mm", "--sample", "sobol:100"], "P109", "sobol:64 or sobol:128"),
        (["--vary", "array.pitch=0.5 mm", "--workers", "none"], "C202", "no number of processes"),
        (["--vary", "array.pitch=0.5 mm", "--timeout", "10"], "U102", "min"),
        (["--vary", "array.pitch=0.5 mm", "--timeout", "0.1 s"], "F119", "from 1 s"),
        (["--vary", "materials.SAC305.E, materials.copper.E x 1..-1:3"], "P103", "greater than zero"),
    ],
)
def test_a_sweep_that_makes_no_sense_is_refused_and_writes_nothing(
    arguments: list[str], code: str, said: str, device: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    exit_code, found, message = refused([*SWEEP, *arguments], capsys)
    assert (exit_code, found) == (2, code)
    assert said in message
    assert [path.name for path in folder.iterdir()] == ["device.toml"]


def test_a_study_in_the_file_is_checked_with_it(device: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Told with its size, or refused at its place."""
    with device.open("a") as file:
        file.write('[study]\nvary.array.pitch = "0.5..0.6 mm:11"\n')
    assert main(["check", "device.toml"]) == 0
    assert "11 points: 11 of array.pitch" in capsys.readouterr().out
    device.write_text(device.read_text().replace("array.pitch =", "array.pich ="))
    exit_code = main(["check", "device.toml"])
    said = capsys.readouterr().err
    line = len(device.read_text().splitlines())
    assert exit_code == 2
    assert f"error[P102] device.toml:{line}:1 study.vary.array.pich" in said


def test_a_damaged_line_of_a_journal_is_told(device: Path, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """And its point computed again."""
    failing = [*SWEEP, "--vary", "ball.diameter=300 um, 0.6 mm", "--record", "joint.height", "--quiet"]
    assert main(failing) == 0
    journal = folder / "device-study" / "journal.jsonl"
    table = (folder / "device-study" / "study.csv").read_bytes()
    journal.write_text(journal.read_text("utf-8").replace("G111", "G112", 1), "utf-8")
    capsys.readouterr()
    assert main(failing) == 0
    assert "warning[W104] device-study/journal.jsonl:3" in capsys.readouterr().err
    assert (folder / "device-study" / "study.csv").read_bytes() == table


def test_the_study_of_another_package_is_not_gone_on_with(
    device: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Refused by its journal before anything is computed; --overwrite begins anew."""
    journal = folder / "device-study" / "journal.jsonl"
    failing = ["--vary", "ball.diameter=300 um, 0.6 mm", "--record", "joint.height", "--quiet"]
    assert main([*SWEEP, *failing]) == 0
    assert "1 points failed, G111" in capsys.readouterr().out
    before = journal.read_bytes()
    other = [*SWEEP, *failing, "--set", "chip.thickness=0.2 mm"]
    assert refused(other, capsys)[:2] == (3, "R309")
    assert journal.read_bytes() == before
    assert main([*other, "--overwrite"]) == 0


def test_points_that_failed_by_numerics_end_a_sweep_with_their_exit_code(
    device: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The table is written all the same."""

    def fails(*_: object) -> None:
        raise SolveError("S502", "residual 1e-3")

    monkeypatch.setattr(loop, "replace_all", fails)
    assert main([*SWEEP, *GRID, "--quiet"]) == 4
    said = capsys.readouterr()
    assert "error[S509]" in said.err
    assert "4 points failed, S502: residual 1e-3" in said.out
    assert (folder / "device-study" / "study.csv").read_text().count("failed") == 4


@pytest.mark.long
def test_an_interrupted_sweep_says_how_to_go_on_and_does(device: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Out within five seconds, by Ctrl-C on a terminal, which all its processes hear."""
    command = [*PROGRAM, *SWEEP[:-1], "2", "--vary", "second_layer.thickness=40 um..120 um:4"]
    journal = device.parent / "device-study" / "journal.jsonl"
    with subprocess.Popen(
        command, cwd=device.parent, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as sweep:
        while sweep.poll() is None and (not journal.exists() or journal.read_text().count("\n") < 2):
            time.sleep(0.05)
        os.killpg(sweep.pid, signal.SIGINT)
        begin = time.perf_counter()
        _, said = sweep.communicate(timeout=5)
    assert time.perf_counter() - begin < 5
    assert sweep.returncode == 130, said
    assert "Traceback" not in said
    kept = re.search(
        r"interrupted; (\d+) of 4 points are kept in device-study; the same command goes on from there", said
    )
    assert kept, said
    assert journal.read_text().count("\n") == int(kept[1]) + 1
    assert main([*SWEEP, "--vary", "second_layer.thickness=40 um..120 um:4", "--quiet"]) == 0
    assert "4 of 4 points answered" in capsys.readouterr().out


def test_a_bar_shows_how_many_points_are_answered_and_how_many_failed(capsys: pytest.CaptureFixture[str]) -> None:
    """What was answered before counts, too."""
    with points_shown(8, quiet=False) as tell:
        tell(5, 1)
        tell(2, 0)
        tell(1, 1)
    assert "8/8 points, 2 failed" in capsys.readouterr().err


def interrupted_bar(*told: Callable[[Points], None]) -> None:
    """A bar that is told something, and is interrupted before it can say that all is done."""
    with points_shown(8, quiet=False) as tell:
        tell(3, 0)
        for each in told:
            each(tell)
        raise KeyboardInterrupt


def test_a_bar_says_what_is_done_that_answers_no_point(capsys: pytest.CaptureFixture[str]) -> None:
    """Until the next point is answered."""
    with pytest.raises(KeyboardInterrupt):
        interrupted_bar(lambda tell: tell.stage("making the reduced model"))
    assert "3/8 points; making the reduced model" in capsys.readouterr().err
    with pytest.raises(KeyboardInterrupt):
        interrupted_bar(lambda tell: tell.stage("making the reduced model"), lambda tell: tell(2, 0))
    said = capsys.readouterr().err
    assert "5/8 points" in said
    assert "making" not in said
