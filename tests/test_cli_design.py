"""The verbs design and map, from the command line to files and exit codes; a package known in closed form."""

import json
from functools import partial
from pathlib import Path

import pytest

from fem_wlp.cli import main
from fem_wlp.package import load
from fem_wlp.study import design as designs
from fem_wlp.study import map as maps

from .study.springs import THICKNESS, quick, springs, thickness_for


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a package file, in which models are springs."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(designs, "find", partial(designs.find, model_for=quick(), evaluator=springs))
    monkeypatch.setattr(maps, "map_of", partial(maps.map_of, model_for=quick()))
    assert main(["new", "device"]) == 0
    return tmp_path


def test_a_design_is_printed_and_written(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert main(["design", "device.toml", "--target", "90%", "--limit", "interconnect_strain=0.2 %"]) == 0
    printed, told = capsys.readouterr()
    assert printed.startswith("device: feasible\n  D ≥ 0.9 is reached; the smallest second_layer.thickness")
    assert "interconnect strain 0.1" in printed and "limit 0.2 %" in printed
    assert "materials.adhesive.E: 1 MPa (range) … " in printed and "Design of device for D ≥ 0.9" in told
    found = load(folder / "device-design" / "design.toml")
    assert found.second_layer.thickness == pytest.approx(thickness_for(0.9, 200.0), rel=4e-3)
    assert main(["check", "device-design/design.toml"]) == 0


def test_json_is_all_that_standard_output_gets(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert main(["design", "device.toml", "--target", "0.9", "--json", "--quiet"]) == 0
    printed, told = capsys.readouterr()
    assert json.loads(printed)["status"] == "feasible" and not told
    assert not (folder / "device-design").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "status"),
    [
        (["--target", "0.99"], "D105", "infeasible"),
        (["--target", "0.9", "--limit", "electrical_resistance=25 mOhm"], "D106", "limited_by_electrical_resistance"),
        (["--target", "0.9", "--limit", "electrical_resistance=15 mOhm"], "D107", "limits_conflict"),
    ],
)
def test_a_target_out_of_reach_is_written_and_refused(
    arguments: list[str], code: str, status: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The exit code is 0 only where what was asked for was found."""
    assert main(["design", "device.toml", *arguments]) == 5
    printed, told = capsys.readouterr()
    assert f"error[{code}]" in told and f"device: {status}" in printed
    assert json.loads((folder / "device-design" / "design.json").read_text())["status"] == status


def test_the_file_says_what_is_looked_for(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Path("device.toml").open("a") as file:
        file.write('\n[design]\ntarget = 0.95\nobjective = "stiffest"\n')
    capsys.readouterr()
    assert main(["check", "device.toml"]) == 0
    assert "Design of device for D ≥ 0.95: largest materials.adhesive.E" in capsys.readouterr().out
    assert main(["design", "device.toml", "--json", "--quiet"]) == 0
    assert json.loads(capsys.readouterr().out)["objective"] == "max materials.adhesive.E"


def test_a_map_is_drawn(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["map", "device.toml", "--points", "9", "--target", "0.9", "--x", f"{THICKNESS}=40 um..120 um"]
    assert main(command) == 0
    assert "over 9 × 9 points" in capsys.readouterr().out
    assert {path.name for path in (folder / "device-map").iterdir()} == {
        "map.csv",
        "map.png",
        "map.svg",
        "package.toml",
        "run.json",
    }


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["design", "device.toml"], "D101"),
        (["design", "device.toml", "--target", "0.9", "--objective", "thick"], "D102"),
        (["design", "device.toml", "--target", "0.9", "--vary", "array.rows=2..4:3"], "D103"),
        (["design", "device.toml", "--target", "0.9", "--limit", "strain=1 %"], "D104"),
        (["design", "device.toml", "--target", "0.9", "--limit", "strain"], "C202"),
        (["design", "device.toml", "--target", "0.9", "--limit", "total_height=1"], "U102"),
        (["design", "device.toml", "--target", "0.9", "--workers", "none"], "C202"),
        (["design", "device.toml", "--target", "0.9", *(["--limit", "total_height=1 mm"] * 2)], "P107"),
        (["map", "device.toml", "--points", "1"], "C202"),
        (["map", "device.toml", "--target", "2"], "D101"),
        (["map", "device.toml", "--x", "array.pitch"], "D102"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_is_computed(
    arguments: list[str], code: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    assert f"error[{code}]" in capsys.readouterr().err
    assert [path.name for path in folder.iterdir()] == ["device.toml"]


def test_the_record_says_what_was_asked_and_how_long_it_took(folder: Path) -> None:
    """Options with what they were given, seconds, and the design's files."""
    command = ["design", "device.toml", "--target", "0.9", "--limit", "interconnect_strain=0.2 %", "--quiet"]
    assert main([*command, "--set", "land.thickness=30 um"]) == 0
    record = json.loads((folder / "device-design" / "run.json").read_text())
    assert record["options"] == {
        "file": "device.toml",
        "target": "0.9",
        "limit": {"interconnect_strain": "0.2 %"},
        "workers": 1,
        "set": {"land.thickness": "30 um"},
    }
    assert 0.0 < record["seconds"]["total"] < 600.0
    assert record["verb"] == "design"


@pytest.mark.parametrize(
    "verb",
    [
        ("map", "--points", "5"),
        ("solve", "--overwrite"),
        ("sweep", "--overwrite", "--vary", "chip.thickness=0.2 mm, 0.3 mm"),
        ("converge",),
        ("tolerance", "--target", "0.8", "--scatter", "ball.diameter=1 %"),
    ],
    ids=lambda verb: verb[0],
)
def test_verbs_do_not_mix_what_they_find_in_one_folder(
    verb: tuple[str, ...], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Figures of one beside numbers of the other would be taken for one answer; whatever --overwrite says."""
    assert main(["design", "device.toml", "--target", "0.9", "--quiet", "--out", "one"]) == 0
    before = {path: path.read_bytes() for path in (folder / "one").rglob("*") if path.is_file()}
    assert main([verb[0], "device.toml", *verb[1:], "--quiet", "--out", "one"]) == 3
    assert "error[R303]" in capsys.readouterr().err
    assert {path: path.read_bytes() for path in (folder / "one").rglob("*") if path.is_file()} == before
