"""The verb claims: its table, its JSON and its exit codes."""

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from fem_wlp import environment
from fem_wlp.claim import decoupled
from fem_wlp.cli import main
from fem_wlp.package.model import Package


@pytest.fixture
def device(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> str:
    """A package file in the current folder, on a machine where nothing can be meshed."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(environment, "require_libraries", lambda: pytest.fail("nothing needs a mesh here"))
    assert main(["new", "device"]) == 0
    capsys.readouterr()
    return "device.toml"


def test_the_device_is_told_claim_by_claim(device: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["claims", device]) == 0
    printed, told = capsys.readouterr()
    assert printed.endswith("device: 12 claims met, 0 not met, 10 not applicable\n") and not told
    assert "│ D12 │ The device is soldered to a board" in printed and "ratio 5.448" in printed
    assert max(map(len, printed.splitlines())) <= 160


def test_a_claim_that_is_not_met_is_printed_and_refused(device: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2, as of a target that no design reaches; the JSON is whole."""
    assert main(["claims", device, "--set", "second_layer.thickness=30 um", "--json"]) == 5
    printed, told = capsys.readouterr()
    assert json.loads(printed)["claims"]["D5"]["verdict"] == "not met"
    assert "error[D110] device" in told and 'D5: second_layer.thickness = "32 um" or more' in told


def test_closed_forms_answer_without_a_mesh(device: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["claims", device, "--set", "design.target=0.7", "--estimate", "--json"]) == 0
    assert "estimated" in json.loads(capsys.readouterr().out)["claims"]["D13"]["reason"]
    assert main(["claims", device, "--set", "design.target=0.97", "--estimate"]) == 5
    assert "1 not met (D13)" in capsys.readouterr().out


def test_a_target_is_solved_for(
    device: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the model that the command line asks for, its steps on standard error; here the solve itself is not run."""
    asked: list[Package] = []

    def solved(package: Package, progress: Callable[[str], None]) -> SimpleNamespace:
        asked.append(package)
        progress("joint cell")
        error = SimpleNamespace(discretisation_error=SimpleNamespace(figure=1e-3))
        return SimpleNamespace(decoupling=SimpleNamespace(figure=0.87), certificates=error)

    monkeypatch.setattr(environment, "require_libraries", lambda: None)
    monkeypatch.setattr(decoupled, "solve", solved)
    assert main(["claims", device, "--fineness", "0.5", "--set", "design.target=0.85"]) == 0
    printed, told = capsys.readouterr()
    assert asked[0].model.fineness == 0.5 and "joint cell" in told
    assert "D 0.87; target 0.85" in printed and "device: 13 claims met" in printed
