"""What a command is foretold to take, beside what it takes; what does not fit is refused before it is allocated.

``benchmarks/memory.py`` measures many more cases, and is what is run here.
"""

import json
import os
import resource
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from fem_wlp.cli import main

from .scripts import BENCHMARKS, benchmark

SCRIPT = BENCHMARKS / "memory.py"

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@pytest.fixture(scope="module")
def script() -> ModuleType:
    """The benchmark as a module."""
    return benchmark("memory")


def test_what_was_measured_keeps_the_promise(script: ModuleType) -> None:
    """The committed record is of the present forecast: of every case that is solved as it is foretold."""
    record = json.loads(SCRIPT.with_suffix(".json").read_text())
    assert record["kept"] and record["promised"] == list(script.PROMISED)
    rows = {row["name"]: row for row in record["cases"]}
    cases = {case.name: case for case in script.cases()}
    assert rows.keys() <= cases.keys()
    for name in ("compliant 0.5", "paste-process 2", "sweep, full", "compliant 20 x 20", "random 3", "design"):
        now = script.foretold(cases[name], script.package_of(cases[name])).memory
        assert script.PROMISED[0] <= now / rows[name]["taken_MB"] <= script.PROMISED[1], name


@pytest.mark.long
@pytest.mark.parametrize("name", ["conventional 0.5", "paste 2", "paste-process 1", "conventional strip"])
def test_a_command_takes_the_memory_that_was_foretold(name: str, script: ModuleType, tmp_path: Path) -> None:
    """In 2D, with a process, and in 3D; report included."""
    (case,) = (each for each in script.cases() if each.name == name)
    found = script.measured(case, tmp_path)
    assert script.PROMISED[0] <= found["ratio"] <= script.PROMISED[1], found


@pytest.mark.parametrize(
    "asked",
    [
        ("solve", "--model", "3d", "--extent", "full", "--fineness", "2.4"),
        ("solve", "--fineness", "4"),
        ("converge", "--fineness", "4"),
        pytest.param(
            ("mesh", "--model", "3d", "--extent", "full", "--fineness", "2.4", "--out", "x.msh"), marks=pytest.mark.long
        ),
        pytest.param(("cell", "--model", "3d", "--fineness", "4", "--shift", "1 um"), marks=pytest.mark.long),
        ("design", "--target", "0.9", "--fineness", "4"),
        ("sweep", "--vary", "chip.thickness=0.2 mm, 0.3 mm", "--workers", "2", "--fineness", "4"),
    ],
    ids=lambda asked: f"{asked[0]} {asked[2]}",
)
def test_what_does_not_fit_is_refused_before_it_is_allocated(
    asked: tuple[str, ...], script: ModuleType, tmp_path: Path
) -> None:
    """An address space of 2.4 GB: nothing was written, and the peak is that of a program that has read a file.

    A resolved one has meshed one cell of each kind, to count its elements: some hundred MB of a solve of 100 GB.
    """
    file = tmp_path / "device.toml"
    file.write_text(script.template("compliant"), "utf-8")
    ended = subprocess.run(
        [sys.executable, "-c", script.PEAK, asked[0], str(file), *asked[1:]],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (24 * 10**8, 24 * 10**8)),
    )
    code, peak, _ = ended.stdout.split()
    assert (code, "error[R301]" in ended.stderr) == ("3", True), ended.stderr
    assert 1.024e-3 * float(peak) < 700.0
    assert list(tmp_path.iterdir()) == [file]


def test_a_control_group_that_is_too_small_refuses_as_well(
    script: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As in a container of 0.4 GB, of which half is taken."""
    from fem_wlp import environment

    group = tmp_path / "group"
    group.mkdir()
    (group / "memory.max").write_text("400000000\n")
    (group / "memory.current").write_text("200000000\n")
    (group / "memory.stat").write_text("inactive_file 0\n")
    (tmp_path / "own").write_text("0::/group\n")
    monkeypatch.setattr(environment, "CONTROL_GROUPS", tmp_path)
    monkeypatch.setattr(environment, "OWN_CONTROL_GROUPS", tmp_path / "own")
    (tmp_path / "device.toml").write_text(script.template("compliant"), "utf-8")
    monkeypatch.chdir(tmp_path)
    assert main(["solve", "device.toml"]) == 3
    said = capsys.readouterr().err
    assert "error[R301]" in said and "only 191 MiB are left" in said
    assert not (tmp_path / "device-results").exists()
