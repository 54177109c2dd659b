"""A stored run is repeated, compared, and refused where it was changed."""

import json
import os
import re
import signal
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fem_wlp.analysis.provenance import GRID, mesh_hash
from fem_wlp.cli import main
from fem_wlp.errors import ConfigError, SolveError
from fem_wlp.package import load, loads, template
from fem_wlp.report import folder, rerun, run_record, write
from fem_wlp.report.pictures import Picture
from fem_wlp.results import ArrayField, CriticalField, Result

PAGE = (Path(__file__).parents[2] / "docs" / "provenance.md").read_text("utf-8")

SMALL = ["--fineness", "0.5", "--set", "array.rows=2", "--set", "array.columns=2"]


@pytest.fixture(autouse=True)
def blank_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pictures are tested elsewhere."""
    monkeypatch.setattr(
        folder, "all_pictures", lambda result, beside: (Picture("section", "nothing", (4.6, 3.0), b"png", b"<svg/>"),)
    )
    monkeypatch.setattr(folder, "render", lambda result, pictures: "<html/>")


@pytest.fixture
def result(compliant_result: Result) -> Result:
    """A result with the provenance of a solve."""
    versions = {"numpy": "2.0.0", "scipy": "1.0.0"}
    facts = {"program": "fem-wlp 0.1.0", "versions": versions, "python": "3.11.0", "platform": "here", "mesh": "a" * 64}
    return replace(compliant_result, provenance=facts)


@pytest.fixture
def stored(result: Result, tmp_path: Path) -> Path:
    """A folder with its results."""
    write(result, tmp_path / "stored")
    return tmp_path / "stored"


@pytest.fixture
def finds(monkeypatch: pytest.MonkeyPatch) -> Callable[[Result], None]:
    """Let the repeated run find a result."""
    return lambda again: monkeypatch.setattr(rerun, "solve", lambda *_: again)


def seal(place: Path, **changes: Any) -> None:
    """Change a record as another version of the program would have written it."""
    data = {**json.loads((place / "run.json").read_text()), **changes}
    for name in data["files"]:
        data["files"][name] = run_record._hash((place / name).read_bytes())
    data["seal"] = run_record._seal(data)
    (place / "run.json").write_text(json.dumps(data))


def refused(run: Path, code: str, **options: Any) -> ConfigError:
    with pytest.raises(ConfigError) as found:
        rerun.rerun(run, **options)
    assert found.value.code == code
    assert found.value.hint
    return found.value


# A run that is repeated


def test_a_run_repeats_to_the_last_digit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """By the command line, from the stored package alone; results.json is the same, byte by byte."""
    monkeypatch.chdir(tmp_path)
    assert main(["new", "device", "--template", "conventional"]) == 0
    assert main(["solve", "device.toml", *SMALL, "--out", "one", "--quiet"]) == 0
    (tmp_path / "device.toml").unlink()
    assert json.loads((tmp_path / "one" / "run.json").read_text())["options"]["set"]["array.rows"] == "2"
    capsys.readouterr()
    assert main(["rerun", "one", "--compare", "--output", "two", "--quiet", "--tolerance", "0"]) == 0
    said = capsys.readouterr().out
    assert "Largest drift 0.0e+00" in said
    assert (tmp_path / "one" / "results.json").read_bytes() == (tmp_path / "two" / "results.json").read_bytes()
    drift = json.loads((tmp_path / "two" / "drift.json").read_text())
    assert drift["same"]
    assert drift["largest"] == 0.0
    assert drift["changed"] == []
    facts = json.loads((tmp_path / "two" / "run.json").read_text())
    assert set(documented("run.json")) >= set(keys(facts))
    assert {"mesh", "memory", "seconds.*", "certificates.*", "files.*", "options"} <= set(keys(facts))
    assert main(["rerun", "two/run.json", "--quiet", "--json"]) == 0  # what was repeated is a run itself
    assert json.loads(capsys.readouterr().out)["decoupling"]


def test_a_key_that_drifts_is_told_and_ends_with_4(
    stored: Path, result: Result, finds: Callable[[Result], None], capsys: pytest.CaptureFixture[str]
) -> None:
    """D moved by a millionth, a version changed: both are told, and the code says which kind of failure."""
    other = {**result.provenance, "versions": {"numpy": "2.1.0"}, "mesh": "b" * 64}
    moved = replace(result.decoupling, figure=result.decoupling.figure * (1.0 + 1e-6))
    finds(replace(result, decoupling=moved, provenance=other))
    assert main(["rerun", str(stored), "--compare", "--json", "--quiet"]) == 4
    said = capsys.readouterr()
    assert "error[S520]" in said.err
    data = json.loads(said.out)
    assert data["beyond"] == ["decoupling.figure"]
    assert data["largest"] == pytest.approx(1e-6, rel=1e-5)
    assert [each["name"] for each in data["changed"]] == ["mesh", "numpy", "scipy"]
    assert main(["rerun", str(stored), "--compare", "--quiet", "--tolerance", "1e-5"]) == 0
    assert "numpy: 2.0.0 before, 2.1.0 now" in capsys.readouterr().out
    assert main(["rerun", str(stored), "--quiet"]) == 0  # nothing was asked of the drift


def test_a_changed_package_drifts(stored: Path, tmp_path: Path, result: Result, finds: Callable[..., None]) -> None:
    """A package that another program understands differently: its record is in order, its results are not."""
    file = stored / "package.toml"
    file.write_text(resized(file.read_text("utf-8")), "utf-8")
    seal(stored)
    seen = []

    def solve(package: Any, *_: Any) -> Result:
        seen.append(package.board.thickness)
        return replace(result, warpage=replace(result.warpage, chip=2.0 * result.warpage.chip))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rerun, "solve", solve)
        drift = rerun.rerun(stored)
    assert seen != [result.package.board.thickness]
    assert [each.key for each in drift.beyond] == ["warpage.chip"]
    assert drift.largest == pytest.approx(0.5)
    with pytest.raises(SolveError, match="report it"):
        rerun.require_same(drift)


def resized(toml: str) -> str:
    """Another thickness of the board."""
    head, board = toml.split("[board]")
    changed = re.sub(r'thickness = "[^"]*"', 'thickness = "0.9 mm"', board, count=1)
    assert changed != board
    return f"{head}[board]{changed}"


def test_keys_that_one_side_lacks_have_drifted_without_bound() -> None:
    """Also an item more in a list; a number that became null; another word."""
    before = {"gone": 1.0, "list": [1.0, 2.0], "word": "a", "figure": None, "kept": 3.0}
    after = {"new": 1.0, "list": [1.0, 2.0, 2.0], "word": "b", "figure": 0.5, "kept": 3.0}
    drifts = {each.key: each.drift for each in rerun.compared(before, after)}
    assert drifts == {"gone": np.inf, "new": np.inf, "list[]": np.inf, "word": np.inf, "figure": np.inf, "kept": 0.0}
    data = rerun.drift_data(rerun.Drift(rerun.compared(before, after), (), 1e-9))
    assert json.loads(json.dumps(data, allow_nan=False))["largest"] is None
    assert not data["same"]


def test_numbers_of_a_list_are_held_against_the_largest_of_them() -> None:
    """1e-18 that becomes -1e-18 beside 1.0 is rounding: 2e-18; certificates are shown, and not held at all."""
    one = {"joints": [{"force": [1.0, 1e-18]}, {"force": [0.5, 0.0]}], "certificates": {"residual": 1e-16}}
    other = {"joints": [{"force": [1.0, -1e-18]}, {"force": [0.5, 0.0]}], "certificates": {"residual": 3e-16}}
    force, residual = rerun.compared(one, other)
    assert force.key == "joints[].force[]"
    assert force.drift == pytest.approx(2e-18)
    assert (force.before, force.after) == (1e-18, -1e-18)
    assert not residual.held
    assert rerun.Drift((force, residual), (), 1e-9).same


def test_axial_forces_are_held_against_shear_forces() -> None:
    """By symmetry there may be none, and what then is there is rounding: 1e-9 of 1 N becomes 2e-9 of it."""
    one, other = ({"joints": [{"shear_force": [1.0, 0.0], "axial_force": force}]} for force in (1e-9, 2e-9))
    assert [each.drift for each in rerun.compared(one, other)] == pytest.approx([0.0, 1e-9])


# What is refused


@pytest.mark.parametrize("name", ["package.toml", "results.json", "run.json"])
def test_a_file_that_was_edited_is_refused(name: str, stored: Path, finds: Callable[[Any], None]) -> None:
    """F131 names the file and what to do, before anything is solved."""
    finds(None)
    text = (stored / name).read_text("utf-8")
    edited = {
        "package.toml": resized,
        "results.json": lambda old: old.replace('"figure": 0', '"figure": 1', 1),
        "run.json": lambda old: old.replace('"numpy": "2.0.0"', '"numpy": "2.0.1"'),
    }[name](text)
    assert edited != text
    (stored / name).write_text(edited, "utf-8")
    fault = refused(stored, "F131")
    assert name in fault.where
    assert "fem-wlp solve" in fault.hint


@pytest.mark.parametrize("name", ["package.toml", "results.json"])
def test_a_file_that_is_missing_is_refused(name: str, stored: Path) -> None:
    (stored / name).unlink()
    assert "missing" in str(refused(stored, "F131"))


@pytest.mark.parametrize("content", ["", "{", "[]", '"run"', '{"run": 1}', "\x00\xff", '{"run": {}}'])
def test_what_is_no_record_is_refused(content: str, stored: Path) -> None:
    (stored / "run.json").write_text(content, "latin-1")
    refused(stored, "F130")


@pytest.mark.parametrize("key", run_record.KEYS)
def test_a_record_that_lacks_a_key_is_refused(key: str, stored: Path) -> None:
    """And says which."""
    data = json.loads((stored / "run.json").read_text())
    del data[key]
    (stored / "run.json").write_text(json.dumps(data))
    assert key in str(refused(stored, "F130"))


@pytest.mark.parametrize(
    "changes", [{"run": 2}, {"verb": "sweep"}, {"files": {}}, {"files": {"../package.toml": "", "results.json": ""}}]
)
def test_a_record_of_something_else_is_refused(changes: dict[str, Any], stored: Path) -> None:
    """Another form, another verb, no files or files elsewhere, all in order by their seal."""
    data = {**json.loads((stored / "run.json").read_text()), **changes}
    data["seal"] = run_record._seal(data)
    (stored / "run.json").write_text(json.dumps(data))
    refused(stored, "F130")


@pytest.mark.parametrize("place", ["nothing", "run.json", "."])
def test_a_folder_without_a_run_is_refused(place: str, tmp_path: Path) -> None:
    refused(tmp_path / place, "F130")


def test_a_run_does_not_replace_itself(stored: Path, result: Result, finds: Callable[[Result], None]) -> None:
    finds(result)
    refused(stored, "C202", folder=stored / ".." / "stored", overwrite=True)


def test_a_run_on_a_mesh_of_ones_own_needs_that_mesh(
    result: Result, tmp_path: Path, finds: Callable[[Result], None]
) -> None:
    """F132: gone, another one, or one for a run that had none; the same one elsewhere will do."""
    mesh = tmp_path / "joint.msh"
    mesh.write_text("mesh")
    own = {"file": str(mesh), "sha256": run_record._hash(b"mesh")}
    write(replace(result, provenance={**result.provenance, "own_mesh": own}), tmp_path / "stored")
    finds(result)
    assert rerun.rerun(tmp_path / "stored").same
    mesh.write_text("another")
    refused(tmp_path / "stored", "F132")
    mesh.rename(tmp_path / "moved.msh")
    refused(tmp_path / "stored", "F132")
    (tmp_path / "moved.msh").write_text("mesh")
    assert rerun.rerun(tmp_path / "stored", mesh=tmp_path / "moved.msh").same
    write(result, tmp_path / "plain")
    refused(tmp_path / "plain", "F132", mesh=tmp_path / "moved.msh")


# What is stored


def test_a_reference_package_is_stored_with_the_run(result: Result, tmp_path: Path) -> None:
    """The file it was read from is in another folder, and may be gone."""
    (tmp_path / "other.toml").write_text(template("conventional"))
    (tmp_path / "device.toml").write_text('reference = "other.toml"\n' + template("compliant"))
    package = load(tmp_path / "device.toml")
    write(replace(result, package=package), tmp_path / "stored")
    write(replace(result, package=package), tmp_path / "stored")  # it is known again as the same
    (tmp_path / "other.toml").unlink()
    record = run_record.read_record(tmp_path / "stored")
    assert set(record.data["files"]) == {"package.toml", "reference.toml", "results.json"}
    again = load(record.package_file)
    assert again.reference == package.reference
    assert again.chip == package.chip
    write(result, tmp_path / "stored", overwrite=True)
    assert not (tmp_path / "stored" / "reference.toml").exists()


@pytest.mark.parametrize("step", range(1, 14))
def test_a_run_that_is_killed_leaves_no_folder_that_claims_to_be_one(step: int, stored: Path, result: Result) -> None:
    """SIGKILL before any of the moves: six out, six in, then the end. What can be read is whole, old or new."""
    new = replace(result, notes=("new",))
    child = os.fork()
    if not child:
        moves, rename = iter(range(1, 100)), Path.rename

        def kill_at(self: Path, target: Path) -> Path:
            if next(moves) == step:
                os.kill(os.getpid(), signal.SIGKILL)
            return rename(self, target)

        Path.rename = kill_at  # type: ignore[assignment,method-assign]
        write(new, stored)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) == (step <= 12)
    if (stored / "results.json").exists():
        assert run_record.read_record(stored).results["notes"] == (["new"] if step == 13 else list(result.notes))
    else:
        assert refused(stored, "F131" if (stored / "run.json").exists() else "F130")
    write(new, stored, overwrite=True)
    assert run_record.read_record(stored).results["notes"] == ["new"]


def test_a_mesh_is_known_by_its_nodes_elements_and_regions(compliant_result: Result, resolved_result: Result) -> None:
    """The last digits of a node don't matter; a thousandth of a micrometre, another order or region do."""
    assert isinstance(compliant_result.field, CriticalField)
    assert isinstance(resolved_result.field, ArrayField)
    flat, solid = compliant_result.field.mesh, resolved_result.field.mesh
    assert mesh_hash(flat) != mesh_hash(solid)
    nudged = flat.points + 1e-16
    assert mesh_hash(replace(flat, points=nudged)) == mesh_hash(flat)
    moved = flat.points.copy()
    moved[7, 1] += 1e3 * GRID
    turned, other = flat.triangles.copy(), solid.regions.copy()
    turned[3] = np.roll(turned[3], 1)
    other[0] = (other[0] + 1) % len(solid.names)
    assert mesh_hash(replace(flat, points=moved)) != mesh_hash(flat)
    assert mesh_hash(replace(flat, triangles=turned)) != mesh_hash(flat)
    assert mesh_hash(replace(flat, names=flat.names[::-1])) != mesh_hash(flat)
    assert mesh_hash(replace(solid, regions=other)) != mesh_hash(solid)


