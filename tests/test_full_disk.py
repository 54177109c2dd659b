"""A disk that fills up while any verb writes: what was there stays, R305 is told, the exit code is 3."""

import os
import resource
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from fem_wlp.cli import main
from fem_wlp.errors import ResourceError
from fem_wlp.study import Answer, sweep
from fem_wlp.study import design as designs
from fem_wlp.study import map as maps
from fem_wlp.study.evaluators import name_of
from fem_wlp.study.journal import NAME, opened

from .disk import contents, disk_of
from .study.packages import product_of, twelve_points
from .study.springs import quick, springs

SMALL = ("--set", "array.rows=2", "--set", "array.columns=2", "--fineness", "0.3")

THICKER = ("--set", "land.thickness=30 um")

QUICK = {
    "check": ("check", "device.toml", "--out", "out"),
    "mesh": ("mesh", "device.toml", "--fineness", "0.3", "--out", "joint.msh", "--overwrite"),
    "verify": ("verify", "--only", "torsion", "--workers", "1", "--out", "out"),
    "design": ("design", "device.toml", "--target", "0.9", "--out", "out"),
    "map": ("map", "device.toml", "--points", "5", "--out", "out"),
}
"""Verbs that take seconds; design and map with springs for joints."""

SLOW = {
    "solve": ("solve", "device.toml", *SMALL, "--out", "out", "--overwrite"),
    "rerun": ("rerun", "first", "--out", "out", "--overwrite"),
    "sweep": ("sweep", "device.toml", *SMALL, "--full", "--workers", "2", "--vary", "chip.thickness=0.2 mm, 0.3 mm"),
    "tolerance": ("tolerance", "device.toml", *SMALL, "--target", "0.8", "--scatter", "materials.adhesive.E=10 %"),
}
"""Verbs that compute."""


def largest(path: Path, before: dict[str, bytes]) -> int:
    """Size of the largest file that was written."""
    return max(len(content) for name, content in contents(path).items() if name not in before)


@pytest.mark.parametrize("verb", QUICK)
def test_a_verb_that_finds_the_disk_full_leaves_what_was_there(
    verb: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """At its first byte, in its largest file, and where nothing was before."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(designs, "find", partial(designs.find, model_for=quick(), evaluator=springs))
    monkeypatch.setattr(maps, "map_of", partial(maps.map_of, model_for=quick()))
    assert main(["new", "device"]) == 0
    before = contents(tmp_path)
    thicker = () if verb == "verify" else THICKER
    for size in (0, 100):
        with disk_of(size):
            assert main([*QUICK[verb], "--quiet"] if verb != "check" else [*QUICK[verb]]) == 3
        assert "error[R305]" in capsys.readouterr().err
        assert contents(tmp_path) == before
        assert [path.name for path in tmp_path.iterdir()] == ["device.toml"]
    assert main([*QUICK[verb]]) == 0
    whole = contents(tmp_path)
    for size in (0, largest(tmp_path, before) // 2):
        with disk_of(size):
            assert main([*QUICK[verb], *thicker]) == 3
        assert "error[R305]" in capsys.readouterr().err
        assert contents(tmp_path) == whole


def test_a_package_file_is_not_left_half_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    with disk_of(100):
        assert main(["new", "device"]) == 3
    assert "error[R305]" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
    assert main(["new", "device"]) == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize("verb", [("schema",), ("materials",), ("estimate", "device.toml")])
def test_results_that_standard_output_has_no_room_for_are_told_of(verb: tuple[str, ...], tmp_path: Path) -> None:
    assert subprocess.run([*PROGRAM, "new", "device"], cwd=tmp_path, check=True, capture_output=True)
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run([*PROGRAM, *verb], cwd=tmp_path, stdout=full, stderr=subprocess.PIPE, text=True)
    assert ended.returncode == 3
    assert "error[R305]" in ended.stderr
    assert "Traceback" not in ended.stderr and "Exception ignored" not in ended.stderr


PROGRAM = (sys.executable, "-m", "fem_wlp")


def test_an_answer_that_the_disk_has_no_room_for_leaves_the_journal_whole(tmp_path: Path) -> None:
    """The torn line is cut off again; with room, the study goes on after the answers before."""
    study = twelve_points()
    whole = sweep(study, evaluator=product_of)
    with opened(tmp_path, study, evaluator=name_of(product_of)) as journal:
        journal.add([(0, whole.rows[0]), (1, whole.rows[1])])
    before = (tmp_path / NAME).read_bytes()
    for room in (1, 40, 150):
        with disk_of(len(before) + room), pytest.raises(ResourceError) as refused:
            sweep(study, tmp_path, evaluator=product_of, workers=1)
        assert refused.value.code == "R305"
        assert str(tmp_path / NAME) in refused.value.where
        kept = (tmp_path / NAME).read_bytes()
        assert kept.startswith(before) and kept.endswith(b"\n")
    answers = sweep(study, tmp_path, evaluator=product_of, workers=1)
    assert answers.csv() == whole.csv()


def test_a_journal_that_cannot_be_begun_keeps_the_old_one(tmp_path: Path) -> None:
    study = twelve_points()
    with disk_of(10), pytest.raises(ResourceError) as refused, opened(tmp_path, study):
        pass
    assert refused.value.code == "R305"
    with opened(tmp_path, study) as journal:
        journal.add([(0, Answer({"decoupling.figure": 0.5, "joint.height": None}))])
    with opened(tmp_path, study) as journal:
        assert set(journal.answers) == {0}


@pytest.mark.long
@pytest.mark.parametrize("verb", SLOW)
def test_a_verb_that_computes_leaves_what_was_there(verb: str, tmp_path: Path) -> None:
    """As above, in processes of their own; a study keeps its answers."""

    def run(*arguments: str, size: int = resource.RLIM_INFINITY) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*PROGRAM, *arguments, "--quiet"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY)),
        )

    assert subprocess.run([*PROGRAM, "new", "device"], cwd=tmp_path, capture_output=True).returncode == 0
    if verb == "rerun":
        assert run("solve", "device.toml", *SMALL, "--out", "first").returncode == 0
    before = contents(tmp_path)
    ended = run(*SLOW[verb], size=100)
    assert (ended.returncode, "error[R305]" in ended.stderr) == (3, True), ended.stderr
    assert {name: content for name, content in contents(tmp_path).items() if not name.endswith(NAME)} == before
    assert run(*SLOW[verb]).returncode == 0
    whole = contents(tmp_path)
    ended = run(*SLOW[verb], size=largest(tmp_path, before) // 2)
    assert (ended.returncode, "error[R305]" in ended.stderr) == (3, True), ended.stderr
    assert "Traceback" not in ended.stderr
    assert contents(tmp_path) == whole
    assert not list(tmp_path.rglob(".writing-*"))