def documented(section: str) -> list[str]:
    page = PAGE[PAGE.index(f"## {section}") : PAGE.index("## Certificates")]
    return re.findall(r"^\| `([^`]+)` \|", page, re.MULTILINE)


def keys(record: dict[str, Any]) -> Iterator[str]:
    for key, value in record.items():
        yield f"{key}.*" if isinstance(value, dict) and key != "options" else key


def test_the_page_tells_the_default_tolerance_and_every_option(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["rerun", "--help"])
    said = capsys.readouterr().out
    for option in re.findall(r"^\| `(--[a-z]+)", PAGE, re.MULTILINE):
        assert option in said
    assert f"default {rerun.TOLERANCE:g}".replace("1e-09", "1e-9") in said


@pytest.mark.parametrize("value", ["-1", "nan", "2", "much"])
def test_a_tolerance_that_is_none_is_refused(value: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rerun", "x", "--tolerance", value]) == 2
    assert "error[C202]" in capsys.readouterr().err


def test_other_verbs_leave_a_record_too(tmp_path: Path) -> None:
    """It says what it is, and vouches for its files; nothing repeats it but the command itself."""
    (tmp_path / "table.csv").write_text("1\n")
    run_record.write_package(loads(template("compliant")), tmp_path)
    run_record.record_variants(tmp_path, "map", ("package.toml", "reference.toml", "table.csv"))
    data = json.loads((tmp_path / "run.json").read_text())
    assert set(documented("run.json")) >= set(keys(data))
    assert set(data["files"]) == {"package.toml", "table.csv"}
    assert "map" in str(refused(tmp_path, "F130"))
